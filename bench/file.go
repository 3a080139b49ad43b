package bench

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/DeRuina/timberjack"
	phuslu "github.com/phuslu/log"
	"github.com/rs/zerolog/diode"
	"go.uber.org/zap/zapcore"
	lumberjack "gopkg.in/natefinch/lumberjack.v2"

	"github.com/pairly/pairlog"
)

// rotateMB is the size at which every rotating file of BenchmarkFile starts a
// new one: small enough that each run rotates.
const rotateMB = 64

// A fileRival logs to a file in dir that rotates at mb megabytes; nobody
// compresses or deletes.
type fileRival struct {
	name string
	new  func(dir string, mb int) Events
}

// fileRivals are the ways in which people log to files quickly. The first
// writes through the queue that survives a crash of the process; the others
// lose what is in their buffers.
var fileRivals = []fileRival{
	{"pairlog", newPairlogFile},
	{"zap-buffered", func(dir string, mb int) Events { return newZapBuffered(zapcore.AddSync(lumber(dir, mb))) }},
	{"zap-lumberjack", func(dir string, mb int) Events { return newZap(lumber(dir, mb)) }},
	{"zap-timberjack", func(dir string, mb int) Events {
		return newZap(&timberjack.Logger{Filename: filepath.Join(dir, "app.log"), MaxSize: mb})
	}},
	{"phuslu-async", newPhusluAsync},
	{"zerolog-diode", newZerologDiode},
	{"slog-lumberjack", func(dir string, mb int) Events { return newSlog(lumber(dir, mb)) }},
}

// newPairlogFile writes through the queue and the rotating file, as a service
// does, but for the bound of a call's wait: the rivals wait for a slow machine
// as long as it takes, and so do we here.
func newPairlogFile(dir string, mb int) Events {
	p, err := pairlog.Open(pairlog.Config{
		File: true, FilePath: filepath.Join(dir, "app.log"), QueuePolicy: "block:1m",
		RotateBytes: int64(mb) << 20, Archive: "none",
		Out: io.Discard, Err: io.Discard,
	})
	if err != nil {
		panic(err) // the configuration above is constant
	}
	return pairlogEvents(p)
}

func lumber(dir string, mb int) io.Writer {
	return &lumberjack.Logger{Filename: filepath.Join(dir, "app.log"), MaxSize: mb}
}

// newPhusluAsync has names with milliseconds, or a second rotation within a
// second would not be one, and many backups: none, the default, is documented to
// keep all and deletes all but the last.
func newPhusluAsync(dir string, mb int) Events {
	async := &phuslu.AsyncWriter{
		ChannelSize: 4096,
		Writer: &phuslu.FileWriter{
			Filename: filepath.Join(dir, "app.log"), MaxSize: int64(mb) << 20,
			TimeFormat: phuslu.TimeFormatUnixMs, MaxBackups: 1 << 20,
		},
	}
	return phusluEvents(async, func() { async.Close() })
}

func newZerologDiode(dir string, mb int) Events {
	d := diode.NewWriter(lumber(dir, mb), 10000, 5*time.Millisecond, func(int) {})
	e := newZerolog(d)
	e.Close = func() { d.Close() }
	return e
}

// countLines counts the lines of every file in dir and those among them that
// are not whole.
func countLines(dir string) (lines, torn int, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return 0, 0, err
	}
	for _, name := range files {
		if fi, err := os.Lstat(name); err != nil || !fi.Mode().IsRegular() || filepath.Ext(name) == ".queue" {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return 0, 0, err
		}
		n, bad := checkLines(data)
		lines, torn = lines+n, torn+bad
	}
	return lines, torn, nil
}

// checkLines counts the lines of data that hold the event, and all lines that do
// not begin and end as an object. What a logger says about itself, such as that
// it has rotated, is no event.
func checkLines(data []byte) (lines, torn int) {
	start := 0
	for i, c := range data {
		if c != '\n' {
			continue
		}
		line := data[start:i]
		if bytes.Contains(line, []byte(eventName)) {
			lines++
		}
		if len(line) < 2 || line[0] != '{' || line[len(line)-1] != '}' {
			torn++
		}
		start = i + 1
	}
	if start < len(data) {
		torn++
	}
	return lines, torn
}
