package httplog_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/redact"
)

// normative are the members of an http_request line that are always there.
var normative = []string{
	"timestamp", "level", "logger", "request_id", "event", "method", "path", "query_params", "client_ip",
	"user_agent", "user_id", "status_code", "duration_ms", "response_size_bytes",
}

// serve sends one request through the middleware to a handler.
func serve(c httplog.Config, r *http.Request, h http.HandlerFunc) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	httplog.Middleware(c)(h).ServeHTTP(w, r)
	return w
}

func TestLineShape(t *testing.T) {
	logs := logtest.NewWith(t, pairlog.Config{Redact: redact.Config{PII: redact.PIIFull}})
	r := httptest.NewRequest("POST", "/api/auth/login", strings.NewReader("0123456789"))
	r.RemoteAddr = "192.168.1.100:4711"
	r.Header.Set("User-Agent", "Mozilla/5.0")
	r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	serve(httplog.Config{Logger: logs.Logger("api.request")}, r, func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = "POST /api/auth/login"
		io.Copy(io.Discard, r.Body)
		pairlog.Add(r.Context(), slog.String("session_id", "abc123"))
		w.Write(make([]byte, 1024))
	})

	rec := logs.One("http_request")
	if got := rec.Keys[:len(normative)]; !slices.Equal(got, normative) {
		t.Errorf("keys %v\nwant %v", got, normative)
	}
	want := []string{"route", "protocol", "request_size_bytes", "ttfb_ms", "session_id", "trace_id", "span_id"}
	if got := rec.Keys[len(normative):]; !slices.Equal(got, want) {
		t.Errorf("further keys %v, want %v", got, want)
	}
	for want, member := range map[string]string{
		"INFO": "level", "api.request": "logger", "POST": "method", "/api/auth/login": "path", "192.168.1.100": "client_ip",
		"Mozilla/5.0": "user_agent", "POST /api/auth/login": "route", "HTTP/1.1": "protocol",
		"4bf92f3577b34da6a3ce929d0e0e4736": "trace_id", "00f067aa0ba902b7": "span_id",
	} {
		if got := rec.String(member); got != want {
			t.Errorf("%s = %q, want %q", member, got, want)
		}
	}
	for _, part := range []string{`"query_params":{}`, `"user_id":null`, `"status_code":200`, `"response_size_bytes":1024`, `"request_size_bytes":10`} {
		if !strings.Contains(rec.Line, part) {
			t.Errorf("line %s\nhas no %s", rec.Line, part)
		}
	}
}

// What the handler adds is on the request line and on later lines, also when
// many goroutines add at once; user_id takes its place.
func TestLateAttrs(t *testing.T) {
	logs := logtest.New(t)
	serve(httplog.Config{Logger: logs.Logger("api.request")}, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				pairlog.Add(r.Context(), slog.Int("part", i), slog.Int(fmt.Sprintf("part_%d", i), i))
				httplog.SetError(r.Context(), io.ErrUnexpectedEOF)
				httplog.SetRoute(r.Context(), "/")
			})
		}
		wg.Wait()
		pairlog.Add(r.Context(), slog.String("user_id", "u1"), slog.Int("part", 99))
		logs.Logger("service.test").InfoContext(r.Context(), "worked")
	})
	line, later := logs.One("http_request"), logs.One("worked")
	for _, rec := range []logtest.Record{line, later} {
		if got := rec.Int("part"); got != 99 {
			t.Errorf("%s: part = %d, want 99, the last one", rec.Event(), got)
		}
		if got := rec.Int("part_7"); got != 7 {
			t.Errorf("%s: part_7 = %d, want 7", rec.Event(), got)
		}
		if got := rec.String("user_id"); got != "u1" {
			t.Errorf("%s: user_id = %q, want u1", rec.Event(), got)
		}
	}
	if got := line.Keys[10]; got != "user_id" {
		t.Errorf("key 10 is %s, want user_id", got)
	}
	if got := strings.Count(line.Line, `"user_id"`); got != 1 {
		t.Errorf("user_id is %d times on the line, want once", got)
	}
}

