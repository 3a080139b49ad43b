package realtime_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/realtime"
	"github.com/pairly/pairlog/pairly/service/message"
)

func TestOurFaultCloses1011(t *testing.T) {
	for name, send := range map[string]func(context.Context, message.SendRequest) (message.SendResult, error){
		"error": func(context.Context, message.SendRequest) (message.SendResult, error) {
			return message.SendResult{}, errors.New("disk full")
		},
		"panic": func(context.Context, message.SendRequest) (message.SendResult, error) { panic("a bug") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.send = send
			p := w.chat(alice, "of alice")
			p.say(toBob)
			p.closed(1011)
			end := w.await(t, "ws_disconnected", 1)[0]
			if end["close_code"] != 1011.0 {
				t.Errorf("close_code = %v, want 1011", end["close_code"])
			}
			if panics := name == "panic"; (end["outcome"] == "panic") != panics || (end["level"] == "ERROR") != panics {
				t.Errorf("ws_disconnected = %v, want it at ERROR with outcome panic: %v", end, panics)
			}
			for _, rec := range append(w.find(t, "ws_error"), w.find(t, "panic_recovered")...) {
				if rec["connection_id"] != end["connection_id"] || rec["user_id"] != alice {
					t.Errorf("line %v is not the socket's", rec)
				}
			}
			if n := len(w.find(t, "ws_error")); n != 1 {
				t.Errorf("ws_error was written %d times, want once", n)
			}
			if got, want := len(w.find(t, "panic_recovered")), map[string]int{"panic": 1}[name]; got != want {
				t.Errorf("panic_recovered was written %d times, want %d", got, want)
			}
			w.await(t, "set_offline", 1)
		})
	}
}

// The lines of a panic are the socket's own, with what it did before, quiet lines too.
func TestPanicIsToldInTheSocketsScope(t *testing.T) {
	logs := logtest.NewWith(t, pairlog.Config{})
	w := newWorld(t, func(c *realtime.Config) {
		c.Log, c.Recover = logs.Logger("websocket.messaging"), logs.Logger("app.recover")
	})
	w.send = func(context.Context, message.SendRequest) (message.SendResult, error) { panic("a bug") }
	p := w.chat(alice, "of alice")
	p.say(toBob)
	p.closed(1011)
	w.await(t, "set_offline", 1)
	end := logs.One("ws_disconnected")
	if end.Level() != "ERROR" || end.String("outcome") != "panic" || end.Int("close_code") != 1011 {
		t.Errorf("line: %s\nwant 1011 at ERROR with outcome panic", end.Line)
	}
	for event, logger := range map[string]string{"panic_recovered": "app.recover", "ws_error": "websocket.messaging"} {
		rec := logs.One(event)
		if rec.Logger() != logger || rec.String("connection_id") != end.String("connection_id") || rec.String("user_id") != alice ||
			!strings.Contains(rec.Line, `"event":"ws_auth_success"`) || !strings.Contains(rec.String("stack_trace"), "realtime") {
			t.Errorf("line: %s\nwant it on %s, with the ids, breadcrumbs and stack of the socket", rec.Line, logger)
		}
	}
	if rec := logs.One("ws_message_received"); !rec.Bool("recorded") {
		t.Errorf("line: %s\nwant the recorder's", rec.Line)
	}
}

// A panic beside the reader ends the one connection, and tells its user why.
func TestPanicOfTheWriter(t *testing.T) {
	w := newWorld(t, nil)
	w.beat = func() { panic("a bug") }
	p := w.chat(alice, "of alice")
	w.clock.advance(15 * time.Second)
	p.closed(1011)
	if got := w.await(t, "ws_disconnected", 1)[0]["close_code"]; got != 1011.0 {
		t.Errorf("close_code = %v, want 1011", got)
	}
	if recs := w.find(t, "panic_recovered"); len(recs) != 1 || recs[0]["endpoint"] != "/ws" {
		t.Errorf("panic_recovered = %v, want one of endpoint /ws", recs)
	}
}

