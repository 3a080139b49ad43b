package encode

import (
	"encoding/binary"
	"log/slog"
	"math"
	"time"
)

// A copy holds attrs for later: for a line that may never be wanted, this is a
// small part of what encoding it costs. It holds no pointers, so that what it came
// from may change or go: an attr is the kind of its value, the length of its key in
// two bytes, the key, and the value; numbers are little-endian.

// maxCopy is the size of a copy, in bytes. What is larger may be more than a line
// takes, and is cut by encoding it.
const maxCopy = 2 << 10

// copiedTrue is a true boolean; a false one has its own kind. No kind of slog is as
// high.
const copiedTrue = 0xff

// copiedActive is an [ActiveID].
const copiedActive = 0xfe

// AppendCopy appends a copy of msg and the attrs of a call, which are in attrs or in
// r, to dst. It reports false where they must be encoded at once: a value is more
// than slog's own kinds tell, so that it may change, or all are too large. dst is
// returned in either case, for its memory.
func AppendCopy(dst []byte, msg string, attrs []slog.Attr, r *slog.Record) ([]byte, bool) {
	if len(msg) > maxCopy {
		return dst, false
	}
	limit := len(dst) + maxCopy
	dst = append(dst, byte(len(msg)), byte(len(msg)>>8))
	dst = append(dst, msg...)
	if r == nil {
		return appendCopies(dst, attrs, limit)
	}
	ok := false
	if front, back, known := attrsOf(r); known {
		if dst, ok = appendCopies(dst, front, limit); ok {
			dst, ok = appendCopies(dst, back, limit)
		}
		return dst, ok
	}
	r.Attrs(func(a slog.Attr) bool {
		dst, ok = appendCopies(dst, []slog.Attr{a}, limit)
		return ok
	})
	return dst, ok
}

func appendCopies(dst []byte, attrs []slog.Attr, limit int) ([]byte, bool) {
	for i := range attrs {
		a := &attrs[i]
		kind, n := a.Value.Kind(), len(a.Key)
		at := len(dst)
		if n > limit-at {
			return dst, false
		}
		dst = append(dst, byte(kind), byte(n), byte(n>>8))
		dst = append(dst, a.Key...)
		switch kind {
		case slog.KindString:
			s := a.Value.String()
			if len(s) > limit-len(dst) {
				return dst, false
			}
			dst = append(dst, byte(len(s)), byte(len(s)>>8))
			dst = append(dst, s...)
		case slog.KindInt64:
			dst = binary.LittleEndian.AppendUint64(dst, uint64(a.Value.Int64()))
		case slog.KindUint64:
			dst = binary.LittleEndian.AppendUint64(dst, a.Value.Uint64())
		case slog.KindFloat64:
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(a.Value.Float64()))
		case slog.KindDuration:
			dst = binary.LittleEndian.AppendUint64(dst, uint64(a.Value.Duration()))
		case slog.KindBool:
			if a.Value.Bool() {
				dst[at] = copiedTrue
			}
		case slog.KindTime:
			t := a.Value.Time() // is written in UTC, wherever it is from
			dst = binary.LittleEndian.AppendUint64(dst, uint64(t.Unix()))
			dst = binary.LittleEndian.AppendUint32(dst, uint32(t.Nanosecond()))
		case slog.KindLogValuer:
			id, ok := a.Value.Any().(ActiveID)
			if !ok || len(id) > limit-len(dst) {
				return dst, false
			}
			dst[at] = copiedActive
			dst = append(dst, byte(len(id)), byte(len(id)>>8))
			dst = append(dst, id...)
		case slog.KindGroup:
			members := a.Value.Group()
			dst = binary.LittleEndian.AppendUint16(dst, uint16(min(len(members), maxCopy)))
			var ok bool
			if dst, ok = appendCopies(dst, members, limit); !ok {
				return dst, false
			}
		default:
			if kind != slog.KindAny || a.Value.Any() != nil {
				return dst, false
			}
		}
	}
	return dst, len(dst) <= limit
}

// maxConstant is how many values a constant one may have in it: groups can be deep,
// and wide, and hold themselves.
const maxConstant = 256

// IsConstant reports whether v is of a kind that a copy can hold: it is the same
// whenever it is read.
func IsConstant(v slog.Value) bool {
	left := maxConstant
	return isConstant(&v, &left)
}

func isConstant(v *slog.Value, left *int) bool {
	switch v.Kind() {
	case slog.KindAny:
		return v.Any() == nil
	case slog.KindLogValuer:
		return false
	case slog.KindGroup:
		members := v.Group()
		if *left -= len(members); *left < 0 {
			return false
		}
		for i := range members {
			if !isConstant(&members[i].Value, left) {
				return false
			}
		}
	}
	return true
}

// ReadCopy returns what AppendCopy has been given. c is not kept.
func ReadCopy(c []byte) (msg string, attrs []slog.Attr) {
	r := copyReader(c)
	msg = r.text()
	for len(r) > 0 {
		attrs = append(attrs, r.attr())
	}
	return msg, attrs
}

// copyReader is what is left of a copy.
type copyReader string

func (r *copyReader) take(n int) string {
	s := (*r)[:n]
	*r = (*r)[n:]
	return string(s)
}

func (r *copyReader) uint(bytes int) uint64 {
	var n uint64
	for i, b := range []byte(r.take(bytes)) {
		n |= uint64(b) << (8 * i)
	}
	return n
}

func (r *copyReader) text() string { return r.take(int(r.uint(2))) }

func (r *copyReader) attr() slog.Attr {
	kind := r.uint(1)
	a := slog.Attr{Key: r.text()}
	switch kind {
	case copiedTrue:
		a.Value = slog.BoolValue(true)
		return a
	case copiedActive:
		a.Value = slog.AnyValue(ActiveID(r.text()))
		return a
	}
	switch slog.Kind(kind) {
	case slog.KindString:
		a.Value = slog.StringValue(r.text())
	case slog.KindInt64:
		a.Value = slog.Int64Value(int64(r.uint(8)))
	case slog.KindUint64:
		a.Value = slog.Uint64Value(r.uint(8))
	case slog.KindFloat64:
		a.Value = slog.Float64Value(math.Float64frombits(r.uint(8)))
	case slog.KindDuration:
		a.Value = slog.DurationValue(time.Duration(r.uint(8)))
	case slog.KindBool:
		a.Value = slog.BoolValue(false)
	case slog.KindTime:
		seconds := int64(r.uint(8))
		a.Value = slog.TimeValue(time.Unix(seconds, int64(r.uint(4))).UTC())
	case slog.KindGroup:
		members := make([]slog.Attr, r.uint(2))
		for i := range members {
			members[i] = r.attr()
		}
		a.Value = slog.GroupValue(members...)
	}
	return a
}
