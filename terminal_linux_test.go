package pairlog_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pairly/pairlog"
)

// terminal returns both ends of a new pseudo-terminal with so many columns.
func terminal(t *testing.T, columns uint16) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	fd := int(keyboard.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 25, Col: columns}); err != nil {
		t.Fatal(err)
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	return keyboard, screen
}

// On a terminal lines are laid out to its width, also after it has changed.
func TestTerminalWidth(t *testing.T) {
	keyboard, screen := terminal(t, 70)
	p, err := pairlog.Open(pairlog.Config{Out: screen, Color: pairlog.ColorNever, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	log := p.Logger("service.credits")
	rows := bufio.NewScanner(keyboard)
	f := func(want ...string) {
		t.Helper()
		log.Info("credits_spent", "amount", 5, "transaction_type", "message", "balance_after", 412)
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, want := range want {
			rows.Scan()
			if got := strings.TrimSuffix(rows.Text(), "\r"); got != want {
				t.Errorf("got row  %q\nwant row %q", got, want)
			}
		}
	}
	f("10:30:45.123 INFO  service.credits     credits_spent amount=5",
		"                            transaction_type=message balance_after=412")
	if err := unix.IoctlSetWinsize(int(keyboard.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 25, Col: 120}); err != nil {
		t.Fatal(err)
	}
	f("10:30:45.123 INFO  service.credits     credits_spent    amount=5 transaction_type=message balance_after=412")
	closePipeline(t, p)
}
