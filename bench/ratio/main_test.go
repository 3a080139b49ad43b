package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// results writes a file with eight runs of each benchmark at these times, in
// nanoseconds.
func results(t *testing.T, times map[string]float64) string {
	t.Helper()
	var b bytes.Buffer
	for range minRuns + 2 {
		for name, ns := range times {
			fmt.Fprintf(&b, "Benchmark%s-2 1000 %g ns/op %g cpu-ns/op\n", name, ns, ns/2)
		}
	}
	path := filepath.Join(t.TempDir(), "results.txt")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestVerdicts(t *testing.T) {
	defer func(g []goal, a []addition) { goals, additions = g, a }(goals, additions)
	additions = nil
	goals = []goal{
		{scenario: "A", ours: "us", rival: "them", atMost: 0.5},
		{scenario: "B", ours: "us", rival: "them", atMost: 0.5},
		{scenario: "C", ours: "us", rival: "them", atMost: 0.5, bound: "physics", ceiling: 0.8},
		{scenario: "D", ours: "us", rival: "them", atMost: 0.5, bound: "physics", ceiling: 0.8},
		{scenario: "E", ours: "us", rival: "them", atMost: 0.5, against: "A"},
		{scenario: "F", ours: "us", rival: "nobody", atMost: 0.5},
	}
	path := results(t, map[string]float64{
		"A/us": 40, "A/them": 100, "B/us": 60, "B/them": 100, "C/us": 70, "C/them": 100,
		"D/us": 90, "D/them": 100, "E/us": 45, "F/us": 1,
	})
	var out bytes.Buffer
	failed, err := run(&out, []string{path})
	if err != nil {
		t.Fatal(err)
	}
	if failed != 3 {
		t.Errorf("%d goals failed, want 3: B, D and F", failed)
	}
	lines := strings.Split(out.String(), "\n")[1:]
	for i, want := range []string{"0.40 0.40 0.50 met", "0.60 0.60 0.50 MISSED", "missed: physics", "MISSED, and above 0.80", "them A 100.0 0.45", "not measured"} {
		if !strings.Contains(strings.Join(strings.Fields(lines[i]), " "), want) {
			t.Errorf("line %q has no %q", strings.Join(strings.Fields(lines[i]), " "), want)
		}
	}
}
