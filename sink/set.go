package sink

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pairly/pairlog/internal/durable"
)

// set is the names of a log file and of what it has rotated to. For app.log
// these are app-00000042-20260102T150405Z.log with the form added: nothing,
// .zst, .gz or .sealed. The number grows by one with each rotation, so that
// names sort in the order of writing even when the clock was set back.
type set struct {
	dir, stem, ext string
}

// Forms of a rotated file.
const (
	formPlain  = ""
	formZstd   = ".zst"
	formGzip   = ".gz"
	formSealed = ".sealed"
)

const timeLayout = "20060102T150405Z"

// newSet returns the names for path and the process that is the nth to use it,
// counting from 1.
func newSet(path string, nth int) set {
	s := set{dir: filepath.Dir(path), ext: filepath.Ext(path)}
	s.stem = strings.TrimSuffix(filepath.Base(path), s.ext)
	if s.stem == "" { // a file named .log
		s.stem, s.ext = s.ext, ""
	}
	if nth > 1 {
		s.stem += "." + strconv.Itoa(nth)
	}
	return s
}

// current is the file that is written to.
func (s set) current(sealed bool) string {
	name := filepath.Join(s.dir, s.stem+s.ext)
	if sealed {
		name += formSealed
	}
	return name
}

// lockName is the file whose lock makes the set this process's own.
func (s set) lockName() string {
	return filepath.Join(s.dir, "."+s.stem+s.ext+".lock")
}

// rotated is a file that has been put aside.
type rotated struct {
	path string
	seq  int
	at   time.Time // of the rotation, UTC
	form string
	size int64 // in bytes on disk
}

// aside is the name of the seq-th rotated file.
func (s set) aside(seq int, at time.Time, form string) string {
	return filepath.Join(s.dir, fmt.Sprintf("%s-%08d-%s%s%s", s.stem, seq, at.UTC().Format(timeLayout), s.ext, form))
}

// parse reads what aside wrote.
func (s set) parse(name string) (rotated, bool) {
	rest, ok := strings.CutPrefix(name, s.stem+"-")
	number, rest, ok2 := strings.Cut(rest, "-")
	if !ok || !ok2 || len(number) < 8 || len(rest) < len(timeLayout) {
		return rotated{}, false
	}
	seq, err := strconv.ParseUint(number, 10, 31)
	at, err2 := time.Parse(timeLayout, rest[:len(timeLayout)])
	form, ok := strings.CutPrefix(rest[len(timeLayout):], s.ext)
	if err != nil || err2 != nil || !ok || !slices.Contains([]string{formPlain, formZstd, formGzip, formSealed}, form) {
		return rotated{}, false
	}
	return rotated{path: filepath.Join(s.dir, name), seq: int(seq), at: at, form: form}, true
}

// list returns the rotated files in the order of their rotation.
func (s set) list(fsys durable.FS) ([]rotated, error) {
	entries, err := fsys.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var all []rotated
	for _, e := range entries {
		r, ok := s.parse(e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		r.size = info.Size()
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b rotated) int {
		return cmp.Or(cmp.Compare(a.seq, b.seq), strings.Compare(a.form, b.form))
	})
	return all, nil
}
