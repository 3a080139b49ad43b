package redact_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/pairly/pairlog/redact"
)

func TestCustomRules(t *testing.T) {
	ticket := redact.ValueRule{Name: "ticket", Mark: "[TICKET]", Find: func(s string) (int, int, bool) {
		i := strings.Index(s, "TCK-")
		if i < 0 {
			return 0, 0, false
		}
		return i, min(len(s), i+8), true
	}}
	r, err := redact.New(redact.Config{
		Keys:    []redact.KeyRule{{Name: "loyalty number", Class: redact.ClassSecret}, {Name: "push_token", Class: redact.ClassKeep}, {Name: "home", Class: redact.ClassIP}},
		Content: []string{"bio", "messageText"},
		Values:  []redact.ValueRule{ticket},
		Allow:   map[string][]string{"webhook": {"id", "type"}},
		Disable: []redact.Rule{redact.RulePhone, redact.RuleCard},
	})
	if err != nil {
		t.Fatal(err)
	}
	class := func(key string, want redact.Class) {
		t.Helper()
		if got := r.Key(key); got != want {
			t.Errorf("Key(%q) = %v, want %v", key, got, want)
		}
	}
	class("loyaltyNumber", redact.ClassSecret)
	class("X-Loyalty-Number", redact.ClassSecret)
	class("loyalty", redact.ClassKeep)
	class("push_token", redact.ClassKeep)
	class("devicePushToken", redact.ClassKeep)
	class("other_token", redact.ClassSecret)
	class("bio", redact.ClassLength)
	class("message_text", redact.ClassLength)
	class("home", redact.ClassIP)
	f := func(in, want string) {
		t.Helper()
		if got := r.String(in); got != want {
			t.Errorf("String(%q) = %q, want %q", in, got, want)
		}
	}
	f("see TCK-1234 and TCK-5678 now", "see [TICKET] and [TICKET] now")
	f("loyalty_number=A17 push_token=B18", "loyalty_number=[REDACTED] push_token=B18")
	f("+1 415 555 2671 card 4111111111111111", "+1 415 555 2671 card 4111111111111111")
	got := string(r.AppendJSON(nil, []byte(`{"bio":"Grüße","webhook":{"id":1,"type":"x","data":{"a":1}},"t":"TCK-1234"}`)))
	if want := `{"bio_length":5,"webhook":{"id":1,"type":"x","data":"[REDACTED]"},"t":"[TICKET]"}`; got != want {
		t.Errorf("AppendJSON = %s, want %s", got, want)
	}
	if n := r.Counts()["ticket"]; n != 3 {
		t.Errorf("ticket counted %d times, want 3", n)
	}
}

