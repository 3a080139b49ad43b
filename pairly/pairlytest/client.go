package pairlytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
)

// A Client is a device: an address and, after [Client.Login] or
// [Client.SignUp], an account. Its methods end the test where the request
// cannot be sent; what the service answers is the caller's to judge.
// Requests may be sent concurrently; logging in may not.
type Client struct {
	t   testing.TB
	app *App
	IP  string // told as X-Forwarded-For, which the booted program believes

	Access, Refresh string // tokens, empty before login
	UserID          string
	SessionID       string
}

// An Answer is what the service said to a request.
type Answer struct {
	Status    int
	Header    http.Header
	RequestID string // of the X-Request-ID header
	Body      Object // empty where the body is no JSON object
	Raw       []byte
}

// Client returns a device at ip.
func (a *App) Client(ip string) *Client { return &Client{t: a.t, app: a, IP: ip} }

// As returns a device at another address with the account of c.
func (c *Client) As(ip string) *Client {
	d := *c
	d.IP = ip
	return &d
}

// Get sends a GET request.
func (c *Client) Get(path string) Answer { c.t.Helper(); return c.Do(http.MethodGet, path, nil) }

// TryGet sends a GET request and returns the id that the program gave it, or
// an error where the program does not answer any more. It may be called from
// any goroutine.
func (c *Client) TryGet(path string) (requestID string, err error) {
	req, err := http.NewRequest(http.MethodGet, c.app.URL+path, nil)
	if err != nil {
		return "", err
	}
	c.headers(req.Header)
	resp, err := c.app.http.Do(req)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.Header.Get("X-Request-ID"), errors.Join(err, resp.Body.Close())
}

// Post sends body as JSON.
func (c *Client) Post(path string, body any) Answer {
	c.t.Helper()
	return c.Do(http.MethodPost, path, body)
}

// Do sends a request, with body as JSON unless it is nil, and reads the
// answer.
func (c *Client) Do(method, path string, body any) Answer {
	c.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.app.URL+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	c.headers(req.Header)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Access != "" {
		req.Header.Set("Authorization", "Bearer "+c.Access)
	}
	return c.send(req)
}

func (c *Client) send(req *http.Request) Answer {
	c.t.Helper()
	resp, err := c.app.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := Answer{Status: resp.StatusCode, Header: resp.Header, RequestID: resp.Header.Get("X-Request-ID"), Raw: raw}
	if rec, err := Parse(string(bytes.TrimSpace(raw))); err == nil {
		a.Body = rec.Object
	}
	return a
}

func (c *Client) headers(h http.Header) {
	h.Set("X-Forwarded-For", c.IP)
	h.Set("User-Agent", "pairlytest/1.0 (Linux) Firefox/127.0")
}

// SignUp makes an account with the password of [Password] and logs c in.
func (c *Client) SignUp(email, name, role string) Answer {
	c.t.Helper()
	a := c.Post("/api/auth/signup", map[string]any{
		"email": email, "password": Password, "name": name, "role": role,
	})
	c.must(a, http.StatusOK)
	c.adopt(a)
	return a
}

// Login logs c in.
func (c *Client) Login(email, password string) Answer {
	c.t.Helper()
	a := c.Post("/api/auth/login", map[string]any{"email": email, "password": password, "device_info": "test device"})
	if a.Status == http.StatusOK {
		c.adopt(a)
	}
	return a
}

// Rotate presents the refresh token of c and adopts the new ones.
func (c *Client) Rotate() Answer {
	c.t.Helper()
	a := c.Post("/api/auth/refresh", map[string]any{"refresh_token": c.Refresh})
	if a.Status == http.StatusOK {
		c.adopt(a)
	}
	return a
}

func (c *Client) adopt(a Answer) {
	c.Access, c.Refresh = a.Body.Text("access_token"), a.Body.Text("refresh_token")
	c.UserID, c.SessionID = a.Body.Text("user", "id"), a.Body.Text("session_id")
	c.app.Plant(c.Access)
	c.app.Plant(c.Refresh)
}

func (c *Client) must(a Answer, status int) {
	c.t.Helper()
	if a.Status != status {
		c.t.Fatalf("status = %d, want %d: %s", a.Status, status, a.Raw)
	}
}
