package message

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/socketlimit"
)

// rateLimited returns the error for a frame over the limit. Only the first
// one of a window writes ws_rate_limited, as the limiter does.
func (s *Service) rateLimited(ctx context.Context, r SendRequest, v socketlimit.Verdict) error {
	if v.First {
		s.c.Log.LogAttrs(ctx, slog.LevelWarn, "ws_rate_limited",
			slog.String("user_id", r.From),
			slog.String("connection_id", r.ConnectionID),
			slog.Int("retry_after", v.RetryAfter))
	}
	err := pairly.Errorf(pairly.ETooMany, "rate_limited", "Too many messages.").With("retry_after", v.RetryAfter)
	if v.Abuse {
		err = err.Wrap(errAbuse)
	}
	return err
}

func (s *Service) muted(ctx context.Context, r SendRequest, until time.Time) error {
	s.c.Log.LogAttrs(ctx, slog.LevelInfo, "ws_muted_rejected",
		slog.String("user_id", r.From),
		slog.String("connection_id", r.ConnectionID),
		slog.Time("muted_until", until))
	return pairly.Errorf(pairly.EForbidden, "muted", "You may not send messages for now.").
		With("muted_until", until.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// rejected writes ws_message_rejected for an error that the sender caused,
// and returns err.
func (s *Service) rejected(ctx context.Context, r SendRequest, err error) error {
	e := (*pairly.Error)(nil)
	if !errors.As(err, &e) || e.Kind == pairly.EInternal || e.Kind == pairly.EUnavailable {
		return err
	}
	s.c.Log.LogAttrs(ctx, slog.LevelWarn, "ws_message_rejected",
		slog.String("user_id", r.From),
		slog.String("connection_id", r.ConnectionID),
		slog.String("error_code", e.Code),
		slog.String("frame_type", frameType(r.FrameType)))
	return err
}

// frameType is a type as events show it: what is no name of a type is the
// client's text, and does not go into the log.
func frameType(s string) string {
	if len(s) > 32 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "unknown"
	}
	return s
}

// short writes ws_insufficient_credits if that is what err says, and returns
// err.
func (s *Service) short(ctx context.Context, r SendRequest, err error) error {
	e := (*pairly.Error)(nil)
	if !errors.As(err, &e) || e.Code != "insufficient_credits" {
		return err
	}
	s.c.Log.LogAttrs(ctx, slog.LevelWarn, "ws_insufficient_credits",
		slog.String("user_id", r.From),
		slog.String("recipient_id", r.To),
		slog.String("connection_id", r.ConnectionID),
		slog.Any("required", e.Details["required"]),
		slog.Any("available", e.Details["available"]))
	return err
}

func (s *Service) charged(ctx context.Context, r SendRequest, out *pairly.CreditTransaction) {
	pairly.AfterCommit(ctx, func() {
		s.c.Log.LogAttrs(ctx, slog.LevelInfo, "ws_credits_charged",
			slog.String("user_id", r.From),
			slog.String("recipient_id", r.To),
			slog.String("connection_id", r.ConnectionID),
			slog.Int64("credits_charged", -out.Amount),
			slog.String("transaction_id", out.ID),
			slog.Int64("balance_after", out.BalanceAfter))
	})
}

func (s *Service) sent(ctx context.Context, r SendRequest, m *pairly.Message) {
	pairly.AfterCommit(ctx, func() {
		s.c.Log.LogAttrs(ctx, slog.LevelInfo, "ws_message_sent",
			slog.String("user_id", m.FromUserID),
			slog.String("recipient_id", m.ToUserID),
			slog.String("connection_id", r.ConnectionID),
			slog.Int64("credits_charged", m.CreditsCharged),
			slog.Int("message_length", utf8.RuneCountInString(m.Content)))
	})
}

// replayed writes idempotent_replay; a free message has no transaction.
func (s *Service) replayed(ctx context.Context, r SendRequest, out *pairly.CreditTransaction) {
	id := slog.Any("transaction_id", nil)
	if out != nil {
		id = slog.String("transaction_id", out.ID)
	}
	s.c.CreditsLog.LogAttrs(ctx, slog.LevelInfo, "idempotent_replay",
		slog.String("user_id", r.From),
		slog.String("transaction_type", string(pairly.TxMessage)),
		id)
}
