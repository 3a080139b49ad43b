package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"
)

// Exit codes, the same for every command.
const (
	exitOK    = 0
	exitError = 1 // reading or writing went wrong, or a file is damaged
	exitUsage = 2 // a flag or an argument is wrong, or no identity fits
	exitFound = 3 // redact --check found something
	// exitInterrupted is what a shell makes of a SIGINT.
	exitInterrupted = 130
)

// streams is what a command has of the world outside; tests give their own.
type streams struct {
	in       io.Reader
	out      io.Writer
	err      io.Writer
	env      func(string) string
	terminal func(any) bool // whether a stream is a terminal
}

// isTerminal reports whether stream is a file that is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// typed returns standard input. When that is a terminal it tells who sits there what the
// command waits for.
func (s streams) typed() io.Reader {
	if s.terminal(s.in) && s.terminal(s.err) {
		fmt.Fprintln(s.err, "pairlog: reading what you type; end with Ctrl-D, or see --help")
	}
	return s.in
}

// exitCode ends a command with a code of its own and without a message.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit %d", int(e)) }

type commands struct {
	Version kong.VersionFlag `help:"Print the version."`

	Cat     catCommand     `cmd:"" help:"Print a log with all its archives in the order of writing: plain, zstd, gzip, sealed."`
	Decrypt decryptCommand `cmd:"" help:"Decrypt sealed log files and report what is damaged."`
	Redact  redactCommand  `cmd:"" help:"Clean logs of secrets and personal data."`
	Verify  verifyCommand  `cmd:"" name:"verify-files" help:"Look for damage in log files: torn lines, gaps, truncation, unreadable archives."`
}

const description = `Reads, checks, decrypts and cleans logs: those that the library pairlog wrote, and cleans any other.

  pairlog cat /var/log/pairly/app.log | jq .event      a log with all its archives, in the order of writing
  pairlog verify-files /var/log/pairly                 whether a file is damaged
  pairlog decrypt app.log.sealed --identity key.txt    what the service sealed
  pairlog redact < app.log > clean.log                 without secrets and personal data

Exit codes: 0 done, 1 reading or writing went wrong or a file is damaged, 2 wrong usage or no identity fits,
3 redact --check found something.`

// run executes one command line and returns its exit code.
func run(args []string, std streams) (code int) {
	var cli commands
	code = -1
	help := std.out
	if len(args) == 0 { // the help is the answer, and that there was no command an error, as with go
		help = std.err
	}
	parser, err := kong.New(&cli,
		kong.Name("pairlog"),
		kong.Description(description),
		kong.Vars{"version": "pairlog " + version()},
		kong.Writers(help, std.err),
		kong.Exit(func(c int) { code = c }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Bind(std),
	)
	if err != nil {
		fmt.Fprintf(std.err, "pairlog: %v\n", err)
		return exitError
	}
	switch {
	case len(args) == 0:
		_, _ = parser.Parse([]string{"--help"})
		return exitUsage
	case args[0] == "help": // as with git and go
		args = append(slices.Clone(args[1:]), "--help")
	case args[0] == "version" && len(args) == 1:
		args = []string{"--version"}
	}
	ctx, err := parser.Parse(args)
	if code >= 0 { // --help or --version has been answered
		return code
	}
	if err != nil {
		fmt.Fprintf(std.err, "pairlog: %s\n", misused(parser, args, err))
		return exitUsage
	}
	err = ctx.Run(std)
	var own exitCode
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &own):
		return int(own)
	case errors.Is(err, syscall.EPIPE):
		return exitOK // who read the output has enough of it
	}
	fmt.Fprintf(std.err, "pairlog: %v\n", err)
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitError
}

// misused says what is wrong with a command line, and where to read on.
func misused(parser *kong.Kong, args []string, err error) string {
	if what, ok := strings.CutSuffix(err.Error(), `: expected string value but got "EOL" (<EOL>)`); ok {
		err = fmt.Errorf("%s: a value is missing", what)
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		var names []string
		for _, command := range parser.Model.Children {
			if command.Name == args[0] {
				return fmt.Sprintf("%s: %v\nRun \"pairlog %s --help\" for its arguments, its flags and examples.", args[0], err, args[0])
			}
			names = append(names, command.Name)
		}
		return fmt.Sprintf("no command %q; want one of %s\nRun \"pairlog --help\" for what they do.", args[0], strings.Join(names, ", "))
	}
	return fmt.Sprintf("%v\nRun \"pairlog --help\" for the commands and their flags.", err)
}

// version returns the module's version, or the commit that was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "devel"
}

// usageError is a wrong combination or value of flags.
type usageError struct{ error }
