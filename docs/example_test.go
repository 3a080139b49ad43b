package docs_test

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExamples holds the blocks that have a marker to what they are copied from:
//
//	<!-- example: sqllog OpenDB -->    the body of ExampleOpenDB in folder sqllog
//	<!-- output: sqllog OpenDB -->     its output
//	<!-- code: pairly/store/tx.go InTx -->   a function, method or type, whole
//
// An Example without a name is called Example.
func TestExamples(t *testing.T) {
	copied := 0
	for _, page := range pages(t) {
		for i := range blocks(t, page) {
			b := blocks(t, page)[i] // anew: an update moves the lines
			kind, where, ok := strings.Cut(b.marker, ": ")
			if !ok {
				continue
			}
			dir, name, _ := strings.Cut(where, " ")
			var want string
			var err error
			switch kind {
			case "example":
				want, _, err = example(dir, name)
			case "output":
				_, want, err = example(dir, name)
			case "code":
				want, err = declaration(dir, name)
			default:
				continue
			}
			if err != nil {
				t.Errorf("%s:%d: %v", page, b.line, err)
				continue
			}
			copied++
			switch {
			case b.text == want:
			case *update:
				b.replace(t, want)
			default:
				t.Errorf("%s:%d: the block is not what %s has; run: go test ./docs -update\ngot\n%s\nwant\n%s", page, b.line, b.marker, b.text, want)
			}
		}
	}
	if copied < 30 {
		t.Errorf("%d blocks are copied from code, want those of all pages", copied)
	}
}

// example returns the code and the output of an Example of a folder.
func example(dir, name string) (code, output string, err error) {
	if name != "Example" {
		name = "Example" + name
	}
	files, err := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
	if err != nil {
		return "", "", err
	}
	for _, path := range files {
		src, file, fset, err := parse(path)
		if err != nil {
			return "", "", err
		}
		f := find(file, name)
		if f == nil {
			continue
		}
		for _, c := range file.Comments {
			text := c.Text()
			if c.Pos() < f.Body.Lbrace || c.Pos() > f.Body.Rbrace || !strings.HasPrefix(text, "Output:") {
				continue
			}
			code := slice(src, fset, f.Body.Lbrace+1, c.Pos())
			return dedent(code), strings.TrimLeft(strings.TrimPrefix(text, "Output:"), " \n"), nil
		}
		return "", "", fmt.Errorf("%s of %s has no output: it does not run", name, path)
	}
	return "", "", fmt.Errorf("%s has no %s", dir, name)
}

// declaration returns a function, method or type with its comment.
func declaration(path, name string) (string, error) {
	src, file, fset, err := parse(filepath.Join(root, path))
	if err != nil {
		return "", err
	}
	for _, d := range file.Decls {
		var doc *ast.CommentGroup
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.Name != name {
				continue
			}
			doc = d.Doc
		case *ast.GenDecl:
			if spec, ok := d.Specs[0].(*ast.TypeSpec); !ok || spec.Name.Name != name {
				continue
			}
			doc = d.Doc
		}
		from := d.Pos()
		if doc != nil {
			from = doc.Pos()
		}
		return slice(src, fset, from, d.End()) + "\n", nil
	}
	return "", fmt.Errorf("%s has no %s", path, name)
}

func parse(path string) (src []byte, file *ast.File, fset *token.FileSet, err error) {
	src, err = os.ReadFile(path)
	if err != nil {
		return nil, nil, nil, err
	}
	fset = token.NewFileSet()
	file, err = parser.ParseFile(fset, path, src, parser.ParseComments)
	return src, file, fset, err
}

func find(file *ast.File, name string) *ast.FuncDecl {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == name {
			return f
		}
	}
	return nil
}

func slice(src []byte, fset *token.FileSet, from, to token.Pos) string {
	return string(src[fset.Position(from).Offset:fset.Position(to).Offset])
}

// dedent takes a function's indentation from its body.
func dedent(body string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.Trim(body, "\n\t "), "\n") {
		b.WriteString(strings.TrimPrefix(line, "\t") + "\n")
	}
	return b.String()
}

// TestCodeParses wants every block of Go to be Go as gofmt writes it: a file,
// declarations or statements.
func TestCodeParses(t *testing.T) {
	for _, page := range pages(t) {
		for _, b := range blocks(t, page) {
			if b.lang != "go" || strings.HasPrefix(b.marker, "code: ") || strings.HasPrefix(b.marker, "example: ") {
				continue
			}
			got, err := format.Source([]byte(b.text))
			if err != nil {
				t.Errorf("%s:%d: %v\n%s", page, b.line, err, b.text)
			} else if string(got) != b.text {
				t.Errorf("%s:%d: gofmt would write\n%s", page, b.line, got)
			}
		}
	}
}
