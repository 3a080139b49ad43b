package pairlog_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
)

// The faults of a log, seen from outside: a service that logs through Open and
// FromEnv, in a process of its own where the fault ends it. Those of the parts
// are beside the parts; sink/table_test.go has the table.

// acknowledged runs a service until it has ended and returns the numbers whose
// log call had returned. Meddle, when set, is called with each.
func acknowledged(t *testing.T, cmd *exec.Cmd, meddle func(n int)) (ns []int, end error) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Skip(err) // a system without further files for a process
	}
	w.Close()
	defer r.Close()
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return ns, cmd.Wait() // a number without its end was not said
		}
		n, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("the service says %q", line)
		}
		ns = append(ns, n)
		if meddle != nil {
			meddle(n)
		}
	}
}

// numbers returns those in the lines of a text, in order; every line must be
// whole.
func numbers(t *testing.T, text string) []int {
	t.Helper()
	var ns []int
	for line := range strings.Lines(text) {
		var m struct {
			Event string
			N     int
			Pad   string
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if m.Event == "line" {
			if len(m.Pad) != m.N%300 {
				t.Fatalf("line %d is damaged: %q", m.N, line)
			}
			ns = append(ns, m.N)
		}
	}
	return ns
}

// check holds what arrived against what was acknowledged: all of it, once, in
// order. More may have arrived: a process can end between a line and its number.
func check(t *testing.T, acked, arrived []int) {
	t.Helper()
	if !slices.IsSorted(arrived) {
		t.Error("lines are out of order")
	}
	if c := slices.Compact(slices.Sorted(slices.Values(arrived))); len(c) != len(arrived) {
		t.Errorf("%d lines arrived twice", len(arrived)-len(c))
	}
	there := map[int]bool{}
	for _, n := range arrived {
		there[n] = true
	}
	lost := 0
	for _, n := range acked {
		if !there[n] {
			if lost == 0 {
				t.Errorf("line %d is lost", n)
			}
			lost++
		}
	}
	if lost > 0 || len(acked) == 0 {
		t.Errorf("%d of %d acknowledged lines are lost", lost, len(acked))
	}
}

// logOf reads all files of a log in the order of writing.
func logOf(t *testing.T, path string) string {
	t.Helper()
	files, err := sink.Files(path)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		file, err := os.Open(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		var in io.Reader = file
		if strings.HasSuffix(f.Path, ".zst") {
			d, err := zstd.NewReader(file)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			in = d
		}
		if _, err := io.Copy(&all, in); err != nil {
			t.Fatal(err)
		}
		file.Close()
	}
	return all.String()
}

// reopened lets a start recover what an earlier run has left, and ends.
func reopened(t *testing.T, path string) {
	t.Helper()
	p, err := pairlog.Open(pairlog.Config{File: true, FilePath: path, Archive: "none", Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	closePipeline(t, p)
}

// A service is killed with -9 at a random moment, again and again. After the
// next start every number that it said is in its log, once, in order.
func TestFault6Kill9OfAService(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("queues are mapped on Linux only")
	}
	kills := 5
	if n, err := strconv.Atoi(os.Getenv("PAIRLOG_TORTURE")); err == nil {
		kills = n
	}
	path := filepath.Join(t.TempDir(), "app.log")
	rnd := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 6))
	var acked []int
	from := 0
	for range kills {
		after := from + 1 + rnd.IntN(3000)
		cmd := command(fmt.Sprintf("forever %d", from), "LOG_OUTPUT=file", "LOG_FILE_PATH="+path, "LOG_ROTATION_SIZE=100KB", "LOG_FLUSH_EVERY=2ms")
		killed := false
		ns, _ := acknowledged(t, cmd, func(n int) {
			if n >= after && !killed {
				killed = true
				_ = cmd.Process.Kill()
			}
		})
		acked = append(acked, ns...)
		from = slices.Max(acked) + 100 // what was logged and not said has lower numbers
	}
	reopened(t, path)
	arrived := numbers(t, logOf(t, path))
	check(t, acked, arrived)
	t.Logf("%d kills, %d lines acknowledged, %d arrived", kills, len(acked), len(arrived))
	if left, _ := filepath.Glob(path + ".queue*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// However a service ends, what it logged is in its log after the next start; and
// where there is only standard output, log.Fatal and a SIGTERM that leads to
// Close have it written out.
func TestFault22EndOfAService(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	for _, how := range []string{"exit", "panic", "fatal", "sigterm", "close"} {
		for _, output := range []string{"file", "stdout"} {
			if output == "stdout" && (how == "exit" || how == "panic") || output == "file" && runtime.GOOS != "linux" {
				continue // a queue in memory is lost with the process
			}
			t.Run(how+"/"+output, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "app.log")
				cmd := command(how, "LOG_OUTPUT="+output, "LOG_FORMAT=json", "LOG_FILE_PATH="+path)
				var out bytes.Buffer
				cmd.Stdout = &out
				acked, end := acknowledged(t, cmd, func(n int) {
					if n == 500 && how == "sigterm" {
						_ = cmd.Process.Signal(syscall.SIGTERM)
					}
				})
				var exit *exec.ExitError
				if wantErr := how != "sigterm" && how != "close"; wantErr != errors.As(end, &exit) {
					t.Errorf("the service ended with %v", end)
				}
				text := out.String()
				if output == "file" {
					if how == "fatal" { // before the next start
						text = readFile(t, path)
					} else {
						reopened(t, path)
						text = logOf(t, path)
					}
				}
				check(t, acked, numbers(t, text))
				if how == "fatal" {
					last := records(t, text)[len(records(t, text))-1]
					if last["message"] != "no port to listen on" || last["level"] != "CRITICAL" || last["logger"] != "stdlog" {
						t.Errorf("the last line is %v, want what log.Fatal said", last)
					}
				}
			})
		}
	}
}

