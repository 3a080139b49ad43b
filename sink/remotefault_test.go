package sink_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

// A server that accepts and never answers: the timeout ends each attempt, the
// lines stay, and nothing piles up.
func TestFault10ServerThatNeverAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var connections atomic.Int64
	accepted := make(chan net.Conn, 1000)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			accepted <- c
		}
	}()
	p := newPauses(20)
	var ev events
	before := runtime.NumGoroutine()
	r := openRemote(t, sink.RemoteConfig{URL: "http://" + l.Addr().String(), Timeout: 5 * time.Millisecond, BatchEvery: time.Millisecond, Report: ev.report}, p)
	var o sinktest.Oracle
	send(t, r, &o, 0, 100)
	<-p.held
	if s := r.Stats(); s.Delivered+s.Refused != 0 || s.PendingBytes == 0 || s.Failures != 21 {
		t.Errorf("stats = %+v, want 21 failures and nothing lost", s)
	}
	// The sender's and the transport's own; not one for each attempt.
	eventually(t, func() bool { return runtime.NumGoroutine() <= before+8 })
	if ev.count(sink.EventRetrying) != 1 || len(ev.all) != 1 {
		t.Errorf("events = %v, want one %s", &ev, sink.EventRetrying)
	}
	for len(accepted) > 0 {
		(<-accepted).Close()
	}
}

// A slow server behind the real timeout of 30 s, in the time of a bubble: the
// caller and the sink beside it do not notice.
func TestFault10SlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newPipeServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			time.Sleep(29 * time.Second)
		}))
		defer server.close()
		r, err := sink.OpenRemote(sink.RemoteConfig{URL: "http://collector.test"})
		if err != nil {
			t.Fatal(err)
		}
		r.Dial(server.dial)
		file := &buffer{}
		tee := sink.NewTee(nil, file, r)
		begin := time.Now()
		for n := range 100 {
			if _, err := tee.Write(sinktest.Line(1, n, 100)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if took := time.Since(begin); took != 0 || bytes.Count(file.content(), []byte("\n")) != 100 {
			t.Errorf("100 lines took the caller %v, and the file has %d", took, bytes.Count(file.content(), []byte("\n")))
		}
		if err := tee.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took > time.Minute || r.Stats().Delivered != 100 {
			t.Errorf("after %v: %+v, want 100 delivered by two slow requests", took, r.Stats())
		}
		tee.Close()
	})
}

// pipeServer is an HTTP server without a network, for bubbles.
type pipeServer struct {
	conns chan net.Conn
	done  chan struct{}
	http  http.Server
	read  atomic.Int64 // bytes that the client has read
}

func newPipeServer(h http.Handler) *pipeServer {
	s := &pipeServer{conns: make(chan net.Conn), done: make(chan struct{})}
	s.http.Handler = h
	s.http.ErrorLog = log.New(io.Discard, "", 0)
	go s.http.Serve(s)
	return s
}

func (s *pipeServer) Accept() (net.Conn, error) {
	select {
	case c := <-s.conns:
		return c, nil
	case <-s.done:
		return nil, net.ErrClosed
	}
}
func (s *pipeServer) Close() error   { return nil }
func (s *pipeServer) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }
func (s *pipeServer) close()         { close(s.done); s.http.Close() }

