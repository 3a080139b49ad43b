package queue

import (
	"fmt"
	"strings"
	"time"
)

// Policy says what Append does when the queue is full. Under every policy
// records at ERROR and above are the last to go: lower ones make room for
// them.
type Policy uint8

const (
	// Block waits up to Config.BlockFor for room, then drops the new record.
	Block Policy = iota
	// DropOldest makes room by dropping the oldest records.
	DropOldest
	// DropNewest drops the new record.
	DropNewest
)

// DefaultBlockFor is the bound of the Block policy unless Config says
// otherwise.
const DefaultBlockFor = 50 * time.Millisecond

// String returns the name that [ParsePolicy] reads.
func (p Policy) String() string {
	switch p {
	case DropOldest:
		return "drop_oldest"
	case DropNewest:
		return "drop_newest"
	default:
		return "block"
	}
}

// ParsePolicy reads "block", "block:<duration>", "drop_oldest" or
// "drop_newest". The duration is the longest wait of one Append; it is
// [DefaultBlockFor] for a plain "block" and 0 for the other policies.
func ParsePolicy(s string) (Policy, time.Duration, error) {
	name, bound, bounded := strings.Cut(s, ":")
	switch {
	case name == "block" && !bounded:
		return Block, DefaultBlockFor, nil
	case name == "block":
		d, err := time.ParseDuration(bound)
		if err != nil || d <= 0 {
			return Block, DefaultBlockFor, fmt.Errorf("parse queue policy %q: want a positive duration after block:, got %q", s, bound)
		}
		return Block, d, nil
	case s == "drop_oldest":
		return DropOldest, 0, nil
	case s == "drop_newest":
		return DropNewest, 0, nil
	}
	return Block, DefaultBlockFor, fmt.Errorf("parse queue policy %q: want block:<duration>, drop_oldest or drop_newest", s)
}
