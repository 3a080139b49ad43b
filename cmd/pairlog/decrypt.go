package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/pairly/pairlog/internal/record"
)

// decryptCommand is `pairlog decrypt`.
type decryptCommand struct {
	Files    []string `arg:"" name:"file" help:"Sealed files, decrypted one after the other; \"-\" for standard input."`
	Identity []string `name:"identity" short:"i" required:"" sep:"none" placeholder:"FILE" help:"File with the age identity (AGE-SECRET-KEY-...) of one of the recipients; \"-\" for standard input. May be repeated."`
	Out      string   `name:"out" short:"o" placeholder:"FILE" help:"Write to this new file, mode 0600, instead of standard output. A file that exists is left as it is."`
	Live     bool     `name:"live" help:"The service is running: that a file has no end yet is no damage."`
}

// Help is the long text of --help.
func (*decryptCommand) Help() string {
	return `The service writes sealed logs (LOG_SEAL_RECIPIENTS) and cannot read them; whoever has the
identity that belongs to a recipient can, with this command.

  pairlog decrypt app.log.sealed --identity key.txt | jq .event
  pairlog decrypt app-0*.log.sealed --identity key.txt --out january.log
  age -d key.age | pairlog decrypt app.log.sealed --identity -     the identity itself is encrypted
  age-keygen -o key.txt                                            how to make one

What is damaged is skipped and all else is written. Each gap is reported on standard error with file and
offset. For a log with all its archives in order, sealed or not, use "pairlog cat".

Exit codes: 0 all is there, 1 damage was found, 2 wrong usage or no identity fits.`
}

// Run decrypts the files.
func (c *decryptCommand) Run(std streams) (err error) {
	identities, err := loadIdentities(c.Identity, c.Files, std)
	if err != nil {
		return err
	}
	for _, path := range c.Files {
		if path == "-" {
			continue
		}
		if err := decryptable(path); err != nil {
			return usageError{err}
		}
	}
	found := newFindings(std.err, "pairlog: ", std)
	out := &output{w: std.out}
	if c.Out != "" {
		if _, err := os.Lstat(c.Out); err == nil {
			return usageError{fmt.Errorf("--out %s: it exists and is left as it is; choose another name", shown(c.Out))}
		}
		out.create = c.Out
	}
	for _, path := range c.Files {
		var f logFile
		if path == "-" {
			f = openStream(std.typed(), stdinName, identities)
		} else {
			f = openLogFile(path, true, identities)
		}
		if err := c.file(f, len(identities), out, found); err != nil {
			return errors.Join(err, out.close(false))
		}
	}
	if err := out.close(true); err != nil {
		return err
	}
	return found.exit()
}

// decryptable tells apart wrong arguments from damaged files.
func decryptable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: no such file", shown(path))
	case err != nil:
		return fmt.Errorf("%s: %w", shown(path), cause(err))
	case info.IsDir():
		return fmt.Errorf("%s: this is a folder; name the sealed files in it, or use: pairlog cat %s --identity FILE", shown(path), shown(path))
	}
	return nil
}

// file decrypts one file. The error is one of writing.
func (c *decryptCommand) file(f logFile, identities int, out *output, found *findings) error {
	defer f.close()
	switch {
	case f.err != nil:
		found.unopened(f.path, f.err, identities)
		return nil
	case f.reader.Form() != record.Sealed && f.path == stdinName:
		found.found(exitUsage, stdinName+": ", fmt.Sprintf("not a sealed file but a %s one; use: pairlog cat -", f.reader.Form()))
		return nil
	case f.reader.Form() != record.Sealed && f.size == 0:
		found.damage(f.path, 0, noHeader)
		return nil
	case f.reader.Form() != record.Sealed:
		found.found(exitUsage, shown(f.path)+": ", fmt.Sprintf("not a sealed file but a %s one; use: pairlog cat %s", f.reader.Form(), shown(f.path)))
		return nil
	}
	return copyLines(out, f, found, c.Live)
}

// copyLines writes the lines of a file and reports what is wrong with it. The
// error is one of writing.
func copyLines(out *output, f logFile, found *findings, live bool) error {
	return copyTo(out, out, f, found, func(g record.Gap) (record.Gap, bool) {
		return g, !live || !f.current || !atEnd(g, f.size)
	})
}

// copyTo is copyLines by way of w, which writes to out. Told returns what is to be
// said of a gap, and whether anything is.
func copyTo(w io.Writer, out *output, f logFile, found *findings, told func(record.Gap) (record.Gap, bool)) error {
	if err := out.endLine(); err != nil {
		return err
	}
	out.Write(nil) // a file without lines is a result, too
	_, err := io.Copy(w, f.reader)
	if out.err != nil {
		return out.err
	}
	for _, g := range f.reader.Gaps() {
		if g, tell := told(g); tell {
			found.gap(g)
		}
	}
	if err != nil {
		found.found(exitError, shown(f.path)+": ", cause(err).Error())
	}
	return nil
}
