package pairlog_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/pairly/pairlog"

// mayImport is the import rule, and the diagram of it: for each package, by
// its folder, the folders of this repository that it may import. A folder
// ending in /... stands for all below it. A package that has no entry takes
// the entry of the longest prefix ending in /..., and one without either fails
// the test: a new package states its place here.
var mayImport = map[string][]string{
	// The library, from the bottom up.
	"redact":            {},
	"internal/encode":   {"redact"},
	"internal/planted":  {}, // for tests: texts with secrets in them
	"internal/callsite": {},
	"internal/durable":  {},
	"internal/queue":    {"internal/durable"},
	"sink":              {"internal/durable", "internal/seal"},
	"sink/sinktest":     {"sink"},
	"internal/seal":     {},
	"internal/record":   {"internal/seal"},
	".":                 {"redact", "internal/encode", "internal/queue", "internal/durable", "sink"},
	"logtest":           {".", "redact", "sink"},

	// Instrumentation: the root, and nothing below it.
	"httplog":               {".", "redact"}, // a captured text is not cut within a secret
	"httplog/httplogtest":   {".", "httplog"},
	"wslog":                 {"."},
	"sqllog":                {".", "internal/callsite"},
	"joblog":                {"."},
	"audit":                 {"internal/durable"}, // never the root: evidence is not sampled or dropped
	"internal/query":        {"internal/record"},
	"internal/tail":         {"internal/record"},
	"internal/alert":        {"internal/record", "internal/query"},
	"console":               {"internal/query", "internal/tail", "internal/alert"},
	"cmd/...":               {".", "redact", "sink", "internal/...", "console", "audit", "cmd/..."},
	"contrib/...":           {".", "redact", "sink", "httplog", "sqllog", "internal/callsite"},
	"contrib/stripecalls":   {".", "httplog", "contrib/stripelog"},
	"bench/...":             {".", "redact", "sink", "httplog", "httplog/httplogtest", "wslog", "sqllog", "joblog", "contrib/...", "bench/..."},
	"pairly":                {},
	"pairly/service/...":    {"pairly", "pairly/service/internal/..."},
	"pairly/store":          {"pairly"},
	"pairly/store/...":      {"pairly", "pairly/store"},
	"pairly/cache":          {"pairly"},
	"pairly/provider/...":   {"pairly", "httplog"},
	"pairly/api":            {"pairly", "pairly/service/...", "pairly/realtime", ".", "httplog"},
	"pairly/realtime":       {"pairly", "pairly/service/...", ".", "wslog"},
	"pairly/worker/...":     {"pairly", "pairly/service/...", ".", "joblog"},
	"pairly/cmd/...":        {".", "redact", "sink", "httplog", "wslog", "sqllog", "joblog", "contrib/...", "pairly", "pairly/..."},
	"pairly/pairlytest":     {".", "redact", "pairly", "pairly/..."},
	"pairly/pairlytest/...": {".", "redact", "pairly", "pairly/..."},
}

// mayDependOn lists the packages outside this repository and the standard
// library that the root module may import, and where: a user of the log path
// takes on no dependency but x/sys.
var mayDependOn = map[string][]string{
	".":                {"golang.org/x/sys"},
	"internal/queue":   {"golang.org/x/sys"},
	"internal/durable": {"golang.org/x/sys"},
	"internal/seal":    {"filippo.io/age", "github.com/klauspost/compress"},
	"internal/record":  {"filippo.io/age", "github.com/klauspost/compress"},
	"sink":             {"golang.org/x/sys", "github.com/klauspost/compress", "filippo.io/age"},
	"audit":            {"golang.org/x/mod", "github.com/google/uuid"},
}

// serviceOrder says which services a service may call: downwards only.
var serviceOrder = map[string][]string{
	"pairly/service/message": {"pairly/service/credit", "pairly/service/moderation", "pairly/service/socketlimit"},
	"pairly/service/profile": {"pairly/service/moderation"},
	"pairly/service/call":    {"pairly/service/credit"},
	"pairly/service/payment": {"pairly/service/credit"},
	"pairly/service/match":   {"pairly/service/credit"},
	"pairly/service/auth":    {"pairly/service/token", "pairly/service/guard", "pairly/service/fingerprint"},
}

func TestImportRule(t *testing.T) {
	packages := 0
	for dir, imports := range importsByFolder(t) {
		packages++
		allowed, ok := ruleFor(dir)
		if !ok {
			t.Errorf("%s has no place in the import map", dir)
			continue
		}
		allowed = append(slices.Clone(allowed), serviceOrder[dir]...)
		for _, imp := range imports {
			inside, own := strings.CutPrefix(imp, module)
			switch {
			case own:
				to := strings.TrimPrefix(inside, "/")
				if to == "" {
					to = "."
				}
				if !matches(allowed, to) {
					t.Errorf("%s imports %s: the import map allows %v", dir, to, allowed)
				}
			case strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") && inRootModule(dir):
				if !slices.ContainsFunc(mayDependOn[dir], func(p string) bool { return imp == p || strings.HasPrefix(imp, p+"/") }) {
					t.Errorf("%s imports %s: the root module's dependencies there are %v", dir, imp, mayDependOn[dir])
				}
			}
		}
	}
	if packages < 10 {
		t.Errorf("read %d packages, want all of the repository", packages)
	}
}

// importsByFolder parses the non-test files of every package of the
// repository.
func importsByFolder(t *testing.T) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(filepath.ToSlash(name))
		if d.IsDir() {
			if base == "testdata" || base == "pairly-data" || (name != "." && strings.HasPrefix(base, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := path.Dir(filepath.ToSlash(name))
		found[dir] = slices.Clip(found[dir])
		for _, spec := range f.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[dir] = append(found[dir], imp)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func ruleFor(dir string) ([]string, bool) {
	if rule, ok := mayImport[dir]; ok {
		return rule, true
	}
	for prefix := dir; prefix != "."; prefix = path.Dir(prefix) {
		if rule, ok := mayImport[prefix+"/..."]; ok {
			return rule, true
		}
	}
	return nil, false
}

func matches(allowed []string, dir string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		if p, below := strings.CutSuffix(a, "/..."); below {
			return dir == p || strings.HasPrefix(dir, p+"/")
		}
		return a == dir
	})
}

func inRootModule(dir string) bool {
	for _, m := range []string{"cmd", "contrib", "bench", "pairly"} {
		if dir == m || strings.HasPrefix(dir, m+"/") {
			return false
		}
	}
	return true
}
