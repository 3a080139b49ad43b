package httplog_test

import "log/slog"

// discard is for tests that look at something else than lines.
var discard = slog.New(slog.DiscardHandler)
