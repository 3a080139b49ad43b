package awslog

import (
	"log/slog"
	"strconv"
	"strings"

	"github.com/pairly/pairlog"
)

// A message is one that the SDK prints, as far as it is known.
type message struct {
	event string
	level slog.Level
	// attrs adds what the message says. It is called only when the line is
	// written.
	attrs func([]slog.Attr) []slog.Attr
}

// parse recognizes a message by its format: those of smithy-go
// (transport/http/middleware_http_logging.go, waiter/logger.go) and of
// aws-sdk-go-v2 (aws/retry/middleware.go, aws/signer/v4/v4.go).
func parse(level slog.Level, format string, v []any) message {
	switch {
	case format == "Request\n%v" && len(v) == 1:
		return message{"aws_request", level, func(a []slog.Attr) []slog.Attr { return appendRequest(a, v[0]) }}
	case format == "Response\n%v" && len(v) == 1:
		return message{"aws_response", level, func(a []slog.Attr) []slog.Attr { return appendResponse(a, v[0]) }}
	case strings.HasPrefix(format, "Request Signature:"):
		return message{"aws_signature", level, func(a []slog.Attr) []slog.Attr {
			return append(a, slog.Int("size_bytes", textSize(v)))
		}}
	case format == "retrying request %s/%s, attempt %d" && len(v) == 3:
		return message{"aws_retry", slog.LevelWarn, func(a []slog.Attr) []slog.Attr {
			return append(a, slog.Any("service", lower(v[0])), slog.Any("operation", name(v[1])), slog.Any("attempt", number(v[2])))
		}}
	case format == "max retry attempts exhausted, max %d" && len(v) == 1:
		return message{"aws_retries_exhausted", slog.LevelWarn, func(a []slog.Attr) []slog.Attr {
			return append(a, slog.Any("attempts", number(v[0])))
		}}
	case strings.HasPrefix(format, waiterPrefix) && len(v) == 0:
		return message{"aws_waiter", level, func(a []slog.Attr) []slog.Attr {
			n, _ := strconv.Atoi(strings.TrimPrefix(format, waiterPrefix)) // 0 where it is no number
			return append(a, slog.Int("attempt", n))
		}}
	}
	return message{"aws_message", level, func(a []slog.Attr) []slog.Attr { return appendUnknown(a, format, v) }}
}

const waiterPrefix = "attempting waiter request, attempt count: "

// maxFormat is the longest format that is logged, in bytes.
const maxFormat = 200

// appendUnknown adds the format of a message without its arguments, but for the
// type and code of an error. What has no arguments may have been put together from
// anything, as the dumps of event streams are, and is logged as a size, unless it
// is a sentence.
func appendUnknown(a []slog.Attr, format string, v []any) []slog.Attr {
	if len(format) > maxFormat || len(v) == 0 && !isSentence(format) {
		a = append(a, slog.Int("size_bytes", len(format)+textSize(v)))
	} else {
		a = append(a, slog.String("template", format))
	}
	for _, arg := range v {
		if err, ok := arg.(error); ok && err != nil {
			a = append(a, slog.String(pairlog.KeyErrorType, pairlog.ErrorType(err)))
			if code := pairlog.ErrorCode(err); code != "" {
				a = append(a, slog.String(pairlog.KeyErrorCode, code))
			}
			break
		}
	}
	return a
}

// isSentence reports whether a text is words alone, none of them long: no names,
// numbers or keys.
func isSentence(s string) bool {
	for _, w := range strings.Fields(s) {
		w = strings.TrimRight(w, ".,;:")
		if len(w) > 16 || strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-'") != "" {
			return false
		}
	}
	return !strings.Contains(s, "\n")
}

// textSize returns the size of the arguments that are texts.
func textSize(v []any) int {
	n := 0
	for _, arg := range v {
		if s, ok := arg.(string); ok {
			n += len(s)
		}
	}
	return n
}

// name returns a text that looks like the name of a service or operation, else
// nil.
func name(v any) any {
	s, ok := v.(string)
	if !ok || s == "" || len(s) > 64 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _-") != "" {
		return nil
	}
	return s
}

func lower(v any) any {
	if s, ok := name(v).(string); ok {
		return strings.ToLower(s)
	}
	return nil
}

func number(v any) any {
	switch v := v.(type) {
	case int, int64:
		return v
	}
	return nil
}
