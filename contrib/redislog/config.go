package redislog

import (
	"log/slog"
	"time"
)

// Config says what is logged of a Redis client. The zero value works.
type Config struct {
	// Logger writes all lines. Its name should be core.redis. Nil means
	// slog.Default().
	Logger *slog.Logger

	// Slow is the duration from which a command gets a redis_slow_command line;
	// commands that block on purpose, such as BLPOP, never do. Zero means 50 ms,
	// -1 never.
	Slow time.Duration

	// Commands writes a redis_command line at DEBUG for every command.
	Commands bool

	// Expected reports whether an error is a part of normal work: it is logged
	// at DEBUG. A canceled context, a transaction that lost its race and a
	// script that the server does not know yet always are. Nil means no others.
	Expected func(error) bool

	// Fallback is what the service does when Redis does not serve it, such as
	// memory or database; redis_degraded_operation says it. Empty means none.
	Fallback string

	// Every is the least time between two redis_degraded_operation lines about
	// one command, and between two redis_unavailable lines. Zero means 10 s.
	Every time.Duration

	// NoState leaves the lines about whether Redis is there to a caller that
	// writes its own. Commands that were not served are then redis_command_failed
	// lines at DEBUG.
	NoState bool

	// SkipCallers are import path prefixes that the caller of a line is looked
	// for above, such as that of a package through which all commands go.
	SkipCallers []string
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	switch {
	case c.Slow == 0:
		c.Slow = 50 * time.Millisecond
	case c.Slow < 0:
		c.Slow = 0
	}
	if c.Fallback == "" {
		c.Fallback = "none"
	}
	if c.Every <= 0 {
		c.Every = 10 * time.Second
	}
	c.SkipCallers = append([]string{packagePath, "github.com/redis/go-redis", "runtime"}, c.SkipCallers...)
	return c
}

// packagePath is this package's, whose frames are no callers.
const packagePath = "github.com/pairly/pairlog/contrib/redislog"
