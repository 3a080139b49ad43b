package bench

import (
	"bytes"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
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

var _ = slog.LevelInfo
