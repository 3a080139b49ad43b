package sink_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

// buffer is a sink that can be made to fail and to hang.
type buffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	err  error
	hang chan struct{}
	shut bool
}

func (b *buffer) Write(batch []byte) (int, error) {
	b.mu.Lock()
	hang, err := b.hang, b.err
	b.mu.Unlock()
	if hang != nil {
		<-hang
	}
	if err != nil {
		return 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shut {
		return 0, errors.New("closed")
	}
	return b.b.Write(batch)
}

func (b *buffer) Sync() error { return nil }
func (b *buffer) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shut = true
	return nil
}
func (b *buffer) String() string { return "buffer" }
func (b *buffer) content() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.b.Bytes())
}
func (b *buffer) set(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

func TestConsoleConforms(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) (sink.Sink, func() []byte) {
		var out bytes.Buffer
		return sink.NewConsole(&out, nil), out.Bytes
	})
	sinktest.Run(t, func(t *testing.T) (sink.Sink, func() []byte) {
		var out bytes.Buffer
		format := func(dst, line []byte) []byte { return append(append(dst, "> "...), line...) }
		return sink.NewConsole(&out, format), func() []byte {
			return bytes.ReplaceAll(out.Bytes(), []byte("> "), nil)
		}
	})
}

func TestStandbyConforms(t *testing.T) {
	refused := func() (*sink.File, error) { return nil, errors.New("not yet") }
	sinktest.Run(t, func(t *testing.T) (sink.Sink, func() []byte) {
		var out bytes.Buffer
		return sink.NewStandby(refused, sink.NewConsole(&out, nil), nil), out.Bytes
	})
}

// The file that could not be opened is tried again every minute, and then gets
// the lines.
func TestStandbyUntilTheFileCanBeOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		tries := 0
		open := func() (*sink.File, error) {
			if tries++; tries < 3 {
				return nil, errors.New("not yet")
			}
			return sink.OpenFile(sink.FileConfig{Path: filepath.Join(dir, "app.log")})
		}
		var out bytes.Buffer
		var ev events
		s := sink.NewStandby(open, sink.NewConsole(&out, nil), ev.report)
		var o sinktest.Oracle
		for n := range 100 { // 200 s
			line := sinktest.Line(1, n, 100)
			if taken, err := s.Write(line); taken != len(line) || err != nil {
				t.Fatalf("Write = %d, %v", taken, err)
			}
			o.Ack(1, n)
			time.Sleep(2 * time.Second)
		}
		if err := errors.Join(s.Sync(), s.Close()); err != nil {
			t.Error(err)
		}
		if v := o.Check(append(out.Bytes(), content(t, dir)...)); !v.Clean() || tries != 3 || len(content(t, dir)) == 0 {
			t.Errorf("after %d tries: %+v", tries, v)
		}
		if ev.count(sink.EventResumed) != 1 {
			t.Errorf("events = %v, want one %s", &ev, sink.EventResumed)
		}
	})
}

func TestTeeConforms(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) (sink.Sink, func() []byte) {
		dir := t.TempDir()
		var other buffer
		tee := sink.NewTee(nil, &other, openFile(t, sink.FileConfig{Path: filepath.Join(dir, "app.log")}))
		return tee, func() []byte {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := tee.Flush(ctx); err != nil {
				t.Fatal(err)
			}
			got := content(t, dir)
			if !bytes.Equal(got, other.content()) {
				t.Errorf("the file has %d bytes, the other sink %d", len(got), len(other.content()))
			}
			return got
		}
	})
}

func TestConsoleThatFails(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	c := sink.NewConsole(w, nil)
	if n, err := c.Write([]byte("a\nb\n")); n != 0 || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Write = %d, %v, want 0 and the pipe's error", n, err)
	}
}

