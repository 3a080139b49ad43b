package pairlytest

import (
	"fmt"
	"regexp"
	"slices"
)

var (
	timestampForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	loggerForm    = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	eventForm     = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	levels        = []string{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
	head          = []string{"timestamp", "level", "logger", "request_id"}
	tail          = []string{"trace_id", "span_id"}
)

// shapes are the members that the normative records have after event, in
// order; what else a record has comes after them. The event exception is
// used by several loggers.
var shapes = map[string][]string{
	"http_request": {"method", "path", "query_params", "client_ip", "user_agent", "user_id",
		"status_code", "duration_ms", "response_size_bytes"},
	"exception": {"error_type", "error_message", "error_code", "stack_trace", "user_id",
		"endpoint", "additional_context"},
	"token_created":   {"user_id", "token_type", "expires_at", "jti"},
	"ws_message_sent": {"user_id", "recipient_id", "connection_id", "credits_charged", "message_length"},
	"audit":           {"actor", "target", "action", "reason", "before_state", "after_state", "severity"},
}

// actorShape are the members of an audit record's actor.
var actorShape = []string{"user_id", "role", "ip_address", "session_id"}

// Check holds a record against the contract: the order of the envelope's
// members, their forms, and the normative shape where the event has one. It
// returns the first thing that is wrong.
func Check(r Record) error {
	if err := checkEnvelope(r); err != nil {
		return fmt.Errorf("check record: %w: %s", err, r.Raw)
	}
	name := r.Text("event")
	if r.Text("logger") == "audit" {
		name = "audit"
	}
	if err := checkShape(&r.Object, shapes[name], 1+slices.Index(r.Keys, "event")); err != nil {
		return fmt.Errorf("check record: %s: %w: %s", name, err, r.Raw)
	}
	if name == "audit" {
		actor, ok := r.Values["actor"].(*Object)
		if !ok {
			return fmt.Errorf("check record: want the actor to be an object: %s", r.Raw)
		}
		if err := checkShape(actor, actorShape, 0); err != nil {
			return fmt.Errorf("check record: actor: %w: %s", err, r.Raw)
		}
	}
	return nil
}

func checkEnvelope(r Record) error {
	want := head
	if !r.Has("request_id") {
		want = head[:3]
	}
	if len(r.Keys) <= len(want) || !slices.Equal(r.Keys[:len(want)], want) {
		return fmt.Errorf("want the members %v first, got %v", want, r.Keys)
	}
	name := r.Keys[len(want)]
	switch {
	case name != "event" && name != "message":
		return fmt.Errorf("want event or message after %q, got %q", want[len(want)-1], name)
	case name == "event" && !eventForm.MatchString(r.Text("event")):
		return fmt.Errorf("want event in snake_case, got %q", r.Text("event"))
	case !timestampForm.MatchString(r.Text("timestamp")):
		return fmt.Errorf("want timestamp in UTC with three decimals, got %q", r.Text("timestamp"))
	case !slices.Contains(levels, r.Text("level")):
		return fmt.Errorf("want a level, got %q", r.Text("level"))
	case !loggerForm.MatchString(r.Text("logger")):
		return fmt.Errorf("want a dotted logger name, got %q", r.Text("logger"))
	}
	return checkTail(r)
}

// checkTail wants trace_id, span_id and source, where they are, last and in
// this order. A source that is text is an event's own: where a ban comes from.
func checkTail(r Record) error {
	tail, keys := tail, r.Keys
	if _, place := r.Values["source"].(*Object); place {
		tail = []string{"trace_id", "span_id", "source"}
	}
	at := len(keys)
	for _, name := range slices.Backward(tail) {
		i := slices.Index(keys, name)
		if i < 0 {
			continue
		}
		if i != at-1 {
			return fmt.Errorf("want %q at the end, got members %v", name, keys)
		}
		at = i
	}
	return nil
}

// checkShape wants the keys of shape at position from, in order.
func checkShape(o *Object, shape []string, from int) error {
	if len(o.Keys) < from+len(shape) || !slices.Equal(o.Keys[from:from+len(shape)], shape) {
		return fmt.Errorf("want the members %v from position %d, got %v", shape, from, o.Keys)
	}
	return nil
}
