package sink

import "time"

// Standby stands in for a file that could not be opened: its lines go to another
// sink until the file can be. It is not safe for concurrent use.
type Standby struct {
	open   func() (*File, error)
	other  Sink
	report func(Event)

	file   *File // nil until it could be opened
	next   time.Time
	closed bool
}

var _ Sink = (*Standby)(nil)

// StandbyEvery is how often a Standby tries to open its file.
const StandbyEvery = time.Minute

// NewStandby returns a sink that writes to other, which it owns, and every
// minute, when there are lines, tries open. Once that succeeds it reports
// EventResumed with the file as Path and writes there for good. Report may be
// nil.
func NewStandby(open func() (*File, error), other Sink, report func(Event)) *Standby {
	if report == nil {
		report = func(Event) {}
	}
	return &Standby{open: open, other: other, report: report, next: time.Now().Add(StandbyEvery)}
}

// Write implements [Sink].
func (s *Standby) Write(batch []byte) (int, error) {
	if s.closed {
		return 0, errClosed
	}
	if s.file == nil && !time.Now().Before(s.next) {
		s.next = time.Now().Add(StandbyEvery)
		if f, err := s.open(); err == nil {
			s.file = f
			s.report(Event{Name: EventResumed, Sink: f.String(), Path: f.Path()})
		}
	}
	return s.current().Write(batch)
}

func (s *Standby) current() Sink {
	if s.file != nil {
		return s.file
	}
	return s.other
}

// Sync implements [Sink].
func (s *Standby) Sync() error {
	if s.closed {
		return errClosed
	}
	return s.current().Sync()
}

// Close implements [Sink].
func (s *Standby) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.other.Close()
	if s.file != nil {
		err = s.file.Close()
	}
	return err
}

// String returns "standby:" and the name of the sink that stands in.
func (s *Standby) String() string { return "standby:" + s.other.String() }
