package encode_test

import (
	"bytes"
	"testing"

	"github.com/pairly/pairlog/internal/encode"
)

func TestIsPlain(t *testing.T) {
	// Every byte, at every place of a word and behind it.
	for c := range 256 {
		want := c >= 0x20 && c < 0x7f && c != '"' && c != '\\'
		for n := 1; n <= 20; n++ {
			for at := range n {
				b := bytes.Repeat([]byte{'a'}, n)
				b[at] = byte(c)
				if got := encode.IsPlain(b); got != want {
					t.Fatalf("IsPlain(%q) = %v, want %v", b, got, want)
				}
			}
		}
	}
	// Neighbours must not lend each other a bit.
	for c := range 256 {
		for d := range 256 {
			plain := func(c int) bool { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' }
			b := []byte{'a', byte(c), byte(d), 'a', 'z', ' ', '~', '!'}
			if got, want := encode.IsPlain(b), plain(c) && plain(d); got != want {
				t.Fatalf("IsPlain(%q) = %v, want %v", b, got, want)
			}
		}
	}
	if !encode.IsPlain(nil) {
		t.Error("IsPlain(nil) = false")
	}
}
