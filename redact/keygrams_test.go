package redact_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// TestEveryWordOfKeysIsRead holds the quick look at a key against the tables: for
// every word of them alone, cut into two words anywhere, and between other words.
func TestEveryWordOfKeysIsRead(t *testing.T) {
	r := maskOnly
	check := func(key string) {
		t.Helper()
		if got, want := r.Verdicts(key); got != want {
			t.Errorf("key %q is judged %s by a look at its letters and %s by the tables", key, got, want)
		}
	}
	words := redact.TableWords()
	if len(words) < 500 {
		t.Fatalf("%d words in the tables, want more", len(words))
	}
	p := rand.New(rand.NewPCG(5, 5))
	for _, w := range words {
		check(w)
		check("x" + w + "1")
		check(strings.ToUpper(w))
		for i := range len(w) {
			check(w[:i] + "_" + w[i:])
			check("a_" + w[:i] + "B" + w[i:])
		}
		for range 20 {
			a, b := words[p.IntN(len(words))], words[p.IntN(len(words))]
			check(a + "_" + w)
			check(w + "-" + a + "." + b)
			check(a + w + b)
			if joined := strings.ToLower(a + w + b); redact.PartMissed(joined) {
				t.Errorf("a part of %q is overlooked", joined)
			}
		}
	}
}
