package pairlog_test

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
)

// Bounds of TestHeapIsBoundedInSoak, in bytes after a collection and above what
// was there before: what a pipeline may hold in all, its queue, tables and pools
// included, and how much a quarter of the run may differ from the one before.
const (
	soakHeap   = 20 << 20
	soakGrowth = 512 << 10
)

// counted is a sink that keeps nothing.
type counted struct{ lines int }

func (c *counted) Write(batch []byte) (int, error) {
	c.lines += strings.Count(string(batch), "\n")
	return len(batch), nil
}
func (*counted) Sync() error    { return nil }
func (*counted) Close() error   { return nil }
func (*counted) String() string { return "counted" }

// TestHeapIsBoundedInSoak logs what makes a careless cache grow: keys, values,
// event names, sets of keys, types and loggers that never come again, values of
// a megabyte, and loggers with attrs of their own. What is held after a
// collection stays under a bound, and the last quarter of the run adds nothing
// to the third.
func TestHeapIsBoundedInSoak(t *testing.T) {
	rounds := 4 * 4500
	if testing.Short() || raceEnabled {
		rounds = 4 * 1500
	}
	types := soakTypes(2000)
	var got counted
	before := heapInUse()
	p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{&got}, Out: io.Discard, Err: io.Discard, QueueBytes: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	var quarters []uint64
	logged := 0
	for i := range rounds {
		logged += soakRound(t, p, types, i)
		if (i+1)%(rounds/4) == 0 {
			if err := p.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			held := heapInUse()
			quarters = append(quarters, held-min(before, held))
		}
	}
	t.Logf("%d lines; held after each quarter: %d bytes", logged, quarters)
	for i, held := range quarters {
		if held > soakHeap {
			t.Errorf("quarter %d: %d bytes are held, want at most %d", i+1, held, soakHeap)
		}
	}
	if last, third := quarters[3], quarters[2]; last > third+soakGrowth {
		t.Errorf("the last quarter added %d bytes to %d", last-third, third)
	}
	closePipeline(t, p)
	if got.lines < logged {
		t.Errorf("%d of %d lines came to the sink", got.lines, logged)
	}
}

// soakRound logs the lines of round i and returns how many they are.
func soakRound(t *testing.T, p *pairlog.Pipeline, types []reflect.Value, i int) int {
	ctx := t.Context()
	log := p.Logger(fmt.Sprintf("tenant.%d", i%3000))
	// Keys and a set of keys that never come again.
	attrs := make([]slog.Attr, 0, 16)
	for k := range 12 {
		attrs = append(attrs, slog.Int(fmt.Sprintf("key_%d_%d", i, k), k))
	}
	log.LogAttrs(ctx, slog.LevelInfo, "dynamic_keys", attrs...)
	pairlog.Log(ctx, log, slog.LevelInfo, "dynamic_keys", attrs...)
	// Keys of maps and documents, and values.
	log.LogAttrs(ctx, slog.LevelInfo, "dynamic_map", slog.Any("m", map[string]any{
		fmt.Sprintf("field-%d", i): i, fmt.Sprintf("sub.%d", i): map[string]string{fmt.Sprintf("x%d", i): "y"},
	}))
	log.LogAttrs(ctx, slog.LevelInfo, "dynamic_text", slog.String("path", fmt.Sprintf("/api/users/%d/photos/%x", i, i*7919)),
		slog.String("doc", fmt.Sprintf(`{"k%d":{"n%d":"v%d"}}`, i, i, i)))
	// An event name, a message and a logger with attrs of its own.
	log.LogAttrs(ctx, slog.LevelInfo, fmt.Sprintf("event_%d", i), slog.Int("n", i))
	log.LogAttrs(ctx, slog.LevelInfo, fmt.Sprintf("Job %d is done.", i))
	own := log.With("tenant", i, fmt.Sprintf("label_%d", i), "x").WithGroup(fmt.Sprintf("g%d", i))
	own.LogAttrs(ctx, slog.LevelInfo, "with", slog.Int("n", i))
	// A type out of many.
	log.LogAttrs(ctx, slog.LevelInfo, "dynamic_type", slog.Any("v", types[i%len(types)].Interface()))
	lines := 8
	if i%100 == 0 {
		log.LogAttrs(ctx, slog.LevelInfo, "large", slog.String("v", strings.Repeat(fmt.Sprintf("line %d of it\n", i), 1<<16)))
		log.LogAttrs(ctx, slog.LevelInfo, "large_map", slog.Any("v", map[string]string{"a": strings.Repeat("b c ", 1<<18)}))
		lines += 2
	}
	return lines
}

// soakTypes returns values of n struct types. The runtime keeps such types for
// ever, so they are made before the heap is looked at.
func soakTypes(n int) []reflect.Value {
	types := make([]reflect.Value, n)
	for i := range types {
		v := reflect.New(reflect.StructOf([]reflect.StructField{
			{Name: fmt.Sprintf("Field%d", i), Type: reflect.TypeFor[string](), Tag: reflect.StructTag(fmt.Sprintf(`json:"f%d"`, i))},
			{Name: "Password", Type: reflect.TypeFor[string]()},
			{Name: "N", Type: reflect.TypeFor[int]()},
		})).Elem()
		v.Field(0).SetString("x")
		types[i] = v
	}
	return types
}

// heapInUse returns what is held after a collection, in bytes.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC() // what the first one found only finalizers for
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
