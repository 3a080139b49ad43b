package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pairly/pairlog/sink"
)

func TestCatEveryForm(t *testing.T) {
	for _, form := range []string{"none", "zstd", "gzip", "sealed"} {
		t.Run(form, func(t *testing.T) {
			log := writeLog(t, t.TempDir(), form, 4, 5)
			s := script{t: t}
			flags := ""
			if log.identity != "" {
				flags = " --identity " + log.identity
			}
			reversed := ""
			for _, f := range log.files {
				reversed = f + " " + reversed
			}
			s.run("cat "+log.path+flags, exitOK, log.all(), "")
			s.run("cat "+log.dir+flags, exitOK, log.all(), "")
			s.run("cat "+log.dir+"/. "+log.path+" "+log.path+flags, exitOK, log.all(), "")
			s.run("cat "+reversed+flags, exitOK, log.all(), "")
			s.run("cat "+log.files[2]+" "+log.files[1]+" "+log.files[2]+flags, exitOK, strings.Join(log.lines[5:15], ""), "")
			if err := os.Remove(log.files[3]); err != nil {
				t.Fatal(err)
			}
			s.run("cat "+log.path+flags, exitOK, strings.Join(log.lines[:15], ""), "") // the newest is missing
		})
	}
}

// TestStandardInput: "-" is what comes from elsewhere, in any form.
func TestStandardInput(t *testing.T) {
	formName := map[string]string{"none": "plain", "zstd": "zstd", "gzip": "gzip"}
	for _, form := range []string{"none", "zstd", "gzip", "sealed"} {
		t.Run(form, func(t *testing.T) {
			log := writeLog(t, t.TempDir(), form, 3, 5)
			flags := ""
			if log.identity != "" {
				flags = " --identity " + log.identity
			}
			first := strings.Join(log.lines[:5], "")
			s := script{t: t, in: string(read(t, log.files[0]))}
			s.run("cat -"+flags, exitOK, first, "")
			s.run("cat - "+log.files[1]+" -"+flags, exitOK, first+strings.Join(log.lines[5:10], ""), "")
			s.run("verify-files -"+flags, exitOK, fmt.Sprintf("1 file, 5 lines, %d bytes: no damage found\n", len(s.in)), "")
			if form == "sealed" {
				s.run("cat -", exitUsage, "", "*")
				s.run("decrypt -"+flags, exitOK, first, "")
				s.run("decrypt - --identity -", exitUsage, "", "pairlog: --identity - and the file - are both standard input; write one of the two to a file\n")
				return
			}
			key, _ := newIdentity(t)
			s.run("decrypt - --identity "+key, exitUsage, "", "pairlog: standard input: not a sealed file but a "+formName[form]+" one; use: pairlog cat -\n")
		})
	}
	s := script{t: t, in: `{"a":1}` + "\n" + `{"b`}
	s.run("cat -", exitError, `{"a":1}`+"\n", "pairlog: standard input: offset 11: the last line has no end; its 3 bytes are left out\n")
	s.in = `{"a":1}` + "\n" + `{"b":2}` // whole, and told of as before
	s.run("cat -", exitError, s.in+"\n", "pairlog: standard input: offset 15: the last line has no end\n")
	s.in = ""
	s.run("cat -", exitOK, "", "")
	s.run("verify-files -", exitOK, "1 file, 0 lines, 0 bytes: no damage found\n", "")
}

// TestPipeAsPath: a shell makes a pipe with a path of <(command).
func TestPipeAsPath(t *testing.T) {
	log := writeLog(t, t.TempDir(), "gzip", 1, 5)
	for _, command := range []string{"cat", "verify-files"} {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		path := fmt.Sprintf("/dev/fd/%d", in.Fd())
		if _, err := os.Stat(path); err != nil {
			t.Skip(err)
		}
		if _, err := out.Write(read(t, log.files[0])); err != nil {
			t.Fatal(err)
		}
		out.Close()
		want := log.all()
		if command == "verify-files" {
			want = fmt.Sprintf("1 file, 5 lines, %d bytes: no damage found\n", len(read(t, log.files[0])))
		}
		script{t: t}.run(command+" "+path, exitOK, want, "")
	}
}

