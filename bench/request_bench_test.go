package bench

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// answer is a small JSON answer, as most requests get one.
var answer = []byte(`{"id":"507f1f77bcf86cd799439011","status":"ok"}`)

func trivial(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(answer)
}

// afterWaiting answers after a millisecond, as a request to a database does.
func afterWaiting(w http.ResponseWriter, r *http.Request) {
	time.Sleep(time.Millisecond)
	trivial(w, r)
}

// memoryWriter is a ResponseWriter that keeps nothing.
type memoryWriter struct{ header http.Header }

func (w *memoryWriter) Header() http.Header         { return w.header }
func (w *memoryWriter) WriteHeader(int)             {}
func (w *memoryWriter) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkRequest is a request through each middleware in memory: what the
// logging of a request costs, without a network.
func BenchmarkRequest(b *testing.B) {
	for _, m := range middlewares {
		b.Run(m.name, func(b *testing.B) {
			h, close := m.wrap(lockedDiscard{}, http.HandlerFunc(trivial))
			defer close()
			req := httptest.NewRequest("POST", "/api/auth/login?page=2&sort=newest", nil)
			req.Header.Set("User-Agent", webAgent)
			req.Header.Set("X-Request-ID", webRequest)
			w := &memoryWriter{header: make(http.Header)}
			b.ReportAllocs()
			cpu := cpuTime()
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, req)
			}
			reportCPU(b, cpu)
		})
	}
}

// BenchmarkLoopback is a request over loopback with the client in the same
// process, to a handler that does nothing and to one that waits for a
// millisecond.
func BenchmarkLoopback(b *testing.B) {
	for _, kind := range []struct {
		name    string
		handler http.HandlerFunc
	}{{"trivial", trivial}, {"1ms", afterWaiting}} {
		for _, m := range middlewares {
			b.Run(kind.name+"/"+m.name, func(b *testing.B) {
				h, close := m.wrap(lockedDiscard{}, kind.handler)
				defer close()
				srv := httptest.NewServer(h)
				defer srv.Close()
				client := srv.Client()
				client.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
				b.ReportAllocs()
				b.SetParallelism(8)
				cpu := cpuTime()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						resp, err := client.Get(srv.URL + "/api/auth/login?page=2")
						if err != nil {
							b.Error(err)
							return
						}
						io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}
				})
				reportCPU(b, cpu)
			})
		}
	}
}
