package pairlog_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/pairly/pairlog"
)

func TestScopeIsOnEveryLine(t *testing.T) {
	p, text := open(t, pairlog.Config{Now: clock})
	log := p.Logger("x")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-1", TraceID: "tr", SpanID: "sp", Attrs: []slog.Attr{slog.String("route", "GET /")}})
	log.InfoContext(ctx, "first")
	pairlog.Add(ctx, slog.String("user_id", "u1"), slog.Int("n", 1))
	log.InfoContext(ctx, "second")
	pairlog.Add(ctx, slog.Int("n", 2))
	log.With("a", 1).WithGroup("g").InfoContext(ctx, "third", "b", 2, "user_id", "inner")
	log.InfoContext(ctx, "fourth", "user_id", "of the call", "request_id", "mine")
	log.Info("fifth")
	const head = `{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"x",`
	want := head + `"request_id":"req-1","event":"first","route":"GET /","trace_id":"tr","span_id":"sp"}
` + head + `"request_id":"req-1","event":"second","route":"GET /","user_id":"u1","n":1,"trace_id":"tr","span_id":"sp"}
` + head + `"request_id":"req-1","event":"third","a":1,"g":{"b":2,"user_id":"inner"},"route":"GET /","user_id":"u1","n":2,"trace_id":"tr","span_id":"sp"}
` + head + `"request_id":"req-1","event":"fourth","user_id":"of the call","request_id_":"mine","route":"GET /","n":2,"trace_id":"tr","span_id":"sp"}
` + head + `"event":"fifth"}
`
	if got := text(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if v, ok := sc.Value("n"); !ok || v.Int64() != 2 {
		t.Errorf("Value(n) = %v, %v, want 2", v, ok)
	}
	if got, want := fmt.Sprint(sc.Attrs()), "[route=GET / user_id=u1 n=2]"; got != want {
		t.Errorf("Attrs = %s, want %s", got, want)
	}
}

func TestScopeWithoutAnything(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	p.Logger("x").InfoContext(ctx, "e")
	if got := text(); !strings.HasSuffix(got, `"logger":"x","event":"e"}`+"\n") {
		t.Errorf("got %s", got)
	}
	if sc.RequestID()+sc.TraceID()+sc.SpanID() != "" {
		t.Error("ids are not empty")
	}
	var none *pairlog.Scope
	none.Add(slog.Int("a", 1))
	none.Fail()
	pairlog.Add(context.Background(), slog.Int("a", 1))
	if _, ok := none.Value("a"); ok || none.Attrs() != nil || none.Recorded() != 0 || none.RequestID() != "" {
		t.Error("a nil scope is not empty")
	}
	if pairlog.ScopeFrom(context.Background()) != nil {
		t.Error("ScopeFrom(Background) is not nil")
	}
}

func TestInnerScopeInheritsIDs(t *testing.T) {
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-1", TraceID: "tr", SpanID: "sp"})
	inner, sc := pairlog.NewScope(ctx, pairlog.ScopeConfig{SpanID: "sp2"})
	if got := sc.RequestID() + sc.TraceID() + sc.SpanID(); got != "req-1trsp2" {
		t.Errorf("ids = %s, want req-1trsp2", got)
	}
	if pairlog.ScopeFrom(inner) != sc {
		t.Error("ScopeFrom does not return the inner scope")
	}
	type k struct{}
	if v := context.WithValue(inner, k{}, 7).Value(k{}); v != 7 {
		t.Errorf("Value through a scope = %v, want 7", v)
	}
}

func TestScopeFromManyGoroutines(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("x")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-1"})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				pairlog.Add(ctx, slog.Int(fmt.Sprint("k", g), i))
				log.InfoContext(ctx, "step", "g", g)
				sc.Value("k0")
				sc.Attrs()
			}
		})
	}
	wg.Wait()
	recs := records(t, text())
	if len(recs) != 400 {
		t.Errorf("%d records, want 400", len(recs))
	}
	for _, m := range recs {
		own := fmt.Sprint("k", m["g"])
		if _, ok := m[own]; !ok || m["request_id"] != "req-1" {
			t.Fatalf("record without its own attr %s: %v", own, m)
		}
	}
	for g := range 8 {
		if v, _ := sc.Value(fmt.Sprint("k", g)); v.Int64() != 49 {
			t.Errorf("k%d = %v, want the last one, 49", g, v)
		}
	}
}

