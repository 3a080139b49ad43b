package bench

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	chihttplog "github.com/go-chi/httplog/v3"
	"github.com/google/uuid"
	sloghttp "github.com/samber/slog-http"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
)

// A middlewareRival logs requests; wrap returns the logged handler and what
// flushes its logger.
type middlewareRival struct {
	name string
	wrap func(w io.Writer, next http.Handler) (http.Handler, func())
	// user is how a handler says who the user is, so that the line tells it; nil
	// where there is no way.
	user func(r *http.Request, id string)
}

// middlewares are the request loggers that are compared. "none" is the handler
// alone. Each of the others writes the request line with all that it offers of
// what pairlog's has, the user included.
//
// "hand-written" has every member of pairlog's line. "hand-written-5" is what
// people write who want a line and no more: method, path, status, duration and
// size, no request id, no address, no user.
var middlewares = []middlewareRival{
	{"none", func(_ io.Writer, next http.Handler) (http.Handler, func()) { return next, func() {} }, nil},
	{"pairlog", wrapPairlog, func(r *http.Request, id string) {
		pairlog.Add(r.Context(), slog.String(pairlog.KeyUserID, id))
	}},
	{"hand-written", wrapByHand, func(r *http.Request, id string) {
		if u, ok := r.Context().Value(userKey{}).(*string); ok {
			*u = id
		}
	}},
	{"hand-written-5", wrapByHandInShort, nil},
	{"chi-httplog", func(w io.Writer, next http.Handler) (http.Handler, func()) {
		schema := chihttplog.SchemaECS
		l := slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: schema.ReplaceAttr}))
		return chihttplog.RequestLogger(l, &chihttplog.Options{Level: slog.LevelInfo, Schema: schema, RecoverPanics: true})(next), func() {}
	}, func(r *http.Request, id string) {
		chihttplog.SetAttrs(r.Context(), slog.String("user_id", id))
	}},
	{"slog-http", func(w io.Writer, next http.Handler) (http.Handler, func()) {
		c := sloghttp.DefaultConfig()
		c.WithUserAgent = true
		return sloghttp.NewWithConfig(slog.New(slog.NewJSONHandler(w, nil)), c)(next), func() {}
	}, func(r *http.Request, id string) {
		sloghttp.AddContextAttributes(r.Context(), slog.String("user_id", id))
	}},
}

func wrapPairlog(w io.Writer, next http.Handler) (http.Handler, func()) {
	p := open(w)
	return httplog.Middleware(httplog.Config{Logger: p.Logger(scopedLogger)})(next), func() { closePipeline(p) }
}

type userKey struct{}

func wrapByHand(w io.Writer, next http.Handler) (http.Handler, func()) {
	l := slog.New(slog.NewJSONHandler(w, nil))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &countingWriter{ResponseWriter: w, status: http.StatusOK, start: time.Now()}
		id := r.Header.Get("X-Request-ID")
		if id == "" {
			id = uuid.NewString()
		}
		w.Header().Set("X-Request-ID", id)
		user := new(string)
		r = r.WithContext(context.WithValue(r.Context(), userKey{}, user))
		next.ServeHTTP(rec, r)

		query := r.URL.Query()
		params := make([]slog.Attr, 0, len(query))
		for name, values := range query {
			params = append(params, slog.String(name, values[0]))
		}
		ip, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			ip = r.RemoteAddr
		}
		l.LogAttrs(r.Context(), slog.LevelInfo, eventName,
			slog.String("request_id", id),
			slog.String("method", r.Method),
			slog.String("path", r.URL.Path),
			slog.Attr{Key: "query_params", Value: slog.GroupValue(params...)},
			slog.String("client_ip", ip),
			slog.String("user_agent", r.UserAgent()),
			slog.String("user_id", *user),
			slog.Int("status_code", rec.status),
			slog.Float64("duration_ms", milliseconds(time.Since(rec.start))),
			slog.Int("response_size_bytes", rec.size),
			slog.String("route", r.Pattern),
			slog.String("protocol", r.Proto),
			slog.Float64("ttfb_ms", milliseconds(rec.firstByte)))
	}), func() {}
}

func wrapByHandInShort(w io.Writer, next http.Handler) (http.Handler, func()) {
	l := slog.New(slog.NewJSONHandler(w, nil))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &shortWriter{ResponseWriter: w, status: http.StatusOK}
		start := time.Now()
		next.ServeHTTP(rec, r)
		l.LogAttrs(r.Context(), slog.LevelInfo, eventName,
			slog.String("method", r.Method), slog.String("path", r.URL.Path),
			slog.Int("status_code", rec.status),
			slog.Float64("duration_ms", float64(time.Since(start))/1e6),
			slog.Int("response_size_bytes", rec.size))
	}), func() {}
}

// framed is what middleware has to do before it logs anything: the request
// gets a context with an object of its own, the writer a wrapper that keeps the
// status, the answer the id, and the clock is read three times. One allocation
// for all, as in pairlog: what is left of pairlog's cost is ids, scope, outcome.
type framed struct{ next http.Handler }

func (h framed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := &frame{Context: r.Context()}
	f.rec.ResponseWriter, f.rec.status, f.rec.start = w, http.StatusOK, time.Now()
	f.r = *r.WithContext(f)
	if ids := r.Header["X-Request-Id"]; len(ids) == 1 {
		f.id[0] = ids[0]
	}
	w.Header()["X-Request-Id"] = f.id[:]
	h.next.ServeHTTP(&f.rec, &f.r)
	f.took = time.Since(f.rec.start)
}

type frame struct {
	context.Context
	r    http.Request
	rec  countingWriter
	id   [1]string
	took time.Duration
}

func (f *frame) Value(key any) any {
	if key == (userKey{}) {
		return f
	}
	return f.Context.Value(key)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// countingWriter is the wrapper that hand-written middleware has: it hides
// Flusher and the like.
type countingWriter struct {
	http.ResponseWriter
	status, size int
	start        time.Time
	firstByte    time.Duration
}

func (w *countingWriter) WriteHeader(code int) {
	w.status = code
	w.began()
	w.ResponseWriter.WriteHeader(code)
}

func (w *countingWriter) Write(p []byte) (int, error) {
	w.began()
	n, err := w.ResponseWriter.Write(p)
	w.size += n
	return n, err
}

func (w *countingWriter) began() {
	if w.firstByte == 0 {
		w.firstByte = time.Since(w.start)
	}
}

// shortWriter is countingWriter without the time of the first byte.
type shortWriter struct {
	http.ResponseWriter
	status, size int
}

func (w *shortWriter) WriteHeader(code int) { w.status = code; w.ResponseWriter.WriteHeader(code) }

func (w *shortWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.size += n
	return n, err
}
