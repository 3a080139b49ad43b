package redact

import (
	"strings"
	"testing"
)

func BenchmarkFloor(b *testing.B) {
	r, _ := New(Config{})
	s := strings.Repeat("the cat sat on a mat ", 50)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		r.Check(s)
	}
}
func TestHotShare(t *testing.T) {
	for name, s := range map[string]string{"prose": strings.Repeat("The worker finished the batch of recommendations for the region and went back to sleep. ", 12)} {
		var n, h, d, dot, nm, sp, da int
		for i := 0; i+8 <= len(s); i += 8 {
			acc := uint32(bias)
			for _, c := range []byte(s[i : i+8]) {
				acc += sums[c]
			}
			n++
			if acc&hot != 0 {
				h++
			}
			if acc&hotDigit != 0 {
				d++
			}
			if acc&hotDot != 0 {
				dot++
			}
			if acc&hotName != 0 {
				nm++
			}
			if acc&hotSpot != 0 {
				sp++
			}
			if acc&hotDash != 0 {
				da++
			}
		}
		t.Log(name, n, "hot", h, "digit", d, "dot", dot, "name", nm, "spot", sp, "dash", da)
	}
}
