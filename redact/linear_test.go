package redact_test

import (
	"strings"
	"testing"
	"time"
)

// hostile are texts that make careless scanners quadratic.
var hostile = map[string]func(n int) string{
	"ones":       func(n int) string { return strings.Repeat("1 ", n/2) },
	"digits":     func(n int) string { return strings.Repeat("4", n) },
	"at signs":   func(n int) string { return strings.Repeat("a@", n/2) },
	"equals":     func(n int) string { return strings.Repeat("=", n) },
	"keys":       func(n int) string { return strings.Repeat("password=", n/9) },
	"key colons": func(n int) string { return strings.Repeat("token: ", n/7) },
	"colons":     func(n int) string { return strings.Repeat(":", n) },
	"hex colons": func(n int) string { return strings.Repeat("a:", n/2) },
	"schemes":    func(n int) string { return strings.Repeat("a://b:", n/6) },
	"open PEM":   func(n int) string { return j("-----BEGIN ", "PRIVATE KEY-----") + strings.Repeat("A\n", n/2) },
	"lines of open PEM": func(n int) string {
		return strings.Repeat(j("-----BEGIN ", "PRIVATE KEY-----")+strings.Repeat("A", 72)+"\n", n/100)
	},
	"many open PEM":      func(n int) string { return strings.Repeat("-----BEGIN CERT ", n/16) },
	"near-miss cards":    func(n int) string { return strings.Repeat("4111 1111 1111 1112 ", n/20) },
	"cards":              func(n int) string { return strings.Repeat(j("4111 1111", " 1111 1111 "), n/20) },
	"quotes":             func(n int) string { return strings.Repeat(`"`, n) },
	"open quotes":        func(n int) string { return strings.Repeat(`"password":"`, n/12) },
	"slashes":            func(n int) string { return strings.Repeat(`\`, n) },
	"escaped quotes":     func(n int) string { return strings.Repeat(`\"token\":\"`, n/11) },
	"dashes":             func(n int) string { return strings.Repeat("-", n) },
	"flags":              func(n int) string { return strings.Repeat("--token ", n/8) },
	"brackets":           func(n int) string { return strings.Repeat("[", n) },
	"secret brackets":    func(n int) string { return strings.Repeat("token=[", n/7) },
	"closed brackets":    func(n int) string { return strings.Repeat("[", n/2) + strings.Repeat("]", n/2) },
	"braces":             func(n int) string { return strings.Repeat(`{"a":`, n/6) + strings.Repeat("}", n/6) },
	"elements":           func(n int) string { return strings.Repeat("<token>", n/7) },
	"name":               func(n int) string { return strings.Repeat("a1B", n/3) },
	"token prefixes":     func(n int) string { return strings.Repeat("ghp_", n/4) },
	"JWT starts":         func(n int) string { return strings.Repeat("eyJhbGciOiJIUzI1NiJ9", n/20) },
	"JWT dots":           func(n int) string { return strings.Repeat("eyJhbGciOi.", n/11) },
	"bearers":            func(n int) string { return strings.Repeat("Bearer ", n/7) },
	"percents":           func(n int) string { return strings.Repeat("%3D", n/3) },
	"commas":             func(n int) string { return strings.Repeat(`"token",`, n/8) },
	"YAML lists":         func(n int) string { return strings.Repeat("token:\n- ", n/9) },
	"multipart":          func(n int) string { return strings.Repeat("name=\"token\"\r\n\r\n", n/16) },
	"name labels":        func(n int) string { return strings.Repeat(`name="token" value`, n/18) },
	"plus signs":         func(n int) string { return strings.Repeat("+1", n/2) },
	"dots":               func(n int) string { return strings.Repeat("1.", n/2) },
	"users":              func(n int) string { return strings.Repeat("-u a:", n/5) },
	"webhook paths":      func(n int) string { return strings.Repeat("/hook/bot/aB3dE6gH9jK2mN5pQ8", n/29) },
	"context":            func(n int) string { return strings.Repeat("token aB3dE6gH9jK2mN5pQ8sT ", n/27) },
	"header quotes":      func(n int) string { return "Cookie: " + strings.Repeat(`a="b;`, n/5) },
	"header parts":       func(n int) string { return "Cookie: " + strings.Repeat(`a="b"`, n/5) },
	"long header":        func(n int) string { return "Authorization: x" + strings.Repeat(`'x`, n/2) },
	"spaces":             func(n int) string { return strings.Repeat(" ", n) },
	"not ASCII":          func(n int) string { return strings.Repeat("é", n/2) },
	"JSON of strings":    func(n int) string { return "[" + strings.Repeat(`"a\n",`, n/6) + "1]" },
	"JSON that is none":  func(n int) string { return strings.Repeat(`{"a":1}`, n/7) },
	"base64 pieces":      func(n int) string { return strings.Repeat("aB3d+aB3dE6gH9jK2mN5p/", n/22) },
	"padded pieces":      func(n int) string { return "token " + strings.Repeat("aB3dE6gH9jK2mN5pQ=", n/18) },
	"dollars":            func(n int) string { return strings.Repeat("$aB3dE6gH9jK2mN5p", n/17) },
	"CDATA":              func(n int) string { return strings.Repeat("<token><![CDATA[", n/16) },
	"constraints":        func(n int) string { return strings.Repeat("(token)=(", n/9) },
	"labels":             func(n int) string { return strings.Repeat("the password is: ", n/17) },
	"literals":           func(n int) string { return strings.Repeat("token=b'", n/8) },
	"constructors":       func(n int) string { return strings.Repeat(`token=A("`, n/9) },
	"colours":            func(n int) string { return strings.Repeat("\x1b[36mtoken\x1b[0m=", n/17) },
	"resources":          func(n int) string { return strings.Repeat("arn:secret:", n/11) },
	"entries":            func(n int) string { return strings.Repeat("entry 'x' for key 'token", n/24) },
	"codes":              func(n int) string { return strings.Repeat("login code 123 ", n/15) },
	"tracks":             func(n int) string { return strings.Repeat(j("%B41111111", "11111111^"), n/19) },
	"web keys":           func(n int) string { return `{"d":""` + strings.Repeat(`,"d":"aB3dE6gH9jK2mN5pQ8sT"`, n/28) + "}" },
	"tuples":             func(n int) string { return strings.Repeat(`{token,"`, n/8) },
	"arrows":             func(n int) string { return strings.Repeat("token -> ", n/9) },
	"rows":               func(n int) string { return "(a, password) values ('x', 'y')" + strings.Repeat(", ('x', 'y')", n/12) },
	"long row":           func(n int) string { return "(a, password) values (" + strings.Repeat("'x',", n/4) },
	"open rows":          func(n int) string { return strings.Repeat("(password)values('", n/18) },
	"parentheses":        func(n int) string { return strings.Repeat("('", n/2) },
	"values":             func(n int) string { return strings.Repeat(", 'x'", n/5) },
	"short flags":        func(n int) string { return strings.Repeat(" -p -a -w", n/9) },
	"passwords of mysql": func(n int) string { return "mysql" + strings.Repeat(" -px", n/4) },
	"programs":           func(n int) string { return strings.Repeat("mysqlx -p ", n/10) },
	"netrc":              func(n int) string { return strings.Repeat("machine a login b password ", n/27) },
	"words":              func(n int) string { return strings.Repeat("password is ", n/12) },
	"AUTH":               func(n int) string { return strings.Repeat("AUTH a1b2c3\n", n/12) },
	"open entities":      func(n int) string { return strings.Repeat("&lt;token&gt;", n/13) },
	"open PuTTY":         func(n int) string { return strings.Repeat("Private-Lines: 1\nAAAA\n", n/22) },
	"pgpass":             func(n int) string { return strings.Repeat("h:5432:a:", n/9) },
	"base64 JSON":        func(n int) string { return strings.Repeat("W3siYSI6MX1d ", n/13) },
	"refused URLs":       func(n int) string { return strings.Repeat("a://b:c<d@", n/10) },
	"refused ports":      func(n int) string { return strings.Repeat("a://b:c\": invalid port ", n/23) },
	"data sources":       func(n int) string { return strings.Repeat("a:b@/", n/5) },
	"open sources":       func(n int) string { return strings.Repeat("a:b@tcp(", n/8) },
	"bars":               func(n int) string { return strings.Repeat("token=A(|", n/9) },
	"inner quotes":       func(n int) string { return strings.Repeat("sid=x\"y", n/7) },
	"open tags":          func(n int) string { return strings.Repeat("token=<a ", n/9) },
	"prefixes":           func(n int) string { return strings.Repeat("token={a}b", n/10) },
	"relative links":     func(n int) string { return strings.Repeat("/verify?t=", n/10) },
	"link parameters":    func(n int) string { return "/verify?" + strings.Repeat("&t=a", n/4) },
	"codes of queries":   func(n int) string { return strings.Repeat("?code=ab1&", n/10) },
	"links":              func(n int) string { return strings.Repeat("a://b/verify?t=", n/15) },
	"PEM in lines":       func(n int) string { return strings.Repeat(j("-----BEGIN ", "PRIVATE KEY-----")+"\na b\n", n/32) },
	"PEM, one end": func(n int) string {
		return strings.Repeat(j("-----BEGIN ", "PRIVATE KEY-----")+"\n", n/28) + "-----END "
	},
	"identifiers": func(n int) string { return strings.Repeat("token id=aB3dE6gH9jK2mN5pQ8sT ", n/30) },
	"floats":      func(n int) string { return strings.Repeat("4.111111111111112e+15 ", n/22) },
	"open forms":  func(n int) string { return strings.Repeat("form-data; name=\"token\"\n\nx", n/27) },
}

// TestHostileIsLinear compares the cost of a text with that of one eight times
// as long. A linear scan takes eight times as long, a quadratic one 64 times, on
// any machine; the least of several runs, and three tries, keep other work of
// the machine out of the answer.
func TestHostileIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("compares the cost of large texts")
	}
	const small, factor, worst = 1 << 14, 8, 40
	cost := func(s string) time.Duration {
		least := time.Hour
		for range 3 {
			start := time.Now()
			maskOnly.ScanText(s)
			least = min(least, time.Since(start))
		}
		return max(least, 10*time.Microsecond)
	}
	for name, make := range hostile {
		t.Run(name, func(t *testing.T) {
			a, b := make(small), make(factor*small)
			var ratio float64
			for range 3 {
				if ratio = float64(cost(b)) / float64(cost(a)); ratio <= worst {
					return
				}
			}
			t.Errorf("%d times the text costs %.0f times as much, want about %d", factor, ratio, factor)
		})
	}
}

// TestHostileMegabyte runs a megabyte of each through the whole of the public
// API; the test's own time limit is the bound.
func TestHostileMegabyte(t *testing.T) {
	if testing.Short() {
		t.Skip("looks at megabytes")
	}
	for name, make := range hostile {
		s := make(1 << 20)
		out := maskOnly.String(s)
		if len(out) > 8*len(s) {
			t.Errorf("%s: %d bytes became %d", name, len(s), len(out))
		}
		if name == "cards" && strings.Contains(out, "1111") {
			t.Error("a card survives among cards")
		}
		if name == "near-miss cards" && out != s {
			t.Error("a number that is no card is redacted")
		}
	}
}
