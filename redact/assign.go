package redact

import "strings"

// Pairs of a key and a value in running text: key=value, key: value,
// "key": "value", key := "value", 'key' => 'value', user[key]=value,
// {Key:value}, YAML with lists and blocks, HTTP headers, query strings and
// forms, plain, percent-encoded or with quotes escaped any number of times.

// maxKeyBack bounds how far a key is sought before its separator.
const maxKeyBack = 72

// keySpan is a key found before a separator.
type keySpan struct {
	start, end int
	quoted     bool // the key stood in quotes
	open       int  // where the key begins, its quote included
}

// assign judges the separator of width bytes at k: '=', ':', "%3D", "\u003d".
func (sc *scanner) assign(k, width int) (span, bool) {
	s := sc.s
	if sc.r.off[idAssignment] && sc.r.off[idHeader] {
		return span{}, false
	}
	if s[k] == '=' && k-2 > sc.lo && (s[k-2] == '?' || s[k-2] == '&') && isLetter(s[k-1]) {
		if sp, ok := sc.linkParam(k); ok {
			return sp, true
		}
	}
	if width == 1 && !sc.mayBeKey(k) {
		return span{}, false
	}
	if s[k] == '=' && k > sc.lo && s[k-1] == ')' {
		return sc.constraint(k)
	}
	key, ok := keyBefore(s, k, sc.lo)
	if !ok {
		return span{}, false
	}
	name := s[key.start:key.end]
	if !key.quoted {
		name = lastSegments(name, s[k] == ':')
		if len(name) <= 9 && wordIn(labelWords, name) {
			if sp, ok := sc.label(key, k, width); ok {
				return sp, true
			}
		}
	}
	if isNameLabel(name) || key.quoted && name == "path" {
		return sc.named(key, k+width)
	}
	if !sc.mayBeSecret(name) {
		if key.quoted && privatePart(name) {
			return sc.webKey(k + width)
		}
		if key.quoted && key.open == key.start-1 && key.end == k-1 {
			sc.rememberPlain(key.open, k)
		}
		return span{}, false
	}
	v := sc.r.verdict(name)
	if v.str == strNone && v.measured == strNone {
		if key.quoted && key.open == key.start-1 && key.end == k-1 {
			sc.rememberPlain(key.open, k)
		}
		return span{}, false
	}
	if v.str == strHeader {
		if sc.r.off[idHeader] {
			return span{}, false
		}
	} else if sc.r.off[idAssignment] {
		return span{}, false
	}
	if s[k] == '=' && k > sc.lo && s[k-1] == '!' && v.str < strHeader && openingQuote(s, valueStart(s, operatorEnd(s, k+width))) < 0 {
		return span{}, false // a comparison in a program
	}
	if s[k] == ':' && width == 1 && !key.quoted && resourceName(s, key.start, k) {
		return span{}, false
	}
	after := operatorEnd(s, k+width)
	if v.measured != strNone {
		return sc.measure(key, v, s[k], after)
	}
	return sc.valueOf(key, v, s[k], after)
}

// mayBeKey is a quick test of what stands before the separator at k: false when
// it is a bare word without three letters of any word of the key rules. Almost
// all separators end here.
func (sc *scanner) mayBeKey(k int) bool {
	s := sc.s
	i := k
	if i > sc.lo && s[i-1] == ' ' {
		for i > sc.lo && s[i-1] == ' ' && k-i < 32 {
			i--
		}
	}
	if i == sc.lo {
		return false
	}
	if !nameBytes[s[i-1]] {
		// A quote, a bracket, an operator, an entity: to be read with care. After
		// anything else there is no key.
		c := s[i-1]
		if isQuote(c) {
			n, may := sc.quotedGrams(i - 1)
			if may || n <= maxLabel {
				return true
			}
			sc.rememberPlain(i-n-2, k)
			return false
		}
		return c == ']' || c == ';' || isOperator(c) || c >= 0x80 || c == '\t' || c == ')' && s[k] == '='
	}
	end, dot := i, uint32(gramDot)
	if s[k] == ':' {
		dot = 0 // before a colon also stand classes and hosts
	}
	n, hit := gramsBefore(s[max(sc.lo, end-maxKeyBack):end], dot, sc.r.grams)
	if hit {
		return true
	}
	if i -= n; i > sc.lo && (s[i-1] == '%' || s[i-1] >= 0x80) {
		return true
	}
	return i < end && labelEnds[s[end-1]&31] && endsLabel(s, i, end)
}

