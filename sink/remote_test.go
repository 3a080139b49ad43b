package sink_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

// collector is a server that takes JSON lines.
type collector struct {
	*httptest.Server

	mu       sync.Mutex
	got      []byte
	requests []*http.Request
	// answer, when set, answers a request with lines. True means that they
	// are taken.
	answer func(w http.ResponseWriter, r *http.Request, lines []byte) bool
}

func newCollector(t testing.TB, start func(http.Handler) *httptest.Server) *collector {
	t.Helper()
	c := &collector{}
	if start == nil {
		start = httptest.NewServer
	}
	c.Server = start(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		in = z
	}
	lines, err := io.ReadAll(in)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, r.Clone(context.Background()))
	if c.answer == nil || c.answer(w, r, lines) {
		c.got = append(c.got, lines...)
	}
}

// say makes the server answer with a status, 0 for taking everything.
func (c *collector) say(status int) {
	if status == 0 {
		c.set(nil)
		return
	}
	c.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		w.WriteHeader(status)
		return false
	})
}

func (c *collector) set(answer func(http.ResponseWriter, *http.Request, []byte) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

func (c *collector) content() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.got)
}

func (c *collector) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.requests)
}

// pauses are the waits between attempts, which take no time in tests.
type pauses struct {
	mu  sync.Mutex
	all []time.Duration
	// limit is how many may pass; the next one lasts until Close.
	limit int
	held  chan struct{} // closed when one lasts
}

func newPauses(limit int) *pauses { return &pauses{limit: limit, held: make(chan struct{})} }

func (p *pauses) wait(ctx context.Context, hurried <-chan struct{}, d time.Duration) {
	p.mu.Lock()
	p.all = append(p.all, d)
	n := len(p.all)
	p.mu.Unlock()
	if n <= p.limit {
		return
	}
	if n == p.limit+1 {
		close(p.held)
	}
	select {
	case <-ctx.Done():
	case <-hurried:
	}
}

func (p *pauses) taken() []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Duration(nil), p.all...)
}

func openRemote(t testing.TB, c sink.RemoteConfig, p *pauses) *sink.Remote {
	t.Helper()
	if p == nil {
		p = newPauses(1000)
	}
	r, err := sink.OpenRemotePause(c, p.wait)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		r.Flush(ctx) // Close need not wait for a server that is not there
		r.Close()
	})
	return r
}

// send writes n lines from first on, as one batch, and notes them.
func send(t testing.TB, r *sink.Remote, o *sinktest.Oracle, first, n int) {
	t.Helper()
	var batch []byte
	for i := range n {
		batch = append(batch, sinktest.Line(1, first+i, 100)...)
		o.Ack(1, first+i)
	}
	if taken, err := r.Write(batch); taken != len(batch) || err != nil {
		t.Fatalf("Write = %d, %v for %d bytes", taken, err, len(batch))
	}
}

func flushed(t testing.TB, r *sink.Remote) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := r.Flush(ctx); err != nil {
		t.Fatalf("Flush: %v", err)
	}
}

func TestRemoteConforms(t *testing.T) {
	for name, start := range map[string]func(http.Handler) *httptest.Server{"http": httptest.NewServer, "https": httptest.NewTLSServer} {
		t.Run(name, func(t *testing.T) {
			sinktest.Run(t, func(t *testing.T) (sink.Sink, func() []byte) {
				server := newCollector(t, start)
				return openRemote(t, sink.RemoteConfig{URL: server.URL, CAFile: caFile(t, server.Server), BatchBytes: 20 << 10}, nil), server.content
			})
		})
	}
}

