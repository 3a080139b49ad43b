package encode

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// ConsoleConfig says where the text of a [Console] is read.
type ConsoleConfig struct {
	// Color uses ANSI colours, by level and by kind of value.
	Color bool
	// Width returns the width of the terminal in columns, each time a line is
	// written. With nil, or where it returns less than 60, a record is one line
	// with all its members, as pipes and programs want it. It must be safe for
	// concurrent use.
	Width func() int
}

// Console turns JSON lines into lines for people. It reads what the encoder
// wrote, so that there is one path through redaction for both forms. It is safe
// for concurrent use.
type Console struct {
	color bool
	width func() int
}

// NewConsole returns a formatter.
func NewConsole(c ConsoleConfig) *Console {
	if c.Width == nil {
		c.Width = func() int { return 0 }
	}
	return &Console{color: c.Color, width: c.Width}
}

// Widths of the columns, in characters. What is longer pushes the rest aside.
const (
	levelWidth  = 5
	loggerWidth = 19
	eventWidth  = 21
)

// narrowest is the width in columns below which nothing is laid out.
const narrowest = 60

const (
	reset   = "\x1b[0m"
	bold    = "\x1b[1m"
	dim     = "\x1b[2m"
	red     = "\x1b[31m"
	green   = "\x1b[32m"
	yellow  = "\x1b[33m"
	cyan    = "\x1b[36m"
	gray    = "\x1b[90m"
	warning = "\x1b[1;33m"
	failure = "\x1b[1;31m"
	alarm   = "\x1b[1;97;41m"
)

// levelText returns a level as the console shows it, its colour, and that of the
// event of such a record.
func levelText(level string) (text, color, event string) {
	switch level {
	case "DEBUG":
		return level, gray, gray
	case "INFO":
		return level, green, bold
	case "WARNING":
		return "WARN", yellow, warning
	case "ERROR":
		return level, red, failure
	case "CRITICAL":
		return "CRIT", alarm, failure
	}
	return level, "", bold
}

// Append appends the text for line, one JSON record with or without its newline,
// and a newline. A line that is no record is appended as it is, with control
// characters escaped. The members of groups have dotted keys.
//
//	10:30:45.123 INFO  service.credits     credits_spent         request_id=550e8400-e29b-41d4-a716-446655440000 user_id=507f amount=5
//
// On a terminal it is laid out for eyes. Further rows begin under the event. What
// says nothing (null, "", {}) is left out. Of ids the last six characters are
// shown, those of the request's id at the right edge, in a colour of its own. A
// request begins with its outcome, and its technicalities, such as its sizes and
// the client's user agent, are only counted (+7) unless it went wrong. A text ends
// where its row does, but for errors and CRITICAL and ERROR records, of which
// nothing is cut:
//
//	10:30:45.123 INFO  api.request         http_request 200 GET /api/credits/balance 1.45ms  +7 440000
//	                                       client_ip=192.0.2.0/24 user_id=507f db.count=3 db.ms=0.83
func (c *Console) Append(dst, line []byte) []byte {
	line = bytes.TrimRight(line, "\r\n")
	var rec consoleRecord
	if !scanMembers(line, rec.member) {
		return append(appendTamed(dst, string(line)), '\n')
	}
	r := rows{dst: dst, color: c.color}
	level, levelColor, eventColor := levelText(rec.level)
	if rec.timestamp != "" {
		r.text(dim, timeOfDay(rec.timestamp))
		r.space()
	}
	r.column(levelColor, level, levelWidth)
	r.column(dim, rec.logger, loggerWidth)
	if width := c.width(); width >= narrowest {
		r.layOut(&rec, eventColor, width)
	} else {
		r.text(eventColor, rec.what)
		r.plain(&rec, eventWidth)
	}
	r.dst = append(r.dst, '\n')
	for _, s := range rec.stacks {
		r.stack(s)
	}
	return r.dst
}

// timeOfDay returns a timestamp without its date, which is in the file; on a
// screen the time of day is enough.
func timeOfDay(timestamp string) string {
	if len(timestamp) != len(TimeLayout) {
		return timestamp
	}
	return timestamp[len("2006-01-02T") : len(TimeLayout)-1]
}

// rows writes text and knows the column it has come to.
type rows struct {
	dst   []byte
	color bool
	col   int
}

// text writes s in a style.
func (r *rows) text(style, s string) {
	if s == "" {
		return
	}
	if r.color && style != "" {
		r.dst = append(r.dst, style...)
	}
	s = tame(s)
	r.dst = append(r.dst, s...)
	r.col += columns(s)
	if r.color && style != "" {
		r.dst = append(r.dst, reset...)
	}
}

func (r *rows) space() {
	r.dst = append(r.dst, ' ')
	r.col++
}

// column writes s and at least one space, up to the end of its column.
func (r *rows) column(style, s string, width int) {
	end := r.col + width
	r.text(style, s)
	for r.space(); r.col <= end; {
		r.space()
	}
}

// plain writes every field of the record behind its event, on the same row.
func (r *rows) plain(rec *consoleRecord, width int) {
	if len(rec.fields) == 0 {
		return
	}
	for n := utf8.RuneCountInString(rec.what); n < width; n++ {
		r.space()
	}
	for i := range rec.fields {
		f := &rec.fields[i]
		r.space()
		r.text(f.style(), f.key+"=")
		r.text("", f.String())
	}
}

// stack writes a stack trace, indented, a line a line.
func (r *rows) stack(s string) {
	for line := range strings.SplitSeq(s, "\n") {
		r.dst = append(r.dst, "    "...)
		if text, deeper := strings.CutPrefix(line, "\t"); deeper {
			r.dst = append(r.dst, "    "...)
			r.text(dim, text)
		} else {
			r.text("", line)
		}
		r.dst = append(r.dst, '\n')
	}
}
