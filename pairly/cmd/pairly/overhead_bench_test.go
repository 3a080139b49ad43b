//go:build unix

package main_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly/pairlytest"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

const (
	// loadConns is how many requests are under way at a time.
	loadConns = 4
	// turns is how often the two services take turns, so that what else the
	// machine does meets both. On a shared machine two turns differ by a tenth or
	// more: it takes this many for an interval of a few points.
	turns = 64
	// leadIn is the load before each measurement: longer than a line waits for
	// its batch, so that the writing of lines is under way as it is in a service
	// that has always run, and what the other one left to write is written.
	leadIn = 150 * time.Millisecond
	// window is how long each is measured in a turn.
	window = 350 * time.Millisecond
	// people is how many conversations the reader of the list has.
	people = 20
)

// BenchmarkOverhead compares the service with its log, as production runs it,
// and the same service without log and instrumentation: two processes under
// the same load over loopback from a third, in turns. rps-cost-% and cpu-cost-%
// are what logging takes of the requests a second and adds to the processor time
// of a request: the [shift] of the turns with its interval of 95 %. It takes as
// long as it takes, about a minute for each kind of request:
//
//	make bench-service
//
// LOG_ variables of the environment configure the log, to see what a part of
// it costs.
func BenchmarkOverhead(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		p := startPair(b, nil, nil)
		b.Run("login", func(b *testing.B) { p.measure(b, login) })
		b.Run("profile", func(b *testing.B) { p.measure(b, profile) })
		b.Run("conversations", func(b *testing.B) { p.measure(b, conversations) })
	})
	b.Run("postgres", func(b *testing.B) {
		p := startPair(b, servers(b, 0), servers(b, 0))
		b.Run("login", func(b *testing.B) { p.measure(b, login) })
		b.Run("profile", func(b *testing.B) { p.measure(b, profile) })
		b.Run("conversations", func(b *testing.B) { p.measure(b, conversations) })
	})
	// The database-bound case: PostgreSQL is on another machine, a millisecond
	// away, and does not share the processors.
	b.Run("postgres-1ms-away", func(b *testing.B) {
		p := startPair(b, servers(b, time.Millisecond), servers(b, time.Millisecond))
		b.Run("profile", func(b *testing.B) { p.measure(b, profile) })
		b.Run("conversations", func(b *testing.B) { p.measure(b, conversations) })
	})
}

// servers returns the variables of a service with PostgreSQL, that far away, and
// Redis.
func servers(b *testing.B, away time.Duration) []string {
	b.Helper()
	redis := os.Getenv(pairlytest.RedisEnv)
	if redis == "" {
		b.Skipf("%s is not set: no Redis beside PostgreSQL", pairlytest.RedisEnv)
	}
	database := storetest.Postgres(b)
	if away > 0 {
		u, err := url.Parse(database)
		if err != nil {
			b.Fatal(err)
		}
		u.Host = pairlytest.NewDistantProxy(b, u.Host, away).Addr
		database = u.String()
	}
	return []string{"DATABASE_URL=" + database, "REDIS_URL=" + redis}
}

// startPair starts the service twice, each with variables of its own.
func startPair(b *testing.B, logged, bare []string) pair {
	b.Helper()
	p := pair{
		logged: newLoad(startMeasured(b, logged...)),
		bare:   newLoad(startMeasured(b, append(slices.Clone(bare), unloggedEnv+"=1")...)),
	}
	b.Cleanup(func() { p.check(b) })
	return p
}

// A request makes the text of a kind of request to a service.
type request func(l *load) string

func login(l *load) string {
	body := fmt.Sprintf(`{"email":%q,"password":%q,"device_info":"bench"}`, l.reader.email, pairlytest.Password)
	return fmt.Sprintf("POST /api/auth/login HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		headers, len(body), body)
}

func profile(l *load) string {
	return "GET /api/profiles/" + l.profileID + " HTTP/1.1\r\n" + headers + "Authorization: Bearer " + l.reader.token + "\r\n\r\n"
}

func conversations(l *load) string {
	return "GET /api/messages/conversations HTTP/1.1\r\n" + headers + "Authorization: Bearer " + l.reader.token + "\r\n\r\n"
}

const headers = "Host: pairly.test\r\nX-Forwarded-For: 203.0.113.7\r\nAccept: application/json\r\n" +
	"User-Agent: Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile\r\n"

// A load is a service with users in it and connections to it.
type load struct {
	*measured
	reader    account
	profileID string
	conns     []*bufio.ReadWriter
}

func newLoad(m *measured) *load {
	m.b.Helper()
	l := &load{measured: m}
	l.reader = m.signUp("reader", "fan")
	l.profileID = m.call(http.MethodPost, "/api/profiles", m.signUp("creator", "creator").token,
		`{"display_name":"Cleo","age":30,"bio":"Ask me about sailing.","price_per_message":0}`).Text("id")
	for n := range people {
		m.write(m.signUp(fmt.Sprint("writer", n), "fan"), l.reader.id)
	}
	for range loadConns {
		c, err := net.Dial("tcp", strings.TrimPrefix(m.url, "http://"))
		if err != nil {
			m.b.Fatal(err)
		}
		m.b.Cleanup(func() { c.Close() })
		l.conns = append(l.conns, bufio.NewReadWriter(bufio.NewReaderSize(c, 32<<10), bufio.NewWriter(c)))
	}
	return l
}

// block loads the service, and returns how many requests were answered in a
// second and the processor time of one in nanoseconds, that of writing lines
// included.
func (l *load) block(b *testing.B, text string) (perSecond, cpu float64) {
	b.Helper()
	var answered atomic.Int64
	var over atomic.Bool
	var wg sync.WaitGroup
	errs := make([]error, len(l.conns)+2)
	for i, c := range l.conns {
		wg.Go(func() {
			for !over.Load() && errs[i] == nil {
				errs[i] = ask(c, text)
				answered.Add(1)
			}
		})
	}
	time.Sleep(leadIn)
	var before, after time.Duration
	before, errs[len(l.conns)] = l.cpu()
	count, begun := answered.Load(), time.Now()
	time.Sleep(window)
	after, errs[len(l.conns)+1] = l.cpu()
	n, took := float64(answered.Load()-count), time.Since(begun)
	over.Store(true)
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		b.Fatal(err)
	}
	return n / took.Seconds(), float64(after-before) / n
}

