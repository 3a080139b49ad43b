package bench

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
)

// The secrets of the shapes, put together here so that no scanner takes this file
// for a leak.
var (
	shapeWord  = "hunter2" + "-Zq9xW"
	shapeCard  = "4111" + "1111" + "1111" + "1111"
	shapeToken = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
)

type (
	shapeField  struct{ Password string }
	shapeTagged struct {
		Word string `json:"userPassword"`
	}
	shapeHidden   struct{ password, Note string }
	shapeEmbedded struct{ shapeField }
	shapeStringer struct{ s string }
	shapeValuer   struct{ Password string }
	shapeDeep     struct{ inner slog.LogValuer }
	shapeMarshal  struct{ s string }
	shapeText     struct{ s string }
	shapeCycle    struct {
		Password string
		Self     *shapeCycle
	}
)

func (s shapeStringer) String() string { return "password=" + s.s }
func (v shapeValuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("password", v.Password))
}
func (d shapeDeep) LogValue() slog.Value { return slog.AnyValue(d.inner) }
func (m shapeMarshal) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"password": m.s})
}
func (x shapeText) MarshalText() ([]byte, error) { return []byte("token " + x.s), nil }

// A shape is a way in which a secret gets into a record.
type shape struct {
	name string
	log  func(*slog.Logger)
}

// ends is false for a value without an end: what walks it without care never
// comes back.
func (s shape) ends() bool { return s.name != "cyclic value" }

func attrShape(name string, attrs ...slog.Attr) shape {
	return shape{name, func(l *slog.Logger) { l.LogAttrs(context.Background(), slog.LevelInfo, "e", attrs...) }}
}

// shapes are the 36 shapes of a secret in a record.
func shapes() []shape {
	word, card, token := shapeWord, shapeCard, shapeToken
	p := &shapeField{word}
	loop := &shapeCycle{Password: word}
	loop.Self = loop
	doc, _ := json.Marshal(map[string]string{"password": word})
	nested, _ := json.Marshal(map[string]string{"body": string(doc)})
	val := slog.Any
	return []shape{
		attrShape("string attr", slog.String("password", word)),
		{"attr of a With logger", func(l *slog.Logger) { l.With("password", word).Info("e") }},
		{"attr in WithGroup", func(l *slog.Logger) { l.WithGroup("g").Info("e", "password", word) }},
		{"group named by a sensitive key", func(l *slog.Logger) { l.WithGroup("secret").Info("e", "value", word) }},
		attrShape("other-case key", slog.String("PASSWORD", word)),
		attrShape("compound key", slog.String("userPassword", word), slog.String("X-Card-Number", card)),
		attrShape("map of strings", val("m", map[string]string{"password": word})),
		attrShape("map of any, nested", val("m", map[string]any{"a": map[string]any{"b": []any{map[string]any{"secret": word}}}})),
		attrShape("secret as a map key", val("m", map[string]int{token: 1})),
		attrShape("secret as an attr key", slog.Int(token, 1)),
		attrShape("struct field", val("s", shapeField{word})),
		attrShape("struct field with a json tag", val("s", shapeTagged{word})),
		attrShape("pointer, pointer to pointer", val("s", p), val("t", &p)),
		attrShape("slice, array", val("s", []shapeField{{word}}), val("t", [1]shapeField{{word}})),
		attrShape("embedded struct", val("s", shapeEmbedded{shapeField{word}})),
		attrShape("unexported field", val("s", shapeHidden{password: word, Note: "n"})),
		attrShape("interface holding any of these", val("s", []any{shapeField{word}, &p})),
		attrShape("fmt.Stringer", val("s", shapeStringer{word})),
		attrShape("error", val("e", errors.New("login with password="+word))),
		attrShape("wrapped and joined error", val("e", fmt.Errorf("x: %w", errors.Join(errors.New("a"), errors.New("key "+token+" refused"))))),
		attrShape("LogValuer", val("v", shapeValuer{word})),
		attrShape("LogValuer inside a struct", val("v", struct{ V shapeValuer }{shapeValuer{word}})),
		attrShape("LogValuer returning a LogValuer", val("v", shapeDeep{shapeValuer{word}})),
		attrShape("json.Marshaler", val("j", shapeMarshal{word})),
		attrShape("encoding.TextMarshaler", val("t", shapeText{token})),
		attrShape("json.RawMessage", val("r", json.RawMessage(doc))),
		attrShape("[]byte of JSON", val("b", doc)),
		attrShape("JSON inside a JSON string, twice", slog.String("body", string(nested))),
		attrShape("URL userinfo, query, one that net/url rejects", slog.String("u", "postgres://app:"+word+"@db/x"),
			slog.String("v", "https://example.com/cb?state=1&access_token="+word), slog.String("w", "https://app:"+word+"@[::1%zone/x?%zz")),
		attrShape("form body", slog.String("f", "user=bob&password="+word+"&ok=1")),
		attrShape("Authorization, Cookie, Set-Cookie", val("h", http.Header{"Authorization": {"Bearer " + word}, "Cookie": {"sid=" + word}, "Set-Cookie": {"sid=" + word}})),
		attrShape("card as int64, float64, json.Number", slog.Int64("n", 4111111111111111), slog.Float64("f", 4111111111111111), val("j", json.Number(card))),
		{"the message itself", func(l *slog.Logger) { l.Info("login with password=" + word) }},
		attrShape("stack trace text", slog.String("stack", "main.login(...)\n\t/app/main.go:1 +0x1d password="+word)),
		attrShape("base64 of JSON", slog.String("blob", base64.StdEncoding.EncodeToString(doc))),
		attrShape("cyclic value", val("c", loop)),
	}
}

// leaked reports whether text has a secret of the shapes, plain or in base64.
func leaked(text string) bool {
	for _, s := range []string{shapeWord, shapeCard, shapeToken, "4.111111111111111e+15"} {
		if strings.Contains(text, s) {
			return true
		}
	}
	doc, _ := json.Marshal(map[string]string{"password": shapeWord})
	return strings.Contains(text, base64.StdEncoding.EncodeToString(doc))
}
