package httplogtest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

var rows = []row{
	{name: "answer 200", want: "200 INFO", play: func(p *stage) {
		p.handler = func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }
		p.client(200, "/")
		p.expect(200, "INFO")
	}},
	{name: "answer 503", want: "503 ERROR", play: func(p *stage) {
		p.handler = func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) }
		p.client(503, "/")
		p.expect(503, "ERROR")
	}},
	{name: "panic before write", want: "500 ERROR", play: func(p *stage) {
		p.handler = func(w http.ResponseWriter, r *http.Request) { panic("boom") }
		p.client(500, "/")
		p.expect(500, "ERROR")
	}},
	{name: "panic after first write", want: "200 ERROR, body cut short", play: playPanicAfterWrite},
	{name: "panic http.ErrAbortHandler", want: "not 2xx, connection reset", play: playAbort},
	{name: "WriteHeader(103) then 200", want: "200 INFO", play: func(p *stage) {
		p.handler = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</style.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			io.WriteString(w, "hello")
		}
		p.client(200, "/")
		p.expect(200, "INFO")
	}},
	{name: "WriteHeader(201) then WriteHeader(500)", want: "201 INFO", play: func(p *stage) {
		p.handler = func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(201)
			w.WriteHeader(500)
		}
		p.client(201, "/")
		p.expect(201, "INFO")
	}},
	{name: "handler writes nothing", want: "200 INFO", play: func(p *stage) {
		p.handler = func(w http.ResponseWriter, r *http.Request) {}
		p.client(200, "/")
		p.expect(200, "INFO")
	}},
	{name: "hijack and 101", want: "101 INFO, at the handshake", play: func(p *stage) { playHijack(p, false) }},
	{name: "panic after hijack", want: "101, nothing written by net/http", play: func(p *stage) { playHijack(p, true) }},
	{name: "client disconnects mid-handler", want: "499 INFO", play: func(p *stage) { playGone(p, false, 0) }},
	{name: "client gone, handler answers 500 to nobody", want: "499 INFO", play: func(p *stage) { playGone(p, false, 500) }},
	{name: "client gone while the answer is in the server's buffer", want: "499 INFO", play: func(p *stage) { playGone(p, true, 0) }},
	{name: "client gone once it has the answer", want: "200 INFO", play: playServed},
	{name: "client gone in the middle of an event stream", want: "200 INFO", play: playLeaves},
	{name: "server's context canceled, answer 503", want: "503 ERROR", play: playShutdown},
	{name: "context canceled by other middleware, answer 503", want: "503 ERROR", play: playCanceled},
	{name: "secret in the query string", want: "absent from the log", play: playSecret},
	{name: "hostile X-Request-ID", want: "not adopted", play: playRequestID},
	{name: "server-sent events", want: "200 INFO, delivered while the handler runs", play: playEvents},
	{name: "io.ReaderFrom kept", want: "kept", play: func(p *stage) {
		playInterface(p, "io.ReaderFrom", func(w http.ResponseWriter) bool { _, ok := w.(io.ReaderFrom); return ok })
	}},
	{name: "io.StringWriter kept", want: "kept", play: func(p *stage) {
		playInterface(p, "io.StringWriter", func(w http.ResponseWriter) bool { _, ok := w.(io.StringWriter); return ok })
	}},
	{name: "http.Hijacker kept", want: "kept", play: func(p *stage) {
		playInterface(p, "http.Hijacker", func(w http.ResponseWriter) bool { _, ok := w.(http.Hijacker); return ok })
	}},
	{name: "http.ResponseController works", want: "flush, deadlines, full duplex", play: playController},
	{name: "HTTP/2: client disconnects mid-handler", want: "499 INFO", http2: true, play: func(p *stage) { playGone(p, false, 0) }},
	{name: "HTTP/2: client gone while the answer is in the server's buffer", want: "499 INFO", http2: true, play: func(p *stage) { playGone(p, true, 0) }},
	{name: "HTTP/2: server's context canceled, answer 503", want: "503 ERROR", http2: true, play: playShutdown},
	{name: "HTTP/2: context canceled by other middleware, answer 503", want: "503 ERROR", http2: true, play: playCanceled},
	{name: "HTTP/2: http.Hijacker not gained", want: "absent", http2: true, play: func(p *stage) {
		playInterface(p, "no http.Hijacker", func(w http.ResponseWriter) bool { _, ok := w.(http.Hijacker); return !ok })
	}},
	{name: "HTTP/2: http.Pusher kept", want: "kept", http2: true, play: func(p *stage) {
		playInterface(p, "http.Pusher", func(w http.ResponseWriter) bool { _, ok := w.(http.Pusher); return ok })
	}},
}

