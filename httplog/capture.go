package httplog

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/pairly/pairlog"
)

// captured is the beginning of a body, at most max bytes of it. A nil one is of a
// body that is not captured.
type captured struct {
	mu        sync.Mutex // for the body of a request
	truncated bool       // the body was longer
	max       int
	kind      bodyKind
	data      []byte
}

type bodyKind uint8

const (
	bodyOther bodyKind = iota // not captured: binary, multipart, compressed, of no stated type
	bodyJSON
	bodyForm
	bodyText
)

func kindOf(h http.Header) bodyKind {
	if enc := h.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return bodyOther
	}
	mime, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	mime = strings.ToLower(strings.TrimSpace(mime))
	switch {
	case mime == "application/json", strings.HasSuffix(mime, "+json"):
		return bodyJSON
	case mime == "application/x-www-form-urlencoded":
		return bodyForm
	case mime == "text/event-stream":
		return bodyOther
	case strings.HasPrefix(mime, "text/"), mime == "application/xml", strings.HasSuffix(mime, "+xml"):
		return bodyText
	}
	return bodyOther
}

// newCapture returns nil for a body that headers say is not to be captured.
func newCapture(h http.Header, limit int) *captured {
	if kind := kindOf(h); kind != bodyOther {
		return &captured{kind: kind, max: limit}
	}
	return nil
}

func (c *captured) write(p []byte)       { c.data = append(c.data, p[:c.room(len(p))]...) }
func (c *captured) writeString(s string) { c.data = append(c.data, s[:c.room(len(s))]...) }

// room makes room for n more bytes and returns how many of them fit. It grows
// the buffer itself, since append may double it beyond the limit.
func (c *captured) room(n int) int {
	if left := c.max - len(c.data); n > left {
		n, c.truncated = left, true
	}
	if need := len(c.data) + n; need > cap(c.data) {
		grown := make([]byte, len(c.data), min(c.max, max(need, 2*cap(c.data), 512)))
		copy(grown, c.data)
		c.data = grown
	}
	return n
}

// appendAttrs appends the body under key, as an object where it is JSON or a
// form, so that redaction sees its keys.
func (c *captured) appendAttrs(attrs []slog.Attr, key string) []slog.Attr {
	if c == nil || len(c.data) == 0 {
		return attrs
	}
	switch c.kind {
	case bodyJSON:
		doc := c.data
		if c.truncated {
			doc = closeJSON(doc)
		}
		if !json.Valid(doc) {
			// What is not JSON has no keys to redact by: leave it out.
			attrs = append(attrs, slog.String(key, "[invalid JSON]"))
			break
		}
		attrs = append(attrs, slog.Any(key, json.RawMessage(doc)))
	case bodyForm:
		form := pairlog.Query(c.data)
		if c.truncated {
			form = form[:strings.LastIndexByte(string(form), '&')+1]
		}
		attrs = append(attrs, slog.Attr{Key: key, Value: form.LogValue()})
	case bodyText:
		attrs = append(attrs, slog.String(key, cutText(c.data, c.truncated)))
	}
	if c.truncated {
		attrs = append(attrs, slog.Bool(key+"_truncated", true))
	}
	return attrs
}

// cutText cuts a truncated text behind a space, so that no word, and no
// character, is shown in part: half a secret is not recognised as one.
func cutText(data []byte, truncated bool) string {
	if truncated {
		i := len(data)
		for i > 0 && data[i-1] != ' ' && data[i-1] != '\n' && data[i-1] != '\t' {
			i--
		}
		data = data[:i]
	}
	if !utf8.Valid(data) {
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	return string(data)
}

// A requestBody counts what the handler reads of the request's body, and keeps
// its beginning where bodies are captured. It never reads ahead.
type requestBody struct {
	rc      io.ReadCloser
	size    atomic.Int64 // a proxying handler reads in another goroutine
	capture *captured    // guarded by its mu
}

func (b *requestBody) open(x *exchange, rc io.ReadCloser) {
	b.rc = rc
	if c := &x.m.config; c.Bodies != CaptureOff {
		b.capture = newCapture(x.orig.Header, c.MaxBodyBytes)
	}
}

// Read reads from the body below.
func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.rc.Read(p)
	b.size.Add(int64(n))
	if b.capture != nil {
		b.capture.mu.Lock()
		b.capture.write(p[:n])
		b.capture.mu.Unlock()
	}
	return n, err
}

// Close closes the body below.
func (b *requestBody) Close() error { return b.rc.Close() }

func (b *requestBody) appendAttrs(attrs []slog.Attr) []slog.Attr {
	if b.capture == nil {
		return attrs
	}
	b.capture.mu.Lock()
	defer b.capture.mu.Unlock()
	// A copy: the record may be encoded while somebody still reads.
	c := captured{truncated: b.capture.truncated, kind: b.capture.kind, data: bytes.Clone(b.capture.data)}
	return c.appendAttrs(attrs, "request_body")
}

// headersValue returns the captured request headers as an object.
func (x *exchange) headersValue() slog.Value {
	var attrs []slog.Attr
	for _, name := range x.m.config.HeaderNames {
		switch values := x.orig.Header[name]; len(values) {
		case 0:
		case 1:
			attrs = append(attrs, slog.String(name, values[0]))
		default:
			attrs = append(attrs, slog.Any(name, values[:min(len(values), 20)]))
		}
	}
	return object(attrs)
}
