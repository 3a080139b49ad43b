package httplog

import "log/slog"

// emptyObject is written as {}. An empty group would vanish from the line, and
// additional_context is mandatory.
var emptyObject = slog.AnyValue(struct{}{})

// nothing is written as null.
var nothing = slog.AnyValue(nil)

// object returns attrs as an object, also when there are none.
func object(attrs []slog.Attr) slog.Value {
	if len(attrs) == 0 {
		return emptyObject
	}
	return slog.GroupValue(attrs...)
}
