package queue_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/sink/sinktest"
)

// valve is a Drain that can be shut and remembers what it took.
type valve struct {
	mu    sync.Mutex
	shut  error
	taken bytes.Buffer
	calls int
}

func (v *valve) drain(batch []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls++
	if v.shut != nil {
		return v.shut
	}
	v.taken.Write(bytes.Clone(batch)) // a batch of a file that is cut panics, and a Buffer is longer by then
	return nil
}

func (v *valve) set(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.shut = err
}

func (v *valve) content() []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	return bytes.Clone(v.taken.Bytes())
}

var errShut = errors.New("no space left on device")

func open(t testing.TB, c queue.Config) *queue.Queue {
	t.Helper()
	q, err := queue.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		q.Close(ctx)
	})
	return q
}

// mapped returns a Path for a queue file and skips where there is none.
func mapped(t testing.TB) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("queues are mapped on Linux only")
	}
	return filepath.Join(t.TempDir(), "app.log.queue")
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func closeQueue(t *testing.T, q *queue.Queue) {
	t.Helper()
	if err := q.Close(within(t)); err != nil {
		t.Fatal(err)
	}
}

func TestManyProducersKeepTheirOrder(t *testing.T) {
	for _, path := range []string{"", mapped(t)} {
		var v valve
		q := open(t, queue.Config{Path: path, Drain: v.drain, BlockFor: time.Minute, Bytes: 256 << 10})
		var o sinktest.Oracle
		var wg sync.WaitGroup
		for p := range 8 {
			wg.Go(func() {
				for n := range 2000 {
					level := slog.LevelInfo
					if n%97 == 0 {
						level = slog.LevelError
					}
					if q.Append(level, sinktest.Line(p, n, 60+n%500)) {
						o.Ack(p, n)
					}
				}
			})
		}
		wg.Wait()
		closeQueue(t, q)
		verdict := o.Check(v.content())
		if !verdict.Clean() || verdict.Arrived != 16000 {
			t.Errorf("path %q: %+v, want 16000 arrived", path, verdict)
		}
		s := q.Stats()
		if s.Appended != 16000 || s.Drained != 16000 || s.Dropped.Total() != 0 || s.Pending != 0 || s.PendingBytes != 0 {
			t.Errorf("path %q: stats = %+v", path, s)
		}
	}
}

func TestErrorIsDrainedAtOnce(t *testing.T) {
	var v valve
	q := open(t, queue.Config{Drain: v.drain, FlushEvery: time.Hour})
	q.Append(slog.LevelInfo, []byte("info\n"))
	q.Append(slog.LevelError, []byte("error\n"))
	for deadline := time.Now().Add(10 * time.Second); q.Stats().Drained < 2; {
		if time.Now().After(deadline) {
			t.Fatalf("an hour's FlushEvery held back an error: %+v", q.Stats())
		}
		runtime.Gosched()
	}
	if got, want := string(v.content()), "info\nerror\n"; got != want {
		t.Errorf("drained %q, want %q", got, want)
	}
}

func TestFlushEvery(t *testing.T) {
	var v valve
	q := open(t, queue.Config{Drain: v.drain, FlushEvery: time.Millisecond})
	q.Append(slog.LevelDebug, []byte("a\n"))
	for deadline := time.Now().Add(10 * time.Second); q.Stats().Drained < 1; {
		if time.Now().After(deadline) {
			t.Fatal("a line was not drained by itself")
		}
		runtime.Gosched()
	}
}

func TestFlush(t *testing.T) {
	var v valve
	q := open(t, queue.Config{Drain: v.drain, FlushEvery: time.Hour})
	if err := q.Flush(within(t)); err != nil {
		t.Errorf("Flush of an empty queue: %v", err)
	}
	q.Append(slog.LevelInfo, []byte("a\n"))
	if err := q.Flush(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := string(v.content()); got != "a\n" {
		t.Errorf("drained %q, want the line", got)
	}
	v.set(errShut)
	q.Append(slog.LevelInfo, []byte("b\n"))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := q.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Flush with a dead sink: %v, want the deadline", err)
	}
	v.set(nil)
	if err := q.Flush(within(t)); err != nil {
		t.Errorf("Flush after the sink came back: %v", err)
	}
}

func TestAppendAfterClose(t *testing.T) {
	var v valve
	q := open(t, queue.Config{Path: mapped(t), Drain: v.drain})
	q.Append(slog.LevelInfo, []byte("a\n"))
	closeQueue(t, q)
	if q.Append(slog.LevelWarn, []byte("late\n")) {
		t.Error("Append after Close = true")
	}
	if got := q.Stats().Dropped; got != (queue.LevelCount{0, 0, 1, 0, 0}) {
		t.Errorf("dropped = %v, want one warning", got)
	}
	if err := q.Flush(within(t)); err != nil {
		t.Errorf("Flush after Close: %v", err)
	}
}

