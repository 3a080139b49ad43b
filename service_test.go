package pairlog_test

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pairly/pairlog"
)

// serviceEnv makes the test binary a service; its value is what the service
// does and the number of its first line.
const serviceEnv = "PAIRLOG_TEST_SERVICE"

func TestMain(m *testing.M) {
	if what := os.Getenv(serviceEnv); what != "" {
		how, from, _ := strings.Cut(what, " ")
		first, _ := strconv.Atoi(from)
		service(how, first)
		return
	}
	os.Exit(m.Run())
}

// service logs numbered lines through FromEnv, says the number of each on file 3
// once the call has returned, and ends in the way that it is told.
func service(how string, first int) {
	p, err := pairlog.Open(pairlog.FromEnv())
	if err != nil {
		panic(err)
	}
	p.SetDefault()
	said := bufio.NewWriterSize(os.NewFile(3, "said"), 0)
	say := func(n int) {
		fmt.Fprintln(said, n)
		said.Flush()
	}
	line := func(n int) {
		p.Logger("svc").Info("line", "n", n, "pad", strings.Repeat("x", n%300))
		say(n)
	}
	closeWithin := func(d time.Duration) error {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		defer cancel()
		return p.Close(ctx)
	}
	switch how {
	case "forever": // until it is killed, from several goroutines
		var mu sync.Mutex
		for range 3 {
			go func() {
				for {
					mu.Lock()
					n := first
					first++
					p.Logger("svc").Info("line", "n", n, "pad", strings.Repeat("x", n%300))
					say(n)
					mu.Unlock()
				}
			}()
		}
		select {}
	case "sigterm":
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		for n := first; ctx.Err() == nil; n++ {
			line(n)
		}
		if err := closeWithin(10 * time.Second); err != nil {
			panic(err)
		}
		return
	}
	for n := range 1000 {
		line(first + n)
	}
	switch how {
	case "exit":
		os.Exit(3)
	case "panic":
		panic("boom")
	case "fatal":
		log.Fatalf("no port to listen on")
	case "ignore":
		_ = closeWithin(200 * time.Millisecond)
	default:
		if err := closeWithin(10 * time.Second); err != nil {
			panic(err)
		}
	}
}

// command is the test binary as a service with an environment of its own.
func command(how string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append([]string{serviceEnv + "=" + how, "PATH=" + os.Getenv("PATH")}, env...)
	return cmd
}
