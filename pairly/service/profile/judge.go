package profile

import (
	"context"
	"log/slog"
	"unicode/utf8"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/moderation"
)

// A judgement is what moderation makes of a profile's text.
type judgement struct {
	moderation.Verdict
	hide bool // not to be shown until somebody decides
}

// judge classifies the text of p. Explicit text is refused with
// content_policy_violation and a content_blocked line; a classifier that
// fails hides the profile rather than letting its text through.
func (s *Service) judge(ctx context.Context, p *pairly.Profile) (judgement, error) {
	text := p.DisplayName + "\n" + p.Bio
	v, err := s.classifier.Classify(ctx, text)
	if err != nil {
		s.modLog.LogAttrs(ctx, slog.LevelError, "moderation_error",
			slog.String("endpoint", pairly.RequestFrom(ctx).Endpoint),
			slog.String("error_type", pairly.ErrorType(err)),
			slog.String("fallback", "quarantine"))
		return judgement{hide: true}, nil
	}
	if v.Explicit() {
		s.modLog.LogAttrs(ctx, slog.LevelWarn, "content_blocked",
			slog.String("user_id", p.UserID),
			slog.String("endpoint", pairly.RequestFrom(ctx).Endpoint),
			slog.Float64("score", v.Score),
			slog.Any("categories", v.Categories),
			slog.String("engine", v.Engine),
			slog.Int("text_length", utf8.RuneCountInString(text)))
		return judgement{}, v.Violation()
	}
	return judgement{Verdict: v, hide: v.Suspicious()}, nil
}

// quarantined writes content_quarantined after the commit, if j hides p.
func (s *Service) quarantined(ctx context.Context, p *pairly.Profile, j judgement) {
	if !j.hide {
		return
	}
	pairly.AfterCommit(ctx, func() {
		s.modLog.LogAttrs(ctx, slog.LevelWarn, "content_quarantined",
			slog.String("user_id", p.UserID),
			slog.String("content_id", p.ID),
			slog.String("content_type", "profile"),
			slog.Float64("score", j.Score),
			slog.Any("categories", j.Categories))
	})
}
