package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pairly/pairlog/pairly"
)

// fields reads the members of one JSON object (or of a query string) by name
// and rule, and collects every broken rule instead of stopping at the first.
// Its methods return the zero value for a member that broke its rule; nothing
// read may be used before [fields.err] returned nil. Not safe for concurrent
// use.
type fields struct {
	members map[string]json.RawMessage
	query   bool // members are texts of a query string
	spoiled bool // the body as a whole cannot be read: its members say nothing
	broken  []pairly.FieldError
}

// maxMembers is how many members an object may have; a flood of names costs
// no more than these.
const maxMembers = 64

// readBody reads r's body as one JSON object. The error is a
// [http.MaxBytesError] when the body is longer than the route allows; a body
// that is no JSON object is a broken rule of the field "body".
func readBody(r *http.Request) (*fields, error) {
	f := &fields{members: map[string]json.RawMessage{}}
	if ct := r.Header.Get("Content-Type"); ct != "" {
		mt, _, err := mime.ParseMediaType(ct)
		if err != nil || mt != "application/json" && !strings.HasSuffix(mt, "+json") {
			f.spoil("content_type", "The body must be application/json.")
			return f, nil
		}
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
			return nil, err
		}
		return nil, pairly.Errorf(pairly.EBadRequest, "body_unreadable", "The body ended before it was complete.").Wrap(err)
	}
	f.parse(raw)
	return f, nil
}

// parse splits one JSON object into its members. Names that come twice are
// rejected: parsers disagree on which one counts.
func (f *fields) parse(raw []byte) {
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = []byte("{}") // an absent body has no members; the required ones say so
	}
	if !utf8.Valid(raw) {
		f.spoil("utf8", "The body must be UTF-8.")
		return
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	tok, err := dec.Token()
	if d, ok := tok.(json.Delim); err != nil || !ok || d != '{' {
		f.spoil("json", "The body must be a JSON object.")
		return
	}
	for dec.More() {
		name, err := dec.Token()
		key, ok := name.(string)
		var value json.RawMessage
		if err != nil || !ok || dec.Decode(&value) != nil {
			f.spoil("json", "The body is not valid JSON.")
			return
		}
		if _, twice := f.members[key]; twice {
			f.reject(key, ruleDuplicate, "The field appears twice.")
		}
		if f.members[key] = value; len(f.members) > maxMembers {
			f.spoil("max_members", "The body has too many fields.")
			return
		}
	}
	if _, err := dec.Token(); err != nil {
		f.spoil("json", "The body is not valid JSON.")
		return
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		f.spoil("json", "The body must hold one JSON object and nothing after it.")
	}
}

// readQuery reads r's query string. Of a parameter that comes twice the first
// counts; unknown ones are ignored.
func readQuery(r *http.Request) *fields {
	f := &fields{members: map[string]json.RawMessage{}, query: true}
	for name, values := range r.URL.Query() {
		if len(values) > 0 && values[0] != "" {
			f.members[name] = json.RawMessage(values[0])
		}
	}
	return f
}

func (f *fields) reject(field, rule, message string) {
	if !f.spoiled {
		f.broken = append(f.broken, pairly.FieldError{Field: field, Rule: rule, Message: message})
	}
}

// spoil rejects the body as a whole; nothing else is worth saying after that.
func (f *fields) spoil(rule, message string) {
	f.broken = nil
	f.reject("body", rule, message)
	f.spoiled = true
}

// take removes the member from those that are left for [fields.err] to
// report as unknown. JSON null counts as absent.
func (f *fields) take(name string) (json.RawMessage, bool) {
	raw, ok := f.members[name]
	delete(f.members, name)
	if !ok || !f.query && string(raw) == "null" {
		return nil, false
	}
	return raw, true
}

// has reports whether the member is there, be it null, without taking it.
func (f *fields) has(name string) bool {
	_, ok := f.members[name]
	return ok
}

// null takes the member if it is null, and reports whether it was.
func (f *fields) null(name string) bool {
	if raw, ok := f.members[name]; !ok || string(raw) != "null" {
		return false
	}
	delete(f.members, name)
	return true
}

// textRule bounds a text. Zero means no bound.
type textRule struct {
	Min, Max           int  // in characters
	MinBytes, MaxBytes int  // of its UTF-8
	Lines              bool // may have tabs and line ends; other control characters none has
	Optional           bool
	Keep               bool // keep leading and trailing space
}

// text reads a text by rule; absent optional texts are "".
func (f *fields) text(name string, rule textRule) string {
	raw, ok := f.take(name)
	if !ok {
		if !rule.Optional {
			f.reject(name, "required", "This field is required.")
		}
		return ""
	}
	var s string
	if f.query {
		s = string(raw)
	} else if json.Unmarshal(raw, &s) != nil {
		f.reject(name, "type", "This field must be a text.")
		return ""
	}
	if !rule.Keep {
		s = strings.TrimSpace(s)
	}
	if s == "" && rule.Optional {
		return ""
	}
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool { return unwanted(c, rule.Lines) }):
		f.reject(name, "characters", "This field holds characters that it must not.")
	case n < rule.Min, rule.Min > 0 && !rule.Keep && !strings.ContainsFunc(s, visible):
		f.reject(name, "min_length", fmt.Sprintf("This field needs at least %d characters.", rule.Min))
	case rule.Max > 0 && n > rule.Max:
		f.reject(name, "max_length", fmt.Sprintf("This field takes at most %d characters.", rule.Max))
	case len(s) < rule.MinBytes:
		f.reject(name, "min_bytes", fmt.Sprintf("This field needs at least %d bytes.", rule.MinBytes))
	case rule.MaxBytes > 0 && len(s) > rule.MaxBytes:
		f.reject(name, "max_bytes", fmt.Sprintf("This field takes at most %d bytes.", rule.MaxBytes))
	default:
		return s
	}
	return ""
}

