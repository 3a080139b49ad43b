package httplog

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/pairly/pairlog/redact"
)

// cutMargin is how much of a text is held beyond what is shown of it, in bytes: a
// secret that begins before the cut is seen whole, and known for one. A recovery
// phrase of 24 words fits.
const cutMargin = 256

// cutText cuts a text of which more is known than the limit allows, in bytes. It
// cuts behind a space, so that no word, and no character, is shown in part, and not
// within what redaction takes out: what is left of a card number in groups, or of a
// password in quotes, is not recognised any more. A cut is right where the redacted
// text begins with the redacted part, and so does every longer part: nothing that
// is known for a secret with what follows it goes unrecognised without it.
func cutText(data []byte, limit int) string {
	all := cutRules().String(string(data))
	cut := behindSpace(data, limit)
	for tries := 0; cut > 0; tries++ {
		part := cutRules().String(string(data[:cut]))
		if strings.HasPrefix(all, part) {
			break
		}
		all = all[:commonPrefix(all, part)]
		before := cut - 1
		if tries >= maxWordsBack {
			before /= 2
		}
		cut = behindSpace(data, before)
	}
	return validText(data[:cut])
}

// commonPrefix returns the length of the longest prefix that a and b have in common.
func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// maxWordsBack is how many words a cut goes back by one at a time. After that, each
// time, half of the text is given up.
const maxWordsBack = 32

// cutRules are the default rules. Making them cannot fail without a Config.
var cutRules = sync.OnceValue(func() *redact.Redactor {
	r, _ := redact.New(redact.Config{})
	return r
})

// behindSpace returns the place behind the last space of the first n bytes, 0 where
// there is none.
func behindSpace(data []byte, n int) int {
	i := min(n, len(data))
	for i > 0 && data[i-1] != ' ' && data[i-1] != '\n' && data[i-1] != '\t' {
		i--
	}
	return i
}

func validText(data []byte) string {
	if !utf8.Valid(data) {
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	return string(data)
}
