package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// A stopSignal is the cause of a context that a signal ended.
type stopSignal struct{ os.Signal }

// Error returns the name of the signal.
func (s stopSignal) Error() string { return s.String() }

// echo is how long after the first signal another one is taken for the same:
// timeout(1) and some supervisors signal a process and then its group, and a
// user who holds Ctrl-C down does not mean it twice.
const echo = 500 * time.Millisecond

// stopOnSignal returns a context that the first SIGTERM or SIGINT ends, with
// a stopSignal as its cause. A later one ends the process at once: whoever
// sends it does not want to wait for the drain. stop gives the signals their
// default back.
func stopOnSignal(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	go func() { // ends with the process, or when stop closes the channel
		first := <-signals
		if first == nil {
			return
		}
		cancel(stopSignal{first})
		since := time.Now()
		for range signals {
			if time.Since(since) > echo {
				os.Exit(exitFailure)
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

// name returns the name that people kill by.
func (s stopSignal) name() string {
	switch s.Signal {
	case syscall.SIGTERM:
		return "SIGTERM"
	case os.Interrupt:
		return "SIGINT"
	}
	return s.String()
}
