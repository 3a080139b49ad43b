package httplog

import (
	"net/http"
	"unsafe"
)

// For the tests of package httplog_test.
var (
	ParseTraceparent = parseTraceparent
	CloseJSON        = closeJSON
)

// FullSet is the set of all optional interfaces of a ResponseWriter.
const FullSet = optionalSets - 1

// WithOptionals returns a writer on top of w that has the optional interfaces of
// a set.
func WithOptionals(w http.ResponseWriter, set int) http.ResponseWriter {
	return wraps[set]((*writer)(&exchange{m: &middleware{}, orig: new(http.Request), resp: response{under: w}}))
}

// FindClient returns the client's address of r under c.
func FindClient(c Config, r *http.Request) (ip string, viaProxy bool) {
	c = c.withDefaults()
	return c.findClient(r)
}

// NewID returns a new id.
func NewID() string { return newID()[0] }

// ExchangeSize is the size of an exchange, in bytes.
const ExchangeSize = unsafe.Sizeof(exchange{})
