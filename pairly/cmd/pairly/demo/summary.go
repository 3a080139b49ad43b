package demo

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Facts are what a summary tells that the lines themselves do not.
type Facts struct {
	Command  string // how the user started the program
	LogPath  string // of the JSON log
	DataDir  string
	Elapsed  time.Duration
	Redacted map[string]uint64 // replacements in all lines, by rule
	Dropped  uint64            // lines that were wanted and lost
	Report   Report
	Colour   bool // the writer is a terminal that shows colours
}

// Summary writes what the log recorded, for somebody who sees it for the
// first time. It may be called once the pipeline is closed: before that,
// lines are still on their way.
func (t *Tally) Summary(w io.Writer, f Facts) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := &printer{colour: f.Colour}
	p.title(fmt.Sprintf("Pairly demo: %d users, %s, %d log lines",
		f.Report.Users, f.Elapsed.Round(100*time.Millisecond), t.lines))
	p.row("Log file", p.bold(f.LogPath))
	p.row("", "one JSON object a line; the terminal showed the same lines, shortened")
	t.writeRequests(p)
	t.writeEvents(p)
	t.writeErrors(p)
	t.writeRedacted(p, f)
	if f.Dropped == 0 && t.invalid == 0 {
		p.row("Dropped", p.good("0")+" lines; every line is valid JSON")
	} else {
		p.row("Dropped", p.bad(fmt.Sprintf("%d lines lost, %d not valid JSON", f.Dropped, t.invalid)))
	}
	for i, problem := range f.Report.Problems {
		p.row(first(i, "Off script"), p.bad(problem))
	}
	t.writeNext(p, f)
	_, err := io.WriteString(w, p.b.String())
	return err
}

func (t *Tally) writeRequests(p *printer) {
	slices.Sort(t.durations)
	p.row("Requests", fmt.Sprintf("%d   p50 %s   p95 %s   slow %d",
		t.requests(), millis(t.durations, 50), millis(t.durations, 95), t.slow))
	p.row("", fmt.Sprintf("2xx %d   4xx %d   5xx %d   sockets opened %d",
		t.statuses[2], t.statuses[4], t.statuses[5], t.statuses[1]))
}

func (t *Tally) requests() (n int) {
	for _, s := range t.statuses {
		n += s
	}
	return n
}

func (t *Tally) writeEvents(p *printer) {
	p.counts("Events", t.events)
	p.counts("Audit", t.audits)
}

func (t *Tally) writeErrors(p *printer) {
	if len(t.errors) == 0 {
		p.row("Errors", "none")
	}
	for i, name := range slices.Sorted(maps.Keys(t.errors)) {
		e := t.errors[name]
		line := fmt.Sprintf("%4d  %s", e.count, p.bad(name))
		if e.requestID != "" {
			line += p.dim("  request_id " + e.requestID)
		}
		p.row(first(i, "Errors"), line)
	}
}

func (t *Tally) writeRedacted(p *printer, f Facts) {
	byCount := slices.SortedFunc(maps.Keys(f.Redacted), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Redacted[b], f.Redacted[a]), strings.Compare(a, b))
	})
	var parts []string
	for _, rule := range byCount {
		if n := f.Redacted[rule]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", rule, n))
		}
	}
	p.wrapped("Redacted", parts)
	kinds := map[string]bool{}
	for _, s := range t.secrets {
		kinds[s.what] = true
	}
	if len(t.leaks) == 0 {
		p.row("", fmt.Sprintf("%s of the %d secrets that users had or planted are in the log:", p.good("0"), len(t.secrets)))
		p.wrapped("", slices.Sorted(maps.Keys(kinds)))
		return
	}
	for _, what := range slices.Sorted(maps.Keys(t.leaks)) {
		p.row("", p.bad(fmt.Sprintf("LEAKED: %s, in %d lines", what, t.leaks[what])))
	}
}

func (t *Tally) writeNext(p *printer, f Facts) {
	id := ""
	for _, e := range t.errors {
		if e.requestID != "" {
			id = e.requestID
		}
	}
	path := quote(f.LogPath)
	p.row("Try next", "")
	if id != "" {
		p.command("the story of one request that failed", "grep "+id+" "+path)
	}
	p.command("everything that was audited", `grep '"logger":"audit"' `+path)
	p.command("what a planted secret looks like now", `grep PriceBot `+path)
	p.command("serve for real, and make yourself an administrator",
		f.Command+" --data "+quote(f.DataDir),
		f.Command+" admin create --email you@example.com --data "+quote(f.DataDir))
}

// first returns label for the first row of a block and nothing for the rest.
func first(i int, label string) string {
	if i == 0 {
		return label
	}
	return ""
}

// millis returns the p-th percentile of sorted, by the nearest-rank method.
func millis(sorted []float64, p int) string {
	if len(sorted) == 0 {
		return "-"
	}
	rank := (len(sorted)*p + 99) / 100
	return fmt.Sprintf("%.1f ms", sorted[max(rank, 1)-1])
}

// quote returns s as one word of a shell.
func quote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
