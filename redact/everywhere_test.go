package redact_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// The scan looks only where eight bytes at a time say that a rule may apply, and
// steps over identifiers and times. These tests hold it against a scan that
// tries each rule at each byte.

// stepped are pieces of text over which the scan steps in one way or another, or
// that are close to such a piece.
var stepped = []string{
	"550e8400-e29b-41d4-a716-446655440000", "DE89e840-e29b-41d4-a716-446655440000", "12345678-1234-1234-1234-123456789012",
	"507f1f77bcf86cd799439011", "de89370400440532013000", "aa11bb22cc33dd44ee55ff66", "4b1d4b1d4b1d4b1d",
	"2024-01-15T10:30:45", "2024-01-15 10:30:45", "2024-01-15T10:30:45.123456789Z", "2024-01-15 10:30:45:", "2024-01-15T10:30:45+02:00",
	"/api/v1/users/", "Mozilla/5.0 (X11; Linux x86_64)", "Chrome/120.0.0.0", "537.36", "payment_captured", "recommendations",
	"the quick brown fox", "AppleWebKit/", "x=1", "k: v", "a,b", "'a', 'b'", "--", "- -", "1.2", "1.2.3", "v1.2.3.4", "10:30", "::", "1 2 3 4",
	"   ", "\t", "\n", "\\n", "%20", "\\u0020", "\x1b[32m", "€", "\x00", "B", "Be", "{", "}", "[", "]", "\"", "'", "`", ">", "<", "+", "@", "é",
	"0", "00000000", "12345", "123456", "1-2-3-4-5-6", "12--34", "1..2", "a1b2c3d4", "DEADBEEF", "-u", "otp", "token", "iban", "card",
	"code ", "login code ", "your code is ", " is your code", " is the otp", " as your pin", "use verification Code ", "@example.com #", "1234", " 4821 ", "98765", "<#> ",
	" -p", "mysql -p", " -a ", "redis-cli ", "AUTH ", "> AUTH ", "password is ", "passwd was ", "machine h login u password ", "password", "a1b2c3d4",
	"(name, password) values ('", "', '", "')", "&gt;", "&lt;token&gt;", "&lt;/", "%3E", "Private-Lines: 1\n", "h:5432:a:b:", "*:*:",
}

// text returns some pieces and some random characters.
func (p planter) text(n int) string {
	var b strings.Builder
	for range p.IntN(n) {
		switch p.IntN(4) {
		case 0:
			b.WriteString(p.letters(glanceAlphabets[p.IntN(len(glanceAlphabets))], p.IntN(20)))
		case 1:
			b.WriteString(seeds[p.IntN(len(seeds))])
		default:
			b.WriteString(stepped[p.IntN(len(stepped))])
		}
		if p.IntN(2) == 0 {
			b.WriteByte(" /,:=\"'-._;|()"[p.IntN(14)])
		}
	}
	return b.String()
}

func checkEverywhere(t *testing.T, s string) {
	t.Helper()
	if maskOnly.Check(s)&redact.Suspect == 0 && maskOnly.Everywhere(s) {
		t.Fatalf("Check calls %q clean, and a scan everywhere does not", s)
	}
}

func TestScanIsEverywhere(t *testing.T) {
	p := planter{rand.New(rand.NewPCG(11, 12))}
	n := 100_000
	if testing.Short() {
		n /= 10
	}
	clean := 0
	for range n {
		s := p.text(8)
		checkEverywhere(t, s)
		if maskOnly.Check(s)&redact.Suspect == 0 {
			clean++
		}
	}
	if clean < n/20 {
		t.Errorf("only %d of %d texts are clean", clean, n)
	}
}

// TestPlantedAtEveryOffset puts each kind of secret behind each piece that the
// scan steps over, at each offset in its blocks, and between each two characters.
func TestPlantedAtEveryOffset(t *testing.T) {
	p := planter{rand.New(rand.NewPCG(13, 14))}
	for _, piece := range stepped {
		for offset := range 20 {
			text, secret := p.secret()
			s := strings.Repeat(".", offset) + piece + " ; " + text + " ; " + piece
			checkEverywhere(t, s)
			if strings.HasPrefix(piece, "\"") || strings.HasSuffix(piece, "u") {
				continue // a quote that opens, or a flag
			}
			if out := maskOnly.String(s); strings.Contains(out, secret) {
				t.Errorf("secret %q survives in %q", secret, out)
			}
		}
	}
	for before := range 256 {
		for after := range 256 {
			text, _ := p.secret()
			checkEverywhere(t, strings.Repeat("x", p.IntN(9))+string([]byte{byte(before)})+text+string([]byte{byte(after)})+p.text(3))
		}
	}
}

// TestOneTimeCodeAtEveryOffset: six digits that lay across two blocks went by.
func TestOneTimeCodeAtEveryOffset(t *testing.T) {
	for offset := range 24 {
		for _, after := range []string{"", " was sent to the customer of the shop", ", again"} {
			s := strings.Repeat(".", offset) + " otp 123456" + after
			if out := maskOnly.String(s); strings.Contains(out, "123456") {
				t.Errorf("the code survives in %q", out)
			}
		}
	}
}

// TestShortCodesAtEveryOffset puts codes of four digits and more where their rule
// finds them.
func TestShortCodesAtEveryOffset(t *testing.T) {
	for offset := range 24 {
		for _, code := range []string{"4821", "98765", "123456", "1234567", "12345678"} {
			for _, text := range []string{"login code @ was sent to the customer", "@ is your verification code", "your code is @", "Use @ as your pin.", "security Code: @"} {
				s := strings.Repeat(".", offset) + " " + strings.ReplaceAll(text, "@", code)
				if out := maskOnly.String(s); strings.Contains(out, code) {
					t.Errorf("the code survives in %q", out)
				}
			}
		}
	}
}

// TestNumbersAtEveryOffset puts numbers of each length and grouping behind each
// number of other characters.
func TestNumbersAtEveryOffset(t *testing.T) {
	for offset := range 17 {
		for _, number := range []string{
			"4111111111111" + "111", "4111 1111 1111 " + "1111", "4111-1111-1111-" + "1111", "411  11  11  11  11  11  " + "1", "3782 822463 " + "10005",
			"078-05-" + "1120", "DE89 3704 0044 0532 " + "0130 00", "DE8937040044" + "0532013000", "1.2.3.4", "255.255.255.255", "1.22.3.44",
		} {
			for _, before := range []string{"", "x", " ", "1 ", "12 ", "a: ", "no.", "—"} {
				s := strings.Repeat("x ", offset)[:offset] + before + number
				checkEverywhere(t, s)
				checkEverywhere(t, s+" and so on until the block is full")
				checkEverywhere(t, s+fmt.Sprint(" ", offset))
			}
		}
	}
}

func FuzzEverywhere(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	for _, s := range stepped {
		f.Add(s + " " + s)
	}
	p := planter{rand.New(rand.NewPCG(15, 16))}
	for range 100 {
		text, _ := p.secret()
		f.Add(p.text(4) + text)
	}
	f.Fuzz(func(t *testing.T, s string) { checkEverywhere(t, s) })
}
