package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
)

// output is where lines are written: a stream, or a new file that is created
// with the first of them.
type output struct {
	w      io.Writer
	create string // path of the file, "" when it is w
	file   *os.File
	torn   bool   // the last line has no end
	err    error  // of writing
	stop   func() // ends the watch for an interrupt
}

// Write implements io.Writer; its first error is kept and comes again.
func (o *output) Write(b []byte) (int, error) {
	if o.err == nil && o.create != "" && o.file == nil {
		o.open()
	}
	if o.err != nil || len(b) == 0 {
		return 0, o.err
	}
	n, err := o.w.Write(b)
	if n > 0 {
		o.torn = b[n-1] != '\n'
	}
	o.err = err
	return n, err
}

func (o *output) open() {
	o.file, o.err = os.OpenFile(o.create, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(o.err, fs.ErrExist) {
		o.err = usageError{fmt.Errorf("--out %s: it exists and is left as it is; choose another name", shown(o.create))}
	} else if o.err != nil {
		o.err = fmt.Errorf("--out %s: %w", shown(o.create), cause(o.err))
	}
	if o.w = o.file; o.err == nil {
		o.stop = removeWhenInterrupted(o.create)
	}
}

// removeWhenInterrupted removes a file and ends the process when somebody ends
// it with Ctrl-C or a SIGTERM, until stop is called: half a file would be taken
// for a whole one, and lies in the clear.
func removeWhenInterrupted(path string) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			os.Remove(path)
			os.Exit(exitInterrupted)
		case <-done:
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

// endLine gives a torn line an end, so that the next one is not part of it.
func (o *output) endLine() error {
	if o.torn {
		o.Write([]byte{'\n'})
	}
	return o.err
}

// close ends the file. Keep says whether it is to stay: one that could not be
// written to the end is removed, its source is still there.
func (o *output) close(keep bool) error {
	if o.file == nil {
		return nil
	}
	if o.stop != nil {
		o.stop()
		o.stop = nil
	}
	err := o.file.Sync()
	err = errors.Join(err, o.file.Close())
	if keep && err == nil {
		return nil
	}
	err = errors.Join(err, os.Remove(o.create))
	if err != nil {
		return fmt.Errorf("--out %s: %w", shown(o.create), err)
	}
	return nil
}