// endsLabel reports whether the word i..end is too short for the test by three
// letters and may yet be a key, the end of a label, or a colour.
func endsLabel(s string, i, end int) bool {
	n := end - i
	switch s[end-1] | 0x20 {
	case 'w':
		return endsPW(s[i:end])
	case 'm':
		return colourStart(s, end) >= 0
	case 'o':
		return n == 2 && hasFold(s[i:end], "no")
	case 's':
		return n == 2 && hasFold(s[i:end], "is") || n == 3 && hasFold(s[i:end], "was")
	}
	return n <= len("varchar") && (isTypeName(s[i:end]) || isNameLabel(s[i:end]))
}

// gramsBefore walks back over the word at the end of s and reports whether three
// letters in a row of it are in grams; n are the bytes of the word. dot is the
// code of a further character that it may have.
func gramsBefore(s string, dot uint32, grams *[512]uint64) (n int, hit bool) {
	h := uint32(0)
	i := len(s) - 1
	for ; i >= 0; i-- {
		c := uint32(gramCodes[s[i]])
		if c >= gramStop {
			if c != dot {
				break
			}
			c = 0
		}
		h = h>>5 | c
		if grams[h>>6&511]>>(h&63)&1 != 0 {
			return 0, true
		}
	}
	return len(s) - 1 - i, false
}

// isTypeName reports whether name may stand between a variable and its value.
func isTypeName(name string) bool {
	switch name {
	case "string", "String", "str", "char", "text", "varchar":
		return true
	}
	return false
}

// labelEnds are the last letters of what endsLabel knows.
var labelEnds = func() (t [32]bool) {
	for _, c := range "grtyedoswm" {
		t[c&31] = true
	}
	return t
}()

// gramCodes are the letters in five bits, in any case, as the last of three; 0 for
// the other characters of a name, and gramStop or more for what is none.
var gramCodes = func() (t [256]uint16) {
	for i := range t {
		c := byte(i)
		switch {
		case isLetter(c):
			t[i] = uint16(c&31) << 10
		case c == '.':
			t[i] = gramDot
		case !nameBytes[c]:
			t[i] = gramStop
		}
	}
	return t
}()

const (
	gramStop = 1 << 15
	gramDot  = gramStop + 1
)

// lastSegments drops the leading segments of a dotted name: of a class, a host
// or a path to a setting only the end names the value. One segment counts before
// a colon, which also stands after hosts and source positions, two before '='.
func lastSegments(name string, colon bool) string {
	i := strings.LastIndexByte(name, '.')
	if i > 0 && !colon {
		i = strings.LastIndexByte(name[:i], '.')
	}
	return name[i+1:]
}

