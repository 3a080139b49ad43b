package bench

import "io"

// rivals are all loggers that are compared, in the order of the tables. A new
// one is a line here.
var rivals = []struct {
	name string
	new  func(io.Writer) Events
}{
	{"pairlog", newPairlog},          // the native front-end, redaction on
	{"pairlog-slog", newPairlogSlog}, // behind a stock slog.Logger, redaction on
	{"slog", newSlog},
	{"slog-replace", newSlogReplace},
	{"zap", newZap},
	{"zapslog", newZapslog},
	{"zerolog", newZerolog},
	{"phuslu", newPhuslu},
	{"phuslu-slog", newPhusluSlog},
	{"logrus", newLogrus},
}
