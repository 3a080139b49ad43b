package redact_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pairly/pairlog/internal/planted"
	"github.com/pairly/pairlog/redact"
)

// A rendering writes a key and a value as some program or format does.
type rendering struct {
	name string
	f    func(key, value string) string
	bare bool // without quotes around the value
}

func quoteJSON(v any) string { b, _ := json.Marshal(v); return string(b) }

var renderings = []rendering{
	{"JSON", func(k, v string) string { return quoteJSON(map[string]string{k: v}) }, false},
	{"JSON in a text", func(k, v string) string { return "body=" + quoteJSON(map[string]string{k: v, "z": "1"}) + " end" }, false},
	{"JSON in JSON", func(k, v string) string {
		return quoteJSON(map[string]string{"b": quoteJSON(map[string]string{k: v})})
	}, false},
	{"escaped JSON in a text", func(k, v string) string {
		return "err: " + strconv.Quote(quoteJSON(map[string]string{k: v, "a": "x"}))
	}, false},
	{"indented JSON", func(k, v string) string {
		b, _ := json.MarshalIndent(map[string]string{k: v}, "", "  ")
		return "resp:\n" + string(b)
	}, false},
	{"name and value in JSON", func(k, v string) string { return quoteJSON([]map[string]string{{"name": k, "value": v}}) }, false},
	{"HTML-safe JSON", func(k, v string) string { return quoteJSON(map[string]string{"u": "/?a=1&" + k + "=" + v + "&z=1"}) }, true},
	{"%#v of a struct", func(k, v string) string { return "main.T{A:1, " + k + ":" + strconv.Quote(v) + ", Z:2}" }, false},
	{"%+v of a struct", func(k, v string) string { return "{A:1 " + k + ":" + v + " Z:2}" }, true},
	{"%+v of a name and a value", func(k, v string) string { return "{Name:" + k + " Value:" + v + "}" }, true},
	{"%v of a map", func(k, v string) string { return "map[a:1 " + k + ":" + v + " z:2]" }, true},
	{"%#v of a map", func(k, v string) string { return fmt.Sprintf("%#v", map[string]string{k: v}) }, false},
	{"query", func(k, v string) string { return "GET /x?a=1&" + k + "=" + url.QueryEscape(v) + "&z=2 HTTP/1.1" }, false},
	{"end of a query", func(k, v string) string { return "https://h/x?" + k + "=" + url.QueryEscape(v) }, false},
	{"encoded twice", func(k, v string) string {
		return "next=" + url.QueryEscape("https://h/?"+k+"="+url.QueryEscape(v)+"&z=1")
	}, false},
	{"form", func(k, v string) string { return "a=1&" + k + "=" + v }, true},
	{"multipart", func(k, v string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + k + "\"\r\n\r\n" + v + "\r\n--b--"
	}, false},
	{"header", func(k, v string) string {
		return "GET / HTTP/1.1\r\nHost: h\r\n" + k + ": " + v + "\r\nAccept: */*\r\n"
	}, true},
	{"logfmt, quoted", func(k, v string) string { return "level=info " + k + "=" + strconv.Quote(v) + " z=1" }, false},
	{"logfmt", func(k, v string) string { return "level=info " + k + "=" + v + " z=1" }, true},
	{"environment", func(k, v string) string { return "export " + k + "=" + v }, true},
	{"environment, quoted", func(k, v string) string { return "export " + k + "='" + strings.ReplaceAll(v, "'", `'\''`) + "'" }, false},
	{"YAML", func(k, v string) string { return "a: 1\n" + k + ": " + v + "\nz: 2" }, true},
	{"YAML, quoted", func(k, v string) string { return "a: 1\n" + k + ": " + strconv.Quote(v) + "\nz: 2" }, false},
	{"YAML, nested", func(k, v string) string { return "db:\n  user: x\n  " + k + ": " + v + "\n  name: y" }, true},
	{"INI", func(k, v string) string { return "[s]\n" + k + " = " + v + "\n" }, true},
	{"TOML", func(k, v string) string { return "[db]\n" + k + " = " + strconv.Quote(v) + "\n" }, false},
	{"HCL", func(k, v string) string { return "resource {\n  " + k + " = " + strconv.Quote(v) + "\n}" }, false},
	{"properties", func(k, v string) string { return "app." + k + "=" + v + "\napp.z=1" }, true},
	{"Python", func(k, v string) string {
		return "{'a': 1, '" + k + "': '" + strings.ReplaceAll(v, "'", `\'`) + "', 'z': 2}"
	}, false},
	{"Ruby", func(k, v string) string { return "{:a=>1, :" + k + "=>" + strconv.Quote(v) + "}" }, false},
	{"Java", func(k, v string) string { return "T(a=1, " + k + "=" + v + ", z=2)" }, true},
	{"Java, quoted", func(k, v string) string { return "T{a='1', " + k + "='" + v + "', z='2'}" }, true},
	{"PHP", func(k, v string) string { return "Array\n(\n    [" + k + "] => " + v + "\n    [z] => 1\n)" }, true},
	{"XML", func(k, v string) string { return "<a><" + k + ">" + html.EscapeString(v) + "</" + k + "></a>" }, false},
	{"XML attribute", func(k, v string) string { return `<a z="1" ` + k + `="` + html.EscapeString(v) + `"/>` }, false},
	{"XML property", func(k, v string) string {
		return `<property name="` + k + `" value="` + html.EscapeString(v) + `"/>`
	}, false},
	{"flag", func(k, v string) string { return "cmd --a 1 --" + strings.ToLower(k) + " " + v + " --z" }, true},
	{"flag with =", func(k, v string) string { return "cmd --a 1 --" + strings.ToLower(k) + "=" + v + " --z" }, true},
	{"flag, quoted", func(k, v string) string { return "cmd --" + strings.ToLower(k) + " '" + v + "'" }, true},
	{"flags in JSON", func(k, v string) string { return quoteJSON([]string{"cmd", "--" + strings.ToLower(k), v}) }, false},
	{"flags in %q", func(k, v string) string {
		return fmt.Sprintf("exec %q failed", []string{"cmd", "--" + strings.ToLower(k), v})
	}, false},
	{"error", func(k, v string) string { return "login: bad " + k + "=" + v + ": denied" }, true},
	{"SQL", func(k, v string) string {
		return "UPDATE t SET " + k + " = '" + strings.ReplaceAll(v, "'", "''") + "' WHERE id = 1"
	}, false},
	{"call", func(k, v string) string { return "setProperty(" + strconv.Quote(k) + ", " + strconv.Quote(v) + ")" }, false},
}

