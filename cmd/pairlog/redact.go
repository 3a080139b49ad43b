package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/pairly/pairlog/cmd/filter"
	"github.com/pairly/pairlog/internal/record"
	"github.com/pairly/pairlog/redact"
)

// redactCommand is `pairlog redact`.
type redactCommand struct {
	Files []string `arg:"" optional:"" name:"file" help:"Files to clean, one after the other; standard input when there is none, or for \"-\"."`

	JSON bool `name:"json" xor:"form" help:"One JSON document a line: keys and values are judged, the structure and the white space stay. A line that is no JSON is cleaned as text and counted by --stats."`
	Text bool `name:"text" xor:"form" help:"Plain text. Without --json and --text each line is taken for what it looks like."`

	PII      string   `name:"pii" enum:"full,mask,hash" default:"mask" help:"E-mail addresses, IP addresses and phone numbers: mask (b***@example.com, 192.168.1.0/24), hash (a keyed hash, equal for equal addresses), full (unchanged)."`
	KeyFile  string   `name:"pii-key-file" placeholder:"FILE" help:"File with the key for --pii=hash, at least 32 bytes, in hex, base64 or as they are. Without it the key is that of LOG_PII_KEY."`
	KeyID    string   `name:"pii-key-id" placeholder:"ID" help:"Name of the key, written into each hash so that keys can be told apart."`
	Card     string   `name:"card" enum:"mark,last4" default:"mark" help:"Card numbers: mark ([CARD]) or last4 ([CARD ****1111])."`
	Keys     []string `name:"key" placeholder:"NAME" help:"A further key whose value is secret, such as loyalty_number. May be repeated."`
	SafeKeys []string `name:"safe-key" placeholder:"NAME" help:"A key that is not secret although its name looks like it. May be repeated."`
	Disable  []string `name:"disable" placeholder:"RULE" help:"Switch a rule off, by its name in --stats. May be repeated."`

	Stats bool `name:"stats" help:"Print to standard error what was redacted, by rule."`
	Check bool `name:"check" help:"Do not write the text: print FILE:LINE: and the rules, for the first 20 lines in which something would be redacted, and exit with 3 if there is one."`
}

// Help is the long text of --help.
func (*redactCommand) Help() string {
	return `Cards, account numbers, tokens of services, private keys, passwords in URLs,
headers, cookies, JSON, YAML, forms and command lines are replaced; what is harmless stays as it is.
docs/redaction.md explains every rule.

  pairlog redact < app.log > clean.log                     clean a stream
  zstdcat app.log.zst | pairlog redact --json | jq .event  in a pipe
  tail -f app.log | pairlog redact                         lines are shown as they come
  pairlog redact --stats a.log b.log > clean.log           several files, and what was found
  pairlog redact --pii hash --pii-key-file k app.log       addresses can still be counted
  pairlog redact --check app.log                           fail when a log is not clean

A line of more than 16 MiB is replaced whole by [REDACTED] and counted.`
}

// Run cleans the files, or standard input.
func (c *redactCommand) Run(std streams) error {
	r, err := c.redactor(std)
	if err != nil {
		return usageError{err}
	}
	cfg := filter.Config{Redactor: r}
	switch {
	case c.JSON:
		cfg.Mode = filter.JSON
	case c.Text:
		cfg.Mode = filter.Text
	}
	files := c.Files
	if len(files) == 0 {
		files = []string{"-"}
	}
	if slices.Contains(files, "-") {
		std.typed()
	}
	growPipe(std.in)
	growPipe(std.out)
	clean := func(name string) (filter.Stats, error) { return cleanFile(name, std.out, cfg, std, nil) }
	var found *locator
	if c.Check {
		own, err := c.redactor(std)
		if err != nil {
			return usageError{err}
		}
		found = newLocator(std.out, cfg, own)
		clean = func(name string) (filter.Stats, error) { return found.check(name, cfg, std) }
	}
	var total filter.Stats
	for _, name := range files {
		stats, err := clean(name)
		total.Lines += stats.Lines
		total.Bytes += stats.Bytes
		total.NotJSON += stats.NotJSON
		total.TooLong += stats.TooLong
		if err != nil {
			return err
		}
	}
	if total.TooLong > 0 && !c.Stats && !c.Check {
		fmt.Fprintf(std.err, "pairlog: %s of more than 16 MiB replaced whole by %s\n", plural(int64(total.TooLong), "line"), redact.Mark)
	}
	if c.Stats {
		printStats(std.err, r, total, c.JSON)
	}
	if all := r.Total() + total.TooLong; c.Check && all > 0 {
		if found.more {
			fmt.Fprintf(std.err, "pairlog: the first %d lines are named; %s would be redacted in all\n", maxNamed, plural(int64(all), "value"))
		}
		return cmp.Or(found.err, error(exitCode(exitFound)))
	}
	return nil
}

