package httplog_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

// A live is a server with the middleware, for one request.
type live struct {
	*httptest.Server
	logs *logtest.Recorder
	stop context.CancelCauseFunc // of the context that the server was given
	done chan struct{}           // closed when the middleware has returned
}

// goLive makes a server whose handler is h, with whatever around puts between the
// server and the middleware. It is not started yet.
func goLive(t *testing.T, h http.HandlerFunc, around func(http.Handler) http.Handler) *live {
	s := &live{logs: logtest.New(t), done: make(chan struct{})}
	handler := httplog.Middleware(httplog.Config{Logger: s.logs.Logger("api.request")})(h)
	if around != nil {
		handler = around(handler)
	}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(s.done)
		handler.ServeHTTP(w, r)
	}))
	base, stop := context.WithCancelCause(context.Background())
	s.stop = stop
	s.Config.BaseContext = func(net.Listener) context.Context { return base }
	t.Cleanup(s.Close)
	t.Cleanup(func() { stop(nil) })
	return s
}

// expect waits for the end of the request and looks at its line.
func (s *live) expect(t *testing.T, status int64, level, outcome string) {
	t.Helper()
	<-s.done
	rec := s.logs.One("http_request")
	if rec.Int("status_code") != status || rec.Level() != level || rec.String("outcome") != outcome {
		t.Errorf("want %d at %s with outcome %q: %s", status, level, outcome, rec.Line)
	}
}

// get sends a request and reads the answer, whatever it is.
func (s *live) get() (status int, err error) {
	resp, err := s.Client().Get(s.URL)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// A write that the server does not take is no sign that the client has left.
func TestServerCuts(t *testing.T) {
	body := make([]byte, 100_000)
	t.Run("WriteTimeout", func(t *testing.T) {
		s := goLive(t, func(w http.ResponseWriter, r *http.Request) { w.Write(body) }, nil)
		s.Config.WriteTimeout = time.Nanosecond
		s.Start()
		s.get()
		s.expect(t, 200, "WARNING", "write_failed")
	})
	for name, answer := range map[string]func(http.ResponseWriter){
		"nothing":   func(http.ResponseWriter) {},
		"some text": func(w http.ResponseWriter) { io.WriteString(w, "some text") },
		"a page":    func(w http.ResponseWriter) { w.Write(body[:3000]) },
		"no body":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
	} {
		t.Run("WriteTimeout, then "+name, func(t *testing.T) {
			s := goLive(t, func(w http.ResponseWriter, r *http.Request) {
				waitPast(r.Context(), 20*time.Millisecond)
				answer(w)
			}, nil)
			s.Config.WriteTimeout = 20 * time.Millisecond
			s.Start()
			if status, err := s.get(); err == nil {
				t.Errorf("client saw %d", status)
			}
			want := int64(http.StatusOK)
			if name == "nothing" {
				want = 0
			}
			s.expect(t, want, "WARNING", "write_failed")
		})
	}
	t.Run("WriteTimeout, put off", func(t *testing.T) {
		s := goLive(t, func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute))
			waitPast(r.Context(), 20*time.Millisecond)
			w.WriteHeader(http.StatusAccepted)
			io.WriteString(w, "some text")
		}, nil)
		s.Config.WriteTimeout = 20 * time.Millisecond
		s.Start()
		if status, err := s.get(); status != http.StatusAccepted || err != nil {
			t.Errorf("client saw %d, %v", status, err)
		}
		s.expect(t, http.StatusAccepted, "INFO", "")
	})
	t.Run("write deadline", func(t *testing.T) {
		s := goLive(t, func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).SetWriteDeadline(time.Now().Add(-time.Second))
			w.Write(body)
			w.Write(body)
		}, nil)
		s.Start()
		s.get()
		s.expect(t, 200, "WARNING", "write_failed")
	})
	t.Run("write deadline, flushed", func(t *testing.T) {
		s := goLive(t, func(w http.ResponseWriter, r *http.Request) {
			rc := http.NewResponseController(w)
			rc.SetWriteDeadline(time.Now().Add(-time.Second))
			io.WriteString(w, "hello")
			if rc.Flush() == nil {
				t.Error("flushed, after the deadline")
			}
		}, nil)
		s.Start()
		s.get()
		s.expect(t, 200, "WARNING", "write_failed")
	})
	t.Run("HTTP/2: write deadline, nothing written", func(t *testing.T) {
		s := goLive(t, func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Millisecond))
			<-r.Context().Done()
		}, nil)
		s.EnableHTTP2 = true
		s.StartTLS()
		if status, err := s.get(); err == nil {
			t.Errorf("client saw %d", status)
		}
		s.expect(t, 0, "WARNING", "write_failed")
	})
	t.Run("HTTP/2: write deadline, answer 503", func(t *testing.T) {
		s := goLive(t, func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Millisecond))
			<-r.Context().Done()
			w.WriteHeader(503)
		}, nil)
		s.EnableHTTP2 = true
		s.StartTLS()
		s.get()
		s.expect(t, 503, "ERROR", "write_failed")
	})
	t.Run("more than Content-Length", func(t *testing.T) {
		var s *live
		s = goLive(t, func(w http.ResponseWriter, r *http.Request) {
			s.stop(nil)
			<-r.Context().Done()
			w.Header().Set("Content-Length", "2")
			if _, err := io.WriteString(w, "hello"); err != http.ErrContentLength {
				t.Errorf("write: %v", err)
			}
		}, nil)
		s.Start()
		s.get()
		s.expect(t, 200, "INFO", "write_failed")
	})
}

