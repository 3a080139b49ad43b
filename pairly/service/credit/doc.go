// Package credit moves credits: it is the only code that changes a balance.
// Each movement is one transaction of the database that holds the change of
// the balance, the row in the ledger and the audit record; their log lines
// follow the commit. Balances never fall below zero, a transfer moves both
// sides or none, and a request with an idempotency key that was used before
// answers the first result (same body) or duplicate_transaction (another).
//
// Amounts in events are positive; credits_refunded alone carries the sign of
// the row that it reports, since a refund of a transfer also takes back.
package credit
