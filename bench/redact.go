package bench

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"regexp"
	"strings"

	"github.com/m-mizutani/masq"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/redact"
	"github.com/pairly/pairlog/sink"
)

// A redactor is a way to keep secrets out of a log with what people take for it.
type redactor struct {
	name string
	what string // in one line, for the table
	bare string // the redactor without redaction that the cost is held against
	new  func(io.Writer) (log *slog.Logger, close func())
}

// redactors are compared by what they cost and by what they let through.
var redactors = []redactor{
	{"pairlog", "the pipeline as it comes", "pairlog-off", newRedacted},
	{"pairlog-off", "the pipeline with every rule off", "", newUnredacted},
	{"slog", "slog's JSONHandler", "", plainSlog(nil)},
	{"slog-keys", "ReplaceAttr on a dozen keys", "slog", plainSlog(replaceKeys)},
	{"slog-regex", "ReplaceAttr on keys, twenty regular expressions over values", "slog", plainSlog(replaceValues)},
	{"line-regex", "twenty regular expressions over the encoded line", "slog", newLineRegex},
	{"masq", "masq v0.2.1 with field names, a tag and a type", "slog", plainSlog(masq.New(masqRules()...))},
	{"masq-regex", "the same with twenty regular expressions", "slog", plainSlog(masq.New(append(masqRules(), masqPatterns()...)...))},
}

func newRedacted(w io.Writer) (*slog.Logger, func()) {
	p := open(w)
	return p.Logger(scopedLogger), func() { closePipeline(p) }
}

// newUnredacted switches off each rule by its name, which is the only way there is.
func newUnredacted(w io.Writer) (*slog.Logger, func()) {
	p, err := pairlog.Open(pairlog.Config{
		Sinks: []sink.Sink{writerSink{w}}, Out: io.Discard, Err: io.Discard,
		PIIMode: redact.PIIFull, Redact: redact.Config{Disable: redact.Rules()},
	})
	if err != nil {
		panic(err) // the configuration above is constant
	}
	return p.Logger(scopedLogger), func() { closePipeline(p) }
}

type replacer = func([]string, slog.Attr) slog.Attr

func plainSlog(replace replacer) func(io.Writer) (*slog.Logger, func()) {
	return func(w io.Writer) (*slog.Logger, func()) {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: replace})), func() {}
	}
}

// sensitiveKeys are the list that a careful team writes down.
var sensitiveKeys = []string{
	"password", "passwd", "secret", "token", "access_token", "refresh_token", "authorization", "cookie", "api_key",
	"credit_card", "card_number", "ssn",
}

func isSensitiveKey(key string) bool {
	for _, k := range sensitiveKeys {
		if strings.EqualFold(key, k) {
			return true
		}
	}
	return false
}

func replaceKeys(_ []string, a slog.Attr) slog.Attr {
	if isSensitiveKey(a.Key) {
		return slog.String(a.Key, redact.Mark)
	}
	return a
}

// twentyPatterns are what collections of redaction rules agree on.
var twentyPatterns = func() (p []*regexp.Regexp) {
	for _, e := range []string{
		`(?i)password\s*[:=]\s*\S+`, `(?i)passwd\s*[:=]\s*\S+`, `(?i)secret\s*[:=]\s*\S+`, `(?i)api[_-]?key\s*[:=]\s*\S+`,
		`(?i)token\s*[:=]\s*\S+`, `(?i)bearer\s+[A-Za-z0-9._~+/=-]+`, `(?i)basic\s+[A-Za-z0-9+/=]+`,
		`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`, `\b(?:\d[ -]?){13,19}\b`, `\b\d{3}-\d{2}-\d{4}\b`,
		`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`, `\b\d{1,3}(?:\.\d{1,3}){3}\b`, `AKIA[0-9A-Z]{16}`,
		`gh[pousr]_[A-Za-z0-9]{36}`, `sk_(?:live|test)_[A-Za-z0-9]+`, `xox[baprs]-[A-Za-z0-9-]+`, `AIza[0-9A-Za-z_-]{35}`,
		`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----`, `://[^:/\s]+:[^@/\s]+@`,
		`(?i)(?:set-)?cookie:\s*[^\r\n]+`,
	} {
		p = append(p, regexp.MustCompile(e))
	}
	return p
}()

