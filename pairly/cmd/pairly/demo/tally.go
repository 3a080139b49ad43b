package demo

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"sync"
)

// A Tally is a log sink that counts the lines that pass it and keeps nothing
// of them but numbers, names and the request ids of errors. Its size depends
// on how many kinds of lines there are, and on the number of requests (eight
// bytes each). Safe for concurrent use.
type Tally struct {
	mu        sync.Mutex
	lines     int
	invalid   int // lines that are no JSON object; there should be none
	events    map[string]int
	audits    map[string]int
	statuses  [6]int    // by first digit of the status
	durations []float64 // of http_request, in milliseconds
	slow      int
	errors    map[string]*errorTally
	secrets   []watched
	leaks     map[string]int // by what was found
	paid      int64
	closed    bool
}

// An errorTally counts the ERROR and CRITICAL lines of one event and type.
type errorTally struct {
	count     int
	requestID string // of the newest
}

// A watched secret must not pass the Tally.
type watched struct {
	what   string
	secret []byte
}

// NewTally returns an empty Tally.
func NewTally() *Tally {
	return &Tally{
		events: map[string]int{}, audits: map[string]int{},
		errors: map[string]*errorTally{}, leaks: map[string]int{},
	}
}

// Watch has the Tally look for secret in everything that passes from now on.
// what names it in the summary. An empty secret is ignored.
func (t *Tally) Watch(what, secret string) {
	if secret == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.secrets = append(t.secrets, watched{what, []byte(secret)})
}

// Leaks returns how many lines held a watched secret, by what it was; empty
// when none did.
func (t *Tally) Leaks() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.leaks)
}

// tallied are the members of a line that a Tally reads.
type tallied struct {
	Level      string   `json:"level"`
	Logger     string   `json:"logger"`
	RequestID  string   `json:"request_id"`
	Event      string   `json:"event"`
	StatusCode int      `json:"status_code"`
	DurationMS *float64 `json:"duration_ms"`
	Slow       bool     `json:"slow"`
	ErrorType  string   `json:"error_type"`
	Action     string   `json:"action"`
	Charged    int64    `json:"credits_charged"`
}

// Write counts the lines of batch.
func (t *Tally) Write(batch []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return 0, os.ErrClosed
	}
	for line := range bytes.Lines(batch) {
		t.lines++
		for _, s := range t.secrets {
			if bytes.Contains(line, s.secret) {
				t.leaks[s.what]++
			}
		}
		var r tallied
		if err := json.Unmarshal(line, &r); err != nil {
			t.invalid++
			continue
		}
		t.count(&r)
	}
	return len(batch), nil
}

func (t *Tally) count(r *tallied) {
	if r.Logger == "audit" {
		t.audits[r.Event]++
	} else {
		t.events[r.Event]++
	}
	switch r.Event {
	case "http_request":
		if d := r.StatusCode / 100; d >= 0 && d < len(t.statuses) {
			t.statuses[d]++
		}
		// A socket's handshake is answered at once; its time says nothing.
		if r.DurationMS != nil && r.StatusCode != 101 {
			t.durations = append(t.durations, *r.DurationMS)
		}
		if r.Slow {
			t.slow++
		}
	case "ws_message_sent":
		t.paid += r.Charged
	}
	if (r.Level == "ERROR" || r.Level == "CRITICAL") && r.Event != "http_request" {
		name := r.Event
		if r.ErrorType != "" {
			name += " " + r.ErrorType
		}
		e := t.errors[name]
		if e == nil {
			e = new(errorTally)
			t.errors[name] = e
		}
		e.count++
		e.requestID = r.RequestID
	}
}

// Sync does nothing: a Tally holds nothing back.
func (t *Tally) Sync() error { return nil }

// Close ends the counting; the counts stay readable.
func (t *Tally) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	return nil
}

// String returns the sink's name.
func (t *Tally) String() string { return "demo tally" }
