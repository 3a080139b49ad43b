package bench

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/sqllog"
)

// answer is a small JSON answer, as most requests get one.
var answer = []byte(`{"id":"507f1f77bcf86cd799439011","status":"ok"}`)

// trivial is a handler that a router has called, and that knows the user.
func trivial(user func(r *http.Request, id string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = webRoute
		if user != nil {
			user(r, webUser)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
	}
}

// memoryWriter is a ResponseWriter that keeps nothing.
type memoryWriter struct{ header http.Header }

func (w *memoryWriter) Header() http.Header         { return w.header }
func (w *memoryWriter) WriteHeader(int)             {}
func (w *memoryWriter) Write(p []byte) (int, error) { return len(p), nil }

func webRequestIn() *http.Request {
	r := httptest.NewRequest(webMethod, webPath+"?"+webQuery, nil)
	r.RemoteAddr = webIP + ":51234"
	r.Header.Set("User-Agent", webAgent)
	r.Header.Set("X-Request-ID", webRequest)
	return r
}

// BenchmarkRequest is a request through each middleware in memory: what the
// logging of a request costs, without a network.
func BenchmarkRequest(b *testing.B) {
	for _, m := range middlewares {
		b.Run(m.name, func(b *testing.B) {
			h, close := m.wrap(lockedDiscard{}, trivial(m.user))
			defer close()
			benchRequest(b, h)
		})
	}
}

func benchRequest(b *testing.B, h http.Handler) {
	req := webRequestIn()
	w := &memoryWriter{header: make(http.Header)}
	b.ReportAllocs()
	cpu := cpuTime()
	for b.Loop() {
		clear(w.header)
		h.ServeHTTP(w, req)
	}
	reportCPU(b, cpu)
}

// BenchmarkRequestDB is a request of BenchmarkRequest that sends three statements:
// what they cost the line, and counting them.
func BenchmarkRequestDB(b *testing.B) {
	st := sqllog.NewStatements(sqllog.Config{})
	counted := func(handler http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i, query := range []string{requestSQL, "UPDATE users SET seen_at = $1 WHERE id = $2", requestSQL} {
				st.Done(r.Context(), sqllog.Execution{Statement: st.Statement(query), Took: time.Duration(900-100*i) * time.Microsecond})
			}
			handler(w, r)
		}
	}
	for _, m := range middlewares[:2] {
		b.Run(m.name, func(b *testing.B) {
			h, close := m.wrap(lockedDiscard{}, counted(trivial(m.user)))
			defer close()
			benchRequest(b, h)
		})
	}
}

const requestSQL = "SELECT id, email, display_name, created_at, deleted_at FROM users WHERE id = $1 AND deleted_at IS NULL"

// quiet are configurations in which the line of a request is not written.
var quiet = map[string]struct {
	level slog.Level
	c     httplog.Config
}{
	"below-level": {level: slog.LevelWarn},
	"sampled-out": {c: httplog.Config{Sample: func(httplog.Outcome) float64 { return 0 }}},
	"skipped":     {c: httplog.Config{Skip: func(httplog.Outcome) bool { return true }}},
}

// BenchmarkQuiet is a request whose line is not written, to a handler that adds
// nothing to it; "frame" is middleware that does not log at all.
func BenchmarkQuiet(b *testing.B) {
	b.Run("none", func(b *testing.B) { benchRequest(b, trivial(nil)) })
	b.Run("frame", func(b *testing.B) {
		defer closePipeline(open(lockedDiscard{})) // so that the collector has the same to do
		benchRequest(b, framed{trivial(nil)})
	})
	for _, name := range slices.Sorted(maps.Keys(quiet)) {
		b.Run(name, func(b *testing.B) {
			p := open(lockedDiscard{})
			defer closePipeline(p)
			p.SetLevel("", quiet[name].level)
			c := quiet[name].c
			c.Logger = p.Logger(scopedLogger)
			benchRequest(b, httplog.Middleware(c)(trivial(nil)))
		})
	}
}

// BenchmarkLateAttr is one attr added to the scope of a request, which gets four
// of them; "scope" is the same without the attrs.
func BenchmarkLateAttr(b *testing.B) {
	for name, adds := range map[string]bool{"pairlog": true, "scope": false} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var ctx context.Context
			cpu := cpuTime()
			for i := 0; b.Loop(); i++ {
				if i&3 == 0 {
					ctx, _ = pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: webRequest})
				}
				switch {
				case !adds:
				case i&3 == 0:
					pairlog.Add(ctx, slog.String(pairlog.KeyUserID, webUser))
				case i&3 == 1:
					pairlog.Add(ctx, slog.String("session_id", webRequest))
				case i&3 == 2:
					pairlog.Add(ctx, slog.Int("items", i))
				case i&3 == 3:
					pairlog.Add(ctx, slog.Bool("cached", true))
				}
			}
			reportCPU(b, cpu)
		})
	}
}

// TestRequestContent holds pairlog's line against the hand-written one with the
// same members, and checks that each line tells of the user.
func TestRequestContent(t *testing.T) {
	lines := map[string]map[string]string{}
	for _, m := range middlewares {
		var buf bytes.Buffer
		h, close := m.wrap(&buf, trivial(m.user))
		w := &memoryWriter{header: make(http.Header)}
		h.ServeHTTP(w, webRequestIn())
		close()
		if m.user == nil {
			continue
		}
		if !bytes.Contains(buf.Bytes(), []byte(webUser)) {
			t.Errorf("%s does not tell of the user: %s", m.name, &buf)
		}
		lines[m.name] = content(t, buf.Bytes())
		for _, vary := range []string{"duration_ms", "ttfb_ms"} {
			delete(lines[m.name], vary)
		}
	}
	if got, want := lines["pairlog"], lines["hand-written"]; !maps.Equal(got, want) {
		t.Errorf("pairlog and hand-written differ in %v\n got %v\nwant %v", differing(got, want), got, want)
	}
}
