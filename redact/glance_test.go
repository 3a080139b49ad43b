package redact_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// Alphabets of which short texts are made, so that rules are nearly met often.
var glanceAlphabets = []string{
	"0123456789", "0123456789abcdef", "0123456789ABCDEFabcdef", "0123456789.", "0123456789-", "0123456789 -.",
	"adebf0123456789", "abcdefghijklmnopqrstuvwxyz", "ab.c-d_e/ 1", "Bearsic bearsic ", "pw=:x1", "--pas -u:@", "A\"\\\n\x7f\x80\xffé",
	"otp 123456", "{}[],\"'", "AKIBSXCD0123456789", "+1234567890 ", "%3D4",
}

// glanceTexts calls f with texts of the shapes that a glance decides about, and
// of shapes that are close to them.
func glanceTexts(n int, f func(s string)) {
	rng := rand.New(rand.NewPCG(5, 6))
	p := planter{rng}
	b := make([]byte, 48)
	for range n {
		set := glanceAlphabets[rng.IntN(len(glanceAlphabets))]
		s := b[:rng.IntN(48)]
		for i := range s {
			s[i] = set[rng.IntN(len(set))]
		}
		f(string(s))
		hex := glanceAlphabets[1+rng.IntN(2)]
		if rng.IntN(3) == 0 {
			hex = "adebf0123456789"
		}
		id := p.letters(hex, 8) + "-" + p.letters(hex, 4) + "-" + p.letters(hex, 4) + "-" + p.letters(hex, 4) + "-" + p.letters(hex, 12)
		f(id)
		if at := rng.IntN(len(id)); rng.IntN(4) == 0 {
			f(id[:at] + p.letters("A\"\\\n\x7f\x80 -.:", 1) + id[at+1:])
		}
		f(p.letters(hex, 1+rng.IntN(40)))
		when := "2024-01-15T10:30:45.123Z"
		if rng.IntN(2) == 0 {
			when = when[:19] + "Z"
		}
		at := rng.IntN(len(when))
		f(when[:at] + p.letters("0123456789TZ:. -a", 1) + when[at+1:])
	}
}

func TestGlanceIsScan(t *testing.T) {
	decided, ids := 0, 0
	check := func(s string) {
		if maskOnly.Identifies(s) {
			ids++
			if maskOnly.Scan(s) != 0 || maskOnly.Everywhere(s) {
				t.Fatalf("%q is taken for an identifier, and a scan finds something", s)
			}
		}
		f, ok := redact.Glance(s)
		if !ok {
			return
		}
		decided++
		if want := maskOnly.Scan(s); f != want {
			t.Fatalf("glance at %q: got %b, want %b", s, f, want)
		}
		if maskOnly.Everywhere(s) {
			t.Fatalf("glance calls %q clean, and a scan everywhere does not", s)
		}
	}
	glanceTexts(300_000, check)
	for _, s := range seeds {
		for i := range s {
			check(s[i:])
			check(s[:i])
		}
	}
	for _, s := range []string{"bearer x1y2z3", "Bearer x1y2z3", "basic YTpiYzpk", "{\"pin\":1234}", "[1,2]", " {}", "-p --pin 1", "otp 123456", "1.2.3.4", "pin='a1b2'", "DE89370400440532"} {
		check(s)
	}
	p := planter{rand.New(rand.NewPCG(7, 8))}
	for range 20_000 {
		text, _ := p.secret()
		for _, n := range []int{4, 8, 15, 24, 32, 36} {
			if len(text) > n {
				check(text[:n])
				check(text[len(text)-n:])
			}
		}
	}
	if decided < 100_000 {
		t.Errorf("only %d texts were decided at a glance", decided)
	}
	if ids < 10_000 {
		t.Errorf("only %d texts were identifiers", ids)
	}
	custom, err := redact.New(redact.Config{Values: []redact.ValueRule{{Name: "any", Find: func(s string) (int, int, bool) { return 0, len(s), true }}}})
	if err != nil {
		t.Fatal(err)
	}
	if custom.Identifies("550e8400-e29b-41d4-a716-446655440000") {
		t.Error("an identifier is not shown to a rule of the user's")
	}
}