func TestCloseLeavesNoFile(t *testing.T) {
	var v valve
	path := mapped(t)
	q := open(t, queue.Config{Path: path, Drain: v.drain})
	name := q.Stats().Path
	if !strings.HasPrefix(name, path+".") {
		t.Fatalf("Stats().Path = %q, want a mapped file beside %q", name, path)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode = %v, want 0600", got)
	}
	q.Append(slog.LevelInfo, []byte("a\n"))
	closeQueue(t, q)
	if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLongLines(t *testing.T) {
	var v valve
	q := open(t, queue.Config{Path: mapped(t), Drain: v.drain, Bytes: 2 << 20, BlockFor: time.Minute})
	var o sinktest.Oracle
	for n, size := range []int{100, 65500, 65536, 100, 65537, 130000, 300000, 100, 500000} {
		if !q.Append(slog.LevelInfo, sinktest.Line(1, n, size)) {
			t.Fatalf("line of %d bytes refused", size)
		}
		o.Ack(1, n)
	}
	if q.Append(slog.LevelInfo, sinktest.Line(1, 99, 600<<10)) {
		t.Error("a line over a quarter of the queue was accepted")
	}
	closeQueue(t, q)
	if verdict := o.Check(v.content()); !verdict.Clean() {
		t.Errorf("%+v", verdict)
	}
	if got := q.Stats().Dropped; got != (queue.LevelCount{0, 1, 0, 0, 0}) {
		t.Errorf("dropped = %v, want one info", got)
	}
}

func TestShortDrainGoesOnWithTheRest(t *testing.T) {
	var got bytes.Buffer
	full := true
	q := open(t, queue.Config{
		FlushEvery: time.Hour,
		Drain: func(batch []byte) error {
			if full { // takes a line and a half, says one
				full = false
				n := bytes.IndexByte(batch, '\n') + 1
				got.Write(batch[:n])
				return &queue.ShortError{Accepted: n + n/2, Err: errShut}
			}
			got.Write(batch)
			return nil
		},
	})
	var want bytes.Buffer
	for n := range 5 {
		line := sinktest.Line(1, n, 80)
		want.Write(line)
		q.Append(slog.LevelInfo, line)
	}
	closeQueue(t, q)
	if got.String() != want.String() {
		t.Errorf("drained %q, want %q", got.String(), want.String())
	}
	if s := q.Stats(); s.DrainErrors != 1 || s.Batches != 1 || s.Drained != 5 {
		t.Errorf("stats = %+v", s)
	}
}

func TestPanicInDrainIsAFailedBatch(t *testing.T) {
	var v valve
	var reports []queue.Event
	first := true
	q := open(t, queue.Config{
		Report: func(e queue.Event) { reports = append(reports, e) },
		Drain: func(batch []byte) error {
			if first {
				first = false
				panic("nil map")
			}
			return v.drain(batch)
		},
	})
	q.Append(slog.LevelError, []byte("a\n"))
	closeQueue(t, q)
	if got := string(v.content()); got != "a\n" {
		t.Errorf("drained %q, want the line once", got)
	}
	if len(reports) != 2 || reports[0].Name != queue.EventDrainFailed || reports[1].Name != queue.EventDrainResumed {
		t.Errorf("reports = %+v, want a failure and a resumption", reports)
	}
}

func TestObserveSeesEverythingOnceWhileDrainFails(t *testing.T) {
	var v valve
	v.set(errShut)
	var seen valve
	q := open(t, queue.Config{
		Drain: v.drain, Observe: func(b []byte) { seen.drain(b) },
		FlushEvery: time.Millisecond, BlockFor: time.Minute,
	})
	var o sinktest.Oracle
	for n := range 1000 {
		q.Append(slog.LevelInfo, sinktest.Line(1, n, 200))
		o.Ack(1, n)
	}
	for deadline := time.Now().Add(10 * time.Second); o.Check(seen.content()).Lost > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("observer does not get past the failing drain: %+v", o.Check(seen.content()))
		}
		time.Sleep(time.Millisecond)
	}
	if len(v.content()) > 0 {
		t.Error("the drain took something while it was shut")
	}
	v.set(nil)
	closeQueue(t, q)
	for name, content := range map[string][]byte{"drain": v.content(), "observer": seen.content()} {
		if verdict := o.Check(content); !verdict.Clean() {
			t.Errorf("%s: %+v", name, verdict)
		}
	}
}

