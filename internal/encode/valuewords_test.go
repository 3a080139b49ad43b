package encode_test

import (
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

// TestValueWords fails when a new version of log/slog, or of the compiler, keeps
// values in another way: lines are then right all the same, and slower.
func TestValueWords(t *testing.T) {
	if _, ok := encode.TextOf(slog.StringValue("a")); !ok {
		t.Error("slog.Value is not built as expected")
	}
	for _, other := range []any{slog.Attr{}, struct{ num, x, y uint64 }{}, "", time.Time{}} {
		if encode.SameForm(reflect.TypeOf(other)) {
			t.Errorf("a %T is taken for a value of log/slog", other)
		}
	}
	x := byte('x')
	p := &x
	for _, v := range []slog.Value{
		{}, slog.AnyValue(nil), slog.AnyValue(p), slog.AnyValue((*byte)(nil)), slog.AnyValue(slog.KindInt64), slog.AnyValue(errors.New("broken")),
		slog.AnyValue(slog.IntValue(3)), slog.GroupValue(slog.Int("a", 1)), slog.GroupValue(), slog.TimeValue(time.Time{}),
		slog.TimeValue(time.Unix(1, 2)), slog.StringValue(""), slog.StringValue(string([]byte(nil))), slog.AnyValue([]byte("x")),
		slog.Int64Value(math.MinInt64), slog.Uint64Value(math.MaxUint64), slog.Float64Value(math.NaN()), slog.AnyValue(int8(4)),
	} {
		sameValue(t, v)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		sameValue(t, anyValue(r))
	}
}

// sameValue holds what is read of v against what its own methods say.
func sameValue(t *testing.T, v slog.Value) {
	t.Helper()
	text, ok := encode.TextOf(v)
	if want := v.Kind() == slog.KindString; ok != want || ok && text != v.String() {
		t.Errorf("text of %v: got %q, %v, want %v", v, text, ok, want)
	}
	num, kind, ok := encode.BitsOf(v)
	var want uint64
	switch v.Kind() {
	case slog.KindInt64:
		want = uint64(v.Int64())
	case slog.KindUint64:
		want = v.Uint64()
	case slog.KindFloat64:
		want = math.Float64bits(v.Float64())
	case slog.KindDuration:
		want = uint64(v.Duration())
	case slog.KindBool:
		if v.Bool() {
			want = 1
		}
	default:
		if ok {
			t.Errorf("bits of %v, of kind %v: got some", v, v.Kind())
		}
		return
	}
	if !ok || kind != v.Kind() || num != want {
		t.Errorf("bits of %v: got %x, %v, %v, want %x, %v", v, num, kind, ok, want, v.Kind())
	}
}

// TestValuesAreSharedByGoroutines reads the same values everywhere, while the
// collector runs: run it with -race.
func TestValuesAreSharedByGoroutines(t *testing.T) {
	var values []slog.Value
	for i := range 200 {
		values = append(values, slog.StringValue(strings.Repeat("x", i)), slog.IntValue(i))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i, v := range values {
				_ = make([]byte, 64<<10) // for the collector
				if s, ok := encode.TextOf(v); ok != (i%2 == 0) || len(s) != map[bool]int{true: i / 2}[ok] {
					t.Errorf("value %d: got %d bytes, %v", i, len(s), ok)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzValueWords reads values of all kinds.
func FuzzValueWords(f *testing.F) {
	f.Add("text", int64(-1), 1.5, true, uint64(3))
	f.Add("", int64(0), math.Inf(-1), false, uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, s string, i int64, x float64, b bool, u uint64) {
		for _, v := range []slog.Value{
			slog.StringValue(s), slog.Int64Value(i), slog.Float64Value(x), slog.BoolValue(b), slog.Uint64Value(u),
			slog.DurationValue(time.Duration(i)), slog.TimeValue(time.Unix(i, 0)), slog.AnyValue([]string{s}), slog.AnyValue(&s),
			slog.AnyValue(slog.Kind(i)), slog.GroupValue(slog.String(s, s)),
		} {
			sameValue(t, v)
		}
	})
}
