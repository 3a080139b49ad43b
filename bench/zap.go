package bench

import (
	"io"
	"log/slog"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"
)

func (u *user) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddString("name", u.Name)
	enc.AddString("email", u.Email)
	enc.AddTime("createdAt", u.CreatedAt)
	return nil
}

func (us users) MarshalLogArray(arr zapcore.ArrayEncoder) error {
	for _, u := range us {
		if err := arr.AppendObject(u); err != nil {
			return err
		}
	}
	return nil
}

func zapCore(w io.Writer) zapcore.Core {
	c := zap.NewProductionEncoderConfig()
	c.EncodeTime = zapcore.TimeEncoderOfLayout("2006-01-02T15:04:05.000Z07:00")
	c.EncodeDuration = zapcore.MillisDurationEncoder
	c.TimeKey = "time"
	return zapcore.NewCore(zapcore.NewJSONEncoder(c), zapcore.Lock(zapcore.AddSync(w)), zapcore.InfoLevel)
}

func newZap(w io.Writer) Events {
	return zapEvents(zap.New(zapCore(w)))
}

func zapEvents(l *zap.Logger) Events {
	with10 := l.With(
		zap.String("service", "pairly"), zap.String("version", "1.4.2"), zap.String("host", "api-7"),
		zap.String("region", "eu-central"), zap.String("environment", "production"), zap.Int("shard", 12),
		zap.Int("pid", 4711), zap.Bool("canary", false), zap.Float64("weight", 0.25), zap.String("build", "2025w03"))
	scoped := l.With(
		zap.String("method", webMethod), zap.String("path", webPath), zap.String("route", webRoute),
		zap.String("query", webQuery), zap.String("client_ip", webIP), zap.String("user_agent", webAgent),
		zap.String("user_id", webUser))
	return Events{
		NoFields: func() { l.Info(eventName) },
		With10:   func() { with10.Info(eventName) },
		Zap10: func() {
			l.Info(eventName,
				zap.Int("int", tenInts[0]), zap.Ints("ints", tenInts),
				zap.String("string", tenStrings[0]), zap.Strings("strings", tenStrings),
				zap.Time("time", someTime), zap.Times("times", tenTimes),
				zap.Object("user1", oneUser), zap.Object("user2", oneUser),
				zap.Array("users", tenUsers), zap.Error(errExample))
		},
		Web: func() {
			l.Info(eventName,
				zap.String("method", webMethod), zap.String("path", webPath), zap.String("route", webRoute),
				zap.String("query", webQuery), zap.String("client_ip", webIP), zap.String("user_agent", webAgent),
				zap.String("user_id", webUser), zap.String("correlation_id", webRequest),
				zap.Int("status_code", webStatus), zap.Float64("duration_ms", webDuration),
				zap.Int("response_size_bytes", webSize), zap.String("protocol", webProtocol))
		},
		Fresh: func() {
			v := next()
			l.Info(eventName,
				zap.String("method", webMethod), zap.String("path", v.path), zap.String("route", webRoute),
				zap.String("query", webQuery), zap.String("client_ip", v.ip), zap.String("user_agent", v.agent),
				zap.String("user_id", v.user), zap.String("correlation_id", v.request),
				zap.Int("status_code", webStatus), zap.Float64("duration_ms", webDuration),
				zap.Int("response_size_bytes", webSize), zap.String("protocol", webProtocol))
		},
		Scoped: func() {
			scoped.Info(eventName,
				zap.String("correlation_id", webRequest),
				zap.Int("status_code", webStatus), zap.Float64("duration_ms", webDuration),
				zap.Int("response_size_bytes", webSize), zap.String("protocol", webProtocol))
		},
		Off: func() { l.Debug(eventName) },
		Disabled: func() {
			l.Debug(eventName,
				zap.String("method", webMethod), zap.String("path", webPath), zap.String("route", webRoute),
				zap.String("query", webQuery), zap.String("client_ip", webIP), zap.String("user_agent", webAgent),
				zap.String("user_id", webUser), zap.String("correlation_id", webRequest),
				zap.Int("status_code", webStatus), zap.Float64("duration_ms", webDuration),
				zap.Int("response_size_bytes", webSize), zap.String("protocol", webProtocol))
		},
		Close: func() { l.Sync() },
	}
}

func newZapslog(w io.Writer) Events {
	return slogEvents(slog.New(zapslog.NewHandler(zapCore(w))), func() {})
}

// newZapBuffered is zap writing through its own buffer, as its documentation
// advises for speed.
func newZapBuffered(ws zapcore.WriteSyncer) Events {
	c := zap.NewProductionEncoderConfig()
	c.EncodeTime = zapcore.TimeEncoderOfLayout("2006-01-02T15:04:05.000Z07:00")
	buffered := &zapcore.BufferedWriteSyncer{WS: ws, Size: 256 << 10, FlushInterval: time.Second}
	e := zapEvents(zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(c), buffered, zapcore.InfoLevel)))
	e.Close = func() { buffered.Stop() }
	return e
}
