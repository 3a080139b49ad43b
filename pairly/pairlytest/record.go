package pairlytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// An Object is a JSON object that remembers the order of its members.
type Object struct {
	Keys   []string       // in the order of the text
	Values map[string]any // string, json.Number, bool, nil, []any or *Object
}

// A Record is one parsed log line.
type Record struct {
	Object
	Raw string // the line, without its line end
}

// Parse reads one line. The error says where it is not what a log line must
// be: one JSON object in UTF-8, no member twice at any depth, nothing after
// it.
func Parse(line string) (Record, error) {
	r := Record{Raw: line}
	if !utf8.ValidString(line) {
		return r, errors.New("parse record: not UTF-8")
	}
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	v, err := parseValue(dec)
	if err != nil {
		return r, fmt.Errorf("parse record: at byte %d: %w", dec.InputOffset(), err)
	}
	o, ok := v.(*Object)
	if !ok {
		return r, errors.New("parse record: want an object")
	}
	if rest, _ := io.ReadAll(dec.Buffered()); len(bytes.TrimSpace(rest)) > 0 {
		return r, fmt.Errorf("parse record: want nothing after the object, got %q", rest)
	}
	r.Object = *o
	return r, nil
}

func parseValue(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		return parseObject(dec)
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := parseValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, err
	}
	return tok, nil
}

func parseObject(dec *json.Decoder) (*Object, error) {
	o := &Object{Values: map[string]any{}}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key := tok.(string) // the decoder accepts no other key
		if _, twice := o.Values[key]; twice {
			return nil, fmt.Errorf("member %q twice", key)
		}
		v, err := parseValue(dec)
		if err != nil {
			return nil, err
		}
		o.Keys, o.Values[key] = append(o.Keys, key), v
	}
	_, err := dec.Token()
	return o, err
}

// Has reports whether the object has a member at the path.
func (o Object) Has(path ...string) bool {
	_, ok := o.find(path)
	return ok
}

// Null reports whether the object has a member at the path, and it is null.
func (o Object) Null(path ...string) bool {
	v, ok := o.find(path)
	return ok && v == nil
}

func (o Object) find(path []string) (any, bool) {
	v, ok := o.Values[path[0]]
	if !ok || len(path) == 1 {
		return v, ok
	}
	inner, ok := v.(*Object)
	if !ok {
		return nil, false
	}
	return inner.find(path[1:])
}

// Text returns the member at the path as text: a string as it is, a number
// and a boolean as JSON writes them, and "" for null and for none.
func (o Object) Text(path ...string) string {
	v, _ := o.find(path)
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	}
	return ""
}

// Int returns the member at the path as a whole number, 0 where it is none.
func (o Object) Int(path ...string) int64 {
	v, _ := o.find(path)
	n, _ := v.(json.Number)
	i, _ := n.Int64()
	return i
}

// Event returns the name of what happened, with "A:" before it where the
// record is an audit record.
func (r Record) Event() string {
	if r.Text("logger") == "audit" {
		return "A:" + r.Text("event")
	}
	return r.Text("event")
}

// RequestID returns the id of the request that the record belongs to.
func (r Record) RequestID() string { return r.Text("request_id") }
