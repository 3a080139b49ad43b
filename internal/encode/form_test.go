package encode_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/encode"
	"github.com/pairly/pairlog/redact"
)

var formTime = time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC)

func TestFormRefuses(t *testing.T) {
	red, err := redact.New(redact.Config{})
	if err != nil {
		t.Fatal(err)
	}
	e := encode.New(encode.Config{Redactor: red})
	f := func(want bool, e *encode.Encoder, msg string, names ...string) {
		t.Helper()
		if got := e.Form(msg, names) != nil; got != want {
			t.Errorf("Form(%q, %q) is there: %v, want %v", msg, names, got, want)
		}
	}
	f(true, e, "http_request", "method", "password", "took_ms")
	f(true, e, "http_request")
	f(false, e, "A text for people", "method")
	f(false, e, "http_request", "method", "path", "method")
	f(false, e, "http_request", "request_id")
	f(false, e, "http_request", "level")
	f(false, e, "http_request", make([]string, 33)...)
	f(false, encode.New(encode.Config{Redactor: red, Allow: true}), "http_request", "method")
}

// FuzzFormQuery holds a query that is written in place against the group that it
// stands for, and bounds it.
func FuzzFormQuery(f *testing.F) {
	for _, s := range []string{"", "a=1&b=%20&a=2&&=x", "page=2&sort=newest", "&&", "token=x&page=1", "a", "a==b&c", "x+y=1", "é=\"\n", "a=&a"} {
		f.Add(s, "POST")
	}
	red, err := redact.New(redact.Config{})
	if err != nil {
		f.Fatal(err)
	}
	e := encode.New(encode.Config{Redactor: red})
	head := e.NewHead("x")
	form := e.Form("http_request", []string{"query_params", "method", "took_ms"})
	f.Fuzz(func(t *testing.T, raw, method string) {
		q := encode.Query(raw)
		l := e.NewLine()
		l.Begin(formTime, head, slog.LevelInfo)
		l.Form(form, nil)
		l.FormQuery(0, &q)
		l.FormWord(1, method)
		l.FormMillis(2, 1234567*time.Nanosecond)
		l.EndAttrs()
		l.Scope(nil)
		got := string(l.End())
		l.Free()
		oneLine(t, []byte(got))

		l = e.NewLine()
		l.Begin(formTime, head, slog.LevelInfo)
		l.Message("http_request")
		l.Attrs([]slog.Attr{{Key: "query_params", Value: q.LogValue()}, slog.String("method", method), slog.Duration("took_ms", 1234567*time.Nanosecond)})
		l.EndAttrs()
		l.Scope(nil)
		want := string(l.End())
		l.Free()
		if got != want {
			t.Errorf("query %q, method %q\n got %s\nwant %s", raw, method, got, want)
		}
		if len(got) > 16*(len(raw)+len(method)+64) {
			t.Errorf("%d bytes of query became %d", len(raw), len(got))
		}
	})
}
