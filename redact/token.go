package redact

import "strings"

// Tokens of services are found by their fixed prefix. A run of at least 16 name
// characters is read once; two bytes of each prefix index a table, so that a
// run in which no pair occurs costs one look-up a byte.

// charset is what the rest of a token is made of.
type charset uint8

const (
	csName  charset = iota // letters, digits, '_', '-'
	csAlnum                // letters and digits
	csHex                  // hexadecimal digits
	csUpper                // capital letters and digits
	csDot                  // csName and '.'
	csWide                 // csDot and "=+/~"
	csPipe                 // csWide and '|', '%', ':'
)

var charsets = [...][256]bool{
	csName:  byteSet("-", true),
	csAlnum: alnumSet(isAlnum),
	csHex:   alnumSet(isHex),
	csUpper: alnumSet(func(c byte) bool { return isUpper(c) || isDigit(c) }),
	csDot:   byteSet("-.", true),
	csWide:  byteSet("-.=+/~", true),
	csPipe:  byteSet("-.=+/~|%:", true),
}

func alnumSet(f func(byte) bool) (t [256]bool) {
	for i := range t {
		t[i] = f(byte(i))
	}
	return t
}

// token is one format.
type token struct {
	prefix string
	pair   int     // offset in prefix of the two bytes that index the table
	set    charset // of the rest
	min    int     // shortest rest
	exact  bool    // the rest has exactly min characters
	digit  bool    // the rest must hold a digit: the prefix is also a word
	alone  bool    // no '_' or '-' may stand before the prefix
	back   int     // characters before the prefix that belong to the token
	find   finder  // a special format, judged by code
}

type finder uint8

const (
	findPrefix  finder = iota
	findJWT            // base64 of JSON, perhaps a JWT
	findEncoded        // base64 of a JWT
	findStripe         // pi_…_secret_…
)

