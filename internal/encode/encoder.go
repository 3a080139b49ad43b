package encode

import (
	"sync"
	"sync/atomic"

	"github.com/pairly/pairlog/redact"
)

// Limits bounds what one record may hold. Zero means the default.
type Limits struct {
	// Depth is how many objects and lists may be nested in one attr; 0 means 16.
	Depth int
	// Keys is how many members of one map, struct or group are written; 0 means 256.
	Keys int
	// Items is how many elements of one list are written; 0 means 128.
	Items int
	// String is the longest text, in bytes after redaction; 0 means 16 KiB.
	String int
	// Stack is the longest stack trace, in bytes; 0 means 16 KiB.
	Stack int
	// Line is the size, in bytes, past which no further member is begun; 0 means
	// 256 KiB.
	Line int
}

func (m Limits) withDefaults() Limits {
	def := func(n, d int) int {
		if n <= 0 {
			return d
		}
		return n
	}
	return Limits{
		Depth:  def(m.Depth, 16),
		Keys:   def(m.Keys, 256),
		Items:  def(m.Items, 128),
		String: def(m.String, 16<<10),
		Stack:  def(m.Stack, 16<<10),
		Line:   def(m.Line, 256<<10),
	}
}

// Encoder writes records for one redaction policy. It is safe for concurrent
// use: each line is built in its own [Line].
type Encoder struct {
	red    *redact.Redactor
	lim    Limits
	keys   keyTable
	events eventTable
	// verdicts is what has been learned about texts.
	verdicts verdicts
	plans    sync.Map // reflect.Type -> *plan
	lines    sync.Pool
	own      ownKeys
	// allow is set when the policy has an allow-list, so that the class of a key
	// depends on the group it is in.
	allow bool

	panics    atomic.Uint64
	truncated atomic.Uint64
}

// ownKeys are keys that the library writes by itself.
type ownKeys struct {
	errorType, errorMessage, errorCode, stackTrace, requestID, traceID, spanID *key
	errorCategory, errorCauses, breadcrumbs                                    *key
}

// Config configures an [Encoder].
type Config struct {
	// Redactor is required.
	Redactor *redact.Redactor
	// Limits bounds a record.
	Limits Limits
	// Allow says that the redactor has allow-lists by group.
	Allow bool
}

// New returns an encoder.
func New(c Config) *Encoder {
	e := &Encoder{red: c.Redactor, lim: c.Limits.withDefaults(), allow: c.Allow}
	e.verdicts.init()
	e.own = ownKeys{
		errorType:     e.ownKey("error_type"),
		errorCategory: e.ownKey("error_category"),
		errorCauses:   e.ownKey("error_causes"),
		breadcrumbs:   e.ownKey("breadcrumbs"),
		errorMessage:  e.ownKey("error_message"),
		errorCode:     e.ownKey("error_code"),
		stackTrace:    e.ownKey("stack_trace"),
		requestID:     e.ownKey("request_id"),
		traceID:       e.ownKey("trace_id"),
		spanID:        e.ownKey("span_id"),
	}
	e.lines.New = func() any {
		return &Line{e: e, buf: make([]byte, 0, 1024), segs: make([]seg, 0, 32)}
	}
	return e
}

// Redactor returns the policy that the encoder applies.
func (e *Encoder) Redactor() *redact.Redactor { return e.red }

// Faults counts values that were replaced by a mark since the start.
type Faults struct {
	// Panics is how many values panicked while they were read.
	Panics uint64
	// Truncated is how many values passed a limit and were cut.
	Truncated uint64
}

// Faults returns the counts so far.
func (e *Encoder) Faults() Faults {
	return Faults{Panics: e.panics.Load(), Truncated: e.truncated.Load()}
}

// NewLine returns an empty line from the pool. Free gives it back.
func (e *Encoder) NewLine() *Line { return e.lines.Get().(*Line) }

// maxPooled is the capacity, in bytes, above which a buffer is left to the
// garbage collector: one huge record must not pin its memory.
const maxPooled = 32 << 10

// Free gives the line back. The bytes that End returned are then invalid.
func (l *Line) Free() {
	if cap(l.buf) > maxPooled || cap(l.scratch) > maxPooled || cap(l.segs) > 512 {
		return
	}
	l.e.lines.Put(l)
}