// waitPast waits until so much time has passed on the clock that deadlines go by.
func waitPast(ctx context.Context, d time.Duration) {
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), d+5*time.Millisecond)
	defer cancel()
	<-late.Done()
}

// A client that leaves while it is being told keeps the status that it was told.
func TestClientLeavesWithinBody(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		s := goLive(t, func(w http.ResponseWriter, r *http.Request) {
			part := make([]byte, 1<<16)
			for {
				if _, err := w.Write(part); err != nil {
					return
				}
			}
		}, nil)
		if s.EnableHTTP2 = http2; http2 {
			s.StartTLS()
		} else {
			s.Start()
		}
		resp, err := s.Client().Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close() // unread: the connection, or the stream, is reset
		s.expect(t, 200, "INFO", "client_gone")
	}
}

// plain hides the optional interfaces of a writer.
type plain struct{ http.ResponseWriter }

// unwrapped tells of the writer below it.
type unwrapped struct{ plain }

func (w unwrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// pretends has a CloseNotify without one below it, as wrappers in use do.
type pretends struct{ plain }

func (w pretends) CloseNotify() <-chan bool {
	return w.ResponseWriter.(interface{ Absent() <-chan bool }).Absent()
}

func around(wrap func(http.ResponseWriter) http.ResponseWriter) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(wrap(w), r) })
	}
}

// The context of a request ends when the one below it does, whoever asks and when,
// and never where that never does.
func TestDone(t *testing.T) {
	base, cancel := context.WithCancel(context.Background())
	handler := httplog.Middleware(httplog.Config{Logger: logtest.New(t).Logger("api.request")})(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			if first, second := ctx.Done(), ctx.Done(); first != second || first != base.Done() {
				t.Error("Done is another channel than that of the context below")
			}
			child, stop := context.WithTimeout(ctx, time.Hour)
			defer stop()
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() { <-ctx.Done() })
				wg.Go(func() { <-child.Done() })
			}
			cancel()
			wg.Wait()
			if !errors.Is(ctx.Err(), context.Canceled) || !errors.Is(child.Err(), context.Canceled) {
				t.Errorf("errors %v and %v, want that of a canceled context", ctx.Err(), child.Err())
			}
		}))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(base))

	handler = httplog.Middleware(httplog.Config{Logger: logtest.New(t).Logger("api.request")})(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if first, second := r.Context().Done(), r.Context().Done(); first != nil || second != nil {
				t.Errorf("Done = %v, %v, want nil: nobody ends the context below", first, second)
			}
		}))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
}

// Who has ended the context is asked of the server's writer, through other
// middleware where that tells of it. Where it does not, a cause tells that it was
// not the client.
func TestWhoEndedTheContext(t *testing.T) {
	none := around(func(w http.ResponseWriter) http.ResponseWriter { return w })
	unwraps := around(func(w http.ResponseWriter) http.ResponseWriter { return unwrapped{plain{unwrapped{plain{w}}}} })
	hides := around(func(w http.ResponseWriter) http.ResponseWriter { return plain{w} })
	claims := around(func(w http.ResponseWriter) http.ResponseWriter { return pretends{plain{w}} })
	cause := errors.New("shutting down")
	for _, c := range []struct {
		name    string
		around  func(http.Handler) http.Handler
		client  bool  // it is the client that leaves
		cause   error // of the one who ends the context else
		asks    bool  // the handler waits for the channel of CloseNotify
		status  int64
		level   string
		outcome string
	}{
		{"client", none, true, nil, false, 499, "INFO", "client_gone"},
		{"shutdown", none, false, nil, false, 503, "ERROR", ""},
		{"client, unwrapped", unwraps, true, nil, false, 499, "INFO", "client_gone"},
		{"shutdown, unwrapped", unwraps, false, nil, false, 503, "ERROR", ""},
		{"client, hidden", hides, true, nil, false, 499, "INFO", "client_gone"},
		{"shutdown with a cause, hidden", hides, false, cause, false, 503, "ERROR", ""},
		{"client, pretended", claims, true, nil, false, 499, "INFO", "client_gone"},
		{"shutdown with a cause, pretended", claims, false, cause, false, 503, "ERROR", ""},
		{"client, asked for", none, true, nil, true, 499, "INFO", "client_gone"},
		{"shutdown with a cause, asked for", none, false, cause, false, 503, "ERROR", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			started := make(chan struct{})
			s := goLive(t, func(w http.ResponseWriter, r *http.Request) {
				close(started)
				if c.asks {
					//lint:ignore SA1019 this is what it is about
					<-w.(http.CloseNotifier).CloseNotify()
				}
				<-r.Context().Done()
				w.WriteHeader(503)
			}, c.around)
			s.Start()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-started
				if c.client {
					cancel()
				} else {
					s.stop(c.cause)
				}
			}()
			r, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := s.Client().Do(r)
			if (err != nil) != c.client {
				t.Fatalf("client: %v", err)
			}
			if err == nil {
				resp.Body.Close()
			}
			s.expect(t, c.status, c.level, c.outcome)
			if gone := c.status == 499; s.logs.One("http_request").Has("handler_status") != gone {
				t.Errorf("handler_status: %s", s.logs.One("http_request").Line)
			}
		})
	}
}
