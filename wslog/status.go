package wslog

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"reflect"
)

// Codes of RFC 6455, section 7.4.1, that this package names.
const (
	codeNormal    = 1000
	codeGoingAway = 1001
	codeNoStatus  = 1005
	codeAbnormal  = 1006
)

// ClassOf names the kind of a close code: normal (1000, 1005), going_away (1001),
// abnormal (1006: the connection was lost), application (4000 to 4999, the
// service's own), protocol for the rest.
func ClassOf(code int) string {
	switch {
	case code == codeNormal, code == codeNoStatus:
		return "normal"
	case code == codeGoingAway:
		return "going_away"
	case code == codeAbnormal:
		return "abnormal"
	case 4000 <= code && code <= 4999:
		return "application"
	}
	return "protocol"
}

// LevelOf returns INFO for sockets that ended as they should, or for a reason of
// the service's own, which has its own line; WARNING for a lost connection;
// ERROR for a protocol error, on whichever side.
func LevelOf(code int) slog.Level {
	switch ClassOf(code) {
	case "normal", "going_away", "application":
		return slog.LevelInfo
	case "abnormal":
		return slog.LevelWarn
	}
	return slog.LevelError
}

// CloseStatus returns the code and the reason of the close frame that an error of
// a WebSocket library tells of: coder/websocket's CloseError and gorilla's are
// found anywhere in the chain, without importing either. A nil error is a normal
// close. Where this side has ended the connection, by closing it or by its context,
// no frame tells of a code: that is 1005, and [Socket.Closing] knows better. Any
// other error is a lost connection, 1006.
func CloseStatus(err error) (code int, reason string) {
	if err == nil {
		return codeNormal, ""
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		v := reflect.ValueOf(e)
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct || v.Type().Name() != "CloseError" {
			continue
		}
		c := v.FieldByName("Code")
		if !c.IsValid() || !c.CanInt() {
			continue
		}
		for _, name := range []string{"Reason", "Text"} {
			if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
				reason = f.String()
			}
		}
		return int(c.Int()), reason
	}
	if errors.Is(err, net.ErrClosed) || errors.Is(err, context.Canceled) {
		return codeNoStatus, ""
	}
	return codeAbnormal, ""
}
