package redact_test

import (
	"strings"
	"testing"
)

// TestCoverageTokens puts every token of testdata/coverage/tokens.txt into
// every context of contexts.txt.
func TestCoverageTokens(t *testing.T) {
	g := newSamples(*coverageSeed)
	contexts := coverageLines(t, "contexts")
	for _, line := range coverageLines(t, "tokens") {
		name, pattern, _ := strings.Cut(line, "\t")
		for _, context := range contexts {
			token, secrets := g.token(pattern)
			text := strings.ReplaceAll(controls.Replace(context), "@", token)
			out := maskOnly.String(text)
			for _, s := range secrets {
				if leak(out, s) != "" {
					t.Errorf("%s in %q\n got %q", name, text, out)
					break
				}
			}
		}
	}
}
