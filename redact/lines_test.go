package redact_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// lineValues are values as they stand in a log, plain and not.
var lineValues = []string{
	`"INFO"`, `"http_request"`, `"credits_spent"`, `"550e8400-e29b-41d4-a716-446655440000"`, `"507f1f77bcf86cd799439011"`, `"de89370400440532013000ab"`,
	`"2024-01-15T10:30:45.123Z"`, `"2024-01-15T10:30:45.12xZ"`, `"192.168.1.77"`, `"192.168.1.0/24"`, `"10.0.0.0"`, `"::1"`, `""`, `null`, `true`, `false`, `0`, `-1`, `12.50`, `01`, `1e5`, `1.`,
	`4111111111111111`, `123456789012`, `"/api/profiles/507f1f77bcf86cd799439011"`, `"/user/password"`, `{}`, `[]`, `[1,2]`, `{"a":1}`, `{"ip":"1.2.3.4"}`, `{"password":"x1y2z3"}`, `"a\"b"`, `"a\u00e9"`, `"é"`, `"a` + "\x01" + `"`, `"Bearer abc123def456"`,
	`"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"`, `"SELECT id, name FROM users WHERE id = ? ORDER BY id LIMIT ?"`,
	`"from bob@example.com"`, `"bob@example.com"`, `"password=hunter2"`, `"{\"pin\":\"1234\"}"`, `"card 4111 1111 1111 1111"`, `"--password"`, `"x"`, `nul`, `tru`, `"open`, `,`, `}`,
}

var lineNames = []string{
	"timestamp", "level", "logger", "event", "msg", "request_id", "user_id", "client_ip", "ip", "email", "user_agent", "password", "api_key", "token_type", "password_bytes", "pin_length", "has_secret",
	"name", "value", "key", "path", "db", "d", "kty", "host", "db_host", "data", "a", "id", "a_key_that_is_longer_than_most_of_the_others", "Content-Type", "lat", "bio", "p\\u0061ssword", "é", "bob@example.com",
}

// line returns a document of random members, mostly in the order of a template.
func (p planter) line(templates [][]string) string {
	var b strings.Builder
	colon, comma := ":", ","
	if p.IntN(4) == 0 {
		colon, comma = ": ", ", "
	}
	b.WriteString("{")
	for i, name := range templates[p.IntN(len(templates))] {
		if i > 0 {
			b.WriteString(comma)
		}
		if p.IntN(40) == 0 {
			name = lineNames[p.IntN(len(lineNames))]
		}
		value := lineValues[p.IntN(len(lineValues))]
		if p.IntN(3) > 0 {
			value = lineValues[p.IntN(20)]
		}
		fmt.Fprintf(&b, `"%s"%s%s`, name, colon, value)
	}
	b.WriteString("}")
	s := b.String()
	if p.IntN(20) == 0 {
		at := p.IntN(len(s))
		s = s[:at] + p.letters("{}[]\",:\\ x1\n", p.IntN(2)) + s[at+p.IntN(min(3, len(s)-at)):]
	}
	return s
}

// twoOf returns two Redactors: one for a Lines, and a fresh one to hold it against.
func twoOf(t *testing.T, cfg redact.Config) (quick, plain *redact.Redactor) {
	t.Helper()
	quick, err := redact.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	plain, err = redact.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return quick, plain
}

// sameLines holds what a Lines makes of each line against what a fresh Redactor
// does.
func sameLines(t *testing.T, cfg redact.Config, lines []string) {
	t.Helper()
	quick, plain := twoOf(t, cfg)
	l := quick.Lines()
	for _, s := range lines {
		got, ok := l.AppendDocument([]byte("x"), s)
		want, wantOK := plain.AppendDocument([]byte("x"), s)
		if string(got) != string(want) || ok != wantOK {
			t.Fatalf("%q:\n got %q, %v\nwant %q, %v", s, got, ok, want, wantOK)
		}
	}
	l.Flush()
	if got, want := fmt.Sprint(quick.Counts()), fmt.Sprint(plain.Counts()); got != want {
		t.Fatalf("counts: got %s, want %s", got, want)
	}
	sameBlock(t, cfg, strings.Join(lines, "\n"))
}

