package filter

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// pipeline is one call of Copy. Each worker reads a block, redacts it, and writes
// it and the blocks that follow it when they are ready: no block changes hands
// between processors but the few that are ready before their turn. Who has taken a
// block owns it until it is in ready.
type pipeline struct {
	cfg     Config
	dst     io.Writer
	seen    atomic.Uint64 // lines
	notJSON atomic.Uint64

	reading sync.Mutex // held while reading; it protects what follows
	lines   *lineReader
	ended   bool // there is no further block
	taken   int  // blocks that were read

	mu      sync.Mutex // protects what follows
	changed sync.Cond  // a block is free
	free    []*block
	ready   []*block // redacted, by their number modulo the length
	turn    int      // the number of the block that is written next
	writing bool     // a worker is writing
	failed  bool     // writing has failed
	err     error    // of writing, or else of reading
}

// block is a run of whole lines on its way through the pipeline.
type block struct {
	number int
	in     []byte
	out    []byte
}

func newPipeline(dst io.Writer, src io.Reader, cfg Config) *pipeline {
	p := &pipeline{cfg: cfg, dst: dst, lines: &lineReader{src: src, max: cfg.MaxLineBytes, block: cfg.BlockBytes}}
	p.changed.L = &p.mu
	p.ready = make([]*block, 2*cfg.Workers)
	for range p.ready {
		p.free = append(p.free, &block{})
	}
	return p
}

// work redacts blocks until src ends or dst has failed.
func (p *pipeline) work() {
	w := worker{pipeline: p, lines: p.cfg.Redactor.Lines()}
	for {
		b := p.next()
		if b == nil {
			return
		}
		b.out = w.redact(b.out[:0], b.in)
		w.lines.Flush()
		p.seen.Add(uint64(w.seen))
		w.seen = 0
		p.finish(b)
	}
}

// next reads the next block. It waits for a block that is free, for its turn to
// read, and for src; it returns nil when there is nothing more to do.
func (p *pipeline) next() *block {
	p.reading.Lock()
	defer p.reading.Unlock()
	if p.ended {
		return nil
	}
	b := p.takeFree()
	if b == nil {
		p.ended = true
		return nil
	}
	var err error
	b.in, err = p.lines.next(b.in[:0])
	if err != nil {
		p.ended = true
		if err != io.EOF {
			p.fail(fmt.Errorf("read: %w", err), false)
		}
	}
	if len(b.in) == 0 {
		return nil // only at the end
	}
	b.number = p.taken
	p.taken++
	return b
}

// takeFree returns a block that is free, nil when writing has failed.
func (p *pipeline) takeFree() *block {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.free) == 0 && !p.failed {
		p.changed.Wait()
	}
	if p.failed {
		return nil
	}
	b := p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	return b
}

// finish gives b to be written. Unless another worker writes, it writes what is
// ready.
func (p *pipeline) finish(b *block) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ready[b.number%len(p.ready)] = b
	if p.writing {
		return
	}
	p.writing = true
	for {
		slot := &p.ready[p.turn%len(p.ready)]
		b := *slot
		if b == nil {
			break
		}
		*slot = nil
		if !p.failed {
			p.mu.Unlock()
			_, err := p.dst.Write(b.out)
			p.mu.Lock()
			if err != nil {
				p.failLocked(fmt.Errorf("write: %w", err), true)
			}
		}
		p.turn++
		p.free = append(p.free, b)
		p.changed.Signal()
	}
	p.writing = false
}

// fail keeps an error: that of writing, or else that of reading.
func (p *pipeline) fail(err error, writing bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failLocked(err, writing)
}

func (p *pipeline) failLocked(err error, writing bool) {
	if p.err == nil || writing {
		p.err = err
	}
	p.failed = p.failed || writing
}
