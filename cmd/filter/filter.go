package filter

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/pairly/pairlog/redact"
)

// Mode says how a line is read.
type Mode uint8

const (
	// Auto takes a line for JSON when it begins like an object or an array and
	// is valid, and for text otherwise.
	Auto Mode = iota
	// JSON is Auto, and counts every line that is no JSON in [Stats.NotJSON].
	JSON
	// Text takes every line for text.
	Text
)

// Config says how to redact a stream. Redactor is required.
type Config struct {
	Redactor *redact.Redactor
	Mode     Mode
	// Workers is how many blocks are redacted at the same time; 0 means one per
	// processor.
	Workers int
	// MaxLineBytes is the longest line that is redacted; a longer one becomes
	// the mark. 0 means 16 MiB.
	MaxLineBytes int
	// BlockBytes is how much is redacted at a time; 0 means 256 KiB.
	BlockBytes int
}

// Stats counts what a stream held.
type Stats struct {
	Lines   uint64 // lines read, a last one without an end included
	Bytes   uint64 // bytes read
	NotJSON uint64 // lines that are no JSON, in mode JSON; empty lines are not counted
	TooLong uint64 // lines past MaxLineBytes, replaced by the mark
}

const (
	defaultMaxLine = 16 << 20
	defaultBlock   = 256 << 10
)

// errNoRedactor is a programming error.
var errNoRedactor = errors.New("filter: Config.Redactor is nil")

// Copy redacts src into dst until src ends, and returns what it has seen. The
// lines keep their order and their ends. On a read error everything before it
// has been written; on a write error Copy stops. It uses Config.Workers
// goroutines, all of which have ended when it returns.
//
// Lines are redacted in blocks. A src with the method Paused() bool is asked after a
// Read that returned less than there was room for: when it reports true, that no more
// will come for a moment, the whole lines at hand are redacted and written at once.
func Copy(dst io.Writer, src io.Reader, cfg Config) (Stats, error) {
	if cfg.Redactor == nil {
		return Stats{}, errNoRedactor
	}
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if cfg.MaxLineBytes <= 0 {
		cfg.MaxLineBytes = defaultMaxLine
	}
	if cfg.BlockBytes <= 0 {
		cfg.BlockBytes = defaultBlock
	}
	p := newPipeline(dst, src, cfg)
	var workers sync.WaitGroup
	for range cfg.Workers {
		workers.Go(p.work)
	}
	workers.Wait()
	p.lines.stats.Lines = p.seen.Load()
	p.lines.stats.NotJSON = p.notJSON.Load()
	return p.lines.stats, p.err
}

// worker redacts blocks, one at a time.
type worker struct {
	*pipeline
	lines   *redact.Lines
	scratch []byte
	seen    int // lines
}

// redact appends the lines of block, redacted.
func (w *worker) redact(dst, block []byte) []byte {
	// The string has the bytes of block. They do not change before redact returns:
	// the block is the worker's alone until it has signalled done. And nothing of the
	// string outlives redact: what a Redactor or its Lines keep, they clone, and a
	// rule of Config.Values may not keep its text. TestNothingIsKept, TestAnyCut under
	// the race detector and FuzzCopy hold it. A copy would cost a fifth of the time.
	in := unsafe.String(unsafe.SliceData(block), len(block))
	if w.cfg.Mode == Text {
		w.seen += strings.Count(in, "\n")
		if in[len(in)-1] != '\n' {
			w.seen++
		}
		return w.text(dst, in)
	}
	from := 0 // of the text lines that were not yet redacted
	for i := 0; i < len(in); {
		if from == i {
			var n, lines int
			dst, n, lines = w.lines.AppendKnown(dst, in[i:])
			w.seen += lines
			if i += n; i == len(in) {
				return dst
			}
			from = i
		}
		w.seen++
		end := len(in)
		if n := strings.IndexByte(in[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		line := in[i:end]
		n := lineBody(line)
		body := strings.TrimSpace(line[:n])
		if w.mayBeJSON(body) {
			var ok bool
			if dst, ok = w.document(dst, in[from:i], line[:n]); ok {
				dst = append(dst, line[n:]...)
				from = end
			} else {
				w.noJSON(body)
			}
		} else {
			w.noJSON(body)
		}
		i = end
	}
	return w.text(dst, in[from:])
}

// document appends text and doc, redacted. It reports false, and appends neither,
// when doc is no JSON.
func (w *worker) document(dst []byte, text, doc string) ([]byte, bool) {
	if text == "" {
		return w.lines.AppendDocument(dst, doc)
	}
	var ok bool
	if w.scratch, ok = w.lines.AppendDocument(w.scratch[:0], doc); !ok {
		return dst, false
	}
	return append(w.text(dst, text), w.scratch...), true
}

// mayBeJSON reports whether a line looks like JSON. In mode JSON a bare string
// or number is a document too.
func (p *pipeline) mayBeJSON(body string) bool {
	if len(body) == 0 {
		return false
	}
	switch first, last := body[0], body[len(body)-1]; first {
	case '{':
		return last == '}'
	case '[':
		return last == ']'
	case '"':
		return p.cfg.Mode == JSON && last == '"'
	default:
		return p.cfg.Mode == JSON && (first == '-' || first >= '0' && first <= '9') && last >= '0' && last <= '9'
	}
}

func (p *pipeline) noJSON(body string) {
	if p.cfg.Mode == JSON && len(body) > 0 {
		p.notJSON.Add(1)
	}
}

// lineBody returns the length of line without its end.
func lineBody(line string) int {
	n := len(line)
	if n > 0 && line[n-1] == '\n' {
		n--
	}
	if n > 0 && line[n-1] == '\r' {
		n--
	}
	return n
}

// text appends lines of text, redacted together. The end of the last line stays
// outside, so that nothing that runs to the end of the text can take it.
func (p *pipeline) text(dst []byte, lines string) []byte {
	if lines == "" {
		return dst
	}
	n := lineBody(lines)
	dst = p.cfg.Redactor.AppendLines(dst, lines[:n])
	return append(dst, lines[n:]...)
}