// What a request looks like.
func TestRemoteRequest(t *testing.T) {
	server := newCollector(t, nil)
	r := openRemote(t, sink.RemoteConfig{URL: server.URL + "/insert/jsonline?_time_field=timestamp", Header: http.Header{"X-Tenant": {"7"}}}, nil)
	var o sinktest.Oracle
	send(t, r, &o, 0, 100)
	flushed(t, r)
	if v := o.Check(server.content()); !v.Clean() || v.Arrived != 100 {
		t.Errorf("%+v, want 100 arrived", v)
	}
	if server.count() != 1 {
		t.Fatalf("%d requests, want one for a batch", server.count())
	}
	got := server.requests[0]
	if got.Method != "POST" || got.URL.RequestURI() != "/insert/jsonline?_time_field=timestamp" || got.ContentLength <= 0 {
		t.Errorf("request = %s %s of %d bytes", got.Method, got.URL, got.ContentLength)
	}
	for name, want := range map[string]string{"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip", "X-Tenant": "7", "User-Agent": "pairlog"} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s = %q, want %q", name, v, want)
		}
	}
	if got.Header.Get("Idempotency-Key") == "" {
		t.Error("the request has no Idempotency-Key")
	}
	if s := r.Stats(); s.Delivered != 100 || s.Requests != 1 || s.Failures != 0 || s.PendingBytes != 0 {
		t.Errorf("stats = %+v", s)
	}
	// Fluent Bit takes JSON lines under the name of JSON only.
	r = openRemote(t, sink.RemoteConfig{URL: server.URL, Header: http.Header{"Content-Type": {"application/json"}}}, nil)
	send(t, r, &o, 100, 1)
	flushed(t, r)
	if v := server.requests[1].Header.Values("Content-Type"); len(v) != 1 || v[0] != "application/json" {
		t.Errorf("Content-Type = %q, want the one of the configuration alone", v)
	}
}

func TestRemoteSettingsThatCannotWork(t *testing.T) {
	f := func(name, secret string, c sink.RemoteConfig) {
		t.Helper()
		r, err := sink.OpenRemote(c)
		if err == nil {
			r.Close()
			t.Errorf("%s: OpenRemote succeeded", name)
			return
		}
		if secret != "" && bytes.Contains([]byte(err.Error()), []byte(secret)) {
			t.Errorf("%s: the error has the credentials: %v", name, err)
		}
	}
	f("no URL", "", sink.RemoteConfig{})
	f("no scheme", "", sink.RemoteConfig{URL: "logs.example.com"})
	f("scheme", "s3cret", sink.RemoteConfig{URL: "loki+https://u:s3cret@logs.example.com"})
	f("no host", "", sink.RemoteConfig{URL: "https:///insert"})
	f("two hosts", "s3cret", sink.RemoteConfig{URL: "https://u:s3cret@a,b/insert"})
	f("not a URL", "s3cret", sink.RemoteConfig{URL: "https://u:s3cret@host:port/%zz"})
	f("header", "s3cret", sink.RemoteConfig{URL: "https://host", Header: http.Header{"Authorization": {"s3cret\n"}}})
	f("header name", "s3cret", sink.RemoteConfig{URL: "https://host", Header: http.Header{"A b": {"s3cret"}}})
	f("CA file", "", sink.RemoteConfig{URL: "https://host", CAFile: "/nowhere/ca.pem"})
	f("CA file without one", "", sink.RemoteConfig{URL: "https://host", CAFile: "remote_test.go"})
	f("certificate", "", sink.RemoteConfig{URL: "https://host", CertFile: "/nowhere/cert.pem", KeyFile: "/nowhere/key.pem"})
	f("certificate without a key", "", sink.RemoteConfig{URL: "https://host", CertFile: "remote_test.go"})
	f("port", "s3cret", sink.RemoteConfig{URL: "https://u:s3cret@host:99999/x"})
}

// Lines wait for others to go with them, and not longer than BatchEvery.
func TestRemoteBatches(t *testing.T) {
	server := newCollector(t, nil)
	r := openRemote(t, sink.RemoteConfig{URL: server.URL, BatchBytes: 10 << 10, BatchEvery: time.Hour}, nil)
	var o sinktest.Oracle
	send(t, r, &o, 0, 1050) // ten batches and a half
	eventually(t, func() bool { return r.Stats().Delivered >= 1000 })
	flushed(t, r)
	if got := server.count(); got < 11 || got > 12 {
		t.Errorf("%d requests, want 11 of 10 KB", got)
	}
	if v := o.Check(server.content()); !v.Clean() {
		t.Errorf("%+v", v)
	}
	r = openRemote(t, sink.RemoteConfig{URL: server.URL, BatchEvery: time.Millisecond}, nil)
	send(t, r, &o, 2000, 1)
	eventually(t, func() bool { return r.Stats().Delivered == 1 })
}