func (s *pipeServer) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	mine, theirs := net.Pipe()
	select {
	case s.conns <- theirs:
		return countedConn{mine, &s.read}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type countedConn struct {
	net.Conn
	read *atomic.Int64
}

func (c countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}

// 429 with and without Retry-After: it is honoured, otherwise the pauses grow
// from one second to thirty, with jitter; nothing is lost.
func TestFault11TooManyRequests(t *testing.T) {
	date := time.Now().Add(40 * time.Second).UTC().Format(http.TimeFormat)
	for _, after := range []string{"", "7", date, "-3", "soon", "99999999999999999999", "31536000"} {
		server := newCollector(t, nil)
		server.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
			if after != "" {
				w.Header().Set("Retry-After", after)
			}
			w.WriteHeader(http.StatusTooManyRequests)
			return false
		})
		p := newPauses(60)
		r := openRemote(t, sink.RemoteConfig{URL: server.URL, BatchEvery: time.Millisecond}, p)
		var o sinktest.Oracle
		send(t, r, &o, 0, 1)
		<-p.held
		all := p.taken()
		switch after {
		case "7":
			for _, d := range all {
				if d < 7*time.Second || d > 8*time.Second {
					t.Errorf("Retry-After 7: a pause of %v", d)
				}
			}
		case date:
			if d := all[0]; d < 35*time.Second || d > 41*time.Second {
				t.Errorf("Retry-After in 40 s: a pause of %v", d)
			}
		case "31536000": // a year
			if d := all[0]; d < 5*time.Minute || d > 5*time.Minute+time.Second {
				t.Errorf("Retry-After of a year: a pause of %v, want five minutes", d)
			}
		default:
			checkBackoff(t, after, all)
		}
		if s := r.Stats(); s.Delivered+s.Refused != 0 || s.PendingBytes == 0 {
			t.Errorf("Retry-After %q: %+v, want the line kept", after, s)
		}
	}
}

// checkBackoff holds pauses against full jitter from 1 s to 30 s.
func checkBackoff(t *testing.T, name string, all []time.Duration) {
	t.Helper()
	bound, distinct, longest := time.Second, map[time.Duration]bool{}, time.Duration(0)
	for i, d := range all {
		if d < 0 || d > bound {
			t.Errorf("%q: pause %d is %v, want at most %v", name, i, d, bound)
		}
		distinct[d] = true
		longest = max(longest, d)
		bound = min(2*bound, 30*time.Second)
	}
	if len(distinct) < len(all)/2 || longest < 10*time.Second {
		t.Errorf("%q: %d pauses, %d different, the longest %v: no jitter, or no growth", name, len(all), len(distinct), longest)
	}
}

// Failures of the server, with an answer and without: everything arrives, at
// most one batch twice for each failure, and then under the same key.
func TestFault12ServerFailures(t *testing.T) {
	fail := map[string]func(w http.ResponseWriter) (taken bool){
		"reset after the request": func(w http.ResponseWriter) bool {
			hijacked(w, func(c *net.TCPConn) { c.SetLinger(0) })
			return true
		},
		"end after the request": func(w http.ResponseWriter) bool {
			hijacked(w, func(*net.TCPConn) {})
			return true
		},
		"end in the head of the answer": func(w http.ResponseWriter) bool {
			hijacked(w, func(c *net.TCPConn) { io.WriteString(c, "HTTP/1.1 200 O") })
			return true
		},
		"no HTTP": func(w http.ResponseWriter) bool {
			hijacked(w, func(c *net.TCPConn) { io.WriteString(c, "SSH-2.0-OpenSSH_9.9\r\n") })
			return false
		},
	}
	for _, status := range []int{408, 425, 500, 501, 502, 503, 504, 599} {
		fail[fmt.Sprint(status)] = func(w http.ResponseWriter) bool { w.WriteHeader(status); return false }
	}
	for name, f := range fail {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			server := newCollector(t, nil)
			var failures, doubled int
			server.set(func(w http.ResponseWriter, _ *http.Request, lines []byte) bool {
				if failures++; failures%2 == 0 {
					return true
				}
				taken := f(w)
				if taken {
					doubled += bytes.Count(lines, []byte("\n"))
				}
				return taken
			})
			var ev events
			r := openRemote(t, sink.RemoteConfig{URL: server.URL, BatchBytes: 2 << 10, Report: ev.report}, nil)
			var o sinktest.Oracle
			send(t, r, &o, 0, 200)
			flushed(t, r)
			v := o.Check(server.content())
			if v.Lost+v.Corrupt+v.Torn > 0 || v.Duplicate != doubled {
				t.Errorf("%+v, want duplicates of the %d lines whose answer was lost and nothing else", v, doubled)
			}
			keys := map[string]int{}
			for _, req := range server.requests {
				keys[req.Header.Get("Idempotency-Key")]++
			}
			for key, n := range keys {
				if n != 2 {
					t.Errorf("key %s was used %d times, want once for the failure and once for the success", key, n)
				}
			}
			if ev.count(sink.EventRetrying) == 0 || ev.count(sink.EventRetrying) != ev.count(sink.EventResumed) || ev.count(sink.EventDropped) != 0 {
				t.Errorf("events = %v", &ev)
			}
		})
	}
}

