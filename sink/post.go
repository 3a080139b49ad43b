package sink

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/klauspost/compress/gzip"
)

// verdict is what an attempt to send lines means for them.
type verdict int

const (
	delivered verdict = iota
	again             // not now: keep them and try again
	busy              // the same, and perhaps there are too many of them
	broken            // it said yes and broke off: it has them, or not
	refused           // never these: one of them is bad, or they are too many
)

// setting says whether a failure is one that somebody has to end by changing a
// setting.
type setting int

const (
	notWrong setting = iota
	wrongWhenLasting
	wrongAtOnce
)

// answer is the outcome of an attempt.
type answer struct {
	verdict verdict
	setting setting
	err     error         // nil when delivered; without credentials
	after   time.Duration // how long the server wants to be left alone, 0 when it did not say
}

const (
	// maxAnswer is how much of an answer's body is read, in bytes.
	maxAnswer = 64 << 10
	// maxQuote is how much of it goes into an error.
	maxQuote = 200
	// maxAfter is the longest that a server is left alone at its own wish.
	maxAfter = 5 * time.Minute
	// dialTimeout bounds one attempt to connect, TLS included.
	dialTimeout = 10 * time.Second
	// refreshEvery is how often connections are made anew, so that a name
	// that leads elsewhere now is followed.
	refreshEvery = 5 * time.Minute
)

// poster makes requests. One goroutine uses it.
type poster struct {
	url       *url.URL // without user
	header    http.Header
	secrets   []string // that no error may repeat
	id        string   // of this process, in keys
	client    *http.Client
	transport *http.Transport
	fresh     time.Time // when the connections were last made anew
	plain     bool      // the server does not know gzip

	key  string // of the lines in body
	body []byte // their form on the wire
}

// remoteName is the scheme and host of a URL, and nothing else of it.
func remoteName(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return "remote"
	}
	return u.Scheme + "://" + u.Host
}

func newPoster(c RemoteConfig) (*poster, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil: // the error would quote it
		return nil, errors.New("want a URL such as https://logs.example.com/insert")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("want https:// or http://, got %.20q", u.Scheme)
	case u.Hostname() == "" || strings.ContainsAny(u.Host, ", \t"):
		return nil, errors.New("want one host in the URL")
	case u.Port() != "" && !validPort(u.Port()):
		return nil, fmt.Errorf("want a port from 1 to 65535 in the URL, got %.20s", u.Port())
	}
	p := &poster{id: rand.Text(), header: c.Header.Clone(), fresh: time.Now()}
	if p.header == nil {
		p.header = http.Header{}
	}
	for name, values := range p.header {
		if http.CanonicalHeaderKey(name) != "Content-Type" {
			p.secrets = append(p.secrets, values...)
		}
		for _, v := range values {
			if !validHeader(name, v) {
				return nil, fmt.Errorf("header %.40q has a name or value that HTTP does not allow", name)
			}
		}
	}
	if u.User != nil {
		p.authorize(u.User)
		u.User = nil
	}
	for name, values := range u.Query() {
		for _, v := range values {
			if secretName.MatchString(name) || len(v) >= longToken {
				p.secrets = append(p.secrets, v, url.QueryEscape(v))
			}
		}
	}
	u.Fragment = ""
	p.url = u
	if p.header.Get("Content-Type") == "" {
		p.header.Set("Content-Type", "application/x-ndjson")
	}
	if p.header.Get("User-Agent") == "" {
		p.header.Set("User-Agent", "pairlog")
	}
	return p, p.connect(c)
}

// validPort reports whether a port of a URL is one of TCP.
func validPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// secretName is the name of a query parameter that holds a credential, and
// longToken from how many bytes on any value is taken for one.
var secretName = regexp.MustCompile(`(?i)token|key|secret|auth|pass|sig|code|cred`)

const longToken = 20

// authorize turns the user of the URL into basic authentication. Some servers
// want a token as the user, without a password.
func (p *poster) authorize(user *url.Userinfo) {
	name := user.Username()
	password, _ := user.Password()
	basic := base64.StdEncoding.EncodeToString([]byte(name + ":" + password))
	p.header.Set("Authorization", "Basic "+basic)
	p.secrets = append(p.secrets, password, url.QueryEscape(password), basic)
	if password == "" || len(name) >= longToken {
		p.secrets = append(p.secrets, name)
	}
}

// validHeader says whether HTTP allows a header. net/http would refuse it with
// each request, and quote the value.
func validHeader(name, value string) bool {
	const token = "!#$%&'*+-.^_`|~" // RFC 9110, section 5.6.2
	bad := func(r rune) bool {
		return !(r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune(token, r))
	}
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	return name != "" && !strings.ContainsFunc(name, bad) && !strings.ContainsFunc(value, control)
}

