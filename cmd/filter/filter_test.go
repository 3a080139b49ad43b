package filter_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pairly/pairlog/cmd/filter"
	"github.com/pairly/pairlog/redact"
)

func redactor(t testing.TB) *redact.Redactor {
	t.Helper()
	r, err := redact.New(redact.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func run(t testing.TB, cfg filter.Config, in string) (string, filter.Stats) {
	t.Helper()
	if cfg.Redactor == nil {
		cfg.Redactor = redactor(t)
	}
	var out bytes.Buffer
	stats, err := filter.Copy(&out, strings.NewReader(in), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), stats
}

func TestCopy(t *testing.T) {
	f := func(mode filter.Mode, in, want string) {
		t.Helper()
		if got, _ := run(t, filter.Config{Mode: mode}, in); got != want {
			t.Errorf("mode %d, %q\n got %q\nwant %q", mode, in, got, want)
		}
	}
	f(filter.Auto, "", "")
	f(filter.Auto, "hello", "hello")
	f(filter.Auto, "a\r\n\r\n\nb\n", "a\r\n\r\n\nb\n")
	f(filter.Auto, `{"a": {"Password":"x"} }`+"\r\npassword=x\n", `{"a": {"Password":"[REDACTED]"} }`+"\r\npassword=[REDACTED]\n")
	f(filter.Auto, `{"password":"x"`+"\n", `{"password":"[REDACTED]"`+"\n")
	f(filter.JSON, `"password=x"`+"\n4111111111111111\n", `"password=[REDACTED]"`+"\n\"[CARD]\"\n")
	f(filter.Text, `{"password":"x"}`+"\n", `{"password":"[REDACTED]"}`+"\n")
	key := "-----BEGIN PRIVATE " + "KEY-----\nMIIE\nabcd\n-----END PRIVATE " + "KEY-----\n"
	f(filter.Auto, "a\n"+key+"b\n", "a\n[REDACTED]\nb\n")
	f(filter.Auto, `{"a":1}`+"\n"+key+`{"a":2}`, `{"a":1}`+"\n[REDACTED]\n"+`{"a":2}`)
}

func TestStats(t *testing.T) {
	in := "{}\nnot json\n\n{\"a\":1}\n[1"
	_, s := run(t, filter.Config{Mode: filter.JSON}, in)
	if want := (filter.Stats{Lines: 5, Bytes: uint64(len(in)), NotJSON: 2}); s != want {
		t.Errorf("stats %+v, want %+v", s, want)
	}
}

// TestAnyCut gives the same result whatever the blocks and the reads are.
func TestAnyCut(t *testing.T) {
	var in strings.Builder
	p := rand.New(rand.NewPCG(1, 1))
	for i := range 400 {
		switch p.IntN(6) {
		case 0:
			fmt.Fprintf(&in, `{"n":%d,"password":"s%d","note":"from 10.1.2.%d"}`+"\n", i, i, i%250+1)
		case 1:
			fmt.Fprintf(&in, "line %d password=secret%d and %s\n", i, i, strings.Repeat("x", p.IntN(300)))
		case 2:
			in.WriteString("-----BEGIN PRIVATE " + "KEY-----\n" + strings.Repeat("MIIEabcd\n", p.IntN(20)) + "-----END PRIVATE " + "KEY-----\n")
		case 3:
			in.WriteString("Private-Lines: 3\n" + strings.Repeat("MIIEabcd\n", p.IntN(20)) + "Private-MAC: 00ff00ff\n")
		case 4:
			in.WriteString("\n")
		default:
			fmt.Fprintf(&in, "plain line %d\n", i)
		}
	}
	want, stats := run(t, filter.Config{}, in.String())
	if strings.Contains(want, "MIIE") || strings.Contains(want, "secret1") {
		t.Fatalf("a secret survives in %q", want)
	}
	for _, size := range []int{1024, 4096, 9000} {
		for name, r := range map[string]io.Reader{
			"whole":  strings.NewReader(in.String()),
			"halves": iotest.HalfReader(strings.NewReader(in.String())),
			"bytes":  iotest.OneByteReader(strings.NewReader(in.String())),
		} {
			var out bytes.Buffer
			got, err := filter.Copy(&out, r, filter.Config{Redactor: redactor(t), BlockBytes: size, Workers: 3})
			if err != nil || out.String() != want || got != stats {
				t.Errorf("blocks of %d read in %s: error %v, stats %+v, want %+v, equal output %v", size, name, err, got, stats, out.String() == want)
			}
		}
	}
}

// TestNoLineIsLost passes ordinary lines around what only looks like the beginning of
// something: the first line of a private key took half a megabyte after it.
func TestNoLineIsLost(t *testing.T) {
	key := "-----BEGIN PRIVATE " + "KEY-----"
	for _, odd := range []string{
		"key file must start with " + key, key, `password="x`, "password='x", "<password>x", "form-data; name=\"token\"", "token: [x", "token: {",
		`{"password":"x`, "password=%22x", "secret: |", "Cookie: a='x",
	} {
		var in strings.Builder
		for i := range 20_000 {
			if i == 10_000 {
				in.WriteString(odd + "\n")
			}
			fmt.Fprintf(&in, "2026-01-02 15:04:05 INFO request %d done in 12ms\n", i)
		}
		for _, mode := range []filter.Mode{filter.Auto, filter.Text} {
			out, _ := run(t, filter.Config{Mode: mode}, in.String())
			if got, want := strings.Count(out, "\n"), 20_001; got != want {
				t.Errorf("after %q, mode %d: %d lines of %d", odd, mode, got, want)
			}
		}
	}
}

func TestLongLines(t *testing.T) {
	long := strings.Repeat("a", 5000)
	f := func(in string, lines uint64) {
		t.Helper()
		got, s := run(t, filter.Config{MaxLineBytes: 1000, BlockBytes: 256}, in)
		want := strings.ReplaceAll(in, long, redact.Mark)
		if got != want || s.TooLong != uint64(strings.Count(in, long)) || s.Lines != lines {
			t.Errorf("Copy of %d bytes = %q, stats %+v, want %q", len(in), got, s, want)
		}
	}
	f("x\n"+long+"\ny\n", 3)
	f("x\n"+long, 2)
	f(long+"\n"+long+"\n", 2)
}

// TestHugeLineIsBounded passes a hundred megabytes in one line.
func TestHugeLineIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a hundred megabytes")
	}
	src := io.MultiReader(strings.NewReader("a\n"), io.LimitReader(zeros{}, 100<<20), strings.NewReader("\nb\n"))
	var out bytes.Buffer
	s, err := filter.Copy(&out, src, filter.Config{Redactor: redactor(t), MaxLineBytes: 1 << 20})
	if err != nil || out.String() != "a\n"+redact.Mark+"\nb\n" || s.TooLong != 1 || s.Lines != 3 {
		t.Errorf("Copy = %q, %+v, %v, want the mark for the long line", out.String(), s, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

type failingWriter struct{ after int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.after--; w.after < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

// TestNothingIsKept redacts blocks that lie where others lay before. Keys, values
// and texts that were kept, and not cloned, would have changed under the Redactor.
func TestNothingIsKept(t *testing.T) {
	r := redactor(t)
	for round := range 3 {
		for _, mode := range []filter.Mode{filter.JSON, filter.Text, filter.Auto} {
			in := logLines(1 << 18)
			if round == 1 {
				in = strings.NewReplacer("password", "passport", "email", "genre", "event", "evict", "api.request", "api.replies", "AppleWebKit", "ApplePieBox").Replace(in)
			}
			var got bytes.Buffer
			if _, err := filter.Copy(&got, strings.NewReader(in), filter.Config{Redactor: r, Mode: mode, BlockBytes: 1 << 12, Workers: 2}); err != nil {
				t.Fatal(err)
			}
			var want []byte
			fresh := redactor(t)
			for line := range strings.Lines(in) {
				body := strings.TrimSuffix(strings.Clone(line), "\n")
				if out, ok := fresh.AppendDocument(want, body); ok && mode != filter.Text {
					want = append(out, '\n')
				} else {
					want = append(fresh.AppendString(want, body), '\n')
				}
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Fatalf("round %d, mode %d: a block is redacted in another way than its lines", round, mode)
			}
		}
	}
}

// pausingReader gives one piece a read, and pauses after each.
type pausingReader struct {
	pieces []string
}

func (r *pausingReader) Read(p []byte) (int, error) {
	if len(r.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.pieces[0])
	r.pieces = r.pieces[1:]
	return n, nil
}

func (r *pausingReader) Paused() bool {
	return true
}

// TestPauses shows the lines at hand when the source pauses, but for one that the
// next goes on with.
func TestPauses(t *testing.T) {
	f := func(want []string, pieces ...string) {
		t.Helper()
		var out writes
		src := &pausingReader{pieces: pieces}
		if _, err := filter.Copy(&out, src, filter.Config{Redactor: redactor(t), Mode: filter.Text, Workers: 1}); err != nil || !slices.Equal(out, want) {
			t.Errorf("%q is written as %q, error %v, want %q", pieces, out, err, want)
		}
	}
	f([]string{"a\n", "password=[REDACTED]\n", "c"}, "a\n", "password=x\n", "c")
	f([]string{"a\n", "b"}, "a", "\n", "b")
	f([]string{"secrets:[REDACTED]\nend\n"}, "secrets:\n", "- x1\n", "- x2\n", "end\n")
	f([]string{"form-data; name=\"token\"\r\n\r\n[REDACTED]\r\n", "c\n"}, "form-data; name=\"token\"\r\n", "\r\n", "x1\r\n", "c\n")
	f([]string{"a\n", "at " + "-----BEGIN PRIVATE KEY-----\nb c\n", "d e\n"}, "a\n", "at "+"-----BEGIN PRIVATE KEY-----\n", "b c\n", "d e\n")
	f([]string{"a\n", "[REDACTED]\nb\n"}, "a\n", "-----BEGIN PRIVATE "+"KEY-----\nMIIE\n", "abcd\n", "-----END PRIVATE "+"KEY-----\n", "b\n")
}

// writes keeps what each Write was given.
type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

func TestErrors(t *testing.T) {
	in := strings.Repeat("line\n", 100000)
	_, err := filter.Copy(&failingWriter{after: 2}, strings.NewReader(in), filter.Config{Redactor: redactor(t), BlockBytes: 1024})
	if err == nil || err.Error() != "write: disk full" {
		t.Errorf("error %v, want write: disk full", err)
	}
	var out bytes.Buffer
	_, err = filter.Copy(&out, io.MultiReader(strings.NewReader("password=x\n"), iotest.ErrReader(errors.New("gone"))), filter.Config{Redactor: redactor(t)})
	if err == nil || err.Error() != "read: gone" || out.String() != "password=[REDACTED]\n" {
		t.Errorf("error %v after %q, want read: gone after the first line", err, out.String())
	}
	if _, err := filter.Copy(io.Discard, strings.NewReader(""), filter.Config{}); err == nil {
		t.Error("Copy without a Redactor succeeds")
	}
}

func FuzzCopy(f *testing.F) {
	f.Add("a\n{\"a\":1}\n", 100)
	for _, kind := range kinds[:8] {
		f.Add(linesOf(kind.line, 1<<8), 1<<10)
	}
	f.Fuzz(func(t *testing.T, in string, size int) {
		if size < 16 || size > 1<<16 {
			return
		}
		var out bytes.Buffer
		if _, err := filter.Copy(&out, strings.NewReader(in), filter.Config{Redactor: redactor(t), BlockBytes: size, MaxLineBytes: 1 << 12}); err != nil {
			t.Fatal(err)
		}
		if json.Valid([]byte(in)) && !strings.ContainsAny(strings.TrimSpace(in), "\n") && len(in) < 1<<12 && !json.Valid(out.Bytes()) && in[0] == '{' {
			t.Errorf("%q is JSON and %q is none", in, out.String())
		}
		// Documents that come again and again are redacted as they are when they come
		// for the first time.
		for line := range strings.Lines(in) {
			if line[0] != '{' || line[len(line)-1] != '\n' || !json.Valid([]byte(line)) || len(line) > 1<<12 {
				return
			}
		}
		var again bytes.Buffer
		if _, err := filter.Copy(&again, strings.NewReader(strings.Repeat(in, 4)), filter.Config{Redactor: redactor(t), BlockBytes: size, MaxLineBytes: 1 << 12, Workers: 1}); err != nil {
			t.Fatal(err)
		}
		if got, want := again.String(), strings.Repeat(out.String(), 4); got != want {
			t.Errorf("%q four times becomes %q, want %q", in, got, want)
		}
	})
}

// TestShortCodes: a code of four digits was not found when a line of the file was longer
// than a message.
func TestShortCodes(t *testing.T) {
	in := strings.Repeat("x ", 200) + "\n4821 is your login code\nport 5432 of your host\n"
	want := strings.Replace(in, "4821", redact.Mark, 1)
	for _, mode := range []filter.Mode{filter.Text, filter.Auto} {
		if got, _ := run(t, filter.Config{Mode: mode}, in); got != want {
			t.Errorf("mode %d: Copy = %q, want %q", mode, got, want)
		}
	}
}
