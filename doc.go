// Package pairlog is a structured-logging pipeline behind log/slog: context,
// sampling, redaction, encoding, a bounded queue, and sinks.
//
// A service opens one pipeline and hands out plain *slog.Logger values; only
// main knows pairlog:
//
//	p, err := pairlog.Open(pairlog.FromEnv())
//	defer p.Close(context.Background())
//	log := p.Logger("service.token")
//	log.InfoContext(ctx, "token_created", "user_id", id, "token_type", "access")
//
// writes one line:
//
//	{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"service.token","event":"token_created","user_id":"507f","token_type":"access"}
//
// # Stages
//
// A record passes them in this order, all but the last two on the caller's
// goroutine:
//
//  1. scope: the request's ids and attrs are taken from ctx ([Scope], [Add]).
//  2. sample: events with a rate below 1 are thinned out ([Config].SampleRates);
//     never WARNING and above, never the logger audit.
//  3. encode: attrs become JSON, and everything that must not be read is replaced
//     in the same walk. There is no way to a sink around it.
//  4. queue: the line is copied into a bounded buffer, and the call returns. When
//     the buffer is full the policy decides ([Config].QueuePolicy); what is
//     dropped is counted and reported once a minute as log_records_dropped.
//  5. sinks: one goroutine writes batches to the file, to standard output (as
//     text for people or as JSON) and to further sinks.
//
// # Guarantees
//
// A log call never panics, never returns an error to deal with, and waits at
// most the bound of the queue's policy. Logging never keeps a service from
// starting: a bad setting or an unwritable file is reported and replaced by what
// works. Lines below the level are kept in memory for each request and written
// when it fails ([Scope.Fail]).
package pairlog
