package pairlog_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog"
)

// idLines returns what write logs in a scope, without timestamps, level and logger.
func idLines(t *testing.T, c pairlog.Config, ids pairlog.ScopeConfig, write func(ctx context.Context, p *pairlog.Pipeline)) []string {
	t.Helper()
	p, text := open(t, c)
	ctx, _ := pairlog.NewScope(t.Context(), ids)
	write(ctx, p)
	var lines []string
	for line := range strings.Lines(text()) {
		_, rest, _ := strings.Cut(line, `"logger":"x",`)
		lines = append(lines, strings.TrimSuffix(rest, "\n"))
	}
	return lines
}

// TestScopeKeepsItsRequestID tries to rename a request in each way in which an attr
// comes onto a line: none may lose the line to its request, and none loses the attr.
func TestScopeKeepsItsRequestID(t *testing.T) {
	forged, more := slog.String("request_id", "forged"), slog.Int("n", 1)
	with := func(args ...any) func(context.Context, *pairlog.Pipeline) {
		return func(ctx context.Context, p *pairlog.Pipeline) { p.Logger("x").With(args...).InfoContext(ctx, "e") }
	}
	form := func(args ...any) func(context.Context, *pairlog.Pipeline) {
		return func(ctx context.Context, p *pairlog.Pipeline) {
			f := pairlog.NewForm(p.Logger("x").With(args...), "e", "method", "request_id_")
			line, _ := f.Line(ctx, time.Now(), slog.LevelInfo, "")
			line.Text(0, "GET")
			line.Write(forged, more)
		}
	}
	f := func(name string, write func(ctx context.Context, p *pairlog.Pipeline), want string) {
		t.Helper()
		once := func(ctx context.Context, p *pairlog.Pipeline) {
			write(ctx, p)
			write(ctx, p) // the first line takes the scope as it is, the second as a block
		}
		lines := idLines(t, pairlog.Config{}, pairlog.ScopeConfig{RequestID: "req-1"}, once)
		for _, got := range lines {
			if got != want {
				t.Errorf("%s:\n got %s\nwant %s", name, got, want)
			}
		}
		if len(lines) != 2 {
			t.Errorf("%s: %d lines, want 2", name, len(lines))
		}
	}
	f("slog", func(ctx context.Context, p *pairlog.Pipeline) {
		p.Logger("x").InfoContext(ctx, "e", "request_id", "forged", "n", 1)
	}, `"request_id":"req-1","event":"e","request_id_":"forged","n":1}`)
	f("Log", func(ctx context.Context, p *pairlog.Pipeline) {
		pairlog.Log(ctx, p.Logger("x"), slog.LevelInfo, "e", forged, more, slog.Int("request_id", 2))
	}, `"request_id":"req-1","event":"e","n":1,"request_id_":2}`)
	f("a text", func(ctx context.Context, p *pairlog.Pipeline) {
		pairlog.Log(ctx, p.Logger("x"), slog.LevelInfo, "A text", forged)
	}, `"request_id":"req-1","message":"A text","request_id_":"forged"}`)
	f("With", with(more, forged, "b", 2), `"request_id":"req-1","event":"e","n":1,"request_id_":"forged","b":2}`)
	f("With, and its own name before", with("request_id_", 1, more, forged), `"request_id":"req-1","event":"e","n":1,"request_id_":"forged"}`)
	f("With, and its own name behind", with(forged, more, "request_id_", 1), `"request_id":"req-1","event":"e","n":1,"request_id_":1}`)
	f("With and Log", func(ctx context.Context, p *pairlog.Pipeline) {
		p.Logger("x").With("request_id", 1, "a", 1).InfoContext(ctx, "e", "request_id", 2)
	}, `"request_id":"req-1","event":"e","a":1,"request_id_":2}`)
	f("an open group", func(ctx context.Context, p *pairlog.Pipeline) {
		p.Logger("x").With(forged).WithGroup("g").With("a", 1).InfoContext(ctx, "e", "request_id", "inner")
	}, `"request_id":"req-1","event":"e","request_id_":"forged","g":{"a":1,"request_id":"inner"}}`)
	f("a group with nothing yet", func(ctx context.Context, p *pairlog.Pipeline) {
		p.Logger("x").With(forged).WithGroup("g").InfoContext(ctx, "e", "request_id", "inner")
	}, `"request_id":"req-1","event":"e","request_id_":"forged","g":{"request_id":"inner"}}`)
	f("a group of that name", func(ctx context.Context, p *pairlog.Pipeline) {
		p.Logger("x").InfoContext(ctx, "e", slog.Group("request_id", "a", 1))
	}, `"request_id":"req-1","event":"e","request_id_":{"a":1}}`)
	f("a group without a name", func(ctx context.Context, p *pairlog.Pipeline) {
		p.Logger("x").InfoContext(ctx, "e", slog.Group("", forged, more))
	}, `"request_id":"req-1","event":"e","request_id_":"forged","n":1}`)
	f("any value", func(ctx context.Context, p *pairlog.Pipeline) {
		p.Logger("x").InfoContext(ctx, "e", "request_id", []string{"forged"})
	}, `"request_id":"req-1","event":"e","request_id_":["forged"]}`)
	f("Form", form(), `"request_id":"req-1","event":"e","method":"GET","request_id_":"forged","n":1}`)
	f("Form of a logger with it", form("request_id", "of the logger", "a", 1),
		`"request_id":"req-1","event":"e","a":1,"method":"GET","request_id_":"forged","n":1}`)
	f("Add", func(ctx context.Context, p *pairlog.Pipeline) {
		pairlog.Add(ctx, more, forged)
		p.Logger("x").InfoContext(ctx, "e")
	}, `"request_id":"req-1","event":"e","n":1,"request_id_":"forged"}`)
	f("Add and Log", func(ctx context.Context, p *pairlog.Pipeline) {
		pairlog.Add(ctx, more, forged)
		p.Logger("x").InfoContext(ctx, "e", "request_id", "of the call")
	}, `"request_id":"req-1","event":"e","request_id_":"of the call","n":1}`)
	f("Add and With", func(ctx context.Context, p *pairlog.Pipeline) {
		pairlog.Add(ctx, more, forged)
		p.Logger("x").With("request_id", "of the logger").InfoContext(ctx, "e")
	}, `"request_id":"req-1","event":"e","request_id_":"of the logger","n":1}`)
	f("an active id is none of a request", func(ctx context.Context, p *pairlog.Pipeline) {
		p.Logger("x").InfoContext(ctx, "e", "request_id", pairlog.ActiveID("forged"))
	}, `"request_id":"req-1","event":"e","request_id_":"forged"}`)
}

