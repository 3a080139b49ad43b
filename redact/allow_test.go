package redact_test

import (
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// TestAllowListOfTexts holds a text in the place of a group to the group's list.
func TestAllowListOfTexts(t *testing.T) {
	r, err := redact.New(redact.Config{Allow: map[string][]string{"hook": {"id"}}})
	if err != nil {
		t.Fatal(err)
	}
	text := func(in, want string) {
		t.Helper()
		got := string(r.AppendStringGroup(nil, in, "hook"))
		if got != want {
			t.Errorf("AppendStringGroup(%q) = %q, want %q", in, got, want)
		}
		if again := string(r.AppendStringGroup(nil, got, "hook")); again != got {
			t.Errorf("AppendStringGroup(%q) = %q, want no change", got, again)
		}
	}
	text(`{"id":1,"body":"Ann"}`, `{"id":1,"body":"[REDACTED]"}`)
	text("[\n{\"id\": 1, \"body\": {\"id\": 2}}]", "[\n{\"id\": 1, \"body\": \"[REDACTED]\"}]")
	text(`["Ann",5,null,""]`, `["[REDACTED]",5,null,""]`)
	text(`Ann`, `[REDACTED]`)
	text(`{"id":1,"body":"Ann"} `, `{"id":1,"body":"[REDACTED]"} `)
	text(`{"id":1,"body":"Ann"`, `[REDACTED]`)
	text(``, ``)
	if got, want := string(r.AppendStringGroup(nil, "Ann password=x1", "other")), "Ann password=[REDACTED]"; got != want {
		t.Errorf("no list: got %q, want %q", got, want)
	}
	doc := func(in, want string) {
		t.Helper()
		if got := string(r.AppendJSON(nil, []byte(in))); got != want {
			t.Errorf("AppendJSON(%s) = %s, want %s", in, got, want)
		}
		if strings.Contains(in, " ") {
			return
		}
		if got, ok := r.AppendDocument(nil, in); !ok || string(got) != want {
			t.Errorf("AppendDocument(%s) = %s, %t, want %s", in, got, ok, want)
		}
	}
	doc(`{"hook":"{\"id\":1,\"body\":\"Ann\"}"}`, `{"hook":"{\"id\":1,\"body\":\"[REDACTED]\"}"}`)
	doc(`{"hook":["{\"body\":\"Ann\"}","Ann",{"body":"Ann","id":"Bob"}],"a":"Ann"}`, `{"hook":["{\"body\":\"[REDACTED]\"}","[REDACTED]",{"body":"[REDACTED]","id":"Bob"}],"a":"Ann"}`)
	doc(`{"a":"{\"hook\":\"Ann\"}"}`, `{"a":"{\"hook\":\"[REDACTED]\"}"}`)
	doc(`{"hook":"Ann \u00e9","x":1}`, `{"hook":"[REDACTED]","x":1}`)
	if got, want := string(r.AppendJSONGroup(nil, []byte(`"{\"body\":\"Ann\"}"`), "hook")), `"{\"body\":\"[REDACTED]\"}"`; got != want {
		t.Errorf("AppendJSONGroup: got %s, want %s", got, want)
	}
	before := r.Total()
	r.AppendStringGroup(nil, `{"id":1,"body":"Ann"}`, "hook")
	r.AppendStringGroup(nil, "Ann", "hook")
	if got := r.Total() - before; got != 2 {
		t.Errorf("%d redactions are counted, want 2", got)
	}
}

// TestAllowListWithinTexts is JSON in the strings of JSON, as deep as is read and
// deeper.
func TestAllowListWithinTexts(t *testing.T) {
	r, err := redact.New(redact.Config{Allow: map[string][]string{"hook": {"id", "hook"}}})
	if err != nil {
		t.Fatal(err)
	}
	in := `{"body":"Ann","id":"Bob"}`
	for depth := range 8 {
		got := string(r.AppendJSON(nil, []byte(`{"hook":`+in+`}`)))
		if strings.Contains(got, "Ann") {
			t.Errorf("%d levels: got %s", depth, got)
		}
		if (depth <= 3) != strings.Contains(got, "Bob") {
			t.Errorf("%d levels: got %s", depth, got)
		}
		in = `{"hook":` + quoteJSON(in) + `}`
	}
}
