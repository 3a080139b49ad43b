package redact

import "math/bits"

// The scan looks at eight bytes at a time. Each byte has counts in a word, and
// the sum over eight bytes says whether a rule may have to look here: at one of
// the few bytes that only rules care about, at eight characters of a name
// (tokens), at some digits in this block and the one before (cards, accounts, SSN,
// one-time codes), at two dots (IPv4), at a dash (flags), at the letters of the word
// password. Most text passes at a
// fraction of a nanosecond a byte; the rest is looked at more closely, and each
// rule looks back and ahead for a bounded distance only, so that the whole is
// linear in the text. The tests have a scan that looks at each byte for each rule,
// and hold the answers of this one against it.

// Fields of the sums, eight bits each. Adding bias sets the highest bit of a
// field when its count has reached the threshold.
const (
	unitDigit  = 1 << 0
	unitDash   = 1 << 8
	unitDot    = 1 << 16
	unitName   = 1 << 24
	unitSpot   = 1 << 32
	unitEscape = 1 << 40
	unitWord   = 1 << 48 // weights of letters: see wordWeights

	bias = (128-4)*unitDigit + (128-1)*unitDash + (128-2)*unitDot + (128-8)*unitName + (128-1)*unitSpot + (128-wordWeight)*unitWord

	hotDigit = 128 * unitDigit
	hotDash  = 128 * unitDash
	hotDot   = 128 * unitDot
	hotName  = 128 * unitName
	hotSpot  = 128 * unitSpot
	hotWord  = 128 * unitWord

	hot = hotDigit | hotDash | hotDot | hotName | hotSpot | hotWord

	// six is not zero when the digits that have set hotDigit are six or more.
	six = (2 | 4 | 8) * unitDigit

	// carried are the counts to which those of the block before are added: what
	// is sought may lie across two blocks.
	carried = 255 * (unitDigit | unitWord)

	anyEscape = 255 * unitEscape
)

// wordWeights are those of the letters of password and passwd, by how few other words
// have them; wordWeight is the weight of either. Both lie within two blocks.
var wordWeights = [256]uint64{'p': 3, 'P': 3, 's': 3, 'S': 3, 'w': 7, 'W': 7, 'd': 2, 'D': 2}

const wordWeight = 3 + 3 + 3 + 7 + 2

// sums holds the counts of each byte value.
var sums = func() (t [256]uint64) {
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
		if spots[i] != spotNone {
			t[i] += unitSpot
		}
		t[i] += wordWeights[i] * unitWord
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
	spotPercent // %3D
	spotSlash   // a backslash: \u003d
	spotPlus    // phone numbers
	spotQuote   // password 'x'; "key", "value"
	spotAmp     // &gt; of an XML element
	spotAuth    // the U of AUTH
)

var spots = func() (t [256]spot) {
	t['@'] = spotAt
	t[':'] = spotColon
	t['='] = spotEqual
	t['B'] = spotScheme
	t['>'] = spotClose
	t['%'] = spotPercent
	t['\\'] = spotSlash
	t['+'] = spotPlus
	t['&'], t['U'] = spotAmp, spotAuth
	t['"'], t['\''], t['`'] = spotQuote, spotQuote, spotQuote
	return t
}()

// spotBits marks the bytes with a spot.
var spotBits = func() (t [256]uint8) {
	for i := range t {
		if spots[i] != spotNone {
			t[i] = 1
		}
	}
	return t
}()

// spotMask has a bit for each byte of b that is a spot, the first byte lowest.
func spotMask(b string) (m uint) {
	t := &spotBits
	if len(b) < 8 {
		for i := len(b) - 1; i >= 0; i-- {
			m = m<<1 + uint(t[b[i]])
		}
		return m
	}
	m = uint(t[b[7]])
	m = m<<1 + uint(t[b[6]])
	m = m<<1 + uint(t[b[5]])
	m = m<<1 + uint(t[b[4]])
	m = m<<1 + uint(t[b[3]])
	m = m<<1 + uint(t[b[2]])
	m = m<<1 + uint(t[b[1]])
	return m<<1 + uint(t[b[0]])
}

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
	done    int // every rule was tried up to here
	nameEnd int // the run of name characters up to here is done
	ipEnd   int // colons up to here were judged as IPv6
	numEnd  int // the run of digits up to here is done
	queued  span
	noMAC   int    // no key of PuTTY ends before here
	userAt  int    // one more than where the next flag of userFlag is, 0 when unknown
	insert  insert // the INSERT that is being read
	depth   int    // levels of JSON strings and base64 around this text
	escapes uint64 // every bit of the counts of all blocks
}

// needsEscape reports whether a byte that was seen needs an escape in JSON.
func (sc *scanner) needsEscape() bool { return sc.escapes&anyEscape != 0 }

