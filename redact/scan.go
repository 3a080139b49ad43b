package redact

// The scan looks at eight bytes at a time. Each byte has counts in a word, and
// the sum over eight bytes says whether any rule can begin here: five digits
// (cards, accounts, SSN), two dots (IPv4), eight characters of a name (tokens),
// two dashes (flags), a comma beside a quote, or one of the few bytes that only
// rules care about. What may lie across two blocks is tested apart. Most
// text passes at a fraction of a nanosecond a byte; the rest is looked at byte
// by byte, and each rule looks back and ahead for a bounded distance only, so
// that the whole is linear in the text.

// Bits of the sums. Each count has four bits; adding bias sets the highest of
// the four when the count has reached its threshold.
const (
	unitDigit  = 1 << 0
	unitDot    = 1 << 4
	unitName   = 1 << 8
	unitSpot   = 1 << 12
	unitEscape = 1 << 16
	unitDash   = 1 << 20
	unitComma  = 1 << 24
	unitQuote  = 1 << 28

	bias = (8-5)*unitDigit + (8-2)*unitDot + 0*unitName + (8-1)*unitSpot + (8-1)*unitEscape + (8-2)*unitDash +
		(8-1)*unitComma + (8-1)*unitQuote

	hotDigit  = 8 * unitDigit
	hotDot    = 8 * unitDot
	hotName   = 8 * unitName
	hotSpot   = 8 * unitSpot
	hotEscape = 8 * unitEscape
	hotDash   = 8 * unitDash
	hotComma  = 8 * unitComma

	hot = hotDigit | hotDot | hotName | hotSpot | hotDash
)

// sums holds the counts of each byte value.
var sums = func() (t [256]uint32) {
	for i := range t {
		c := byte(i)
		switch {
		case isDigit(c):
			t[i] = unitDigit + unitName
		case isLetter(c), c == '_':
			t[i] = unitName
		case c == '-':
			t[i] = unitName + unitDash
		case c == '.':
			t[i] = unitDot
		}
		if c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			t[i] += unitEscape
		}
		switch {
		case c == ',':
			t[i] += unitComma
		case spots[i] != spotNone:
			t[i] += unitSpot
		}
		if isQuote(c) {
			t[i] += unitQuote
		}
	}
	return t
}()

// spot says which rules can begin at a byte.
type spot uint8

const (
	spotNone spot = iota
	spotAt
	spotColon
	spotEqual
	spotScheme  // Bearer, Basic, -----BEGIN
	spotClose   // '>' of an XML element
	spotComma   // "key", "value"
	spotPercent // %3D
	spotSlash   // a backslash: \u003d
	spotPlus    // phone numbers
	spotQuote   // password 'x'
)

var spots = func() (t [256]spot) {
	t['@'] = spotAt
	t[':'] = spotColon
	t['='] = spotEqual
	t['B'] = spotScheme
	t['>'] = spotClose
	t[','] = spotComma
	t['%'] = spotPercent
	t['\\'] = spotSlash
	t['+'] = spotPlus
	t['"'], t['\''] = spotQuote, spotQuote
	return t
}()

// span is a part of the text that is replaced.
type span struct {
	start, end int
	rule       ruleID
}

// scanner walks one text. It lives on the stack of its caller.
type scanner struct {
	r       *Redactor
	s       string
	lo      int // nothing before lo belongs to a rule any more
	nameEnd int // the run of name characters up to here is done
	ipEnd   int // colons up to here were judged as IPv6
	numEnd  int // the run of digits up to here is done
	queued  span
	noEnd   int // no private key ends before here
	escape  uint32
	depth   int // levels of JSON strings and base64 around this text
}

// next returns the first span at or after i.
func (sc *scanner) next(i int) (span, bool) {
	s := sc.s
	if i == 0 && len(s) > 6 && s[0] == 'b' {
		if sp, ok := sc.scheme(0); ok {
			return sp, true
		}
	}
	for i < len(s) {
		var acc uint32
		for len(s)-i >= 8 {
			b := s[i : i+8]
			acc = bias + sums[b[0]] + sums[b[1]] + sums[b[2]] + sums[b[3]] +
				sums[b[4]] + sums[b[5]] + sums[b[6]] + sums[b[7]]
			sc.escape |= acc
			if acc&hot|acc&(acc>>4)&hotComma != 0 || (b[0] == '-' || b[0] == ',') && sc.edge(i) {
				break
			}
			i += 8
		}
		end := i + 8
		if end > len(s) {
			end = len(s)
			acc = sc.rest(i)
		}
		var sp span
		var ok bool
		if end-i == 8 || acc != 0 {
			sp, ok = sc.block(i, end, acc)
		}
		if q := sc.queued; q.end > 0 && (ok && q.start <= sp.start || !ok && q.start < end) {
			sc.queued = span{}
			return q, true
		}
		if ok {
			return sp, true
		}
		i = end
	}
	q := sc.queued
	sc.queued = span{}
	return q, q.end > 0
}

