package httplog_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

// exchange sends a request body of a type to a handler that reads it and answers
// with the same, and returns the request line.
func exchange(t *testing.T, c httplog.Config, mime, body string, status int) logtest.Record {
	t.Helper()
	logs := logtest.New(t)
	c.Logger = logs.Logger("api.request")
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", mime)
	w := serve(c, r, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", mime)
		w.WriteHeader(status)
		if n, err := io.Copy(w, r.Body); n != int64(len(body)) || err != nil {
			t.Errorf("copied %d bytes, %v, want %d", n, err, len(body))
		}
	})
	if w.Body.String() != body {
		t.Error("the body did not come through as it was")
	}
	return logs.One("http_request")
}

func TestBodiesAreOffByDefault(t *testing.T) {
	rec := exchange(t, httplog.Config{}, "application/json", `{"a":1}`, 500)
	if rec.Has("request_body") || rec.Has("response_body") {
		t.Errorf("line: %s", rec.Line)
	}
}

func TestBodiesOfErrors(t *testing.T) {
	c := httplog.Config{Bodies: httplog.CaptureErrors}
	secret := "hunter" + "2-horse"
	if rec := exchange(t, c, "application/json", `{"a":1}`, 200); rec.Has("request_body") {
		t.Errorf("status 200: %s", rec.Line)
	}
	rec := exchange(t, c, "application/json", `{"name":"ann","password":"`+secret+`","n":[1,{"token":"`+secret+`"}]}`, 500)
	for _, body := range []string{"request_body", "response_body"} {
		if got := rec.String(body, "name"); got != "ann" {
			t.Errorf("%s.name = %q, want ann", body, got)
		}
	}
	if strings.Contains(rec.Line, secret) {
		t.Errorf("a secret of the body is on the line: %s", rec.Line)
	}
	rec = exchange(t, c, "application/x-www-form-urlencoded", "user=ann&password="+secret, 500)
	if rec.String("request_body", "user") != "ann" || strings.Contains(rec.Line, secret) {
		t.Errorf("form: %s", rec.Line)
	}
	for _, mime := range []string{"application/octet-stream", "multipart/form-data; boundary=x", "image/png", ""} {
		if rec := exchange(t, c, mime, "something", 500); rec.Has("request_body") || rec.Has("response_body") {
			t.Errorf("%s: %s", mime, rec.Line)
		}
	}
}

// A body beyond the limit is cut, where nothing is cut in two, and the memory
// held for it stays within the limit.
func TestBodiesAreBounded(t *testing.T) {
	c := httplog.Config{Bodies: httplog.CaptureAll, MaxBodyBytes: 64}
	secret := "hunter" + "2-horse"
	rec := exchange(t, c, "application/json", `{"a":1,"list":[{"b":"x"},{"b":"y"}],"padding":"`+strings.Repeat("p", 10)+`","password":"`+secret+strings.Repeat("z", 100)+`"}`, 200)
	if !rec.Has("request_body", "padding") || rec.Has("request_body", "password") || !rec.Bool("request_body_truncated") {
		t.Errorf("JSON: %s", rec.Line)
	}
	rec = exchange(t, c, "text/plain; charset=utf-8", strings.Repeat("größe ", 40), 200)
	if got := rec.String("request_body"); !strings.HasSuffix(got, "größe ") || len(got) > 64 || !utf8.ValidString(got) {
		t.Errorf("text: %q", got)
	}
	rec = exchange(t, c, "application/x-www-form-urlencoded", "a=1&password="+secret+strings.Repeat("z", 100), 200)
	if rec.String("request_body", "a") != "1" || rec.Has("request_body", "password") {
		t.Errorf("form: %s", rec.Line)
	}
	rec = exchange(t, c, "application/json", "this is no JSON, password="+secret, 200)
	if strings.Contains(rec.Line, secret) {
		t.Errorf("not JSON: %s", rec.Line)
	}
}

