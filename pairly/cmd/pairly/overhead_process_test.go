//go:build unix

package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	main "github.com/pairly/pairlog/pairly/cmd/pairly"
	"github.com/pairly/pairlog/pairly/pairlytest"
	"github.com/pairly/pairlog/pairly/service/auth"
)

// The variables that say what a measured process runs.
const (
	unloggedEnv  = "PAIRLY_TEST_UNLOGGED"
	cheapHashEnv = "PAIRLY_TEST_CHEAP_HASH"
)

func init() { processes["measured"] = measuredProcess }

// measuredProcess is the service in a process of its own, whose processor time
// is nobody else's. It prints its address, answers each line of its standard
// input with the processor time that it has used, in nanoseconds, and stops
// where the input ends.
func measuredProcess() int {
	ctx, cancel := context.WithCancel(context.Background())
	p := &main.Program{
		Args: os.Args[1:], Getenv: os.Getenv, Stdin: strings.NewReader(""), Stdout: os.Stdout, Stderr: os.Stderr,
		Global: true, NoLimits: true, Unlogged: os.Getenv(unloggedEnv) != "",
		Listening: func(addr string) { fmt.Println(addr) },
	}
	if os.Getenv(cheapHashEnv) != "" {
		p.Passwords = auth.HashParams{MemoryKiB: 64, Passes: 1, Lanes: 1}
	}
	go func() {
		defer cancel()
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			var r syscall.Rusage
			if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
				return
			}
			fmt.Println(r.Utime.Nano() + r.Stime.Nano())
		}
	}()
	return p.Run(ctx)
}

// A measured is a process with the service, and what a test knows of it.
type measured struct {
	b       testing.TB
	url     string
	logPath string

	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

// startMeasured starts the service as production runs it, the log in a file,
// with further variables that win.
func startMeasured(b testing.TB, env ...string) *measured {
	b.Helper()
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	m := &measured{b: b, logPath: filepath.Join(dir, "log", "app.log")}
	m.cmd = exec.Command(exe, "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "data"))
	m.cmd.Dir, m.cmd.Stderr = dir, &m.stderr
	m.cmd.Env = append([]string{
		asCommand + "=measured", "PATH=" + os.Getenv("PATH"), "HOME=" + dir, "ENVIRONMENT=production",
		"TRUSTED_PROXIES=127.0.0.1/32", "LOG_OUTPUT=file", "LOG_FILE_PATH=" + m.logPath,
	}, env...)
	for i, name := range []string{"JWT_SECRET", "FINGERPRINT_KEY", "ENCRYPTION_KEY", "STRIPE_WEBHOOK_SECRET", "RAZORPAY_WEBHOOK_SECRET"} {
		m.cmd.Env = append(m.cmd.Env, name+"="+strings.Repeat(strconv.Itoa(i), 40))
	}
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "LOG_") {
			m.cmd.Env = append(m.cmd.Env, v)
		}
	}
	stdout, err := m.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if m.stdin, err = m.cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	m.stdout = bufio.NewReader(stdout)
	if err := m.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(m.stop)
	addr, err := m.line()
	if err != nil {
		b.Fatal(err)
	}
	m.url = "http://" + addr
	return m
}

// line reads what the process prints next.
func (m *measured) line() (string, error) {
	s, err := m.stdout.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("read from the service: %w:\n%s", err, &m.stderr)
	}
	return strings.TrimSpace(s), nil
}

// cpu returns the processor time that the process has used.
func (m *measured) cpu() (time.Duration, error) {
	fmt.Fprintln(m.stdin)
	s, err := m.line()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return time.Duration(n), err
}

// stop has the service drain and end.
func (m *measured) stop() {
	if m.cmd.ProcessState != nil {
		return
	}
	m.stdin.Close()
	if err := m.cmd.Wait(); err != nil {
		m.b.Errorf("the service: %v:\n%s", err, &m.stderr)
	}
}

// call sends a request with a JSON body, or none, and returns the answer.
func (m *measured) call(method, path, token string, body string) pairlytest.Object {
	m.b.Helper()
	req, err := http.NewRequest(method, m.url+path, strings.NewReader(body))
	if err != nil {
		m.b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		m.b.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		m.b.Fatalf("%s %s: %d %s, %v", method, path, resp.StatusCode, raw, err)
	}
	r, err := pairlytest.Parse(string(raw))
	if err != nil {
		m.b.Fatal(err)
	}
	return r.Object
}

// An account is somebody who signed up.
type account struct{ id, email, token string }

func (m *measured) signUp(name, role string) account {
	m.b.Helper()
	email := name + "@pairly.test"
	a := m.call(http.MethodPost, "/api/auth/signup", "", fmt.Sprintf(
		`{"email":%q,"password":%q,"name":%q,"role":%q}`, email, pairlytest.Password, name, role))
	return account{id: a.Text("user", "id"), email: email, token: a.Text("access_token")}
}

// write sends a chat message.
func (m *measured) write(from account, to string) {
	m.b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(m.url, "http")+"/api/messages/ws/"+from.id, nil)
	if err != nil {
		m.b.Fatal(err)
	}
	defer conn.CloseNow()
	for _, step := range []struct{ say, hear string }{
		{fmt.Sprintf(`{"token":%q}`, from.token), "connected"},
		{fmt.Sprintf(`{"type":"chat_message","recipient_id":%q,"content":"hello","client_message_id":"m-1"}`, to), "message_sent"},
	} {
		var got struct{ Type string }
		if err := conn.Write(ctx, websocket.MessageText, []byte(step.say)); err != nil {
			m.b.Fatal(err)
		}
		if err := wsjson.Read(ctx, conn, &got); err != nil || got.Type != step.hear {
			m.b.Fatalf("frame = %q, %v, want %q", got.Type, err, step.hear)
		}
	}
	conn.Close(websocket.StatusNormalClosure, "")
}
