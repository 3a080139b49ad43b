package redact

// Most tokens begin where a run of name characters begins. Those of this file
// are sought nowhere else, so that they cost one look-up a run and not one for
// each of its bytes; tokens.go holds the prefixes that also occur inside a run.

// heads are the public formats, by service.
var heads = []token{
	// Payments: Stripe, PayPal, Facebook and Instagram
	{prefix: "ek_live_", min: 16}, {prefix: "ek_test_", min: 16}, {prefix: "A21AA", min: 60, digit: true},
	{prefix: "EAA", set: csAlnum, min: 80, digit: true}, {prefix: "IGQV", min: 60, digit: true}, {prefix: "IGAA", min: 60, digit: true},
	// Amazon: session tokens, in base64 of what they begin with
	{prefix: "IQoJb3JpZ2luX2Vj", set: csWide, min: 40}, {prefix: "FwoGZXIvYXdz", set: csWide, min: 40}, {prefix: "FQoGZXIvYXdz", set: csWide, min: 40},
	// Tencent, Render, Netlify, Supabase, Neon, Cloudflare
	{prefix: "AKID", set: csAlnum, min: 28, digit: true}, {prefix: "rnd_", set: csAlnum, min: 24, digit: true},
	{prefix: "nfp_", min: 30, digit: true}, {prefix: "nfc_", min: 30, digit: true}, {prefix: "nfb_", min: 30, digit: true},
	{prefix: "nfu_", min: 30, digit: true}, {prefix: "nfo_", min: 30, digit: true}, {prefix: "sb_secret_", min: 20, digit: true},
	{prefix: "napi_", set: csAlnum, min: 40, digit: true}, {prefix: "cfut_", min: 36, digit: true}, {prefix: "cfat_", min: 36, digit: true},
	{prefix: "vcp_", set: csAlnum, min: 24, digit: true}, {prefix: "vck_", set: csAlnum, min: 24, digit: true}, {prefix: "vca_", set: csAlnum, min: 24, digit: true},
	// Chat and mail: Slack, Discord, Mandrill, MailerSend, Firebase messaging, LinkedIn
	{prefix: "xwfp-", set: csPipe, min: 16}, {prefix: "mfa.", set: csDot, min: 60}, {prefix: "md-", min: 22, exact: true, digit: true},
	{prefix: "mlsn.", set: csDot, min: 60}, {prefix: "WPL_AP1.", set: csWide, min: 16},
	// Shops and SaaS: Shopify, HubSpot, Doppler, Dropbox, Tavily, PostHog, Honeycomb, Atlassian
	{prefix: "shprt_", min: 20}, {prefix: "pat-na", min: 32, digit: true}, {prefix: "pat-eu", min: 32, digit: true},
	{prefix: "dp.", set: csDot, min: 36, digit: true}, {prefix: "sl.", set: csDot, min: 100, digit: true},
	{prefix: "phx_", min: 36, digit: true}, {prefix: "phs_", min: 36, digit: true}, {prefix: "hcaik_", min: 40}, {prefix: "hcxik_", min: 40}, {prefix: "hcamk_", min: 40},
	// Code and packages: SonarQube, Docker Hub, dbt, CircleCI, Buildkite, E2B
	{prefix: "sqp_", set: csHex, min: 40}, {prefix: "squ_", set: csHex, min: 40}, {prefix: "sqa_", set: csHex, min: 40},
	{prefix: "dckr_pat_", min: 20}, {prefix: "dckr_oat_", min: 20}, {prefix: "dbtc_", min: 30, digit: true}, {prefix: "dbtu_", min: 30, digit: true},
	{prefix: "CCIPAT_", min: 30}, {prefix: "CCIPRJ_", min: 30}, {prefix: "bkua_", set: csHex, min: 40}, {prefix: "bkct_", min: 40, digit: true}, {prefix: "e2b_", set: csHex, min: 40},
	// Machine learning: Tavily, Jina, Pinecone, Cerebras, Fireworks, Firecrawl, Nvidia, Langfuse, Voyage
	{prefix: "tvly-", min: 24, digit: true}, {prefix: "jina_", min: 40}, {prefix: "pcsk_", min: 40}, {prefix: "csk-", min: 40, digit: true},
	{prefix: "fw_", set: csAlnum, min: 22, digit: true}, {prefix: "fc-", set: csHex, min: 32, exact: true}, {prefix: "nvapi-", min: 40},
	{prefix: "pa-", min: 43, exact: true, digit: true},
	// Base64 after a prefix of tokens.go, which may part the run before it is long enough
	{prefix: "whsec_", set: csWide, min: 24, digit: true}, {prefix: "fm2_", set: csWide, min: 60}, {prefix: "fm1_", set: csWide, min: 60},
	{prefix: "glc_", set: csWide, min: 24, digit: true}, {prefix: "xoxd-", set: csPipe, min: 24}, {prefix: "ABSK", set: csWide, min: 60},
	{prefix: "sntrys_", set: csWide, min: 30}, {prefix: "duffel_live_", set: csWide, min: 16},
	// Formats of many: PASETO, Fernet, Branca, sealed cookies of Laravel, legacy keys of Grafana, extended keys of wallets
	{prefix: "v1.local.", set: csDot, min: 40}, {prefix: "v2.local.", set: csDot, min: 40}, {prefix: "v3.local.", set: csDot, min: 40}, {prefix: "v4.local.", set: csDot, min: 40},
	{prefix: "v1.public.", set: csDot, min: 40}, {prefix: "v2.public.", set: csDot, min: 40}, {prefix: "v3.public.", set: csDot, min: 40}, {prefix: "v4.public.", set: csDot, min: 40},
	{prefix: "gAAAAA", set: csWide, min: 60, digit: true}, {prefix: "eyJpdiI6", set: csWide, min: 60}, {prefix: "eyJrIjoi", set: csWide, min: 40},
	{prefix: "xprv", set: csAlnum, min: 100}, {prefix: "yprv", set: csAlnum, min: 100}, {prefix: "zprv", set: csAlnum, min: 100}, {prefix: "tprv", set: csAlnum, min: 100},
}

