package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestAdditions(t *testing.T) {
	defer func(g []goal, a []addition) { goals, additions = g, a }(goals, additions)
	goals = nil
	additions = []addition{
		{scenario: "A", ours: "us", bare: "bare", atMost: 120}, // processor times are half of these
		{scenario: "A", ours: "others", bare: "bare", atMost: 0},
		{scenario: "B", ours: "us", bare: "bare", atMost: 120},
		{scenario: "C", ours: "us", bare: "", atMost: 30},
		{scenario: "D", ours: "us", bare: "bare", atMost: 120},
		{scenario: "B", ours: "us", bare: "bare", atMost: 120, bound: "of a reason", ceiling: 160},
	}
	path := results(t, map[string]float64{
		"A/us": 1200, "A/others": 3000, "A/bare": 1000, "B/us": 1300, "B/bare": 1000, "C/us": 40, "D/us": 1,
	})
	var out bytes.Buffer
	failed, err := run(&out, []string{path})
	if err != nil {
		t.Fatal(err)
	}
	if failed != 2 {
		t.Errorf("%d goals failed, want 2: B and D", failed)
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"A us 600.0 100.0 120 met", "A others 1500.0 1000.0 - ", "B us 650.0 150.0 120 MISSED", "C us 20.0 20.0 30 met", "B us 650.0 150.0 120 missed: of a reason", "D us - - 120 not measured",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