// What capturing a body costs does not depend on the size of the body: the limit
// and 4 KiB at the most.
func TestCaptureMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	const limit = 1 << 10
	perRequest := func(c httplog.Config) uint64 {
		c.Logger = discard
		h := httplog.Middleware(c)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var buf [8192]byte
			for {
				if _, err := r.Body.Read(buf[:]); err != nil {
					return
				}
			}
		}))
		body := bytes.Repeat([]byte("x"), 1<<20)
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Content-Type", "text/plain")
		w := &nullWriter{http.Header{}}
		reader := bytes.NewReader(body)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 100 {
			reader.Reset(body)
			r.Body = io.NopCloser(reader)
			h.ServeHTTP(w, r)
		}
		runtime.ReadMemStats(&after)
		return (after.TotalAlloc - before.TotalAlloc) / 100
	}
	without := perRequest(httplog.Config{})
	with := perRequest(httplog.Config{Bodies: httplog.CaptureAll, MaxBodyBytes: limit})
	if with > without+limit+4<<10 {
		t.Errorf("capturing 1 KiB of a body of 1 MiB takes %d bytes, want at most %d", with-without, limit+4<<10)
	}
}

// A body that the handler does not read is not read.
func TestUnreadBodyStaysUnread(t *testing.T) {
	logs := logtest.New(t)
	reader := strings.NewReader(strings.Repeat("x", 1<<16))
	r := httptest.NewRequest("POST", "/", reader)
	r.Header.Set("Content-Type", "text/plain")
	serve(httplog.Config{Logger: logs.Logger("api.request"), Bodies: httplog.CaptureAll}, r, func(w http.ResponseWriter, r *http.Request) {
		io.CopyN(io.Discard, r.Body, 10)
	})
	if got := reader.Len(); got != 1<<16-10 {
		t.Errorf("%d bytes of the body are left, want %d", got, 1<<16-10)
	}
	if got := logs.One("http_request").Int("request_size_bytes"); got != 10 {
		t.Errorf("request_size_bytes = %d, want the 10 that were read", got)
	}
}

func TestHeaders(t *testing.T) {
	secret := "hunter" + "2-horse"
	line := func(c httplog.Config, status int) logtest.Record {
		logs := logtest.New(t)
		c.Logger = logs.Logger("api.request")
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Authorization", "Bearer "+secret)
		r.Header.Set("Cookie", "session="+secret)
		r.Header.Set("X-Custom", "yes")
		serve(c, r, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })
		return logs.One("http_request")
	}
	if rec := line(httplog.Config{}, 200); rec.Has("headers") {
		t.Errorf("status 200: %s", rec.Line)
	}
	if rec := line(httplog.Config{}, 500); rec.String("headers", "Accept") != "text/html" || rec.Has("headers", "Cookie") || rec.Has("headers", "X-Custom") {
		t.Errorf("status 500: %s", rec.Line)
	}
	rec := line(httplog.Config{Headers: httplog.CaptureAll, HeaderNames: []string{"x-custom", "authorization", "cookie"}}, 200)
	if rec.String("headers", "X-Custom") != "yes" || strings.Contains(rec.Line, secret) {
		t.Errorf("all: %s", rec.Line)
	}
}

