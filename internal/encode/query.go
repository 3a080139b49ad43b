package encode

import (
	"log/slog"
	"net/url"
	"strings"

	"github.com/pairly/pairlog/redact"
)

// Query is a raw query or form, which is written as an object of its parameters,
// so that redaction sees each name and each value. The pointer is the value:
// making one of a field does not allocate.
type Query string

// Bounds of a query. What is beyond them is counted, not logged.
const (
	maxQueryBytes = 8 << 10
	maxParams     = 32
)

// LogValue returns the parameters in their order. A name that is given more than
// once has a list; a query without parameters is an empty object.
func (q *Query) LogValue() slog.Value {
	raw := string(*q)
	left := 0
	if len(raw) > maxQueryBytes {
		left++
		raw = raw[:strings.LastIndexByte(raw[:maxQueryBytes], '&')+1]
	}
	var attrs []slog.Attr
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescape(name), unescape(value)
		if i := indexKey(attrs, name); i >= 0 {
			attrs[i].Value = appendParam(attrs[i].Value, value)
			continue
		}
		if len(attrs) == maxParams {
			left++
			continue
		}
		attrs = append(attrs, slog.String(name, value))
	}
	if code := indexKey(attrs, codeParam); code >= 0 && indexKey(attrs, "state") >= 0 {
		attrs[code].Value = slog.StringValue(redact.Mark)
	}
	if left > 0 {
		attrs = append(attrs, slog.Int(Ellipsis, left))
	}
	if len(attrs) == 0 {
		return slog.AnyValue(struct{}{}) // an empty group would vanish from the line
	}
	return slog.GroupValue(attrs...)
}

// codeParam lets in whoever has it where the query has a state too: a server of
// authorization sends both back (RFC 6749, section 4.1.2).
const codeParam = "code"

func appendParam(v slog.Value, s string) slog.Value {
	switch list, _ := v.Any().([]string); {
	case v.Kind() == slog.KindString:
		return slog.AnyValue([]string{v.String(), s})
	case len(list) < maxParams:
		return slog.AnyValue(append(list, s))
	}
	return v
}

// indexKey returns the place of key in attrs, or -1. The attrs are few.
func indexKey(attrs []slog.Attr, key string) int {
	for i := range attrs {
		if attrs[i].Key == key {
			return i
		}
	}
	return -1
}

// unescape decodes a part of a query. A part with a broken escape is returned
// as it came: it is what the client sent.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s
	}
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// maxQuick is how many parameters, and maxQuickBytes how many bytes, a query has
// at most that is written without attrs for its parameters.
const (
	maxQuick      = 8
	maxQuickBytes = 256
)

// query writes a raw query under x without making attrs of it. It reports false,
// and writes nothing, where there is more to it: escapes, a name that comes twice
// or not at all, many parameters, a name whose values are redacted.
func (l *Line) query(x *formKey, raw string) bool {
	start := len(l.buf)
	if len(raw) > maxQuickBytes || l.e.lim.Keys < maxQuick {
		return false
	}
	b := room(l.buf, keyWords*8+1)
	putWords(b[start:], &x.words)
	b[start+x.length] = '{'
	l.buf = b[:start+x.length+1]
	var names [maxQuick]*key
	n := 0
	for raw != "" {
		end, equals := paramEnd(raw)
		if end < 0 {
			l.buf = l.buf[:start]
			return false
		}
		pair := raw[:end]
		raw = raw[min(end+1, len(raw)):]
		if pair == "" {
			continue
		}
		name, value := pair, ""
		if equals >= 0 {
			name, value = pair[:equals], pair[equals+1:]
		}
		k := l.e.key(name)
		if n == len(names) || name == "" || name == codeParam || k.class != redact.ClassKeep || k.pair == redact.PairValue || contains(names[:n], k) {
			l.buf = l.buf[:start]
			return false
		}
		names[n] = k
		n++
		if k.quick {
			l.textMember(&k.words, len(k.block), value)
			continue
		}
		l.buf = append(l.buf, k.block...)
		l.text(value, redact.ClassKeep)
		l.buf = append(l.buf, ',')
	}
	l.endObject()
	l.buf = append(l.buf, ',')
	return true
}

// paramEnd returns where the first parameter of raw ends, and where in it the
// value begins: -1 where there is none. An end of -1 means that it has escapes.
func paramEnd(raw string) (end, equals int) {
	equals = -1
	for i := 0; i < len(raw); i++ {
		if !paramByte[raw[i]] {
			continue
		}
		switch raw[i] {
		case '&':
			return i, equals
		case '=':
			if equals < 0 {
				equals = i
			}
		default:
			return -1, equals
		}
	}
	return len(raw), equals
}

// paramByte says which bytes of a query have a meaning.
var paramByte = [256]bool{'&': true, '=': true, '%': true, '+': true}

func contains(keys []*key, k *key) bool {
	for _, other := range keys {
		if other.same(k) {
			return true
		}
	}
	return false
}
