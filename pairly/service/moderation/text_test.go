package moderation_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/moderation"
)

func TestClassify(t *testing.T) {
	text := moderation.NewText()
	f := func(in string, score float64, categories ...string) {
		t.Helper()
		v, err := text.Classify(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		if v.Score != score || !slices.Equal(v.Categories, categories) || v.Engine != "keywords" {
			t.Errorf("Classify(%q) = %v %v by %q, want %v %v", in, v.Score, v.Categories, v.Engine, score, categories)
		}
	}
	f("", 0)
	f("Hi! How was your day? I went to Essex and Sussex.", 0)
	f("The class assassinated the analysis of cocktails", 0)

	f("are you naked", 0.55, "sexual")
	f("naked naked naked naked", 0.55, "sexual")
	f("are you horny and naked", 0.70, "sexual")
	f("horny, naked, orgasm", 0.90, "sexual")

	f("i will strangle you", 0.50, "violence")
	f("i will kill you and then murder them", 0.75, "violence")
	f("kill the lights, you look tired", 0)

	f("my kid is sick today", 0.75, "minors")
	f("you look young", 0.75, "minors")
	f("I am 15", 0.75, "minors")
	f("I am 45 years old", 0)
	f("I love my daughter", 0)
	f("child porn", 0.95, "minors", "sexual")
	f("jailbait", 0.95, "minors")
	f("naked teen", 0.95, "minors", "sexual")
	f("naked daughter", 0.95, "minors", "sexual")

	// minors before sexual before violence
	f("young, i will kill you", 0.75, "minors", "violence")
	f("naked, i will kill you, murder", 0.55, "sexual", "violence")
}

func TestClassifySeesThroughSpellings(t *testing.T) {
	text := moderation.NewText()
	for _, in := range []string{
		"NAKED", "n4k3d", "nak\u200bed", "nаkеd" /* Cyrillic a and e */, "ｎａｋｅｄ", "naaaaaked", "n a k e d", "n.a.k.e.d", "*naked*", "n@ked!", "na\u0301ked",
	} {
		if v, _ := text.Classify(context.Background(), in); v.Score != 0.55 {
			t.Errorf("Classify(%q).Score = %v, want 0.55", in, v.Score)
		}
	}
}

func TestVerdict(t *testing.T) {
	f := func(score float64, explicit, suspicious bool) {
		t.Helper()
		v := moderation.Verdict{Score: score}
		if v.Explicit() != explicit || v.Suspicious() != suspicious {
			t.Errorf("score %v: got explicit %v, suspicious %v, want %v, %v", score, v.Explicit(), v.Suspicious(), explicit, suspicious)
		}
	}
	f(0, false, false)
	f(0.49, false, false)
	f(0.50, false, true)
	f(0.84, false, true)
	f(0.85, true, false)
	f(1, true, false)

	err := error(moderation.Verdict{Score: 0.9, Categories: []string{"sexual"}}.Violation())
	e := (*pairly.Error)(nil)
	if !errors.As(err, &e) || e.Kind != pairly.EBadRequest || e.Code != "content_policy_violation" || e.Details["policy_url"] != "/docs/content-policy" {
		t.Errorf("Violation() = %v, want content_policy_violation with the policy's address", err)
	}
}

func FuzzClassify(f *testing.F) {
	text := moderation.NewText()
	f.Add("are you n4ked !!! s e x")
	f.Add("\xff\x00 ！")
	f.Fuzz(func(t *testing.T, in string) {
		v, err := text.Classify(context.Background(), in)
		if err != nil || v.Score < 0 || v.Score > 1 || (v.Score > 0) != (len(v.Categories) > 0) {
			t.Errorf("Classify(%q) = %+v, %v", in, v, err)
		}
		if more, _ := text.Classify(context.Background(), in+" jailbait"); more.Score != 0.95 {
			t.Errorf("Classify(%q with a critical term) = %v, want 0.95", in, more.Score)
		}
	})
}
