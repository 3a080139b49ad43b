package encode_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

type (
	envVar struct{ Name, Value string }
	tagged struct {
		K string `json:"key"`
		V any    `json:"value"`
	}
	reversed struct{ Value, Name string }
	pointers struct {
		Header *string
		Values []string
	}
	embedding struct {
		envVar
		Source string
	}
	deepName struct {
		Name  any
		Value any
	}
	named string
	said  struct{ s string }
)

func (s said) String() string { return s.s }

// pairs are objects with the secret under a value whose name stands beside it.
func pairs(secret string) map[string]any {
	name := "DB_PASSWORD"
	return map[string]any{
		"map":               map[string]any{"name": name, "value": secret},
		"map of texts":      map[string]string{"key": "api_key", "value": secret},
		"map of lists":      map[string]any{"name": name, "values": []string{secret}},
		"map, value first":  map[string]any{"content": secret, "name": name},
		"map, other case":   map[string]any{"Name": name, "Value": secret},
		"map of named keys": map[named]any{"field": "password", "data": secret},
		"map of a stringer": map[string]any{"name": said{name}, "value": secret},
		"map of an error":   map[string]any{"name": errors.New(name), "value": secret},
		"map of a pointer":  map[string]*string{"name": &name, "value": &secret},
		"map of a valuer":   map[string]any{"name": valuer{name}, "value": valuer{secret}},
		"map of bytes":      map[string][]byte{"name": []byte(name), "value": []byte(secret)},
		"map of an object":  map[string]any{"name": name, "value": map[string]any{"a": secret}},
		"JSON patch":        map[string]any{"op": "replace", "path": "/users/1/password", "value": secret},
		"struct":            envVar{name, secret},
		"struct, tags":      tagged{"X-Api-Key", secret},
		"struct, reversed":  reversed{secret, name},
		"struct, pointers":  pointers{&name, []string{"a", secret}},
		"struct, embedded":  embedding{envVar{name, secret}, "s"},
		"struct, any":       deepName{named(name), []any{secret}},
		"struct, stringer":  deepName{said{name}, said{secret}},
		"list of structs":   []envVar{{"HOME", "/"}, {name, secret}},
		"list of pointers":  []*envVar{{"HOME", "/"}, {name, secret}},
		"list of anything":  []any{envVar{name, secret}, map[string]any{"header": "Authorization", "value": secret}},
		"map of structs":    map[string]envVar{"a": {name, secret}},
		"group":             slog.GroupValue(slog.String("name", name), slog.Int("n", 1), slog.String("value", secret)),
		"group of a valuer": slog.GroupValue(slog.Any("name", valuer{name}), slog.Any("value", valuer{secret})),
		"group, in line":    slog.GroupValue(slog.String("name", name), slog.Attr{Value: slog.GroupValue(slog.String("value", secret))}),
		"group of a group":  slog.GroupValue(slog.String("name", name), slog.Group("value", "a", secret)),
		"valuer":            valuer{envVar{name, secret}},
		"text":              `{"name":"` + name + `","value":"` + secret + `"}`,
		"raw":               json.RawMessage(`{"name":"` + name + `","value":"` + secret + `"}`),
		"text, reversed":    `{"value":"` + secret + `","name":"` + name + `"}`,
		"raw, reversed":     json.RawMessage(`{ "content" : { "a" : "` + secret + `" }, "n" : 1, "name" : "` + name + `" }`),
		"list of texts":     []any{named("--password"), named(secret)},
		"list of pointed":   []*string{ptr("--password"), &secret},
		"headers":           []string{"Accept", "*/*", "X-Api-Key", secret},
		"headers, any":      []any{"X-Auth-Token", secret},
		"headers, pairs":    [][]string{{"X-Vault-Token", secret}},
		"headers, array":    [2]named{"DD-API-KEY", named(secret)},
		"web key":           map[string]any{"kty": "OKP", "crv": "Ed25519", "x": "a", "d": secret},
		"web key, texts":    map[string]string{"kty": "oct", "k": secret},
		"web key, struct": struct {
			Type string `json:"kty"`
			K    string `json:"k"`
		}{"oct", secret},
		"two flags": []any{"--password", "--token", secret},
	}
}

func ptr[T any](v T) *T { return &v }

