package main_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"github.com/pairly/pairlog/pairly/pairlytest"
)

// lifecycle are the events of starting and stopping.
var lifecycle = []string{
	"app_starting", "db_connected", "migration_applied", "redis_connected", "worker_started", "app_started",
	"app_stopping", "worker_stopped", "redis_disconnected", "app_stopped", "app_start_failed",
}

// lifecycleEvents returns what the program said about itself, in order, each
// run of the same event once. What workers do meanwhile does not count.
func lifecycleEvents(rs []pairlytest.Record) []string {
	var events []string
	for _, r := range rs {
		if slices.Contains(lifecycle, r.Event()) {
			events = append(events, r.Event())
		}
	}
	return slices.Compact(events)
}

func TestOrderOfStartAndStop(t *testing.T) {
	app := start(t, pairlytest.Options{})
	s := app.Client("203.0.113.20")
	s.SignUp("s@pairly.test", "Sam", "fan")
	socket := s.Chat()
	app.Cancel()
	if got, want := socket.AwaitClose(), int(websocket.StatusGoingAway); got != want {
		t.Errorf("close code = %d, want %d", got, want)
	}
	if got := app.Stop(); got != 0 {
		t.Errorf("exit code = %d, want 0", got)
	}
	rs := app.Records()
	want := []string{"app_starting", "db_connected", "migration_applied", "worker_started", "app_started",
		"app_stopping", "worker_stopped", "app_stopped"}
	if got := lifecycleEvents(rs); !slices.Equal(got, want) {
		t.Errorf("events = %v,\nwant %v", got, want)
	}
	if last := rs[len(rs)-1]; last.Event() != "app_stopped" || last.Text("drained") != "true" {
		t.Errorf("last line = %s, want app_stopped, drained", last.Raw)
	}
	// The socket's end, and with it the user's presence, come before the end.
	find(t, rs, "presence_offline")
	wantMember(t, find(t, rs, "ws_disconnected"), "1001", "close_code")
	config := find(t, rs, "app_starting")
	if !strings.Contains(config.Raw, "JWT_SECRET") || strings.Contains(config.Raw, "LOG_LEVEL") {
		t.Errorf("config = %s, want the names of the variables that are set", config.Raw)
	}
	wantMember(t, find(t, rs, "app_started"), "localhost"+app.URL[strings.LastIndexByte(app.URL, ':'):], "listen_addr")
	if find(t, rs, "app_started").Int("routes") < 20 {
		t.Errorf("routes = %d, want all of them", find(t, rs, "app_started").Int("routes"))
	}
}

func TestOrderOfStartAndStopWithRedis(t *testing.T) {
	url := os.Getenv(pairlytest.RedisEnv)
	if url == "" {
		t.Skipf("%s is not set: no Redis to connect to", pairlytest.RedisEnv)
	}
	app := start(t, pairlytest.Options{Env: map[string]string{"REDIS_URL": url}})
	app.Stop()
	want := []string{"app_starting", "db_connected", "migration_applied", "redis_connected", "worker_started", "app_started",
		"app_stopping", "worker_stopped", "redis_disconnected", "app_stopped"}
	if got := lifecycleEvents(app.Records()); !slices.Equal(got, want) {
		t.Errorf("events = %v,\nwant %v", got, want)
	}
}

