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

// TestSyntaxOfTheDocs holds the examples of the sections assignment, url and flag.
func TestSyntaxOfTheDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/redaction.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, want string }{
		{`{password,"x1"}`, `{password,"[REDACTED]"}`}, {"password -> x1y2z3", "password -> [REDACTED]"}, {`password -> "x"`, `password -> "[REDACTED]"`},
		{"API key: a1b2c3", "API key: [REDACTED]"}, {"security code: 123", "security code: [REDACTED]"},
		{"account number: 12345678", "account number: [REDACTED]"}, {"password is: x1", "password is: [REDACTED]"},
		{"Key (token)=(x) already exists", "Key (token)=([REDACTED]) already exists"},
		{"Duplicate entry 'x' for key 'sessions.token'", "Duplicate entry '[REDACTED]' for key 'sessions.token'"},
		{"root:x@tcp(db)/shop", "root:[REDACTED]@tcp(db)/shop"}, {"jdbc:oracle:thin:scott/x@db", "jdbc:oracle:thin:scott/[REDACTED]@db"},
		{"4.11111111" + "1111111e+15", "[CARD]"}, {`["password", "hunter2"]`, `["password", "[REDACTED]"]`}, {`["authorization", "cookie"]`, `["authorization", "cookie"]`},
		{"mysql -px", "mysql -p[REDACTED]"}, {"sshpass -p x", "sshpass -p [REDACTED]"}, {"redis-cli -a x", "redis-cli -a [REDACTED]"},
	} {
		if !strings.Contains(string(text), "`"+c.in+"`") {
			t.Errorf("docs/redaction.md has no `%s`", c.in)
		}
		if got := maskOnly.String(c.in); got != c.want {
			t.Errorf("String(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