// The keeper goes on after a panic: sockets without a token are still closed.
func TestPanicOfTheKeeper(t *testing.T) {
	var panicked atomic.Bool
	w := newWorld(t, func(c *realtime.Config) {
		now := c.Now
		c.Now = func() time.Time {
			var pcs [8]uintptr
			frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
			for f, more := frames.Next(); ; f, more = frames.Next() {
				if strings.HasSuffix(f.Function, ".keep") && panicked.CompareAndSwap(false, true) {
					panic("a bug")
				}
				if !more {
					return now()
				}
			}
		}
	})
	w.await(t, "panic_recovered", 1)
	p := w.dial(alice)
	w.clock.advance(time.Minute)
	p.closed(realtime.CloseAuthTimeout)
}

func TestSessionThatEndsClosesItsSocket(t *testing.T) {
	revoked := pairly.Errorf(pairly.EUnauthorized, "session_revoked", "revoked")
	suspended := pairly.Errorf(pairly.EForbidden, "account_suspended", "suspended")
	t.Run("at the next frame", func(t *testing.T) {
		w := newWorld(t, nil)
		p := w.chat(alice, "of alice")
		w.failRecheck(suspended)
		p.say(`{"type":"ping"}`)
		p.closed(realtime.CloseForbidden)
	})
	t.Run("while it is silent", func(t *testing.T) {
		w := newWorld(t, nil)
		p := w.chat(alice, "of alice")
		w.failRecheck(revoked)
		w.clock.advance(15 * time.Second)
		p.closed(realtime.CloseUnauthorized)
	})
	t.Run("at once, when told", func(t *testing.T) {
		w := newWorld(t, nil)
		p, other := w.chat(alice, "of alice"), w.chat(bob, "of bob")
		w.hub.SessionEnded(alice, "another session", pairly.RevokedLogout)
		w.hub.SessionEnded(alice, "session of alice", pairly.RevokedReuse)
		p.closed(realtime.CloseUnauthorized)
		w.hub.SessionEnded(bob, "session of bob", pairly.RevokedSuspended)
		other.closed(realtime.CloseForbidden)
	})
}

func TestSilentSocketIsPingedThenGivenUp(t *testing.T) {
	w := newWorld(t, nil)
	alive, dead := w.chat(alice, "of alice"), w.chat(bob, "of bob")
	heard := make(chan map[string]any)
	go func() {
		defer close(heard)
		for { // reading answers pings
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			_, b, err := alive.Read(ctx)
			cancel()
			if err != nil {
				return
			}
			heard <- map[string]any{"frame": string(b)}
		}
	}()
	_ = dead // its client does not read: no pong
	w.clock.advance(time.Minute)
	// Both are pinged; the pong of the living one comes in real time.
	deadline := time.Now().Add(patience)
	for w.hub.Unanswered() != 1 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	w.clock.advance(45 * time.Second)
	end := w.await(t, "ws_disconnected", 1)
	if end[0]["user_id"] != bob || end[0]["close_code"] != 1006.0 {
		t.Errorf("ws_disconnected = %v, want bob's with code 1006", end[0])
	}
	alive.say(`{"type":"ping"}`)
	if f := <-heard; f["frame"] != `{"type":"pong"}` {
		t.Errorf("living socket heard %v, want pong", f)
	}
	alive.CloseNow()
	<-heard
}

func TestSlowClientIsCutOff(t *testing.T) {
	w := newWorld(t, func(c *realtime.Config) { c.Backlog = 1 })
	sender := w.chat(alice, "of alice")
	w.chat(bob, "of bob") // does not read
	frame := strings.Replace(toBob, "the text", strings.Repeat("x", 12<<10), 1)
	for range 4000 { // more than the buffers of a loopback connection
		sender.say(frame)
		sender.hear()
		if len(w.find(t, "ws_delivery_failed")) > 0 {
			break
		}
	}
	failed := w.await(t, "ws_delivery_failed", 1)[0]
	if failed["user_id"] != bob || failed["error_type"] != "backlog_full" {
		t.Errorf("ws_delivery_failed = %v, want bob's with backlog_full", failed)
	}
	w.cutAll()
	w.await(t, "ws_disconnected", 1)
}

