package bench

import (
	"io"
	"log/slog"

	phuslu "github.com/phuslu/log"
)

// MarshalObject writes the user's fields.
func (u *user) MarshalObject(e *phuslu.Entry) {
	e.Str("name", u.Name).Str("email", u.Email).Time("createdAt", u.CreatedAt)
}

func newPhuslu(w io.Writer) Events {
	return phusluEvents(phuslu.IOWriter{Writer: w}, func() {})
}

func phusluEvents(w phuslu.Writer, close func()) Events {
	l := phuslu.Logger{Level: phuslu.InfoLevel, Writer: w, TimeFormat: "2006-01-02T15:04:05.999Z07:00"}
	with10, scoped := l, l
	with10.Context = phuslu.NewContext(nil).
		Str("service", "pairly").Str("version", "1.4.2").Str("host", "api-7").
		Str("region", "eu-central").Str("environment", "production").Int("shard", 12).
		Int("pid", 4711).Bool("canary", false).Float64("weight", 0.25).Str("build", "2025w03").Value()
	scoped.Context = phuslu.NewContext(nil).
		Str("method", webMethod).Str("path", webPath).Str("route", webRoute).
		Str("query", webQuery).Str("client_ip", webIP).Str("user_agent", webAgent).
		Str("user_id", webUser).Value()
	web := func(e *phuslu.Entry) {
		e.Str("method", webMethod).Str("path", webPath).Str("route", webRoute).
			Str("query", webQuery).Str("client_ip", webIP).Str("user_agent", webAgent).
			Str("user_id", webUser).Str("correlation_id", webRequest).
			Int("status_code", webStatus).Float64("duration_ms", webDuration).
			Int("response_size_bytes", webSize).Str("protocol", webProtocol).Msg(eventName)
	}
	fresh := func(e *phuslu.Entry) {
		v := next()
		e.Str("method", webMethod).Str("path", v.path).Str("route", webRoute).
			Str("query", webQuery).Str("client_ip", v.ip).Str("user_agent", v.agent).
			Str("user_id", v.user).Str("correlation_id", v.request).
			Int("status_code", webStatus).Float64("duration_ms", webDuration).
			Int("response_size_bytes", webSize).Str("protocol", webProtocol).Msg(eventName)
	}
	return Events{
		NoFields: func() { l.Info().Msg(eventName) },
		With10:   func() { with10.Info().Msg(eventName) },
		Zap10: func() {
			l.Info().Int("int", tenInts[0]).Ints("ints", tenInts).
				Str("string", tenStrings[0]).Strs("strings", tenStrings).
				Time("time", someTime).Times("times", tenTimes).
				Object("user1", oneUser).Object("user2", oneUser).
				Objects("users", tenUsers).Err(errExample).Msg(eventName)
		},
		Web:   func() { web(l.Info()) },
		Fresh: func() { fresh(l.Info()) },
		Scoped: func() {
			scoped.Info().Str("correlation_id", webRequest).
				Int("status_code", webStatus).Float64("duration_ms", webDuration).
				Int("response_size_bytes", webSize).Str("protocol", webProtocol).Msg(eventName)
		},
		Disabled: func() { web(l.Debug()) },
		Off:      func() { l.Debug().Msg(eventName) },
		Close:    close,
	}
}

func newPhusluSlog(w io.Writer) Events {
	return slogEvents(slog.New(phuslu.SlogNewJSONHandler(w, nil)), func() {})
}
