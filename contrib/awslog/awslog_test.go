package awslog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/awslog"
	"github.com/pairly/pairlog/logtest"
)

// canary is in the credentials, in all bodies and in the names of objects: no line
// may have it.
const canary = "canary7F3a"

func newLogs(t *testing.T) *logtest.Recorder {
	t.Helper()
	logs := logtest.New(t)
	t.Cleanup(func() {
		text := logs.Text()
		for _, bad := range []string{canary, "AWS4-HMAC", "X-Amz-Signature", "Credential="} {
			if strings.Contains(text, bad) {
				t.Errorf("%q was logged:\n%s", bad, text)
			}
		}
	})
	return logs
}

// everything is all that the SDK can print.
const everything = aws.LogRetries | aws.LogRequestWithBody | aws.LogResponseWithBody | aws.LogSigning

// newClient returns a client of an S3 that answers with f.
func newClient(t *testing.T, logs *logtest.Recorder, f http.HandlerFunc) *s3.Client {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(server.URL), UsePathStyle: true, Region: "eu-central-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: canary, SecretAccessKey: canary, SessionToken: canary}, nil
		}),
		Logger: awslog.New(logs.Logger("external.s3")), ClientLogMode: everything,
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			o.MaxAttempts = 2
		}),
	})
}

func put(ctx context.Context, client *s3.Client) error {
	_, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("pairly-media"), Key: aws.String(canary), Body: strings.NewReader(strings.Repeat(canary, 10)),
	})
	return err
}

func events(logs *logtest.Recorder) []string {
	var names []string
	for _, r := range logs.Records() {
		names = append(names, r.Level()+" "+r.Event())
	}
	return names
}

func TestSuccess(t *testing.T) {
	logs := newLogs(t)
	client := newClient(t, logs, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Request-Id", "REQ1")
		w.Header().Set("X-Secret", canary)
	})
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "r1"})
	if err := put(ctx, client); err != nil {
		t.Fatal(err)
	}
	want := []string{"DEBUG aws_signature", "DEBUG aws_request", "DEBUG aws_response"}
	if got := events(logs); !slices.Equal(got, want) {
		t.Fatalf("events = %q, want %q", got, want)
	}
	for _, r := range logs.Records() {
		if got, want := r.RequestID(), "r1"; got != want {
			t.Errorf("request_id = %q, want %q: %s", got, want, r.Line)
		}
		if r.Int("size_bytes") < 100 {
			t.Errorf("want a size: %s", r.Line)
		}
	}
	r := logs.One("aws_request")
	if got, want := r.String("method")+" "+r.String("operation"), "PUT PutObject"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !r.Has("host") {
		t.Errorf("no host: %s", r.Line)
	}
	r = logs.One("aws_response")
	if got, want := r.Int("status"), int64(200); got != want {
		t.Errorf("status = %d, want %d", got, want)
	}
	if got, want := r.String("provider_request_id"), "REQ1"; got != want {
		t.Errorf("provider_request_id = %q, want %q", got, want)
	}
}

func TestRetries(t *testing.T) {
	logs := newLogs(t)
	client := newClient(t, logs, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, "<Error><Code>SlowDown</Code><Message>"+canary+"</Message></Error>")
	})
	if err := put(t.Context(), client); err == nil {
		t.Fatal("no error")
	}
	r := logs.One("aws_retry")
	if got, want := fmt.Sprint(r.Level(), " ", r.String("service"), " ", r.String("operation"), " ", r.Int("attempt")), "WARNING s3 PutObject 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r = logs.One("aws_retries_exhausted")
	if got, want := r.Int("attempts"), int64(2); got != want {
		t.Errorf("attempts = %d, want %d", got, want)
	}
}

func TestUnretryable(t *testing.T) {
	logs := newLogs(t)
	client := newClient(t, logs, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>"+canary+"</Message></Error>")
	})
	if err := put(t.Context(), client); err == nil {
		t.Fatal("no error")
	}
	r := logs.One("aws_message")
	if got, want := r.String("template")+" "+r.String("error_code"), "request failed with unretryable error %v AccessDenied"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A presigned URL is a credential.
func TestPresign(t *testing.T) {
	logs := newLogs(t)
	client := newClient(t, logs, func(http.ResponseWriter, *http.Request) {})
	if _, err := s3.NewPresignClient(client).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String(canary)}); err != nil {
		t.Fatal(err)
	}
	logs.One("aws_signature")
}

