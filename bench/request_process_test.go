package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The variables that make a process of this test binary a server: what it logs
// with, and what it answers with.
const (
	middlewareEnv = "PAIRLOG_BENCH_MIDDLEWARE"
	handlerEnv    = "PAIRLOG_BENCH_HANDLER"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(middlewareEnv); name != "" {
		os.Exit(serve(name, os.Getenv(handlerEnv)))
	}
	os.Exit(m.Run())
}

// loopbackHandlers are what is asked for over loopback: an answer at once, one
// after a millisecond, as a request to a database has it, and a file.
var loopbackHandlers = []loopbackHandler{
	{"trivial", 8, 1000, func(answer http.HandlerFunc, _ string) (http.HandlerFunc, error) { return answer, nil }},
	{"1ms", 8, 400, func(answer http.HandlerFunc, _ string) (http.HandlerFunc, error) {
		return func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Millisecond)
			answer(w, r)
		}, nil
	}},
	{"static", 2, 100, func(_ http.HandlerFunc, dir string) (http.HandlerFunc, error) {
		path := filepath.Join(dir, "static.bin")
		err := os.WriteFile(path, bytes.Repeat([]byte("pairlog "), 128<<10), 0o600)
		return func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }, err
	}},
}

type loopbackHandler struct {
	name  string
	conns int // connections that ask at the same time
	turn  int // requests at a time
	make  func(answer http.HandlerFunc, dir string) (http.HandlerFunc, error)
}

// maxServing is how long a server runs at most, whatever becomes of the process
// that has started it.
const maxServing = 5 * time.Minute

// serve is a process of its own, whose processor time is nobody else's. It prints
// its address, answers each line of its standard input with the processor time
// that it has used, in nanoseconds, and ends where the input does.
func serve(middleware, handler string) int {
	time.AfterFunc(maxServing, func() { os.Exit(1) })
	dir, err := os.MkdirTemp("", "pairlog-bench")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	for _, m := range middlewares {
		for _, h := range loopbackHandlers {
			if m.name != middleware || h.name != handler {
				continue
			}
			next, err := h.make(trivial(m.user), dir)
			if err == nil {
				err = serveLoopback(m, next)
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
			return 0
		}
	}
	fmt.Fprintf(os.Stderr, "no %s with %s\n", handler, middleware)
	return 1
}

func serveLoopback(m middlewareRival, next http.Handler) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h, closeLog := m.wrap(lockedDiscard{}, next)
	defer closeLog()
	srv := &http.Server{Handler: h}
	stopped := make(chan error, 1)
	go func() { stopped <- srv.Serve(l) }()
	fmt.Println(l.Addr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Println(cpuTime().Nanoseconds())
	}
	srv.Close()
	if err := <-stopped; err != http.ErrServerClosed {
		return err
	}
	return nil
}

// A loopbackServer is the process, and what the one that asks knows of it.
type loopbackServer struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
	addr   string
}

func startServer(b testing.TB, middleware, handler string) *loopbackServer {
	b.Helper()
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	s := &loopbackServer{cmd: exec.Command(exe)}
	s.cmd.Env = append(os.Environ(), middlewareEnv+"="+middleware, handlerEnv+"="+handler)
	s.cmd.Stderr = &s.stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	s.stdout = bufio.NewReader(stdout)
	if err := s.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		s.stdin.Close()
		if err := s.cmd.Wait(); err != nil {
			b.Errorf("the server: %v:\n%s", err, &s.stderr)
		}
	})
	if s.addr, err = s.line(); err != nil {
		b.Fatal(err)
	}
	return s
}

