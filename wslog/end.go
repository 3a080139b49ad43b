package wslog

import (
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/pairly/pairlog"
)

// End ends the socket of a handler, however the handler ends. It is deferred
// itself, not in another function, and given what ended the loop:
//
//	defer sock.End(&err)
//
// It closes the socket with [CloseStatus] of the error, as it is when the handler
// ends; a nil pointer stands for none. A panic of the handler has its lines here,
// see [Socket.Panicked], and ends the socket with code 1006: the client was told
// of none. Then it goes on, marked as logged, so that the connection is cut and
// neither httplog nor [pairlog.Exception] tells of it again. So does
// [http.ErrAbortHandler], which is no fault and has only ws_disconnected.
func (s *Socket) End(err *error) {
	switch v := recover(); {
	case v == nil:
		var ended error
		if err != nil {
			ended = *err
		}
		s.Close(CloseStatus(ended))
	case v == any(http.ErrAbortHandler):
		s.close(codeAbnormal, "", outcomeAborted)
		panic(v)
	default:
		fault := pairlog.Recovered(v)
		s.Panicked(fault)
		s.close(codeAbnormal, "", outcomePanic)
		panic(pairlog.AsLogged(s.ctx, fault))
	}
}

// Panicked writes panic_recovered and ws_error, with what the flight recorder
// holds before them, about a panic that was recovered while the socket was served:
// err is what [pairlog.Recovered] made of it. Attrs are what else is known, such as
// the endpoint; they are on panic_recovered. An error that has its line already
// gets no ws_error. The socket's ws_disconnected will say "outcome":"panic", at
// ERROR. It is for goroutines that recover their own panics; handlers defer
// [Socket.End].
func (s *Socket) Panicked(err error, attrs ...slog.Attr) {
	s.mu.Lock()
	s.panicked = true
	s.mu.Unlock()
	s.scope.Fail()
	pairlog.Log(s.ctx, s.config.Recover, pairlog.LevelCritical, pairlog.EventPanicRecovered,
		append([]slog.Attr{s.userID(), s.connection(), pairlog.Err(err)}, attrs...)...)
	if !pairlog.Logged(s.ctx, err) {
		s.Error(err)
	}
}

// Closing notes the close frame that this side is about to send: what the library
// says afterwards, to whoever reads, tells nothing of it. It writes no line. The
// first call counts.
func (s *Socket) Closing(code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing == nil {
		s.closing = &closeFrame{code, reason}
	}
}

// closeFrame is what a close frame says.
type closeFrame struct {
	code   int
	reason string
}

// Close writes ws_disconnected, once: later calls do nothing. Code and reason are
// those of the close frame that came in, see [CloseStatus]; if [Socket.Closing] was
// called, this side had closed before, and the line has what it said.
//
// Called by a deferred function while the handler panics, or while its goroutine
// ends, the line says so in outcome, and 1000 is 1006: there was no error, and no
// close frame either. The panic itself has no line here, see [Socket.End].
func (s *Socket) Close(code int, reason string) {
	o := unwinding()
	if o != outcomeReturned && code == codeNormal {
		code = codeAbnormal
	}
	s.close(code, reason, o)
}

// outcome is how the handler ended, as ws_disconnected has it.
type outcome string

const (
	outcomeReturned outcome = ""        // has no member
	outcomePanic    outcome = "panic"   // as on an http_request line
	outcomeAborted  outcome = "aborted" // by http.ErrAbortHandler or runtime.Goexit
)

// level returns the level of a socket that ended like this, at least.
func (o outcome) level(l slog.Level) slog.Level {
	switch o {
	case outcomePanic:
		return max(l, slog.LevelError)
	case outcomeAborted:
		return max(l, slog.LevelWarn)
	}
	return l
}

// unwinding returns what the caller's goroutine is unwinding for. A function that
// is not deferred itself cannot ask recover.
func unwinding() outcome {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		switch f.Function {
		case "runtime.gopanic":
			return outcomePanic
		case "runtime.Goexit":
			return outcomeAborted
		}
		if !more {
			return outcomeReturned
		}
	}
}

// close is Close for a known outcome.
func (s *Socket) close(code int, reason string, o outcome) {
	s.mu.Lock()
	again, own, refused := s.closed, s.closing, s.refused
	if s.panicked {
		o = outcomePanic
	}
	s.closed = true
	s.mu.Unlock()
	if again {
		return
	}
	if own != nil {
		code, reason = own.code, own.reason
	}
	if o == outcomePanic {
		s.scope.Fail()
	}
	life := s.config.Now().Sub(s.start)
	attrs := append(make([]slog.Attr, 0, 16), s.userID(), s.connection(),
		slog.Int("close_code", code),
		slog.Float64("duration_s", round(life.Seconds())),
		slog.Int64("messages_in", s.in.Load()),
		slog.Int64("messages_out", s.out.Load()),
		slog.String("close_class", ClassOf(code)),
		slog.Int64("bytes_in", s.bytesIn.Load()),
		slog.Int64("bytes_out", s.bytesOut.Load()),
		slog.Float64("idle_s", round((life-time.Duration(s.lastFrame.Load())).Seconds())))
	if refused > 0 {
		attrs = append(attrs, slog.Int("rate_limited", refused))
	}
	if reason != "" {
		attrs = append(attrs, slog.String("close_reason", reason))
	}
	if o != outcomeReturned {
		attrs = append(attrs, slog.String("outcome", string(o)))
	}
	s.Log(o.level(s.config.LevelOf(code)), "ws_disconnected", s.scope.Gathered(attrs)...)
}
