package message

import (
	"context"
	"log/slog"
	"unicode/utf8"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/moderation"
)

// retryAfterModeration is when a client may send again what could not be
// judged, in seconds.
const retryAfterModeration = 5

// judge classifies the content. Explicit content is refused; when the
// classifier fails the message is refused too, with a hint to try again: what
// nobody judged reaches nobody.
func (s *Service) judge(ctx context.Context, r SendRequest) (moderation.Verdict, error) {
	endpoint := pairly.RequestFrom(ctx).Endpoint
	v, err := s.c.Classifier.Classify(ctx, r.Content)
	if err != nil {
		s.c.ModerationLog.LogAttrs(ctx, slog.LevelError, "moderation_error",
			slog.String("endpoint", endpoint),
			slog.String("error_type", pairly.ErrorType(err)),
			slog.String("fallback", "reject"))
		return v, pairly.Errorf(pairly.EUnavailable, "moderation_unavailable", "The message could not be checked; send it again.").
			With("retry_after", retryAfterModeration).Wrap(err)
	}
	if v.Explicit() {
		s.c.ModerationLog.LogAttrs(ctx, slog.LevelWarn, "content_blocked",
			slog.String("user_id", r.From),
			slog.String("endpoint", endpoint),
			slog.Float64("score", v.Score),
			slog.Any("categories", v.Categories),
			slog.String("engine", v.Engine),
			slog.Int("text_length", utf8.RuneCountInString(r.Content)))
		return v, v.Violation()
	}
	return v, nil
}

// quarantined writes content_quarantined after the commit, if v hides m.
func (s *Service) quarantined(ctx context.Context, m *pairly.Message, v moderation.Verdict) {
	if !v.Suspicious() {
		return
	}
	pairly.AfterCommit(ctx, func() {
		s.c.ModerationLog.LogAttrs(ctx, slog.LevelWarn, "content_quarantined",
			slog.String("user_id", m.FromUserID),
			slog.String("content_id", m.ID),
			slog.String("content_type", "message"),
			slog.Float64("score", v.Score),
			slog.Any("categories", v.Categories))
	})
}
