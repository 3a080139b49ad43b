package pairlog_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/redact"
)

// formKeys are keys of every class that a form may have.
var formKeys = []string{
	"method", "path", "query_params", "client_ip", "user_agent", "user_id", "status_code", "duration_ms",
	"password", "a_key_that_is_longer_than_the_words_of_a_block", "email", "body",
}

// Values that stand for what a form line does with a member.
var (
	absent    = slog.AnyValue(struct{ absent bool }{})
	fromScope = slog.AnyValue(struct{ fromScope bool }{})
)

// writeForm writes values as the members of a form's line.
func writeForm(ctx context.Context, f *pairlog.Form, values []slog.Value, more ...slog.Attr) {
	line, ok := f.Line(ctx, time.Now(), slog.LevelInfo, "")
	if !ok {
		return
	}
	for i, v := range values {
		switch {
		case v.Equal(absent):
		case v.Equal(fromScope):
			line.Scoped(i)
		case v.Kind() == slog.KindString:
			line.Text(i, v.String())
		case v.Kind() == slog.KindInt64:
			line.Int(i, v.Int64())
		case v.Kind() == slog.KindDuration:
			line.Milliseconds(i, v.Duration())
		case v.Kind() == slog.KindLogValuer:
			line.Query(i, v.Any().(*pairlog.Query))
		default:
			line.Value(i, v)
		}
	}
	line.Write(more...)
}

// sameLine writes values with a form and, attr by attr, with Log, and compares.
// scoped says whether the scope has had a line before, and so a block.
func sameLine(t *testing.T, c pairlog.Config, with func(*slog.Logger) *slog.Logger, scope []slog.Attr, scoped bool, values []slog.Value, more ...slog.Attr) string {
	t.Helper()
	var lines [2]string
	for i := range lines {
		c.Now = clock
		p, text := open(t, c)
		log := p.Logger("api.request")
		if with != nil {
			log = with(log)
		}
		ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: request, SpanID: "00f067aa0ba902b7", Attrs: scope})
		if scoped {
			log.InfoContext(ctx, "first")
			log.InfoContext(ctx, "second")
		}
		if i == 0 {
			writeForm(ctx, pairlog.NewForm(log, "http_request", formKeys...), values, more...)
		} else {
			var attrs []slog.Attr
			for k, v := range values {
				switch {
				case v.Equal(absent):
					continue
				case v.Equal(fromScope):
					v, _ = sc.Value(formKeys[k])
				}
				attrs = append(attrs, slog.Attr{Key: formKeys[k], Value: v})
			}
			pairlog.Log(ctx, log, slog.LevelInfo, "http_request", append(attrs, more...)...)
		}
		lines[i] = text()
	}
	if lines[0] != lines[1] {
		t.Errorf("the form's line differs\n got %s\nwant %s", lines[0], lines[1])
	}
	return lines[0]
}

func webValues() []slog.Value {
	q := pairlog.Query("page=2&sort=newest")
	return []slog.Value{
		slog.StringValue("POST"), slog.StringValue("/api/auth/login"), slog.AnyValue(&q), slog.StringValue("192.168.1.100"),
		slog.StringValue("Mozilla/5.0"), fromScope, slog.IntValue(200), slog.DurationValue(145234567 * time.Nanosecond),
		slog.StringValue("hunter2"), slog.StringValue("x"), slog.StringValue("jane@test.com"), slog.StringValue("a text"),
	}
}

