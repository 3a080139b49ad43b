package redact_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pairly/pairlog/redact"
)

var seeds = []string{
	"", "a", "password=x", `{"password":"x"}`, "Bearer abc123def456", "4111 1111 1111 1111", "a@b.co", "1.2.3.4", "::1", "-----BEGIN PRIVATE KEY-----",
	`{\"a\":\"b\"}`, "https://u:p@h/", "eyJhIjoiYiJ9", "--token x", "-u a:b c", "<token>x</token>", "%3D%3A%40", `\u003d`, "a[b]=c", "k: |\n  x\n", "k:\n- x",
	"\xff\xfe@\x80.\xc0", "map[a:[b] c:{d}]", "[IP]", "[EMAIL:1:aaaabbbbccccdddd]", `name="password"` + "\r\n\r\nx\r\n--",
}

func FuzzString(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	hash, err := redact.New(redact.Config{PII: redact.PIIHash, PIIKey: make([]byte, 32)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range []*redact.Redactor{maskOnly, hash} {
			out := r.ScanText(s)
			if len(out) > 8*len(s)+64 {
				t.Errorf("%d bytes grew to %d", len(s), len(out))
			}
			found := r.Check(s)
			if found&redact.Suspect == 0 && out != s {
				t.Errorf("Check calls %q clean, but it becomes %q", s, out)
			}
			if found == 0 {
				if quoted := `"` + s + `"`; !json.Valid([]byte(quoted)) || !utf8.ValidString(s) {
					t.Errorf("Check says that %q needs no escape", s)
				}
			}
			r.ScanText(out)
		}
	})
}

func FuzzAppendJSON(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Add(`{"a":[1,-2.5e+3,true,null,"x\u00e9\n"],"password":{"b":["c"]}}`)
	f.Add(`{"name":"token","value":"v"}`)
	f.Fuzz(func(t *testing.T, s string) {
		// What is replaced whole is not looked into, so the walker may also take
		// a document that is broken there.
		if _, ok := maskOnly.WalkJSON(s); !ok && json.Valid([]byte(s)) {
			t.Errorf("walker refuses %q", s)
		}
		out := maskOnly.AppendJSON(nil, []byte(s))
		if !json.Valid(out) || !utf8.Valid(out) {
			t.Errorf("AppendJSON(%q) = %q is not valid JSON", s, out)
		}
		if len(out) > 8*len(s)+64 {
			t.Errorf("%d bytes grew to %d", len(s), len(out))
		}
	})
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"password", "userPassword", "X-Card-Number", "__", "é", strings.Repeat("aB", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := maskOnly.Key(s)
		if c.String() == "" {
			t.Errorf("Key(%q) has no name", s)
		}
	})
}

// TestMutations runs many small changes of the seeds, as a fuzzer would, in
// every test run.
func TestMutations(t *testing.T) {
	p := rand.New(rand.NewPCG(9, 9))
	for range 100000 {
		var b []byte
		for n := 1 + p.IntN(4); n > 0; n-- {
			b = append(b, seeds[p.IntN(len(seeds))]...)
		}
		for n := p.IntN(4); n > 0 && len(b) > 0; n-- {
			k := p.IntN(len(b))
			switch p.IntN(3) {
			case 0:
				b[k] = byte(p.IntN(256))
			case 1:
				b = append(b[:k], b[k+1:]...)
			case 2:
				b = append(b[:k:k], append([]byte{b[p.IntN(len(b))]}, b[k:]...)...)
			}
		}
		s := string(b)
		out := maskOnly.ScanText(s)
		if maskOnly.Check(s)&redact.Suspect == 0 && out != s {
			t.Errorf("Check calls %q clean, but it becomes %q", s, out)
		}
		maskOnly.WalkJSON(s)
	}
}

// planter makes random secrets and puts them at random places.
type planter struct{ *rand.Rand }

func (p planter) letters(set string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = set[p.IntN(len(set))]
	}
	return string(b)
}

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
	alnum  = lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + digits
)

// card returns a random number of a common issuer with a right check digit.
func (p planter) card() string {
	s := "4" + p.letters(digits, 14)
	for c := byte('0'); c <= '9'; c++ {
		sum := 0
		for i, d := range []byte(s + string(c)) {
			v := int(d - '0')
			if i%2 == 0 {
				if v *= 2; v > 9 {
					v -= 9
				}
			}
			sum += v
		}
		if sum%10 == 0 {
			s += string(c)
			break
		}
	}
	switch p.IntN(3) {
	case 0:
		return s[:4] + " " + s[4:8] + " " + s[8:12] + " " + s[12:]
	case 1:
		return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
	}
	return s
}

