package redact_test

import (
	"strings"
	"testing"

	"github.com/pairly/pairlog/internal/planted"
)

// TestPunctuationInBareValues writes passwords with punctuation in them without quotes:
// what stood behind it was kept.
func TestPunctuationInBareValues(t *testing.T) {
	head, tail := j("Qz", "7w"), j("TAIL", "99x")
	inside := []string{
		"|", "<", ">", `"`, "'", "`", "(", ")", "[", "]", "{", "}", "!", "#", "$", "%", "^", "*", "+", "=", "?", "@", "~", ":", ";", ",", ".", "/", "-", "_",
		"<<", "||", "|!", `\`, `\\`, "{}", "()", "}!", ")#", "]$", `"!`, "'#", "&&", "é", "é|",
	}
	contexts := map[string]func(v string) string{
		"assignment": func(v string) string { return "password=" + v },
		"logfmt":     func(v string) string { return "level=info password=" + v + " user=bob" },
		"colon":      func(v string) string { return "db_password: " + v },
		"%+v":        func(v string) string { return "{Password:" + v + " Next:1}" },
		"end of %+v": func(v string) string { return "{Next:1 Password:" + v + "}" },
		"map":        func(v string) string { return "map[a:1 password:" + v + " z:2]" },
		"property":   func(v string) string { return "spring.datasource.password=" + v + "\nspring.x=1" },
		"YAML":       func(v string) string { return "db:\n  password: " + v + "\n  user: bob" },
		"variable":   func(v string) string { return "export DB_PASSWORD=" + v + "\n" },
		"flag":       func(v string) string { return "run --password " + v + " --user bob" },
	}
	for name, f := range contexts {
		for _, c := range inside {
			for _, v := range []string{head + c + tail, c + head + tail, "{noop}" + head + c + tail} {
				if strings.HasPrefix(v, c) && (strings.ContainsAny(c[:1], "\"'`,;&>=:+-.?!*}])#") || c == "||" || c == "<<" || c == "|" || name == "flag" || c == "()" || c == "{}") {
					continue // a quote, a list, an operator, a redirection
				}
				if (c == ")" || c == "]" || c == "}") && strings.HasSuffix(v, c) {
					continue
				}
				text := f(v)
				out := maskOnly.String(text)
				if strings.Contains(out, tail) || strings.Contains(out, head) {
					t.Errorf("%s: String(%q) = %q, want it without the password", name, text, out)
				}
			}
		}
	}
	f := check(t, maskOnly)
	f("password={noop}"+head, "password=[REDACTED]")
	f("userPassword: {SSHA}"+"/"+tail+"+a==", "userPassword: [REDACTED]")
	f("userPassword: {SSHA}"+"+"+tail+"+a==", "userPassword: [REDACTED]")
	f("password={bcrypt}"+"$2a$10$"+tail, "password=[REDACTED]")
	f("{Password:"+head+"|"+tail+" Next:1}", "{Password:[REDACTED] Next:1}")
	f("password=|"+tail, "password=[REDACTED]")
	f("password=<"+tail, "password=[REDACTED]")
	f("password="+head+"&"+tail, "password=[REDACTED]")
	f(`a: password=`+head+`\u003c`+tail+` b`, `a: password=[REDACTED] b`)
	if planted.Leak(maskOnly.String("token="+strings.Repeat("Ab(1'x", 2000)), "Ab(1'x") != "" {
		t.Error("a long value without quotes is kept")
	}
}

// TestBareValuesEnd: what stands around a value without quotes is no part of it.
func TestBareValuesEnd(t *testing.T) {
	f := check(t, maskOnly)
	v := j("hunt", "er2")
	for _, c := range []struct{ before, after string }{
		{"", " user=bob"}, {"", ", user=bob"}, {"", "; user=bob"}, {"", "&user=bob"}, {"", "|user=bob"}, {"a|b|", "|c"}, {"a=1|", "|b=2"},
		{"(", ")"}, {"[", "]"}, {"{", "}"}, {"<p>", "</p>"}, {"", "<br>user=bob"}, {"", "<br/>x"}, {"<td>", "</td><td>x</td>"},
		{`"`, `"`}, {`"a `, `" user=bob`}, {`'`, `', 'b'`}, {"`", "`"}, {"(", "): failed"}, {"{", "}, {a}"}, {`{"msg":"a `, `","x":1`},
		{"f(", ").g()"}, {"", `\nnext`}, {"", `\"`}, {"", `\u0026a=1`}, {"<a href='?", "'>"}, {"", "\r\n"}, {"", " | grep x"}, {"[[", "]]"},
	} {
		f(c.before+"password="+v+c.after, c.before+"password=[REDACTED]"+c.after)
	}
	keep(t, maskOnly,
		"password=<redacted>", "password: <YOUR_PASSWORD_HERE>", "token=<nil>", "token=<*auth.Token Value>", "token := <-ch", "password=<<EOF", "secret: |\n",
		"mysql --password < dump.sql", "mysql --password <dump.sql", "password=<%= secret %>", "password=</b>", "<password=>", "password: <b>none</b>",
		"password=<secret value>", "token=|", "token=<", "password=<!-- x -->",
	)
}
