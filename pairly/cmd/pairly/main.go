// Command pairly runs the Pairly backend. Run it with --help to see what it
// can do, and with --demo to see it at work.
package main

import (
	"context"
	"os"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := stopOnSignal(context.Background())
	defer stop()
	p := &Program{
		Args: os.Args[1:], Getenv: os.Getenv,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Global: true,
	}
	return p.Run(ctx)
}
