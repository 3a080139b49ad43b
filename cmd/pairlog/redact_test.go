package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/internal/planted"
	"github.com/pairly/pairlog/redact"
)

// script runs one command line and asserts its exit code and, when they are not
// "*", its output and its errors.
type script struct {
	t   *testing.T
	in  string
	env map[string]string
	tty bool
}

func (s script) run(args string, code int, out, errs string) {
	s.t.Helper()
	var o, e bytes.Buffer
	got := run(strings.Fields(args), streams{
		in: strings.NewReader(s.in), out: &o, err: &e,
		env:      func(k string) string { return s.env[k] },
		terminal: func(stream any) bool { return s.tty && stream == any(&e) },
	})
	if got != code || out != "*" && o.String() != out || errs != "*" && e.String() != errs {
		s.t.Errorf("pairlog %s: exit %d\n out %q\n err %q\nwant exit %d\n out %q\n err %q", args, got, o.String(), e.String(), code, out, errs)
	}
}

func TestRedactJSON(t *testing.T) {
	s := script{t: t, in: `{"user":{"Password":"x"},"note":"card 4111 1111 1111 1111"}` + "\n"}
	want := `{"user":{"Password":"[REDACTED]"},"note":"card [CARD]"}` + "\n"
	s.run("redact --json", exitOK, want, "")
	s.run("redact", exitOK, want, "")
	if !json.Valid([]byte(want)) {
		t.Errorf("%s is not valid JSON", want)
	}
	s.in = "started\n" + s.in
	s.run("redact --json --stats", exitOK, "started\n"+want,
		"lines        2\nbytes        68\nredacted     2\nnot_json     1\n  card       1\n  key        1\n")
}

func TestRedactText(t *testing.T) {
	s := script{t: t, in: "login of bob@example.com from 10.1.2.3 password=x\n"}
	s.run("redact --text", exitOK, "login of b***@example.com from 10.1.2.0/24 password=[REDACTED]\n", "")
	s.run("redact --pii full", exitOK, "login of bob@example.com from 10.1.2.3 password=[REDACTED]\n", "")
	s.run("redact --disable assignment --disable email", exitOK, "login of bob@example.com from 10.1.2.0/24 password=x\n", "")
	s.run("redact --pii hash", exitUsage, "", "pairlog: --pii=hash: want --pii-key-file or LOG_PII_KEY\n")
	s.env = map[string]string{"LOG_PII_KEY": "short"}
	s.run("redact --pii hash", exitUsage, "", "*")
	s.env["LOG_PII_KEY"] = strings.Repeat("k", 32)
	s.run("redact --pii hash --pii-key-id k1", exitOK, "*", "")
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("k", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var a, b bytes.Buffer
	std := streams{in: strings.NewReader(s.in), out: &a, err: &a, env: func(string) string { return strings.Repeat("k", 32) }, terminal: isTerminal}
	run([]string{"redact", "--pii=hash"}, std)
	std.in, std.out, std.env = strings.NewReader(s.in), &b, func(string) string { return "" }
	run([]string{"redact", "--pii=hash", "--pii-key-file", key}, std)
	if a.String() != b.String() || !strings.Contains(a.String(), "[EMAIL:1:") {
		t.Errorf("the key of the environment gives %q and the same in a file %q", a.String(), b.String())
	}
}

func TestRedactKeysAndCards(t *testing.T) {
	s := script{t: t, in: `{"loyaltyNumber":"A-17","api_key":"k"} ` + "\n" + "card 4111-1111-1111-1111\n"}
	s.run("redact --key loyalty_number --safe-key api_key --card last4", exitOK,
		`{"loyaltyNumber":"[REDACTED]","api_key":"k"} `+"\ncard [CARD ****1111]\n", "")
}

func TestRedactFiles(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.log"), filepath.Join(dir, "b.log")
	for name, text := range map[string]string{a: "password=x\n", b: "fine\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := script{t: t, in: "from stdin\n"}
	s.run("redact "+a+" - "+b, exitOK, "password=[REDACTED]\nfrom stdin\nfine\n", "")
	s.run("redact --check "+a, exitFound, a+":1: assignment\n", "")
	s.run("redact --check "+b+" "+a+" "+a, exitFound, a+":1: assignment\n"+a+":1: assignment\n", "")
	s.run("redact --check "+b, exitOK, "", "")
	s.run("redact "+filepath.Join(dir, "none"), exitError, "", "pairlog: redact "+filepath.Join(dir, "none")+": no such file or directory\n")
	s.tty = true
	s.run("redact "+b, exitOK, "fine\n", "\r\x1b[K")
}

// TestRedactFollows shows a line of a program that goes on running.
func TestRedactFollows(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("a stream cannot tell here whether it pauses")
	}
	in, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	done := make(chan int, 1)
	go func() {
		std := streams{in: in, out: out, err: io.Discard, env: func(string) string { return "" }, terminal: isTerminal}
		done <- run([]string{"redact"}, std)
		out.Close()
	}()
	lines := bufio.NewReader(r)
	for _, c := range []struct{ line, want string }{{"password=x\n", "password=[REDACTED]\n"}, {"b\n", "b\n"}} {
		if _, err := io.WriteString(w, c.line); err != nil {
			t.Fatal(err)
		}
		if got, err := lines.ReadString('\n'); got != c.want {
			t.Errorf("while the program runs %q is shown as %q, error %v, want %q", c.line, got, err, c.want)
		}
	}
	w.Close()
	if code := <-done; code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
}

func TestProgressLine(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out, name: "a.log", size: 200}
	p.read.Store(100)
	p.print(time.Second)
	if want := "\r\x1b[Ka.log  50 % 0 MB/s"; out.String() != want {
		t.Errorf("progress %q, want %q", out.String(), want)
	}
}

