package encode_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pairly/pairlog/internal/encode"
	"github.com/pairly/pairlog/redact"
)

// plainEncoder has all rules off that could change a value, so that what it
// writes can be held against encoding/json.
func plainEncoder(t testing.TB) *encode.Encoder {
	t.Helper()
	red, err := redact.New(redact.Config{PII: redact.PIIFull})
	if err != nil {
		t.Fatal(err)
	}
	return encode.New(encode.Config{Redactor: red, Limits: encode.Limits{String: 1 << 20, Line: 8 << 20}})
}

// oneLine holds what is true of every record: one line, valid JSON, nothing that
// a terminal would act on.
func oneLine(t *testing.T, got []byte) {
	t.Helper()
	if n := bytes.IndexByte(got, '\n'); n != len(got)-1 {
		t.Errorf("newline at %d of %d: %q", n, len(got), got)
	}
	if !json.Valid(got) {
		t.Errorf("not valid JSON: %q", got)
	}
	if !utf8.Valid(got) {
		t.Errorf("not valid UTF-8: %q", got)
	}
	for _, r := range string(got[:len(got)-1]) {
		if unicode.IsControl(r) || r == 0x2028 || r == 0x2029 {
			t.Errorf("control character %U in %q", r, got)
		}
	}
}

// FuzzString holds text against encoding/json: equal after decoding, wherever
// the redactor has nothing to do.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "plain", "é😀", "\xff\xfe", "a\x00\x1f\x7f\u0085\u2028\u2029", `"\/`, "<&>", "e\u0301", "\xed\xa0\x80", strings.Repeat("x", 100) + "\x80"} {
		f.Add(s, s)
	}
	e := plainEncoder(f)
	red := e.Redactor()
	head := e.NewHead("x")
	f.Fuzz(func(t *testing.T, key, value string) {
		l := e.NewLine()
		defer l.Free()
		l.Begin(time.Time{}, head, slog.LevelInfo)
		l.Message(value)
		a := slog.String(key, value)
		l.Attr(&a)
		b := slog.Any("any", map[string]any{key: []string{value}})
		l.Attr(&b)
		l.EndAttrs()
		l.Scope(nil)
		got := l.End()
		oneLine(t, got)
		if red.String(value) != value || red.String(key) != key || red.Key(key) != redact.ClassKeep {
			return
		}
		var rec map[string]any
		if err := json.Unmarshal(got, &rec); err != nil {
			t.Fatal(err)
		}
		want := decoded(t, value)
		switch key {
		case "event", "message", "level", "logger", "timestamp", "recorded", "sample_weight", "any":
		default:
			if got := rec[decoded(t, key).(string)]; got != want && key != "ms" && !strings.HasSuffix(key, "_ms") {
				t.Errorf("key %q value %q: got %q, want %q", key, value, got, want)
			}
		}
		if got := rec["any"]; !reflect.DeepEqual(got, decoded(t, map[string]any{key: []string{value}})) {
			t.Errorf("any of %q: got %q", value, got)
		}
	})
}

