package main_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly/pairlytest"
	"github.com/pairly/pairlog/pairly/store/storetest"
	"github.com/pairly/pairlog/redact"
)

// raw sends bytes to the program and returns the first answer, read to its
// end, and what is left of the connection.
func raw(t *testing.T, app *pairlytest.App, request string) (*http.Response, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(app.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprint(conn, request)
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp, in
}

// A client that sends its body a byte now and then is given up.
func TestSlowBody(t *testing.T) {
	app := start(t, pairlytest.Options{}, func(p *program) { p.ReadWithin = 100 * time.Millisecond })
	resp, in := raw(t, app, "POST /api/auth/login HTTP/1.1\r\nHost: pairly.test\r\n"+
		"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	if got, want := resp.StatusCode, http.StatusBadRequest; got != want {
		t.Errorf("status = %d, want %d", got, want)
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("after the answer: got %v, want the connection closed", err)
	}
	app.Expect(t, resp.Header.Get("X-Request-ID"), "http_request")
}

// A client that hangs up on a slow write is no failure of the database.
func TestClientLeavesDuringWrite(t *testing.T) {
	app := start(t, pairlytest.Options{DatabaseURL: storetest.SQLite(t)})
	f := app.Client("203.0.113.25")
	f.SignUp("f@pairly.test", "Fay", "fan")
	app.Exec("CREATE TRIGGER slow BEFORE INSERT ON profiles BEGIN SELECT (WITH RECURSIVE n(i) AS " +
		"(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT max(i) FROM n); END")
	ctx, leave := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer leave()
	req, err := http.NewRequestWithContext(ctx, "POST", app.URL+"/api/profiles",
		strings.NewReader(`{"display_name":"Fay","age":30}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+f.Access)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Fatalf("status = %d, want no answer in time", resp.StatusCode)
	}
	rs := app.Await("http_request of a client who left", func(rs []pairlytest.Record) bool {
		return len(rs) > 0 && rs[len(rs)-1].Text("outcome") == "client_gone"
	})
	for _, r := range rs {
		if level := r.Text("level"); level == "ERROR" || level == "CRITICAL" {
			t.Errorf("a client who left is called a failure: %s", r.Raw)
		}
	}
}

// Whatever is asked, there is a line of it.
func TestOddRequestsAreLogged(t *testing.T) {
	app := start(t, pairlytest.Options{})
	for request, status := range map[string]int{
		"OPTIONS * HTTP/1.1":                    http.StatusNotFound,
		"CONNECT pairly.test:443 HTTP/1.1":      http.StatusNotFound,
		"BREW /api/credits/packages HTTP/1.1":   http.StatusMethodNotAllowed,
		"GET http://elsewhere.test/ HTTP/1.1":   http.StatusNotFound,
		"GET //api/auth/me HTTP/1.1":            http.StatusNotFound,
		"GET /api/../api/auth/me HTTP/1.1":      http.StatusNotFound,
		"GET /api/profiles/%00%0a%1b HTTP/1.1":  http.StatusNotFound,
		"GET /api/profiles/%ff%fe%2f HTTP/1.1":  http.StatusNotFound,
		"GET /api/health?a=%00&b=\xff HTTP/1.0": http.StatusOK,
	} {
		resp, _ := raw(t, app, request+"\r\nHost: pairly.test\r\n\r\n")
		if resp.StatusCode != status {
			t.Errorf("%q: status = %d, want %d", request, resp.StatusCode, status)
		}
		if !strings.Contains(request, "/health") { // which is at DEBUG
			app.Expect(t, resp.Header.Get("X-Request-ID"), "http_request")
		}
	}
}

// Of the headers that name the client only the one counts that the proxies
// write. Another one is the client's own.
func TestForgedForwardedHeader(t *testing.T) {
	app := start(t, pairlytest.Options{}, func(p *program) {
		p.Log = func(c *pairlog.Config) { c.FlushEvery = time.Millisecond; c.PIIMode = redact.PIIFull }
	})
	resp, _ := raw(t, app, "GET /api/credits/packages HTTP/1.1\r\nHost: pairly.test\r\nForwarded: for=203.0.113.99\r\n\r\n")
	rs := app.Expect(t, resp.Header.Get("X-Request-ID"), "http_request")
	wantMember(t, rs[0], "127.0.0.1", "client_ip")
}