func FuzzGlance(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Add("550e8400-e29b-41d4-a716-446655440000")
	f.Add("507f1f77bcf86cd799439011")
	f.Fuzz(func(t *testing.T, s string) {
		if found, ok := redact.Glance(s); ok && found != maskOnly.Scan(s) {
			t.Errorf("glance at %q: got %b, want %b", s, found, maskOnly.Scan(s))
		}
		if maskOnly.Identifies(s) && maskOnly.Scan(s) != 0 {
			t.Errorf("%q is taken for an identifier", s)
		}
	})
}

// addresses makes values as they stand under the keys of addresses, and what is
// nearly one.
func addresses(n int, f func(c redact.Class, s string)) {
	rng := rand.New(rand.NewPCG(9, 10))
	p := planter{rng}
	octet := func() string {
		if rng.IntN(12) == 0 {
			return []string{"", "0", "00", "256", "01", "1x", "-1", " 1", "999"}[rng.IntN(9)]
		}
		return fmt.Sprint(rng.IntN(256))
	}
	endings := []string{"com", "org", "png", "de", "ts", "c", "Com", "go", "test", "java", "x1", "museum", "", "json"}
	for range n {
		ip := octet() + "." + octet() + "." + octet() + "." + octet()
		if rng.IntN(10) == 0 {
			ip += []string{".1", ":80", "/24", ",", " ", "/33"}[rng.IntN(6)]
		}
		f(redact.ClassIP, ip)
		f(redact.ClassIP, p.letters("01.", rng.IntN(14)))
		local := p.letters([]string{"abcXY", "a.b1", "otp.123", "ab-_u+", "bearSG.", "AKI0123456789"}[rng.IntN(6)], rng.IntN(18))
		domain := p.letters([]string{"abc", "a.b", "exampl", "a1-b", "sg.t1.pk.", "A"}[rng.IntN(6)], rng.IntN(18))
		mail := local + "@" + domain + "." + endings[rng.IntN(len(endings))]
		if rng.IntN(3) == 0 {
			mail = []string{"jane", "otp.12", "b.c.d", "a", "pw", "ghp_", "ya29.a"}[rng.IntN(7)] + "@" + []string{"test.", "a.b.", "x@y.", "u:p.", ".", ""}[rng.IntN(6)] + endings[rng.IntN(len(endings))]
		}
		f(redact.ClassEmail, mail)
	}
}

func TestPlainAddressesAreMaskedAlike(t *testing.T) {
	redactors := map[string]redact.Config{
		"default": {}, "full": {PII: redact.PIIFull}, "hash": {PII: redact.PIIHash, PIIKey: make([]byte, 32)},
		"off": {Disable: []redact.Rule{redact.RuleEmail, redact.RuleIP}}, "short": {MaxBytes: 9},
		"custom": {Values: []redact.ValueRule{{Name: "jane", Find: func(s string) (int, int, bool) { return 0, 4, len(s) >= 4 && s[:4] == "jane" }}}},
	}
	for name, cfg := range redactors {
		quick, err := redact.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		full, err := redact.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		short, err := redact.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		special := func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r > '~' }
		addresses(40_000, func(c redact.Class, s string) {
			got, want := string(quick.AppendClass(nil, c, s)), full.AppendAny(c, s)
			if got != want {
				t.Fatalf("%s: %v %q: got %q, want %q", name, c, s, got, want)
			}
			if out, ok := short.AppendAddress(nil, c, s); ok && (string(out) != want || len(out) > 64 || strings.ContainsFunc(want, special)) {
				t.Fatalf("%s: address %v %q: got %q, want %q", name, c, s, out, want)
			}
		})
		if got, want := fmt.Sprint(quick.Counts()), fmt.Sprint(full.Counts()); got != want {
			t.Errorf("%s: counts: got %s, want %s", name, got, want)
		}
	}
}
