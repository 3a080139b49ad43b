//go:build unix

package main_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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
	// rounds is how often the two services take turns, so that what else the
	// machine does meets both.
	rounds = 50
	// settle is longer than a line waits for its batch: the end of a block's
	// lines is written before the other service's block begins.
	settle = 150 * time.Millisecond
	// people is how many conversations the reader of the list has.
	people = 20
)

// BenchmarkOverhead compares the service with its log, as production runs it,
// and the same service without log and instrumentation: two processes under
// the same load over loopback, in turns. rps-cost-% and cpu-cost-% are what
// logging takes of the requests a second and adds to the processor time of a
// request, each the median of the turns.
//
//	go test ./cmd/pairly -run '^$' -bench Overhead -benchtime 30s -timeout 1h
//
// LOG_ variables of the environment configure the log, to see what a part of
// it costs.
func BenchmarkOverhead(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		overhead(b, func(b *testing.B) []string { return nil })
	})
	b.Run("postgres", func(b *testing.B) {
		redis := os.Getenv(pairlytest.RedisEnv)
		if redis == "" {
			b.Skipf("%s is not set: no Redis beside PostgreSQL", pairlytest.RedisEnv)
		}
		overhead(b, func(b *testing.B) []string {
			return []string{"DATABASE_URL=" + storetest.Postgres(b), "REDIS_URL=" + redis}
		})
	})
}

// overhead measures each kind of request on the services that env describes.
func overhead(b *testing.B, env func(b *testing.B) []string) {
	start := func(b *testing.B, more ...string) pair {
		p := pair{
			logged: newLoad(startMeasured(b, append(env(b), more...)...)),
			bare:   newLoad(startMeasured(b, append(env(b), append(more, unloggedEnv+"=1")...)...)),
		}
		b.Cleanup(func() { p.check(b) })
		return p
	}
	cheap := start(b, cheapHashEnv+"=1")
	b.Run("login/hash=cheap", func(b *testing.B) { cheap.measure(b, login) })
	b.Run("profile", func(b *testing.B) { cheap.measure(b, profile) })
	b.Run("conversations", func(b *testing.B) { cheap.measure(b, conversations) })
	b.Run("login/hash=argon2id", func(b *testing.B) { start(b).measure(b, login) })
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

// block sends n requests, and returns how many were answered in a second and
// the processor time of one, that of writing its lines included.
func (l *load) block(b *testing.B, text string, n int) (perSecond, cpu float64) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	errs := make([]error, len(l.conns)+2)
	var before, after time.Duration
	before, errs[len(l.conns)] = l.cpu()
	begun := time.Now()
	b.StartTimer()
	for i, c := range l.conns {
		wg.Go(func() {
			for left.Add(-1) >= 0 && errs[i] == nil {
				errs[i] = ask(c, text)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	took := time.Since(begun)
	time.Sleep(settle)
	after, errs[len(l.conns)+1] = l.cpu()
	if err := errors.Join(errs...); err != nil {
		b.Fatal(err)
	}
	return float64(n) / took.Seconds(), float64(after-before) / float64(n)
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

// measure sends b.N requests to each, in turns.
func (p pair) measure(b *testing.B, kind request) {
	b.StopTimer()
	textLogged, textBare := kind(p.logged), kind(p.bare)
	p.logged.block(b, textLogged, min(b.N, 100)) // caches, connections of the pool, code pages
	p.bare.block(b, textBare, min(b.N, 100))
	n := max(b.N/rounds, 1)
	var rps, bareRPS, cpu, bareCPU, rpsCost, cpuCost []float64
	for turn := range min(rounds, b.N) {
		var r, c, br, bc float64
		if turn%2 == 0 {
			r, c = p.logged.block(b, textLogged, n)
			br, bc = p.bare.block(b, textBare, n)
		} else {
			br, bc = p.bare.block(b, textBare, n)
			r, c = p.logged.block(b, textLogged, n)
		}
		rps, bareRPS = append(rps, r), append(bareRPS, br)
		cpu, bareCPU = append(cpu, c/1e3), append(bareCPU, bc/1e3)
		rpsCost, cpuCost = append(rpsCost, 100*(1-r/br)), append(cpuCost, 100*(c/bc-1))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(rps), "req/s")
	b.ReportMetric(median(bareRPS), "bare-req/s")
	b.ReportMetric(median(cpu), "cpu-µs/req")
	b.ReportMetric(median(bareCPU), "bare-cpu-µs/req")
	b.ReportMetric(median(rpsCost), "rps-cost-%")
	b.ReportMetric(median(cpuCost), "cpu-cost-%")
}

func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
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
