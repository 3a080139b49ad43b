package pairlog

import (
	"sync/atomic"

	"github.com/pairly/pairlog/internal/encode"
)

// Stats is what a pipeline has done since [Open]. Counts are of records unless
// said otherwise.
type Stats struct {
	// Emitted counts what the queue accepted.
	Emitted uint64
	// Written counts what the sinks have taken over, and Pending what is still in
	// the queue.
	Written, Pending uint64
	// Sampled counts what SampleRates left out on purpose.
	Sampled uint64
	// Dropped counts what was wanted and lost because the queue was full, by the
	// name of its level; levels without losses are missing.
	Dropped map[string]uint64
	// SinkDropped counts lines that one sink has lost, by the sink's name; the
	// others have them.
	SinkDropped map[string]uint64
	// SinkErrors counts failed attempts to write a batch; it is tried again.
	SinkErrors uint64
	// Recovered counts what was taken over from a run that did not end well, and
	// Torn what was damaged in it.
	Recovered, Torn uint64
	// Recorded counts what the flight recorders took, and RecorderEvicted what
	// they let go for want of room.
	Recorded, RecorderEvicted uint64
	// Redacted counts redactions, by the name of the rule. Lines that a flight
	// recorder holds are redacted when they are written.
	Redacted map[string]uint64
	// Truncated counts values that passed a limit, and Panics values that
	// panicked while they were read.
	Truncated, Panics uint64
	// Blocked counts calls that had to wait for room in the queue.
	Blocked uint64
	// QueueFile is the mapped file of the queue, "" when it is in memory.
	QueueFile string
}

// DroppedTotal returns the sum over all levels.
func (s Stats) DroppedTotal() uint64 {
	var n uint64
	for _, d := range s.Dropped {
		n += d
	}
	return n
}

// counts are the counters that no other part keeps.
type counts struct {
	sampled, recorded, recorderEvicted atomic.Uint64
}

// Stats returns the counts so far.
func (p *Pipeline) Stats() Stats {
	q := p.queue.Stats()
	s := Stats{
		Emitted: q.Appended, Written: q.Drained, Pending: q.Pending,
		Sampled: p.counts.sampled.Load(), Dropped: map[string]uint64{},
		SinkDropped: map[string]uint64{}, SinkErrors: q.DrainErrors,
		Recovered: q.Recovered, Torn: q.Torn,
		Recorded: p.counts.recorded.Load(), RecorderEvicted: p.counts.recorderEvicted.Load(),
		Redacted: map[string]uint64{}, Blocked: q.Blocked, QueueFile: q.Path,
	}
	for i, n := range q.Dropped {
		if n > 0 {
			s.Dropped[levelNames[i]] = n
		}
	}
	for name, n := range p.sinks.Dropped() {
		if n > 0 {
			s.SinkDropped[name] = n
		}
	}
	s.add(p.enc)
	for _, e := range p.byLogger {
		s.add(e)
	}
	return s
}

// levelNames are in the order of queue.LevelCount.
var levelNames = [5]string{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}

func (s *Stats) add(e *encode.Encoder) {
	for rule, n := range e.Redactor().Counts() {
		if n > 0 {
			s.Redacted[rule] += n
		}
	}
	f := e.Faults()
	s.Truncated += f.Truncated
	s.Panics += f.Panics
}
