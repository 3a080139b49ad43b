package sink

import (
	"fmt"
	"time"
)

// troubles is what a Remote remembers of failures, to tell of each kind once
// and to pause longer from attempt to attempt. The sending goroutine owns it.
type troubles struct {
	since     time.Time // of the first failure in a row, zero when there is none
	attempts  int       // failures in a row
	told      bool      // that the server does not take lines
	toldWrong bool      // that somebody has to change a setting
	inRow     int       // single lines refused, and none taken since
	everyTold bool      // that it refuses every line
	lost      uint64    // lines given up and not yet reported
	cause     error     // of the last of them
}

// note returns what is to be reported of an answer.
func (t *troubles) note(a answer, now time.Time) []Event {
	switch a.verdict {
	case delivered:
		told := t.told
		lost, cause := t.lost, t.cause
		*t = troubles{lost: lost, cause: cause}
		if told {
			return []Event{{Name: EventResumed}}
		}
		return nil
	case refused:
		return nil // the server is there and has an opinion on the lines alone
	}
	t.attempts++
	if t.since.IsZero() {
		t.since = now
	}
	wrong := a.setting == wrongAtOnce || a.setting == wrongWhenLasting && now.Sub(t.since) >= lastingAfter
	switch {
	case wrong && !t.toldWrong:
		t.told, t.toldWrong = true, true
		return []Event{{Name: EventMisconfigured, Err: a.err}}
	case !t.told:
		t.told = true
		return []Event{{Name: EventRetrying, Err: a.err}}
	}
	return nil
}

// everything returns what is to be reported when the server refuses line after
// line.
func (t *troubles) everything(a answer) []Event {
	if t.everyTold {
		return nil
	}
	t.everyTold, t.told = true, true
	return []Event{{Name: EventMisconfigured, Err: fmt.Errorf("it refuses every line, each alone: %w", a.err)}}
}

func (r *Remote) tell(events []Event) {
	for _, e := range events {
		e.Sink = r.name
		r.c.Report(e)
	}
}

// tellLosses reports the lines that were given up since the last time.
func (r *Remote) tellLosses() {
	lost, cause := r.state.lost, r.state.cause
	if r.state.lost, r.state.cause = 0, nil; lost > 0 {
		r.tell([]Event{{Name: EventDropped, Count: lost, Err: cause}})
	}
}