// Lines that the flight recorder held are of their request too.
func TestHeldLinesKeepTheirRequestID(t *testing.T) {
	lines := idLines(t, pairlog.Config{}, pairlog.ScopeConfig{RequestID: "req-1", TraceID: "tr"}, func(ctx context.Context, p *pairlog.Pipeline) {
		log := p.Logger("x")
		log.DebugContext(ctx, "e", "request_id", "forged")
		log.With("request_id", "forged").DebugContext(ctx, "e")
		log.DebugContext(ctx, "e", "request_id", []string{"forged"})
		log.DebugContext(ctx, "e", "trace_id", pairlog.ActiveID("active"), "request_id", "forged")
		pairlog.Add(ctx, slog.String("request_id", "forged"))
		log.DebugContext(ctx, "e")
		pairlog.ScopeFrom(ctx).Fail()
	})
	const head, tail = `"request_id":"req-1","event":"e",`, `"trace_id":"tr","recorded":true}`
	want := []string{
		head + `"request_id_":"forged",` + tail, head + `"request_id_":"forged",` + tail, head + `"request_id_":["forged"],` + tail,
		head + `"request_id_":"forged","trace_id":"active","recorded":true}`, head + `"request_id_":"forged",` + tail,
	}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("\n got %s\nwant %s", got, strings.Join(want, "\n"))
	}
}

