package encode

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/pairly/pairlog/redact"
)

// bytes writes text as text, and what is none as base64. Base64 would hide a
// secret from every reader but the one who decodes it, so bytes with one in them
// are written as text too.
func (l *Line) bytes(b []byte, c redact.Class) {
	if b == nil {
		l.buf = append(l.buf, "null"...)
		return
	}
	if c.Measures() && len(b) > 0 {
		l.mark()
		return
	}
	if s := string(b); utf8.Valid(b) || l.e.red.Redacts(s) {
		l.text(s, c)
		return
	}
	l.text(base64.StdEncoding.EncodeToString(b), c)
}

// rawJSON writes a JSON document that somebody else has made. in is its
// surroundings: the class, and the group whose allow-list may apply.
func (l *Line) rawJSON(raw []byte, in env) {
	c := in.class
	if len(raw) == 0 {
		l.buf = append(l.buf, "null"...)
		return
	}
	switch {
	case c.Measures():
		if b := bytes.TrimLeft(raw, " \t\r\n"); len(b) > 0 && b[0] != '"' {
			if b[0] == '{' || b[0] == '[' {
				l.mark()
				return
			}
			break // a number, or nothing to be kept
		}
		fallthrough
	case c != redact.ClassKeep && c != classAllowed:
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = string(raw)
		}
		l.text(s, c)
		return
	}
	if len(raw) > l.e.lim.Line {
		l.e.truncated.Add(1)
		l.buf = append(l.buf, `"`+Ellipsis+`"`...)
		return
	}
	l.scratch = l.e.red.AppendJSONGroup(l.scratch[:0], raw, in.group)
	l.buf = appendTame(l.buf, l.scratch)
}

// appendTame appends JSON with its control characters escaped: a document of
// somebody else's may hold DEL, C1 controls and line separators as they are.
// Outside of strings only white space can occur, which is dropped.
func appendTame(dst, doc []byte) []byte {
	start := 0
	for i := 0; i < len(doc); {
		c := doc[i]
		if c >= 0x20 && c < 0x7f {
			i++
			continue
		}
		if c < 0x20 {
			dst = append(dst, doc[start:i]...)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRune(doc[i:])
		if r > 0x9f && r != 0x2028 && r != 0x2029 && !(r == utf8.RuneError && size == 1) {
			i += size
			continue
		}
		dst = append(dst, doc[start:i]...)
		dst = append(dst, '\\', 'u', hexDigits[r>>12&0xf], hexDigits[r>>8&0xf], hexDigits[r>>4&0xf], hexDigits[r&0xf])
		i += size
		start = i
	}
	return append(dst, doc[start:]...)
}

// number writes a json.Number, unless it is a card number or no number.
func (l *Line) number(s string, c redact.Class) {
	if s == "" {
		l.buf = append(l.buf, '0') // as encoding/json does
		return
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		l.int(i, c)
		return
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		l.uint(u, c)
		return
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || len(s) > l.e.lim.String || c != redact.ClassKeep && c != classAllowed && !c.Measures() || !json.Valid([]byte(s)) {
		l.text(s, c)
		return
	}
	if mark, is := l.e.red.Float(f); is {
		l.buf = appendQuoted(l.buf, mark)
		return
	}
	if l.e.red.Redacts(s) {
		l.text(s, c)
		return
	}
	l.buf = append(l.buf, s...)
}

// marshaled returns what x says it is in JSON, or false when it fails.
func marshaled(x json.Marshaler) ([]byte, bool) {
	var b []byte
	var err error
	called := foreign(func() { b, err = x.MarshalJSON() })
	return b, called && err == nil
}

// textMarshaled returns x as text, or false when it fails.
func textMarshaled(x encoding.TextMarshaler) (string, bool) {
	var b []byte
	var err error
	called := foreign(func() { b, err = x.MarshalText() })
	return string(b), called && err == nil
}
