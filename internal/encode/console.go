package encode

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Console turns JSON lines into lines for people. It reads what the encoder
// wrote, so that there is one path through redaction for both forms. It is safe
// for concurrent use.
type Console struct{ color bool }

// NewConsole returns a formatter; color uses ANSI colours by level.
func NewConsole(color bool) *Console { return &Console{color: color} }

// Widths of the columns, in characters. What is longer pushes the rest aside.
const (
	loggerWidth = 22
	eventWidth  = 22
)

const (
	reset = "\x1b[0m"
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
	red   = "\x1b[31m"
)

// levelStyle is the colour of a level.
func levelStyle(level string) string {
	switch level {
	case "DEBUG":
		return "\x1b[90m"
	case "INFO":
		return "\x1b[32m"
	case "WARNING":
		return "\x1b[33m"
	case "ERROR":
		return red
	case "CRITICAL":
		return "\x1b[1;97;41m"
	}
	return ""
}

// Append appends the text for line, one JSON record with or without its newline,
// and a newline. A line that is no record is appended as it is, with control
// characters escaped.
//
//	10:30:45.123 INFO     api.request            http_request           method=GET status_code=200
func (c *Console) Append(dst, line []byte) []byte {
	line = bytes.TrimRight(line, "\r\n")
	rec := consoleRecord{color: c.color}
	if !scanMembers(line, rec.member) {
		return append(appendTamed(dst, string(line)), '\n')
	}
	if len(rec.timestamp) == len(TimeLayout) {
		// The date is in the file; on a screen the time of day is enough.
		rec.timestamp = rec.timestamp[len("2006-01-02T") : len(TimeLayout)-1]
	}
	if rec.timestamp != "" {
		dst = c.styled(dst, dim, rec.timestamp, 0)
		dst = append(dst, ' ')
	}
	dst = c.styled(dst, levelStyle(rec.level), rec.level, len("CRITICAL"))
	dst = append(dst, ' ')
	dst = c.styled(dst, dim, rec.logger, loggerWidth)
	dst = append(dst, ' ')
	width := eventWidth
	if len(rec.rest) == 0 {
		width = 0
	}
	dst = c.styled(dst, bold, rec.what, width)
	dst = append(dst, rec.rest...)
	dst = append(dst, '\n')
	for _, s := range rec.stacks {
		dst = c.stack(dst, s)
	}
	return dst
}

// styled appends text in a style, padded with spaces to width characters.
func (c *Console) styled(dst []byte, style, text string, width int) []byte {
	if c.color && style != "" && text != "" {
		dst = append(dst, style...)
		dst = appendTamed(dst, text)
		dst = append(dst, reset...)
	} else {
		dst = appendTamed(dst, text)
	}
	for n := utf8.RuneCountInString(text); n < width; n++ {
		dst = append(dst, ' ')
	}
	return dst
}

// stack appends a stack trace, indented, a line a line.
func (c *Console) stack(dst []byte, s string) []byte {
	for line := range strings.SplitSeq(s, "\n") {
		dst = append(dst, "    "...)
		if text, deeper := strings.CutPrefix(line, "\t"); deeper {
			dst = append(dst, "    "...)
			dst = c.styled(dst, dim, text, 0)
		} else {
			dst = c.styled(dst, "", line, 0)
		}
		dst = append(dst, '\n')
	}
	return dst
}

// consoleRecord collects a record as the console shows it.
type consoleRecord struct {
	color                          bool
	timestamp, level, logger, what string
	// rest is ` key=value` for every other member.
	rest   []byte
	stacks []string
}

// member takes the next member of the record.
func (r *consoleRecord) member(key string, v []byte) {
	text := len(v) >= 2 && v[0] == '"'
	switch {
	case !text:
	case key == "timestamp" && r.timestamp == "":
		r.timestamp = unquote(v)
		return
	case key == "level" && r.level == "":
		r.level = unquote(v)
		return
	case key == "logger" && r.logger == "":
		r.logger = unquote(v)
		return
	case r.what == "" && (key == "event" || key == "message"):
		r.what = unquote(v)
		return
	case key == "stack_trace" && len(v) > 2:
		r.stacks = append(r.stacks, unquote(v))
		return
	}
	style := dim
	if strings.HasPrefix(key, "error") && string(v) != "null" {
		style = red
	}
	r.rest = append(r.rest, ' ')
	if r.color {
		r.rest = append(r.rest, style...)
	}
	r.rest = appendTamed(r.rest, key)
	r.rest = append(r.rest, '=')
	if r.color {
		r.rest = append(r.rest, reset...)
	}
	if text {
		if s := unquote(v); !needsQuotes(s) {
			r.rest = append(r.rest, s...)
			return
		}
	}
	r.rest = appendTamed(r.rest, string(v))
}

// needsQuotes reports whether a text would be unclear, or not harmless, without
// quotes.
func needsQuotes(s string) bool {
	for _, r := range s {
		if r <= ' ' || r == '"' || r == '=' || r == utf8.RuneError || isControl(r) {
			return true
		}
	}
	return s == ""
}

// isControl reports whether r could move a terminal's cursor, change its state
// or reverse the order of what is shown (Unicode's bidirectional controls).
func isControl(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == 0x61c, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e,
		r >= 0x2060 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}

// appendTamed appends text with everything that a terminal would act on escaped.
func appendTamed(dst []byte, s string) []byte {
	start := 0
	for i, r := range s {
		if !isControl(r) && (r != utf8.RuneError || validAt(s, i)) {
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = append(dst, '\\', 'u', hexDigits[r>>12&0xf], hexDigits[r>>8&0xf], hexDigits[r>>4&0xf], hexDigits[r&0xf])
		_, size := utf8.DecodeRuneInString(s[i:])
		start = i + size
	}
	return append(dst, s[start:]...)
}

// validAt reports whether the replacement character at i was written by somebody,
// and does not stand for an invalid byte.
func validAt(s string, i int) bool {
	_, size := utf8.DecodeRuneInString(s[i:])
	return size > 1
}
