package logtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Record is one line, read back.
type Record struct {
	// Line is the line as written, without its newline.
	Line string
	// Keys are the keys of the root in the order in which they stand there.
	Keys []string

	attrs map[string]any
}

// parse reads a line; numbers stay json.Number, so that none loses digits.
func parse(line []byte) (Record, error) {
	r := Record{Line: string(bytes.TrimRight(line, "\n"))}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&r.attrs); err != nil {
		return r, fmt.Errorf("parse line %q: %w", line, err)
	}
	keys, err := rootKeys(line)
	if err != nil {
		return r, fmt.Errorf("parse line %q: %w", line, err)
	}
	r.Keys = keys
	return r, nil
}

func rootKeys(line []byte) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var keys []string
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, ok := t.(string)
		if !ok {
			return nil, fmt.Errorf("want a key, got %v", t)
		}
		keys = append(keys, key)
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil && err != io.EOF {
		return nil, err
	}
	return keys, nil
}

// Event returns the event, "" when the line has a message instead.
func (r Record) Event() string { return r.String("event") }

// Message returns the text, "" when the line has an event instead.
func (r Record) Message() string { return r.String("message") }

// Level returns the name of the level.
func (r Record) Level() string { return r.String("level") }

// Logger returns the name of the logger.
func (r Record) Logger() string { return r.String("logger") }

// RequestID returns the id of the request, "" when there is none.
func (r Record) RequestID() string { return r.String("request_id") }

// Time returns the timestamp, the zero time when there is none.
func (r Record) Time() time.Time {
	t, _ := time.Parse(time.RFC3339Nano, r.String("timestamp"))
	return t
}

// Value returns what stands at a path of keys, and whether there is anything. It
// is nil, bool, string, json.Number, []any or map[string]any.
func (r Record) Value(path ...string) (any, bool) {
	var v any = r.attrs
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = m[key]; !ok {
			return nil, false
		}
	}
	return v, true
}

// Has reports whether there is anything at the path, null included.
func (r Record) Has(path ...string) bool {
	_, ok := r.Value(path...)
	return ok
}

// String returns the text at the path, "" when there is something else or nothing.
func (r Record) String(path ...string) string {
	v, _ := r.Value(path...)
	s, _ := v.(string)
	return s
}

// Bool returns the boolean at the path, false when there is something else or
// nothing.
func (r Record) Bool(path ...string) bool {
	v, _ := r.Value(path...)
	b, _ := v.(bool)
	return b
}

// Int returns the whole number at the path, 0 when there is something else or
// nothing.
func (r Record) Int(path ...string) int64 {
	v, _ := r.Value(path...)
	n, _ := v.(json.Number)
	i, _ := n.Int64()
	return i
}

// Float returns the number at the path, 0 when there is something else or nothing.
func (r Record) Float(path ...string) float64 {
	v, _ := r.Value(path...)
	n, _ := v.(json.Number)
	f, _ := n.Float64()
	return f
}

// Attrs returns a copy of the root.
func (r Record) Attrs() map[string]any {
	m := make(map[string]any, len(r.attrs))
	for k, v := range r.attrs {
		m[k] = v
	}
	return m
}
