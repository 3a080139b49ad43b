package main

// A goal is a ratio that pairlog holds against a rival in one run.
type goal struct {
	scenario    string
	ours, rival string
	atMost      float64
}

// goals are what the README's claims rest on; redaction is on for pairlog and
// absent in the rivals.
var goals = []goal{
	{"Log/Web", "pairlog-slog", "zap", 0.64},
	{"Log/Web", "pairlog-slog", "phuslu-slog", 0.82},
	{"Log/Web", "pairlog-slog", "slog", 0.46},
	{"Log/Scoped", "pairlog-slog", "zap", 0.30},
	{"Log/Web", "pairlog", "zap", 0.38},
	{"Log/Web", "pairlog", "zerolog", 0.82},
	{"Log/Web", "pairlog", "phuslu", 0.88},
	// With values that no logger has seen before: the same record without the
	// help of memory. These are our own bounds.
	{"Log/Fresh", "pairlog-slog", "zap", 1.00},
	{"Log/Fresh", "pairlog", "zap", 0.80},
	{"Log/Zap10", "pairlog", "zap", 0.52},
	{"Log/Zap10", "pairlog", "phuslu", 1.00},
	{"Log/Disabled", "pairlog", "phuslu", 1.00},
	{"Log/Disabled", "pairlog", "zerolog", 1.00},
	{"Log/Disabled", "pairlog", "zap", 1.00},
	{"Log/Disabled", "pairlog-slog", "slog", 1.00},
	{"Log/Disabled", "pairlog-slog", "zapslog", 1.00},
	{"Log/Disabled", "pairlog-slog", "phuslu-slog", 1.00},
	{"Request", "pairlog", "hand-written", 0.35},
	{"Request", "pairlog", "chi-httplog", 0.17},
	{"Request", "pairlog", "slog-http", 0.21},
	{"File/1", "pairlog", "zap-buffered", 0.35},
	{"File/1", "pairlog", "phuslu-async", 0.65},
}
