package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestDecrypt(t *testing.T) {
	log := writeLog(t, t.TempDir(), "sealed", 3, 5)
	s := script{t: t}
	s.run("decrypt "+strings.Join(log.files, " ")+" --identity "+log.identity, exitOK, log.all(), "")
	s.in = string(read(t, log.identity))
	s.run("decrypt "+log.files[1]+" --identity -", exitOK, strings.Join(log.lines[5:10], ""), "")

	out := filepath.Join(log.dir, "clear.txt")
	s.run("decrypt "+log.files[0]+" -i "+log.identity+" --out "+out, exitOK, "", "")
	if got, want := string(read(t, out)), strings.Join(log.lines[:5], ""); got != want {
		t.Errorf("--out holds %q, want %q", got, want)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("--out has mode %v, error %v, want 0600", info.Mode(), err)
	}
	before := read(t, out)
	s.run("decrypt "+log.files[1]+" -i "+log.identity+" --out "+out, exitUsage, "",
		"pairlog: --out "+out+": it exists and is left as it is; choose another name\n")
	s.run("decrypt "+log.files[1]+" -i "+log.identity+" --out "+log.files[1], exitUsage, "", "*")
	if !bytes.Equal(before, read(t, out)) {
		t.Error("--out was overwritten")
	}
}

func TestDecryptSkipsDamage(t *testing.T) {
	log := writeLog(t, t.TempDir(), "sealed", 2, 6)
	first, second := log.files[0], log.files[1]
	at := frameAt(t, first, 2)
	length := frameAt(t, first, 3) - at
	flip(t, first, at+40)
	rest := strings.Join(log.lines[:2], "") + strings.Join(log.lines[3:], "")
	s := script{t: t}
	s.run("decrypt "+first+" "+second+" --identity "+log.identity, exitError, rest,
		fmt.Sprintf("pairlog: %s: offset %d: frame 2 is damaged; %d bytes skipped\n", first, at, length))

	out := filepath.Join(log.dir, "clear.txt")
	s.run("decrypt "+first+" "+second+" --identity "+log.identity+" --out "+out, exitError, "", "*")
	if got := string(read(t, out)); got != rest {
		t.Errorf("--out holds %q, want all that is intact: %q", got, rest)
	}
}

func TestDecryptTruncated(t *testing.T) {
	log := writeLog(t, t.TempDir(), "sealed", 1, 4)
	path := log.files[0]
	end := frameAt(t, path, 4)
	cut(t, path, len(read(t, path))-end)
	noEnd := fmt.Sprintf("pairlog: %s: offset %d: no end frame: the file was cut, its writer died, or it is still being written\n", path, end)
	s := script{t: t}
	s.run("decrypt "+path+" --identity "+log.identity, exitError, log.all(), noEnd)
	s.run("decrypt --live "+path+" --identity "+log.identity, exitOK, log.all(), "")
	cut(t, path, 3)
	s.run("decrypt --live "+path+" --identity "+log.identity, exitError, strings.Join(log.lines[:3], ""), "*")
	write(t, path, "")
	s.run("decrypt "+path+" --identity "+log.identity, exitError, "", "pairlog: "+path+": offset 0: the file is empty: not even a header is left\n")
}

func TestDecryptDamagedHeader(t *testing.T) {
	log := writeLog(t, t.TempDir(), "sealed", 1, 2)
	path := log.files[0]
	flip(t, path, 20)
	s := script{t: t}
	s.run("decrypt "+path+" --identity "+log.identity, exitError, log.all(), "*") // the second copy serves
	flip(t, path, frameAt(t, path, 0)-20)
	s.run("decrypt "+path+" --identity "+log.identity, exitError, "",
		"pairlog: "+path+": offset 0: neither copy of the header is intact: nothing in the file can be decrypted\n")
}

