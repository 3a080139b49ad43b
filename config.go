package pairlog

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pairly/pairlog/internal/encode"
	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/redact"
	"github.com/pairly/pairlog/sink"
)

// Format is the form of standard output; files are always JSON.
type Format string

const (
	// FormatConsole is aligned text for people, coloured on a terminal.
	FormatConsole Format = "console"
	// FormatJSON is JSON lines, as in files.
	FormatJSON Format = "json"
)

// Color says when console lines are coloured.
type Color string

const (
	// ColorAuto colours when the output is a terminal.
	ColorAuto Color = "auto"
	// ColorAlways and ColorNever decide regardless of the output.
	ColorAlways Color = "always"
	ColorNever  Color = "never"
)

// Limits bounds what one record may hold; see the fields. What passes a limit is
// cut or replaced by "…" and counted in [Stats].
type Limits = encode.Limits

// Config configures a [Pipeline]. The zero value logs to standard output as text
// at INFO. Zero fields have the default named beside them; where -1 means off the
// field says so. [FromEnv] fills it from the environment.
type Config struct {
	// Level is the lowest level that is written; the zero value is INFO.
	Level slog.Level
	// Levels are levels by logger prefix: "db" is for db and db.query, not for
	// dbx. The longest prefix counts. nil means Level for all.
	Levels map[string]slog.Level

	// Stdout writes to standard output in Format. It is implied when File is not
	// set and Sinks is empty.
	Stdout bool
	// Format is that of standard output; "" means FormatConsole.
	Format Format
	// Color is for FormatConsole; "" means ColorAuto.
	Color Color

	// File writes JSON lines to FilePath.
	File bool
	// FilePath is the log file; it is created with its folder, mode 0640. ""
	// means /var/log/pairly/app.log. When it cannot be written, lines go to
	// standard error.
	FilePath string
	// RotateBytes is the size at which a new file is begun, in bytes; 0 means
	// 100 MB, -1 never.
	RotateBytes int64
	// RotateEvery also begins a new file at each multiple of this in UTC; 0 means
	// off.
	RotateEvery time.Duration
	// RetainDays is how many days rotated files are kept; 0 means 30, -1 for
	// ever.
	RetainDays int
	// RetainBytes is the total size, in bytes, beyond which the oldest rotated
	// files are deleted; 0 means off.
	RetainBytes int64
	// MinFreeBytes is the space on the file system, in bytes, below which the
	// oldest rotated files are deleted; 0 means off.
	MinFreeBytes int64
	// Archive is what rotated files become: zstd, gzip or none; "" means zstd.
	Archive string
	// SealRecipients are age recipients. With any, files can be read only with
	// their identities, and the queue is kept in memory, where a crash loses it.
	SealRecipients []string

	// QueueBytes is the size of the queue, in bytes; 0 means 8 MB.
	QueueBytes int
	// QueuePolicy says what happens when the queue is full: block:<bound>,
	// drop_oldest or drop_newest; "" means block:50ms. Records at ERROR and above
	// are dropped last.
	QueuePolicy string
	// FlushEvery is the longest that a line waits for its batch; 0 means 100 ms.
	FlushEvery time.Duration
	// Sync makes each batch durable on disk before it counts as written.
	Sync bool

	// SampleRates are the shares of records to keep, 0 to 1, by event or
	// event:route, the route as it stands on the line or without its method. Never
	// applied to WARNING and above nor to the logger audit.
	SampleRates map[string]float64
	// RecorderBytes bounds the memory of the flight recorder of each scope, in
	// bytes; 0 means 64 KB, -1 off.
	RecorderBytes int

	// PIIMode is how e-mail and IP addresses are written; "" means mask. It goes
	// before Redact.PII.
	PIIMode redact.PIIMode
	// PIIKey is the key of PIIMode hash, at least 32 bytes. It goes before
	// Redact.PIIKey.
	PIIKey []byte
	// Redact has everything else about redaction. Its zero value is safe.
	Redact redact.Config
	// RedactLoggers are policies of their own by logger prefix, as in Levels,
	// with PIIMode and PIIKey applied like to Redact.
	RedactLoggers map[string]redact.Config
	// Limits bounds one record.
	Limits Limits

	// SlowRequest is how long a request may take before it is slow; 0 means 2 s,
	// -1 off. See [Pipeline.Settings].
	SlowRequest time.Duration
	// SlowQuery is the same for a database statement; 0 means 200 ms, -1 off.
	SlowQuery time.Duration
	// StuckRequest is how long a request may run before its stack is logged; 0
	// means 30 s, -1 off.
	StuckRequest time.Duration
	// Bodies says which request and response bodies are captured: off, errors or
	// all; "" means off.
	Bodies string
	// Queries logs every database statement at DEBUG.
	Queries bool
	// Source writes function, file and line of each call, at the price of looking
	// them up. Lines that a package of this library writes for the program, such as
	// http_request, have none.
	Source bool

	// Ship are servers that get every line, too. Each has a buffer of its own;
	// what it cannot deliver while a server is down is counted in
	// [Stats].SinkDropped, and standard output or the file has it. Report is
	// set by [Open].
	Ship []sink.RemoteConfig
	// Sinks are further destinations; the pipeline closes them.
	Sinks []sink.Sink
	// Out and Err are standard output and standard error; nil means os.Stdout and
	// os.Stderr.
	Out, Err io.Writer
	// Now is the clock of records and rotation; nil means time.Now. A clock of
	// one's own goes before the time in a slog.Record, which slog has set.
	Now func() time.Time

	// faults are settings that FromEnv could not read; Open reports them.
	faults []fault
}

