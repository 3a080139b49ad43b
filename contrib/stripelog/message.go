package stripelog

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/pairly/pairlog"
)

// A message is one that stripe-go prints, as far as it is known.
type message struct {
	event string
	level slog.Level
	// attrs adds what the message says. It is called only when the line is
	// written.
	attrs func([]slog.Attr) []slog.Attr
}

// parse recognizes a message by its format and the number of its arguments: the
// ones of stripe-go v82 to v84, func requestWithRetriesAndTelemetry and those
// around it. Any other becomes its format alone, since what an argument may be is
// not known.
func parse(level slog.Level, format string, v []any) message {
	switch known := format; {
	case known == "Requesting %v %v%v" && len(v) == 3:
		return message{"stripe_request", slog.LevelDebug, func(a []slog.Attr) []slog.Attr {
			return append(a, slog.String("operation", operation(v[0], v[2])), slog.String("host", fmt.Sprint(v[1])))
		}}
	case known == "Request completed in %v (retry: %v)" && len(v) == 2:
		return message{"stripe_response", slog.LevelDebug, func(a []slog.Attr) []slog.Attr {
			return append(a, milliseconds(pairlog.KeyDurationMS, v[0]), attempt(v[1]))
		}}
	case known == "Not retrying request: %v" && len(v) == 1:
		return message{"stripe_finished", slog.LevelDebug, func(a []slog.Attr) []slog.Attr {
			return append(a, slog.String("reason", reason(v[0])))
		}}
	case known == "Initiating retry %v for request %v %v%v after sleeping %v" && len(v) == 5:
		return message{"stripe_retry", slog.LevelWarn, func(a []slog.Attr) []slog.Attr {
			return append(a, slog.String("operation", operation(v[1], v[3])), attempt(v[0]), milliseconds("delay_ms", v[4]))
		}}
	case strings.HasSuffix(known, "error from Stripe (status %v): %v") && len(v) == 2:
		return message{"stripe_error", level, func(a []slog.Attr) []slog.Attr {
			return appendError(append(a, slog.String("stage", "response"), slog.Any("status", number(v[0]))), v[1])
		}}
	case known == "Response: %s" && len(v) == 1:
		return message{"stripe_body", slog.LevelDebug, func(a []slog.Attr) []slog.Attr {
			return append(a, size(v[0]))
		}}
	case known == "%s" && len(v) == 1: // of a body that is no JSON, with a sample of it
		return failure(level, "decode", nil, size(v[0]))
	case known == "Error decoding error from Stripe: %v" && len(v) == 1:
		return failure(level, "decode", v[0])
	case known == "Request failed with error: %v" && len(v) == 1:
		return failure(level, "send", v[0])
	case known == "Cannot create Stripe request: %v" && len(v) == 1:
		return failure(level, "create", v[0])
	}
	return message{"stripe_message", level, func(a []slog.Attr) []slog.Attr {
		if len(v) == 0 || len(format) > maxFormat {
			return append(a, slog.Int("size_bytes", len(format))) // it may be all text
		}
		return append(a, slog.String("template", format))
	}}
}

// maxFormat is the longest format that is logged, in bytes.
const maxFormat = 200

// failure returns the message of an error at a stage of the call.
func failure(level slog.Level, stage string, err any, more ...slog.Attr) message {
	return message{"stripe_error", level, func(a []slog.Attr) []slog.Attr {
		a = append(append(a, slog.String("stage", stage)), more...)
		if err == nil {
			return a
		}
		return appendError(a, err)
	}}
}

// appendError adds what may be said of an error. One of Stripe prints itself as
// JSON, in which there may be a payment intent with its secret: of it only the
// members below are taken, of others only the type.
func appendError(attrs []slog.Attr, v any) []slog.Attr {
	err, ok := v.(error)
	if !ok {
		return attrs
	}
	var said struct {
		Type        string `json:"type"`
		Code        string `json:"code"`
		DeclineCode string `json:"decline_code"`
		Param       string `json:"param"`
		RequestID   string `json:"request_id"`
	}
	inner := err
	for inner != nil {
		if text := inner.Error(); strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &said) == nil {
			break
		}
		inner = errors.Unwrap(inner)
	}
	kind := said.Type
	if kind == "" {
		kind = pairlog.ErrorType(err)
	}
	attrs = append(attrs, slog.String(pairlog.KeyErrorType, kind))
	for _, a := range []slog.Attr{
		slog.String(pairlog.KeyErrorCode, said.Code),
		slog.String("decline_code", said.DeclineCode),
		slog.String("param", said.Param),
		slog.String("provider_request_id", said.RequestID),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}

// Operation names a request to Stripe as the lines of this package do: the method
// with the path, in which ids have become {id}. It is for httplog.Transport.
func Operation(r *http.Request) string { return operation(r.Method, r.URL.Path) }

func operation(method, path any) string {
	segments := strings.Split(fmt.Sprint(path), "/")
	for i, s := range segments {
		if isID(s) {
			segments[i] = "{id}"
		}
	}
	return fmt.Sprint(method) + " " + strings.Join(segments, "/")
}

// isID reports whether a segment of a path is an id: the names of Stripe's
// resources are short or of lower-case letters alone.
func isID(segment string) bool {
	return len(segment) > 3 && strings.Trim(segment, "abcdefghijklmnopqrstuvwxyz_") != ""
}

// reason returns why stripe-go does not send a request again, where that is one
// of its own words. It may be the text of an error too, with the URL in it.
func reason(v any) string {
	s, _ := v.(string)
	switch s {
	case "max retries exceeded", "context canceled", "context deadline exceeded", "not retriable error",
		"`Stripe-Should-Retry` header returned `false`", "response not known to be safe for retry":
		return s
	}
	return "error"
}

// attempt counts attempts from 1; stripe-go counts what it repeats from 0.
func attempt(retry any) slog.Attr {
	if n, ok := retry.(int); ok {
		return slog.Int("attempt", n+1)
	}
	return slog.Any("attempt", nil)
}

// number returns a number, or nil for what is none.
func number(v any) any {
	if n, ok := v.(int); ok {
		return n
	}
	return nil
}

func milliseconds(key string, v any) slog.Attr {
	if d, ok := v.(time.Duration); ok {
		return slog.Float64(key, math.Round(float64(d)/1e4)/100)
	}
	return slog.Any(key, nil)
}

// size returns how long a text is that is not logged.
func size(v any) slog.Attr {
	switch v := v.(type) {
	case string:
		return slog.Int("size_bytes", len(v))
	case []byte:
		return slog.Int("size_bytes", len(v))
	}
	return slog.Any("size_bytes", nil)
}
