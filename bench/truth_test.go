package bench

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	chihttplog "github.com/go-chi/httplog/v3"
	sloghttp "github.com/samber/slog-http"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/httplog/httplogtest"
)

var updateTruth = flag.Bool("update-truth", false, "write results/truth.md")

// truthSubjects are the middlewares that are held against what clients see,
// each set up as its documentation says, with its own recovery of panics.
func truthSubjects(t *testing.T) (names []string, subjects []httplogtest.Subject) {
	var p *pairlog.Pipeline
	add := func(name string, s httplogtest.Subject) { names, subjects = append(names, name), append(subjects, s) }
	add("pairlog", httplogtest.Subject{
		Wrap: func(w io.Writer) func(http.Handler) http.Handler {
			p = open(w)
			t.Cleanup(func() { closePipeline(p) })
			return httplog.Middleware(httplog.Config{Logger: p.Logger("api.request")})
		},
		Flush: func() { p.Flush(t.Context()) },
		Parse: httplogtest.JSONLines("http_request", "event", "status_code", "level"),
	})
	add("chi httplog v3", httplogtest.Subject{
		Wrap: func(w io.Writer) func(http.Handler) http.Handler {
			schema := chihttplog.SchemaECS
			l := slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: schema.ReplaceAttr}))
			return chihttplog.RequestLogger(l, &chihttplog.Options{Level: slog.LevelInfo, Schema: schema, RecoverPanics: true})
		},
		Parse: httplogtest.JSONLines("", "", "http.response.status_code", "log.level"),
	})
	add("slog-http + Recovery", httplogtest.Subject{
		Wrap: func(w io.Writer) func(http.Handler) http.Handler {
			mw := sloghttp.New(slog.New(slog.NewJSONHandler(w, nil)))
			return func(next http.Handler) http.Handler { return mw(sloghttp.Recovery(next)) }
		},
		Parse: httplogtest.JSONLines("", "", "response.status", "level"),
	})
	return names, subjects
}

// TestTruth fails when pairlog is wrong in a row of the truth table. With
// -update-truth it writes the table of all.
func TestTruth(t *testing.T) {
	names, subjects := truthSubjects(t)
	results := make([][]httplogtest.Result, len(subjects))
	for i, s := range subjects {
		if i > 0 && !*updateTruth {
			break
		}
		results[i] = httplogtest.Run(s)
	}
	for _, r := range results[0] {
		for _, bad := range r.Bad {
			t.Errorf("%s: %s", r.Row, bad)
		}
	}
	if !*updateTruth {
		return
	}
	var b strings.Builder
	b.WriteString("What each middleware logged, held against what the client saw, by package\nhttplogtest. `!` marks what is wrong. Made by `go test -run TestTruth -update-truth`.\n\n| scenario (right) |")
	for _, name := range names {
		b.WriteString(" " + name + " |")
	}
	b.WriteString("\n|---" + strings.Repeat("|---", len(names)) + "|\n")
	for row := range results[0] {
		fmt.Fprintf(&b, "| %s (%s) |", results[0][row].Row, results[0][row].Want)
		for i := range names {
			r, mark := results[i][row], ""
			if len(r.Bad) > 0 {
				mark = "! "
			}
			fmt.Fprintf(&b, " %s%s |", mark, r.Got)
		}
		b.WriteString("\n")
	}
	if err := os.WriteFile("results/truth.md", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