// A log whose configuration changed: plain, then gzip, then zstd, then sealed.
func TestCatMixedForms(t *testing.T) {
	dir := t.TempDir()
	identity, recipients := newIdentity(t)
	want, n := "", 0
	for _, form := range []string{"none", "gzip", "zstd", "sealed"} {
		c := sink.FileConfig{Path: filepath.Join(dir, "app.log"), Archive: form}
		if form == "sealed" {
			c.Archive, c.Recipients = "none", recipients
		}
		f, err := sink.OpenFile(c)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			line := fmt.Sprintf(`{"n":%d}`+"\n", n)
			n++
			want += line
			if _, err := f.Write([]byte(line)); err != nil {
				t.Fatal(err)
			}
			if err := f.Rotate(); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s := script{t: t}
	s.run("cat "+dir+" --identity "+identity, exitOK, want, "")
	s.run("verify-files "+dir+" --identity "+identity, exitOK, "*", "")
}

// A crash may leave a rotated file beside its archive.
func TestCatPrintsNothingTwice(t *testing.T) {
	log := writeLog(t, t.TempDir(), "zstd", 3, 4)
	write(t, plainName(log.files[0]), strings.Join(log.lines[:4], ""))
	s := script{t: t}
	s.run("cat "+log.path, exitOK, log.all(), "")
	s.run("cat "+log.files[0]+" "+plainName(log.files[0]), exitOK, strings.Join(log.lines[:4], ""), "")
	flip(t, log.files[0], 10) // the file itself is whole as long as it is there
	s.run("cat "+log.path, exitOK, log.all(), "")
	link := filepath.Join(t.TempDir(), "current")
	if err := os.Symlink(log.path, link); err != nil {
		t.Skip(err)
	}
	s.run("cat "+link+" "+log.path, exitOK, log.all(), "")
}

func TestCatWhileFilesRotate(t *testing.T) {
	log := writeLog(t, t.TempDir(), "none", 2, 3)
	l := &logFiles{path: log.path}
	var got []string
	rotated := false
	err := l.each(nil, func(f logFile) error {
		got = append(got, filepath.Base(f.path))
		if !rotated { // between the listing of the current file and its opening
			rotated = true
			aside := strings.Replace(log.files[0], "-00000001-", "-00000002-", 1)
			if err := os.Rename(log.path, aside); err != nil {
				t.Fatal(err)
			}
			write(t, log.path, "{}\n")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	first := filepath.Base(log.files[0])
	want := []string{first, strings.Replace(first, "-00000001-", "-00000002-", 1), "app.log"}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("visited %q, want %q", got, want)
	}
}

// Whatever the service does meanwhile, what is printed are its lines from the
// first on, in order, at least up to the last one before cat began.
func TestCatOfARunningService(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	f, err := sink.OpenFile(sink.FileConfig{Path: path, Archive: "gzip", RotateBytes: 2000})
	if err != nil {
		t.Fatal(err)
	}
	var written atomic.Int64
	var writer sync.WaitGroup
	stop := make(chan struct{})
	writer.Go(func() {
		for n := 0; n < 20000; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := fmt.Fprintf(f, `{"n":%d,"pad":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}`+"\n", n); err != nil {
				t.Error(err)
				return
			}
			written.Store(int64(n + 1))
		}
	})
	eventually(t, func() bool { return written.Load() > 0 })
	for range 8 {
		before := written.Load()
		var o, e bytes.Buffer
		code := run([]string{"cat", path}, streams{out: &o, err: &e, env: os.Getenv, terminal: isTerminal})
		if code != exitOK {
			t.Errorf("exit %d, err %q", code, e.String())
		}
		lines := strings.Split(o.String(), "\n")
		lines = lines[:len(lines)-1]
		for n, line := range lines {
			if want := fmt.Sprintf(`{"n":%d,`, n); !strings.HasPrefix(line, want) && n < len(lines)-1 {
				t.Fatalf("line %d is %q, want %q", n, line, want)
			}
		}
		if int64(len(lines)) < before {
			t.Errorf("%d lines, %d were written before", len(lines), before)
		}
	}
	close(stop)
	writer.Wait()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A rotated file may become an archive between the listing and its turn.
func TestCatWhileFilesAreArchived(t *testing.T) {
	log := writeLog(t, t.TempDir(), "gzip", 3, 3)
	f := openRotated(plainName(log.files[1]), nil)
	defer f.close()
	if f.err != nil || f.path != log.files[1] {
		t.Errorf("opened %s, error %v, want %s", f.path, f.err, log.files[1])
	}
}

func TestCatDamage(t *testing.T) {
	log := writeLog(t, t.TempDir(), "zstd", 3, 4)
	flip(t, log.files[1], len(read(t, log.files[1]))/2-20)
	write(t, log.path, strings.TrimSuffix(strings.Join(log.lines[8:], ""), "\n"))
	s := script{t: t}
	// The torn line is printed; the service may be in the middle of it.
	s.run("cat "+log.path, exitError, strings.Join(log.lines[:4], "")+strings.Join(log.lines[8:], ""), "*")
	var o, e strings.Builder
	run([]string{"cat", log.path}, streams{out: &o, err: &e, env: os.Getenv, terminal: isTerminal})
	if want := "pairlog: " + log.files[1] + ": offset 0: a frame does not decompress: "; !strings.HasPrefix(e.String(), want) || strings.Count(e.String(), "\n") != 1 {
		t.Errorf("errors %q, want one that begins with %q", e.String(), want)
	}
	write(t, log.files[1], "")
	s.run("cat "+log.files[1], exitError, "", "pairlog: "+log.files[1]+": offset 0: the file is empty: not even a header is left\n")
}

// A torn line in the middle of a set does not swallow the next one.
func TestCatTornLine(t *testing.T) {
	log := writeLog(t, t.TempDir(), "none", 2, 2)
	cut(t, log.files[0], 10)
	size := len(read(t, log.files[0]))
	s := script{t: t}
	s.run("cat "+log.path, exitError, log.lines[0]+log.lines[2]+log.lines[3],
		fmt.Sprintf("pairlog: %s: offset %d: the last line has no end; its %d bytes are left out\n", log.files[0], size, len(log.lines[1])-10))
}

// Half a line at the end of a copy is damage, and one that is being written is none.
// Neither is printed: what reads the lines as JSON would end there.
func TestCatHalfALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "torn.log")
	write(t, path, `{"a":1}`+"\n"+`{"b":"x`)
	s := script{t: t}
	s.run("cat "+path, exitError, `{"a":1}`+"\n", "pairlog: "+path+": offset 15: the last line has no end; its 7 bytes are left out\n")
	write(t, filepath.Join(filepath.Dir(path), ".torn.log.lock"), "")
	s.run("cat "+path, exitOK, `{"a":1}`+"\n", "")
	long := `{"a":"` + strings.Repeat("x", 200<<10) + `"}` // more than one part
	write(t, path, long+"\n"+long)
	s.run("cat "+path, exitOK, long+"\n"+long+"\n", "")
	write(t, path, "a line of text\nand another")
	s.run("cat "+path, exitOK, "a line of text\nand another\n", "")
}

func TestCatWrongPaths(t *testing.T) {
	dir := t.TempDir()
	s := script{t: t}
	none := filepath.Join(dir, "none.log")
	s.run("cat "+none, exitUsage, "", "pairlog: "+none+": no such file, folder or log; want LOG_FILE_PATH of the service, a file or the folder with the logs\n")
	write(t, filepath.Join(dir, "notes.txt"), "hello\n")
	s.run("cat "+dir, exitUsage, "", "pairlog: "+dir+": no log files in this folder; want *.log, *.log.sealed or archives such as app-00000001-20260102T150405Z.log.zst (folders below are not searched)\n")
	s.run("cat "+filepath.Join(dir, "notes.txt"), exitOK, "hello\n", "")
	empty := filepath.Join(dir, "empty.log")
	write(t, empty, "")
	s.run("cat "+empty, exitOK, "", "")
	s.run("cat", exitUsage, "", "*")
}

func TestCatSealedWithoutIdentity(t *testing.T) {
	log := writeLog(t, t.TempDir(), "sealed", 2, 2)
	wrong, _ := newIdentity(t)
	plain := filepath.Join(log.dir, "other.log")
	write(t, plain, "{}\n")
	s := script{t: t}
	s.run("cat "+log.dir, exitUsage, "{}\n",
		"pairlog: "+log.files[0]+": sealed: pass --identity FILE to read it\npairlog: "+log.files[1]+": sealed: pass --identity FILE to read it\n")
	s.run("cat "+log.dir+" --identity "+wrong, exitUsage, "{}\n", "*")
}

func TestLogOf(t *testing.T) {
	f := func(file, log string, number int) {
		t.Helper()
		if gotLog, got := logOf(file); gotLog != log || got != number {
			t.Errorf("logOf(%q) = %q, %d, want %q, %d", file, gotLog, got, log, number)
		}
	}
	f("d/app.log", "d/app.log", -1)
	f("d/app.log.sealed", "d/app.log", -1)
	f("d/app-00000042-20260102T150405Z.log", "d/app.log", 42)
	f("app-00000042-20260102T150405Z.log.zst", "app.log", 42)
	f("app-2-00000042-20260102T150405Z.log.sealed", "app-2.log", 42)
	f("app-00000042-20260102T150405Z.gz", "app", 42) // a log without extension
	f("app-42-20260102T150405Z.log", "app-42-20260102T150405Z.log", -1)
}

// Files that somebody has deleted from the middle are no reason to wait.
func TestCatWithoutSomeFiles(t *testing.T) {
	log := writeLog(t, t.TempDir(), "gzip", 5, 3)
	files, err := sink.Files(log.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(files[2].Path); err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	code := run([]string{"cat", log.path}, streams{out: &o, err: &e, env: os.Getenv, terminal: isTerminal})
	if got, want := strings.Count(o.String(), "\n"), 5*3-3; code != exitOK || got != want {
		t.Errorf("exit %d and %d lines, want %d and %d; err %q", code, got, exitOK, want, e.String())
	}
}

// Two listings that each lack a file have all of them together, and say which
// numbers neither has.
func TestMergedListings(t *testing.T) {
	rotated := func(numbers ...int) []sink.LogFile {
		files := []sink.LogFile{{Path: "d/app.log"}}
		for _, n := range numbers {
			files = append(files, sink.LogFile{Path: fmt.Sprintf("d/app-%08d-20260102T150405Z.log.zst", n), Rotated: time.Unix(1, 0)})
		}
		return files
	}
	first, gaps := merged(nil, rotated(1, 3, 4, 7))
	if want := []int{1, 4}; !slices.Equal(gaps, want) {
		t.Errorf("first listing: gaps after %v, want %v", gaps, want)
	}
	all, gaps := merged(first, rotated(1, 2, 4, 7, 8))
	var got []int
	for _, f := range all {
		_, n := logOf(f.Path)
		got = append(got, n)
	}
	if want := []int{1, 2, 3, 4, 7, 8, -1}; !slices.Equal(got, want) {
		t.Errorf("files %v, want %v and the current one once", got, want)
	}
	if want := []int{4}; !slices.Equal(gaps, want) {
		t.Errorf("both listings: gaps after %v, want %v", gaps, want)
	}
}