// connect prepares the connections; it makes none.
func (p *poster) connect(c RemoteConfig) error {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return fmt.Errorf("CA file: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("CA file %s: no certificate in it", c.CAFile)
		}
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		return errors.New("client certificate: want both its file and that of its key (LOG_SHIP_CERT and LOG_SHIP_KEY)")
	}
	if c.CertFile != "" {
		load := func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			cert, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
			return &cert, err
		}
		if _, err := load(nil); err != nil {
			return fmt.Errorf("client certificate: %w", err)
		}
		config.GetClientCertificate = load
	}
	p.transport = &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		TLSClientConfig:        config,
		DisableCompression:     true, // an answer is not unpacked: a small one may be a bomb
		MaxResponseHeaderBytes: maxAnswer,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        time.Minute,
	}
	p.client = &http.Client{
		Transport:     p.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return nil
}

func (p *poster) close() { p.transport.CloseIdleConnections() }

// send makes one request. The key is the same for the same lines.
func (p *poster) send(ctx context.Context, lines []byte, key string) answer {
	if p.key != key {
		p.key, p.body = key, p.encode(lines)
	}
	if time.Since(p.fresh) > refreshEvery {
		p.transport.CloseIdleConnections()
		p.fresh = time.Now()
	}
	// The former body may still be read by a request that has failed, so it
	// is left to it.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url.String(), bytes.NewReader(p.body))
	if err != nil {
		return answer{verdict: again, setting: wrongAtOnce, err: p.clean(err)}
	}
	req.Header = p.header.Clone()
	req.Header.Set("Idempotency-Key", key)
	if !p.plain {
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		p.transport.CloseIdleConnections()
		return answer{verdict: again, setting: settingOf(err), err: p.clean(err)}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	a := judge(resp.StatusCode)
	switch {
	case a.verdict == delivered && err != nil:
		return answer{verdict: broken, err: fmt.Errorf("answer %d breaks off: %w", resp.StatusCode, p.clean(err))}
	case a.verdict == delivered:
		return a
	case resp.StatusCode == http.StatusUnsupportedMediaType && !p.plain:
		p.plain, p.key = true, "" // perhaps it is the gzip that is not supported
		a.setting = notWrong
	}
	a.err = p.quote(resp.StatusCode, body)
	a.after = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	return a
}

// encode is the form of lines on the wire.
func (p *poster) encode(lines []byte) []byte {
	if p.plain {
		return lines
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(lines)
	z.Close()
	return b.Bytes()
}

// judge says what a status means (RFC 9110, section 15).
func judge(status int) answer {
	switch status {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
		return answer{verdict: delivered}
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return answer{verdict: refused}
	case http.StatusTooManyRequests:
		return answer{verdict: busy}
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return answer{verdict: again}
	}
	if status >= 500 {
		return answer{verdict: again}
	}
	// Credentials, paths, redirects, methods, formats; and successes that are
	// none, as Loki's 260 for blocked ingestion.
	return answer{verdict: again, setting: wrongAtOnce}
}

// settingOf says whether an error of the network is for somebody to mend.
func settingOf(err error) setting {
	var (
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
		op     *net.OpError
		dns    *net.DNSError
		path   *os.PathError
	)
	switch {
	case errors.As(err, &cert), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &path):
		return wrongAtOnce
	case errors.As(err, &op) && op.Op == "remote error": // a TLS alert, such as for a missing client certificate
		return wrongAtOnce
	case errors.As(err, &dns), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH),
		errors.Is(err, syscall.ENETUNREACH), errors.As(err, &op) && op.Op == "dial":
		return wrongWhenLasting
	}
	return notWrong
}

// retryAfter reads the header of that name (RFC 9110, section 10.2.3).
func retryAfter(value string, now time.Time) time.Duration {
	var d time.Duration
	if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil {
		d = time.Duration(min(max(n, 0), int(maxAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxAfter)
}

// userinfo is the credentials in a URL, such as that of a proxy, which some
// errors quote.
var userinfo = regexp.MustCompile(`//[^/\s"]*@`)

// clean is an error of net/http without the URL and without credentials.
func (p *poster) clean(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	text := err.Error()
	switch {
	case p.secret(text):
		return errors.New("an error that repeats the credentials and is not shown")
	case userinfo.MatchString(text):
		return errors.New(userinfo.ReplaceAllString(text, "//…@"))
	}
	return err
}

func (p *poster) secret(text string) bool {
	for _, s := range p.secrets {
		if s != "" && strings.Contains(text, s) {
			return true
		}
	}
	return false
}

// quote is the error for an answer, with the beginning of what it says if
// that is text.
func (p *poster) quote(status int, body []byte) error {
	text := strings.Join(strings.Fields(string(body[:min(len(body), maxQuote)])), " ")
	printable := func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) }
	switch {
	case p.secret(string(body)):
		text = "it repeats the credentials and is not shown"
	case strings.ContainsFunc(text, printable):
		text = "it is not text"
	}
	if text == "" {
		return fmt.Errorf("answer %d %s", status, http.StatusText(status))
	}
	return fmt.Errorf("answer %d %s: %s", status, http.StatusText(status), text)
}
