package main_test

import (
	"testing"
	"time"

	"github.com/pairly/pairlog"
	main "github.com/pairly/pairlog/pairly/cmd/pairly"
	"github.com/pairly/pairlog/pairly/pairlytest"
	"github.com/pairly/pairlog/pairly/service/auth"
)

// program is what a test may vary before it starts.
type program = main.Program

// boot makes the real program for the harness, with passwords that cost
// little; vary changes it further.
func boot(vary ...func(*program)) pairlytest.Boot {
	return func(e pairlytest.Env) pairlytest.Run {
		p := &main.Program{
			Args: e.Args, Getenv: e.Getenv, Stdin: e.Stdin, Stdout: e.Stdout, Stderr: e.Stderr,
			Now: e.Now, Listening: e.Listening,
			Passwords: auth.HashParams{MemoryKiB: 64, Passes: 1, Lanes: 1},
			// Tests wait for lines in the file, and a busy machine is no event.
			Log: func(c *pairlog.Config) { c.FlushEvery, c.SlowQuery = time.Millisecond, -1 },
		}
		for _, v := range vary {
			v(p)
		}
		return p.Run
	}
}

// start boots the real program and makes the test a parallel one.
func start(t *testing.T, o pairlytest.Options, vary ...func(*program)) *pairlytest.App {
	t.Helper()
	t.Parallel()
	return pairlytest.Start(t, o, boot(vary...))
}

// wantStatus compares an answer's status, and its error code where one is
// expected.
func wantStatus(t *testing.T, a pairlytest.Answer, status int, code string) {
	t.Helper()
	if a.Status != status || a.Body.Text("error_code") != code {
		t.Fatalf("answer = %d %q, want %d %q: %s", a.Status, a.Body.Text("error_code"), status, code, a.Raw)
	}
	if code != "" && a.Body.Text("request_id") != a.RequestID {
		t.Errorf("request_id = %q in the body, %q in the header", a.Body.Text("request_id"), a.RequestID)
	}
}

// find returns the first record of the event.
func find(t *testing.T, rs []pairlytest.Record, event string) pairlytest.Record {
	t.Helper()
	for _, r := range rs {
		if r.Event() == event {
			return r
		}
	}
	t.Fatalf("events = %v, want %q among them", pairlytest.Events(rs), event)
	return pairlytest.Record{}
}

// wantMember compares a member of a record, as text.
func wantMember(t *testing.T, r pairlytest.Record, want string, path ...string) {
	t.Helper()
	if !r.Has(path...) || r.Text(path...) != want {
		t.Errorf("%s: %v = %q, want %q: %s", r.Event(), path, r.Text(path...), want, r.Raw)
	}
}

// wantNull wants a member of a record to be null.
func wantNull(t *testing.T, r pairlytest.Record, path ...string) {
	t.Helper()
	if !r.Null(path...) {
		t.Errorf("%s: %v = %q, want null: %s", r.Event(), path, r.Text(path...), r.Raw)
	}
}
