package queue_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/sink/sinktest"
)

// segmentBytes is the size of the segments of an abandoned queue.
const segmentBytes = 32 << 10

// abandoned returns the Path of a queue whose process has died and the name
// and content of its file. Records 0 to drained-1 of n had been drained.
func abandoned(t testing.TB, n, drained int) (path, name string, content []byte) {
	t.Helper()
	live := mapped(t)
	var v valve
	q := open(t, queue.Config{Path: live, Drain: v.drain, FlushEvery: time.Hour, Bytes: 32 * segmentBytes})
	for i := range n + 1 {
		if i == drained {
			if err := q.Flush(within(t)); err != nil {
				t.Fatal(err)
			}
			v.set(errShut)
		}
		if i == n {
			break
		}
		level := slog.LevelInfo
		if i%10 == 9 {
			level = slog.LevelWarn
		}
		if !q.Append(level, sinktest.Line(1, i, 300)) {
			t.Fatalf("record %d refused", i)
		}
	}
	// A copy of the file as it is now is what kill -9 would leave: the pages
	// are shared with the file's.
	name = q.Stats().Path
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), filepath.Base(live))
	name = filepath.Join(filepath.Dir(path), filepath.Base(name))
	return path, name, content
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// restart opens path again and returns what it drained, its statistics and
// its reports.
func restart(t *testing.T, c queue.Config) ([]byte, queue.Stats, []queue.Event) {
	t.Helper()
	var v valve
	var reports []queue.Event
	c.Drain = v.drain
	c.Report = func(e queue.Event) { reports = append(reports, e) }
	q := open(t, c)
	q.Append(slog.LevelInfo, sinktest.Line(2, 0, 100)) // after all that is recovered
	closeQueue(t, q)
	content := v.content()
	lines := bytes.SplitAfter(bytes.TrimSuffix(content, []byte("\n")), []byte("\n"))
	if p, n, err := sinktest.ParseLine(lines[len(lines)-1]); p != 2 || n != 0 || err != nil {
		t.Errorf("last line drained is %d of producer %d (%v), want the new one", n, p, err)
	}
	return content, q.Stats(), reports
}

func TestRecovery(t *testing.T) {
	path, name, file := abandoned(t, 1000, 400)
	write(t, name, file)
	content, s, reports := restart(t, queue.Config{Path: path})
	var o sinktest.Oracle
	for n := 400; n < 1000; n++ {
		o.Ack(1, n)
	}
	o.Ack(2, 0)
	if v := o.Check(content); !v.Clean() || v.Arrived != 601 {
		t.Errorf("%+v, want 601 arrived", v)
	}
	if s.Recovered != 600 || s.Torn != 0 || s.Drained != 601 || s.AlreadyWritten != 0 {
		t.Errorf("stats = %+v", s)
	}
	if len(reports) != 1 || reports[0].Name != queue.EventRecovered || reports[0].Records != 600 {
		t.Errorf("reports = %+v, want one of 600 recovered", reports)
	}
	if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRecoveryOfNothing(t *testing.T) {
	path, name, file := abandoned(t, 100, 100)
	write(t, name, file)
	_, s, reports := restart(t, queue.Config{Path: path})
	if s.Recovered != 0 || len(reports) != 0 {
		t.Errorf("recovered %d with %+v, want nothing and silence", s.Recovered, reports)
	}
}

// A process died between the write of a batch and the note that it was
// written: what the sink has is not written again.
func TestFault6RecoveryAsksWhatHasLanded(t *testing.T) {
	for _, landed := range []int{0, 1, 57, 100} {
		t.Run(fmt.Sprint(landed), func(t *testing.T) {
			live := mapped(t)
			mark := [32]byte{1, 2, 3}
			entered, leave := make(chan struct{}), make(chan struct{})
			q := open(t, queue.Config{
				Path: live, FlushEvery: time.Hour,
				Mark:  func(int) [32]byte { return mark },
				Drain: func([]byte) error { entered <- struct{}{}; <-leave; return nil },
			})
			var all []byte
			ends := []int{0}
			for n := range 100 {
				line := sinktest.Line(1, n, 200)
				all = append(all, line...)
				ends = append(ends, len(all))
				q.Append(slog.LevelInfo, line)
			}
			go q.Flush(context.Background())
			<-entered
			file, err := os.ReadFile(q.Stats().Path)
			close(leave)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "app.log.queue")
			write(t, path+".0123456789abcdef", file)
			content, s, _ := restart(t, queue.Config{
				Path: path,
				Written: func(m [32]byte, pending []byte) int {
					if m != mark || !bytes.Equal(pending, all) {
						t.Errorf("asked about mark %x and %d bytes, want %x and %d", m, len(pending), mark, len(all))
					}
					return ends[landed]
				},
			})
			var o sinktest.Oracle
			for n := landed; n < 100; n++ {
				o.Ack(1, n)
			}
			if v := o.Check(content); !v.Clean() || v.Arrived != 101-landed {
				t.Errorf("%+v, want %d arrived", v, 101-landed)
			}
			if s.AlreadyWritten != uint64(landed) || s.Recovered != 100 {
				t.Errorf("stats = %+v, want %d already written", s, landed)
			}
		})
	}
}

