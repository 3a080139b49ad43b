package docs_test

import (
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEvents wants LOG_ANALYSIS.md to explain every event that the tests of Pairly
// know, with its levels, and every event that the log has about itself.
func TestEvents(t *testing.T) {
	row := regexp.MustCompile("^\\| `([a-z0-9_]+)` \\| ([A-Z, ]+) \\| (.+) \\|$")
	got := map[string]string{}
	for _, line := range strings.Split(read(t, "LOG_ANALYSIS.md"), "\n") {
		m := row.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if _, twice := got[m[1]]; twice {
			t.Errorf("%s is explained twice", m[1])
		}
		got[m[1]] = m[2]
	}
	want := map[string]string{}
	for event, text := range table(t, "catalogue") {
		want[event] = strings.ReplaceAll(strings.Fields(text)[1], "|", ", ")
	}
	for event, text := range table(t, "audits") {
		if level := strings.Fields(text)[1]; want[event] == "" {
			want[event] = level
		} else if want[event] != level {
			t.Errorf("%s is an event at %s and an audit event at %s: the page must tell them apart", event, want[event], level)
		}
	}
	own := ownEvents(t)
	if len(want) < 80 || len(own) < 12 {
		t.Fatalf("found %d events of Pairly and %d of the log itself, want all", len(want), len(own))
	}
	for _, event := range slices.Sorted(maps.Keys(want)) {
		if got[event] != want[event] {
			t.Errorf("%s is explained as %q, want %q", event, got[event], want[event])
		}
	}
	for _, event := range own {
		if got[event] == "" {
			t.Errorf("%s, which the log says about itself, is not explained", event)
		}
	}
	for _, m := range regexp.MustCompile(`\.event == "([a-z0-9_]+)"`).FindAllStringSubmatch(read(t, "LOG_ANALYSIS.md"), -1) {
		if got[m[1]] == "" {
			t.Errorf("a recipe looks for %s, which is not explained", m[1])
		}
	}
	for _, event := range slices.Sorted(maps.Keys(got)) {
		if want[event] == "" && !slices.Contains(own, event) && !slices.Contains(besides, event) {
			t.Errorf("%s is explained and does not exist", event)
		}
	}
}

// besides are events of the library's instrumentation that Pairly does not write.
var besides = []string{
	"external_api_attempt", "job_enqueue_failed", "slow_batch", "redis_driver_message",
}

// table returns a map of strings that catalogue.go of Pairly's tests has.
func table(t *testing.T, name string) map[string]string {
	t.Helper()
	entries := map[string]string{}
	for _, file := range parseDir(t, "pairly/pairlytest") {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Names[0].Name != name {
				return true
			}
			for _, e := range spec.Values[0].(*ast.CompositeLit).Elts {
				kv := e.(*ast.KeyValueExpr)
				entries[unquote(t, kv.Key)] = unquote(t, kv.Value)
			}
			return false
		})
	}
	return entries
}

func unquote(t *testing.T, e ast.Expr) string {
	t.Helper()
	s, err := strconv.Unquote(e.(*ast.BasicLit).Value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ownEvents returns the values of the constants Event… with which the pipeline,
// its queue and its sinks speak about themselves.
func ownEvents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, dir := range []string{".", "internal/queue", "sink"} {
		for _, file := range parseDir(t, dir) {
			ast.Inspect(file, func(n ast.Node) bool {
				decl, ok := n.(*ast.GenDecl)
				if !ok || decl.Tok != token.CONST {
					return true
				}
				for _, s := range decl.Specs {
					spec := s.(*ast.ValueSpec)
					if len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, "Event") {
						if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
							// The queue's degradation is told as that of a sink.
							if event := unquote(t, lit); strings.HasPrefix(event, "log_") && event != "log_queue_degraded" {
								all = append(all, event)
							}
						}
					}
				}
				return false
			})
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
