package httplog

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/pairly/pairlog"
)

// captured is the beginning of a body, at most max bytes of it, and behind those of
// a text the cutMargin. A nil one is of a body that is not captured.
type captured struct {
	mu        sync.Mutex // for the body of a request
	truncated bool       // the body was longer than max
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
	bodyUntyped // of a response without a stated type: what it is is told by how it begins
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

// newResponseCapture is newCapture for a response, whose type net/http tells by the
// body where the handler has not set one.
func newResponseCapture(h http.Header, limit int) *captured {
	if _, typed := h["Content-Type"]; typed {
		return newCapture(h, limit)
	}
	if enc := h.Get("Content-Encoding"); enc != "" {
		return nil // net/http leaves what is compressed without a type
	}
	return &captured{kind: bodyUntyped, max: limit}
}

// sniffed returns the kind of a response without a stated type. What begins as an
// object is taken for JSON, so that redaction sees its keys: for net/http it is text.
func sniffed(data []byte) bodyKind {
	if !strings.HasPrefix(http.DetectContentType(data), "text/") {
		return bodyOther
	}
	if start := bytes.TrimLeft(data, " \t\r\n["); len(start) > 0 && start[0] == '{' {
		return bodyJSON
	}
	return bodyText
}

func (c *captured) write(p []byte)       { c.data = append(c.data, p[:c.room(len(p))]...) }
func (c *captured) writeString(s string) { c.data = append(c.data, s[:c.room(len(s))]...) }

// room makes room for n more bytes and returns how many of them fit. It grows
// the buffer itself, since append may double it beyond the limit.
func (c *captured) room(n int) int {
	c.truncated = c.truncated || n > c.max-len(c.data)
	held := c.max
	if c.kind == bodyText || c.kind == bodyUntyped {
		held += cutMargin
	}
	n = min(n, held-len(c.data))
	if need := len(c.data) + n; need > cap(c.data) {
		grown := make([]byte, len(c.data), min(held, max(need, 2*cap(c.data), 512)))
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
	kind := c.kind
	if kind == bodyUntyped {
		kind = sniffed(c.data)
	}
	switch kind {
	case bodyOther:
		return attrs
	case bodyJSON:
		doc := c.data[:min(len(c.data), c.max)]
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
		text := ""
		if c.truncated {
			text = cutText(c.data, c.max)
		} else {
			text = validText(c.data)
		}
		attrs = append(attrs, slog.String(key, text))
	}
	if c.truncated {
		attrs = append(attrs, slog.Bool(key+"_truncated", true))
	}
	return attrs
}

// captures are the beginnings of the bodies of an exchange, as far as they are
// captured.
type captures struct {
	request  *captured // guarded by its mu
	response *captured
}

// A requestBody is the exchange as the body of its request. It counts what the
// handler reads, and keeps the beginning where bodies are captured. It never reads
// ahead.
type requestBody exchange

// requestBody returns the body of the request, which has one.
func (x *exchange) requestBody() *requestBody {
	if c := x.captures(); c != nil {
		c.request = newCapture(x.orig.Header, x.m.config.MaxBodyBytes)
	}
	return (*requestBody)(x)
}

// Read reads from the body below.
func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.orig.Body.Read(p)
	b.bodySize.Add(int64(n))
	if all := (*exchange)(b).captures(); all != nil && all.request != nil {
		c := all.request
		c.mu.Lock()
		c.write(p[:n])
		c.mu.Unlock()
	}
	return n, err
}

// Close closes the body below.
func (b *requestBody) Close() error { return b.orig.Body.Close() }

// appendBodies adds what was captured of the bodies.
func (x *exchange) appendBodies(attrs []slog.Attr) []slog.Attr {
	all := x.captures()
	if all == nil {
		return attrs
	}
	if c := all.request; c != nil {
		// A copy: the record may be encoded while somebody still reads.
		c.mu.Lock()
		read := captured{truncated: c.truncated, max: c.max, kind: c.kind, data: bytes.Clone(c.data)}
		c.mu.Unlock()
		attrs = read.appendAttrs(attrs, "request_body")
	}
	return all.response.appendAttrs(attrs, "response_body")
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
