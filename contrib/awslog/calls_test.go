package awslog_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/awslog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

var codes = map[int]string{503: "SlowDown", 403: "AccessDenied"}

// newCaller returns a client whose operations are calls, of an S3 that answers with
// the given statuses one after the other.
func newCaller(t *testing.T, logs *logtest.Recorder, change func(*httplog.Transport), statuses ...int) *s3.Client {
	t.Helper()
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := statuses[min(n, len(statuses)-1)]
		n++
		w.Header().Set("X-Amz-Request-Id", fmt.Sprint("REQ", n))
		w.WriteHeader(status)
		if code := codes[status]; code != "" && r.Method != "HEAD" {
			io.WriteString(w, "<Error><Code>"+code+"</Code><Message>"+canary+"</Message></Error>")
		}
	}))
	t.Cleanup(server.Close)
	transport := &httplog.Transport{Logger: logs.Logger("external.s3"), Service: "s3"}
	if change != nil {
		change(transport)
	}
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(server.URL), UsePathStyle: true, Region: "eu-central-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: canary, SecretAccessKey: canary, SessionToken: canary}, nil
		}),
		HTTPClient: &http.Client{Transport: transport},
		APIOptions: []func(*middleware.Stack) error{awslog.Calls(transport)},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			o.MaxAttempts = 3
		}),
	})
}

// told returns the events with their levels and attempts.
func told(logs *logtest.Recorder) []string {
	var lines []string
	for _, r := range logs.Records() {
		lines = append(lines, fmt.Sprint(r.Level(), " ", r.Event(), " ", r.Int("attempt")))
	}
	return lines
}

// An operation is one call, whatever the SDK sends for it.
func TestCalls(t *testing.T) {
	for _, c := range []struct {
		name     string
		statuses []int
		want     []string
	}{
		{"at once", []int{200}, []string{"DEBUG external_api_attempt 1", "INFO external_api_call 1"}},
		{"at the third attempt", []int{503, 503, 200}, []string{
			"DEBUG external_api_attempt 1", "WARNING external_api_retry 2", "DEBUG external_api_attempt 2",
			"WARNING external_api_retry 3", "DEBUG external_api_attempt 3", "INFO external_api_call 3"}},
		{"never", []int{503}, []string{
			"DEBUG external_api_attempt 1", "WARNING external_api_retry 2", "DEBUG external_api_attempt 2",
			"WARNING external_api_retry 3", "DEBUG external_api_attempt 3", "ERROR external_api_error 3"}},
		{"not to be repeated", []int{403}, []string{"DEBUG external_api_attempt 1", "ERROR external_api_error 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			logs := newLogs(t)
			ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-00000001"})
			_, err := newCaller(t, logs, nil, c.statuses...).PutObject(ctx, &s3.PutObjectInput{
				Bucket: aws.String("media"), Key: aws.String("portrait"), Body: strings.NewReader(canary),
			})
			last := c.statuses[len(c.statuses)-1]
			if (err != nil) != (last >= 400) {
				t.Errorf("PutObject: %v", err)
			}
			if got := told(logs); !slices.Equal(got, c.want) {
				t.Errorf("lines %q, want %q", got, c.want)
			}
			for _, r := range logs.Records() {
				if r.String("operation") != "PutObject" || r.String("service") != "s3" || r.RequestID() != "req-00000001" {
					t.Errorf("line: %s", r.Line)
				}
			}
			if err != nil {
				if r := logs.One("external_api_error"); r.String("error_code") != codes[last] || !strings.HasPrefix(r.String("provider_request_id"), "REQ") {
					t.Errorf("line: %s", r.Line)
				}
			}
		})
	}
}

// What fails before anything is sent is told, what sends nothing is not, nor is an
// expected answer a failure.
func TestCallsWithout(t *testing.T) {
	t.Run("a request", func(t *testing.T) {
		logs := newLogs(t)
		client := newCaller(t, logs, nil, 200)
		if _, err := s3.NewPresignClient(client).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")}); err != nil {
			t.Fatal(err)
		}
		if got := told(logs); len(got) != 0 {
			t.Errorf("lines %q for a presigned URL, want none", got)
		}
	})
	t.Run("a valid input", func(t *testing.T) {
		logs := newLogs(t)
		if _, err := newCaller(t, logs, nil, 200).GetObject(t.Context(), &s3.GetObjectInput{}); err == nil {
			t.Fatal("no error without a bucket")
		}
		if got, want := told(logs), []string{"ERROR external_api_error 0"}; !slices.Equal(got, want) {
			t.Errorf("lines %q, want %q", got, want)
		}
	})
	t.Run("an object, which is expected", func(t *testing.T) {
		logs := newLogs(t)
		client := newCaller(t, logs, func(t *httplog.Transport) {
			t.Expected = func(r *http.Response) bool { return r.StatusCode == 404 }
		}, 404)
		if _, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("b"), Key: aws.String("k")}); err == nil {
			t.Fatal("no error")
		}
		if got, want := told(logs), []string{"DEBUG external_api_attempt 1", "INFO external_api_call 1"}; !slices.Equal(got, want) {
			t.Errorf("lines %q, want %q", got, want)
		}
	})
}
