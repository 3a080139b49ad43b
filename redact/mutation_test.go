package redact_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/redact"
)

// TestEmptyTooDeep: an empty object or list in the place of one that is too deep is
// replaced like one with something in it.
func TestEmptyTooDeep(t *testing.T) {
	for _, empty := range []string{"{}", "[]", "{ }", "[ ]"} {
		line := `{"a":` + empty + `,"b":{"c":` + empty + `},"d":1}`
		for depth := 1; depth <= 3; depth++ {
			sameLines(t, redact.Config{MaxDepth: depth}, []string{line, line, line, line, line})
		}
		deep := strings.Repeat(`{"a":`, 32) + empty + strings.Repeat("}", 32)
		sameLines(t, redact.Config{}, []string{deep, deep, deep, deep, deep})
	}
}

// TestIdentifierNames: a key rule of the user's may name one identifier, and not another
// that looks like it. The value beside it goes.
func TestIdentifierNames(t *testing.T) {
	var cfg redact.Config
	for _, name := range []string{"face", "deadbeef", "507f1f77bcf86cd799439011", "59"} {
		cfg.Keys = append(cfg.Keys, redact.KeyRule{Name: name, Class: redact.ClassSecret})
	}
	for usual, named := range map[string]string{
		"550e8400-e29b-41d4-a716-446655440000": "550e8400-face-41d4-a716-446655440000",
		"conn_1a6bd9b4":                        "conn_deadbeef",
		"507f1f77bcf86cd799439012":             "507f1f77bcf86cd799439011",
		"2024-01-15T10:30:45.123Z":             "2024-01-15T10:30:59.123Z",
	} {
		line := func(name string) string { return `{"name":"` + name + `","value":"red"}` + "\n" }
		block := strings.Repeat(line(usual), 5) + line(named) + line(usual)
		if known := sameBlock(t, cfg, block); known == 0 {
			t.Errorf("no line like %s was of a known form", line(usual))
		}
		plain, _ := redact.New(cfg)
		if out, _ := plain.AppendDocument(nil, line(named)); !strings.Contains(string(out), redact.Mark) {
			t.Errorf("%s stays as it is", line(named))
		}
	}
}

// TestWebKeysOfKnownLine compares the cost of a line of a known form with that of any
// line. Each value that was like a part of a JSON web key was a reason to search all of
// the line.
func TestWebKeysOfKnownLine(t *testing.T) {
	if testing.Short() {
		t.Skip("compares the cost of large texts")
	}
	const values, worst = 3000, 30
	var b strings.Builder
	b.WriteString(`{"n":1`)
	for i := range values {
		fmt.Fprintf(&b, `,"k%d":[{"d":"aB3dE6gH9jK2mN5pQ8sT"}]`, i)
	}
	b.WriteString(`,"text":"` + strings.Repeat("x ", 1<<19) + `"}`)
	line, l := b.String(), maskOnly.Lines()
	block := line + padding
	least := func(f func()) time.Duration {
		least := time.Hour
		for range 3 {
			start := time.Now()
			f()
			least = min(least, time.Since(start))
		}
		return least
	}
	appendBlock(l, nil, block) // learns it
	var ratio float64
	for range 3 {
		known := 0
		quick := least(func() { _, known = appendBlock(l, nil, block) })
		if known != 1 {
			t.Fatalf("of a line that came before, %d were of a known form", known)
		}
		plain := least(func() { maskOnly.AppendDocument(nil, line) })
		if ratio = float64(quick) / float64(plain); ratio <= worst {
			return
		}
	}
	t.Errorf("a line with %d web keys costs %.0f times as much as any line", values, ratio)
}
