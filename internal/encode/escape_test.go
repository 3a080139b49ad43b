package encode_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pairly/pairlog/internal/encode"
)

// escaped is AppendEscaped character by character.
func escaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\ufffd`)
		case r == '"', r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20, 0x7f <= r && r <= 0x9f, r == 0x2028, r == 0x2029:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// Every beginning of a character, followed by bytes at all bounds of what may
// follow, at the beginning of a text, within it and at its end.
func TestAppendEscaped(t *testing.T) {
	bounds := []byte{0, 'a', '"', 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xa7, 0xa8, 0xa9, 0xaa, 0xbf, 0xc0, 0xff}
	var got []byte
	f := func(s string) {
		t.Helper()
		if got = encode.AppendEscaped(got[:0], s); string(got) != escaped(s) {
			t.Fatalf("AppendEscaped(%q) = %s, want %s", s, got, escaped(s))
		}
	}
	f("")
	for first := range 256 {
		for _, a := range bounds {
			for _, b := range bounds {
				f(string([]byte{byte(first), a, b}))
				for _, c := range bounds {
					f(string([]byte{'x', byte(first), a, b, c}))
				}
			}
		}
	}
	for n := range 20 {
		for _, s := range []string{"é", "\u2028", "अ", "🙂", "\"", "\n", "\xff", "\u0085", "\xf0\x9f", "\xe2\x80"} {
			f(strings.Repeat("a", n) + s)
			f(strings.Repeat("a", n) + s + strings.Repeat("b", n))
			f(strings.Repeat(s, n))
		}
	}
}

func FuzzAppendEscaped(f *testing.F) {
	f.Add("a text – with one that is not ASCII")
	f.Add("नमस्ते\u2028\x00\xc2\x80\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := string(encode.AppendEscaped(nil, s)), escaped(s); got != want {
			t.Errorf("AppendEscaped(%q) = %s, want %s", s, got, want)
		}
	})
}

func BenchmarkAppendEscaped(b *testing.B) {
	for name, s := range map[string]string{
		"one":   "SELECT id, email, display_name, created_at FROM users WHERE id = $1 AND deleted_at IS NULL … and more of it, as statements go on",
		"hindi": "नमस्ते, आप कैसे हैं? यह एक छोटा संदेश है।",
		"lines": "one line\nanother line\n\tindented \"with quotes\"\n",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			var buf []byte
			for b.Loop() {
				buf = encode.AppendEscaped(buf[:0], s)
			}
		})
	}
}
