package pairlog

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"log/slog"

	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/redact"
	"github.com/pairly/pairlog/sink"
)

// FromEnv returns the configuration of the environment: LOG_LEVEL, LOG_FORMAT and
// the other LOG_ variables of the README, ENVIRONMENT, and NO_COLOR, FORCE_COLOR
// and TERM. A value that cannot be read is replaced by its default; [Open] reports
// it on the logger logging.internal with the variable's name, the value, and what
// was wanted. So it does with a LOG_ variable that nothing reads and whose name is
// nearly that of one of these.
func FromEnv() Config { return fromEnv(os.LookupEnv, os.Environ()) }

// env reads variables into a Config.
type env struct {
	lookup func(string) (string, bool)
	c      *Config
	read   *[]string // names of what has been asked for
}

func fromEnv(lookup func(string) (string, bool), environ []string) Config {
	c := Config{Stdout: true, File: true}
	e := env{lookup: lookup, c: &c, read: new([]string)}
	e.level()
	e.output()
	e.files()
	e.queue()
	e.privacy()
	e.rates("LOG_SAMPLE_RATES")
	e.offBytes("LOG_FLIGHT_RECORDER", maxRecorderBytes, func(n int64) { c.RecorderBytes = int(n) }, "64KB")
	e.millis("LOG_SLOW_REQUEST_MS", &c.SlowRequest, defaultSlowRequest)
	e.millis("LOG_SLOW_QUERY_MS", &c.SlowQuery, defaultSlowQuery)
	e.duration("LOG_STUCK_REQUEST", time.Millisecond, 24*time.Hour, &c.StuckRequest, "30s")
	e.choice("LOG_BODIES", "off", []string{"off", "errors", "all"}, func(v string) { c.Bodies = v })
	e.flag("LOG_QUERIES", &c.Queries)
	e.flag("LOG_SOURCE", &c.Source)
	e.ship()
	e.misspelt(environ)
	return c
}

// get returns the value of a variable; an empty one counts as not set.
func (e env) get(name string) (string, bool) {
	*e.read = append(*e.read, name)
	v, ok := e.lookup(name)
	v = strings.TrimSpace(v)
	return v, ok && v != ""
}

func (e env) level() {
	if v, ok := e.get("LOG_LEVEL"); ok {
		l, err := ParseLevel(v)
		if err != nil {
			e.c.fault("LOG_LEVEL", v, "DEBUG, INFO, WARNING, ERROR or CRITICAL", "INFO")
		}
		e.c.Level = l
	}
	v, ok := e.get("LOG_LEVELS")
	if !ok {
		return
	}
	e.c.Levels = map[string]slog.Level{}
	for _, pair := range split(v) {
		prefix, name, found := strings.Cut(pair, "=")
		l, err := ParseLevel(name)
		if !found || err != nil || strings.TrimSpace(prefix) == "" {
			e.c.fault("LOG_LEVELS", pair, "prefix=LEVEL", "LOG_LEVEL for it")
			continue
		}
		e.c.Levels[strings.TrimSpace(prefix)] = l
	}
}

func (e env) output() {
	def := FormatConsole
	if v, _ := e.get("ENVIRONMENT"); strings.EqualFold(v, "production") {
		def = FormatJSON
	}
	e.c.Format = def
	e.choice("LOG_FORMAT", string(def), []string{"json", "console"}, func(v string) { e.c.Format = Format(v) })
	e.c.Color = ColorAuto
	if term, _ := e.get("TERM"); term == "dumb" {
		e.c.Color = ColorNever
	}
	// https://no-color.org and https://force-color.org: any value but an empty
	// one; to forbid is stronger.
	if _, ok := e.get("FORCE_COLOR"); ok {
		e.c.Color = ColorAlways
	}
	if _, ok := e.get("NO_COLOR"); ok {
		e.c.Color = ColorNever
	}
	v, ok := e.get("LOG_OUTPUT")
	if !ok {
		return
	}
	e.c.Stdout, e.c.File = false, false
	var bad []string
	for _, o := range split(v) {
		switch strings.ToLower(o) {
		case "stdout":
			e.c.Stdout = true
		case "file":
			e.c.File = true
		default:
			bad = append(bad, o)
		}
	}
	const wanted = "stdout, file or both"
	if !e.c.Stdout && !e.c.File {
		e.c.Stdout, e.c.File = true, true
		e.c.fault("LOG_OUTPUT", v, wanted, "stdout,file")
		return
	}
	var used []string
	if e.c.Stdout {
		used = append(used, "stdout")
	}
	if e.c.File {
		used = append(used, "file")
	}
	for _, o := range bad {
		e.c.fault("LOG_OUTPUT", o, wanted, strings.Join(used, ","))
	}
}

