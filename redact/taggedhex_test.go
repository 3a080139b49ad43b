package redact_test

import (
	"math/rand/v2"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// TestTaggedHexIsHarmless: an identifier with a tag is stepped over in a log without
// being scanned.
func TestTaggedHexIsHarmless(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	p := planter{rng}
	tags := []string{"conn", "req", "sk", "rk", "ghp", "npm", "key", "slk", "sbp", "dop", "iban", "pin", "card", "otp", "code", "token", "secret", "apikey", "acct", "ssn", "de", "at", "eyj", "datadog", "auth", "user", "bearer", "basic", "passw", "pwd", "r8", "hf", "gsk", "pi", "seti", "src", "cs"}
	digits := []string{"0123456789abcdef", "0123456789", "abcdef", "0123456789e", "4b1d0", "de0123456789"}
	tagged := 0
	for range 400_000 {
		tag := tags[rng.IntN(len(tags))]
		if rng.IntN(2) == 0 {
			tag = p.letters(lower, 1+rng.IntN(8))
		}
		s := tag + "_" + p.letters(digits[rng.IntN(len(digits))], rng.IntN(30))
		if rng.IntN(20) == 0 {
			at := rng.IntN(len(s))
			s = s[:at] + p.letters(alnum+"-_ .:=", 1) + s[at+1:]
		}
		if !redact.TaggedHex(s) {
			continue
		}
		tagged++
		if maskOnly.Check(s) != 0 || maskOnly.Scan(s) != 0 || maskOnly.Everywhere(s) {
			t.Fatalf("%q is taken for an identifier, and a scan finds something", s)
		}
	}
	if tagged < 100_000 {
		t.Errorf("only %d texts were identifiers", tagged)
	}
	for _, s := range []string{"sk_0123456789abcdef", "conn_12x4567890", "conn_1234567", "conn1234567890", "_1234567890", "Conn_1234567890", "passw_1234567890", "a_b_1234567890", ""} {
		if redact.TaggedHex(s) {
			t.Errorf("%q is taken for an identifier with a tag", s)
		}
	}
}

func FuzzTaggedHex(f *testing.F) {
	f.Add("conn_1a6bd9b445bc")
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if redact.TaggedHex(s) && (maskOnly.Scan(s) != 0 || maskOnly.Everywhere(s)) {
			t.Errorf("%q is taken for an identifier", s)
		}
	})
}
