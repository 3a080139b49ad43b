package redislog_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// A server answers RESP2 as its reply function says; "" closes the connection.
type server struct {
	addr  string
	reply func(args []string) string

	mu    sync.Mutex
	ln    net.Listener
	conns map[net.Conn]bool
	done  sync.WaitGroup
}

// newServer starts a server that ends with the test.
func newServer(t *testing.T, reply func(args []string) string) *server {
	t.Helper()
	s := &server{addr: "127.0.0.1:0", reply: reply, conns: make(map[net.Conn]bool)}
	s.start(t)
	t.Cleanup(s.stop)
	return s
}

func (s *server) start(t *testing.T) {
	t.Helper()
	ln, err := net.Listen("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.ln, s.addr = ln, ln.Addr().String()
	s.mu.Unlock()
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[conn] = true
			s.mu.Unlock()
			s.done.Add(1)
			go func() {
				defer s.done.Done()
				s.serve(conn)
			}()
		}
	}()
}

// stop closes the port and all connections, and waits for their goroutines.
func (s *server) stop() {
	s.mu.Lock()
	s.ln.Close()
	for conn := range s.conns {
		conn.Close()
	}
	clear(s.conns)
	s.mu.Unlock()
	s.done.Wait()
}

func (s *server) serve(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		args, err := readCommand(r)
		if err != nil {
			return
		}
		var out string
		switch name := strings.ToLower(args[0]); name {
		case "hello":
			out = "-ERR unknown command\r\n"
		case "client", "auth", "select":
			out = "+OK\r\n"
		default:
			if out = s.reply(append([]string{name}, args[1:]...)); out == "" {
				return
			}
		}
		if _, err := io.WriteString(conn, out); err != nil {
			return
		}
	}
}

// readCommand reads an array of bulk strings.
func readCommand(r *bufio.Reader) ([]string, error) {
	n, err := readCount(r, '*')
	if err != nil {
		return nil, err
	}
	args := make([]string, n)
	for i := range args {
		size, err := readCount(r, '$')
		if err != nil {
			return nil, err
		}
		b := make([]byte, size+2)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		args[i] = string(b[:size])
	}
	return args, nil
}

func readCount(r *bufio.Reader, kind byte) (int, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return 0, err
	}
	if line[0] != kind {
		return 0, fmt.Errorf("want %c, got %q", kind, line)
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}

// newClient returns a client that does not retry and ends with the test.
func newClient(t *testing.T, addr string) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{
		Addr: addr, MaxRetries: -1, DialerRetries: 1, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

// store answers as a Redis with a few strings would.
func store() func(args []string) string {
	var mu sync.Mutex
	kept := make(map[string]string)
	return func(args []string) string {
		mu.Lock()
		defer mu.Unlock()
		switch args[0] {
		case "ping":
			return "+PONG\r\n"
		case "set":
			kept[args[1]] = args[2]
			return "+OK\r\n"
		case "get":
			if v, ok := kept[args[1]]; ok {
				return bulk(v)
			}
			return "$-1\r\n"
		case "lpush":
			return "-WRONGTYPE Operation against a key holding the wrong kind of value: " + args[2] + "\r\n"
		case "evalsha":
			return "-NOSCRIPT No matching script. Please use EVAL.\r\n"
		case "eval":
			return ":1\r\n"
		}
		return "-ERR unknown command '" + args[0] + "', with args beginning with: '" + strings.Join(args[1:], "' '") + "'\r\n"
	}
}
