package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"filippo.io/age"
	"github.com/pairly/pairlog/internal/record"
	"github.com/pairly/pairlog/sink"
)

// logFiles is a log of which all files are wanted, or some rotated ones.
type logFiles struct {
	path  string    // as the service has it in LOG_FILE_PATH
	named []string  // the wanted ones; nil for all
	in    io.Reader // standard input or a pipe instead of files, or nil
}

// stdinName is what stands for standard input in messages.
const stdinName = "standard input"

// forms are the suffixes of archives.
var forms = []string{".zst", ".gz", ".sealed"}

// rotatedName is the name of a rotated file: stem, number, time, extension of
// the log, form (docs/format.md).
var rotatedName = regexp.MustCompile(`^(.+)-(\d{8,})-\d{8}T\d{6}Z(\.[^.]+)??(\.zst|\.gz|\.sealed)?$`)

// logOf returns the log that a file belongs to and, for a rotated one, its
// number, otherwise -1.
func logOf(file string) (log string, number int) {
	dir, base := filepath.Split(file)
	if m := rotatedName.FindStringSubmatch(base); m != nil {
		if n, err := strconv.Atoi(m[2]); err == nil {
			return filepath.Join(dir, m[1]+m[3]), n
		}
	}
	return strings.TrimSuffix(file, ".sealed"), -1
}

// plainName is the name that an archive had before it became one.
func plainName(path string) string {
	for _, form := range forms {
		if name, ok := strings.CutSuffix(path, form); ok {
			return name
		}
	}
	return path
}

// selectLogs finds the logs that arguments name: a folder all logs in it, a
// path that is or was written to its log with all rotated files, a rotated
// file itself, "-" standard input. No file is selected twice. The errors are usageErrors.
func selectLogs(args []string, std streams) ([]*logFiles, error) {
	var all []*logFiles
	known := map[string]*logFiles{}
	for _, arg := range args {
		if arg == "" { // as from a variable that is not set; Clean would make it this folder
			return nil, usageError{errors.New("the path is empty; want LOG_FILE_PATH of the service, a file or the folder with the logs")}
		}
		if arg == "-" {
			if known[arg] == nil {
				known[arg] = &logFiles{path: stdinName, in: std.typed()}
				all = append(all, known[arg])
			}
			continue
		}
		logs, err := expand(filepath.Clean(arg))
		if err != nil {
			return nil, usageError{err}
		}
		for _, l := range logs {
			key := identityOf(l.path)
			switch old := known[key]; {
			case old == nil:
				known[key] = l
				all = append(all, l)
			case l.named == nil:
				old.named = nil
			case old.named != nil:
				old.named = append(old.named, l.named...)
			}
		}
	}
	for _, l := range all {
		l.sortNamed()
	}
	return all, nil
}

// identityOf is the same for all spellings of the path of a log, which need
// not exist.
func identityOf(path string) string {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return filepath.Join(dir, filepath.Base(path))
}

// expand finds the logs that one argument names.
func expand(path string) ([]*logFiles, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if files, err := sink.Files(path); err == nil && len(files) > 0 {
			return []*logFiles{{path: path}}, nil
		}
		return nil, fmt.Errorf("%s: no such file, folder or log; want LOG_FILE_PATH of the service, a file or the folder with the logs", shown(path))
	case err != nil:
		return nil, fmt.Errorf("%s: %w", shown(path), cause(err))
	case info.IsDir():
		return logsIn(path)
	}
	if link, err := filepath.EvalSymlinks(path); err == nil && filepath.Base(link) != filepath.Base(path) {
		path = link
	}
	if info.Mode()&fs.ModeNamedPipe != 0 { // such as a shell makes of <(command)
		return []*logFiles{{path: path, in: &pipe{path: path}}}, nil
	}
	log, number := logOf(path)
	if number >= 0 || !info.Mode().IsRegular() {
		return []*logFiles{{path: log, named: []string{path}}}, nil
	}
	return []*logFiles{{path: log}}, nil
}

// logsIn finds the logs of a folder: by their rotated files, by their locks,
// and what is called *.log.
func logsIn(dir string) ([]*logFiles, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown(dir), cause(err))
	}
	var paths []string
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		log, number := logOf(filepath.Join(dir, e.Name()))
		if name, ok := strings.CutSuffix(e.Name(), ".lock"); ok && strings.HasPrefix(name, ".") {
			paths = append(paths, filepath.Join(dir, name[1:]))
		} else if number >= 0 || filepath.Ext(log) == ".log" {
			paths = append(paths, log)
		}
	}
	slices.Sort(paths)
	var all []*logFiles
	for _, path := range slices.Compact(paths) {
		if files, err := sink.Files(path); err == nil && len(files) > 0 {
			all = append(all, &logFiles{path: path})
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no log files in this folder; want *.log, *.log.sealed or archives such as app-00000001-20260102T150405Z.log.zst (folders below are not searched)", shown(dir))
	}
	return all, nil
}

// sortNamed puts named files in the order of writing, and of a rotated file
// and its archive leaves the first, which is whole.
func (l *logFiles) sortNamed() {
	slices.SortFunc(l.named, func(a, b string) int {
		_, m := logOf(a)
		_, n := logOf(b)
		return cmp.Or(cmp.Compare(m, n), strings.Compare(a, b))
	})
	l.named = slices.CompactFunc(l.named, func(a, b string) bool {
		return identityOf(plainName(a)) == identityOf(plainName(b))
	})
}

