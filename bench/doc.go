// Package bench compares pairlog with the loggers people know: whole
// events, the same fields, the same sink, in the same run.
package bench
