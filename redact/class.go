package redact

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// Mark is written in place of a secret. It has no tail: not a single character
// of the secret is kept.
const Mark = "[REDACTED]"

// Class is the verdict on a key: what must happen to the value under it.
type Class uint8

const (
	// ClassKeep keeps the value; its text is still scanned.
	ClassKeep Class = iota
	// ClassSecret replaces the value by [Mark], whatever its type.
	ClassSecret
	// ClassEmail treats the value as an e-mail address, by [Config.PII].
	ClassEmail
	// ClassIP treats the value as an IP address, by [Config.PII].
	ClassIP
	// ClassCoordinate rounds the value to one decimal degree, about 11 km.
	ClassCoordinate
	// ClassLength writes the length of the value under <key>_length instead.
	ClassLength
	// ClassHost keeps the address of a machine in a private network, which is one
	// of the operator's own. A public address goes by [Config.PII], and so does
	// any other text.
	ClassHost
	// ClassMeasure keeps what a measure of a secret can be: a number, a boolean, a
	// time, nothing, and the text of a short number or a boolean. Any other value is
	// treated as under [ClassSecret].
	ClassMeasure
	// ClassNumber is ClassMeasure under the name of a code, such as a PIN: a text of
	// more than two digits may be the code.
	ClassNumber
)

// String returns the name of the class, in lower case.
func (c Class) String() string {
	switch c {
	case ClassKeep:
		return "keep"
	case ClassSecret:
		return "secret"
	case ClassEmail:
		return "email"
	case ClassIP:
		return "ip"
	case ClassCoordinate:
		return "coordinate"
	case ClassLength:
		return "length"
	case ClassHost:
		return "host"
	case ClassMeasure:
		return "measure"
	case ClassNumber:
		return "number"
	}
	return "class(" + strconv.Itoa(int(c)) + ")"
}

// Length returns what is written for a value of [ClassLength]: its length in
// characters, in decimal.
func (r *Redactor) Length(s string) string { return strconv.Itoa(utf8.RuneCountInString(s)) }

// Coordinate returns v rounded to one decimal, the precision at which a
// latitude or longitude names a town and not a house.
func Coordinate(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	return math.Round(v*10) / 10
}
