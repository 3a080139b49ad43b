package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pairly/pairlog/contrib/redislog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/api"
	"github.com/pairly/pairlog/pairly/cache"
	"github.com/pairly/pairlog/pairly/realtime"
	"github.com/pairly/pairlog/pairly/service/audit"
	"github.com/pairly/pairlog/pairly/service/auth"
	"github.com/pairly/pairlog/pairly/service/credit"
	"github.com/pairly/pairlog/pairly/service/fingerprint"
	"github.com/pairly/pairlog/pairly/service/guard"
	"github.com/pairly/pairlog/pairly/service/message"
	"github.com/pairly/pairlog/pairly/service/moderation"
	"github.com/pairly/pairlog/pairly/service/mute"
	"github.com/pairly/pairlog/pairly/service/presence"
	"github.com/pairly/pairlog/pairly/service/profile"
	"github.com/pairly/pairlog/pairly/service/ratelimit"
	"github.com/pairly/pairlog/pairly/service/socketlimit"
	"github.com/pairly/pairlog/pairly/service/token"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/worker"
	"github.com/pairly/pairlog/redact"
	"github.com/pairly/pairlog/sqllog"
)

// parts are what a service is put together from, in the order in which they
// are made.
type parts struct {
	store    *store.Store
	cache    *cache.Cache
	audit    *audit.Service
	limits   *ratelimit.Service
	auth     *auth.Service
	credits  *credit.Service
	presence *presence.Service
	mutes    *mute.Service
	profiles *profile.Service
	messages *message.Service
	hub      *realtime.Hub
	handler  http.Handler
}

func (s *service) openStore(ctx context.Context) error {
	var open atomic.Bool
	queries := sqllog.Config{
		Logger: s.logger("db.query"),
		// While it opens, migrations ask for tables that may not be there yet;
		// what fails then has lines of its own.
		Expected:    func(err error) bool { return !open.Load() || expectedAnswer(err) },
		SkipCallers: []string{"github.com/pairly/pairlog/pairly/store"},
	}.With(s.pipeline.Settings())
	config := store.Config{Log: s.logger("db.pool"), MigrationLog: s.logger("db.migration"), Now: s.p.Now, Supervise: supervise(s.logger("app.recover"))}
	if !s.p.Unlogged {
		config.PoolReportEvery = s.p.PoolReportEvery
		config.PoolReport = func(last, now sql.DBStats) {
			sqllog.LogPool(context.Background(), s.logger("db.pool"), last, now)
		}
		config.WrapConnector = func(c driver.Connector) driver.Connector { return sqllog.Connector(c, queries) }
	}
	st, err := store.Open(ctx, s.cfg.DatabaseURL, config)
	if err != nil {
		return err
	}
	open.Store(true)
	s.parts.store = st
	s.later(func(context.Context) error { return st.Close() })
	return nil
}

func (s *service) openCache(ctx context.Context) error {
	config := cache.Config{Log: s.logger("core.redis"), Now: s.p.Now, Supervise: supervise(s.logger("app.recover"))}
	settings := s.pipeline.Settings()
	var slow time.Duration // of a command: redislog's default, unless slow statements are off too
	if settings.SlowQuery == 0 {
		slow = -1
	}
	if !s.p.Unlogged {
		config.Hook = redislog.New(redislog.Config{
			Logger: config.Log, Slow: slow,
			// The cache itself says when Redis is away, and why: every error has
			// that line.
			NoState: true, Expected: func(error) bool { return true },
			Commands:    settings.Queries,
			SkipCallers: []string{"github.com/pairly/pairlog/pairly/cache"},
		})
	}
	c, err := cache.Open(ctx, s.cfg.RedisURL, config)
	if err != nil {
		return err
	}
	s.parts.cache = c
	s.later(func(context.Context) error { return c.Close() })
	return nil
}

// makeAudit makes the trail. Its rows keep e-mail and IP addresses in full,
// which the log masks; nothing else that is secret gets into either.
func (s *service) makeAudit(context.Context) error {
	redactor, err := redact.New(redact.Config{PII: redact.PIIFull})
	if err != nil {
		return err
	}
	s.parts.audit = audit.New(audit.Config{
		Store: s.parts.store, Log: s.logger("audit"), HealthLog: s.logger("service.audit"),
		Redact: redactor.AppendJSON, Now: s.p.Now,
	})
	return nil
}

// makeIdentity makes what decides who may come in.
func (s *service) makeIdentity(context.Context) error {
	p, now := &s.parts, s.p.Now
	p.limits = ratelimit.New(ratelimit.Config{
		Store: p.store, Counts: p.cache, Audit: p.audit, Log: s.logger("middleware.rate_limiter"),
		Disabled: s.p.NoLimits, Now: now,
	})
	tokens, err := token.New(token.Config{
		Store: p.store, Cache: p.cache, Log: s.logger("service.token"), Secret: s.cfg.JWTSecret, Now: now,
	})
	if err != nil {
		return err
	}
	prints, err := fingerprint.New(fingerprint.Config{
		Store: p.store, Log: s.logger("service.fingerprint"), Key: s.cfg.FingerprintKey, Now: now,
	})
	if err != nil {
		return err
	}
	p.auth = auth.New(auth.Config{
		Store: p.store, Tokens: tokens, Fingerprints: prints, Audit: p.audit,
		Guard: guard.New(guard.Config{
			Store: p.store, Bans: p.limits, Audit: p.audit, Log: s.logger("middleware.failed_login"), Now: now,
		}),
		Log: s.logger("api.auth"), Hash: s.p.Passwords, Now: now,
		SessionEnded: func(userID, sessionID string, reason pairly.RevokeReason) {
			if p.hub != nil { // the command that makes administrators has no sockets
				p.hub.SessionEnded(userID, sessionID, reason)
			}
		},
	})
	return nil
}

