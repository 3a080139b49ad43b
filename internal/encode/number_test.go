package encode_test

import (
	"log/slog"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

func TestNumbersAgainstStrconv(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	f := func(v int64) {
		t.Helper()
		want := `"k":` + strconv.FormatInt(v, 10)
		if mark, is := e.Redactor().Int(v); is {
			want = `"k":` + strconv.Quote(mark)
		}
		for range 2 {
			if got := rest(t, line(e, nil, nil, "e", slog.Int64("k", v))); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		ms := time.Duration(v)
		hundredths := math.Round(float64(ms/1000) / 10)
		if math.Abs(hundredths) > 1e12 {
			return
		}
		want = `"k_ms":` + strconv.FormatFloat(hundredths/100, 'f', 2, 64)
		if hundredths == 0 {
			want = `"k_ms":0.00`
		}
		if r := int64(ms) % 10000; r == 5000 || r == -5000 || math.Abs(float64(r)) > 4990 && math.Abs(float64(r)) < 5010 {
			return // the two ways of rounding may differ at the half
		}
		if got := rest(t, line(e, nil, nil, "e", slog.Duration("k", ms))); got != want {
			t.Errorf("duration %d: got %s, want %s", v, got, want)
		}
	}
	for p := int64(1); p < math.MaxInt64/10; p *= 10 {
		for d := int64(-1); d <= 1; d++ {
			f(p + d)
			f(-p + d)
			f(9*p + d)
		}
	}
	f(math.MaxInt64)
	f(math.MinInt64)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		f(r.Int64() >> r.IntN(63))
	}
}

func TestMillisecondsHaveTwoDecimals(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	f := func(v float64, want string) {
		t.Helper()
		for range 2 {
			if got := rest(t, line(e, nil, nil, "e", slog.Float64("k_ms", v))); got != `"k_ms":`+want {
				t.Errorf("%v: got %s, want %s", v, got, want)
			}
		}
	}
	f(0, "0.00")
	f(145.23, "145.23")
	f(145, "145.00")
	f(-0.126, "-0.13")
	f(99.999, "100.00")
	f(1e9+0.25, "1000000000.25")
	f(1e12, "1000000000000.00")
	f(1e20, "100000000000000000000")
	f(math.NaN(), `"NaN"`)
	f(math.Inf(-1), `"-Inf"`)
	d := func(v time.Duration, want string) {
		t.Helper()
		if got := rest(t, line(e, nil, nil, "e", slog.Duration("k", v))); got != `"k_ms":`+want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
	d(4999*time.Nanosecond, "0.00")
	d(5000*time.Nanosecond, "0.01")
	d(-5000*time.Nanosecond, "-0.01")
	d(time.Duration(math.MaxInt64), "9223372036854.78")
	d(time.Duration(math.MinInt64), "-9223372036854.78")
}

func TestTimesAgainstTheTimePackage(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	f := func(v time.Time) {
		t.Helper()
		want := `"k":"` + v.UTC().Format("2006-01-02T15:04:05.000Z") + `"`
		if got := rest(t, line(e, nil, nil, "e", slog.Any("k", v))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		l := e.NewLine()
		defer l.Free()
		for range 2 { // the second one finds the second in its memory
			l.Begin(v, e.NewHead("x"), slog.LevelInfo)
			want := `{"timestamp":` + want[4:]
			if v.IsZero() {
				want = ""
			}
			if got := string(l.End()); len(got) < len(want) || got[:len(want)] != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
	f(time.Time{})
	f(time.Unix(0, 0))
	f(time.Unix(-1, 999999999))
	f(time.Date(2024, 2, 29, 23, 59, 59, 999e6, time.UTC))
	f(time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC))
	f(time.Date(0, 2, 29, 0, 0, 0, 0, time.UTC))
	f(time.Date(0, 3, 1, 0, 0, 0, 0, time.UTC))
	f(time.Date(-5, 3, 1, 0, 0, 0, 0, time.UTC))
	f(time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC))
	f(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		f(time.Unix(r.Int64N(253402300800*2)-253402300800, r.Int64N(1e9)).In(time.FixedZone("", int(r.Int64N(86400))-43200)))
	}
}

func TestTimesBesideEachOther(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	r := rand.New(rand.NewPCG(3, 4))
	steps := []time.Duration{0, time.Millisecond, time.Second, -time.Second, time.Minute, time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour, 40 * 365 * 24 * time.Hour}
	for range 2000 {
		at := time.Unix(r.Int64N(4e9), r.Int64N(1e9)).UTC()
		var list []time.Time
		var want []string
		for range 8 {
			at = at.Add(steps[r.IntN(len(steps))])
			list = append(list, at)
			want = append(want, `"`+at.Format(encode.TimeLayout)+`"`)
		}
		if got, want := rest(t, line(e, nil, nil, "e", slog.Any("k", list))), `"k":[`+strings.Join(want, ",")+`]`; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}
