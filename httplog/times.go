package httplog

import (
	"crypto/tls"
	"log/slog"
	"net/http/httptrace"
	"sync"
	"time"
)

// times are the moments of an attempt, as [httptrace] tells of them. Its hooks
// are called from several goroutines, also when the request is over: a
// connection that was begun for it may serve another.
type times struct {
	start time.Time

	mu                 sync.Mutex
	dnsStart, dnsDone  time.Time
	dialStart, dialEnd time.Time // of the connection that was first and the one that was last
	tlsStart, tlsDone  time.Time
	firstByte          time.Time
	gotConn, reused    bool
}

func (t *times) trace() *httptrace.ClientTrace {
	at := func(m *time.Time) {
		now := time.Now()
		t.mu.Lock()
		*m = now
		t.mu.Unlock()
	}
	return &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { at(&t.dnsStart) },
		DNSDone:  func(httptrace.DNSDoneInfo) { at(&t.dnsDone) },
		ConnectStart: func(string, string) {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.dialStart.IsZero() {
				t.dialStart = time.Now()
			}
		},
		ConnectDone:          func(string, string, error) { at(&t.dialEnd) },
		TLSHandshakeStart:    func() { at(&t.tlsStart) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { at(&t.tlsDone) },
		GotFirstResponseByte: func() { at(&t.firstByte) },
		GotConn: func(info httptrace.GotConnInfo) {
			t.mu.Lock()
			t.gotConn, t.reused = true, info.Reused
			t.mu.Unlock()
		},
	}
}

// attrs returns what took place: a reused connection has no dns, connect or tls.
func (t *times) attrs() []slog.Attr {
	t.mu.Lock()
	defer t.mu.Unlock()
	var attrs []slog.Attr
	if t.gotConn {
		attrs = append(attrs, slog.Bool("conn_reused", t.reused))
	}
	add := func(key string, from, to time.Time) {
		if !from.IsZero() && to.After(from) && !t.reused {
			attrs = append(attrs, slog.Float64(key, milliseconds(to.Sub(from))))
		}
	}
	add("dns_ms", t.dnsStart, t.dnsDone)
	add("connect_ms", t.dialStart, t.dialEnd)
	add("tls_ms", t.tlsStart, t.tlsDone)
	if !t.firstByte.IsZero() {
		attrs = append(attrs, slog.Float64("ttfb_ms", milliseconds(t.firstByte.Sub(t.start))))
	}
	return attrs
}