// The buffer is bounded; what does not fit is the caller's, with the reason.
func TestRemoteBufferFull(t *testing.T) {
	server := newCollector(t, nil)
	server.say(http.StatusServiceUnavailable)
	p := newPauses(3)
	r := openRemote(t, sink.RemoteConfig{URL: server.URL, BufferBytes: 10_000, BatchEvery: time.Millisecond}, p)
	var batch []byte
	for n := range 300 {
		batch = append(batch, sinktest.Line(1, n, 100)...)
	}
	n, err := r.Write(batch)
	if err == nil || n > 10_000 || n < 9_000 || batch[n-1] != '\n' {
		t.Errorf("Write = %d, %v, want whole lines of at most 10000 bytes and an error", n, err)
	}
	<-p.held
	if _, err = r.Write(batch[n:]); err == nil || !bytes.Contains([]byte(err.Error()), []byte("503")) {
		t.Errorf("error = %v, want the server's answer in it", err)
	}
	if s := r.Stats(); s.PendingBytes != n {
		t.Errorf("%d bytes pending, want %d", s.PendingBytes, n)
	}
	server.say(0)
	flushed(t, r)
	var o sinktest.Oracle
	if v := o.Check(server.content()); !v.Clean() || len(server.content()) != n {
		t.Errorf("%+v, want the %d bytes that were taken", v, n)
	}
	if n, err := r.Write(batch[:n]); err != nil {
		t.Errorf("Write after the outage = %d, %v", n, err)
	}
}

// Behind a Tee a server that is down costs its own lines alone, and each of
// them is counted.
func TestFault9RemoteDownBehindATee(t *testing.T) {
	server := newCollector(t, nil)
	server.say(http.StatusBadGateway)
	remote := openRemote(t, sink.RemoteConfig{URL: server.URL, BufferBytes: 64 << 10, BatchEvery: time.Millisecond}, newPauses(2))
	primary, other := &buffer{}, &buffer{}
	var ev events
	tee := sink.NewTee(ev.report, primary, remote, other)
	var o sinktest.Oracle
	const lines = 30000 // 3 MB: more than the lane and the buffer hold
	for n := 0; n < lines; n += 10 {
		var batch []byte
		for i := range 10 {
			batch = append(batch, sinktest.Line(1, n+i, 100)...)
			o.Ack(1, n+i)
		}
		if n, err := tee.Write(batch); n != len(batch) || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
		if n%5000 == 0 {
			eventually(t, func() bool { return len(other.content()) == len(primary.content()) })
		}
	}
	eventually(t, func() bool { return len(other.content()) == len(primary.content()) })
	for name, b := range map[string]*buffer{"primary": primary, "other": other} {
		if v := o.Check(b.content()); !v.Clean() {
			t.Errorf("%s: %+v", name, v)
		}
	}
	server.say(0)
	flush(t, tee)
	var none sinktest.Oracle
	v := none.Check(server.content())
	dropped := tee.Dropped()[remote.String()]
	if !v.Clean() || uint64(v.Arrived)+dropped != lines || dropped == 0 {
		t.Errorf("%+v and %d dropped, want %d together", v, dropped, lines)
	}
	if err := tee.Close(); err != nil {
		t.Error(err)
	}
	if ev.count(sink.EventDropped) == 0 {
		t.Errorf("events = %v, want the drops", &ev)
	}
}

// Close gives the server time, unless the last Flush had none left; what is
// not delivered is counted, and told.
func TestFault21CloseOfARemoteThatIsDown(t *testing.T) {
	server := newCollector(t, nil)
	server.say(http.StatusInternalServerError)
	var ev events
	r := openRemote(t, sink.RemoteConfig{URL: server.URL, Report: ev.report}, newPauses(0))
	var o sinktest.Oracle
	send(t, r, &o, 0, 50)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := r.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Flush = %v, want its deadline", err)
	}
	if err := r.Close(); err == nil {
		t.Error("Close = nil with 50 lines left")
	}
	if s := r.Stats(); s.Abandoned != 50 || r.Dropped() != 50 || s.PendingBytes != 0 {
		t.Errorf("stats = %+v, want 50 abandoned", s)
	}
	if ev.count(sink.EventDropped) != 1 || ev.all[len(ev.all)-1].Count != 50 {
		t.Errorf("events = %v, want one of 50 dropped lines", &ev)
	}
	if n, err := r.Write(sinktest.Line(1, 50, 100)); n != 0 || err == nil {
		t.Errorf("Write after Close = %d, %v", n, err)
	}
	// A server that is well gets everything.
	server.say(0)
	r = openRemote(t, sink.RemoteConfig{URL: server.URL}, nil)
	send(t, r, &o, 50, 50)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	var last sinktest.Oracle
	if v := last.Check(server.content()); !v.Clean() || v.Arrived != 50 {
		t.Errorf("%+v, want the last 50", v)
	}
}
