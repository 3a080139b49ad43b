package encode

import "strings"

// consoleRecord is a record as the console reads it: the members of the envelope,
// the stack traces, and all else in the order of the record.
type consoleRecord struct {
	timestamp, level, logger, what string
	fields                         []consoleField
	stacks                         []string
}

// consoleField is a member of the record or of one of its groups.
type consoleField struct {
	key   string // with the groups around it: db.count
	value []byte // as it stands in the record
}

// flattest is how many groups a dotted key may name; what is deeper stays JSON.
// It bounds how often a byte is read.
const flattest = 3

// member takes the next member of the record.
func (r *consoleRecord) member(key string, v []byte) {
	if isText(v) {
		switch {
		case key == "timestamp" && r.timestamp == "":
			r.timestamp = unquote(v)
			return
		case key == "level" && r.level == "":
			r.level = unquote(v)
			return
		case key == "logger" && r.logger == "":
			r.logger = unquote(v)
			return
		case r.what == "" && (key == "event" || key == "message"):
			r.what = unquote(v)
			return
		case key == "stack_trace" && len(v) > 2:
			r.stacks = append(r.stacks, unquote(v))
			return
		}
	}
	r.add(key, v, 0)
}

// add takes a member that lies in depth groups.
func (r *consoleRecord) add(key string, v []byte, depth int) {
	if len(v) > len("{}") && v[0] == '{' && depth < flattest {
		n := len(r.fields)
		if scanMembers(v, func(k string, v []byte) { r.add(key+"."+k, v, depth+1) }) {
			return
		}
		r.fields = r.fields[:n]
	}
	r.fields = append(r.fields, consoleField{key: key, value: v})
}

// request is what a record says of a request that was answered.
type request struct{ method, path, status, took string }

// request returns nil for a record of anything else.
func (r *consoleRecord) request() *request {
	var q request
	for i := range r.fields {
		switch f := &r.fields[i]; f.key {
		case "method":
			q.method = f.String()
		case "path":
			q.path = f.String()
		case "status_code":
			q.status = f.String()
		case "duration_ms":
			q.took = f.String()
		}
	}
	if q.method == "" || q.path == "" || q.status == "" || q.took == "" {
		return nil
	}
	return &q
}

// leads reports whether a field of a request's record leads its line.
func leads(key string) bool {
	return key == "method" || key == "path" || key == "status_code" || key == "duration_ms"
}

// serious reports whether everything is shown: from WARNING up, unless it is a
// request in which the fault was the client's.
func (r *consoleRecord) serious(q *request) bool {
	return r.level != "DEBUG" && r.level != "INFO" && (q == nil || q.status[0] != '4')
}

// technical reports whether a field of a request's record is a detail that is
// seldom looked for.
func (f *consoleField) technical() bool {
	switch f.key {
	case "user_agent", "route", "protocol", "ttfb_ms", "request_size_bytes", "response_size_bytes", "recorded_lines",
		"trace_id", "span_id", "db.slowest", "db.slowest_ms", "redis.slowest", "redis.slowest_ms":
		return true
	}
	return strings.HasPrefix(f.key, "headers.") || strings.HasPrefix(f.key, "tls.")
}

// isText reports whether a value is a string.
func isText(v []byte) bool { return len(v) >= 2 && v[0] == '"' }

// String returns the value: a text without its quotes where it is clear without
// them, all else as it stands in the record.
func (f *consoleField) String() string {
	if isText(f.value) {
		if s := unquote(f.value); !needsQuotes(s) {
			return s
		}
	}
	return string(f.value)
}

// says reports whether there is anything to read in the value.
func (f *consoleField) says() bool {
	switch string(f.value) {
	case "null", `""`, "{}", "[]":
		return false
	}
	return true
}

// wrong reports whether the field tells of an error.
func (f *consoleField) wrong() bool {
	return strings.HasPrefix(f.key, "error") && string(f.value) != "null"
}

// style is that of the key.
func (f *consoleField) style() string {
	if f.wrong() {
		return red
	}
	return dim
}
