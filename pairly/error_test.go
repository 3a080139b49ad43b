package pairly_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/pairly/pairlog/pairly"
)

type lostError struct{}

func (lostError) Error() string { return "lost" }

// Every kind has its category, and a kind of another package is the client's.
func TestErrorCategory(t *testing.T) {
	for kind, want := range map[pairly.Kind]string{
		pairly.EBadRequest: "client", pairly.EUnauthorized: "auth", pairly.EPayment: "payment", pairly.EForbidden: "auth",
		pairly.ENotFound: "not_found", pairly.EConflict: "conflict", pairly.EGone: "not_found", pairly.ETooLarge: "client",
		pairly.EInvalid: "client", pairly.ETooMany: "rate_limit", pairly.EInternal: "internal", pairly.EProvider: "dependency",
		pairly.EUnavailable: "dependency", "method_not_allowed": "client",
	} {
		if got := pairly.Errorf(kind, "code", "text").ErrorCategory(); got != want {
			t.Errorf("category of %s = %q, want %q", kind, got, want)
		}
	}
}

func TestErrorType(t *testing.T) {
	f := func(err error, want string) {
		t.Helper()
		if got := pairly.ErrorType(err); got != want {
			t.Errorf("ErrorType(%v) = %q, want %q", err, got, want)
		}
	}
	text := errors.New("no")
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	f(nil, "")
	f(text, "error")
	f(fmt.Errorf("read: %w", text), "error")
	f(fmt.Errorf("read: %w", lostError{}), "lostError")
	f(&fs.PathError{Op: "open", Err: text}, "PathError")
	f(errors.Join(text, lostError{}), "lostError")
	f(fmt.Errorf("connect: %w, %w", refused, text), "SyscallError")
	f(syscall.ENOSPC, "Errno")
	f(pairly.Errorf(pairly.EUnavailable, "dependency_unavailable", "away").Wrap(errors.Join(refused, refused)), "SyscallError")
	f(pairly.Errorf(pairly.ENotFound, "user_not_found", "gone"), "Error")
}
