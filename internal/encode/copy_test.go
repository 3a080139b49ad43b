package encode_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

func TestCopy(t *testing.T) {
	at := time.Date(2025, 1, 15, 10, 30, 45, 123456789, time.UTC)
	attrs := []slog.Attr{
		slog.String("s", "text"), slog.String("", ""), slog.Int("i", -1), slog.Uint64("u", 1<<63), slog.Float64("f", -0.5), slog.Bool("t", true), slog.Bool("f", false),
		slog.Duration("d", -time.Hour), slog.Time("at", at), slog.Time("zero", time.Time{}), slog.Any("null", nil), slog.Group("empty"),
		slog.Group("g", slog.Group("h", slog.Int("n", 1)), slog.String("s", "x")), {},
	}
	r := slog.NewRecord(at, slog.LevelInfo, "of the record", 0)
	r.AddAttrs(attrs...)
	for name, c := range map[string]struct {
		attrs []slog.Attr
		rec   *slog.Record
	}{"attrs": {attrs, nil}, "record": {nil, &r}} {
		before := []byte("before")
		dst, ok := encode.AppendCopy(before, "a message", c.attrs, c.rec)
		if !ok || !strings.HasPrefix(string(dst), "before") {
			t.Fatalf("%s: AppendCopy = %q, %v", name, dst, ok)
		}
		msg, got := encode.ReadCopy(dst[len("before"):])
		clear(dst) // what was read does not point there
		if msg != "a message" || !slog.GroupValue(got...).Equal(slog.GroupValue(attrs...)) {
			t.Errorf("%s: ReadCopy = %q, %v, want %v", name, msg, got, attrs)
		}
	}
}

func TestWhatIsNotCopied(t *testing.T) {
	f := func(what, msg string, attrs ...slog.Attr) {
		t.Helper()
		if _, ok := encode.AppendCopy(make([]byte, 7), msg, attrs, nil); ok {
			t.Errorf("%s is copied", what)
		}
	}
	text := strings.Repeat("x", 3<<10)
	f("a map", "", slog.Any("m", map[string]int{}))
	f("an error", "", slog.Any("err", errors.New("x")))
	f("a LogValuer", "", slog.Any("v", &encode.Failure{}))
	f("a LogValuer in a group", "", slog.Group("g", slog.Group("h", slog.Any("v", &encode.Failure{}))))
	f("a long message", text)
	f("a long text", "", slog.String("s", text))
	f("a long key", "", slog.Int(text, 1))
	f("a long text in a group", "", slog.Group("g", slog.String("s", text)))
	f("much in all", "", slog.String("a", text[:1000]), slog.String("b", text[:1000]), slog.String("c", text[:1000]))
	f("many attrs", "", slices.Repeat([]slog.Attr{slog.Int("n", 1)}, 1000)...)
	deep := slog.Int("n", 1)
	for range 5000 {
		deep = slog.Group("g", deep)
	}
	f("a deep group", "", deep)
	self := make([]slog.Attr, 1)
	self[0] = slog.Attr{Key: "g", Value: slog.GroupValue(self...)}
	f("a group with itself in it", "", self...)
}

func TestIsConstant(t *testing.T) {
	f := func(want bool, v slog.Value) {
		t.Helper()
		if got := encode.IsConstant(v); got != want {
			t.Errorf("IsConstant of a %v = %v, want %v", v.Kind(), got, want)
		}
	}
	f(true, slog.Value{})
	f(true, slog.StringValue("x"))
	f(true, slog.TimeValue(time.Time{}))
	f(true, slog.GroupValue(slog.Int("n", 1), slog.Group("g", slog.Any("null", nil))))
	self := make([]slog.Attr, 2)
	self[0] = slog.Attr{Key: "g", Value: slog.GroupValue(self...)}
	self[1] = self[0]
	f(false, self[0].Value)
	f(false, slog.AnyValue([]byte("x")))
	f(false, slog.AnyValue(&encode.Failure{}))
	f(false, slog.GroupValue(slog.Int("n", 1), slog.Group("g", slog.Any("x", 'x'), slog.Any("y", errors.New("y")))))
}
