package moderation

import (
	"context"
	"slices"
	"strings"
)

// Engine is the name under which [Text] signs its verdicts.
const Engine = "keywords"

// The scores of hits. A hit is one pattern, however often it occurs.
const (
	scoreMinors       = 0.95 // a critical term, or an ambiguous one beside a sexual one
	scoreMinorsUnsure = 0.75
	scoreSexualThree  = 0.90
	scoreSexualTwo    = 0.70
	scoreSexualOne    = 0.55
	scoreViolenceTwo  = 0.75
	scoreViolenceOne  = 0.50
)

// Text classifies text by keyword patterns, in the spelling tricks that
// people use to get past such lists. It is immutable and safe for concurrent
// use.
type Text struct {
	byFirst map[string][]pattern // by the first word
	stems   []pattern            // those whose first word is a stem
}

// A pattern is a sequence of words; one that ends in * stands for every word
// that begins so.
type pattern struct {
	words []string
	group group
	id    int
}

type group int

const (
	sexual group = iota
	violence
	minorsCritical  // say what they are by themselves
	minorsAmbiguous // daily words, too
	minorsContext   // harmless unless sexual words stand beside them
	groups
)

// NewText returns the classifier with the built-in patterns.
func NewText() *Text {
	t := &Text{byFirst: make(map[string][]pattern)}
	id := 0
	for g, list := range patterns() {
		for _, p := range list {
			p := pattern{words: strings.Fields(p), group: group(g), id: id}
			id++
			if strings.HasSuffix(p.words[0], "*") {
				t.stems = append(t.stems, p)
			} else {
				t.byFirst[p.words[0]] = append(t.byFirst[p.words[0]], p)
			}
		}
	}
	return t
}

// Classify returns the verdict on text. Hits on minors decide before sexual
// ones, and those before violence. The error is always nil; classifiers
// behind a network have the same shape.
func (t *Text) Classify(_ context.Context, text string) (Verdict, error) {
	hits := t.hits(tokens(text))
	v := Verdict{Engine: Engine}
	minors := hits[minorsCritical] + hits[minorsAmbiguous]
	switch {
	case hits[minorsCritical] > 0, hits[sexual] > 0 && minors+hits[minorsContext] > 0:
		v.Score = scoreMinors
		minors++
	case minors > 0:
		v.Score = scoreMinorsUnsure
	case hits[sexual] >= 3:
		v.Score = scoreSexualThree
	case hits[sexual] == 2:
		v.Score = scoreSexualTwo
	case hits[sexual] == 1:
		v.Score = scoreSexualOne
	case hits[violence] >= 2:
		v.Score = scoreViolenceTwo
	case hits[violence] == 1:
		v.Score = scoreViolenceOne
	}
	if minors > 0 {
		v.Categories = append(v.Categories, CategoryMinors)
	}
	if hits[sexual] > 0 {
		v.Categories = append(v.Categories, CategorySexual)
	}
	if hits[violence] > 0 {
		v.Categories = append(v.Categories, CategoryViolence)
	}
	return v, nil
}

// hits counts the patterns of each group that occur.
func (t *Text) hits(words []token) (n [groups]int) {
	seen := make(map[int]bool)
	try := func(p pattern, at int) {
		if !seen[p.id] && p.matches(words[at:]) {
			seen[p.id] = true
			n[p.group]++
		}
	}
	for i, w := range words {
		for _, s := range w.spellings {
			for _, p := range t.byFirst[s] {
				try(p, i)
			}
		}
		for _, p := range t.stems {
			try(p, i)
		}
	}
	return n
}

func (p pattern) matches(words []token) bool {
	if len(words) < len(p.words) {
		return false
	}
	for i, want := range p.words {
		stem, isStem := strings.CutSuffix(want, "*")
		if !slices.ContainsFunc(words[i].spellings, func(s string) bool {
			return s == want || isStem && strings.HasPrefix(s, stem)
		}) {
			return false
		}
	}
	return true
}
