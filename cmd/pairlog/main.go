// Command pairlog cleans logs of secrets and personal data.
//
//	pairlog redact < app.log > clean.log
//
// `pairlog --help` lists the commands; each has its own --help.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, terminal: isTerminal}))
}
