package awslog

import (
	"bufio"
	"log/slog"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/pairly/pairlog"
)

// appendRequest adds what may be said of a request, from its dump: the first line
// and, of the headers, the host and X-Amz-Target.
func appendRequest(a []slog.Attr, dump any) []slog.Attr {
	first, header, size := readDump(dump)
	method, rest, _ := strings.Cut(first, " ")
	if isMethod(method) {
		a = append(a, slog.String(pairlog.KeyMethod, method))
	}
	if host := header.Get("Host"); host != "" {
		a = append(a, slog.String("host", host))
	}
	target, _, _ := strings.Cut(rest, " ")
	if op := operationOf(target, header); op != nil {
		a = append(a, slog.Any("operation", op))
	}
	return append(a, slog.Int("size_bytes", size))
}

// operationOf returns the operation of a request: services of JSON name it in
// X-Amz-Target, S3 in the parameter x-id. Neither is a value of the caller's.
func operationOf(target string, header http.Header) any {
	if t := header.Get("X-Amz-Target"); t != "" {
		return name(t[strings.LastIndexByte(t, '.')+1:])
	}
	_, query, _ := strings.Cut(target, "?")
	for param := range strings.SplitSeq(query, "&") {
		if id, ok := strings.CutPrefix(param, "x-id="); ok {
			return name(id)
		}
	}
	return nil
}

// appendResponse adds what may be said of a response, from its dump.
func appendResponse(a []slog.Attr, dump any) []slog.Attr {
	first, header, size := readDump(dump)
	_, rest, _ := strings.Cut(first, " ")
	code, _, _ := strings.Cut(rest, " ")
	if status, err := strconv.Atoi(code); err == nil {
		a = append(a, slog.Int("status", status))
	}
	for _, key := range []string{"X-Amzn-Requestid", "X-Amz-Request-Id"} {
		if id := header.Get(key); id != "" && len(id) <= 64 {
			a = append(a, slog.String("provider_request_id", id))
			break
		}
	}
	return append(a, slog.Int("size_bytes", size))
}

// readDump reads the first line and the headers of a message of HTTP/1 as
// package httputil writes it, and returns its size. Headers that cannot be read are
// left out with those behind them.
func readDump(dump any) (first string, header http.Header, size int) {
	text, ok := dump.(string)
	if !ok {
		return "", nil, 0
	}
	r := textproto.NewReader(bufio.NewReader(strings.NewReader(text)))
	first, err := r.ReadLine()
	if err != nil {
		return "", nil, len(text)
	}
	// The error is of a dump that is cut, or is none: what was read counts.
	mime, _ := r.ReadMIMEHeader()
	return first, http.Header(mime), len(text)
}

func isMethod(s string) bool {
	return s != "" && len(s) <= 10 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
