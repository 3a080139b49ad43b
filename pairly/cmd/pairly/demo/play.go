package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/pairly/pairlog"
)

// A Config says where to play.
type Config struct {
	URL           string // of the service, such as http://127.0.0.1:8080
	AdminEmail    string // of an administrator made for the demo
	AdminPassword string

	// PanicPath and SlowPath are routes that only a demo mounts: one panics,
	// one takes longer than LOG_SLOW_REQUEST_MS.
	PanicPath, SlowPath string

	// Watch is told each secret that the play uses, before it is used where
	// that is possible, so that somebody can look for it in the log.
	Watch func(what, secret string)

	// Recover is the logger app.recover, for panics of the play itself.
	Recover *slog.Logger
}

// A Report says how the play went.
type Report struct {
	Users    int
	Problems []string // what did not go as the script says, at most ten
}

// A play is the state that the scenes share.
type play struct {
	cfg  Config
	http *http.Client

	mu      sync.Mutex
	report  Report
	dropped int // problems beyond ten
}

// Play runs the simulated users until ctx ends, then hangs up and returns.
// Each scene is played once; after that fans and creators go on chatting.
func Play(ctx context.Context, cfg Config) Report {
	p := &play{cfg: cfg, http: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 16},
		Timeout:   15 * time.Second,
	}}
	defer p.http.CloseIdleConnections()
	for _, s := range planted {
		cfg.Watch(s.what, s.secret)
	}
	cfg.Watch("password", cfg.AdminPassword)

	var scenes sync.WaitGroup
	start := func(name string, scene func(context.Context) error) {
		scenes.Go(func() { p.note(ctx, name, p.guard(ctx, scene)) })
	}
	start("slow request", p.slowRequest)
	start("secrets in a request", p.secretsInRequest)
	start("impatient client", p.impatient)
	p.note(ctx, "company", p.company(ctx))
	scenes.Wait()
	return p.result()
}

// company signs everybody up and lets them live until ctx ends.
func (p *play) company(ctx context.Context) error {
	admin := p.client("198.51.100.10", "Mozilla/5.0 (Macintosh) Safari/605.1")
	err := p.authenticate(ctx, admin, "/api/auth/login", map[string]any{
		"email": p.cfg.AdminEmail, "password": p.cfg.AdminPassword, "device_info": "office",
	})
	if err != nil {
		return fmt.Errorf("log the administrator in: %w", err)
	}
	cast, err := p.signUp(ctx)
	if err != nil {
		return err
	}
	p.note(ctx, "panic", p.panicRequest(ctx, cast.fans[0]))
	if err := p.publish(ctx, cast.creators); err != nil {
		return err
	}
	if err := p.grant(ctx, admin, cast.fans); err != nil {
		return err
	}
	var lives sync.WaitGroup
	start := func(name string, scene func(context.Context) error) {
		lives.Go(func() { p.note(ctx, name, p.guard(ctx, scene)) })
	}
	start("office", func(ctx context.Context) error { return p.office(ctx, admin, cast.fans) })
	start("misfits", func(ctx context.Context) error { return p.misfits(ctx, cast) })
	for i, f := range cast.fans {
		start(f.name, func(ctx context.Context) error { return p.live(ctx, f, cast.creators, i) })
	}
	for _, c := range cast.creators {
		start(c.name, func(ctx context.Context) error { return p.answer(ctx, c) })
	}
	lives.Wait()
	return nil
}

// client returns a device at ip.
func (p *play) client(ip, userAgent string) *client {
	return &client{base: p.cfg.URL, http: p.http, ip: ip, userAgent: userAgent, recover: p.cfg.Recover}
}

// authenticate logs c in at path and has its tokens watched.
func (p *play) authenticate(ctx context.Context, c *client, path string, body map[string]any) error {
	if err := c.authenticate(ctx, path, body); err != nil {
		return err
	}
	p.cfg.Watch("access token", c.token)
	p.cfg.Watch("refresh token", c.refresh)
	return nil
}

// guard plays a scene and returns its panic as an error: the service must not end
// with a simulated user.
func (p *play) guard(ctx context.Context, scene func(context.Context) error) error {
	var err error
	panicked := pairlog.Go(ctx, p.cfg.Recover, func(ctx context.Context) { err = scene(ctx) }).Wait()
	return errors.Join(panicked, err)
}

// note keeps a problem of a scene. The end of the play is none.
func (p *play) note(ctx context.Context, scene string, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.report.Problems) == 10 {
		p.dropped++
		return
	}
	p.report.Problems = append(p.report.Problems, scene+": "+err.Error())
}

func (p *play) result() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dropped > 0 {
		p.report.Problems = append(p.report.Problems, fmt.Sprintf("and %d more", p.dropped))
	}
	return p.report
}

// expect returns nil where err is an answer with the status, and otherwise an
// error that says what came instead.
func expect(status int, err error) error {
	var se *statusError
	switch {
	case errors.As(err, &se) && se.status == status:
		return nil
	case err != nil:
		return fmt.Errorf("want status %d: %w", status, err)
	}
	return fmt.Errorf("want status %d, got success", status)
}

// pause waits for d and reports whether the play goes on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
