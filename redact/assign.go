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
	if width == 1 && !sc.mayBeKey(k) {
		return span{}, false
	}
	key, ok := keyBefore(s, k, sc.lo)
	if !ok {
		return span{}, false
	}
	name := s[key.start:key.end]
	if !key.quoted {
		name = lastSegments(name, s[k] == ':')
	}
	if isNameLabel(name) {
		return sc.named(key, k+width)
	}
	if !sc.mayBeSecret(name) {
		return span{}, false
	}
	v := sc.r.verdict(name)
	if v.str == strNone {
		return span{}, false
	}
	if v.str == strHeader {
		if sc.r.off[idHeader] {
			return span{}, false
		}
	} else if sc.r.off[idAssignment] {
		return span{}, false
	}
	after := operatorEnd(s, k+width)
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
		return isQuote(c) || c == ']' || c == ';' || isOperator(c) || c >= 0x80 || c == '\t'
	}
	end, dot := i, uint32(gramDot)
	if s[k] == ':' {
		dot = 0 // before a colon also stand classes and hosts
	}
	n, hit := gramsBefore(s[max(sc.lo, end-maxKeyBack):end], dot, sc.r.grams)
	if hit {
		return true
	}
	if i -= n; i > sc.lo && s[i-1] == '%' {
		return true
	}
	return i < end && labelEnds[s[end-1]&31] && (isTypeName(s[i:end]) || isNameLabel(s[i:end]))
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

// labelEnds are the last letters of the names that isTypeName and isNameLabel
// know.
var labelEnds = func() (t [32]bool) {
	for _, c := range "grtyed" {
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
// \u0026api_key, %26api_key.
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
	for i := 0; i < len(name); i++ {
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
var rareGrams = []string{"key", "tok", "cod", "car", "pas", "pwd", "cvv", "cvc", "jwt", "srf", "sid", "ecr", "auth", "cook", "cred", "tri", "sig", "pin"}

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

var defaultGrams = func() *[512]uint64 {
	g := new([512]uint64)
	for w := range secretWords {
		addGrams(g, w)
	}
	for w := range secretRuns {
		addGrams(g, w)
	}
	for w := range wholeKeys {
		if len(w) > 2 { // su is no key of running text
			addGrams(g, w)
		}
	}
	for _, f := range fragments {
		addGrams(g, f.text)
	}
	for _, f := range suffixes {
		addGrams(g, f.text)
	}
	return g
}()

// isNameLabel reports whether key introduces the name of something whose value
// follows: <add key="password" value="x">, name="password" in a form.
func isNameLabel(name string) bool {
	switch len(name) {
	case 3:
		return hasFold(name, "key")
	case 4:
		return hasFold(name, "name")
	case 5:
		return hasFold(name, "field")
	case 6:
		return hasFold(name, "header")
	}
	return false
}

// named handles name="password" … value="x", and a part of a multipart form,
// whose value follows an empty line. The name itself may also be the value of a
// key called key, in a query.
func (sc *scanner) named(key keySpan, i int) (span, bool) {
	s := sc.s
	v := parseValue(s, operatorEnd(s, i))
	if v.end == v.start {
		return span{}, false
	}
	name := s[v.start:v.end]
	if hasFold(s[key.start:], "key") && !v.quoted && strongRandom(name) {
		return span{v.start, v.end, idAssignment}, !sc.r.off[idAssignment]
	}
	if len(name) > maxKeyBack || !sc.mayBeSecret(name) {
		return span{}, false
	}
	if sc.r.verdict(name).str < strStructured || sc.r.off[idAssignment] {
		return span{}, false
	}
	sc.queueNamed(key, v)
	return span{}, false
}

// queueNamed queues the value that belongs to the name v.
func (sc *scanner) queueNamed(key keySpan, v value) {
	s := sc.s
	after := v.close
	if j, ok := emptyLine(s, after); ok && v.quoted && contextContains(s, key.start, 64, "form-data") {
		end := len(s)
		for _, stop := range []string{"\r\n--", "\n--", `\r\n--`, `\n--`} {
			if e := strings.Index(s[j:end], stop); e >= 0 {
				end = j + e
			}
		}
		if end > j && !isMark(s[j:]) {
			sc.queue(span{j, end, idAssignment})
		}
		return
	}
	window := s[after:min(len(s), after+48)]
	for _, label := range []string{"value", "Value", "VALUE", "val\"", "content"} {
		j := strings.Index(window, label)
		if j < 0 {
			continue
		}
		j += after + len(label)
		for j < len(s) && j < after+64 && (s[j] == '"' || s[j] == '\\' || s[j] == '\'' || isSpace(s[j])) {
			j++
		}
		if j < len(s) && (s[j] == '=' || s[j] == ':') {
			w := parseValue(s, j+1)
			if w.end > w.start && !isMark(s[w.start:]) {
				sc.queue(span{w.start, w.end, idAssignment})
			}
		}
		return
	}
}

// emptyLine finds the beginning of a multipart value: the text after the first
// empty line at most 200 bytes after i, plain or with escaped line ends.
func emptyLine(s string, i int) (int, bool) {
	window := s[i:min(len(s), i+200)]
	for _, nl := range []string{"\r\n\r\n", "\n\n", `\r\n\r\n`, `\n\n`} {
		if j := strings.Index(window, nl); j >= 0 && !strings.Contains(window[:j], "--") {
			return i + j + len(nl), true
		}
	}
	return 0, false
}