// hijacked does something with the connection of a request and closes it.
func hijacked(w http.ResponseWriter, do func(*net.TCPConn)) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	do(c.(*net.TCPConn))
	c.Close()
}

// 400: the lines are divided until the bad ones are alone; only these are given
// up, counted and told.
func TestFault13BadLines(t *testing.T) {
	for _, bad := range [][]int{{0}, {99}, {37}, {0, 1, 2}, {10, 50, 90}} {
		for _, status := range []int{400, 422, 413} {
			server := newCollector(t, nil)
			server.set(func(w http.ResponseWriter, _ *http.Request, lines []byte) bool {
				for _, n := range bad {
					if bytes.Contains(lines, sinktest.Line(1, n, 100)) {
						http.Error(w, "cannot parse a line", status)
						return false
					}
				}
				return true
			})
			var ev events
			r := openRemote(t, sink.RemoteConfig{URL: server.URL, Report: ev.report}, nil)
			var o, good sinktest.Oracle
			send(t, r, &o, 0, 100)
			for n := range 100 {
				if !contains(bad, n) {
					good.Ack(1, n)
				}
			}
			flushed(t, r)
			if v := good.Check(server.content()); !v.Clean() || v.Arrived != 100-len(bad) {
				t.Errorf("bad %v: %+v, want all others once and in order", bad, v)
			}
			if s := r.Stats(); s.Refused != uint64(len(bad)) || s.Delivered != uint64(100-len(bad)) || r.Dropped() != s.Refused {
				t.Errorf("bad %v: %+v", bad, s)
			}
			eventually(t, func() bool { return ev.dropped() == uint64(len(bad)) })
			if most := 1 + len(bad)*2*8; server.count() > most {
				t.Errorf("bad %v: %d requests, want at most %d", bad, server.count(), most)
			}
			if !strings.Contains(ev.String(), "cannot parse a line") {
				t.Errorf("events = %v, want what the server said", &ev)
			}
		}
	}
}

func contains(all []int, n int) bool {
	for _, v := range all {
		if v == n {
			return true
		}
	}
	return false
}

// dropped is the sum of the lines that were reported as dropped.
func (e *events) dropped() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	var n uint64
	for _, ev := range e.all {
		if ev.Name == sink.EventDropped {
			n += ev.Count
		}
	}
	return n
}

// A server that refuses whatever it gets is not asked as fast as it answers,
// and it is told that something is set wrong.
func TestFault13ServerThatRefusesEverything(t *testing.T) {
	server := newCollector(t, nil)
	server.say(http.StatusBadRequest)
	var ev events
	p := newPauses(3)
	r := openRemote(t, sink.RemoteConfig{URL: server.URL, BatchEvery: time.Millisecond, Report: ev.report}, p)
	var o sinktest.Oracle
	send(t, r, &o, 0, 1000)
	<-p.held
	if s := r.Stats(); s.Refused != 80 {
		t.Errorf("%d lines refused before the fourth pause, want 80", s.Refused)
	}
	if ev.count(sink.EventMisconfigured) != 1 || ev.dropped() != 80 {
		t.Errorf("events = %v, want one %s", &ev, sink.EventMisconfigured)
	}
	server.say(0)
	flushed(t, r)
	if s := r.Stats(); s.Delivered != 920 || ev.count(sink.EventResumed) != 1 {
		t.Errorf("stats = %+v, want the rest delivered; events = %v", s, &ev)
	}
}

