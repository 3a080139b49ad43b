package pairlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pairly/pairlog/internal/encode"
	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/redact"
	"github.com/pairly/pairlog/sink"
)

// Pipeline takes records from its loggers to the sinks. All methods are safe for
// concurrent use.
type Pipeline struct {
	enc *encode.Encoder
	// byLogger are encoders with a policy of their own, by logger prefix.
	byLogger map[string]*encode.Encoder
	levels   *levels
	sampler  *sampler
	now      func() time.Time
	// ownClock is set when now is not slog's own clock.
	ownClock bool
	source   bool
	// recordFrom is the lowest level that the flight recorder keeps.
	recordFrom    slog.Level
	recorderBytes int
	settings      Settings

	queue  *queue.Queue
	sinks  *sink.Tee
	errOut io.Writer
	report *reporter
	counts counts

	closing  sync.Once
	closed   chan struct{}
	closeErr error
}

// Open starts a pipeline. It never keeps a service from starting: a setting that
// cannot be used is replaced by its default and reported on logging.internal, a
// file that cannot be written by standard error. The error is not nil only for a
// mistake in the program, a nil sink; the pipeline works even then, without it.
func Open(c Config) (*Pipeline, error) {
	ownClock := c.Now != nil
	c = c.withDefaults()
	p := &Pipeline{
		ownClock:   ownClock,
		levels:     newLevels(c.Level, c.Levels),
		sampler:    newSampler(c.SampleRates),
		now:        c.Now,
		source:     c.Source,
		recordFrom: slog.LevelDebug,
		settings: Settings{SlowRequest: c.SlowRequest, SlowQuery: c.SlowQuery,
			StuckRequest: c.StuckRequest, Bodies: c.Bodies, Queries: c.Queries},
		errOut: c.Err,
		closed: make(chan struct{}),
	}
	if p.recorderBytes = c.RecorderBytes; c.RecorderBytes < 0 {
		p.recordFrom = recorderOff
	}
	p.openEncoders(&c)
	p.report = newReporter(p)
	sinks, err := p.openSinks(&c)
	p.sinks = sink.NewTee(p.report.sink, sinks...)
	p.openQueue(&c)
	p.report.start(c.faults)
	return p, err
}

func (p *Pipeline) openEncoders(c *Config) {
	p.enc = newEncoder(c, "Redact", c.Redact)
	p.byLogger = map[string]*encode.Encoder{}
	for prefix, policy := range c.RedactLoggers {
		p.byLogger[prefix] = newEncoder(c, "RedactLoggers["+prefix+"]", policy)
	}
	if p.encoder(InternalLogger) == p.enc {
		// The addresses in what the pipeline says about itself are those of
		// the service's own servers, and useless in part.
		own := c.Redact
		own.PII, own.PIIKey = redact.PIIFull, nil
		red, _ := redact.New(own) // what is wrong with it has been told
		p.byLogger[InternalLogger] = encode.New(encode.Config{Redactor: red, Limits: c.Limits, Allow: len(own.Allow) > 0})
	}
}

func newEncoder(c *Config, setting string, policy redact.Config) *encode.Encoder {
	red, err := redact.New(c.redaction(policy))
	if err != nil {
		c.fault(setting, err.Error(), "a valid policy", "the default for what is wrong")
	}
	return encode.New(encode.Config{Redactor: red, Limits: c.Limits, Allow: len(policy.Allow) > 0})
}

// openSinks opens what is configured. The file comes first: what it does not
// take is offered again.
func (p *Pipeline) openSinks(c *Config) ([]sink.Sink, error) {
	var sinks []sink.Sink
	if c.File {
		file := sink.FileConfig{
			Path: c.FilePath, RotateBytes: c.RotateBytes, RotateEvery: max(c.RotateEvery, 0),
			RetainDays: c.RetainDays, RetainBytes: c.RetainBytes, MinFreeBytes: c.MinFreeBytes,
			Archive: c.Archive, Recipients: c.SealRecipients, SyncEachWrite: c.Sync,
			Now: c.Now, Report: p.report.sink,
		}
		f, err := sink.OpenFile(file)
		if err != nil {
			c.File = false
			open := func() (*sink.File, error) { return sink.OpenFile(file) }
			sinks = append(sinks, sink.NewStandby(open, sink.NewConsole(c.Err, nil), p.report.sink))
			p.report.degraded("file "+c.FilePath, err.Error(), "standard error")
		} else {
			sinks = append(sinks, f)
		}
	}
	if c.Stdout {
		var format func(dst, line []byte) []byte
		if c.Format == FormatConsole {
			format = encode.NewConsole(encode.ConsoleConfig{Color: c.colored(), Width: c.terminalWidth()}).Append
		}
		sinks = append(sinks, sink.NewConsole(c.Out, format))
	}
	for _, rc := range c.Ship {
		rc.Report = p.report.sink
		r, err := sink.OpenRemote(rc)
		if err != nil {
			p.report.degraded(rc.String(), err.Error(), "the other sinks")
			continue
		}
		sinks = append(sinks, r)
	}
	var errs []error
	for i, s := range c.Sinks {
		if s == nil {
			errs = append(errs, fmt.Errorf("pairlog: open: Config.Sinks[%d] is nil", i))
			continue
		}
		sinks = append(sinks, s)
	}
	return sinks, errors.Join(errs...)
}

// colored reports whether console lines get colours.
func (c *Config) colored() bool {
	switch c.Color {
	case ColorAlways:
		return true
	case ColorNever:
		return false
	}
	f, ok := c.Out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && f.Name() != os.DevNull
}

