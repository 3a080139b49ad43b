package sink_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

// victimEnv makes the test binary a process to be killed; its value is the
// configuration.
const victimEnv = "PAIRLOG_TEST_VICTIM"

// tortureEnv is the number of kills in the long version of the test.
const tortureEnv = "PAIRLOG_TORTURE"

func TestMain(m *testing.M) {
	if arg := os.Getenv(victimEnv); arg != "" {
		victim(arg)
		return
	}
	os.Exit(m.Run())
}

// pipelineOf is a queue and a file as the library puts them together.
func pipelineOf(t testing.TB, c sink.FileConfig, qc queue.Config) (*sink.File, *queue.Queue) {
	t.Helper()
	f, err := sink.OpenFile(c)
	if err != nil {
		t.Fatal(err)
	}
	q, err := queueOver(f, c, qc)
	if err != nil {
		t.Fatal(err)
	}
	return f, q
}

func queueOver(f *sink.File, c sink.FileConfig, qc queue.Config) (*queue.Queue, error) {
	qc.Path = c.Path + ".queue"
	qc.InMemory = len(c.Recipients) > 0
	qc.Mark, qc.Written = f.Mark, f.Written
	qc.Drain = func(batch []byte) error {
		n, err := f.Write(batch)
		if err != nil {
			return &queue.ShortError{Accepted: n, Err: err}
		}
		return nil
	}
	return queue.Open(qc)
}

// victimConfig is the configuration by its name.
func victimConfig(name, path string) (sink.FileConfig, queue.Config) {
	c := sink.FileConfig{Path: path, RotateBytes: 256 << 10, RetainDays: -1}
	q := queue.Config{Bytes: 512 << 10, FlushEvery: 2 * time.Millisecond, BlockFor: time.Minute}
	switch name {
	case "sync":
		c.SyncEachWrite = true
	case "gzip":
		c.Archive = "gzip"
	case "small": // a batch takes several files
		c.RotateBytes, c.Archive = 3<<10, "none"
	case "plain":
		c.Archive = "none"
	case "large": // the queue of a service, and lines that come fast
		c.RotateBytes = 4 << 20
		q = queue.Config{BlockFor: time.Minute}
	default:
		if strings.HasPrefix(name, "age1") {
			c.Recipients = []string{name}
			c.RotateBytes = 64 << 10
			q.Bytes = 64 << 10
		}
	}
	return c, q
}

// burstOf is how many lines of one goroutine are acknowledged before their
// numbers are printed: to print takes far longer than to log.
func burstOf(config string) int {
	if config == "large" {
		return 200
	}
	return 1
}

// victim logs numbered lines from four goroutines and prints the number of
// each once it is acknowledged, until it is killed.
func victim(arg string) {
	fields := strings.Split(arg, "|")
	c, qc := victimConfig(fields[0], fields[1])
	from, err := strconv.Atoi(fields[2])
	if err != nil {
		panic(err)
	}
	f, err := sink.OpenFile(c)
	if err != nil {
		panic(err)
	}
	q, err := queueOver(f, c, qc)
	if err != nil {
		panic(err)
	}
	var wg sync.WaitGroup
	if len(fields) > 3 {
		wg.Go(func() { end(fields[3]) })
	}
	burst := burstOf(fields[0])
	for p := range 4 {
		wg.Go(func() {
			var acked []byte
			for n := from; ; n++ {
				level := slog.LevelInfo
				if n%50 == 0 && burst == 1 {
					level = slog.LevelError
				}
				if q.Append(level, sinktest.Line(p, n, 60+n%700)) {
					acked = fmt.Appendf(acked, "%d %d\n", p, n)
				}
				if (n+1)%burst == 0 {
					os.Stdout.Write(acked)
					acked = acked[:0]
				}
			}
		})
	}
	wg.Wait()
}

// end ends the process in its own way, a little later.
func end(how string) {
	time.Sleep(20 * time.Millisecond)
	switch how {
	case "exit":
		os.Exit(3)
	case "panic":
		panic("boom")
	case "sigterm":
		p, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = p.Signal(syscall.SIGTERM)
		}
		if err != nil {
			panic(err)
		}
		select {} // the signal has no handler
	}
}

