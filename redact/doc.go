// Package redact replaces secrets and personal data before any byte is written.
//
// Two rules work together. The key rule looks at the name of a value, word by
// word: user_password, userPassword, X-Card-Number and PASSWORD are sensitive,
// token_type and author are not. The value rule looks at the text itself, in
// one pass: card numbers, tokens, private keys, credentials in URLs, headers,
// JSON and key=value pairs.
//
//	r, _ := redact.New(redact.Config{})
//	r.String("login with password=hunter2 for bob@example.com")
//	// login with password=[REDACTED] for b***@example.com
//
// A [Redactor] is immutable and safe for concurrent use. It never panics and
// never returns the text it failed on: a limit that is passed, or a fault in a
// custom rule, replaces the whole value by [Mark] and is counted like any other
// redaction. It never writes, logs or keeps what it redacts.
package redact
