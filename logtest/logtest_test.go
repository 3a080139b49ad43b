package logtest_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

func TestRecorderSeesWhatAFileWouldHold(t *testing.T) {
	logs := logtest.New(t)
	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "req-00000001"})
	log := logs.Logger("service.token")
	log.DebugContext(ctx, "token_verified", "n", 1)
	log.InfoContext(ctx, "token_created", "user_id", "u1", "password", "hunter2hunter2", slog.Group("g", "ok", true))
	rec := logs.One("token_created")
	if got, want := rec.String("user_id"), "u1"; got != want {
		t.Errorf("user_id = %q, want %q", got, want)
	}
	if got, want := fmt.Sprint(rec.Keys), "[timestamp level logger request_id event user_id password g]"; got != want {
		t.Errorf("Keys = %s, want %s", got, want)
	}
	if strings.Contains(logs.Text(), "hunter2") {
		t.Error("the password is in the text")
	}
	if !rec.Bool("g", "ok") || rec.Has("g", "missing") || rec.RequestID() != "req-00000001" || rec.Level() != "INFO" {
		t.Errorf("record read wrongly: %s", rec.Line)
	}
	if got := logs.One("token_verified").Int("n"); got != 1 {
		t.Errorf("n = %d, want 1", got)
	}
	if rec.Time().IsZero() {
		t.Error("Time is zero")
	}
	logs.None("token_revoked")
	logs.Reset()
	if n := len(logs.Records()); n != 0 {
		t.Errorf("%d records after Reset, want 0", n)
	}
}

func TestSinkConforms(t *testing.T) {
	sinktest.Run(t, func(*testing.T) (sink.Sink, func() []byte) { return logtest.NewMemory() })
}