// logFile is a file that was opened, or an error.
type logFile struct {
	path    string
	reader  *record.Reader // nil with an error
	err     error
	current bool  // is or was written to under this name; false for rotated ones
	size    int64 // before it was opened
}

// each opens the files in the order of writing and calls visit with each, until
// that returns an error. A file that rotates, or becomes an archive, meanwhile
// is visited once.
func (l *logFiles) each(identities []age.Identity, visit func(logFile) error) error {
	if l.in != nil {
		return visited(openStream(l.in, l.path, identities), visit)
	}
	if l.named != nil {
		for _, path := range l.named {
			if err := visited(openLogFile(path, false, identities), visit); err != nil {
				return err
			}
		}
		return nil
	}
	done := map[string]bool{} // by plainName
	for {
		current, err := l.rotatedFiles(done, func(path string) error {
			return visited(openRotated(path, identities), visit)
		})
		if err != nil {
			return err
		}
		var open []logFile
		for _, path := range current {
			if f := openLogFile(path, true, identities); !errors.Is(f.err, fs.ErrNotExist) {
				open = append(open, f)
			}
		}
		// What was rotated between the listing and the opening comes first.
		fresh := false
		if _, err := l.rotatedFiles(maps.Clone(done), func(string) error { fresh = true; return nil }); err != nil {
			return err
		}
		for _, f := range open {
			if fresh {
				f.close()
			} else if err := visited(f, visit); err != nil {
				return err
			}
		}
		if !fresh {
			return nil
		}
	}
}

// rotatedFiles calls f with the rotated files that are not done, which they
// then are, and returns those that are written to.
func (l *logFiles) rotatedFiles(done map[string]bool, f func(path string) error) (current []string, err error) {
	files, err := listFiles(l.path)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		name := plainName(file.Path)
		switch {
		case file.Rotated.IsZero():
			current = append(current, file.Path)
		case !done[name]:
			done[name] = true
			if err := f(file.Path); err != nil {
				return nil, err
			}
		}
	}
	return current, nil
}

// listings is how often a folder is listed at most.
const listings = 8

// listFiles is [sink.Files] for a service that is running. A listing is no
// snapshot: a file that becomes an archive while its folder is read may be seen
// under neither name. The numbers of rotated files tell that one is missing, and
// another listing has it, unless it was deleted.
func listFiles(path string) ([]sink.LogFile, error) {
	var all []sink.LogFile
	var before []int
	for range listings {
		files, err := sink.Files(path)
		if err != nil {
			return nil, err
		}
		var gaps []int
		all, gaps = merged(all, files)
		if len(gaps) == 0 || slices.Equal(gaps, before) {
			break
		}
		before = gaps
	}
	return all, nil
}

// merged adds to the rotated files of earlier listings those of the last one,
// whose current files are the ones that count. It returns the numbers after which
// one is missing.
func merged(earlier, last []sink.LogFile) (all []sink.LogFile, gaps []int) {
	byNumber := map[int]sink.LogFile{}
	var current []sink.LogFile
	for _, f := range earlier {
		if _, n := logOf(f.Path); !f.Rotated.IsZero() {
			byNumber[n] = f
		}
	}
	for _, f := range last {
		if _, n := logOf(f.Path); f.Rotated.IsZero() {
			current = append(current, f)
		} else {
			byNumber[n] = f
		}
	}
	numbers := slices.Sorted(maps.Keys(byNumber))
	for i, n := range numbers {
		all = append(all, byNumber[n])
		if i+1 < len(numbers) && numbers[i+1] != n+1 {
			gaps = append(gaps, n)
		}
	}
	return append(all, current...), gaps
}

// openRotated opens a rotated file under the name that it has by now. The plain
// one is preferred as long as it is there: it is removed only when its archive
// is whole.
func openRotated(path string, identities []age.Identity) logFile {
	name := plainName(path)
	for _, try := range []string{name, path, name + forms[0], name + forms[1], name + forms[2]} {
		if f := openLogFile(try, false, identities); !errors.Is(f.err, fs.ErrNotExist) {
			return f
		}
	}
	return logFile{path: path, err: fs.ErrNotExist}
}

func openLogFile(path string, current bool, identities []age.Identity) logFile {
	f := logFile{path: path, current: current}
	info, err := os.Stat(path)
	if err != nil {
		f.err = err
		return f
	}
	f.size = info.Size()
	f.reader, f.err = record.Open(path, identities...)
	return f
}

// openStream is openLogFile for standard input or a pipe, which is no file that goes on
// growing.
func openStream(in io.Reader, name string, identities []age.Identity) logFile {
	f := logFile{path: name}
	f.reader, f.err = record.From(in, name, identities...)
	return f
}

// pipe is what is no regular file, opened when it is its turn and closed at its end.
type pipe struct {
	path string
	file *os.File
	err  error
}

func (p *pipe) Read(b []byte) (n int, err error) {
	if p.file == nil && p.err == nil {
		p.file, p.err = os.Open(p.path)
	}
	if p.err != nil {
		return 0, p.err
	}
	if n, p.err = p.file.Read(b); p.err != nil {
		p.file.Close()
	}
	return n, p.err
}

func (f logFile) close() {
	if f.reader != nil {
		f.reader.Close()
	}
}

// emptyArchive says whether a file that cannot be empty is.
func (f logFile) emptyArchive() bool {
	return f.err == nil && f.size == 0 && plainName(f.path) != f.path
}

func visited(f logFile, visit func(logFile) error) error {
	defer f.close()
	return visit(f)
}
