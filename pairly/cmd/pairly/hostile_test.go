package main_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly/pairlytest"
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