// client gets path and holds the status against what the client must see.
func (p *stage) client(want int, path string) {
	if got, _, err := p.get(path); got != want {
		p.saw("client saw %d", got)
		p.wrong("client saw %d (%v), want %d", got, err, want)
	}
}

func playPanicAfterWrite(p *stage) {
	p.handler = func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "the first half")
		http.NewResponseController(w).Flush()
		panic("boom")
	}
	status, body, err := p.get("/")
	if status != 200 {
		p.wrong("client saw %d, want 200", status)
	}
	if err == nil {
		p.saw("client took %q for complete", body)
		p.wrong("client took half a body for complete")
	}
	p.expect(200, "ERROR")
}

func playAbort(p *stage) {
	p.handler = func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }
	if status, _, err := p.get("/"); err == nil {
		p.saw("client saw %d", status)
		p.wrong("client received %d, want a reset connection", status)
	}
	if l, ok := p.line(); ok && l.Status/100 == 2 {
		p.wrong("logged status %d for an aborted request", l.Status)
	}
	if complaints := p.errors.Bytes(); len(complaints) > 0 {
		p.wrong("net/http complained: %s", complaints)
	}
}

// playHijack upgrades a connection, looks at the log while the handler still
// runs, and lets the handler return or panic.
func playHijack(p *stage, panics bool) {
	release := make(chan struct{})
	p.handler = func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		rw.Flush()
		<-release
		if panics {
			panic("boom")
		}
	}
	resp, conn := p.upgrade()
	if conn != nil {
		defer conn.Close()
	}
	if resp != nil && resp.StatusCode != 101 {
		p.wrong("client saw %d, want 101", resp.StatusCode)
	}
	early := p.lines()
	close(release)
	if len(early) != 1 {
		p.saw("%d lines at the handshake", len(early))
		p.wrong("%d lines at the handshake, want 1", len(early))
	}
	if panics {
		p.expect(101, "INFO", "WARN", "ERROR")
		if complaints := string(p.errors.Bytes()); strings.Contains(complaints, "hijacked") {
			p.wrong("net/http complained: %s", complaints)
		}
		return
	}
	p.expect(101, "INFO")
}

// upgrade sends an upgrade request as a browser does.
func (p *stage) upgrade() (*http.Response, net.Conn) {
	conn, err := net.Dial("tcp", p.server.Listener.Addr().String())
	if err != nil {
		p.wrong("dial: %v", err)
		return nil, nil
	}
	conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprint(conn, "GET /socket HTTP/1.1\r\nHost: test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		p.wrong("read the answer to the upgrade: %v", err)
		return nil, conn
	}
	return resp, conn
}

// playGone cancels the client's request while the handler runs, which may have
// written an answer that is still in the server's buffer; the handler then returns,
// with a status where one is given.
func playGone(p *stage, wrote bool, status int) {
	started := make(chan struct{})
	p.handler = func(w http.ResponseWriter, r *http.Request) {
		if wrote {
			io.WriteString(w, "hello")
		}
		close(started)
		if p.await(r.Context().Done(), "the end of the context") && status != 0 {
			w.WriteHeader(status)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", p.server.URL, nil)
	go func() {
		p.await(started, "the request")
		cancel()
	}()
	if resp, err := p.server.Client().Do(req); err == nil {
		resp.Body.Close()
		p.wrong("client saw %d, although it had left", resp.StatusCode)
	}
	p.expect(499, "INFO")
}

// playServed has the client leave with its answer, while the handler still runs.
func playServed(p *stage) {
	p.handler = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "hello")
		p.flushAndWait(w, r)
	}
	p.client(200, "/")
	p.server.Client().CloseIdleConnections()
	p.expect(200, "INFO")
}

// playLeaves has the client leave behind the first of the server's events.
func playLeaves(p *stage) {
	p.handler = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: 1\n\n")
		p.flushAndWait(w, r)
	}
	resp, err := p.server.Client().Get(p.server.URL)
	if err != nil {
		p.wrong("get: %v", err)
		return
	}
	if first, err := bufio.NewReader(resp.Body).ReadString('\n'); err != nil || first != "data: 1\n" {
		p.wrong("first event: %q, %v", first, err)
	}
	resp.Body.Close()
	p.expect(200, "INFO")
}