// The files of several dead processes are recovered in the order of their
// creation, and those of living ones are left alone.
func TestRecoveryOfSeveralProcesses(t *testing.T) {
	path := mapped(t)
	var want []byte
	var v valve
	v.set(errShut)
	for i := range 3 {
		live := mapped(t)
		q := open(t, queue.Config{Path: live, Drain: v.drain, FlushEvery: time.Hour})
		for n := range 50 {
			line := sinktest.Line(i, n, 100)
			want = append(want, line...)
			q.Append(slog.LevelInfo, line)
		}
		file, err := os.ReadFile(q.Stats().Path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, fmt.Sprintf("%s.%016x", path, 99-i), file) // names in the other order
	}
	alive := open(t, queue.Config{Path: path + "x", Drain: v.drain})
	alive.Append(slog.LevelInfo, []byte("mine\n"))
	if err := os.Link(alive.Stats().Path, path+".0000000000000001"); err != nil {
		t.Fatal(err)
	}
	content, s, _ := restart(t, queue.Config{Path: path})
	if got := content[:len(want)]; !bytes.Equal(got, want) || s.Recovered != 150 {
		t.Errorf("recovered %d, in order: %v", s.Recovered, bytes.Equal(got, want))
	}
	if _, err := os.Stat(path + ".0000000000000001"); err != nil {
		t.Errorf("the file of a living process is gone: %v", err)
	}
}

