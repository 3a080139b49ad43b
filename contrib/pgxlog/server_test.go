package pgxlog_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
)

// A server speaks as much of PostgreSQL's protocol as the tests need. It knows no
// data: its answer function returns the command tag of a statement, or the
// SQLSTATE of an error.
type server struct {
	addr   string
	answer func(sql string) (tag, sqlstate string)
	done   sync.WaitGroup
}

// newServer starts a server that ends with the test.
func newServer(t *testing.T, answer func(sql string) (tag, sqlstate string)) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: ln.Addr().String(), answer: answer}
	s.done.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			s.done.Go(func() {
				defer conn.Close()
				_ = (&session{s: s, b: pgproto3.NewBackend(conn, conn), status: 'I'}).run()
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		s.done.Wait()
	})
	return s
}

// config returns a configuration of pgx for the server.
func (s *server) config(t *testing.T) *pgx.ConnConfig {
	t.Helper()
	config, err := pgx.ParseConfig("postgres://someone:" + canary + "@" + s.addr + "/pairly?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// connect returns a connection that ends with the test.
func (s *server) connect(t *testing.T, tracer pgx.QueryTracer) *pgx.Conn {
	t.Helper()
	config := s.config(t)
	config.Tracer = tracer
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// A session is one connection.
type session struct {
	s        *server
	b        *pgproto3.Backend
	status   byte
	prepared map[string]string
	portal   string
	failed   bool // until the next Sync
}

func (s *session) run() error {
	if _, err := s.b.ReceiveStartupMessage(); err != nil {
		return err
	}
	s.b.Send(&pgproto3.AuthenticationOk{})
	s.b.Send(&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"})
	s.b.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
	s.ready()
	s.prepared = make(map[string]string)
	for {
		if err := s.b.Flush(); err != nil {
			return err
		}
		msg, err := s.b.Receive()
		if err != nil {
			return err
		}
		if s.failed {
			if _, sync := msg.(*pgproto3.Sync); !sync {
				continue
			}
		}
		switch msg := msg.(type) {
		case *pgproto3.Query:
			for _, sql := range strings.Split(msg.String, ";") {
				if sql = strings.TrimSpace(sql); sql != "" && !s.execute(sql) {
					break
				}
			}
			s.failed = false
			s.ready()
		case *pgproto3.Parse:
			s.prepared[msg.Name] = msg.Query
			if strings.HasPrefix(msg.Query, "BROKEN") {
				s.fail("42601")
			} else {
				s.b.Send(&pgproto3.ParseComplete{})
			}
		case *pgproto3.Describe:
			if msg.ObjectType == 'S' {
				s.b.Send(&pgproto3.ParameterDescription{ParameterOIDs: parameters(s.prepared[msg.Name])})
			}
			s.b.Send(&pgproto3.NoData{})
		case *pgproto3.Bind:
			s.portal = s.prepared[msg.PreparedStatement]
			s.b.Send(&pgproto3.BindComplete{})
		case *pgproto3.Execute:
			s.execute(s.portal)
		case *pgproto3.Close:
			s.b.Send(&pgproto3.CloseComplete{})
		case *pgproto3.Sync:
			s.failed = false
			s.ready()
		case *pgproto3.Terminate:
			return nil
		}
	}
}

func (s *session) ready() { s.b.Send(&pgproto3.ReadyForQuery{TxStatus: s.status}) }

func (s *session) fail(sqlstate string) {
	s.failed = true
	if s.status == 'T' {
		s.status = 'E'
	}
	// PostgreSQL repeats values in its messages.
	s.b.Send(&pgproto3.ErrorResponse{Severity: "ERROR", Code: sqlstate, Message: "duplicate key (" + canary + ")", Detail: canary})
}

// execute answers a statement and reports whether it succeeded.
func (s *session) execute(sql string) bool {
	tag, sqlstate := s.s.answer(sql)
	if sqlstate != "" {
		s.fail(sqlstate)
		return false
	}
	switch verb, _, _ := strings.Cut(strings.ToLower(sql), " "); {
	case verb == "begin":
		s.status = 'T'
	case verb == "commit" && s.status == 'E':
		tag, s.status = "ROLLBACK", 'I'
	case verb == "commit", verb == "rollback":
		s.status = 'I'
	}
	s.b.Send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
	return true
}

// parameters returns a type for each placeholder: text.
func parameters(sql string) []uint32 {
	oids := make([]uint32, strings.Count(sql, "$"))
	for i := range oids {
		oids[i] = 25
	}
	return oids
}
