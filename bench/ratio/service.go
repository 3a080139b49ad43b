package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"golang.org/x/perf/benchfmt"
)

// A serviceGoal bounds what logging takes of the requests a second that Pairly
// answers, in percent.
type serviceGoal struct {
	database, request string
	atMost            float64
}

// serviceGoals are those of BenchmarkOverhead in pairly/cmd/pairly. Where the
// database is on the same machine it, the service and the load share the
// processors; a millisecond away it is what the requests wait for.
var serviceGoals = []serviceGoal{
	{"sqlite", "login", 5},
	{"sqlite", "profile", 5},
	{"sqlite", "conversations", 5},
	{"postgres", "login", 5},
	{"postgres", "profile", 5},
	{"postgres", "conversations", 5},
	{"postgres-1ms-away", "profile", 1},
	{"postgres-1ms-away", "conversations", 1},
}

// service prints what logging costs the whole service beside the goals, and
// returns how many are past them even at the low end of their interval.
func service(w io.Writer, files []string) (failed int, err error) {
	all := make(map[string]map[string]float64) // name, unit
	err = scan(files, func(name string, res *benchfmt.Result) {
		all[name] = make(map[string]float64)
		for _, v := range res.Values {
			all[name][v.Unit] = v.Value
		}
	})
	if err != nil {
		return 0, err
	}
	tw := tabwriter.NewWriter(w, 2, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "database\trequest\treq/s bare\tlogged\tcosts %\t95 %\tgoal\t\tcpu µs bare\tlogged\tadds %\t95 %\t")
	for _, g := range serviceGoals {
		m := all["Overhead/"+g.database+"/"+g.request]
		cost, measured := m["rps-cost-%"]
		if !measured {
			fmt.Fprintf(tw, "%s\t%s\t-\t-\t-\t-\t%.0f\tnot measured\t-\t-\t-\t-\t\n", g.database, g.request, g.atMost)
			failed++
			continue
		}
		verdict := "met"
		switch {
		case cost <= g.atMost:
		case m["rps-cost-low-%"] <= g.atMost:
			verdict = "within noise"
		default:
			verdict = "MISSED"
			failed++
		}
		fmt.Fprintf(tw, "%s\t%s\t%.0f\t%.0f\t%.1f\t%.1f…%.1f\t%.0f\t%s\t%.0f\t%.0f\t%.1f\t%.1f…%.1f\t\n",
			g.database, g.request, m["bare-req/s"], m["req/s"], cost, m["rps-cost-low-%"], m["rps-cost-high-%"], g.atMost, verdict,
			m["bare-cpu-µs/req"], m["cpu-µs/req"], m["cpu-cost-%"], m["cpu-cost-low-%"], m["cpu-cost-high-%"])
	}
	return failed, tw.Flush()
}