// A service that ends without Close, whatever the way, has lost nothing that
// was acknowledged.
func TestFault22EndsWithoutClose(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("queues are mapped on Linux only")
	}
	for _, how := range []string{"exit", "panic", "sigterm"} {
		t.Run(how, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "app.log")
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=plain|%s|0|%s", victimEnv, path, how))
			out, err := cmd.Output()
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				t.Fatalf("the victim ended with %v", err)
			}
			var o sinktest.Oracle
			for line := range strings.Lines(string(out)) {
				var p, n int
				if _, err := fmt.Sscanf(line, "%d %d\n", &p, &n); err == nil {
					o.Ack(p, n)
				}
			}
			c, qc := victimConfig("plain", path)
			f, q := pipelineOf(t, c, qc)
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			if err := errors.Join(q.Close(ctx), f.Close()); err != nil {
				t.Fatal(err)
			}
			if v := o.Check(content(t, dir)); !v.Clean() || o.Acked() == 0 {
				t.Errorf("of %d: %+v", o.Acked(), v)
			}
		})
	}
}

// killAtRandom runs a victim for a random time and notes what it printed.
// It returns a number that is higher than all printed.
func killAtRandom(t *testing.T, o *sinktest.Oracle, config, path string, from int, rnd *rand.Rand) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s|%d", victimEnv, config, path, from))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	var lines int
	burst := burstOf(config)
	after := 1 + rnd.IntN(3000*min(burst, 20)) // acknowledged lines, plus up to a millisecond
	pause := time.Duration(rnd.IntN(1000)) * time.Microsecond
	next := from
	killed := false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			if err != io.EOF {
				t.Fatal(err)
			}
			break // a number without its newline was not printed
		}
		var p, n int
		if _, err := fmt.Sscanf(line, "%d %d", &p, &n); err != nil {
			t.Fatalf("the victim says %q", line)
		}
		o.Ack(p, n)
		next = max(next, n+1)
		if lines++; lines >= after && !killed {
			time.Sleep(pause)
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			killed = true
		}
	}
	if err := cmd.Wait(); !killed {
		t.Fatalf("the victim ended by itself: %v", err)
	}
	return next + 10 + 2*burst // what was taken but not printed has lower numbers
}

// A process is killed with -9 at a random moment again and again: while it
// writes, rotates, compresses, recovers. Every number that it printed after the
// log call had returned is in the files, once, in order.
func TestFault6Kill9(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("queues are mapped on Linux only")
	}
	kills := 8
	if n, err := strconv.Atoi(os.Getenv(tortureEnv)); err == nil {
		kills = n
	}
	for _, config := range []string{"zstd", "gzip", "plain", "large", "small", "sync"} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "app.log")
			rnd := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
			var o sinktest.Oracle
			from := 0
			for i := range kills {
				if config == "small" && i > 3 && os.Getenv(tortureEnv) == "" {
					break // hundreds of files for each kill
				}
				from = killAtRandom(t, &o, config, path, from, rnd)
			}
			c, qc := victimConfig(config, path)
			f, q := pipelineOf(t, c, qc)
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			if err := q.Close(ctx); err != nil {
				t.Fatal(err)
			}
			f.Settle()
			eventually(t, func() bool { return archivedAll(t, f, dir, c) })
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			v := o.Check(content(t, dir))
			if !v.Clean() {
				t.Errorf("after %d kills and %d acknowledged lines: %+v", kills, o.Acked(), v)
			}
			for _, name := range logs(t, dir) {
				if strings.Contains(name, ".queue") || strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".new") {
					t.Errorf("left behind: %s", name)
				}
			}
			t.Logf("%d kills, %d lines acknowledged, %d arrived, %d files", kills, o.Acked(), v.Arrived, len(logs(t, dir)))
		})
	}
}

