// Command ratio reads benchmark output and prints pairlog's ratios beside the
// goals. With -check it exits 1 where a ratio is past its goal by more than
// the noise of the run; a goal known to be out of reach has a ceiling instead,
// and the table says that it is missed, and why.
package main

import (
	"cmp"
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
	whole := flag.Bool("service", false, "print what logging costs the whole service, from BenchmarkOverhead")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: ratio [-check] [-service] FILE...\n\nFILE is the output of go test -bench, several runs appended.")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	table := run
	if *whole {
		table = service
	}
	failed, err := table(os.Stdout, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "ratio:", err)
		os.Exit(2)
	}
	if *check && failed > 0 {
		fmt.Fprintf(os.Stderr, "ratio: %d goals failed\n", failed)
		os.Exit(1)
	}
}

// minRuns is how many runs an interval of 95 % needs when no distribution is
// assumed.
const minRuns = 6

// samples maps "Log/Web/zap" to its times, and "cpu Log/Web/zap" to its
// processor times, in nanoseconds.
type samples map[string][]float64

func run(w io.Writer, files []string) (failed int, err error) {
	all, err := read(files)
	if err != nil {
		return 0, err
	}
	tw := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "scenario\tpairlog\tns\trival\tns\tratio\tcpu\tgoal\t")
	for _, g := range goals {
		rival := g.rival
		if g.against != "" {
			rival += " " + strings.TrimPrefix(g.against, "Log/")
		}
		us, them := g.scenario+"/"+g.ours, cmp.Or(g.against, g.scenario)+"/"+g.rival
		ours, theirs := all[us], all[them]
		if g.cpu {
			ours, theirs = all["cpu "+us], all["cpu "+them]
		}
		if n := min(len(ours), len(theirs)); n < minRuns {
			why := "not measured"
			if n > 0 {
				why = fmt.Sprintf("fewer than %d runs", minRuns)
			}
			fmt.Fprintf(tw, "%s\t%s\t-\t%s\t-\t-\t-\t%.2f\t%s\n", g.scenario, g.ours, rival, g.atMost, why)
			failed++
			continue
		}
		o, t := summary(ours), summary(theirs)
		verdict, fails := g.verdict(o, t)
		if fails {
			failed++
		}
		fmt.Fprintf(tw, "%s\t%s\t%.1f\t%s\t%.1f\t%.2f\t%s\t%.2f\t%s\n",
			g.scenario, g.ours, o.Center, rival, t.Center, o.Center/t.Center, all.cpuRatio(us, them), g.atMost, verdict)
	}
	if err := tw.Flush(); err != nil {
		return failed, err
	}
	more, err := all.added(w)
	return failed + more, err
}

// cpuRatio is the ratio of processor times, which other work on the machine
// disturbs less; "-" where they were not measured.
func (s samples) cpuRatio(us, them string) string {
	ours, theirs := s["cpu "+us], s["cpu "+them]
	if len(ours) == 0 || len(theirs) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", summary(ours).Center/summary(theirs).Center)
}

// verdict says how the goal stands, and whether the check fails for it: where the
// ratio is past what is held, even with the noise of the run in our favour.
func (g *goal) verdict(ours, theirs benchmath.Summary) (verdict string, fails bool) {
	least, ratio := ours.Lo/theirs.Hi, ours.Center/theirs.Center
	switch {
	case ratio <= g.atMost:
		return "met", false
	case least <= g.atMost:
		return "within noise", false
	case g.bound != "" && least <= g.ceiling:
		return "missed: " + g.bound, false
	case g.bound != "":
		return fmt.Sprintf("MISSED, and above %.2f, which had been reached", g.ceiling), true
	}
	return "MISSED", true
}

// summary is the median with its 95 % confidence interval; no distribution is
// assumed.
func summary(values []float64) benchmath.Summary {
	return benchmath.AssumeNothing.Summary(benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds), 0.95)
}

func read(files []string) (samples, error) {
	out := make(samples)
	err := scan(files, func(name string, res *benchfmt.Result) {
		if v, ok := res.Value("sec/op"); ok {
			out[name] = append(out[name], v*1e9)
		}
		if v, ok := res.Value("cpu-sec/op"); ok {
			out["cpu "+name] = append(out["cpu "+name], v*1e9)
		}
	})
	return out, err
}

// scan calls f with each result of the files.
func scan(files []string, f func(name string, res *benchfmt.Result)) error {
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		r := benchfmt.NewReader(file, name)
		for r.Scan() {
			if res, ok := r.Result().(*benchfmt.Result); ok {
				f(benchName(string(res.Name)), res)
			}
		}
		file.Close()
		if err := r.Err(); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	return nil
}

// benchName drops the -2 that the testing package appends on two processors.
func benchName(name string) string {
	if i := strings.LastIndexByte(name, '-'); i > 0 && strings.Trim(name[i+1:], "0123456789") == "" {
		return name[:i]
	}
	return name
}