// rest returns what block must look for in the last bytes, fewer than eight: of
// what a rule needs, most may lie before them. Only a run of name characters
// that is long enough for a token has filled the block before them, and been
// examined there.
func (sc *scanner) rest(i int) uint32 {
	var n uint32
	for ; i < len(sc.s); i++ {
		n += sums[sc.s[i]]
	}
	sc.escape |= bias + n
	return (n + (8-1)*(unitDigit+unitSpot+unitDash+unitComma)) & (hotDigit | hotSpot | hotDash | hotComma)
}

// queue keeps a span that begins further ahead: what lies before it has yet to
// be looked at.
func (sc *scanner) queue(sp span) { sc.queued = sp }

// resume goes on after a span that was replaced. What was examined beyond it is
// examined again, because a span that was found there has been left for now.
func (sc *scanner) resume(end int) {
	sc.lo, sc.numEnd, sc.nameEnd, sc.ipEnd = end, end, end, end
	if q := &sc.queued; q.end <= end {
		*q = span{}
	} else if q.start < end {
		q.start = end
	}
}

// edge reports whether the first byte of a block makes a pair with the byte
// before it: "--" or a quote and a comma.
func (sc *scanner) edge(i int) bool {
	return i > 0 && (sc.s[i] == '-' && sc.s[i-1] == '-' || sc.s[i] == ',' && isQuote(sc.s[i-1]))
}

// block looks at the bytes i..end for what acc says may be there, and returns
// the span that begins first.
func (sc *scanner) block(i, end int, acc uint32) (first span, found bool) {
	s := sc.s
	if acc&(hotSpot|hotComma) != 0 || s[i] == ',' {
		for k := i; k < end; k++ {
			if sp := spots[s[k]]; sp != spotNone && k >= sc.lo {
				if first, found = sc.spot(sp, k); found {
					break
				}
			}
		}
	}
	if acc&(hotDigit|hotDot) != 0 {
		for k := max(i, sc.numEnd); k < end; k++ {
			if !isDigit(s[k]) {
				continue
			}
			if sp, ok := sc.number(k); ok && (!found || sp.start < first.start) {
				return sp, true
			}
			k = max(k, sc.numEnd-1)
		}
	}
	if acc&hotName != 0 {
		for k := max(i, sc.nameEnd); k < end; k++ {
			if !nameBytes[s[k]] {
				continue
			}
			if sp, ok := sc.name(k, end-i == 8); ok && (!found || sp.start < first.start) {
				return sp, true
			}
			k = max(k, sc.nameEnd-1)
		}
	}
	if acc&hotDash != 0 || s[i] == '-' {
		for k := max(i, sc.lo+1); k < end; k++ {
			if s[k] == '-' && s[k-1] == '-' {
				if sp, ok := sc.flag(k - 1); ok && (!found || sp.start < first.start) {
					return sp, true
				}
			}
		}
	}
	return first, found
}

// spot runs the rules that can begin at the byte k.
func (sc *scanner) spot(sp spot, k int) (span, bool) {
	s := sc.s
	switch sp {
	case spotAt:
		return sc.at(k, 1)
	case spotColon:
		return sc.colon(k)
	case spotEqual:
		return sc.assign(k, 1)
	case spotScheme:
		// Be, Ba, BE: the first letters of what is sought. In small letters it
		// is found at the start of a text, after a header's name, and as the
		// word before a random string.
		if k+1 < len(s) && (s[k+1]|0x20 == 'e' || s[k+1]|0x20 == 'a') {
			return sc.scheme(k)
		}
	case spotClose:
		return sc.element(k)
	case spotComma:
		if k > 0 && isQuote(s[k-1]) {
			return sc.pair(k)
		}
	case spotPercent:
		return sc.percent(k)
	case spotSlash:
		return sc.unicodeEscape(k)
	case spotPlus:
		return sc.phone(k)
	case spotQuote:
		// A quote that opens after a word: the word decides.
		if k > 3 && (s[k-1] == ' ' && isLetter(s[k-2]) || s[k-1] == '(') {
			return sc.quoted(k)
		}
	}
	return span{}, false
}

// nameBytes are the characters of identifiers and of most tokens.
var nameBytes = func() (t [256]bool) {
	for i := range t {
		t[i] = sums[i]&(15*unitName) != 0
	}
	return t
}()

// boundary reports whether something new can begin at p: the byte before it is
// no letter or digit, or it belongs to an escape such as \n or %20.
func boundary(s string, p int) bool {
	if p <= 0 || !isAlnum(s[p-1]) {
		return true
	}
	switch c := s[p-1]; {
	case p >= 2 && s[p-2] == '\\':
		return c == 'n' || c == 'r' || c == 't' || c == 'b' || c == 'f'
	case p >= 3 && s[p-3] == '%':
		return isHex(c) && isHex(s[p-2])
	case p >= 6 && s[p-6] == '\\' && s[p-5] == 'u':
		return isHex(c)
	case c == 'm':
		return afterColour(s, p)
	}
	return false
}