// unwanted refuses control characters: NUL, which PostgreSQL cannot store,
// and everything that would forge lines on somebody's terminal.
func unwanted(c rune, lines bool) bool {
	if lines && (c == '\n' || c == '\t' || c == '\r') {
		return false
	}
	if !lines && (c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069') {
		return true // turns the line around it backwards
	}
	return unicode.IsControl(c) || c == '\u2028' || c == '\u2029'
}

// visible reports whether a text that consists of c is more than blank.
func visible(c rune) bool { return unicode.IsGraphic(c) && !unicode.IsSpace(c) }

// email reads an address by RFC 5322's addr-spec, at most 254 bytes, and
// returns it in lower case.
func (f *fields) email(name string) string {
	s := f.text(name, textRule{Min: 1, MaxBytes: 254})
	if s == "" {
		return ""
	}
	if !pairly.ValidEmail(s) {
		f.reject(name, "email", "This field must be an e-mail address.")
		return ""
	}
	return strings.ToLower(s)
}

// id reads an entity id.
func (f *fields) id(name string, optional bool) string {
	s := f.text(name, textRule{Min: 1, Max: 64, Optional: optional})
	if s != "" && !pairly.ValidID(s) {
		f.reject(name, "id", "This field must be an id of 24 hexadecimal characters.")
		return ""
	}
	return s
}

// uuid reads a UUID in lower case.
func (f *fields) uuid(name string, optional bool) string {
	s := f.text(name, textRule{Min: 1, Max: 64, Optional: optional})
	if s != "" && !validUUID(s) {
		f.reject(name, "uuid", "This field must be a UUID.")
		return ""
	}
	return s
}

// validUUID reports whether s has the shape of a UUID in lower case.
func validUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') ||
			!dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// oneOf reads a text out of a list.
func (f *fields) oneOf(name string, optional bool, values ...string) string {
	s := f.text(name, textRule{Min: 1, Max: 64, Optional: optional})
	if s != "" && !slices.Contains(values, s) {
		f.reject(name, "one_of", "This field must be one of "+strings.Join(values, ", ")+".")
		return ""
	}
	return s
}

// integer reads a whole number between low and high; absent, it is def, or a
// broken rule when def is nil.
func (f *fields) integer(name string, low, high int64, def *int64) int64 {
	raw, ok := f.take(name)
	if !ok {
		if def == nil {
			f.reject(name, "required", "This field is required.")
			return 0
		}
		return *def
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	switch {
	case err != nil && errors.Is(err, strconv.ErrRange):
		f.reject(name, "range", fmt.Sprintf("This field must be between %d and %d.", low, high))
	case err != nil:
		f.reject(name, "type", "This field must be a whole number.")
	case n < low || n > high:
		f.reject(name, "range", fmt.Sprintf("This field must be between %d and %d.", low, high))
	default:
		return n
	}
	return 0
}

// boolean reads true or false.
func (f *fields) boolean(name string) bool {
	switch raw, ok := f.take(name); {
	case !ok:
		f.reject(name, "required", "This field is required.")
	case string(raw) == "true":
		return true
	case string(raw) != "false":
		f.reject(name, "type", "This field must be true or false.")
	}
	return false
}

// number reads a finite number between low and high.
func (f *fields) number(name string, low, high float64) float64 {
	raw, ok := f.take(name)
	if !ok {
		f.reject(name, "required", "This field is required.")
		return 0
	}
	var n float64
	switch err := json.Unmarshal(raw, &n); {
	case err != nil || math.IsNaN(n) || math.IsInf(n, 0):
		f.reject(name, "type", "This field must be a number.")
	case n < low || n > high:
		f.reject(name, "range", fmt.Sprintf("This field must be between %g and %g.", low, high))
	default:
		return n
	}
	return 0
}

// object reads a member that is itself an object, and reports whether it was
// there. What is broken inside is reported under "name.inner".
func (f *fields) object(name string, read func(*fields)) bool {
	raw, ok := f.take(name)
	if !ok {
		return false
	}
	inner := &fields{members: map[string]json.RawMessage{}}
	if len(raw) == 0 || raw[0] != '{' {
		f.reject(name, "type", "This field must be an object.")
		return false
	}
	inner.parse(raw)
	read(inner)
	inner.leftovers()
	for _, b := range inner.broken {
		f.reject(name+"."+b.Field, b.Rule, b.Message)
	}
	return true
}

// The rules about members that may have any name. It is the client's own
// text, so it is answered but not logged.
const (
	ruleUnknown   = "unknown"
	ruleDuplicate = "duplicate"
)

func (f *fields) leftovers() {
	if f.query || f.spoiled {
		return
	}
	names := make([]string, 0, len(f.members))
	for name := range f.members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f.reject(name, ruleUnknown, "This field is not known here.")
	}
}

// err returns a validation_failed error with every broken rule, or nil.
func (f *fields) err() error {
	f.leftovers()
	if len(f.broken) == 0 {
		return nil
	}
	e := pairly.Errorf(pairly.EInvalid, "validation_failed", "Some fields are not valid.")
	e.Fields = f.broken
	return e
}
