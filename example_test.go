package pairlog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/pairly/pairlog"
)

// exampleConfig writes JSON to standard output, at a time that stands still.
func exampleConfig() pairlog.Config {
	return pairlog.Config{
		Stdout: true, Format: pairlog.FormatJSON, Out: os.Stdout,
		Now: func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	}
}

func Example() {
	ctx := context.Background()
	p, err := pairlog.Open(exampleConfig()) // in a service: pairlog.FromEnv()
	if err != nil {
		panic(err) // a mistake in the program; a bad setting never gets here
	}
	p.SetDefault() // slog.Info and log.Printf of third parties go through it too

	log := p.Logger("service.token") // a *slog.Logger
	log.InfoContext(ctx, "token_created", "user_id", "507f", "token_type", "access", "password", "not for logs")

	if err := p.Close(ctx); err != nil { // drains
		panic(err)
	}
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"service.token","event":"token_created","user_id":"507f","token_type":"access","password":"[REDACTED]"}
}

func ExampleNewScope() {
	p, _ := pairlog.Open(exampleConfig())
	log := p.Logger("api.auth")
	// What httplog does for each request:
	ctx, scope := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400"})
	log.DebugContext(ctx, "password_checked", "took", 3*time.Millisecond) // held back
	pairlog.Add(ctx, slog.String("user_id", "507f"))                      // from anywhere below
	log.InfoContext(ctx, "session_created")
	scope.Fail() // it went wrong after all: tell what was held back
	_ = p.Close(ctx)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.auth","request_id":"550e8400","event":"session_created","user_id":"507f"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"DEBUG","logger":"api.auth","request_id":"550e8400","event":"password_checked","took_ms":3.00,"recorded":true}
}

func ExampleLog() {
	p, _ := pairlog.Open(exampleConfig())
	ctx := context.Background()
	pairlog.Log(ctx, p.Logger("worker.fraud"), slog.LevelInfo, "scan_done",
		slog.Int("checked", 120), slog.Duration("duration", 145234*time.Microsecond))
	_ = p.Close(ctx)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"worker.fraud","event":"scan_done","checked":120,"duration_ms":145.23}
}

func ExampleErr() {
	err := fmt.Errorf("charge: %w", &StripeAPIError{code: "card_declined"})
	fmt.Println(pairlog.ErrorType(err), pairlog.ErrorCode(err))
	for _, a := range pairlog.Err(err).Value.Resolve().Group() {
		text, _, _ := strings.Cut(a.Value.String(), "\n")
		fmt.Println(a.Key, "=", text)
	}
	// Output:
	// StripeAPIError card_declined
	// error_type = StripeAPIError
	// error_message = charge: Card declined
	// error_code = card_declined
	// stack_trace = github.com/pairly/pairlog_test.ExampleErr
	// error_causes = [{StripeAPIError Card declined}]
}

func ExampleGo() {
	p, _ := pairlog.Open(pairlog.Config{Out: new(strings.Builder)})
	ctx := context.Background()
	task := pairlog.Go(ctx, p.Logger("worker.mail"), func(context.Context) {
		panic("no template")
	})
	fmt.Println("the process lives on; the task ended with:", task.Wait())
	_ = p.Close(ctx)
	// Output:
	// the process lives on; the task ended with: no template
}

func ExampleException() {
	p, _ := pairlog.Open(pairlog.Config{Out: new(strings.Builder)})
	log := p.Logger("api.payments")
	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400"})
	charge := func() error {
		return pairlog.Exception(ctx, log, &StripeAPIError{code: "card_declined"}, slog.Int("amount", 2999))
	}
	err := fmt.Errorf("check out: %w", charge())
	fmt.Println(err, pairlog.Logged(ctx, err))
	_ = pairlog.Exception(ctx, log, err) // logs nothing: that was done
	_ = p.Close(ctx)
	// Output:
	// check out: Card declined true
}

func ExampleWithStack() {
	find := func() error { return pairlog.WithStack(errors.New("no such user")) }
	err := fmt.Errorf("log in: %w", find())
	fmt.Println(err)
	// Output:
	// log in: no such user
}

func ExamplePipeline_LevelHandler() {
	p, _ := pairlog.Open(pairlog.Config{Out: new(strings.Builder)})
	w := httptest.NewRecorder()
	p.LevelHandler().ServeHTTP(w, httptest.NewRequest("PUT", "/levels", strings.NewReader(`{"levels":{"db":"DEBUG"}}`)))
	fmt.Print(w.Body)
	_ = p.Close(context.Background())
	// Output:
	// {"level":"INFO","levels":{"db":"DEBUG"}}
}
