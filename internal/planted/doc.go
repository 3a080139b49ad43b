// Package planted makes texts with secrets planted in them, and texts without
// one, for the tests of everything that writes a log.
//
//	g := planted.NewSamples(1)
//	text, secrets := g.Secret("Authorization: Bearer «{A40}»")
//
// What stands in « » is a secret, in ‹ › it is none; {A40} is forty random
// letters and digits. The files beside this one hold the patterns: tokens.txt the
// formats of services, contexts.txt where a token turns up, secrets.txt lines that
// must lose their secrets, innocent.txt lines that must stay, keys.txt the classes
// of keys. Nothing here was ever a secret of anybody, and no program but tests
// imports it.
package planted
