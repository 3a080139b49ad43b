package redact_test

import (
	"math"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// j joins the parts of a secret, so that no whole secret stands in this file.
func j(parts ...string) string { return strings.Join(parts, "") }

func check(t *testing.T, r *redact.Redactor) func(in, want string) {
	t.Helper()
	limit := func() uint64 { return r.Counts()[string(redact.RuleLimit)] }
	before := limit()
	return func(in, want string) {
		t.Helper()
		got := r.String(in)
		if got != want {
			t.Errorf("String(%q)\n got %q\nwant %q", in, got, want)
		}
		if limit() != before {
			t.Fatalf("String(%q) met a fault", in)
		}
		if again := r.String(got); again != got {
			t.Errorf("String(String(%q))\n got %q\nwant %q", in, again, got)
		}
	}
}

// keep asserts that texts pass unchanged and are found clean by Check.
func keep(t *testing.T, r *redact.Redactor, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if got := r.String(s); got != s {
			t.Errorf("String(%q) = %q, want it unchanged", s, got)
		}
	}
}

func TestCards(t *testing.T) {
	f := check(t, maskOnly)
	visa := j("4111 1111", " 1111 1111")
	f(visa, "[CARD]")
	f("card "+visa+" 123", "card [CARD] 123")
	f(strings.ReplaceAll(visa, " ", ""), "[CARD]")
	f(strings.ReplaceAll(visa, " ", "-")+".", "[CARD].")
	f("a "+visa+" b "+j("5555-5555-5555", "-4444")+" c", "a [CARD] b [CARD] c")
	f(visa+" "+visa+" "+visa, "[CARD] [CARD] [CARD]")
	f(`line\n`+strings.ReplaceAll(visa, " ", ""), `line\n[CARD]`)
	f("n=%20"+strings.ReplaceAll(visa, " ", ""), "n=%20[CARD]")
	f("/pay/"+strings.ReplaceAll(visa, " ", "")+"/ok", "/pay/[CARD]/ok")
	f("amex "+j("3782 822463", " 10005"), "amex [CARD]")
	f("the card is "+j("9999 9999 99", "99 9995"), "the card is [CARD]") // no issuer, but the word
	keep(t, maskOnly,
		"order 4111 1111 1111 1112 of 2024", // Luhn
		"blk_4111111111111111 served",       // inside an identifier
		"v4.4111111111111111",               // decimals
		"352099001761481",                   // IMEI: Luhn, but no such length
		"1705314645123456",                  // microseconds
		"9783401013190",                     // ISBN
	)
	last4, _ := redact.New(redact.Config{PAN: redact.PANLast4})
	check(t, last4)("card "+visa, "card [CARD ****1111]")
}

func TestNumbers(t *testing.T) {
	f := func(v int64, want bool) {
		t.Helper()
		if _, got := maskOnly.Int(v); got != want {
			t.Errorf("Int(%d) redacted = %v, want %v", v, got, want)
		}
		if _, got := maskOnly.Float(float64(v)); v < 1<<53 && got != want {
			t.Errorf("Float(%d) redacted = %v, want %v", v, got, want)
		}
	}
	f(4111111111111111, true)
	f(378282246310005, true)
	f(4111111111111112, false)
	f(-4111111111111111, true)
	f(math.MinInt64, false)
	f(1705314645123, false)
	f(42, false)
	if mark, ok := maskOnly.Number("4111111111111111"); !ok || mark != "[CARD]" {
		t.Errorf("Number = %q, %v, want [CARD], true", mark, ok)
	}
	if _, ok := maskOnly.Number("4.111111111111111e15"); !ok {
		t.Error("Number does not see a card in scientific notation")
	}
}

