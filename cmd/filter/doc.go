// Package filter redacts streams of log lines.
//
// A reader cuts the input into blocks of whole lines, workers redact them, and
// the blocks are written in the order in which they were read. A line that is a
// JSON object or array keeps its structure; the lines between are scanned as
// text together, so that a private key over several lines is seen whole.
//
//	stats, err := filter.Copy(os.Stdout, os.Stdin, filter.Config{Redactor: r})
//
// Memory is bounded whatever the input: by the number of workers, the size of a
// block, and the longest line that is redacted. A longer line is replaced by the
// mark and counted; it is never passed on.
package filter
