package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/pairly/pairlog/internal/seal"
)

// sealed is a sealed file of frames, and where they begin and end in it.
type sealed struct {
	identity *age.X25519Identity
	file     []byte
	frames   [][]byte // the lines
	ends     []int    // ends[0] is the end of the header, ends[i+1] of frame i
}

func make10(t testing.TB) sealed {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	w, header, err := seal.NewWriter([]age.Recipient{id.Recipient()})
	if err != nil {
		t.Fatal(err)
	}
	s := sealed{identity: id, file: header, ends: []int{len(header)}}
	for i := range 10 {
		lines := []byte(strings.Repeat(fmt.Sprintf(`{"event":"tick","frame":%d}`+"\n", i), 100))
		if s.file, err = w.Frame(s.file, lines); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		s.frames = append(s.frames, lines)
		s.ends = append(s.ends, len(s.file))
	}
	if s.file, err = w.End(s.file); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s sealed) read(t testing.TB, file []byte) ([]byte, []seal.Gap) {
	t.Helper()
	r, err := seal.NewReader(bytes.NewReader(file), int64(len(file)), s.identity)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return got, r.Gaps()
}

// without joins the lines of all frames but some.
func (s sealed) without(frames ...int) []byte {
	var b []byte
next:
	for i, lines := range s.frames {
		for _, f := range frames {
			if i == f {
				continue next
			}
		}
		b = append(b, lines...)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	s := make10(t)
	got, gaps := s.read(t, s.file)
	if !bytes.Equal(got, s.without()) || len(gaps) != 0 {
		t.Errorf("read %d bytes with gaps %v, want %d and none", len(got), gaps, len(s.without()))
	}
	if bytes.Contains(s.file, []byte("tick")) {
		t.Error("the file holds plain text")
	}
	if !seal.Sealed(s.file) || seal.Sealed([]byte(`{"event":"x"}`)) {
		t.Error("Sealed does not tell sealed files from others")
	}
}

func TestIdentityThatDoesNotFit(t *testing.T) {
	s := make10(t)
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	_, err = seal.NewReader(bytes.NewReader(s.file), int64(len(s.file)), other)
	var mismatch *age.NoIdentityMatchError
	if !errors.As(err, &mismatch) {
		t.Errorf("error = %v, want *age.NoIdentityMatchError", err)
	}
	if _, err := seal.NewReader(bytes.NewReader(s.file), int64(len(s.file))); err == nil {
		t.Error("a file was opened without an identity")
	}
	if _, err := seal.NewReader(strings.NewReader(`{"event":"x"}`+"\n"), 14, s.identity); !errors.Is(err, seal.ErrNotSealed) {
		t.Errorf("error = %v, want ErrNotSealed", err)
	}
}

func TestDamage(t *testing.T) {
	s := make10(t)
	flip := func(at int) []byte {
		b := bytes.Clone(s.file)
		b[at] ^= 4
		return b
	}
	cut := func(from, to int) []byte {
		return append(bytes.Clone(s.file[:from]), s.file[to:]...)
	}
	f := func(name string, file, want []byte, gaps ...string) {
		t.Helper()
		got, found := s.read(t, file)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: read %d bytes, want %d", name, len(got), len(want))
		}
		var texts []string
		for _, g := range found {
			texts = append(texts, g.String())
		}
		if fmt.Sprint(texts) != fmt.Sprint(gaps) {
			t.Errorf("%s: gaps = %q, want %q", name, texts, gaps)
		}
	}
	at := func(i int, format string, args ...any) string {
		return fmt.Sprintf("offset %d: ", i) + fmt.Sprintf(format, args...)
	}
	f("ciphertext", flip(s.ends[3]+60), s.without(3), at(s.ends[3], "frame 3 is damaged"))
	f("length", flip(s.ends[3]+14), s.without(3), at(s.ends[3], "a frame of %d bytes is cut after %d", s.ends[4]-s.ends[3]+4<<16, len(s.file)-s.ends[3]))
	f("index", flip(s.ends[3]+16), s.without(3), at(s.ends[3], "frame 7 is damaged"))
	f("type", flip(s.ends[3]+8), s.without(3), at(s.ends[3], "want a frame, got type 5 of %d bytes", s.ends[4]-s.ends[3]-36))
	f("a frame taken out", cut(s.ends[3], s.ends[5]), s.without(3, 4), at(s.ends[3], "2 frames are missing"))
	f("the last frame taken out", cut(s.ends[9], s.ends[10]), s.without(9), at(s.ends[9], "1 frames are missing"))
	f("no end frame", s.file[:s.ends[10]], s.without(), at(s.ends[10], "no end frame: the file was cut, its writer died, or it is still being written"))
	f("cut in frame 8", s.file[:s.ends[8]+50], s.without(8, 9),
		at(s.ends[8], "a frame of %d bytes is cut after 50", s.ends[9]-s.ends[8]),
		at(s.ends[8]+50, "no end frame: the file was cut, its writer died, or it is still being written"))
	f("a frame twice", append(bytes.Clone(s.file[:s.ends[4]]), s.file[s.ends[3]:]...), s.without(), at(s.ends[4], "want frame 4, got frame 3"))
	f("more after the end", append(bytes.Clone(s.file), "x"...), s.without(), at(len(s.file), "data after the end frame"))
	f("first header", flip(20), s.without(), at(0, "the first copy of the header is damaged"))
	f("length of the first header", flip(10), s.without(), at(0, "the first copy of the header is damaged"))
	f("second header", flip(s.ends[0]/2+20), s.without(), at(s.ends[0]/2, "the second copy of the header is damaged"), at(s.ends[0]/2, "want a frame, got %x", s.file[s.ends[0]/2:s.ends[0]/2+8]))
	torn := append(bytes.Clone(s.file[:s.ends[5]]), s.file[s.ends[5]:s.ends[5]+40]...)
	f("a torn frame in between", append(torn, s.file[s.ends[5]:]...), s.without(), at(s.ends[5], "frame 5 is damaged"))

	headers := bytes.Clone(s.file)
	headers[20] ^= 1
	headers[s.ends[0]/2+20] ^= 1
	if _, err := seal.NewReader(bytes.NewReader(headers), int64(len(headers)), s.identity); !errors.Is(err, seal.ErrNotSealed) {
		t.Errorf("both headers: error = %v, want ErrNotSealed", err)
	}
	later := bytes.Clone(s.file)
	later[7] = 2
	if _, err := seal.NewReader(bytes.NewReader(later[:s.ends[0]/2]), int64(s.ends[0]/2), s.identity); err == nil {
		t.Error("a file of a later version was opened")
	}
}

