// Package pairlytest boots the whole program on a free port for a test and
// looks at what it does from outside: answers over HTTP, frames over
// WebSocket, and the lines of its log file.
//
// [Start] returns an [App]; [App.Client] a device to send requests from. What
// a step of a scenario logged is read back by its request id:
//
//	answer := app.Client("203.0.113.1").Post("/api/auth/login", body)
//	app.Expect(t, answer.RequestID, "login_attempt_failed", "A:login_failed", "http_request")
//
// [Parse] and [Check] stand alone: they read one line and hold it against the
// record contract.
//
// The database is SQLite in a temporary folder, or PostgreSQL where
// PAIRLY_TEST_POSTGRES names a server; the cache is the process's memory, or
// Redis where a test asks for it and PAIRLY_TEST_REDIS names one. Time stands
// still unless a test moves the [Clock].
package pairlytest
