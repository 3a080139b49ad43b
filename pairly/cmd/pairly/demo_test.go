package main_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly/pairlytest"
)

// shownByTheDemo is what a newcomer must get to see.
var shownByTheDemo = []string{
	"http_request", "exception", "panic_recovered", "token_created", "session_created", "profile_created",
	"login_attempt_failed", "login_blocked", "A:login_failed", "A:account_locked", "A:login_succeeded",
	"rate_limit_hit", "ip_ban_applied", "banned_request_refused", "A:ip_banned", "ip_unbanned", "A:ip_unbanned",
	"ws_connected", "ws_message_sent", "ws_credits_charged", "ws_auth_failed", "A:message_sent",
	"A:credits_adjusted", "A:credits_tipped", "insufficient_credits",
	"A:authorization_granted", "A:authorization_denied", "A:refresh_reuse_detected",
}

// The demo shows all of it, tells where, and ends well when it is stopped.
func TestDemo(t *testing.T) {
	app := start(t, pairlytest.Options{Args: []string{"--demo"}}, func(p *program) {
		p.Now = nil // people live in real time
		quick := p.Log
		p.Log = func(c *pairlog.Config) { quick(c); c.SlowQuery = time.Nanosecond }
	})
	app.Await("one of each event", func(rs []pairlytest.Record) bool {
		seen := map[string]bool{}
		slow := false
		for _, r := range rs {
			seen[r.Event()] = true
			slow = slow || r.Text("slow") == "true"
		}
		return slow && !slices.ContainsFunc(shownByTheDemo, func(e string) bool { return !seen[e] })
	})
	if got := app.Stop(); got != 0 {
		t.Errorf("exit code = %d, want 0", got)
	}
	t.Run("recipes", func(t *testing.T) { recipes(t, app.LogPath) })
	rs := app.Records()
	for _, r := range rs {
		if strings.Contains(r.Text("user_agent"), "PriceBot") && r.Event() == "http_request" {
			wantMember(t, r, "[REDACTED]", "query_params", "api_key")
			wantMember(t, r, "[REDACTED]", "query_params", "token")
			wantMember(t, r, "EUR", "query_params", "currency")
		}
	}
	out := app.Stdout()
	_, summary, ok := strings.Cut(out, "Pairly demo: 9 users")
	if !ok {
		t.Fatalf("no summary:\n%s", out)
	}
	for _, want := range []string{app.LogPath, "p95", "of the", "are in the log", "0 lines; every line is valid JSON", "Try next"} {
		if !strings.Contains(summary, want) {
			t.Errorf("summary lacks %q:\n%s", want, summary)
		}
	}
	for _, bad := range []string{"Off script", "LEAKED", "lost"} {
		if strings.Contains(summary, bad) {
			t.Errorf("summary has %q:\n%s", bad, summary)
		}
	}
	counts := map[string]int{}
	for _, r := range rs {
		counts[strings.TrimPrefix(r.Event(), "A:")]++
	}
	for _, event := range slices.Sorted(maps.Keys(counts)) {
		if !strings.Contains(summary, " "+event) {
			t.Errorf("summary does not count %s", event)
		}
	}
}

// As the command line of the README: for a while, on any port, with the log
// where the environment says. How far the script gets in that time is the
// machine's affair; what a newcomer came to see is there in any case.
func TestDemoForAWhile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as the demo")
	}
	t.Parallel()
	cmd, stdout, stderr := command(t, []string{"LOG_FILE_PATH=logs/elsewhere.log"},
		"--demo", "--for", "10s", "--addr", "127.0.0.1:0", "--data", "data")
	if got := exitCode(t, cmd); got != 0 || stderr.Len() > 0 {
		t.Errorf("exit code = %d, want 0; standard error:\n%s", got, stderr)
	}
	if !strings.Contains(stdout.String(), "logs/elsewhere.log") {
		t.Error("the summary does not say where the log is")
	}
	seen := map[string]bool{}
	for _, r := range records(t, cmd.Dir+"/logs/elsewhere.log") {
		seen[r.Event()] = true
	}
	for _, event := range []string{
		"http_request", "exception", "token_created", "ws_message_sent", "login_attempt_failed", "rate_limit_hit", "A:user_signed_up",
	} {
		if !seen[event] {
			t.Errorf("no %s in ten seconds", event)
		}
	}
	if _, err := os.Stat(cmd.Dir + "/data/app.log"); err == nil {
		t.Error("there is a log in the data folder, too")
	}
}
