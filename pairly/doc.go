// Package pairly holds the nouns of the Pairly backend: the types that
// every layer speaks of, and the errors, identities and transaction hooks
// that they share. It imports the standard library only.
package pairly