func TestCloseJSON(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := string(httplog.CloseJSON([]byte(in))); got != want {
			t.Errorf("CloseJSON(%s) = %s, want %s", in, got, want)
		}
	}
	f(`{"a":1,"b":"unfin`, `{"a":1}`)
	f(`{"a":{"b":[1,2`, `{"a":{"b":[1]}}`)
	f(`{"a":12`, `{}`)
	f(`[{"a":"\"},`, `[{}]`)
	f(`[1,[2],`, `[1,[2]]`)
	f(`"text`, ``)
	f(``, ``)
	f(`]`, ``)

	// A value whose name was cut off is cut off too, and nothing else.
	f(`[{"value":"hunter2","name":"passw`, `[{}]`)
	f(`[{"id":1,"value":"hunter2","on":true,"name":"password`, `[{"id":1}]`)
	f(`{"h":[{"value":"a","name":"b"},{"Value":"hunter2","x":{"y":[1,2`, `{"h":[{"value":"a","name":"b"},{}]}`)
	f(`[{"value":"hunter2","name":"password","id":1`, `[{"value":"hunter2","name":"password"}]`)
	f(`[{"name":"password","value":"hunter2","id":1`, `[{"name":"password","value":"hunter2"}]`)
	f(`{"k":"hunter2","alg":"HS256","kty":"oc`, `{}`)
	f(`{"kty":"oct","k":"hunter2","alg":"H`, `{"kty":"oct","k":"hunter2"}`)
	f(`{"data":{"a":1,"b":2},"content":["x","y"],"z":3`, `{"data":{"a":1,"b":2},"content":["x","y"]}`)
	f(`{"data":{"a":1,"b":2`, `{"data":{"a":1}}`)
	f(`["value","hunter2","name`, `["value","hunter2"]`)
}

// Every beginning of a JSON document is closed to a JSON document, or nothing.
func FuzzCloseJSON(f *testing.F) {
	f.Add(`{"a":[1,{"b":"\\\"x"}],"c":null}`, 9)
	f.Fuzz(func(t *testing.T, doc string, n int) {
		if !json.Valid([]byte(doc)) {
			return
		}
		n = max(0, min(n, len(doc)))
		if got := httplog.CloseJSON([]byte(doc[:n])); len(got) > 0 && !json.Valid(got) {
			t.Errorf("CloseJSON(%s) = %s, which is not JSON", doc[:n], got)
		}
	})
}

// A handler that sets no Content-Type leaves it to net/http, which looks at the body.
func TestResponseWithoutAType(t *testing.T) {
	serveBody := func(header http.Header, parts ...string) logtest.Record {
		logs := logtest.New(t)
		c := httplog.Config{Bodies: httplog.CaptureAll, MaxBodyBytes: 64, Logger: logs.Logger("api.request")}
		serve(c, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, r *http.Request) {
			for name, values := range header {
				w.Header()[name] = values
			}
			for _, part := range parts {
				io.WriteString(w, part)
			}
		})
		return logs.One("http_request")
	}
	if got := serveBody(nil, "he", "llo").String("response_body"); got != "hello" {
		t.Errorf("response_body = %q, want hello", got)
	}
	secret := "hunter" + "2-horse"
	rec := serveBody(nil, "\n", `[{"name":"ann","password":"`+secret+`"}]`)
	if !strings.Contains(rec.Line, `"response_body":[{"name":"ann","password":"[REDACTED]"}]`) {
		t.Errorf("line: %s\nwant the body as JSON, redacted", rec.Line)
	}
	rec = serveBody(nil, `{"name":"ann","password":"`+secret+`","more":"`+strings.Repeat("x", 200)+`"}`)
	if rec.String("response_body", "name") != "ann" || !rec.Bool("response_body_truncated") || strings.Contains(rec.Line, secret) {
		t.Errorf("line: %s\nwant the beginning of the JSON, redacted", rec.Line)
	}
	rec = serveBody(nil, strings.Repeat("a word ", 50))
	if got := rec.String("response_body"); !strings.HasPrefix(got, "a word a word") || len(got) > 80 || !rec.Bool("response_body_truncated") {
		t.Errorf("line: %s\nwant the beginning of the text", rec.Line)
	}
	for name, rec := range map[string]logtest.Record{
		"an image":     serveBody(nil, "\x89PNG\x0D\x0A\x1A\x0A"),
		"bytes":        serveBody(nil, "a\x00b"),
		"compressed":   serveBody(http.Header{"Content-Encoding": {"gzip"}}, "hello"),
		"no type ever": serveBody(http.Header{"Content-Type": nil}, "hello"),
		"nothing":      serveBody(nil),
	} {
		if rec.Has("response_body") || rec.Has("response_body_truncated") {
			t.Errorf("%s: %s", name, rec.Line)
		}
	}
}
