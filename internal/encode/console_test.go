package encode_test

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pairly/pairlog/internal/encode"
)

var update = flag.Bool("update", false, "write the golden files of this package")

func TestConsole(t *testing.T) {
	c := encode.NewConsole(encode.ConsoleConfig{})
	f := func(in, want string) {
		t.Helper()
		if got := string(c.Append(nil, []byte(in+"\n"))); got != want+"\n" {
			t.Errorf("%s:\n got %q\nwant %q", in, got, want+"\n")
		}
		if got := string(c.Append([]byte("x"), []byte(in))); got != "x"+want+"\n" {
			t.Errorf("%s without newline: got %q", in, got)
		}
	}
	const pre = `{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"x",`
	const head = "10:30:45.123 INFO  x                   "
	f(pre+`"event":"e"}`, head+"e")
	f(pre+`"event":"e","a":1,"b":"text","c":"two words","d":null,"e":"","f":"a=b"}`,
		head+`e                     a=1 b=text c="two words" d=null e="" f="a=b"`)
	f(pre+`"request_id":"r-1","message":"A text","g":{"a":[1,"}"],"b":{}},"l":[]}`,
		head+`A text                request_id=r-1 g.a=[1,"}"] g.b={} l=[]`)
	f(pre+`"event":"e","a":{"b":{"c":{"d":{"e":1}}}}}`, head+`e                     a.b.c.d={"e":1}`)
	f(pre+`"event":"e","message":"said","level_":"x"}`, head+`e                     message=said level_=x`)
	f(pre+`"event":"a_very_long_event_name_of_something","n":1}`, head+`a_very_long_event_name_of_something n=1`)
	f(`{"level":"WARNING","logger":"a.very.long.logger.name.of.something","event":"e"}`, `WARN  a.very.long.logger.name.of.something e`)
	f(`{"level":"ERROR","logger":"x","event":"e","stack_trace":"main.f\n\t/a/b.go:12\nmain.g\n\t/a/c.go:3","n":1}`,
		"ERROR x                   e                     n=1\n    main.f\n        /a/b.go:12\n    main.g\n        /a/c.go:3")
	f(pre+`"event":"e","s":"\u001b[31mred\u0007","k\u001b":"\u202edesrever","u":"\ud83d\ude00é"}`,
		head+`e                     s="\u001b[31mred\u0007" k\u001b="\u202edesrever" u=😀é`)
	f("not JSON \x1b[2J\xff", `not JSON \u001b[2J\ufffd`)
	f(`{"a":`, `{"a":`)
	f(`{"a":1`, `{"a":1`)
	f(`{"a":1}x`, `{"a":1}x`)
	f(`{}`, `{}`)
	f(`{"a\0":1}`, `{"a\0":1}`)
	f(``, ``)
}

