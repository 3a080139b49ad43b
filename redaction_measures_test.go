package pairlog_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/logtest"
)

// measured is a struct whose fields measure secrets, by their names.
type measured struct {
	PasswordBytes []byte
	SecretBytes   string
	TokenLength   any
	APIKeySize    *string
	NumPasswords  [3]string
	MaxTokenLen   struct{ Value string }
}

// TestMeasuresOfSecrets logs secrets under keys that measure or ask: only numbers,
// booleans and times are measures.
func TestMeasuresOfSecrets(t *testing.T) {
	word := secretWord
	in := measured{[]byte(word), word, word, &word, [3]string{word}, struct{ Value string }{word}}
	flat := struct {
		ID          int
		SecretBytes string
		TokenSize   secretName
	}{1, word, secretName(word)}
	for name, a := range map[string]slog.Attr{
		"text":            slog.String("secretBytes", word),
		"bytes":           slog.Any("password_bytes", []byte(word)),
		"binary":          slog.Any("password_bytes", append([]byte{0xff}, word...)),
		"type of text":    slog.Any("TokenLength", secretName(word)),
		"list":            slog.Any("secret_bytes", []string{word}),
		"anything":        slog.Any("secret_bytes", []any{1, word}),
		"map":             slog.Any("api_key_size", map[string]string{"a": word}),
		"map of the key":  slog.Any("v", map[string]any{"password_length": word}),
		"map of texts":    slog.Any("v", map[string]string{"password_length": word}),
		"header":          slog.Any("v", map[string][]string{"X-Token-Length": {word}}),
		"struct under it": slog.Any("password_count", struct{ A string }{word}),
		"struct":          slog.Any("v", in),
		"pointer":         slog.Any("v", &in),
		"list of structs": slog.Any("v", []measured{in}),
		"plain struct":    slog.Any("v", flat),
		"plain structs":   slog.Any("v", []any{&flat, flat}),
		"group":           slog.Group("password_size", "a", word),
		"group with it":   slog.Group("g", "password_bytes", word),
		"error":           slog.Any("secret_count_max", errors.New(word)),
		"JSON":            slog.Any("password_len", json.RawMessage(`{"a":"`+word+`"}`)),
		"JSON text":       slog.Any("password_len", json.RawMessage(` "`+word+`"`)),
		"no JSON":         slog.Any("password_len", json.RawMessage(word)),
		"no number":       slog.Any("password_len", json.Number(word)),
		"JSON with it":    slog.Any("v", json.RawMessage(`{"password_len":"`+word+`","secretBytes":["`+word+`"]}`)),
		"JSON in a text":  slog.String("v", `{"password_len":"`+word+`","secretBytes":{"a":"`+word+`"}}`),
		"assignment":      slog.String("v", "password_bytes="+word+" secretBytes: "+word),
		"query":           slog.Any("v", "https://x/?a=1&password_bytes="+word+"&b=2"),
		"LogValuer":       slog.Any("max_password", valuerOf(slog.StringValue(word))),
		"group of values": slog.Any("max_password", valuerOf(slog.GroupValue(slog.String("a", word)))),
		"list of bytes":   slog.Any("password_bytes", []int{104, 117, 110, 116}),
	} {
		t.Run(name, func(t *testing.T) {
			text, console := everyWay(t, a)
			leaks(t, name+", console", console)
			leaks(t, name, text)
			if strings.Contains(text, "104,117") {
				t.Errorf("the bytes are left: %s", text)
			}
		})
	}
}

type valuerOf slog.Value

func (v valuerOf) LogValue() slog.Value { return slog.Value(v) }

// TestGroupThatMeasures hides what a logger has under the key of a measure.
func TestGroupThatMeasures(t *testing.T) {
	logs := logtest.NewWith(t, pairlog.Config{})
	logs.Logger("x").WithGroup("secret_bytes").With("a", secretWord).Info("e", "b", secretWord)
	leaks(t, "group", logs.Text())
	if want := `"secret_bytes":"[REDACTED]"`; !strings.Contains(logs.Text(), want) {
		t.Errorf("the line is %s, want in it %s", logs.Text(), want)
	}
}