// bareIs reports whether a value can stand without quotes: with one of these
// characters any format would quote it, or end it there.
func bareIs(v string) bool {
	return !strings.ContainsAny(v, " \t`\"'<>&,;|)") && !strings.ContainsAny(v[:1], "[{-")
}

// TestMatrixOfSecrets writes sensitive keys and values of every make in all
// renderings.
func TestMatrixOfSecrets(t *testing.T) {
	keys := strings.Fields("password userPassword db_password DB_PASSWORD secret client_secret token access_token accessToken" +
		" api_key apiKey X-Api-Key private_key session_token cvv otp refresh_token passphrase")
	matrixOfSecrets(t, renderings, keys, append(matrixValues, "1234", "00001111"))
}

// TestMatrixOfMeasures writes secrets under keys that measure or ask.
func TestMatrixOfMeasures(t *testing.T) {
	forms := slices.DeleteFunc(slices.Clone(renderings), func(r rendering) bool {
		return strings.HasPrefix(r.name, "flag") && r.name != "flag with =" || r.name == "name and value in JSON"
	})
	matrixOfSecrets(t, forms, strings.Fields("password_bytes secretBytes X-Api-Key-Length max_access_token session_token_size"), matrixValues)
}

var matrixValues = []string{
	"Tr0ub4dor", "hunter2", "swordfish", "QWERTY", "Summer2024!", "p@ssw0rd!", "p@ss,w0rd", "a;b1c2d3e4", "pässwörd77", "日本語パス12",
	"8675309123", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "9e107d9d372bb6826bd81d3542a419d6", "ab+cd/ef12GH34==",
	"$ecret123", "{curly1}", "[square1", "<angle1>", "/slash/1x", `back\slash1`, `quo"te1234`, "apo'st1234", "end1234,", "end1234)",
	"end1234.", "per%cent12", "am&per12&x=1", "eq=ual=12", "col:on:12", "at@host12", "ha#sh1234", "correct horse 7battery", "   lead123",
	"tab\there12", "~tilde123", "*star*123", "`tick`123", "pipe|12345", "-dash1234", "--ddash123", "null1234", "true1234", "0x1234abcd",
	"!bang1234", "?query123", "^caret123", "_under123", "+plus1234", "%s%d1234", "${x}y1234", "{{a}}b1234", "1.5e3x123",
}

func matrixOfSecrets(t *testing.T, forms []rendering, keys, values []string) {
	t.Helper()
	for _, r := range forms {
		for _, key := range keys {
			for _, value := range values {
				if r.bare && !bareIs(value) {
					continue
				}
				text := r.f(key, value)
				out := maskOnly.String(text)
				for _, part := range strings.FieldsFunc(value, func(c rune) bool { return c < 0x80 && !isLetterOrDigit(c) }) {
					if len(part) >= 4 && planted.Leak(out, part) != "" {
						t.Errorf("%s leaks %q\n in  %q\n out %q", r.name, part, text, out)
					}
				}
			}
		}
	}
}

func isLetterOrDigit(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// TestMatrixOfInnocents writes harmless keys and values in the same renderings.
func TestMatrixOfInnocents(t *testing.T) {
	full, _ := redact.New(redact.Config{PII: redact.PIIFull})
	keys := strings.Fields("user_id status path token_type author key_id session_id primary_key method error_code api_key_id" +
		" password_length card_brand trace_id commit digest")
	values := []string{
		"42", "active", "/api/v1/users/42", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "2026-01-02T15:04:05Z", "two words", "nginx:1.25.3",
		"9e107d9d372bb6826bd81d3542a419d6", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "12.5ms", "-1", "1,234", "a/b/c.txt", "N/A", "true",
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "user:42:profile", "https://example.com/a?b=c",
		"SELECT 1", "[1 2 3]", "Ünïcödé", "a=b", "100%", "C:\\temp", "<nil>", "@bob", "#42", "v1.2.3-rc.1",
	}
	measures := map[string]bool{"42": true, "12.5ms": true, "-1": true, "true": true}
	for _, r := range renderings {
		for _, key := range keys {
			for _, value := range values {
				// A digest after the word token may be one.
				if key == "password_length" && !measures[value] {
					continue
				}
				describes := strings.ContainsAny(key, "_") && (strings.HasPrefix(key, "token") || strings.HasPrefix(key, "api") || strings.HasPrefix(key, "pass"))
				if r.bare && !bareIs(value) || describes && len(value) > 24 {
					continue
				}
				text := r.f(key, value)
				if out := full.String(text); out != text {
					t.Errorf("%s\n in  %q\n out %q", r.name, text, out)
				}
			}
		}
	}
}
