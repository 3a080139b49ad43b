// Package profile keeps the public face of accounts: who may see it, what may
// stand in it, and when it changed. Text of profiles is never logged, only
// its length.
package profile
