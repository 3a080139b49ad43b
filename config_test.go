package pairlog_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/redact"
	"github.com/pairly/pairlog/sink"
)

// setenv sets the LOG_ variables of a test and clears all others.
func setenv(t *testing.T, vars map[string]string) {
	t.Helper()
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "LOG_") || name == "ENVIRONMENT" || name == "NO_COLOR" || name == "FORCE_COLOR" || name == "TERM" {
			t.Setenv(name, "")
		}
	}
	for k, v := range vars {
		t.Setenv(k, v)
	}
}

func TestFromEnv(t *testing.T) {
	setenv(t, nil)
	c := pairlog.FromEnv()
	if !c.Stdout || !c.File || c.Format != pairlog.FormatConsole || c.Level != slog.LevelInfo || c.Color != pairlog.ColorAuto {
		t.Errorf("empty environment: %+v", c)
	}
	setenv(t, map[string]string{
		"LOG_LEVEL": "warn", "LOG_LEVELS": "db=DEBUG, api.request=ERROR", "ENVIRONMENT": "production", "LOG_OUTPUT": "file",
		"LOG_FILE_PATH": "/x/app.log", "LOG_ROTATION_SIZE": "10MB", "LOG_ROTATION_EVERY": "24h", "LOG_RETENTION_DAYS": "7",
		"LOG_RETENTION_SIZE": "1GB", "LOG_ARCHIVE": "gzip", "LOG_SEAL_RECIPIENTS": "age1a, age1b", "LOG_QUEUE_SIZE": "1MB",
		"LOG_QUEUE_POLICY": "drop_oldest", "LOG_FLUSH_EVERY": "20ms", "LOG_SYNC": "batch", "LOG_SAMPLE_RATES": "a=0.1,b:GET /x=0",
		"LOG_FLIGHT_RECORDER": "0", "LOG_PII_MODE": "HASH", "LOG_PII_KEY": strings.Repeat("ab", 32), "LOG_PAN": "last4",
		"LOG_SLOW_REQUEST_MS": "500", "LOG_SLOW_QUERY_MS": "off", "LOG_STUCK_REQUEST": "10s", "LOG_BODIES": "errors",
		"LOG_QUERIES": "true", "LOG_SOURCE": "1", "NO_COLOR": "1", "FORCE_COLOR": "1", "LOG_MIN_FREE": "2GB",
	})
	want := pairlog.Config{
		Level: slog.LevelWarn, Levels: map[string]slog.Level{"db": slog.LevelDebug, "api.request": slog.LevelError},
		Format: pairlog.FormatJSON, Color: pairlog.ColorNever, File: true, FilePath: "/x/app.log", RotateBytes: 10 << 20, RotateEvery: 24 * time.Hour,
		RetainDays: 7, RetainBytes: 1 << 30, MinFreeBytes: 2 << 30, Archive: "gzip", SealRecipients: []string{"age1a", "age1b"},
		QueueBytes: 1 << 20, QueuePolicy: "drop_oldest", FlushEvery: 20 * time.Millisecond, Sync: true,
		SampleRates: map[string]float64{"a": 0.1, "b:GET /x": 0}, RecorderBytes: -1,
		PIIMode: redact.PIIHash, PIIKey: bytes.Repeat([]byte{0xab}, 32), Redact: redact.Config{PAN: redact.PANLast4},
		SlowRequest: 500 * time.Millisecond, SlowQuery: -1, StuckRequest: 10 * time.Second, Bodies: "errors", Queries: true, Source: true,
	}
	if got := pairlog.FromEnv(); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

func TestBadSettingsAreReportedAndReplaced(t *testing.T) {
	setenv(t, map[string]string{
		"LOG_LEVEL": "loud", "LOG_LEVELS": "db", "LOG_FORMAT": "xml", "LOG_OUTPUT": "printer,file", "LOG_ROTATION_SIZE": "big",
		"LOG_ROTATION_EVERY": "-1h", "LOG_RETENTION_DAYS": "x", "LOG_ARCHIVE": "rar", "LOG_QUEUE_SIZE": "0", "LOG_QUEUE_POLICY": "maybe",
		"LOG_FLUSH_EVERY": "soon", "LOG_SAMPLE_RATES": "a,b=2", "LOG_FLIGHT_RECORDER": "-1", "LOG_PII_MODE": "none",
		"LOG_SLOW_REQUEST_MS": "1s", "LOG_BODIES": "some", "LOG_SOURCE": "perhaps", "LOG_SYNC": "often", "LOG_STUCK_REQUEST": "x",
		"LOG_SHIP": "datadog://key@example.com", "LOG_FILE_PATH": filepath.Join(t.TempDir(), "app.log"),
		"LOG_PII_KEY_ID": strings.Repeat("ab", 32),
	})
	c := pairlog.FromEnv()
	p, text := open(t, c)
	if !p.Logger("x").Enabled(t.Context(), slog.LevelInfo) {
		t.Error("INFO is not enabled")
	}
	var got []string
	for _, m := range records(t, text()) {
		if m["event"] == "log_config_invalid" {
			got = append(got, fmt.Sprintf("%v=%v", m["setting"], m["value"]))
			if m["wanted"] == "" || m["used"] == "" || m["level"] != "WARNING" || m["logger"] != "logging.internal" {
				t.Errorf("report without a hint: %v", m)
			}
		}
	}
	want := []string{"LOG_LEVEL=loud", "LOG_LEVELS=db", "LOG_FORMAT=xml", "LOG_OUTPUT=printer", "LOG_ROTATION_SIZE=big",
		"LOG_ROTATION_EVERY=-1h", "LOG_RETENTION_DAYS=x", "LOG_ARCHIVE=rar", "LOG_QUEUE_SIZE=0", "LOG_QUEUE_POLICY=maybe", "LOG_FLUSH_EVERY=soon", "LOG_SYNC=often",
		"LOG_PII_MODE=none", "LOG_PII_KEY_ID=(64 bytes)", "LOG_SAMPLE_RATES=a", "LOG_SAMPLE_RATES=b=2", "LOG_FLIGHT_RECORDER=-1", "LOG_SLOW_REQUEST_MS=1s",
		"LOG_STUCK_REQUEST=x", "LOG_BODIES=some", "LOG_SOURCE=perhaps", "LOG_SHIP=datadog://…"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

// An output that there is not leaves the others, and the report says which.
func TestSomeOutputUnknown(t *testing.T) {
	setenv(t, map[string]string{"LOG_OUTPUT": "stdout,syslog"})
	var out bytes.Buffer
	c := pairlog.FromEnv()
	c.Format, c.Out = pairlog.FormatJSON, &out
	p, err := pairlog.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, `"value":"syslog"`) || !strings.Contains(got, `"used":"stdout"`) {
		t.Errorf("reported %s\nwant syslog, and that stdout is used", got)
	}
}

// An output of which nothing can be used is the default, and says so.
func TestOutputThatIsNone(t *testing.T) {
	for _, value := range []string{"printer", ",,", "printer,disk"} {
		setenv(t, map[string]string{"LOG_OUTPUT": value})
		c := pairlog.FromEnv()
		if !c.Stdout || !c.File {
			t.Errorf("LOG_OUTPUT=%s: stdout %v, file %v, want both", value, c.Stdout, c.File)
		}
		c.Stdout, c.File = false, false
		_, text := open(t, c)
		recs := records(t, text())
		if len(recs) != 1 || recs[0]["setting"] != "LOG_OUTPUT" || recs[0]["value"] != value || recs[0]["used"] != "stdout,file" {
			t.Errorf("LOG_OUTPUT=%s: reported %v, want it with what is used", value, recs)
		}
	}
}

// Values that can be read and would do harm: a typing error must not cost every
// archive, a file for each line, or all memory.
func TestSettingsBeyondReason(t *testing.T) {
	vars := map[string]string{
		"LOG_ROTATION_SIZE": "1B", "LOG_ROTATION_EVERY": "1ns", "LOG_RETENTION_DAYS": "200000", "LOG_QUEUE_SIZE": "2GB",
		"LOG_FLUSH_EVERY": "9000h", "LOG_FLIGHT_RECORDER": "999TB", "LOG_STUCK_REQUEST": "1ns", "LOG_SHIP_BUFFER": "999TB",
		"LOG_SLOW_REQUEST_MS": "999999999999", "LOG_MIN_FREE": "99999999TB",
	}
	setenv(t, vars)
	c := pairlog.FromEnv()
	if c.RotateBytes != 0 || c.RotateEvery != 0 || c.RetainDays != 0 || c.QueueBytes != 0 || c.FlushEvery != 0 ||
		c.RecorderBytes != 0 || c.StuckRequest != 0 || c.SlowRequest != 0 || c.MinFreeBytes != 0 {
		t.Errorf("config = %+v, want defaults", c)
	}
	c.File, c.Err = false, io.Discard
	_, text := open(t, c)
	told := map[string]string{}
	for _, m := range records(t, text()) {
		told[fmt.Sprint(m["setting"])] = fmt.Sprint(m["value"])
	}
	if !reflect.DeepEqual(told, vars) {
		t.Errorf("told %v, want %v", told, vars)
	}
}

func TestSettings(t *testing.T) {
	p, _ := open(t, pairlog.Config{})
	if got, want := p.Settings(), (pairlog.Settings{SlowRequest: 2 * time.Second, SlowQuery: 200 * time.Millisecond, StuckRequest: 30 * time.Second, Bodies: "off"}); got != want {
		t.Errorf("Settings = %+v, want %+v", got, want)
	}
	p, _ = open(t, pairlog.Config{SlowRequest: -1, SlowQuery: 1, StuckRequest: -1, Bodies: "all", Queries: true})
	if got, want := p.Settings(), (pairlog.Settings{SlowQuery: 1, Bodies: "all", Queries: true}); got != want {
		t.Errorf("Settings = %+v, want %+v", got, want)
	}
}

func TestUnwritableFileFallsBackToStandardError(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	errOut := &buffer{}
	p, err := pairlog.Open(pairlog.Config{File: true, FilePath: filepath.Join(blocked, "app.log"), Err: errOut, Out: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	p.Logger("x").Info("still_here")
	closePipeline(t, p)
	recs := records(t, errOut.String())
	var degraded, here int
	for _, m := range recs {
		switch m["event"] {
		case "log_sink_degraded":
			degraded++
			if m["fallback"] != "standard error" || m["reason"] == "" || m["sink"] == "" || m["level"] != "ERROR" {
				t.Errorf("report %v", m)
			}
		case "still_here":
			here++
		}
	}
	if degraded != 1 || here != 1 {
		t.Errorf("%d reports and %d lines, want one of each: %s", degraded, here, errOut)
	}
}

func TestFileHoldsJSONAndConsoleText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "logs", "app.log")
	out := &buffer{}
	p, err := pairlog.Open(pairlog.Config{Stdout: true, Out: out, File: true, FilePath: path, Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	p.Logger("x").Info("hello", "n", 1)
	closePipeline(t, p)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if recs := records(t, string(b)); len(recs) != 1 || recs[0]["event"] != "hello" {
		t.Errorf("file has %s", b)
	}
	if got := out.String(); !strings.Contains(got, "hello") || strings.Contains(got, "{") {
		t.Errorf("console has %s", got)
	}
}

// stuckSink never takes anything.
type stuckSink struct{ sink.Sink }

func (stuckSink) Write([]byte) (int, error) { return 0, fmt.Errorf("no") }
func (stuckSink) Sync() error               { return nil }
func (stuckSink) Close() error              { return nil }
func (stuckSink) String() string            { return "stuck" }

func TestDeadSinkStopsNobody(t *testing.T) {
	errOut := &buffer{}
	p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{stuckSink{}}, QueueBytes: 64 << 10, QueuePolicy: "drop_newest", Err: errOut})
	if err != nil {
		t.Fatal(err)
	}
	log := p.Logger("x")
	for i := range 5000 {
		log.Info("line", "i", i)
	}
	s := p.Stats()
	if s.DroppedTotal() == 0 || s.Emitted+s.DroppedTotal() != 5000 {
		t.Errorf("Stats = %+v, want what does not fit dropped and counted", s)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := p.Close(ctx); err == nil {
		t.Error("Close of a full queue with a dead sink gave no error")
	}
	if got := errOut.String(); !strings.Contains(got, "log_drain_failed") {
		t.Errorf("standard error has %q, want log_drain_failed", got)
	}
}

func TestNilSinkIsAnError(t *testing.T) {
	p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{nil}, Stdout: true, Out: io.Discard})
	if err == nil || p == nil {
		t.Fatalf("Open = %v, %v, want a pipeline and an error", p, err)
	}
	p.Logger("x").Info("works")
	closePipeline(t, p)
}

func TestRedactionByLogger(t *testing.T) {
	p, text := open(t, pairlog.Config{RedactLoggers: map[string]redact.Config{"security": {PII: redact.PIIFull}}})
	for _, name := range []string{"api", "security.ban"} {
		p.Logger(name).Info("e", "client_ip", "203.0.113.77", "password", "hunter2hunter2")
	}
	recs := records(t, text())
	if recs[0]["client_ip"] == "203.0.113.77" || recs[1]["client_ip"] != "203.0.113.77" {
		t.Errorf("client_ip = %v and %v, want it full for security alone", recs[0]["client_ip"], recs[1]["client_ip"])
	}
	if recs[0]["password"] != redact.Mark || recs[1]["password"] != redact.Mark {
		t.Errorf("password = %v and %v", recs[0]["password"], recs[1]["password"])
	}
	if s := p.Stats(); len(s.Redacted) == 0 {
		t.Error("Stats.Redacted is empty")
	}
}

func TestSetDefault(t *testing.T) {
	before, flags, out := slog.Default(), log.Flags(), log.Writer()
	t.Cleanup(func() {
		slog.SetDefault(before)
		log.SetFlags(flags)
		log.SetOutput(out)
	})
	p, text := open(t, pairlog.Config{})
	p.SetDefault()
	slog.Info("from_slog", "n", 1)
	log.Printf("from the package log\nin two lines")
	recs := records(t, text())
	if len(recs) != 2 || recs[0]["logger"] != "app" || recs[0]["event"] != "from_slog" ||
		recs[1]["logger"] != "stdlog" || recs[1]["message"] != "from the package log\nin two lines" || recs[1]["level"] != "INFO" {
		t.Errorf("got %v", recs)
	}
}
