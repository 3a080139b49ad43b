package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly/service/auth"
)

// The exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2 // wrong flags or configuration
)

// A Program is one run of the command, with everything that it takes from the
// world as a field, so that a test can boot the real wiring.
type Program struct {
	Args           []string // after the program's name
	Getenv         func(string) string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Now            func() time.Time // the service's clock; nil means time.Now

	// Global makes the log the default of log/slog and log, so that lines of
	// third parties are structured too. Only one Program of a process may.
	Global bool

	// The rest is for tests; zero is what production runs with.

	Listening  func(addr string)     // called once, when requests are served
	Passwords  auth.HashParams       // cheap ones make tests fast
	NoLimits   bool                  // the HTTP rate limiter allows everything
	ReadWithin time.Duration         // how long a client may take to send a request
	Log        func(*pairlog.Config) // changes the log's configuration

	PoolReportEvery time.Duration // of the database's connections

	// Extra returns further routes for users who are logged in; see
	// [api.Config]. It is given what makes loggers.
	Extra func(logger func(name string) *slog.Logger) map[string]http.HandlerFunc
	// Unlogged runs the service without a log and without instrumentation:
	// what they cost is measured against it.
	Unlogged bool
}

// Run does what the arguments say and returns the exit code. A service runs
// until ctx ends; when Run returns, every line is written.
func (p *Program) Run(ctx context.Context) int {
	if p.Now == nil {
		p.Now = time.Now
	}
	o, err := parseOptions(p.Args)
	if err != nil {
		fmt.Fprintf(p.Stderr, "pairly: %v\nTry: pairly --help\n", err)
		return exitUsage
	}
	switch o.command {
	case "help":
		fmt.Fprint(p.Stdout, help)
		return exitOK
	case "version":
		fmt.Fprintln(p.Stdout, "pairly", version())
		return exitOK
	}
	if err := os.MkdirAll(o.data, 0o750); err != nil {
		fmt.Fprintf(p.Stderr, "pairly: make data folder: %v\n", err)
		return exitUsage
	}
	if o.command == "admin create" {
		err = p.createAdmin(ctx, o)
	} else {
		err = p.serve(ctx, o)
	}
	return p.explain(err)
}

// explain tells the user why the program ended, and returns the exit code.
func (p *Program) explain(err error) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(p.Stderr, "pairly: %v\n", err)
	if ce := (*ConfigError)(nil); errors.As(err, &ce) {
		return exitUsage
	}
	return exitFailure
}

// version returns the module's version, or the commit that was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}
