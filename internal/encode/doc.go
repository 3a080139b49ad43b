// Package encode turns log records into JSON lines, and JSON lines into text for
// a terminal. Redaction happens in the same walk: every string, key, number and
// error passes the redactor before a byte of it is in the buffer, so there is no
// way around it.
//
// A line is built by one goroutine, in the order of the record contract:
//
//	l := enc.NewLine()
//	l.Begin(t, head)        // {"timestamp":…,"level":…,"logger":…,
//	l.Message("user_saved") // "event":"user_saved",
//	l.Prefix(p)             // what Logger.With and WithGroup have collected
//	l.Attr(&attr)           // one call's attrs, in order
//	l.EndGroups()
//	l.Scope(block)          // the request's attrs, where the call has none
//	queue.Append(level, l.End())
//	l.Free()
//
// While a line is being built every member of an object ends in a comma; closing
// an object overwrites the last one. That makes a member a plain run of bytes
// which can be cut out (a duplicate key: the last one wins) or moved (a
// request_id among the attrs) without looking at its neighbours.
//
// The encoder never panics and never gives up a line: a value that cannot be
// written (a panic in a method, a cycle, too deep, too long) is replaced by a
// mark and counted.
package encode