// Close within its deadline leaves the backlog of a dead sink on disk, and the
// next start writes it.
func TestFault21CloseWithBacklogAndDeadSink(t *testing.T) {
	path := mapped(t)
	var dead valve
	dead.set(errShut)
	q := open(t, queue.Config{Path: path, Drain: dead.drain})
	var o sinktest.Oracle
	for n := range 5000 {
		if q.Append(slog.LevelInfo, sinktest.Line(1, n, 300)) {
			o.Ack(1, n)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := q.Close(ctx); err == nil {
		t.Error("Close = nil with a backlog of 5000")
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("Close took %v, want about its deadline of 50ms", took)
	}
	if s := q.Stats(); s.Pending != 5000 {
		t.Errorf("pending = %d, want 5000", s.Pending)
	}
	content, s, _ := restart(t, queue.Config{Path: path})
	if v := o.Check(content); !v.Clean() || s.Recovered != 5000 {
		t.Errorf("%+v, recovered %d", v, s.Recovered)
	}
}

// A Drain that never returns does not keep Close, and what it holds is not
// taken from under it.
func TestFault21CloseWithHangingSink(t *testing.T) {
	hang := make(chan struct{})
	entered := make(chan struct{}, 1)
	var got []byte
	done := make(chan struct{})
	q := open(t, queue.Config{Path: mapped(t), Drain: func(b []byte) error {
		entered <- struct{}{}
		<-hang
		got = bytes.Clone(b)
		close(done)
		return nil
	}})
	q.Append(slog.LevelError, []byte("a\n"))
	<-entered
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := q.Close(ctx); err == nil {
		t.Error("Close = nil, want the deadline")
	}
	close(hang)
	<-done
	if string(got) != "a\n" {
		t.Errorf("the sink read %q after Close, want the line", got)
	}
}

// damage describes one way to spoil an abandoned queue of 1000 records of
// which 400 are drained, and the largest loss that it may cause.
type damage struct {
	name  string
	spoil func(file []byte) []byte
	lost  uint64 // exactly
	quiet bool   // explained by a crash alone
}

func TestFault8DamagedQueueFile(t *testing.T) {
	flip := func(at int) func([]byte) []byte {
		return func(file []byte) []byte {
			file[at] ^= 0x10
			return file
		}
	}
	// The place of a record in the file.
	find := func(n int) func(file []byte) int {
		line := sinktest.Line(1, n, 300)
		return func(file []byte) int { return bytes.Index(file, line) }
	}
	flipIn := func(n, offset int) func([]byte) []byte {
		return func(file []byte) []byte {
			file[find(n)(file)+offset] ^= 1
			return file
		}
	}
	perSegment := func(file []byte, n int) (first, end, records int) {
		at := find(n)(file) - queue.HeaderBytes
		segment := at / segmentBytes
		first = queue.HeaderBytes + segment*segmentBytes
		end = first + segmentBytes
		records = bytes.Count(file[first:end], []byte(`"sum":`))
		return first, end, records
	}
	path, name, file := abandoned(t, 1000, 400)
	_, _, inLast := perSegment(file, 999)
	_, _, inMiddle := perSegment(file, 600)

	for _, d := range []damage{
		{"none", func(f []byte) []byte { return f }, 0, true},
		{"byte in the first line", flipIn(400, 0), 1, false},
		{"byte in the middle of a line", flipIn(700, 150), 1, false},
		{"newline of the last line", flipIn(999, 299), 1, false},
		{"header", flip(16), 0, false},
		{"copy of the header", flip(queue.HeaderCopy + 9), 0, false},
		{"version of the header", flip(7), 0, false},
		{"counter of records", flip(queue.CounterSeq + 5), 0, false},
		{"counter of evicted records", flip(queue.CounterEvict + 4), 0, false},
		{"torn record", func(f []byte) []byte {
			le := binary.LittleEndian
			le.PutUint64(f[queue.CounterSeq:], le.Uint64(f[queue.CounterSeq:])+1)
			return f
		}, 1, true},
		{"entry", func(f []byte) []byte {
			_, end, _ := perSegment(f, 600)
			f[end-queue.EntryBytes*10+3] ^= 0x80 // the sequence number of its tenth record
			return f
		}, 1, true},
		{"segment of zeros", func(f []byte) []byte {
			first, end, _ := perSegment(f, 600)
			clear(f[first:end])
			return f
		}, uint64(inMiddle), false},
		{"cut within the last segment in use", func(f []byte) []byte {
			first, _, _ := perSegment(f, 999)
			return f[:first+1000]
		}, uint64(inLast), false},
		{"cut by the unused tail", func(f []byte) []byte { return f[:len(f)-segmentBytes*3/2] }, 0, false},
	} {
		t.Run(strings.ReplaceAll(d.name, " ", "_"), func(t *testing.T) {
			write(t, name, d.spoil(bytes.Clone(file)))
			content, s, reports := restart(t, queue.Config{Path: path})
			var o sinktest.Oracle
			v := o.Check(content)
			if !v.Clean() {
				t.Errorf("%+v", v)
			}
			total := uint64(600)
			if d.name == "torn record" {
				total++
			}
			if got := uint64(v.Arrived-1) + s.Torn; got != total || s.Torn != d.lost {
				t.Errorf("%d recovered, %d counted as torn, want %d torn of 600", v.Arrived-1, s.Torn, d.lost)
			}
			wantName, wantFile := queue.EventCorrupt, name+".corrupt"
			if d.quiet {
				wantName, wantFile = queue.EventRecovered, ""
			}
			if len(reports) != 1 || reports[0].Name != wantName || reports[0].Torn != d.lost {
				t.Errorf("reports = %+v, want one %s with %d torn", reports, wantName, d.lost)
			}
			left, _ := filepath.Glob(path + "*")
			if want := slices.DeleteFunc([]string{wantFile}, func(s string) bool { return s == "" }); !slices.Equal(left, want) {
				t.Errorf("left behind: %v, want %v", left, want)
			}
			for _, f := range left {
				os.Remove(f)
			}
		})
	}
}

// Damage that takes the position with it may cost duplicates of one batch,
// never a record.
func TestFault8DamagedPosition(t *testing.T) {
	path, name, file := abandoned(t, 1000, 400)
	file[queue.SlotA] ^= 1
	file[queue.SlotB] ^= 1
	write(t, name, file)
	content, s, reports := restart(t, queue.Config{Path: path})
	var o sinktest.Oracle
	for n := 400; n < 1000; n++ {
		o.Ack(1, n)
	}
	if v := o.Check(content); v.Lost+v.Corrupt+v.Duplicate > 0 {
		t.Errorf("%+v", v)
	}
	if s.Torn != 0 || len(reports) != 1 || reports[0].Name != queue.EventCorrupt {
		t.Errorf("torn %d, reports %+v", s.Torn, reports)
	}
}

func TestFault8UnreadableQueueFileIsKept(t *testing.T) {
	path := mapped(t)
	for id, content := range map[string]string{
		"00000000000000aa": "", "00000000000000bb": "PLQUEUE\x09 from the future", "00000000000000cc": strings.Repeat("\x00", 9000),
	} {
		write(t, path+"."+id, []byte(content))
	}
	write(t, path+".00000000000000dd.tmp", []byte("half made"))
	write(t, path+".notes.txt", []byte("somebody's"))
	_, s, reports := restart(t, queue.Config{Path: path})
	if s.Recovered != 0 || len(reports) != 3 {
		t.Errorf("reports = %+v, want three", reports)
	}
	left, _ := filepath.Glob(path + "*")
	want := []string{path + ".00000000000000aa.corrupt", path + ".00000000000000bb.corrupt", path + ".00000000000000cc.corrupt", path + ".notes.txt"}
	if !slices.Equal(left, want) {
		t.Errorf("left behind: %v, want %v", left, want)
	}
}

// A process that dies while it recovers leaves the rest, and only the rest,
// to the next.
func TestFault6RecoveryCanBeInterrupted(t *testing.T) {
	path, name, file := abandoned(t, 1000, 0)
	write(t, name, file)
	var first bytes.Buffer
	batches := 0
	q := open(t, queue.Config{Path: path, Drain: func(b []byte) error {
		if batches++; batches > 2 {
			return errShut
		}
		first.Write(b)
		return nil
	}})
	// Close does not wait for a Drain that is running, and the file stays locked.
	for deadline := time.Now().Add(20 * time.Second); q.Stats().DrainErrors == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the third batch was not offered")
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	q.Close(ctx)
	content, _, _ := restart(t, queue.Config{Path: path})
	var o sinktest.Oracle
	for n := range 1000 {
		o.Ack(1, n)
	}
	if first.Len() == 0 {
		t.Fatal("the first recovery drained nothing")
	}
	if v := o.Check(append(first.Bytes(), content...)); !v.Clean() {
		t.Errorf("%+v", v)
	}
}

// Any damage at all: recovery ends, every line it yields is whole, and what it
// yields and what it counts as lost add up.
func TestFault8RecoveryOfRandomDamage(t *testing.T) {
	_, _, file := abandoned(t, 600, 200)
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		f := bytes.Clone(file)
		for range 1 + rnd.IntN(20) {
			at := rnd.IntN(240 << 10)
			n := 1 << rnd.IntN(13)
			for i := at; i < min(at+n, len(f)); i++ {
				f[i] = byte(rnd.Uint32())
			}
		}
		if rnd.IntN(4) == 0 {
			f = f[:rnd.IntN(len(f))]
		}
		lines, lost, _ := queue.RecoverLines(f)
		for _, line := range lines {
			if _, _, err := sinktest.ParseLine(line); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		}
		if len(lines) > 600 || lost > 600 {
			t.Errorf("seed %d: %d lines, %d lost of 600", seed, len(lines), lost)
		}
	}
}

func FuzzRecover(f *testing.F) {
	_, _, file := abandoned(f, 300, 100)
	file = file[:queue.HeaderBytes+4*segmentBytes]
	f.Add(queue.HeaderBytes+5000, []byte("xx"), len(file))
	f.Add(queue.CounterSeq, []byte{1, 2, 3}, len(file)-100)
	f.Fuzz(func(t *testing.T, at int, patch []byte, size int) {
		b := bytes.Clone(file)
		if at >= 0 && at < len(b) {
			copy(b[at:], patch)
		}
		if size >= 0 && size < len(b) {
			b = b[:size]
		}
		lines, _, _ := queue.RecoverLines(b)
		for _, line := range lines {
			if _, _, err := sinktest.ParseLine(line); err != nil {
				t.Error(err)
			}
		}
	})
}

// BenchmarkRecover reads the file of a dead process; the unit of progress is
// the size of the file.
func BenchmarkRecover(b *testing.B) {
	_, _, file := abandoned(b, 1500, 0)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if lines, _, _ := queue.RecoverLines(file); len(lines) != 1500 {
			b.Fatalf("%d lines", len(lines))
		}
	}
}

// A stretch in the middle of the file is missing, so that everything behind it
// is in another place: what is still where it was is recovered, all else counted.
func TestFault8MissingMiddle(t *testing.T) {
	path, name, file := abandoned(t, 1000, 400)
	for _, from := range []int{queue.HeaderBytes, queue.HeaderBytes + 100, queue.HeaderBytes + 2*segmentBytes} {
		write(t, name, slices.Delete(bytes.Clone(file), from, from+segmentBytes))
		content, s, reports := restart(t, queue.Config{Path: path})
		var o sinktest.Oracle
		v := o.Check(content)
		if !v.Clean() || uint64(v.Arrived-1)+s.Torn != 600 || s.Torn == 0 {
			t.Errorf("from %d: %+v and %d torn, want 600 together", from, v, s.Torn)
		}
		if len(reports) != 1 || reports[0].Name != queue.EventCorrupt || reports[0].Torn != s.Torn {
			t.Errorf("from %d: reports = %+v, want one %s", from, reports, queue.EventCorrupt)
		}
		if err := os.Remove(name + ".corrupt"); err != nil {
			t.Errorf("from %d: %v, want the file kept", from, err)
		}
	}
}