func TestOneScopeTwoPipelines(t *testing.T) {
	p1, text1 := open(t, pairlog.Config{})
	p2, text2 := open(t, pairlog.Config{PIIMode: "full"})
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-1", Attrs: []slog.Attr{slog.String("client_ip", "203.0.113.77")}})
	for range 2 {
		p1.Logger("x").InfoContext(ctx, "e")
		p2.Logger("x").InfoContext(ctx, "e")
	}
	if got := text1(); strings.Contains(got, "203.0.113.77") {
		t.Errorf("masking pipeline wrote the address: %s", got)
	}
	if got := text2(); strings.Count(got, `"client_ip":"203.0.113.77"`) != 2 {
		t.Errorf("full pipeline did not write the address: %s", got)
	}
}

// nosy is a value that looks at the scope it is in, and adds to it.
type nosy struct{ ctx context.Context }

func (n nosy) LogValue() slog.Value {
	pairlog.Add(n.ctx, slog.Int("added", 1))
	_, ok := pairlog.ScopeFrom(n.ctx).Value("nosy")
	return slog.BoolValue(ok)
}

func TestScopeWhoseValuesComeBackToIt(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	pairlog.Add(ctx, slog.Any("nosy", nosy{ctx}))
	log := p.Logger("x")
	log.InfoContext(ctx, "e")
	log.InfoContext(ctx, "e")
	recs := records(t, text())
	if recs[0]["nosy"] != true || recs[1]["added"] != 1.0 {
		t.Errorf("got %v", recs)
	}
}

// Of its ids, a scope has those of the outer one where it has none of its own, and
// the outer one keeps its own.
func TestScopeInheritsIDs(t *testing.T) {
	for _, c := range []struct{ outer, inner, want pairlog.ScopeConfig }{
		{pairlog.ScopeConfig{RequestID: "r", TraceID: "t", SpanID: "s"}, pairlog.ScopeConfig{}, pairlog.ScopeConfig{RequestID: "r", TraceID: "t", SpanID: "s"}},
		{pairlog.ScopeConfig{RequestID: "r", TraceID: "t", SpanID: "s"}, pairlog.ScopeConfig{RequestID: "r2", TraceID: "t2"}, pairlog.ScopeConfig{RequestID: "r2", TraceID: "t2", SpanID: "s"}},
		{pairlog.ScopeConfig{RequestID: "r", TraceID: "t", SpanID: "s"}, pairlog.ScopeConfig{SpanID: "s2"}, pairlog.ScopeConfig{RequestID: "r", TraceID: "t", SpanID: "s2"}},
		{pairlog.ScopeConfig{RequestID: "r"}, pairlog.ScopeConfig{TraceID: "t2"}, pairlog.ScopeConfig{RequestID: "r", TraceID: "t2"}},
		{pairlog.ScopeConfig{}, pairlog.ScopeConfig{}, pairlog.ScopeConfig{}},
	} {
		ctx, outer := pairlog.NewScope(t.Context(), c.outer)
		_, inner := pairlog.NewScope(ctx, c.inner)
		for _, is := range []struct {
			what string
			sc   *pairlog.Scope
			want pairlog.ScopeConfig
		}{{"inner", inner, c.want}, {"outer", outer, c.outer}} {
			got := pairlog.ScopeConfig{RequestID: is.sc.RequestID(), TraceID: is.sc.TraceID(), SpanID: is.sc.SpanID()}
			if fmt.Sprint(got) != fmt.Sprint(is.want) {
				t.Errorf("%+v within %+v: %s has %+v, want %+v", c.inner, c.outer, is.what, got, is.want)
			}
		}
	}
}
