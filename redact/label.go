package redact

import "strings"

// Names and values that stand apart: <add key="password" value="x">, a part of a
// form, and labels of several words, "account number: 1".

// labelWords end a label of several words, of which the words before say what it
// is the label of: account number, security code, recovery codes, password is.
var labelWords = map[string]bool{
	"key": true, "keys": true, "code": true, "codes": true, "number": true, "numbers": true, "no": true,
	"phrase": true, "is": true, "was": true, "community": true,
}

// label judges a key that is the last word of a label, with the one or two words
// before it. Running text is no data: the value must not go on like a sentence.
func (sc *scanner) label(key keySpan, k, width int) (span, bool) {
	s := sc.s
	last := s[key.start:key.end]
	name, start := "", key.start
	for range 2 {
		end := start
		for end > sc.lo && s[end-1] == ' ' && start-end < 2 {
			end--
		}
		from := end
		for from > sc.lo && end-from < maxKeyBack && nameBytes[s[from-1]] {
			from--
		}
		if end == start || from == end {
			break
		}
		name, start = s[from:key.end], from
		if len(last) <= 3 && (hasFold(last, "is") || hasFold(last, "was")) {
			name = s[from:end]
		}
		v := sc.r.verdict(name)
		if v.str < strWord || v.str == strHeader || sc.r.off[idAssignment] {
			continue
		}
		v.compound = false
		whole := keySpan{start: start, end: key.end, open: start}
		after := operatorEnd(s, k+width)
		val := parseValue(s, after)
		if val.end > val.start && !val.quoted && plainWord(s[val.start:val.end]) {
			return span{}, false
		}
		return sc.valueOf(whole, v, s[k], after)
	}
	return span{}, false
}

// constraint looks at the '=' of (a, b)=(1, 2), as databases write the columns of
// a key that is there already. When one of them is sensitive, all values go.
func (sc *scanner) constraint(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idAssignment] || k+2 >= len(s) || s[k+1] != '(' {
		return span{}, false
	}
	open := strings.LastIndexByte(s[max(sc.lo, k-200):k], '(')
	if open < 0 {
		return span{}, false
	}
	secret := false
	for _, name := range strings.Split(s[max(sc.lo, k-200)+open+1:k-1], ",") {
		secret = secret || sc.r.verdict(strings.Trim(name, ` "`)).str >= strWord
	}
	if !secret {
		return span{}, false
	}
	end := lineEnd(s[:min(len(s), k+1024)], k)
	for _, stop := range []string{") already exists", ") is not present", ")"} {
		if i := strings.Index(s[k:end], stop); i >= 0 {
			end = k + i
			break
		}
	}
	if start := k + 2; end > start && !isMark(s[start:]) {
		return span{start, end, idAssignment}, true
	}
	return span{}, false
}

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
	if strings.HasPrefix(name, "/") {
		name = name[strings.LastIndexByte(name, '/')+1:] // the path of a JSON patch
	}
	if hasFold(s[key.start:], "key") && !v.quoted && strongRandom(name) {
		return span{v.start, v.end, idAssignment}, !sc.r.off[idAssignment]
	}
	if len(name) > maxKeyBack || !sc.mayBeSecret(name) {
		return span{}, false
	}
	judged := sc.r.verdict(name)
	if judged.most() < strStructured || sc.r.off[idAssignment] {
		return span{}, false
	}
	sc.queueNamed(key, v, judged)
	return span{}, false
}

// queueNamed queues the value that belongs to the name v, on which the verdict is judged.
func (sc *scanner) queueNamed(key keySpan, v value, judged verdict) {
	s := sc.s
	queue := func(start, end int) {
		if !judged.stays(strings.TrimSpace(s[start:end])) {
			sc.queue(span{start, end, idAssignment})
		}
	}
	after := v.close
	if j, ok := emptyLine(s, after); ok && v.quoted && contextContains(s, key.start, 64, "form-data") {
		limit := min(len(s), j+maxBracketed)
		end := limit
		for _, stop := range []string{"\r\n--", "\n--", `\r\n--`, `\n--`} {
			if e := strings.Index(s[j:end], stop); e >= 0 {
				end = j + e
			}
		}
		if end == limit {
			end = wordLines(s[:limit], j) // the boundary is lost: what follows may be another text
		}
		if end > j && !isMark(s[j:]) {
			queue(j, end)
		}
		return
	}
	if after < len(s) && s[after] == '>' {
		if start, stop, ok := elementText(s, after+1); ok {
			queue(start, stop)
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
				queue(w.start, w.end)
			}
		}
		return
	}
}

// wordLines returns the end of the line of i, or of the lines after it that are a single
// word.
func wordLines(s string, i int) int {
	end := lineEnd(s, i)
	for {
		next := end
		for next < len(s) && (s[next] == '\r' || s[next] == '\n') {
			next++
		}
		stop := lineEnd(s, next)
		if next == end || stop == next || strings.ContainsAny(s[next:stop], " \t{[<") {
			return end
		}
		end = stop
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

// webKey redacts the private part of a JSON web key whose value begins at i.
func (sc *scanner) webKey(i int) (span, bool) {
	s := sc.s
	val := parseValue(s[:min(len(s), i+maxBracketed)], i)
	if sc.r.off[idAssignment] || !val.quoted || val.end-val.start < 20 {
		return span{}, false
	}
	for _, c := range []byte(s[val.start:val.end]) {
		if !nameBytes[c] {
			return span{}, false
		}
	}
	if !strings.Contains(s[max(0, i-2048):min(len(s), val.end+2048)], "kty") {
		return span{}, false
	}
	return span{val.start, val.end, idAssignment}, true
}

// privatePart reports whether key is the name of a private part of a JSON web
// key (RFC 7518, section 6).
func privatePart(key string) bool {
	switch key {
	case "d", "p", "q", "dp", "dq", "qi", "k":
		return true
	}
	return false
}
