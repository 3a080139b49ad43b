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

// A Finder finds the clients of requests, as one middleware does.
type Finder struct{ m *middleware }

// NewFinder returns a Finder under c.
func NewFinder(c Config) Finder { return Finder{&middleware{config: c.withDefaults()}} }

// Find returns the client's address of r.
func (f Finder) Find(r *http.Request) (ip string, viaProxy bool) { return f.m.findClient(r) }

// FindClient is Find of a new Finder.
func FindClient(c Config, r *http.Request) (ip string, viaProxy bool) { return NewFinder(c).Find(r) }

// NewID returns a new id.
func NewID() string { return newID()[0] }

// ExchangeSize is the size of an exchange, in bytes.
const ExchangeSize = unsafe.Sizeof(exchange{})
