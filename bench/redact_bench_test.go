package bench

import (
	"testing"

	"github.com/pairly/pairlog/redact"
)

// BenchmarkRedact writes the request line of twelve attrs with each way to redact
// it, into a sink that does nothing. None of its values is a secret, as in almost
// every line: what is measured is the search.
func BenchmarkRedact(b *testing.B) {
	for _, c := range []struct {
		name  string
		fresh bool
	}{{"Web", false}, {"Fresh", true}} {
		for _, r := range redactors {
			b.Run(c.name+"/"+r.name, func(b *testing.B) {
				l, close := r.new(new(discard))
				defer close()
				call := redactedLine(l, c.fresh)
				b.ReportAllocs()
				for b.Loop() {
					call()
				}
			})
		}
		b.Run(c.name+"/redactor-alone", func(b *testing.B) {
			r, err := redact.New(redact.Config{})
			if err != nil {
				b.Fatal(err)
			}
			call := redactorAlone(r, c.fresh)
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}
