package redact_test

import (
	"strings"
	"testing"

	"github.com/pairly/pairlog/redact"
)

// TestHosts keeps the addresses of a service's own machines under their keys,
// and nothing else.
func TestHosts(t *testing.T) {
	hash, err := redact.New(redact.Config{PII: redact.PIIHash, PIIKey: []byte(strings.Repeat("k", 32))})
	if err != nil {
		t.Fatal(err)
	}
	f := func(key, value, want string) {
		t.Helper()
		got := string(maskOnly.AppendClass(nil, maskOnly.Key(key), value))
		if got != want {
			t.Errorf("%s=%q became %q, want %q", key, value, got, want)
		}
		kept := string(hash.AppendClass(nil, hash.Key(key), value)) == value
		if kept != (want == value) {
			t.Errorf("%s=%q is kept under hash: %v, under mask: %v", key, value, kept, want == value)
		}
		doc := string(maskOnly.AppendJSON(nil, []byte(`{"`+key+`":"`+value+`"}`)))
		if doc != `{"`+key+`":"`+want+`"}` {
			t.Errorf("the document of %s=%q became %s", key, value, doc)
		}
	}
	f("host", "10.1.2.3", "10.1.2.3")
	f("host", "10.1.2.3:5432", "10.1.2.3:5432")
	f("db_host", "192.168.7.9", "192.168.7.9")
	f("listen_addr", "0.0.0.0:8080", "0.0.0.0:8080")
	f("listen_addr", "127.0.0.1:8080", "127.0.0.1:8080")
	f("redis_addr", "[fd00:1::7]:6379", "[fd00:1::7]:6379")
	f("hosts", "10.0.0.1:27017, 10.0.0.2:27017", "10.0.0.1:27017, 10.0.0.2:27017")
	f("host", "db.example.com:5432", "db.example.com:5432")
	// Public addresses, whatever the key says.
	f("host", "203.0.113.77", "203.0.113.0/24")
	f("db_host", "203.0.113.77:5432", "203.0.113.0/24:5432")
	f("host", "10.1.2.3, 203.0.113.77", "10.1.2.0/24, 203.0.113.0/24")
	// Anything but addresses is text like any other.
	f("host", "10.1.2.3 asked by bob@example.com", "10.1.2.0/24 asked by b***@example.com")
	f("host", "password=hunter2", "password=[REDACTED]")
	// Other keys.
	for _, key := range []string{"client_ip", "remote_addr", "peer_addr", "x_forwarded_for", "ip"} {
		f(key, "10.1.2.3", "10.1.2.0/24")
	}
	for _, key := range []string{"addr", "address", "client_host", "remote_host", "note"} {
		f(key, "10.1.2.3", "10.1.2.0/24")
	}
	check(t, maskOnly)("host=10.1.2.3 user=app", "host=10.1.2.0/24 user=app")
}

// TestHostsObeyValueRules runs the rules of the configuration over hosts too.
func TestHostsObeyValueRules(t *testing.T) {
	r, err := redact.New(redact.Config{Values: []redact.ValueRule{{Name: "ten", Mark: "[TEN]", Find: func(s string) (int, int, bool) {
		i := strings.Index(s, "10.")
		return i, i + 3, i >= 0
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(r.AppendClass(nil, redact.ClassHost, "10.1.2.3")); strings.Contains(got, "10.1.2.3") {
		t.Errorf("a value rule is passed over: %s", got)
	}
}