// Whatever the umask is, what lies on disk is for the owner, and the log for its
// group, too.
func TestFault24Modes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits")
	}
	for _, umask := range []string{"000", "077"} {
		dir := filepath.Join(t.TempDir(), "logs")
		path := filepath.Join(dir, "app.log")
		cmd := exec.Command("sh", "-c", "umask "+umask+" && exec "+os.Args[0])
		cmd.Env = []string{serviceEnv + "=forever 0", "LOG_OUTPUT=file", "LOG_FILE_PATH=" + path, "LOG_ROTATION_SIZE=50KB"}
		seen := map[string]fs.FileMode{}
		_, _ = acknowledged(t, cmd, func(n int) {
			if n%1000 != 0 {
				return
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				info, err := e.Info()
				if err != nil {
					continue // archived meanwhile
				}
				switch name := e.Name(); {
				case strings.Contains(name, ".queue."):
					seen["queue"] |= info.Mode().Perm()
				case strings.HasSuffix(name, ".lock"):
					seen["lock"] |= info.Mode().Perm()
				case strings.HasSuffix(name, ".zst"):
					seen["archive"] |= info.Mode().Perm()
				case name == "app.log":
					seen["log"] |= info.Mode().Perm()
				}
			}
			if n >= 3000 && seen["archive"] != 0 || n > 200_000 {
				_ = cmd.Process.Kill()
			}
		})
		if info, err := os.Stat(dir); err == nil {
			seen["folder"] = info.Mode().Perm()
		}
		want := map[string]fs.FileMode{"log": 0o640, "archive": 0o640, "lock": 0o600, "folder": 0o750}
		if runtime.GOOS == "linux" {
			want["queue"] = 0o600
		}
		for name, mode := range want {
			if seen[name] != mode {
				t.Errorf("umask %s: the %s has mode %v, want %v", umask, name, seen[name], mode)
			}
		}
	}
}

// The pipeline's own troubles do not make more of themselves: an hour with a
// dead sink is an hour of a report a minute, and none of them is in the queue's
// way.
func TestFault25ReportsDoNotMultiply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errOut := &buffer{}
		g := &gate{}
		g.shut.Store(true)
		p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{g, stuckSink{}}, QueueBytes: 64 << 10, QueuePolicy: "drop_newest", Err: errOut})
		if err != nil {
			t.Fatal(err)
		}
		log := p.Logger("x")
		for range 3600 {
			log.Error("line")
			time.Sleep(time.Second)
		}
		reports := records(t, errOut.String())
		events := map[string]int{}
		for _, m := range reports {
			events[m["event"].(string)]++
		}
		// A minute each of three kinds: the drain, the queue, the second sink.
		if len(reports) > 3*61 || events["log_drain_failed"] < 50 {
			t.Errorf("%d reports in an hour: %v", len(reports), events)
		}
		g.shut.Store(false)
		if err := p.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		s := p.Stats()
		lines, own := 0, 0
		for _, m := range records(t, g.out.String()) {
			if m["event"] == "line" {
				lines++
			} else {
				own++
			}
		}
		if uint64(lines)+s.DroppedTotal() < 3600 || own > 3*61 {
			t.Errorf("%d lines and %d dropped of 3600, %d of the pipeline's own", lines, s.DroppedTotal(), own)
		}
	})
}

// The clock of records jumps an hour to and fro: nothing is lost, no report is
// held back or repeated for it, and nothing waits for the clock.
func TestFault19ClockSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var step atomic.Int64
		clock := func() time.Time { return time.Now().Add(time.Duration(step.Load())) }
		errOut := &buffer{}
		g := &gate{}
		g.shut.Store(true)
		p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{g}, Err: errOut, Now: clock})
		if err != nil {
			t.Fatal(err)
		}
		log := p.Logger("x")
		for i := range 600 { // ten minutes
			switch i {
			case 200:
				step.Store(int64(time.Hour))
			case 400:
				step.Store(-int64(time.Hour))
			}
			log.Info("line", "n", i)
			time.Sleep(time.Second)
		}
		if n := count(t, errOut.String(), "log_drain_failed"); n < 9 || n > 11 {
			t.Errorf("told %d times in ten minutes, want about ten", n)
		}
		g.shut.Store(false)
		if err := p.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := count(t, g.out.String(), "line"); n != 600 {
			t.Errorf("%d lines arrived, want 600", n)
		}
	})
}
