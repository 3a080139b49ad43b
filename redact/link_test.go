package redact_test

import (
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// TestLinksInText: the keys of links that let in were known in JSON and not in text.
func TestLinksInText(t *testing.T) {
	v := j("abcdef", "123456")
	for _, key := range []string{
		"reset_link", "resetLink", "ResetLink", "RESET_LINK", "reset-link", "password.reset_link", "reset_url", "resetUrl", "login_link", "activation_link",
		"verification_link", "confirmation_link", "recovery_link", "magic_link", "magicUrl", "signed_url", "presignedUrl", "sas_url", "conn_str", "connStr", "nino",
		"verify_link", "invite_link",
	} {
		for _, text := range []string{
			key + "=@", "sent " + key + "=@ to bob", key + ": @", `{"` + key + `": "@"`, `\"` + key + `\":\"@\"`, "{Name:x " + strings.ReplaceAll(key, "-", "") + ":@}",
			"'" + key + "' => '@'", "a=1&" + key + "=@",
		} {
			for _, value := range []string{"https://a/x?t=" + v, "https://a/x?exp=5&h=" + v, "https://a/x?a=1&b=2&c=" + v + "#top", v} {
				text := strings.ReplaceAll(text, "@", value)
				if out := maskOnly.String(text); strings.Contains(out, v) {
					t.Errorf("String(%q) = %q, want it without the secret", text, out)
				}
			}
		}
	}
	f := check(t, maskOnly)
	f("signed_url=https://cdn/o/1?exp=5&h="+v+" next", "signed_url=[REDACTED] next")
	f("(reset_link=https://a/x?a=1&t="+v+"), x", "(reset_link=[REDACTED]), x")
	keep(t, maskOnly, "link=https://a/x?a=1", "url=https://a/x", "base_url=https://a", "reset=true", "conn=12", "connection: close", "reset link sent", "nino says",
		"login: bob", "think=1", "preset=fast", "reset_url_sent=true", "symlink: a", "signed=true", "sink=file", "casino=x", "str=abc", "warning: x")
}

func TestFloatsInText(t *testing.T) {
	f := check(t, maskOnly)
	f("map[card:"+j("4.11111111", "1111111e+15")+"]", "map[card:[CARD]]")
	f("n="+j("4.11111111", "1111111e+15")+" x", "n=[CARD] x")
	f("[1 "+j("5.55555555", "5554444e+15")+" 2]", "[1 [CARD] 2]")
	f("amex "+j("3.78282246", "310005e+14"), "amex [CARD]")
	f(j("4.11111111", "1111111E15"), "[CARD]")
	f("{N:"+j("4.11111111", "1111111e+15")+" M:1}", "{N:[CARD] M:1}")
	last4, _ := redact.New(redact.Config{PAN: redact.PANLast4})
	check(t, last4)("n="+j("4.11111111", "1111111e+15"), "n=[CARD ****1111]")
	keep(t, maskOnly, "4.111111111111112e+15", "4.111111111111111e+14", "4.111111111111111e-15", "1.7e+15", "4.5e+15", "process_resident_memory_bytes 1.2345678e+07",
		"x4.111111111111111e+15", "1.4.111111111111111e+15", "4.111111111111111e+15x", "4.111111111111111", "7.99273987e+10")
}
