package httplog

import "github.com/pairly/pairlog/redact"

// closeJSON makes a JSON document of the beginning of one: it cuts behind the
// last element or member that is complete and closes what is open. Where that
// would show a value whose name is not there any more, as in {"value": "x", "name":
// "password"}, it cuts before the value. Data that is no JSON gives something that is
// none either.
func closeJSON(data []byte) []byte {
	var stack []openJSON
	cut, stringAt := 0, 0
	inString := false
	var last []byte // the string that was last
	for i := 0; i < len(data); i++ {
		c := data[i]
		if inString {
			switch c {
			case '\\':
				i++
			case '"':
				inString, last = false, data[stringAt:i]
			}
			continue
		}
		switch c {
		case '"':
			inString, stringAt = true, i+1
		case '{', '[':
			if n := len(stack); n > 0 {
				stack[n-1].nested = true
			}
			stack = append(stack, openJSON{closing: c + 2, bare: -1}) // { and }, [ and ] are two apart
			cut = i + 1
		case ':':
			if n := len(stack); n > 0 {
				stack[n-1].begin(last, cut)
			}
		case '}', ']':
			if len(stack) == 0 || stack[len(stack)-1].closing != c {
				return nil
			}
			stack = stack[:len(stack)-1]
			cut = i + 1
		case ',':
			if n := len(stack); n > 0 {
				stack[n-1].end()
			}
			cut = i
		}
	}
	for i := range stack {
		if o := &stack[i]; o.bare >= 0 && !o.named {
			cut, stack = o.bare, stack[:i+1]
			break
		}
	}
	out := append([]byte(nil), data[:cut]...)
	for i := len(stack) - 1; i >= 0; i-- {
		out = append(out, stack[i].closing)
	}
	return out
}

// An openJSON is an object or a list that is open.
type openJSON struct {
	closing byte
	named   bool // a member that names the value of another is complete
	nested  bool // the current member is an object or a list
	part    redact.PairKey
	at      int // before the current member
	bare    int // before the first value that may be named by another member; -1 for none
}

// begin begins a member behind its key. Before is where the one before it ends.
func (o *openJSON) begin(key []byte, before int) {
	o.part, o.at, o.nested = redact.PairKeyOf(string(key)), before, false
	if string(key) == redact.WebKeyType {
		o.part = redact.PairName
	}
}

// end ends a member.
func (o *openJSON) end() {
	switch {
	case o.part == redact.PairName:
		o.named = true
	case o.part != redact.PairNone && !o.nested && o.bare < 0:
		o.bare = o.at
	}
	o.part = redact.PairNone
}
