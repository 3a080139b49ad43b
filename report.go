package pairlog

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/sink"
)

// reporter is how the pipeline speaks about itself: lines on logging.internal,
// written by a goroutine of its own. Sinks and queue hand their events over
// without waiting, so that a report can neither block a log call nor cause
// itself again. One kind of trouble is told once a minute.
type reporter struct {
	p      *Pipeline
	events chan report
	done   chan struct{}
	ended  chan struct{}

	// The fields below belong to the goroutine.
	h       *Handler
	told    map[string]time.Time
	dropped uint64
	since   time.Time
	lost    map[string]sinkLoss // by sink
}

// sinkLoss is what has been told of the lines that one sink has lost.
type sinkLoss struct {
	told  uint64
	at    time.Time
	cause string // the latest
}

// report is one line about the pipeline.
type report struct {
	event string
	level slog.Level
	attrs []slog.Attr
	// key is what counts as the same trouble; "" is never held back.
	key string
	// aside is set when the queue is not drained, so that the line must go to
	// standard error.
	aside bool
	// loser is the sink that has lost lines, and cause why; all else is "".
	loser, cause string
}

const (
	// reportEvery is how often one kind of trouble is told.
	reportEvery = time.Minute
	// reportBacklog is how many reports may wait; more are left out.
	reportBacklog = 256
)

func newReporter(p *Pipeline) *reporter {
	return &reporter{
		p: p, events: make(chan report, reportBacklog), done: make(chan struct{}), ended: make(chan struct{}),
		told: map[string]time.Time{}, lost: map[string]sinkLoss{},
	}
}

// start tells about the settings that could not be used and begins to listen.
func (r *reporter) start(faults []fault) {
	r.h = r.p.Handler(InternalLogger).(*Handler)
	r.since = time.Now()
	for _, f := range faults {
		r.write(report{event: EventConfigInvalid, level: slog.LevelWarn, attrs: []slog.Attr{
			slog.String(keySetting, f.setting), slog.String(keyValue, f.value),
			slog.String(keyWanted, f.wanted), slog.String(keyUsed, f.used),
		}})
	}
	go r.run()
}

// stop ends the goroutine after it has told about what is left, or when ctx ends.
func (r *reporter) stop(ctx context.Context) {
	close(r.done)
	select {
	case <-r.ended:
	case <-ctx.Done():
	}
}

// last tells, on standard error, what has come up since stop.
func (r *reporter) last() {
	select {
	case <-r.ended:
	default:
		return // still at it, with somebody who does not take what it has to say
	}
	for len(r.events) > 0 {
		e := <-r.events
		e.aside = true
		r.write(e)
	}
	for name := range r.p.sinks.Dropped() {
		r.sinkLost(report{loser: name, aside: true}, time.Now(), true)
	}
}

// left tells, on standard error, what Close has left in the queue: the next
// start writes it, or it is lost with the memory that it is in.
func (r *reporter) left() {
	s := r.p.queue.Stats()
	if s.Pending == 0 {
		return
	}
	e := report{event: EventRecordsLeft, level: slog.LevelWarn, aside: true}
	if s.Path == "" {
		e.event = EventRecordsDropped
	}
	e.attrs = append([]slog.Attr{slog.String(keySink, "queue"), slog.Uint64(keyCount, s.Pending)},
		reasons(s.Path, errors.New("closed before they were written"))...)
	r.write(e)
}

func (r *reporter) run() {
	defer close(r.ended)
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for {
		select {
		case e := <-r.events:
			r.write(e)
		case <-tick.C:
			r.losses()
		case <-r.done:
			for len(r.events) > 0 {
				r.write(<-r.events)
			}
			r.losses()
			return
		}
	}
}

// write logs a report, past levels, sampling and scopes. It returns false when
// the queue has refused it; standard error has it then.
func (r *reporter) write(e report) bool {
	now := time.Now() // not the records' clock, which may step
	if e.loser != "" {
		r.sinkLost(e, now, false)
		return true
	}
	if e.key != "" {
		if last, ok := r.told[e.key]; ok && now.Sub(last) < reportEvery {
			return true
		}
		if len(r.told) > reportBacklog {
			clear(r.told)
		}
		r.told[e.key] = now
	}
	l := r.h.enc.NewLine()
	defer l.Free()
	l.Begin(r.p.now(), r.h.logger.head, e.level)
	l.Message(e.event)
	for i := range e.attrs {
		l.Attr(&e.attrs[i])
	}
	l.EndAttrs()
	// A report that the queue has no room for, or nobody to drain it, is too
	// important to be lost with the rest.
	line := l.End()
	taken := !e.aside && r.p.queue.Append(e.level, line)
	if !taken {
		_, _ = r.p.errOut.Write(line)
	}
	return taken || e.aside
}

