package redact

import (
	"errors"
	"fmt"
	"slices"
)

// PIIMode says how e-mail addresses and IP addresses are written.
type PIIMode string

const (
	// PIIMask keeps enough to group by: u***@example.com, 192.168.1.0/24.
	PIIMask PIIMode = "mask"
	// PIIFull writes them unchanged.
	PIIFull PIIMode = "full"
	// PIIHash writes a keyed hash, so that equal addresses stay equal.
	PIIHash PIIMode = "hash"
)

// PANMode says how a payment card number is written.
type PANMode string

const (
	// PANMark writes [CARD].
	PANMark PANMode = "mark"
	// PANLast4 writes [CARD ****1111].
	PANLast4 PANMode = "last4"
)

// KeyRule adds words to the key rule. The name is split into words the same
// way as a key is, so "loyaltyCard", "loyalty_card" and "Loyalty-Card" are one.
type KeyRule struct {
	// Name is the key, or the run of words inside a key, that the rule is for.
	Name string
	// Class is what happens to the value; ClassKeep makes the name a safe word
	// that wins over the default rules.
	Class Class
}

// ValueRule adds a rule for text.
type ValueRule struct {
	// Name identifies the rule in [Redactor.Counts]. Required.
	Name string
	// Find returns the byte offsets of the first secret in s, and false when
	// there is none. It must be fast, is called concurrently, must not keep s, and
	// must return 0 <= start < end <= len(s). A panic or a wrong offset costs the
	// value: it is replaced by Mark and counted.
	Find func(s string) (start, end int, ok bool)
	// Mark replaces what was found; "" means [Mark].
	Mark string
}

// Config says what a [Redactor] does. The zero value is the safe default.
type Config struct {
	// PII is the policy for e-mail and IP addresses; "" means PIIMask.
	PII PIIMode
	// PIIKey is the key of PIIHash, at least 32 bytes.
	PIIKey []byte
	// PIIKeyID names the key inside the mark, so that a rotated key can be told
	// apart; "" means "1". At most 16 letters, digits, '-' or '.'.
	PIIKeyID string
	// PAN is the form of a card number's mark; "" means PANMark.
	PAN PANMode
	// Keys are further key rules. They win over the defaults.
	Keys []KeyRule
	// Content are keys whose text is the user's own (a message, a biography):
	// the value is dropped and its length written as <key>_length. Default none.
	Content []string
	// Values are further value rules. They run after the built-in ones.
	Values []ValueRule
	// Allow lists, for a group, the only keys that are written; every other key
	// in it is ClassSecret. See [Redactor.KeyIn]. A text in the place of the group
	// is replaced whole unless it is JSON; see [Redactor.AppendStringGroup].
	Allow map[string][]string
	// Disable switches rules off, each by its own name. An unknown name is an
	// error, so that a misspelling is noticed.
	Disable []Rule
	// MaxDepth bounds nesting in JSON, in levels; 0 means 32.
	MaxDepth int
	// MaxUnescape bounds JSON inside JSON strings, in levels; 0 means 3.
	MaxUnescape int
	// MaxBytes bounds one value, in bytes; a longer one is replaced whole.
	// 0 means 16 MiB.
	MaxBytes int
}

// Limits used when Config has zero.
const (
	defaultMaxDepth    = 32
	defaultMaxUnescape = 3
	defaultMaxBytes    = 16 << 20
	minKeyBytes        = 32
)

// ErrKey is returned by [New] when PIIHash has no key of at least 32 bytes.
var ErrKey = errors.New("redact: hash mode: want a key of at least 32 bytes")

func (c Config) withDefaults() (Config, error) {
	var errs []error
	switch c.PII {
	case "":
		c.PII = PIIMask
	case PIIMask, PIIFull:
	case PIIHash:
		if len(c.PIIKey) < minKeyBytes {
			errs = append(errs, ErrKey)
			c.PII = PIIMask
		}
	default:
		errs = append(errs, fmt.Errorf("redact: PII mode %q: want full, mask or hash", c.PII))
		c.PII = PIIMask
	}
	switch c.PAN {
	case "":
		c.PAN = PANMark
	case PANMark, PANLast4:
	default:
		errs = append(errs, fmt.Errorf("redact: PAN mode %q: want mark or last4", c.PAN))
		c.PAN = PANMark
	}
	if c.PIIKeyID == "" {
		c.PIIKeyID = "1"
	}
	if !ValidKeyID(c.PIIKeyID) {
		errs = append(errs, fmt.Errorf("redact: PII key id %q: want at most 16 letters, digits, '-' or '.'", c.PIIKeyID))
		c.PIIKeyID = "1"
	}
	for _, d := range c.Disable {
		if _, ok := ruleByName(d); !ok {
			errs = append(errs, fmt.Errorf("redact: disable %q: no such rule", d))
		}
	}
	for _, v := range c.Values {
		if v.Name == "" || v.Find == nil {
			errs = append(errs, fmt.Errorf("redact: value rule %q: want a name and a Find function", v.Name))
		}
	}
	c.Values = slices.DeleteFunc(slices.Clone(c.Values), func(v ValueRule) bool { return v.Name == "" || v.Find == nil })
	if c.MaxDepth <= 0 {
		c.MaxDepth = defaultMaxDepth
	}
	if c.MaxUnescape <= 0 {
		c.MaxUnescape = defaultMaxUnescape
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = defaultMaxBytes
	}
	return c, errors.Join(errs...)
}

// ValidKeyID reports whether id may be [Config].PIIKeyID: at most 16 letters, digits, '-'
// and '.'.
func ValidKeyID(id string) bool {
	if len(id) > 16 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}
