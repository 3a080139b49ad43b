//go:build !race

package pgxlog_test

const raceEnabled = false
