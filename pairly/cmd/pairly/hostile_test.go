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

	"github.com/pairly/pairlog/pairly/pairlytest"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// A client that sends its body a byte now and then is given up.
func TestSlowBody(t *testing.T) {
	app := start(t, pairlytest.Options{}, func(p *program) { p.ReadWithin = 100 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(app.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /api/auth/login HTTP/1.1\r\nHost: pairly.test\r\n"+
		"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
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
