package pgxlog

import (
	"context"
	"log/slog"
	"math"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/pairly/pairlog"
)

// log writes the line of a statement: query_failed, slow_query or
// query_executed.
func (t *Tracer) log(ctx context.Context, e event) {
	name, level := "query_executed", slog.LevelDebug
	switch {
	case e.err != nil:
		if name = "query_failed"; !t.config.expected(e.err) {
			level = slog.LevelError
		}
	case t.isSlow(e.took):
		name, level = "slow_query", slog.LevelWarn
	}
	if !t.config.Logger.Enabled(ctx, level) {
		return
	}
	var buf [12]slog.Attr
	attrs := append(appendStatement(buf[:0], e.st),
		slog.Float64(pairlog.KeyDurationMS, milliseconds(e.took)))
	if e.err != nil {
		attrs = appendError(attrs, e.err)
	} else {
		attrs = append(attrs, slog.Attr{Key: "rows", Value: e.rowCount()})
	}
	if name == "slow_query" {
		attrs = append(attrs, slog.Float64("threshold_ms", milliseconds(t.config.Slow)))
	}
	if e.batch > 0 {
		attrs = append(attrs, slog.Int("batch", e.batch))
	}
	if level > slog.LevelDebug {
		attrs = t.appendCaller(attrs)
	}
	pairlog.Log(ctx, t.config.Logger, level, name, attrs...)
}

func (t *Tracer) logRepeated(ctx context.Context, st *statement) {
	var buf [8]slog.Attr
	attrs := append(appendStatement(buf[:0], st), slog.Int("repeats", t.config.Repeat))
	pairlog.Log(ctx, t.config.Logger, slog.LevelWarn, "query_repeated", t.appendCaller(attrs)...)
}

// appendStatement adds operation, table and statement; the table is null where
// there is none.
func appendStatement(attrs []slog.Attr, st *statement) []slog.Attr {
	table := slog.AnyValue(nil)
	if st.table != "" {
		table = slog.StringValue(st.table)
	}
	return append(attrs,
		slog.String("operation", st.operation),
		slog.Attr{Key: "table", Value: table},
		slog.String("statement", st.normal))
}

// appendError adds the type of an error and its SQLSTATE, where it has one.
func appendError(attrs []slog.Attr, err error) []slog.Attr {
	attrs = append(attrs, slog.String(pairlog.KeyErrorType, pairlog.ErrorType(err)))
	if code := pairlog.ErrorCode(err); code != "" {
		attrs = append(attrs, slog.String(pairlog.KeyErrorCode, code))
	}
	return attrs
}

// rowCount returns the number of rows read or affected, null where PostgreSQL
// gave no answer, as when it prepares.
func (e *event) rowCount() slog.Value {
	if e.tag.String() == "" {
		return slog.AnyValue(nil)
	}
	return slog.Int64Value(e.tag.RowsAffected())
}

// appendCaller adds the place that sent the statement: the first frame above
// pgx.
func (t *Tracer) appendCaller(attrs []slog.Attr) []slog.Attr {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function != "" && !t.skips(f.Function) {
			return append(attrs, slog.String("caller", lastTwo(f.File)+":"+strconv.Itoa(f.Line)))
		}
		if !more {
			return attrs
		}
	}
}

// skips reports whether a function belongs to a package of SkipCallers, or to
// one below it.
func (t *Tracer) skips(function string) bool {
	for _, p := range t.config.SkipCallers {
		if strings.HasPrefix(function, p) && len(function) > len(p) && (function[len(p)] == '.' || function[len(p)] == '/') {
			return true
		}
	}
	return false
}

// lastTwo returns a file with its folder.
func lastTwo(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		if j := strings.LastIndexByte(path[:i], '/'); j >= 0 {
			return path[j+1:]
		}
	}
	return path
}

// milliseconds returns d in milliseconds with two decimals.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/1e4) / 100
}
