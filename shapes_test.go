package pairlog_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/redact"
)

// The secrets of the shapes. They are put together here, so that no scanner
// takes this file for a leak.
var (
	secretWord = "hunter2" + "-Zq9xW"
	secretCard = "4111" + "1111" + "1111" + "1111"
	secretKey  = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
)

// secrets are what must not be read anywhere: the values, and parts of the card
// that would give it away.
var secrets = []string{secretWord, secretCard, "4111 1111", secretKey, "4eC39HqLyjWD"}

type (
	taggedSecret struct {
		Name string `json:"name"`
		Word string `json:"userPassword"`
	}
	fieldSecret    struct{ Password string }
	unexported     struct{ password, Note string }
	embeddedSecret struct {
		fieldSecret
		ID int
	}
	stringerSecret struct{ s string }
	valuerSecret   struct{ Password string }
	deepValuer     struct{ inner slog.LogValuer }
	marshalSecret  struct{ s string }
	textSecret     struct{ s string }
	cyclic         struct {
		Password string
		Self     *cyclic
	}
)

func (s stringerSecret) String() string { return "password=" + s.s }
func (v valuerSecret) LogValue() slog.Value {
	return slog.GroupValue(slog.String("password", v.Password))
}
func (d deepValuer) LogValue() slog.Value { return slog.AnyValue(d.inner) }
func (m marshalSecret) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"password": m.s})
}
func (x textSecret) MarshalText() ([]byte, error) { return []byte("token " + x.s), nil }

// shapes are the ways in which a secret gets into a record.
func shapes() map[string]slog.Attr {
	word, card, token := secretWord, secretCard, secretKey
	p := &fieldSecret{word}
	loop := &cyclic{Password: word}
	loop.Self = loop
	two, _ := json.Marshal(map[string]string{"password": word})
	one, _ := json.Marshal(map[string]string{"body": string(two)})
	val := slog.Any
	return map[string]slog.Attr{
		"string attr":                      slog.String("password", word),
		"group named by a sensitive key":   slog.Group("credentials", "value", word),
		"other-case key":                   slog.String("PASSWORD", word),
		"compound key camel":               slog.String("userPassword", word),
		"compound key snake":               slog.String("user_password", word),
		"compound key header":              slog.String("X-Card-Number", card),
		"map of strings":                   val("m", map[string]string{"password": word}),
		"map of any, nested":               val("m", map[string]any{"a": map[string]any{"b": []any{map[string]any{"secret": word}}}}),
		"secret as a map key":              val("m", map[string]int{token: 1}),
		"secret as an attr key":            slog.Int(token, 1),
		"struct field":                     val("s", fieldSecret{word}),
		"struct field with a json tag":     val("s", taggedSecret{"n", word}),
		"pointer":                          val("s", p),
		"pointer to pointer":               val("s", &p),
		"slice":                            val("s", []fieldSecret{{word}}),
		"array":                            val("s", [1]fieldSecret{{word}}),
		"embedded struct":                  val("s", embeddedSecret{fieldSecret{word}, 1}),
		"unexported field":                 val("s", unexported{password: word, Note: "n"}),
		"interface holding a struct":       val("s", []any{fieldSecret{word}, &p}),
		"fmt.Stringer":                     val("s", stringerSecret{word}),
		"error":                            val("e", errors.New("login with password="+word)),
		"wrapped error":                    val("e", fmt.Errorf("x: %w", errors.New("key "+token+" refused"))),
		"joined error":                     val("e", errors.Join(errors.New("a"), errors.New("card "+card))),
		"pairlog.Err":                      pairlog.Err(pairlog.WithStack(fmt.Errorf("x: %w", errors.New("card "+card+" key "+token)))),
		"LogValuer":                        val("v", valuerSecret{word}),
		"LogValuer inside a struct":        val("v", struct{ V valuerSecret }{valuerSecret{word}}),
		"LogValuer returning a LogValuer":  val("v", deepValuer{valuerSecret{word}}),
		"json.Marshaler":                   val("j", marshalSecret{word}),
		"encoding.TextMarshaler":           val("t", textSecret{token}),
		"json.RawMessage":                  val("r", json.RawMessage(two)),
		"[]byte of JSON":                   val("b", two),
		"JSON inside a JSON string, twice": slog.String("body", string(one)),
		"URL userinfo":                     slog.String("u", "postgres://app:"+word+"@db.internal:5432/x"),
		"URL query":                        slog.String("u", "https://example.com/cb?state=1&access_token="+word+"&x=2"),
		"*url.URL":                         val("u", &url.URL{Scheme: "https", Host: "h", User: url.UserPassword("u", word), RawQuery: "api_key=" + word}),
		"URL that net/url rejects":         slog.String("u", "https://app:"+word+"@[::1%zone/x?%zz"),
		"form body":                        slog.String("f", "user=bob&password="+word+"&ok=1"),
		"Authorization header":             val("h", http.Header{"Authorization": {"Bearer " + word}}),
		"Cookie header":                    val("h", http.Header{"Cookie": {"session=" + word}}),
		"Set-Cookie header":                val("h", http.Header{"Set-Cookie": {"session=" + word + "; HttpOnly"}}),
		"Authorization in a text":          slog.String("dump", "GET / HTTP/1.1\r\nAuthorization: Basic "+base64.StdEncoding.EncodeToString([]byte("bob:"+word))+"\r\n"),
		"int64 card number":                slog.Int64("n", 4111111111111111),
		"uint64 card number":               slog.Uint64("n", 4111111111111111),
		"float64 card number":              slog.Float64("n", 4111111111111111),
		"json.Number":                      val("n", json.Number(card)),
		"int in a struct":                  val("n", struct{ N int }{4111111111111111}),
		"card with spaces":                 slog.String("note", "pay with 4111 1111 1111 1111 please"),
		"stack trace text":                 slog.String("stack_trace", "main.login({\"password=\", "+word+"})\n\t/app/main.go:1 password="+word),
		"base64 of JSON":                   slog.String("blob", base64.StdEncoding.EncodeToString(two)),
		"cyclic value":                     val("c", loop),
		"typed secret":                     val("s", redact.NewSecret(word)),
		"typed secret in a struct":         val("s", struct{ S redact.Secret[string] }{redact.NewSecret(word)}),
	}
}

