//go:build race

package sqllog_test

const raceEnabled = true
