package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	main "github.com/pairly/pairlog/pairly/cmd/pairly"
	"github.com/pairly/pairlog/pairly/pairlytest"
)

// asCommand makes the test binary be the command, for what only a process of
// its own can show: exit codes and signals.
const asCommand = "PAIRLY_TEST_AS_COMMAND"

// processes are what the test binary can be, by the value of asCommand.
var processes = map[string]func() int{"1": main.Command}

func TestMain(m *testing.M) {
	if run := processes[os.Getenv(asCommand)]; run != nil {
		os.Exit(run())
	}
	os.Exit(m.Run())
}

// command returns the program as a process that has not started yet, with the
// environment of the test but for what would make it another service.
func command(t *testing.T, env []string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.CommandContext(t.Context(), exe, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{asCommand + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir}, env...)
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// exitCode runs cmd and returns how it ended.
func exitCode(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

func TestHelpNamesEachFlag(t *testing.T) {
	cmd, stdout, stderr := command(t, nil, "--help")
	if got := exitCode(t, cmd); got != 0 {
		t.Errorf("exit code = %d, want 0", got)
	}
	if stdout.String() != main.Help || stderr.Len() > 0 {
		t.Errorf("--help printed %q and %q, want the help text alone", stdout, stderr)
	}
	for _, name := range main.FlagNames() {
		if !strings.Contains(main.Help, "--"+name) {
			t.Errorf("help does not name --%s", name)
		}
	}
	for _, line := range strings.Split(main.Help, "\n") {
		if n := len([]rune(line)); n > 80 {
			t.Errorf("help line of %d characters, want at most 80: %s", n, line)
		}
	}
}

func TestWrongArguments(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		cmd, stdout, stderr := command(t, nil, args...)
		if got := exitCode(t, cmd); got != 2 {
			t.Errorf("%v: exit code = %d, want 2", args, got)
		}
		if !strings.Contains(stderr.String(), want) || !strings.Contains(stderr.String(), "--help") || stdout.Len() > 0 {
			t.Errorf("%v: printed %q to standard error, %q to output, want %q and a hint in the first alone",
				args, stderr, stdout, want)
		}
		if left, err := os.ReadDir(cmd.Dir); err != nil || len(left) > 0 {
			t.Errorf("%v: left %v, %v behind, want nothing", args, left, err)
		}
	}
	f(`no such flag: --port`, "--port", "80")
	f(`want a value after --addr`, "--addr")
	f(`--addr: want HOST:PORT`, "--addr", "localhost")
	f(`--for: want a duration above zero`, "--for", "0s")
	f(`"soon" for --for`, "--for", "soon")
	f(`--data: want a folder`, "--data", "")
	f(`got "serve"`, "serve")
	f(`want "pairly admin create`, "admin")
	f(`want --email`, "admin", "create")
	f(`got "extra"`, "admin", "create", "--email", "a@b.example", "extra")
}

func TestProductionDoesNotStartWithWeakSecrets(t *testing.T) {
	const weak = "hunter2hunter2"
	cmd, _, stderr := command(t, []string{"ENVIRONMENT=production", "JWT_SECRET=" + weak, "LOG_FILE_PATH=app.log"},
		"--addr", "127.0.0.1:0", "--data", "data")
	if got := exitCode(t, cmd); got != 2 {
		t.Errorf("exit code = %d, want 2", got)
	}
	for _, want := range []string{
		"JWT_SECRET has 14 bytes, want 32 or more in production",
		"ENCRYPTION_KEY has 0 bytes, want 32 or more in production",
		"STRIPE_WEBHOOK_SECRET has 0", "RAZORPAY_WEBHOOK_SECRET has 0", "FINGERPRINT_KEY has 0",
		"openssl rand -hex 32",
	} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("standard error lacks %q:\n%s", want, stderr)
		}
	}
	rs := records(t, filepath.Join(cmd.Dir, "app.log"))
	if got, want := strings.Join(pairlytest.Events(rs), " "), "app_starting app_start_failed"; got != want {
		t.Fatalf("events = %s, want %s", got, want)
	}
	wantMember(t, rs[1], "CRITICAL", "level")
	wantMember(t, rs[1], "config", "stage")
	// The log tells as much as the terminal does.
	if got := rs[1].Text("error_message"); strings.Contains(got, "[REDACTED]") || !strings.Contains(got, "JWT_SECRET has 14 bytes") {
		t.Errorf("error_message = %q, want every problem", got)
	}
	for _, text := range []string{stderr.String(), rs[0].Raw, rs[1].Raw} {
		if strings.Contains(text, weak) {
			t.Errorf("the secret is shown: %s", text)
		}
	}
}

