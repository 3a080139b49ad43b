package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerifyIntact(t *testing.T) {
	for _, form := range []string{"none", "zstd", "gzip", "sealed"} {
		t.Run(form, func(t *testing.T) {
			log := writeLog(t, t.TempDir(), form, 3, 4)
			flags := ""
			if log.identity != "" {
				flags = " --identity " + log.identity
			}
			var size int
			for _, f := range log.files {
				size += len(read(t, f))
			}
			s := script{t: t}
			s.run("verify-files "+log.path+flags, exitOK, fmt.Sprintf("3 files, 12 lines, %d bytes: no damage found\n", size), "")
		})
	}
}

func TestVerifyLines(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	const good = `{"event":"tick"}` + "\n" // 17 bytes
	write(t, path, good+`{"event":"ti`+"\n"+good+"panic: oh\n\ngoroutine 1\ngoroutine 2\n"+good+`{"a":{"event":"tick"}`+"\n\x00\x00\x00\n"+good+`{"event`)
	s := script{t: t}
	s.run("verify-files "+path, exitError, strings.ReplaceAll(`PATH: offset 17: line 2 is torn: half a record, or two in one
PATH: offset 47: line 4 is not JSON
PATH: offset 57: line 5 is empty
PATH: offset 58: lines 6 to 7 are not JSON
PATH: offset 99: line 9 is torn: half a record, or two in one
PATH: offset 121: line 10 is nothing but zeros, as a power cut leaves them
PATH: offset 142: line 12 is torn: the file ends in the middle of it
1 file, 12 lines, 149 bytes: 7 findings in 1 file
`, "PATH", path), "")
	write(t, path, good+`{"event`)
	s.run("verify-files --live "+dir, exitOK, path+": line 2 has no end yet\n1 file, 2 lines, 24 bytes: no damage found\n", "")
	write(t, path, "")
	s.run("verify-files "+dir, exitOK, "1 file, 0 lines, 0 bytes: no damage found\n", "")
}

func TestVerifyArchives(t *testing.T) {
	for _, form := range []string{"zstd", "gzip"} {
		t.Run(form, func(t *testing.T) {
			log := writeLog(t, t.TempDir(), form, 4, 30)
			flip(t, log.files[0], len(read(t, log.files[0]))/2)
			cut(t, log.files[1], len(read(t, log.files[1]))/2)
			write(t, log.files[2], "")
			var o, e bytes.Buffer
			code := run([]string{"verify-files", log.path}, streams{out: &o, err: &e, env: os.Getenv, terminal: isTerminal})
			lines := strings.Split(o.String(), "\n")
			if code != exitError || e.Len() > 0 || len(lines) != 5 {
				t.Fatalf("exit %d, out %q, err %q, want 1, three findings and a summary", code, o.String(), e.String())
			}
			for i, line := range lines[:3] {
				if want := log.files[i] + ": offset 0: "; !strings.HasPrefix(line, want) {
					t.Errorf("finding %q, want one that begins with %q", line, want)
				}
			}
			if !strings.HasPrefix(lines[3], "4 files, ") || strings.HasPrefix(lines[3], "4 files, 0 lines") || !strings.HasSuffix(lines[3], ": 3 findings in 3 files") {
				t.Errorf("summary %q", lines[3])
			}
			s := script{t: t}
			s.run("verify-files "+log.files[3], exitError, "*", "") // it is the path of the log
		})
	}
}

func TestVerifySealed(t *testing.T) {
	log := writeLog(t, t.TempDir(), "sealed", 3, 4)
	s := script{t: t}
	gone := frameAt(t, log.files[0], 2)
	b := read(t, log.files[0])
	write(t, log.files[0], string(b[:frameAt(t, log.files[0], 1)])+string(b[gone:]))
	end := frameAt(t, log.files[2], 4)
	cut(t, log.files[2], len(read(t, log.files[2]))-end)
	var size int
	for _, f := range log.files {
		size += len(read(t, f))
	}
	missing := fmt.Sprintf("%s: offset %d: 1 frames are missing\n", log.files[0], frameAt(t, log.files[0], 1))
	s.run("verify-files "+log.path+" --identity "+log.identity, exitError,
		missing+fmt.Sprintf("%s: offset %d: no end frame: the file was cut, its writer died, or it is still being written\n", log.files[2], end)+
			fmt.Sprintf("3 files, 11 lines, %d bytes: 2 findings in 2 files\n", size), "")
	s.run("verify-files --live "+log.path+" --identity "+log.identity, exitError,
		missing+log.files[2]+": no end frame yet\n"+fmt.Sprintf("3 files, 11 lines, %d bytes: 1 finding in 1 file\n", size), "")
}

func TestVerifySealedWithoutIdentity(t *testing.T) {
	log := writeLog(t, t.TempDir(), "sealed", 2, 2)
	wrong, _ := newIdentity(t)
	s := script{t: t}
	s.run("verify-files "+log.path, exitUsage, log.files[0]+": sealed: pass --identity FILE to read it\n"+log.files[1]+": sealed: pass --identity FILE to read it\n"+
		"2 files, 0 lines, 0 bytes: no damage found in what could be read, 2 sealed files not checked\n", "")
	s.run("verify-files "+log.path+" --identity "+wrong, exitUsage, "*", "")
	torn := filepath.Join(log.dir, "torn.log")
	write(t, torn, "x\n")
	s.run("verify-files "+log.dir, exitError, "*", "")
}

func TestVerifyWrongPaths(t *testing.T) {
	dir := t.TempDir()
	s := script{t: t}
	s.run("verify-files "+dir, exitUsage, "", "*")
	s.run("verify-files "+dir+"/none", exitUsage, "", "*")
	s.run("verify-files", exitUsage, "", "*")
}

func TestColours(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a\x1b[2J.log"), "x\n")
	f := func(terminal bool, noColour string, want bool) {
		t.Helper()
		var o bytes.Buffer
		run([]string{"verify-files", dir}, streams{out: &o, err: &o, env: func(string) string { return noColour }, terminal: func(any) bool { return terminal }})
		if got := strings.Contains(o.String(), red); got != want {
			t.Errorf("terminal %v, NO_COLOR %q: colours %v, want %v in %q", terminal, noColour, got, want, o.String())
		}
		if strings.Contains(o.String(), "\x1b[2J") {
			t.Errorf("the name of a file reaches the terminal: %q", o.String())
		}
	}
	f(true, "", true)
	f(true, "1", false)
	f(false, "", false)
}

func TestHelpOfFileCommands(t *testing.T) {
	for command, wants := range map[string][]string{
		"decrypt":      {"pairlog decrypt app.log.sealed --identity key.txt", "age-keygen", "--out", "Exit codes"},
		"cat":          {"pairlog cat /var/log/pairly/app.log", "--identity", "Exit codes"},
		"verify-files": {"pairlog verify-files /var/log/pairly", "no end frame", "--live", "Exit codes"},
	} {
		var o bytes.Buffer
		if code := run([]string{command, "--help"}, streams{out: &o, err: &o, env: os.Getenv, terminal: isTerminal}); code != exitOK {
			t.Errorf("%s --help: exit %d", command, code)
		}
		for _, want := range wants {
			if !strings.Contains(o.String(), want) {
				t.Errorf("%s --help does not mention %q:\n%s", command, want, o.String())
			}
		}
	}
}
