package queue_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/sink/sinktest"
)

// flood appends n lines to a queue whose sink is shut, every tenth of them an
// error, and returns how many of either kind Append refused.
func flood(q *queue.Queue, n int) (refused map[slog.Level]uint64) {
	refused = map[slog.Level]uint64{}
	for i := range n {
		level := slog.LevelInfo
		if i%10 == 9 {
			level = slog.LevelError
		}
		if !q.Append(level, sinktest.Line(1, i, 400)) {
			refused[level]++
		}
	}
	return refused
}

// A sink that is down for longer than the queue has room: what is dropped is
// counted exactly, errors go last, memory stays within the bound.
func TestFault9SinkDownBufferFull(t *testing.T) {
	const records = 1000 // of 400 bytes; the queue has 64 KB
	for _, policy := range []queue.Policy{queue.Block, queue.DropOldest, queue.DropNewest} {
		for _, where := range []string{"memory", "mapped"} {
			t.Run(fmt.Sprintf("%v/%s", policy, where), func(t *testing.T) {
				path := ""
				if where == "mapped" {
					path = mapped(t)
				}
				var v valve
				v.set(errShut)
				q := open(t, queue.Config{Path: path, Bytes: 64 << 10, Policy: policy, BlockFor: time.Millisecond, Drain: v.drain})
				refused := flood(q, records)
				full := q.Stats()
				if full.PendingBytes > full.CapacityBytes || full.CapacityBytes > 64<<10 {
					t.Errorf("pending %d of %d bytes, want at most 64 KB", full.PendingBytes, full.CapacityBytes)
				}
				v.set(nil)
				closeQueue(t, q)
				s := q.Stats()
				var o sinktest.Oracle
				verdict := o.Check(v.content())
				if !verdict.Clean() {
					t.Errorf("%+v", verdict)
				}
				if got := uint64(verdict.Arrived) + s.Dropped.Total(); got != records {
					t.Errorf("%d arrived + %d dropped = %d, want %d", verdict.Arrived, s.Dropped.Total(), got, records)
				}
				if s.Dropped[3] != 0 || refused[slog.LevelError] != 0 {
					t.Errorf("dropped %d errors (%d refused) while there was INFO to drop", s.Dropped[3], refused[slog.LevelError])
				}
				if verdict.Arrived < 100+8 { // the batch on its way cannot be evicted
					t.Errorf("%d arrived, want all 100 errors and a segment of the rest", verdict.Arrived)
				}
				checkWhichSurvived(t, policy, v.content())
			})
		}
	}
}

// checkWhichSurvived holds the INFO lines that arrived against the policy.
func checkWhichSurvived(t *testing.T, policy queue.Policy, content []byte) {
	t.Helper()
	last := 0
	for line := range bytes.Lines(content) {
		if _, n, err := sinktest.ParseLine(line); err == nil && n%10 != 9 {
			last = max(last, n)
		}
	}
	switch policy {
	case queue.DropOldest:
		if last < 990 {
			t.Errorf("the newest INFO line that survived is %d, want one of the last", last)
		}
	default:
		if last > 900 {
			t.Errorf("INFO line %d survived, want the newest refused", last)
		}
	}
}

// When there is nothing below ERROR left to drop, the policy applies to the
// errors themselves.
func TestFault9ErrorsAreDroppedWhenNothingElseIsLeft(t *testing.T) {
	for _, policy := range []queue.Policy{queue.Block, queue.DropOldest, queue.DropNewest} {
		t.Run(policy.String(), func(t *testing.T) {
			var v valve
			v.set(errShut)
			q := open(t, queue.Config{Bytes: 64 << 10, Policy: policy, BlockFor: time.Millisecond, Drain: v.drain})
			for n := range 500 {
				q.Append(slog.LevelError, sinktest.Line(1, n, 400))
			}
			before := q.Stats()
			q.Append(slog.LevelInfo, sinktest.Line(2, 0, 400)) // there may be room for it just now
			if got := q.Stats().Dropped[3]; got != before.Dropped[3] {
				t.Error("an INFO line made errors go")
			}
			v.set(nil)
			closeQueue(t, q)
			s := q.Stats()
			var o sinktest.Oracle
			if policy == queue.DropOldest {
				o.Ack(1, 499)
			} else {
				o.Ack(1, 0)
			}
			verdict := o.Check(v.content())
			if !verdict.Clean() || uint64(verdict.Arrived)+s.Dropped.Total() != 501 {
				t.Errorf("%+v with dropped %v", verdict, s.Dropped)
			}
		})
	}
}

