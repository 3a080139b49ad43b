package pairlytest

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// Records returns what the log file holds now, in order, without the events
// that [App.Ignore] names. A line that breaks the record contract ends the
// test.
func (a *App) Records() []Record {
	a.t.Helper()
	a.readOn()
	return slices.DeleteFunc(slices.Clone(a.records), func(r Record) bool {
		return slices.Contains(a.ignored, r.Event())
	})
}

// readOn parses the lines that were written since it ran before.
func (a *App) readOn() {
	a.t.Helper()
	f, err := os.Open(a.LogPath)
	if err != nil {
		a.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(a.offset, io.SeekStart); err != nil {
		a.t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		a.t.Fatal(err)
	}
	rs, n := a.parse(b)
	a.records, a.offset = append(a.records, rs...), a.offset+n
}

// parse reads the whole lines of b and returns how many bytes they are; the
// program may be writing the last one.
func (a *App) parse(b []byte) (rs []Record, n int64) {
	a.t.Helper()
	for line := range strings.Lines(string(b)) {
		text, whole := strings.CutSuffix(line, "\n")
		if !whole {
			break
		}
		n += int64(len(line))
		r, err := Parse(text)
		if err == nil {
			err = Check(r)
		}
		if err == nil {
			err = CheckEvent(r)
		}
		if err != nil {
			a.t.Fatal(err)
		}
		rs = append(rs, r)
	}
	return rs, n
}

// Ignore leaves these events, and no others, out of everything that the app
// returns from now on: lines that tell of the surroundings, not of a step.
func (a *App) Ignore(events ...string) { a.ignored = events }

// Request returns the records of one request, or of one socket, in order.
func (a *App) Request(id string) []Record {
	a.t.Helper()
	if id == "" {
		a.t.Fatal("want a request id, got none")
	}
	var rs []Record
	for _, r := range a.Records() {
		if r.RequestID() == id {
			rs = append(rs, r)
		}
	}
	return rs
}

// Events returns the names of what happened, audit records with "A:" before
// theirs.
func Events(rs []Record) []string {
	names := make([]string, len(rs))
	for i, r := range rs {
		names[i] = r.Event()
	}
	return names
}

// Await polls the log file until enough says so of the records, and returns
// them. It ends the test when that takes too long; what says what was waited
// for.
func (a *App) Await(what string, enough func([]Record) bool) []Record {
	a.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		rs := a.Records()
		if enough(rs) {
			return rs
		}
		if time.Now().After(deadline) {
			a.t.Fatalf("log file has no %s after %v; it ends with\n%s", what, patience, lastLines(rs, 20))
		}
		time.Sleep(2 * time.Millisecond) // between two looks at a file, there is nothing to wait on
	}
}

func lastLines(rs []Record, n int) string {
	var b strings.Builder
	for _, r := range rs[max(len(rs)-n, 0):] {
		fmt.Fprintln(&b, r.Raw)
	}
	return b.String()
}

// Expect waits until the request with the id has ended and wants its events
// to be these, in this order, the http_request line included. Records at
// DEBUG do not count: a request that fails brings the ones along that it had
// held back. Expect returns the records that count.
func (a *App) Expect(t testing.TB, id string, want ...string) []Record {
	t.Helper()
	var rs []Record
	a.Await("http_request of "+id, func([]Record) bool {
		rs = slices.DeleteFunc(a.Request(id), func(r Record) bool { return r.Text("level") == "DEBUG" })
		return slices.Contains(Events(rs), "http_request")
	})
	if got := Events(rs); !slices.Equal(got, want) {
		t.Errorf("events of the request = %v,\nwant %v:\n%s", got, want, lastLines(rs, 40))
	}
	return rs
}

// ExpectSocket wants the events of the socket with the id that come after the
// first seen ones to be these, in this order. It waits until there are as
// many, and then for everything else that the program had to say by then.
func (a *App) ExpectSocket(t testing.TB, id string, seen int, want ...string) []Record {
	t.Helper()
	a.Await(fmt.Sprintf("%v of socket %s", want, id), func([]Record) bool {
		return len(a.Request(id)) >= seen+len(want)
	})
	a.settle()
	rs := a.Request(id)[seen:]
	if got := Events(rs); !slices.Equal(got, want) {
		t.Errorf("events of the socket = %v,\nwant %v:\n%s", got, want, lastLines(rs, 40))
	}
	return rs
}

// settle sends a request of its own and waits for its line: lines are written
// in the order in which they were logged, so whatever was logged before is in
// the file.
func (a *App) settle() {
	a.t.Helper()
	id := a.Client(a.UniqueIP()).Get("/api/credits/packages").RequestID
	a.Await("http_request of "+id, func([]Record) bool { return len(a.Request(id)) > 0 })
}
