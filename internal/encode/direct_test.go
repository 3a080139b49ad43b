package encode_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/encode"
	"github.com/pairly/pairlog/redact"
)

type shade string

type point struct {
	X, Y float32
}

// everyKind has a field of every kind that is read by its address, padding
// between them, and fields beside them that are not.
type everyKind struct {
	B   bool
	I8  int8
	I64 int64
	I16 int16
	I32 int32
	I   int
	U8  uint8
	U64 uint64
	U16 uint16
	U32 uint32
	U   uint
	F32 float32
	F   float64
	S   string
	N   shade
	At  time.Time
	P   *point
	PP  **point
	Nil *point
	L   []point
	A   [2]point
	PS  []*string
	point
	*Inherited
	E   string `json:"e,omitempty"`
	Q   int64  `json:",string"`
	Any any
	M   map[string]point
	Raw json.RawMessage
}

type Inherited struct {
	Deep   string
	Deeper uint16
}

func everyKindOf(i int) everyKind {
	s, p := fmt.Sprintf("text %d", i), &point{float32(i), 0.5}
	v := everyKind{
		B: i%2 == 0, I8: int8(-i), I64: int64(i) << 30, I16: int16(i), I32: int32(-i), I: i,
		U8: uint8(i), U64: uint64(i) << 33, U16: uint16(i), U32: uint32(i), U: uint(i),
		F32: float32(i) / 3, F: float64(i) / 7, S: s, N: shade("shade " + s),
		At: time.Date(2025, 1, 15, 10, 30, i%60, 123e6, time.UTC),
		P:  p, PP: &p, L: []point{{1, 2}, {3, float32(i)}}, A: [2]point{{1, float32(i)}}, PS: []*string{&s, nil},
		point: point{7, float32(i)}, Q: int64(i), Any: point{1, 2}, M: map[string]point{"m": {5, 6}},
		Raw: json.RawMessage(`{"r":1}`),
	}
	if i%3 == 0 {
		v.Inherited = &Inherited{s, uint16(i)}
		v.E = "not empty"
	}
	return v
}

// waysTo are the ways in which a value can be reached.
func waysTo(v everyKind) map[string]any {
	p := &v
	return map[string]any{
		"value": v, "pointer": p, "pointer to pointer": &p, "slice": []everyKind{v, v}, "pointers": []*everyKind{p, nil},
		"array": [1]everyKind{v}, "pointer to array": &[1]everyKind{v}, "map": map[string]everyKind{"k": v},
		"interface": []any{v}, "field": struct{ V everyKind }{v}, "field of pointer": &struct{ V everyKind }{v},
		"none": []everyKind{}, "nothing": []everyKind(nil), "empty array": [0]everyKind{},
	}
}

// TestValuesByAddress holds what is read by address against encoding/json.
func TestValuesByAddress(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	for i := range 4 {
		for name, x := range waysTo(everyKindOf(i)) {
			got := rest(t, line(e, nil, nil, "e", slog.Any("v", x)))
			want, err := json.Marshal(map[string]any{"v": x})
			if err != nil {
				t.Fatal(err)
			}
			if !equalJSON(t, "{"+got+"}", string(want)) {
				t.Errorf("%d, %s:\n got %s\nwant %s", i, name, got, want)
			}
		}
	}
}

func equalJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatalf("%v in %s", err, a)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

// TestSecretsByAddress puts secrets where fields are read by address.
func TestSecretsByAddress(t *testing.T) {
	type card struct {
		Number   uint64
		Password string
		Note     string
		Bio      string
		Took     float32 `json:"took_ms"`
		Holder   *account
	}
	v := card{4111111111111111, "hunter2-long", "card 4111 1111 1111 1111", "hunter2-written", 1.005,
		&account{Password: "hunter2-inner", Marked: "hunter2-marked", Hidden: "hunter2-hidden", inner: "hunter2-unexported"}}
	red, err := redact.New(redact.Config{Content: []string{"bio"}})
	if err != nil {
		t.Fatal(err)
	}
	e := encode.New(encode.Config{Redactor: red})
	for name, x := range map[string]any{"value": v, "pointer": &v, "slice": []card{v}, "array": [1]card{v}, "map": map[string]card{"k": v}} {
		got := line(e, nil, nil, "e", slog.Any("v", x))
		for _, secret := range []string{"hunter2", "4111"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s: %s is in %s", name, secret, got)
			}
		}
		for _, want := range []string{`"Bio_length":15`, `"took_ms":1.00`, `"marked":"[REDACTED]"`} {
			if !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
				t.Errorf("%s: %s is not in %s", name, want, got)
			}
		}
	}
}

// TestValuesByAddressFromManyGoroutines shows that the copies of values are not
// shared: run it with -race.
func TestValuesByAddressFromManyGoroutines(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				v := everyKindOf(g*1000 + i)
				got := line(e, nil, nil, "e", slog.Any("v", v))
				if want := fmt.Sprintf(`"S":"text %d"`, g*1000+i); !strings.Contains(got, want) {
					t.Errorf("%s is not in %s", want, got)
					return
				}
			}
		})
	}
	wg.Wait()
}

// FuzzAddress holds values that are read by address against the same ones below
// a key whose class sends them the careful way, through reflect.
func FuzzAddress(f *testing.F) {
	f.Add(1, "text")
	f.Add(-3, "a\nb\xff")
	red, err := redact.New(redact.Config{PII: redact.PIIFull})
	if err != nil {
		f.Fatal(err)
	}
	direct := encode.New(encode.Config{Redactor: red})
	// An encoder for allow-lists looks at every field with reflect.
	careful := encode.New(encode.Config{Redactor: red, Allow: true})
	f.Fuzz(func(t *testing.T, i int, s string) {
		v := everyKindOf(i)
		v.S, v.N, v.E = s, shade(s), s
		for name, x := range waysTo(v) {
			got := line(direct, nil, nil, "e", slog.Any("v", x))
			want := line(careful, nil, nil, "e", slog.Any("v", x))
			if got != want {
				t.Errorf("%s:\n got %s\nwant %s", name, got, want)
			}
		}
	})
}