// TestNoShapeLeaks writes every shape through every front-end, and looks for the
// secrets in what the sinks have got.
func TestNoShapeLeaks(t *testing.T) {
	fronts := map[string]func(ctx context.Context, log *slog.Logger, a slog.Attr){
		"slog": func(ctx context.Context, log *slog.Logger, a slog.Attr) { log.LogAttrs(ctx, slog.LevelInfo, "e", a) },
		"native": func(ctx context.Context, log *slog.Logger, a slog.Attr) {
			pairlog.Log(ctx, log, slog.LevelInfo, "e", a)
		},
		"With": func(ctx context.Context, log *slog.Logger, a slog.Attr) { log.With(a).InfoContext(ctx, "e", "n", 1) },
		"WithGroup": func(ctx context.Context, log *slog.Logger, a slog.Attr) {
			log.WithGroup("g").With(a).WithGroup("h").InfoContext(ctx, "e", a)
		},
		"sensitive group": func(ctx context.Context, log *slog.Logger, a slog.Attr) {
			log.WithGroup("password").With(a).InfoContext(ctx, "e", a)
		},
		"group attr": func(ctx context.Context, log *slog.Logger, a slog.Attr) {
			log.InfoContext(ctx, "e", slog.Group("g", slog.Group("h", a)))
		},
		"scope": func(ctx context.Context, log *slog.Logger, a slog.Attr) {
			pairlog.Add(ctx, a)
			log.InfoContext(ctx, "e")
		},
		"recorder": func(ctx context.Context, log *slog.Logger, a slog.Attr) {
			log.DebugContext(ctx, "d", a)
			pairlog.ScopeFrom(ctx).Fail()
		},
		"message": func(ctx context.Context, log *slog.Logger, a slog.Attr) {
			if a.Value.Kind() == slog.KindString {
				log.InfoContext(ctx, a.Key+"="+a.Value.String())
			}
		},
	}
	for name, a := range shapes() {
		t.Run(name, func(t *testing.T) {
			for front, log := range fronts {
				console := &buffer{}
				logs := logtest.NewWith(t, pairlog.Config{})
				p, err := pairlog.Open(pairlog.Config{Out: console, Err: io.Discard})
				if err != nil {
					t.Fatal(err)
				}
				for _, logger := range []*slog.Logger{logs.Logger("x"), p.Logger("x")} {
					ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-1"})
					log(ctx, logger, a)
					log(ctx, logger, a) // now from what has been learned
				}
				closePipeline(t, p)
				for form, text := range map[string]string{"JSON": logs.Text(), "console": console.String()} {
					leaks(t, front+", "+form, text)
				}
				if front == "message" && a.Value.Kind() != slog.KindString {
					continue
				}
				if len(logs.Records()) == 0 {
					t.Errorf("%s: nothing was written", front)
				}
			}
		})
	}
}

func leaks(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(text, s) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(s))[:12]) {
			t.Errorf("%s leaks: %s", where, text)
			return
		}
	}
}

// TestWhatMustSurvive holds what a reader of logs needs and no rule may take.
func TestWhatMustSurvive(t *testing.T) {
	logs := logtest.New(t)
	keep := map[string]any{
		"token_type": "access", "token_count": json.Number("12"), "page_token": "abc123", "author": "jane", "author_type": "staff",
		"authorized": true, "jti": request, "session_id": "s-1", "request_ids": request, "idempotency_key": "order-77",
		"status_code": json.Number("200"), "error_code": "card_declined", "key_count": json.Number("3"), "primary_key": "id",
		"keyboard": "qwerty", "event_name": "x", "user_id": user1, "duration_ms": json.Number("1.50"), "path": "/api/auth/login",
		"timestamp_ms": json.Number("1736937045123.00"), "count": json.Number("1736937045123"),
	}
	var attrs []slog.Attr
	for k, v := range keep {
		if n, ok := v.(json.Number); ok {
			if i, err := n.Int64(); err == nil {
				attrs = append(attrs, slog.Int64(k, i))
				continue
			}
			f, _ := n.Float64()
			attrs = append(attrs, slog.Float64(k, f))
			continue
		}
		attrs = append(attrs, slog.Any(k, v))
	}
	pairlog.Log(t.Context(), logs.Logger("x"), slog.LevelInfo, "kept", attrs...)
	rec := logs.One("kept")
	for k, want := range keep {
		if got, _ := rec.Value(k); got != want {
			t.Errorf("%s = %v, want %v", k, got, want)
		}
	}
}
