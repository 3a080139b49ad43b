package pairlog_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/internal/planted"
	"github.com/pairly/pairlog/logtest"
)

// plantedSeed is not that of the tests of redact: the pipeline is held against
// values which they have not seen.
const plantedSeed = 7

// ways are forms in which a text comes to be logged.
var ways = []struct {
	name string
	attr func(text string) slog.Attr
}{
	{"string", func(s string) slog.Attr { return slog.String("v", s) }},
	{"error", func(s string) slog.Attr { return slog.Any("v", fmt.Errorf("call: %w", errors.New(s))) }},
	{"bytes", func(s string) slog.Attr { return slog.Any("v", []byte(s)) }},
	{"list", func(s string) slog.Attr { return slog.Any("v", []any{1, s}) }},
	{"map", func(s string) slog.Attr { return slog.Any("v", map[string]string{"a": s}) }},
	{"struct", func(s string) slog.Attr { return slog.Any("v", struct{ A string }{s}) }},
	{"JSON", func(s string) slog.Attr {
		raw, _ := json.Marshal(map[string]string{"a": s})
		return slog.Any("v", json.RawMessage(raw))
	}},
	{"JSON in JSON", func(s string) slog.Attr {
		raw, _ := json.Marshal(map[string]string{"a": s})
		return slog.String("v", string(raw))
	}},
	{"stack", func(s string) slog.Attr { return slog.String("stack_trace", s) }},
}

// TestPlantedSecretsThroughPipeline logs each line with a secret in each way and
// as the message, and looks for what is left in the file's lines.
func TestPlantedSecretsThroughPipeline(t *testing.T) {
	g := planted.NewSamples(plantedSeed)
	lines := planted.Lines("secrets")
	for _, token := range planted.Lines("tokens") {
		_, pattern, _ := strings.Cut(token, "\t")
		if !strings.Contains(pattern, "«") {
			pattern = "«" + pattern + "»"
		}
		lines = append(lines, "got "+pattern+" back")
	}
	for _, line := range lines {
		text, secrets := g.Secret(line)
		logs := logtest.NewWith(t, pairlog.Config{})
		log := logs.Logger("x")
		for _, way := range ways {
			log.LogAttrs(t.Context(), slog.LevelInfo, way.name, way.attr(text))
		}
		log.Info(text)
		log.Info("keyed", text, 1)
		for _, record := range strings.Split(logs.Text(), "\n") {
			_, record, _ = strings.Cut(record, ",") // milliseconds may be those of a code
			for _, secret := range secrets {
				if left := planted.Leak(record, secret); left != "" {
					t.Errorf("%s: %q is left of %q\n%s", line, left, text, record)
					break
				}
			}
		}
	}
}

// TestInnocentTextsThroughPipeline logs each innocent line as an attr, and wants
// it back as it was.
func TestInnocentTextsThroughPipeline(t *testing.T) {
	g := planted.NewSamples(plantedSeed)
	logs := logtest.NewWith(t, pairlog.Config{PIIMode: "full"})
	log := logs.Logger("x")
	var texts []string
	for _, line := range planted.Lines("innocent") {
		texts = append(texts, g.Innocent(line))
		log.Info("e", "v", texts[len(texts)-1])
	}
	var got []string
	for _, record := range strings.Split(strings.TrimSpace(logs.Text()), "\n") {
		var r struct{ V string }
		if err := json.Unmarshal([]byte(record), &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r.V)
	}
	if len(got) != len(texts) {
		t.Fatalf("%d records, want %d", len(got), len(texts))
	}
	for i, want := range texts {
		if got[i] != want {
			t.Errorf("%q was logged as %q", want, got[i])
		}
	}
}

// TestHeaderNamesThroughPipeline keeps a list of names of headers, and no credential
// after one of them.
func TestHeaderNamesThroughPipeline(t *testing.T) {
	logs := logtest.NewWith(t, pairlog.Config{})
	log := logs.Logger("x")
	names := []string{"authorization", "cookie"}
	log.Info("e", "texts", names, "any", []any{"authorization", "cookie"}, "struct", struct{ Headers []string }{names},
		"raw", []string{"Cookie", "x1"}, "flags", []string{"--password", "cookie"})
	want := `"texts":["authorization","cookie"],"any":["authorization","cookie"],"struct":{"Headers":["authorization","cookie"]},` +
		`"raw":["Cookie","[REDACTED]"],"flags":["--password","[REDACTED]"]`
	if got := logs.Text(); !strings.Contains(got, want) {
		t.Errorf("the line is %s, want in it %s", got, want)
	}
}

// TestHostsThroughPipeline keeps the address of a service's own machine, and only
// under its key.
func TestHostsThroughPipeline(t *testing.T) {
	logs := logtest.NewWith(t, pairlog.Config{})
	log := logs.Logger("db.pool")
	const own, masked = "10.1.2.3:5432", "10.1.2.0/24:5432"
	f := func(want string, attrs ...slog.Attr) {
		t.Helper()
		before := len(logs.Text())
		log.LogAttrs(t.Context(), slog.LevelInfo, "db_connected", attrs...)
		pairlog.Log(t.Context(), log, slog.LevelInfo, "db_connected", attrs...)
		if text := logs.Text()[before:]; strings.Count(text, want) != 2 {
			t.Errorf("%v was logged as %s, want %q in it", attrs, text, want)
		}
	}
	f(`"host":"`+own+`"`, slog.String("host", own))
	f(`"db":{"host":"`+own+`"}`, slog.Group("db", slog.String("host", own)))
	f(`"v":{"host":"`+own+`"}`, slog.Any("v", map[string]string{"host": own}))
	f(`"v":{"host":"`+own+`"}`, slog.Any("v", struct {
		Host string `json:"host"`
	}{own}))
	f(`"host":"203.0.113.0/24:5432"`, slog.String("host", "203.0.113.7:5432"))
	f(`"addr":"`+masked+`"`, slog.String("addr", own))
	f(`"client_ip":{"host":"`+masked+`"}`, slog.Group("client_ip", slog.String("host", own)))
	f(`"note":"host=`+masked+`"`, slog.String("note", "host="+own))
}
