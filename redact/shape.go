package redact

import "strings"

// Tokens without a prefix of their own, which their length and their parts give
// away. The run of name characters b..e is known; most shapes are told from
// others by its length.

// shaped judges the run b..e by its shape.
func (sc *scanner) shaped(b, e int) (span, bool) {
	s := sc.s
	if sc.r.off[idToken] {
		return span{}, false
	}
	run := s[b:e]
	if len(run) >= 36 {
		if mixedShape(run) {
			return span{b, e, idToken}, true
		}
		if sp, ok := sc.signedCookie(b, e); ok {
			return sp, true
		}
	}
	next := byte(0)
	if e < len(s) {
		next = s[e]
	}
	switch {
	case next == '.' && e-b == 17 && run[:3] == "pat" && hexPart(s, e+1, 64): // Airtable
		return span{b, e + 65, idToken}, true
	case b >= 2 && s[b-1] == '/' && len(run) >= 30 && run[:2] == "0A" && s[b-2] == '4' && boundary(s, b-2): // Google's authorization codes
		return span{b - 2, e, idToken}, true
	case b >= 4 && len(run) >= 30 && run[:2] == "0A" && strings.HasSuffix(s[:b], "4%2F") && boundary(s, b-4):
		return span{b - 4, e, idToken}, true
	case next == '.' && b >= 4 && len(run) >= 28 && strings.HasSuffix(s[:b], "s%3A"): // a signed cookie of Express
		end := e + 1
		for end < len(s) && (isAlnum(s[end]) || s[end] == '%' || s[end] == '+' || s[end] == '/') {
			end++
		}
		return span{b - 4, end, idToken}, end-e > 40
	case b > sc.lo && s[b-1] == '*' && len(run) == 40 && upperHex(run): // a password hash of MySQL
		return span{b, e, idToken}, true
	}
	if b > sc.lo && hashBefore[s[b-1]] {
		if sp, ok := sc.passwordHash(b, e); ok {
			return sp, true
		}
	}
	return sc.keyBlob(b, e)
}

// signedCookie matches a signed cookie of Rails that ends with the run b..e:
// base64, two dashes, the signature.
func (sc *scanner) signedCookie(b, e int) (span, bool) {
	s := sc.s
	for _, n := range [...]int{40, 64} {
		if i := e - n - 2; i >= b && s[i] == '-' && s[i+1] == '-' && isHexRun(s[i+2:e]) {
			if from := blobStart(s, sc.lo, b); i-from >= 32 {
				return span{from, e, idToken}, true
			}
		}
	}
	return span{}, false
}

// mixedShape reports whether a run has the form of a token that is made of name
// characters only.
func mixedShape(run string) bool {
	switch n := len(run); {
	case n == 50: // Mailgun
		return run[32] == '-' && run[41] == '-' && isHexRun(run[:32]) && isHexRun(run[33:41]) && isHexRun(run[42:])
	case n == 36 && run[:3] == "re_" && run[11] == '_': // Resend
		return digitsIn(run) > 0 && strings.ToLower(run) != run || mixedCase(run[3:])
	case n == 36 || n == 37: // Mailchimp
		return run[32] == '-' && run[33:35] == "us" && isHexRun(run[:32]) && digitsIn(run[35:]) == n-35
	case n == 40: // New Relic
		return run[36:] == "NRAL" && isHexRun(run[6:36])
	case n == 84: // Azure's keys with a signature in them
		return run[76:80] == "AZDO" || run[52:57] == "JQQJ9"
	case n >= 50 && n <= 60:
		return run[42:46] == "AzSe" || run[44:48] == "AzFu"
	}
	return false
}

// azureSignatures mark storage and other account keys of Azure: 88 characters of
// base64 with one of these at the 76th.
// Source: Microsoft, "common annotated security keys" and credential scanning.
var azureSignatures = []string{"+ASt", "ACDb", "+ABa", "AIoT", "+ARm", "+ACR", "ASbE", "+AEh", "APIM", "AzEG"}