// Credentials, paths, methods, redirects, formats, and successes that are none:
// nothing is given up, it is told at once, and it goes on when it is mended.
func TestFault13PausesAndKeeps(t *testing.T) {
	for _, status := range []int{203, 206, 260, 301, 302, 303, 304, 307, 308, 401, 402, 403, 404, 405, 406, 407, 410, 411, 415, 421, 426, 431, 451, 499} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			elsewhere := newCollector(t, nil)
			server := newCollector(t, nil)
			server.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
				w.Header().Set("Location", elsewhere.URL+"/other")
				w.WriteHeader(status)
				return false
			})
			var ev events
			p := newPauses(5)
			url := strings.Replace(server.URL, "http://", "http://user:s3cret@", 1)
			r := openRemote(t, sink.RemoteConfig{URL: url, BatchEvery: time.Millisecond, Report: ev.report}, p)
			var o sinktest.Oracle
			send(t, r, &o, 0, 50)
			<-p.held
			if s := r.Stats(); s.Delivered+s.Refused+s.Abandoned != 0 || s.Failures != 6 {
				t.Errorf("stats = %+v, want 6 failures and everything kept", s)
			}
			if ev.count(sink.EventMisconfigured) != 1 || ev.count(sink.EventDropped) != 0 || !strings.Contains(ev.String(), fmt.Sprint(status)) {
				t.Errorf("events = %v, want one %s with the status", &ev, sink.EventMisconfigured)
			}
			server.say(0)
			flushed(t, r)
			if v := o.Check(server.content()); !v.Clean() || v.Arrived != 50 {
				t.Errorf("%+v, want 50 arrived", v)
			}
			if ev.count(sink.EventResumed) != 1 {
				t.Errorf("events = %v, want %s", &ev, sink.EventResumed)
			}
			if elsewhere.count() != 0 {
				t.Error("a redirect was followed to another host")
			}
		})
	}
}

// 413: fewer lines at a time, and a line that is too long for itself is given
// up alone.
func TestFault17TooLarge(t *testing.T) {
	server := newCollector(t, nil)
	server.set(func(w http.ResponseWriter, _ *http.Request, lines []byte) bool {
		if len(lines) > 3000 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return false
		}
		return true
	})
	r := openRemote(t, sink.RemoteConfig{URL: server.URL}, nil)
	var o, good sinktest.Oracle
	send(t, r, &o, 0, 100)
	long := sinktest.Line(1, 100, 5000)
	if n, err := r.Write(long); n != len(long) || err != nil {
		t.Fatalf("Write = %d, %v", n, err)
	}
	send(t, r, &o, 101, 100)
	for n := range 201 {
		if n != 100 {
			good.Ack(1, n)
		}
	}
	flushed(t, r)
	if v := good.Check(server.content()); !v.Clean() || v.Arrived != 200 {
		t.Errorf("%+v, want the neighbours of the long line", v)
	}
	if s := r.Stats(); s.Refused != 1 {
		t.Errorf("stats = %+v, want one line refused", s)
	}
}

// gzip that a server does not know: the lines go as they are.
func TestFault13NoGzip(t *testing.T) {
	server := newCollector(t, nil)
	server.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if r.Header.Get("Content-Encoding") != "" {
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return false
		}
		return true
	})
	var ev events
	r := openRemote(t, sink.RemoteConfig{URL: server.URL, Report: ev.report}, nil)
	var o sinktest.Oracle
	send(t, r, &o, 0, 50)
	flushed(t, r)
	if v := o.Check(server.content()); !v.Clean() || v.Arrived != 50 || server.count() != 2 {
		t.Errorf("%+v after %d requests, want two", v, server.count())
	}
	if ev.count(sink.EventMisconfigured) != 0 {
		t.Errorf("events = %v", &ev)
	}
}

// A yes that breaks off is no yes: the lines are sent again, but not for ever.
func TestFault15AnswerThatBreaksOff(t *testing.T) {
	server := newCollector(t, nil)
	attempts := 0
	server.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		attempts++
		hijacked(w, func(c *net.TCPConn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") })
		return attempts == 1
	})
	var ev events
	r := openRemote(t, sink.RemoteConfig{URL: server.URL, Report: ev.report}, nil)
	var o sinktest.Oracle
	send(t, r, &o, 0, 10)
	flushed(t, r)
	if attempts != 3 || ev.count(sink.EventRetrying) != 1 {
		t.Errorf("%d attempts, events %v, want three and a report", attempts, &ev)
	}
	if v := o.Check(server.content()); !v.Clean() {
		t.Errorf("%+v", v)
	}
}