// ask sends a request and reads the answer.
func ask(c *bufio.ReadWriter, text string) error {
	c.WriteString(text)
	if err := c.Flush(); err != nil {
		return err
	}
	resp, err := http.ReadResponse(c.Reader, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d, %v", resp.StatusCode, err)
	}
	return resp.Body.Close()
}

// A pair is a service with its log and one without.
type pair struct{ logged, bare *load }

// measure compares the two. It does the same whatever b.N is.
func (p pair) measure(b *testing.B, kind request) {
	textLogged, textBare := kind(p.logged), kind(p.bare)
	p.logged.block(b, textLogged) // caches, connections of the pool, code pages
	p.bare.block(b, textBare)
	var rps, bareRPS, cpu, bareCPU, rpsCost, cpuCost []float64
	for turn := range turns {
		var r, c, br, bc float64
		if turn%2 == 0 {
			r, c = p.logged.block(b, textLogged)
			br, bc = p.bare.block(b, textBare)
		} else {
			br, bc = p.bare.block(b, textBare)
			r, c = p.logged.block(b, textLogged)
		}
		rps, bareRPS = append(rps, r), append(bareRPS, br)
		cpu, bareCPU = append(cpu, c/1e3), append(bareCPU, bc/1e3)
		rpsCost, cpuCost = append(rpsCost, 100*(1-r/br)), append(cpuCost, 100*(c/bc-1))
	}
	b.ReportMetric(0, "ns/op")
	for _, m := range []struct {
		values []float64
		unit   string
	}{{rps, "req/s"}, {bareRPS, "bare-req/s"}, {cpu, "cpu-µs/req"}, {bareCPU, "bare-cpu-µs/req"}} {
		b.ReportMetric(median(m.values), m.unit)
	}
	for _, m := range []struct {
		values []float64
		name   string
	}{{rpsCost, "rps-cost"}, {cpuCost, "cpu-cost"}} {
		cost, low, high := shift(m.values)
		b.ReportMetric(cost, m.name+"-%")
		b.ReportMetric(low, m.name+"-low-%")
		b.ReportMetric(high, m.name+"-high-%")
	}
}

func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// shift returns the estimate of Hodges and Lehmann for where xs lie, the median of
// the means of all pairs, and its interval of 95 %, that of Wilcoxon's signed ranks.
// Like the median it does not ask for a distribution, nor is it moved by the turns
// in which the machine did something else, but it needs half as many turns.
func shift(xs []float64) (at, low, high float64) {
	var means []float64
	for i, x := range xs {
		for _, y := range xs[:i+1] {
			means = append(means, (x+y)/2)
		}
	}
	slices.Sort(means)
	n, all := float64(len(xs)), len(means)
	skip := int(n*(n+1)/4 - 1.96*math.Sqrt(n*(n+1)*(2*n+1)/24))
	skip = min(max(skip, 0), (all-1)/2)
	return median(means), means[skip], means[all-1-skip]
}

// check stops both and wants a line of the one for each of its requests, as
// far as they are in the current file, and no file of the other.
func (p pair) check(b *testing.B) {
	p.logged.stop()
	p.bare.stop()
	raw, err := os.ReadFile(p.logged.logPath)
	if err != nil {
		b.Fatal(err)
	}
	if n := strings.Count(string(raw), `"event":"http_request"`); n < people {
		b.Errorf("%d requests in the log, want all of them", n)
	}
	if _, err := os.Stat(p.bare.logPath); !os.IsNotExist(err) {
		b.Errorf("the service without a log has a file: %v", err)
	}
}

// Turns that the machine spent on something else move the estimate little.
func TestShift(t *testing.T) {
	t.Parallel()
	var turns []float64
	for i := range 60 {
		turns = append(turns, 3+float64(i%7-3)) // around 3
	}
	for i := range 6 {
		turns[10*i] = 80
	}
	at, low, high := shift(turns)
	if at < 2.5 || at > 4.5 || low >= at || high <= at || high-low > 3 {
		t.Errorf("shift = %.2f in %.2f to %.2f, want about 3 in a narrow interval", at, low, high)
	}
	if at, low, high := shift([]float64{7}); at != 7 || low != 7 || high != 7 {
		t.Errorf("shift of one turn = %v, %v, %v, want 7", at, low, high)
	}
}

// What the benchmark compares with serves alike and says nothing.
func TestUnlogged(t *testing.T) {
	t.Parallel()
	m := startMeasured(t, cheapHashEnv+"=1", unloggedEnv+"=1")
	reader := m.signUp("reader", "fan")
	if got := m.call(http.MethodGet, "/api/auth/me", reader.token, "").Text("id"); got != reader.id {
		t.Errorf("id = %q, want %q", got, reader.id)
	}
	if used, err := m.cpu(); used <= 0 || err != nil {
		t.Errorf("processor time = %v, %v, want some", used, err)
	}
	m.stop()
	if got := m.stderr.String(); got != "" {
		t.Errorf("standard error = %q, want nothing", got)
	}
	if _, err := os.Stat(m.logPath); !os.IsNotExist(err) {
		t.Errorf("log file: %v, want none", err)
	}
}
