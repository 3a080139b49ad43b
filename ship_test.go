package pairlog_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/internal/seal"
	"github.com/pairly/pairlog/sink"
)

// collector is a server that takes JSON lines unless it has a status to answer
// with.
type collector struct {
	*httptest.Server
	got    buffer
	header atomic.Pointer[http.Header]
	status atomic.Int64
	asked  chan struct{} // closed with the first request
	once   sync.Once
}

func newCollector(t testing.TB) *collector {
	c := &collector{asked: make(chan struct{})}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.once.Do(func() { close(c.asked) })
		if n := c.status.Load(); n != 0 {
			http.Error(w, "not now", int(n))
			return
		}
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		h := r.Header.Clone()
		c.header.Store(&h)
		io.Copy(&c.got, z)
	}))
	t.Cleanup(c.Close)
	return c
}

// withUser puts credentials into the URL of a server.
func withUser(url string) string { return strings.Replace(url, "://", "://shipper:s3cr3tpassw0rd@", 1) }

func TestShip(t *testing.T) {
	one, two := newCollector(t), newCollector(t)
	path := filepath.Join(t.TempDir(), "app.log")
	setenv(t, map[string]string{
		"LOG_FILE_PATH": path, "LOG_OUTPUT": "file", "LOG_SHIP": withUser(one.URL) + "/in?_stream_fields=logger,level , " + two.URL,
		"LOG_SHIP_HEADERS": "X-Tenant=7, X-Other = a=b",
	})
	p, err := pairlog.Open(pairlog.FromEnv())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		p.Logger("x").Info("line", "i", i, "password", "hunter2hunter2")
	}
	if err := p.Flush(withTimeout(t)); err != nil {
		t.Fatal(err)
	}
	want := readFile(t, path)
	for name, c := range map[string]*collector{"first": one, "second": two} {
		if got := c.got.String(); got != want || count(t, got, "line") != 500 {
			t.Errorf("the %s server has %d bytes, the file %d", name, len(got), len(want))
		}
	}
	h := *one.header.Load()
	user, password, _ := (&http.Request{Header: h}).BasicAuth()
	if user != "shipper" || password != "s3cr3tpassw0rd" || h.Get("X-Tenant") != "7" || h.Get("X-Other") != "a=b" {
		t.Errorf("header = %v", h)
	}
	closePipeline(t, p)
	if strings.Contains(want, "hunter2") {
		t.Error("a secret is in the file")
	}
}

func TestShipSettings(t *testing.T) {
	f := func(value string, urls []string, faults ...string) {
		t.Helper()
		setenv(t, map[string]string{"LOG_SHIP": value, "LOG_FILE_PATH": filepath.Join(t.TempDir(), "app.log")})
		c := pairlog.FromEnv()
		var got []string
		for _, rc := range c.Ship {
			got = append(got, rc.URL)
		}
		if !reflect.DeepEqual(got, urls) {
			t.Errorf("LOG_SHIP=%s: URLs %q, want %q", value, got, urls)
		}
		out := &buffer{}
		c.Out, c.Format = out, pairlog.FormatJSON
		p, err := pairlog.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		p.Logger("x").Info("works")
		closeSoon(t, p)
		var told []string
		for _, m := range records(t, out.String()) {
			switch m["event"] {
			case "log_config_invalid":
				told = append(told, fmt.Sprint(m["setting"], "=", m["value"]))
			case "log_sink_degraded":
				told = append(told, fmt.Sprint(m["sink"]))
			}
		}
		if !reflect.DeepEqual(told, faults) {
			t.Errorf("LOG_SHIP=%s: told %q, want %q", value, told, faults)
		}
		if strings.Contains(out.String(), "s3cr3t") || count(t, out.String(), "works") != 1 {
			t.Errorf("LOG_SHIP=%s: %s", value, out)
		}
	}
	f("", nil)
	f(" , ,", nil)
	f("loki+https://u:s3cr3t@h/x", nil, "LOG_SHIP=loki+https://…")
	f("cloudwatch://s3cr3t,syslog+tls://h:6514", nil, "LOG_SHIP=cloudwatch://…", "LOG_SHIP=syslog+tls://…")
	f("s3cr3t", nil, "LOG_SHIP=(no URL)")
	f("s3cr3t,https://127.0.0.1:1/a,b?c=d,e", []string{"https://127.0.0.1:1/a,b?c=d,e"}, "LOG_SHIP=(no URL)")
	f("https://", []string{"https://"}, "remote")
	f("http://u:s3cr3t@", []string{"http://u:s3cr3t@"}, "remote")
	f("http://u:s3cr3t@h:port", []string{"http://u:s3cr3t@h:port"}, "remote")
}