func TestPairs(t *testing.T) {
	const secret = "hunter2-Zq9xW"
	e := newEncoder(t, encode.Limits{})
	for what, v := range pairs(secret) {
		a := slog.Any("x", v)
		in := e.Group(nil, "g")
		for how, got := range map[string]string{
			"call":  line(e, nil, nil, "e", a),
			"again": line(e, nil, nil, "e", a),
			"group": line(e, in, nil, "e", a),
			"with":  line(e, e.With(in, []slog.Attr{a}), nil, "e"),
			"scope": line(e, nil, block(e, a), "e"),
			"deep":  line(e, nil, nil, "e", slog.Any("y", []any{map[string]any{"z": v}})),
		} {
			if strings.Contains(got, secret) {
				t.Errorf("%s, %s: the secret is in %s", what, how, got)
			}
			if !strings.Contains(got, "[REDACTED]") || !json.Valid([]byte(got)) {
				t.Errorf("%s, %s: got %s", what, how, got)
			}
		}
	}
}

func block(e *encode.Encoder, attrs ...slog.Attr) *encode.ScopeBlock {
	b := new(encode.ScopeBlock)
	e.ScopeBlock(b, encode.IDs{}, attrs)
	return b
}

// TestPairsAcrossCalls are pairs of which the name and the value come by different
// ways into one object.
func TestPairsAcrossCalls(t *testing.T) {
	const secret = "hunter2-Zq9xW"
	name, value := slog.String("name", "password"), slog.String("value", secret)
	e := newEncoder(t, encode.Limits{})
	attrs := func(a ...slog.Attr) []slog.Attr { return a }
	withName := e.With(nil, attrs(name))
	in := e.Group(nil, "g")
	form := e.Form("form", []string{"n", "name", "path"})
	if e.Form("form", []string{"name", "value"}) != nil || e.ObjectForm("o", []string{"name", "value"}) != nil {
		t.Error("a form has both parts of a pair")
	}
	line(e, nil, nil, "learned", name, slog.Int("n", 1), value)
	line(e, nil, nil, "other", slog.Int("n", 1), value)
	line(e, nil, nil, "group", slog.String("a", "b"))
	for how, got := range map[string]string{
		"root":                   line(e, nil, nil, "e", name, value),
		"root, any":              line(e, nil, nil, "e", slog.Any("name", said{"password"}), slog.Any("value", said{secret})),
		"root, of a shape":       line(e, nil, nil, "learned", name, slog.Int("n", 1), value),
		"root, one less":         line(e, nil, nil, "learned", name, value),
		"root, one more":         line(e, nil, nil, "other", name, slog.Int("n", 1), value),
		"root, a group":          line(e, nil, nil, "e", name, slog.Group("value", "a", secret)),
		"root, in line":          line(e, nil, nil, "e", slog.Attr{Value: slog.GroupValue(name)}, value),
		"message":                line(e, nil, nil, "A text.", name, value),
		"with":                   line(e, e.With(nil, attrs(name, value)), nil, "e"),
		"with twice":             line(e, e.With(withName, attrs(value)), nil, "e"),
		"with, call":             line(e, withName, nil, "e", value),
		"with, call of a shape":  line(e, withName, nil, "other", slog.Int("n", 1), value),
		"with, with, call":       line(e, e.With(withName, attrs(slog.Int("n", 1))), nil, "e", value),
		"with, group":            line(e, e.Group(withName, "value"), nil, "e", slog.String("a", secret)),
		"with in a group":        line(e, e.With(in, attrs(name)), nil, "e", value),
		"with in a group, twice": line(e, e.With(e.With(in, attrs(name)), attrs(value)), nil, "e"),
		"call in a group":        line(e, in, nil, "e", name, value),
		"in a group again":       line(e, in, nil, "group", name, value),
		"call, scope":            line(e, nil, block(e, value), "e", name),
		"with, scope":            line(e, withName, block(e, slog.Int("n", 1), value), "e"),
		"scope":                  line(e, nil, block(e, name, value), "e", slog.Int("n", 1)),
		"late":                   lateLine(e, nil, attrs(name, value)),
		"call, late":             lateLine(e, attrs(name), attrs(value)),
		"call, late, an id":      lateLine(e, attrs(slog.String("trace_id", "t"), slog.String("request_id", "r"), name), attrs(value)),
		"form":                   formLine(e, form, nil, name, value),
		"with, form":             formLine(e, form, withName, slog.Attr{}, value),
		"query":                  queryLine(e, "name=password&value="+secret),
	} {
		if strings.Contains(got, secret) || !strings.Contains(got, `[REDACTED]`) || !json.Valid([]byte(got)) {
			t.Errorf("%s: got %s", how, got)
		}
	}
}

