package record_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pairly/pairlog/internal/record"
	"github.com/pairly/pairlog/internal/seal"
)

// archive is a file of ten parts and where they end in it.
type archive struct {
	form  record.Form
	file  []byte
	parts [][]byte
	ends  []int // ends[0] is where the first part begins
}

// A pipe that nobody writes to is not waited for, a folder not read.
func TestOpenOfWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	paths := []string{dir}
	if pipe := filepath.Join(dir, "pipe"); makePipe(pipe) {
		paths = append(paths, pipe)
	}
	for _, path := range paths {
		if r, err := record.Open(path); err == nil {
			r.Close()
			t.Errorf("Open(%s) succeeded", path)
		}
	}
}

func parts() [][]byte {
	var all [][]byte
	for i := range 10 {
		var b []byte
		for n := range 200 {
			b = fmt.Appendf(b, `{"timestamp":"2026-01-02T03:04:05.%03dZ","event":"tick","part":%d,"n":%d}`+"\n", n, i, n*n*i)
		}
		all = append(all, b)
	}
	return all
}

func zstdArchive(t testing.TB) archive {
	t.Helper()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	a := archive{form: record.Zstd, parts: parts(), ends: []int{0}}
	for _, p := range a.parts {
		a.file = enc.EncodeAll(p, a.file)
		a.ends = append(a.ends, len(a.file))
	}
	a.file = append(a.file, 0x5e, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4) // something to skip
	return a
}

func gzipArchive(t testing.TB) archive {
	t.Helper()
	var out bytes.Buffer
	a := archive{form: record.Gzip, parts: parts(), ends: []int{0}}
	for _, p := range a.parts {
		z := gzip.NewWriter(&out)
		z.Write(p)
		z.Close()
		a.ends = append(a.ends, out.Len())
	}
	a.file = out.Bytes()
	return a
}

func sealedArchive(t testing.TB, id *age.X25519Identity) archive {
	t.Helper()
	w, header, err := seal.NewWriter([]age.Recipient{id.Recipient()})
	if err != nil {
		t.Fatal(err)
	}
	a := archive{form: record.Sealed, file: header, parts: parts(), ends: []int{len(header)}}
	for _, p := range a.parts {
		if a.file, err = w.Frame(a.file, p); err != nil {
			t.Fatal(err)
		}
		w.Commit()
		a.ends = append(a.ends, len(a.file))
	}
	if a.file, err = w.End(a.file); err != nil {
		t.Fatal(err)
	}
	return a
}

func plainArchive() archive {
	a := archive{form: record.Plain, parts: parts(), ends: []int{0}}
	for _, p := range a.parts {
		a.file = append(a.file, p...)
		a.ends = append(a.ends, len(a.file))
	}
	return a
}

func (a archive) without(lost ...int) []byte {
	var b []byte
next:
	for i, p := range a.parts {
		for _, l := range lost {
			if i == l {
				continue next
			}
		}
		b = append(b, p...)
	}
	return b
}

func read(t testing.TB, file []byte, ids ...age.Identity) ([]byte, record.Form, []record.Gap) {
	t.Helper()
	return readNamed(t, "", file, ids...)
}

func readNamed(t testing.TB, ext string, file []byte, ids ...age.Identity) (got []byte, form record.Form, gaps []record.Gap) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.log"+ext)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := record.Open(path, ids...)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	for _, g := range r.Gaps() {
		if g.Path != path {
			t.Errorf("gap of %q, want of %q", g.Path, path)
		}
	}
	return got, r.Form(), r.Gaps()
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestEveryForm(t *testing.T) {
	id := identity(t)
	for _, a := range []archive{plainArchive(), zstdArchive(t), gzipArchive(t), sealedArchive(t, id)} {
		got, form, gaps := read(t, a.file, id)
		if !bytes.Equal(got, a.without()) || form != a.form || len(gaps) != 0 {
			t.Errorf("%s: read %d bytes as %s with gaps %v, want %d", a.form, len(got), form, gaps, len(a.without()))
		}
	}
	if got, form, gaps := read(t, nil); len(got) != 0 || form != record.Plain || len(gaps) != 0 {
		t.Errorf("an empty file: %q, %s, %v", got, form, gaps)
	}
}