func TestProductionPlaysNoDemo(t *testing.T) {
	env := []string{"LOG_FILE_PATH=app.log"}
	for name, value := range production() {
		env = append(env, name+"="+value)
	}
	cmd, _, stderr := command(t, env, "--demo", "--addr", "127.0.0.1:0", "--data", "data")
	if got := exitCode(t, cmd); got != 2 {
		t.Errorf("exit code = %d, want 2", got)
	}
	if !strings.Contains(stderr.String(), "--demo") {
		t.Errorf("standard error = %q, want it to name --demo", stderr)
	}
}

// serving starts the program as a process and waits until it serves.
func serving(t *testing.T, args ...string) (cmd *exec.Cmd, log string) {
	t.Helper()
	cmd, _, _ = command(t, []string{"LOG_FLUSH_EVERY=1ms"},
		append([]string{"--addr", "127.0.0.1:0", "--data", "data"}, args...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // where the test did not get to Wait
	log = filepath.Join(cmd.Dir, "data", "app.log")
	await(t, "app_started", func() bool {
		b, err := os.ReadFile(log)
		return err == nil && strings.Contains(string(b), `"event":"app_started"`)
	})
	return cmd, log
}

func TestSIGTERMDrains(t *testing.T) {
	cmd, log := serving(t)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("Wait = %v, want exit code 0", err)
	}
	rs := records(t, log)
	wantMember(t, find(t, rs, "app_stopping"), "SIGTERM", "signal")
	last := rs[len(rs)-1]
	wantMember(t, last, "app_stopped", "event")
	wantMember(t, last, "true", "drained")
}

// A request whose body does not come holds the drain up; a second signal does
// not wait for it.
func TestSecondSignalExitsAtOnce(t *testing.T) {
	cmd, log := serving(t)
	listen := find(t, records(t, log), "app_started").Text("listen_addr")
	conn, err := net.Dial("tcp", "127.0.0.1"+listen[strings.LastIndexByte(listen, ':'):])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\n"+
		"Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	// The server says so when the handler asks for the body.
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("answer = %q, %v, want 100 Continue", line, err)
	}
	logged := func(event string) bool {
		return slices.Contains(pairlytest.Events(records(t, log)), event)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	await(t, "app_stopping", func() bool { return logged("app_stopping") })
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for waiting := true; waiting; {
		select {
		case err = <-ended:
			waiting = false
		case <-time.After(100 * time.Millisecond): // it takes signals that come at once for one
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
		}
	}
	if got := cmd.ProcessState.ExitCode(); got != 1 {
		t.Errorf("exit code = %d (%v), want 1", got, err)
	}
	if logged("app_stopped") {
		t.Error("the drain went to its end, want it cut short")
	}
}

func TestForStopsByItself(t *testing.T) {
	cmd, _, stderr := command(t, nil, "--addr", "127.0.0.1:0", "--data", "data", "--for", "10ms")
	if got := exitCode(t, cmd); got != 0 {
		t.Errorf("exit code = %d, want 0:\n%s", got, stderr)
	}
	rs := records(t, filepath.Join(cmd.Dir, "data", "app.log"))
	wantMember(t, find(t, rs, "app_stopping"), "--for 10ms", "signal")
	find(t, rs, "app_stopped")
}

// records reads a log file and holds every line against the contract.
func records(t *testing.T, path string) []pairlytest.Record {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rs []pairlytest.Record
	for line := range strings.Lines(string(b)) {
		text, whole := strings.CutSuffix(line, "\n")
		if !whole {
			break // the program is writing it
		}
		r, err := pairlytest.Parse(text)
		if err == nil {
			err = pairlytest.Check(r)
		}
		if err != nil {
			t.Fatal(err)
		}
		rs = append(rs, r)
	}
	return rs
}

// await polls until done says so.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("no %s in time", what)
		}
		time.Sleep(2 * time.Millisecond) // between two looks there is nothing to wait on
	}
}
