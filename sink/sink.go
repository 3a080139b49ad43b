// Package sink is where log lines end: the console, files, and whatever else
// implements [Sink].
//
//	f, err := sink.OpenFile(sink.FileConfig{Path: "/var/log/app.log"})
//	f.Write([]byte(`{"event":"started"}` + "\n"))
//	f.Close()
//
// A sink takes batches of whole lines from one goroutine. It never logs:
// what goes wrong is returned, or, where nobody waits for it, passed to the
// Report function of its configuration as an [Event].
package sink

// Sink is a destination of log lines.
//
// Write, Sync and Close are called by one goroutine at a time. A Sink that is
// also used in other ways must lock for itself.
type Sink interface {
	// Write takes a batch of whole lines, each ending in \n. It must neither
	// keep nor change batch. It returns how many bytes it has taken over: a
	// number short of len(batch) comes with an error, falls on the end of a
	// line, and the caller may offer the rest again.
	Write(batch []byte) (int, error)
	// Sync makes what was written durable as far as the destination can.
	Sync() error
	// Close writes out and releases everything. Write after Close fails.
	Close() error
	// String names the destination in reports, without credentials.
	String() string
}

// Names of the events that sinks report. The comment says which fields are
// set beside Name and Sink.
const (
	// EventDegraded: the sink works, but not as configured (Path, Err).
	EventDegraded = "log_sink_degraded"
	// EventFailed: a batch or a part of it was not written (Err).
	EventFailed = "log_sink_failed"
	// EventRetrying: the destination does not take lines at the moment; they
	// are kept and sent again (Err).
	EventRetrying = "log_sink_retrying"
	// EventMisconfigured: the same, and it looks as if it will not end before
	// somebody changes a setting, here or there (Err).
	EventMisconfigured = "log_sink_misconfigured"
	// EventResumed: the sink works again after one of these.
	EventResumed = "log_sink_resumed"
	// EventDropped: lines were given up for this sink alone (Count, Err).
	EventDropped = "log_sink_dropped"
	// EventRepaired: a torn last line was cut off or ended (Path, Count bytes).
	EventRepaired = "log_file_repaired"
	// EventRotated: a new file was begun, the old one lies aside (Path of the
	// old one, Count bytes of it).
	EventRotated = "log_rotated"
	// EventRotateFailed: the file goes on growing (Path, Err).
	EventRotateFailed = "log_rotate_failed"
	// EventArchiveFailed: a rotated file stays as it is for now (Path, Err).
	EventArchiveFailed = "log_archive_failed"
	// EventDeleted: retention deleted an archive to free space (Path, Count bytes).
	EventDeleted = "log_archive_deleted"
	// EventSpaceLow: less free space than wanted and nothing left that may
	// be deleted (Path, Count bytes free).
	EventSpaceLow = "log_space_low"
)

// Event is one thing that a sink has to say about itself.
type Event struct {
	// Name is one of the Event constants.
	Name string
	// Sink is the String of the sink.
	Sink string
	// Path is the file concerned, "" when none is.
	Path string
	// Err is the cause, nil for good news.
	Err error
	// Count is a number of lines or bytes; the Event constant says which.
	Count uint64
}
