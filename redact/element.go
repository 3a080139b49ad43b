package redact

import "strings"

// element redacts the text of an XML element with a sensitive name: '>' at k.
func (sc *scanner) element(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idAssignment] || k == 0 || k+1 >= len(s) || s[k-1] == '=' || s[k-1] == '/' {
		return span{}, false
	}
	if s[k-1] == '-' {
		return sc.arrow(k - 1)
	}
	open := k - 1
	floor := max(sc.lo, k-maxKeyBack)
	for open >= floor && s[open] != '<' && s[open] != '>' && s[open] != '\n' {
		open--
	}
	if open < floor || s[open] != '<' {
		return span{}, false
	}
	tag := s[open+1 : k]
	if tag == "" || !isLetter(tag[0]) && tag[0] != '_' {
		return span{}, false
	}
	if i := strings.IndexAny(tag, " \t"); i >= 0 {
		tag = tag[:i]
	}
	if !sc.mayBeSecret(tag) {
		return span{}, false
	}
	v := sc.r.verdict(tag)
	if v.most() < strStructured {
		return span{}, false
	}
	start, stop, ok := elementText(s, k+1)
	if ok && v.stays(s[start:stop]) {
		return span{}, false
	}
	if ok && strings.IndexByte(s[start:stop], '\n') >= 0 && !closesElement(s, stop, tag) {
		// The end of another element: this one has none.
		stop = trimRight(s, start, lineEnd(s, start))
		ok = start < stop
	}
	return span{start, stop, idAssignment}, ok
}

// closesElement reports whether the end tag of the element named tag is the next after i.
func closesElement(s string, i int, tag string) bool {
	n := strings.IndexByte(s[i:], '<')
	return n >= 0 && strings.HasPrefix(s[i+n:], "</") && strings.HasPrefix(s[i+n+2:], tag) || strings.HasPrefix(s[i:], "]]>")
}

// elementText returns the text of the element whose start tag ends before i,
// without white space and without the frame of a CDATA section.
func elementText(s string, i int) (start, stop int, ok bool) {
	start = i
	for start < len(s) && (isSpace(s[start]) || s[start] == '\n' || s[start] == '\r') {
		start++
	}
	const frame = "<![CDATA["
	if strings.HasPrefix(s[start:], frame) {
		start += len(frame)
		stop = strings.Index(s[start:min(len(s), start+maxBracketed)], "]]>")
	} else if stop = strings.IndexByte(s[start:], '<'); stop >= 0 && !strings.HasPrefix(s[start+stop:], "</") {
		return 0, 0, false
	}
	if stop < 0 {
		return 0, 0, false
	}
	stop = trimRight(s, start, start+stop)
	return start, stop, start < stop && !isMark(s[start:]) && !trivial(s[start:stop])
}

// escapedElement is element for tags that begin with open and end with shut, which is
// at k: \u003e, which HTML-safe JSON makes of '>', and the entities of XML in XML.
func (sc *scanner) escapedElement(k int, open, shut string) (span, bool) {
	s := sc.s
	window := s[max(sc.lo, k-maxKeyBack):k]
	i := strings.LastIndex(window, open)
	if sc.r.off[idAssignment] || i < 0 {
		return span{}, false
	}
	tag, _, _ := strings.Cut(window[i+len(open):], " ")
	if tag == "" || !isLetter(tag[0]) || !sc.mayBeSecret(tag) {
		return span{}, false
	}
	v := sc.r.verdict(tag)
	if v.most() < strStructured {
		return span{}, false
	}
	start := k + len(shut)
	n := strings.Index(s[start:min(len(s), start+maxBracketed)], open)
	if n <= 0 || !strings.HasPrefix(s[start+n+len(open):], "/") && !strings.HasPrefix(s[start+n+len(open):], "%2") && !strings.HasPrefix(s[start+n+len(open):], `\u002f`) || isMark(s[start:]) || trivial(strings.TrimSpace(s[start:start+n])) || v.stays(s[start:start+n]) {
		return span{}, false
	}
	return span{start, start + n, idAssignment}, true
}

// entityElement is element for the &gt; or &amp;gt; at k.
func (sc *scanner) entityElement(k int) (span, bool) {
	switch s := sc.s[k:]; {
	case strings.HasPrefix(s, "&gt;"):
		return sc.escapedElement(k, "&lt;", "&gt;")
	case strings.HasPrefix(s, "&amp;gt;"):
		return sc.escapedElement(k, "&amp;lt;", "&amp;gt;")
	}
	return span{}, false
}