// makeSocial makes what users do with each other.
func (s *service) makeSocial(context.Context) error {
	p, now := &s.parts, s.p.Now
	classifier, moderationLog := moderation.NewText(), s.logger("middleware.content_moderation")
	p.credits = credit.New(credit.Config{
		Store: p.store, Log: s.logger("service.credits"), APILog: s.logger("api.credits"), Audit: p.audit, Now: now,
	})
	p.presence = presence.New(presence.Config{Profiles: p.store, Log: s.logger("service.presence"), Now: now})
	p.mutes = mute.New(mute.Config{Store: p.store, Log: s.logger("service.ws_rate_limiter"), Audit: p.audit, Now: now})
	p.profiles = profile.New(profile.Config{
		Store: p.store, Classifier: classifier, Presence: p.presence,
		Log: s.logger("api.profiles"), ModerationLog: moderationLog, Audit: p.audit, Now: now,
	})
	limiter := socketlimit.New(socketlimit.Config{Log: s.logger("service.ws_rate_limiter"), Now: now})
	p.messages = message.New(message.Config{
		Store: p.store, Credits: p.credits, Limiter: limiter, Mutes: p.mutes, Classifier: classifier, Audit: p.audit,
		Log: s.logger("websocket.messaging"), APILog: s.logger("api.messaging"),
		CreditsLog: s.logger("service.credits"), ModerationLog: moderationLog,
		AuditAllMessages: s.cfg.AuditAllMessages, Now: now,
	})
	s.work(worker.Presence(p.presence), worker.Purge(p.store, now),
		worker.Reconcile(p.store, s.logger("worker.reconcile")))
	p.hub = realtime.New(realtime.Config{
		Auth: p.auth, Messages: p.messages, Presence: p.presence, Limiter: limiter,
		Log: s.logger("websocket.messaging"), Recover: s.logger("app.recover"),
		Origins: s.cfg.CORSOrigins, Now: now,
	})
	s.later(p.hub.Shutdown)
	return nil
}

// makeAPI makes the handler of all routes.
func (s *service) makeAPI(context.Context) error {
	p, settings := &s.parts, s.pipeline.Settings()
	var extra map[string]http.HandlerFunc
	if s.p.Extra != nil {
		extra = s.p.Extra(s.logger)
	}
	p.handler = api.New(api.Config{
		Auth: p.auth, Profiles: p.profiles, Messages: p.messages, Credits: p.credits, Mutes: p.mutes,
		Limits: p.limits, Sockets: p.hub, Audit: p.audit,
		Logger: s.logger, TrustedProxies: s.cfg.TrustedProxies, CORSOrigins: s.cfg.CORSOrigins,
		Checks: []api.Check{
			{Name: "database", Check: p.store.Ping},
			{Name: "redis", Check: s.checkCache},
		},
		Slow: orOff(settings.SlowRequest), Stuck: orOff(settings.StuckRequest), Bodies: httplog.Capture(settings.Bodies),
		Demo: s.o.demo, Extra: extra, Unlogged: s.p.Unlogged, Now: s.p.Now,
	})
	return nil
}

// logger returns the pipeline's logger of a name.
func (s *service) logger(name string) *slog.Logger {
	if s.p.Unlogged {
		return slog.New(slog.DiscardHandler)
	}
	return s.pipeline.Logger(name)
}

// checkCache says whether the cache is what was asked for. A service without
// Redis is ready: nothing is missing.
func (s *service) checkCache(context.Context) error {
	if s.parts.cache.Degraded() {
		return errors.New("redis is away; memory in its place")
	}
	return nil
}

// orOff turns the pipeline's zero, which is off, into the minus one that says
// so to packages whose zero is a default.
func orOff(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// expectedAnswer reports whether an error of the database is an answer that
// the store asks for: a key that is taken, or a transaction that lost against
// another one and runs again. The codes are SQLITE_CONSTRAINT_PRIMARYKEY,
// SQLITE_CONSTRAINT_UNIQUE and SQLITE_BUSY (https://sqlite.org/rescode.html),
// unique_violation, serialization_failure and deadlock_detected
// (https://www.postgresql.org/docs/15/errcodes-appendix.html).
func expectedAnswer(err error) bool {
	var postgres interface{ SQLState() string }
	if errors.As(err, &postgres) {
		return slices.Contains([]string{"23505", "40001", "40P01"}, postgres.SQLState())
	}
	var sqlite interface{ Code() int }
	if errors.As(err, &sqlite) {
		code := sqlite.Code()
		// SQLite ends a transaction itself when a client's leaving interrupts a
		// statement, and the rollback finds none. That has no code of its own.
		noTx := code == 1 && strings.Contains(err.Error(), "cannot rollback - no transaction is active")
		return noTx || code == 1555 || code == 2067 || code&0xff == 5
	}
	return false
}
