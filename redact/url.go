package redact

import "strings"

// colon looks at ':': a URL with a password in it, a key and its value, IPv6,
// curl's user:password, a Telegram bot token.
func (sc *scanner) colon(k int) (span, bool) {
	s := sc.s
	if k < sc.done || k > 0 && s[k-1] == '"' && sc.plainKey(k) {
		return span{}, false
	}
	if k >= len(puttyLines) && s[k-1] == 's' && s[k-2] == 'e' {
		if sp, ok := sc.putty(k); ok {
			return sp, true
		}
	}
	if k+2 < len(s) && s[k+1] == '/' && s[k+2] == '/' {
		if sp, ok := sc.url(k); ok {
			return sp, true
		}
	}
	if !sc.r.off[idIP] {
		if sp, ok := sc.ipv6(k); ok {
			return sp, true
		}
	}
	if k+7 < len(s) && s[k+1] == '5' || k > 0 && s[k-1] == '*' {
		if sp, ok := sc.pgpass(k); ok {
			return sp, true
		}
	}
	if k > 0 && isDigit(s[k-1]) && k+30 < len(s) && nameBytes[s[k+30]] && nameBytes[s[k+1]] {
		if sp, ok := sc.telegram(k); ok {
			return sp, true
		}
	}
	if k >= 34 && s[k-34] == 'A' && s[k-33] == 'C' && k+33 <= len(s) && isHexRun(s[k-32:k]) && hexPart(s, k+1, 32) && !sc.r.off[idToken] {
		return span{k + 1, k + 33, idToken}, true // Twilio: the account and its token
	}
	if sp, ok := sc.assign(k, 1); ok {
		return sp, true
	}
	if k+1 < len(s) && !isSpace(s[k+1]) && !(k > 0 && isDigit(s[k-1]) && isDigit(s[k+1]) && numbersAround(s, k)) || k > 0 && isQuote(s[k-1]) {
		return sc.userFlag(k)
	}
	return span{}, false
}

// numbersAround reports whether the colon at k stands between two numbers, as in a time
// or after an address.
func numbersAround(s string, k int) bool {
	b, e := k-1, k+1
	for b > 0 && isDigit(s[b-1]) && k-b < 8 {
		b--
	}
	for e < len(s) && isDigit(s[e]) && e-k < 8 {
		e++
	}
	return (b == 0 || !nameBytes[s[b-1]] || s[b-1] == 'T') && (e == len(s) || !nameBytes[s[e]] || s[e] == 'Z')
}

// linkParam judges the '=' at k, behind a name of one letter in a link without a host that
// lets in whoever has it: /verify?t=x.
func (sc *scanner) linkParam(k int) (span, bool) {
	s := sc.s
	q := k - 2
	for q > sc.lo && k-q < maxLinkQuery && s[q] != '?' && urlByte(s[q]) {
		q--
	}
	if s[q] != '?' || sc.r.off[idContext] {
		return span{}, false
	}
	slash := q
	for slash > sc.lo && q-slash <= maxLinkPath && s[slash] != '/' {
		slash--
	}
	if s[slash] != '/' || !wordIn(linkPaths, s[slash+1:q]) {
		return span{}, false
	}
	end := k + 1
	for end < len(s) && end-k <= maxLinkQuery && paramBytes[s[end]] {
		end++
	}
	if end-k <= 8 || !weakRandom(s[k+1:end]) {
		return span{}, false
	}
	for end < len(s) && paramBytes[s[end]] {
		end++
	}
	return span{k + 1, end, idContext}, true
}

// maxLinkQuery and maxLinkPath bound, in bytes, what is read of a link before its
// parameter.
const maxLinkQuery, maxLinkPath = 128, 16

// maxUserinfo bounds the distance between "://" and its '@'.
const maxUserinfo = 256

