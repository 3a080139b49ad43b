package logtest_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/pairly/pairlog/logtest"
)

// orders is a service under test: it takes a *slog.Logger and knows nothing of
// pairlog.
type orders struct{ log *slog.Logger }

func (s orders) place(ctx context.Context, id, card string) {
	s.log.InfoContext(ctx, "order_placed", "order_id", id, "card", card)
}

func Example() {
	t := inExample{} // in a test, its t

	logs := logtest.New(t)
	svc := orders{log: logs.Logger("service.orders")}
	svc.place(context.Background(), "A-17", "4111 1111 1111 1111")

	rec := logs.One("order_placed") // fails the test unless there is exactly one
	fmt.Println(rec.Level(), rec.Logger(), rec.String("order_id"), rec.String("card"))
	logs.None("order_refused")
	// Output:
	// INFO service.orders A-17 [REDACTED]
}

// inExample stands for the t of a test.
type inExample struct{ testing.TB }

func (inExample) Helper()        {}
func (inExample) Cleanup(func()) {}
