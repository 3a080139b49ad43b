package pairlog

import (
	"slices"
	"strings"
)

// misspelt reports the variables in environ ("NAME=value") that nothing reads and
// whose name is nearly that of one that is read. Others are somebody else's. Their
// values stay unknown: one may be a key.
func (e env) misspelt(environ []string) {
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if value == "" || !strings.HasPrefix(name, "LOG_") || slices.Contains(*e.read, name) {
			continue
		}
		for _, known := range *e.read {
			if strings.HasPrefix(known, "LOG_") && nearly(name, known) {
				e.c.fault(name, "(set)", "another name: "+known, "nothing: it is not read")
				break
			}
		}
	}
}

// nearly reports whether a differs from b by one slip of the pen, or two in a long
// name: a letter that is missing, added or wrong, or two that are swapped.
func nearly(a, b string) bool {
	slips := 1
	if len(b) > len("LOG_FORMAT") {
		slips = 2
	}
	return distance(a, b) <= slips
}

// distance is the optimal string alignment distance (Boytsov, Indexing methods for
// approximate dictionary searching, 2011).
func distance(a, b string) int {
	var before, last, row []int
	for j := range len(b) + 1 {
		row = append(row, j)
	}
	for i := range len(a) {
		before, last, row = last, row, []int{i + 1}
		for j := range len(b) {
			d := last[j]
			if a[i] != b[j] {
				d++
			}
			d = min(d, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row = append(row, d)
		}
	}
	return row[len(b)]
}