func TestLinesAreDocuments(t *testing.T) {
	p := planter{rand.New(rand.NewPCG(21, 22))}
	n := 3000
	if testing.Short() {
		n /= 10
	}
	for name, cfg := range map[string]redact.Config{
		"mask":   {},
		"full":   {PII: redact.PIIFull},
		"hash":   {PII: redact.PIIHash, PIIKey: make([]byte, 32)},
		"off":    {Disable: []redact.Rule{redact.RuleKey, redact.RuleIP}},
		"allow":  {Allow: map[string][]string{"db": {"id", "ip"}}},
		"keys":   {Keys: []redact.KeyRule{{Name: "user id", Class: redact.ClassSecret}}, Content: []string{"bio", "msg"}},
		"values": {Values: []redact.ValueRule{{Name: "info", Find: func(s string) (int, int, bool) { return 0, 4, len(s) >= 4 && s[:4] == "INFO" }}}},
	} {
		t.Run(name, func(t *testing.T) {
			for range n / 100 {
				var templates [][]string
				for range 6 {
					var names []string
					for range 1 + p.IntN(12) {
						names = append(names, lineNames[p.IntN(len(lineNames))])
					}
					templates = append(templates, names)
				}
				var lines []string
				for range 400 {
					lines = append(lines, p.line(templates))
				}
				sameLines(t, cfg, lines)
			}
		})
	}
}

// TestPlantedInLines puts secrets into lines of which all else has come often.
func TestPlantedInLines(t *testing.T) {
	p := planter{rand.New(rand.NewPCG(23, 24))}
	l, known := maskOnly.Lines(), maskOnly.Lines()
	base := []string{`"level":"INFO"`, `"event":"payment"`, `"request_id":"550e8400-e29b-41d4-a716-446655440000"`, `"user_id":"507f1f77bcf86cd799439011"`,
		`"at":"2024-01-15T10:30:45.123Z"`, `"agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"`, `"n":12`, `"note":null`}
	for i := range 30_000 {
		members := append([]string(nil), base...)
		secret := ""
		if i > 300 && i%2 == 0 {
			text, s := p.secret()
			if b := mustJSON(s); string(b) != `"`+s+`"` {
				continue
			}
			secret = s
			k := p.IntN(len(members))
			name, _, _ := strings.Cut(members[k], ":")
			value := string(mustJSON(p.filler() + text + " " + p.filler()))
			if p.IntN(2) == 0 {
				value = string(mustJSON(text))
			}
			if p.IntN(5) == 0 {
				name, value = `"password"`, string(mustJSON(s))
			}
			members[k] = name + ":" + value
		}
		in := "{" + strings.Join(members, ",") + "}"
		out, ok := l.AppendDocument(nil, in)
		if !ok || !json.Valid(out) {
			t.Fatalf("%s becomes %s, %v", in, out, ok)
		}
		if secret == "" && string(out) != in {
			t.Fatalf("%s becomes %s", in, out)
		}
		if block, _ := appendBlock(known, nil, in+padding); string(block) != string(out)+padding {
			t.Fatalf("%s becomes %s in a block, want %s", in, block, out)
		}
		if secret != "" && (strings.Contains(string(out), secret) || strings.Contains(string(out), string(mustJSON(secret)[1:len(mustJSON(secret))-1]))) {
			t.Fatalf("secret %q survives in %s", secret, out)
		}
	}
}

// TestLinesAreBounded feeds a Lines keys and values that are new each time.
func TestLinesAreBounded(t *testing.T) {
	p := planter{rand.New(rand.NewPCG(25, 26))}
	l := maskOnly.Lines()
	feed := func(n int) {
		var dst []byte
		for range n {
			key, value := p.letters(alnum, 4+p.IntN(50)), p.letters(alnum+" ", p.IntN(1000))
			s := `{"event":"` + p.letters(lower, 12) + `","` + key + `":"` + value + `"}`
			dst, _ = appendBlock(l, dst[:0], s+"\n"+s+"\n"+padding)
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	feed(5_000)
	before := heap()
	feed(20_000)
	if after := heap(); after > before+2<<20 {
		t.Errorf("20,000 new keys and values leave %d bytes", after-before)
	}
	runtime.KeepAlive(l)
}

func FuzzLines(f *testing.F) {
	f.Add(`{"level":"INFO","user_id":"507f1f77bcf86cd799439011"}`, `{"level":"INFO","ip":"1.2.3.4"}`)
	for _, s := range seeds {
		f.Add(`{"a":"`+s+`"}`, s)
	}
	p := planter{rand.New(rand.NewPCG(27, 28))}
	for range 50 {
		f.Add(p.line([][]string{lineNames[:12]}), p.line([][]string{lineNames[:12]}))
	}
	f.Fuzz(func(t *testing.T, a, b string) { sameLines(t, redact.Config{}, []string{a, b, a, b, b, a}) })
}
