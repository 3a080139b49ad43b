package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

func TestAppendJSON(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		got := string(maskOnly.AppendJSON([]byte("x"), []byte(in)))
		if got != "x"+want {
			t.Errorf("AppendJSON(%s)\n got %s\nwant x%s", in, got, want)
		}
		if !json.Valid([]byte(got[1:])) {
			t.Errorf("AppendJSON(%s) = %s is not valid JSON", in, got)
		}
	}
	pw := j("hunt", "er2")
	f(`{"password":"`+pw+`","user":"bob"}`, `{"password":"[REDACTED]","user":"bob"}`)
	f(` { "a" : [ 1 , 2.5e3 , null , true ] } `, `{"a":[1,2.5e3,null,true]}`)
	f(`{"password":null,"secret":"","token":12345,"credentials":{"a":[1]}}`, `{"password":null,"secret":"","token":"[REDACTED]","credentials":"[REDACTED]"}`)
	f(`{"p\u0061ssword":"`+pw+`"}`, `{"p\u0061ssword":"[REDACTED]"}`)
	f(`{"note":"password=`+pw+` \"x\"\n"}`, `{"note":"password=[REDACTED] \"x\"\n"}`)
	f(`{"card":4111111111111111,"n":"4111111111111111","f":4.111111111111111e15}`, `{"card":"[REDACTED]","n":"[CARD]","f":"[CARD]"}`)
	f(`{"email":"bob@example.com","ip":"10.1.2.3","xs":["a@b.co"],"lat":52.5200,"lng":"13.4050"}`,
		`{"email":"b***@example.com","ip":"10.1.2.0/24","xs":["***@b.co"],"lat":52.5,"lng":"13.4"}`)
	f(`{"bob@example.com":1,"4111111111111111":2}`, `{"b***@example.com":1,"[CARD]":2}`)
	f(`[{"name":"API_TOKEN","value":"`+pw+`"},{"name":"HOME","value":"/root"}]`, `[{"name":"API_TOKEN","value":"[REDACTED]"},{"name":"HOME","value":"/root"}]`)
	f(`["--password","`+pw+`","-v"]`, `["--password","[REDACTED]","-v"]`)
	f(`["authorization","cookie","X-Api-Key"]`, `["authorization","cookie","X-Api-Key"]`) // names only
	f(`["Host","h","Cookie","`+pw+`"]`, `["Host","h","Cookie","[REDACTED]"]`)
	f(`["--password","cookie"]`, `["--password","[REDACTED]"]`)
	f(`["Cookie","a=`+pw+`","Accept","*/*"]`, `["Cookie","[REDACTED]","Accept","*/*"]`)
	f(`["password","email","token"]`, `["password","email","token"]`)
	for _, bad := range []string{"", "{", `{"a":1}x`, `{"a":01}`, `{"a":"` + "\x01" + `"}`, `{a:1}`, `{"password":"` + pw, "nul", "[1,]", `"\x"`, `{"a" 1}`, `[1 2]`} {
		f(bad, `"[REDACTED]"`)
	}
	f("\"a\xffb\"", "\"a\\ufffdb\"")
}

func TestAppendJSONDeep(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100) + `"secret text"` + strings.Repeat("}", 100)
	got := string(maskOnly.AppendJSON(nil, []byte(deep)))
	if !json.Valid([]byte(got)) || strings.Contains(got, "secret text") || !strings.Contains(got, redact.Mark) {
		t.Errorf("AppendJSON of 100 levels = %s, want a mark at the limit", got)
	}
	r, _ := redact.New(redact.Config{MaxBytes: 100})
	if got := string(r.AppendJSON(nil, []byte(`"`+strings.Repeat("a", 200)+`"`))); got != `"[REDACTED]"` {
		t.Errorf("AppendJSON past MaxBytes = %s, want the mark", got)
	}
	if got := r.String(strings.Repeat("a", 200)); got != redact.Mark {
		t.Errorf("String past MaxBytes = %s, want the mark", got)
	}
	if got := r.Counts()[string(redact.RuleLimit)]; got != 2 {
		t.Errorf("limit counted %d times, want 2", got)
	}
}

// nest wraps s in JSON strings, levels deep.
func nest(s string, levels int) string {
	for range levels {
		b, _ := json.Marshal(map[string]string{"body": s})
		s = string(b)
	}
	return s
}

