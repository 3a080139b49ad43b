package moderation

import "github.com/pairly/pairlog/pairly"

// The thresholds of scores: from ExplicitScore on content is refused, from
// SuspiciousScore on it is quarantined, below it is published.
const (
	ExplicitScore   = 0.85
	SuspiciousScore = 0.50
)

// The categories of verdicts.
const (
	CategorySexual   = "sexual"
	CategoryViolence = "violence"
	CategoryMinors   = "minors"
)

// PolicyURL is where a user reads what is not allowed.
const PolicyURL = "/docs/content-policy"

// A Verdict is what a classifier thinks of a piece of content.
type Verdict struct {
	Score      float64  // 0 harmless to 1
	Categories []string // of the hits, sorted; nil when there is none
	Engine     string   // name of the classifier
}

// Explicit reports whether the content must be refused.
func (v Verdict) Explicit() bool { return v.Score >= ExplicitScore }

// Suspicious reports whether the content must be quarantined.
func (v Verdict) Suspicious() bool { return v.Score >= SuspiciousScore && !v.Explicit() }

// Violation returns the error for explicit content: content_policy_violation
// with the categories and the address of the policy.
func (v Verdict) Violation() *pairly.Error {
	return pairly.Errorf(pairly.EBadRequest, "content_policy_violation", "this content is not allowed").
		With("categories", v.Categories).With("policy_url", PolicyURL)
}