func TestLevels(t *testing.T) {
	for status, want := range map[int]string{
		200: "INFO", 204: "INFO", 302: "INFO", 400: "INFO", 404: "INFO", 422: "INFO",
		401: "WARNING", 403: "WARNING", 429: "WARNING", 500: "ERROR", 502: "ERROR", 503: "ERROR",
	} {
		logs := logtest.New(t)
		serve(httplog.Config{Logger: logs.Logger("api.request")}, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
		})
		if got := logs.One("http_request").Level(); got != want {
			t.Errorf("status %d is logged at %s, want %s", status, got, want)
		}
	}
}

func TestHealth(t *testing.T) {
	for path, want := range map[string]string{"/api/health": "DEBUG", "/api/health/ready": "DEBUG", "/live/x": "DEBUG", "/api/healthy": "INFO"} {
		logs := logtest.New(t)
		c := httplog.Config{Logger: logs.Logger("api.request"), Health: []string{"/api/health", "/api/health/ready", "/live/*"}}
		serve(c, httptest.NewRequest("GET", path, nil), func(http.ResponseWriter, *http.Request) {})
		if got := logs.One("http_request").Level(); got != want {
			t.Errorf("%s is logged at %s, want %s", path, got, want)
		}
	}
	logs := logtest.New(t)
	c := httplog.Config{Logger: logs.Logger("api.request"), Health: []string{"/api/health/ready"}}
	serve(c, httptest.NewRequest("GET", "/api/health/ready", nil), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	if got := logs.One("http_request").Level(); got != "ERROR" {
		t.Errorf("a failing health check is logged at %s, want ERROR", got)
	}
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		c := httplog.Config{Logger: logs.Logger("api.request"), Slow: time.Second, Stuck: -1}
		get := func(h http.HandlerFunc) logtest.Record {
			logs.Reset()
			serve(c, httptest.NewRequest("GET", "/", nil), h)
			return logs.One("http_request")
		}
		rec := get(func(http.ResponseWriter, *http.Request) { time.Sleep(1500 * time.Millisecond) })
		if rec.Level() != "WARNING" || !rec.Bool("slow") || !strings.Contains(rec.Line, `"duration_ms":1500.00`) {
			t.Errorf("slow request: %s", rec.Line)
		}
		rec = get(func(http.ResponseWriter, *http.Request) { time.Sleep(999 * time.Millisecond) })
		if rec.Level() != "INFO" || rec.Has("slow") {
			t.Errorf("request below the threshold: %s", rec.Line)
		}
		rec = get(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.(http.Flusher).Flush()
			time.Sleep(time.Hour)
		})
		if rec.Level() != "INFO" || rec.Has("slow") {
			t.Errorf("event stream: %s", rec.Line)
		}
		rec = get(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(200 * time.Millisecond)
			io.WriteString(w, "x")
			time.Sleep(100 * time.Millisecond)
		})
		if !strings.Contains(rec.Line, `"ttfb_ms":200.00`) || !strings.Contains(rec.Line, `"duration_ms":300.00`) {
			t.Errorf("first byte after 200 ms of 300: %s", rec.Line)
		}
	})
}

// The flight recorder's lines are written when a request is slow or fails, and
// counted on the line of one that does not.
func TestFlightRecorder(t *testing.T) {
	logs := logtest.NewWith(t, pairlog.Config{Level: slog.LevelInfo})
	c := httplog.Config{Logger: logs.Logger("api.request")}
	debug := logs.Logger("service.test")
	serve(c, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, r *http.Request) {
		debug.DebugContext(r.Context(), "step")
	})
	logs.None("step")
	if got := logs.One("http_request").Int("recorded_lines"); got != 1 {
		t.Errorf("recorded_lines = %d, want 1", got)
	}
	logs.Reset()
	serve(c, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, r *http.Request) {
		debug.DebugContext(r.Context(), "step")
		w.WriteHeader(500)
	})
	if !logs.One("step").Bool("recorded") {
		t.Error("the line of a failed request is not marked as recorded")
	}
}

