package pairlog

import (
	"fmt"
	"log/slog"
	"math"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pairly/pairlog/internal/encode"
)

// LevelCritical is above slog.LevelError: the service cannot do its work.
const LevelCritical = slog.Level(12)

// LevelName returns the name that is written for l: the highest of DEBUG, INFO,
// WARNING, ERROR and CRITICAL that it reaches.
func LevelName(l slog.Level) string { return encode.LevelName(l) }

// ParseLevel reads a level's name in any case: DEBUG, INFO, WARNING or WARN,
// ERROR, CRITICAL or FATAL, or a number of slog's scale.
func ParseLevel(s string) (slog.Level, error) {
	switch strings.ToUpper(strings.TrimSpace(s)) {
	case "DEBUG":
		return slog.LevelDebug, nil
	case "INFO":
		return slog.LevelInfo, nil
	case "WARNING", "WARN":
		return slog.LevelWarn, nil
	case "ERROR":
		return slog.LevelError, nil
	case "CRITICAL", "FATAL":
		return LevelCritical, nil
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 32); err == nil {
		return slog.Level(n), nil
	}
	return slog.LevelInfo, fmt.Errorf("parse level %q: want DEBUG, INFO, WARNING, ERROR or CRITICAL", s)
}

// recorderOff is a level that no record reaches.
const recorderOff = math.MaxInt32

// named is what the pipeline knows about one logger. There is one for each name,
// shared by all its handlers.
type named struct {
	name string
	head *encode.Head
	// level is the lowest level that is written.
	level atomic.Int64
	// audit is set for records that must not be sampled.
	audit bool
}

// levels holds the levels by logger prefix. A name that was never asked for
// costs nothing; each name that was stays for the life of the pipeline.
type levels struct {
	mu       sync.Mutex
	base     slog.Level            // guarded by mu
	byPrefix map[string]slog.Level // guarded by mu
	loggers  map[string]*named     // guarded by mu
}

func newLevels(base slog.Level, byPrefix map[string]slog.Level) *levels {
	v := &levels{base: base, byPrefix: map[string]slog.Level{}, loggers: map[string]*named{}}
	for p, l := range byPrefix {
		v.byPrefix[p] = l
	}
	return v
}

// logger returns the one named, made with head when it is new.
func (v *levels) logger(name string, head func(string) *encode.Head) *named {
	v.mu.Lock()
	defer v.mu.Unlock()
	n, ok := v.loggers[name]
	if !ok {
		n = &named{name: name, head: head(name), audit: name == AuditLogger || strings.HasPrefix(name, AuditLogger+".")}
		n.level.Store(int64(v.of(name)))
		v.loggers[name] = n
	}
	return n
}

// of returns the level of the longest prefix of name, at a dot, that has one.
// v.mu is held.
func (v *levels) of(name string) slog.Level {
	for p := name; p != ""; {
		if l, ok := v.byPrefix[p]; ok {
			return l
		}
		p = p[:max(strings.LastIndexByte(p, '.'), 0)]
	}
	return v.base
}

// set changes the level of prefix, "" being the default of all, and returns the
// one before.
func (v *levels) set(prefix string, l slog.Level) slog.Level {
	v.mu.Lock()
	defer v.mu.Unlock()
	before := v.of(prefix)
	if prefix == "" {
		v.base = l
	} else {
		v.byPrefix[prefix] = l
	}
	v.apply()
	return before
}

// unset takes the level of prefix back, so that it follows the one above.
func (v *levels) unset(prefix string) (before, after slog.Level) {
	v.mu.Lock()
	defer v.mu.Unlock()
	before = v.of(prefix)
	delete(v.byPrefix, prefix)
	v.apply()
	return before, v.of(prefix)
}

// apply brings the levels to the loggers. v.mu is held.
func (v *levels) apply() {
	for name, n := range v.loggers {
		n.level.Store(int64(v.of(name)))
	}
}

// snapshot returns the default and the prefixes with their levels, in order.
func (v *levels) snapshot() (base slog.Level, prefixes []string, byPrefix map[string]slog.Level) {
	v.mu.Lock()
	defer v.mu.Unlock()
	byPrefix = make(map[string]slog.Level, len(v.byPrefix))
	for p, l := range v.byPrefix {
		byPrefix[p] = l
		prefixes = append(prefixes, p)
	}
	sort.Strings(prefixes)
	return v.base, prefixes, byPrefix
}
