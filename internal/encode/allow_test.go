package encode_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/pairly/pairlog/internal/encode"
	"github.com/pairly/pairlog/redact"
)

func allowEncoder(t *testing.T) *encode.Encoder {
	t.Helper()
	red, err := redact.New(redact.Config{Allow: map[string][]string{"hook": {"id", "part", "hook"}}})
	if err != nil {
		t.Fatal(err)
	}
	return encode.New(encode.Config{Redactor: red, Allow: true})
}

// TestAllowedTexts holds what is text in the place of a group with an allow-list to
// that list.
func TestAllowedTexts(t *testing.T) {
	e := allowEncoder(t)
	const doc, want = `{"id":1,"body":"Ann Example"}`, `{"id":1,"body":"[REDACTED]"}`
	asText := func(s string) string { return string(appendJSON(s)) }
	for _, c := range []struct {
		v    any
		want string
	}{
		{doc, asText(want)},
		{named(doc), asText(want)},
		{ptr(doc), asText(want)},
		{[]byte(doc), asText(want)},
		{json.RawMessage(doc), want},
		{json.RawMessage(asText(doc)), asText(want)},
		{json.RawMessage(`["a",` + asText(doc) + `,` + doc + `,5]`), `["[REDACTED]",` + asText(want) + `,` + want + `,5]`},
		{texter{doc}, asText(want)},
		{said{doc}, asText(want)},
		{valuer{doc}, asText(want)},
		{errors.New(doc), asText(want)},
		{" [" + doc + "," + doc + "] ", asText(" [" + want + "," + want + "] ")},
		{[]string{doc, "Ann Example", ""}, `[` + asText(want) + `,"[REDACTED]",""]`},
		{[]any{doc, map[string]any{"id": "x", "body": "Ann Example"}, 5, nil}, `[` + asText(want) + `,{"body":"[REDACTED]","id":"x"},5,null]`},
		{[][]string{{"Ann Example"}}, `[["[REDACTED]"]]`},
		{map[string]any{"id": "Bob", "part": doc, "x": 1}, `{"id":"Bob","part":` + asText(doc) + `,"x":"[REDACTED]"}`},
		{map[string]any{"hook": "Ann Example", "part": []string{"Bob"}}, `{"hook":"[REDACTED]","part":["Bob"]}`},
		{[]any{map[string]any{"hook": "Ann Example"}, "Ann Example"}, `[{"hook":"[REDACTED]"},"[REDACTED]"]`},
		{[]slog.Value{slog.GroupValue(slog.String("id", "Bob"), slog.String("x", "Ann Example")), slog.StringValue("Ann Example")}, `[{"id":"Bob","x":"[REDACTED]"},"[REDACTED]"]`},
		{"Ann Example", `"[REDACTED]"`},
		{"id=1&body=Ann+Example", `"[REDACTED]"`},
		{`{"id":1,"body":"Ann Example"`, `"[REDACTED]"`},
		{"", `""`},
		{nil, `null`},
		{5, `5`},
		{1.5, `1.5`},
		{json.Number("1.5"), `1.5`},
		{json.Number("Ann"), `"[REDACTED]"`},
		{true, `true`},
		{[]int{1, 2}, `[1,2]`},
	} {
		for range 2 {
			if got := rest(t, line(e, nil, nil, "e", slog.Any("hook", c.v))); got != `"hook":`+c.want {
				t.Errorf("%T %v: got %s, want %s", c.v, c.v, got, c.want)
			}
		}
		for how, got := range map[string]string{
			"in a map": line(e, nil, nil, "e", slog.Any("x", map[string]any{"hook": c.v})),
			"in a struct": line(e, nil, nil, "e", slog.Any("x", struct {
				Hook any `json:"hook"`
			}{c.v})),
			"in a group": line(e, nil, nil, "e", slog.Group("x", "hook", c.v)),
			"group":      line(e, e.Group(nil, "x"), nil, "e", slog.Any("hook", c.v)),
			"with":       line(e, e.With(nil, []slog.Attr{slog.Any("hook", c.v)}), nil, "e"),
			"scope":      line(e, nil, block(e, slog.Any("hook", c.v)), "e"),
			"list":       line(e, nil, nil, "e", slog.Any("hook", []any{c.v})),
		} {
			if strings.Contains(got, "Ann") && !strings.Contains(c.want, "Ann") {
				t.Errorf("%T %v, %s: got %s", c.v, c.v, how, got)
			}
		}
	}
	if got := lateLine(e, nil, []slog.Attr{slog.String("a", "b"), slog.String("hook", doc)}); !strings.Contains(got, `"hook":`+asText(want)) {
		t.Errorf("late: got %s", got)
	}
	failed := slog.Any("", &encode.Failure{Err: errors.New("Ann Example")})
	for how, got := range map[string]string{
		"group":      line(e, nil, nil, "e", slog.Group("hook", failed)),
		"with group": line(e, e.Group(nil, "hook"), nil, "e", failed),
		"value":      line(e, nil, nil, "e", slog.Any("hook", []any{&encode.Failure{Err: errors.New("Ann Example")}})),
	} {
		if strings.Contains(got, "Ann") {
			t.Errorf("an error in the group, %s: got %s", how, got)
		}
	}
}

// TestAllowedPanic holds the list for what follows a value that panics.
func TestAllowedPanic(t *testing.T) {
	e := allowEncoder(t)
	got := rest(t, line(e, nil, nil, "e", slog.Any("hook", []any{slog.GroupValue(slog.Any("part", map[string]any{"hook": panicker{}})), "Ann Example"})))
	if strings.Contains(got, "Ann") {
		t.Errorf("got %s", got)
	}
	if got := rest(t, line(e, nil, nil, "e", slog.Any("hook", panicker{}), slog.String("a", "Ann"))); got != `"hook":"[PANIC]","a":"Ann"` {
		t.Errorf("got %s", got)
	}
}

func appendJSON(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a form
	}
	return b
}