func TestNestedJSON(t *testing.T) {
	pw := j("hunt", "er2x")
	for levels := range 8 {
		// The key is escaped, so that only unescaping finds it.
		in := nest(`{"p\u0061ssword":"`+pw+`"}`, levels)
		for name, out := range map[string]string{
			"text": maskOnly.String(in), "JSON": string(maskOnly.AppendJSON(nil, []byte(in))),
		} {
			if strings.Contains(out, pw) {
				t.Errorf("%d levels as %s leak: %s", levels, name, out)
			}
			if !json.Valid([]byte(out)) && out != redact.Mark {
				t.Errorf("%d levels as %s are not valid JSON: %s", levels, name, out)
			}
		}
	}
	clean := nest(`{"state":"open"}`, 2)
	if got := maskOnly.String(clean); got != clean {
		t.Errorf("String(%s) = %s, want it unchanged", clean, got)
	}
	spaced := "{ \"a\" : 1,\n  \"b\" : [ \"x\" ] }\n"
	if got := maskOnly.String(spaced); got != spaced {
		t.Errorf("String(%q) = %q, want the white space kept", spaced, got)
	}
}

func TestEncodedJSON(t *testing.T) {
	pw := j("hunt", "er2")
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		for _, doc := range []string{`{"user":"bob","password":"` + pw + `"}`, `[{"token":"` + pw + pw + `"}]`, `{ "secret": "` + pw + `??>>" }`, "{\n \"otp\": \"123456\"}"} {
			text := enc.EncodeToString([]byte(doc))
			if got := maskOnly.String("state " + text + " end"); got != "state [REDACTED] end" {
				t.Errorf("String of base64 of %s = %q, want the mark", doc, got)
			}
		}
		clean := enc.EncodeToString([]byte(`{"id":42,"page":3,"sort":"name"}`))
		if got := maskOnly.String("cursor " + clean); got != "cursor "+clean {
			t.Errorf("String of a clean cursor = %q, want it unchanged", got)
		}
	}
}

func TestCountsEveryRedaction(t *testing.T) {
	r, _ := redact.New(redact.Config{})
	for i, s := range []string{
		"password=hunter2", "bob@example.com", "10.1.2.3", "078-05-1120", "4111111111111111", `{"a":{"password":"x"}}`,
		"Cookie: a=b", "https://u:p@h/", "--token abc1 x", "+14155552671", "Bearer abc123def456",
	} {
		before := r.Total()
		if out := r.String(s); out == s || r.Total() != before+1 {
			t.Errorf("%d: String(%q) = %q changed the count by %d, want 1", i, s, out, r.Total()-before)
		}
	}
	r.AppendJSON(nil, []byte(`{"password":"a","n":4111111111111111}`))
	r.Int(4111111111111111)
	sum := uint64(0)
	for _, n := range r.Counts() {
		sum += n
	}
	if sum != r.Total() || sum != 14 {
		t.Errorf("Counts add up to %d and Total is %d, want 14", sum, r.Total())
	}
}

func TestUnescapeAgainstEncodingJSON(t *testing.T) {
	for i, in := range []string{`"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\u00e9\t\\\/\b"`, `"a b"`} {
		var want string
		if err := json.Unmarshal([]byte(in), &want); err != nil {
			t.Fatal(err)
		}
		// A custom rule forces the string through unescape and back.
		r, _ := redact.New(redact.Config{Values: []redact.ValueRule{{Name: "none", Find: func(string) (int, int, bool) { return 0, 0, false }}}})
		var got string
		if err := json.Unmarshal(r.AppendJSON(nil, []byte(in)), &got); err != nil || got != want {
			t.Errorf("%d: AppendJSON(%s) means %s, want %s (%v)", i, in, strconv.Quote(got), strconv.Quote(want), err)
		}
	}
}

// TestListsOfHeaders are raw headers, names and values in turn, and lists of names.
func TestListsOfHeaders(t *testing.T) {
	r, err := redact.New(redact.Config{})
	if err != nil {
		t.Fatal(err)
	}
	f := func(in, want string) {
		t.Helper()
		if got := string(r.AppendJSON(nil, []byte(in))); got != want {
			t.Errorf("AppendJSON(%s) = %s, want %s", in, got, want)
		}
	}
	same := func(in string) {
		t.Helper()
		f(in, in)
	}
	f(`["X-Api-Key","k3yv4lue99zz","Accept","*/*"]`, `["X-Api-Key","[REDACTED]","Accept","*/*"]`)
	f(`[["x-auth-token","tok998877aabb"],["DD-API-KEY","5f2a"]]`, `[["x-auth-token","[REDACTED]"],["DD-API-KEY","[REDACTED]"]]`)
	f(`["Private-Token","qWmZxKvTbNcRfGhJ"]`, `["Private-Token","[REDACTED]"]`)
	f(`["Authorization","x y","Cookie","a"]`, `["Authorization","[REDACTED]","Cookie","[REDACTED]"]`)
	same(`["X-Api-Key","X-Auth-Token","X-B3-TraceId","Content-Type"]`)
	same(`["X-Api-Key","Access-Control-Max-Age","X-Vault-Token","If-Match"]`)
	same(`["X-Request-Id","a1b2c3","Content-Type","text/html"]`)
	same(`["password","address2"]`)
	same(`["X-Api-Key",5,"a1"]`)
}
