package redact_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pairly/pairlog/internal/planted"
	"github.com/pairly/pairlog/redact"
)

// mutator writes logs of few forms, and lines in which something is not as it was.
type mutator struct {
	planter
	samples *planted.Samples
	secrets []string
}

func newMutator(seed uint64) *mutator {
	return &mutator{planter{rand.New(rand.NewPCG(seed, 31))}, planted.NewSamples(seed), planted.Lines("secrets")}
}

// usualKeys are keys of all classes and parts, and mutableKeys more of them, of which some are
// in no line of a known form.
var (
	usualKeys = []string{
		"level", "service", "status", "duration_ms", "count", "amount", "created_at", "user.name", "session_id", "trace", "field", "header", "content", "values", "val", "longitude",
		"Name", "KEY", "Value", "PATH", "server", "phone", "iban", "card", "secret", "auth", "token", "message", "error", "stack", "tags", "actor", "target", "before", "after", "x-api-key", "", "to",
		"timestamp", "logger", "event", "msg", "request_id", "user_id", "client_ip", "ip", "email", "user_agent", "password", "name", "value", "key", "path", "db", "host", "data", "a", "id",
	}
	mutableKeys = append(append([]string{"p", "q", "dp", "x", "y"}, usualKeys...), lineNames...)
)

// kindsOfValue make the values of a place: those of one kind look alike.
var kindsOfValue = []func(p *mutator) string{
	func(p *mutator) string { return `"` + []string{"INFO", "WARN", "ERROR", "DEBUG"}[p.IntN(4)] + `"` },
	func(p *mutator) string {
		return `"` + []string{"colour", "size", "user_id", "Content-Type", "password"}[p.IntN(4+p.IntN(50)/49)] + `"`
	},
	func(p *mutator) string { return `"` + p.letters("abcdef"+digits, 24) + `"` },
	func(p *mutator) string {
		const hex = "abcdef" + digits
		return `"` + p.letters(hex, 8) + "-" + p.letters(hex, 4) + "-" + p.letters(hex, 4) + "-" + p.letters(hex, 4) + "-" + p.letters(hex, 12) + `"`
	},
	func(p *mutator) string {
		return fmt.Sprintf(`"2024-01-15T10:%02d:%02d.%03dZ"`, p.IntN(2), p.IntN(60), p.IntN(1000))
	},
	func(p *mutator) string { return `"conn_` + p.letters("abcdef"+digits, 12) + `"` },
	func(p *mutator) string { return fmt.Sprint(p.IntN(100000)) },
	func(p *mutator) string { return fmt.Sprintf("%.*f", p.IntN(4), p.ExpFloat64()*20) },
	func(p *mutator) string { return fmt.Sprintf(`"10.%d.2.%d"`, p.IntN(256), p.IntN(256)) },
	func(p *mutator) string { return fmt.Sprintf(`"%s@example.com"`, p.letters(lower, 1+p.IntN(9))) },
	func(p *mutator) string { return fmt.Sprintf(`"/api/%s/%d"`, p.letters("ab", 1), p.IntN(1000)) },
	func(p *mutator) string { return string(mustJSON(p.filler())) },
	func(p *mutator) string {
		return `"` + strings.Repeat("SELECT id FROM t WHERE id = ? ", 2+p.IntN(3)) + `"`
	},
	func(p *mutator) string { return []string{"true", "false", "null", "{}", "[]", `""`}[p.IntN(6)] },
	func(p *mutator) string {
		return fmt.Sprintf(`[%d,"%s",{"a":%d}]`, p.IntN(9), p.letters(lower, 4), p.IntN(9))
	},
	func(p *mutator) string {
		return fmt.Sprintf(`{"a":{"b":%d,"name":"colour","value":"%s"},"c":null}`, p.IntN(9), p.letters(lower, 4))
	},
	func(p *mutator) string { return string(mustJSON(fmt.Sprintf(`{"a":%d}`, p.IntN(99)))) },
	func(p *mutator) string { return lineValues[p.IntN(40)] },
	func(p *mutator) string { return fmt.Sprint(48+p.Float64(), "")[:6] },
}

