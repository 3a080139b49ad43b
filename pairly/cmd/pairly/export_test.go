package main

import (
	"flag"

	"github.com/pairly/pairlog"
)

// Command is what main does: run with the process's own arguments and
// signals.
func Command() int { return run() }

// FlagNames returns the names of all flags, and Help the text that teaches
// them.
func FlagNames() []string {
	var names []string
	for _, fs := range []*flag.FlagSet{serveFlags(new(options)), adminFlags(new(options))} {
		fs.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	}
	return names
}

// Supervise is what loops are called with.
var Supervise = supervise

// Help is the help text.
const Help = help

// LogConfig returns the log's configuration outside production, with the file
// in dir and nothing on standard output.
func (p *Program) LogConfig(dir string) pairlog.Config {
	c := p.logConfig(options{data: dir}, false)
	c.Stdout = false
	return c
}