// next returns the first span at or after i.
func (sc *scanner) next(i int) (span, bool) {
	s, t := sc.s, &sums
	if i == 0 {
		if sp, ok := sc.beginning(); ok {
			return sp, true
		}
	}
	var seen, prev uint64
	message := len(s) <= maxMessage
	for {
		var v, acc uint64
		end := i + 8
		for ; end <= len(s); end += 8 {
			b := s[end-8 : end]
			acc = t[b[0]] + t[b[1]] + t[b[2]] + t[b[3]] + t[b[4]] + t[b[5]] + t[b[6]] + t[b[7]]
			v = acc + prev&carried + bias
			seen |= acc
			prev = acc
			// Four or five digits matter in a message, when four of them are in a row:
			// these have one of each of the following.
			if v&hot != 0 && (v&hot != hotDigit || acc&255 != 0 && (v&six != 0 || message && (end < 11 ||
				(isDigit(b[7]) || isDigit(b[3]) || isDigit(s[end-9])) && (isDigit(b[5]) || isDigit(b[1]) || isDigit(s[end-11]))))) {
				break
			}
		}
		if i = end - 8; end > len(s) {
			if end = len(s); i == end {
				break
			}
			acc = sumOf(lastWord(s, i))
			v = acc + prev&carried + bias
			seen |= acc
			if v&hot == 0 {
				break
			}
		}
		if acc&255 == 0 {
			v &^= hotDigit // they are all in the block before
		}
		if v&hot == hotName && (end == len(s) || !runsOn[s[end]]) {
			i = end // the end of a run that is too short, or that was looked at
			continue
		}
		var sp span
		ok := false
		if v&hotSpot != 0 {
			sp, ok = sc.spotsIn(i, end)
		}
		if v&(hot^hotSpot) != 0 {
			sp, ok = sc.runsIn(i, end, v, sp, ok)
		}
		if sc.done > end {
			end, prev = sc.done, 0
		}
		if q := &sc.queued; q.end > 0 && (ok && q.start <= sp.start || !ok && q.start < end) {
			sp, ok = sc.takeQueued()
		}
		if ok {
			sc.escapes |= seen
			return sp, true
		}
		i = end
	}
	sc.escapes |= seen
	return sc.takeQueued()
}

// beginning looks for what in small letters counts at the beginning of a text only:
// bearer and basic.
func (sc *scanner) beginning() (span, bool) {
	if len(sc.s) <= len("bearer") || sc.s[0] != 'b' {
		return span{}, false
	}
	return sc.scheme(0)
}

// takeQueued returns the span that was kept.
func (sc *scanner) takeQueued() (span, bool) {
	q := sc.queued
	sc.queued = span{}
	return q, q.end > 0
}

// queue keeps a span that begins further ahead: what lies before it has yet to
// be looked at.
func (sc *scanner) queue(sp span) { sc.queued = sp }

// resume goes on after a span that was replaced. What was examined beyond it is
// examined again, because a span that was found there has been left for now.
func (sc *scanner) resume(end int) {
	sc.lo, sc.done, sc.numEnd, sc.nameEnd, sc.ipEnd = end, end, end, end, end
	if q := &sc.queued; q.end <= end {
		*q = span{}
	} else if q.start < end {
		q.start = end
	}
}

// runsIn looks at the bytes i..end for the runs of characters that v says may be
// there, and returns the span that begins first: first, if found, or its own.
func (sc *scanner) runsIn(i, end int, v uint64, first span, found bool) (span, bool) {
	if v&hotName != 0 && i >= sc.nameEnd {
		if sp, ok := sc.name(i); ok && (!found || sp.start < first.start) {
			first, found = sp, true
		}
	}
	if v&(hotDigit|hotDot) != 0 {
		if sp, ok := sc.numbersIn(i, end, v); ok && (!found || sp.start < first.start) {
			first, found = sp, true
		}
	}
	if v&hotDash != 0 {
		if sp, ok := sc.flagsIn(i, end); ok && (!found || sp.start < first.start) {
			first, found = sp, true
		}
	}
	if v&hotWord != 0 {
		if sp, ok := sc.passwordsIn(i, end); ok && (!found || sp.start < first.start) {
			first, found = sp, true
		}
	}
	return first, found
}

