package razorpaylog

import (
	"context"
	"net/http"
	"reflect"

	"github.com/razorpay/razorpay-go"
	"github.com/razorpay/razorpay-go/requests"
)

// Use makes the client send its requests through rt. Call it before the client's
// first request, and after its SetTimeout, which makes a new http.Client. The
// timeout stays; nil means [http.DefaultTransport].
func Use(client *razorpay.Client, rt http.RoundTripper) {
	eachRequest(client, func(field reflect.Value) {
		r := field.Interface().(*requests.Request)
		r.HTTPClient = withTransport(r.HTTPClient, rt)
	})
}

// WithContext returns a client that does all that client does, within ctx: the
// lines of its requests have the ids of ctx, and they end when ctx ends. It is for
// the calls of one request; what it costs is in BenchmarkWithContext.
func WithContext(ctx context.Context, client *razorpay.Client) *razorpay.Client {
	bound := *client
	// The resources share one Request, which is copied once.
	copies := make(map[*requests.Request]*requests.Request, 1)
	resources := reflect.ValueOf(&bound).Elem()
	for i := range resources.NumField() {
		if f := resources.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
			c := reflect.New(f.Type().Elem())
			c.Elem().Set(f.Elem())
			f.Set(c)
		}
	}
	eachRequest(&bound, func(field reflect.Value) {
		r := field.Interface().(*requests.Request)
		c := copies[r]
		if c == nil {
			c = new(requests.Request)
			*c = *r
			c.HTTPClient = withTransport(r.HTTPClient, &within{ctx, base(r.HTTPClient)})
			copies[r] = c
		}
		field.Set(reflect.ValueOf(c))
	})
	return &bound
}

// eachRequest calls f with the Request field of each resource of the client.
func eachRequest(client *razorpay.Client, f func(field reflect.Value)) {
	resources := reflect.ValueOf(client).Elem()
	for i := range resources.NumField() {
		r := resources.Field(i)
		if r.Kind() != reflect.Pointer || r.IsNil() || r.Elem().Kind() != reflect.Struct {
			continue
		}
		field := r.Elem().FieldByName("Request")
		if field.IsValid() && field.Type() == reflect.TypeFor[*requests.Request]() && !field.IsNil() {
			f(field)
		}
	}
}

// withTransport returns a copy of a client with another transport.
func withTransport(c *http.Client, rt http.RoundTripper) *http.Client {
	if c == nil {
		return &http.Client{Transport: rt}
	}
	copied := *c
	copied.Transport = rt
	return &copied
}

func base(c *http.Client) http.RoundTripper {
	if c == nil || c.Transport == nil {
		return http.DefaultTransport
	}
	return c.Transport
}
