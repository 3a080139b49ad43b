package realtime

// ParseFrame is parseFrame with the type that a good frame has.
func ParseFrame(data []byte) (frameType, logged, errorCode string) {
	f, kind, invalid := parseFrame(data)
	if invalid != nil {
		return "", kind, invalid.Code
	}
	return f.Type, kind, ""
}

// Unanswered returns how many connections were pinged and have not answered,
// once every connection that is due was pinged; -1 before.
func (h *Hub) Unanswered() int {
	n, now := 0, h.c.Now()
	for _, c := range h.all() {
		switch {
		case c.pingSent.Load() != 0:
			n++
		case due(&c.lastTraffic, now, h.c.PingAfter):
			return -1
		}
	}
	return n
}
