package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestFields wants a table of settings to have one row for each exported field of
// the struct that its marker names:
//
//	<!-- fields: sqllog Config -->
func TestFields(t *testing.T) {
	tables := 0
	for _, page := range pages(t) {
		marker := ""
		var rows []string
		for _, line := range append(strings.Split(read(t, page), "\n"), "") {
			if m, ok := strings.CutPrefix(line, "<!-- fields: "); ok {
				marker, rows = strings.TrimSuffix(m, " -->"), nil
				continue
			}
			if marker == "" {
				continue
			}
			if strings.HasPrefix(line, "|") {
				first, _, _ := strings.Cut(line[1:], "|")
				for _, name := range codes.FindAllStringSubmatch(first, -1) {
					rows = append(rows, name[1])
				}
				continue
			}
			if len(rows) == 0 {
				continue
			}
			tables++
			dir, name, _ := strings.Cut(marker, " ")
			marker = ""
			want, got := fields(t, dir, name), slices.Sorted(slices.Values(rows))
			if !slices.Equal(got, want) {
				t.Errorf("%s: the table of %s.%s has %v, want %v", page, dir, name, got, want)
			}
		}
	}
	if tables < 8 {
		t.Errorf("found %d tables of settings, want one on each page", tables)
	}
}

var codes = regexp.MustCompile("`([^`]+)`")

// fields returns the exported fields of a struct, sorted.
func fields(t *testing.T, dir, name string) []string {
	t.Helper()
	var names []string
	for _, file := range parseDir(t, dir) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != name {
				return true
			}
			for _, f := range spec.Type.(*ast.StructType).Fields.List {
				for _, id := range f.Names {
					if id.IsExported() {
						names = append(names, id.Name)
					}
				}
			}
			return false
		})
	}
	if len(names) == 0 {
		t.Errorf("%s has no struct %s", dir, name)
	}
	slices.Sort(names)
	return names
}

// parseDir parses the files of a folder that are no tests.
func parseDir(t *testing.T, dir string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// literals returns the text of all string literals in a folder's files.
func literals(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	for _, file := range parseDir(t, dir) {
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					all = append(all, s)
				}
			}
			return true
		})
	}
	return all
}

// TestVariables wants the README to have every variable that FromEnv reads, and no
// other, and Pairly to tell at its start which of them are set.
func TestVariables(t *testing.T) {
	variable := regexp.MustCompile(`^LOG_[A-Z_]+$`)
	want := map[string]bool{}
	for _, s := range literals(t, ".") {
		if variable.MatchString(s) {
			want[s] = true
		}
	}
	known := literals(t, "pairly/cmd/pairly")
	for name := range want {
		if !slices.Contains(known, name) {
			t.Errorf("app_starting of Pairly does not tell whether %s is set", name)
		}
	}
	got := map[string]bool{}
	for _, row := range strings.Split(read(t, filepath.Join(root, "README.md")), "\n") {
		if first, _, ok := strings.Cut(strings.TrimPrefix(row, "| `"), " |"); ok && strings.HasPrefix(row, "| `LOG_") {
			for _, name := range regexp.MustCompile(`LOG_[A-Z_]+`).FindAllString(first, -1) {
				got[name] = true
			}
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("README has the variables %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

// TestTree wants the tree of ARCHITECTURE.md to have a line for every package, or
// one that ends in /… for all in a folder, and no other.
func TestTree(t *testing.T) {
	_, tree, _ := strings.Cut(read(t, "ARCHITECTURE.md"), "## The tree")
	tree, _, _ = strings.Cut(tree, "## One log call")
	told := map[string]bool{}
	var folders []string
	for _, line := range strings.Split(tree, "\n") {
		dir, _, found := strings.Cut(line, "  ")
		if !found || dir == "" {
			continue
		}
		folder, all := strings.CutSuffix(dir, "/…")
		if told[folder] = true; all {
			folders = append(folders, folder+"/")
		}
		if _, err := os.Stat(filepath.Join(root, folder)); err != nil {
			t.Errorf("the tree has %s, which is not there", dir)
		}
	}
	for _, dir := range packages(t) {
		inFolder := slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(dir, f) })
		if !told[dir] && !inFolder {
			t.Errorf("the tree has no line for %s", dir)
		}
	}
}

// packages returns the folders of the repository that hold code besides tests.
func packages(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (name[0] == '.' || name == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			dir, err := filepath.Rel(root, filepath.Dir(path))
			dirs = append(dirs, filepath.ToSlash(dir))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// TestLinks wants what a page links to, inside the repository, to be there.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)]+)\)`)
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(prose(read(t, page)), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(read(t, path)), anchor) {
				t.Errorf("%s links to %s: no such heading", page, m[1])
			}
		}
	}
}

// prose returns a page without its fenced blocks.
func prose(page string) string {
	var b strings.Builder
	fenced := false
	for _, line := range strings.Split(page, "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		} else if !fenced {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// anchors returns what the headings of a page are called in links.
func anchors(page string) []string {
	var all []string
	for _, line := range strings.Split(prose(page), "\n") {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		heading := strings.ToLower(strings.TrimLeft(line, "# "))
		all = append(all, strings.ReplaceAll(regexp.MustCompile("[^a-z0-9 _-]").ReplaceAllString(heading, ""), " ", "-"))
	}
	return all
}
