package main

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// progress shows on a terminal how much of a file has been read. Reads come
// one after the other; a goroutine prints, until stop.
type progress struct {
	src   io.Reader
	out   io.Writer
	name  string
	size  int64
	read  atomic.Int64
	quit  chan struct{}
	ended sync.WaitGroup
}

// progressEvery is how often the line is printed anew.
const progressEvery = 200 * time.Millisecond

func newProgress(out io.Writer, src io.Reader, name string, size int64) *progress {
	p := &progress{src: src, out: out, name: name, size: size, quit: make(chan struct{})}
	start := time.Now()
	p.ended.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-p.quit:
				return
			case <-tick.C:
				p.print(time.Since(start))
			}
		}
	})
	return p
}

// Read implements io.Reader.
func (p *progress) Read(b []byte) (int, error) {
	n, err := p.src.Read(b)
	p.read.Add(int64(n))
	return n, err
}

func (p *progress) print(elapsed time.Duration) {
	n := p.read.Load()
	share := 100.0
	if p.size > 0 {
		share = min(100, 100*float64(n)/float64(p.size))
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s %3.0f %% %.0f MB/s", p.name, share, float64(n)/1e6/elapsed.Seconds())
}

// stop clears the line and waits for the printing goroutine.
func (p *progress) stop() {
	close(p.quit)
	p.ended.Wait()
	fmt.Fprint(p.out, "\r\x1b[K")
}
