package redact_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// cleanText is what a service logs: events, paths, ids, a user agent, SQL, an
// error, a sentence. Nothing in it is sensitive.
var cleanText = strings.Repeat(strings.Join([]string{
	"payment_captured",
	"/api/v1/users/7f3b1c2e-9d4a-4f6b-8c1d-2e3f4a5b6c7d/matches?page=3&limit=20",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
	"select id, name, created_at from matches where user_id = $1 and state = 'open' order by created_at desc",
	"dial tcp: lookup db.internal on port 5432: connection refused after 3 attempts, giving up",
	"The worker finished the batch of recommendations for the region and went back to sleep until the next tick.",
	"github.com/pairly/pairlog/pairly/service/match.(*Service).Accept at match.go:214",
	"2024-01-15T10:30:45.123Z queue depth is 42, oldest item waits for 1.25 seconds",
}, "\n")+"\n", 2)

// proseText is text without structure.
var proseText = strings.Repeat("The worker finished the batch of recommendations for the region and went back to sleep. ", 12)

func cardText() string { return "card 4111 1111 1111 " + "1111 declined for order 8841" }

// dirtyText has about one secret in every two hundred bytes.
var dirtyText = strings.Repeat(strings.Join([]string{
	"login failed for user=alice password=" + "hunter2hunter2 from the mobile application, second attempt",
	"The worker finished the batch of recommendations for the region and went back to sleep until the next tick.",
	"GET https://api.example.com/v1/things?limit=10&api_key=" + "9f8e7d6c5b4a39281706f5e4d3c2b1a0&sort=asc",
	"select id, name, created_at from matches where user_id = $1 and state = 'open' order by created_at desc",
	cardText() + " while the customer was still on the page of the order",
	"dial tcp: lookup db.internal on port 5432: connection refused after 3 attempts, giving up",
	"Authorization: Bearer " + "abcDEF123456abcDEF123456abcDEF123456",
	"/api/v1/users/7f3b1c2e-9d4a-4f6b-8c1d-2e3f4a5b6c7d/matches?page=3&limit=20",
	"contact bob@example.com about the refund of the last month, he wrote twice already",
}, "\n")+"\n", 2)

var patterns = func() []*regexp.Regexp {
	var p []*regexp.Regexp
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

// perKB reports the cost of a kilobyte of text.
func perKB(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(float64(n)/1024), "ns/KB")
}

func BenchmarkCheck(b *testing.B) {
	r, _ := redact.New(redact.Config{})
	for _, c := range []struct{ name, text string }{{"clean", cleanText}, {"prose", proseText}} {
		if r.String(c.text) != c.text {
			b.Fatalf("%s text is redacted: %q", c.name, r.String(c.text))
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				r.Check(c.text)
			}
			perKB(b, len(c.text))
		})
	}
}

func BenchmarkAppendString(b *testing.B) {
	r, _ := redact.New(redact.Config{})
	b.Run("dirty", func(b *testing.B) {
		var dst []byte
		b.ReportAllocs()
		b.SetBytes(int64(len(dirtyText)))
		for b.Loop() {
			dst = r.AppendString(dst[:0], dirtyText)
		}
		perKB(b, len(dirtyText))
	})
}

func BenchmarkRegexp20(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"clean", cleanText}, {"dirty", dirtyText}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				s := c.text
				for _, p := range patterns {
					s = p.ReplaceAllString(s, redact.Mark)
				}
			}
			perKB(b, len(c.text))
		})
	}
}

func BenchmarkKey(b *testing.B) {
	r, _ := redact.New(redact.Config{})
	keys := []string{"user_password", "status_code", "requestId", "X-Card-Number", "duration_ms"}
	b.ReportAllocs()
	for b.Loop() {
		for _, k := range keys {
			r.Key(k)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	r, _ := redact.New(redact.Config{})
	raw := []byte(`{"user":{"id":42,"name":"Ann","roles":["admin","user"]},"note":"shipped on time","total":12.5,"items":[{"sku":"A-1","n":1},{"sku":"B-2","n":3}]}`)
	var dst []byte
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		dst = r.AppendJSON(dst[:0], raw)
	}
}
