package httplogtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Subject is a middleware to be checked.
type Subject struct {
	// Wrap returns the middleware, writing its log to the writer. A middleware
	// that leaves panics to another one is wrapped together with that one. It
	// is called once for each row.
	Wrap func(log io.Writer) func(http.Handler) http.Handler

	// Flush is called before the log is read: it writes what the middleware
	// has logged so far. Nil means that the middleware writes at once.
	Flush func()

	// Parse returns the request lines among what was written, in their order.
	// Lines of other events are left out.
	Parse func(log []byte) ([]Line, error)
}

// A Line is what a request line says.
type Line struct {
	Status int
	Level  string // DEBUG, INFO, WARN, ERROR or above; WARNING is taken as WARN
}

// String returns the status and the level, such as "499 INFO".
func (l Line) String() string { return fmt.Sprintf("%03d %s", l.Status, l.Level) }

// A Result is how a middleware did in one row.
type Result struct {
	Row  string   // the scenario
	Want string   // what is right
	Got  string   // the lines that were written, and what else was seen
	Bad  []string // what is wrong; empty when the row is right
}

// Test plays every row as a subtest, which fails where the row is wrong.
func Test(t *testing.T, s Subject) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			res := play(s, r)
			for _, bad := range res.Bad {
				t.Error(bad)
			}
			if t.Failed() {
				t.Logf("want %s, got %s", res.Want, res.Got)
			}
		})
	}
}

// Run plays every row and returns how the middleware did.
func Run(s Subject) []Result {
	results := make([]Result, 0, len(rows))
	for _, r := range rows {
		results = append(results, play(s, r))
	}
	return results
}

// A row is one scenario.
type row struct {
	name  string
	want  string
	http2 bool
	play  func(p *stage) // plays the scenario and says what is wrong
}

// patience bounds each wait for something that must happen.
const patience = 10 * time.Second

// A stage is the server and the log of one row.
type stage struct {
	subject Subject
	server  *httptest.Server
	log     buffer // what the middleware wrote
	errors  buffer // what net/http complained of
	handler http.HandlerFunc
	outside func(*http.Request) *http.Request // what an outer middleware does; nil for none
	stop    context.CancelFunc                // ends the context that the server was given
	done    chan struct{}                     // closed when the middleware has returned

	mu   sync.Mutex // the handler and the client both report
	seen []string   // guarded by mu
	bad  []string   // guarded by mu
}

func play(s Subject, r row) Result {
	p := &stage{subject: s, done: make(chan struct{})}
	wrapped := s.Wrap(&p.log)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.handler(w, r) }))
	var once sync.Once
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer once.Do(func() { close(p.done) })
		if p.outside != nil {
			r = p.outside(r)
		}
		wrapped.ServeHTTP(w, r)
	}))
	base, stop := context.WithCancel(context.Background())
	defer stop()
	p.stop = stop
	p.server.Config.BaseContext = func(net.Listener) context.Context { return base }
	p.server.Config.ErrorLog = log.New(&p.errors, "", 0)
	p.server.EnableHTTP2 = r.http2
	if r.http2 {
		p.server.StartTLS()
	} else {
		p.server.Start()
	}
	defer p.server.Close()
	r.play(p)
	p.mu.Lock()
	defer p.mu.Unlock()
	return Result{Row: r.name, Want: r.want, Got: strings.Join(p.seen, ", "), Bad: p.bad}
}

func (p *stage) wrong(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bad = append(p.bad, fmt.Sprintf(format, args...))
}

func (p *stage) saw(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, fmt.Sprintf(format, args...))
}

// lines returns the request lines so far.
func (p *stage) lines() []Line {
	if p.subject.Flush != nil {
		p.subject.Flush()
	}
	lines, err := p.subject.Parse(p.log.Bytes())
	if err != nil {
		p.wrong("parse log: %v", err)
	}
	for i := range lines {
		if lines[i].Level = strings.ToUpper(lines[i].Level); lines[i].Level == "WARNING" {
			lines[i].Level = "WARN"
		}
	}
	return lines
}

// line waits for the end of the request and returns its line. There must be
// exactly one.
func (p *stage) line() (Line, bool) {
	select {
	case <-p.done:
	case <-time.After(patience):
		p.wrong("the middleware has not returned")
	}
	lines := p.lines()
	for _, l := range lines {
		p.saw("%s", l)
	}
	switch len(lines) {
	case 0:
		p.saw("no line")
		p.wrong("no line was written")
		return Line{}, false
	case 1:
	default:
		p.wrong("%d lines were written", len(lines))
	}
	return lines[0], true
}

// expect holds the request's line against a status and the levels that fit.
func (p *stage) expect(status int, levels ...string) {
	l, ok := p.line()
	if !ok {
		return
	}
	if l.Status != status {
		p.wrong("logged status %d, want %d", l.Status, status)
	}
	p.expectLevel(l, levels...)
}

func (p *stage) expectLevel(l Line, levels ...string) {
	for _, level := range levels {
		if l.Level == level {
			return
		}
	}
	p.wrong("logged at %s, want %s", l.Level, strings.Join(levels, " or "))
}

// get sends a GET and returns the status and the body; status 0 where there
// was no answer.
func (p *stage) get(path string) (status int, body string, err error) {
	resp, err := p.server.Client().Get(p.server.URL + path)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

// await waits until c is closed and reports whether it was.
func (p *stage) await(c <-chan struct{}, what string) bool {
	select {
	case <-c:
		return true
	case <-time.After(patience):
		p.wrong("%s did not happen", what)
		return false
	}
}

// A buffer is a bytes.Buffer that is safe for concurrent use.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.b.Bytes())
}

// JSONLines returns a [Subject.Parse] for JSON lines: those whose member
// eventKey is event, or all where event is empty, with the status and the level
// in two members. A dot in a key descends into an object.
func JSONLines(event, eventKey, statusKey, levelKey string) func([]byte) ([]Line, error) {
	return func(log []byte) ([]Line, error) {
		var lines []Line
		for text := range bytes.Lines(log) {
			var doc map[string]any
			if err := json.Unmarshal(text, &doc); err != nil {
				return lines, fmt.Errorf("parse line %q: %w", text, err)
			}
			if event != "" && member(doc, eventKey) != event {
				continue
			}
			status, _ := member(doc, statusKey).(float64)
			level, _ := member(doc, levelKey).(string)
			lines = append(lines, Line{Status: int(status), Level: level})
		}
		return lines, nil
	}
}

func member(doc map[string]any, key string) any {
	if v, ok := doc[key]; ok {
		return v
	}
	head, rest, ok := strings.Cut(key, ".")
	if below, isObject := doc[head].(map[string]any); ok && isObject {
		return member(below, rest)
	}
	return nil
}