// Frames of another file for the same recipient do not pass for this one's.
func TestFramesOfAnotherFile(t *testing.T) {
	s := make10(t)
	w, header, err := seal.NewWriter([]age.Recipient{s.identity.Recipient()})
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.Frame(nil, []byte("forged\n"))
	if err != nil || len(header) == 0 {
		t.Fatal(err)
	}
	file := append(bytes.Clone(s.file[:s.ends[0]]), other...)
	file = append(file, s.file[s.ends[0]:]...)
	if got, gaps := s.read(t, file); !bytes.Equal(got, s.without()) || len(gaps) != 1 {
		t.Errorf("read %d bytes with gaps %v, want this file's own and one gap", len(got), gaps)
	}
}

// A frame whose write failed is made again and leaves no gap.
func TestFrameMadeAgain(t *testing.T) {
	s := make10(t)
	w, file, err := seal.NewWriter([]age.Recipient{s.identity.Recipient()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Frame(nil, []byte("a\nb\n")); err != nil {
		t.Fatal(err)
	}
	for _, lines := range []string{"a\n", "b\n"} {
		if file, err = w.Frame(file, []byte(lines)); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if file, err = w.End(file); err != nil {
		t.Fatal(err)
	}
	if got, gaps := s.read(t, file); string(got) != "a\nb\n" || len(gaps) != 0 {
		t.Errorf("read %q with gaps %v", got, gaps)
	}
}

func FuzzReader(f *testing.F) {
	s := make10(f)
	f.Add(s.ends[3]+10, []byte("xx"), len(s.file))
	f.Add(0, []byte{}, s.ends[5]+3)
	whole := s.without()
	f.Fuzz(func(t *testing.T, at int, patch []byte, size int) {
		file := bytes.Clone(s.file)
		if at >= 0 && at < len(file) {
			copy(file[at:], patch)
		}
		if size >= 0 && size < len(file) {
			file = file[:size]
		}
		r, err := seal.NewReader(bytes.NewReader(file), int64(len(file)), s.identity)
		if err != nil {
			return
		}
		got, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, whole) && len(r.Gaps()) == 0 {
			t.Errorf("read %d of %d bytes and noticed no gap", len(got), len(whole))
		}
	})
}

func BenchmarkFrame(b *testing.B) {
	s := make10(b)
	w, _, err := seal.NewWriter([]age.Recipient{s.identity.Recipient()})
	if err != nil {
		b.Fatal(err)
	}
	var lines []byte
	for i := 0; len(lines) < 64<<10; i++ {
		lines = fmt.Appendf(lines, `{"timestamp":"2026-01-02T03:04:05.%03dZ","level":"INFO","logger":"api.request","request_id":"%016x","event":"http_request","method":"GET","path":"/v1/profiles/%d","status":200,"duration_ms":%d.25}`+"\n", i%1000, i*7919, i*31, i%97)
	}
	b.SetBytes(int64(len(lines)))
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		if dst, err = w.Frame(dst[:0], lines); err != nil {
			b.Fatal(err)
		}
		w.Commit()
	}
}
