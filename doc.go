// Package pairlog is a structured-logging pipeline behind log/slog.
package pairlog
