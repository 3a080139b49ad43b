package redact_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// appendBlock appends the lines of block, redacted as cmd/filter does it, and how many
// were of a known form. A line that is no document stays as it is.
func appendBlock(l *redact.Lines, dst []byte, block string) (out []byte, known int) {
	for block != "" {
		var n, lines int
		dst, n, lines = l.AppendKnown(dst, block)
		known += lines
		if block = block[n:]; block == "" {
			break
		}
		line, rest, end := strings.Cut(block, "\n")
		var ok bool
		if dst, ok = l.AppendDocument(dst, line); !ok {
			dst = append(dst, line...)
		}
		if end {
			dst = append(dst, '\n')
		}
		block = rest
	}
	return dst, known
}

// padding are lines behind those that are tested: the last of a block are never taken
// for lines of a known form.
var padding = "\n" + strings.Repeat("-", 400)

// sameBlock holds what a Lines makes of a block, several times, against what a fresh
// Redactor makes of its lines.
func sameBlock(t *testing.T, cfg redact.Config, block string) (known int) {
	t.Helper()
	quick, plain := twoOf(t, cfg)
	l := quick.Lines()
	block += padding
	for range 3 {
		var want []byte
		for _, line := range strings.SplitAfter(block, "\n") {
			body := strings.TrimSuffix(line, "\n")
			var ok bool
			if want, ok = plain.AppendDocument(want, body); !ok {
				want = append(want, body...)
			}
			want = append(want, line[len(body):]...)
		}
		var got []byte
		got, known = appendBlock(l, []byte("x"), block)
		if string(got[1:]) != string(want) {
			gotLines, wantLines := strings.Split(string(got[1:]), "\n"), strings.Split(string(want), "\n")
			for i, line := range wantLines {
				if i >= len(gotLines) || gotLines[i] != line {
					t.Fatalf("line %d: got %q, want %q", i, gotLines[min(i, len(gotLines)-1):][0], line)
				}
			}
			t.Fatalf("got %q, want %q", got[1:], want)
		}
	}
	l.Flush()
	if got, want := fmt.Sprint(quick.Counts()), fmt.Sprint(plain.Counts()); got != want {
		t.Fatalf("counts: got %s, want %s", got, want)
	}
	return known
}

