package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pairly/pairlog/internal/record"
)

// maxHeld is how much of a line is held back, in bytes, until its end comes.
const maxHeld = 64 << 20

// wholeLines hands lines on when their end has come: half an object would end
// the program that reads them.
type wholeLines struct {
	out  *output
	held []byte // of a line whose end has not come
}

// Write implements io.Writer.
func (w *wholeLines) Write(b []byte) (int, error) {
	end := bytes.LastIndexByte(b, '\n') + 1
	if end == 0 && len(w.held)+len(b) > maxHeld {
		end = len(b)
	}
	if end > 0 && len(w.held) > 0 {
		if _, err := w.out.Write(w.held); err != nil {
			return 0, err
		}
		w.held = w.held[:0]
	}
	if _, err := w.out.Write(b[:end]); err != nil {
		return 0, err
	}
	w.held = append(w.held, b[end:]...)
	return len(b), nil
}

// end hands on a last line without its end, where it is whole or no object, and
// returns how many bytes are left out.
func (w *wholeLines) end() (leftOut int) {
	if len(w.held) > 0 && w.held[0] == '{' && !json.Valid(w.held) {
		return len(w.held)
	}
	w.out.Write(w.held) // keeps its error
	return 0
}

// printLines is copyLines without half a line at the end. The file that a service
// writes to may well have one, which is no damage.
func printLines(out *output, f logFile, found *findings) error {
	lines := &wholeLines{out: out}
	return copyTo(lines, out, f, found, func(g record.Gap) (record.Gap, bool) {
		leftOut := 0
		if g.Reason == record.NoLineEnd {
			leftOut = lines.end()
		}
		if leftOut == 0 {
			return g, !f.current || !atEnd(g, f.size)
		}
		g.Reason += fmt.Sprintf("; its %s are left out", plural(int64(leftOut), "byte"))
		return g, !f.current || !written(f.path)
	})
}

// written says whether a service writes, or has written, to the log of a file: it has
// a lock beside it then.
func written(path string) bool {
	dir, name := filepath.Split(strings.TrimSuffix(path, ".sealed"))
	_, err := os.Lstat(dir + "." + name + ".lock")
	return err == nil
}
