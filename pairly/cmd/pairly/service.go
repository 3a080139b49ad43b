package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly"
)

// drainWithin bounds how long requests and sockets that are open may take to
// finish when the service stops.
const drainWithin = 10 * time.Second

// How long a client may take for one request, its body included, and for
// reading the answer, in real time. Sockets have limits of their own. Without
// these, clients that send or read a byte now and then hold every connection.
const (
	readWithin  = 30 * time.Second
	writeWithin = 60 * time.Second
)

// A service is one running backend: what start opened, and how stop closes
// it. Its methods are called by one goroutine.
type service struct {
	p        *Program
	o        options
	cfg      Config
	pipeline *pairlog.Pipeline
	log      *slog.Logger // app.lifecycle
	begun    time.Time

	parts   parts
	addr    string       // where it listens
	open    atomic.Int64 // HTTP connections that are no sockets
	failed  chan error   // the listener's, if it ends by itself
	closers []func(context.Context) error
}

func newService(p *Program, o options, cfg Config, pipeline *pairlog.Pipeline) *service {
	return &service{
		p: p, o: o, cfg: cfg, pipeline: pipeline, begun: time.Now(),
		log: pipeline.Logger("app.lifecycle"), failed: make(chan error, 1),
	}
}

// later has stop call fn, before what was given to later earlier.
func (s *service) later(fn func(context.Context) error) { s.closers = append(s.closers, fn) }

// start brings the service up stage by stage. After an error, release closes
// what was opened.
func (s *service) start(ctx context.Context, cfgErr error) error {
	pairlog.Log(ctx, s.log, slog.LevelInfo, "app_starting",
		slog.String("version", version()),
		slog.String("environment", s.cfg.Environment),
		slog.String("go_version", runtime.Version()),
		slog.Any("config", setVariables(s.p.Getenv)))
	for _, stage := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"config", func(context.Context) error { return cfgErr }},
		{"keys", func(context.Context) error { return fillKeys(&s.cfg, s.o.data) }},
		{"database", s.openStore},
		{"cache", s.openCache},
		{"audit", s.makeAudit},
		{"identity", s.makeIdentity},
		{"social", s.makeSocial},
		{"api", s.makeAPI},
		{"listen", s.listen},
	} {
		if err := stage.run(ctx); err != nil && ctx.Err() == nil {
			pairlog.Log(ctx, s.log, pairlog.LevelCritical, "app_start_failed",
				slog.String("stage", stage.name),
				slog.String("error_type", pairly.ErrorType(err)),
				slog.String("error_message", err.Error()))
			return err
		} else if err != nil {
			return err // told to stop while it started
		}
	}
	return nil
}

// listen opens the port and serves.
func (s *service) listen(ctx context.Context) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.o.addr)
	if err != nil {
		return err
	}
	s.addr = l.Addr().String()
	server := &http.Server{
		Handler:           s.parts.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       cmp.Or(s.p.ReadWithin, readWithin),
		WriteTimeout:      writeWithin,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,

		DisableGeneralOptionsHandler: true, // "OPTIONS *" has its line like every other request

		ConnState: s.countConn,
		ErrorLog:  slog.NewLogLogger(s.pipeline.Handler("http.server"), slog.LevelWarn),
	}
	pairlog.Log(ctx, s.log, slog.LevelInfo, "app_started",
		slog.String("listen_addr", readable(s.addr)),
		slog.Duration("startup_ms", time.Since(s.begun)),
		slog.Int("routes", countRoutes(s.parts.handler)))
	served := pairlog.Go(context.WithoutCancel(ctx), s.logger("app.recover"), func(context.Context) {
		err := errors.New("the listener panicked")
		defer func() {
			if !errors.Is(err, http.ErrServerClosed) {
				s.failed <- fmt.Errorf("serve %s: %w", s.addr, err)
			}
		}()
		err = server.Serve(l)
	})
	s.later(func(ctx context.Context) error {
		defer served.Wait()
		if err := server.Shutdown(ctx); err != nil {
			return errors.Join(fmt.Errorf("finish requests: %w", err), server.Close())
		}
		return nil
	})
	if s.p.Listening != nil {
		s.p.Listening(s.addr)
	}
	return nil
}

// readable names a listening address for the log, which masks IP addresses:
// the ones that say "here" and "everywhere" are nobody's, and so have names.
func readable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	switch ip := net.ParseIP(host); {
	case ip.IsLoopback():
		return "localhost:" + port
	case ip.IsUnspecified():
		return ":" + port
	}
	return addr
}

func (s *service) countConn(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.open.Add(1)
	case http.StateHijacked, http.StateClosed:
		s.open.Add(-1)
	}
}

// countRoutes returns how many methods of how many paths the handler serves;
// a path with a slash at its end is the same path.
func countRoutes(h http.Handler) int {
	routes, ok := h.(chi.Routes)
	if !ok {
		return 0
	}
	var names []string
	_ = chi.Walk(routes, func(method, path string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if method != http.MethodHead {
			names = append(names, method+" "+strings.TrimSuffix(path, "/"))
		}
		return nil
	})
	slices.Sort(names)
	return len(slices.Compact(names))
}

// stop drains the service: no new requests, those that run finish, sockets
// are closed with 1001, then everything below. why is the cause.
func (s *service) stop(ctx context.Context, why error) error {
	sockets := 0
	if s.parts.hub != nil {
		sockets = s.parts.hub.Connections()
	}
	pairlog.Log(ctx, s.log, slog.LevelInfo, "app_stopping",
		slog.String("signal", stopName(why)),
		slog.Int("open_connections", int(s.open.Load())+sockets))
	err := s.release(ctx)
	pairlog.Log(ctx, s.log, slog.LevelInfo, "app_stopped",
		slog.Int64("uptime_s", int64(time.Since(s.begun).Seconds())),
		slog.Bool("drained", err == nil))
	return err
}

// release closes what start opened, the last first.
func (s *service) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainWithin)
	defer cancel()
	var errs []error
	for _, closer := range slices.Backward(s.closers) {
		errs = append(errs, closer(ctx))
	}
	s.closers = nil
	return errors.Join(errs...)
}

// stopName names what ended the service: a signal, the end of --for, or the
// caller of the program.
func stopName(why error) string {
	var sig stopSignal
	switch {
	case errors.As(why, &sig):
		return sig.name()
	case errors.Is(why, context.Canceled):
		return "none"
	}
	return why.Error()
}
