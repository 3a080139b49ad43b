package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// outputEnv makes the test binary write the beginning of the file that it names
// and wait.
const outputEnv = "PAIRLOG_TEST_OUTPUT"

func TestMain(m *testing.M) {
	if path := os.Getenv(outputEnv); path != "" {
		o := &output{create: path}
		o.Write([]byte("half of it\n"))
		select {}
	}
	os.Exit(m.Run())
}

// Ctrl-C while a file is decrypted leaves no half of it, and the next run can
// begin anew.
func TestInterruptedDecryptLeavesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGINT to send")
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		path := filepath.Join(t.TempDir(), "clear.txt")
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), outputEnv+"="+path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for {
			if info, err := os.Stat(path); err == nil && info.Size() > 0 {
				break
			}
			runtime.Gosched()
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
			t.Errorf("%v: the command ended with %v, want exit code %d", signal, err, exitInterrupted)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%v: half a file is left", signal)
		}
	}
}

// Output that cannot be written is an error of every command, also of one whose
// findings are the output.
func TestOutputThatIsFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	log := writeLog(t, t.TempDir(), "sealed", 2, 5)
	for _, args := range []string{
		"cat " + log.dir + " -i " + log.identity, "verify-files " + log.dir + " -i " + log.identity,
		"decrypt " + log.files[0] + " -i " + log.identity, "redact --text " + log.identity,
	} {
		var errs bytes.Buffer
		code := run(strings.Fields(args), streams{in: strings.NewReader(""), out: full, err: &errs, env: func(string) string { return "" }, terminal: func(any) bool { return false }})
		if code != exitError || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("pairlog %s: exit %d, %q, want 1 and the reason", args, code, &errs)
		}
	}
}

// An empty path, as of a variable that is not set, is not this folder.
func TestEmptyPath(t *testing.T) {
	for _, command := range []string{"cat", "verify-files", "redact"} {
		var o, e bytes.Buffer
		code := run([]string{command, ""}, streams{in: strings.NewReader(""), out: &o, err: &e, env: func(string) string { return "" }, terminal: func(any) bool { return false }})
		if code != exitUsage || o.Len() > 0 || !strings.Contains(e.String(), "empty") {
			t.Errorf("pairlog %s %q: exit %d, %q, %q", command, "", code, &o, &e)
		}
	}
}

// A name with control characters does not reach the terminal as it is.
func TestNamesAreShownSafely(t *testing.T) {
	for _, args := range [][]string{{"cat", "a\x1b[31m\nb"}, {"verify-files", "a\x1b[31m\nb"}, {"redact", "a\x1b[31m\nb"}, {"decrypt", "a\x1b[31m\nb", "-i", "/dev/null"}} {
		var e bytes.Buffer
		code := run(args, streams{in: strings.NewReader(""), out: io.Discard, err: &e, env: func(string) string { return "" }, terminal: func(any) bool { return false }})
		if code == exitOK || strings.Contains(e.String(), "\x1b") {
			t.Errorf("pairlog %q: exit %d, %q", args, code, &e)
		}
	}
}

// What is no file ends with a message, and what does not end is not kept in
// memory.
func TestEndlessInput(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip(err)
	}
	for _, args := range []string{"cat /dev/zero", "verify-files /dev/zero", "decrypt /dev/zero -i /dev/null"} {
		(script{t: t}).run(args, map[bool]int{true: exitUsage, false: exitError}[strings.HasPrefix(args, "decrypt")], "*", "*")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var e bytes.Buffer
	in := io.LimitReader(zeros{}, 200<<20) // no line end in it
	code := run([]string{"redact", "--text", "--stats"}, streams{in: in, out: io.Discard, err: &e, env: func(string) string { return "" }, terminal: func(any) bool { return false }})
	runtime.ReadMemStats(&after)
	if code != exitOK || !strings.Contains(e.String(), "too_long") {
		t.Errorf("exit %d, %s", code, &e)
	}
	if grown := after.Sys - before.Sys; grown > 150<<20 {
		t.Errorf("%d MB of memory for a line of 200 MB", grown>>20)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// A file that is cut while it is read ends with what there is.
func TestFileThatIsBeingWritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	whole := strings.Repeat(`{"timestamp":"2026-01-02T15:04:05.000Z","level":"INFO","event":"e"}`+"\n", 1000)
	stop, stopped := make(chan struct{}), make(chan struct{})
	if err := os.WriteFile(path, []byte(whole), 0o640); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				if i%2 == 0 {
					os.Truncate(path, int64(i%5)*1000)
				} else {
					os.WriteFile(path, []byte(whole), 0o640)
				}
			}
		}
	}()
	for range 50 {
		for _, command := range []string{"cat", "verify-files --live", "redact --json"} {
			var o, e bytes.Buffer
			code := run(strings.Fields(fmt.Sprintf("%s %s", command, path)), streams{in: strings.NewReader(""), out: &o, err: &e, env: func(string) string { return "" }, terminal: func(any) bool { return false }})
			if code != exitOK && code != exitError || strings.Contains(e.String(), "panic") {
				t.Errorf("%s: exit %d, %s", command, code, &e)
			}
		}
	}
	close(stop)
	<-stopped
}