// line reads what the server prints next.
func (s *loopbackServer) line() (string, error) {
	line, err := s.stdout.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("read from the server: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// cpu returns the processor time that the server has used.
func (s *loopbackServer) cpu() (time.Duration, error) {
	fmt.Fprintln(s.stdin)
	line, err := s.line()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(line, 10, 64)
	return time.Duration(n), err
}

var loopbackRequest = []byte("POST " + webPath + "?" + webQuery + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: " + webAgent +
	"\r\nX-Request-Id: " + webRequest + "\r\nAccept: */*\r\nContent-Length: 0\r\n\r\n")

// ask sends n requests over so many connections, each one after the answer to the
// one before. It takes little of the processor itself.
func (s *loopbackServer) ask(n, conns int) error {
	var left atomic.Int64
	left.Store(int64(n))
	errs := make(chan error, conns)
	var wg sync.WaitGroup
	for range conns {
		wg.Go(func() {
			conn, err := net.Dial("tcp", s.addr)
			if err != nil {
				errs <- err
				return
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(maxServing))
			in := bufio.NewReaderSize(conn, 64<<10)
			for left.Add(-1) >= 0 {
				if _, err = conn.Write(loopbackRequest); err == nil {
					err = readAnswer(in)
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// readAnswer reads one answer with status 200 and a Content-Length.
func readAnswer(in *bufio.Reader) error {
	status, err := in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("status line %q", status)
	}
	length := -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(v))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return fmt.Errorf("no Content-Length")
	}
	_, err = in.Discard(length)
	return err
}

// loopbackTurns is how many turns each server gets. What else the machine does
// meets all of them, and the median of a server's turns is what is told of it.
const loopbackTurns = 21

// BenchmarkLoopback is a request over loopback to a server in a process of its
// own: cpu-ns/op is the server's processor time, the client's not included. The
// servers take turns, all within the first sub-benchmark: -benchtime says nothing
// here.
func BenchmarkLoopback(b *testing.B) {
	for _, h := range loopbackHandlers {
		b.Run(h.name, func(b *testing.B) {
			var costs []loopbackCost
			for i, m := range middlewares {
				b.Run(m.name, func(b *testing.B) {
					if costs == nil {
						costs = measureLoopback(b, h)
					}
					b.ReportMetric(costs[i].wall, "ns/op")
					b.ReportMetric(costs[i].cpu, "cpu-ns/op")
				})
			}
		})
	}
}

// loopbackCost is what a request costs, in nanoseconds.
type loopbackCost struct{ wall, cpu float64 }

// measureLoopback returns the costs of a request to each of the middlewares.
func measureLoopback(b *testing.B, h loopbackHandler) []loopbackCost {
	servers := make([]*loopbackServer, len(middlewares))
	walls, cpus := make([][]float64, len(servers)), make([][]float64, len(servers))
	for i, m := range middlewares {
		servers[i] = startServer(b, m.name, h.name)
		if err := servers[i].ask(h.turn, h.conns); err != nil { // what is cached is cached
			b.Fatal(err)
		}
	}
	for range loopbackTurns {
		for i, s := range servers {
			before, err := s.cpu()
			start := time.Now()
			if err == nil {
				err = s.ask(h.turn, h.conns)
			}
			wall := time.Since(start)
			after, err2 := s.cpu()
			if err = errors.Join(err, err2); err != nil {
				b.Fatal(err)
			}
			walls[i] = append(walls[i], float64(wall)/float64(h.turn))
			cpus[i] = append(cpus[i], float64(after-before)/float64(h.turn))
		}
	}
	costs := make([]loopbackCost, len(servers))
	for i := range costs {
		slices.Sort(walls[i])
		slices.Sort(cpus[i])
		costs[i] = loopbackCost{walls[i][loopbackTurns/2], cpus[i][loopbackTurns/2]}
	}
	return costs
}

// TestLoopback asks each server for each answer once.
func TestLoopback(t *testing.T) {
	for _, h := range loopbackHandlers {
		for _, m := range middlewares {
			t.Run(h.name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				s := startServer(t, m.name, h.name)
				if err := s.ask(3, 2); err != nil {
					t.Error(err)
				}
				if cpu, err := s.cpu(); err != nil || cpu <= 0 {
					t.Errorf("cpu = %v, %v", cpu, err)
				}
			})
		}
	}
}
