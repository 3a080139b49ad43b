// Package guide_test holds the code that the README and the logging guide show, so
// that it compiles. Tests of package docs hold the pages to it.
package guide_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/redis/go-redis/v9"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/redislog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/joblog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/sqllog"
)

// serve returns when ctx ends: that of signal.NotifyContext, on Ctrl-C and SIGTERM.
func serve(ctx context.Context, mux http.Handler) error {
	p, err := pairlog.Open(pairlog.FromEnv()) // LOG_LEVEL, LOG_FILE_PATH, …
	if err != nil {
		return err // a mistake in the program; a bad setting is reported and replaced
	}
	log := httplog.Middleware(httplog.Config{
		Logger: p.Logger("api.request"), Recover: p.Logger("app.recover"),
	}.With(p.Settings()))

	server := &http.Server{Addr: ":8080", Handler: log(mux)}
	served := make(chan error, 1)
	go func() { served <- server.ListenAndServe() }()
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	// ctx has ended, and what is left to do still takes its time.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(ending), p.Close(ending)) // the log last
}

type service struct{ log *slog.Logger }

func (s *service) place(ctx context.Context, id, card string) {
	s.log.InfoContext(ctx, "order_placed", "order_id", id, "card", card)
}

func (s *service) requestPayout(ctx context.Context, userID string, amount int64) {
	s.log.LogAttrs(ctx, slog.LevelInfo, "payout_requested",
		slog.String("user_id", userID),
		slog.Int64("amount_credits", amount))
}

type server struct {
	orders interface {
		Capture(ctx context.Context, id string) error
	}
}

func (s *server) capture(w http.ResponseWriter, r *http.Request) {
	ctx, id := r.Context(), r.PathValue("id")
	pairlog.Add(ctx, slog.String("order_id", id))
	if err := s.orders.Capture(ctx, id); err != nil {
		httplog.SetError(ctx, err)
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func mount(router chi.Router, p *pairlog.Pipeline) {
	router.Use(httplog.Middleware(httplog.Config{
		Logger: p.Logger("api.request"),
		Route:  func(r *http.Request) string { return chi.RouteContext(r.Context()).RoutePattern() },
	}.With(p.Settings())))
}

func openDatabase(p *pairlog.Pipeline) (*sql.DB, error) {
	return sqllog.Open("sqlite", "app.db", sqllog.Config{
		Logger:      p.Logger("db.query"),
		SkipCallers: []string{"example.com/shop/store"}, // callers are looked for above it
	}.With(p.Settings()))
}

func openRedis(opts *redis.Options, p *pairlog.Pipeline) (rdb *redis.Client, closeRedis func(context.Context)) {
	rdb = redis.NewClient(opts)
	hook := redislog.Instrument(rdb, redislog.Config{Logger: p.Logger("core.redis"), Fallback: "database"})
	return rdb, func(ctx context.Context) {
		rdb.Close()
		hook.Disconnected(ctx, "shutdown")
	}
}

func callBank(p *pairlog.Pipeline) (*httplog.Transport, *http.Client) {
	bank := &httplog.Transport{
		Logger: p.Logger("external.bank"), Service: "bank",
		Operation: func(r *http.Request) string { return "capture" }, // without ids
	}
	return bank, &http.Client{Transport: bank, Timeout: 10 * time.Second}
}

func captureAtBank(ctx context.Context, bank *httplog.Transport, send func(context.Context) error) error {
	ctx, call := bank.Start(ctx, "capture")
	var err error
	for range 3 {
		if err = send(ctx); err == nil {
			break
		}
	}
	call.End(err) // one line for the call; a WARNING external_api_retry for each repetition
	return err
}

func handle(ctx context.Context, logger *slog.Logger, err error) {
	logger.LogAttrs(ctx, slog.LevelError, "exception", pairlog.Err(err))
}

func tellAndReturn(ctx context.Context, logger *slog.Logger, err error, route string) error {
	return pairlog.Exception(ctx, logger, err, slog.String("endpoint", route))
}

func refreshAside(ctx context.Context, logger *slog.Logger, refresh func(context.Context)) error {
	task := pairlog.Go(ctx, logger, func(ctx context.Context) { refresh(ctx) })
	return task.Wait() // the panic, or nil
}

func work(ctx context.Context, p *pairlog.Pipeline, id string, charge func(context.Context) (int, error)) error {
	w := joblog.New(joblog.Config{Logger: p.Logger("worker.billing"), Worker: "billing", Recover: p.Logger("app.recover")})
	w.Started(ctx, time.Minute, 1)
	defer w.Stopped(ctx, "shutdown")
	return w.Run(ctx, joblog.Job{ID: id, Kind: "charge", Attempt: 1}, func(ctx context.Context) error {
		n, err := charge(ctx)
		joblog.Metric(ctx, slog.Int("charged", n))
		return err
	})
}

// TestGuide runs what needs no server.
func TestGuide(t *testing.T) {
	logs := logtest.New(t)
	p, log, ctx := logs.Pipeline(), logs.Logger("service.orders"), t.Context()
	s := &service{log: log}
	s.place(ctx, "A-17", "4111 1111 1111 1111")
	s.requestPayout(ctx, "u1", 500)
	handle(ctx, log, errors.New("broken"))
	_ = tellAndReturn(ctx, log, errors.New("broken"), "/orders")
	if err := refreshAside(ctx, log, func(context.Context) { panic("broken") }); err == nil {
		t.Error("a panic in a goroutine is no error")
	}
	if err := work(ctx, p, "j1", func(context.Context) (int, error) { return 5, nil }); err != nil {
		t.Error(err)
	}
	bank, client := callBank(p)
	_ = captureAtBank(ctx, bank, func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, "POST", "http://127.0.0.1:1/captures", nil)
		if err != nil {
			return err
		}
		_, err = client.Do(r)
		return err
	})
	for event, want := range map[string]int{
		"order_placed": 1, "payout_requested": 1, "exception": 2, "panic_recovered": 1, "job_completed": 1,
		"external_api_retry": 2, "external_api_error": 1,
	} {
		if got := len(logs.Event(event)); got != want {
			t.Errorf("%d lines of %s, want %d", got, event, want)
		}
	}
	if got := logs.One("order_placed").String("card"); got != "[REDACTED]" {
		t.Errorf("card = %q, want [REDACTED]", got)
	}
}

// The rest needs servers; that it compiles is enough.
var _ = []any{serve, mount, openDatabase, openRedis, (*server).capture}
