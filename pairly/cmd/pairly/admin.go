package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/auth"
)

// createAdmin makes an administrator with the password on standard input. It
// is the only way to one: the API gives nobody that role.
func (p *Program) createAdmin(ctx context.Context, o options) error {
	password, err := readPassword(p.Stdin)
	if err != nil {
		return err
	}
	cfg, err := ReadConfig(p.Getenv, o.data)
	if err != nil {
		return err
	}
	if err := fillKeys(&cfg, o.data); err != nil {
		return err
	}
	logConfig := p.logConfig(o, cfg.Production())
	logConfig.Stdout = false // the terminal is for the answer
	pipeline, err := pairlog.Open(logConfig)
	if err != nil {
		return err
	}
	s := newService(p, o, cfg, pipeline)
	id, err := s.admin(ctx, password)
	err = errors.Join(err, s.release(context.WithoutCancel(ctx)), closeLog(pipeline))
	if err != nil {
		return fmt.Errorf("create administrator: %w", inWords(err))
	}
	fmt.Fprintf(p.Stdout, "created administrator %s (user %s)\n", o.email, id)
	return nil
}

// admin opens what an administrator is made with, and makes one.
func (s *service) admin(ctx context.Context, password string) (string, error) {
	for _, open := range []func(context.Context) error{s.openStore, s.openCache, s.makeAudit, s.makeIdentity} {
		if err := open(ctx); err != nil {
			return "", err
		}
	}
	return s.newAdmin(ctx, s.o.email, s.o.name, password)
}

// newAdmin signs an account up by the rules that hold for everybody, and then
// gives it the role and closes the session that a sign-up opens: nobody holds
// its tokens. It returns the user's id.
func (s *service) newAdmin(ctx context.Context, email, name, password string) (string, error) {
	request := pairly.Request{
		ID: pairly.NewUUID(), ClientIP: "127.0.0.1", UserAgent: "pairly command line", Endpoint: "pairly admin create",
	}
	ctx, _ = pairlog.NewScope(ctx, pairlog.ScopeConfig{RequestID: request.ID})
	ctx = pairly.WithRequest(ctx, request)
	pair, err := s.parts.auth.SignUp(ctx, auth.SignUpInput{
		Email: email, Password: password, Name: name, Role: pairly.RoleFan,
	})
	if err != nil {
		return "", err
	}
	id := pair.User.ID
	ctx = pairly.WithActor(ctx, pairly.Actor{Role: pairly.RoleSystem, IP: request.ClientIP})
	return id, s.parts.store.InTx(ctx, func(ctx context.Context) error {
		if err := s.parts.store.SetRole(ctx, id, pairly.RoleAdmin, s.p.Now()); err != nil {
			return err
		}
		if _, err := s.parts.auth.EndSessions(ctx, id, pairly.RevokedAdmin, ""); err != nil {
			return err
		}
		return s.parts.audit.Record(ctx, pairly.AuditRecord{
			Event: "user_role_changed", Action: "change_role", Level: slog.LevelInfo, Severity: pairly.SeverityHigh,
			Target: pairly.Target{UserID: id, Email: pair.User.Email},
			Reason: request.Endpoint,
			Before: map[string]any{"role": string(pairly.RoleFan)},
			After:  map[string]any{"role": string(pairly.RoleAdmin)},
		})
	})
}

// inWords returns an error that names the fields which broke a rule, where err
// is about fields, and otherwise err.
func inWords(err error) error {
	refused := (*pairly.Error)(nil)
	if !errors.As(err, &refused) || len(refused.Fields) == 0 {
		return err
	}
	var rules []string
	for _, f := range refused.Fields {
		rules = append(rules, f.Field+": "+f.Message)
	}
	return errors.New(strings.Join(rules, "; "))
}

// readPassword returns the first line of r without its end.
func readPassword(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password from standard input: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("read password from standard input: want a line, got nothing")
	}
	return line, nil
}
