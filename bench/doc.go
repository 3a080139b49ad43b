// Package bench compares pairlog with the loggers people know: whole events,
// the same fields, the same sink, in the same run. Redaction of keys and
// values is on for pairlog and does not exist in the others, except where a
// rival's name says so.
//
//	make bench         ten runs of everything, kept in bench/results
//	make bench-check   fails where a ratio is past its goal
//
// Numbers are ratios within one run; nanoseconds of different machines or runs
// are never compared. Before anything is timed, a test checks that all write
// the same content.
package bench
