package encode_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pairly/pairlog/internal/encode"
)

// model is the record contract written down as simply as it can be: lists of
// members, the last of a name wins at its own place.
type model []modelMember

type modelMember struct{ key, value string }

func (m model) put(key, value string) model {
	out := model{}
	for _, old := range m {
		if old.key != key {
			out = append(out, old)
		}
	}
	return append(out, modelMember{key, value})
}

func (m model) take(key string) (model, string) {
	out, value := model{}, ""
	for _, old := range m {
		if old.key == key {
			value = old.value
			continue
		}
		out = append(out, old)
	}
	return out, value
}

func (m model) object() string {
	var parts []string
	for _, mm := range m {
		parts = append(parts, fmt.Sprintf("%q:%s", mm.key, mm.value))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// add puts an attr into m; root says that the contract's names are reserved, and
// those of ids too, of which active ones win.
func (m model) add(a slog.Attr, root bool, ids encode.IDs) model {
	key := a.Key
	id, active := a.Value.Any().(encode.ActiveID)
	if root && !active {
		switch {
		case key == "level", key == "event", key == "request_id" && ids.RequestID != "",
			key == "trace_id" && ids.TraceID != "", key == "span_id" && ids.SpanID != "":
			key += "_"
		}
	}
	if a.Value.Kind() != slog.KindGroup {
		if active {
			return m.put(key, quoted(string(id)))
		}
		return m.put(key, a.Value.String())
	}
	inner := model{}
	for _, b := range a.Value.Group() {
		if a.Key == "" {
			m = m.add(b, root, ids)
		} else {
			inner = inner.add(b, false, ids)
		}
	}
	if len(inner) == 0 {
		return m
	}
	return m.put(key, inner.object())
}

// modelLogger is a logger and the model of it, side by side.
type modelLogger struct {
	prefix *encode.Prefix
	groups []string
	// added are the attrs that the root has, and each group.
	added [][]slog.Attr
}

var modelKeys = []string{"a", "b", "c", "g", "h", "level", "event", "request_id", "trace_id", "span_id", "request_id_", "trace_id_"}

func randomAttrs(r *rand.Rand, depth int) []slog.Attr {
	attrs := make([]slog.Attr, r.IntN(5))
	for i := range attrs {
		key := modelKeys[r.IntN(len(modelKeys))]
		switch n := r.IntN(6); {
		case n == 0 && depth < 3:
			attrs[i] = slog.Attr{Key: key, Value: slog.GroupValue(randomAttrs(r, depth+1)...)}
		case n == 1 && depth < 3:
			attrs[i] = slog.Attr{Value: slog.GroupValue(randomAttrs(r, depth+1)...)}
		default:
			attrs[i] = slog.Int(key, r.IntN(1000))
		}
	}
	return attrs
}

func (l *modelLogger) add(attrs []slog.Attr) {
	last := len(l.added) - 1
	l.added[last] = slices.Concat(l.added[last], attrs)
}

// want is the line of the model for a call with attrs.
func (l *modelLogger) want(attrs, scope []slog.Attr, ids encode.IDs) string {
	levels := make([]model, len(l.added))
	for i, added := range l.added {
		if i == len(l.added)-1 {
			added = slices.Concat(added, attrs)
		}
		for _, a := range added {
			levels[i] = levels[i].add(a, i == 0, ids)
		}
	}
	for i := len(levels) - 1; i > 0; i-- {
		if len(levels[i]) == 0 {
			continue
		}
		name := l.groups[i-1]
		if i == 1 {
			switch name {
			case "level", "event", "request_id", "trace_id", "span_id":
				name += "_"
			}
		}
		levels[i-1] = levels[i-1].put(name, levels[i].object())
	}
	root := levels[0]
	id := map[string]string{"request_id": quoted(ids.RequestID), "trace_id": quoted(ids.TraceID), "span_id": quoted(ids.SpanID)}
	late := model{}
	for _, a := range scope {
		late = late.add(a, true, ids)
	}
	for _, key := range []string{"request_id", "trace_id", "span_id"} {
		var v string
		if late, v = late.take(key); v != "" {
			id[key] = v
		}
		if root, v = root.take(key); v != "" {
			id[key] = v
		}
	}
	line := model{{"level", `"INFO"`}, {"logger", `"x"`}}
	appendID := func(key string) {
		if id[key] != "" {
			line = append(line, modelMember{key, id[key]})
		}
	}
	appendID("request_id")
	line = append(line, modelMember{"event", `"e"`})
	line = append(line, root...)
	for _, m := range late {
		if _, there := root.take(m.key); there == "" {
			line = append(line, m)
		}
	}
	appendID("trace_id")
	appendID("span_id")
	return line.object()
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("%q", s)
}

func TestLinesAgainstTheModel(t *testing.T) {
	for seed := range uint64(6000) {
		e := newEncoder(t, encode.Limits{})
		r := rand.New(rand.NewPCG(seed, 1))
		l := &modelLogger{added: [][]slog.Attr{nil}}
		for range r.IntN(5) {
			if r.IntN(3) == 0 {
				name := modelKeys[r.IntN(len(modelKeys))]
				l.prefix = e.Group(l.prefix, name)
				l.groups = append(l.groups, name)
				l.added = append(l.added, nil)
				continue
			}
			attrs := randomAttrs(r, 0)
			l.prefix = e.With(l.prefix, attrs)
			l.add(attrs)
		}
		var block *encode.ScopeBlock
		var ids encode.IDs
		var late []slog.Attr
		if r.IntN(2) == 0 {
			block = new(encode.ScopeBlock)
			ids = encode.IDs{RequestID: "r"}
			if r.IntN(2) == 0 {
				ids.TraceID, ids.SpanID = "t", "s"
			}
			late = randomAttrs(r, 0)
			e.ScopeBlock(block, ids, late)
		}
		// The second call finds the shape of the first, the others a part of it.
		attrs := randomAttrs(r, 0)
		if r.IntN(4) == 0 {
			attrs = append(attrs, slog.Any("trace_id", encode.ActiveID("active")))
		}
		for range 4 {
			for range 2 {
				got, want := line(e, l.prefix, block, "e", attrs...), l.want(attrs, late, ids)
				if got != want {
					t.Fatalf("seed %d groups %v late %v attrs %v:\n got %s\nwant %s", seed, l.groups, late, attrs, got, want)
				}
			}
			attrs = changed(r, attrs)
		}
	}
}

// changed returns attrs with one of them left out, replaced or added.
func changed(r *rand.Rand, attrs []slog.Attr) []slog.Attr {
	attrs = slices.Clone(attrs)
	i := r.IntN(len(attrs) + 1)
	more := randomAttrs(r, 0)
	switch {
	case i < len(attrs) && r.IntN(2) == 0:
		return slices.Delete(attrs, i, i+1)
	case i < len(attrs) && len(more) > 0 && r.IntN(2) == 0:
		attrs[i].Value = more[0].Value
		return attrs
	}
	return slices.Insert(attrs, i, more...)
}