// Poison: what a server answers 429 to for ever because it is too large, or
// because of one line, does not hold up the rest.
func TestFault16Poison(t *testing.T) {
	f := func(name string, poison func(lines []byte) bool, refused uint64) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			server := newCollector(t, nil)
			server.set(func(w http.ResponseWriter, _ *http.Request, lines []byte) bool {
				if poison(lines) {
					w.WriteHeader(http.StatusTooManyRequests)
					return false
				}
				return true
			})
			r := openRemote(t, sink.RemoteConfig{URL: server.URL, BatchBytes: 4 << 10}, nil)
			var o, good sinktest.Oracle
			send(t, r, &o, 0, 100)
			for n := range 100 {
				if refused == 0 || n != 42 {
					good.Ack(1, n)
				}
			}
			flushed(t, r)
			if v := good.Check(server.content()); v.Lost+v.Duplicate+v.Corrupt+v.Disordered > 0 {
				t.Errorf("%+v", v)
			}
			if s := r.Stats(); s.Refused != refused {
				t.Errorf("stats = %+v, want %d refused", s, refused)
			}
		})
	}
	f("burst", func(lines []byte) bool { return len(lines) > 500 }, 0)
	f("line", func(lines []byte) bool { return bytes.Contains(lines, sinktest.Line(1, 42, 100)) }, 1)
}

// A server that has no room for anything for a while loses nothing by it: no
// line is taken for poison.
func TestFault16OverloadIsNoPoison(t *testing.T) {
	server := newCollector(t, nil)
	server.say(http.StatusTooManyRequests)
	p := newPauses(200)
	r := openRemote(t, sink.RemoteConfig{URL: server.URL, BatchEvery: time.Millisecond, BatchBytes: 1 << 10}, p)
	var o sinktest.Oracle
	send(t, r, &o, 0, 100)
	<-p.held
	server.say(0)
	flushed(t, r)
	if v := o.Check(server.content()); !v.Clean() || v.Arrived != 100 || r.Stats().Refused != 0 {
		t.Errorf("%+v, %+v, want everything", v, r.Stats())
	}
}

// Whatever size an answer has, 64 KB of it are read, and nothing is unpacked.
func TestFault23HugeAnswers(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 16 {
		z.Write(make([]byte, 1<<20))
	}
	z.Close()
	for _, status := range []int{200, 400, 401, 500} {
		for name, serve := range map[string]func(w http.ResponseWriter){
			"a gigabyte": func(w http.ResponseWriter) {
				w.Header().Set("Content-Length", fmt.Sprint(1<<30))
				w.WriteHeader(status)
				for range 1 << 10 {
					if _, err := w.Write(make([]byte, 1<<20)); err != nil {
						return
					}
				}
			},
			"bomb": func(w http.ResponseWriter) {
				w.Header().Set("Content-Encoding", "gzip")
				w.WriteHeader(status)
				w.Write(bomb.Bytes())
			},
			"header": func(w http.ResponseWriter) {
				for i := range 1000 {
					w.Header().Set(fmt.Sprintf("X-Header-%d", i), strings.Repeat("x", 1000))
				}
				w.WriteHeader(status)
			},
		} {
			t.Run(fmt.Sprintf("%d/%s", status, strings.ReplaceAll(name, " ", "_")), func(t *testing.T) {
				server := newPipeServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					io.Copy(io.Discard, r.Body)
					serve(w)
				}))
				defer server.close()
				p := newPauses(0)
				r := openRemote(t, sink.RemoteConfig{URL: "http://collector.test", BatchEvery: time.Millisecond}, p)
				r.Dial(server.dial)
				r.Write(sinktest.Line(1, 0, 100))
				eventually(t, func() bool { s := r.Stats(); return s.Requests == 1 })
				// The body, the head, and what the buffers of net/http hold.
				if got := server.read.Load(); got > sink.MaxAnswer+16<<10 {
					t.Errorf("%d bytes were read, want about %d", got, sink.MaxAnswer)
				}
			})
		}
	}
}