func TestCustomRuleFaults(t *testing.T) {
	for name, find := range map[string]func(string) (int, int, bool){
		"panic":     func(string) (int, int, bool) { panic("no") },
		"negative":  func(string) (int, int, bool) { return -1, 1, true },
		"empty":     func(string) (int, int, bool) { return 1, 1, true },
		"too large": func(s string) (int, int, bool) { return 0, len(s) + 1, true },
	} {
		r, _ := redact.New(redact.Config{Values: []redact.ValueRule{{Name: "bad", Find: find}}})
		if got := r.String("plain text"); got != redact.Mark || r.Counts()[string(redact.RuleLimit)] != 1 {
			t.Errorf("%s: String = %q, counts %v, want the mark and limit 1", name, got, r.Counts())
		}
		if got := string(r.AppendJSON(nil, []byte(`{"a":"plain text"}`))); got != `"[REDACTED]"` {
			t.Errorf("%s: AppendJSON = %s, want the mark", name, got)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for name, cfg := range map[string]redact.Config{
		"PII mode":     {PII: "some"},
		"PAN mode":     {PAN: "some"},
		"no key":       {PII: redact.PIIHash},
		"key id":       {PIIKeyID: "a b"},
		"unknown rule": {Disable: []redact.Rule{"cards"}},
		"no find":      {Values: []redact.ValueRule{{Name: "x"}}},
		"no name":      {Values: []redact.ValueRule{{Find: func(string) (int, int, bool) { return 0, 0, false }}}},
	} {
		r, err := redact.New(cfg)
		if err == nil || !strings.HasPrefix(err.Error(), "redact: ") {
			t.Errorf("%s: New returns the error %v, want one of redact", name, err)
		}
		if got := r.String("password=x for bob@example.com"); got != "password=[REDACTED] for b***@example.com" {
			t.Errorf("%s: with the error the Redactor gives %q, want the defaults", name, got)
		}
	}
}

func TestEveryRuleCanBeSwitchedOff(t *testing.T) {
	secret := func(parts ...string) string { return strings.Join(parts, "") }
	for rule, text := range map[redact.Rule]string{
		redact.RuleCard: secret("4111 1111", " 1111 1111"), redact.RuleIBAN: secret("GB29NWBK", "60161331926819"),
		redact.RuleSSN: secret("078-05", "-1120"), redact.RuleEmail: "bob@example.com", redact.RuleIP: "10.1.2.3",
		redact.RulePhone: "+14155552671", redact.RuleJWT: "eyJhbGciOiJIUzI1NiJ9.abcdefgh.ijklmnop",
		redact.RulePEM:  secret("-----BEGIN ", "PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----"),
		redact.RuleAuth: "got Bearer abc123def", redact.RuleHeader: "Cookie: a=b", redact.RuleAssignment: "password=x",
		redact.RuleFlag: "--password x1", redact.RuleURL: "a://u:p1@h/", redact.RuleEncoded: "eyJwYXNzd29yZCI6Imh1bnRlcjIifQ==",
		redact.RuleContext: "token 5eec713d55c877aacd88e961", redact.RuleToken: secret("ghp_", "5eec713d55c877aacd88e961ab"),
	} {
		if got := maskOnly.String(text); got == text {
			t.Errorf("%s: %q is not redacted", rule, text)
		}
		r, err := redact.New(redact.Config{Disable: []redact.Rule{rule}})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.String(text); got != text {
			t.Errorf("%s switched off: String(%q) = %q, want it unchanged", rule, text, got)
		}
	}
	r, _ := redact.New(redact.Config{Disable: []redact.Rule{redact.RuleKey, redact.RuleCoordinate}})
	if c := r.Key("password"); c != redact.ClassKeep {
		t.Errorf("key switched off: Key(password) = %v, want keep", c)
	}
	if c := r.Key("lat"); c != redact.ClassKeep {
		t.Errorf("coordinate switched off: Key(lat) = %v, want keep", c)
	}
}

func TestKeys(t *testing.T) {
	f := func(want redact.Class, keys ...string) {
		t.Helper()
		for _, k := range keys {
			if got := maskOnly.Key(k); got != want {
				t.Errorf("Key(%q) = %v, want %v", k, got, want)
			}
		}
	}
	f(redact.ClassSecret, "password", "PASSWORD", "userPassword", "user_password", "X-Card-Number", "new password", "passwordConfirmation",
		"db.password", "clientSecret", "APIKey", "aws_secret_access_key", "refreshToken", "token", "set-cookie", "Cookie", "cvv", "cardCVV",
		"otp", "otp_code", "twofa_secret", "qr_code", "private_key", "signature", "Stripe-Signature", "password2", "password_hash", "backup_codes",
		"csrftoken", "iban", "account_number", "user[password]", "authToken", "auth_token", "pin", "credentials", "connectionString")
	f(redact.ClassMeasure, "password_length", "PasswordBytes", "secretBytes", "apiKeyBytes", "max_password_size", "min.token")
	f(redact.ClassNumber, "pin_length", "otpCount", "max_verification_code")
	f(redact.ClassKeep, "has_secret", "hasPassword", "is_secret", "token_type", "token_count", "page_token", "author", "author_type", "authors", "authorized", "jti", "session_id",
		"sessionId", "request_id", "idempotency_key", "status_code", "error_code", "key_count", "primary_key", "keyboard", "event", "key", "monkey",
		"password_changed_at", "token_expires_in", "max_tokens", "completion_tokens", "cookie_name", "api_key_id",
		"card_last4", "card_brand", "auth_method", "public_key", "name", "secretary", "email_verified", "ip_version", "shipping", "zip", "description",
		"refresh_token_id", "otp_locked", "credits_charged", "passenger", "compass", "tokenizer", "hashKey", "")
	f(redact.ClassEmail, "email", "user_email", "emailAddress", "E-Mail-Address"[2:])
	f(redact.ClassIP, "ip", "client_ip", "clientIP", "ip_address", "remote_addr", "X-Forwarded-For", "x-real-ip")
	f(redact.ClassCoordinate, "lat", "lng", "latitude", "geo.longitude")
}

func TestAppendClass(t *testing.T) {
	f := func(c redact.Class, in, want string) {
		t.Helper()
		if got := string(maskOnly.AppendClass(nil, c, in)); got != want {
			t.Errorf("AppendClass(%v, %q) = %q, want %q", c, in, got, want)
		}
	}
	f(redact.ClassKeep, "password=x", "password=[REDACTED]")
	f(redact.ClassSecret, "x", "[REDACTED]")
	f(redact.ClassEmail, "bob@example.com", "b***@example.com")
	f(redact.ClassEmail, "bob", "[EMAIL]")
	f(redact.ClassEmail, "", "")
	f(redact.ClassEmail, "b***@example.com", "b***@example.com")
	f(redact.ClassIP, "192.168.1.77", "192.168.1.0/24")
	f(redact.ClassIP, "192.168.1.77:80", "192.168.1.0/24:80")
	f(redact.ClassIP, "[2001:db8::1]:80", "2001:db8::/48:80")
	f(redact.ClassIP, "10.1.2.3, 10.4.5.6", "10.1.2.0/24, 10.4.5.0/24")
	f(redact.ClassIP, "fe80::1%eth0", "fe80::/48")
	f(redact.ClassIP, "host.name", "[IP]")
	f(redact.ClassIP, "unknown", "unknown")
	f(redact.ClassIP, "192.168.1.0/24", "192.168.1.0/24")
	f(redact.ClassCoordinate, "52.52437", "52.5")
	f(redact.ClassCoordinate, "-0.04", "-0.0")
	f(redact.ClassCoordinate, "Berlin", "[REDACTED]")
	f(redact.ClassLength, "Grüße", "5")
}

func TestSecretNeverPrints(t *testing.T) {
	s := redact.NewSecret("hunter2")
	p := &s
	type inner struct{ Password redact.Secret[string] }
	for _, v := range []any{s, p, inner{s}, &inner{s}, []redact.Secret[string]{s}, map[string]redact.Secret[string]{"a": s}, redact.NewSecret([]byte("hunter2")), redact.NewSecret(struct{ P string }{"hunter2"})} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "hunter2") || strings.Contains(out, "68756e74657232") {
				t.Errorf("%s of %T prints %s", verb, v, out)
			}
		}
		out, err := json.Marshal(v)
		if err != nil || strings.Contains(string(out), "hunter2") || !strings.Contains(string(out), redact.Mark) {
			t.Errorf("json.Marshal(%T) = %s, %v", v, out, err)
		}
	}
	if got := s.LogValue().String(); got != redact.Mark {
		t.Errorf("LogValue = %s, want the mark", got)
	}
	if got := slog.AnyValue(s).Resolve().String(); got != redact.Mark {
		t.Errorf("resolved value = %s, want the mark", got)
	}
	if got := s.Reveal(); got != "hunter2" {
		t.Errorf("Reveal = %s, want the value", got)
	}
	var in struct{ P redact.Secret[string] }
	if err := json.Unmarshal([]byte(`{"P":"abc"}`), &in); err != nil || in.P.Reveal() != "abc" {
		t.Errorf("Unmarshal: %v, %q, want abc", err, in.P.Reveal())
	}
}