// TestMeasuresOfForms is TestMeasuresOfSecrets for the members of a form.
func TestMeasuresOfForms(t *testing.T) {
	logs := logtest.NewWith(t, pairlog.Config{})
	f := pairlog.NewForm(logs.Logger("x"), "e", "password_bytes", "secretBytes", "TokenLength", "pin_count", "query_params")
	q := pairlog.Query("password_size=" + secretWord)
	writeForm(t.Context(), f, []slog.Value{slog.StringValue(secretWord), slog.AnyValue([]byte(secretWord)), slog.Int64Value(12), slog.StringValue("1234"), slog.AnyValue(&q)})
	leaks(t, "form", logs.Text())
	want := `"password_bytes":"[REDACTED]","secretBytes":"[REDACTED]","TokenLength":12,"pin_count":"[REDACTED]","query_params":{"password_size":"[REDACTED]"}`
	if !strings.Contains(logs.Text(), want) {
		t.Errorf("the line is %s, want in it %s", logs.Text(), want)
	}
}

// TestMeasuresStay keeps what a measure can be.
func TestMeasuresStay(t *testing.T) {
	seven := 7
	for want, a := range map[string]slog.Attr{
		`"password_length":12`:                slog.Int("password_length", 12),
		`"token_count":8`:                     slog.Uint64("token_count", 8),
		`"secret_ratio":0.25`:                 slog.Float64("secret_ratio", 0.25),
		`"has_password":true`:                 slog.Bool("has_password", true),
		`"max_token_age_ms":2.00`:             slog.Duration("max_token_age", 2*time.Millisecond),
		`"password_max":"2026-01-02T03:04:05`: slog.Time("password_max", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)),
		`"has_secret":null`:                   slog.Any("has_secret", nil),
		`"secret_size":null`:                  slog.Any("secret_size", []byte(nil)),
		`"password_bytes":""`:                 slog.String("password_bytes", ""),
		`"secret_size":"16KB"`:                slog.String("secret_size", "16KB"),
		`"secretBytes":"4096"`:                slog.String("secretBytes", "4096"),
		`"pin_length":4`:                      slog.Int("pin_length", 4),
		`"otp_length":"6"`:                    slog.String("otp_length", "6"),
		`"token_size":1.5`:                    slog.Any("token_size", json.Number("1.5")),
		`"token_len":12`:                      slog.Any("token_len", json.RawMessage("12")),
		`"is_secret":false`:                   slog.Any("is_secret", json.RawMessage("false")),
		`"v":{"PasswordLength":3,"HasPin":true}`: slog.Any("v", struct {
			PasswordLength float32
			HasPin         bool
		}{3, true}),
		`"v":{"secret_count":7}`:                slog.Any("v", map[string]any{"secret_count": &seven}),
		`"v":{"a":{"secret_count":7}}`:          slog.Any("v", json.RawMessage(`{"a":{"secret_count":7}}`)),
		`"v":"password_length=8 secretSize: 2"`: slog.String("v", "password_length=8 secretSize: 2"),
	} {
		text, _ := everyWay(t, a)
		if got := strings.Count(text, want); got != 8 {
			t.Errorf("%v was logged %d times as %s, want 8\n%s", a, got, want, text)
		}
	}
}

// TestCodeOfQuery hides the code of a query that has a state too.
func TestCodeOfQuery(t *testing.T) {
	logs := logtest.NewWith(t, pairlog.Config{})
	f := pairlog.NewForm(logs.Logger("x"), "e", "query_params")
	for _, raw := range []pairlog.Query{"code=ab12&state=xyz", "code=ab12&b=1"} {
		writeForm(t.Context(), f, []slog.Value{slog.AnyValue(&raw)})
	}
	for _, want := range []string{`{"code":"[REDACTED]","state":"xyz"}`, `{"code":"ab12","b":"1"}`} {
		if !strings.Contains(logs.Text(), want) {
			t.Errorf("the lines are %s, want in them %s", logs.Text(), want)
		}
	}
}
