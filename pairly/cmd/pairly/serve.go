package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly/cmd/pairly/demo"
)

// closeWithin bounds how long the log may take to reach its files and other
// sinks when the program ends.
const closeWithin = 15 * time.Second

// loopback is whose X-Forwarded-For a demo believes: its users all connect
// from there, and tell an address of their own.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// serve runs the service until ctx ends, or for as long as --for says, and
// drains it. When it returns, every line of the log is written.
func (p *Program) serve(ctx context.Context, o options) error {
	cfg, cfgErr := ReadConfig(p.Getenv, o.data)
	logConfig := p.logConfig(o, cfg.Production())
	tally := demo.NewTally()
	if o.demo {
		if cfg.Production() {
			return &ConfigError{Problems: []string{
				"ENVIRONMENT: want development for --demo, which mounts a route that panics; got production"}}
		}
		cfg.TrustedProxies = append(cfg.TrustedProxies, loopback...)
		logConfig.Sinks = append(logConfig.Sinks, tally)
	}
	pipeline, err := pairlog.Open(logConfig)
	if err != nil {
		return err
	}
	if p.Global {
		pipeline.SetDefault()
	}
	begun := time.Now()
	report, err := p.run(ctx, newService(p, o, cfg, pipeline), cfgErr, tally)
	err = errors.Join(err, closeLog(pipeline))
	if !o.demo || err != nil {
		return err
	}
	stats := pipeline.Stats()
	return tally.Summary(p.Stdout, demo.Facts{
		Command: invocation(), LogPath: logConfig.FilePath, DataDir: o.data, Elapsed: time.Since(begun),
		Redacted: stats.Redacted, Dropped: stats.DroppedTotal(), Report: report,
		Colour: colours(p.Stdout, p.Getenv),
	})
}

// run starts the service, keeps it until ctx ends, and stops it.
func (p *Program) run(ctx context.Context, s *service, cfgErr error, tally *demo.Tally) (report demo.Report, err error) {
	still := context.WithoutCancel(ctx) // what is closed is closed whatever ended ctx
	if err := s.start(ctx, cfgErr); ctx.Err() != nil {
		return report, s.stop(still, context.Cause(ctx)) // whatever err says: it was told to stop
	} else if err != nil {
		return report, errors.Join(err, s.release(still))
	}
	if s.o.runFor > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.o.runFor, fmt.Errorf("--for %v", s.o.runFor))
		defer cancel()
	}
	if s.o.demo {
		if report, err = s.play(ctx, tally); err != nil && ctx.Err() == nil {
			return report, errors.Join(err, s.stop(still, err))
		}
	}
	select {
	case <-ctx.Done():
		return report, s.stop(still, context.Cause(ctx))
	case err := <-s.failed:
		return report, errors.Join(err, s.stop(still, err))
	}
}

// closeLog writes what is still in the queue.
func closeLog(pipeline *pairlog.Pipeline) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	if err := pipeline.Close(ctx); err != nil {
		return fmt.Errorf("close log: %w", err)
	}
	return nil
}