// url looks at the "://" of k: redacts the password of its userinfo, also when
// the URL is one that net/url refuses, and the path of web hooks, whose path is
// the secret.
func (sc *scanner) url(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idURL] || k == 0 || !isAlnum(s[k-1]) {
		return span{}, false
	}
	start := k + 3
	window := s[start:min(len(s), start+maxUserinfo)]
	if sp, ok := sc.webhook(start, window); ok {
		return sp, true
	}
	if q := strings.IndexByte(window, '?'); q > 0 {
		sc.queueLink(start, q)
	}
	if strings.IndexByte(window, '@') < 0 {
		return sc.refusedPort(start, window)
	}
	stop, host := 0, -1
	for stop < len(window) && urlByte(window[stop]) {
		if host < 0 && (window[stop] == '/' || window[stop] == '?' || window[stop] == '#') {
			host = stop
		}
		stop++
	}
	if host < 0 {
		host = stop
	}
	at := strings.LastIndexByte(window[:host], '@')
	colon := strings.IndexByte(window[:host], ':')
	if stop < len(window) && colon >= 0 && window[0] != '[' && looseByte(window, colon, host, stop, at) {
		// A byte that no URL has before the '@', or before the last of them.
		quote, slashes := quoteBefore(s, k)
		if n := looseAt(window, colon, stop, quote, slashes); n > at && (at < 0 || pathAfter(window, n)) {
			at = n
		}
	}
	if at < 0 {
		// A password with an unescaped '/' or '#': the port before it is none.
		at = strings.LastIndexByte(window[:stop], '@')
		if colon < 0 || at < 0 || colon+1 < host && digitsIn(window[colon+1:host]) == host-colon-1 {
			return span{}, false
		}
	}
	userinfo := window[:at]
	colon = strings.IndexByte(userinfo, ':')
	switch {
	case colon >= 0 && sc.secretUser(userinfo[:colon]):
		return span{start, start + at, idURL}, true
	case colon >= 0 && colon+1 < at && !isMark(userinfo[colon+1:]) && !trivial(userinfo[colon+1:]):
		if host < at {
			sc.queuePort(start+at, userinfo[colon+1:])
		}
		return span{start + colon + 1, start + at, idURL}, true
	case strongRandom(strings.TrimSuffix(userinfo, ":")):
		return span{start, start + at, idURL}, true
	}
	return span{}, false
}

// looseByte reports whether the byte at stop, which no URL has, may belong to the
// userinfo: the host, which ends at host, has no path yet, or what seems to be its port
// is no number.
func looseByte(w string, colon, host, stop, at int) bool {
	if host == stop {
		return at < 0 || !isSpace(w[stop])
	}
	return at < 0 && !isSpace(w[stop]) && digitsIn(w[colon+1:host]) < host-colon-1 && strings.IndexByte(w[:stop], '@') < 0
}

// pathAfter reports whether the host at at+1 is followed by a port or a path.
func pathAfter(w string, at int) bool {
	i := at + 1
	for i < len(w) && (nameBytes[w[i]] || w[i] == '.') {
		i++
	}
	return i > at+1 && i < len(w) && (w[i] == '/' || w[i] == ':')
}

// secretUser reports whether the name before the password of a URL is itself
// sensitive: https://ghp_…:x-oauth-basic@github.com.
func (sc *scanner) secretUser(user string) bool {
	if strings.Contains(user, "%40") {
		return true // an e-mail address
	}
	if len(user) < minName || isMark(user) {
		return false
	}
	if strongRandom(user) || opaque(user) {
		return true
	}
	sub := scanner{r: sc.r, s: user, depth: sc.depth}
	_, found := sub.next(0)
	return found
}

func urlByte(c byte) bool {
	return c > ' ' && c != '"' && c != '\'' && c != '<' && c != '>' && c != '`' && c != '\\' && c != 0x7f
}

// webhooks are URLs whose path is a credential.
var webhooks = []struct{ host, path string }{
	{"hooks.slack.com", "/services/"}, {"hooks.slack.com", "/workflows/"}, {"hooks.slack.com", "/triggers/"},
	{"discord.com", "/api/webhooks/"}, {"discordapp.com", "/api/webhooks/"},
	{"hooks.zapier.com", "/hooks/"}, {"api.telegram.org", "/bot"},
	{".webhook.office.com", "/webhookb2/"}, {"outlook.office.com", "/webhook/"},
	{"maker.ifttt.com", "/"}, {".make.com", "/"}, {"hook.integromat.com", "/"},
	{"qyapi.weixin.qq.com", "/cgi-bin/webhook/send?key="}, {"open.feishu.cn", "/open-apis/bot/"}, {"open.larksuite.com", "/open-apis/bot/"},
	{"webhook.site", "/"}, {"events.pagerduty.com", "/integration/"}, {"alert.victorops.com", "/integrations/"},
	{".logic.azure.com", "/workflows/"}, {".logic.azure.com:443", "/workflows/"},
}

// hooksByPath are the webhooks by the first letter of their path, and under 0
// those whose path is anything.
var hooksByPath = func() (t [256][]struct{ host, path string }) {
	for _, w := range webhooks {
		c := byte(0)
		if len(w.path) > 1 {
			c = w.path[1]
		}
		t[c] = append(t[c], w)
	}
	return t
}()

// webhook matches the authority and path at start.
func (sc *scanner) webhook(start int, window string) (span, bool) {
	slash := strings.IndexByte(window, '/')
	if slash < 0 {
		return span{}, false
	}
	if slash+1 < len(window) {
		if sp, ok := sc.webhookOf(hooksByPath[window[slash+1]], start, slash, window); ok {
			return sp, true
		}
	}
	return sc.webhookOf(hooksByPath[0], start, slash, window)
}