// losses tells how many records have been dropped since the last time.
func (r *reporter) losses() {
	now, total := time.Now(), r.p.queue.Stats().Dropped.Total()
	for name := range r.p.sinks.Dropped() {
		r.sinkLost(report{loser: name}, now, true)
	}
	n, since := total-r.dropped, r.since
	r.dropped, r.since = total, now
	if n == 0 {
		return
	}
	taken := r.write(report{event: EventRecordsDropped, level: slog.LevelWarn, attrs: []slog.Attr{
		slog.Uint64(keyCount, n),
		slog.Int64(keyWindow, int64(now.Sub(since)/time.Second)),
		slog.String(keySink, "queue"),
	}})
	if !taken {
		r.dropped++ // the report itself, which the queue has counted
	}
}

// sinkLost tells how many lines a sink has lost since the last time, at once or
// when a minute has passed. The number is that of [Stats], so that all reports
// together tell of each lost line once.
func (r *reporter) sinkLost(e report, now time.Time, due bool) {
	l := r.lost[e.loser]
	if e.cause != "" {
		l.cause = e.cause
	}
	total := r.p.sinks.Dropped()[e.loser]
	if n := total - l.told; n > 0 && (due || now.Sub(l.at) >= reportEvery) {
		l.told, l.at = total, now
		r.write(report{event: sink.EventDropped, level: slog.LevelWarn, aside: e.aside, attrs: []slog.Attr{
			slog.String(keySink, e.loser), slog.Uint64(keyCount, n), slog.String(keyReason, l.cause),
		}})
	}
	r.lost[e.loser] = l
}

// send hands a report over, or drops it when too many wait already.
func (r *reporter) send(e report) {
	select {
	case r.events <- e:
	default:
	}
}

// degraded tells that something works, but not as it was configured.
func (r *reporter) degraded(what, reason, fallback string) {
	r.send(report{event: EventSinkDegraded, level: slog.LevelError, key: EventSinkDegraded + what, attrs: []slog.Attr{
		slog.String(keySink, what), slog.String(keyReason, reason), slog.String(keyFallback, fallback),
	}})
}

func (r *reporter) levelChanged(prefix string, from, to slog.Level) {
	r.send(report{event: EventLevelChanged, level: slog.LevelWarn, attrs: []slog.Attr{
		slog.String(keyFrom, LevelName(from)), slog.String(keyTo, LevelName(to)), slog.String(keyTarget, prefix),
	}})
}

// queue takes what the queue has to say about itself.
func (r *reporter) queue(e queue.Event) {
	switch e.Name {
	case queue.EventDegraded:
		r.degraded("queue "+e.Path, errText(e.Err), "memory")
		return
	case queue.EventDrainFailed:
		r.send(report{event: e.Name, level: slog.LevelError, key: e.Name, aside: true, attrs: reasons("", e.Err)})
		return
	}
	level := slog.LevelInfo
	if e.Err != nil || e.Torn > 0 {
		level = slog.LevelWarn
	}
	attrs := reasons(e.Path, e.Err)
	if e.Records > 0 || e.Torn > 0 {
		attrs = append(attrs, slog.Uint64(keyRecords, e.Records), slog.Uint64(keyTorn, e.Torn))
	}
	r.send(report{event: e.Name, level: level, attrs: attrs})
}

// sink takes what a sink has to say about itself.
func (r *reporter) sink(e sink.Event) {
	if e.Name == sink.EventDropped {
		r.send(report{loser: e.Sink, cause: errText(e.Err)})
		return
	}
	if e.Name == sink.EventDegraded {
		fallback := ""
		if e.Path != "" {
			fallback = e.Path
		}
		r.degraded(e.Sink, errText(e.Err), fallback)
		return
	}
	level := slog.LevelInfo
	key := ""
	if e.Err != nil {
		level = slog.LevelError
		key = e.Name + e.Sink
	}
	if e.Name == sink.EventSpaceLow {
		level, key = max(level, slog.LevelWarn), e.Name+e.Sink
	}
	attrs := append([]slog.Attr{slog.String(keySink, e.Sink)}, reasons(e.Path, e.Err)...)
	if e.Count > 0 {
		attrs = append(attrs, slog.Uint64(keyBytes, e.Count))
	}
	r.send(report{event: e.Name, level: level, key: key, attrs: attrs, aside: e.Name == sink.EventFailed})
}

func reasons(path string, err error) []slog.Attr {
	var attrs []slog.Attr
	if path != "" {
		attrs = append(attrs, slog.String(keyFile, path))
	}
	if err != nil {
		attrs = append(attrs, slog.String(keyReason, err.Error()))
	}
	return attrs
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
