package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/redact"
)

var updateRedaction = flag.Bool("update-redaction", false, "write results/redaction.md")

// childEnv names the redactor that the test binary, run again, gives a value
// without an end: one that does not come back ends the process it is in.
const childEnv = "PAIRLOG_BENCH_CYCLE"

// TestRedaction fails when pairlog lets a shape of a secret through. With
// -update-redaction it writes the table of all.
func TestRedaction(t *testing.T) {
	for _, s := range shapes() {
		if out := written(redactors[0], s.log); leaked(out) {
			t.Errorf("%s leaks: %s", s.name, out)
		} else if !json.Valid([]byte(out)) {
			t.Errorf("%s is not written as JSON: %q", s.name, out)
		}
	}
	if n := len(shapes()); n != 36 {
		t.Errorf("%d shapes, want the 36 of the table", n)
	}
	if !*updateRedaction {
		return
	}
	if err := os.WriteFile("results/redaction.md", redactionTable(t), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRedactionRivalsWork sees that each rival redacts what it is made for, and
// writes the request line with all its fields.
func TestRedactionRivalsWork(t *testing.T) {
	for _, r := range redactors {
		key := leaked(written(r, shapes()[0].log))
		text := leaked(written(r, attrShape("", slog.String("note", "password="+shapeWord)).log))
		if bare := r.bare == ""; bare != (key && text) {
			t.Errorf("%s leaks a password under its key: %v, in a text: %v", r.name, key, text)
		}
		line := written(r, func(l *slog.Logger) { redactedLine(l, false)() })
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil || len(fields) < 12+2 {
			t.Errorf("%s wrote %q (%v), want the twelve attrs and the envelope", r.name, line, err)
		}
	}
}

// TestRedactionChild is the child process: it logs a cyclic value.
func TestRedactionChild(t *testing.T) {
	name := os.Getenv(childEnv)
	if name == "" {
		t.Skip("is run by TestRedaction")
	}
	i := slices.IndexFunc(redactors, func(r redactor) bool { return r.name == name })
	all := shapes()
	fmt.Printf("\nwrote: %s\n", written(redactors[i], all[len(all)-1].log))
}

// result is what a redactor does with a shape.
func result(t *testing.T, r redactor, s shape) string {
	t.Helper()
	out := ""
	if s.ends() || r.name == redactors[0].name {
		out = written(r, s.log)
	} else {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestRedactionChild$", "-test.v")
		cmd.Env = append(os.Environ(), childEnv+"="+r.name, "GOMEMLIMIT=512MiB")
		b, err := cmd.Output()
		if err != nil {
			return "ends the process"
		}
		_, out, _ = strings.Cut(string(b), "wrote: ")
	}
	switch {
	case leaked(out):
		return "leaks"
	case strings.TrimSpace(out) == "":
		return "loses the line"
	}
	return ""
}

// nanoseconds returns what a line costs with each redactor, and last what the
// redactor alone costs: the least of several rounds in which all take turns.
func nanoseconds(fresh bool) []time.Duration {
	const rounds = 9
	least := make([]time.Duration, len(redactors)+1)
	red, err := redact.New(redact.Config{})
	if err != nil {
		panic(err) // the zero value is right
	}
	for range rounds {
		for i, r := range redactors {
			l, close := r.new(new(discard))
			least[i] = lesser(least[i], perCall(redactedLine(l, fresh)))
			close()
		}
		least[len(redactors)] = lesser(least[len(redactors)], perCall(redactorAlone(red, fresh)))
	}
	return least
}

// perCall is the processor time of one call, measured over many: other work of
// the machine is not in it, that of a pipeline's own goroutine is.
func perCall(call func()) time.Duration {
	const each, batch = 60 * time.Millisecond, 20
	call()
	n, start, cpu := 0, time.Now(), cpuTime()
	for time.Since(start) < each {
		for range batch {
			call()
		}
		n += batch
	}
	if used := cpuTime() - cpu; used > 0 {
		return used / time.Duration(n)
	}
	return time.Since(start) / time.Duration(n)
}

func lesser(least, d time.Duration) time.Duration {
	if least == 0 {
		return d
	}
	return min(least, d)
}

// redactionTable renders the costs and the leaks.
func redactionTable(t *testing.T) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "What keeping secrets out of a log costs, and what gets through all the same. Made by\n"+
		"`go test -run TestRedaction -update-redaction` on %s/%s, %s, %d processors: each figure is processor time, the least\n"+
		"of nine rounds in which all take turns. The line is the request line of twelve attrs, none of which is secret; in *fresh*\n"+
		"every value is new. *Added* is the cost above the same logger without redaction: pairlog's with every rule off, which\n"+
		"still reads each byte once.\n\n"+
		"| redaction | ns a line | added | fresh, ns | added | of 36 shapes leak | otherwise fail |\n|---|---|---|---|---|---|---|\n",
		runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU())
	web, fresh := nanoseconds(false), nanoseconds(true)
	all := shapes()
	results := make([][]string, len(redactors))
	for i, r := range redactors {
		leaks, fails := 0, 0
		for _, s := range all {
			what := result(t, r, s)
			results[i] = append(results[i], what)
			switch what {
			case "":
			case "leaks":
				leaks++
			default:
				fails++
			}
		}
		added := [2]string{"", ""}
		if j := slices.IndexFunc(redactors, func(o redactor) bool { return o.name == r.bare }); j >= 0 {
			added = [2]string{fmt.Sprint((web[i] - web[j]).Nanoseconds()), fmt.Sprint((fresh[i] - fresh[j]).Nanoseconds())}
		}
		fmt.Fprintf(&b, "| **%s**: %s | %d | %s | %d | %s | %d | %d |\n", r.name, r.what, web[i].Nanoseconds(), added[0], fresh[i].Nanoseconds(), added[1], leaks, fails)
	}
	alone := len(redactors)
	fmt.Fprintf(&b, "\npairlog's redactor alone, called for the keys and values of the line and remembering no text: %d ns, fresh %d ns.\n"+
		"That is what redaction adds at the most; the encoder also escapes what it looks at.\n", web[alone].Nanoseconds(), fresh[alone].Nanoseconds())
	b.WriteString("\nThe shapes. An empty cell is right.\n\n| shape |")
	for _, r := range redactors {
		b.WriteString(" " + r.name + " |")
	}
	b.WriteString("\n|---" + strings.Repeat("|---", len(redactors)) + "|\n")
	for k, s := range all {
		b.WriteString("| " + s.name + " |")
		for i := range redactors {
			b.WriteString(" " + results[i][k] + " |")
		}
		b.WriteString("\n")
	}
	return b.Bytes()
}