func TestUsage(t *testing.T) {
	s := script{t: t}
	s.run("nothing", exitUsage, "", "pairlog: no command \"nothing\"; want one of cat, decrypt, redact, verify-files\nRun \"pairlog --help\" for what they do.\n")
	s.run("cat", exitUsage, "", "pairlog: cat: expected \"<path> ...\"\nRun \"pairlog cat --help\" for its arguments, its flags and examples.\n")
	s.run("--nothing", exitUsage, "", "*")
	s.run("redact --pii", exitUsage, "", "pairlog: redact: --pii: a value is missing\nRun \"pairlog redact --help\" for its arguments, its flags and examples.\n")
	s.run("version", exitOK, "pairlog "+version()+"\n", "")
	s.run("redact --pii secret", exitUsage, "", "*")
	s.run("redact --json --text", exitUsage, "", "*")
	s.run("redact --disable nothing", exitUsage, "", "*")
	var help bytes.Buffer
	std := streams{in: strings.NewReader(""), out: &help, err: &help, env: os.Getenv, terminal: isTerminal}
	if code := run([]string{"redact", "--help"}, std); code != exitOK {
		t.Errorf("redact --help: exit %d, want %d", code, exitOK)
	}
	for _, want := range []string{"pairlog redact < app.log", "--pii", "--check", "LOG_PII_KEY", "docs/redaction.md"} {
		if !strings.Contains(help.String(), want) {
			t.Errorf("redact --help does not mention %q:\n%s", want, help.String())
		}
	}
}

// TestRedactOfWhatIsNoLog: what cannot be cleaned says what to do, and is not spoilt.
func TestRedactOfWhatIsNoLog(t *testing.T) {
	s := script{t: t}
	for _, form := range []string{"zstd", "gzip", "sealed"} {
		path := writeLog(t, t.TempDir(), form, 2, 5).files[0]
		s.run("redact "+path, exitUsage, "", "pairlog: "+path+": this is a "+form+" file; use: pairlog cat "+path+" | pairlog redact\n")
	}
	dir := t.TempDir()
	s.run("redact "+dir, exitUsage, "", "pairlog: "+dir+": this is a folder; name the files in it, or use: pairlog cat "+dir+" | pairlog redact\n")
	s.run("redact --key !!", exitUsage, "", "pairlog: --key, --safe-key: want a name such as loyalty_number, got \"!!\"\n")
	short := filepath.Join(dir, "key")
	write(t, short, "abc\n")
	s.run("redact --pii hash --pii-key-file "+short, exitUsage, "", "pairlog: --pii-key-file "+short+": want a key of at least 32 bytes, got 3; make one with: openssl rand -hex 32\n")
	s.env = map[string]string{"LOG_PII_KEY": "abcd"}
	s.run("redact --pii hash", exitUsage, "", "pairlog: LOG_PII_KEY: want a key of at least 32 bytes, got 4; make one with: openssl rand -hex 32\n")
	s = script{t: t, in: strings.Repeat("x", 17<<20) + "\n"}
	s.run("redact", exitOK, "[REDACTED]\n", "pairlog: 1 line of more than 16 MiB replaced whole by [REDACTED]\n")
}

