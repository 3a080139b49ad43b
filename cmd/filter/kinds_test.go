package filter_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// kinds are logs of many programs, made anew for the benchmark: what a service, a
// proxy, a system and a runtime write. Identifiers, times and numbers are others in
// each line; most hold an address that is masked, none is without work.
var kinds = []struct {
	name string
	line func(p *rand.Rand, b *strings.Builder, i int)
}{
	{"json", jsonLine},
	{"json-many-keys", manyKeys},
	{"json-messages", messages},
	{"json-stacks", stacks},
	{"json-nested", nested},
	{"json-in-json", wrapped},
	{"json-spaced", spaced},
	{"json-pretty", pretty},
	{"nginx", nginx},
	{"syslog", syslog},
	{"logfmt", logfmt},
	{"java", java},
	{"sql", statements},
	{"csv", csv},
	{"prose", prose},
	{"hex", hexDump},
}

// linesOf returns about n bytes of a kind.
func linesOf(line func(p *rand.Rand, b *strings.Builder, i int), n int) string {
	p := rand.New(rand.NewPCG(3, 3))
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		line(p, &b, i)
	}
	return b.String()
}

// logLines returns about n bytes of what a service logs.
func logLines(n int) string { return linesOf(jsonLine, n) }

var agents = []string{
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1", "curl/8.5.0",
}

func id(p *rand.Rand) string { return fmt.Sprintf("6b0a%04x%016x", p.IntN(1<<16), p.Uint64()) }

func uuid(p *rand.Rand) string {
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", p.Uint32(), p.IntN(1<<16), p.IntN(1<<12), p.IntN(1<<12), p.Int64N(1<<48))
}

func address(p *rand.Rand) string {
	return fmt.Sprintf("%d.%d.%d.%d", 1+p.IntN(220), p.IntN(256), p.IntN(256), 1+p.IntN(254))
}

func agent(p *rand.Rand) string { return agents[p.IntN(len(agents))] }

func clock(p *rand.Rand, i int) string {
	return fmt.Sprintf("2024-01-15T10:%02d:%02d.%03dZ", i/60%60, i%60, p.IntN(1000))
}

// words are those of messages.
var words = strings.Fields(`the worker finished batch of recommendations for region and went back to sleep until next tick while queue
depth is growing again after deploy because consumer group rebalanced partitions lag seconds retry attempt timeout connection refused by
peer upstream closed unexpectedly profile updated cache miss for key user session expired token refreshed payment captured order created
email sent template welcome locale fallback used feature flag enabled percent rollout`)

func sentence(p *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		if p.IntN(12) == 0 {
			fmt.Fprintf(&b, "%d", p.IntN(100000))
		} else {
			b.WriteString(words[p.IntN(len(words))])
		}
	}
	return b.String()
}

func jsonLine(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, `{"timestamp":"%s","level":"INFO",`, clock(p, i))
	switch p.IntN(6) {
	case 0, 1, 2:
		fmt.Fprintf(b, `"logger":"api.request","request_id":"%s","event":"http_request","method":"GET","path":"/api/profiles/%s","query_params":{},"client_ip":"%s","user_agent":"%s","user_id":"%s","status_code":200,"duration_ms":%.2f,"response_size_bytes":%d,"protocol":"HTTP/1.1","db":{"count":%d,"ms":%.2f}}`,
			uuid(p), id(p), address(p), agent(p), id(p), p.ExpFloat64()*20, p.IntN(9000), p.IntN(9), p.ExpFloat64())
	case 3:
		fmt.Fprintf(b, `"logger":"service.credits","request_id":"%s","event":"credits_spent","user_id":"%s","amount":%d,"transaction_type":"message","transaction_id":"%s","balance_before":%d,"balance_after":%d}`,
			uuid(p), id(p), p.IntN(9), id(p), p.IntN(900), p.IntN(900))
	case 4:
		fmt.Fprintf(b, `"logger":"audit","request_id":"%s","event":"message_sent","actor":{"user_id":"%s","role":"fan","ip_address":"10.%d.2.%d","session_id":"%s"},"target":{"user_id":"%s","email":null},"reason":null,"severity":"low"}`,
			uuid(p), id(p), p.IntN(256), 1+p.IntN(254), uuid(p), id(p))
	default:
		fmt.Fprintf(b, `"logger":"auth","request_id":"%s","event":"login_failed","email":"user%d@example.com","password":"hunter%d","note":"attempt %d of the same visitor"}`,
			uuid(p), p.IntN(9000), p.IntN(9000), p.IntN(5))
	}
	b.WriteByte('\n')
}

