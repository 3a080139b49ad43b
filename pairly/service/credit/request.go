package credit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/pairly/pairlog/pairly"
)

// The bounds of requests.
const (
	MaxAmount      = 100_000   // credits of one spending or tip
	MaxAdjust      = 1_000_000 // credits of one adjustment, either way
	MaxDescription = 200       // characters
	MaxKey         = 128       // characters of an idempotency key
	MinReason      = 3         // characters
	MaxReason      = 200       // characters
	DefaultPage    = 50        // rows of a history page
	MaxPage        = 100
	MaxBalance     = 1<<53 - 1 // credits of one user: what every JSON client reads exactly (RFC 8259, section 6)
)

// internalKey starts the idempotency keys that the service's own parts use
// (a minute of a call, a webhook). Clients may not use such keys: one who
// guessed them could make a charge look done.
const internalKey = "pairly:"

func internal(key string) string {
	if key == "" {
		return ""
	}
	return internalKey + key
}

// hash names the body of a request: two requests with the same idempotency
// key must have the same hash.
func hash(operation string, request any) string {
	b, err := json.Marshal(request)
	if err != nil {
		panic(err) // requests are structs of strings and integers
	}
	sum := sha256.Sum256(append([]byte(operation+"\n"), b...))
	return hex.EncodeToString(sum[:])
}

func checkAmount(r *pairly.Rules, n, most int64) {
	r.Check(n >= 1 && n <= most, "amount", "range", "must be a number of credits within the limits")
}

func checkDescription(r *pairly.Rules, field, s string) {
	r.Check(pairly.ValidText(s, 0, MaxDescription), field, "length", "must have at most 200 characters")
}

func checkReason(r *pairly.Rules, s string) {
	r.Check(pairly.ValidText(s, MinReason, MaxReason), "reason", "length", "must have 3 to 200 characters")
}

func checkClientKey(r *pairly.Rules, key string) {
	r.Check(pairly.ValidText(key, 1, MaxKey), "idempotency_key", "length", "must have 1 to 128 characters")
	r.Check(!strings.HasPrefix(key, internalKey), "idempotency_key", "reserved", "must not begin with "+internalKey)
}

// spendable are the types that a user's own request may name; message, call
// and tip are charged by the services that know the price.
func spendable(t pairly.TransactionType) bool {
	return t == pairly.TxUnlock || t == pairly.TxSubscription
}
