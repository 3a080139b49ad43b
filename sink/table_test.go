package sink_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// faults are what a log has to survive, and the tests that show that this one
// does. Each test carries the number of its fault in its name; they are here,
// in internal/queue and in the root. Their oracle is that of sinktest: every
// line has a number and a checksum, the test keeps those that were acknowledged,
// and each must be found, once, intact and in order.
var faults = []struct {
	fault, expected string
	tests           string
}{
	1: {"rotation under 1, 4, 16 goroutines", "nothing lost, doubled, corrupt; no file too large; mode 0640 whatever the umask",
		"Fault1RotationUnderManyGoroutines Fault1FileMode"},
	2: {"3,000 rotations in a row; the clock set back; days of 23 and 25 hours", "all lines; no name used twice; one rotation at each midnight",
		"Fault2RotateBackToBack Fault2ClockSetBack Fault2RotateAtMidnightUTC"},
	3: {"a second process on the same file", "a file of its own; nothing lost",
		"Fault3SecondProcess Fault3TwoProcesses"},
	4: {"no space in the log, in the queue, for an archive; then freed", "nothing lost or merged; failures counted; goes on within a second; the newest data stays",
		"Fault4DiskFull Fault4DiskFullBehindTheQueue Fault4DiskFullInCompression Fault4DiskFullAtOpen Fault4DiskFullLater Fault4DiskFullUnderAService Fault4RetentionForFreeSpace Fault4RetentionBeyondReason"},
	5: {"short writes, EINTR, EIO", "the torn tail is repaired, the next line is whole",
		"Fault5ShortAndFailingWrites Fault5SyncThatFails Fault5RotationThatFails Fault5TornTailAtOpen"},
	6: {"kill -9 at random moments: writing, rotating, compressing, between write and note", "nothing acknowledged is lost or doubled",
		"Fault6Kill9 Fault6Kill9Sealed Fault6Kill9OfAService Fault6RecoveryAsksWhatHasLanded Fault6RecoveryCanBeInterrupted Fault6ArchiveBesideItsSource"},
	7: {"loss of power", "what was synced is there, under its name",
		"Fault7PowerCut"},
	8: {"a queue file that is cut, flipped, empty, holed; cut or deleted while in use", "starts and goes on; only damaged records are lost, their number is right, the file is kept",
		"Fault8DamagedQueueFile Fault8DamagedPosition Fault8MissingMiddle Fault8UnreadableQueueFileIsKept Fault8RecoveryOfRandomDamage Fault8FileCutWhileInUse Fault8FileCutUnderLoad Fault8FileDeletedWhileInUse"},
	9: {"a sink that is down for longer than the queue lasts", "the policy holds; drops are counted exactly; errors go last; memory is bounded",
		"Fault9SinkDownBufferFull Fault9ErrorsAreDroppedWhenNothingElseIsLeft Fault9BlockWaitsOutAShortOutage Fault9BlockIsBoundedPerOutage Fault9AccountsForEveryRecord Fault9LossesAreToldOnceAMinuteAndAtClose Fault9RemoteDownBehindATee"},
	10: {"a slow sink, one that never answers", "slows nobody; the timeout ends it; nothing piles up",
		"Fault10ServerThatNeverAnswers Fault10SlowServer Fault10TeeWithAHangingSink Fault10TeeWithAFailingPrimary"},
	11: {"429 with and without Retry-After", "honoured; else 1 s to 30 s with jitter; nothing dropped",
		"Fault11TooManyRequests"},
	12: {"408, 5xx, resets, answers that are lost", "sent again; at most a batch twice for each failure, under the same key",
		"Fault12ServerFailures"},
	13: {"400, 401, 403, 404, 413, 415, 260, 3xx", "bad lines are given up alone; else pause, keep, tell; no redirect is followed",
		"Fault13BadLines Fault13ServerThatRefusesEverything Fault13PausesAndKeeps Fault13NoGzip"},
	14: {"answers for each item of a batch", "for the sinks that get such answers: none yet", ""},
	15: {"a yes that breaks off", "is no yes",
		"Fault15AnswerThatBreaksOff"},
	16: {"a batch or line that is answered 429 for ever", "divided, given up alone; overload is no poison",
		"Fault16Poison Fault16OverloadIsNoPoison"},
	17: {"a line that is too large for the server", "is given up alone",
		"Fault17TooLarge"},
	18: {"lines too old or out of order for the server", "for the sinks that have such limits: none yet; a 400 for them is fault 13", ""},
	19: {"steps of the clock", "pauses and limits go by a clock that does not step",
		"Fault19ClockSteps Fault19RetryAfterOfAWrongClock"},
	20: {"another address, nobody there, certificates that are wrong", "tried again, and told as a matter of settings within a minute",
		"Fault20TLS Fault20NotThere Fault20NameLeadsElsewhere Fault20ConnectionsAreRenewed"},
	21: {"Close with a backlog and a sink that is dead", "returns in time; the rest is on disk for the next start, or told",
		"Fault21CloseWithBacklogAndDeadSink Fault21CloseWithHangingSink Fault21CloseOfARemoteThatIsDown Fault21CloseWithARemoteThatIsDown Fault21CloseWithStuckStreams"},
	22: {"panic, os.Exit, log.Fatal, SIGTERM", "nothing is lost; Fatal is written out; SIGTERM drains in time",
		"Fault22EndsWithoutClose Fault22EndOfAService"},
	23: {"a gzip bomb, a huge answer", "64 KB of it are read",
		"Fault23HugeAnswers"},
	24: {"secrets", "no credentials in reports; 0640 and 0600; nothing in the clear when sealing",
		"Fault24SecretsOfARemote Fault24SecretsOfAProxy Fault24SealedLeavesNoPlainText Fault24Modes"},
	25: {"the log reports its own failure", "a channel of its own, once a minute, and not about itself",
		"Fault25ReportsDoNotMultiply Fault25TroubleOfOneKindIsToldOnceAMinute"},
}

// The table and the tests agree.
func TestFaultTable(t *testing.T) {
	there := map[string]int{} // by name, the fault that the name tells
	number := regexp.MustCompile(`^TestFault(\d+)[A-Z]`)
	for _, dir := range []string{".", "..", "../internal/queue"} {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					if m := number.FindStringSubmatch(fn.Name.Name); m != nil {
						there[fn.Name.Name], _ = strconv.Atoi(m[1])
					}
				}
			}
		}
	}
	var listed []string
	for n, f := range faults[1:] {
		if f.fault == "" || f.expected == "" {
			t.Errorf("fault %d is not described", n+1)
		}
		for _, name := range strings.Fields(f.tests) {
			listed = append(listed, "Test"+name)
			if got, ok := there["Test"+name]; !ok || got != n+1 {
				t.Errorf("fault %d: there is no Test%s with its number", n+1, name)
			}
		}
	}
	for name, n := range there {
		if n >= len(faults) || !slices.Contains(listed, name) {
			t.Errorf("%s is not in the table", name)
		}
	}
}