// manyKeys has some of five thousand keys in each line, in any order.
func manyKeys(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, `{"ts":"%s"`, clock(p, i))
	for range 12 {
		k := p.IntN(5000)
		switch name := words[k%len(words)] + "_" + words[k/len(words)%len(words)]; p.IntN(4) {
		case 0:
			fmt.Fprintf(b, `,"%s":%d`, name, p.IntN(1e6))
		case 1:
			fmt.Fprintf(b, `,"%s":"%s"`, name, id(p))
		case 2:
			fmt.Fprintf(b, `,"%s":%t`, name, p.IntN(2) == 0)
		default:
			fmt.Fprintf(b, `,"%s":"%s"`, name, sentence(p, 3))
		}
	}
	b.WriteString("}\n")
}

// messages has a long message in each line, another each time.
func messages(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, `{"time":"%s","level":"info","msg":"%s","host":"web-%d","pid":%d}`+"\n", clock(p, i), sentence(p, 60), p.IntN(40), p.IntN(30000))
}

// stacks has stack traces.
func stacks(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, `{"timestamp":"%s","level":"ERROR","event":"exception","error_message":"%s","stack_trace":"goroutine %d [running]:`, clock(p, i), sentence(p, 6), p.IntN(9000))
	for range 12 {
		fmt.Fprintf(b, `\ngithub.com/example/shop/service/%s.(*Service).Handle(0xc000%06x, {0x7f%08x, 0x%x})\n\t/src/shop/service/%s/service.go:%d +0x%x`,
			words[p.IntN(len(words))], p.IntN(1<<24), p.Uint32(), p.IntN(1<<12), words[p.IntN(len(words))], p.IntN(900), p.IntN(1<<10))
	}
	b.WriteString("\"}\n")
}

// nested has an order with its items.
func nested(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, `{"ts":%d.%03d,"order":{"id":"%s","customer":{"id":%d,"name":"%s","address":{"city":"%s","geo":{"lat":%.6f,"lng":%.6f}}},"items":[`,
		1700000000+i, p.IntN(1000), uuid(p), p.IntN(1e6), sentence(p, 2), words[p.IntN(len(words))], p.Float64()*90, p.Float64()*180)
	for k := range 2 + p.IntN(8) {
		if k > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `{"sku":"A-%d","quantity":%d,"price":{"amount":%.2f,"currency":"EUR"},"tags":["%s","%s"],"gift":%t}`,
			p.IntN(1e5), p.IntN(9), p.Float64()*100, words[p.IntN(len(words))], words[p.IntN(len(words))], p.IntN(2) == 0)
	}
	b.WriteString("]}}\n")
}

// wrapped has lines of JSON in strings, as container runtimes write them.
func wrapped(p *rand.Rand, b *strings.Builder, i int) {
	var inner strings.Builder
	jsonLine(p, &inner, i)
	text, _ := json.Marshal(inner.String())
	fmt.Fprintf(b, `{"log":%s,"stream":"stdout","time":"%s"}`+"\n", text, clock(p, i))
}

// spaced has a space after each comma and colon, as Python writes.
func spaced(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, `{"asctime": "2024-01-15 10:%02d:%02d,%03d", "levelname": "INFO", "name": "app.views", "message": "%s", "request_id": "%s", "status": %d, "elapsed": %.4f, "remote_addr": "%s"}`+"\n",
		i/60%60, i%60, p.IntN(1000), sentence(p, 8), uuid(p), 200+p.IntN(5)*100, p.ExpFloat64(), address(p))
}

