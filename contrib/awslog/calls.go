package awslog

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/pairly/pairlog/httplog"
)

// Calls makes one call of t of each operation of a client, however often the SDK
// sends it: one external_api_call or external_api_error line, which is named after
// the operation, an external_api_retry at WARNING for each repetition, and an
// external_api_attempt at DEBUG for each attempt. It is an APIOption of the client,
// or of the aws.Config, and t is the Transport of its HTTP client:
//
//	t := &httplog.Transport{Logger: p.Logger("external.s3"), Service: "s3"}
//	client := s3.New(s3.Options{
//		HTTPClient: &http.Client{Transport: t},
//		APIOptions: []func(*middleware.Stack) error{awslog.Calls(t)},
//	})
//
// The call ends when the operation returns, which for one that streams its answer
// is before that has been read. An operation that sends nothing, as to presign a
// URL, has no line unless it fails.
func Calls(t *httplog.Transport) func(*middleware.Stack) error {
	call := func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		ctx, call := t.Start(ctx, middleware.GetOperationName(ctx))
		out, metadata, err := next.HandleInitialize(ctx, in)
		if err != nil || call.Attempts() > 0 {
			call.End(err)
		}
		return out, metadata, err
	}
	return func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("PairlogCall", call), middleware.Before)
	}
}
