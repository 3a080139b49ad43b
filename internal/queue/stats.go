package queue

import "log/slog"

// LevelCount is a number of records for each of the five levels, in the order
// DEBUG, INFO, WARNING, ERROR, CRITICAL. A level between two of them counts
// as the lower.
type LevelCount [5]uint64

// Total returns the sum over all levels.
func (c LevelCount) Total() uint64 {
	var n uint64
	for _, v := range c {
		n += v
	}
	return n
}

// levelIndex is the place of a level in a LevelCount.
func levelIndex(l slog.Level) int {
	switch {
	case l < slog.LevelInfo:
		return 0
	case l < slog.LevelWarn:
		return 1
	case l < slog.LevelError:
		return 2
	case l < slog.Level(12):
		return 3
	default:
		return 4
	}
}

// indexError is the first place of a LevelCount that is dropped last.
const indexError = 3

// Stats is a snapshot of what a Queue has done since Open. Every count is of
// records unless its name says otherwise.
type Stats struct {
	// Appended counts the records that Append acknowledged.
	Appended uint64
	// Drained counts the records that Drain accepted, recovered ones included.
	Drained uint64
	// Dropped counts, by level, the records that were not kept: refused by
	// Append, or acknowledged and then evicted by a policy.
	Dropped LevelCount
	// Recovered counts the records that earlier processes left behind and
	// this one took over.
	Recovered uint64
	// AlreadyWritten counts those recovered records that the sink turned out
	// to hold already, so that they were not written again.
	AlreadyWritten uint64
	// Torn counts the records of earlier processes that could not be
	// recovered: half written when the process died, or damaged since. It
	// also counts those of this process that its file took with it when
	// somebody cut it.
	Torn uint64
	// Batches counts successful calls of Drain, DrainErrors failed ones.
	Batches, DrainErrors uint64
	// Blocked counts the Appends that had to wait for room.
	Blocked uint64
	// Pending is the number of acknowledged records not yet drained.
	Pending uint64
	// PendingBytes is the size of their lines and CapacityBytes the size of
	// the queue, both in bytes.
	PendingBytes, CapacityBytes int
	// Path is the mapped file, "" when the queue is in memory.
	Path string
}

// Names of the events that a Queue reports.
const (
	// EventDegraded: the mapped file could not be used; the queue is in
	// memory and does not survive a crash. Path and Err are set.
	EventDegraded = "log_queue_degraded"
	// EventReplaced: the mapped file was cut or deleted while it was in use,
	// and another took its place. Path, Err, Records that were still there and
	// Torn are set.
	EventReplaced = "log_queue_replaced"
	// EventDrainFailed: Drain returned an error; the batch is kept and tried
	// again. Err is set.
	EventDrainFailed = "log_drain_failed"
	// EventDrainResumed: Drain succeeded after at least one failure.
	EventDrainResumed = "log_drain_resumed"
	// EventRecovered: records of an earlier process were taken over. Path,
	// Records and Torn are set.
	EventRecovered = "log_queue_recovered"
	// EventCorrupt: a queue file of an earlier process was damaged. What was
	// intact is recovered and the file is kept under Path. Err says where the
	// first damage is, Torn how many records are lost.
	EventCorrupt = "log_queue_corrupt"
)

// Event is one thing that a Queue has to say about itself. It is passed to
// Config.Report, never logged.
type Event struct {
	// Name is one of the Event constants.
	Name string
	// Path is the file concerned, "" when none is.
	Path string
	// Err is the cause, nil for good news.
	Err error
	// Records and Torn are the numbers of records recovered and lost.
	Records, Torn uint64
}
