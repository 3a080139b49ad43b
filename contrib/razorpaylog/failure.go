package razorpaylog

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// maxFailure is how much of the body of a failure is read ahead, in bytes.
// Razorpay's have a few hundred.
const maxFailure = 64 << 10

// Base returns a RoundTripper that sends requests through rt, nil for
// [http.DefaultTransport], and reads the bodies of responses of status 300 or more
// ahead, up to 64 KiB. It does so for [ErrorCode], and closes those that are
// shorter, which razorpay-go leaves undone. What was read is in the response's body
// as before.
func Base(rt http.RoundTripper) http.RoundTripper {
	if rt == nil {
		rt = http.DefaultTransport
	}
	return &reader{rt}
}

type reader struct{ base http.RoundTripper }

// RoundTrip sends the request.
func (t *reader) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(r)
	if err != nil || resp.StatusCode < http.StatusMultipleChoices {
		return resp, err
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxFailure))
	if err != nil {
		_ = resp.Body.Close() // the first error says more
		return nil, err
	}
	f := &failure{head: bytes.NewReader(b), code: codeOf(b)}
	if len(b) == maxFailure {
		f.rest = resp.Body
	} else if err := resp.Body.Close(); err != nil {
		return nil, err
	}
	resp.Body = f
	return resp, nil
}

// CloseIdleConnections closes the idle connections of the base.
func (t *reader) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// failure is the body of a failed response.
type failure struct {
	head *bytes.Reader
	rest io.ReadCloser // what is behind maxFailure, or nil
	code string
}

// Read reads from the body. It tells of the end together with the last bytes:
// razorpay-go reads no further than the JSON in it goes.
func (f *failure) Read(p []byte) (int, error) {
	if f.rest != nil && f.head.Len() == 0 {
		return f.rest.Read(p)
	}
	n, err := f.head.Read(p)
	if err == nil && f.rest == nil && f.head.Len() == 0 {
		err = io.EOF
	}
	return n, err
}

// Close gives the connection back, where that is not done already.
func (f *failure) Close() error {
	if f.rest != nil {
		return f.rest.Close()
	}
	return nil
}

// ErrorCode returns Razorpay's code of a failed response that has come through
// [Base], with the reason where there is one: BAD_REQUEST_ERROR/payment_failed.
// Without one it is empty. It is for httplog.Transport, and reads no body.
func ErrorCode(resp *http.Response) string {
	if f, ok := resp.Body.(*failure); ok {
		return f.code
	}
	return ""
}

// codeOf reads the code of a failure. Its other members are texts.
func codeOf(body []byte) string {
	var said struct {
		Error struct {
			Code   string `json:"code"`
			Reason string `json:"reason"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &said) != nil || !isCode(said.Error.Code) {
		return ""
	}
	if isCode(said.Error.Reason) && said.Error.Reason != "NA" {
		return said.Error.Code + "/" + said.Error.Reason
	}
	return said.Error.Code
}

func isCode(s string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
	return s != "" && len(s) <= 64 && strings.Trim(s, letters) == ""
}

// Operation names a request to Razorpay: the method with the path, in which ids
// have become {id}: POST /v1/payments/{id}/capture. It is for httplog.Transport.
func Operation(r *http.Request) string {
	segments := strings.Split(r.URL.Path, "/")
	for i, s := range segments {
		if isID(s) {
			segments[i] = "{id}"
		}
	}
	return r.Method + " " + strings.Join(segments, "/")
}

// isID reports whether a segment of a path is an id: the names of Razorpay's
// resources are of lower-case letters, and versions are short.
func isID(segment string) bool {
	return len(segment) > 3 && strings.Trim(segment, "abcdefghijklmnopqrstuvwxyz_-") != ""
}
