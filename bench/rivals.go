package bench

import "io"

// A rival is a logger that is compared; new binds it to a writer.
type rival struct {
	name string
	new  func(io.Writer) Events
}

// floor is what a stock slog.Logger costs with nothing behind it: no handler,
// ours included, gets below it.
var floor = rival{"slog-nothing", newSlogNothing}

// rivals are all loggers that are compared, in the order of the tables. A new
// one is a line here.
var rivals = []rival{
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
