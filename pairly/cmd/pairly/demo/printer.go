package demo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A printer lays out a summary: a column of labels, a column of text.
type printer struct {
	b      strings.Builder
	colour bool
}

const (
	labelWidth = 10
	textWidth  = 84 // where lists wrap
)

func (p *printer) title(s string) {
	p.b.WriteString("\n" + p.bold(s) + "\n" + strings.Repeat("─", len([]rune(s))) + "\n")
}

func (p *printer) row(label, text string) {
	line := p.dim(fmt.Sprintf("%-*s", labelWidth, label)) + " " + text
	p.b.WriteString(strings.TrimRight(line, " ") + "\n")
}

// counts lists names with their counts, the most frequent first, in two
// columns.
func (p *printer) counts(label string, counts map[string]int) {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	half := (len(names) + 1) / 2
	for i := range half {
		line := fmt.Sprintf("%5d  %-32s", counts[names[i]], names[i])
		if j := i + half; j < len(names) {
			line += fmt.Sprintf("%5d  %s", counts[names[j]], names[j])
		}
		p.row(first(i, label), line)
	}
	if len(names) == 0 {
		p.row(label, "none")
	}
}

// wrapped lists parts in as many rows as they need.
func (p *printer) wrapped(label string, parts []string) {
	if len(parts) == 0 {
		p.row(label, "nothing")
	}
	line := ""
	for i, part := range parts {
		if line != "" && len(line)+len(part)+3 > textWidth-labelWidth {
			p.row(label, line)
			label, line = "", ""
		}
		if line != "" {
			line += "   "
		}
		line += part
		if i == len(parts)-1 {
			p.row(label, line)
		}
	}
}

func (p *printer) command(what string, lines ...string) {
	p.row("", p.dim("# "+what))
	for _, l := range lines {
		p.row("", l)
	}
}

func (p *printer) paint(code, s string) string {
	if !p.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p *printer) bold(s string) string { return p.paint("1", s) }
func (p *printer) dim(s string) string  { return p.paint("2", s) }
func (p *printer) good(s string) string { return p.paint("32", s) }
func (p *printer) bad(s string) string  { return p.paint("31", s) }