func TestDecryptIdentity(t *testing.T) {
	log := writeLog(t, t.TempDir(), "sealed", 1, 2)
	path, out := log.files[0], filepath.Join(log.dir, "clear.txt")
	wrong, recipients := newIdentity(t)
	s := script{t: t}
	s.run("decrypt "+path+" --out "+out+" --identity "+wrong, exitUsage, "",
		"pairlog: "+path+": sealed to other recipients: no identity given fits; pass --identity with the one that belongs to a recipient in LOG_SEAL_RECIPIENTS of that time\n")
	if _, err := os.Stat(out); err == nil {
		t.Error("--out was made although nothing was decrypted")
	}
	s.run("decrypt "+path+" --identity "+wrong+" --identity "+log.identity, exitOK, log.all(), "")
	s.run("decrypt "+path, exitUsage, "", "*")
	s.run("decrypt "+path+" --identity "+filepath.Join(log.dir, "none"), exitUsage, "",
		"pairlog: --identity "+filepath.Join(log.dir, "none")+": no such file or directory\n")

	key := filepath.Join(t.TempDir(), "k")
	secret := strings.Split(string(read(t, log.identity)), "\n")[1]
	for content, want := range map[string]string{
		"":                                    "no identity in it",
		"# nothing\n":                         "no identity in it",
		recipients[0] + "\n":                  "line 1: this is a recipient",
		"\n" + secret[:40] + "\n":             "line 2: the identity is incomplete",
		strings.ToLower(secret) + "\n":        "line 1: want an age identity",
		"age-encryption.org/v1\n-> x\n":       "line 1: this file is itself encrypted",
		"-----BEGIN OPENSSH PRIVATE KEY-----": "line 1: SSH and PEM keys",
	} {
		write(t, key, content)
		var o, e bytes.Buffer
		code := run([]string{"decrypt", path, "--identity", key}, streams{out: &o, err: &e, env: os.Getenv, terminal: isTerminal})
		if code != exitUsage || !strings.Contains(e.String(), want) || o.Len() > 0 {
			t.Errorf("identity file %q: exit %d, out %q, err %q, want %q", content, code, o.String(), e.String(), want)
		}
		if strings.Contains(strings.ToUpper(e.String()), secret[20:40]) {
			t.Errorf("the error tells the secret: %q", e.String())
		}
	}
}

func TestDecryptWrongFiles(t *testing.T) {
	dir := t.TempDir()
	log := writeLog(t, dir, "zstd", 2, 2)
	identity, _ := newIdentity(t)
	s := script{t: t}
	s.run("decrypt "+log.path+" -i "+identity, exitUsage, "", "pairlog: "+log.path+": not a sealed file but a plain one; use: pairlog cat "+log.path+"\n")
	s.run("decrypt "+log.files[0]+" -i "+identity, exitUsage, "", "pairlog: "+log.files[0]+": not a sealed file but a zstd one; use: pairlog cat "+log.files[0]+"\n")
	s.run("decrypt "+dir+"/none -i "+identity, exitUsage, "", "pairlog: "+dir+"/none: no such file\n")
	s.run("decrypt "+dir+" -i "+identity, exitUsage, "", "*")
}

// brokenPipe is a reader that has gone.
type brokenPipe struct{ after int }

func (b *brokenPipe) Write(p []byte) (int, error) {
	if b.after -= len(p); b.after < 0 {
		return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}
	}
	return len(p), nil
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestOutputEnds(t *testing.T) {
	log := writeLog(t, t.TempDir(), "sealed", 3, 50)
	for _, args := range [][]string{{"decrypt", log.files[0], log.files[1]}, {"cat", log.path}} {
		args = append(args, "--identity", log.identity)
		var e bytes.Buffer
		std := streams{out: &brokenPipe{after: 10}, err: &e, env: os.Getenv, terminal: isTerminal}
		if code := run(args, std); code != exitOK || e.Len() > 0 {
			t.Errorf("%s into a broken pipe: exit %d, err %q, want 0 and nothing", args[0], code, e.String())
		}
		std.out = fullDisk{}
		if code := run(args, std); code != exitError || !strings.Contains(e.String(), syscall.ENOSPC.Error()) {
			t.Errorf("%s to a full disk: exit %d, err %q, want 1 and the cause", args[0], code, e.String())
		}
	}
}

func TestOutputRemovesHalfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	o := &output{create: path}
	if _, err := o.Write([]byte("line\n")); err != nil {
		t.Fatal(err)
	}
	if err := o.close(false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
}
