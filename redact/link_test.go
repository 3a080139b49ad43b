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

// TestRelativeLinks: a link that lets in was known with its host only, and a token of
// sixteen characters in it was none.
func TestRelativeLinks(t *testing.T) {
	f := check(t, maskOnly)
	v := j("Ab3dE6gH9j", "K2mN5pQ7rS")
	short := j("Ab3dE6gH", "9jK2mN5p")
	f(`{"uri":"/verify?t=`+v+`"}`, `{"uri":"/verify?t=[REDACTED]"}`)
	f(`"GET /verify?t=`+v+` HTTP/1.1"`, `"GET /verify?t=[REDACTED] HTTP/1.1"`)
	f("/account/reset-password?a=1&t="+short+"&b=2", "/account/reset-password?a=1&t=[REDACTED]&b=2")
	for _, path := range []string{"/magic/", "/invite/", "/password/reset/", "https://x/verify/", "/verify-email/"} {
		f("GET "+path+short+" x", "GET "+path+"[REDACTED] x")
		f("GET "+path+j("4f3c2b1a", "9d8e7f60")+"?a=1", "GET "+path+"[REDACTED]?a=1")
	}
	keep(t, maskOnly, "/verify?page=2", "/verify?p=2", "/search?q="+short, "verify?t="+short, "/users/"+short, "/verify/email-address-42", "/reset/user_preferences", "/magic/"+short[:12])
}

// TestCodesOfAuthorization: the code that a server of authorization sends back goes
// whatever its form.
func TestCodesOfAuthorization(t *testing.T) {
	f := check(t, maskOnly)
	f("GET /cb?code="+j("ab", "c123")+"&state=xyz&z=1", "GET /cb?code=[REDACTED]&state=xyz&z=1")
	f("https://x/cb?state=xyz&code="+j("ab", "c123"), "https://x/cb?state=xyz&code=[REDACTED]")
	keep(t, maskOnly, "/x?code=US&b=1", "/x?code=abc123&mystate=x", "code=abc123&b=2 state=x", "/x?zip_code=abc123&state=CA", "/x?postcode=abc12&state=CA")
}

// TestHeadersInBrackets: a bracket before a header closes behind it.
func TestHeadersInBrackets(t *testing.T) {
	f := check(t, maskOnly)
	v := j("abcdef", "123456")
	f(`user_agent="Bot/1.0 (Authorization: Bearer `+v+`)" z=1`, `user_agent="Bot/1.0 (Authorization: [REDACTED])" z=1`)
	f("(Authorization: Bearer "+v+") next", "(Authorization: [REDACTED]) next")
	f("(Cookie: a="+v+")", "(Cookie: [REDACTED])")
	f("Authorization: Bearer "+v+")", "Authorization: [REDACTED]")
}
