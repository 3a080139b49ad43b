package sinktest_test

import (
	"bytes"
	"testing"

	"github.com/pairly/pairlog/sink/sinktest"
)

func TestParseLine(t *testing.T) {
	for _, size := range []int{0, 60, 100, 5000} {
		line := sinktest.Line(3, 42, size)
		if p, n, err := sinktest.ParseLine(line); p != 3 || n != 42 || err != nil {
			t.Errorf("ParseLine(%q) = %d, %d, %v", line, p, n, err)
		}
		for i := range len(line) - 1 {
			b := bytes.Clone(line)
			b[i] ^= 1
			if _, _, err := sinktest.ParseLine(b); err == nil {
				t.Errorf("a flipped bit at %d of %q passes", i, line)
			}
		}
		if _, _, err := sinktest.ParseLine(line[:len(line)-2]); err == nil {
			t.Errorf("a cut line %q passes", line)
		}
	}
}

func TestOracle(t *testing.T) {
	lines := make([][]byte, 6)
	for n := range lines {
		lines[n] = sinktest.Line(1, n, 80)
	}
	join := func(which ...int) []byte {
		var b []byte
		for _, n := range which {
			b = append(b, lines[n]...)
		}
		return b
	}
	f := func(name string, content []byte, want sinktest.Verdict) {
		t.Helper()
		var o sinktest.Oracle
		for _, n := range []int{0, 1, 2, 3} {
			o.Ack(1, n)
		}
		got := o.Check(content)
		if clean := got.First == ""; clean != got.Clean() {
			t.Errorf("%s: Clean() = %v with First %q", name, got.Clean(), got.First)
		}
		got.First = ""
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	f("all", join(0, 1, 2, 3), sinktest.Verdict{Arrived: 4})
	f("one that was not acknowledged", join(0, 1, 2, 3, 4), sinktest.Verdict{Arrived: 5})
	f("lost", join(0, 1, 3), sinktest.Verdict{Arrived: 3, Lost: 1})
	f("twice", join(0, 1, 2, 3, 2), sinktest.Verdict{Arrived: 4, Duplicate: 1})
	f("out of order", join(0, 2, 1, 3), sinktest.Verdict{Arrived: 4, Disordered: 1})
	f("torn", append(join(0, 1, 2, 3), lines[4][:20]...), sinktest.Verdict{Arrived: 4, Torn: 1})
	f("merged", append(append(join(0, 1, 2), lines[3][:20]...), lines[4]...), sinktest.Verdict{Arrived: 3, Lost: 1, Corrupt: 1})
	f("nothing", nil, sinktest.Verdict{Lost: 4})
}