// No credential is in a name, a report or an error, whatever the server does
// with it.
func TestFault24SecretsOfARemote(t *testing.T) {
	const user, password, token, bearer = "logwriter", "p4ss/w0rd&", "tok_9f8e7d6c5b4a39281706", "Bearer 0f1e2d3c4b5a69788796"
	server := newCollector(t, nil)
	var status atomic.Int64
	server.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		switch n := int(status.Load()); n {
		case 0:
			hijacked(w, func(c *net.TCPConn) { io.WriteString(c, "HTTP/1.1 "+r.Header.Get("X-Key")+"\r\n\r\n") })
		default:
			w.Header().Set("Location", "http://"+user+":"+password+"@elsewhere.test/?token="+token)
			w.WriteHeader(n)
			fmt.Fprintf(w, "you sent %v to %v, that is %s:%s", r.Header, r.URL, user, password)
		}
		return false
	})
	var ev events
	var seen []string
	for _, n := range []int{0, 301, 400, 401, 404, 413, 429, 500} {
		status.Store(int64(n))
		c := sink.RemoteConfig{
			URL:    strings.Replace(server.URL, "http://", "http://"+user+":p4ss%2Fw0rd&@", 1) + "/hook/in?token=" + token,
			Header: http.Header{"X-Key": {bearer}}, BatchEvery: time.Millisecond, Report: ev.report, BufferBytes: 200,
		}
		p := newPauses(0)
		r := openRemote(t, c, p)
		r.Write(sinktest.Line(1, 0, 100))
		if n != 400 && n != 413 {
			<-p.held
		} else {
			eventually(t, func() bool { return ev.dropped() > 0 })
		}
		_, full := r.Write(bytes.Repeat(sinktest.Line(1, 1, 150), 3))
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		flush := r.Flush(ctx)
		seen = append(seen, r.String(), fmt.Sprint(full, flush, r.Close()), fmt.Sprintf("%v %+v %#v", c, c, c))
	}
	all := strings.Join(append(seen, ev.String()), "\n")
	for _, secret := range []string{password, "p4ss", "w0rd", token, "0f1e2d3c4b5a69788796", "hook"} {
		if i := strings.Index(all, secret); i >= 0 {
			t.Errorf("%q is in …%.200s…", secret, all[max(i-80, 0):])
		}
	}
	if !strings.Contains(all, "401") || !strings.Contains(all, "127.0.0.1") {
		t.Errorf("nothing useful is in %s", all)
	}
	for _, r := range server.requests {
		if u, pw, ok := r.BasicAuth(); !ok || u != user || pw != password || r.Header.Get("X-Key") != bearer {
			t.Fatalf("a request came without its credentials: %v", r.Header)
		}
	}
}

// An error of somebody else that quotes a URL, such as that of a proxy, has no
// credentials in the report either.
func TestFault24SecretsOfAProxy(t *testing.T) {
	var ev events
	p := newPauses(0)
	r := openRemote(t, sink.RemoteConfig{URL: "http://collector.test", BatchEvery: time.Millisecond, Report: ev.report}, p)
	r.Dial(func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New(`invalid proxy address "http://shipper:s3cr3t@[proxy": missing ']' in host`)
	})
	r.Write(sinktest.Line(1, 0, 100))
	<-p.held
	if got := ev.String(); strings.Contains(got, "s3cr3t") || !strings.Contains(got, "//…@[proxy") {
		t.Errorf("events = %s", got)
	}
}

// The clock of the machine is not asked: pauses and timeouts go by a clock that
// only goes forward, so a step of the wall clock costs nothing.
func TestFault19RetryAfterOfAWrongClock(t *testing.T) {
	server := newCollector(t, nil)
	server.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		w.Header().Set("Retry-After", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)) // our clock is an hour fast
		w.WriteHeader(http.StatusServiceUnavailable)
		return false
	})
	p := newPauses(60)
	r := openRemote(t, sink.RemoteConfig{URL: server.URL, BatchEvery: time.Millisecond}, p)
	var o sinktest.Oracle
	send(t, r, &o, 0, 1)
	<-p.held
	checkBackoff(t, "an hour ago", p.taken()) // no busy loop
}