// Stopped in the middle of a flood, the program answers what it has accepted,
// and every answer has its line; so has every message that was confirmed.
func TestStopUnderLoadLosesNoLine(t *testing.T) {
	app := start(t, pairlytest.Options{}, func(p *program) { p.NoLimits = true })
	f, c := chatters(t, app)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var answered []string // request ids
	var confirmed, asked atomic.Int64
	enough, heard := make(chan struct{}), make(chan struct{})
	var once, first sync.Once
	for n := range 4 {
		client := app.Client(fmt.Sprintf("203.0.113.%d", 30+n))
		wg.Go(func() {
			for {
				id, err := client.TryGet("/api/credits/packages")
				if err != nil {
					return // the program has closed its port
				}
				mu.Lock()
				answered = append(answered, id)
				mu.Unlock()
				if asked.Add(1) == 500 {
					once.Do(func() { close(enough) })
				}
			}
		})
	}
	socket := f.Chat()
	wg.Go(func() {
		defer first.Do(func() { close(heard) })
		for n := 0; socket.TrySay(c.UserID, "a line for every message", fmt.Sprint("load-", n)); n++ {
			confirmed.Add(1)
			first.Do(func() { close(heard) })
		}
	})
	<-enough
	<-heard
	if got := app.Stop(); got != 0 {
		t.Errorf("exit code = %d, want 0", got)
	}
	wg.Wait()

	lines := map[string]int{}
	var sent int64
	for _, r := range app.Records() {
		switch r.Event() {
		case "http_request":
			lines[r.RequestID()]++
		case "ws_message_sent":
			sent++
		}
	}
	for _, id := range answered {
		if lines[id] != 1 {
			t.Errorf("%d lines for the answered request %s, want 1", lines[id], id)
		}
	}
	if sent < confirmed.Load() || confirmed.Load() == 0 {
		t.Errorf("%d lines for %d confirmed messages, want one each, and some", sent, confirmed.Load())
	}
	if n := app.Count("SELECT count(*) FROM messages"); n != sent {
		t.Errorf("%d messages stored, %d lines", n, sent)
	}
	wantMember(t, find(t, app.Records(), "app_stopped"), "true", "drained")
}

// A log that cannot be written is no reason not to serve.
func TestServesWithoutItsLogFile(t *testing.T) {
	dir := t.TempDir()
	occupied := filepath.Join(dir, "a file and no folder")
	if err := os.WriteFile(occupied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, _, stderr := command(t, []string{"LOG_FILE_PATH=" + filepath.Join(occupied, "app.log")},
		"--addr", "127.0.0.1:0", "--data", "data", "--for", "10ms")
	if got := exitCode(t, cmd); got != 0 {
		t.Errorf("exit code = %d, want 0", got)
	}
	for _, want := range []string{`"event":"log_sink_degraded"`, `"event":"app_started"`, `"event":"app_stopped"`} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("standard error lacks %s:\n%s", want, stderr)
		}
	}
}

// Outside production the program makes its own keys, and the next start uses
// them again: who was logged in still is.
func TestDevelopmentKeysSurviveARestart(t *testing.T) {
	noKeys := map[string]string{"JWT_SECRET": "", "FINGERPRINT_KEY": ""}
	app := start(t, pairlytest.Options{Env: noKeys})
	f := app.Client("203.0.113.21")
	f.SignUp("f@pairly.test", "Fay", "fan")
	app.Stop()
	path := filepath.Join(app.Dir, "development-keys.json")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.Mode().Perm(), os.FileMode(0o600); got != want {
		t.Errorf("mode of the keys = %v, want %v", got, want)
	}
	app.Restart()
	wantStatus(t, f.Get("/api/auth/me"), http.StatusOK, "")
}

func TestDamagedDevelopmentKeysAreNotReplaced(t *testing.T) {
	cmd, _, stderr := command(t, nil, "--addr", "127.0.0.1:0", "--data", ".", "--for", "10ms")
	path := filepath.Join(cmd.Dir, "development-keys.json")
	if err := os.WriteFile(path, []byte(`{"jwt_secret":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := exitCode(t, cmd); got != 1 {
		t.Errorf("exit code = %d, want 1", got)
	}
	if !strings.Contains(stderr.String(), "development-keys.json: want two keys") {
		t.Errorf("standard error = %q, want it to name the file", stderr)
	}
}

func TestPortInUse(t *testing.T) {
	app := start(t, pairlytest.Options{})
	cmd, _, stderr := command(t, nil, "--addr", strings.TrimPrefix(app.URL, "http://"), "--data", "data")
	if got := exitCode(t, cmd); got != 1 {
		t.Errorf("exit code = %d, want 1", got)
	}
	if !strings.Contains(stderr.String(), "address already in use") {
		t.Errorf("standard error = %q, want the reason", stderr)
	}
	rs := records(t, filepath.Join(cmd.Dir, "data", "app.log"))
	wantMember(t, find(t, rs, "app_start_failed"), "listen", "stage")
	want := []string{"app_starting", "db_connected", "migration_applied", "worker_started", "app_start_failed", "worker_stopped"}
	if got := lifecycleEvents(rs); !slices.Equal(got, want) {
		t.Errorf("events = %v,\nwant %v", got, want)
	}
}
