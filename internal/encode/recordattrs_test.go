package encode_test

import (
	"context"
	"log/slog"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

// TestAttrsOfRecord fails when a new version of log/slog keeps the attrs of a
// record in another way: lines are then right all the same, and slower.
func TestAttrsOfRecord(t *testing.T) {
	if !encode.Located(reflect.TypeFor[slog.Record]()) {
		t.Error("slog.Record is not built as expected")
	}
	for _, other := range []any{slog.Attr{}, struct{ front, back []slog.Attr }{}, time.Time{}} {
		if encode.Located(reflect.TypeOf(other)) {
			t.Errorf("a %T is taken for a record of log/slog", other)
		}
	}
	for n := range 14 {
		sameAttrs(t, recordOf(n))
	}
}

func recordOf(n int) slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "e", 0)
	for i := range n {
		r.AddAttrs(slog.Int("k"+strconv.Itoa(i), i))
	}
	return r
}

// sameAttrs holds the attrs of r against what its own method says.
func sameAttrs(t *testing.T, r slog.Record) {
	t.Helper()
	front, back, ok := encode.AttrsOf(&r)
	if !ok {
		t.Fatal("the attrs of a record are not found")
	}
	var want []slog.Attr
	r.Attrs(func(a slog.Attr) bool { want = append(want, a); return true })
	got := append(append([]slog.Attr(nil), front...), back...)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestAttrsOfSharedRecords hands clones of one record to many goroutines: run it
// with -race.
func TestAttrsOfSharedRecords(t *testing.T) {
	r := recordOf(9)
	var wg sync.WaitGroup
	for g := range 8 {
		c := r.Clone()
		wg.Go(func() {
			c.AddAttrs(slog.Int("own", g))
			sameAttrs(t, c)
		})
	}
	wg.Wait()
}

// FuzzAttrsOfRecord fills records in steps, as slog and handlers do.
func FuzzAttrsOfRecord(f *testing.F) {
	f.Add(uint8(3), uint8(4), uint8(0), "key")
	f.Add(uint8(5), uint8(1), uint8(9), "")
	f.Fuzz(func(t *testing.T, a, b, c uint8, key string) {
		r := slog.NewRecord(time.Time{}, slog.LevelInfo, key, 0)
		for _, n := range []uint8{a, b, c} {
			attrs := make([]slog.Attr, n%16)
			for i := range attrs {
				attrs[i] = slog.String(key+strconv.Itoa(i), key)
			}
			r.AddAttrs(attrs...)
			sameAttrs(t, r.Clone())
			r = r.Clone()
		}
		h := handlerFunc(func(r slog.Record) { sameAttrs(t, r) })
		slog.New(h).Info(key, "k", key, key, c)
	})
}

type handlerFunc func(slog.Record)

func (handlerFunc) Enabled(context.Context, slog.Level) bool { return true }

func (h handlerFunc) Handle(_ context.Context, r slog.Record) error { h(r); return nil }

func (h handlerFunc) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h handlerFunc) WithGroup(string) slog.Handler { return h }
