package redact_test

import (
	"strings"
	"testing"
)

// TestIdentifiersBesideSecrets: an identifier was wiped when a word such as token stood
// before it.
func TestIdentifiersBesideSecrets(t *testing.T) {
	values := []string{
		"4bf92f3577b34da6a3ce929d0e0e4736", "01HZX3Q9K7M2N8P4R6T5V0W1Y3", "5eec713d55c877aacd88e9618bb88ea2bae73592", "pi3MtwBwLkdIwHu7ix28a3tqPa",
		"9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0",
	}
	heads := []string{"token created", "password changed", "secret rotated", "api key revoked", "bad credential", "msg=token_created", `msg="password changed"`, "datadog agent"}
	keys := []string{"request_id", "trace_id", "traceId", "commit", "jti", "message_id", "checksum", "etag", "sha256", "span_id", "build", "user_id", "X-Request-Id", "order_id"}
	for _, v := range values {
		for _, head := range heads {
			for _, key := range keys {
				for _, text := range []string{
					head + " " + key + "=" + v, head + " " + key + ": " + v, head + " " + key + `="` + v + `"`, head + ", " + key + " " + v,
					head + ` {"` + key + `":"` + v + `"}`, head + ` {\"` + key + `\":\"` + v + `\"`, head + " [" + key + "=" + v + "]", head + " (" + key + " " + v + ")",
				} {
					if !strings.HasSuffix(head, "agent") || len(v) == 32 || len(v) == 40 {
						keep(t, maskOnly, text)
					}
				}
			}
			for _, word := range []string{"user", "order", "commit", "request", "for user", "for", "by", "sha256:", "job"} {
				if head[0] != 'm' {
					keep(t, maskOnly, head+" "+word+" "+v)
				}
			}
		}
	}
	keep(t, maskOnly, "verification failed for user 123456", "OTP sent for order 12345678", "otp verified order_id: 123456", "otp expired\n123456 rows read",
		"access token for commit 5eec713d55c877aacd88e9618bb88ea2bae73592")
}

// TestSecretsBesideIdentifiers: what is no identifier is still a secret.
func TestSecretsBesideIdentifiers(t *testing.T) {
	v := j("5eec713d55c8", "77aacd88e961")
	for _, text := range []string{
		"the token @", "token: @", "new token value=@", "token for user 42: @", "request_id=7 token @", "user 42 has the secret @", "api key @ of commit 12",
		"device token @", "client secret @", "access token was @", "secret is now @", "user token @", "order api key: @", "token v=@", "password data=@",
		"datadog @00000000", "auth token for account 7 is @",
	} {
		text = strings.ReplaceAll(text, "@", v)
		if out := maskOnly.String(text); strings.Contains(out, v) {
			t.Errorf("String(%q) = %q, want it without the secret", text, out)
		}
	}
	f := check(t, maskOnly)
	f("OTP 1234"+"56 sent for order 77", "OTP [REDACTED] sent for order 77")
	f("otp for user bob is 1234"+"56", "otp for user bob is [REDACTED]")
}
