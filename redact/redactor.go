package redact

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"sync/atomic"
)

// Redactor applies the rules of one [Config]. It is immutable and safe for
// concurrent use; only its counters change.
type Redactor struct {
	cfg   Config
	total atomic.Uint64
}

// Finding is what [Redactor.Check] learned about a text.
type Finding uint8

const (
	// NeedsEscape means the text has a byte that JSON must escape, or a byte
	// that is not ASCII and may be invalid UTF-8.
	NeedsEscape Finding = 1 << iota
	// Suspect means the text must go through [Redactor.AppendString].
	Suspect
)

// New returns a Redactor for cfg. With an error it still returns a Redactor, in
// which what was wrong has its default, so that logging can go on.
func New(cfg Config) (*Redactor, error) {
	cfg, err := cfg.withDefaults()
	return &Redactor{cfg: cfg}, err
}

// Key returns the class of a key. Callers cache it: keys repeat.
func (r *Redactor) Key(key string) Class {
	k := strings.ToLower(key)
	for _, w := range []string{"password", "passwd", "secret", "authorization", "cookie", "apikey", "api_key", "credential", "cvv"} {
		if strings.Contains(k, w) {
			return ClassSecret
		}
	}
	return ClassKeep
}

// Check looks at s once and says what must be done to write it.
func (r *Redactor) Check(s string) Finding {
	var f Finding
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			f |= NeedsEscape
		}
		if c == '=' || c == ':' || c >= '0' && c <= '9' {
			f |= Suspect
		}
	}
	return f
}

// AppendString appends s with everything sensitive replaced. The result is
// plain text, not escaped for JSON.
func (r *Redactor) AppendString(dst []byte, s string) []byte { return append(dst, s...) }

// AppendClass appends the text of a value that stands under a key of class c.
func (r *Redactor) AppendClass(dst []byte, c Class, s string) []byte {
	switch c {
	case ClassKeep:
		return r.AppendString(dst, s)
	default:
		r.total.Add(1)
		return append(dst, Mark...)
	}
}

// AppendJSON appends the JSON document raw with everything sensitive replaced,
// by key and by value. What it appends is always one valid JSON value: input
// that is not valid JSON becomes a string holding [Mark].
func (r *Redactor) AppendJSON(dst, raw []byte) []byte {
	if !json.Valid(raw) {
		return append(dst, `"`+Mark+`"`...)
	}
	var b bytes.Buffer
	_ = json.Compact(&b, raw)
	return append(dst, b.Bytes()...)
}

// Int returns the mark to write instead of v when v is a card number.
func (r *Redactor) Int(v int64) (mark string, redacted bool) { return "", false }

// Uint is [Redactor.Int] for unsigned numbers.
func (r *Redactor) Uint(v uint64) (mark string, redacted bool) { return "", false }

// Float is [Redactor.Int] for floating-point numbers.
func (r *Redactor) Float(v float64) (mark string, redacted bool) { return "", false }

// String returns s with everything sensitive replaced.
func (r *Redactor) String(s string) string {
	if r.Check(s)&Suspect == 0 {
		return s
	}
	return string(r.AppendString(nil, s))
}

// KeyIn is [Redactor.Key] for a key inside the named group, where an allow-list
// of [Config.Allow] may apply.
func (r *Redactor) KeyIn(group, key string) Class { return r.Key(key) }

// Length returns the length that is written for a value of ClassLength, in
// bytes.
func (r *Redactor) Length(s string) string { return strconv.Itoa(len(s)) }

// Counts returns how many redactions each rule has made so far.
func (r *Redactor) Counts() map[string]uint64 {
	return map[string]uint64{string(RuleKey): r.total.Load()}
}