// terminalWidth returns what tells how wide the console is, nil where it is no
// terminal.
func (c *Config) terminalWidth() func() int {
	f, ok := c.Out.(*os.File)
	if !ok || terminalWidth(f) == 0 {
		return nil
	}
	return func() int { return terminalWidth(f) }
}

// openQueue starts the queue. It is a mapped file beside the log file, unless
// there is none or nothing may lie on disk unsealed; what an earlier run left
// there is recovered all the same.
func (p *Pipeline) openQueue(c *Config) {
	path := ""
	if c.File {
		path = c.FilePath + ".queue"
	}
	policy, bound, _ := queue.ParsePolicy(c.QueuePolicy)
	q, err := queue.Open(queue.Config{
		Path: path, InMemory: len(c.SealRecipients) > 0, Bytes: c.QueueBytes, Policy: policy, BlockFor: bound, FlushEvery: max(c.FlushEvery, 0),
		Drain: p.drain, Mark: p.sinks.Mark, Written: p.sinks.Written, Observe: p.sinks.Observe, Report: p.report.queue,
	})
	if err != nil {
		// Only a Config without Drain is refused.
		panic("pairlog: open queue: " + err.Error())
	}
	p.queue = q
}

// drain writes a batch to the sinks. It runs on the queue's goroutine.
func (p *Pipeline) drain(batch []byte) error {
	n, err := p.sinks.Write(batch)
	if err != nil {
		return &queue.ShortError{Accepted: n, Err: err}
	}
	return nil
}

// append puts a line into the queue. False means that there was no room and the
// line is lost, and counted. After Close it is written to standard error, so that
// the last words of a service are not lost.
func (p *Pipeline) append(level slog.Level, line []byte) bool {
	if p.queue.Append(level, line) {
		return true
	}
	select {
	case <-p.closed:
		_, _ = p.errOut.Write(line)
		return true
	default:
		return false
	}
}

// Logger returns a logger with a dotted name, by whose prefixes levels are set.
// The pipeline keeps a few bytes for each name until it is closed: use constants.
// Of a name longer than 256 bytes the rest is left out.
func (p *Pipeline) Logger(name string) *slog.Logger { return slog.New(p.Handler(name)) }

// Handler is [Pipeline.Logger] for code that wants a slog.Handler. It is a
// *[Handler].
func (p *Pipeline) Handler(name string) slog.Handler {
	name = name[:min(len(name), maxLoggerName)]
	enc := p.encoder(name)
	return &Handler{p: p, logger: p.levels.logger(name, enc.NewHead), enc: enc}
}

// maxLoggerName is the longest name of a logger, in bytes.
const maxLoggerName = 256

// encoder returns the encoder with the policy for name: that of the longest
// prefix that has one.
func (p *Pipeline) encoder(name string) *encode.Encoder {
	for prefix := name; prefix != ""; {
		if e, ok := p.byLogger[prefix]; ok {
			return e
		}
		prefix = prefix[:max(strings.LastIndexByte(prefix, '.'), 0)]
	}
	return p.enc
}

// Settings returns what instrumentation needs to know of the configuration.
func (p *Pipeline) Settings() Settings { return p.settings }

// SetLevel sets the lowest level that loggers with this prefix write; "" is the
// default for all. It works at once, for loggers that exist too, and is logged as
// log_level_changed.
func (p *Pipeline) SetLevel(prefix string, l slog.Level) {
	from := p.levels.set(prefix, l)
	p.report.levelChanged(prefix, from, l)
}

// Flush writes what has been logged before the call to the sinks. It waits for
// them until ctx ends, and returns the context's error then.
func (p *Pipeline) Flush(ctx context.Context) error {
	if err := p.queue.Flush(ctx); err != nil {
		return fmt.Errorf("pairlog: %w", err)
	}
	if err := p.sinks.Flush(ctx); err != nil {
		return fmt.Errorf("pairlog: flush sinks: %w", err)
	}
	return nil
}

// Close reports losses, writes out what is in the queue and closes the sinks. It
// ends early, with the context's error, when ctx does; what is then left stays in
// the mapped queue for the next start. Lines logged later go to standard error.
// Calling it again returns the first result.
func (p *Pipeline) Close(ctx context.Context) error {
	p.closing.Do(func() {
		// First the backlog, so that there is room to tell what was lost; when it
		// does not go, Close says so.
		_ = p.queue.Flush(ctx)
		p.report.stop(ctx)
		err := p.queue.Close(ctx)
		close(p.closed)
		if err != nil {
			p.closeErr = fmt.Errorf("pairlog: close: %w", err)
		}
		if p.queue.Stopped() { // else a sink is in use, and does not return
			// A server that takes nothing keeps neither the file from its end
			// nor the losses from being told.
			if err := errors.Join(p.sinks.Flush(ctx), p.sinks.Close()); err != nil {
				p.closeErr = errors.Join(p.closeErr, fmt.Errorf("pairlog: close sinks: %w", err))
			}
		}
		p.say(ctx, p.report.left, p.report.last)
	})
	return p.closeErr
}

// sayGrace is how long Close waits for standard error after its deadline.
const sayGrace = 100 * time.Millisecond

// say calls functions that write to standard error, whose reader may be stuck:
// that must not keep Close from returning.
func (p *Pipeline) say(ctx context.Context, words ...func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, w := range words {
			w()
		}
	}()
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	grace := time.NewTimer(sayGrace)
	defer grace.Stop()
	select {
	case <-done:
	case <-grace.C:
	}
}