// closeSoon closes a pipeline whose server is not there.
func closeSoon(t testing.TB, p *pairlog.Pipeline) {
	t.Helper()
	for p.Stats().Pending > 0 {
		runtime.Gosched()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_ = p.Close(ctx) // it says that the server has not got everything
}

// A server that is down costs the caller nothing and the file nothing: what it
// did not get is counted and told, and Close keeps its deadline and ends the
// file as it should.
func TestFault21CloseWithARemoteThatIsDown(t *testing.T) {
	server := newCollector(t)
	server.status.Store(http.StatusServiceUnavailable)
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "app.log")
	errOut := &buffer{}
	p, err := pairlog.Open(pairlog.Config{
		File: true, FilePath: path, Err: errOut, SealRecipients: []string{id.Recipient().String()},
		Ship: []sink.RemoteConfig{{URL: withUser(server.URL), BatchEvery: time.Millisecond}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		p.Logger("x").Info("line", "i", i)
	}
	<-server.asked
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := p.Close(ctx); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("Close = %v, want a word about the server", err)
	}
	text := unseal(t, path+".sealed", id) // whole: with its end
	if n := count(t, text, "line"); n != 1000 {
		t.Errorf("the file has %d lines, want 1000", n)
	}
	lost := p.Stats().SinkDropped[server.URL]
	var told float64
	for _, m := range records(t, errOut.String()) {
		if m["event"] == "log_sink_dropped" {
			told += m["count"].(float64)
			if m["sink"] != server.URL || m["level"] != "WARNING" {
				t.Errorf("report %v", m)
			}
		}
	}
	// Also what the pipeline said about the server was meant for it.
	if lost < 1000 || lost > 1002 || uint64(told) != lost {
		t.Errorf("%d lines lost and %v told, want about 1000: %s", lost, told, errOut)
	}
	if count(t, text+errOut.String(), "log_sink_retrying") != 1 || strings.Contains(text+errOut.String(), "s3cr3t") {
		t.Errorf("want one log_sink_retrying and no credentials in %s", errOut)
	}
}

// unseal reads a sealed file to its end frame.
func unseal(t *testing.T, path string, id age.Identity) string {
	t.Helper()
	sealed := readFile(t, path)
	r, err := seal.NewReader(strings.NewReader(sealed), int64(len(sealed)), id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil || len(r.Gaps()) > 0 {
		t.Fatalf("unseal: %v, gaps %v", err, r.Gaps())
	}
	return string(b)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Each line that a sink loses is told once, all reports together: at once, and
// then once a minute.
func TestLossesOfASinkAreToldExactly(t *testing.T) {
	server := newCollector(t)
	server.status.Store(http.StatusServiceUnavailable)
	path := filepath.Join(t.TempDir(), "app.log")
	errOut := &buffer{}
	p, err := pairlog.Open(pairlog.Config{File: true, FilePath: path, Err: errOut, QueueBytes: 4 << 20, QueuePolicy: "block:10s",
		Ship: []sink.RemoteConfig{{URL: server.URL, BufferBytes: 64 << 10}}})
	if err != nil {
		t.Fatal(err)
	}
	log := p.Logger("x")
	const lines = 20_000
	for i := range lines {
		log.Info("line", "i", i, "pad", "0123456789012345678901234567890123456789")
	}
	closeSoon(t, p)
	var told float64
	text := readFile(t, path)
	for _, m := range records(t, text+errOut.String()) {
		if m["event"] == "log_sink_dropped" {
			told += m["count"].(float64)
		}
	}
	if lost := p.Stats().SinkDropped[server.URL]; lost < lines/2 || uint64(told) != lost {
		t.Errorf("%d lines lost and %v told", lost, told)
	}
	if n := count(t, text, "line"); n != lines {
		t.Errorf("the file has %d lines, want %d", n, lines)
	}
}
