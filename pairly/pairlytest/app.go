package pairlytest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly/store/storetest"
)

// Password is what accounts of tests log in with. It is planted: no sink may
// show it.
const Password = "correct-horse-7-battery"

// RedisEnv names the environment variable that holds the URL of a Redis that
// tests may use. The one for PostgreSQL is [storetest.PostgresEnv].
const RedisEnv = "PAIRLY_TEST_REDIS"

// An Env is the world that a booted program sees.
type Env struct {
	Args           []string // after the program's name
	Getenv         func(string) string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Now            func() time.Time
	Listening      func(addr string) // to be called when requests can be sent to addr
}

// A Run is a program: it runs until ctx ends or its work is done, and returns
// its exit code. Everything it logged is in its file when it returns.
type Run func(ctx context.Context) int

// A Boot makes a program. It may be called more than once: an administrator
// is made by a second program on the same data.
type Boot func(Env) Run

// Options vary what [Start] starts. The zero value is a program on memory
// caches.
type Options struct {
	Env         map[string]string // further variables; they win
	DatabaseURL string            // empty: a new database for the test
	Args        []string          // further arguments
}

// An App is a running program and what a test knows of it. Its methods are
// for the test's goroutine, unless they say otherwise.
type App struct {
	URL     string // http://127.0.0.1:PORT
	Dir     string // data folder
	LogPath string // the JSON log
	Clock   *Clock

	t           testing.TB
	boot        Boot
	env         map[string]string
	databaseURL string
	http        *http.Client
	stdout      *output
	stderr      *output
	cancel      context.CancelFunc
	exited      chan int
	stopped     bool
	db          *sql.DB // nil until a test looks
	counter     int     // makes names unique
	records     []Record
	offset      int64    // of the log file, in bytes: where records ends
	ignored     []string // events

	mu      sync.Mutex
	planted []string // secrets that no sink may show
}

// output collects what the program prints. Safe for concurrent use.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends p.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// String returns everything so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// Start boots the program on a free port and waits until it serves. When the
// test ends it stops it and sweeps what it wrote: see [App.Stop].
func Start(t testing.TB, o Options, boot Boot) *App {
	t.Helper()
	dir := t.TempDir()
	a := &App{
		Dir: dir, LogPath: filepath.Join(dir, "logs", "app.log"), Clock: NewClock(),
		t: t, boot: boot, databaseURL: o.DatabaseURL,
		http:   &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: patience},
		stdout: new(output), stderr: new(output), exited: make(chan int, 1),
		planted: []string{Password},
	}
	if a.databaseURL == "" {
		a.databaseURL = database(t)
	}
	a.env = map[string]string{
		"DATABASE_URL": a.databaseURL, "LOG_FILE_PATH": a.LogPath,
		"JWT_SECRET":      "a secret for tests " + strings.Repeat("j", 32),
		"FINGERPRINT_KEY": "a secret for tests " + strings.Repeat("f", 32),
		"TRUSTED_PROXIES": "127.0.0.1/32",
	}
	a.Plant(a.env["JWT_SECRET"])
	a.Plant(a.env["FINGERPRINT_KEY"])
	maps.Copy(a.env, o.Env)

	t.Cleanup(a.finish)
	a.serve(o.Args)
	return a
}

// serve boots the program and waits until it serves.
func (a *App) serve(args []string) {
	a.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(a.t.Context()))
	a.cancel, a.stopped = cancel, false
	listening := make(chan string, 1)
	env := a.environment(append([]string{"--addr", "127.0.0.1:0", "--data", a.Dir}, args...))
	env.Listening = func(addr string) { listening <- addr }
	run := a.boot(env)
	go func() { a.exited <- run(ctx) }() // Stop waits for it
	select {
	case addr := <-listening:
		a.URL = "http://" + addr
	case code := <-a.exited:
		a.stopped = true
		a.t.Fatalf("program exited with %d before it served:\n%s\n%s", code, a.stdout, a.stderr)
	case <-time.After(patience):
		a.t.Fatalf("program does not serve after %v:\n%s\n%s", patience, a.stdout, a.stderr)
	}
}

