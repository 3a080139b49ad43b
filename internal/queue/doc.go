// Package queue is the hand-off between log calls and sinks: a bounded
// buffer that many goroutines append lines to and one goroutine drains.
//
//	q, err := queue.Open(queue.Config{
//		Path:  "/var/log/app.log.queue",
//		Drain: func(batch []byte) error { _, err := file.Write(batch); return err },
//	})
//	q.Append(slog.LevelInfo, []byte(`{"event":"started"}`+"\n"))
//	q.Close(ctx)
//
// A true result of Append is the acknowledgement. With a Path the buffer is
// a memory-mapped file, so an acknowledged line survives the death of the
// process and is drained by the next Open of the same Path. Without one, or
// where mapping is not possible, the buffer is plain memory.
//
// The package never logs, never panics on a full buffer and never blocks a
// caller beyond Config.BlockFor. What it could not keep it counts, by level,
// in [Stats].
package queue
