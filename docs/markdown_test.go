// Package docs_test holds the documents to the code: what a page shows is what
// the program does. After a change,
//
//	go test ./docs -update
//
// copies the examples' code and output into the pages anew.
package docs_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "copy examples into the pages instead of comparing")

// root is the folder of the repository.
const root = ".."

// A block is a fenced block of a page.
type block struct {
	page   string
	line   int    // of the opening fence, from 1
	lang   string // go, sh, json, … or empty
	marker string // the comment right before it, such as "example: sqllog OpenDB"
	text   string
}

// pages returns the paths of all documents, the README and CONTRIBUTING among them.
func pages(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"} {
		paths = append(paths, filepath.Join(root, pattern))
	}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 20 {
		t.Fatalf("found %d pages, want all of the repository", len(paths))
	}
	return paths
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// blocks returns the fenced blocks of a page.
func blocks(t *testing.T, page string) []block {
	t.Helper()
	var all []block
	var open *block
	var text strings.Builder
	marker := ""
	for i, line := range strings.Split(read(t, page), "\n") {
		fence, fenced := strings.CutPrefix(line, "```")
		switch {
		case fenced && open == nil:
			open = &block{page: page, line: i + 1, lang: fence, marker: marker}
		case fenced:
			open.text = text.String()
			all = append(all, *open)
			open = nil
			text.Reset()
		case open != nil:
			text.WriteString(line + "\n")
		}
		if strings.TrimSpace(line) != "" {
			marker, _ = strings.CutPrefix(line, "<!-- ")
			marker, fenced = strings.CutSuffix(marker, " -->")
			if !fenced {
				marker = ""
			}
		}
	}
	if open != nil {
		t.Errorf("%s:%d: a block without an end", page, open.line)
	}
	return all
}

// replace puts text into the block that begins at a line of a page.
func (b block) replace(t *testing.T, text string) {
	t.Helper()
	lines := strings.Split(read(t, b.page), "\n")
	old := strings.Count(b.text, "\n")
	lines = slices.Replace(lines, b.line, b.line+old, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
	if err := os.WriteFile(b.page, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}
