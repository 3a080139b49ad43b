package awslog_test

import (
	"context"
	"os"
	"time"

	"github.com/aws/smithy-go/logging"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/awslog"
)

func ExampleNew() {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON,
		Out:    os.Stdout,
		Now:    func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	// config.WithLogger(logger) of aws-sdk-go-v2, or Options.Logger of a client.
	logger := awslog.New(p.Logger("external.s3"))

	// What the SDK does with it when a request is sent again:
	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	logging.WithContext(ctx, logger).Logf(logging.Debug, "retrying request %s/%s, attempt %d", "S3", "PutObject", 2)
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"external.s3","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"aws_retry","service":"s3","operation":"PutObject","attempt":2}
}
