package api_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/pairly/pairlog/pairly/api"
)

func TestRulesOfFields(t *testing.T) {
	f := func(body string, want ...string) {
		t.Helper()
		r := httptest.NewRequest("POST", "/", bytes.NewReader([]byte(body)))
		got, err := api.ReadBody(r, "text", "n", "at")
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s broke %q, %v, want %q", body, got, err, want)
		}
	}
	f(`{}`)
	f(`{"text":"ok","n":10,"at":{"lat":-90}}`)
	f(`{"n":11}`, "n:range")
	f(`{"n":99999999999999999999}`, "n:range")
	f(`{"n":1.0}`, "n:type")
	f(`{"n":1e1}`, "n:type")
	f(`{"n":"1"}`, "n:type")
	f(`{"at":{}}`, "at.lat:required")
	f(`{"at":{"lat":"x"}}`, "at.lat:type")
	f(`{"at":{"lat":90.1}}`, "at.lat:range")
	f(`{"at":{"lat":1e400}}`, "at.lat:type")
	f(`{"at":{"lat":1,"alt":2}}`, "at.alt:unknown")
	f(`{"at":{"lat":1,"lat":2}}`, "at.lat:duplicate")
	f(`{"at":7}`, "at:type")
	f(`{"text":"a\u2028b"}`, "text:characters")
	f(`{"text":"a\nb"}`, "text:characters")
	f(`{"text":["x"]}`, "text:type")
	f(`{"text":"a\u202eb"}`, "text:characters") // the rest of the line backwards
	f(`{"text":"a\u2066b"}`, "text:characters")
	f(`{"text":"\u05d0\u200d\u05d1"}`)
}

// A body that is accepted is one JSON object with no member twice, and holds
// nothing but what was asked for.
func FuzzReadBody(f *testing.F) {
	for _, seed := range []string{
		`{"text":"a","n":1,"at":{"lat":1}}`, `{"at":{"lat":1,"lat":2}}`, `{"text":"\ud800"}`, `{"n":-0}`,
		`{"a":1,"a":1}`, ` {} `, `{}{}`, `{"text":"\u0000"}`, "{\"text\":\"\x80\"}", `{"at":{"lat":{}}}`, `[`, `nul`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		broken, err := api.ReadBody(httptest.NewRequest("POST", "/", bytes.NewReader(body)), "text", "n", "at")
		if err != nil || len(broken) > 0 || len(bytes.TrimSpace(body)) == 0 {
			return
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatalf("accepted %q: %v", body, err)
		}
		for name := range members {
			if name != "text" && name != "n" && name != "at" {
				t.Errorf("accepted %q with the unknown member %q", body, name)
			}
		}
	})
}
