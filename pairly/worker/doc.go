// Package worker runs what the service does without being asked: it keeps
// presence true, forgets what has run out and compares balances with the
// ledger.
//
// A [Worker] is one goroutine that runs a job every so often, from [Start]
// until the stop that Start returns:
//
//	stop := worker.Start(worker.Config{Logger: p.Logger, Recover: p.Logger("app.recover")}, worker.Purge(store, time.Now))
//	defer stop(ctx)
//
// Each run is a job of package joblog: it has an id that every line of it
// carries, the statements that it sends included; it fails alone, with
// job_failed, and a panic is such a failure.
//
// Workers know the parts that they work on by interfaces of one or two
// methods.
package worker
