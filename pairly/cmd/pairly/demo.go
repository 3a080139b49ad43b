package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/api"
	"github.com/pairly/pairlog/pairly/cmd/pairly/demo"
)

// play runs the demo's users against the service until ctx ends.
func (s *service) play(ctx context.Context, tally *demo.Tally) (demo.Report, error) {
	// A password and an address of this run: whoever finds the data folder
	// later must not find an administrator in it that everybody knows.
	email, password := "admin."+pairly.NewUUID()+"@example.com", randomKey()
	if _, err := s.newAdmin(ctx, email, "Demo administrator", password); err != nil {
		return demo.Report{}, err
	}
	fmt.Fprintf(s.p.Stdout, "\nPairly demo on http://%s: simulated users over HTTP and WebSocket. Ctrl-C ends it.\n\n", s.addr)
	return demo.Play(ctx, demo.Config{
		URL: "http://" + s.addr, AdminEmail: email, AdminPassword: password,
		PanicPath: api.PanicPath, SlowPath: api.SlowPath, Watch: tally.Watch,
		Recover: s.logger("app.recover"),
	}), nil
}

// invocation returns what the user types to run the program.
func invocation() string {
	if exe, err := os.Executable(); err == nil && strings.Contains(exe, "go-build") {
		return "go run ./pairly/cmd/pairly" // a binary that is gone when it ends
	}
	return os.Args[0]
}

// colours reports whether w is a terminal that shows colours, and the user
// wants them (https://no-color.org).
func colours(w io.Writer, getenv func(string) string) bool {
	f, ok := w.(*os.File)
	if !ok || getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
