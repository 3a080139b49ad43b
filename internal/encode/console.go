package encode

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Console turns JSON lines into lines for people. It reads what the encoder
// wrote, so that there is one path through redaction for both forms.
type Console struct{ color bool }

// NewConsole returns a formatter; color uses ANSI colours by level.
func NewConsole(color bool) *Console { return &Console{color: color} }

const (
	reset = "\x1b[0m"
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
)

// levelStyle is the colour and the aligned name of a level.
func levelStyle(level string) (color, name string) {
	switch level {
	case "DEBUG":
		return "\x1b[90m", "DEBUG   "
	case "INFO":
		return "\x1b[32m", "INFO    "
	case "WARNING":
		return "\x1b[33m", "WARNING "
	case "ERROR":
		return "\x1b[31m", "ERROR   "
	case "CRITICAL":
		return "\x1b[1;97;41m", "CRITICAL"
	}
	return "", level
}

// Append appends the text for line, one JSON record with or without its newline,
// and a newline. A line that is no record is appended as it is, with control
// characters escaped.
func (c *Console) Append(dst, line []byte) []byte {
	line = bytes.TrimRight(line, "\n")
	var rec consoleRecord
	if !rec.parse(line) {
		return append(appendPlain(dst, string(line)), '\n')
	}
	dst = c.head(dst, &rec)
	for _, m := range rec.rest {
		dst = append(dst, ' ')
		dst = c.styled(dst, dim, string(m.key)+"=")
		dst = appendConsoleValue(dst, m.value)
	}
	dst = append(dst, '\n')
	for _, s := range rec.stacks {
		dst = c.stack(dst, s)
	}
	return dst
}

// head appends time, level, logger and what happened.
func (c *Console) head(dst []byte, rec *consoleRecord) []byte {
	if rec.timestamp != "" {
		// The date is in the file; on a screen the time of day is enough.
		t := rec.timestamp
		if len(t) == len(TimeLayout) {
			t = t[len("2006-01-02T") : len(TimeLayout)-1]
		}
		dst = c.styled(dst, dim, t)
		dst = append(dst, ' ')
	}
	color, name := levelStyle(rec.level)
	dst = c.styled(dst, color, name)
	dst = append(dst, ' ')
	dst = c.styled(dst, dim, pad(rec.logger, 24))
	dst = append(dst, ' ')
	return c.styled(dst, bold, pad(rec.what, 24))
}

func pad(s string, n int) string {
	for utf8.RuneCountInString(s) < n {
		s += "                                "[:n-utf8.RuneCountInString(s)]
	}
	return s
}

func (c *Console) styled(dst []byte, style, text string) []byte {
	if !c.color || style == "" {
		return appendPlain(dst, text)
	}
	dst = append(dst, style...)
	dst = appendPlain(dst, text)
	return append(dst, reset...)
}

// stack appends a stack trace, indented, a line a line.
func (c *Console) stack(dst []byte, s string) []byte {
	for line := range bytes.SplitSeq([]byte(s), []byte("\n")) {
		dst = append(dst, "    "...)
		text := line
		if bytes.HasPrefix(line, []byte("\t")) {
			dst = append(dst, "    "...)
			text = line[1:]
		}
		dst = c.styled(dst, dim, string(text))
		dst = append(dst, '\n')
	}
	return dst
}

// consoleRecord is a record as the console shows it.
type consoleRecord struct {
	timestamp, level, logger, what string
	rest                           []consoleMember
	stacks                         []string
}

type consoleMember struct {
	key   string
	value json.RawMessage
}

// parse reads a record, keeping the order of its members.
func (r *consoleRecord) parse(line []byte) bool {
	d := json.NewDecoder(bytes.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return false
		}
		key, _ := t.(string)
		var v json.RawMessage
		if d.Decode(&v) != nil {
			return false
		}
		r.member(key, v)
	}
	_, err := d.Token()
	return err == nil
}

func (r *consoleRecord) member(key string, v json.RawMessage) {
	var s string
	isText := json.Unmarshal(v, &s) == nil && v[0] == '"'
	switch {
	case !isText:
	case key == "timestamp":
		r.timestamp = s
		return
	case key == "level":
		r.level = s
		return
	case key == "logger":
		r.logger = s
		return
	case key == "event" && r.what == "", key == "message" && r.what == "":
		r.what = s
		return
	case key == "stack_trace":
		r.stacks = append(r.stacks, s)
		return
	}
	r.rest = append(r.rest, consoleMember{key, v})
}

// appendConsoleValue appends a value: text without quotes where they are not
// needed, everything else as JSON.
func appendConsoleValue(dst []byte, v json.RawMessage) []byte {
	var s string
	if len(v) == 0 || v[0] != '"' || json.Unmarshal(v, &s) != nil {
		return append(dst, v...)
	}
	if needsQuotes(s) {
		return append(dst, v...)
	}
	return appendPlain(dst, s)
}

func needsQuotes(s string) bool {
	if s == "" {
		return true
	}
	for _, r := range s {
		if r <= ' ' || r == '"' || r == '=' || r == utf8.RuneError || isControl(r) {
			return true
		}
	}
	return false
}

// isControl reports whether r could move a terminal's cursor, change its state
// or reverse the order of what is shown.
func isControl(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == 0x2028, r == 0x2029,
		r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}

// appendPlain appends text with everything that a terminal would act on escaped.
func appendPlain(dst []byte, s string) []byte {
	for _, r := range s {
		if isControl(r) {
			dst = append(dst, '\\', 'u', hexDigits[r>>12&0xf], hexDigits[r>>8&0xf], hexDigits[r>>4&0xf], hexDigits[r&0xf])
			continue
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}
