package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What would be redacted is named by line and rule, never shown, in files and in what
// can be read once.
func TestCheckNamesLines(t *testing.T) {
	clean := strings.Repeat("a line with nothing in it\n", 5000) // more than a block
	text := clean + "card 4111 1111 1111 1111 password=hunter2\n" + clean + `{"token":"t0p"}` + "\nlast password=hunter2"
	path := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := func(name string) string {
		return fmt.Sprintf("%[1]s:5001: assignment, card\n%[1]s:10002: key\n%[1]s:10003: assignment\n", name)
	}
	s := script{t: t, in: text}
	s.run("redact --check "+path, exitFound, want(path), "")
	s.run("redact --check", exitFound, want("standard input"), "")
	s.run("redact --check --disable card --disable assignment --disable key "+path, exitOK, "", "")
}

func TestCheckNamesAFew(t *testing.T) {
	s := script{t: t, in: strings.Repeat("password=hunter2\n", 57)}
	var want strings.Builder
	for n := range 20 {
		fmt.Fprintf(&want, "standard input:%d: assignment\n", n+1)
	}
	s.run("redact --check", exitFound, want.String(), "pairlog: the first 20 lines are named; 57 values would be redacted in all\n")
	s.in = strings.Repeat("password=hunter2\n", 20)
	s.run("redact --check", exitFound, want.String(), "")
}

// A line that is too long is named as one, and those after it by their numbers.
func TestCheckLongLine(t *testing.T) {
	s := script{t: t, in: "a\n" + strings.Repeat("x", 17<<20) + "\npassword=hunter2\n"}
	s.run("redact --check", exitFound, "standard input:2: too_long\nstandard input:3: assignment\n", "")
}

// A private key is found by its lines together.
func TestCheckPrivateKey(t *testing.T) {
	body := strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n", 8)
	s := script{t: t, in: "a\nb\n-----BEGIN PRIVATE KEY-----\n" + body + "-----END PRIVATE KEY-----\nc\n"}
	var out, errs bytes.Buffer
	code := run([]string{"redact", "--check"}, streams{in: strings.NewReader(s.in), out: &out, err: &errs, env: os.Getenv, terminal: isTerminal})
	if code != exitFound || !strings.HasPrefix(out.String(), "standard input:3: ") || strings.Contains(out.String()+errs.String(), "MII") {
		t.Errorf("exit %d, out %q, errors %q, want 3 and line 3 first", code, out.String(), errs.String())
	}
}
