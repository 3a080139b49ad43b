package redact_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/pairly/pairlog/internal/planted"
	"github.com/pairly/pairlog/redact"
)

// Each seed makes the values of another corpus of the same shapes: what a rule finds by
// the digits of a token it may miss in one without any.
var (
	coverageSeed  = flag.Uint64("coverage-seed", 20260102, "makes the values of the coverage tests")
	coverageSeeds = flag.Int("coverage-seeds", 5, "how many seeds the coverage tests take, from coverage-seed on")
)

// eachCorpus calls f for each seed.
func eachCorpus(f func(g *planted.Samples)) {
	for i := range *coverageSeeds {
		f(planted.NewSamples(*coverageSeed + uint64(i)))
	}
}

// TestCoverageTokens puts every token of internal/planted/tokens.txt into
// every context of contexts.txt.
func TestCoverageTokens(t *testing.T) {
	eachCorpus(func(g *planted.Samples) { coverTokens(t, g) })
}

func coverTokens(t *testing.T, g *planted.Samples) {
	contexts := planted.Lines("contexts")
	for _, line := range planted.Lines("tokens") {
		name, pattern, _ := strings.Cut(line, "\t")
		for _, context := range contexts {
			token, secrets := g.Token(pattern)
			text := planted.InContext(context, token)
			out := maskOnly.String(text)
			for _, s := range secrets {
				if planted.Leak(out, s) != "" {
					t.Errorf("%s in %q\n got %q", name, text, out)
					break
				}
			}
		}
	}
}

// TestCoverageSecrets runs internal/planted/secrets.txt.
func TestCoverageSecrets(t *testing.T) {
	eachCorpus(func(g *planted.Samples) { coverSecrets(t, g) })
}

func coverSecrets(t *testing.T, g *planted.Samples) {
	for _, line := range planted.Lines("secrets") {
		line, secrets := g.Secret(line)
		for shift := range 8 { // the scan looks at eight bytes at a time
			text := strings.Repeat("\n", shift) + line
			out := maskOnly.String(text)
			for _, s := range secrets {
				if p := planted.Leak(out, s); p != "" {
					t.Errorf("%q\n out  %q\n left %q", text, out, p)
					break
				}
			}
			if again := maskOnly.String(out); again != out {
				t.Errorf("%q\n out   %q\n again %q", text, out, again)
			}
		}
	}
}

// TestCoverageInnocent runs internal/planted/innocent.txt, whose lines stay
// as they are.
func TestCoverageInnocent(t *testing.T) {
	full, _ := redact.New(redact.Config{PII: redact.PIIFull})
	eachCorpus(func(g *planted.Samples) {
		for _, line := range planted.Lines("innocent") {
			text := g.Innocent(line)
			if out := full.String(text); out != text {
				t.Errorf("%s\n in  %q\n out %q", line, text, out)
			}
		}
	})
}

// TestCoverageKeys runs internal/planted/keys.txt.
func TestCoverageKeys(t *testing.T) {
	for _, line := range planted.Lines("keys") {
		fields := strings.Fields(line)
		for _, key := range fields[1:] {
			if got, want := maskOnly.Key(key).String(), fields[0]; got != want {
				t.Errorf("Key(%q) = %s, want %s", key, got, want)
			}
		}
	}
}
