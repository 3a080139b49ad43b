package pairlog_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
)

func TestMisspeltVariables(t *testing.T) {
	setenv(t, map[string]string{
		"LOG_LEVLES": "db=DEBUG", "LOG_LEVEL_": "DEBUG", "LOG_PII_KYE": "a-key-that-nobody-may-see", "LOG_FLIGHT_RECRODRE": "0",
		// Not ours, or nothing in it.
		"LOG_PATH": "x", "LOG_DRIVER": "x", "LOG_SINKS": "x", "LOG_FORMAR": "", "BLOG_LEVEL": "x", "LOG_": "x",
	})
	var out bytes.Buffer
	c := pairlog.FromEnv()
	c.Format, c.File, c.Stdout, c.Out = pairlog.FormatJSON, false, true, &out
	p, err := pairlog.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range records(t, out.String()) {
		if m["event"] == "log_config_invalid" {
			got = append(got, fmt.Sprintf("%v: %v, want %v", m["setting"], m["value"], m["wanted"]))
		}
	}
	slices.Sort(got)
	want := []string{
		"LOG_FLIGHT_RECRODRE: (set), want another name: LOG_FLIGHT_RECORDER",
		"LOG_LEVEL_: (set), want another name: LOG_LEVEL",
		"LOG_LEVLES: (set), want another name: LOG_LEVELS",
		"LOG_PII_KYE: (set), want another name: LOG_PII_KEY",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if strings.Contains(out.String(), "nobody-may-see") {
		t.Errorf("the value of an unknown variable is in the log:\n%s", out.String())
	}
}

// A key that is too short for hashes is named, with what holds instead of it; the key
// itself stays unknown.
func TestShortKeyIsReported(t *testing.T) {
	for key, value := range map[string]string{"hunter2-is-short": "(16 bytes)", "": "(0 bytes)"} {
		setenv(t, map[string]string{"LOG_PII_MODE": "hash", "LOG_PII_KEY": key})
		var out bytes.Buffer
		c := pairlog.FromEnv()
		c.Format, c.File, c.Stdout, c.Out = pairlog.FormatJSON, false, true, &out
		p, err := pairlog.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		p.Logger("x").Info("signed_up", "email", "bob@example.com")
		if err := p.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		recs := records(t, out.String())
		if len(recs) != 2 || recs[0]["event"] != "log_config_invalid" || recs[0]["setting"] != "LOG_PII_KEY" ||
			recs[0]["value"] != value || recs[0]["used"] != "LOG_PII_MODE=mask" {
			t.Errorf("key %q: got %v", key, recs)
		}
		if strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), `"email":"b***@example.com"`) {
			t.Errorf("key %q: got %s, want no key, and the address masked", key, out.String())
		}
	}
}
