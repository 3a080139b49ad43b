package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestService(t *testing.T) {
	defer func(g []serviceGoal) { serviceGoals = g }(serviceGoals)
	serviceGoals = []serviceGoal{{"a", "login", 5}, {"a", "list", 5}, {"a", "feed", 5}, {"b", "login", 1}}
	var b strings.Builder
	for name, cost := range map[string]float64{"login": 4, "list": 6, "feed": 9} {
		fmt.Fprintf(&b, "BenchmarkOverhead/a/%s-2 1 %g rps-cost-%% %g rps-cost-low-%% %g rps-cost-high-%% 1000 bare-req/s\n", name, cost, cost-3, cost+3)
	}
	path := filepath.Join(t.TempDir(), "service.txt")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	failed, err := service(&out, []string{path})
	if err != nil {
		t.Fatal(err)
	}
	if failed != 2 {
		t.Errorf("%d goals failed, want 2: feed, and login of b", failed)
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"a login 1000 0 4.0 1.0…7.0 5 met", "a list 1000 0 6.0 3.0…9.0 5 within noise", "9.0 6.0…12.0 5 MISSED", "b login - - - - 1 not measured"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
