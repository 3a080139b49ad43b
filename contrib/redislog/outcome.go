package redislog

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/pairly/pairlog"
)

// An outcome is how a command ended.
type outcome uint8

const (
	served   outcome = iota // with a reply, nil included
	refused                 // the server answered with an error
	unserved                // the server did not answer, or serves nobody
	unsent                  // the caller gave up, or the client failed: nothing is known of the server
)

// judge returns how a command with this error ended.
func judge(ctx context.Context, err error) outcome {
	if err == nil || errors.Is(err, redis.Nil) {
		return served
	}
	if code, ok := serverCode(err); ok {
		switch code {
		case "LOADING", "CLUSTERDOWN", "MASTERDOWN", "NOAUTH", "WRONGPASS":
			return unserved
		}
		if redis.IsMaxClientsError(err) {
			return unserved
		}
		return refused
	}
	switch {
	case ctx.Err() != nil, errors.Is(err, context.Canceled), errors.Is(err, redis.ErrClosed),
		errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted):
		return unsent
	}
	var network net.Error
	var errno syscall.Errno
	if errors.As(err, &network) || errors.As(err, &errno) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return unserved
	}
	return unsent // such as an argument or a reply of the wrong type
}

// serverCode returns the code that an error of the server begins with, ERR where
// it has none, and whether err is one. The rest of the text may repeat arguments.
func serverCode(err error) (string, bool) {
	var server redis.Error
	if !errors.As(err, &server) {
		return "", false
	}
	code, _, _ := strings.Cut(server.Error(), " ")
	if len(code) < 3 || len(code) > 32 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return "ERR", true
	}
	return code, true
}

// expected reports whether err is a part of normal work.
func (h *Hook) expected(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, redis.TxFailedErr) ||
		redis.HasErrorPrefix(err, "NOSCRIPT") || h.config.Expected != nil && h.config.Expected(err)
}

// appendError adds what may be said of an error: its type, and the code that the
// server gave or that says what the connection died of.
func appendError(attrs []slog.Attr, err error) []slog.Attr {
	attrs = append(attrs, slog.String(pairlog.KeyErrorType, pairlog.ErrorType(err)))
	code, ok := serverCode(err)
	if !ok {
		code = clientCode(err)
	}
	if code != "" {
		attrs = append(attrs, slog.String(pairlog.KeyErrorCode, code))
	}
	return attrs
}

// clientCode returns a code for an error that the server did not make, or
// nothing.
func clientCode(err error) string {
	var dns *net.DNSError
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, redis.ErrClosed):
		return "client_closed"
	case errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted):
		return "pool_exhausted"
	case errors.As(err, &dns):
		return "host_not_found"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection_refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection_closed"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	}
	return ""
}