func (e env) files() {
	if v, ok := e.get("LOG_FILE_PATH"); ok {
		e.c.FilePath = v
	}
	e.bytes("LOG_ROTATION_SIZE", 1<<10, maxBytes, func(n int64) { e.c.RotateBytes = n }, "100MB")
	e.duration("LOG_ROTATION_EVERY", time.Second, 366*24*time.Hour, &e.c.RotateEvery, "off")
	e.number("LOG_RETENTION_DAYS", sink.MaxRetainDays, func(n int) { e.c.RetainDays = n }, "30")
	e.offBytes("LOG_RETENTION_SIZE", maxBytes, func(n int64) { e.c.RetainBytes = max(n, 0) }, "off")
	e.offBytes("LOG_MIN_FREE", maxBytes, func(n int64) { e.c.MinFreeBytes = max(n, 0) }, "off")
	e.choice("LOG_ARCHIVE", "zstd", []string{"zstd", "gzip", "none"}, func(v string) { e.c.Archive = v })
	if v, ok := e.get("LOG_SEAL_RECIPIENTS"); ok {
		e.c.SealRecipients = split(v)
	}
}

func (e env) queue() {
	e.bytes("LOG_QUEUE_SIZE", queue.MinBytes, queue.MaxBytes, func(n int64) { e.c.QueueBytes = int(n) }, "8MB")
	if v, ok := e.get("LOG_QUEUE_POLICY"); ok {
		if _, _, err := queue.ParsePolicy(v); err != nil {
			e.c.fault("LOG_QUEUE_POLICY", v, wantedPolicy, defaultPolicy)
		} else {
			e.c.QueuePolicy = v
		}
	}
	e.duration("LOG_FLUSH_EVERY", time.Millisecond, time.Minute, &e.c.FlushEvery, "100ms")
	if e.c.FlushEvery < 0 {
		e.c.FlushEvery = 0
	}
	e.choice("LOG_SYNC", "off", []string{"off", "batch"}, func(v string) { e.c.Sync = v == "batch" })
}

func (e env) privacy() {
	e.choice("LOG_PII_MODE", "mask", []string{"full", "mask", "hash"}, func(v string) { e.c.PIIMode = redact.PIIMode(v) })
	e.choice("LOG_PAN", "mark", []string{"mark", "last4"}, func(v string) { e.c.Redact.PAN = redact.PANMode(v) })
	if v, ok := e.get("LOG_PII_KEY"); ok {
		e.c.PIIKey = secretKey(v)
	}
	if n := len(e.c.PIIKey); e.c.PIIMode == redact.PIIHash && n < minKeyBytes {
		// How long the key is tells what is wrong; what it is stays unknown.
		e.c.fault("LOG_PII_KEY", fmt.Sprintf("(%d bytes)", n), fmt.Sprintf("at least %d bytes for LOG_PII_MODE=hash", minKeyBytes), "LOG_PII_MODE=mask")
		e.c.PIIMode, e.c.PIIKey = redact.PIIMask, nil
	}
	if v, ok := e.get("LOG_PII_KEY_ID"); ok && redact.ValidKeyID(v) {
		e.c.Redact.PIIKeyID = v
	} else if ok { // it may be the key itself
		e.c.fault("LOG_PII_KEY_ID", fmt.Sprintf("(%d bytes)", len(v)), "at most 16 letters, digits, '-' or '.'", "1")
	}
}

// secretKey reads a key in hex or base64, or takes it as it is: also where it could
// be one of these by chance, and would be too short then.
func secretKey(v string) []byte {
	if b, err := hex.DecodeString(v); err == nil && len(b) >= minKeyBytes {
		return b
	}
	if b, err := base64.StdEncoding.DecodeString(v); err == nil && len(b) >= minKeyBytes {
		return b
	}
	return []byte(v)
}

// minKeyBytes is the least length of a key for hashes.
const minKeyBytes = 32

