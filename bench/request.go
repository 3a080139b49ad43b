package bench

import (
	"io"
	"log/slog"
	"net/http"
	"time"

	chihttplog "github.com/go-chi/httplog/v3"
	sloghttp "github.com/samber/slog-http"

	"github.com/pairly/pairlog/httplog"
)

// A middlewareRival logs requests; wrap returns the logged handler and what
// flushes its logger.
type middlewareRival struct {
	name string
	wrap func(w io.Writer, next http.Handler) (http.Handler, func())
}

// middlewares are the request loggers that are compared. "none" is the handler
// alone, "hand-written" what people write themselves: one slog line with
// method, path, status, duration and size.
var middlewares = []middlewareRival{
	{"none", func(_ io.Writer, next http.Handler) (http.Handler, func()) { return next, func() {} }},
	{"pairlog", wrapPairlog},
	{"hand-written", wrapByHand},
	{"chi-httplog", func(w io.Writer, next http.Handler) (http.Handler, func()) {
		l := slog.New(slog.NewJSONHandler(w, nil))
		return chihttplog.RequestLogger(l, &chihttplog.Options{Level: slog.LevelInfo, RecoverPanics: true})(next), func() {}
	}},
	{"slog-http", func(w io.Writer, next http.Handler) (http.Handler, func()) {
		return sloghttp.New(slog.New(slog.NewJSONHandler(w, nil)))(next), func() {}
	}},
}

func wrapPairlog(w io.Writer, next http.Handler) (http.Handler, func()) {
	p := open(w)
	return httplog.Middleware(httplog.Config{Logger: p.Logger(scopedLogger)})(next), func() { closePipeline(p) }
}

func wrapByHand(w io.Writer, next http.Handler) (http.Handler, func()) {
	l := slog.New(slog.NewJSONHandler(w, nil))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &countingWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		l.LogAttrs(r.Context(), slog.LevelInfo, eventName,
			slog.String("method", r.Method), slog.String("path", r.URL.Path),
			slog.Int("status_code", rec.status),
			slog.Float64("duration_ms", float64(time.Since(start))/1e6),
			slog.Int("response_size_bytes", rec.size))
	}), func() {}
}

// countingWriter is the wrapper that hand-written middleware has: it hides
// Flusher and the like.
type countingWriter struct {
	http.ResponseWriter
	status, size int
}

func (w *countingWriter) WriteHeader(code int) { w.status = code; w.ResponseWriter.WriteHeader(code) }

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.size += n
	return n, err
}