// member is a key of a form with the kind of its values, or with members of its own.
type member struct {
	key   string
	value func(p *mutator) string
	inner []member
}

// form returns the members of an object.
func (p *mutator) form(depth int) (form []member) {
	for range 1 + p.IntN(9) {
		m := member{key: usualKeys[p.IntN(len(usualKeys))], value: kindsOfValue[p.IntN(len(kindsOfValue))]}
		if depth < 4 && p.IntN(7) == 0 {
			m.inner = p.form(depth + 1)
		}
		if p.IntN(100) == 0 {
			m.key = mutableKeys[p.IntN(len(mutableKeys))]
		}
		form = append(form, m)
	}
	return form
}

// write appends an object, and may change it where change is not 0.
func (p *mutator) write(b *strings.Builder, form []member, colon, comma string, change int) {
	b.WriteByte('{')
	first := true
	for i := 0; i < len(form); i++ {
		m := form[i]
		odd := change > 0 && p.IntN(change) == 0
		op := p.IntN(10)
		if odd && op == 0 {
			continue // dropped
		}
		if !first {
			b.WriteString(comma)
		}
		first = false
		key := m.key
		if odd && op < 3 {
			key = mutableKeys[p.IntN(len(mutableKeys))]
		}
		fmt.Fprintf(b, `"%s"%s`, key, colon)
		switch {
		case odd && op < 5:
			b.WriteString(p.odd())
		case odd && op == 5 && m.inner == nil:
			fmt.Fprintf(b, `{"%s"%s%s}`, mutableKeys[p.IntN(len(mutableKeys))], colon, m.value(p))
		case odd && op == 6:
			b.WriteString(kindsOfValue[p.IntN(len(kindsOfValue))](p))
		case m.inner != nil:
			p.write(b, m.inner, colon, comma, change)
		default:
			b.WriteString(m.value(p))
		}
		if odd && op == 7 {
			fmt.Fprintf(b, `%s"%s"%s%s`, comma, key, colon, m.value(p)) // twice
		}
	}
	b.WriteByte('}')
}

// odd is a value that is a secret, or like none that was expected.
func (p *mutator) odd() string {
	switch p.IntN(8) {
	case 0, 1:
		text, _ := p.samples.Secret(p.secrets[p.IntN(len(p.secrets))])
		return string(mustJSON(text))
	case 2:
		text, _ := p.secret()
		return string(mustJSON(text))
	case 3:
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, p.card())
	case 4:
		return fmt.Sprintf("%d.%d", p.Int64N(1e12), p.IntN(100))
	case 5:
		return []string{"-0", "-12", "01", "1e15", "4.111111111111111e+15", "-4111111111111111", "0.1e1", "1.", "123456789012", "1E5", "00", "-"}[p.IntN(12)]
	case 6:
		return strings.Repeat(`{"a":`, 1+p.IntN(40)) + "{}" + strings.Repeat("}", 1+p.IntN(40))
	}
	return lineValues[p.IntN(len(lineValues))]
}

// log returns n lines of a few forms. The first are as they should be.
func (p *mutator) log(n int) (lines []string) {
	var forms [][]member
	for range 1 + p.IntN(4) {
		forms = append(forms, p.form(1))
	}
	colon, comma := ":", ","
	if p.IntN(3) == 0 {
		colon, comma = ": ", ", "
	}
	for i := range n {
		var b strings.Builder
		change := 0
		if i > n/5 && p.IntN(5) == 0 {
			change = 1 + p.IntN(12)
		}
		p.write(&b, forms[p.IntN(len(forms))], colon, comma, change)
		s := b.String()
		if i > n/5 && p.IntN(20) == 0 {
			s = p.damage(s)
		}
		lines = append(lines, s)
	}
	return lines
}

