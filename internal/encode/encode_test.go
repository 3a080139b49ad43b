package encode_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/encode"
	"github.com/pairly/pairlog/redact"
)

// newEncoder returns an encoder that writes personal data in full, so that tests
// see values as they are.
func newEncoder(t testing.TB, limits encode.Limits) *encode.Encoder {
	t.Helper()
	red, err := redact.New(redact.Config{PII: redact.PIIFull})
	if err != nil {
		t.Fatal(err)
	}
	return encode.New(encode.Config{Redactor: red, Limits: limits})
}

// line encodes one record without time and returns what comes after the event.
func line(e *encode.Encoder, p *encode.Prefix, b *encode.ScopeBlock, msg string, attrs ...slog.Attr) string {
	l := e.NewLine()
	defer l.Free()
	l.Begin(time.Time{}, e.NewHead("x"), slog.LevelInfo)
	if b != nil {
		l.RequestID(b)
	}
	l.Message(msg)
	l.Prefix(p)
	l.Attrs(attrs)
	l.EndAttrs()
	l.Scope(b)
	return strings.TrimSuffix(string(l.End()), "\n")
}

const opening = `{"level":"INFO","logger":"x","event":"e"`

// rest is line without its constant beginning.
func rest(t *testing.T, got string) string {
	t.Helper()
	if !json.Valid([]byte(got)) {
		t.Errorf("not valid JSON: %s", got)
	}
	after, ok := strings.CutPrefix(got, opening)
	if !ok {
		t.Fatalf("line %s does not begin with %s", got, opening)
	}
	return strings.TrimSuffix(strings.TrimPrefix(after, ","), "}")
}

type celsius float64

func (c celsius) String() string { return fmt.Sprintf("%.1f°C", float64(c)) }

type account struct {
	ID       int    `json:"id"`
	Name     string `json:"name,omitempty"`
	Password string `json:"password"`
	Hidden   string `json:"-"`
	Private  string `log:"-"`
	Marked   string `log:"secret"`
	inner    string
}

type base struct {
	ID   int
	Kind string `json:"kind"`
}

type derived struct {
	base
	*time.Location
	ID    string
	Since time.Time
	Took  time.Duration
}

type node struct {
	Name string
	Next *node
}

type pointerText struct{ s string }

func (p *pointerText) MarshalText() ([]byte, error) { return []byte("text:" + p.s), nil }

type rawMarshaler string

func (r rawMarshaler) MarshalJSON() ([]byte, error) { return []byte(r), nil }

type badMarshaler struct{}

func (badMarshaler) MarshalJSON() ([]byte, error) { return nil, errors.New("no") }

type valuer struct{ v any }

func (v valuer) LogValue() slog.Value { return slog.AnyValue(v.v) }

type panicker struct{}

func (panicker) LogValue() slog.Value { panic("p4nic-value") }

type panicError struct{}

func (*panicError) Error() string { panic("p4nic-error") }

type panicString int

func (panicString) String() string { panic("p4nic-string") }

