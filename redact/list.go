package redact

import "strings"

// In a list of texts one may announce the next: ["--password", "x"], the raw headers of
// a request. A list of names says so by what is in it.

// Announces reports whether the string that follows s in a list may be a secret: s
// is a flag such as --password, the name of a header such as Authorization or
// X-Api-Key, or another sensitive key. Lists of arguments, of raw headers and of pairs
// come that way. [Redactor.Announced] decides.
func (r *Redactor) Announces(s string) bool {
	return len(s) >= 3 && len(s) <= maxCachedKey && r.announces(s)
}

// announces is Announces for a text of such a length.
func (r *Redactor) announces(s string) bool {
	switch {
	case s[0] == '-':
		return !r.off[idFlag] && strings.IndexByte(s, '=') < 0 && r.verdict(strings.TrimLeft(s, "-")).str >= strWord
	case r.off[idHeader] || !isLetter(s[0]):
		return false
	case credentialHeader(s):
		return true
	}
	if strings.IndexByte(s, '-') < 0 {
		return r.namesSecret(s)
	}
	return r.verdict(s).class == ClassSecret
}

// credentialHeader reports whether s is a header of which the whole value is a
// credential, whatever it looks like.
func credentialHeader(s string) bool {
	switch s[0] | 0x20 {
	case 'a', 'c', 's', 'p':
		for _, h := range [...]string{"authorization", "proxy-authorization", "cookie", "set-cookie"} {
			if len(s) == len(h) && hasFold(s, h) {
				return true
			}
		}
	}
	return false
}

// namesSecret reports whether s is a sensitive key, and nothing else.
func (r *Redactor) namesSecret(s string) bool {
	sc := scanner{r: r}
	return !r.off[idAssignment] && isLetter(s[0]) && nameRun(s) && sc.mayBeSecret(s) && r.verdict(s).str >= strWord
}

// Announced reports whether value, which follows name in a list, is a secret: name
// announces one, and the two are not names of headers both, as in a list of those that
// are sent or hidden. What follows a header that not everybody knows must not look like
// a name either.
func (r *Redactor) Announced(name, value string) bool {
	switch {
	case value == "" || !r.Announces(name):
		return false
	case name[0] == '-':
		return true
	case headerName(value):
		return false
	}
	if strings.IndexByte(name, '-') < 0 && !credentialHeader(name) {
		return !fieldName(value)
	}
	return credentialHeader(name) || !likeHeaderName(value)
}

// fieldName reports whether s may be the name of a field or a word, and no secret, as in a
// list of those: password, userEmail, address2, required.
func fieldName(s string) bool {
	if n := len(s); n > 4 && isDigit(s[n-1]) {
		if s = s[:n-1]; !numbered(s) {
			return false
		}
	}
	return trivial(s) || len(s) <= 32 && nameRun(s) && !anyDigit(s) && !letterNoise(s)
}

// numbered reports whether names of fields that end with the last word of s are written
// with a number behind it, unlike hunter2.
func numbered(s string) bool {
	s = strings.TrimRight(s, "_-")
	i := len(s)
	for i > 0 && isLower(s[i-1]) {
		i--
	}
	if i > 0 && isUpper(s[i-1]) {
		if i--; i == len(s)-1 { // ADDRESS
			for i > 0 && isUpper(s[i-1]) {
				i--
			}
		}
	}
	return wordIn(countedNames, s[i:]) || wordIn(numberedFields, s[i:])
}

// numberedFields are those of forms and tables, besides countedNames.
var numberedFields = map[string]bool{
	"address": true, "addr": true, "street": true, "city": true, "zip": true, "phone": true, "mobile": true, "tel": true, "fax": true,
	"email": true, "mail": true, "contact": true, "name": true, "firstname": true, "lastname": true, "password": true, "passwd": true, "pass": true,
	"pwd": true, "secret": true, "token": true, "pin": true, "code": true, "hash": true, "question": true, "answer": true, "hint": true,
	"image": true, "img": true, "photo": true, "picture": true, "avatar": true, "file": true, "document": true, "attachment": true,
	"title": true, "text": true, "note": true, "comment": true, "description": true, "tag": true, "category": true, "label": true,
	"value": true, "data": true, "param": true, "arg": true, "attr": true, "attribute": true, "property": true, "custom": true, "extra": true,
	"score": true, "date": true, "time": true, "amount": true, "price": true, "total": true, "url": true, "link": true, "website": true,
	"color": true, "colour": true, "parent": true, "owner": true, "member": true, "player": true, "team": true, "choice": true, "flag": true,
	"addressline": true, "id": true, "ref": true, "reference": true, "source": true, "target": true, "status": true, "state": true, "country": true,
}

// likeHeaderName reports whether s may be the name of any header: it begins like those
// that are nobody's standard, or has no digit and is not random.
func likeHeaderName(s string) bool {
	return len(s) > 2 && hasFold(s, "x-") || digitsIn(s) == 0 && !strongRandom(s)
}

// headerName reports whether s is the name of a header that everybody knows. Nobody's
// credential is.
func headerName(s string) bool {
	return wordIn(headerNames, s) || len(s) > 16 && longHeaderNames[strings.ToLower(s)]
}

// headerNames have 16 bytes at the most, and longHeaderNames more (RFC 9110, and the
// names that proxies and browsers send).
var (
	headerNames = map[string]bool{
		"authorization": true, "cookie": true, "set-cookie": true, "host": true, "accept": true, "accept-charset": true, "accept-encoding": true,
		"accept-language": true, "accept-ranges": true, "age": true, "allow": true, "cache-control": true, "connection": true,
		"content-encoding": true, "content-language": true, "content-length": true, "content-location": true, "content-type": true,
		"date": true, "etag": true, "expect": true, "expires": true, "from": true, "if-match": true, "if-none-match": true,
		"if-range": true, "keep-alive": true, "last-modified": true, "location": true, "origin": true, "pragma": true, "range": true,
		"referer": true, "retry-after": true, "server": true, "te": true, "trailer": true, "upgrade": true, "user-agent": true,
		"vary": true, "via": true, "www-authenticate": true, "dnt": true, "forwarded": true, "link": true, "x-api-key": true,
		"x-auth-token": true, "x-csrf-token": true, "x-forwarded-for": true, "x-forwarded-host": true, "x-real-ip": true,
		"x-request-id": true, "x-session-token": true, "x-access-token": true, "traceparent": true, "tracestate": true, "x-xsrf-token": true,
	}
	longHeaderNames = map[string]bool{
		"proxy-authorization": true, "proxy-authenticate": true, "if-modified-since": true, "if-unmodified-since": true,
		"transfer-encoding": true, "content-disposition": true, "content-security-policy": true, "strict-transport-security": true,
		"x-forwarded-proto": true, "x-correlation-id": true, "x-amz-security-token": true, "upgrade-insecure-requests": true,
		"access-control-allow-origin": true, "access-control-allow-headers": true, "access-control-allow-methods": true,
		"sec-websocket-key": true, "sec-websocket-protocol": true, "sec-fetch-mode": true, "sec-fetch-site": true,
	}
)