// flushAndWait sends what has been written and waits until the client has left.
func (p *stage) flushAndWait(w http.ResponseWriter, r *http.Request) {
	if err := http.NewResponseController(w).Flush(); err != nil {
		p.wrong("flush: %v", err)
		return
	}
	p.await(r.Context().Done(), "the end of the context")
}

// playShutdown ends the context that the server was given while the handler runs,
// as a program does that shuts down. The client waits for its answer and gets it.
func playShutdown(p *stage) {
	p.handler = func(w http.ResponseWriter, r *http.Request) {
		p.stop()
		p.await(r.Context().Done(), "the end of the context")
		w.WriteHeader(503)
	}
	p.client(503, "/")
	p.expect(503, "ERROR")
}

// playCanceled ends the request's context from a middleware outside of the one that
// logs, as one does that limits what a request may take.
func playCanceled(p *stage) {
	var cancel context.CancelFunc
	p.outside = func(r *http.Request) *http.Request {
		ctx, end := context.WithCancel(r.Context())
		cancel = end
		return r.WithContext(ctx)
	}
	p.handler = func(w http.ResponseWriter, r *http.Request) {
		cancel()
		p.await(r.Context().Done(), "the end of the context")
		w.WriteHeader(503)
	}
	p.client(503, "/")
	p.expect(503, "ERROR")
}

func playSecret(p *stage) {
	// Assembled here, so that no scanner takes this file for a leak.
	secret := "hunter" + "2-correct-horse"
	p.handler = func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }
	p.client(200, "/reset?password="+secret+"&page=2")
	p.line()
	if strings.Contains(string(p.log.Bytes()), secret) {
		p.saw("leaked")
		p.wrong("the log has the password that was in the query")
	}
}

func playRequestID(p *stage) {
	hostile := strings.Repeat("x", 3000)
	p.handler = func(w http.ResponseWriter, r *http.Request) {}
	req, _ := http.NewRequest("GET", p.server.URL, nil)
	req.Header.Set("X-Request-ID", hostile)
	resp, err := p.server.Client().Do(req)
	if err != nil {
		p.wrong("get: %v", err)
		return
	}
	resp.Body.Close()
	p.line()
	if strings.Contains(string(p.log.Bytes()), hostile) {
		p.saw("adopted")
		p.wrong("the log has the client's id of 3000 bytes")
	}
}

func playEvents(p *stage) {
	release := make(chan struct{})
	p.handler = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: 1\n\n")
		f, ok := w.(http.Flusher)
		if !ok {
			p.wrong("the writer has no http.Flusher")
			return
		}
		f.Flush()
		p.await(release, "the first event")
		fmt.Fprint(w, "data: 2\n\n")
	}
	resp, err := p.server.Client().Get(p.server.URL)
	if err != nil {
		close(release)
		p.wrong("get: %v", err)
		return
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	if first, err := lines.ReadString('\n'); err != nil || first != "data: 1\n" {
		p.wrong("first event: %q, %v", first, err)
	}
	close(release)
	if rest, err := io.ReadAll(lines); err != nil || string(rest) != "\ndata: 2\n\n" {
		p.wrong("second event: %q, %v", rest, err)
	}
	p.expect(200, "INFO")
}

func playInterface(p *stage, what string, has func(http.ResponseWriter) bool) {
	kept := false
	p.handler = func(w http.ResponseWriter, r *http.Request) { kept = has(w) }
	p.client(200, "/")
	p.line()
	if !kept {
		p.saw("lost")
		p.wrong("want %s", what)
	}
}

func playController(p *stage) {
	failed := map[string]error{}
	p.handler = func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		for what, err := range map[string]error{
			"EnableFullDuplex": rc.EnableFullDuplex(),
			"SetReadDeadline":  rc.SetReadDeadline(time.Now().Add(patience)),
			"SetWriteDeadline": rc.SetWriteDeadline(time.Now().Add(patience)),
			"Flush":            rc.Flush(),
		} {
			if err != nil {
				failed[what] = err
			}
		}
	}
	p.client(200, "/")
	p.line()
	for what, err := range failed {
		p.wrong("%s: %v", what, err)
	}
}
