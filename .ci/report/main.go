// Command report reads the JSON of go test -json on standard input and prints
// it for people: failures with their output, one line a package, and the
// counts. It exits 1 if a test failed, if a test that wants a server was
// skipped, or if no test ran at all.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

func main() { os.Exit(report(os.Stdin, os.Stdout)) }

// serverSkips are the words by which a test says that it was skipped for want
// of a server; with the servers started, none may.
var serverSkips = []string{"PAIRLY_TEST_POSTGRES", "PAIRLY_TEST_REDIS", "PAIRLOG_REDACT_CORPUS"}

func report(r io.Reader, w io.Writer) int {
	output := map[string][]string{}
	var passed, failed, skipped int
	var bad []string
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 1<<20), 64<<20)
	for in.Scan() {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil {
			fmt.Fprintln(w, in.Text()) // a build failure's text, say
			continue
		}
		id := e.Package + " " + e.Test
		switch e.Action {
		case "output", "build-output":
			output[id] = append(output[id], e.Output)
			if e.Action == "build-output" {
				fmt.Fprint(w, e.Output)
			}
		case "pass", "fail", "skip":
			if e.Test == "" {
				printPackage(w, e, output[id])
				if e.Action == "fail" {
					bad = append(bad, e.Package)
				}
				continue
			}
			text := strings.Join(output[id], "")
			switch e.Action {
			case "pass":
				passed++
			case "fail":
				failed++
				bad = append(bad, id)
				fmt.Fprint(w, text)
			case "skip":
				skipped++
				if reason := serverSkip(text); reason != "" {
					failed++
					bad = append(bad, id+": skipped, although the gate sets "+reason)
				}
			}
			delete(output, id)
		}
	}
	sort.Strings(bad)
	for _, b := range bad {
		fmt.Fprintln(w, "FAIL", b)
	}
	fmt.Fprintf(w, "%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	if len(bad) > 0 || passed == 0 || in.Err() != nil {
		return 1
	}
	return 0
}

func printPackage(w io.Writer, e event, out []string) {
	if e.Action == "fail" {
		fmt.Fprint(w, strings.Join(out, ""))
	}
	if e.Action != "skip" {
		fmt.Fprintf(w, "%-4s %s %.1fs\n", e.Action, e.Package, e.Elapsed)
	}
}

// serverSkip returns the variable that a skipped test's output names.
func serverSkip(text string) string {
	for _, s := range serverSkips {
		if strings.Contains(text, s) {
			// Outside a checkout with the corpus beside it the variable is unset,
			// and the skip is what the test promises.
			if s == "PAIRLOG_REDACT_CORPUS" && os.Getenv(s) == "" {
				continue
			}
			return s
		}
	}
	return ""
}