// Restart boots the program again on the same data, after [App.Stop].
func (a *App) Restart() {
	a.t.Helper()
	a.serve(nil)
}

// database returns the URL of an empty database for the test.
func database(t testing.TB) string {
	if os.Getenv(storetest.PostgresEnv) != "" {
		return storetest.Postgres(t)
	}
	return storetest.SQLite(t)
}

func (a *App) environment(args []string) Env {
	return Env{
		Args:   args,
		Getenv: func(name string) string { return a.env[name] },
		Stdin:  strings.NewReader(""), Stdout: a.stdout, Stderr: a.stderr, Now: a.Clock.Now,
	}
}

// Admin makes an administrator as an operator does, with the program's own
// command, and returns a device at ip that is logged in.
func (a *App) Admin(ip string) *Client {
	a.t.Helper()
	const email = "admin@pairly.test"
	env := a.environment([]string{"admin", "create", "--email", email, "--data", a.Dir})
	env.Stdin = strings.NewReader(Password + "\n")
	getenv := env.Getenv
	env.Getenv = func(name string) string { // two programs do not write one file
		if name == "LOG_FILE_PATH" {
			return a.adminLog()
		}
		return getenv(name)
	}
	if code := a.boot(env)(a.t.Context()); code != 0 {
		a.t.Fatalf("admin create exited with %d:\n%s", code, a.stderr)
	}
	c := a.Client(ip)
	c.must(c.Login(email, Password), http.StatusOK)
	return c
}

// adminLog is the log of the command that makes administrators.
func (a *App) adminLog() string { return filepath.Join(a.Dir, "logs", "admin.log") }

// Plant has the sweep look for a secret that the test uses. Safe for
// concurrent use.
func (a *App) Plant(secret string) {
	if secret == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.planted = append(a.planted, secret)
}

// Unique returns a name that starts with prefix and that no other call gives.
func (a *App) Unique(prefix string) string {
	a.counter++
	return fmt.Sprintf("%s%d", prefix, a.counter)
}

// UniqueIP returns an address that no other call gives, not even in another
// run of the test a moment ago, so that no limit of another device applies.
func (a *App) UniqueIP() string {
	return netip.AddrFrom16([16]byte(append([]byte{0x20, 0x01, 0x0d, 0xb8}, rand.Text()[:12]...))).String()
}

// Stdout returns what the program printed so far.
func (a *App) Stdout() string { return a.stdout.String() }

// Stderr returns what the program said about itself so far.
func (a *App) Stderr() string { return a.stderr.String() }

// Cancel asks the program to stop, as SIGTERM does, and does not wait.
func (a *App) Cancel() { a.cancel() }

// Stop asks the program to stop, waits for it and returns its exit code.
func (a *App) Stop() int {
	a.t.Helper()
	if a.stopped {
		a.t.Fatal("stop: the program has stopped already")
	}
	a.stopped = true
	a.cancel()
	a.http.CloseIdleConnections()
	select {
	case code := <-a.exited:
		return code
	case <-time.After(patience):
		a.t.Fatalf("program does not stop after %v", patience)
		return -1
	}
}

// finish stops the program where the test has not, and sweeps.
func (a *App) finish() {
	a.t.Helper()
	if a.cancel != nil && !a.stopped {
		if code := a.Stop(); code != 0 {
			a.t.Errorf("program exited with %d, want 0:\n%s", code, a.Stderr())
		}
	}
	if a.URL != "" {
		a.sweep()
	}
	if a.db != nil {
		if err := a.db.Close(); err != nil {
			a.t.Error(err)
		}
	}
	if a.t.Failed() {
		a.t.Logf("standard error:\n%s", a.Stderr())
	}
}
