// Package sinktest holds a [sink.Sink] against its contract.
//
//	func TestMySink(t *testing.T) {
//		sinktest.Run(t, func(t *testing.T) (sink.Sink, func() []byte) {
//			var buf bytes.Buffer
//			return sink.NewConsole(&buf, nil), buf.Bytes
//		})
//	}
//
// It also has the oracle that delivery tests use: numbered lines with
// checksums, and a check of what arrived against what was acknowledged.
package sinktest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pairly/pairlog/sink"
)

// Run runs the conformance suite. Open returns a new sink and a function that
// returns the lines that reached the destination so far; that function is
// called after Sync or Close only.
func Run(t *testing.T, open func(t *testing.T) (s sink.Sink, content func() []byte)) {
	t.Run("Order", func(t *testing.T) { testOrder(t, open) })
	t.Run("BatchIsNotKept", func(t *testing.T) { testBatchIsNotKept(t, open) })
	t.Run("LongLine", func(t *testing.T) { testLongLine(t, open) })
	t.Run("Empty", func(t *testing.T) { testEmpty(t, open) })
	t.Run("Close", func(t *testing.T) { testClose(t, open) })
	t.Run("String", func(t *testing.T) { testString(t, open) })
}

type opener func(t *testing.T) (sink.Sink, func() []byte)

// write offers a batch as the queue does: what is not taken is offered again.
func write(t *testing.T, s sink.Sink, batch []byte) {
	t.Helper()
	for tries := 0; len(batch) > 0; tries++ {
		n, err := s.Write(batch)
		if n < 0 || n > len(batch) {
			t.Fatalf("Write = %d, want 0 to %d", n, len(batch))
		}
		if err == nil && n != len(batch) {
			t.Fatalf("Write = %d, nil for %d bytes, want all or an error", n, len(batch))
		}
		if n > 0 && batch[n-1] != '\n' {
			t.Fatalf("Write = %d, which is not the end of a line", n)
		}
		if err != nil && tries == 10 {
			t.Fatalf("Write: %v", err)
		}
		batch = batch[n:]
	}
}

func testOrder(t *testing.T, open opener) {
	s, content := open(t)
	var o Oracle
	for n := 0; n < 1000; {
		var batch []byte
		for range 1 + n%40 {
			batch = append(batch, Line(1, n, 60+n%300)...)
			o.Ack(1, n)
			n++
		}
		write(t, s, batch)
	}
	if err := s.Sync(); err != nil {
		t.Errorf("Sync: %v", err)
	}
	if v := o.Check(content()); !v.Clean() {
		t.Errorf("after Sync: %+v", v)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if v := o.Check(content()); !v.Clean() {
		t.Errorf("after Close: %+v", v)
	}
}

func testBatchIsNotKept(t *testing.T, open opener) {
	s, content := open(t)
	var o Oracle
	buf := make([]byte, 0, 4096)
	for n := range 200 {
		buf = append(buf[:0], Line(1, n, 100)...)
		before := bytes.Clone(buf)
		write(t, s, buf)
		if !bytes.Equal(buf, before) {
			t.Fatal("Write changed the batch")
		}
		o.Ack(1, n)
		for i := range buf {
			buf[i] = '!' // what a caller that reuses its buffer does
		}
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if v := o.Check(content()); !v.Clean() {
		t.Errorf("%+v", v)
	}
}

func testLongLine(t *testing.T, open opener) {
	s, content := open(t)
	var o Oracle
	for n, size := range []int{100, 200 << 10, 100} {
		write(t, s, Line(1, n, size))
		o.Ack(1, n)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if v := o.Check(content()); !v.Clean() {
		t.Errorf("%+v", v)
	}
}

func testEmpty(t *testing.T, open opener) {
	s, content := open(t)
	if n, err := s.Write(nil); n != 0 || err != nil {
		t.Errorf("Write(nil) = %d, %v, want 0, nil", n, err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if got := content(); len(got) != 0 {
		t.Errorf("content = %.80q, want none", got)
	}
}

func testClose(t *testing.T, open opener) {
	s, content := open(t)
	write(t, s, Line(1, 0, 100))
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v, want nil", err)
	}
	if n, err := s.Write(Line(1, 1, 100)); n != 0 || err == nil {
		t.Errorf("Write after Close = %d, %v, want 0 and an error", n, err)
	}
	var o Oracle
	o.Ack(1, 0)
	if v := o.Check(content()); !v.Clean() || v.Arrived != 1 {
		t.Errorf("%+v, want the one line", v)
	}
}

func testString(t *testing.T, open opener) {
	s, _ := open(t)
	name := s.String()
	if name == "" || strings.ContainsAny(name, "\n\t") {
		t.Errorf("String() = %q, want one line of text", name)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if got := s.String(); got != name {
		t.Errorf("String() after Close = %q, want %q as before", got, name)
	}
}
