package bench

import (
	"io"

	"github.com/rs/zerolog"
)

// MarshalZerologObject writes the user's fields.
func (u *user) MarshalZerologObject(e *zerolog.Event) {
	e.Str("name", u.Name).Str("email", u.Email).Time("createdAt", u.CreatedAt)
}

// MarshalZerologArray writes the users in order.
func (us users) MarshalZerologArray(a *zerolog.Array) {
	for _, u := range us {
		a.Object(u)
	}
}

func newZerolog(w io.Writer) Events {
	zerolog.TimeFieldFormat = "2006-01-02T15:04:05.000Z07:00"
	l := zerolog.New(w).Level(zerolog.InfoLevel).With().Timestamp().Logger()
	with10 := l.With().
		Str("service", "pairly").Str("version", "1.4.2").Str("host", "api-7").
		Str("region", "eu-central").Str("environment", "production").Int("shard", 12).
		Int("pid", 4711).Bool("canary", false).Float64("weight", 0.25).Str("build", "2025w03").Logger()
	scoped := l.With().
		Str("method", webMethod).Str("path", webPath).Str("route", webRoute).
		Str("query", webQuery).Str("client_ip", webIP).Str("user_agent", webAgent).
		Str("user_id", webUser).Logger()
	web := func(e *zerolog.Event) {
		e.Str("method", webMethod).Str("path", webPath).Str("route", webRoute).
			Str("query", webQuery).Str("client_ip", webIP).Str("user_agent", webAgent).
			Str("user_id", webUser).Str("correlation_id", webRequest).
			Int("status_code", webStatus).Float64("duration_ms", webDuration).
			Int("response_size_bytes", webSize).Str("protocol", webProtocol).Msg(eventName)
	}
	fresh := func(e *zerolog.Event) {
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
				Array("users", tenUsers).Err(errExample).Msg(eventName)
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
		Close:    func() {},
	}
}
