package httplog

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
)

// maxHops is how many addresses of a forwarding header are looked at, from the
// right. A longer chain is cut at its left, the end that a client can write.
const maxHops = 32

// ClientIP returns the client's address of the request that ctx belongs to, as
// [Middleware] found it: the peer's address, or what a trusted proxy says. It
// is empty where ctx belongs to no request and for a peer without an IP
// address, such as a Unix socket.
func ClientIP(ctx context.Context) string {
	if x := exchangeFrom(ctx); x != nil {
		return x.clientIP()
	}
	return ""
}

// clientIP returns the client's address. Without a proxy it is the peer's, which
// is worked out when it is asked for: most requests whose line is not written
// never are. The original request does not change, other than the handler's.
func (x *exchange) clientIP() string {
	if x.proxied != "" {
		return x.proxied
	}
	return hostOf(x.orig.RemoteAddr)
}

// findClient returns the client's address, and whether the peer itself is a
// trusted proxy.
func (m *middleware) findClient(r *http.Request) (ip string, viaProxy bool) {
	c, peer := &m.config, hostOf(r.RemoteAddr)
	if !m.proxies.has(peer) {
		addr, err := netip.ParseAddr(peer)
		if err != nil || !c.trusts(addr) {
			return peer, false
		}
		m.proxies.add(peer)
	}
	name := c.ProxyHeader
	if name == "" {
		name = "X-Forwarded-For"
		if len(r.Header[name]) == 0 && len(r.Header["Forwarded"]) > 0 {
			name = "Forwarded"
		}
	}
	return c.rightmostUntrusted(r.Header[name], name == "Forwarded", peer), true
}

// peers remembers addresses, as net/http writes them, of peers that are trusted
// proxies: a service has one or two. It is safe for concurrent use.
type peers [4]atomic.Pointer[string]

func (p *peers) has(addr string) bool {
	for i := range p {
		known := p[i].Load()
		if known == nil {
			return false
		}
		if *known == addr {
			return true
		}
	}
	return false
}

// add remembers addr where there is room. Two goroutines may add the same one.
func (p *peers) add(addr string) {
	own := strings.Clone(addr)
	for i := range p {
		if p[i].CompareAndSwap(nil, &own) {
			return
		}
	}
}

// rightmostUntrusted walks the hops of a forwarding header from the nearest
// proxy outwards and returns the first one that is not a trusted proxy. Where
// a hop is no address ("unknown", an obfuscated name), the walk ends at the
// last address that a trusted proxy vouched for.
func (c *Config) rightmostUntrusted(lines []string, rfc7239 bool, peer string) string {
	hops := 0
	client := peer
	for i := len(lines) - 1; i >= 0; i-- {
		rest := lines[i]
		for rest != "" {
			var hop string
			if rfc7239 {
				rest, hop = lastForwarded(rest)
			} else {
				rest, hop = lastListItem(rest)
			}
			// Empty items count too: without a bound, a megabyte of commas
			// would be walked once for each of them.
			if hops++; hops > maxHops {
				return client
			}
			if hop = strings.TrimSpace(hop); hop == "" {
				continue
			}
			host := hostOf(hop)
			addr, err := netip.ParseAddr(host)
			if err != nil {
				return client
			}
			client = host
			if addr.Is4In6() || addr.Zone() != "" {
				client = addr.Unmap().WithZone("").String()
			}
			if !c.trusts(addr) {
				return client
			}
		}
	}
	return client
}

func (c *Config) trusts(addr netip.Addr) bool {
	if !addr.Is4() {
		addr = addr.Unmap().WithZone("")
	}
	for _, p := range c.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// hostOf cuts the port and the brackets off a "host:port", in place: it does
// not allocate. An address without port, IPv6 included, is returned as it is.
func hostOf(s string) string {
	if len(s) > 0 && s[0] == '[' {
		if end := strings.IndexByte(s, ']'); end > 0 {
			s = s[1:end]
		}
	} else if i := colonOfPort(s); i >= 0 && strings.IndexByte(s[:i], ':') < 0 {
		s = s[:i]
	}
	if s == "@" {
		return "" // net/http's name for the peer on a Unix socket
	}
	return s
}

// colonOfPort returns the place of the last colon, or -1. It is near the end
// where there is a port behind it.
func colonOfPort(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == ':' {
			return i
		}
	}
	return -1
}

// lastListItem cuts the last item off a comma-separated list.
func lastListItem(list string) (rest, item string) {
	if i := strings.LastIndexByte(list, ','); i >= 0 {
		return list[:i], list[i+1:]
	}
	return "", list
}

// lastForwarded cuts the last element off the value of a Forwarded header (RFC
// 7239, section 4) and returns the node of its for parameter; "unknown" where
// it has none, so that the walk ends there. Commas and semicolons within a
// quoted string separate nothing; a string that never ends spoils the value.
func lastForwarded(value string) (rest, node string) {
	cut, quoted := -1, false
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				cut = i
			}
		}
	}
	if quoted {
		return "", "unknown"
	}
	element := value
	if cut >= 0 {
		rest, element = value[:cut], value[cut+1:]
	}
	if strings.TrimSpace(element) == "" {
		return rest, ""
	}
	return rest, forwardedFor(element)
}

// forwardedFor returns the for parameter of one element. The quoted form is
// only used for IPv6 and ports, where nothing needs a backslash.
func forwardedFor(element string) string {
	for element != "" {
		var pair string
		pair, element, _ = strings.Cut(element, ";")
		name, node, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if strings.EqualFold(strings.TrimSpace(name), "for") {
			node = strings.TrimSpace(node)
			if n := len(node); n >= 2 && node[0] == '"' && node[n-1] == '"' {
				node = node[1 : n-1]
			}
			return node
		}
	}
	return "unknown"
}
