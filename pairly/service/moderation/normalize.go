package moderation

import (
	"strings"
	"unicode"
)

// A token is one word of a text in the spellings that patterns are compared
// with.
type token struct{ spellings []string }

// lookalikes maps letters of other scripts to the Latin ones that they are
// taken for, and nothing else: texts in those scripts stay what they are.
var lookalikes = map[rune]rune{
	'а': 'a', 'е': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'і': 'i', 'ѕ': 's', 'к': 'k', 'т': 't', 'м': 'm', 'н': 'h', 'в': 'b',
	'α': 'a', 'ε': 'e', 'ο': 'o', 'ρ': 'p', 'ι': 'i', 'κ': 'k', 'υ': 'u', 'ν': 'v', 'χ': 'x',
}

// leet maps what stands for a letter within a word.
var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// tokens splits text into words. Invisible characters vanish, full-width and
// lookalike letters become the plain ones, and letters that stand alone
// ("s e x", "s.e.x") also form the word that they spell.
func tokens(text string) []token {
	words := strings.FieldsFunc(strings.Map(plain, text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '@' && r != '$' && r != '!'
	})
	var out []token
	var spelled strings.Builder
	flush := func() {
		if spelled.Len() >= 3 {
			out = append(out, token{spellings: []string{spelled.String()}})
		}
		spelled.Reset()
	}
	for _, w := range words {
		w = strings.TrimRight(w, "!@$") // the end of a sentence, not a letter
		if w == "" {
			continue
		}
		if len(w) == 1 {
			spelled.WriteString(w)
		} else {
			flush()
		}
		out = append(out, token{spellings: spellings(w)})
	}
	flush()
	return out
}

// plain returns the rune that stands for r, -1 for invisible ones.
func plain(r rune) rune {
	switch {
	case r >= '！' && r <= '～': // full-width ASCII
		r -= '！' - '!'
	case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r): // combining marks, zero-width characters
		return -1
	}
	r = unicode.ToLower(r)
	if l, ok := lookalikes[r]; ok {
		return l
	}
	return r
}

// spellings returns w, w with its digits and signs read as letters, and both
// with letters that are drawn out written once.
func spellings(w string) []string {
	out := []string{w}
	add := func(s string) {
		for _, have := range out {
			if have == s {
				return
			}
		}
		out = append(out, s)
	}
	if strings.IndexFunc(w, unicode.IsLetter) >= 0 {
		add(leet.Replace(w))
	}
	for _, s := range out[:len(out):len(out)] {
		add(shorten(s))
	}
	return out
}

// shorten writes runs of three and more equal characters once.
func shorten(s string) string {
	rs := []rune(s)
	var b strings.Builder
	for i := 0; i < len(rs); {
		n := i
		for n < len(rs) && rs[n] == rs[i] {
			n++
		}
		keep := n - i
		if keep >= 3 {
			keep = 1
		}
		for range keep {
			b.WriteRune(rs[i])
		}
		i = n
	}
	return b.String()
}
