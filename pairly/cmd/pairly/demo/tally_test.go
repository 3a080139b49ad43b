package demo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly/cmd/pairly/demo"
)

const batch = `{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"r1","event":"http_request","status_code":200,"duration_ms":1.00}
{"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"api.request","request_id":"r2","event":"http_request","status_code":429,"duration_ms":3.00}
{"timestamp":"2025-01-15T10:30:45.123Z","level":"CRITICAL","logger":"app.recover","request_id":"r3","event":"panic_recovered","error_type":"string"}
{"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"api.request","request_id":"r3","event":"http_request","status_code":500,"duration_ms":250.00}
{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"audit","request_id":"r4","event":"credits_spent","actor":{}}
`

func summary(t *testing.T, tally *demo.Tally, f demo.Facts) string {
	t.Helper()
	var b strings.Builder
	if err := tally.Summary(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSummaryCounts(t *testing.T) {
	tally := demo.NewTally()
	tally.Watch("password", "open sesame")
	if n, err := tally.Write([]byte(batch)); n != len(batch) || err != nil {
		t.Fatalf("Write = %d, %v, want %d and no error", n, err, len(batch))
	}
	got := summary(t, tally, demo.Facts{
		Command: "bin/pairly", LogPath: "data/app.log", DataDir: "data dir", Elapsed: 1234 * time.Millisecond,
		Redacted: map[string]uint64{"jwt": 2, "email": 7, "iban": 0},
		Report:   demo.Report{Users: 9},
	})
	for _, want := range []string{
		"9 users, 1.2s, 5 log lines",
		"data/app.log",
		"3   p50 3.0 ms   p95 250.0 ms   slow 0",
		"2xx 1   4xx 1   5xx 1",
		"3  http_request",
		"1  credits_spent",
		"1  panic_recovered string  request_id r3",
		"email 7   jwt 2",
		"0 of the 1 secrets that users had or planted are in the log",
		"0 lines; every line is valid JSON",
		"grep r3 data/app.log",
		"bin/pairly --data 'data dir'",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("summary lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "iban") || strings.Contains(got, "\x1b") {
		t.Errorf("summary shows a rule without hits, or colours:\n%s", got)
	}
}

func TestSummaryTellsBadNews(t *testing.T) {
	tally := demo.NewTally()
	tally.Watch("password", "open sesame")
	tally.Watch("nothing", "")
	for _, line := range []string{`{"event":"x","note":"open sesame"}` + "\n", "not json\n"} {
		if _, err := tally.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := tally.Leaks()["password"], 1; got != want {
		t.Errorf("Leaks = %d passwords, want %d", got, want)
	}
	got := summary(t, tally, demo.Facts{Dropped: 3, Report: demo.Report{Problems: []string{"panic: no answer"}}})
	for _, want := range []string{"LEAKED: password, in 1 lines", "3 lines lost, 1 not valid JSON", "panic: no answer"} {
		if !strings.Contains(got, want) {
			t.Errorf("summary lacks %q:\n%s", want, got)
		}
	}
}

func TestClosedTallyCountsNothing(t *testing.T) {
	tally := demo.NewTally()
	tally.Watch("password", "open sesame")
	if err := tally.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := tally.Write([]byte(`{"event":"open sesame"}` + "\n")); n != 0 || err == nil {
		t.Errorf("Write after Close = %d, %v, want 0 and an error", n, err)
	}
	if got := tally.Leaks(); len(got) != 0 {
		t.Errorf("leaks %v after Close, want none", got)
	}
}
