package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// An addition is a goal in nanoseconds of processor time: what pairlog adds to
// what it wraps, or where there is no bare, what it takes itself. A ratio would
// say nothing of it: it depends on how quick the wrapped one is.
type addition struct {
	scenario   string
	ours, bare string
	atMost     float64 // 0: shown for comparison
	// bound and ceiling are those of a goal.
	bound   string
	ceiling float64
}

var additions = []addition{
	{scenario: "SQL/Query", ours: "pairlog", bare: "bare", atMost: 120},
	{scenario: "SQL/Query", ours: "sqlmw", bare: "bare"},
	{scenario: "SQL/Query", ours: "sqldb-logger", bare: "bare"},
	{scenario: "SQL/Query", ours: "otelsql", bare: "bare"},
	{scenario: "SQL/Query", ours: "pairlog-every", bare: "bare"},
	{scenario: "SQL/Query", ours: "sqlmw-every", bare: "bare"},
	{scenario: "SQL/Query", ours: "sqldb-logger-every", bare: "bare"},
	{scenario: "SQL/Exec", ours: "pairlog", bare: "bare", atMost: 120},
	{scenario: "SQL/Exec", ours: "sqlmw", bare: "bare"},
	{scenario: "SQL/Exec", ours: "sqldb-logger", bare: "bare"},
	{scenario: "SQL/Exec", ours: "otelsql", bare: "bare"},
	{scenario: "SQL/Exec", ours: "pairlog-every", bare: "bare"},
	{scenario: "SQL/Exec", ours: "sqlmw-every", bare: "bare"},
	{scenario: "SQL/Exec", ours: "sqldb-logger-every", bare: "bare"},
	{scenario: "Fingerprint", ours: "pairlog", atMost: 30},
	{scenario: "Quiet", ours: "below-level", bare: "none", atMost: 150, bound: frame, ceiling: 550},
	{scenario: "Quiet", ours: "sampled-out", bare: "none", atMost: 150, bound: frame, ceiling: 550},
	{scenario: "Quiet", ours: "skipped", bare: "none"},
	{scenario: "Quiet", ours: "frame", bare: "none"}, // what any middleware has to do
	{scenario: "LateAttr", ours: "pairlog", bare: "scope", atMost: 60},
	{scenario: "Loopback/trivial", ours: "pairlog", bare: "none"},
	{scenario: "Loopback/1ms", ours: "pairlog", bare: "none"},
}

// added prints the additions beside their goals, and returns how many are past
// them even with the noise of the runs in our favour. What is added is taken run
// by run: what else the machine does in a run meets both.
func (s samples) added(w io.Writer) (failed int, err error) {
	tw := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "\nscenario\t\tcpu ns\tadds\tgoal\t")
	for _, a := range additions {
		all, bare := s["cpu "+a.scenario+"/"+a.ours], s["cpu "+a.scenario+"/"+a.bare]
		if a.bare == "" {
			bare = make([]float64, len(all))
		}
		goal := "-"
		if a.atMost > 0 {
			goal = fmt.Sprintf("%.0f", a.atMost)
		}
		if len(all) < minRuns || len(bare) != len(all) {
			fmt.Fprintf(tw, "%s\t%s\t-\t-\t%s\tnot measured, or fewer than %d runs\n", a.scenario, a.ours, goal, minRuns)
			failed++
			continue
		}
		added := make([]float64, len(all))
		for i := range all {
			added[i] = all[i] - bare[i]
		}
		sum, verdict := summary(added), ""
		switch {
		case a.atMost == 0:
		case sum.Center <= a.atMost:
			verdict = "met"
		case sum.Lo <= a.atMost:
			verdict = "within noise"
		case a.bound != "" && sum.Lo <= a.ceiling:
			verdict = "missed: " + a.bound
		default:
			verdict = "MISSED"
			failed++
		}
		fmt.Fprintf(tw, "%s\t%s\t%.1f\t%.1f\t%s\t%s\n", a.scenario, a.ours, summary(all).Center, sum.Center, goal, verdict)
	}
	return failed, tw.Flush()
}