// secret returns a text and the part of it that must not survive.
func (p planter) secret() (text, secret string) {
	pw := p.letters(alnum, 10+p.IntN(20))
	switch p.IntN(12) {
	case 0:
		s := p.card()
		return s, s
	case 1:
		s := p.letters(lower, 3) + p.letters(digits, 4) + "@" + p.letters(lower, 8) + ".com"
		return s, s
	case 2:
		return "password=" + pw, pw
	case 3:
		return `"api_key": "` + pw + `"`, pw
	case 4:
		s := "ghp_" + p.letters(alnum, 36)
		return s, s
	case 5:
		s := "sk_live_" + p.letters(alnum, 24)
		return s, s
	case 6:
		return "https://app:" + pw + "@db.internal/x", pw
	case 7:
		return "Authorization: Bearer " + pw, pw
	case 8:
		s := "eyJhbGciOiJIUzI1NiJ9." + p.letters(alnum, 30) + "." + p.letters(alnum, 43)
		return s, s
	case 9:
		s := fmt.Sprintf("%d.%d.%d.%d", 1+p.IntN(223), p.IntN(256), p.IntN(256), 1+p.IntN(255))
		return s, s
	case 10:
		return "?access_token=" + pw + "&x=1", pw
	}
	return "-----BEGIN PRIVATE KEY-----\n" + pw + "\n-----END PRIVATE KEY-----", pw
}

// filler returns harmless text that ends in a place where a secret may begin.
func (p planter) filler() string {
	words := []string{"the", "order", "of", "customer", "42", "was", "shipped", "in", "12.5", "ms", "at", "/api/v1/items", "state=open", "(ok)", "id:7", "naïve", "2024-01-15", "—", "10:30"}
	var b strings.Builder
	for range p.IntN(30) {
		b.WriteString(words[p.IntN(len(words))])
		b.WriteByte(' ')
	}
	return b.String()
}

func TestPlantedInText(t *testing.T) {
	p := planter{rand.New(rand.NewPCG(1, 2))}
	for i := range 20000 {
		text, secret := p.secret()
		in := p.filler() + text + " " + p.filler()
		if i%3 == 0 {
			in += "\n" + p.filler() + text
		}
		out := maskOnly.ScanText(in)
		if strings.Contains(out, secret) {
			t.Fatalf("%d: secret %q survives in\n%q\nfrom\n%q", i, secret, out, in)
		}
		if maskOnly.Check(in)&redact.Suspect == 0 {
			t.Fatalf("%d: Check calls %q clean", i, in)
		}
	}
}

// plant puts leaf somewhere into a random structure.
func (p planter) plant(leaf any, depth int) any {
	if depth == 0 {
		return leaf
	}
	inner := p.plant(leaf, depth-1)
	key := []string{"a", "data", "items", "note", "user", "x-1"}[p.IntN(6)]
	switch p.IntN(5) {
	case 0:
		return []any{p.filler(), inner, 12.5}
	case 1:
		b, _ := json.Marshal(inner)
		return map[string]any{key: string(b)}
	case 2:
		return map[string]any{key: json.RawMessage(mustJSON(inner)), "n": p.IntN(1000)}
	}
	return map[string]any{key: inner, "other": p.filler()}
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func TestPlantedInJSON(t *testing.T) {
	p := planter{rand.New(rand.NewPCG(3, 4))}
	for i := range 20000 {
		text, secret := p.secret()
		var leaf any = p.filler() + text + " " + p.filler()
		switch i % 4 {
		case 0:
			secret = p.letters(alnum, 12)
			leaf = map[string]any{[]string{"password", "userPassword", "X-Api-Key", "client_secret", "PIN"}[p.IntN(5)]: secret}
		case 1:
			if p.IntN(2) == 0 {
				leaf = map[string]int{text: 1}
			}
		}
		in := mustJSON(p.plant(leaf, p.IntN(6)))
		out := maskOnly.AppendJSON(nil, in)
		if !json.Valid(out) {
			t.Fatalf("%d: %s is not valid JSON", i, out)
		}
		if strings.Contains(string(out), secret) || strings.Contains(string(out), string(mustJSON(secret)[1:len(mustJSON(secret))-1])) {
			t.Fatalf("%d: secret %q survives in\n%s\nfrom\n%s", i, secret, out, in)
		}
	}
}
