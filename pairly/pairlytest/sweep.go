package pairlytest

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// sweep looks at everything the program has written: no line may break the
// contract or lack its request, no sink may show a planted secret, and the
// audit lines of the log must be the audit rows of the database.
func (a *App) sweep() {
	a.t.Helper()
	a.Ignore()
	all := a.Records() // ends the test at a line that breaks the contract
	if b, err := os.ReadFile(a.adminLog()); err == nil {
		admin, _ := a.parse(b)
		all = append(all, admin...)
	}
	a.checkCorrelation(all)
	a.sweepSecrets(all)
	a.compareAudit(all)
}

// perRequest are the loggers of what happens for somebody: their lines say for
// which request, or on which socket.
var perRequest = []string{"api.", "audit", "middleware.", "service.", "websocket.", "db.query"}

// ownAccord are events that happen without a request: the state of what the
// service depends on.
var ownAccord = []string{"health_degraded"}

// checkCorrelation wants a request id on each line that belongs to a request.
// What a worker does says which worker it is, and what the program does before
// it serves, such as migrate the database, is nobody's.
func (a *App) checkCorrelation(rs []Record) {
	a.t.Helper()
	serving := false
	for _, r := range rs {
		switch r.Event() {
		case "app_started":
			serving = true
		case "app_starting", "app_stopped":
			serving = false
		}
		if !serving || r.Has("worker") {
			continue
		}
		ofRequest := slices.ContainsFunc(perRequest, func(prefix string) bool {
			return strings.HasPrefix(r.Text("logger"), prefix)
		})
		if ofRequest && r.RequestID() == "" && !slices.Contains(ownAccord, r.Event()) {
			a.t.Errorf("no request_id on a line of a request: %s", r.Raw)
		}
	}
}

func (a *App) sweepSecrets(rs []Record) {
	a.t.Helper()
	sinks := map[string]string{
		"log file": joined(rs), "standard output": a.Stdout(), "standard error": a.Stderr(),
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(sinks)) {
		for _, secret := range a.planted {
			if at := strings.Index(sinks[name], secret); at >= 0 {
				from := strings.LastIndexByte(sinks[name][:at], '\n') + 1
				line, _, _ := strings.Cut(sinks[name][from:], "\n")
				a.t.Errorf("%s shows the planted secret %q: %s", name, secret, line)
			}
		}
	}
}

func joined(rs []Record) string {
	lines := make([]string, len(rs))
	for i, r := range rs {
		lines[i] = r.Raw
	}
	return strings.Join(lines, "\n")
}

// compareAudit wants one audit line for each audit row, and no other.
func (a *App) compareAudit(rs []Record) {
	a.t.Helper()
	rows, lines := a.auditRows(), map[string]int{}
	for _, r := range rs {
		if r.Text("logger") == "audit" {
			lines[r.Text("event")+" of request "+r.RequestID()]++
		}
	}
	names := maps.Clone(rows)
	maps.Copy(names, lines)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if rows[name] != lines[name] {
			a.t.Errorf("%s: %d audit rows, %d audit lines", name, rows[name], lines[name])
		}
	}
}
