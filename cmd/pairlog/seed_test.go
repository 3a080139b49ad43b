package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/pairly/pairlog/sink"
)

// seed is a log that the library wrote, and what it consists of.
type seed struct {
	dir, path string // of the folder and of the log
	identity  string // file; "" unless sealed
	lines     []string
	files     []string // in the order of writing
}

// writeLog has a sink.File write lines of which each rotation takes perFile;
// the last files are not rotated. Form is zstd, gzip, none or sealed.
func writeLog(t *testing.T, dir, form string, files, perFile int) seed {
	t.Helper()
	s := seed{dir: dir, path: filepath.Join(dir, "app.log")}
	c := sink.FileConfig{Path: s.path, Archive: form}
	if form == "sealed" {
		c.Archive = ""
		s.identity, c.Recipients = newIdentity(t)
	}
	f, err := sink.OpenFile(c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		if i > 0 {
			if err := f.Rotate(); err != nil {
				t.Fatal(err)
			}
		}
		for range perFile {
			n := len(s.lines)
			line := fmt.Sprintf(`{"event":"tick","n":%d,"pad":"%x"}`+"\n", n, uint64(n)*0x9e3779b97f4a7c15)
			if _, err := f.Write([]byte(line)); err != nil {
				t.Fatal(err)
			}
			s.lines = append(s.lines, line)
		}
	}
	if form == "zstd" || form == "gzip" {
		eventually(t, func() bool { return f.Stats().Archived == uint64(files-1) })
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := sink.Files(s.path)
	if err != nil || len(all) != files {
		t.Fatalf("%d files, error %v, want %d", len(all), err, files)
	}
	for _, file := range all {
		s.files = append(s.files, file.Path)
	}
	return s
}

func (s seed) all() string { return strings.Join(s.lines, "") }

// newIdentity makes an identity file and its recipient.
func newIdentity(t *testing.T) (path string, recipients []string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "key.txt")
	write(t, path, "# public key: "+id.Recipient().String()+"\n"+id.String()+"\n")
	return path, []string{id.Recipient().String()}
}

func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not within a minute")
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// flip changes a byte of a file.
func flip(t *testing.T, path string, offset int) {
	t.Helper()
	b := read(t, path)
	b[offset] ^= 0x40
	write(t, path, string(b))
}

// cut removes the last bytes of a file.
func cut(t *testing.T, path string, n int) {
	t.Helper()
	b := read(t, path)
	write(t, path, string(b[:len(b)-n]))
}

// frameAt is where the nth frame of a sealed file begins, from 0.
func frameAt(t *testing.T, path string, n int) int {
	t.Helper()
	b, at := read(t, path), -1
	for range n + 1 {
		i := bytes.Index(b[at+1:], []byte("\xf5PLFRAM\xfa"))
		if i < 0 {
			t.Fatalf("%s has no frame %d", path, n)
		}
		at += 1 + i
	}
	return at
}
