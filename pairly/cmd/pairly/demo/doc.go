// Package demo plays simulated users against a running Pairly and sums up
// what the log recorded of them. It knows the service as a stranger does: by
// its HTTP routes, its chat socket and its log lines. Everything it does goes
// over a real connection.
//
// [Play] is the play; a [Tally] is a log sink that counts what passes; its
// Summary prints what a newcomer wants to know.
//
// It must never run against a service that other people use: it provokes
// bans, lockouts and a panic.
package demo