// Trace and span are the scope's where it has them, unless a tracer says otherwise.
func TestScopeKeepsItsTrace(t *testing.T) {
	both := []any{"trace_id", "forged", "span_id", "forged"}
	active := []any{"trace_id", pairlog.ActiveID("t2"), "span_id", pairlog.ActiveID("s2")}
	f := func(name string, ids pairlog.ScopeConfig, with, args []any, want string) {
		t.Helper()
		for _, got := range idLines(t, pairlog.Config{}, ids, func(ctx context.Context, p *pairlog.Pipeline) {
			for range 2 {
				p.Logger("x").With(with...).InfoContext(ctx, "e", args...)
			}
		}) {
			if got != want {
				t.Errorf("%s:\n got %s\nwant %s", name, got, want)
			}
		}
	}
	all := pairlog.ScopeConfig{TraceID: "tr", SpanID: "sp"}
	const forged, own = `"event":"e","trace_id_":"forged","span_id_":"forged",`, `"trace_id":"tr","span_id":"sp"}`
	f("both", all, nil, both, forged+own)
	f("both of the logger", all, both, nil, forged+own)
	f("a scope without a span", pairlog.ScopeConfig{TraceID: "tr"}, nil, both, `"event":"e","trace_id_":"forged","trace_id":"tr","span_id":"forged"}`)
	f("active", all, nil, active, `"event":"e","trace_id":"t2","span_id":"s2"}`)
	f("active, of the logger", all, active, []any{"n", 1}, `"event":"e","n":1,"trace_id":"t2","span_id":"s2"}`)
	f("active, and not", all, both, active, forged+`"trace_id":"t2","span_id":"s2"}`)
	f("active of the logger, and not", all, active, both, forged+`"trace_id":"t2","span_id":"s2"}`)
	f("active without an id in the scope", pairlog.ScopeConfig{}, nil, active, `"event":"e","trace_id":"t2","span_id":"s2"}`)
	f("active, inside", all, nil, []any{slog.Group("g", active...)}, `"event":"e","g":{"trace_id":"t2","span_id":"s2"},`+own)
}

// Where there is no id of a scope, that of an attr has its place: workers bring the
// id of the request that has ordered the work.
func TestRequestIDOfAnAttr(t *testing.T) {
	id := slog.String("request_id", "of the attr")
	write := func(ctx context.Context, p *pairlog.Pipeline) {
		p.Logger("x").InfoContext(ctx, "e", "n", 1, id)
		p.Logger("x").With(id).InfoContext(ctx, "e", "n", 1)
		p.Logger("x").With(id).InfoContext(context.Background(), "e", "n", 1)
		pairlog.Log(context.Background(), p.Logger("x"), slog.LevelInfo, "e", slog.Int("n", 1), id)
		pairlog.Add(ctx, id)
		p.Logger("x").InfoContext(ctx, "e", "n", 1)
		pairlog.Add(ctx, slog.String("request_id", "added"))
		p.Logger("x").InfoContext(ctx, "e", "n", 1, id)
	}
	lines := idLines(t, pairlog.Config{}, pairlog.ScopeConfig{}, write)
	for _, got := range lines {
		if want := `"request_id":"of the attr","event":"e","n":1}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if len(lines) != 6 {
		t.Errorf("%d lines, want 6", len(lines))
	}
}

func TestScopeKeepsItsRequestIDOnTheConsole(t *testing.T) {
	out := &buffer{}
	p, err := pairlog.Open(pairlog.Config{Stdout: true, Format: pairlog.FormatConsole, Out: out, Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-1"})
	p.Logger("x").InfoContext(ctx, "e", "request_id", "forged")
	closePipeline(t, p)
	if got := out.String(); strings.Contains(got, "request_id=forged") || !strings.Contains(got, "request_id_=forged") || !strings.Contains(got, "req-1") {
		t.Errorf("got %s, want the scope's id, and request_id_=forged", got)
	}
}

// An attr named message gets its underscore beside a text, wherever it comes from,
// and none beside an event.
func TestMessageBesideAText(t *testing.T) {
	lines := idLines(t, pairlog.Config{}, pairlog.ScopeConfig{}, func(ctx context.Context, p *pairlog.Pipeline) {
		log := p.Logger("x")
		log.InfoContext(ctx, "A text", "message", 1)
		log.With("message", 1).InfoContext(ctx, "A text")
		log.With("message", 1).InfoContext(ctx, "e")
		pairlog.Add(ctx, slog.Int("message", 1))
		log.InfoContext(ctx, "A text")
		log.InfoContext(ctx, "A text", "message_", 2)
		log.InfoContext(ctx, "e")
	})
	want := []string{
		`"message":"A text","message_":1}`, `"message":"A text","message_":1}`, `"event":"e","message":1}`,
		`"message":"A text","message_":1}`, `"message":"A text","message_":2}`, `"event":"e","message":1}`,
	}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("\n got %s\nwant %s", got, strings.Join(want, "\n"))
	}
}