// damage changes a few bytes of s.
func (p *mutator) damage(s string) string {
	k := p.IntN(len(s))
	switch p.IntN(7) {
	case 0:
		return s[:k]
	case 1:
		return s[:k] + s[min(len(s), k+1+p.IntN(8)):]
	case 2:
		return s + "\r"
	case 3:
		return s[:k] + p.letters(" \t\r\x00\\\"{}[],:e-.\xff\xc3", 1+p.IntN(2)) + s[k:]
	case 4: // another character of the same kind
		if k+1 < len(s) {
			return s[:k] + p.letters(alnum, 1) + s[k+1:]
		}
	case 5:
		return s[:k] + fmt.Sprintf(`\u%04x`, s[k]) + s[k+1:]
	case 6:
		return strings.Replace(s, `":`, `" :`, 1)
	}
	return s
}

// mutatedConfigs are policies and rules in which a value means something else.
var mutatedConfigs = []redact.Config{
	{},
	{PII: redact.PIIFull},
	{PII: redact.PIIHash, PIIKey: make([]byte, 32)},
	{PAN: redact.PANLast4, MaxDepth: 2},
	{MaxDepth: 1, MaxBytes: 300},
	{MaxBytes: 120, MaxUnescape: 1},
	{Allow: map[string][]string{"actor": {"id", "ip"}, "": {"level"}}},
	{Keys: []redact.KeyRule{{Name: "level", Class: redact.ClassSecret}, {Name: "name", Class: redact.ClassKeep}, {Name: "path", Class: redact.ClassIP}, {Name: "event", Class: redact.ClassEmail}, {Name: "colour", Class: redact.ClassSecret}, {Name: "password", Class: redact.ClassKeep}}},
	{Keys: []redact.KeyRule{{Name: "id", Class: redact.ClassHost}, {Name: "value", Class: redact.ClassCoordinate}, {Name: "a", Class: redact.ClassSecret}}, Content: []string{"msg", "status"}},
	{Content: []string{"note", "message", "name"}},
	{Disable: []redact.Rule{redact.RuleKey, redact.RuleIP, redact.RuleCard}},
	{Disable: []redact.Rule{redact.RuleEmail, redact.RuleToken, redact.RuleAssignment}},
	{Values: []redact.ValueRule{{Name: "info", Find: func(s string) (int, int, bool) { i := strings.Index(s, "INFO"); return i, i + 4, i >= 0 }}}},
}

// mutatedLog holds what one Lines makes of the blocks of a log, each of some lines, against
// what a fresh Redactor makes of each line.
func mutatedLog(t *testing.T, seed uint64, n int) (lines, known int) {
	t.Helper()
	p := newMutator(seed)
	cfg := mutatedConfigs[p.IntN(len(mutatedConfigs))]
	quick, plain := twoOf(t, cfg)
	l, log := quick.Lines(), p.log(n)
	for rest := log; len(rest) > 0; {
		some := rest[:1+p.IntN(len(rest))]
		rest = rest[len(some):]
		var want []byte
		for _, s := range some {
			var ok bool
			if want, ok = plain.AppendDocument(want, s); !ok {
				want = append(want, s...)
			}
			want = append(want, '\n')
		}
		got, k := appendBlock(l, nil, strings.Join(some, "\n")+"\n"+padding[1:])
		want = append(want, padding[1:]...)
		known += k
		if string(got) != string(want) {
			gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
			for i, line := range wantLines {
				if i >= len(gotLines) || gotLines[i] != line {
					t.Fatalf("seed %d: %q: got %q, want %q", seed, some[min(i, len(some)-1)], gotLines[min(i, len(gotLines)-1)], line)
				}
			}
		}
	}
	l.Flush()
	if got, want := fmt.Sprint(quick.Counts()), fmt.Sprint(plain.Counts()); got != want {
		t.Fatalf("seed %d: counts: got %s, want %s", seed, got, want)
	}
	return n, known
}

// TestMutatedLines holds lines that are like those before, but for a value that is a
// secret, a key, an order, a byte, against what they are on their own.
func TestMutatedLines(t *testing.T) {
	logs := uint64(150)
	if testing.Short() {
		logs /= 10
	}
	lines, known := 0, 0
	for seed := range logs {
		n, k := mutatedLog(t, seed, 1000)
		lines += n
		known += k
	}
	if known < lines/5 {
		t.Errorf("of %d lines, %d were of a known form: too few to try those", lines, known)
	}
}
