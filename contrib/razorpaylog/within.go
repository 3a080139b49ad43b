package razorpaylog

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// within sends requests that end with a context, and have its values. Their own
// context has the timeout of the http.Client.
type within struct {
	ctx  context.Context
	base http.RoundTripper
}

// RoundTrip sends the request.
func (t *within) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(both{r.Context(), t.ctx})
	stop := context.AfterFunc(t.ctx, func() { cancel(context.Cause(t.ctx)) })
	end := func() {
		stop()
		cancel(nil)
	}
	resp, err := t.base.RoundTrip(r.WithContext(ctx))
	if err != nil {
		end()
		return resp, err
	}
	// Until its body is read the response ends with the context too.
	resp.Body = &endingBody{ReadCloser: resp.Body, end: end}
	return resp, nil
}

// both is a context with the values of another one besides.
type both struct {
	context.Context
	values context.Context
}

// Value asks the request's context first, whose deadline counts.
func (c both) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}
	return c.values.Value(key)
}

// endingBody calls end once, when it has been read or closed.
type endingBody struct {
	io.ReadCloser
	once sync.Once
	end  func()
}

// Read reads from the body below.
func (b *endingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.once.Do(b.end)
	}
	return n, err
}

// Close closes the body below.
func (b *endingBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(b.end)
	return err
}
