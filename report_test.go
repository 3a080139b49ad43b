package pairlog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
)

// gate is a sink that can be closed and opened.
type gate struct {
	out  buffer
	shut atomic.Bool
}

var errShut = errors.New("gate is shut")

func (g *gate) Write(b []byte) (int, error) {
	if g.shut.Load() {
		return 0, errShut
	}
	return g.out.Write(b)
}
func (*gate) Sync() error    { return nil }
func (*gate) Close() error   { return nil }
func (*gate) String() string { return "gate" }

func TestFault9LossesAreToldOnceAMinuteAndAtClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		errOut := &buffer{}
		p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{g}, QueueBytes: 64 << 10, QueuePolicy: "drop_newest", Err: errOut})
		if err != nil {
			t.Fatal(err)
		}
		log := p.Logger("x")
		flood := func() {
			g.shut.Store(true)
			for i := range 2000 {
				log.Info("line", "i", i)
			}
			g.shut.Store(false)
		}
		flood()
		time.Sleep(time.Minute + time.Second)
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		first := count(t, g.out.String(), "log_records_dropped")
		if first != 1 {
			t.Errorf("log_records_dropped %d times after a minute, want once", first)
		}
		time.Sleep(10 * time.Minute)
		if n := count(t, g.out.String(), "log_records_dropped"); n != first {
			t.Errorf("told %d times although nothing more was lost", n)
		}
		flood()
		if err := p.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		var told float64
		for _, m := range records(t, g.out.String()) {
			if m["event"] == "log_records_dropped" {
				told += m["count"].(float64)
				if m["level"] != "WARNING" || m["logger"] != "logging.internal" || m["sink"] != "queue" {
					t.Errorf("report %v", m)
				}
			}
		}
		if lost := p.Stats().DroppedTotal(); lost == 0 || uint64(told) != lost {
			t.Errorf("told of %v lost records, want %d", told, lost)
		}
		if lines := count(t, g.out.String(), "line"); uint64(lines)+uint64(told) != 4000 {
			t.Errorf("%d lines and %v lost, want 4000 together", lines, told)
		}
	})
}

func count(t *testing.T, text, event string) int {
	t.Helper()
	n := 0
	for _, m := range records(t, text) {
		if m["event"] == event {
			n++
		}
	}
	return n
}

func TestFault25TroubleOfOneKindIsToldOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		g.shut.Store(true)
		errOut := &buffer{}
		p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{g}, Err: errOut})
		if err != nil {
			t.Fatal(err)
		}
		p.Logger("x").Info("line")
		time.Sleep(50 * time.Second)
		if n := count(t, errOut.String(), "log_drain_failed"); n != 1 {
			t.Errorf("told %d times in 50 s, want once: %s", n, errOut)
		}
		time.Sleep(5 * time.Minute)
		if n := count(t, errOut.String(), "log_drain_failed"); n < 4 || n > 6 {
			t.Errorf("told %d times in 6 minutes, want about 5", n)
		}
		if !strings.Contains(errOut.String(), fmt.Sprint(errShut)) {
			t.Errorf("the reason is missing: %s", errOut)
		}
		g.shut.Store(false)
		if err := p.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if count(t, g.out.String(), "line") != 1 {
			t.Errorf("the line is lost: %s", g.out.String())
		}
	})
}
