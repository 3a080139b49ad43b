package redact

import "sync/atomic"

// Rule is the name of a built-in rule, as in [Config.Disable] and
// [Redactor.Counts].
type Rule string

// The built-in rules. docs/redaction.md shows each with an example.
const (
	RuleKey        Rule = "key"        // the name of the value is sensitive
	RuleLength     Rule = "length"     // the user's own text, written as its length
	RuleCoordinate Rule = "coordinate" // latitude and longitude, rounded
	RuleCard       Rule = "card"       // payment card numbers
	RuleIBAN       Rule = "iban"       // bank account numbers
	RuleSSN        Rule = "ssn"        // US social security numbers
	RuleEmail      Rule = "email"      // e-mail addresses
	RuleIP         Rule = "ip"         // IPv4 and IPv6 addresses
	RulePhone      Rule = "phone"      // international phone numbers
	RuleJWT        Rule = "jwt"        // JSON web tokens
	RulePEM        Rule = "pem"        // private keys in PEM
	RuleAuth       Rule = "auth"       // bearer, basic and other credentials
	RuleHeader     Rule = "header"     // Authorization, Cookie, Set-Cookie lines
	RuleAssignment Rule = "assignment" // key=value, "key": "value", YAML, XML
	RuleFlag       Rule = "flag"       // --password value, -u user:password
	RuleURL        Rule = "url"        // user:password@ in URLs, secret URLs
	RuleEncoded    Rule = "encoded"    // base64 of JSON that holds a secret
	RuleContext    Rule = "context"    // a random string after a word like token
	RuleToken      Rule = "token"      // tokens of services, by their prefix
	RuleLimit      Rule = "limit"      // too large, too deep, or a fault: dropped whole
)

// ruleID indexes the counters and the switches.
type ruleID uint8

const (
	idNone ruleID = iota
	idKey
	idLength
	idCoordinate
	idCard
	idIBAN
	idSSN
	idEmail
	idIP
	idPhone
	idJWT
	idPEM
	idAuth
	idHeader
	idAssignment
	idFlag
	idURL
	idEncoded
	idContext
	idToken
	idLimit
	numRules
)

var ruleNames = [numRules]Rule{
	idKey: RuleKey, idLength: RuleLength, idCoordinate: RuleCoordinate,
	idCard: RuleCard, idIBAN: RuleIBAN, idSSN: RuleSSN, idEmail: RuleEmail, idIP: RuleIP,
	idPhone: RulePhone, idJWT: RuleJWT, idPEM: RulePEM, idAuth: RuleAuth, idHeader: RuleHeader,
	idAssignment: RuleAssignment, idFlag: RuleFlag, idURL: RuleURL, idEncoded: RuleEncoded,
	idContext: RuleContext, idToken: RuleToken, idLimit: RuleLimit,
}

// Rules returns the names of all built-in rules, in the order of the
// documentation.
func Rules() []Rule {
	return append([]Rule(nil), ruleNames[1:]...)
}

func ruleByName(n Rule) (ruleID, bool) {
	for id := idKey; id < numRules; id++ {
		if ruleNames[id] == n {
			return id, true
		}
	}
	return idNone, false
}

type counterCell = atomic.Uint64

// counters has one cell per built-in rule and one per custom rule.
type counters struct {
	builtin [numRules]atomic.Uint64
	custom  []counterCell
}

// moveTo adds what n has counted to to, and sets n to zero. Nobody else may use n
// meanwhile.
func (n *counters) moveTo(to *counters) {
	for i := range n.builtin {
		if c := n.builtin[i].Load(); c > 0 {
			to.builtin[i].Add(c)
		}
	}
	for i := range n.custom {
		if c := n.custom[i].Load(); c > 0 {
			to.custom[i].Add(c)
		}
	}
	n.reset()
}

// empty reports whether n has counted nothing.
func (n *counters) empty() bool {
	for i := range n.builtin {
		if n.builtin[i].Load() > 0 {
			return false
		}
	}
	for i := range n.custom {
		if n.custom[i].Load() > 0 {
			return false
		}
	}
	return true
}

func (n *counters) reset() {
	for i := range n.builtin {
		if n.builtin[i].Load() > 0 {
			n.builtin[i].Store(0)
		}
	}
	for i := range n.custom {
		n.custom[i].Store(0)
	}
}

// Counts returns how many redactions each rule has made so far, by the name of
// the rule; rules that have made none are left out. Safe for concurrent use.
func (r *Redactor) Counts() map[string]uint64 {
	m := make(map[string]uint64)
	for id := idKey; id < numRules; id++ {
		if n := r.n.builtin[id].Load(); n > 0 {
			m[string(ruleNames[id])] = n
		}
	}
	for i := range r.n.custom {
		if n := r.n.custom[i].Load(); n > 0 {
			m[r.cfg.Values[i].Name] = n
		}
	}
	return m
}

// Total returns how many redactions have been made so far by all rules.
func (r *Redactor) Total() uint64 {
	var t uint64
	for id := idKey; id < numRules; id++ {
		t += r.n.builtin[id].Load()
	}
	for i := range r.n.custom {
		t += r.n.custom[i].Load()
	}
	return t
}

func (r *Redactor) count(id ruleID) { r.n.builtin[id].Add(1) }
