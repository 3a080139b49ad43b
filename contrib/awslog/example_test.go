package awslog_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/awslog"
	"github.com/pairly/pairlog/httplog"
)

// example opens a pipeline whose lines are the same at each run.
func example() *pairlog.Pipeline {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON,
		Out:    steady{os.Stdout},
		Now:    func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	return p
}

type steady struct{ io.Writer }

var delays = regexp.MustCompile(`"(delay|duration)_ms":[0-9.]+`)

func (s steady) Write(p []byte) (int, error) {
	if _, err := s.Writer.Write(delays.ReplaceAll(p, []byte(`"${1}_ms":0.00`))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flaky is an S3 that is down for the first request.
func flaky() *httptest.Server {
	down := true
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		down = false
	}))
}

// The first attempt fails, and the operation succeeds: that is one call.
func ExampleCalls() {
	p := example()
	server := flaky() // stands for S3
	defer server.Close()

	transport := &httplog.Transport{Logger: p.Logger("external.s3"), Service: "s3"}
	client := s3.New(s3.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), UsePathStyle: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}, nil
		}),
		// These two, or config.WithHTTPClient and config.WithAPIOptions of
		// config.LoadDefaultConfig:
		HTTPClient: &http.Client{Transport: transport},
		APIOptions: []func(*middleware.Stack) error{awslog.Calls(transport)},
	})

	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	_, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("media"), Key: aws.String("u42/portrait.jpg"), Body: strings.NewReader("…"),
	})
	if err != nil {
		panic(err)
	}
	p.Close(ctx)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"external.s3","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"external_api_retry","service":"s3","operation":"PutObject","attempt":2,"delay_ms":0.00,"error_type":"http_status"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"external.s3","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"external_api_call","service":"s3","operation":"PutObject","duration_ms":0.00,"status":200,"attempt":2}
}

func ExampleNew() {
	p := example()
	server := flaky() // stands for S3
	defer server.Close()

	client := s3.New(s3.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), UsePathStyle: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}, nil
		}),
		// These two, or config.WithLogger and config.WithClientLogMode of
		// config.LoadDefaultConfig:
		Logger:        awslog.New(p.Logger("external.s3")),
		ClientLogMode: aws.LogRetries | aws.LogRequest | aws.LogResponse,
	})

	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	_, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("media"), Key: aws.String("u42/portrait.jpg"), Body: strings.NewReader("…"),
	})
	if err != nil {
		panic(err)
	}
	p.Close(ctx)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"external.s3","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"aws_retry","service":"s3","operation":"PutObject","attempt":2}
}