// TestTerminal holds the rows of records as people see them, at two widths.
func TestTerminal(t *testing.T) {
	records, err := os.ReadFile(filepath.Join("testdata", "terminal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	for _, width := range []int{100, 60, 59} {
		c := encode.NewConsole(encode.ConsoleConfig{Width: func() int { return width }})
		got = fmt.Appendf(got, "%s\n", strings.Repeat("-", width))
		for line := range bytes.Lines(records) {
			got = c.Append(got, line)
		}
	}
	golden := filepath.Join("testdata", "terminal.txt")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestConsoleColors(t *testing.T) {
	got := string(encode.NewConsole(encode.ConsoleConfig{Color: true}).Append(nil, []byte(`{"level":"ERROR","logger":"x","event":"e","error_type":"T","n":1}`)))
	for _, want := range []string{"\x1b[31mERROR\x1b[0m ", "\x1b[1;31me\x1b[0m", "\x1b[31merror_type=\x1b[0mT", "\x1b[2mn=\x1b[0m1"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}

// escapes are the colours that a console writes.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// FuzzConsole writes anything as a value and as a whole line: the terminal never
// sees a control character but the newlines and, with colours, our own.
func FuzzConsole(f *testing.F) {
	for _, s := range []string{"", "a b", "\x1b[31m", "\u202e", "\xff", `{"a":{"b":[1]}}`, `{"a":"\ud800"}`, "{\"stack_trace\":\"a\\n\\tb\"}"} {
		f.Add(s)
	}
	e := plainEncoder(f)
	head := e.NewHead("x")
	plain, colored := encode.NewConsole(encode.ConsoleConfig{}), encode.NewConsole(encode.ConsoleConfig{Color: true})
	wide := func() int { return 80 }
	terminal, bright := encode.NewConsole(encode.ConsoleConfig{Width: wide}), encode.NewConsole(encode.ConsoleConfig{Color: true, Width: wide})
	f.Fuzz(func(t *testing.T, s string) {
		l := e.NewLine()
		defer l.Free()
		l.Begin(time.Now(), head, slog.LevelInfo)
		l.Message("e")
		l.Attrs([]slog.Attr{slog.String(s, s), slog.Any("m", map[string]any{s: []any{s, 1}}), slog.String("stack_trace", "x"+s)})
		l.EndAttrs()
		l.Scope(nil)
		record := string(l.End())
		for _, line := range []string{record, s} {
			got := string(plain.Append(nil, []byte(line)))
			if line == record && !strings.HasPrefix(got[strings.IndexByte(got, ' ')+1:], "INFO  x ") {
				t.Errorf("%q was not read as a record: %q", line, got)
			}
			checkText(t, line, got)
			// Only a stack trace is told over several lines.
			if !strings.Contains(line, "stack_trace") && strings.Count(got, "\n") != 1 {
				t.Errorf("%q became several lines: %q", line, got)
			}
			if stripped := escapes.ReplaceAllString(string(colored.Append(nil, []byte(line))), ""); stripped != got {
				t.Errorf("%q: coloured text differs: %q, want %q", line, stripped, got)
			}
			rows := string(terminal.Append(nil, []byte(line)))
			checkText(t, line, rows)
			if stripped := escapes.ReplaceAllString(string(bright.Append(nil, []byte(line))), ""); stripped != rows {
				t.Errorf("%q: coloured rows differ: %q, want %q", line, stripped, rows)
			}
			if line != record {
				continue
			}
			for row := range strings.Lines(rows) {
				if strings.HasPrefix(row, "    ") && row[4] != ' ' {
					break // a stack trace
				}
				if n := encode.Columns(strings.TrimSuffix(row, "\n")); n > 80 {
					t.Errorf("%q: row of %d columns, want 80: %q", line, n, row)
				}
			}
		}
	})
}

// checkText fails the test where got, made of line, holds anything that a
// terminal would act on.
func checkText(t *testing.T, line, got string) {
	t.Helper()
	if !strings.HasSuffix(got, "\n") {
		t.Errorf("%q: no newline at the end of %q", line, got)
	}
	for _, r := range strings.ReplaceAll(got, "\n", "") {
		if unicode.IsControl(r) || r == 0x2028 || r >= 0x202a && r <= 0x202e {
			t.Errorf("%q: control character %U in %q", line, r, got)
		}
	}
	if !utf8.ValidString(got) && utf8.ValidString(line) {
		t.Errorf("%q became invalid UTF-8: %q", line, got)
	}
}

func BenchmarkConsole(b *testing.B) {
	line := []byte(`{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","method":"POST","path":"/api/auth/login","query_params":{},"client_ip":"192.168.1.0/24","user_agent":"Mozilla/5.0 (X11)","user_id":null,"status_code":200,"duration_ms":145.23,"response_size_bytes":1024}`)
	c := encode.NewConsole(encode.ConsoleConfig{Color: true, Width: func() int { return 100 }})
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = c.Append(dst[:0], line)
	}
}
