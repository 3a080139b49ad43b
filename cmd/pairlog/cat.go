package main

// catCommand is `pairlog cat`.
type catCommand struct {
	Paths    []string `arg:"" name:"path" help:"The path of a log (LOG_FILE_PATH), the folder of logs, or single files; \"-\" for standard input."`
	Identity []string `name:"identity" short:"i" sep:"none" placeholder:"FILE" help:"File with an age identity, for sealed files; \"-\" for standard input. May be repeated."`
}

// Help is the long text of --help.
func (*catCommand) Help() string {
	return `The path of a log stands for all of it: its rotated files, the oldest first, whether plain, zstd, gzip
or sealed, and then the one that is written to. No file is printed twice, also when paths overlap, files are named
twice or rotate while they are read. Files that another program put aside, such as app.log.1 of logrotate, are
read when they are named.

  pairlog cat /var/log/pairly/app.log | jq -c 'select(.level == "ERROR")'
  pairlog cat /var/log/pairly | wc -l                              all logs of a folder, one after the other
  pairlog cat app-00000007-20260102T150405Z.log.zst                one archive
  pairlog cat app-*.zst                                            some archives, in the order of writing
  pairlog cat --identity key.txt /var/log/pairly/app.log           sealed files as well
  ssh db1 cat app-*.zst | pairlog cat -                            what comes from elsewhere, of any form
  pairlog cat <(ssh db1 cat a.gz) <(ssh db2 cat a.gz)              the same, from several places

What is damaged is skipped and reported on standard error with file and offset; all else is printed. Half a line
at the end of a file is damage, too, and not printed; in the file that a service writes to it is none.

Exit codes: 0 all is there, 1 damage was found, 2 wrong usage, or sealed files were left out because no
identity was given or fits.`
}

// Run prints the logs.
func (c *catCommand) Run(std streams) error {
	identities, err := loadIdentities(c.Identity, c.Paths, std)
	if err != nil {
		return err
	}
	logs, err := selectLogs(c.Paths, std)
	if err != nil {
		return err
	}
	found := newFindings(std.err, "pairlog: ", std)
	out := &output{w: std.out}
	for _, l := range logs {
		err := l.each(identities, func(f logFile) error {
			if f.err != nil {
				found.unopened(f.path, f.err, len(identities))
				return nil
			}
			if f.emptyArchive() {
				found.damage(f.path, 0, noHeader)
			}
			return printLines(out, f, found)
		})
		if err != nil {
			return err
		}
	}
	if err := out.endLine(); err != nil {
		return err
	}
	return found.exit()
}
