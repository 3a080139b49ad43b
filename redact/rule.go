package redact

// Rule is the name of a built-in rule, as in [Config.Disable] and
// [Redactor.Counts].
type Rule string

// The built-in rules.
const (
	RuleKey        Rule = "key"
	RuleCard       Rule = "card"
	RuleAssignment Rule = "assignment"
	RuleLimit      Rule = "limit"
)