// tokens are the public formats, by service. Each service documents its own, or
// its secret-scanning partner pages do.
var tokens = []token{
	// JSON in base64: {", {<space>, [", [{
	{prefix: "eyJ", pair: 1, find: findJWT}, {prefix: "eyI", pair: 1, find: findJWT},
	{prefix: "eyAi", pair: 1, find: findJWT}, {prefix: "ewog", pair: 1, find: findJWT},
	{prefix: "WyJ", pair: 1, find: findJWT}, {prefix: "W3si", pair: 1, find: findJWT},
	{prefix: "ZXlK", pair: 1, find: findEncoded},
	// Payments: Stripe, Razorpay, Square, PayPal (Braintree), Shippo, Flutterwave, Easypost, Duffel, Lob
	{prefix: "sk_live_", pair: 2, min: 8}, {prefix: "sk_test_", pair: 2, min: 8},
	{prefix: "rk_live_", pair: 2, min: 8}, {prefix: "rk_test_", pair: 2, min: 8},
	{prefix: "sk_", pair: 1, min: 16, digit: true, alone: true},
	{prefix: "rk_", pair: 1, min: 16, digit: true, alone: true},
	{prefix: "whsec_", pair: 0, set: csWide, min: 12},
	{prefix: "_secret_", pair: 6, min: 8, find: findStripe},
	{prefix: "rzp_live_", pair: 1, min: 8}, {prefix: "rzp_test_", pair: 1, min: 8},
	{prefix: "sq0atp-", pair: 1, min: 16}, {prefix: "sq0csp-", pair: 1, min: 16},
	{prefix: "EAAA", pair: 1, set: csName, min: 56, digit: true, alone: true},
	{prefix: "access_token$production$", pair: 22, min: 16},
	{prefix: "shippo_live_", pair: 4, min: 16}, {prefix: "shippo_test_", pair: 4, min: 16},
	{prefix: "FLWSECK", pair: 1, min: 12}, {prefix: "FLWPUBK", pair: 1, min: 12},
	{prefix: "EZAK", pair: 1, set: csAlnum, min: 30}, {prefix: "EZTK", pair: 1, set: csAlnum, min: 30},
	{prefix: "duffel_live_", pair: 2, set: csWide, min: 16}, {prefix: "duffel_test_", pair: 2, set: csWide, min: 16},
	// Amazon: access keys, Bedrock
	{prefix: "AKIA", pair: 1, set: csUpper, min: 12, alone: true}, {prefix: "ASIA", pair: 1, set: csUpper, min: 12, digit: true, alone: true},
	{prefix: "ABIA", pair: 1, set: csUpper, min: 12, digit: true, alone: true}, {prefix: "ACCA", pair: 1, set: csUpper, min: 12, digit: true, alone: true},
	{prefix: "A3T", pair: 1, set: csUpper, min: 13, alone: true},
	{prefix: "ABSK", pair: 1, set: csWide, min: 60, alone: true}, {prefix: "bedrock-api-key-", pair: 4, set: csWide, min: 8},
	// Google
	{prefix: "AIza", pair: 1, min: 24}, {prefix: "ya29.", pair: 1, set: csDot, min: 16}, {prefix: "GOCSPX-", pair: 2, min: 16},
	{prefix: "1//0", pair: 1, set: csName, min: 30},
	// Azure: entra client secrets, 8Q~ and its like
	{prefix: "Q~", pair: 0, set: csWide, min: 30, back: 4},
	// Alibaba, Yandex, DigitalOcean, Heroku, Scalingo, Fly
	{prefix: "LTAI", pair: 1, set: csAlnum, min: 14, digit: true, alone: true},
	{prefix: "AQVN", pair: 1, min: 30, alone: true}, {prefix: "YC", pair: 0, set: csName, min: 38, exact: true, digit: true, alone: true},
	{prefix: "t1.", pair: 1, set: csWide, min: 60, alone: true},
	{prefix: "dop_v1_", pair: 2, set: csHex, min: 40}, {prefix: "doo_v1_", pair: 2, set: csHex, min: 40}, {prefix: "dor_v1_", pair: 2, set: csHex, min: 40},
	{prefix: "HRKU-", pair: 1, min: 30}, {prefix: "tk-us-", pair: 2, min: 30}, {prefix: "fo1_", pair: 1, min: 30},
	{prefix: "fm1_", pair: 1, set: csWide, min: 60}, {prefix: "fm2_", pair: 1, set: csWide, min: 60},
	// Code hosts: GitHub, GitLab, Bitbucket, Sourcegraph
	{prefix: "ghp_", pair: 1, min: 20}, {prefix: "gho_", pair: 1, min: 20}, {prefix: "ghu_", pair: 1, min: 20},
	{prefix: "ghs_", pair: 1, min: 20}, {prefix: "ghr_", pair: 1, min: 20}, {prefix: "github_pat_", pair: 3, min: 20},
	{prefix: "glpat-", pair: 0, set: csDot, min: 16}, {prefix: "gldt-", pair: 0, min: 16}, {prefix: "glcbt-", pair: 0, min: 16},
	{prefix: "glptt-", pair: 0, min: 16}, {prefix: "glrt-", pair: 0, set: csDot, min: 16}, {prefix: "glrtr-", pair: 0, set: csDot, min: 16},
	{prefix: "glft-", pair: 0, min: 16}, {prefix: "glimt-", pair: 0, min: 16}, {prefix: "glagent-", pair: 0, min: 16},
	{prefix: "gloas-", pair: 0, min: 16}, {prefix: "glsoat-", pair: 0, min: 16}, {prefix: "glffct-", pair: 0, min: 16},
	{prefix: "GR1348941", pair: 0, min: 16}, {prefix: "ATBB", pair: 1, set: csAlnum, min: 24, digit: true, alone: true},
	{prefix: "BBDC-", pair: 1, min: 30}, {prefix: "sgp_", pair: 1, set: csName, min: 32}, {prefix: "slk_", pair: 1, set: csHex, min: 40},
	// Packages: npm, PyPI, RubyGems, Clojars, crates.io, NuGet, JFrog
	{prefix: "npm_", pair: 1, set: csAlnum, min: 24}, {prefix: "pypi-AgE", pair: 4, min: 16}, {prefix: "rubygems_", pair: 3, set: csHex, min: 32},
	{prefix: "CLOJARS_", pair: 3, set: csAlnum, min: 40}, {prefix: "cio", pair: 0, set: csAlnum, min: 32, exact: true, digit: true, alone: true},
	{prefix: "oy2", pair: 1, set: csAlnum, min: 43, exact: true, digit: true, alone: true},
	{prefix: "AKCp", pair: 1, set: csAlnum, min: 60, alone: true}, {prefix: "cmVmd", pair: 1, set: csAlnum, min: 50, alone: true},
	// Chat and mail: Slack, Discord, Telegram (see colon), SendGrid, Mailgun, Brevo, Twilio, Mattermost
	{prefix: "xoxb-", pair: 0, set: csPipe, min: 10}, {prefix: "xoxp-", pair: 0, set: csPipe, min: 10}, {prefix: "xoxa-", pair: 0, set: csPipe, min: 10},
	{prefix: "xoxr-", pair: 0, set: csPipe, min: 10}, {prefix: "xoxs-", pair: 0, set: csPipe, min: 10}, {prefix: "xoxo-", pair: 0, set: csPipe, min: 10},
	{prefix: "xoxc-", pair: 0, set: csPipe, min: 10}, {prefix: "xoxd-", pair: 0, set: csPipe, min: 10}, {prefix: "xoxe-", pair: 0, set: csPipe, min: 10},
	{prefix: "xoxe.", pair: 0, set: csPipe, min: 10}, {prefix: "xapp-", pair: 0, set: csPipe, min: 10},
	{prefix: "SG.", pair: 0, set: csWide, min: 30, alone: true}, {prefix: "key-", pair: 1, set: csHex, min: 32, exact: true},
	{prefix: "pubkey-", pair: 1, set: csHex, min: 32, exact: true}, {prefix: "xkeysib-", pair: 1, min: 32}, {prefix: "xsmtpsib-", pair: 1, min: 32},
	{prefix: "SK", pair: 0, set: csHex, min: 32, exact: true, alone: true},
	// Shops and SaaS: Shopify, Notion, Linear, Airtable, Asana, Atlassian, Typeform, Postman, ReadMe, Figma
	{prefix: "shpat_", pair: 1, min: 20}, {prefix: "shpca_", pair: 1, min: 20}, {prefix: "shppa_", pair: 1, min: 20},
	{prefix: "shpss_", pair: 1, min: 20}, {prefix: "shptka_", pair: 1, min: 20},
	{prefix: "ntn_", pair: 1, min: 30}, {prefix: "secret_", pair: 5, set: csAlnum, min: 40, digit: true, alone: true},
	{prefix: "lin_api_", pair: 2, min: 24}, {prefix: "lin_oauth_", pair: 2, min: 24},
	{prefix: "ATATT3", pair: 1, set: csWide, min: 60}, {prefix: "ATCTT3", pair: 1, set: csWide, min: 60},
	{prefix: "tfp_", pair: 1, set: csWide, min: 30}, {prefix: "PMAK-", pair: 1, min: 30}, {prefix: "rdme_", pair: 1, set: csAlnum, min: 40},
	{prefix: "figd_", pair: 2, min: 24}, {prefix: "API-", pair: 2, set: csUpper, min: 24, digit: true, alone: true},
	{prefix: "sntrys_", pair: 1, set: csWide, min: 30}, {prefix: "sntryu_", pair: 1, min: 30},
	{prefix: "sm_aat_", pair: 1, min: 12}, {prefix: "sm_pat_", pair: 1, min: 12}, {prefix: "sm_sat_", pair: 1, min: 12},
	{prefix: "fio-u-", pair: 2, set: csWide, min: 40}, {prefix: "p8e-", pair: 1, min: 24},
	{prefix: "s-s4t2ud-", pair: 2, set: csHex, min: 40}, {prefix: "s-s4t2af-", pair: 2, set: csHex, min: 40},
	{prefix: "access-sandbox-", pair: 5, min: 32}, {prefix: "access-development-", pair: 5, min: 32}, {prefix: "access-production-", pair: 5, min: 32},
	// Machine learning: OpenAI, Anthropic, Hugging Face, Perplexity, Groq, Replicate, xAI
	{prefix: "sk-", pair: 1, min: 20, digit: true, alone: true}, {prefix: "sk-ant-", pair: 1, min: 16}, {prefix: "sk-proj-", pair: 1, min: 16},
	{prefix: "hf_", pair: 1, set: csAlnum, min: 28, alone: true}, {prefix: "api_org_", pair: 2, set: csAlnum, min: 28},
	{prefix: "pplx-", pair: 2, set: csAlnum, min: 32}, {prefix: "gsk_", pair: 1, set: csAlnum, min: 40}, {prefix: "r8_", pair: 0, set: csAlnum, min: 32, alone: true},
	{prefix: "xai-", pair: 0, set: csAlnum, min: 40, alone: true}, {prefix: "lsv2_", pair: 2, min: 30},
	// Operations: Vault, Terraform, Pulumi, Doppler, Grafana, New Relic, Datadog, Dynatrace, Databricks, PlanetScale, Supabase, Tailscale, OpenShift, age, 1Password
	{prefix: "hvs.", pair: 1, min: 20}, {prefix: "hvb.", pair: 1, min: 20}, {prefix: "hvr.", pair: 1, min: 20},
	{prefix: "s.", pair: 0, set: csAlnum, min: 24, exact: true, digit: true, alone: true},
	{prefix: ".atlasv1.", pair: 5, set: csWide, min: 40, back: 14}, {prefix: "pul-", pair: 1, set: csHex, min: 32, alone: true},
	{prefix: "dp.pt.", pair: 1, set: csAlnum, min: 32}, {prefix: "dp.st.", pair: 1, set: csDot, min: 32}, {prefix: "dp.ct.", pair: 1, set: csAlnum, min: 32},
	{prefix: "glc_", pair: 1, set: csWide, min: 24}, {prefix: "glsa_", pair: 1, min: 24},
	{prefix: "NRAK-", pair: 1, min: 16}, {prefix: "NRII-", pair: 1, min: 16}, {prefix: "NRJS-", pair: 1, min: 16}, {prefix: "NRRA-", pair: 1, min: 16},
	{prefix: "ddapp_", pair: 2, min: 24}, {prefix: "DDRCM_", pair: 2, min: 24}, {prefix: "ddp_", pair: 1, min: 30, alone: true},
	{prefix: "dt0c01.", pair: 1, set: csDot, min: 60}, {prefix: "dt0s01.", pair: 1, set: csDot, min: 60}, {prefix: "dapi", pair: 1, set: csHex, min: 32, alone: true},
	{prefix: "pscale_tkn_", pair: 1, set: csWide, min: 24}, {prefix: "pscale_pw_", pair: 1, set: csWide, min: 24}, {prefix: "pscale_oauth_", pair: 1, set: csWide, min: 24},
	{prefix: "sbp_", pair: 1, set: csHex, min: 32}, {prefix: "tskey-", pair: 1, min: 16}, {prefix: "sha256~", pair: 5, min: 30},
	{prefix: "AGE-SECRET-KEY-1", pair: 3, set: csUpper, min: 40}, {prefix: "ops_eyJ", pair: 4, set: csWide, min: 60},
	{prefix: "A3-", pair: 0, set: csName, min: 28, digit: true, alone: true}, {prefix: "pnu_", pair: 1, set: csAlnum, min: 30},
	{prefix: "ico-", pair: 1, set: csAlnum, min: 30, alone: true}, {prefix: "dnkey-", pair: 1, set: csWide, min: 40},
	{prefix: "CFPAT-", pair: 1, min: 30}, {prefix: "v1.0-", pair: 1, set: csName, min: 100}, {prefix: "sdk-", pair: 1, set: csName, min: 36, exact: true, digit: true, alone: true},
	{prefix: "4b1d", pair: 2, set: csAlnum, min: 38, exact: true, alone: true}, {prefix: "pat.", pair: 2, set: csDot, min: 40, alone: true},
	{prefix: "sat.", pair: 2, set: csDot, min: 50, digit: true, alone: true},
	// Maps and social: Mapbox, Facebook, Twitter
	{prefix: "pk.", pair: 1, set: csDot, min: 60, digit: true, alone: true}, {prefix: "sk.", pair: 1, set: csDot, min: 60, digit: true, alone: true},
	{prefix: "EAAM", pair: 1, set: csAlnum, min: 60, alone: true}, {prefix: "EAAC", pair: 1, set: csAlnum, min: 60, alone: true}, {prefix: "EAAB", pair: 1, set: csAlnum, min: 60, alone: true},
	{prefix: "AAAAAAAAAAAAAAAAAAAAA", pair: 0, set: csPipe, min: 60, digit: true, alone: true},
	{prefix: "sc_", pair: 1, set: csDot, min: 50, digit: true, alone: true}, {prefix: "authress_", pair: 6, set: csDot, min: 40},
}

