package pairlytest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A Proxy stands between the program and a server, and can be cut, as if the
// server had stopped.
type Proxy struct {
	Addr string // host:port, where the program connects to

	target   string
	delay    time.Duration
	listener net.Listener
	pipes    sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool // open ones; nil once cut
}

// NewProxy returns a proxy to the server at target, a host:port. It ends with
// the test.
func NewProxy(t testing.TB, target string) *Proxy { return NewDistantProxy(t, target, 0) }

// NewDistantProxy is [NewProxy] to a server that seems to be as far away as delay:
// what the program sends reaches it that much later.
func NewDistantProxy(t testing.TB, target string, delay time.Duration) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), target: target, delay: delay, listener: l, conns: map[net.Conn]bool{}}
	p.pipes.Go(p.serve)
	t.Cleanup(p.Cut)
	return p
}

// Cut closes every connection and refuses new ones. It waits until nothing
// passes any more.
func (p *Proxy) Cut() {
	p.listener.Close() // a second time it fails, and that is all
	p.mu.Lock()
	for c := range p.conns {
		c.Close()
	}
	p.conns = nil
	p.mu.Unlock()
	p.pipes.Wait()
}

func (p *Proxy) serve() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.target)
		if err != nil {
			in.Close()
			continue
		}
		if !p.keep(in, out) {
			return
		}
		p.pipes.Go(func() { p.copy(out, p.later(in)) })
		p.pipes.Go(func() { p.copy(in, out) })
	}
}

// keep remembers the connections, or closes them where the proxy is cut.
func (p *Proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if p.conns == nil {
			c.Close()
			continue
		}
		p.conns[c] = true
	}
	return p.conns != nil
}

// later returns c, from which what comes is read with the delay.
func (p *Proxy) later(c net.Conn) net.Conn {
	if p.delay <= 0 {
		return c
	}
	return late{c, p.delay}
}

type late struct {
	net.Conn
	delay time.Duration
}

// Read returns what has come, after the delay.
func (l late) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	time.Sleep(l.delay)
	return n, err
}

// copy passes bytes on until one end closes, and then closes both.
func (p *Proxy) copy(to, from net.Conn) {
	_, _ = io.Copy(to, from) // how it ended makes no difference
	if l, ok := from.(late); ok {
		from = l.Conn
	}
	for _, c := range []net.Conn{to, from} {
		c.Close()
		p.mu.Lock()
		delete(p.conns, c)
		p.mu.Unlock()
	}
}

// RedisAddr returns the host:port of a Redis URL.
func RedisAddr(t testing.TB, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatalf("parse %s: %v", RedisEnv, err)
	}
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	return net.JoinHostPort(u.Hostname(), port)
}