func TestMessages(t *testing.T) {
	logs := newLogs(t)
	l := awslog.New(logs.Logger("external.dynamodb"))
	f := func(event, want string, c logging.Classification, format string, v ...any) {
		t.Helper()
		logs.Reset()
		l.Logf(c, format, v...)
		r := logs.One(event)
		_, got, _ := strings.Cut(r.Line, `"event":"`+event+`"`)
		if got != want {
			t.Errorf("%q %q: %s, want %s", format, v, got, want)
		}
	}
	f("aws_request", `,"method":"POST","host":"dynamodb.eu-central-1.amazonaws.com","operation":"GetItem","size_bytes":180}`, logging.Debug,
		"Request\n%v", "POST / HTTP/1.1\r\nHost: dynamodb.eu-central-1.amazonaws.com\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\n"+
			"Authorization: AWS4-HMAC-SHA256 Credential="+canary+"/x\r\n\r\n{\"Key\":\""+canary+"\"}")
	f("aws_request", `,"size_bytes":10}`, logging.Debug, "Request\n%v", canary)
	f("aws_request", `,"size_bytes":0}`, logging.Debug, "Request\n%v", 42)
	f("aws_request", `,"method":"GET","size_bytes":36}`, logging.Debug, "Request\n%v", "GET /a?x-id="+canary+"%25 HTTP/1.1\r\n")
	f("aws_response", `,"size_bytes":10}`, logging.Debug, "Response\n%v", canary)
	f("aws_waiter", `,"attempt":3}`, logging.Debug, "attempting waiter request, attempt count: 3")
	f("aws_retry", `,"service":"secrets manager","operation":"GetSecretValue","attempt":2}`, logging.Debug,
		"retrying request %s/%s, attempt %d", "Secrets Manager", "GetSecretValue", 2)
	f("aws_retry", `,"service":null,"operation":null,"attempt":null}`, logging.Debug, "retrying request %s/%s, attempt %d", "a=b", 1, "x")
	f("aws_message", `,"template":"failed to close HTTP response body, this may affect connection reuse: %v","error_type":"error"}`, logging.Warn,
		"failed to close HTTP response body, this may affect connection reuse: %v", errors.New(canary))
	f("aws_message", `,"template":"%v","error_type":"GenericAPIError","error_code":"Throttled"}`, logging.Warn,
		"%v", fmt.Errorf("get: %w", &smithy.GenericAPIError{Code: "Throttled", Message: canary}))
	f("aws_message", `,"template":"Response has no supported checksum. Not validating response payload."}`, logging.Warn,
		"Response has no supported checksum. Not validating response payload.")
	f("aws_message", `,"size_bytes":28}`, logging.Debug, "Raw message:\n00000000  "+canary[:5])
	f("aws_message", `,"size_bytes":17}`, logging.Debug, "the key "+canary[:9])
	f("aws_message", `,"size_bytes":312}`, logging.Debug, strings.Repeat("x", 300)+"%s", canary)
}

func TestLevels(t *testing.T) {
	logs := newLogs(t)
	l := awslog.New(logs.Logger("external.s3"))
	for _, c := range []logging.Classification{logging.Debug, logging.Warn, "NOTE"} {
		l.Logf(c, "all is well")
	}
	if got, want := events(logs), []string{"DEBUG aws_message", "WARNING aws_message", "INFO aws_message"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDefaultLogger(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	logs := newLogs(t)
	slog.SetDefault(logs.Logger("default"))
	awslog.New(nil).Logf(logging.Warn, "all is well")
	logs.One("aws_message")
}

func FuzzLogf(f *testing.F) {
	f.Add("Request\n%v", "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	f.Add("Response\n%v", "HTTP/1.1 200 OK\r\nX-Amz-Request-Id: 1\r\n\r\n")
	f.Add("Request Signature:\n%s", "x")
	f.Fuzz(func(t *testing.T, format, arg string) {
		const secret = "Authorization: AWS4 zqzqzq"
		l := awslog.New(slog.New(slog.DiscardHandler))
		l.Logf(logging.Debug, format)
		l.Logf(logging.Debug, format, arg+"\r\n"+secret)
		var out strings.Builder
		l = awslog.New(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
		l.Logf(logging.Debug, format, arg+"\r\n"+secret)
		if strings.Contains(out.String(), "zqzqzq") && !strings.Contains(format+arg, "zqzqzq") {
			t.Errorf("Logf(%q, %q): %s", format, arg, out.String())
		}
	})
}
