package httplog_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/pairly/pairlog/httplog"
)

func TestClientIP(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, peer, header, value, want string
		config                          httplog.Config
	}{
		{name: "peer", peer: "203.0.113.7:4711", want: "203.0.113.7"},
		{name: "peer IPv6", peer: "[2001:db8::1]:4711", want: "2001:db8::1"},
		{name: "peer on a Unix socket", peer: "@", want: ""},
		{name: "no proxies trusted", peer: "203.0.113.7:1", header: "X-Forwarded-For", value: "1.2.3.4", want: "203.0.113.7"},
		{name: "peer is no proxy", peer: "203.0.113.7:1", header: "X-Forwarded-For", value: "1.2.3.4", want: "203.0.113.7",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "one proxy", peer: "10.0.0.1:1", header: "X-Forwarded-For", value: "203.0.113.9", want: "203.0.113.9",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "forged entry at the left", peer: "10.0.0.1:1", header: "X-Forwarded-For", value: "6.6.6.6, 203.0.113.9, 10.0.0.2", want: "203.0.113.9",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "only proxies", peer: "10.0.0.1:1", header: "X-Forwarded-For", value: "10.0.0.3, 10.0.0.2", want: "10.0.0.3",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "no header", peer: "10.0.0.1:1", want: "10.0.0.1",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "not an address", peer: "10.0.0.1:1", header: "X-Forwarded-For", value: "203.0.113.9, hello", want: "10.0.0.1",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "port and brackets", peer: "10.0.0.1:1", header: "X-Forwarded-For", value: "[2001:db8::9]:80", want: "2001:db8::9",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "IPv4 in IPv6", peer: "[::ffff:10.0.0.1]:1", header: "X-Forwarded-For", value: "::ffff:203.0.113.9", want: "203.0.113.9",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "Forwarded", peer: "10.0.0.1:1", header: "Forwarded", value: `for=6.6.6.6, for=203.0.113.9;proto=https;by=10.0.0.2`, want: "203.0.113.9",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "Forwarded IPv6 in quotes", peer: "[fd00::1]:1", header: "Forwarded", value: `proto=http; For="[2001:db8:cafe::17]:4711"`, want: "2001:db8:cafe::17",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "Forwarded with a comma in quotes", peer: "10.0.0.1:1", header: "Forwarded", value: `for="1.2.3.4, 5.6.7.8";by=x, for=203.0.113.9`, want: "203.0.113.9",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "Forwarded unknown", peer: "10.0.0.1:1", header: "Forwarded", value: `for=203.0.113.9, for=unknown, for=10.0.0.2`, want: "10.0.0.2",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "Forwarded obfuscated", peer: "10.0.0.1:1", header: "Forwarded", value: `for=_hidden`, want: "10.0.0.1",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "Forwarded with an open quote", peer: "10.0.0.1:1", header: "Forwarded", value: `for="203.0.113.9`, want: "10.0.0.1",
			config: httplog.Config{TrustedProxies: proxies}},
		{name: "a header that proxies do not write", peer: "10.0.0.1:1", header: "X-Forwarded-For", value: "6.6.6.6", want: "10.0.0.1",
			config: httplog.Config{TrustedProxies: proxies, ProxyHeader: "Forwarded"}},
		{name: "a million commas", peer: "10.0.0.1:1", header: "Forwarded", value: strings.Repeat(",", 1<<20), want: "10.0.0.1",
			config: httplog.Config{TrustedProxies: proxies}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
			if c.header != "" {
				r.Header.Set(c.header, c.value)
			}
			if got, _ := httplog.FindClient(c.config, r); got != c.want {
				t.Errorf("client = %q, want %q", got, c.want)
			}
		})
	}
}

// Both headers, over several lines: the last line is the nearest proxy's.
func TestClientIPOfSeveralLines(t *testing.T) {
	c := httplog.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{
		"X-Forwarded-For": {"6.6.6.6", "203.0.113.9, 10.0.0.3", "10.0.0.2"},
		"Forwarded":       {"for=7.7.7.7"},
	}}
	if got, via := httplog.FindClient(c, r); got != "203.0.113.9" || !via {
		t.Errorf("client = %q via proxy %v, want 203.0.113.9 true", got, via)
	}
}

// Proxies that are known, and more of them than are remembered, are trusted; a peer
// that is none never is, whoever came before.
func TestManyPeers(t *testing.T) {
	c := httplog.NewFinder(httplog.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for round := range 3 {
		for i := range 8 {
			for _, p := range []struct {
				peer string
				via  bool
			}{{fmt.Sprintf("10.0.0.%d", i), true}, {fmt.Sprintf("192.0.2.%d", i), false}, {"", false}} {
				r := &http.Request{RemoteAddr: p.peer + ":4711", Header: http.Header{"X-Forwarded-For": {"203.0.113.9"}}}
				want := p.peer
				if p.via {
					want = "203.0.113.9"
				}
				if got, via := c.Find(r); got != want || via != p.via {
					t.Errorf("round %d, peer %q: client = %q via proxy %v, want %q %v", round, p.peer, got, via, want, p.via)
				}
			}
		}
	}
}

func FuzzForwarded(f *testing.F) {
	for _, s := range []string{`for=1.2.3.4`, `for="[::1]:80";by=x, for=_a`, `,,;=,"`, `for="\",`} {
		f.Add(s)
	}
	c := httplog.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
	f.Fuzz(func(t *testing.T, value string) {
		for _, name := range []string{"Forwarded", "X-Forwarded-For"} {
			r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{name: {value}}}
			got, _ := httplog.FindClient(c, r)
			if _, err := netip.ParseAddr(got); err != nil {
				t.Errorf("%s: %q gives %q, which is no address", name, value, got)
			}
		}
	})
}