// TestCutForeignArchive: a program that compresses a log as a whole makes one frame or
// member of it. When that is cut, the lines before the cut were lost.
func TestCutForeignArchive(t *testing.T) {
	var lines bytes.Buffer
	for i := range 20000 {
		fmt.Fprintf(&lines, `{"event":"tick","n":%d,"rest":"%x"}`+"\n", i, i*2654435761)
	}
	var zst, gz bytes.Buffer
	z, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	g := gzip.NewWriter(&gz)
	for _, w := range []io.WriteCloser{z, g} {
		if _, err := w.Write(lines.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for ext, file := range map[string][]byte{".zst": zst.Bytes(), ".gz": gz.Bytes()} {
		for _, left := range []int{len(file) * 2 / 3, len(file) - 1} {
			got, _, gaps := readNamed(t, ext, file[:left])
			if !bytes.HasPrefix(lines.Bytes(), got) || len(got) < lines.Len()/3 || !bytes.HasSuffix(got, []byte("\n")) {
				t.Errorf("%s of %d bytes: read %d of %d, want whole lines up to the cut", ext, left, len(got), lines.Len())
			}
			if len(gaps) != 1 || gaps[0].Offset != 0 || !strings.Contains(gaps[0].Reason, "cut") {
				t.Errorf("%s of %d bytes: gaps %v, want that it is cut", ext, left, gaps)
			}
			r, err := record.From(bytes.NewReader(file[:left]), "standard input")
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := io.ReadAll(r); !bytes.Equal(again, got) || len(r.Gaps()) != 1 || r.Size() != int64(left) {
				t.Errorf("%s of %d bytes, as a stream: read %d with gaps %v, want %d", ext, left, len(again), r.Gaps(), len(got))
			}
			r.Close()
		}
	}
}

// TestFrom reads each form as a stream, and lines as they come.
func TestFrom(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	id := identity(t)
	for _, a := range []archive{plainArchive(), zstdArchive(t), gzipArchive(t), sealedArchive(t, id)} {
		r, err := record.From(iotest.OneByteReader(bytes.NewReader(a.file)), "x", id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, a.without()) || r.Form() != a.form || len(r.Gaps()) != 0 || r.Size() != int64(len(a.file)) {
			t.Errorf("%s: read %d bytes as %s, %v, with gaps %v, size %d; want %d", a.form, len(got), r.Form(), err, r.Gaps(), r.Size(), len(a.without()))
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("%v, %v is left in the folder of temporary files", left, err)
	}

	in, out := io.Pipe()
	go io.WriteString(out, "{}\n")
	r, err := record.From(in, "x")
	if err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 3)
	if _, err := io.ReadFull(r, line); err != nil || string(line) != "{}\n" {
		t.Errorf("read %q, %v before the stream has ended, want the line", line, err)
	}
	go func() { io.WriteString(out, "{\"a"); out.CloseWithError(io.ErrClosedPipe) }()
	if _, err := io.ReadAll(r); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the error of the stream is %v, want its own", err)
	}
}

func TestDamage(t *testing.T) {
	id := identity(t)
	for _, a := range []archive{zstdArchive(t), gzipArchive(t), sealedArchive(t, id)} {
		f := func(name string, spoil func(file []byte) []byte, want []byte, offset int) {
			t.Helper()
			t.Run(string(a.form)+"/"+name, func(t *testing.T) {
				ext := map[record.Form]string{record.Zstd: ".zst", record.Gzip: ".gz", record.Sealed: ".sealed"}[a.form]
				got, _, gaps := readNamed(t, ext, spoil(bytes.Clone(a.file)), id)
				if !bytes.Equal(got, want) {
					t.Errorf("read %d bytes, want %d: the first difference is at %d", len(got), len(want), diff(got, want))
				}
				if len(gaps) == 0 || gaps[0].Offset != int64(offset) || gaps[0].Reason == "" {
					t.Errorf("gaps = %v, want one at offset %d", gaps, offset)
				}
			})
		}
		if a.form != record.Sealed { // whose beginning is its header
			f("begin_of_the_file", func(b []byte) []byte { b[0] ^= 0xff; return b }, a.without(0), 0)
		}
		f("begin_of_a_part", func(b []byte) []byte { b[a.ends[3]] ^= 0xff; return b }, a.without(3), a.ends[3])
		f("cut_off", func(b []byte) []byte { return b[:a.ends[9]+30] }, a.without(9), a.ends[9])
		f("zeros", func(b []byte) []byte { clear(b[a.ends[4]:a.ends[6]]); return b }, a.without(4, 5), a.ends[4])
		f("garbage_between", func(b []byte) []byte {
			return append(append(bytes.Clone(b[:a.ends[2]]), "garbage"...), b[a.ends[2]:]...)
		}, a.without(), a.ends[2])
		f("middle_of_a_part", func(b []byte) []byte { b[a.ends[3]+(a.ends[4]-a.ends[3])/2] ^= 0xff; return b }, a.without(3), a.ends[3])
	}
}

func diff(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// However a file is damaged, what is yielded are whole lines of it.
func TestDamageYieldsWholeLines(t *testing.T) {
	for ext, a := range map[string]archive{".gz": gzipArchive(t), ".zst": zstdArchive(t)} {
		lines := map[string]bool{}
		for line := range bytes.Lines(a.without()) {
			lines[string(line)] = true
		}
		for at := 0; at < len(a.file); at += len(a.file) / 150 {
			b := bytes.Clone(a.file)
			b[at] ^= 0x55
			got, _, _ := readNamed(t, ext, b)
			for line := range bytes.Lines(got) {
				if !lines[string(line)] {
					t.Fatalf("%s, offset %d: %.200q was not written", ext, at, line)
				}
			}
		}
	}
}

func TestTornLastLine(t *testing.T) {
	got, _, gaps := read(t, []byte("{\"a\":1}\n{\"a\":"))
	if string(got) != "{\"a\":1}\n{\"a\":" || len(gaps) != 1 || !strings.Contains(gaps[0].String(), "the last line has no end") {
		t.Errorf("read %q with %v, want all of it and a word about the end", got, gaps)
	}
}

// One frame for the whole file, as other programs write it.
func TestForeignArchives(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var want []byte
	for len(want) < 20<<20 {
		want = fmt.Appendf(want, `{"event":"tick","id":"%016x","pad":"%s"}`+"\n", rnd.Uint64(), strings.Repeat("x", 50))
	}
	var z, g bytes.Buffer
	enc, err := zstd.NewWriter(&z, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	enc.Write(want)
	enc.Close()
	gz := gzip.NewWriter(&g)
	gz.Write(want)
	gz.Close()
	for _, file := range [][]byte{z.Bytes(), g.Bytes()} {
		if got, form, gaps := read(t, file); !bytes.Equal(got, want) || len(gaps) != 0 {
			t.Errorf("%s: read %d bytes with %v, want %d", form, len(got), gaps, len(want))
		}
		file[len(file)/2] ^= 0xff // what comes before it is read, up to a whole line
		got, form, gaps := read(t, file)
		if cut := bytes.TrimSuffix(got, []byte("\n")); len(gaps) != 1 || len(got) == len(cut) && len(got) > 0 {
			t.Errorf("%s, damaged: read %d bytes with %v, want whole lines and one gap", form, len(got), gaps)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := record.Open(filepath.Join(dir, "none.log")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error = %v, want not exist", err)
	}
	if _, err := record.Open(dir); err == nil {
		t.Error("a folder was opened")
	}
	path := filepath.Join(dir, "app.log.sealed")
	if err := os.WriteFile(path, sealedArchive(t, identity(t)).file, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := record.Open(path, identity(t))
	var mismatch *age.NoIdentityMatchError
	if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), path) {
		t.Errorf("error = %v, want one about the identity and %s", err, path)
	}
	if _, err := record.Open(path); err == nil {
		t.Error("a sealed file was opened without an identity")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(zstdArchive(f).file[:3000])
	f.Add(gzipArchive(f).file[:3000])
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := record.Open(path)
		if err != nil {
			return
		}
		defer r.Close()
		if _, err := io.Copy(io.Discard, io.LimitReader(r, 64<<20)); err != nil {
			t.Error(err)
		}
		r.Gaps()
	})
}
