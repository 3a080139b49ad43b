package encode_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/pairly/pairlog/internal/encode"
)

// TestOneEventOfManyShapes logs one event with ever other attrs from several
// goroutines: what one learns must not show in another's line.
func TestOneEventOfManyShapes(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	p := e.With(nil, []slog.Attr{slog.Int("shared_0", -1), slog.Int("brought", 1)})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 400 {
				var attrs []slog.Attr
				var want []string
				if (g+i)%3 != 0 {
					want = append(want, `"shared_0":-1`)
				}
				want = append(want, `"brought":1`)
				for k := range (g + i) % 7 {
					attrs = append(attrs, slog.Int(fmt.Sprintf("key_%d_%d", k, (i/50)%3), i), slog.String("text", fmt.Sprint(g)))
				}
				if (g+i)%3 == 0 {
					attrs = append(attrs, slog.Int("shared_0", i))
				}
				for k := range attrs {
					last := true
					for _, b := range attrs[k+1:] {
						last = last && b.Key != attrs[k].Key
					}
					if !last {
						continue
					}
					if v := attrs[k].Value; v.Kind() == slog.KindString {
						want = append(want, fmt.Sprintf("%q:%q", attrs[k].Key, v.String()))
					} else {
						want = append(want, fmt.Sprintf("%q:%d", attrs[k].Key, v.Int64()))
					}
				}
				got := line(e, p, nil, "e", attrs...)
				if w := opening + "," + strings.Join(want, ",") + "}"; got != w {
					t.Errorf("got %s, want %s", got, w)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestKeysWithoutEnd writes far more keys than the cache holds, some of them
// again and again.
func TestKeysWithoutEnd(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	for i := range 20000 {
		key := fmt.Sprintf("dynamic_%d", i)
		got := rest(t, line(e, nil, nil, "e", slog.Int(key, i), slog.String("password", "x"), slog.Int("plain", 1)))
		if want := fmt.Sprintf(`"%s":%d,"password":"[REDACTED]","plain":1`, key, i); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	long := strings.Repeat("k", 500)
	if got := rest(t, line(e, nil, nil, "e", slog.Int(long, 1), slog.Int(long, 2))); got != `"`+long+`":2` {
		t.Errorf("long key: got %s", got)
	}
}