// With a bound longer than the outage nothing is lost: the callers wait.
func TestFault9BlockWaitsOutAShortOutage(t *testing.T) {
	var v valve
	v.set(errShut)
	q := open(t, queue.Config{Bytes: 64 << 10, BlockFor: time.Minute, Drain: v.drain})
	var o sinktest.Oracle
	var wg sync.WaitGroup
	for p := range 4 {
		wg.Go(func() {
			for n := range 200 {
				if q.Append(slog.LevelInfo, sinktest.Line(p, n, 400)) {
					o.Ack(p, n)
				}
			}
		})
	}
	for deadline := time.Now().Add(10 * time.Second); q.Stats().Blocked == 0; {
		if time.Now().After(deadline) {
			t.Fatal("nobody blocked on a full queue")
		}
		time.Sleep(time.Millisecond)
	}
	v.set(nil)
	wg.Wait()
	closeQueue(t, q)
	if verdict := o.Check(v.content()); !verdict.Clean() || verdict.Arrived != 800 {
		t.Errorf("%+v, want 800 arrived", verdict)
	}
}

// Who has waited longest for room gets it first, whatever the sizes of the
// lines, and goes before every line that comes later.
func TestRoomGoesToThoseWhoWaitInTheirOrder(t *testing.T) {
	var v valve
	v.set(errShut)
	q := open(t, queue.Config{Path: mapped(t), Bytes: queue.SmallestBytes, BlockFor: time.Minute, Drain: v.drain})
	sizes := []int{500, 3000, 6000, 100, 7000, 500, 2000, 100}
	var wg sync.WaitGroup
	n := 0
	for ; q.Stats().Blocked < 10; n++ {
		wg.Go(func() {
			if !q.Append(slog.LevelInfo, sinktest.Line(1, n, sizes[n%len(sizes)])) {
				t.Errorf("line %d was dropped", n)
			}
		})
		for deadline := time.Now().Add(10 * time.Second); q.Stats().Blocked+q.Stats().Appended <= uint64(n); {
			if time.Now().After(deadline) {
				t.Fatalf("line %d neither waits nor is in the queue: %+v", n, q.Stats())
			}
			runtime.Gosched()
		}
	}
	v.set(nil)
	wg.Wait()
	closeQueue(t, q)
	var o sinktest.Oracle
	if verdict := o.Check(v.content()); !verdict.Clean() || verdict.Arrived != n {
		t.Errorf("%+v, want %d arrived", verdict, n)
	}
}

// A long line that waits for several segments at a time holds up those behind
// it, until it gives up: then they get the room that there is.
func TestShortLinesGoOnWhenALongOneGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batches := make(chan error, 1) // what Drain returns
		q := open(t, queue.Config{
			Bytes: queue.SmallestBytes, BlockFor: time.Second, FlushEvery: time.Hour,
			Drain: func([]byte) error { return <-batches },
		})
		full := make(chan struct{})
		go func() { // a line for each segment but one, which stays free
			for n := range 7 {
				q.Append(slog.LevelInfo, sinktest.Line(1, n, 3500))
			}
			close(full)
		}()
		<-full
		long, short := make(chan bool, 1), make(chan bool, 1)
		go func() { long <- q.Append(slog.LevelInfo, sinktest.Line(2, 0, 7500)) }()
		synctest.Wait()
		time.Sleep(600 * time.Millisecond)
		go func() { short <- q.Append(slog.LevelInfo, sinktest.Line(3, 0, 3500)) }()
		synctest.Wait()
		batches <- nil // room for a segment
		synctest.Wait()
		if len(long) > 0 || len(short) > 0 {
			t.Fatal("a line went on before there was room for the first")
		}
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		if len(long) != 1 || <-long {
			t.Error("the long line did not give up after a second")
		}
		if len(short) != 1 || !<-short {
			t.Error("the short line did not get the room that the long one left")
		}
		close(batches) // takes everything from now on
		closeQueue(t, q)
	})
}

