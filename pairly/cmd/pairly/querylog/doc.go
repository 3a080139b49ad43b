// Package querylog logs what a database driver is asked: statements that fail
// at ERROR, slow ones at WARNING and, when wanted, every one at DEBUG.
//
//	connector = querylog.Wrap(connector, querylog.Config{Log: logger, Slow: 200 * time.Millisecond})
//
//	{…,"logger":"db.query","request_id":"…","event":"query_failed","operation":"INSERT",
//	 "table":"credits_transactions","statement":"INSERT INTO credits_transactions (…) VALUES (?, ?)",
//	 "duration_ms":0.31,"error_type":"sqlite.Error"}
//
// A statement is logged with its literals replaced by placeholders; its
// arguments are never looked at. Lines carry the context that the statement
// was run with, and with it the request's id.
package querylog