// keyBefore finds the key that ends before the separator at k.
func keyBefore(s string, k, lo int) (keySpan, bool) {
	i := k
	for i > lo && k-i < 4 && isOperator(s[i-1]) {
		i--
	}
	for n := 0; i > lo && isSpace(s[i-1]) && n < 32; n++ {
		i--
	}
	for i > lo && s[i-1] == 'm' {
		colour := colourStart(s, i)
		if colour < lo {
			break
		}
		i = colour
	}
	if i > lo && s[i-1] == ']' {
		i--
	}
	end := i
	quote := byte(0)
	if i > lo && (s[i-1] == '"' || s[i-1] == '\'' || s[i-1] == '`') {
		quote = s[i-1]
		i--
		for i > lo && s[i-1] == '\\' {
			i--
		}
		end = i
	} else if i-lo >= 3 && s[i-3] == '%' && (strings.HasSuffix(s[lo:i], "%22") || strings.HasSuffix(s[lo:i], "%5D") || strings.HasSuffix(s[lo:i], "%5d")) {
		i -= 3
		end = i
	} else if i > lo && s[i-1] == ';' && strings.HasSuffix(s[lo:i], "&quot;") {
		i -= len("&quot;")
		end = i
	}
	floor := max(lo, end-maxKeyBack)
	for i > floor && (keyBytes[s[i-1]] || quote != 0 && (s[i-1] == ' ' || s[i-1] == ':')) {
		i--
	}
	if i == end {
		return keySpan{}, false
	}
	key := keySpan{start: i, end: end, open: i}
	if quote != 0 {
		for key.open > lo && (s[key.open-1] == '\\' || s[key.open-1] == quote) {
			key.open--
		}
		key.quoted = key.open < i
	} else if t := typeName(s, lo, key); t.end != 0 {
		key = t
	}
	return unglue(s, lo, key), true
}

// unglue takes off what an escape leaves at the beginning of a key: \npassword,
// \u0026api_key, %26api_key, the [36m of a terminal's colour.
func unglue(s string, lo int, key keySpan) keySpan {
	if key.start > lo && s[key.start-1] == '\\' && key.end-key.start > 1 {
		switch s[key.start] {
		case 'n', 'r', 't':
			key.start++
		case 'u':
			if key.end-key.start > 5 && isHex(s[key.start+1]) && isHex(s[key.start+4]) {
				key.start += 5
			}
		}
	}
	if s[key.start] == '[' {
		for i := key.start; i < key.end && i-key.start < 8; i++ {
			if s[i] == 'm' && i+1 < key.end && colourStart(s, i+1) >= 0 {
				key.start = i + 1
				key.open = key.start
			}
		}
	}
	if i := strings.LastIndexByte(s[key.start:key.end], '%'); i >= 0 && key.start+i+3 < key.end {
		key.start += i + 3
	}
	return key
}

// typeName steps over a type between a name and its value: var token string =.
func typeName(s string, lo int, key keySpan) keySpan {
	if !isTypeName(s[key.start:key.end]) {
		return keySpan{}
	}
	i := key.start
	for i > lo && isSpace(s[i-1]) {
		i--
	}
	if i == key.start || i > lo && s[i-1] == ':' {
		i = max(lo, i-1)
	}
	end := i
	for i > lo && end-i < maxKeyBack && keyBytes[s[i-1]] {
		i--
	}
	if i == end {
		return keySpan{}
	}
	return keySpan{start: i, end: end, open: i}
}

// keyBytes are the characters of keys that are not in quotes.
var keyBytes = func() (t [256]bool) {
	t = byteSet("-.$@*%/[", true)
	t['/'] = false
	for i := 0x80; i < 0x100; i++ {
		t[i] = true
	}
	return t
}()

// isOperator reports whether c may stand before '=' in an assignment operator.
func isOperator(c byte) bool {
	switch c {
	case ':', '?', '.', '+', '|', '!', '=':
		return true
	}
	return false
}

// operatorEnd skips what may follow the separator: the rest of "=>", "==", ":=".
func operatorEnd(s string, i int) int {
	for n := 0; i < len(s) && n < 3 && (s[i] == '=' || s[i] == '>' || s[i] == ':'); n++ {
		i++
	}
	if strings.HasPrefix(s[i:], `\u003e`) {
		i += len(`\u003e`)
	}
	return i
}

// mayBeSecret is a quick test of a key: whether three letters in a row occur in
// it that begin a word of the key rules.
func (sc *scanner) mayBeSecret(name string) bool {
	h := uint32(0)
	n := 0
	if endsPW(name) {
		return true
	}
	for i := 0; i < len(name); i++ {
		if name[i] >= 0x80 {
			return true // a word of another alphabet
		}
		c := name[i] | 0x20
		if !isLower(c) {
			n = 0
			continue
		}
		h = (h<<5 | uint32(c&31)) & 0x7fff
		n++
		if n >= 3 && sc.r.grams[h>>6]&(1<<(h&63)) != 0 {
			return true
		}
	}
	return false
}

