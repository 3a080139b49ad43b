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
)

// rotateMB is the size at which every rotating file of the comparison starts
// a new one: small enough that each run rotates.
const rotateMB = 64

// A fileRival logs to a rotating file in dir; nobody compresses or deletes.
type fileRival struct {
	name string
	new  func(dir string) Events
}

// fileRivals are the ways in which people log to files quickly. The first
// writes through the queue that survives a crash of the process; the others
// lose what is in their buffers.
var fileRivals = []fileRival{
	{"pairlog", func(dir string) Events { return newPairlogFile(dir) }},
	{"zap-buffered", func(dir string) Events { return newZapBuffered(zapcore.AddSync(lumber(dir))) }},
	{"zap-lumberjack", func(dir string) Events { return newZap(lumber(dir)) }},
	{"zap-timberjack", func(dir string) Events {
		return newZap(&timberjack.Logger{Filename: filepath.Join(dir, "app.log"), MaxSize: rotateMB})
	}},
	{"phuslu-async", newPhusluAsync},
	{"zerolog-diode", newZerologDiode},
	{"slog-lumberjack", func(dir string) Events { return newSlog(lumber(dir)) }},
}

func lumber(dir string) io.Writer {
	return &lumberjack.Logger{Filename: filepath.Join(dir, "app.log"), MaxSize: rotateMB}
}

func newPhusluAsync(dir string) Events {
	async := &phuslu.AsyncWriter{
		ChannelSize: 4096,
		Writer:      &phuslu.FileWriter{Filename: filepath.Join(dir, "app.log"), MaxSize: rotateMB << 20},
	}
	return phusluEvents(async, func() { async.Close() })
}

func newZerologDiode(dir string) Events {
	d := diode.NewWriter(lumber(dir), 10000, 5*time.Millisecond, func(int) {})
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