// TestFormWritesWhatLogWrites compares the two ways for each kind of value, scope
// and logger.
func TestFormWritesWhatLogWrites(t *testing.T) {
	user := []slog.Attr{slog.String("user_id", user1), slog.Int("n", 1), slog.String("path", "of the scope"), slog.String("token", "secret")}
	odd := append(user, slog.Duration("took", time.Second), slog.String("trace_id", "tr"), slog.String("body", "x"), slog.Any("list", []string{"a"}))
	line := sameLine(t, pairlog.Config{}, nil, user, false, webValues())
	for _, part := range []string{
		`"event":"http_request","method":"POST","path":"/api/auth/login","query_params":{"page":"2","sort":"newest"},"client_ip":"192.168.1.0/24"`,
		`"user_id":"` + user1 + `","status_code":200,"duration_ms":145.23,"password":"[REDACTED]"`, `,"n":1,"token":"[REDACTED]","span_id":`,
	} {
		if !strings.Contains(line, part) {
			t.Errorf("no %s in %s", part, line)
		}
	}
	loggers := map[string]func(*slog.Logger) *slog.Logger{
		"plain":  nil,
		"with":   func(l *slog.Logger) *slog.Logger { return l.With("service", "pairly") },
		"clash":  func(l *slog.Logger) *slog.Logger { return l.With("path", "of the logger") },
		"group":  func(l *slog.Logger) *slog.Logger { return l.WithGroup("g") },
		"hidden": func(l *slog.Logger) *slog.Logger { return l.WithGroup("password") },
	}
	configs := map[string]pairlog.Config{
		"default": {},
		"full":    {PIIMode: "full"},
		"allow":   {Redact: redact.Config{Allow: map[string][]string{"query_params": {"page"}}}},
		"limits":  {Limits: pairlog.Limits{String: 9, Line: 300, Keys: 1}},
		"source":  {Source: false},
	}
	few := webValues()[:7]
	gaps := webValues()
	gaps[1], gaps[4], gaps[11] = absent, slog.AnyValue(nil), slog.GroupValue(slog.Int("a", 1))
	gaps[6], gaps[7] = slog.Int64Value(4111111111111111), slog.DurationValue(-1)
	gaps[0], gaps[5] = slog.Float64Value(1.5), slog.StringValue("a \"quoted\"\n\x7ftext")
	odder := webValues()
	odder[3], odder[9] = slog.AnyValue([]int{1}), slog.TimeValue(clock())
	for cn, c := range configs {
		for ln, with := range loggers {
			for sn, scope := range map[string][]slog.Attr{"none": nil, "user": user, "odd": odd} {
				for vn, values := range map[string][]slog.Value{"all": webValues(), "few": few, "gaps": gaps, "odder": odder, "none": nil} {
					for _, scoped := range []bool{false, true} {
						t.Run(fmt.Sprint(cn, ln, sn, vn, scoped), func(t *testing.T) {
							sameLine(t, c, with, scope, scoped, values, slog.String("outcome", "x"), slog.Int("status_code", 1), slog.String("message", "m"))
						})
					}
				}
			}
		}
	}
}

// A form does what Log does about levels, samples and loggers that are foreign.
func TestFormLeavesOut(t *testing.T) {
	p, text := open(t, pairlog.Config{Level: slog.LevelWarn, SampleRates: map[string]float64{"polled:GET /": 0}})
	form := pairlog.NewForm(p.Logger("x"), "polled", "n", pairlog.KeyRoute)
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-1"})
	writeForm(ctx, form, nil)
	if sc.Recorded() != 0 {
		t.Error("the flight recorder has taken a line of a form")
	}
	p.SetLevel("", slog.LevelInfo)
	for i, route := range []string{"GET /", "GET /users"} {
		if line, ok := form.Line(ctx, time.Now(), slog.LevelInfo, route); ok {
			line.Int(0, int64(i))
			line.Text(1, route)
			line.Write()
		}
	}
	writeForm(ctx, form, []slog.Value{slog.IntValue(2)})
	var got []string
	for _, rec := range records(t, text()) {
		if rec["event"] == "polled" {
			got = append(got, fmt.Sprint(rec["n"]))
		}
	}
	if fmt.Sprint(got) != "[1 2]" {
		t.Errorf("lines %v, want 1 and 2", got)
	}
}

func TestFormOfAForeignLogger(t *testing.T) {
	var b strings.Builder
	form := pairlog.NewForm(slog.New(slog.NewJSONHandler(&b, nil)), "http_request", "method", "query_params", "user_id", "route", "duration_ms")
	q := pairlog.Query("a=1&a=2&%zz")
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-1", Attrs: []slog.Attr{slog.String("user_id", "u1"), slog.String("plan", "free")}})
	if _, ok := form.Line(ctx, time.Now(), slog.LevelDebug, ""); ok {
		t.Error("a line below the level of the foreign logger")
	}
	writeForm(ctx, form, []slog.Value{slog.StringValue("GET"), slog.AnyValue(&q), fromScope, absent, slog.DurationValue(1234567 * time.Nanosecond)}, slog.Bool("slow", true))
	want := `"msg":"http_request","request_id":"req-1","method":"GET","query_params":{"a":["1","2"],"%zz":""},"user_id":"u1","duration_ms":1.23,"slow":true,"plan":"free"}` + "\n"
	if !strings.HasSuffix(b.String(), want) || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("got %s\nwant …%s", b.String(), want)
	}
}

func TestFormCostsNoAllocation(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p, _ := open(t, pairlog.Config{QueueBytes: 64 << 20})
	form := pairlog.NewForm(p.Logger("x"), "http_request", formKeys...)
	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: request, Attrs: []slog.Attr{slog.String("user_id", user1)}})
	values := webValues()
	line := func() { writeForm(ctx, form, values, slog.Bool("slow", true)) }
	line()
	line()
	if got := testing.AllocsPerRun(200, line); got > 0 {
		t.Errorf("a line: %v allocations, want 0", got)
	}
}
