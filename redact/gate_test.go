package redact_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// corpusEnv names the folder of the third-party corpus. It is not part of the
// repository: each of its lines belongs to the project it was taken from.
const corpusEnv = "PAIRLOG_REDACT_CORPUS"

type corpusLine struct {
	Kind     string   `json:"kind"`
	Text     string   `json:"text"`
	Secret   string   `json:"secret"`
	Secrets  []string `json:"secrets"`
	Positive bool     `json:"positive"`
	Corpus   string   `json:"corpus"`
}

func (l corpusLine) hash(file string) string {
	sum := sha256.Sum256([]byte(file + "\x00" + l.Text + "\x00" + l.Secret))
	return hex.EncodeToString(sum[:8])
}

func readCorpus(t *testing.T, name string) []corpusLine {
	t.Helper()
	dir := os.Getenv(corpusEnv)
	if dir == "" {
		t.Skip("set " + corpusEnv + " to the folder of the redaction corpus to run the gate")
	}
	f, err := os.Open(filepath.Join(dir, name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []corpusLine
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var l corpusLine
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			t.Fatalf("%s line %d: %v", name, len(lines)+1, err)
		}
		lines = append(lines, l)
	}
	return lines
}

// exclusions are lines that are wrongly labelled, by hash, with the reason.
func exclusions(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "gate-exclusions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m := make(map[string]string)
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var e struct{ File, Hash, Reason string }
		if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e.Reason == "" {
			t.Errorf("exclusion %s has no reason", e.Hash)
		}
		m[e.Hash] = e.Reason
	}
	return m
}

// score runs ok over a file, reports what failed and returns the share that
// passed, exclusions left out.
func score(t *testing.T, name string, ok func(corpusLine) bool) float64 {
	t.Helper()
	lines := readCorpus(t, name)
	excluded := exclusions(t)
	left, passed, total := 0, 0, 0
	byKind := map[string]int{}
	for _, l := range lines {
		if _, out := excluded[l.hash(name)]; out {
			left++
			continue
		}
		total++
		if ok(l) {
			passed++
			continue
		}
		byKind[l.Kind]++
		if os.Getenv("PAIRLOG_REDACT_VERBOSE") != "" {
			t.Logf("%s %s %s\n  in     %q\n  secret %q\n  out    %q", name, l.hash(name), l.Kind, l.Text, append(l.Secrets, l.Secret), maskOnly.String(l.Text))
		}
	}
	if max := 0.03 * float64(len(lines)); float64(left) > max {
		t.Errorf("%s: %d lines excluded, want at most %.0f", name, left, max)
	}
	kinds := make([]string, 0, len(byKind))
	for k := range byKind {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	t.Logf("%s: %d of %d passed, %d excluded, failed kinds %v", name, passed, total, left, kinds)
	return float64(passed) / float64(total)
}

var maskOnly, _ = redact.New(redact.Config{})

func TestGatePositiveCore(t *testing.T) {
	r := maskOnly
	got := score(t, "positive_core", func(l corpusLine) bool { return !strings.Contains(r.String(l.Text), l.Secret) })
	if got < 1 {
		t.Errorf("positive_core: %.2f%% redacted, want 100%%", got*100)
	}
}

func TestGatePositiveStretch(t *testing.T) {
	r := maskOnly
	got := score(t, "positive_stretch", func(l corpusLine) bool { return !strings.Contains(r.String(l.Text), l.Secret) })
	if got < 0.97 {
		t.Errorf("positive_stretch: %.2f%% redacted, want at least 97%%", got*100)
	}
}

func TestGatePositiveConditional(t *testing.T) {
	full, _ := redact.New(redact.Config{PII: redact.PIIFull})
	hash, err := redact.New(redact.Config{PII: redact.PIIHash, PIIKey: []byte(strings.Repeat("k", 32))})
	if err != nil {
		t.Fatal(err)
	}
	got := score(t, "positive_conditional", func(l corpusLine) bool {
		return !strings.Contains(maskOnly.String(l.Text), l.Secret) &&
			!strings.Contains(hash.String(l.Text), l.Secret) && strings.Contains(full.String(l.Text), l.Secret)
	})
	if got < 1 {
		t.Errorf("positive_conditional: %.2f%% follow the policy, want 100%%", got*100)
	}
}

func TestGateNegativeKeep(t *testing.T) {
	r, _ := redact.New(redact.Config{PII: redact.PIIFull})
	got := score(t, "negative_keep", func(l corpusLine) bool { return r.String(l.Text) == l.Text })
	if got < 0.998 {
		t.Errorf("negative_keep: %.2f%% unchanged, want at least 99.8%%", got*100)
	}
}

func TestGateKeys(t *testing.T) {
	got := score(t, "keys", func(l corpusLine) bool {
		return (maskOnly.Key(l.Text) != redact.ClassKeep) == l.Positive
	})
	if got < 1 {
		t.Errorf("keys: %.2f%% right, want 100%%", got*100)
	}
}

func TestGateDatadog(t *testing.T) {
	got := score(t, "datadog_scrubber_io", func(l corpusLine) bool {
		out := maskOnly.String(l.Text)
		for _, s := range l.Secrets {
			if strings.Contains(out, s) {
				return false
			}
		}
		return true
	})
	if got < 1 {
		t.Errorf("datadog_scrubber_io: %.2f%% redacted, want 100%%", got*100)
	}
}