// TestNoPairs are objects in which nothing is a secret although they look like a
// pair.
func TestNoPairs(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	f := func(v any, want string) {
		t.Helper()
		if got := rest(t, line(e, nil, nil, "e", slog.Any("x", v))); got != `"x":`+want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	f(map[string]any{"name": "Ann", "value": "5"}, `{"name":"Ann","value":"5"}`)
	f(envVar{"HOME", "/root"}, `{"Name":"HOME","Value":"/root"}`)
	f([]envVar{{"password", ""}, {"token_type", "x"}, {"", "y"}}, `[{"Name":"password","Value":"[REDACTED]"},{"Name":"token_type","Value":"x"},{"Name":"","Value":"y"}]`)
	f(slog.GroupValue(slog.String("name", "Ann"), slog.Int("value", 5)), `{"name":"Ann","value":5}`)
	f(slog.GroupValue(slog.String("name", "password"), slog.Int("count", 5)), `{"name":"password","count":5}`)
	f(slog.GroupValue(slog.String("title", "password"), slog.Int("value", 5)), `{"title":"password","value":5}`)
	f(slog.GroupValue(slog.Int("name", 1), slog.Int("value", 5)), `{"name":1,"value":5}`)
	f(slog.GroupValue(slog.Group("a", "name", "password"), slog.Int("value", 5)), `{"a":{"name":"password"},"value":5}`)
	f(map[string]any{"name": []string{"password"}, "value": 5}, `{"name":["password"],"value":5}`)
	f(map[string]any{"name": nil, "value": nil, "values": (*int)(nil)}, `{"name":null,"value":null,"values":null}`)
	f(map[string]any{"name": "password", "value": nil}, `{"name":"password","value":null}`)
	f(map[string]any{"path": "/a/b", "value": 1}, `{"path":"/a/b","value":1}`)
	f(map[string]any{"path": "/tokens/71", "value": 1}, `{"path":"/tokens/71","value":1}`)
	f(map[string]any{"path": "password", "value": 1}, `{"path":"password","value":1}`)
	f(map[string]any{"d": "a", "k": 1}, `{"d":"a","k":1}`)
	f(map[string]any{"e": "AQAB", "kty": "RSA", "n": "x"}, `{"e":"AQAB","kty":"RSA","n":"x"}`)
	f(deepName{Name: 5, Value: 6}, `{"Name":5,"Value":6}`)
	f(deepName{Name: deepName{Name: "password"}, Value: 6}, `{"Name":{"Name":"password","Value":null},"Value":6}`)
	f([]any{"a", said{"b"}, 5, nil, "--verbose", "c", "--password", 5, "d", said{"--token"}, []int{6}, "e"}, `["a","b",5,null,"--verbose","c","--password",5,"d","--token",[6],"e"]`)
	got := rest(t, line(e, e.With(nil, []slog.Attr{slog.String("name", "Ann")}), block(e, slog.Int("data", 1)), "e", slog.Int("value", 5)))
	if want := `"name":"Ann","value":5,"data":1`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// The name is in another object than the value.
	p := e.Group(e.With(nil, []slog.Attr{slog.String("name", "password")}), "g")
	if got, want := rest(t, line(e, p, nil, "e", slog.Int("value", 5))), `"name":"password","g":{"value":5}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestPairsLikeJSON holds Go values to what becomes of the same value as JSON.
func TestPairsLikeJSON(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	for _, name := range []string{"password", "X-Api-Key", "name", "HOME", "/password", "user_email", "DB_PASSWORD", "token_type", "", "Ünïcödé", `a"b`} {
		for _, label := range []string{"name", "key", "field", "header", "path", "title", "NAME", "id"} {
			for _, under := range []string{"value", "val", "values", "data", "content", "Value", "text"} {
				doc := fmt.Sprintf(`{%q:%q,%q:"x1","n":1}`, label, name, under)
				want := rest(t, line(e, nil, nil, "e", slog.Any("x", json.RawMessage(doc))))
				got := rest(t, line(e, nil, nil, "e", slog.Group("x", label, name, under, "x1", "n", 1)))
				if got != want {
					t.Errorf("group %s: got %s, want %s", doc, got, want)
				}
				var m map[string]any
				if err := json.Unmarshal([]byte(doc), &m); err != nil {
					t.Fatal(err)
				}
				if got := line(e, nil, nil, "e", slog.Any("x", m)); strings.Contains(got, `"x1"`) != strings.Contains(want, `"x1"`) {
					t.Errorf("map %s: got %s, want %s", doc, got, want)
				}
			}
		}
	}
}

