package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"filippo.io/age"
)

// loadIdentities reads age identity files, "-" for standard input, which then cannot be
// one of the files. No error
// quotes what a file holds: it is a secret, or would be but for a typing error.
func loadIdentities(paths, files []string, std streams) ([]age.Identity, error) {
	var all []age.Identity
	if slices.Contains(paths, "-") && slices.Contains(files, "-") {
		return nil, usageError{errors.New("--identity - and the file - are both standard input; write one of the two to a file")}
	}
	for _, path := range paths {
		ids, err := loadIdentity(path, std)
		if err != nil {
			return nil, usageError{fmt.Errorf("--identity %s: %w", shown(path), err)}
		}
		all = append(all, ids...)
	}
	return all, nil
}

func loadIdentity(path string, std streams) ([]age.Identity, error) {
	in := std.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, cause(err)
		}
		defer f.Close()
		in = f
	}
	var all []age.Identity
	lines := bufio.NewScanner(io.LimitReader(in, 1<<20))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		ids, err := age.ParseIdentities(strings.NewReader(line))
		if err != nil {
			return nil, fmt.Errorf("line %d: %s", n, notAnIdentity(line))
		}
		all = append(all, ids...)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("no identity file: %w", err)
	}
	if len(all) == 0 {
		return nil, errors.New(`no identity in it; want a line that begins with AGE-SECRET-KEY-, as "age-keygen" writes it`)
	}
	return all, nil
}

// notAnIdentity says what a line of an identity file is instead.
func notAnIdentity(line string) string {
	switch {
	case strings.HasPrefix(line, "age1"):
		return "this is a recipient, the public half; want the identity that belongs to it, which begins with AGE-SECRET-KEY-"
	case strings.HasPrefix(line, "age-encryption.org/"), strings.HasPrefix(line, "-----BEGIN AGE ENCRYPTED FILE"):
		return `this file is itself encrypted; open it on the way: age -d FILE | pairlog ... --identity -`
	case strings.HasPrefix(line, "-----BEGIN "), strings.HasPrefix(line, "ssh-"):
		return "SSH and PEM keys do not open sealed logs; want an age identity, which begins with AGE-SECRET-KEY-"
	case strings.HasPrefix(line, "AGE-SECRET-KEY-"):
		return "the identity is incomplete or misspelt; compare it with the file that age-keygen wrote"
	}
	return "want an age identity, which begins with AGE-SECRET-KEY-"
}
