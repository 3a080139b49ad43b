// Command ratio reads benchmark output and prints pairlog's ratios beside the
// goals. With -check it exits 1 where a ratio is past its goal by more than
// the noise of the run.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

func main() {
	check := flag.Bool("check", false, "exit 1 where a ratio is past its goal by more than the noise")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: ratio [-check] FILE...\n\nFILE is the output of go test -bench, several runs appended.")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	missed, err := run(os.Stdout, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "ratio:", err)
		os.Exit(2)
	}
	if *check && missed > 0 {
		fmt.Fprintf(os.Stderr, "ratio: %d goals missed\n", missed)
		os.Exit(1)
	}
}

// minRuns is how many runs an interval of 95 % needs when no distribution is
// assumed.
const minRuns = 6

// samples maps "Log/Web/zap" to its times in nanoseconds.
type samples map[string][]float64

func run(w io.Writer, files []string) (missed int, err error) {
	all, err := read(files)
	if err != nil {
		return 0, err
	}
	tw := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "scenario\tpairlog\tns\trival\tns\tratio\tgoal\t")
	for _, g := range goals {
		ours, theirs := all[g.scenario+"/"+g.ours], all[g.scenario+"/"+g.rival]
		if len(ours) == 0 || len(theirs) == 0 {
			fmt.Fprintf(tw, "%s\t%s\t-\t%s\t-\t-\t%.2f\tnot measured\n", g.scenario, g.ours, g.rival, g.atMost)
			missed++
			continue
		}
		if len(ours) < minRuns || len(theirs) < minRuns {
			fmt.Fprintf(tw, "%s\t%s\t-\t%s\t-\t-\t%.2f\tfewer than %d runs\n", g.scenario, g.ours, g.rival, g.atMost, minRuns)
			missed++
			continue
		}
		o, t := summary(ours), summary(theirs)
		verdict := "met"
		switch {
		case o.Lo/t.Hi > g.atMost:
			verdict = "MISSED"
			missed++
		case o.Center/t.Center > g.atMost:
			verdict = "within noise"
		}
		fmt.Fprintf(tw, "%s\t%s\t%.1f\t%s\t%.1f\t%.2f\t%.2f\t%s\n",
			g.scenario, g.ours, o.Center, g.rival, t.Center, o.Center/t.Center, g.atMost, verdict)
	}
	return missed, tw.Flush()
}

// summary is the median with its 95 % confidence interval; no distribution is
// assumed.
func summary(values []float64) benchmath.Summary {
	return benchmath.AssumeNothing.Summary(benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds), 0.95)
}

func read(files []string) (samples, error) {
	out := make(samples)
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		r := benchfmt.NewReader(f, name)
		for r.Scan() {
			if res, ok := r.Result().(*benchfmt.Result); ok {
				if v, ok := res.Value("sec/op"); ok {
					key := benchName(string(res.Name))
					out[key] = append(out[key], v*1e9)
				}
			}
		}
		f.Close()
		if err := r.Err(); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return out, nil
}

// benchName drops the -2 that the testing package appends on two processors.
func benchName(name string) string {
	if i := strings.LastIndexByte(name, '-'); i > 0 && strings.Trim(name[i+1:], "0123456789") == "" {
		return name[:i]
	}
	return name
}
