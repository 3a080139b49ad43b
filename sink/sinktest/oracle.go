package sinktest

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"strconv"
	"sync"
)

// Line returns a log line, newline included, that carries a number, the
// number of its producer, and a checksum over both and its padding. Its
// length is about size bytes, and never under 60.
func Line(producer, n, size int) []byte {
	b := fmt.Appendf(nil, `{"producer":%d,"n":%d,"pad":"`, producer, n)
	for i := 0; len(b) < size-20; i++ {
		b = append(b, 'a'+byte((n+i)%26))
	}
	sum := crc32.ChecksumIEEE(b)
	return fmt.Appendf(b, `","sum":"%08x"}`+"\n", sum)
}

// ParseLine reads what Line wrote, with or without its newline. The error
// says in which way the line is damaged.
func ParseLine(line []byte) (producer, n int, err error) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	body, tail, ok := bytes.Cut(line, []byte(`","sum":"`))
	if !ok || !bytes.HasPrefix(body, []byte(`{"producer":`)) || !bytes.HasSuffix(tail, []byte(`"}`)) || len(tail) != 10 {
		return 0, 0, fmt.Errorf("parse line: no frame in %.80q", line)
	}
	sum, err := strconv.ParseUint(string(tail[:8]), 16, 32)
	if err != nil || uint32(sum) != crc32.ChecksumIEEE(body) {
		return 0, 0, fmt.Errorf("parse line: checksum mismatch in %.80q", line)
	}
	if _, err := fmt.Sscanf(string(body), `{"producer":%d,"n":%d,`, &producer, &n); err != nil {
		return 0, 0, fmt.Errorf("parse line: %w", err)
	}
	return producer, n, nil
}

// Oracle knows which lines were acknowledged and holds what arrived against
// that. Its methods are safe for concurrent use.
type Oracle struct {
	mu    sync.Mutex
	acked map[int][]int // by producer, in order
}

// Ack notes that line n of producer was acknowledged. A producer's numbers
// must grow.
func (o *Oracle) Ack(producer, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.acked == nil {
		o.acked = make(map[int][]int)
	}
	o.acked[producer] = append(o.acked[producer], n)
}

// Acked returns the number of acknowledged lines.
func (o *Oracle) Acked() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	total := 0
	for _, ns := range o.acked {
		total += len(ns)
	}
	return total
}

// Verdict is what Check found. Every count is of lines.
type Verdict struct {
	// Arrived counts intact lines, each once.
	Arrived int
	// Lost were acknowledged and did not arrive.
	Lost int
	// Duplicate arrived again, Disordered arrived after a later line of the
	// same producer, Corrupt are not as they were written.
	Duplicate, Disordered, Corrupt int
	// Torn is 1 when the content does not end with a newline.
	Torn int
	// First describes the first thing that is wrong, "" when nothing is.
	First string
}

// Clean says that every acknowledged line arrived once, intact and in its
// producer's order, and that nothing torn is left.
func (v Verdict) Clean() bool {
	return v.Lost+v.Duplicate+v.Disordered+v.Corrupt+v.Torn == 0
}

// Check reads the content of a sink from its beginning. Lines that arrived
// without having been acknowledged are allowed: a process may die between
// taking a line and saying so.
func (o *Oracle) Check(content []byte) Verdict {
	o.mu.Lock()
	defer o.mu.Unlock()
	var v Verdict
	wrong := func(format string, args ...any) {
		if v.First == "" {
			v.First = fmt.Sprintf(format, args...)
		}
	}
	type id struct{ producer, n int }
	seen, last := make(map[id]bool), make(map[int]int)
	for offset := 0; len(content) > 0; {
		line, rest, whole := bytes.Cut(content, []byte("\n"))
		content = rest
		if !whole {
			v.Torn++
			wrong("offset %d: torn line %.80q", offset, line)
			break
		}
		producer, n, err := ParseLine(line)
		switch before, known := last[producer]; {
		case err != nil:
			v.Corrupt++
			wrong("offset %d: %v", offset, err)
		case seen[id{producer, n}]:
			v.Duplicate++
			wrong("offset %d: line %d of producer %d again", offset, n, producer)
		case known && n < before:
			v.Disordered++
			wrong("offset %d: line %d of producer %d after %d", offset, n, producer, before)
		default:
			last[producer] = n
		}
		if err == nil && !seen[id{producer, n}] {
			seen[id{producer, n}] = true
			v.Arrived++
		}
		offset += len(line) + 1
	}
	for producer, ns := range o.acked {
		for _, n := range ns {
			if !seen[id{producer, n}] {
				v.Lost++
				wrong("line %d of producer %d is lost", n, producer)
			}
		}
	}
	return v
}
