package httplog

// parseTraceparent returns the trace and parent span ids of a traceparent
// header (W3C Trace Context, section 3.2), or two empty strings where it is
// malformed: 32 and 16 lower-case hexadecimal digits, neither all zero. A
// version after 00 may append fields; version ff is invalid.
func parseTraceparent(h string) (traceID, spanID string) {
	const size = 2 + 1 + 32 + 1 + 16 + 1 + 2
	if len(h) < size || h[2] != '-' || h[35] != '-' || h[52] != '-' {
		return "", ""
	}
	version, traceID, spanID, flags := h[0:2], h[3:35], h[36:52], h[53:55]
	if !isHex(version) || version == "ff" || !isHex(flags) {
		return "", ""
	}
	if len(h) > size && (version == "00" || h[size] != '-') {
		return "", ""
	}
	if !isHex(traceID) || !isHex(spanID) || allZero(traceID) || allZero(spanID) {
		return "", ""
	}
	return traceID, spanID
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