// Two processes on one path, one of which is killed: neither loses a line to
// the other, and the next start gathers what both have written.
func TestFault3TwoProcesses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("queues are mapped on Linux only")
	}
	dir := t.TempDir()
	c, qc := victimConfig("plain", filepath.Join(dir, "app.log"))
	f, q := pipelineOf(t, c, qc)
	var o sinktest.Oracle
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
			}
			if q.Append(slog.LevelInfo, sinktest.Line(9, n, 100)) {
				o.Ack(9, n)
			}
		}
	}()
	rnd := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
	from := 0
	for range 3 {
		from = killAtRandom(t, &o, "plain", c.Path, from, rnd)
	}
	close(done)
	<-stopped
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := errors.Join(q.Close(ctx), f.Close()); err != nil {
		t.Fatal(err)
	}
	f, q = pipelineOf(t, c, qc)
	if err := errors.Join(q.Close(ctx), f.Close()); err != nil {
		t.Fatal(err)
	}
	v := o.Check(content(t, dir))
	v.Disordered = 0 // between the files of two processes there is no order
	if !v.Clean() {
		t.Errorf("of %d: %+v", o.Acked(), v)
	}
	for _, name := range logs(t, dir) {
		if strings.Contains(name, ".queue") || strings.HasPrefix(name, "app.2") {
			t.Errorf("left behind: %s", name)
		}
	}
}

// With sealing the queue is in memory: a kill costs what had not been flushed,
// and nothing else; the frames before it can be read.
func TestFault6Kill9Sealed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no kill -9")
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	kills := 5
	if n, err := strconv.Atoi(os.Getenv(tortureEnv)); err == nil {
		kills = n
	}
	lost, from := 0, 0
	var last [4]int
	var all sinktest.Oracle
	for range kills {
		var o sinktest.Oracle
		first := from
		from = killAtRandom(t, &o, id.Recipient().String(), filepath.Join(dir, "app.log"), from, rnd)
		lost += o.Check(content(t, dir, id)).Lost
		for p := range 4 { // what is lost is the end of the run
			last[p] = first - 1
		}
		for line := range bytes.Lines(content(t, dir, id)) {
			if p, n, err := sinktest.ParseLine(line); err == nil && n >= first {
				last[p] = max(last[p], n)
			}
		}
		for p := range 4 {
			for n := first; n <= last[p]; n++ {
				all.Ack(p, n)
			}
		}
	}
	if v := all.Check(content(t, dir, id)); !v.Clean() || v.Arrived < 10 {
		t.Errorf("%+v", v)
	}
	if most := kills * (64 << 10) / 60; lost > most { // a queue of 64 KB, lines of 60 bytes or more
		t.Errorf("%d lines lost in %d kills, want at most what the queues held, %d", lost, kills, most)
	}
}

func TestSealedTakesOverPlainFiles(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	c := sink.FileConfig{Path: path, RotateBytes: 64 << 10, Recipients: []string{id.Recipient().String()}}
	// An earlier configuration has left plain files.
	before := sink.FileConfig{Path: path, RotateBytes: 64 << 10, Archive: "none"}
	f := openFile(t, before)
	var o sinktest.Oracle
	for n := range 500 {
		writeAll(t, f, sinktest.Line(1, n, 300))
		o.Ack(1, n)
	}
	f.Close()
	for round := range 3 {
		f, q := pipelineOf(t, c, queue.Config{})
		for n := range 500 {
			n += 500 * (round + 1)
			if q.Append(slog.LevelInfo, sinktest.Line(1, n, 300)) {
				o.Ack(1, n)
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		if err := q.Close(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		f.Settle()
		eventually(t, func() bool { return onlySealed(t, dir) })
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if v := o.Check(content(t, dir, id)); !v.Clean() || v.Arrived != 2000 {
		t.Errorf("%+v, want 2000 arrived", v)
	}
}

func onlySealed(t testing.TB, dir string) bool {
	for _, name := range logs(t, dir) {
		if !strings.HasSuffix(name, ".sealed") {
			return false
		}
	}
	return true
}