func TestSkipAndSample(t *testing.T) {
	logs := logtest.New(t)
	var seen []httplog.Outcome
	c := httplog.Config{
		Logger: logs.Logger("api.request"),
		Skip:   func(o httplog.Outcome) bool { return o.Path == "/skipped" },
		Sample: func(o httplog.Outcome) float64 {
			seen = append(seen, o)
			return map[string]float64{"/never": 0, "/always": 1, "/often": 0.999999999}[o.Path]
		},
	}
	for _, path := range []string{"/skipped", "/never", "/always", "/often"} {
		serve(c, httptest.NewRequest("GET", path, nil), func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
	}
	serve(c, httptest.NewRequest("GET", "/never", nil), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })

	var got []string
	for _, rec := range logs.Event("http_request") {
		got = append(got, fmt.Sprint(rec.String("path"), " ", rec.Int("status_code")))
	}
	if want := []string{"/always 200", "/often 200", "/never 500"}; !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	if len(seen) != 3 || seen[0].Status != 200 || seen[0].Bytes != 5 || seen[0].Level != slog.LevelInfo {
		t.Errorf("Sample was asked about %+v", seen)
	}
	if rec := logs.Event("http_request")[1]; !rec.Has("sample_rate") {
		t.Errorf("a sampled line has no sample_rate: %s", rec.Line)
	}
}

func TestQueryParams(t *testing.T) {
	f := func(query, want string) {
		t.Helper()
		logs := logtest.New(t)
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = query
		serve(httplog.Config{Logger: logs.Logger("api.request")}, r, func(http.ResponseWriter, *http.Request) {})
		line := logs.One("http_request").Line
		_, rest, _ := strings.Cut(line, `"query_params":`)
		got, _, _ := strings.Cut(rest, `,"client_ip"`)
		if got != want {
			t.Errorf("query_params of %q = %s, want %s", query, got, want)
		}
	}
	f("", `{}`)
	f("&&", `{}`)
	f("page=2&sort=new", `{"page":"2","sort":"new"}`)
	f("a", `{"a":""}`)
	f("name=J%C3%B6rg+B", `{"name":"Jörg B"}`)
	f("x=%zz", `{"x":"%zz"}`)
	f("id=1&id=2&id=3", `{"id":["1","2","3"]}`)
	f("password="+"hunter"+"2&page=1", `{"password":"[REDACTED]","page":"1"}`)
	f("q=a%22%7D%0A", `{"q":"a\"}\n"}`)
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprintf("p%d=x", i))
	}
	logs := logtest.New(t)
	r := httptest.NewRequest("GET", "/?"+strings.Join(many, "&"), nil)
	serve(httplog.Config{Logger: logs.Logger("api.request")}, r, func(http.ResponseWriter, *http.Request) {})
	if rec := logs.One("http_request"); !rec.Has("query_params", "p31") || rec.Has("query_params", "p32") || rec.Int("query_params", "…") != 8 {
		t.Errorf("40 parameters: %s", rec.Line)
	}
}

func TestMountedTwiceWritesOneLine(t *testing.T) {
	logs := logtest.New(t)
	mw := httplog.Middleware(httplog.Config{Logger: logs.Logger("api.request")})
	mw(mw(http.HandlerFunc(handle))).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	logs.One("http_request")
}

// The body of an answer to HEAD is not sent.
func TestHeadHasNoBody(t *testing.T) {
	logs := logtest.New(t)
	serve(httplog.Config{Logger: logs.Logger("api.request")}, httptest.NewRequest("HEAD", "/", nil), func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
	})
	if got := logs.One("http_request").Int("response_size_bytes"); got != 0 {
		t.Errorf("response_size_bytes = %d, want 0", got)
	}
}

