// Package awslog lets aws-sdk-go-v2 log through slog, without credentials,
// signatures or bodies.
//
//	config, err := config.LoadDefaultConfig(ctx,
//		config.WithLogger(awslog.New(p.Logger("external.s3"))),
//		config.WithClientLogMode(aws.LogRetries|aws.LogRequest|aws.LogResponse))
//
// What the SDK prints in its client log modes becomes events with attrs:
//
//		{"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"external.s3","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"aws_retry","service":"s3","operation":"PutObject","attempt":2}
//
//	  - aws_retry at WARNING, and aws_retries_exhausted;
//	  - aws_request and aws_response at DEBUG: of the dumps of LogRequest and
//	    LogResponse, with bodies or without, the method, host and operation, the
//	    status and the provider's request id, and how large they were. A dump has
//	    the Authorization and X-Amz-Security-Token headers in it;
//	  - aws_signature at DEBUG, the size alone: LogSigning prints headers, and of a
//	    presigned URL all that is needed to use it;
//	  - aws_message for all else: the format of the message without its arguments,
//	    the type and code of an error among them, and the size of what has no format
//	    of its own.
//
// The lines have the ids of the context that the operation was called with. For
// one line per call with its duration and status, and one per attempt with timings
// of the connection, give an http.Client with httplog.Transport to the configuration
// too, and [Calls]. It tells of repetitions itself: leave LogRetries off then.
package awslog