// numbersIn looks for a number of which a digit is in i..end.
func (sc *scanner) numbersIn(i, end int, v uint64) (span, bool) {
	s := sc.s
	if v&(six|hotDot) == 0 && len(s) > maxMessage {
		return span{}, false
	}
	var w, before uint64
	if end-i == 8 {
		w = at8(s, i)
	} else {
		w = lastWord(s, i)
	}
	if i >= 8 {
		before = at8(s, i-8)
	} else if i > 0 && len(s) >= 8 {
		before = load8(s) << (8 * uint(8-i))
	}
	digits := pack(within(before, '0', '9')) | pack(within(w, '0', '9'))<<8
	if v&(six|hotDot) != 0 {
		m := digits >> 8
		if v&hotDot == 0 {
			m = numberDigits(numberBits(before)|numberBits(w)<<8, digits)
		}
		for ; m != 0; m &= m - 1 {
			k := i + bits.TrailingZeros(m)
			if k < sc.numEnd {
				continue
			}
			if sp, ok := sc.number(k); ok {
				return sp, true
			}
		}
	}
	if v&hotDigit != 0 && len(s) <= maxMessage {
		// Four in a row, of which the last is in the block.
		run := digits & (digits >> 1)
		for run &= run >> 2 &^ 31; run != 0; run &= run - 1 {
			if sp, ok := sc.shortCode(i - 8 + bits.TrailingZeros(run)); ok {
				return sp, true
			}
		}
	}
	return span{}, false
}

// flagsIn looks for flags: --password x, of which the second dash is in i..end, and
// -p x.
func (sc *scanner) flagsIn(i, end int) (span, bool) {
	s := sc.s
	for m := pack(within(sc.wordAt(i, end), '-', '-')); m != 0; m &= m - 1 {
		k := i + bits.TrailingZeros(m)
		if k > sc.lo && s[k-1] == '-' {
			if sp, ok := sc.flag(k - 1); ok {
				return sp, true
			}
		} else if k > sc.lo && k+2 < len(s) && shortFlags[s[k+1]] && isSpace(s[k-1]) {
			if sp, ok := sc.shortFlag(k); ok {
				return sp, true
			}
		}
	}
	return span{}, false
}

// wordAt returns the bytes i..end, at most eight, and blanks.
func (sc *scanner) wordAt(i, end int) uint64 {
	if end-i == 8 {
		return at8(sc.s, i)
	}
	return lastWord(sc.s[:end], i)
}

// spotsIn runs the rules that can begin at a byte of i..end.
func (sc *scanner) spotsIn(i, end int) (sp span, ok bool) {
	s := sc.s
	for m := spotMask(s[i:end]); m != 0; m &= m - 1 {
		k := i + bits.TrailingZeros(m)
		if s[k] == '"' && k > 0 && k+1 < len(s) && !opensQuote[s[k-1]] && s[k+1] != ',' {
			continue // nearly always
		}
		switch spots[s[k]] {
		case spotAt:
			sp, ok = sc.at(k, 1)
		case spotColon:
			sp, ok = sc.colon(k)
		case spotEqual:
			sp, ok = sc.assign(k, 1)
		case spotScheme:
			// Be, Ba, BE: the first letters of what is sought. In small letters it
			// is found at the start of a text, after a header's name, and as the
			// word before a random string.
			if k+1 < len(s) && (s[k+1]|0x20 == 'e' || s[k+1]|0x20 == 'a') {
				sp, ok = sc.scheme(k)
			}
		case spotClose:
			sp, ok = sc.element(k)
		case spotPercent:
			sp, ok = sc.percent(k)
		case spotSlash:
			sp, ok = sc.unicodeEscape(k)
		case spotAmp:
			sp, ok = sc.entityElement(k)
		case spotAuth:
			sp, ok = sc.redisAuth(k)
		case spotPlus:
			sp, ok = sc.phone(k)
		case spotQuote:
			// A quote that opens after a word: the word decides. One that closes
			// before a comma may be that of a name.
			if k > 3 && (s[k-1] == ' ' && isLetter(s[k-2]) || s[k-1] == '(') && s[k] != '`' {
				sp, ok = sc.quoted(k)
			}
			if !ok && s[k] == '\'' && k > len("values(") && (s[k-1] == '(' || s[k-1] == ',' || s[k-1] == ' ' && s[k-2] == ',') {
				sp, ok = sc.insertValue(k)
			}
			if !ok && k > 3 && s[k-1] == ',' && isLetter(s[k-2]) {
				sp, ok = sc.tuple(k)
			}
			if !ok && k+1 < len(s) && s[k+1] == ',' {
				sp, ok = sc.pair(k + 1)
			}
		}
		if ok {
			return sp, true
		}
	}
	return span{}, false
}

// opensQuote are the bytes before a quote that make it worth a look.
var opensQuote = byteSet(" (,", false)

// nameBytes are the characters of identifiers and of most tokens.
var nameBytes = byteSet("-", true)

// runsOn are the characters after which eight of a name may be part of more.
var runsOn = byteSet("-/+", true)

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
		return colourStart(s, p) >= 0
	}
	return false
}
