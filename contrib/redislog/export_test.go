package redislog

import "time"

// SetClock replaces the clock of a hook.
func SetClock(h *Hook, now func() time.Time) { h.now = now }

// CommandName and KeyCount are what lines say of a command.
var (
	CommandName = commandName
	KeyCount    = keyCount
)
