package redact_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// TestRememberedKeysChangeNothing holds a Redactor that remembers the keys of many
// texts against one that has seen none.
func TestRememberedKeysChangeNothing(t *testing.T) {
	p := planter{rand.New(rand.NewPCG(31, 32))}
	old, err := redact.New(redact.Config{})
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := redact.New(redact.Config{})
	if err != nil {
		t.Fatal(err)
	}
	glue := []string{"", " ", ",", "{", ":{", "x", "-u ", "curl -u ", "--user=", "\\", "=", "(", "[", "\n", "::", ":", "@", "/", "//"}
	for i := range 30_000 {
		var b strings.Builder
		for range 1 + p.IntN(6) {
			b.WriteString(glue[p.IntN(len(glue))])
			quote := `"`
			if p.IntN(12) == 0 {
				quote = []string{"'", `\"`, "`", ""}[p.IntN(4)]
			}
			b.WriteString(quote + lineNames[p.IntN(len(lineNames))] + quote)
			b.WriteString([]string{":", ":", ":", " : ", "::", "=", ","}[p.IntN(7)])
			b.WriteString(lineValues[p.IntN(len(lineValues))])
			if p.IntN(3) > 0 {
				b.WriteString(",")
			}
		}
		s := b.String()
		fresh.Forget()
		if got, want := old.String(s), fresh.String(s); got != want {
			t.Fatalf("%d: %q:\n got %q\nwant %q", i, s, got, want)
		}
	}
}

// TestKeyIsNoSecondArgument: the key of an object after the name of a secret went
// as if it were its value.
func TestKeyIsNoSecondArgument(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := maskOnly.String(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	f(`log {"kind":"api_secret","Value1":7}`, `log {"kind":"api_secret","Value1":7}`)
	f(`set("api_secret","Value1x")`, `set("api_secret","[REDACTED]")`)
	f(`set(\"api_secret\",\"Value1x\")`, `set(\"api_secret\",\"[REDACTED]\")`)
}
