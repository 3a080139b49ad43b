package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"filippo.io/age"
	"github.com/pairly/pairlog/internal/record"
	"github.com/pairly/pairlog/internal/seal"
)

// findings prints what is wrong with files, one line each, and keeps the exit
// code that follows from it.
type findings struct {
	w      io.Writer
	prefix string // of each line
	colour bool
	count  int
	code   int
	err    error // the first of writing
}

func newFindings(w io.Writer, prefix string, std streams) *findings {
	return &findings{w: w, prefix: prefix, colour: std.terminal(w) && std.env("NO_COLOR") == ""}
}

// Colours of a terminal (ECMA-48, SGR).
const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
)

func (f *findings) paint(colour, text string) string {
	if !f.colour {
		return text
	}
	return colour + text + "\x1b[0m"
}

// damage reports what is wrong at an offset of a file.
func (f *findings) damage(path string, offset int64, what string) {
	f.found(exitError, fmt.Sprintf("%s: offset %d: ", shown(path), offset), what)
}

// noHeader is what is wrong with an archive or a sealed file of no bytes.
const noHeader = "the file is empty: not even a header is left"

// gap reports what could not be read.
func (f *findings) gap(g record.Gap) {
	what := g.Reason
	switch {
	case g.Bytes == 1:
		what += "; 1 byte skipped"
	case g.Bytes > 0:
		what += fmt.Sprintf("; %d bytes skipped", g.Bytes)
	}
	f.damage(g.Path, g.Offset, what)
}

// exit is the error that ends a command with the code of the findings.
func (f *findings) exit() error {
	if f.code == exitOK {
		return nil
	}
	return exitCode(f.code)
}

func (f *findings) found(code int, where, what string) {
	f.count++
	f.code = max(f.code, code)
	f.printf("%s%s%s\n", f.prefix, where, f.paint(red, what))
}

// note reports what is worth knowing and not wrong.
func (f *findings) note(path, what string) {
	f.printf("%s%s: %s\n", f.prefix, shown(path), f.paint(yellow, what))
}

func (f *findings) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(f.w, format, args...); f.err == nil {
		f.err = err
	}
}

// unopened reports a file that record.Open has given an error for, and what to
// do about it.
func (f *findings) unopened(path string, err error, identities int) {
	code, what := exitError, ""
	var mismatch *age.NoIdentityMatchError
	switch {
	case errors.As(err, &mismatch):
		code, what = exitUsage, "sealed to other recipients: no identity given fits; pass --identity with the one that belongs to a recipient in LOG_SEAL_RECIPIENTS of that time"
	case errors.Is(err, seal.ErrNotSealed):
		f.damage(path, 0, "neither copy of the header is intact: nothing in the file can be decrypted")
		return
	case errors.Is(err, fs.ErrNotExist):
		what = "not there any more: deleted while it was to be read"
	case errors.Is(err, fs.ErrPermission):
		what = "permission denied: read it as the user or group that the service runs as"
	case errors.Is(err, seal.ErrNoIdentity), identities == 0 && looksSealed(path):
		code, what = exitUsage, "sealed: pass --identity FILE to read it"
	default:
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // without the path
		}
		what = cause(err).Error()
	}
	f.found(code, shown(path)+": ", what)
}

// looksSealed says whether a file is a sealed one, by its name or beginning.
func looksSealed(path string) bool {
	if filepath.Ext(path) == ".sealed" {
		return true
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 16)
	n, _ := io.ReadFull(f, head)
	return seal.Sealed(head[:n])
}

// cause is the error of a system call without its name and the path, which the
// message that it goes into has already.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// shown is a path as it may be printed on a terminal.
func shown(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(path)
	}
	return path
}

// atEnd says whether a gap is the missing end of a file that had size bytes
// before it was read: no end frame, or a last line without line end. That is
// how a file looks that is being written.
func atEnd(g record.Gap, size int64) bool { return g.Bytes == 0 && g.Offset >= size }