func TestRoutes(t *testing.T) {
	copied := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.WithContext(r.Context())) })
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		if httplog.ClientIP(r.Context()) != "192.0.2.1" {
			t.Errorf("ClientIP = %q", httplog.ClientIP(r.Context()))
		}
	})
	for name, c := range map[string]struct {
		next http.Handler
		want string
	}{
		"mux":                    {mux, "GET /users/{id}"},
		"mux behind a copy":      {copied(mux), ""},
		"mux behind a copy kept": {copied(httplog.KeepRoute(mux)), "GET /users/{id}"},
		"set by hand": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			httplog.SetRoute(r.Context(), "/users/:id")
		}), "/users/:id"},
	} {
		t.Run(name, func(t *testing.T) {
			logs := logtest.New(t)
			r := httptest.NewRequest("GET", "/users/7", nil)
			httplog.Middleware(httplog.Config{Logger: logs.Logger("api.request")})(c.next).ServeHTTP(httptest.NewRecorder(), r)
			if got := logs.One("http_request").String("route"); got != c.want {
				t.Errorf("route = %q, want %q", got, c.want)
			}
			if name == "mux" && r.Pattern != c.want {
				t.Errorf("outer middleware sees the pattern %q, want %q", r.Pattern, c.want)
			}
		})
	}
}

// Behind a logger that is no pipeline's, the lines have the id and the late attrs
// all the same.
func TestForeignLogger(t *testing.T) {
	var b strings.Builder
	c := httplog.Config{Logger: slog.New(slog.NewJSONHandler(&b, nil))}
	w := serve(c, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, r *http.Request) {
		pairlog.Add(r.Context(), slog.String("user_id", "u1"), slog.String("plan", "free"))
		w.WriteHeader(500)
	})
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2:\n%s", len(lines), b.String())
	}
	for _, line := range lines {
		if want := `"request_id":"` + w.Header().Get("X-Request-ID") + `"`; strings.Count(line, want) != 1 || strings.Count(line, `"user_id":"u1"`) != 1 {
			t.Errorf("line %s\nwant %s and the user once", line, want)
		}
	}
	if !strings.Contains(lines[1], `"plan":"free"`) {
		t.Errorf("no late attr: %s", lines[1])
	}
}

// The time of a line is that of its request's end, however long ago the one before
// was.
func TestTimestamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		c := httplog.Config{Logger: logs.Logger("api.request"), Slow: -1}
		h := httplog.Middleware(c)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(7 * time.Millisecond) }))
		for _, pause := range []time.Duration{0, time.Millisecond, 99 * time.Millisecond, time.Second, 24 * time.Hour} {
			time.Sleep(pause)
			logs.Reset()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
			want := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
			if got := logs.One("http_request").String("timestamp"); got != want {
				t.Errorf("timestamp after %v = %s, want %s", pause, got, want)
			}
		}
	})
}

// What a request costs the collector is its bytes. The sizes of Go's allocator
// around this one are 576, with 8 bytes of its own, and 640.
func TestExchangeSize(t *testing.T) {
	if unsafe.Sizeof(http.Request{}) != 304 {
		t.Skip("another http.Request than that of Go 1.26 on 64 bits")
	}
	if got, want := httplog.ExchangeSize, uintptr(568); got > want {
		t.Errorf("an exchange has %d bytes, want at most %d", got, want)
	}
}

// A request costs one allocation, the exchange, with its line and without, and one
// more where it has a trace. The id of its own that one gets is one of many.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p := open(t, slog.LevelInfo)
	c := features(p.Logger("api.request"))
	left := c
	left.Skip = func(httplog.Outcome) bool { return true }
	for name, c := range map[string]httplog.Config{"with its line": c, "left out": left} {
		h := httplog.Middleware(c)(http.HandlerFunc(handle))
		for without, want := range map[string]float64{"nothing": 2, "X-Request-Id": 2, "Traceparent": 1} {
			w, r := &nullWriter{http.Header{}}, request()
			r.Header.Del(without)
			if got := testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) }); got > want {
				t.Errorf("%s, without %s: %v allocations a request, want %v", name, without, got, want)
			}
		}
	}
}