func flush(t *testing.T, tee *sink.Tee) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := tee.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// A sink that hangs costs its own lines and nobody else's, and neither a
// caller nor Close waits for it.
func TestFault10TeeWithAHangingSink(t *testing.T) {
	hang := make(chan struct{})
	stuck, fine, primary := &buffer{hang: hang}, &buffer{}, &buffer{}
	var ev events
	tee := sink.NewTee(ev.report, primary, stuck, fine)
	var o sinktest.Oracle
	const lines = 40000
	for n := 0; n < lines; n += 10 {
		var batch []byte
		for i := range 10 {
			batch = append(batch, sinktest.Line(1, n+i, 100)...)
			o.Ack(1, n+i)
		}
		if n, err := tee.Write(batch); n != len(batch) || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
		if n%10000 == 0 { // the fine one has a goroutine too and may be behind
			eventually(t, func() bool { return len(fine.content()) == len(primary.content()) })
		}
	}
	eventually(t, func() bool { return len(fine.content()) == len(primary.content()) })
	for name, b := range map[string]*buffer{"primary": primary, "other": fine} {
		if v := o.Check(b.content()); !v.Clean() {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if err := tee.Close(); err == nil {
		t.Error("Close = nil, want a word about the sink that hangs")
	}
	close(hang)
	eventually(t, func() bool { stuck.mu.Lock(); defer stuck.mu.Unlock(); return stuck.shut })
	var none sinktest.Oracle
	v := none.Check(stuck.content())
	if !v.Clean() || uint64(v.Arrived)+tee.Dropped()["buffer"] != lines {
		t.Errorf("%+v and %d dropped, want %d together", v, tee.Dropped()["buffer"], lines)
	}
	if v.Arrived*100 > 3*sink.LaneBytes {
		t.Errorf("%d lines were kept for the sink that hangs, want about %d bytes", v.Arrived, sink.LaneBytes)
	}
}

// The primary fails: it gets its lines later, the others get theirs once.
func TestFault10TeeWithAFailingPrimary(t *testing.T) {
	for _, observe := range []bool{false, true} {
		primary, other := &buffer{}, &buffer{}
		tee := sink.NewTee(nil, primary, other)
		var o sinktest.Oracle
		for n := range 100 {
			line := sinktest.Line(1, n, 100)
			if observe {
				tee.Observe(line)
			}
			primary.set(errors.New("down"))
			for range 3 {
				if n, err := tee.Write(line); n != 0 || err == nil {
					t.Fatalf("Write = %d, %v", n, err)
				}
			}
			primary.set(nil)
			if n, err := tee.Write(line); n != len(line) || err != nil {
				t.Fatalf("Write = %d, %v", n, err)
			}
			o.Ack(1, n)
		}
		flush(t, tee)
		for name, b := range map[string]*buffer{"primary": primary, "other": other} {
			if v := o.Check(b.content()); !v.Clean() {
				t.Errorf("observe %v, %s: %+v", observe, name, v)
			}
		}
		if err := tee.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTeeWithAFailingSink(t *testing.T) {
	primary, other := &buffer{}, &buffer{err: errors.New("connection refused")}
	var ev events
	tee := sink.NewTee(ev.report, primary, other)
	for n := range 5 {
		if _, err := tee.Write(sinktest.Line(1, n, 100)); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, tee)
	if got := tee.Dropped()["buffer"]; got != 5 {
		t.Errorf("dropped = %d, want 5", got)
	}
	if err := tee.Close(); err != nil {
		t.Error(err)
	}
	if got := ev.String(); !strings.Contains(got, "connection refused") || ev.count(sink.EventDropped) == 0 {
		t.Errorf("events = %s, want the drops with their cause", got)
	}
}

// The queue asks the Tee where a batch will land; only a file knows.
func TestTeeMarks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no identity")
	}
	f := openFile(t, sink.FileConfig{Path: filepath.Join(t.TempDir(), "app.log")})
	tee := sink.NewTee(nil, &buffer{}, f)
	defer tee.Close()
	batch := append(sinktest.Line(1, 0, 100), sinktest.Line(1, 1, 100)...)
	mark := tee.Mark(len(batch))
	if mark == [32]byte{} {
		t.Fatal("a file gives no mark")
	}
	if got := tee.Written(mark, batch); got != 0 {
		t.Errorf("Written before the write = %d, want 0", got)
	}
	first := sinktest.Line(1, 0, 100)
	if _, err := tee.Write(first); err != nil {
		t.Fatal(err)
	}
	if got := tee.Written(mark, batch); got != len(first) {
		t.Errorf("Written after half of it = %d, want %d", got, len(first))
	}
	if got := tee.Written(mark, sinktest.Line(2, 0, 100)); got != 0 {
		t.Errorf("Written of another line = %d, want 0", got)
	}
	none := sink.NewTee(nil, &buffer{})
	defer none.Close()
	if none.Mark(1) != [32]byte{} || none.Written(mark, batch) != 0 {
		t.Error("a Tee without a file gives a mark")
	}
}

func TestTeeOfNothing(t *testing.T) {
	tee := sink.NewTee(nil)
	if n, err := tee.Write([]byte("a\n")); n != 2 || err != nil {
		t.Errorf("Write = %d, %v, want it taken", n, err)
	}
	if err := errors.Join(tee.Sync(), tee.Flush(context.Background()), tee.Close()); err != nil {
		t.Error(err)
	}
}
