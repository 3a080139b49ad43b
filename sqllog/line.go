package sqllog

import (
	"context"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/internal/callsite"
)

// Log writes the line of a statement, query_failed, slow_query or query_executed,
// without counting it: for what is only a part of one, such as preparing.
func (q *Statements) Log(ctx context.Context, e Execution) {
	name, level := "query_executed", slog.LevelDebug
	switch {
	case e.Err != nil:
		if name = "query_failed"; !q.config.expected(e.Err) {
			level = slog.LevelError
		}
	case q.Slow(e.Took):
		name, level = "slow_query", slog.LevelWarn
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if !q.config.Logger.Enabled(ctx, level) {
		return
	}
	var buf [12]slog.Attr
	attrs := append(appendStatement(buf[:0], e.Statement),
		slog.Float64(pairlog.KeyDurationMS, milliseconds(e.Took)))
	if e.Err != nil {
		attrs = append(attrs, slog.String(pairlog.KeyErrorType, pairlog.ErrorType(e.Err)))
		if code := errorCode(e.Err); code != "" {
			attrs = append(attrs, slog.String(pairlog.KeyErrorCode, code))
		}
	} else {
		attrs = append(attrs, slog.Attr{Key: "rows", Value: e.rowCount()})
	}
	if name == "slow_query" {
		attrs = append(attrs, slog.Float64("threshold_ms", milliseconds(q.config.Slow)))
	}
	if e.Batch > 0 {
		attrs = append(attrs, slog.Int("batch", e.Batch))
	}
	if q.wantsArgs && len(e.args) > 0 {
		attrs = append(attrs, slog.Attr{Key: "args", Value: q.argsValue(e.args)})
	}
	if level > slog.LevelDebug {
		attrs = q.AppendCaller(attrs)
	}
	pairlog.Log(ctx, q.config.Logger, level, name, attrs...)
}

func (q *Statements) logRepeated(ctx context.Context, st *Statement) {
	var buf [8]slog.Attr
	attrs := append(appendStatement(buf[:0], st), slog.Int("repeats", q.config.Repeat))
	pairlog.Log(ctx, q.config.Logger, slog.LevelWarn, "query_repeated", q.AppendCaller(attrs)...)
}

// appendStatement adds operation, table and statement; the table is null where
// there is none.
func appendStatement(attrs []slog.Attr, st *Statement) []slog.Attr {
	table := slog.AnyValue(nil)
	if st.table != "" {
		table = slog.StringValue(st.table)
	}
	return append(attrs,
		slog.String("operation", st.operation),
		slog.Attr{Key: "table", Value: table},
		slog.String("statement", st.normal))
}

// rowCount returns the number of rows read or affected, null where the driver
// does not know.
func (e *Execution) rowCount() slog.Value {
	n := e.Rows
	if n == unknownRows && e.res != nil {
		if affected, err := e.res.RowsAffected(); err == nil {
			n = affected
		}
	}
	if n < 0 {
		return slog.AnyValue(nil)
	}
	return slog.Int64Value(n)
}

// errorCode returns the code of a database error: SQLSTATE, or the driver's
// number.
func errorCode(err error) string {
	if code := pairlog.ErrorCode(err); code != "" {
		return code
	}
	for e := err; e != nil; {
		if c, ok := e.(interface{ Code() int }); ok {
			return strconv.Itoa(c.Code())
		}
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = u.Unwrap()
	}
	return ""
}

// argsValue shows the arguments: those that are allowed by name as they are, the
// others by type and length.
func (q *Statements) argsValue(args []driver.NamedValue) slog.Value {
	attrs := make([]slog.Attr, 0, len(args))
	for _, a := range args {
		name := a.Name
		if name == "" {
			name = strconv.Itoa(a.Ordinal)
		}
		if slices.Contains(q.config.Args, name) {
			attrs = append(attrs, slog.Any(name, a.Value))
		} else {
			attrs = append(attrs, slog.String(name, typeAndLength(a.Value)))
		}
	}
	return slog.GroupValue(attrs...)
}

func typeAndLength(v driver.Value) string {
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Invalid:
		return "null"
	case reflect.String, reflect.Slice, reflect.Map, reflect.Array:
		return fmt.Sprintf("%T(%d)", v, rv.Len())
	}
	return fmt.Sprintf("%T", v)
}

// AppendCaller adds the place that sent a statement, as caller: the first frame
// above database/sql and [Config.SkipCallers]. A goroutine of database/sql itself
// has none.
func (q *Statements) AppendCaller(attrs []slog.Attr) []slog.Attr {
	if place := callsite.Above(q.config.SkipCallers); place != "" {
		attrs = append(attrs, slog.String("caller", place))
	}
	return attrs
}

// milliseconds returns d in milliseconds with two decimals.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/1e4) / 100
}