// cleanFile copies one file, "-" for standard input, redacted. Seen gets what is
// read, where it is not nil.
func cleanFile(name string, out io.Writer, cfg filter.Config, std streams, seen io.Writer) (filter.Stats, error) {
	if name == "-" {
		return filter.Copy(out, watched(withPauses(std.in), seen), cfg)
	}
	if name == "" { // as from a variable that is not set
		return filter.Stats{}, usageError{errors.New("the path is empty; want a file, or \"-\" for standard input")}
	}
	f, err := os.Open(name)
	if err != nil {
		return filter.Stats{}, fmt.Errorf("redact %s: %w", shown(name), cause(err))
	}
	defer f.Close()
	if err := readable(f, name); err != nil {
		return filter.Stats{}, usageError{err}
	}
	src := withPauses(f)
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && std.terminal(std.err) && !std.terminal(std.out) {
		p := newProgress(std.err, f, name, info.Size())
		defer p.stop()
		src = p
	}
	stats, err := filter.Copy(out, watched(src, seen), cfg)
	if err != nil {
		return stats, fmt.Errorf("redact %s: %w", shown(name), err)
	}
	return stats, nil
}

// watched is src, or one whose bytes go to seen as well.
func watched(src io.Reader, seen io.Writer) io.Reader {
	if seen == nil {
		return src
	}
	return io.TeeReader(src, seen)
}

// readable says what to do with what is no file of lines: cleaning the bytes of an archive
// would spoil it.
func readable(f *os.File, name string) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", shown(name), cause(err))
	}
	if info.IsDir() {
		return fmt.Errorf("%s: this is a folder; name the files in it, or use: pairlog cat %s | pairlog redact", shown(name), shown(name))
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	head := make([]byte, 16)
	n, _ := f.ReadAt(head, 0)
	if form := record.FormOf(head[:n]); form != record.Plain {
		return fmt.Errorf("%s: this is a %s file; use: pairlog cat %s | pairlog redact", shown(name), form, shown(name))
	}
	return nil
}

// redactor makes the Redactor that the flags ask for.
func (c *redactCommand) redactor(std streams) (*redact.Redactor, error) {
	cfg := redact.Config{PII: redact.PIIMode(c.PII), PIIKeyID: c.KeyID, PAN: redact.PANMode(c.Card)}
	if cfg.PII == redact.PIIHash {
		key, err := c.key(std)
		if err != nil {
			return nil, err
		}
		cfg.PIIKey = key
	}
	for _, k := range slices.Concat(c.Keys, c.SafeKeys) {
		if !strings.ContainsFunc(k, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			return nil, fmt.Errorf("--key, --safe-key: want a name such as loyalty_number, got %q", k)
		}
	}
	for _, k := range c.Keys {
		cfg.Keys = append(cfg.Keys, redact.KeyRule{Name: k, Class: redact.ClassSecret})
	}
	for _, k := range c.SafeKeys {
		cfg.Keys = append(cfg.Keys, redact.KeyRule{Name: k, Class: redact.ClassKeep})
	}
	for _, d := range c.Disable {
		if !slices.Contains(redact.Rules(), redact.Rule(d)) {
			return nil, fmt.Errorf("--disable: want one of %s, got %q", joined(redact.Rules()), d)
		}
		cfg.Disable = append(cfg.Disable, redact.Rule(d))
	}
	return redact.New(cfg)
}

// joined lists rules.
func joined(rules []redact.Rule) string {
	var names []string
	for _, r := range rules {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// key reads the key for hashes; a line end at the end of a file is not part of it.
func (c *redactCommand) key(std streams) ([]byte, error) {
	if c.KeyFile == "" {
		key := std.env("LOG_PII_KEY")
		if key == "" {
			return nil, fmt.Errorf("--pii=hash: want --pii-key-file or LOG_PII_KEY")
		}
		return longKey("LOG_PII_KEY", key)
	}
	b, err := os.ReadFile(c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("--pii-key-file %s: %w", shown(c.KeyFile), cause(err))
	}
	return longKey("--pii-key-file "+shown(c.KeyFile), string(bytes.TrimRight(b, "\r\n")))
}

// longKey is readKey for a key that must be long enough.
func longKey(where, text string) ([]byte, error) {
	key := readKey(text)
	if len(key) < minKeyBytes {
		return nil, fmt.Errorf("%s: want a key of at least %d bytes, got %d; make one with: openssl rand -hex %d", where, minKeyBytes, len(key), minKeyBytes)
	}
	return key, nil
}

// readKey reads a key in hex or base64, or takes it as it is where it is neither or
// would be too short: as a service reads LOG_PII_KEY, so that both give an address
// the same mark.
func readKey(s string) []byte {
	if b, err := hex.DecodeString(s); err == nil && len(b) >= minKeyBytes {
		return b
	}
	if b, err := base64.StdEncoding.DecodeString(s); err == nil && len(b) >= minKeyBytes {
		return b
	}
	return []byte(s)
}

// minKeyBytes is the least length of a key for hashes.
const minKeyBytes = 32

// printStats writes one "name count" a line, the most frequent rule first.
func printStats(w io.Writer, r *redact.Redactor, s filter.Stats, json bool) {
	counts := r.Counts()
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := names[i], names[j]
		return counts[a] > counts[b] || counts[a] == counts[b] && a < b
	})
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %d\n%-12s %d\n%-12s %d\n", "lines", s.Lines, "bytes", s.Bytes, "redacted", r.Total()+s.TooLong)
	if json {
		fmt.Fprintf(&b, "%-12s %d\n", "not_json", s.NotJSON)
	}
	if s.TooLong > 0 {
		fmt.Fprintf(&b, "%-12s %d\n", "too_long", s.TooLong)
	}
	for _, name := range names {
		fmt.Fprintf(&b, "  %-10s %d\n", name, counts[name])
	}
	_, _ = io.WriteString(w, b.String())
}