// tokenIndex maps the hash of two bytes to the tokens with that pair. The set of
// the pairs themselves comes before it: it has no collisions, and few pairs of a
// random text are in it.
type tokenIndex struct {
	pairs [128][2]uint64
	list  [1024][]*token
}

// has reports whether a token has the pair a, b; for bytes that are not ASCII
// the answer may be wrongly true.
func (x *tokenIndex) has(a, b byte) bool {
	return x.pairs[a&127][b>>6&1]>>(b&63)&1 != 0
}

var tokenTable = func() *tokenIndex {
	x := new(tokenIndex)
	for i := range tokens {
		t := &tokens[i]
		a, b := t.prefix[t.pair], t.prefix[t.pair+1]
		x.pairs[a][b>>6] |= 1 << (b & 63)
		h := pairHash(a, b)
		x.list[h] = append(x.list[h], t)
	}
	return x
}()

func pairHash(a, b byte) uint16 { return (uint16(a)*37 ^ uint16(b)*5) & 1023 }

// minName is the shortest run of name characters that is searched for tokens.
const minName = 16

// name searches the run of name characters around k for tokens, and judges it
// as a random string. The run is examined once. whole says that eight name
// characters begin at k.
func (sc *scanner) name(k int, whole bool) (span, bool) {
	s := sc.s
	b := k
	for b > sc.lo && b > sc.nameEnd && nameBytes[s[b-1]] {
		b--
	}
	e := k
	if whole {
		e += 8
	}
	for e < len(s) && nameBytes[s[e]] {
		e++
	}
	sc.nameEnd = e
	if e-b < minName || isUUID(s[b:e]) {
		return span{}, false
	}
	if !sc.r.off[idToken] || !sc.r.off[idJWT] || !sc.r.off[idEncoded] {
		for j := max(sc.lo, b-8); j+1 < e; j++ {
			if tokenTable.has(s[j], s[j+1]) {
				if sp, ok := sc.tokenAt(j, pairHash(s[j], s[j+1])); ok {
					return sp, true
				}
			}
		}
	}
	return sc.random(b, e)
}