// TestNestedNames holds maps whose names are maps, which others can send, to be read
// once each.
func TestNestedNames(t *testing.T) {
	e := newEncoder(t, encode.Limits{Depth: 64})
	calls := 0
	var v any = counted{&calls}
	for range 60 {
		v = map[string]any{"name": v, "value": 1}
	}
	line(e, nil, nil, "e", slog.Any("x", v))
	if calls > 2 {
		t.Errorf("the innermost value is read %d times, want at most 2", calls)
	}
}

// counted counts how often it is read.
type counted struct{ calls *int }

func (c counted) String() string { *c.calls++; return "x" }

// lateLine is line for a scope without a block.
func lateLine(e *encode.Encoder, attrs, scope []slog.Attr) string {
	l := e.NewLine()
	defer l.Free()
	l.Begin(time.Time{}, e.NewHead("x"), slog.LevelInfo)
	if !l.Late(encode.IDs{RequestID: "1"}, scope) {
		return "a block is wanted"
	}
	l.Message("e")
	l.Prefix(nil)
	l.Attrs(attrs)
	l.EndAttrs()
	l.Scope(nil)
	return strings.TrimSuffix(string(l.End()), "\n")
}

// formLine is a line that begins with a form, whose second member is a, unless that
// is empty.
func formLine(e *encode.Encoder, form *encode.Form, p *encode.Prefix, a slog.Attr, more slog.Attr) string {
	if !form.Fits(p) {
		form = e.Form("form", []string{"n", "o"})
	}
	l := e.NewLine()
	defer l.Free()
	l.Begin(time.Time{}, e.NewHead("x"), slog.LevelInfo)
	l.Form(form, p)
	l.FormInt(0, 1)
	if a.Key != "" {
		l.FormText(1, a.Value.String())
	}
	l.FormAttrs([]slog.Attr{more})
	l.EndAttrs()
	l.Scope(nil)
	return strings.TrimSuffix(string(l.End()), "\n")
}

// queryLine is a line with a query.
func queryLine(e *encode.Encoder, query string) string {
	l := e.NewLine()
	defer l.Free()
	q := encode.Query(query)
	l.Begin(time.Time{}, e.NewHead("x"), slog.LevelInfo)
	l.Form(e.Form("form", []string{"query_params"}), nil)
	l.FormQuery(0, &q)
	l.EndAttrs()
	l.Scope(nil)
	return strings.TrimSuffix(string(l.End()), "\n")
}

// TestListsLikeJSON holds lists of Go values to what becomes of the same list as JSON.
func TestListsLikeJSON(t *testing.T) {
	e := newEncoder(t, encode.Limits{})
	texts := []string{"password", "hunter2x", "--password", "X-Api-Key", "Authorization", "Content-Type", "a", "", "address2",
		"k3yv4lue99zz", "--token=abc", "4111111111111111", "required", "--secret", `q"uo\te`}
	for _, a := range texts {
		for _, b := range texts {
			for _, c := range texts {
				list := []string{a, b, c}
				doc, err := json.Marshal(list)
				if err != nil {
					t.Fatal(err)
				}
				want := rest(t, line(e, nil, nil, "e", slog.Any("x", json.RawMessage(doc))))
				for _, v := range []any{list, []any{a, named(b), c}, []named{named(a), named(b), named(c)}, []*string{&a, &b, &c}, [3]any{a, named(b), &c}} {
					if got := rest(t, line(e, nil, nil, "e", slog.Any("x", v))); got != want {
						t.Errorf("%T %q: got %s, want %s", v, list, got, want)
					}
				}
			}
		}
	}
}
