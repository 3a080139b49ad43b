package bench

import (
	"io"

	"github.com/sirupsen/logrus"
)

func newLogrus(w io.Writer) Events {
	l := logrus.New()
	l.SetOutput(w)
	l.SetFormatter(&logrus.JSONFormatter{TimestampFormat: "2006-01-02T15:04:05.000Z07:00"})
	l.SetLevel(logrus.InfoLevel)
	with10 := l.WithFields(logrus.Fields{
		"service": "pairly", "version": "1.4.2", "host": "api-7", "region": "eu-central",
		"environment": "production", "shard": 12, "pid": 4711, "canary": false, "weight": 0.25, "build": "2025w03",
	})
	scoped := l.WithFields(logrus.Fields{
		"method": webMethod, "path": webPath, "route": webRoute, "query": webQuery,
		"client_ip": webIP, "user_agent": webAgent, "user_id": webUser,
	})
	web := func() *logrus.Entry {
		return l.WithFields(logrus.Fields{
			"method": webMethod, "path": webPath, "route": webRoute, "query": webQuery,
			"client_ip": webIP, "user_agent": webAgent, "user_id": webUser, "correlation_id": webRequest,
			"status_code": webStatus, "duration_ms": webDuration, "response_size_bytes": webSize, "protocol": webProtocol,
		})
	}
	fresh := func() *logrus.Entry {
		v := next()
		return l.WithFields(logrus.Fields{
			"method": webMethod, "path": v.path, "route": webRoute, "query": webQuery,
			"client_ip": v.ip, "user_agent": v.agent, "user_id": v.user, "correlation_id": v.request,
			"status_code": webStatus, "duration_ms": webDuration, "response_size_bytes": webSize, "protocol": webProtocol,
		})
	}
	return Events{
		NoFields: func() { l.Info(eventName) },
		With10:   func() { with10.Info(eventName) },
		Zap10: func() {
			l.WithFields(logrus.Fields{
				"int": tenInts[0], "ints": tenInts, "string": tenStrings[0], "strings": tenStrings,
				"time": someTime, "times": tenTimes, "user1": oneUser, "user2": oneUser, "users": tenUsers, "error": errExample,
			}).Info(eventName)
		},
		Web:   func() { web().Info(eventName) },
		Fresh: func() { fresh().Info(eventName) },
		Scoped: func() {
			scoped.WithFields(logrus.Fields{
				"correlation_id": webRequest, "status_code": webStatus, "duration_ms": webDuration,
				"response_size_bytes": webSize, "protocol": webProtocol,
			}).Info(eventName)
		},
		Disabled: func() { web().Debug(eventName) },
		Off:      func() { l.Debug(eventName) },
		Close:    func() {},
	}
}
