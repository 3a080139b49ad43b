package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/pairly/pairlog/internal/record"
)

// verifyCommand is `pairlog verify-files`.
type verifyCommand struct {
	Paths    []string `arg:"" name:"path" help:"The path of a log (LOG_FILE_PATH), the folder of logs, or single files; \"-\" for standard input."`
	Identity []string `name:"identity" short:"i" sep:"none" placeholder:"FILE" help:"File with an age identity, for sealed files; \"-\" for standard input. May be repeated."`
	Live     bool     `name:"live" help:"The service is running: that the file that is written to has no end yet is no finding."`
}

// Help is the long text of --help.
func (*verifyCommand) Help() string {
	return `Reads every file to its end and prints one line for each finding, with file and offset:

  torn lines                  half a record, as a full disk or a crash leaves it
  lines that are not JSON     written by something else, or overwritten
  gaps in sealed files        frames that are damaged or missing
  no end frame                a sealed file was cut, its writer died, or it is still being written
  unreadable archives         parts of zstd and gzip files that do not decompress

  pairlog verify-files /var/log/pairly                             all logs of a folder
  pairlog verify-files --live /var/log/pairly/app.log              one log while its service is running
  pairlog verify-files --identity key.txt /mnt/backup/pairly       sealed files as well

Offsets are in bytes from the beginning of the file; those of lines in archives and sealed files are after
decompression, of what could be read. The files are not changed. Files that another program put aside, such as
app.log.1 of logrotate, are checked when they are named.

Exit codes: 0 nothing found, 1 something found, 2 wrong usage, or nothing found in the files that could be
read but sealed ones could not, because no identity was given or fits.`
}

// Run checks the files.
func (c *verifyCommand) Run(std streams) error {
	identities, err := loadIdentities(c.Identity, c.Paths, std)
	if err != nil {
		return err
	}
	logs, err := selectLogs(c.Paths, std)
	if err != nil {
		return err
	}
	v := &verifier{findings: newFindings(std.out, "", std), live: c.Live, identities: len(identities)}
	for _, l := range logs {
		if err := l.each(identities, v.file); err != nil {
			return err
		}
	}
	v.summary()
	switch {
	case v.err != nil:
		return v.err // who reads the findings does not have them all
	case v.findings.count > v.unchecked:
		return exitCode(exitError)
	case v.unchecked > 0:
		return exitCode(exitUsage)
	}
	return nil
}

// verifier looks for damage and counts.
type verifier struct {
	*findings
	live       bool
	identities int

	files, bad, unchecked int
	lines, bytes          int64
}

// file checks one file. Its error is always nil: one file that cannot be read
// says nothing of the others.
func (v *verifier) file(f logFile) error {
	before, unchecked := v.count, v.unchecked
	v.files++
	switch {
	case f.err != nil:
		code := v.code
		v.code = exitOK
		v.unopened(f.path, f.err, v.identities)
		if v.code == exitUsage {
			v.unchecked++
		}
		v.code = max(v.code, code)
	case f.emptyArchive():
		v.damage(f.path, 0, noHeader)
	default:
		v.content(f)
	}
	if v.count-before > v.unchecked-unchecked {
		v.bad++
	}
	return nil
}

// content checks the lines of a file and then reports the gaps between them.
func (v *verifier) content(f logFile) {
	s := scan{in: bufio.NewReaderSize(f.reader, 256<<10), report: func(offset int64, what string) {
		v.damage(f.path, offset, what)
	}}
	torn, err := s.all()
	v.lines += s.line
	v.bytes += f.reader.Size()
	gaps := f.reader.Gaps()
	if torn >= 0 && len(gaps) > 0 {
		gaps = gaps[:len(gaps)-1] // the torn line, of which the scan knows where it begins
	}
	open := v.live && f.current
	if torn >= 0 && open {
		v.note(f.path, fmt.Sprintf("line %d has no end yet", s.line))
	} else if torn >= 0 {
		v.damage(f.path, torn, fmt.Sprintf("line %d is torn: the file ends in the middle of it", s.line))
	}
	for _, g := range gaps {
		if open && atEnd(g, f.size) {
			v.note(f.path, "no end frame yet")
			continue
		}
		v.gap(g)
	}
	if err != nil {
		v.found(exitError, shown(f.path)+": ", cause(err).Error())
	}
	if f.reader.Form() == record.Plain && plainName(f.path) != f.path {
		v.damage(f.path, 0, "plain lines under the name of an archive: zstdcat and zcat do not read it")
	}
}

// summary prints what was looked at.
func (v *verifier) summary() {
	text := fmt.Sprintf("%s, %s, %d bytes: ", plural(int64(v.files), "file"), plural(v.lines, "line"), v.bytes)
	switch n := v.count - v.unchecked; {
	case n > 0:
		text += v.paint(red, fmt.Sprintf("%s in %s", plural(int64(n), "finding"), plural(int64(v.bad), "file")))
	case v.unchecked > 0:
		text += v.paint(yellow, "no damage found in what could be read")
	default:
		text += v.paint(green, "no damage found")
	}
	if v.unchecked > 0 {
		text += v.paint(yellow, fmt.Sprintf(", %s not checked", plural(int64(v.unchecked), "sealed file")))
	}
	v.printf("%s\n", text)
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// scan judges lines. Neighbours that are wrong in the same way are one finding.
type scan struct {
	in     *bufio.Reader
	report func(offset int64, what string)

	line   int64 // number of the last line, from 1
	offset int64 // behind it
	buf    []byte

	kind  string // what is wrong with the lines since first, "" for nothing
	first int64
	at    int64 // offset of first
}

// maxLine is the longest line, in bytes, that is judged; the library writes
// none that is nearly as long.
const maxLine = 64 << 20

// all reads to the end. Torn is the offset of a last line that has no end,
// which is not judged, or -1.
func (s *scan) all() (torn int64, err error) {
	for {
		begin := s.offset
		line, err := s.next()
		if err != nil {
			s.flush()
			if s.offset > begin && errors.Is(err, io.EOF) {
				s.line++
				return begin, nil
			}
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return -1, err
		}
		s.line++
		if kind := judge(line); kind != s.kind {
			s.line--
			s.flush()
			s.line++
			s.kind, s.first, s.at = kind, s.line, begin
		}
	}
}

// next returns a line without its end, or a bit more than maxLine of it. The
// error is there for lines without end, too.
func (s *scan) next() ([]byte, error) {
	s.buf = s.buf[:0]
	for {
		part, err := s.in.ReadSlice('\n')
		s.offset += int64(len(part))
		if len(s.buf) <= maxLine {
			s.buf = append(s.buf, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSuffix(s.buf, []byte{'\n'}), err
		}
	}
}

// judge says what is wrong with a line, "" for nothing.
func judge(line []byte) string {
	switch {
	case len(line) > maxLine:
		return "longer than 64 MiB"
	case len(line) > 0 && line[0] == '{':
		if json.Valid(line) {
			return ""
		}
		return "torn: half a record, or two in one"
	case len(bytes.TrimSpace(line)) == 0:
		return "empty"
	case len(bytes.Trim(line, "\x00")) == 0:
		return "nothing but zeros, as a power cut leaves them"
	}
	return "not JSON"
}

// flush reports the lines since first.
func (s *scan) flush() {
	switch {
	case s.kind == "":
	case s.first == s.line:
		s.report(s.at, fmt.Sprintf("line %d is %s", s.first, s.kind))
	default:
		s.report(s.at, fmt.Sprintf("lines %d to %d are %s", s.first, s.line, s.kind))
	}
	s.kind = ""
}
