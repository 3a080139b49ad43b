package redact_test

import (
	"strings"
	"testing"
)

// TestShortCodesInFiles: a code of four digits was found in a line and not in a file.
func TestShortCodesInFiles(t *testing.T) {
	long := strings.Repeat("the worker went back to sleep until the next tick ", 8)
	for _, line := range []string{
		"@ is your login code", "your login code @", "your security code: @", "your code is @", "Use @ as your pin.", "2026-01-02 15:04:05 INFO sms: @ is your code",
		"your verification Code @ expires", "a code, your code, login code @", "@ is your OTP", "Your login code: @", "Yes, your code is @", "x 1234 y your login code @ and access code @",
	} {
		for _, code := range []string{"4821", "98765", "654321"} {
			line := strings.ReplaceAll(line, "@", code)
			alone := maskOnly.String(line)
			for _, f := range []string{"@", long + "\n@", "@\n" + long, long + "\n@\n" + long + "\npassword=hunter2 your code\n@\r", "a\n@\n@\nb" + long} {
				in, want := strings.ReplaceAll(f, "@", line), strings.ReplaceAll(f, "@", alone)
				want = strings.ReplaceAll(want, "hunter2", "[REDACTED]")
				if got := string(maskOnly.AppendLines(nil, in)); got != want || strings.Contains(got, code) {
					t.Errorf("AppendLines(%q)\n got %q\nwant %q", in, got, want)
				}
			}
		}
	}
	for _, in := range []string{
		long + " 4821 is your login code\nx", long + "\nstatus code 4821\nerror code 5000 your port 8080\nyour order 4821 is ready\nexit code is 1234\n",
		long + "\ncode review of your change 4821\nyour code\n4821\n4821 is\nyour code\n",
	} {
		if got := string(maskOnly.AppendLines(nil, in)); got != in {
			t.Errorf("AppendLines(%q) = %q, want it unchanged", in, got)
		}
	}
	in := long + "\ncard " + j("4111 1111", " 1111 1111") + " your login code 4821 password=\"4821 is your code\"\n"
	if got := string(maskOnly.AppendLines(nil, in)); strings.Contains(got, "4821") || strings.Contains(got, "4111") {
		t.Errorf("AppendLines(%q) = %q, want it without code and card", in, got)
	}
}

// TestSchemesInFiles: a credential after a scheme in small letters was found at the
// beginning of a text, and not of a line.
func TestSchemesInFiles(t *testing.T) {
	v := j("zq9x", "W2mm")
	pair := "Ym9iOm" + "h1bnRlcjI="
	long := strings.Repeat("the worker went back to sleep until the next tick ", 8)
	for _, c := range []struct{ in, want string }{
		{"a\nbearer " + v, "a\nbearer [REDACTED]"},
		{"a\nbearer " + v + " x\nbasic " + pair + "\nbearer " + v + "\n", "a\nbearer [REDACTED] x\nbasic [REDACTED]\nbearer [REDACTED]\n"},
		{"bearer " + v + "\r\nbearer " + v + "\r\n", "bearer [REDACTED]\r\nbearer [REDACTED]\r\n"},
		{long + "\n4821 is your login code\nbearer " + v + "\npassword=hunter2", long + "\n[REDACTED] is your login code\nbearer [REDACTED]\npassword=[REDACTED]"},
		{"a\nbearer " + v + "." + j("ghp_", "abcdefghijklmnopqrst0123456789") + " x", "a\nbearer [REDACTED] x"},
		{"a\nbearer of bad news\nbearer token-based auth\nbasic authentication\nbearer\n", "a\nbearer of bad news\nbearer token-based auth\nbasic authentication\nbearer\n"},
		{"a\nbearer [REDACTED]\n", "a\nbearer [REDACTED]\n"},
	} {
		if got := string(maskOnly.AppendLines(nil, c.in)); got != c.want {
			t.Errorf("AppendLines(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
	many := strings.Repeat("x\nbearer "+v+"\n", 20000) // linear, or this takes minutes
	if got := string(maskOnly.AppendLines(nil, many)); strings.Contains(got, v) {
		t.Error("a credential is left in many lines")
	}
}

func FuzzAppendLines(f *testing.F) {
	f.Add("login code 4821\n" + strings.Repeat("x ", 100))
	f.Add(strings.Repeat("y", 200) + "\n4821 is your code\npassword=\"4821 is your code\"")
	f.Fuzz(func(t *testing.T, s string) {
		got := string(maskOnly.AppendLines(nil, s))
		if again := string(maskOnly.AppendLines(nil, got)); strings.Count(again, "\n") < strings.Count(got, "\n") {
			t.Errorf("lines are lost from %q: %q", got, again)
		}
	})
}
