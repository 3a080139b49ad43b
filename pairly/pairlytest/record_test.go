package pairlytest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pairly/pairlog/pairly/pairlytest"
)

// The normative records, as the program must write them.
var normative = []string{
	`{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"audit","event":"user_suspended","actor":{"user_id":"507f1f77bcf86cd799439011","role":"admin","ip_address":"192.168.1.100","session_id":"abc123"},"target":{"user_id":"507f1f77bcf86cd799439012","email":"user@example.com"},"action":"suspend_user","reason":"Terms violation","before_state":{"is_suspended":false},"after_state":{"is_suspended":true},"severity":"high"}`,
	`{"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"api.payments","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"exception","error_type":"StripeAPIError","error_message":"Card declined","error_code":"card_declined","stack_trace":"goroutine 1 [running]: ...","user_id":"507f1f77bcf86cd799439011","endpoint":"/api/payments/checkout","additional_context":{"payment_amount":2999,"payment_provider":"stripe"}}`,
	`{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","method":"POST","path":"/api/auth/login","query_params":{},"client_ip":"192.168.1.100","user_agent":"Mozilla/5.0","user_id":null,"status_code":200,"duration_ms":145.23,"response_size_bytes":1024}`,
	`{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"service.token","event":"token_created","user_id":"507f1f77bcf86cd799439011","token_type":"access","expires_at":"2025-01-15T11:00:45.123Z","jti":"550e8400-e29b-41d4-a716-446655440000"}`,
	`{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.messaging","event":"ws_message_sent","user_id":"507f1f77bcf86cd799439011","recipient_id":"507f1f77bcf86cd799439012","connection_id":"conn_abc123","credits_charged":5,"message_length":128}`,
}

func TestCheckAcceptsTheNormativeRecords(t *testing.T) {
	for _, line := range normative {
		r, err := pairlytest.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		if err := pairlytest.Check(r); err != nil {
			t.Error(err)
		}
	}
}

// Each member of each normative record, left out or moved to the end, must be
// noticed, except what the contract lets a record leave out.
func TestCheckNoticesAMissingOrMovedMember(t *testing.T) {
	for _, line := range normative {
		r, err := pairlytest.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		for i, key := range r.Keys {
			without := slices.Delete(slices.Clone(r.Keys), i, i+1)
			if key != "request_id" && pairlytest.Check(render(t, r, without)) == nil {
				t.Errorf("%s without %q: want an error, got none", r.Event(), key)
			}
			if i < len(r.Keys)-1 && pairlytest.Check(render(t, r, append(without, key))) == nil {
				t.Errorf("%s with %q last: want an error, got none", r.Event(), key)
			}
		}
	}
}

// render writes the members of r in the order of keys and reads that back.
func render(t *testing.T, r pairlytest.Record, keys []string) pairlytest.Record {
	t.Helper()
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(r.Raw), &members); err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, k := range keys {
		name, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(name)+":"+string(members[k]))
	}
	out, err := pairlytest.Parse("{" + strings.Join(parts, ",") + "}")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestParseRefuses(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		_, err := pairlytest.Parse(line)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want an error with %q", line, err, want)
		}
	}
	f(``, "EOF")
	f(`[]`, "want an object")
	f(`{"a":1`, "EOF")
	f(`{"a":1}{"b":2}`, "nothing after")
	f(`{"a":1,"b":2,"a":3}`, `"a" twice`)
	f(`{"o":{"x":1,"x":1}}`, `"x" twice`)
	f("{\"a\":\"\xff\"}", "not UTF-8")
}

// The catalogue notices what a record of the program may not be.
func TestCheckEvent(t *testing.T) {
	f := func(line string, want string) {
		t.Helper()
		r, err := pairlytest.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		err = pairlytest.CheckEvent(r)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("CheckEvent(%s) = %v, want an error with %q", line, err, want)
		}
	}
	for _, line := range normative {
		if !strings.Contains(line, "api.payments") {
			f(line, "")
		}
	}
	f(`{"level":"WARNING","logger":"middleware.auth","event":"auth_rejected","error_code":"x","endpoint":"/","client_ip":"y"}`, "")
	f(`{"level":"WARNING","logger":"middleware.auth","event":"auth_rejected","error_code":"x","endpoint":"/"}`, "without client_ip")
	f(`{"level":"WARNING","logger":"middleware.auth","event":"auth_rejected","error_code":null,"endpoint":"/","client_ip":"y"}`, "without error_code")
	f(`{"level":"INFO","logger":"middleware.auth","event":"auth_rejected","error_code":"x","endpoint":"/","client_ip":"y"}`, "level")
	f(`{"level":"WARNING","logger":"api.auth","event":"auth_rejected","error_code":"x","endpoint":"/","client_ip":"y"}`, "logger")
	f(`{"level":"INFO","logger":"api.auth","event":"auth_accepted"}`, "no event")
	f(`{"level":"INFO","logger":"http.server","message":"a third party's line"}`, "")
	f(`{"level":"INFO","logger":"logging.internal","event":"log_rotated"}`, "")
	f(`{"level":"INFO","logger":"audit","event":"ip_banned","action":"ban_ip","severity":"high"}`, "WARNING")
	f(`{"level":"INFO","logger":"worker.presence","event":"worker_stopped","worker":"presence","reason":"shutdown"}`, "")
}