// TestHelp: without a command there is the help, with what each command does and an
// example of it.
func TestHelp(t *testing.T) {
	f := func(args string, code int, out, errs *bytes.Buffer) {
		t.Helper()
		if got := run(strings.Fields(args), streams{out: out, err: errs, env: os.Getenv, terminal: isTerminal}); got != code {
			t.Errorf("pairlog %s: exit %d, want %d", args, got, code)
		}
	}
	var asked, told, nothing bytes.Buffer
	f("--help", exitOK, &asked, &nothing)
	f("", exitUsage, &nothing, &told)
	if asked.String() != told.String() || nothing.Len() > 0 {
		t.Errorf("without a command: %q, want the help %q", told.String(), asked.String())
	}
	for _, command := range []string{"cat", "decrypt", "redact", "verify-files"} {
		if !strings.Contains(asked.String(), "pairlog "+command+" ") || !strings.Contains(asked.String(), "\n  "+command+" ") {
			t.Errorf("the help has no example or no line of %s:\n%s", command, asked.String())
		}
	}
}

// A service and the command give an address the same mark for the same LOG_PII_KEY,
// whatever form that has.
func TestSameMarksAsAService(t *testing.T) {
	const raw = "0123456789abcdefghijklmnopqrstuvwxyz"
	for _, key := range []string{raw, hex.EncodeToString([]byte(raw)), base64.StdEncoding.EncodeToString([]byte(raw))} {
		t.Setenv("LOG_PII_KEY", key)
		r, err := redact.New(redact.Config{PII: redact.PIIHash, PIIKey: pairlog.FromEnv().PIIKey})
		if err != nil {
			t.Fatal(err)
		}
		want := r.String("from bob@example.com") + "\n"
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"redact", "--pii", "hash"}, {"redact", "--pii", "hash", "--pii-key-file", file}} {
			var o, e bytes.Buffer
			code := run(args, streams{in: strings.NewReader("from bob@example.com\n"), out: &o, err: &e, env: os.Getenv, terminal: isTerminal})
			if got := o.String(); code != exitOK || got != want {
				t.Errorf("%q: exit code %d, got %q, want %q, standard error %q", args, code, got, want, e.String())
			}
		}
	}
}

func TestUnknownRule(t *testing.T) {
	var o, e bytes.Buffer
	code := run([]string{"redact", "--disable", "crad"}, streams{in: strings.NewReader(""), out: &o, err: &e, env: os.Getenv, terminal: isTerminal})
	if got := e.String(); code != exitUsage || !strings.Contains(got, `got "crad"`) || !strings.Contains(got, "card, iban") {
		t.Errorf("exit code %d and %q, want %d and the names of the rules", code, got, exitUsage)
	}
}

func TestVersionAndHelp(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		var o, e bytes.Buffer
		code := run(args, streams{out: &o, err: &e, env: os.Getenv, terminal: isTerminal})
		if got := o.String(); code != exitOK || !strings.HasPrefix(got, want) {
			t.Errorf("%q: exit code %d and %q, want %q", args, code, got, want)
		}
	}
	f("pairlog ", "--version")
	f("Usage: pairlog <command>", "help")
	f("Usage: pairlog cat <path>", "help", "cat")
}

// What was cleaned is clean: --check, and a second time, find nothing more.
func TestRedactedIsClean(t *testing.T) {
	g := planted.NewSamples(1)
	lines := []string{`{"lat": 52.52437, "lng": 13.4, "client_ip": "10.1.2.3", "email": "bob@example.com", "phone": "+49 30 1234567"}`}
	for _, pattern := range planted.Lines("secrets") {
		line, _ := g.Secret(pattern)
		doc, err := json.Marshal(map[string]string{"note": line})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line, string(doc))
	}
	for _, line := range lines {
		var clean bytes.Buffer
		std := streams{in: strings.NewReader(line + "\n"), out: &clean, err: &clean, env: func(string) string { return "" }, terminal: isTerminal}
		if code := run([]string{"redact"}, std); code != exitOK {
			t.Fatalf("redact: exit %d: %s", code, clean.String())
		}
		script{t: t, in: clean.String()}.run("redact --stats", exitOK, clean.String(), "*")
		script{t: t, in: clean.String()}.run("redact --check", exitOK, "", "")
	}
}
