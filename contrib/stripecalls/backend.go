// Package stripecalls makes one call of each request to Stripe, however often
// stripe-go sends it. Wrap a backend whose HTTP client sends through an
// httplog.Transport:
//
//	t := &httplog.Transport{Logger: p.Logger("external.stripe"), Service: "stripe"}
//	api := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
//		HTTPClient:    &http.Client{Transport: t, Timeout: 80 * time.Second},
//		LeveledLogger: stripelog.NewContext(stripelog.Config{Logger: p.Logger("external.stripe"), Quiet: true}),
//	})
//	client := stripe.NewClient(key, stripe.WithBackends(&stripe.Backends{API: stripecalls.Backend(api, t)}))
//
// A call then has one external_api_call or external_api_error line, with Stripe's
// type and code of the error, an external_api_retry at WARNING before each
// repetition, and an external_api_attempt at DEBUG for each attempt. Bodies, and the
// texts of errors, are not logged.
//
// It is apart from package stripelog because it needs the types of one version of
// stripe-go, v84.
package stripecalls

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/stripe/stripe-go/v84"

	"github.com/pairly/pairlog/contrib/stripelog"
	"github.com/pairly/pairlog/httplog"
)

// Backend returns b with a call of t around each of its requests. What b is sent
// through must be t. The operation is that of [stripelog.Operation], unless t has an
// Operation. A backend for raw requests stays one.
//
// Requests whose parameters are nil, or have no Context of their own, are passed
// on: each of their attempts is a call. A stream ends as a call when it begins.
func Backend(b stripe.Backend, t *httplog.Transport) stripe.Backend {
	w := &backend{b, t}
	if raw, ok := b.(stripe.RawRequestBackend); ok {
		return &rawBackend{w, raw}
	}
	return w
}

type backend struct {
	under stripe.Backend
	t     *httplog.Transport
}

// A rawBackend is a backend that takes raw requests too.
type rawBackend struct {
	*backend
	raw stripe.RawRequestBackend
}

var (
	_ stripe.Backend           = (*backend)(nil)
	_ stripe.RawRequestBackend = (*rawBackend)(nil)
)

// Call sends a request in one call.
func (b *backend) Call(method, path, key string, params stripe.ParamsContainer, v stripe.LastResponseSetter) error {
	return do(b, method, path, params, func(params stripe.ParamsContainer) error {
		return b.under.Call(method, path, key, params, v)
	})
}

// CallStreaming sends a request in one call, whose answer is read afterwards.
func (b *backend) CallStreaming(method, path, key string, params stripe.ParamsContainer, v stripe.StreamingLastResponseSetter) error {
	return do(b, method, path, params, func(params stripe.ParamsContainer) error {
		return b.under.CallStreaming(method, path, key, params, v)
	})
}

// CallRaw sends a request with a body in one call.
func (b *backend) CallRaw(method, path, key string, body []byte, params *stripe.Params, v stripe.LastResponseSetter) error {
	return do(b, method, path, params, func(params *stripe.Params) error {
		return b.under.CallRaw(method, path, key, body, params, v)
	})
}

// CallMultipart sends a request with a file in one call.
func (b *backend) CallMultipart(method, path, key, boundary string, body *bytes.Buffer, params *stripe.Params, v stripe.LastResponseSetter) error {
	return do(b, method, path, params, func(params *stripe.Params) error {
		return b.under.CallMultipart(method, path, key, boundary, body, params, v)
	})
}

// SetMaxNetworkRetries is that of the backend below.
func (b *backend) SetMaxNetworkRetries(n int64) { b.under.SetMaxNetworkRetries(n) }

// RawRequest sends a raw request in one call.
func (b *rawBackend) RawRequest(method, path, key, content string, params *stripe.RawParams) (resp *stripe.APIResponse, err error) {
	err = do(b.backend, method, path, params, func(params *stripe.RawParams) error {
		resp, err = b.raw.RawRequest(method, path, key, content, params)
		return err
	})
	return resp, err
}

// do calls send with params whose context is that of a call.
func do[P any](b *backend, method, path string, params P, send func(P) error) error {
	own, ctx := copyParams(params)
	if ctx == nil {
		return send(params)
	}
	parent := *ctx
	if parent == nil {
		parent = context.Background()
	}
	inCall, call := b.t.Start(parent, b.operation(method, path))
	*ctx = inCall
	err := send(own)
	call.End(asFailure(err))
	return err
}

func (b *backend) operation(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	r := &http.Request{Method: method, URL: &url.URL{Path: path}}
	if b.t.Operation != nil {
		return b.t.Operation(r)
	}
	return stripelog.Operation(r)
}

// A failure is an error of Stripe whose type and code are those that Stripe says.
type failure struct {
	error
	of *stripe.Error
}

func asFailure(err error) error {
	var of *stripe.Error
	if errors.As(err, &of) && of != nil {
		return &failure{err, of}
	}
	return err
}

// Unwrap returns the error itself.
func (f *failure) Unwrap() error { return f.error }

// ErrorType returns Stripe's type of the error, such as card_error.
func (f *failure) ErrorType() string { return string(f.of.Type) }

// ErrorCode returns Stripe's code of the error, such as card_declined.
func (f *failure) ErrorCode() string { return string(f.of.Code) }