// keyBlob finds an account key of Azure of which the run b..e is a part.
func (sc *scanner) keyBlob(b, e int) (span, bool) {
	s := sc.s
	if (b == 0 || s[b-1] != '+' && s[b-1] != '/') && (e >= len(s) || s[e] != '+' && s[e] != '/' && s[e] != '=') {
		return span{}, false
	}
	from, to := blobStart(s, sc.lo, b), e
	for to < len(s) && to-e < maxBlob && (isAlnum(s[to]) || s[to] == '+' || s[to] == '/') {
		to++
	}
	// A path or an assignment may stand before the key.
	if from = max(from, to-86); to-from != 86 || !strings.HasPrefix(s[to:], "==") {
		return span{}, false
	}
	for _, sign := range azureSignatures {
		if s[from+76:from+80] == sign {
			return span{from, to + 2, idToken}, true
		}
	}
	return span{}, false
}

// maxBlob bounds, in bytes, how far the beginning of base64 is sought.
const maxBlob = 90

// blobStart returns where the base64 that b is in begins.
func blobStart(s string, lo, b int) int {
	i := b
	for i > lo && b-i < maxBlob && (isAlnum(s[i-1]) || s[i-1] == '+' || s[i-1] == '/') {
		i--
	}
	return i
}

// hashSchemes begin the hash of a password, as crypt(3), PHP, Python and
// PostgreSQL write it.
var hashSchemes = []string{
	"$2a$", "$2b$", "$2y$", "$2x$", "$1$", "$5$", "$6$", "$7$", "$y$", "$gy$", "$argon2", "$scrypt$", "$pbkdf2", "$apr1$", "$P$", "$H$", "$S$",
	"pbkdf2_sha", "pbkdf2:sha", "scrypt:", "bcrypt_sha256$", "bcrypt$", "argon2$", "SCRAM-SHA-256$", "sha512_crypt$", "{SSHA",
}

// passwordHash finds the hash of a password of which the run b..e is a part.
func (sc *scanner) passwordHash(b, e int) (span, bool) {
	s := sc.s
	if strings.LastIndexByte(s[max(sc.lo, b-maxBlob):b], '$') < 0 {
		return span{}, false
	}
	dollar, i := -1, b
	for i > sc.lo && b-i < maxBlob && hashBytes[s[i-1]] {
		i--
		if s[i] == '$' {
			dollar = i
		}
	}
	if dollar < 0 {
		return span{}, false
	}
	for _, scheme := range hashSchemes {
		p := dollar
		if scheme[0] != '$' {
			// The name of the scheme stands before the first dollar.
			if p = strings.Index(s[i:e], scheme); p < 0 || i+p > dollar {
				continue
			}
			p += i
		}
		if strings.HasPrefix(s[p:], scheme) && boundary(s, p) {
			for e < len(s) && hashBytes[s[e]] && s[e] != ',' {
				e++
			}
			return span{p, e, idToken}, true
		}
	}
	return span{}, false
}

// hashBefore are the characters that part a password's hash from its salt and
// scheme, or the hash itself.
var hashBefore = byteSet("$/.+=", false)

// hashBytes are the characters of a password's hash.
var hashBytes = byteSet("$./+=,:-{}", true)

func hexPart(s string, i, n int) bool {
	return i+n <= len(s) && isHexRun(s[i:i+n]) && (i+n == len(s) || !nameBytes[s[i+n]])
}

func upperHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isHex(c) || isLower(c) {
			return false
		}
	}
	return true
}

// mixedCase reports whether s changes between small and capital letters as often
// as random characters do.
func mixedCase(s string) bool {
	changes := 0
	for i := 1; i < len(s); i++ {
		if isLower(s[i]) && isUpper(s[i-1]) || isUpper(s[i]) && isLower(s[i-1]) {
			changes++
		}
	}
	return changes*10 >= len(s)
}
