package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// recipes runs the recipes of docs/LOG_ANALYSIS.md, one shell for all of them, on a log
// of the demo: each prints something, but for those of which the page says that they
// print nothing.
func recipes(t *testing.T, log string) {
	for _, program := range []string{"sh", "jq", "go"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the recipes need %s", program)
		}
	}
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "github.com/pairly/pairlog/cmd/pairlog")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	page, err := os.ReadFile(filepath.FromSlash("../../../docs/LOG_ANALYSIS.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```sh\n")
	script, ran := "less() { cat; }\nset -e\n", 0
	for i, block := range blocks[1:] {
		code, _, ok := strings.Cut(block, "\n```")
		switch {
		case !ok || !strings.Contains(code, "$LOG"):
			continue // the path in production, files of somebody else
		case strings.Contains(code, "key.txt"):
			continue // sealed files
		}
		ran++
		silent := strings.HasSuffix(strings.TrimSpace(blocks[i]), "prints nothing here:")
		run := exec.CommandContext(t.Context(), "sh", "-c", script+code)
		run.Env = append(os.Environ(), "LOG="+log, "TZ=UTC", "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		var out, errs bytes.Buffer
		run.Stdout, run.Stderr = &out, &errs
		if err := run.Run(); err != nil || errs.Len() > 0 || silent != (strings.TrimSpace(out.String()) == "") {
			t.Errorf("%s\n%v, printed %q, on standard error %q; want output: %v", code, err, out.String(), errs.String(), !silent)
		}
	}
	if ran < 15 {
		t.Errorf("ran %d recipes, want those of the page", ran)
	}
}
