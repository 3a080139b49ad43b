package pairlog_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
)

// serviceEnv makes the test binary a service, as TestMain runs it; its value is
// what it does.
const serviceEnv = "PAIRLOG_TEST_SERVICE"

func TestMain(m *testing.M) {
	if what := os.Getenv(serviceEnv); what != "" {
		service(what)
		return
	}
	os.Exit(m.Run())
}

// service logs a thousand numbered lines through FromEnv and ends as it is told.
func service(how string) {
	p, err := pairlog.Open(pairlog.FromEnv())
	if err != nil {
		panic(err)
	}
	log := p.Logger("svc")
	for i := range 1000 {
		log.Info("line", "i", i)
	}
	wait := 5 * time.Second
	if how == "ignore" {
		wait = 200 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if err := p.Close(ctx); err != nil && how != "ignore" {
		panic(err)
	}
}

// command is the test binary as a service with an environment of its own.
func command(how string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append([]string{serviceEnv + "=" + how, "PATH=" + os.Getenv("PATH")}, env...)
	return cmd
}

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