// webhookOf is webhook for some of webhooks. slash is where the path begins.
func (sc *scanner) webhookOf(hooks []struct{ host, path string }, start, slash int, window string) (span, bool) {
	for _, w := range hooks {
		if strings.HasSuffix(window[:slash], w.host) && strings.HasPrefix(window[slash:], w.path) {
			end := slash + len(w.path)
			from := start + end
			stop := from
			for stop < len(sc.s) && urlByte(sc.s[stop]) && sc.s[stop] != ',' {
				stop++
			}
			if stop > from && !isMark(sc.s[from:]) {
				return span{from, stop, idURL}, true
			}
		}
	}
	return span{}, false
}

// hookPath redacts the last part of a web hook's path that stands without a
// scheme before it; b..e is the part.
func (sc *scanner) hookPath(b, e int) (span, bool) {
	s := sc.s
	if sc.r.off[idURL] || b == 0 || s[b-1] != '/' {
		return span{}, false
	}
	const back = 96
	if strings.IndexByte(s[max(0, b-back):b], '.') < 0 {
		return span{}, false // no host
	}
	from := b
	for from > 0 && b-from < back && urlByte(s[from-1]) {
		from--
	}
	window := s[from:b]
	if !strings.Contains(window, "hook") && !strings.Contains(window, "/bot") && !strings.Contains(window, "ifttt") {
		return span{}, false
	}
	for _, w := range webhooks {
		if i := strings.Index(window, w.host+w.path); i >= 0 {
			return span{from + i + len(w.host) + len(w.path), e, idURL}, true
		}
	}
	return span{}, false
}

// userinfo looks at '@' at k: user:password@host without a scheme.
func (sc *scanner) userinfo(k int) (span, bool) {
	s := sc.s
	if k+1 < len(s) && k > sc.lo && sourceNext[s[k+1]] {
		if sp, ok := sc.dataSource(k); ok {
			return sp, true
		}
	}
	if sc.r.off[idURL] || k+1 >= len(s) || !isLetter(s[k+1]) && !isDigit(s[k+1]) && s[k+1] != '[' {
		return span{}, false
	}
	if strings.IndexByte(s[max(sc.lo, k-128):k], ':') < 0 {
		return span{}, false
	}
	i, colon := k, -1
	for i > sc.lo && k-i < 128 && urlByte(s[i-1]) && s[i-1] != '/' && s[i-1] != '(' && s[i-1] != '[' && s[i-1] != '=' && s[i-1] != ',' {
		i--
		if s[i] == ':' {
			colon = i
		}
	}
	// [Thread:owner@host:port] is how Java names threads.
	if colon <= i || colon+1 >= k || isMark(s[colon+1:]) || trivial(s[colon+1:k]) || !isLetter(s[i]) || i > 0 && s[i-1] == '[' {
		return span{}, false
	}
	host := k + 1
	for host < len(s) && (nameBytes[s[host]] || s[host] == '.') {
		host++
	}
	// A host with a port or a path, or a plain name: otherwise it is an e-mail
	// address after a label, and its own rule decides.
	next := byte(' ')
	if host < len(s) {
		next = s[host]
	}
	name := s[k+1 : host]
	if digitsIn(name) == len(name) || hexHash(name) {
		return span{}, false
	}
	if next == ':' && host+1 < len(s) && (isAlnum(s[host+1])) || next == '/' || strings.IndexByte(name, '.') < 0 && next != '.' {
		if hasFold(s[i:], "mailto") || strings.Count(s[i:k], ":") > 1 || hasFold(name, "sha256") {
			return span{}, false
		}
		return span{colon + 1, lastAt(s, k), idURL}, true
	}
	return span{}, false
}

// hexHash reports whether name is the address of an object: Window@712d093.
func hexHash(name string) bool { return len(name) >= 4 && isHexRun(name) && digitsIn(name) > 0 }

// telegram matches a bot token: 8 to 10 digits, a colon, 35 characters.
func (sc *scanner) telegram(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idToken] || k+31 > len(s) || !nameBytes[s[k+30]] {
		return span{}, false
	}
	i := k
	for i > sc.lo && k-i < 17 && isDigit(s[i-1]) {
		i--
	}
	i = unglueDigits(s, i, k)
	if n := k - i; n < 5 || n > 16 {
		return span{}, false
	}
	end := k + 1
	for end < len(s) && nameBytes[s[end]] {
		end++
	}
	if n := end - k - 1; n < 30 || n > 50 || digitsIn(s[k+1:end]) == n || !boundary(s, i) && !strings.HasSuffix(s[:i], "bot") {
		return span{}, false
	}
	return span{i, end, idToken}, true
}

// unglueDigits is unglueRun for a number, of which \u0022 leaves only the digits.
func unglueDigits(s string, i, e int) int {
	if i >= 2 && s[i-1] == 'u' && s[i-2] == '\\' && e-i > 4 {
		return i + 4
	}
	return unglueRun(s, i, e)
}
