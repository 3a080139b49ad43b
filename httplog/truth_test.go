package httplog_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/httplog/httplogtest"
)

// TestTruth plays the truth table through a whole pipeline.
func TestTruth(t *testing.T) {
	var p *pairlog.Pipeline
	httplogtest.Test(t, httplogtest.Subject{
		Wrap: func(log io.Writer) func(http.Handler) http.Handler {
			p, _ = pairlog.Open(pairlog.Config{Level: slog.LevelDebug, Format: pairlog.FormatJSON, Out: log, Err: io.Discard})
			t.Cleanup(func() { p.Close(context.Background()) })
			return httplog.Middleware(httplog.Config{Logger: p.Logger("api.request"), Recover: p.Logger("app.recover")})
		},
		Flush: func() {
			if err := p.Flush(context.Background()); err != nil {
				t.Error(err)
			}
		},
		Parse: httplogtest.JSONLines("http_request", "event", "status_code", "level"),
	})
}