// Close ends every wait.
func TestCloseSendsThoseWhoWaitAway(t *testing.T) {
	var v valve
	v.set(errShut)
	q := open(t, queue.Config{Bytes: queue.SmallestBytes, BlockFor: time.Hour, Policy: queue.Block, Drain: v.drain})
	appended := make(chan int)
	go func() {
		n := 0
		for q.Append(slog.LevelInfo, sinktest.Line(1, n, 1000)) {
			n++
		}
		appended <- n
	}()
	for deadline := time.Now().Add(10 * time.Second); q.Stats().Blocked == 0; {
		if time.Now().After(deadline) {
			t.Fatal("nobody blocked on a full queue")
		}
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	q.Close(ctx)
	n := <-appended
	if s := q.Stats(); s.Appended != uint64(n) || s.Dropped.Total() != 1 {
		t.Errorf("stats = %+v, want %d appended and the one that waited dropped", s, n)
	}
}

// A dead sink costs the callers one bound, not one for every line.
func TestFault9BlockIsBoundedPerOutage(t *testing.T) {
	var v valve
	v.set(errShut)
	bound := 100 * time.Millisecond
	q := open(t, queue.Config{Bytes: 32 << 10, BlockFor: bound, Drain: v.drain})
	begin := time.Now()
	refused := 0
	for n := range 1000 {
		if !q.Append(slog.LevelInfo, sinktest.Line(1, n, 400)) {
			refused++
		}
	}
	// 900 refusals at a bound each would be a minute and a half.
	if took := time.Since(begin); refused < 900 || took > 100*bound {
		t.Errorf("%d refused in %v, want about 930 in little more than %v", refused, took, bound)
	}
}

// Random levels, sizes, outages and policies: what Append acknowledged either
// arrives, once, in order, or is counted as dropped.
func TestFault9AccountsForEveryRecord(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		policy := queue.Policy(seed % 3)
		path := ""
		if seed%2 == 0 {
			path = mapped(t)
		}
		var v valve
		q := open(t, queue.Config{Path: path, Bytes: 32<<10 + rnd.IntN(128<<10), Policy: policy, BlockFor: time.Microsecond, FlushEvery: time.Millisecond, Drain: v.drain})
		var levels [5]uint64
		for n := range 2000 {
			if rnd.IntN(150) == 0 {
				v.set(errShut)
			} else if rnd.IntN(150) == 0 {
				v.set(nil)
			}
			size := 60 + rnd.IntN(600)
			if rnd.IntN(100) == 0 {
				size = rnd.IntN(8 << 10) // several segments of a small queue
			}
			at := rnd.IntN(5)
			levels[at]++
			q.Append(slog.Level(4*(at-1)), sinktest.Line(1, n, size))
		}
		v.set(nil)
		closeQueue(t, q)
		var o sinktest.Oracle
		verdict, s := o.Check(v.content()), q.Stats()
		if !verdict.Clean() || uint64(verdict.Arrived)+s.Dropped.Total() != 2000 || uint64(verdict.Arrived) != s.Drained {
			t.Errorf("seed %d, %v: %+v with %+v", seed, policy, verdict, s)
		}
		for at, n := range levels {
			if s.Dropped[at] > n {
				t.Errorf("seed %d: dropped %d of %d at level %d", seed, s.Dropped[at], n, at)
			}
		}
	}
}
