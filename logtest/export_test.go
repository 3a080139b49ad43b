package logtest

import "github.com/pairly/pairlog/sink"

// NewMemory returns the sink of a Recorder and what it has.
func NewMemory() (sink.Sink, func() []byte) {
	m := &memory{}
	return m, func() []byte { return []byte(m.text()) }
}
