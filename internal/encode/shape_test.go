package encode_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

// TestOneEventOfManyShapes logs one event with ever other attrs from several
// goroutines: what one learns must not show in another's line.
func TestOneEventOfManyShapes(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	p := e.With(nil, []slog.Attr{slog.Int("shared_0", -1), slog.Int("brought", 1)})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 400 {
				var attrs []slog.Attr
				var want []string
				if (g+i)%3 != 0 {
					want = append(want, `"shared_0":-1`)
				}
				want = append(want, `"brought":1`)
				for k := range (g + i) % 7 {
					attrs = append(attrs, slog.Int(fmt.Sprintf("key_%d_%d", k, (i/50)%3), i), slog.String("text", fmt.Sprint(g)))
				}
				if (g+i)%3 == 0 {
					attrs = append(attrs, slog.Int("shared_0", i))
				}
				for k := range attrs {
					last := true
					for _, b := range attrs[k+1:] {
						last = last && b.Key != attrs[k].Key
					}
					if !last {
						continue
					}
					if v := attrs[k].Value; v.Kind() == slog.KindString {
						want = append(want, fmt.Sprintf("%q:%q", attrs[k].Key, v.String()))
					} else {
						want = append(want, fmt.Sprintf("%q:%d", attrs[k].Key, v.Int64()))
					}
				}
				got := line(e, p, nil, "e", attrs...)
				if w := opening + "," + strings.Join(want, ",") + "}"; got != w {
					t.Errorf("got %s, want %s", got, w)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestKeysWithoutEnd writes far more keys than the cache holds, some of them
// again and again.
func TestKeysWithoutEnd(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	for i := range 20000 {
		key := fmt.Sprintf("dynamic_%d", i)
		got := rest(t, line(e, nil, nil, "e", slog.Int(key, i), slog.String("password", "x"), slog.Int("plain", 1)))
		if want := fmt.Sprintf(`"%s":%d,"password":"[REDACTED]","plain":1`, key, i); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	long := strings.Repeat("k", 500)
	if got := rest(t, line(e, nil, nil, "e", slog.Int(long, 1), slog.Int(long, 2))); got != `"`+long+`":2` {
		t.Errorf("long key: got %s", got)
	}
}

// loud is a value whose method panics.
type loud struct{ n int }

func (loud) String() string { panic("loud") }

// anyValue returns a value of any kind that a call may have.
func anyValue(r *rand.Rand) slog.Value {
	type member struct {
		Name, Email string
		At          time.Time
		Password    string
		Next        *member
	}
	one := &member{Name: "Jane \"J\" Doe", Email: "jane@example.com", At: time.Unix(r.Int64N(1<<33), 5e8), Password: "x"}
	values := []func() slog.Value{
		func() slog.Value {
			return slog.StringValue([]string{"", "a", "plain text", "a \"quoted\" one", "card 4111 1111 1111 1111", "bob@example.com", "203.0.113.77"}[r.IntN(7)])
		},
		func() slog.Value { return slog.Int64Value(r.Int64() >> r.IntN(64)) },
		func() slog.Value {
			return slog.Int64Value([]int64{4111111111111111, 0, -1, 99, 100, 9999, 10000}[r.IntN(7)])
		},
		func() slog.Value { return slog.Uint64Value(r.Uint64() >> r.IntN(64)) },
		func() slog.Value {
			return slog.Float64Value([]float64{1.5, -0.25, math.NaN(), math.Inf(1), 4111111111111111, 1e300, 12}[r.IntN(7)])
		},
		func() slog.Value { return slog.BoolValue(r.IntN(2) == 0) },
		func() slog.Value { return slog.DurationValue(time.Duration(r.Int64N(1e12))) },
		func() slog.Value { return slog.TimeValue(time.Unix(r.Int64N(1<<38)-1<<36, r.Int64N(1e9))) },
		func() slog.Value { return slog.AnyValue(nil) },
		func() slog.Value { return slog.AnyValue([]string{"--password", "x1y2", "a", ""}[:r.IntN(5)]) },
		func() slog.Value { return slog.AnyValue([]any{"--password", "x1y2", nil, 3, one}[:r.IntN(6)]) },
		func() slog.Value { return slog.AnyValue([]int{0, -12, 345678, 4111111111111111}[:r.IntN(5)]) },
		func() slog.Value { return slog.AnyValue([]time.Time{{}, one.At}[:r.IntN(3)]) },
		func() slog.Value { return slog.AnyValue(one) },
		func() slog.Value { return slog.AnyValue([]*member{one, nil, {Next: one}}[:r.IntN(4)]) },
		func() slog.Value { return slog.AnyValue([]*loud{nil, {1}}) },
		func() slog.Value { return slog.AnyValue(loud{1}) },
		func() slog.Value { return slog.AnyValue(map[string]string{"b": "1", "a": "2"}) },
		func() slog.Value { return slog.AnyValue(errors.New("broken")) },
		func() slog.Value { return slog.GroupValue(slog.Int("x", 1), slog.String("token", "t")) },
	}
	return values[r.IntN(len(values))]()
}

// TestShapeMakesNoDifference writes the same attrs with an event whose shape has
// been learned and with a text that has none.
func TestShapeMakesNoDifference(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	keys := []string{"a", "status_code", "duration_ms", "email", "client_ip", "password", "body", "", "a_rather_long_name_of_an_attribute", "lat"}
	r := rand.New(rand.NewPCG(3, 4))
	const text = "A text"
	for i := range 20000 {
		n := 1 + r.IntN(len(keys))
		attrs := make([]slog.Attr, n)
		for j := range attrs {
			attrs[j] = slog.Attr{Key: keys[j], Value: anyValue(r)}
		}
		event := fmt.Sprint("event_", n, "_", i%3)
		_, got, _ := strings.Cut(line(e, nil, nil, event, attrs...), event)
		_, want, _ := strings.Cut(line(e, nil, nil, text, attrs...), text)
		if got != want {
			t.Fatalf("%v\ngot  %s\nwant %s", attrs, got, want)
		}
	}
}