func TestConcurrentUse(t *testing.T) {
	r, _ := redact.New(redact.Config{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 500 {
				key := fmt.Sprintf("key_%d_password", i)
				if r.Key(key) != redact.ClassSecret || r.String("password=x") != "password=[REDACTED]" {
					t.Error("a wrong answer under concurrent use")
				}
				r.AppendJSON(nil, []byte(`{"a":{"password":"x"},"b":"{\"c\":1}"}`))
			}
		})
	}
	wg.Wait()
	if got := r.Counts()["assignment"]; got != 4000 {
		t.Errorf("assignment counted %d times, want 4000", got)
	}
}

func TestNoAllocation(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	f := func(name string, want float64, run func()) {
		t.Helper()
		run()
		if got := testing.AllocsPerRun(100, run); got > want {
			t.Errorf("%s allocates %.0f times, want %.0f", name, got, want)
		}
	}
	dst := make([]byte, 0, 8192)
	f("Check of clean text", 0, func() { maskOnly.Check(cleanText) })
	f("Check of dirty text", 0, func() { maskOnly.Check(dirtyText) })
	f("AppendString of dirty text", 0, func() { maskOnly.AppendString(dst, dirtyText) })
	f("Key", 0, func() { maskOnly.Key("user_password"); maskOnly.Key("duration_ms") })
	f("Int", 0, func() { maskOnly.Int(4111111111111111) })
	f("AppendClass of an IP", 0, func() { maskOnly.AppendClass(dst, redact.ClassIP, "192.168.1.77") })
}