// tokenAt tries the tokens whose pair is at j.
func (sc *scanner) tokenAt(j int, h uint16) (span, bool) {
	s := sc.s
	for _, t := range tokenTable.list[h] {
		p := j - t.pair
		if p < sc.lo || !strings.HasPrefix(s[p:], t.prefix) {
			continue
		}
		var sp span
		var ok bool
		switch t.find {
		case findJWT:
			sp, ok = sc.jwt(p)
		case findEncoded:
			sp, ok = sc.encodedToken(p)
		case findStripe:
			sp, ok = sc.clientSecret(p, t)
		default:
			sp, ok = sc.prefixed(p, t)
		}
		if ok {
			return sp, true
		}
	}
	return span{}, false
}

// prefixed judges the token t whose prefix is at p.
func (sc *scanner) prefixed(p int, t *token) (span, bool) {
	s := sc.s
	if sc.r.off[idToken] || t.back == 0 && !boundary(s, p) || t.alone && p > 0 && (s[p-1] == '_' || s[p-1] == '-') {
		return span{}, false
	}
	set := &charsets[t.set]
	i := p + len(t.prefix)
	body := i
	digit := false
	for i < len(s) && set[s[i]] {
		digit = digit || isDigit(s[i])
		i++
	}
	for i > body && s[i-1] == '.' {
		i--
	}
	n := i - body
	if n < t.min || t.exact && (n != t.min || i < len(s) && nameBytes[s[i]]) || t.digit && !digit {
		return span{}, false
	}
	start := max(sc.lo, p-t.back)
	for start < p && !nameBytes[s[start]] {
		start++
	}
	return span{start, sc.tokenTail(i), idToken}, true
}

// tokenTail extends a token over name characters that its set does not have: a
// longer token than the format says is still a token.
func (sc *scanner) tokenTail(i int) int {
	for i < len(sc.s) && nameBytes[sc.s[i]] {
		i++
	}
	return i
}

// clientSecret redacts Stripe's client secrets whole: pi_123_secret_456.
func (sc *scanner) clientSecret(p int, t *token) (span, bool) {
	s := sc.s
	start := p
	for start > sc.lo && p-start < 64 && nameBytes[s[start-1]] {
		start--
	}
	switch head := s[start:p]; {
	case strings.HasPrefix(head, "pi_"), strings.HasPrefix(head, "seti_"), strings.HasPrefix(head, "src_"),
		strings.HasPrefix(head, "cs_"), strings.HasPrefix(head, "cuss_"), strings.HasPrefix(head, "pm_"):
	default:
		return span{}, false
	}
	i := p + len(t.prefix)
	body := i
	for i < len(s) && nameBytes[s[i]] {
		i++
	}
	if i-body < t.min || sc.r.off[idToken] {
		return span{}, false
	}
	return span{start, i, idToken}, true
}
