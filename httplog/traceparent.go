package httplog

import (
	"context"
	"net/http"
	"strings"

	"github.com/pairly/pairlog"
)

// parseTraceparent returns the trace and parent span ids and the flags of a
// traceparent header (W3C Trace Context, section 3.2), or empty strings where it is
// malformed: 32 and 16 lower-case hexadecimal digits, neither all zero. A
// version after 00 may append fields; version ff is invalid.
func parseTraceparent(h string) (traceID, spanID string, flags traceFlags) {
	const size = 2 + 1 + 32 + 1 + 16 + 1 + 2
	if len(h) < size || h[2] != '-' || h[35] != '-' || h[52] != '-' {
		return "", "", 0
	}
	version, traceID, spanID, bits := h[0:2], h[3:35], h[36:52], h[53:55]
	if !isHex(version) || version == "ff" || !isHex(bits) {
		return "", "", 0
	}
	if len(h) > size && (version == "00" || h[size] != '-') {
		return "", "", 0
	}
	if !isHex(traceID) || !isHex(spanID) || allZero(traceID) || allZero(spanID) {
		return "", "", 0
	}
	return traceID, spanID, traceFlags(strings.IndexByte(hexDigits, bits[1])) & knownFlags
}

// traceFlags are those of a traceparent header.
type traceFlags uint8

// knownFlags are the flags sampled and random-trace-id. Others are not passed on
// (section 3.2.2.5 of W3C Trace Context, level 2).
const knownFlags traceFlags = 1 | 2

const hexDigits = "0123456789abcdef"

// maxTracestate is the length of a tracestate header, in bytes, up to which it is
// passed on: what section 3.3.1.5 asks for at least.
const maxTracestate = 512

// adoptTrace reads the traceparent header h and puts its ids into ids where there
// are none. Where there are, from a span that goes on with the same trace, the
// flags and the tracestate count all the same.
func (x *exchange) adoptTrace(h string, ids *pairlog.ScopeConfig) {
	traceID, spanID, flags := parseTraceparent(h)
	switch ids.TraceID {
	case "":
		ids.TraceID, ids.SpanID = traceID, spanID
	case traceID:
	default:
		return
	}
	x.traceFlags = flags
	if state := x.orig.Header["Tracestate"]; len(state) > 0 && traceID != "" {
		if all := joined(state); all != "" {
			x.note(func(s *aside) { s.tracestate = all })
		}
	}
}

// joined returns the value of a header that may be there several times, or nothing
// where it is too long to be passed on.
func joined(h []string) string {
	all := h[0]
	if len(h) > 1 {
		all = strings.Join(h, ",")
	}
	if len(all) > maxTracestate {
		return ""
	}
	return all
}

// traceHeaders returns the traceparent and tracestate headers of a call within
// ctx, whose scope is s, or two empty strings where there is no trace. Whether the
// trace is sampled was decided by whoever sent the request: the decision goes on as
// it came. A trace that came otherwise is one that nobody here has decided on.
func traceHeaders(ctx context.Context, s *pairlog.Scope) (traceparent, tracestate string) {
	traceID, spanID := s.TraceID(), s.SpanID()
	if traceID == "" || spanID == "" {
		return "", ""
	}
	var flags traceFlags
	if x := exchangeFrom(ctx); x != nil && x.scope.TraceID() == traceID {
		flags = x.traceFlags
		if s := x.aside.Load(); s != nil {
			tracestate = s.tracestate
		}
	}
	return "00-" + traceID + "-" + spanID + "-0" + hexDigits[flags:flags+1], tracestate
}

// setTrace adds the headers of a trace to those of a call, unless there are some.
func setTrace(h http.Header, traceparent, tracestate string) {
	if traceparent == "" || h.Get("Traceparent") != "" {
		return
	}
	h.Set("Traceparent", traceparent)
	if tracestate != "" {
		h.Set("Tracestate", tracestate)
	}
}

func isHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func allZero(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '0' {
			return false
		}
	}
	return true
}