// pretty has a document over several lines.
func pretty(p *rand.Rand, b *strings.Builder, i int) {
	var line strings.Builder
	jsonLine(p, &line, i)
	var v any
	_ = json.Unmarshal([]byte(line.String()), &v)
	text, _ := json.MarshalIndent(v, "", "  ")
	b.Write(text)
	b.WriteByte('\n')
}

func nginx(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, `%s - - [15/Jan/2024:10:%02d:%02d +0000] "GET /static/%s/%s.js?v=%d HTTP/1.1" %d %d "https://shop.example.com/%s?page=%d" "%s"`+"\n",
		address(p), i/60%60, i%60, words[p.IntN(len(words))], words[p.IntN(len(words))], p.IntN(1e6), 200+p.IntN(4)*100, p.IntN(1e6), words[p.IntN(len(words))], p.IntN(100), agent(p))
}

func syslog(p *rand.Rand, b *strings.Builder, i int) {
	switch p.IntN(3) {
	case 0:
		fmt.Fprintf(b, "Jan 15 10:%02d:%02d web-%d sshd[%d]: Accepted publickey for deploy from %s port %d ssh2: ED25519 SHA256:%s\n",
			i/60%60, i%60, p.IntN(40), p.IntN(30000), address(p), p.IntN(60000), "Yk3"+id(p)+"aB0")
	case 1:
		fmt.Fprintf(b, "Jan 15 10:%02d:%02d web-%d systemd[1]: Started Session %d of user deploy.\n", i/60%60, i%60, p.IntN(40), p.IntN(30000))
	default:
		fmt.Fprintf(b, "Jan 15 10:%02d:%02d web-%d kernel: [%d.%06d] eth0: renamed from veth%07x, %s\n", i/60%60, i%60, p.IntN(40), p.IntN(1e6), p.IntN(1e6), p.IntN(1<<28), sentence(p, 6))
	}
}

func logfmt(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, `time=%s level=info msg="%s" method=GET path=/api/v1/%s/%d status=%d duration=%.3fms request_id=%s remote=%s`+"\n",
		clock(p, i), sentence(p, 5), words[p.IntN(len(words))], p.IntN(1e6), 200+p.IntN(4)*100, p.ExpFloat64()*10, uuid(p), address(p))
}

func java(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, "2024-01-15 10:%02d:%02d.%03d  INFO %d --- [nio-8080-exec-%d] c.e.shop.OrderController         : %s\n", i/60%60, i%60, p.IntN(1000), p.IntN(30000), p.IntN(10), sentence(p, 8))
	if p.IntN(4) > 0 {
		return
	}
	fmt.Fprintf(b, "java.lang.IllegalStateException: %s\n", sentence(p, 5))
	for range 10 {
		fmt.Fprintf(b, "\tat com.example.shop.service.%sService.handle(%sService.java:%d) ~[shop-1.%d.jar:na]\n", words[p.IntN(len(words))], words[p.IntN(len(words))], p.IntN(900), p.IntN(9))
	}
}

func statements(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, "2024-01-15 10:%02d:%02d.%03d UTC [%d] app@shop LOG:  duration: %.3f ms  execute <unnamed>: select o.id, o.total, c.name from orders o join customers c on c.id = o.customer_id where o.state = '%s' and o.created_at > $1 order by o.created_at desc limit %d\n",
		i/60%60, i%60, p.IntN(1000), p.IntN(30000), p.ExpFloat64()*10, words[p.IntN(len(words))], p.IntN(100))
}

func csv(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, "%d,%s,%s,%.2f,%d,%s,%t,2024-01-15,%s\n", i, id(p), words[p.IntN(len(words))], p.Float64()*1000, p.IntN(1e6), sentence(p, 3), p.IntN(2) == 0, address(p))
}

func prose(p *rand.Rand, b *strings.Builder, _ int) { b.WriteString(sentence(p, 14) + ".\n") }

func hexDump(p *rand.Rand, b *strings.Builder, i int) {
	fmt.Fprintf(b, "%08x ", i*16)
	for range 16 {
		fmt.Fprintf(b, " %02x", p.IntN(256))
	}
	b.WriteString("  |................|\n")
}