func TestAccounts(t *testing.T) {
	f := check(t, maskOnly)
	f("pay to "+j("DE89 3704 0044", " 0532 0130 00")+" today", "pay to [IBAN] today")
	f("pay to "+j("GB29NWBK6016", "1331926819"), "pay to [IBAN]")
	f("pay to "+j("gb29 nwbk 6016", " 1331 9268 19")+".", "pay to [IBAN].")
	f("iban: "+j("DE00370400440", "532013000"), "iban: [REDACTED]")
	f("his IBAN is "+j("DE00370400440", "532013000"), "his IBAN is [IBAN]")
	f("SSN "+j("078-05", "-1120"), "SSN [SSN]")
	f("ssn of the applicant "+j("0780", "51120"), "ssn of the applicant [SSN]")
	f("call "+j("+1 415 555", " 2671")+" now", "call [PHONE] now")
	keep(t, maskOnly, "DE00370400440532013000", "part 000-12-3456", "part 900-12-3456", "id 078051120",
		"offset +0600", "2009-05-19T14:39:22+06:00", "(+12.3456789, -12.3456789)")
}

func TestAssignments(t *testing.T) {
	f := check(t, maskOnly)
	pw := j("hunt", "er2")
	f("password="+pw, "password=[REDACTED]")
	f("password="+pw+" user=bob", "password=[REDACTED] user=bob")
	f("Password : "+pw+", next", "Password : [REDACTED], next")
	f(`{"password": "`+pw+`", "user": "bob"`, `{"password": "[REDACTED]", "user": "bob"`)
	f(`body: {\"password\":\"`+pw+`\",\"a\":1}`, `body: {\"password\":\"[REDACTED]\",\"a\":1}`)
	f(`body: {\\\"password\\\":\\\"`+pw+`\\\",\\\"a\\\":1}`, `body: {\\\"password\\\":\\\"[REDACTED]\\\",\\\"a\\\":1}`)
	f("{User:bob Password:"+pw+"}", "{User:bob Password:[REDACTED]}")
	f("map[password:"+pw+" user:bob]", "map[password:[REDACTED] user:bob]")
	f("map[Cookie:[a="+pw+"; b=2] Accept:[*/*]]", "map[Cookie:[REDACTED] Accept:[*/*]]")
	f("DB_PASSWORD := '"+pw+"'", "DB_PASSWORD := '[REDACTED]'")
	f("'password' => '"+pw+"',", "'password' => '[REDACTED]',")
	f("user[password]="+pw+"&user[name]=bob", "user[password]=[REDACTED]&user[name]=bob")
	f("user%5Bpassword%5D="+pw+"&a=1", "user%5Bpassword%5D=[REDACTED]&a=1")
	f("next=%2Fcb%3Ftoken%3D"+pw+"%26a%3D1", "next=%2Fcb%3Ftoken%3D[REDACTED]%26a%3D1")
	f(`a?token\u003d`+pw+`\u0026b\u003d1`, `a?token\u003d[REDACTED]\u0026b\u003d1`)
	f("password=a,b;c&d=1", "password=[REDACTED]&d=1")
	f("password=a&b=c", "password=[REDACTED]&b=c")
	f("cvv=12"+"3", "cvv=[REDACTED]")
	f("CVC: 12"+"34", "CVC: [REDACTED]")
	f("otp 2fa, otp: 1234"+"56", "otp 2fa, otp: [REDACTED]")
	f("spring.datasource.password="+pw, "spring.datasource.password=[REDACTED]")
	f("<password>"+pw+"</password>", "<password>[REDACTED]</password>")
	f(`<add key="ApiPassword" value="`+pw+`" />`, `<add key="ApiPassword" value="[REDACTED]" />`)
	f(`{"name":"DB_PASSWORD","value":"`+pw+`"}`, `{"name":"DB_PASSWORD","value":"[REDACTED]"}`)
	f(`name="db-pass" pin=1234 password=`+pw+` value="`+pw+`" x`, `name="db-pass" pin=[REDACTED] password=[REDACTED] value="[REDACTED]" x`)
	f("name: db-user-pass\n\tpassword: "+pw+"\n\nlast line", "name: db-user-pass\n\tpassword: [REDACTED]\n\nlast line")
	f(`a\u0026api_key=`+pw+`\u0026b=1`, `a\u0026api_key=[REDACTED]\u0026b=1`)
	f("a%26api_key%3D"+pw+"%26b", "a%26api_key%3D[REDACTED]%26b")
	f(`\u003cToken\u003e`+pw+`\u003c/Token\u003e`, `\u003cToken\u003e[REDACTED]\u003c/Token\u003e`)
	f(`\"token\" =\u003e \"`+pw+`\"`, `\"token\" =\u003e \"[REDACTED]\"`)
	f(`setProperty("api.token", "`+pw+`")`, `setProperty("api.token", "[REDACTED]")`)
	f("CREATE USER bob IDENTIFIED BY '"+pw+"'", "CREATE USER bob IDENTIFIED BY '[REDACTED]'")
	f("SET x = PASSWORD('"+pw+"')", "SET x = PASSWORD('[REDACTED]')")
	f("password&quot;:&quot;"+pw+"&quot;,", "password&quot;:&quot;[REDACTED]&quot;,")
	f("card_pin=12"+"34", "card_pin=[REDACTED]")
	f("your OTP 1234"+"56 is valid", "your OTP [REDACTED] is valid")
	f("password:\n  - a\n  - b\nuser: bob", "password:[REDACTED]\nuser: bob")
	f("private_key: |\n  "+pw+"\n  "+pw+"\nuser: bob", "private_key:[REDACTED]\nuser: bob")
	f("password: correct horse battery\nuser: bob", "password: [REDACTED]\nuser: bob")
	keep(t, maskOnly,
		"invalid token: token has expired", "parse token: unexpected end of JSON input",
		"token_type=bearer", "tokens: 42", "author: Ann", "page_token=abc123def456", "next_token=abcd1234",
		"session_id=7f3b1c2e9d4a4f6b", "request_id=7f3b1c2e", "idempotency_key=7f3b1c2e", "status_code=200",
		"password=", "password=null", "password: ***", "password=${DB_PASSWORD}", "has_password=true",
		"password_length=12", "token expired at 10:30", "keyboard=qwerty123", "monkey: banana7", "primary_key=user42",
		"error_code: E1234", "key_count=4", "auth.example.com:443 closed", "com.acme.AppToken.parse:374",
		"sessionid: 0x14ede63a5a70002", "sid:1 cport:-1", "token.go:42", "auth:SIMPLE", "event=login",
		"WHERE secret_id = $2 AND token = ? AND password = :p", "unexpected token: '}' at 3", "token: EOF",
		"token=Token{2f2ff2b3", "PublicKeyToken = {l:8 b:31bf3856ad364e35}", "the password 'for' user", "error code 123456",
		"columns (\"password\", \"email\")", "code=ERR_TIMEOUT",
	)
}

