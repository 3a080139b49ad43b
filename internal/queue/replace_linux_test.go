package queue_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/sink/sinktest"
)

// reports collects what a queue says about itself.
type reports struct {
	mu  sync.Mutex
	all []queue.Event
}

func (r *reports) add(e queue.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, e)
}

func (r *reports) named(name string) []queue.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	var some []queue.Event
	for _, e := range r.all {
		if e.Name == name {
			some = append(some, e)
		}
	}
	return some
}

// Somebody cuts the file of a queue that is in use: the process lives, what can
// still be read arrives, the rest is counted exactly, and what comes later is
// as safe as before.
func TestFault8FileCutWhileInUse(t *testing.T) {
	for _, size := range []int64{0, 1, queue.HeaderBytes, queue.HeaderBytes + 40<<10, queue.HeaderBytes + 3*segmentBytes + 100} {
		for _, first := range []string{"append", "drain"} {
			t.Run(fmt.Sprintf("%d/%s", size, first), func(t *testing.T) {
				path := mapped(t)
				var v valve
				v.set(errShut)
				var rep reports
				q := open(t, queue.Config{Path: path, Bytes: 32 * segmentBytes, Drain: v.drain, FlushEvery: time.Hour, BlockFor: time.Millisecond, Report: rep.add})
				for n := range 1000 {
					q.Append(slog.LevelInfo, sinktest.Line(1, n, 300))
				}
				name := q.Stats().Path
				if err := os.Truncate(name, size); err != nil {
					t.Fatal(err)
				}
				more := 0
				if first == "append" {
					for n := range 500 {
						if !q.Append(slog.LevelInfo, sinktest.Line(2, n, 300)) {
							t.Errorf("record %d was refused", n)
						}
						more++
					}
				}
				v.set(nil)
				if err := q.Flush(within(t)); err != nil {
					t.Fatal(err)
				}
				s := q.Stats()
				var o sinktest.Oracle
				for n := range more {
					o.Ack(2, n)
				}
				verdict := o.Check(v.content())
				if !verdict.Clean() || uint64(verdict.Arrived)+s.Torn != uint64(1000+more) || s.Pending != 0 {
					t.Errorf("%+v and %d torn, want %d together: %+v", verdict, s.Torn, 1000+more, s)
				}
				if (size > queue.HeaderBytes+segmentBytes) != (s.Torn < 1000) {
					t.Errorf("%d torn of a file cut to %d", s.Torn, size)
				}
				eventually(t, func() bool { return len(rep.named(queue.EventReplaced)) > 0 })
				told := rep.named(queue.EventReplaced)
				if len(told) != 1 || told[0].Torn != s.Torn {
					t.Errorf("reports = %+v, want one %s with %d torn", rep.all, queue.EventReplaced, s.Torn)
				}
				// The new file is one: its content is what a kill would leave.
				v.set(errShut)
				q.Append(slog.LevelInfo, sinktest.Line(3, 0, 100))
				if content, err := os.ReadFile(s.Path); err != nil || !bytes.Contains(content, sinktest.Line(3, 0, 100)) {
					t.Errorf("the new file: %v, want the record in it", err)
				}
				v.set(nil)
				closeQueue(t, q)
				if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		}
	}
}

// The same under many goroutines and a draining sink, again and again.
func TestFault8FileCutUnderLoad(t *testing.T) {
	path := mapped(t)
	var v valve
	q := open(t, queue.Config{Path: path, Bytes: 16 * segmentBytes, Drain: v.drain, FlushEvery: time.Millisecond, BlockFor: 10 * time.Second})
	var wg sync.WaitGroup
	const goroutines, records = 8, 3000
	for p := range goroutines {
		wg.Go(func() {
			for n := range records {
				if !q.Append(slog.Level(8*(n%2)), sinktest.Line(p, n, 300)) {
					t.Errorf("record %d of %d was refused", n, p)
				}
			}
		})
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for range 100 {
			select {
			case <-stop:
				return
			default:
				files, _ := filepath.Glob(path + ".????????????????")
				for _, f := range files {
					os.Truncate(f, 0)
				}
			}
		}
	}()
	wg.Wait()
	close(stop)
	<-stopped
	closeQueue(t, q)
	s := q.Stats()
	var o sinktest.Oracle
	verdict := o.Check(v.content())
	// A batch that was being written when the file was cut is written again.
	if verdict.Corrupt+verdict.Torn > 0 || uint64(verdict.Arrived)+s.Torn < goroutines*records {
		t.Errorf("%+v and %d torn, want at least %d together", verdict, s.Torn, goroutines*records)
	}
	t.Logf("%d arrived, %d twice, %d torn", verdict.Arrived, verdict.Duplicate, s.Torn)
}

// Somebody deletes the file: nothing is lost, and a new one takes its place, at
// once or when the folder is there again.
func TestFault8FileDeletedWhileInUse(t *testing.T) {
	for _, folder := range []bool{false, true} {
		path := filepath.Join(mapped(t), "sub", "app.log.queue")
		dir := filepath.Dir(path)
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		var v valve
		var rep reports
		q := open(t, queue.Config{Path: path, Drain: v.drain, FlushEvery: time.Millisecond, Report: rep.add})
		v.set(errShut)
		for n := range 100 {
			q.Append(slog.LevelInfo, sinktest.Line(1, n, 300))
		}
		eventually(t, func() bool { return q.Stats().DrainErrors > 0 })
		old := q.Stats().Path
		if err := os.Remove(old); err != nil {
			t.Fatal(err)
		}
		if folder {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			eventually(t, func() bool { return len(rep.named(queue.EventDegraded)) == 1 })
			if err := os.MkdirAll(dir, 0o750); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, func() bool { return len(rep.named(queue.EventReplaced)) == 1 })
		content, err := os.ReadFile(q.Stats().Path)
		if err != nil {
			t.Fatal(err)
		}
		lines, lost, damage := queue.RecoverLines(content)
		if len(lines) != 100 || lost != 0 || damage != nil {
			t.Errorf("the new file has %d records, %d lost, %v", len(lines), lost, damage)
		}
		v.set(nil)
		closeQueue(t, q)
		var o sinktest.Oracle
		if verdict := o.Check(v.content()); !verdict.Clean() || verdict.Arrived != 100 || q.Stats().Torn != 0 {
			t.Errorf("%+v, want all 100", verdict)
		}
		if n := len(rep.named(queue.EventDegraded)); folder != (n == 1) {
			t.Errorf("%d reports that it cannot be replaced", n)
		}
	}
}

// eventually waits for something that the draining goroutine does.
func eventually(t testing.TB, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}
