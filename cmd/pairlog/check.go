package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pairly/pairlog/cmd/filter"
	"github.com/pairly/pairlog/redact"
)

// maxNamed is how many lines redact --check names.
const maxNamed = 20

// locator prints where something would be redacted, FILE:LINE: and the rules, and
// never what. Blocks of lines are judged together, as a private key needs, and only
// the lines of a block that is not clean one by one.
type locator struct {
	out   io.Writer
	cfg   filter.Config // with a Redactor of its own, whose counts tell
	named int           // lines that were printed
	more  bool          // there are others
	err   error         // of printing

	file    string
	line    int    // of the first byte of pending, from 1
	pending []byte // whose last line may have no end
	skip    bool   // the line is too long, and the rest of it is not looked at
}

// Sizes of the text that a locator judges, in bytes.
const (
	locateBytes = 64 << 10
	locateLine  = 16 << 20 // a longer line would be replaced whole
)

// check judges one file, or standard input, and names its lines.
func (l *locator) check(name string, cfg filter.Config, std streams) (filter.Stats, error) {
	l.file, l.line, l.pending, l.skip = name, 1, l.pending[:0], false
	if name == "-" {
		l.file = stdinName
	}
	info, err := os.Stat(name)
	if name == "-" || err != nil || !info.Mode().IsRegular() { // can be read once
		stats, err := cleanFile(name, io.Discard, cfg, std, l)
		l.flush()
		return stats, err
	}
	before := cfg.Redactor.Total()
	stats, err := cleanFile(name, io.Discard, cfg, std, nil)
	if err != nil || cfg.Redactor.Total()+stats.TooLong == before {
		return stats, err
	}
	f, err := os.Open(name)
	if err != nil {
		return stats, fmt.Errorf("redact %s: %w", shown(name), cause(err))
	}
	defer f.Close()
	if _, err := io.Copy(l, f); err != nil {
		return stats, fmt.Errorf("redact %s: %w", shown(name), cause(err))
	}
	l.flush()
	return stats, nil
}

// Write looks at the next bytes of the file. It has no errors: what a locator cannot
// print does not keep the file from being judged.
func (l *locator) Write(b []byte) (int, error) {
	n := len(b)
	if l.skip {
		i := bytes.IndexByte(b, '\n') + 1
		if i == 0 {
			return n, nil
		}
		b, l.skip = b[i:], false
		l.line++
	}
	if l.more {
		return n, nil
	}
	l.pending = append(l.pending, b...)
	if len(l.pending) < locateBytes {
		return n, nil
	}
	if end := bytes.LastIndexByte(b, '\n') + 1; end > 0 {
		end += len(l.pending) - len(b)
		l.block(l.pending[:end])
		l.pending = append(l.pending[:0], l.pending[end:]...)
	} else if len(l.pending) > locateLine {
		l.name(l.line, []string{"too_long"})
		l.pending, l.skip = l.pending[:0], true
	}
	return n, nil
}

// flush looks at what is left of the file.
func (l *locator) flush() {
	l.block(l.pending)
	l.pending = l.pending[:0]
}

// block looks at whole lines.
func (l *locator) block(text []byte) {
	if l.more || len(text) == 0 {
		return
	}
	first, before := l.line, l.named
	l.line += bytes.Count(text, []byte{'\n'})
	rules := l.rules(text)
	if len(rules) == 0 {
		return
	}
	at := first
	for line := range bytes.Lines(text) {
		if rules := l.rules(line); len(rules) > 0 {
			l.name(at, rules)
		}
		at++
	}
	if l.named == before && !l.more { // a matter of several lines
		l.name(first+l.begin(text), rules)
	}
}

// begin returns how many lines of text are before the last one at which what would be
// redacted may begin.
func (l *locator) begin(text []byte) int {
	n := bytes.Count(text, []byte{'\n'})
	low, high := 0, n // from low on there is something, from high on there is not
	rest, skipped := text, 0
	for low+1 < high {
		middle := (low + high) / 2
		tail, at := rest, skipped
		for ; at < middle; at++ {
			tail = tail[bytes.IndexByte(tail, '\n')+1:]
		}
		if len(l.rules(tail)) > 0 {
			low, rest, skipped = middle, tail, middle
		} else {
			high = middle
		}
	}
	return low
}

// rules returns the names of the rules that would redact something in text.
func (l *locator) rules(text []byte) []string {
	r := l.cfg.Redactor
	before := r.Counts()
	l.cfg.BlockBytes = len(text)
	stats, err := filter.Copy(io.Discard, bytes.NewReader(text), l.cfg)
	if err != nil { // neither end has errors
		return []string{err.Error()}
	}
	var names []string
	after := r.Counts()
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if after[name] > before[name] {
			names = append(names, name)
		}
	}
	if stats.TooLong > 0 {
		names = append(names, "too_long")
	}
	return names
}

// name prints a line's number and rules.
func (l *locator) name(line int, rules []string) {
	if l.named == maxNamed {
		l.more = true
		return
	}
	l.named++
	if _, err := fmt.Fprintf(l.out, "%s:%d: %s\n", shown(l.file), line, strings.Join(rules, ", ")); l.err == nil {
		l.err = err
	}
}

// newLocator returns a locator that judges as cfg does.
func newLocator(out io.Writer, cfg filter.Config, r *redact.Redactor) *locator {
	cfg.Redactor, cfg.Workers, cfg.MaxLineBytes = r, 1, locateLine
	return &locator{out: out, cfg: cfg}
}