// fault is a setting that could not be used.
type fault struct {
	setting, value, wanted, used string
}

// Settings are what instrumentation needs to know of the configuration, with
// defaults filled in. A zero duration is off.
type Settings struct {
	SlowRequest, SlowQuery, StuckRequest time.Duration
	// Bodies is off, errors or all.
	Bodies string
	// Queries is set when every database statement is to be logged at DEBUG.
	Queries bool
}

const (
	defaultFilePath      = "/var/log/pairly/app.log"
	defaultRecorderBytes = 64 << 10
	defaultSlowRequest   = 2 * time.Second
	defaultSlowQuery     = 200 * time.Millisecond
	defaultStuckRequest  = 30 * time.Second

	wantedPolicy = "block:<duration>, drop_oldest or drop_newest"
)

var defaultPolicy = "block:" + queue.DefaultBlockFor.String()

// withDefaults fills in the defaults. What cannot be used is replaced by its
// default and noted in faults.
func (c Config) withDefaults() Config {
	c.faults = append([]fault(nil), c.faults...)
	if !c.File && len(c.Sinks) == 0 {
		c.Stdout = true
	}
	oneOf(&c, "Format", &c.Format, FormatConsole, FormatJSON)
	oneOf(&c, "Color", &c.Color, ColorAuto, ColorAlways, ColorNever)
	oneOf(&c, "Archive", &c.Archive, "zstd", "gzip", "none")
	oneOf(&c, "Bodies", &c.Bodies, "off", "errors", "all")
	orDefault(&c.FilePath, defaultFilePath)
	c.FilePath = filepath.Clean(c.FilePath)
	orDefault(&c.QueuePolicy, defaultPolicy)
	if _, _, err := queue.ParsePolicy(c.QueuePolicy); err != nil {
		c.fault("QueuePolicy", c.QueuePolicy, wantedPolicy, defaultPolicy)
		c.QueuePolicy = defaultPolicy
	}
	orDefault(&c.RecorderBytes, defaultRecorderBytes)
	offOrDefault(&c.SlowRequest, defaultSlowRequest)
	offOrDefault(&c.SlowQuery, defaultSlowQuery)
	offOrDefault(&c.StuckRequest, defaultStuckRequest)
	c.checkRates()
	if c.Out == nil {
		c.Out = os.Stdout
	}
	if c.Err == nil {
		c.Err = os.Stderr
	}
	c.Out, c.Err = sink.Stream(c.Out), sink.Stream(c.Err)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c *Config) fault(setting, value, wanted, used string) {
	c.faults = append(c.faults, fault{setting, value, wanted, used})
}

// checkRates replaces the map by one with nothing but shares from 0 to 1.
func (c *Config) checkRates() {
	rates := make(map[string]float64, len(c.SampleRates))
	for name, rate := range c.SampleRates {
		if !(rate >= 0 && rate <= 1) {
			c.fault("SampleRates", fmt.Sprintf("%s=%v", name, rate), "a rate from 0 to 1", "1")
			continue
		}
		rates[name] = rate
	}
	c.SampleRates = rates
}

// redaction returns r with the settings that stand beside it.
func (c *Config) redaction(r redact.Config) redact.Config {
	if c.PIIMode != "" {
		r.PII = c.PIIMode
	}
	if c.PIIKey != nil {
		r.PIIKey = c.PIIKey
	}
	return r
}

// oneOf replaces *v by the first of the choices unless it is one of them.
func oneOf[T ~string](c *Config, name string, v *T, choices ...T) {
	for _, ch := range choices {
		if *v == ch {
			return
		}
	}
	if *v != "" {
		c.fault(name, string(*v), "one of "+fmt.Sprint(choices), string(choices[0]))
	}
	*v = choices[0]
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// offOrDefault makes 0 the default and anything negative 0, which is off.
func offOrDefault(v *time.Duration, d time.Duration) {
	switch {
	case *v == 0:
		*v = d
	case *v < 0:
		*v = 0
	}
}

// parseBytes reads a size: a number with B, KB, MB, GB, TB or none. K is 1024.
func parseBytes(s string) (int64, error) {
	digits, unit := s, int64(1)
	for _, u := range []struct {
		name  string
		bytes int64
	}{{"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", 1 << 40}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", 1 << 40}, {"B", 1}} {
		if n := len(s) - len(u.name); n > 0 && strings.EqualFold(s[n:], u.name) {
			digits, unit = s[:n], u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	if err != nil || n < 0 || n > (1<<62)/unit {
		return 0, fmt.Errorf("parse size %q: want a number with B, KB, MB, GB or TB", s)
	}
	return n * unit, nil
}
