//go:build !race

package pairlog_test

// raceEnabled tells tests that count allocations to stand aside.
const raceEnabled = false