// cutAll shuts the hub down without patience.
func (w *world) cutAll() {
	w.t.Helper()
	impatient := errors.New("no patience")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(impatient)
	if err := w.hub.Shutdown(ctx); !errors.Is(err, impatient) {
		w.t.Errorf("Shutdown with an ended context = %v, want its cause", err)
	}
}

func TestShutdownDrains(t *testing.T) {
	w := newWorld(t, nil)
	p, unknown := w.chat(alice, "of alice"), w.dial(bob)
	done := make(chan error)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		done <- w.hub.Shutdown(ctx)
	}()
	p.closed(1001)
	unknown.closed(1001)
	if err := <-done; err != nil {
		t.Errorf("Shutdown = %v, want nil", err)
	}
	for _, l := range w.find(t, "ws_disconnected") {
		if l["close_code"] != 1001.0 {
			t.Errorf("ws_disconnected = %v, want code 1001", l)
		}
	}
	if got := w.hub.Connections(); got != 0 {
		t.Errorf("Connections after Shutdown = %d, want 0", got)
	}
	if got := w.refusal(nil); got != "shutting_down" {
		t.Errorf("upgrade after Shutdown answered %q, want shutting_down", got)
	}
}

func TestTooManySocketsOfOneUser(t *testing.T) {
	w := newWorld(t, func(c *realtime.Config) { c.MaxPerUser = 2 })
	w.chat(alice, "of alice")
	w.chat(alice, "of alice")
	p := w.dial(alice)
	p.say(`{"token":"of alice"}`)
	p.closed(realtime.CloseAbuse)
}

// refusal sends an upgrade with the headers changed and returns the error
// code, "" when it was accepted.
func (w *world) refusal(header map[string]string) string {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/"+alice, nil)
	r.Host = "api.pairly.example"
	for k, v := range map[string]string{
		"Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
	} {
		r.Header.Set(k, v)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	return pairly.ErrorCode(w.hub.CheckUpgrade(r))
}

func TestCheckUpgrade(t *testing.T) {
	w := newWorld(t, nil)
	f := func(name, value, want string) {
		t.Helper()
		if got := w.refusal(map[string]string{name: value}); got != want {
			t.Errorf("CheckUpgrade with %s: %q = %q, want %q", name, value, got, want)
		}
	}
	f("Origin", "", "")
	f("Origin", "https://pairly.example", "")
	f("Origin", "https://api.pairly.example", "")
	f("Origin", "https://evil.example", "origin_not_allowed")
	f("Origin", "https://pairly.example.evil.example", "origin_not_allowed")
	f("Origin", "http://pairly.example", "origin_not_allowed")
	f("Origin", "null", "origin_not_allowed")
	f("Connection", "close", "upgrade_required")
	f("Upgrade", "h2c", "upgrade_required")
	f("Sec-WebSocket-Version", "8", "handshake_invalid")
	f("Sec-WebSocket-Key", "short", "handshake_invalid")
}

func TestClientThatGoesWithoutAWord(t *testing.T) {
	w := newWorld(t, nil)
	p := w.chat(alice, "of alice")
	p.CloseNow()
	if got := w.await(t, "ws_disconnected", 1)[0]["close_code"]; got != 1006.0 {
		t.Errorf("close_code = %v, want 1006", got)
	}
	w.await(t, "set_offline", 1)
	if n := len(w.find(t, "ws_error")); n != 0 {
		t.Errorf("ws_error was written %d times for a lost connection, want 0", n)
	}
}
