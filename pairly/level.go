package pairly

import "log/slog"

// LevelCritical is the level of events that need a person now. Its value is
// the one that the logging pipeline writes as CRITICAL; it stands here so
// that services need log/slog only.
const LevelCritical = slog.Level(12)
