package redact_test

import (
	"testing"

	"github.com/pairly/pairlog/redact"
)

// TestValueBeforeName: of {"content":"x","name":"password"} the secret went in a map and
// stayed in JSON text.
func TestValueBeforeName(t *testing.T) {
	r, err := redact.New(redact.Config{})
	if err != nil {
		t.Fatal(err)
	}
	lines := r.Lines()
	f := func(in, want string) {
		t.Helper()
		if got := string(r.AppendJSON(nil, []byte(in))); got != want {
			t.Errorf("AppendJSON(%s) = %s, want %s", in, got, want)
		}
		for range 3 {
			if got, ok := lines.AppendDocument(nil, in); !ok || string(got) != want {
				t.Errorf("Lines.AppendDocument(%s) = %s, %v, want %s", in, got, ok, want)
			}
		}
		if got := r.String(in); got != want {
			t.Errorf("String(%s) = %s, want %s", in, got, want)
		}
	}
	v := j("swor", "dfish")
	f(`{"content":"`+v+`","name":"password"}`, `{"content":"[REDACTED]","name":"password"}`)
	f(`{"value":"`+v+`","op":"replace","path":"/user/password"}`, `{"value":"[REDACTED]","op":"replace","path":"/user/password"}`)
	f(`{"id":1,"value":["`+v+`"],"n":{"a":"bob@example.com"},"name":"api_key","z":2}`, `{"id":1,"value":"[REDACTED]","n":{"a":"b***@example.com"},"name":"api_key","z":2}`)
	f(`{"value":1234,"data":"`+v+`","field":"pin","value":12}`, `{"value":"[REDACTED]","data":"[REDACTED]","field":"pin","value":"[REDACTED]"}`)
	f(`{"data":{"value":"`+v+`","name":"password","x":"bob@example.com"},"name":"user"}`, `{"data":{"value":"[REDACTED]","name":"password","x":"b***@example.com"},"name":"user"}`)
	f(`{"data":{"value":"`+v+`","name":"user"},"name":"secret"}`, `{"data":"[REDACTED]","name":"secret"}`)
	f(`[{"value":"bob@example.com","key":"token"},{"value":"a","key":"b"}]`, `[{"value":"[REDACTED]","key":"token"},{"value":"a","key":"b"}]`)

	f(`{"value":"`+v+`","name":"user"}`, `{"value":"`+v+`","name":"user"}`)
	f(`{"value":null,"content":"","name":"password"}`, `{"value":null,"content":"","name":"password"}`)
	f(`{"value":"[REDACTED]","name":"password"}`, `{"value":"[REDACTED]","name":"password"}`)
	f(`{"value":"`+v+`","name":"user","name":"password"}`, `{"value":"`+v+`","name":"user","name":"password"}`)
	f(`{"value":{"a":"`+v+`"},"b":{"name":"password"}}`, `{"value":{"a":"`+v+`"},"b":{"name":"password"}}`)
}
