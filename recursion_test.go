package pairlog_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
)

// Values that log what they belong to, from each of the methods that the
// encoder calls.
type (
	logsInLogValue    struct{ log *slog.Logger }
	logsInMarshalJSON struct{ log *slog.Logger }
	logsInMarshalText struct{ log *slog.Logger }
	logsInString      struct{ log *slog.Logger }
	logsInError       struct{ log *slog.Logger }
)

func (v logsInLogValue) LogValue() slog.Value {
	v.log.Info("nested", "a", v, "b", v)
	return slog.StringValue("x")
}

func (v logsInMarshalJSON) MarshalJSON() ([]byte, error) {
	v.log.Info("nested", "a", v, "b", v)
	return []byte(`"x"`), nil
}

func (v logsInMarshalText) MarshalText() ([]byte, error) {
	v.log.Info("nested", "a", v, "b", v)
	return []byte("x"), nil
}

func (v logsInString) String() string {
	v.log.Info("nested", "a", v, "b", v)
	return "x"
}

func (v logsInError) Error() string {
	v.log.Info("nested", "a", v, pairlog.Err(v))
	return "x"
}

// A value that logs itself is a mistake of the program, and no reason for the
// process to end: the recursion is cut, and logging goes on.
func TestValueThatLogsItself(t *testing.T) {
	for name, v := range map[string]func(*slog.Logger) any{
		"LogValue":    func(l *slog.Logger) any { return logsInLogValue{l} },
		"MarshalJSON": func(l *slog.Logger) any { return logsInMarshalJSON{l} },
		"MarshalText": func(l *slog.Logger) any { return logsInMarshalText{l} },
		"String":      func(l *slog.Logger) any { return logsInString{l} },
		"Error":       func(l *slog.Logger) any { return logsInError{l} },
	} {
		t.Run(name, func(t *testing.T) {
			p, text := open(t, pairlog.Config{})
			log := p.Logger("x")
			log.Info("outer", "v", v(log))
			log.Info("after", "err", errors.New("x"))
			if got := text(); !strings.Contains(got, `"outer"`) || !strings.Contains(got, `"after"`) {
				t.Errorf("the lines are missing in %.300s", got)
			}
		})
	}
}

// Whatever is huge is cut, and the line arrives.
func TestHugeRecords(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("x")
	huge := strings.Repeat("0123456789abcdef", 1<<18) // 4 MB: more than the queue takes
	log.Info("a " + huge)
	log.Info("event_" + huge)
	log.Info("key", "k"+huge, 1)
	log.Info("value", "v", huge)
	log.Info("number", "v", json.Number(strings.Repeat("9", 4<<20)))
	log.Info("error", pairlog.Err(errors.New(huge)))
	log.WithGroup("g"+huge).Info("group", "a", 1)
	log.With("v", huge).Info("with", "a", 1)
	p.Logger("logger."+huge).Info("logger", "a", 1)
	pairlog.Log(t.Context(), log, slog.LevelInfo, "list", slog.Any("v", make([]string, 1<<20)), slog.Any("b", []byte(huge)))
	if got := len(records(t, text())); got != 10 {
		t.Errorf("%d lines arrived, want 10", got)
	}
	if d := p.Stats().DroppedTotal(); d > 0 {
		t.Errorf("%d lines dropped", d)
	}
}