var headTable = newTokenIndex(heads)

// head tries the tokens that begin where the run of name characters b..e does,
// or, without what an escape has left there, at h, or with the dotted name that
// the run is a part of.
func (sc *scanner) head(b, h, e int) (span, bool) {
	s := sc.s
	if sc.r.off[idToken] {
		return span{}, false
	}
	if sp, ok := sc.headAt(h); ok {
		return sp, true
	}
	if b == sc.lo {
		return span{}, false
	}
	switch s[b-1] {
	case '+', '/':
		d := blobStart(s, sc.lo, b)
		for d > sc.lo && b-d < maxBlob && nameBytes[s[d-1]] {
			d--
		}
		return sc.headAt(unglueRun(s, d, e))
	case '.':
		d := b - 1
		for d > sc.lo && b-d < 24 && (nameBytes[s[d-1]] || s[d-1] == '.') {
			d--
		}
		return sc.headAt(unglueRun(s, d, e))
	}
	return span{}, false
}

func (sc *scanner) headAt(p int) (span, bool) { return sc.tokenOf(headTable, p) }

// glues are the characters after which an escape may have left something.
var glues = byteSet(`\%[;`, false)

// unglueRun steps over what an escape before a run leaves at its beginning: the
// n of \n, the 3D of %3D, the u0022 of \u0022, the 32m of a terminal's colour.
func unglueRun(s string, b, e int) int {
	if b == 0 {
		return b
	}
	switch s[b-1] {
	case '\\':
		switch c := s[b]; {
		case c == 'n' || c == 'r' || c == 't':
			return b + 1
		case c == 'u' && e-b > 5 && isHex(s[b+1]) && isHex(s[b+4]):
			return b + 5
		}
	case '%':
		if e-b > 2 && isHex(s[b]) && isHex(s[b+1]) {
			return b + 2
		}
	case '[', ';':
		for i := b; i < e && i-b < 4; i++ {
			if s[i] == 'm' && colourStart(s, i+1) >= 0 {
				return i + 1
			}
			if !isDigit(s[i]) {
				break
			}
		}
	}
	return b
}