func TestHeaders(t *testing.T) {
	f := check(t, maskOnly)
	tok := j("abcdef", "123456")
	f("Authorization: Bearer "+tok, "Authorization: [REDACTED]")
	f("Authorization: Bearer "+tok+" and more", "Authorization: [REDACTED] and more")
	f("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic "+tok+"\r\nAccept: */*", "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: [REDACTED]\r\nAccept: */*")
	f(`Authorization: Digest username="bob", response="`+tok+`"`, "Authorization: [REDACTED]")
	f("Cookie: a="+tok+"; b="+tok, "Cookie: [REDACTED]")
	f("Set-Cookie: sid="+tok+"; Path=/; HttpOnly\nX: 1", "Set-Cookie: [REDACTED]\nX: 1")
	f(`curl -H "Authorization: `+tok+`" https://x`, `curl -H "Authorization: [REDACTED]" https://x`)
	f("X-Api-Key: "+tok, "X-Api-Key: [REDACTED]")
	f("got Bearer "+tok+" from", "got Bearer [REDACTED] from")
	f("Bearer "+tok, "Bearer [REDACTED]")
	f("bearer "+tok, "bearer [REDACTED]")
	f("Basic "+j("dXNlcjpw", "YXNzd29yZA==")+" x", "Basic [REDACTED] x")
	f(`["Authorization","Bearer `+tok+`","Accept"`, `["Authorization","[REDACTED]","Accept"`)
	keep(t, maskOnly, "Bearer token is missing", "a bearer of bad news", "Basic authentication is on", "basic auth required",
		"authorized: true", "authorization failed", "cookies are off")
}

