package httplog

import (
	"log/slog"
	"net/url"
	"strings"
)

// Bounds of query_params. What is beyond them is counted, not logged.
const (
	maxQueryBytes = 8 << 10
	maxParams     = 32
)

// emptyObject is written as {}. An empty group would vanish from the line, and
// query_params and additional_context are mandatory.
var emptyObject = slog.AnyValue(struct{}{})

// nothing is written as null.
var nothing = slog.AnyValue(nil)

// object returns attrs as an object, also when there are none.
func object(attrs []slog.Attr) slog.Value {
	if len(attrs) == 0 {
		return emptyObject
	}
	return slog.GroupValue(attrs...)
}

// paramsValue returns the parameters of a raw query or form as an object, in
// their order, so that redaction sees each name and each value. A name that is
// given more than once has a list. It uses the capacity of buf first; values
// without escapes are parts of raw, so that the usual query allocates nothing.
func paramsValue(raw string, buf []slog.Attr) slog.Value {
	if raw == "" {
		return emptyObject
	}
	left := 0
	if len(raw) > maxQueryBytes {
		left++
		raw = raw[:strings.LastIndexByte(raw[:maxQueryBytes], '&')+1]
	}
	attrs := buf[:0]
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
	if left > 0 {
		attrs = append(attrs, slog.Int("…", left))
	}
	return object(attrs)
}

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
