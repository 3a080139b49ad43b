package httplog_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/pairly/pairlog/httplog"
)

// optionals tells which optional interfaces a writer has, one bit for each, in
// the order of their bits in the package.
func optionals(w http.ResponseWriter) (set int) {
	for i, has := range []bool{
		is[http.Flusher](w), is[http.Hijacker](w), is[io.ReaderFrom](w), is[http.Pusher](w), is[io.StringWriter](w),
		//lint:ignore SA1019 kept where the writer has it
		is[http.CloseNotifier](w),
	} {
		if has {
			set |= 1 << i
		}
	}
	return set
}

func is[T any](v any) bool { _, ok := v.(T); return ok }

// everything is a writer with all optional interfaces, which notes their use.
type everything struct {
	*httptest.ResponseRecorder
	used []string
}

func (e *everything) note(s string) { e.used = append(e.used, s) }
func (e *everything) Flush()        { e.note("Flush") }
func (e *everything) FlushError() error {
	e.note("FlushError")
	return nil
}
func (e *everything) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	e.note("Hijack")
	return nil, nil, http.ErrNotSupported
}
func (e *everything) ReadFrom(r io.Reader) (int64, error) {
	e.note("ReadFrom")
	return io.Copy(e.ResponseRecorder, r)
}
func (e *everything) Push(string, *http.PushOptions) error {
	e.note("Push")
	return http.ErrNotSupported
}
func (e *everything) CloseNotify() <-chan bool {
	e.note("CloseNotify")
	return nil
}

// The handler's writer has exactly the optional interfaces of the server's, in
// each of the 64 combinations.
func TestOptionalInterfaces(t *testing.T) {
	for set := 0; set <= httplog.FullSet; set++ {
		server := httplog.WithOptionals(&everything{ResponseRecorder: httptest.NewRecorder()}, set)
		if got := optionals(server); got != set {
			t.Fatalf("the test's own writer has %06b, want %06b", got, set)
		}
		seen := -1
		httplog.Middleware(httplog.Config{Logger: discard})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen = optionals(w)
		})).ServeHTTP(server, httptest.NewRequest("GET", "/", nil))
		if seen != set {
			t.Errorf("the handler's writer has %06b, want %06b", seen, set)
		}
	}
}

// Each optional method reaches the writer below.
func TestOptionalMethods(t *testing.T) {
	e := &everything{ResponseRecorder: httptest.NewRecorder()}
	httplog.Middleware(httplog.Config{Logger: discard})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("Flush: %v", err)
		}
		if _, _, err := w.(http.Hijacker).Hijack(); err != http.ErrNotSupported {
			t.Errorf("Hijack: %v, want the writer's own error", err)
		}
		if n, err := io.Copy(w, onlyReader{[]byte("hello")}.reader()); n != 5 || err != nil {
			t.Errorf("Copy: %d, %v", n, err)
		}
		if err := w.(http.Pusher).Push("/style.css", nil); err != http.ErrNotSupported {
			t.Errorf("Push: %v, want the writer's own error", err)
		}
		if n, err := io.WriteString(w, "é"); n != 2 || err != nil {
			t.Errorf("WriteString: %d, %v", n, err)
		}
		//lint:ignore SA1019 kept where the writer has it
		w.(http.CloseNotifier).CloseNotify()
	})).ServeHTTP(e, httptest.NewRequest("GET", "/", nil))

	want := []string{"Flush", "FlushError", "Hijack", "ReadFrom", "Push", "CloseNotify"}
	if len(e.used) != len(want) {
		t.Fatalf("used %v, want %v", e.used, want)
	}
	for i := range want {
		if e.used[i] != want[i] {
			t.Fatalf("used %v, want %v", e.used, want)
		}
	}
	if got := e.Body.String(); got != "helloé" {
		t.Errorf("body %q, want %q", got, "helloé")
	}
}

// onlyReader makes a reader that is not an io.WriterTo, which io.Copy would use
// first.
type onlyReader struct{ data []byte }

func (o onlyReader) reader() io.Reader {
	r, w := io.Pipe()
	go func() {
		w.Write(o.data)
		w.Close()
	}()
	return struct{ io.Reader }{r}
}
