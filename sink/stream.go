package sink

import (
	"io"
	"os"
)

// Stream returns a writer to the same place as w that fails where w would end
// the process: on Unix a write to standard output or standard error whose reader
// is gone is a SIGPIPE, which a Go program does not survive (os/signal, SIGPIPE).
// What is returned for these two is the same file under another number, which is
// closed when it is collected as garbage; everything else is returned as it is.
func Stream(w io.Writer) io.Writer {
	f, ok := w.(*os.File)
	if !ok || f == nil {
		return w
	}
	if own := duplicate(f); own != nil {
		return own
	}
	return w
}