// decoded is v after a round trip through encoding/json.
func decoded(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

type fuzzed struct {
	I   int64 `json:"i"`
	U   uint64
	F   float64
	F32 float32 `json:"f32"`
	B   bool
	S   string            `json:"s,omitempty"`
	L   []string          `json:"l"`
	M   map[string]string `json:"m,omitempty"`
	P   *fuzzed           `json:"p"`
	A   any
	Q   int64 `json:",string"`
	T   time.Time
}

// FuzzStruct holds structs, lists and maps against encoding/json.
func FuzzStruct(f *testing.F) {
	f.Add(int64(1), 1.5, "text", true)
	f.Add(int64(math.MinInt64), math.MaxFloat64, "\xff", false)
	f.Add(int64(-1), 1e-9, "a\nb", true)
	e := plainEncoder(f)
	red := e.Redactor()
	head := e.NewHead("x")
	f.Fuzz(func(t *testing.T, i int64, fl float64, s string, b bool) {
		v := fuzzed{I: i, U: uint64(i), F: fl, F32: float32(fl), B: b, S: s, L: []string{s, "x"}, Q: i,
			M: map[string]string{"b" + s: s, "a": ""}, A: []any{i, fl, nil, map[string]any{"k": s}},
			T: time.UnixMilli(i % 1e14).UTC()}
		v.P = &fuzzed{S: s, A: int8(i)}
		l := e.NewLine()
		defer l.Free()
		l.Begin(time.Time{}, head, slog.LevelInfo)
		l.Message("e")
		a := slog.Any("v", v)
		l.Attr(&a)
		l.EndAttrs()
		l.Scope(nil)
		got := l.End()
		oneLine(t, got)
		want, err := json.Marshal(v)
		if err != nil || red.String(s) != s || red.Key("b"+s) != redact.ClassKeep || redactedNumber(red, i, fl) || s == "ms" || strings.HasSuffix(s, "_ms") {
			return
		}
		var rec struct{ V map[string]any }
		if err := json.Unmarshal(got, &rec); err != nil {
			t.Fatal(err)
		}
		var wanted map[string]any
		if err := json.Unmarshal(want, &wanted); err != nil {
			t.Fatal(err)
		}
		// Times are written with exactly three decimals, which is another text
		// for the same instant.
		for _, m := range []map[string]any{rec.V, wanted, rec.V["p"].(map[string]any), wanted["p"].(map[string]any)} {
			at, err := time.Parse(time.RFC3339Nano, m["T"].(string))
			if err != nil {
				t.Fatal(err)
			}
			m["T"] = at.UnixMilli()
		}
		if !reflect.DeepEqual(rec.V, wanted) {
			t.Errorf("\n got %v\nwant %v", rec.V, wanted)
		}
	})
}

func redactedNumber(red *redact.Redactor, i int64, f float64) bool {
	_, a := red.Int(i)
	_, b := red.Uint(uint64(i))
	_, c := red.Float(f)
	_, d := red.Float(float64(float32(f)))
	return a || b || c || d
}

// FuzzRaw feeds documents of somebody else's making.
func FuzzRaw(f *testing.F) {
	for _, s := range []string{`{"a":1}`, ` [1, "x\u0000"] `, "\"\u0085\u2028\x7f\"", `{"a":`, "\"\xff\"", "null", "{\"a\":\n\t1}"} {
		f.Add([]byte(s))
	}
	e := plainEncoder(f)
	red := e.Redactor()
	head := e.NewHead("x")
	f.Fuzz(func(t *testing.T, raw []byte) {
		l := e.NewLine()
		defer l.Free()
		l.Begin(time.Time{}, head, slog.LevelInfo)
		l.Message(string(raw))
		for _, a := range []slog.Attr{
			slog.Any("raw", json.RawMessage(raw)), slog.Any("marshaler", rawMarshaler(raw)),
			slog.Any("bytes", raw), slog.Any("number", json.Number(raw)),
			slog.Any("under", map[string]any{"content": json.RawMessage(raw)}),
		} {
			l.Attr(&a)
		}
		l.EndAttrs()
		l.Scope(nil)
		got := l.End()
		oneLine(t, got)
		var rec map[string]json.RawMessage
		if err := json.Unmarshal(got, &rec); err != nil {
			t.Fatal(err)
		}
		var want any
		if json.Unmarshal(raw, &want) != nil || len(raw) == 0 || string(red.AppendJSON(nil, raw)) != compact(t, raw) {
			return
		}
		var back any
		if err := json.Unmarshal(rec["raw"], &back); err != nil || !reflect.DeepEqual(back, want) {
			t.Errorf("raw: got %s, want %s", rec["raw"], raw)
		}
	})
}

func compact(t *testing.T, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
