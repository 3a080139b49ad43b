package redact_test

import (
	"fmt"
	"strings"
	"testing"
)

// keyBody returns n lines of base64 as a private key has them.
func keyLines(n int) []string {
	var lines []string
	for i := range n {
		lines = append(lines, strings.Repeat(fmt.Sprintf("Ab%dx+/Qz", i%10), 8))
	}
	return append(lines, "k9Q=")
}

// TestPrivateKeysInEveryLayout writes a key, whole and cut off, as programs do.
func TestPrivateKeysInEveryLayout(t *testing.T) {
	for _, kind := range []string{"", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "} {
		begin, end := j("-----BEGIN "+kind, "PRIVATE KEY-----"), "-----END "+kind+"PRIVATE KEY-----"
		lines := keyLines(20)
		for name, join := range map[string]func(lines []string) string{
			"lines":       func(l []string) string { return strings.Join(l, "\n") },
			"CRLF":        func(l []string) string { return strings.Join(l, "\r\n") },
			"escaped":     func(l []string) string { return strings.Join(l, `\n`) },
			"twice":       func(l []string) string { return strings.Join(l, `\\n`) },
			"spaces":      func(l []string) string { return strings.Join(l, " ") },
			"URL":         func(l []string) string { return strings.Join(l, "%0A") },
			"indented":    func(l []string) string { return strings.Join(l, "\n    ") },
			"strings":     func(l []string) string { return `"` + strings.Join(l, "\\n\" +\n  \"") + `"` },
			"prefixed":    func(l []string) string { return strings.Join(l, "\napp_1  | ") },
			"time before": func(l []string) string { return strings.Join(l, "\n2026-01-02T15:04:05Z INFO ") },
		} {
			for _, header := range [][]string{nil, {"Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00FF", ""}} {
				if header != nil && name != "lines" && name != "CRLF" && name != "indented" {
					continue
				}
				head := append([]string{begin}, header...)
				whole := join(append(append(head[:len(head):len(head)], lines...), end))
				cut := join(append(head[:len(head):len(head)], lines[:12]...))
				for _, text := range []string{whole, cut, "key: " + whole + "\nnext line", "read " + cut + "\nnext line of the log"} {
					out := maskOnly.String(text)
					if strings.Contains(out, lines[3]) || strings.Contains(out, lines[11]) {
						t.Errorf("%s, %q: a line survives in %q", name, kind, out)
					}
					if strings.Contains(text, "next line") && !strings.Contains(out, "\nnext line") {
						t.Errorf("%s, %q: the next line is gone from %q", name, kind, out)
					}
				}
			}
		}
	}
}

// TestFirstLineOfAKey: a sentence about the first line of a key took all lines after
// it.
func TestFirstLineOfAKey(t *testing.T) {
	begin := j("-----BEGIN ", "PRIVATE KEY-----")
	rest := strings.Repeat("2026-01-02 15:04:05 INFO request done status=200\n", 400)
	keep(t, maskOnly,
		"key file must start with "+begin+"\n"+rest,
		"key file must start with "+begin, "want "+begin+", got garbage\n"+rest, "bad key: no \""+begin+"\" in it\n"+rest,
		"found "+begin+"\n\n"+rest, "found "+begin+"\ndone\nok\n"+rest, begin+"\n{\"a\":1}\n", begin+"\nCommit: abc\n",
	)
	f := check(t, maskOnly)
	f("want "+begin+" at first\n"+rest+begin+"\n"+strings.Join(keyLines(3), "\n")+"\n-----END PRIVATE KEY-----\nz",
		"want "+begin+" at first\n"+rest+"[REDACTED]\nz")
	f("want "+begin+" and "+j("-----END ", "PRIVATE KEY-----")+" around it", "want [REDACTED] around it")
}

// TestNoEnd: what has a beginning and no end took the lines after it.
func TestNoEnd(t *testing.T) {
	f := check(t, maskOnly)
	pw := j("hunt", "er2")
	rest := "\nuser=\"bob\" said \"x\"\nit's done\n"
	f(`password="`+pw+rest, `password="[REDACTED]`+rest)
	f(`password='`+pw+rest, `password='[REDACTED]`+rest)
	f(`{"password":"`+pw+"\n{\"user\":\"bob\"}\n", `{"password":"[REDACTED]`+"\n{\"user\":\"bob\"}\n")
	f("password=%22"+pw+"\na=%22b%22", "password=%22[REDACTED]\na=%22b%22")
	f("password=&quot;"+pw+"\na=&quot;b&quot;", "password=&quot;[REDACTED]\na=&quot;b&quot;")
	f("form-data; name=\"token\"\r\n\r\n"+pw+"\r\nthe next line\r\nand one\r\n", "form-data; name=\"token\"\r\n\r\n[REDACTED]\r\nthe next line\r\nand one\r\n")
	f("key=\"a\"\nsecret = \""+pw+"\n  "+pw+"\n\"\nb", "key=\"a\"\nsecret = \"[REDACTED]\"\nb")
	f("secret = \""+pw+"\n"+pw+"\", x", "secret = \"[REDACTED]\", x")
}