func (e env) rates(name string) {
	v, ok := e.get(name)
	if !ok {
		return
	}
	e.c.SampleRates = map[string]float64{}
	for _, pair := range split(v) {
		i := strings.LastIndexByte(pair, '=')
		if i <= 0 {
			e.c.fault(name, pair, "event=rate or event:route=rate", "1 for it")
			continue
		}
		rate, err := strconv.ParseFloat(strings.TrimSpace(pair[i+1:]), 64)
		if err != nil || !(rate >= 0 && rate <= 1) {
			e.c.fault(name, pair, "a rate from 0 to 1", "1 for it")
			continue
		}
		e.c.SampleRates[strings.TrimSpace(pair[:i])] = rate
	}
}

func (e env) choice(name, def string, choices []string, set func(string)) {
	v, ok := e.get(name)
	if !ok {
		return
	}
	for _, c := range choices {
		if strings.EqualFold(v, c) {
			set(c)
			return
		}
	}
	e.c.fault(name, v, "one of "+strings.Join(choices, ", "), def)
}

// maxBytes bounds sizes that nothing else does; it is as good as no bound.
const maxBytes = 1 << 62

// maxRecorderBytes bounds the flight recorder of each request.
const maxRecorderBytes = 64 << 20

func (e env) bytes(name string, least, most int64, set func(int64), def string) {
	v, ok := e.get(name)
	if !ok {
		return
	}
	n, err := parseBytes(v)
	if err != nil || n < least || n > most {
		wanted := "a size such as 512KB, 100MB or 1GB, at least " + sizeName(least)
		if most < maxBytes {
			wanted += " and at most " + sizeName(most)
		}
		e.c.fault(name, v, wanted, def)
		return
	}
	set(n)
}

// sizeName is a size as parseBytes reads it.
func sizeName(n int64) string {
	for _, unit := range []string{"B", "KB", "MB"} {
		if n < 1<<10 || n&(1<<10-1) != 0 {
			return strconv.FormatInt(n, 10) + unit
		}
		n >>= 10
	}
	return strconv.FormatInt(n, 10) + "GB"
}

// offBytes is bytes for a size that 0 or off turns off, which is set as -1.
func (e env) offBytes(name string, most int64, set func(int64), def string) {
	v, ok := e.get(name)
	if !ok {
		return
	}
	if isOff(v) {
		set(-1)
		return
	}
	n, err := parseBytes(v)
	if err != nil || n > most {
		wanted := "a size such as 512KB, 100MB or 1GB, or off"
		if most < maxBytes {
			wanted = "a size such as 64KB, at most " + sizeName(most) + ", or off"
		}
		e.c.fault(name, v, wanted, def)
		return
	}
	set(n)
}

func isOff(v string) bool { return v == "0" || strings.EqualFold(v, "off") }

// duration reads a duration; 0 and off are set as -1, which is off.
func (e env) duration(name string, least, most time.Duration, set *time.Duration, def string) {
	v, ok := e.get(name)
	if !ok {
		return
	}
	if isOff(v) {
		*set = -1
		return
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < least || d > most {
		e.c.fault(name, v, fmt.Sprintf("a duration such as 100ms, 30s or 24h, from %v to %v", least, most), def)
		return
	}
	*set = d
}

// millis reads a number of milliseconds; 0 and off are set as -1, which is off.
func (e env) millis(name string, set *time.Duration, def time.Duration) {
	v, ok := e.get(name)
	if !ok {
		return
	}
	if isOff(v) {
		*set = -1
		return
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 || n > int64(24*time.Hour/time.Millisecond) {
		e.c.fault(name, v, "milliseconds, or off", strconv.FormatInt(def.Milliseconds(), 10))
		return
	}
	*set = time.Duration(n) * time.Millisecond
}

func (e env) number(name string, most int, set func(int), def string) {
	v, ok := e.get(name)
	if !ok {
		return
	}
	if isOff(v) {
		set(-1)
		return
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > most {
		e.c.fault(name, v, fmt.Sprintf("a number up to %d, or off", most), def)
		return
	}
	set(n)
}

func (e env) flag(name string, set *bool) {
	v, ok := e.get(name)
	if !ok {
		return
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		e.c.fault(name, v, "true or false", "false")
		return
	}
	*set = b
}

// split returns the parts of a comma-separated list, without the empty ones.
func split(v string) []string {
	var out []string
	for part := range strings.SplitSeq(v, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
