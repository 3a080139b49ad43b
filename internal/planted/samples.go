package planted

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// alphabets are the classes of a pattern: {A36} is 36 of A.
var alphabets = map[byte]string{
	'a': "abcdefghijklmnopqrstuvwxyz0123456789",
	'A': "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	'b': "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	'B': "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
	'd': "0123456789",
	'h': "0123456789abcdef",
	'H': "0123456789ABCDEF",
	'l': "abcdefghijklmnopqrstuvwxyz",
	'u': "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
	'U': "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	'w': "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
	'p': "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#$*^~.-_",
	'c': "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
}

// Samples makes values from patterns: random, of the right alphabet, length and
// checksum, and nobody's.
type Samples struct{ r *rand.Rand }

// NewSamples returns the generator of a seed: another seed makes another corpus
// of the same shapes. It must not be used by two goroutines at once.
func NewSamples(seed uint64) *Samples { return &Samples{rand.New(rand.NewPCG(seed, 7))} }

func (g *Samples) of(class byte, n int) string {
	alphabet, ok := alphabets[class]
	if !ok {
		panic("no class " + string(class))
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[g.r.IntN(len(alphabet))]
	}
	for i := 0; class == 'b' && i < min(n, 20); i++ { // a piece that is long enough comes first; docs/redaction.md says why
		b[i] = alphabets['A'][g.r.IntN(62)]
	}
	if class == 'w' || class == 'p' { // no dash or dot where a sentence would have one
		b[0], b[n-1] = alphabet[g.r.IntN(20)], alphabet[g.r.IntN(20)]
	}
	return string(b)
}

// fill replaces the {…} of a pattern.
func (g *Samples) fill(pattern string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, ok := strings.Cut(rest, "}")
		v, known := "", false
		if ok {
			v, known = g.named(name)
		}
		if !known {
			b.WriteByte('{')
			pattern = rest
			continue
		}
		b.WriteString(v)
		pattern = after
	}
}

func (g *Samples) named(name string) (string, bool) {
	switch name {
	case "g":
		return g.of('h', 8) + "-" + g.of('h', 4) + "-4" + g.of('h', 3) + "-a" + g.of('h', 3) + "-" + g.of('h', 12), true
	case "jwt":
		return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIx" + g.of('w', 60) + "." + g.of('w', 43), true
	case "jwe":
		return "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ." + g.of('w', 86) + "." + g.of('w', 16) + "." + g.of('w', 40) + "." + g.of('w', 22), true
	case "card":
		return g.card(), true
	case "card4":
		return grouped(g.digits("4", 16), 4, " "), true
	case "card-":
		return grouped(g.digits("5"+g.of('d', 0)+"2", 16), 4, "-"), true
	case "iban":
		return g.iban(), true
	case "iban4":
		return grouped(g.iban(), 4, " "), true
	case "ssn":
		return fmt.Sprintf("%03d-%02d-%04d", 100+g.r.IntN(500), 10+g.r.IntN(80), 1000+g.r.IntN(8000)), true
	case "imei":
		return g.digits("35", 15), true
	}
	n := 0
	if len(name) < 2 {
		return "", false
	}
	if _, err := fmt.Sscanf(name[1:], "%d", &n); err != nil || n == 0 || alphabets[name[0]] == "" {
		return "", false
	}
	v := g.of(name[0], n)
	for name[0] == 'd' && n >= 12 && luhn(v) {
		v = g.of('d', n) // a number that might be a card's is no innocent one
	}
	return v, true
}

// luhn reports whether the digits s pass the check of card numbers (ISO/IEC 7812-1).
func luhn[T string | []byte](s T) bool {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// digits returns n digits that begin with prefix and pass the Luhn check.
func (g *Samples) digits(prefix string, n int) string {
	b := []byte(prefix + g.of('d', n-len(prefix)))
	for c := byte('0'); c <= '9'; c++ {
		if b[n-1] = c; luhn(b) {
			break
		}
	}
	return string(b)
}

// issuers are prefixes and lengths of cards that are issued.
// Source: ISO/IEC 7812-1 and the issuers' published ranges.
var issuers = []struct {
	prefix string
	n      int
}{
	{"4", 16}, {"51", 16}, {"55", 16}, {"2221", 16}, {"2720", 16}, {"34", 15}, {"37", 15},
	{"6011", 16}, {"65", 16}, {"644", 16}, {"36", 14}, {"300", 14}, {"38", 14}, {"3528", 16},
	{"3589", 16}, {"62", 16}, {"62", 19}, {"5018", 16}, {"6304", 16}, {"6759", 16}, {"60", 16}, {"508", 16}, {"2200", 16}, {"4", 13},
}

func (g *Samples) card() string {
	i := issuers[g.r.IntN(len(issuers))]
	return g.digits(i.prefix, i.n)
}

func (g *Samples) iban() string {
	bban := g.of('d', 18)
	check := 98 - mod97(bban+"131400")
	return fmt.Sprintf("DE%02d%s", check, bban)
}

func mod97(digits string) int {
	m := 0
	for _, c := range digits {
		m = (m*10 + int(c-'0')) % 97
	}
	return m
}

func grouped(s string, n int, sep string) string {
	var parts []string
	for len(s) > n {
		parts, s = append(parts, s[:n]), s[n:]
	}
	return strings.Join(append(parts, s), sep)
}
