package httplog_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// Ids are random UUIDs, and nobody gets one that another has.
func TestNewID(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				id := httplog.NewID()
				mu.Lock()
				if !uuid.MatchString(id) || seen[id] {
					t.Errorf("NewID() = %q, want a random UUID that was not there", id)
				}
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestValidRequestID(t *testing.T) {
	f := func(id string, want bool) {
		t.Helper()
		if got := httplog.ValidRequestID(id); got != want {
			t.Errorf("ValidRequestID(%q) = %v, want %v", id, got, want)
		}
	}
	f("550e8400-e29b-41d4-a716-446655440000", true)
	f("abc.DEF_123-", true)
	f("1234567", false)
	f("12345678", true)
	f(strings.Repeat("a", 64), true)
	f(strings.Repeat("a", 65), false)
	f("abc defgh", false)
	f("abcdefgh\n", false)
	f("abcdefgé", false)
	f(`abcdefgh"`, false)
	f("", false)
}

// Each byte at each place of an id counts, whatever its neighbours are.
func TestValidRequestIDBytes(t *testing.T) {
	const may = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
	for _, n := range []int{8, 9, 15, 16, 17, 36, 64} {
		for at := range n {
			for c := range 256 {
				for _, other := range []byte{'-', '0', 'Z', '_', 'z'} {
					id := bytes.Repeat([]byte{other}, n)
					id[at] = byte(c)
					want := strings.IndexByte(may, byte(c)) >= 0
					if got := httplog.ValidRequestID(string(id)); got != want {
						t.Fatalf("ValidRequestID(%q) = %v, want %v", id, got, want)
					}
				}
			}
		}
	}
}

// The id that a request gets is the one on its lines and in its answer.
func TestRequestID(t *testing.T) {
	const sent = "client-id-0001"
	for _, c := range []struct {
		name    string
		config  httplog.Config
		sent    []string
		adopted bool
	}{
		{"from anyone", httplog.Config{}, []string{sent}, true},
		{"none sent", httplog.Config{}, nil, false},
		{"two sent", httplog.Config{}, []string{sent, sent}, false},
		{"not valid", httplog.Config{}, []string{"a b c d e f g"}, false},
		{"nobody's", httplog.Config{Adopt: httplog.AdoptNobody}, []string{sent}, false},
		{"proxies' only, from elsewhere", httplog.Config{Adopt: httplog.AdoptProxies}, []string{sent}, false},
		{"proxies' only, from a proxy", httplog.Config{Adopt: httplog.AdoptProxies,
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, []string{sent}, true},
		{"further condition", httplog.Config{ValidID: uuid.MatchString}, []string{sent}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			logs := logtest.New(t)
			c.config.Logger = logs.Logger("api.request")
			inside := ""
			h := httplog.Middleware(c.config)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inside = httplog.RequestID(r.Context())
				logs.Logger("service.test").InfoContext(r.Context(), "worked")
			}))
			w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
			r.Header["X-Request-Id"] = c.sent
			h.ServeHTTP(w, r)

			id := w.Header().Get("X-Request-ID")
			if got := id == sent; got != c.adopted {
				t.Errorf("answered with %q, want adopted %v", id, c.adopted)
			}
			if !c.adopted && !uuid.MatchString(id) {
				t.Errorf("made %q, want a UUID", id)
			}
			for _, rec := range logs.Records() {
				if rec.RequestID() != id {
					t.Errorf("%s has request_id %q, want %q", rec.Event(), rec.RequestID(), id)
				}
			}
			if inside != id {
				t.Errorf("RequestID(ctx) = %q, want %q", inside, id)
			}
		})
	}
}

func TestParseTraceparent(t *testing.T) {
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	f := func(h, wantTrace, wantSpan string) {
		t.Helper()
		gotTrace, gotSpan, _ := httplog.ParseTraceparent(h)
		if gotTrace != wantTrace || gotSpan != wantSpan {
			t.Errorf("ParseTraceparent(%q) = %q, %q, want %q, %q", h, gotTrace, gotSpan, wantTrace, wantSpan)
		}
	}
	f("00-"+trace+"-"+span+"-01", trace, span)
	f("00-"+trace+"-"+span+"-00", trace, span)
	f("cc-"+trace+"-"+span+"-01-what-the-future-brings", trace, span)
	f("00-"+trace+"-"+span+"-01-more", "", "")
	f("ff-"+trace+"-"+span+"-01", "", "")
	f("00-"+strings.Repeat("0", 32)+"-"+span+"-01", "", "")
	f("00-"+trace+"-"+strings.Repeat("0", 16)+"-01", "", "")
	f("00-"+strings.ToUpper(trace)+"-"+span+"-01", "", "")
	f("00-"+trace+"-"+span+"-0", "", "")
	f("00-"+trace+"-"+span+"-0g", "", "")
	f("", "", "")
}

func FuzzTraceparent(f *testing.F) {
	f.Add("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	f.Fuzz(func(t *testing.T, h string) {
		trace, span, _ := httplog.ParseTraceparent(h)
		if (trace == "") != (span == "") {
			t.Errorf("ParseTraceparent(%q) = %q, %q: one without the other", h, trace, span)
		}
		if trace != "" && (len(trace) != 32 || len(span) != 16) {
			t.Errorf("ParseTraceparent(%q) = %q, %q", h, trace, span)
		}
	})
}
