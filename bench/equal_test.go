package bench

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEqualContent holds what every rival writes against what slog writes,
// field by field, so that the comparison compares like with like. Redaction
// shows in exactly the fields that are personal data: the client's address and
// the users' e-mail.
func TestEqualContent(t *testing.T) {
	for _, s := range scenarios {
		var buf bytes.Buffer
		e := newSlog(&buf)
		visited.Store(0)
		s.call(e)()
		e.Close()
		want := content(t, buf.Bytes())
		for _, r := range rivals {
			var buf bytes.Buffer
			e := r.new(&buf)
			visited.Store(0)
			s.call(e)()
			e.Close()
			if s.name == "Disabled" || s.name == "Off" {
				if buf.Len() > 0 {
					t.Errorf("%s/%s wrote %q at a level that is off", s.name, r.name, buf.String())
				}
				continue
			}
			if why := unequal[s.name+"/"+r.name]; why != "" {
				t.Logf("%s/%s is not compared: it %s", s.name, r.name, why)
				continue
			}
			got := content(t, buf.Bytes())
			if !maps.Equal(got, want) {
				t.Errorf("%s/%s differs in %v\n got %v\nwant %v", s.name, r.name, differing(got, want), got, want)
			}
		}
	}
}

// unequal are faults of rivals, as far as they keep them from writing the same.
var unequal = map[string]string{
	"Zap10/phuslu-slog": "writes an object's members without braces: invalid JSON",
	"Zap10/logrus":      "renames a field called time to fields.time",
}

// envelope are the names that each logger gives to what it writes itself.
var envelope = []string{"time", "timestamp", "ts", "level", "msg", "message", "event", "logger"}

// content decodes one line to its fields as text, without the envelope.
func content(t *testing.T, line []byte) map[string]string {
	t.Helper()
	if len(line) == 0 {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(bytes.TrimSpace(line), &fields); err != nil {
		t.Fatalf("decode %q: %v", line, err)
	}
	out := make(map[string]string)
	for k, v := range fields {
		if !slices.Contains(envelope, k) {
			out[k] = normal(t, v)
		}
	}
	return out
}

// normal writes a value with its members sorted and its times without
// trailing zeros, and takes away what redaction changes by policy.
func normal(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(same(v))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func same(v any) any {
	switch v := v.(type) {
	case string:
		if tm, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return tm.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
		}
		switch v {
		case webIP, "192.168.1.0/24", visits[1].ip, "12.1.0.0/24":
			return "an address"
		case oneUser.Email, "j***@test.com":
			return "an e-mail address"
		}
		return strings.TrimSpace(v)
	case []any:
		for i := range v {
			v[i] = same(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = same(v[k])
		}
	}
	return v
}

func differing(a, b map[string]string) (keys []string) {
	for k := range a {
		if a[k] != b[k] {
			keys = append(keys, k)
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}