func TestTokens(t *testing.T) {
	f := check(t, maskOnly)
	body := j("4eC39HqLyj", "WDarjtT1zdp7dc")
	for _, prefix := range []string{"sk_live_", "sk_test_", "rk_live_", "whsec_", "rzp_live_", "ghp_", "glpat-", "npm_", "shpat_", "hvs."} {
		f("see "+prefix+body+" there", "see [REDACTED] there")
		f(`x\n`+prefix+body+`\n`, `x\n[REDACTED]\n`)
	}
	f("pi_3MtwBwLkdIwHu7ix28a3tqPa"+"_secret_"+body, "[REDACTED]")
	f("/v1/things/"+"AKIA"+"IOSFODNN7"+"ABCDEFG"+"/x", "/v1/things/[REDACTED]/x")
	f("xoxb-"+"123456789012-"+body, "[REDACTED]")
	f("SG."+body[:22]+"."+body+body, "[REDACTED]")
	f("sk-"+"proj-"+body, "[REDACTED]")
	f("bot "+"123456789:"+"AAF-"+body+body[:7], "bot [REDACTED]")
	f("https://hooks.slack.com/services/"+"T000/B000/"+body, "https://hooks.slack.com/services/[REDACTED]")
	f("the token 5eec713d55c8"+"77aacd88e9618bb88ea2 was used", "the token [REDACTED] was used")
	jwt := j("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0", ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")
	f("t "+jwt+" u", "t [REDACTED] u")
	f("/cb?x="+jwt, "/cb?x=[REDACTED]")
	keep(t, maskOnly, "d94f3f016ae679c3008de268209132f2", "task_runner_configuration_file", "risk-assessment-report-2024",
		"commit 5eec713d55c877aacd88e9618bb88ea2bae73592", "7f3b1c2e-9d4a-4f6b-8c1d-2e3f4a5b6c7d", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
		"internationalization_and_localization", "eyJpZCI6NDIsInBhZ2UiOjN9")
}

func TestPrivateKeys(t *testing.T) {
	f := check(t, maskOnly)
	begin, end := j("-----BEGIN RSA ", "PRIVATE KEY-----"), "-----END RSA PRIVATE KEY-----"
	f("a\n"+begin+"\nMIIE\nabc=\n"+end+"\nb", "a\n[REDACTED]\nb")
	f("a "+begin+`\nMIIE\nabc=\n`+end+" b", "a [REDACTED] b")
	f("a\n"+begin+"\nMIIE and no end", "a\n[REDACTED] and no end")
	keep(t, maskOnly, "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", "BEGIN transaction")
}

func TestURLs(t *testing.T) {
	f := check(t, maskOnly)
	pw := j("s3cr", "et!")
	f("postgres://app:"+pw+"@db:5432/x", "postgres://app:[REDACTED]@db:5432/x")
	f("postgres://app:p/a#s?"+pw+"@db/x", "postgres://app:[REDACTED]@db/x") // net/url refuses it
	f("https://x.com/a?api_key="+pw+"&b=1#f", "https://x.com/a?api_key=[REDACTED]&b=1#f")
	f("https://x.com/cb?code=4e8f2a1b9c3d7e6f&state=ok", "https://x.com/cb?code=[REDACTED]&state=ok")
	f("https://x.com/%zz?password="+pw, "https://x.com/%zz?password=[REDACTED]")
	f("user:"+pw+"@host:5432", "user:[REDACTED]@host:5432")
	keep(t, maskOnly, "https://x.com:8080/a@b", "ssh://git@host/x", "spark://CoarseGrainedScheduler@host:48069",
		"[Factory:0/0:2181:ZooKeeperServer@839]", "image repo/name@sha256:e8dabc7d398d25ec", "a://b:c")
}

func TestFlags(t *testing.T) {
	f := check(t, maskOnly)
	pw := j("s3cr", "et")
	f("mysql --password "+pw+" --host x", "mysql --password [REDACTED] --host x")
	f("mysql --password="+pw+" --host x", "mysql --password=[REDACTED] --host x")
	f(`["--api-key", "`+pw+`"`, `["--api-key", "[REDACTED]"`)
	f("curl -u bob:"+pw+" https://x", "curl -u [REDACTED] https://x")
	f("curl --user 'bob:"+pw+"' https://x", "curl --user [REDACTED] https://x")
	f("curl -u bob@example.com:"+pw+" https://x", "curl -u [REDACTED] https://x")
	keep(t, maskOnly, "docker run -u 1000:1000 image", "--token-type bearer", "--help --version", "rm -rf -- x")
}

func TestAddresses(t *testing.T) {
	f := check(t, maskOnly)
	f("bob@example.com", "b***@example.com")
	f("mail Bob <bob.smith+x@mail.example.co.uk>, please", "mail Bob <b***@mail.example.co.uk>, please")
	f("?to=bob%40example.com&x=1", "?to=b***%40example.com&x=1")
	f("email=bob@example.com", "email=b***@example.com")
	f("from 192.168.1.77:5050 to 10.0.0.9", "from 192.168.1.0/24:5050 to 10.0.0.0/24")
	f("from 203.0.113.7.", "from 203.0.113.0/24.")
	f("/10.251.30.6:33145", "/10.251.30.0/24:33145")
	f("[2001:db8:85a3::8a2e:370:7334]:443", "[2001:db8:85a3::/48]:443")
	f("from ::1", "from ::/48")
	f("10.0.0.0", "[IP]")
	keep(t, maskOnly,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
		"version 1.2.3.4", "v1.2.3.4", "lib-1.2.3.4.jar", "1.2.3", "1.2.3.4.5", "999.1.1.1", "10:30:45", "2024-01-15T10:30:45Z",
		"ab:cd:ef:01:02:03", "01:02:03:04:05:06:07:ab", "std::vector<int>", "a::b", "10.0.0.0/8", "2001:db8::/32",
		"icon@2x.png", "lodash@4.17.21", "@media print", "KeyguardMonitor@712d093")
	full, _ := redact.New(redact.Config{PII: redact.PIIFull})
	keep(t, full, "bob@example.com from 192.168.1.77 and 2001:db8::1, +14155552671")
}

func TestHash(t *testing.T) {
	key := []byte(strings.Repeat("k", 32))
	r, err := redact.New(redact.Config{PII: redact.PIIHash, PIIKey: key, PIIKeyID: "2024a"})
	if err != nil {
		t.Fatal(err)
	}
	a, b := r.String("bob@example.com"), r.String("BOB@example.com")
	if a != b || !strings.HasPrefix(a, "[EMAIL:2024a:") || len(a) != len("[EMAIL:2024a:]")+16 {
		t.Errorf("hash of one address in two spellings: %q and %q, want equal marks with the key id and 16 letters", a, b)
	}
	if again := r.String(a); again != a {
		t.Errorf("String(%q) = %q, want it unchanged", a, again)
	}
	if c := r.String("eve@example.com"); c == a {
		t.Errorf("two addresses have the mark %q", a)
	}
	if x, y := r.String("::ffff:10.1.2.3"), r.String("10.1.2.3"); x != y {
		t.Errorf("one address, two marks: %q and %q", x, y)
	}
	if _, err := redact.New(redact.Config{PII: redact.PIIHash, PIIKey: key[:31]}); err == nil {
		t.Error("New accepts a key of 31 bytes")
	}
}

func TestMultipart(t *testing.T) {
	f := check(t, maskOnly)
	pw := j("s3cr", "et with spaces")
	f("--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n"+pw+"\r\n--b\r\nContent-Disposition: form-data; name=\"bio\"\r\n\r\nhello\r\n--b--",
		"--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n[REDACTED]\r\n--b\r\nContent-Disposition: form-data; name=\"bio\"\r\n\r\nhello\r\n--b--")
}