func replacePatterns(s string) string {
	for _, p := range twentyPatterns {
		s = p.ReplaceAllLiteralString(s, redact.Mark)
	}
	return s
}

// replaceValues sees strings, and errors as the text that the handler makes of
// them.
func replaceValues(groups []string, a slog.Attr) slog.Attr {
	a = replaceKeys(groups, a)
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, replacePatterns(a.Value.String()))
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			return slog.String(a.Key, replacePatterns(err.Error()))
		}
	}
	return a
}

// lineRegex cleans what the handler has encoded.
type lineRegex struct{ w io.Writer }

func (l lineRegex) Write(line []byte) (int, error) {
	clean := line
	for _, p := range twentyPatterns {
		clean = p.ReplaceAllLiteral(clean, []byte(redact.Mark))
	}
	if _, err := l.w.Write(clean); err != nil {
		return 0, err
	}
	return len(line), nil
}

func newLineRegex(w io.Writer) (*slog.Logger, func()) {
	return slog.New(slog.NewJSONHandler(lineRegex{w}, nil)), func() {}
}

// maskedWord is a type of its own for secrets, as masq's documentation suggests.
type maskedWord string

// masqRules are the rules of masq's documentation, for the same keys as above:
// as names of keys, and as Go writes them in structs.
func masqRules() []masq.Option {
	rules := []masq.Option{masq.WithTag("secret"), masq.WithType[maskedWord]()}
	for _, k := range sensitiveKeys {
		rules = append(rules, masq.WithFieldName(k), masq.WithFieldName(strings.ToUpper(k[:1])+k[1:]))
	}
	return rules
}

func masqPatterns() (rules []masq.Option) {
	for _, p := range twentyPatterns {
		rules = append(rules, masq.WithRegex(p))
	}
	return rules
}

// redactedLine logs the request line of twelve attrs, with values that come again
// or with fresh ones.
func redactedLine(l *slog.Logger, fresh bool) func() {
	ctx := context.Background()
	return func() {
		v := &visit{webPath, webIP, webAgent, webUser, webRequest}
		if fresh {
			v = next()
		}
		l.LogAttrs(ctx, slog.LevelInfo, eventName,
			slog.String("method", webMethod), slog.String("path", v.path),
			slog.String("route", webRoute), slog.String("query", webQuery),
			slog.String("client_ip", v.ip), slog.String("user_agent", v.agent),
			slog.String("user_id", v.user), slog.String("correlation_id", v.request),
			slog.Int("status_code", webStatus), slog.Float64("duration_ms", webDuration),
			slog.Int("response_size_bytes", webSize), slog.String("protocol", webProtocol))
	}
}

// redactorAlone runs the redactor over the keys and values of the request line,
// as the encoder asks it, and does nothing else: what redaction adds to a line at
// the most. The encoder asks for less, because it remembers keys and texts.
func redactorAlone(r *redact.Redactor, fresh bool) func() {
	var buf []byte
	keys := []string{"method", "path", "route", "query", "user_agent", "user_id", "correlation_id", "protocol"}
	return func() {
		v := &visit{webPath, webIP, webAgent, webUser, webRequest}
		if fresh {
			v = next()
		}
		for i, s := range [...]string{webMethod, v.path, webRoute, webQuery, v.agent, v.user, v.request, webProtocol} {
			if r.Key(keys[i]) != redact.ClassKeep || r.Check(s) != 0 {
				panic("the request line has no secret")
			}
		}
		buf = r.AppendClass(buf[:0], r.Key("client_ip"), v.ip)
		r.Int(webStatus)
		r.Float(webDuration)
		r.Int(webSize)
	}
}

// written returns what a redactor writes for one call.
func written(r redactor, log func(*slog.Logger)) string {
	var buf bytes.Buffer
	l, close := r.new(&buf)
	log(l)
	close()
	return buf.String()
}