func TestValues(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	f := func(v any, want string) {
		t.Helper()
		if got := rest(t, line(e, nil, nil, "e", slog.Any("k", v))); got != want {
			t.Errorf("%T %+v:\n got %s\nwant %s", v, v, got, want)
		}
	}
	f(nil, `"k":null`)
	f("a\"b\\c\n\t\r\x00\x1b\x7f\u0085\u2028é😀\xff", `"k":"a\"b\\c\n\t\r\u0000\u001b\u007f\u0085\u2028é😀\ufffd"`)
	f("<a href='x'>&", `"k":"<a href='x'>&"`)
	f(true, `"k":true`)
	f(-12, `"k":-12`)
	f(uint64(math.MaxUint64), `"k":18446744073709551615`)
	f(int64(math.MinInt64), `"k":-9223372036854775808`)
	f(1.0, `"k":1`)
	f(1e21, `"k":1e+21`)
	f(1e-7, `"k":1e-7`)
	f(0.1, `"k":0.1`)
	f(math.Copysign(0, -1), `"k":-0`)
	f([]float32{0.1}, `"k":[0.1]`)
	f(math.NaN(), `"k":"NaN"`)
	f(math.Inf(1), `"k":"+Inf"`)
	f(math.Inf(-1), `"k":"-Inf"`)
	f(float32(math.Inf(-1)), `"k":"-Inf"`)
	f(time.Date(2025, 1, 15, 10, 30, 45, 123999999, time.FixedZone("", 3600)), `"k":"2025-01-15T09:30:45.123Z"`)
	f(time.Time{}, `"k":"0001-01-01T00:00:00.000Z"`)
	f(145234*time.Microsecond, `"k_ms":145.23`)
	f(-time.Millisecond, `"k_ms":-1.00`)
	f([]byte("text"), `"k":"text"`)
	f([]byte{0xff, 0xfe}, `"k":"//4="`)
	f([]byte(nil), `"k":null`)
	f(json.RawMessage(`{"a": [1, 2]}`), `"k":{"a":[1,2]}`)
	f(json.RawMessage(`{"a":`), `"k":"[REDACTED]"`)
	f(json.RawMessage(nil), `"k":null`)
	f(json.Number("12.50"), `"k":12.50`)
	f(json.Number("x"), `"k":"x"`)
	f(errors.New("boom"), `"k":"boom"`)
	f((*panicError)(nil), `"k":null`)
	f([]string{"a", "b"}, `"k":["a","b"]`)
	f([]string(nil), `"k":null`)
	f([]any{1, "x", nil, []int{1}}, `"k":[1,"x",null,[1]]`)
	f([2]bool{true, false}, `"k":[true,false]`)
	f(map[string]any{"b": 1, "a": map[string]string{}}, `"k":{"a":{},"b":1}`)
	f(map[string]int(nil), `"k":null`)
	f(map[int]string{10: "x", 9: "y"}, `"k":{"10":"x","9":"y"}`)
	f(map[netip.Addr]bool{netip.MustParseAddr("::1"): true}, `"k":{"::1":true}`)
	f(map[string]time.Duration{"took": time.Second}, `"k":{"took_ms":1000.00}`)
	f(account{ID: 1, Password: "hunter2", Hidden: "h", Private: "p", Marked: "m", inner: "i"},
		`"k":{"id":1,"password":"[REDACTED]","Marked":"[REDACTED]"}`)
	f(&account{Name: "n"}, `"k":{"id":0,"name":"n","password":"[REDACTED]","Marked":"[REDACTED]"}`)
	f(derived{base: base{ID: 1, Kind: "u"}, ID: "own", Took: time.Second},
		`"k":{"kind":"u","ID":"own","Since":"0001-01-01T00:00:00.000Z","Took_ms":1000.00}`)
	f(struct{}{}, `"k":{}`)
	f((*account)(nil), `"k":null`)
	f(celsius(21), `"k":"21.0°C"`)
	f(time.March, `"k":"March"`)
	f(url.URL{Scheme: "https", Host: "example.com", Path: "/a"}, `"k":"https://example.com/a"`)
	f(&url.URL{Scheme: "https", Host: "example.com", Path: "/a"}, `"k":"https://example.com/a"`)
	f(pointerText{"x"}, `"k":"text:x"`)
	f([]pointerText{{"x"}}, `"k":["text:x"]`)
	f(rawMarshaler(`{"x":1}`), `"k":{"x":1}`)
	f(badMarshaler{}, `"k":"[PANIC]"`)
	f(func() {}, `"k":"func()"`)
	f(complex(1, 2), `"k":"complex128"`)
	f(redact.NewSecret("s3cret"), `"k":"[REDACTED]"`)
	f(struct{ S redact.Secret[int] }{redact.NewSecret(7)}, `"k":{"S":"[REDACTED]"}`)
	f(struct{ A, B any }{1, nil}, `"k":{"A":1,"B":null}`)
	f(struct {
		N int   `json:",string"`
		P *bool `json:",string"`
		Z int   `json:",omitzero"`
		E []int `json:",omitempty"`
	}{N: 7}, `"k":{"N":"7","P":null}`)
}

