package redact_test

import (
	"strings"
	"testing"

	"github.com/pairly/pairlog/internal/planted"
	"github.com/pairly/pairlog/redact"
)

// TestTokensWithoutDigits: tokens of which chance had made letters only, or nearly so, were
// kept.
func TestTokensWithoutDigits(t *testing.T) {
	f := check(t, maskOnly)
	f(`the access token "`+j("iurfPUuxhhYCkXWs", "GCFONSKJyRrYurer")+`" is invalid`, `the access token "[REDACTED]" is invalid`)
	f(`unknown secret '`+j("kudgUDQKWgXT", "IFyBSLUo4tAU")+`'`, `unknown secret '[REDACTED]'`)
	f("AUTH default "+j("DMWZUBxlnC", "QMJiXQelS9"), "AUTH default [REDACTED]")
	f("redis: AUTH "+j("0XnriYS", "Ilxti1"), "redis: AUTH [REDACTED]")
	f("/users/confirm/"+j("Qo_ath4VRA", "LHEXfNoNQL"), "/users/confirm/[REDACTED]")
	f("X-Twilio-Signature: "+j("pRMZuoWHyADfSXTZ", "BakzklC/pEz="), "X-Twilio-Signature: [REDACTED]")
	f("C: AUTH PLAIN "+j("GVaovOxSnbQEdJPWL", "GLqC/KJNsciuxVb="), "C: AUTH PLAIN [REDACTED]")
	f("aws configure set aws_secret_access_key "+j("GJiiCUrdaKbxhFglyWtg", "mdid/MVDxGMTsWDPWquK"), "aws configure set aws_secret_access_key [REDACTED]")
	f("the token "+j("qxkzjvwpqh", "dkzlmrtqpx"), "the token [REDACTED]")
	f("x "+j("API-KPEKFTMIHWVUS", "VIPTUEFXOITRA")+" y", "x [REDACTED] y")
	f("x "+j("A3-WAXVEU-PTFUGQQMPSI", "-MOCBS-MWLVM-HMGTN")+" y", "x [REDACTED] y")
	f(j("access_token$sandbox$1jdvvkp3sc7qtwyb", "$60105319b1d60031040461199030993f"), "[REDACTED]")
	f("curl -u "+j("rzp_live_aROvB2", "McdNL2V9")+":"+j("2mmTdUSnM1VV", "ewCejue7L2pz")+" https://h", "curl -u [REDACTED][REDACTED] https://h")
	f("curl -u admin1:"+j("1234", "5678")+" https://h", "curl -u [REDACTED] https://h")
	f("call: recovery codes: 88q7l-uryrr, "+j("xomrr-", "kyuyp"), "call: recovery codes: [REDACTED]")
}

// TestTokensWithinTokens: where chance put the prefix of one token into another, the
// rest of that stayed.
func TestTokensWithinTokens(t *testing.T) {
	f := check(t, maskOnly)
	f(`v="`+j("YCMdL2LLfXFs2h1BRZuiu9MIZImgutzhyT8EZjz7", "/feXKb7szcdHjkXwjpCEOOd5RkBqJ32OimJYACDbrgT9VK==")+`"`, `v="[REDACTED]"`)
	f("x "+j("v2.local.A3-XMJco0CyjdzO4L323nb8eCy7ft7GsmncR7", "wFwrVY6y1-xyQupNfooCp9U1249-2Az47uMQL4Tps8YHe9z5hLyVfp4F3Me2ruN")+" y", "x [REDACTED] y")
	f("q="+j("s%3ADqJ2zWTNYM0PiwK_WyJB7fF7Ra5Cru2T", ".EvjqoMPXPOW422YZKzs09FdPkwauYeZyfxeO8jOneen"), "q=[REDACTED]")
	f("The password is "+j("ShA1J", "r8k7q")+".", "The password is [REDACTED].")
	keep(t, maskOnly, "the password is sha256-hashed", "the password is argon2id now", "the password is base64 encoded")
}

// TestNamesAreNoNoise: names of which the words are short, so that the case of their
// letters changes often, were taken for tokens.
func TestNamesAreNoNoise(t *testing.T) {
	full, _ := redact.New(redact.Config{PII: redact.PIIFull})
	for _, name := range strings.Fields("ConvertSidToStringSidW SetTheDefaultKeyForMyJob getHTTPSURLFromEnvOrFlag XMLHttpRequestFactoryBean" +
		" INTERNATIONALIZATIONSETTINGS AbstractAnnotationConfigDispatcherServletInitializer useStateOnceAtAppInitSync io.k8s.api.coreV1NodeList" +
		" kube-apiserver-etcd-client-certs RechtsschutzversicherungsVertrag przeprowadzenieKontroliDostepu desenvolvimentoDoUsuario") {
		for _, text := range []string{"token handler " + name + " failed", "secret " + name} {
			if out := full.String(text); out != text {
				t.Errorf("String(%q) = %q, want it unchanged", text, out)
			}
		}
	}
	keep(t, maskOnly, "12:34:56 -u", "db1:5432", "GET 10:11:12Z -u 1000:1000", "docker run -u 1000:1000 x", "API keys: staging, prodtest, internal")
}

// TestRandomLettersAreNoise: of random letters hardly any pass for a name.
func TestRandomLettersAreNoise(t *testing.T) {
	g := planted.NewSamples(*coverageSeed)
	kept := 0
	const n = 2000
	for range n {
		text, secrets := g.Secret("the token «{l24}» x")
		if strings.Contains(maskOnly.String(text), secrets[0]) {
			kept++
		}
	}
	if kept > n/100 {
		t.Errorf("%d of %d random words of 24 letters were kept, want one in a hundred at the most", kept, n)
	}
}