// TestKnownLines holds lines that differ in one thing from lines of a known form
// against what they are on their own.
func TestKnownLines(t *testing.T) {
	f := func(cfg redact.Config, usual string, others ...string) {
		t.Helper()
		block := strings.Repeat(usual+"\n", 5)
		known := sameBlock(t, cfg, block)
		if known != 5 && cfg.Values == nil { // rules of the user's see every key too
			t.Errorf("%d of 5 lines %s were of a known form", known, usual)
		}
		for _, s := range others {
			sameBlock(t, cfg, block+s+"\n"+block)
			sameBlock(t, cfg, block+strings.Repeat(s+"\n", 9)+block)
		}
		sameBlock(t, cfg, block+strings.Join(others, "\n")+"\n"+block)
	}
	mask := redact.Config{}
	f(mask, `{"level":"INFO","n":1}`, `{"level":"INFO","n":1`, `{"level":"INFO","n":01}`, `{"level":"INFO","n":-1}`, `{"level":"INFO","n":1.}`, `{"level":"INFO","n":1e5}`, `{"level":"INFO","n":.5}`,
		`{"level":"INFO","n":4111111111111111}`, `{"level":"INFO","n":4111111111.11}`, `{"level":"INFO","n":null}`, `{"level":"INFO","n":nulL}`, `{"level":"INFO","n":true}`, `{"level":"INFO","n":{}}`, `{"level":"INFO","n":[]}`,
		`{"level":"INFO","n":1}}`, `{"level":"INFO","n":1} `, `{"level":"INFO","n":1}`+"\r", `{"level":"INFO","n":1,}`, `{"level":"INFO","n":1é}`, `{"level":"card 4111111111111111","n":1}`, `{"level":"IN`+"\x01"+`","n":1}`, `{"level":"INFO`)
	f(mask, `{"client_ip":"192.168.1.77","x":"a"}`, `{"client_ip":"192.168.1.0","x":"a"}`, `{"client_ip":"::1","x":"a"}`, `{"client_ip":null,"x":"a"}`, `{"client_ip":"1.2.3.4, 5.6.7.8","x":"a"}`, `{"client_ip":["1.2.3.4"],"x":"a"}`,
		`{"client_ip":"192.168.1.77","x":"bob@example.com"}`, `{"client_ip":"192.168.1.77","x":"a"`, `{"client_ip":"192.168.1.777","x":"a"}`, `{"client_ip":"192.168.1.77","x":"password=hunter2"}`)
	f(mask, `{"name":"colour","value":"red"}`, `{"name":"password","value":"red"}`, `{"name":"p\u0061ssword","value":"red"}`, `{"name":null,"value":"red"}`, `{"name":["password"],"value":"red"}`)
	f(mask, `{"value":"red","name":"colour"}`, `{"value":"red","name":"password"}`, `{"value":"password=x1","name":"password"}`, `{"value":{"a":1},"name":"password"}`, `{"value":null,"name":"password"}`, `{"value":"red","name":"password"`,
		`{"value":"red","path":"/password"}`, `{"content":"red","data":"blue","name":"api_key"}`)
	f(mask, `{"a":{"value":"red","name":"colour"},"n":1}`, `{"a":{"value":"red","name":"password"},"n":1}`, `{"a":{"value":"red"},"name":"password"}`)
	f(mask, `{"event":"password","value":"red"}`, `{"name":"password","value":"red"}`)
	f(mask, `{"op":"replace","path":"/colour","value":"red"}`, `{"op":"replace","path":"/password","value":"red"}`, `{"op":"replace","path":"/a/users/507f1f77bcf86cd799439011","value":"red"}`, `{"op":"add","path":"password","value":"red"}`)
	f(mask, `{"before":null,"after":{"a":1},"z":"x"}`, `{"before":{"a":1},"after":null,"z":"x"}`, `{"before":{ },"after":{},"z":"x"}`, `{"before":{"password":"x1"},"after":[{"a":1},{"b":2}],"z":"x"}`, `{"before":"{\"pin\":\"1234\"}","after":{"a":1},"z":"x"}`,
		`{"before":null,"after":{"a":1,"z":"x"}`, `{"before":null,"after":{"a":1}},"z":"x"}`, `{"before":null,"after":{"a":{"b":{"c":{}}}},"z":"x"}`)
	f(mask, `{"id":"550e8400-e29b-41d4-a716-446655440000","conn":"conn_1a6bd9b445bc"}`, `{"id":"de893704-0044-0532-0130-00446655440000","conn":"conn_1a6bd9b445bc"}`, `{"id":"507f1f77bcf86cd799439011","conn":"conn_123456789012"}`,
		`{"id":"550e8400-e29b-41d4-a716-446655440000","conn":"conn_1a6bd9b445bcd"}`, `{"id":"550e8400-e29b-41d4-a716-44665544000x","conn":"conn_4111111111111111"}`)
	f(mask, `{"password":"hunter2","n":1}`, `{"password":"","n":1}`, `{"password":"[REDACTED]","n":1}`, `{"password":null,"n":1}`, `{"password":12,"n":1}`, `{"password":{"a":1},"n":1}`, `{"password":{},"n":1}`, `{"password":true,"n":1}`)
	f(mask, `{"lat":48.137,"lng":11.575,"z":1}`, `{"lat":48.1,"lng":null,"z":1}`, `{"lat":"48.137","lng":true,"z":1}`)
	f(mask, `{"at": "2024-01-15T10:30:45.123Z", "n": 1}`, `{"at":"2024-01-15T10:30:45.123Z","n": 1}`, `{"at": "2024-01-15T10:30:45.12xZ", "n": 1}`, `{"at": "2024-13-45T99:30:45.123Z", "n": 1}`, `{"at" : "2024-01-15T10:30:45.123Z", "n": 1}`)
	f(redact.Config{MaxBytes: 40}, `{"level":"INFO","n":1}`, `{"level":"INFO","n":1234567,"m":1234567}`, `{"level":"INFO","n":"`+strings.Repeat("x", 40)+`"}`)
	f(redact.Config{MaxDepth: 2}, `{"a":{"b":1}}`, `{"a":{"b":{"c":1}}}`, `{"a":{"b":[1]}}`)
	f(redact.Config{PII: redact.PIIFull}, `{"client_ip":"192.168.1.77","x":"a"}`, `{"client_ip":"::1","x":"a"}`)
	f(redact.Config{PII: redact.PIIHash, PIIKey: make([]byte, 32)}, `{"client_ip":"192.168.1.77","x":"a"}`)
	fault := redact.Config{Values: []redact.ValueRule{{Name: "fault", Find: func(s string) (int, int, bool) { return 0, 99, s == "fault" }}}}
	f(fault, `{"client_ip":"192.168.1.77","x":"a"}`, `{"client_ip":"192.168.1.77","x":"fault"}`, `{"x":{"y":"fault"}}`)
}

// TestManyForms feeds lines of more forms than are kept, then lines of one form.
func TestManyForms(t *testing.T) {
	p := planter{rand.New(rand.NewPCG(33, 34))}
	var b strings.Builder
	for range 8_000 {
		fmt.Fprintf(&b, `{"event":"%s","%s":%d,"client_ip":"10.0.0.%d"}`+"\n", p.letters(lower, 3), p.letters(lower, 1+p.IntN(6)), p.IntN(1000), p.IntN(256))
	}
	sameBlock(t, redact.Config{}, b.String())
	l := maskOnly.Lines()
	appendBlock(l, nil, b.String())
	line := `{"level":"INFO","client_ip":"10.0.0.7"}` + "\n"
	known := 0
	for range 40 { // there is a pause after lines that are all different
		_, known = appendBlock(l, nil, strings.Repeat(line, 10_000)+padding)
		if known > 9_000 {
			break
		}
	}
	if known < 9_000 {
		t.Errorf("of 10,000 equal lines %d were of a known form", known)
	}
}