// rareGrams are sought in a word before its first letters: three letters that
// few other words have.
var rareGrams = []string{
	"key", "tok", "cod", "car", "pas", "pwd", "cvv", "cvc", "jwt", "srf", "sid", "ecr", "auth", "cook", "cred", "tri", "sig", "pin",
	"umb", "aml", "adh", "cpf", "rti", "phr", "mmu", "cco", "cct", "rpw", "bpw", "tpw", "npw", "dpw", "gic", "ick",
	// of foreignWords
	"ras", "rje", "nnu", "onu", "cht", "adg", "eno", "asa", "asl", "esl", "lsz", "ifr", "aro", "mdp", "lav", "egr", "ehe", "nnw", "nha",
}

// endsPW reports whether a name ends with the word pw, which is too short for
// the test by three letters.
func endsPW(name string) bool {
	n := len(name)
	return n >= 2 && name[n-1]|0x20 == 'w' && name[n-2]|0x20 == 'p' && (n == 2 || !isLower(name[n-3]|0x20) || isUpper(name[n-2]))
}

// addGrams notes three letters in a row of name, such that every key with name
// in it has them; a name that is too short makes every key be read in full.
func addGrams(grams *[512]uint64, name string) {
	for _, g := range rareGrams {
		if strings.Contains(name, g) {
			name = g
			break
		}
	}
	h, n := uint32(0), 0
	for i := 0; i < len(name); i++ {
		c := name[i] | 0x20
		if !isLower(c) {
			n, h = 0, 0
			continue
		}
		h = (h<<5 | uint32(c&31)) & 0x7fff
		n++
		if n == 3 {
			grams[h>>6] |= 1 << (h & 63)
			return
		}
	}
	for i := range grams {
		grams[i] = ^uint64(0)
	}
}

// asciiWord reports whether w has no letter of another alphabet: such keys are
// read in full.
func asciiWord(w string) bool {
	for i := 0; i < len(w); i++ {
		if w[i] >= 0x80 {
			return false
		}
	}
	return true
}

// keyOnlyGrams returns three letters of a run of keyOnlyRuns that few other words have,
// and that every spelling of it has in one word.
func keyOnlyGrams(run string) string {
	for _, g := range []string{"ink", "sig", "gic", "key", "pas", "nsw", "ese", "onn", "ino", "sas"} {
		if strings.Contains(run, g) {
			return g
		}
	}
	return run
}

var defaultGrams = func() *[512]uint64 {
	g := new([512]uint64)
	for w := range secretWords {
		if len(w) > 2 { // pw is tried by itself
			addGrams(g, w)
		}
	}
	for w := range foreignWords {
		if asciiWord(w) {
			addGrams(g, w)
		}
	}
	for w := range secretRuns {
		addGrams(g, w)
	}
	for w := range wholeKeys {
		if len(w) > 2 { // su is no key of running text
			addGrams(g, w)
		}
	}
	for w := range keyOnlyRuns {
		addGrams(g, keyOnlyGrams(w))
	}
	for _, f := range fragments {
		addGrams(g, f.text)
	}
	for _, f := range suffixes {
		addGrams(g, f.text)
	}
	for w := range labelWords {
		if len(w) > 3 {
			addGrams(g, w)
		}
	}
	return g
}()

// resourceName reports whether the colon at k is inside the name of a resource
// of Amazon: arn:aws:secretsmanager:eu-west-1:1:secret:app/db.
func resourceName(s string, key, k int) bool {
	i := key
	for i > 0 && k-i < 128 && (nameBytes[s[i-1]] || s[i-1] == ':' || s[i-1] == '/' || s[i-1] == '.') {
		i--
	}
	return strings.HasPrefix(s[i:], "arn:")
}
