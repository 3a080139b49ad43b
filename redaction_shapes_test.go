package pairlog_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/redact"
)

// secretName is a text of a type of its own.
type secretName string

// TestShapesOfLists are secrets that only what stands beside them gives away.
func TestShapesOfLists(t *testing.T) {
	for name, a := range map[string]slog.Attr{
		"list of arguments":           slog.Any("args", []string{"mysql", "--password", secretWord, "-v"}),
		"list of anything":            slog.Any("args", []any{1, "--password", secretWord, nil}),
		"arguments in a struct":       slog.Any("cmd", struct{ Args []string }{[]string{"--api-key", secretWord}}),
		"array of arguments":          slog.Any("args", [2]string{"--api-key", secretWord}),
		"list of raw headers":         slog.Any("headers", []string{"Accept", "*/*", "Authorization", secretWord}),
		"arguments in JSON":           slog.Any("args", json.RawMessage(`["--api-key","`+secretWord+`"]`)),
		"arguments as a text":         slog.String("cmd", "mysql --password "+secretWord+" -v"),
		"name and value in JSON":      slog.Any("env", json.RawMessage(`[{"name":"DB_PASSWORD","value":"`+secretWord+`"}]`)),
		"name and value as a text":    slog.String("env", `{"name":"DB_PASSWORD","value":"`+secretWord+`"}, …`),
		"name and value in a map":     slog.Any("env", map[string]any{"name": "DB_PASSWORD", "value": secretWord}),
		"name and value in a struct":  slog.Any("env", []struct{ Name, Value string }{{"HOME", "/"}, {"DB_PASSWORD", secretWord}}),
		"name and value in a group":   slog.Group("env", "name", "DB_PASSWORD", "value", secretWord),
		"name and value at the root":  {Value: slog.GroupValue(slog.String("field", "password"), slog.Any("value", secretWord))},
		"header and values in a map":  slog.Any("h", []any{map[string]any{"header": "Authorization", "values": []string{secretWord}}}),
		"name behind its value":       slog.Any("env", map[string]any{"content": secretWord, "key": "DB_PASSWORD"}),
		"patch of a document":         slog.Any("patch", []map[string]string{{"op": "add", "path": "/user/password", "value": secretWord}}),
		"arguments of a type":         slog.Any("args", []any{"mysql", json.Number("1"), secretName("--password"), secretWord}),
		"bytes that are not UTF-8":    slog.Any("raw", []byte("password="+secretWord+" \xff\xfe")),
		"a text that is not UTF-8":    slog.String("raw", "\xffpassword="+secretWord+"\xfe"),
		"card below zero":             slog.Int64("amount", -4111111111111111),
		"multipart form":              slog.String("body", "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n"+secretWord+"\r\n--b--\r\n"),
		"YAML":                        slog.String("config", "db:\n  password: "+secretWord+"\n  user: app\n"),
		"private key over lines":      slog.String("pem", "-----BEGIN PRIVATE "+"KEY-----\n"+secretWord+"\n-----END PRIVATE "+"KEY-----"),
		"private key with escapes":    slog.String("pem", `{"k":"-----BEGIN PRIVATE `+`KEY-----\n`+secretWord+`\n-----END PRIVATE `+`KEY-----"`),
		"SQL with a password":         slog.String("sql", "CREATE USER app IDENTIFIED BY '"+secretWord+"'"),
		"a group of a card":           slog.Group("card", slog.String("number", secretCard), slog.String("cvv", secretWord)),
		"a card across a truncation":  slog.String("note", strings.Repeat("x ", 509)+secretCard),
		"a secret after a truncation": slog.String("note", strings.Repeat("x", 5000)+" password="+secretWord),
	} {
		t.Run(name, func(t *testing.T) {
			text, console := everyWay(t, a)
			leaks(t, name+", console", console)
			leaks(t, name, text)
			if strings.Contains(text, "4111") {
				t.Errorf("the beginning of a card is left: %s", text)
			}
		})
	}
}

// everyWay returns the lines, and those of a console, on which a was logged in each way
// that there is.
func everyWay(t *testing.T, a slog.Attr) (text, terminal string) {
	t.Helper()
	logs := logtest.NewWith(t, pairlog.Config{})
	log := logs.Logger("x")
	pairlog.Log(t.Context(), log, slog.LevelInfo, "native", a)
	log.LogAttrs(t.Context(), slog.LevelInfo, "slog", a)
	log.With(a).Info("with")
	log.WithGroup("g").Info("group", a)
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	pairlog.Add(ctx, a)
	log.InfoContext(ctx, "scope")
	log.WithGroup("g").With(a).WithGroup("h").Info("both", a)
	pairlog.Log(t.Context(), log, slog.LevelInfo, "native", a) // from what has been learned
	var console buffer
	p, err := pairlog.Open(pairlog.Config{Out: &console, Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	p.Logger("x").LogAttrs(t.Context(), slog.LevelInfo, "console", a)
	closePipeline(t, p)
	return logs.Text(), console.String()
}

// TestAllowListInEveryForm holds what stands under a key with an allow-list to that
// list, in whatever form it comes.
func TestAllowListInEveryForm(t *testing.T) {
	const doc = `{"id":1,"customer":"Ann Example"}`
	config := func(format pairlog.Format, out io.Writer) pairlog.Config {
		return pairlog.Config{Out: out, Format: format, Err: io.Discard, Redact: redact.Config{Allow: map[string][]string{"webhook": {"id"}}}}
	}
	for _, format := range []pairlog.Format{"json", "console"} {
		for what, v := range map[string]any{
			"raw":      json.RawMessage(doc),
			"map":      map[string]any{"id": 1, "customer": "Ann Example"},
			"group":    slog.GroupValue(slog.Int("id", 1), slog.String("customer", "Ann Example")),
			"text":     doc,
			"bytes":    []byte(doc),
			"list":     []string{doc},
			"anything": []any{doc},
		} {
			var out bytes.Buffer
			p, err := pairlog.Open(config(format, &out))
			if err != nil {
				t.Fatal(err)
			}
			a := slog.Any("webhook", v)
			log := p.Logger("x")
			log.Info("e", a)
			pairlog.Log(t.Context(), log, slog.LevelInfo, "e", a)
			log.With(a).Info("e")
			log.WithGroup("g").Info("e", a)
			log.Info("e", slog.Group("g", a))
			ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
			pairlog.Add(ctx, a)
			log.InfoContext(ctx, "e")
			closePipeline(t, p)
			if text := out.String(); strings.Contains(text, "Ann") || strings.Count(text, "[REDACTED]") != 6 {
				t.Errorf("%s, %s: an allow-list lets through:\n%s", what, format, text)
			}
		}
	}
}
