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
}

var additions = []addition{
	{"SQL/Query", "pairlog", "bare", 120},
	{"SQL/Query", "sqlmw", "bare", 0},
	{"SQL/Query", "sqldb-logger", "bare", 0},
	{"SQL/Query", "otelsql", "bare", 0},
	{"SQL/Query", "pairlog-every", "bare", 0},
	{"SQL/Query", "sqlmw-every", "bare", 0},
	{"SQL/Query", "sqldb-logger-every", "bare", 0},
	{"SQL/Exec", "pairlog", "bare", 120},
	{"SQL/Exec", "sqlmw", "bare", 0},
	{"SQL/Exec", "sqldb-logger", "bare", 0},
	{"SQL/Exec", "otelsql", "bare", 0},
	{"SQL/Exec", "pairlog-every", "bare", 0},
	{"SQL/Exec", "sqlmw-every", "bare", 0},
	{"SQL/Exec", "sqldb-logger-every", "bare", 0},
	{"Fingerprint", "pairlog", "", 30},
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
		default:
			verdict = "MISSED"
			failed++
		}
		fmt.Fprintf(tw, "%s\t%s\t%.1f\t%.1f\t%s\t%s\n", a.scenario, a.ours, summary(all).Center, sum.Center, goal, verdict)
	}
	return failed, tw.Flush()
}