func TestFallbackToMemory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var v valve
	var reports []queue.Event
	q := open(t, queue.Config{
		Path: filepath.Join(file, "app.log.queue"), Drain: v.drain,
		Report: func(e queue.Event) { reports = append(reports, e) },
	})
	if len(reports) != 1 || reports[0].Name != queue.EventDegraded || reports[0].Err == nil {
		t.Errorf("reports = %+v, want one %s with a cause", reports, queue.EventDegraded)
	}
	if got := q.Stats().Path; got != "" {
		t.Errorf("Stats().Path = %q, want none", got)
	}
	q.Append(slog.LevelInfo, []byte("a\n"))
	closeQueue(t, q)
	if got := string(v.content()); got != "a\n" {
		t.Errorf("drained %q, want the line", got)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	q := open(t, queue.Config{Path: mapped(t), Drain: func([]byte) error { return nil }})
	line := sinktest.Line(1, 1, 400)
	if got := testing.AllocsPerRun(5000, func() { q.Append(slog.LevelInfo, line) }); got != 0 {
		t.Errorf("allocations of an Append = %v, want 0", got)
	}
}

func TestParsePolicy(t *testing.T) {
	f := func(in string, want queue.Policy, bound time.Duration, ok bool) {
		t.Helper()
		p, d, err := queue.ParsePolicy(in)
		if p != want || d != bound || (err == nil) != ok {
			t.Errorf("ParsePolicy(%q) = %v, %v, %v, want %v, %v", in, p, d, err, want, bound)
		}
	}
	f("block", queue.Block, queue.DefaultBlockFor, true)
	f("block:2s", queue.Block, 2*time.Second, true)
	f("drop_oldest", queue.DropOldest, 0, true)
	f("drop_newest", queue.DropNewest, 0, true)
	f("block:", queue.Block, queue.DefaultBlockFor, false)
	f("block:-1s", queue.Block, queue.DefaultBlockFor, false)
	f("drop_oldest:5s", queue.Block, queue.DefaultBlockFor, false)
	f("", queue.Block, queue.DefaultBlockFor, false)
}

// Under the race detector many goroutines append, flush and read statistics
// while the sink comes and goes and every policy is at work.
func TestConcurrentUse(t *testing.T) {
	for _, policy := range []queue.Policy{queue.Block, queue.DropOldest, queue.DropNewest} {
		var v valve
		q := open(t, queue.Config{Path: mapped(t), Drain: v.drain, Bytes: queue.SmallestBytes, Policy: policy, BlockFor: time.Millisecond})
		var refused atomic.Uint64
		var wg sync.WaitGroup
		for p := range 4 {
			wg.Go(func() {
				for n := range 3000 {
					level := slog.Level(4 * (n%4 - 1))
					if !q.Append(level, sinktest.Line(p, n, 60+n%900)) {
						refused.Add(1)
					}
					switch {
					case p == 0 && n%500 == 0:
						v.set(errShut)
					case p == 0 && n%500 == 250:
						v.set(nil)
					case p == 1 && n%100 == 0:
						q.Stats()
					}
				}
			})
		}
		wg.Wait()
		v.set(nil)
		closeQueue(t, q)
		s := q.Stats()
		if s.Pending != 0 || s.Drained+s.Dropped.Total() != 12000 || s.Appended != 12000-refused.Load() {
			t.Errorf("%v: stats = %+v, refused %d, want every record drained or dropped", policy, s, refused.Load())
		}
		var none sinktest.Oracle
		if verdict := none.Check(v.content()); !verdict.Clean() || uint64(verdict.Arrived) != s.Drained {
			t.Errorf("%v: %+v, want %d arrived", policy, verdict, s.Drained)
		}
	}
}

// Lines that come fast are drained long before FlushEvery and before the queue
// is full, however small it is: here nobody ever waits for room.
func TestManyLinesAreDrainedBeforeFlushEvery(t *testing.T) {
	for _, bytes := range []int{32 << 10, 1 << 20, queue.DefaultBytes} {
		var v valve
		q := open(t, queue.Config{Drain: v.drain, FlushEvery: time.Hour, Bytes: bytes})
		line := append(make([]byte, 511), '\n')
		for range bytes / 4 / len(line) {
			if !q.Append(slog.LevelInfo, line) {
				t.Fatalf("%d bytes: dropped a line", bytes)
			}
		}
		for deadline := time.Now().Add(10 * time.Second); q.Stats().Drained == 0; {
			if time.Now().After(deadline) {
				t.Fatalf("%d bytes: a quarter of the queue waits for the flush interval: %+v", bytes, q.Stats())
			}
			runtime.Gosched()
		}
		if s := q.Stats(); s.Blocked != 0 {
			t.Errorf("%d bytes: got %d blocked Appends, want 0", bytes, s.Blocked)
		}
	}
}
