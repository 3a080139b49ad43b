package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// options are what the command line says.
type options struct {
	command string // "serve", "admin create", "help" or "version"
	addr    string // host:port
	data    string // folder
	demo    bool
	runFor  time.Duration // 0: until a signal
	version bool
	email   string // of the admin to create
	name    string
}

// serveFlags returns the flags of the program itself, with o for their values.
func serveFlags(o *options) *flag.FlagSet {
	fs := flag.NewFlagSet("pairly", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // the caller prints the error, once
	fs.StringVar(&o.addr, "addr", "127.0.0.1:8080", "")
	fs.StringVar(&o.data, "data", "./pairly-data", "")
	fs.BoolVar(&o.demo, "demo", false, "")
	fs.DurationVar(&o.runFor, "for", 0, "")
	fs.BoolVar(&o.version, "version", false, "")
	return fs
}

// adminFlags returns the flags of "admin create".
func adminFlags(o *options) *flag.FlagSet {
	fs := flag.NewFlagSet("pairly admin create", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.email, "email", "", "")
	fs.StringVar(&o.name, "name", "Administrator", "")
	fs.StringVar(&o.data, "data", o.data, "")
	return fs
}

// parseOptions reads the arguments after the program's name. An error is a
// mistake of the user; its text says what to write instead.
func parseOptions(args []string) (options, error) {
	o := options{command: "serve"}
	fs := serveFlags(&o)
	err := fs.Parse(args)
	words := fs.Args()
	switch {
	case errors.Is(err, flag.ErrHelp), err == nil && len(words) == 1 && words[0] == "help":
		return options{command: "help"}, nil
	case err != nil:
		return o, flagError(err)
	case o.version:
		return options{command: "version"}, nil
	case len(words) > 0 && words[0] == "admin":
		return parseAdmin(o, words[1:])
	case len(words) > 0:
		return o, fmt.Errorf("want flags or the command \"admin create\", got %q", words[0])
	}
	return o, o.check(fs)
}

func parseAdmin(o options, args []string) (options, error) {
	if len(args) > 0 && (args[0] == "--help" || args[0] == "-h") {
		return options{command: "help"}, nil
	}
	if len(args) == 0 || args[0] != "create" {
		return o, errors.New(`want "pairly admin create --email ADDRESS"`)
	}
	o.command = "admin create"
	fs := adminFlags(&o)
	err := fs.Parse(args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		return options{command: "help"}, nil
	case err != nil:
		return o, flagError(err)
	case fs.NArg() > 0:
		return o, fmt.Errorf("want no argument after the flags, got %q", fs.Arg(0))
	case o.email == "":
		return o, errors.New("want --email ADDRESS; the password is read from standard input")
	}
	return o, nil
}

func (o options) check(fs *flag.FlagSet) error {
	if _, _, err := net.SplitHostPort(o.addr); err != nil {
		return fmt.Errorf("--addr: want HOST:PORT such as 127.0.0.1:8080, got %q", o.addr)
	}
	if o.data == "" {
		return errors.New("--data: want a folder, got nothing")
	}
	given := false
	fs.Visit(func(f *flag.Flag) { given = given || f.Name == "for" })
	if given && o.runFor <= 0 {
		return fmt.Errorf("--for: want a duration above zero such as 10s or 5m, got %v", o.runFor)
	}
	return nil
}

// flagError rewrites the flag package's texts to name flags as the help does.
func flagError(err error) error {
	text := err.Error()
	text = strings.Replace(text, "flag provided but not defined: -", "no such flag: --", 1)
	text = strings.Replace(text, "flag needs an argument: -", "want a value after --", 1)
	text = strings.Replace(text, " for flag -", " for --", 1)
	return errors.New(text)
}
