package httplog_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pairly/pairlog/httplog"
)

// A body is not cut within a secret, wherever the limit falls: what is left of the
// secret would not be recognised.
func TestBodiesAreNotCutWithinSecrets(t *testing.T) {
	pass := "Zq8v Kx2p " + "Lw9T horse"
	for name, c := range map[string]struct {
		secret string
		parts  []string // none of which may be seen
	}{
		"card in groups":     {"4111 1111 " + "1111 1111", []string{"4111", "1111"}},
		"IBAN in groups":     {"DE89 3704 0044 " + "0532 0130 00", []string{"3704", "0044", "0532", "0130"}},
		"password in quotes": {`password: "` + pass + `"`, []string{"Zq8v", "Kx2p", "Lw9T", "horse"}},
		"bearer":             {"Authorization: Bearer " + "Zq8vKx2pLw9TZq8vKx2pLw9T", []string{"Zq8v"}},
		"cookies":            {"Cookie: sid=" + "Zq8vKx2pLw9T; theme=Lw9TZq8vKx2p", []string{"Zq8v", "Kx2p"}},
		"element":            {"<password>" + pass + "</password>", []string{"Zq8v", "Kx2p", "Lw9T", "horse"}},
	} {
		t.Run(name, func(t *testing.T) {
			const limit = 96
			config := httplog.Config{Bodies: httplog.CaptureAll, MaxBodyBytes: limit}
			shown := 0
			for at := 0; at < limit; at++ {
				before := strings.Repeat("of ₹ ", limit)[:at]
				if !utf8.ValidString(before) {
					continue
				}
				body := before + " " + c.secret + "\n" + strings.Repeat("and so on ", limit)
				rec := exchange(t, config, "text/plain", body, 200)
				got := rec.String("request_body")
				for _, part := range c.parts {
					if strings.Contains(got, part) {
						t.Fatalf("%d bytes before %q: %q is shown", at, c.secret, got)
					}
				}
				if got != rec.String("response_body") || !rec.Bool("request_body_truncated") || !utf8.ValidString(got) {
					t.Fatalf("%d bytes before: %s", at, rec.Line)
				}
				shown += len(got)
			}
			if shown < limit*limit/8 {
				t.Errorf("%d bytes are shown of %d bodies, too few", shown, limit)
			}
		})
	}
}

// What is no secret is cut as close to the limit as words allow.
func TestBodiesAreCutAtTheLimit(t *testing.T) {
	f := func(limit int, body, want string) {
		t.Helper()
		rec := exchange(t, httplog.Config{Bodies: httplog.CaptureAll, MaxBodyBytes: limit}, "text/plain", body, 200)
		if got := rec.String("request_body"); got != want || rec.Bool("request_body_truncated") != (len(body) > limit) {
			t.Errorf("%q is cut to %q, want %q: %s", body, got, want, rec.Line)
		}
	}
	f(10, "1234 6789 ", "1234 6789 ")
	f(10, "1234 6789 x", "1234 6789 ")
	f(10, "1234 67890 ", "1234 ")
	f(10, "12345678901", "")
	f(22, "order 4111 1111 of 2025 and more of it", "order 4111 1111 of ")
	f(20, "a\tb\nc d e f g h i j k l m n o", "a\tb\nc d e f g h i j ")
	f(512, strings.Repeat("word ", 1000), strings.Repeat("word ", 102))
}