func TestStructsWhoseNamesMeet(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	f := func(v any, want string) {
		t.Helper()
		if got := rest(t, line(e, nil, nil, "e", slog.Any("k", v))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	f(struct {
		A any
		B int `json:"A_ms"`
	}{time.Second, 1}, `"k":{"A_ms":1}`)
	f(struct {
		B int `json:"A_ms"`
		A time.Duration
	}{1, time.Second}, `"k":{"A_ms":1000.00}`)
	f(struct {
		A any
		B time.Duration
		C float64 `json:"c_ms"`
	}{time.Second, time.Second, 1}, `"k":{"A_ms":1000.00,"B_ms":1000.00,"c_ms":1.00}`)
}

func TestLogValuers(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	f := func(v any, want string) {
		t.Helper()
		if got := rest(t, line(e, nil, nil, "e", slog.Any("k", v))); got != want {
			t.Errorf("%T:\n got %s\nwant %s", v, got, want)
		}
	}
	f(valuer{valuer{7}}, `"k":7`)
	f(struct{ V valuer }{valuer{"x"}}, `"k":{"V":"x"}`)
	f([]any{valuer{slog.GroupValue(slog.Int("a", 1))}}, `"k":[{"a":1}]`)
	f(map[string]slog.LogValuer{"m": valuer{true}}, `"k":{"m":true}`)
	f(valuer{slog.GroupValue(slog.String("password", "x"), slog.Any("in", valuer{1}))}, `"k":{"password":"[REDACTED]","in":1}`)
	f(slog.GroupValue(slog.Int("a", 1)), `"k":{"a":1}`)
	f(struct{ V slog.Value }{slog.IntValue(3)}, `"k":{"V":3}`)
	f(struct{ A slog.Attr }{slog.Int("n", 3)}, `"k":{"A":{"n":3}}`)
	f((*pointerValuer)(nil), `"k":null`)
}

type pointerValuer struct{ s string }

func (p pointerValuer) LogValue() slog.Value { return slog.StringValue(p.s) }

type selfValuer struct{}

func (s selfValuer) LogValue() slog.Value { return slog.AnyValue(s) }

type groupSelf struct{}

func (g groupSelf) LogValue() slog.Value { return slog.GroupValue(slog.Any("g", g)) }

func TestPanicsBecomeMarks(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	for _, v := range []any{
		panicker{}, &panicError{}, panicString(1), selfValuer{},
		struct{ V panicker }{}, []any{1, &panicError{}}, map[string]any{"a": panicString(1)}, []panicString{1},
		map[panicKey]int{{}: 1},
	} {
		got := line(e, nil, nil, "e", slog.Int("before", 1), slog.Any("k", v), slog.Int("after", 2))
		if !json.Valid([]byte(got)) || strings.Contains(got, "p4nic") {
			t.Errorf("%T: %s", v, got)
		}
		if got := rest(t, got); !strings.HasPrefix(got, `"before":1,"k":`) || !strings.HasSuffix(got, `,"after":2`) || !strings.Contains(got, "[PANIC]") {
			t.Errorf("%T: got %s, want a mark between before and after", v, got)
		}
	}
	if n := e.Faults().Panics; n < 9 {
		t.Errorf("Faults().Panics = %d, want 9 or more", n)
	}
}

type panicKey struct{}

func (panicKey) MarshalText() ([]byte, error) { panic("p4nic-key") }

func TestCyclesAndDepthEnd(t *testing.T) {
	e := newEncoder(t, encode.Limits{Depth: 4})
	loop := &node{Name: "a"}
	loop.Next = &node{Name: "b", Next: loop}
	if got, want := rest(t, line(e, nil, nil, "e", slog.Any("k", loop))), `"k":{"Name":"a","Next":{"Name":"b","Next":"…"}}`; got != want {
		t.Errorf("cycle: got %s, want %s", got, want)
	}
	m := map[string]any{}
	m["self"] = m
	if got, want := rest(t, line(e, nil, nil, "e", slog.Any("k", m))), `"k":{"self":"…"}`; got != want {
		t.Errorf("map in itself: got %s, want %s", got, want)
	}
	list := make([]any, 1)
	list[0] = list
	if got, want := rest(t, line(e, nil, nil, "e", slog.Any("k", list))), `"k":["…"]`; got != want {
		t.Errorf("list in itself: got %s, want %s", got, want)
	}
	type pointer *pointer
	var p pointer
	p = &p
	if got, want := rest(t, line(e, nil, nil, "e", slog.Any("k", p))), `"k":"…"`; got != want {
		t.Errorf("pointer to itself: got %s, want %s", got, want)
	}
	deep := any(1)
	for range 10 {
		deep = []any{deep}
	}
	if got, want := rest(t, line(e, nil, nil, "e", slog.Any("k", deep))), `"k":[[[["…"]]]]`; got != want {
		t.Errorf("deep list: got %s, want %s", got, want)
	}
	group := slog.Int("x", 1)
	for range 10 {
		group = slog.Attr{Key: "g", Value: slog.GroupValue(group)}
	}
	if got, want := rest(t, line(e, nil, nil, "e", group)), `"g":{"g":{"g":{"g":{"g":"…"}}}}`; got != want {
		t.Errorf("deep group: got %s, want %s", got, want)
	}
	if got := line(e, nil, nil, "e", slog.Any("k", groupSelf{})); !strings.Contains(got, "…") || !json.Valid([]byte(got)) {
		t.Errorf("LogValuer in its own group: got %s, want an end", got)
	}
	shared := &node{Name: "s"}
	if got, want := rest(t, line(e, nil, nil, "e", slog.Any("k", []*node{shared, shared}))), `"k":[{"Name":"s","Next":null},{"Name":"s","Next":null}]`; got != want {
		t.Errorf("shared pointer: got %s, want %s", got, want)
	}
}

func TestLimits(t *testing.T) {
	e := newEncoder(t, encode.Limits{Keys: 2, Items: 3, String: 10, Line: 400})
	f := func(v any, want string) {
		t.Helper()
		if got := rest(t, line(e, nil, nil, "e", slog.Any("k", v))); got != want {
			t.Errorf("%v:\n got %s\nwant %s", v, got, want)
		}
	}
	f("0123456789", `"k":"0123456789"`)
	f("0123456789a", `"k":"0123456789…"`)
	f("012345678é", `"k":"012345678…"`)
	f([]int{1, 2, 3}, `"k":[1,2,3]`)
	f([]int{1, 2, 3, 4}, `"k":[1,2,3,"…"]`)
	f([]string{"1", "2", "3", "4"}, `"k":["1","2","3","…"]`)
	f(map[string]int{"a": 1, "b": 2, "c": 3, "d": 4}, `"k":{"a":1,"b":2,"…":2}`)
	f(slog.GroupValue(slog.Int("a", 1), slog.Int("b", 2), slog.Int("c", 3)), `"k":{"a":1,"b":2,"…":1}`)
	f(struct{ A, B, C int }{}, `"k":{"A":0,"B":0,"…":1}`)
	var attrs []slog.Attr
	for i := range 100 {
		attrs = append(attrs, slog.String(fmt.Sprint("key", i), "value"))
	}
	if got := line(e, nil, nil, "e", attrs...); len(got) > 500 || !json.Valid([]byte(got)) {
		t.Errorf("full line: %d bytes: %s", len(got), got)
	}
	if e.Faults().Truncated == 0 {
		t.Error("Faults().Truncated = 0")
	}
}

func TestDuplicates(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	f := func(p *encode.Prefix, want string, attrs ...slog.Attr) {
		t.Helper()
		if got := rest(t, line(e, p, nil, "e", attrs...)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	i, s := slog.Int, slog.String
	f(nil, `"b":2,"a":3`, i("a", 1), i("b", 2), i("a", 3))
	f(nil, `"a":3`, i("a", 1), i("a", 2), i("a", 3))
	f(nil, `"g":{"b":1,"a":2}`, slog.Group("g", i("a", 1), i("b", 1), i("a", 2)))
	f(nil, `"g":{"b":2}`, slog.Group("g", i("a", 1)), slog.Group("g", i("b", 2)))
	f(nil, `"b":1,"a":2`, i("a", 1), slog.Group("", i("b", 1), i("a", 2)))
	f(nil, `"a":1`, i("a", 1), slog.Group("a"))
	f(nil, `"k_ms":2.00`, slog.Float64("k_ms", 1), slog.Duration("k", 2*time.Millisecond))
	f(nil, `"b":1,"a":{"x":1}`, i("a", 1), i("b", 1), slog.Any("a", map[string]int{"x": 1}))

	ab := e.With(nil, []slog.Attr{i("a", 1), i("b", 2)})
	f(ab, `"a":1,"b":2,"c":3`, i("c", 3))
	f(ab, `"b":2,"c":3,"a":4`, i("c", 3), i("a", 4))
	f(ab, `"a":4,"b":5`, i("a", 9), i("b", 5), i("a", 4), i("b", 5))
	f(ab, `"b":5,"a":4`, i("b", 9), i("a", 4), slog.Group("b"), slog.Group(""), s("b", "x"), i("a", 4), i("b", 5), i("a", 4))
	f(e.With(ab, []slog.Attr{i("a", 7)}), `"b":2,"a":7,"c":3`, i("c", 3))
	f(e.With(nil, nil), ``)

	// A group of the logger takes the place of an attr, once there is something
	// in it.
	bg := e.Group(ab, "b")
	f(bg, `"a":1,"b":2`)
	f(bg, `"a":1,"b":2`, slog.Group("empty"))
	f(bg, `"a":1,"b":{"a":5}`, i("a", 5))
	bgh := e.Group(e.With(bg, []slog.Attr{i("a", 6), i("h", 7)}), "h")
	f(bgh, `"a":1,"b":{"a":6,"h":7}`)
	f(bgh, `"a":1,"b":{"a":6,"h":{"x":2}}`, i("x", 1), i("x", 2))
	f(e.Group(e.Group(nil, "g"), "h"), ``)
	f(e.Group(e.Group(nil, "g"), "h"), `"g":{"h":{"a":1}}`, i("a", 1))
	f(e.With(e.Group(e.Group(nil, "g"), "h"), []slog.Attr{i("a", 1)}), `"g":{"h":{"a":2}}`, i("a", 2))
	f(e.Group(nil, ""), `"a":1`, i("a", 1))
}

func TestManyKeysWithEqualBits(t *testing.T) {
	e := newEncoder(t, encode.Limits{Keys: 5000})
	// Far more keys than bits: nearly every look is a false alarm.
	var attrs []slog.Attr
	for i := range 3000 {
		attrs = append(attrs, slog.Int(fmt.Sprintf("key_%d", i), i))
	}
	attrs = append(attrs, slog.Int("key_17", -1))
	var m map[string]int
	got := line(e, nil, nil, "e", slog.Attr{Key: "g", Value: slog.GroupValue(attrs...)})
	var rec struct{ G json.RawMessage }
	if err := json.Unmarshal([]byte(got), &rec); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(rec.G, &m); err != nil {
		t.Fatal(err)
	}
	if len(m) != 3000 || m["key_17"] != -1 || m["key_18"] != 18 || strings.Count(got, `"key_17":`) != 1 {
		t.Errorf("%d keys, key_17 = %d, want 3000 and -1", len(m), m["key_17"])
	}
}

func TestReservedNames(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	all := []slog.Attr{slog.Int("timestamp", 1), slog.Int("level", 2), slog.Int("logger", 3), slog.Int("event", 4), slog.Int("message", 5)}
	if got, want := rest(t, line(e, nil, nil, "e", all...)), `"timestamp_":1,"level_":2,"logger_":3,"event_":4,"message":5`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	const head = `{"level":"INFO","logger":"x","message":"A text",`
	if got, want := line(e, nil, nil, "A text", all...), head+`"timestamp_":1,"level_":2,"logger_":3,"event_":4,"message_":5}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p := e.With(nil, all)
	if got, want := line(e, p, nil, "A text"), head+`"timestamp_":1,"level_":2,"logger_":3,"event_":4,"message_":5}`; got != want {
		t.Errorf("With: got %s, want %s", got, want)
	}
	if got, want := line(e, p, nil, "A text", slog.Int("message", 6)), head+`"timestamp_":1,"level_":2,"logger_":3,"event_":4,"message_":6}`; got != want {
		t.Errorf("With and call: got %s, want %s", got, want)
	}
	if got, want := rest(t, line(e, e.Group(nil, "g"), nil, "e", all...)), `"g":{"timestamp":1,"level":2,"logger":3,"event":4,"message":5}`; got != want {
		t.Errorf("in a group: got %s, want %s", got, want)
	}
	if got, want := line(e, e.With(e.Group(nil, "level"), all[:1]), nil, "A text"), head+`"level_":{"timestamp":1}}`; got != want {
		t.Errorf("as a group: got %s, want %s", got, want)
	}
}
