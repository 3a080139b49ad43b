package encode_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pairly/pairlog/internal/encode"
	"github.com/pairly/pairlog/redact"
)

// planter builds random values with a secret somewhere in them.
type planter struct{ *rand.Rand }

var (
	sensitiveKeys = []string{"password", "userPassword", "client_secret", "X-Api-Key", "AUTHORIZATION", "cvv", "refresh_token", "cookie"}
	harmlessKeys  = []string{"name", "note", "count", "items", "meta", "path", "a", "b"}
)

func (p planter) pick(list []string) string { return list[p.IntN(len(list))] }

// letters returns n random letters and digits, beginning with a letter.
func (p planter) letters(n int) string {
	const abc = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = abc[p.IntN(len(abc))]
	}
	b[0] = abc[p.IntN(52)]
	return string(b)
}

// card returns a card number that Luhn accepts.
func (p planter) card() string {
	digits := "4" + fmt.Sprintf("%014d", p.Int64N(1e14))
	sum := 0
	for i, c := range digits {
		d := int(c - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// secret returns a value that must not be read, and how it is written somewhere
// harmless: text in which the secret is recognizable by itself.
func (p planter) secret() (secret, text string) {
	switch p.IntN(4) {
	case 0:
		s := p.card()
		return s, "paid with " + s + " today"
	case 1:
		s := p.letters(24)
		return s, "sk_" + "live_" + s
	case 2:
		s := p.letters(20)
		return s, "https://bob:" + s + "@example.com/x"
	}
	s := p.letters(32)
	return s, "Authorization: Bearer " + s
}

type holder struct {
	V    any `json:"v"`
	Name string
	Next *holder `json:",omitempty"`
}

type texter struct{ s string }

func (t texter) MarshalText() ([]byte, error) { return []byte(t.s), nil }

// wrap puts v somewhere.
func (p planter) wrap(v any) any {
	k := p.pick(harmlessKeys)
	switch p.IntN(11) {
	case 0:
		return map[string]any{k: v, "other": 1}
	case 1:
		return []any{1, v, "x"}
	case 2:
		return holder{V: v, Name: "n"}
	case 3:
		return &holder{Name: "n", Next: &holder{V: v}}
	case 4:
		return slog.GroupValue(slog.Any(k, v), slog.Int("n", 1))
	case 5:
		return valuer{v}
	case 6:
		return [1]any{v}
	case 7:
		if b, err := json.Marshal(v); err == nil {
			return json.RawMessage(b)
		}
	case 8:
		return map[string][]any{k: {v}}
	case 9:
		if s, ok := v.(string); ok {
			return errors.New(s)
		}
	case 10:
		if s, ok := v.(string); ok {
			return texter{s}
		}
	}
	return v
}

// pair returns an object in which name is the name of a value.
func (p planter) pair(name, value string) any {
	label, under := p.pick([]string{"name", "key", "Field", "HEADER"}), p.pick([]string{"value", "values", "val"})
	var v any = value
	if p.IntN(4) == 0 {
		v = p.wrap(value)
	}
	switch p.IntN(8) {
	case 0:
		return map[string]any{label: name, under: v, "other": 1}
	case 1:
		return map[string]string{label: name, under: value}
	case 2:
		return slog.GroupValue(slog.String(label, name), slog.Bool("b", true), slog.Any(under, v))
	case 3:
		return []envVar{{"HOME", "/"}, {name, value}}
	case 4:
		return &tagged{K: name, V: v}
	case 5:
		return json.RawMessage(fmt.Sprintf(`{%q:%q,%q:%q}`, label, name, under, value))
	case 6:
		return deepName{texter{name}, v}
	}
	return []any{1, "--" + name, value}
}

// plant returns an attr with a secret in it, and the secret.
func (p planter) plant() (string, slog.Attr) {
	secret, text := p.secret()
	var v any = text
	key := p.pick(harmlessKeys)
	switch p.IntN(3) {
	case 0:
		v = p.pair(p.pick(sensitiveKeys), secret)
	case 1:
		// Bare, under a key that says it all.
		key = p.pick(sensitiveKeys)
		v = secret
		if p.IntN(2) == 0 {
			v = map[string]any{key: secret}
			key = p.pick(harmlessKeys)
		}
	}
	for range p.IntN(5) {
		v = p.wrap(v)
	}
	return secret, slog.Any(key, v)
}

func plantOne(t *testing.T, e *encode.Encoder, seed uint64) {
	t.Helper()
	p := planter{rand.New(rand.NewPCG(seed, 7))}
	secret, a := p.plant()
	for _, got := range []string{
		line(e, nil, nil, "e", slog.Int("n", 1), a),
		line(e, e.With(e.Group(nil, "g"), []slog.Attr{a}), nil, "e", a),
		line(e, nil, nil, "e", slog.Group("g", slog.Group("h", a))),
	} {
		if strings.Contains(got, secret) {
			t.Errorf("seed %d: %s is in %s", seed, secret, got)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("seed %d: not valid JSON: %s", seed, got)
		}
	}
}

func TestPlantedSecretsNeverAppear(t *testing.T) {
	red, err := redact.New(redact.Config{})
	if err != nil {
		t.Fatal(err)
	}
	e := encode.New(encode.Config{Redactor: red})
	for seed := range uint64(10000) {
		plantOne(t, e, seed)
	}
}

func FuzzPlanted(f *testing.F) {
	f.Add(uint64(1))
	e := plainEncoder(f)
	f.Fuzz(func(t *testing.T, seed uint64) { plantOne(t, e, seed) })
}
