package pairlog_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
)

// Who reads standard output is gone, or standard error: the service goes on, and
// the file has everything.
func TestReaderOfStandardOutputIsGone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGPIPE")
	}
	path := filepath.Join(t.TempDir(), "app.log")
	var errOut bytes.Buffer
	f := func(name string, stream func(*exec.Cmd) (io.ReadCloser, error), want int, env ...string) {
		t.Helper()
		cmd := command("ignore", env...)
		if name == "stdout" {
			cmd.Stderr = &errOut
		}
		r, err := stream(cmd)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		if err := cmd.Run(); err != nil {
			t.Errorf("%s: the service ended with %v", name, err)
		}
		if want > 0 && count(t, readFile(t, path), "line") != want {
			t.Errorf("%s: the file has %d lines, want %d", name, count(t, readFile(t, path), "line"), want)
		}
	}
	f("stdout", (*exec.Cmd).StdoutPipe, 1000, "LOG_FORMAT=json", "LOG_FILE_PATH="+path)
	if text := readFile(t, path) + errOut.String(); count(t, text, "log_sink_dropped") == 0 || !strings.Contains(text, "broken pipe") {
		t.Errorf("the lines that standard output did not get are not told: %.300s", text)
	}
	f("stdout alone", (*exec.Cmd).StdoutPipe, 0, "LOG_FORMAT=json", "LOG_OUTPUT=stdout")
	f("stderr", (*exec.Cmd).StderrPipe, 0, "LOG_OUTPUT=file", "LOG_FILE_PATH=/dev/null/app.log")
}

// What Close leaves in the queue is told: how many records, and whether the next
// start writes them or they are lost.
func TestCloseTellsWhatItLeaves(t *testing.T) {
	for _, mapped := range []bool{false, true} {
		errOut := &buffer{}
		c := pairlog.Config{Sinks: []sink.Sink{stuckSink{}}, Err: errOut}
		if mapped {
			if runtime.GOOS != "linux" {
				continue
			}
			c = pairlog.Config{File: true, FilePath: filepath.Join(t.TempDir(), "app.log"), Err: errOut}
		}
		p, err := pairlog.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		log := p.Logger("x")
		ctx, cancel := context.WithCancel(t.Context())
		if mapped {
			cancel() // there is no time to write anything
		}
		for i := range 100 {
			log.Info("line", "i", i)
		}
		if !mapped {
			ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
		}
		err = p.Close(ctx)
		cancel()
		left := p.Stats().Pending
		if left == 0 {
			if err != nil {
				t.Errorf("Close = %v with nothing left", err)
			}
			continue
		}
		event, file := "log_records_dropped", any(nil)
		if mapped {
			event, file = "log_records_left", p.Stats().QueueFile
		}
		told := 0.0
		for _, m := range records(t, errOut.String()) {
			if m["event"] == event && m["file"] == file && m["level"] == "WARNING" {
				told += m["count"].(float64)
			}
		}
		if uint64(told) != left {
			t.Errorf("mapped %v: told of %v records, want %d: %s", mapped, told, left, errOut)
		}
	}
}

// Nobody and nothing that can be passed to Log makes it panic.
func TestLogWithoutALogger(t *testing.T) {
	pairlog.Log(t.Context(), nil, slog.LevelInfo, "event")
	pairlog.Log(t.Context(), &slog.Logger{}, slog.LevelInfo, "event")
}

// stuckWriter takes nothing and does not return, as a pipe that nobody reads.
type stuckWriter struct{ leave chan struct{} }

func (w stuckWriter) Write(b []byte) (int, error) { <-w.leave; return len(b), nil }

// Standard error is stuck, and standard output too: Close keeps its deadline.
func TestFault21CloseWithStuckStreams(t *testing.T) {
	w := stuckWriter{make(chan struct{})}
	defer close(w.leave)
	for _, c := range []pairlog.Config{
		{Stdout: true, Out: io.Discard, Err: w, Sinks: []sink.Sink{stuckSink{}}},
		{Stdout: true, Out: w, Err: w},
		{File: true, FilePath: "/dev/null/app.log", Out: io.Discard, Err: w},
		{File: true, FilePath: filepath.Join(t.TempDir(), "app.log"), Stdout: true, Out: w, Err: w},
	} {
		p, err := pairlog.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			p.Logger("x").Error("line", "i", i)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_ = p.Close(ctx) // it returns: else the test does not end
		cancel()
	}
}

// refusingSink takes nothing and notes that it was closed.
type refusingSink struct {
	stuckSink
	closed *atomic.Bool
}

func (s refusingSink) Close() error { s.closed.Store(true); return nil }

// A sink that takes nothing is closed all the same: it has files to give up and
// locks.
func TestCloseClosesASinkThatTakesNothing(t *testing.T) {
	var closed atomic.Bool
	p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{refusingSink{closed: &closed}}, Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	p.Logger("x").Info("line")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := p.Close(ctx); err == nil || !closed.Load() {
		t.Errorf("Close = %v, closed %v, want an error for the line and the sink closed", err, closed.Load())
	}
}
