package redact_test

import (
	"os"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// TestDocsListEveryRule holds docs/redaction.md to the code: every rule has a
// row in its table.
func TestDocsListEveryRule(t *testing.T) {
	b, err := os.ReadFile("../docs/redaction.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for _, rule := range redact.Rules() {
		if !strings.Contains(page, "\n| `"+string(rule)+"` | ") {
			t.Errorf("docs/redaction.md has no row for the rule %q", rule)
		}
	}
}

// TestDocsExamples runs the examples of the table that are whole in one cell.
func TestDocsExamples(t *testing.T) {
	b, err := os.ReadFile("../docs/redaction.md")
	if err != nil {
		t.Fatal(err)
	}
	content, _ := redact.New(redact.Config{Content: []string{"bio"}})
	ran := 0
	for _, line := range strings.Split(string(b), "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 || !strings.HasPrefix(line, "| `") || strings.Contains(line, "…") {
			continue
		}
		if !strings.HasPrefix(cells[1], "`") {
			continue
		}
		in, want := strings.Trim(cells[1], "`"), strings.TrimSuffix(cells[2], " |")
		want = strings.Trim(want, "`")
		if strings.Contains(in, "`") || !strings.ContainsAny(in, " :=") {
			continue
		}
		got := content.String(in)
		if strings.HasPrefix(in, "{") {
			got = string(content.AppendJSON(nil, []byte(in)))
		}
		ran++
		if got != want {
			t.Errorf("docs/redaction.md: %q becomes %q, the page says %q", in, got, want)
		}
	}
	if ran < 12 {
		t.Errorf("only %d examples of docs/redaction.md were run, want at least 12", ran)
	}
}
