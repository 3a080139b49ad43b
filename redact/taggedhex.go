package redact

import (
	"slices"
	"strings"
)

// Programs name their connections and requests with a short word and random digits:
// conn_1a6bd9b445bc. Which digits follow the word does not matter to any rule.

// maxTag is the longest such word, in bytes, with the underscore behind it, and
// maxTagged the longest identifier.
const maxTag, maxTagged = 8, 32

// taggedHex reports whether s is a word of small letters, an underscore and eight
// hexadecimal digits in small letters or more, and whether that alone says that it is
// harmless, whichever the digits are. tag is the length of the word and the underscore.
//
// All of s is one run of name characters, with nothing before and behind it. So there
// is no spot, flag, dot or base64; no context of a random string; a number in it has an
// underscore or a letter before it, where none can begin (cardBefore, numberOpens); a
// country would have to stand where the word does, with two digits in it. What is left
// are the prefixes of tokens, the word password, and bearer.
func taggedHex(s string) (tag int, ok bool) {
	tag = strings.IndexByte(s[:min(len(s), maxTag)], '_') + 1
	if tag < 2 || len(s) > maxTagged || len(s)-tag < 8 || s[0] == 'b' || !isHexDigits(s[tag:]) {
		return 0, false
	}
	for _, c := range []byte(s[:tag-1]) {
		if !isLower(c) || c == 'w' {
			return 0, false
		}
	}
	for _, x := range [...]*tokenIndex{tokenTable, headTable} {
		group := x.groups[x.group[pairHash(s[0], s[1])]]
		for i := range group {
			if mayBegin(group[i].token, s, tag) {
				return 0, false
			}
		}
	}
	for i := range hexTokens {
		if t := &hexTokens[i]; len(t.prefix)+t.min <= len(s)-tag+1 {
			return 0, false
		}
	}
	return tag, true
}

// mayBegin reports whether t may begin an identifier with the tag of s and any digits.
func mayBegin(t *token, s string, tag int) bool {
	for i := range min(len(t.prefix), len(s)) {
		if i < tag && t.prefix[i] != s[i] || i >= tag && !isHexDigit(t.prefix[i]) {
			return false
		}
	}
	return len(t.prefix)+t.min <= len(s)
}

func isHexDigit(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' }

// hexTokens are the tokens that may begin behind a tag, or with its underscore.
var hexTokens = func() (list []token) {
	for _, t := range slices.Concat(tokens, heads) {
		if strings.IndexFunc(t.prefix[1:], func(c rune) bool { return !isHexDigit(byte(c)) }) < 0 && (t.prefix[0] == '_' || isHexDigit(t.prefix[0])) {
			list = append(list, t)
		}
	}
	return list
}()

// isHexDigits reports whether s, of at least eight bytes, is hexadecimal digits in
// small letters.
func isHexDigits(s string) bool {
	for i := 0; ; i += 8 {
		i = min(i, len(s)-8)
		w := at8(s, i)
		if (decimals(w)|hexLetters(w))&^w&highs != highs {
			return false
		}
		if i == len(s)-8 {
			return true
		}
	}
}

// tagged is what identifiers with the tag of one of them have in common.
type tagged struct {
	head, mask uint64 // the tag
	tag, size  int    // its length, and that of the identifier
}

func newTagged(s string, tag int) tagged {
	mask := ^uint64(0) >> uint(64-8*tag)
	return tagged{head: load8(s) & mask, mask: mask, tag: tag, size: len(s)}
}

// end returns the end of the string at i of s when it is such an identifier, otherwise
// 0. There are maxTagged+2 bytes behind i at least.
func (t *tagged) end(s string, i int) int {
	i++
	if at8(s, i)&t.mask == t.head && s[i-1] == '"' && s[i+t.size] == '"' && isHexDigits(s[i+t.tag:i+t.size]) {
		return i + t.size + 1
	}
	return 0
}
