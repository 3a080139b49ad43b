// Command pairlog reads, checks, decrypts and cleans logs.
//
//	pairlog cat /var/log/pairly/app.log            all of a log, archives included
//	pairlog decrypt app.log.sealed --identity key  what the service sealed
//	pairlog verify-files /var/log/pairly           whether files are damaged
//	pairlog redact < app.log > clean.log           without secrets and personal data
//
// `pairlog --help` lists the commands; each has its own --help.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, terminal: isTerminal}))
}
