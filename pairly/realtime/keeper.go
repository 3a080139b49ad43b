package realtime

import "time"

// keep looks after the connections until the hub shuts down: it closes those
// that do not authenticate in time, pings silent ones, gives up those that do
// not answer, and has presence beat. It watches the hub's clock at short real
// intervals instead of setting timers, so that a clock that jumps is noticed.
func (h *Hub) keep() {
	tick := time.NewTicker(h.c.Tick)
	defer tick.Stop()
	for {
		select {
		case <-h.stop:
			return
		case <-tick.C:
		}
		now := h.c.Now()
		for _, c := range h.all() {
			h.look(c, now)
		}
	}
}

// look does for one connection what is due at now. It never blocks.
func (h *Hub) look(c *conn, now time.Time) {
	if !c.authed.Load() {
		if now.Sub(c.opened) >= h.c.AuthTimeout {
			c.shut(CloseAuthTimeout, "no token in time")
		}
		return
	}
	if due(&c.lastBeat, now, h.c.BeatEvery) {
		c.lastBeat.Store(now.UnixNano())
		select {
		case c.beat <- struct{}{}:
		default: // the writer is behind; the beat that waits will do
		}
	}
	switch sent := c.pingSent.Load(); {
	case sent == 0 && due(&c.lastTraffic, now, h.c.PingAfter):
		c.pingSent.Store(now.UnixNano())
		c.goPing()
	case sent != 0 && now.UnixNano()-sent >= int64(h.c.PongWithin):
		c.cut()
	}
}

// goPing pings unless the connection is ending, whose end waits for done.
func (c *conn) goPing() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		// guard has told of a panic, and ended the connection.
		c.done.Go(func() { _ = c.guard(func() error { c.ping(); return nil }) })
	}
}

func due(since interface{ Load() int64 }, now time.Time, after time.Duration) bool {
	return now.UnixNano()-since.Load() >= int64(after)
}
