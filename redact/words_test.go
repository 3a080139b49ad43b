package redact_test

import (
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

func TestMoreKeys(t *testing.T) {
	for _, key := range []string{"security_answer", "securityAnswer", "secret_answer", "unseal_keys", "unsealKeys", "age_key", "AGE_KEY", "storepass", "keypass", "age_secret_key"} {
		if got := maskOnly.Key(key); got != redact.ClassSecret {
			t.Errorf("Key(%q) = %v, want secret", key, got)
		}
		for _, text := range []string{key + "=fluffy77", key + ": fluffy77", `{"` + key + `": "fluffy77"`} {
			if out := maskOnly.String(text); strings.Contains(out, "fluffy") {
				t.Errorf("String(%q) = %q, want it without the secret", text, out)
			}
		}
	}
	for _, key := range []string{"otp_channel", "cvc_check", "cvv_check", "address_line1_check", "answer", "security_question", "page_keys", "stage_key_count", "bypass_store"} {
		if got := maskOnly.Key(key); got != redact.ClassKeep {
			t.Errorf("Key(%q) = %v, want keep", key, got)
		}
	}
}

func TestStatesAfterKeys(t *testing.T) {
	keep(t, maskOnly, "cookie: not set", "Cookie: missing in request", "authorization: required", "otp: expired", "otp: not found", "cvv: missing", "cvc: invalid",
		"(cookie: not set)", "answer=42", "seed phrase is missing", `a phrase "like this"`, "docker run -p 8080:80 x", "docker login -u bob", "az login -u bob",
		"AC"+strings.Repeat("0f", 16)+" called", "AC"+strings.Repeat("0f", 16)+":sent")
	f := check(t, maskOnly)
	v := j("hunt", "er2x")
	f("cookie: a="+v, "cookie: [REDACTED]")
	f("Cookie: not="+v, "Cookie: [REDACTED]")
	f("cookie: invalid "+v, "cookie: [REDACTED]")
	f("otp: 4821"+"77", "otp: [REDACTED]")
	f(`seed phrase "apple banana cherry"`, `seed phrase "[REDACTED]"`)
	f(`recovery phrase 'apple banana cherry'`, `recovery phrase '[REDACTED]'`)
	f("docker login -u bob -p "+v+" registry.example.com", "docker login -u bob -p [REDACTED] registry.example.com")
	f("$ podman login -p "+v, "$ podman login -p [REDACTED]")
	f("AC"+strings.Repeat("0f", 16)+":"+strings.Repeat("9e", 16), "AC"+strings.Repeat("0f", 16)+":[REDACTED]")
}

// TestMeasuresInText: what a measure can be stays, and a list or a block is none.
func TestMeasuresInText(t *testing.T) {
	f := check(t, maskOnly)
	v := j("hunt", "er2x")
	for _, form := range []string{"@: |\n  %\n  x1y2\nz: 1", "@:\n  - %\n  - x1y2\nz: 1"} {
		form = strings.ReplaceAll(form, "%", v)
		want := maskOnly.String(strings.ReplaceAll(form, "@", "password"))
		f(strings.ReplaceAll(form, "@", "password_bytes"), strings.ReplaceAll(want, "password", "password_bytes"))
	}
	f("X-Token-Length: "+v, "X-Token-Length: [REDACTED]")
	f("pin_length=48"+"21", "pin_length=[REDACTED]")
	keep(t, maskOnly, "password_length=8", "password_length: 12, x", "secretSize=16KB", "has_secret=true", "max_password: 64 characters", "pin_length=4", "token_size=-1",
		"password_length: must be at least 8 characters", "password_length = len(password)", "passwordLength: number", "secret_count: 3\nnext: 1",
		"has_password:\n  name: x", "<password_length>8</password_length>", `<a name="password_length" value="8"/>`)
}
