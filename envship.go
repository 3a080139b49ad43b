package pairlog

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/pairly/pairlog/sink"
)

// ship reads LOG_SHIP and the variables that go with it. What is reported of a
// value is without credentials.
func (e env) ship() {
	common := sink.RemoteConfig{Header: e.shipHeaders()}
	common.CAFile, _ = e.get("LOG_SHIP_CA")
	common.CertFile, _ = e.get("LOG_SHIP_CERT")
	common.KeyFile, _ = e.get("LOG_SHIP_KEY")
	e.bytes("LOG_SHIP_BUFFER", 64<<10, 1<<30, func(n int64) { common.BufferBytes = int(n) }, "8MB")
	v, ok := e.get("LOG_SHIP")
	if !ok {
		return
	}
	for _, raw := range splitURLs(v) {
		scheme, _, isURL := strings.Cut(raw, "://")
		if scheme = strings.ToLower(scheme); !isURL || scheme != "https" && scheme != "http" {
			shown := "(no URL)"
			if isURL && schemeName.MatchString(scheme+"://") {
				shown = scheme + "://…"
			}
			e.c.fault("LOG_SHIP", shown, "https://… or http://…, for servers that take JSON lines", "nothing for it")
			continue
		}
		rc := common
		rc.URL = raw
		e.c.Ship = append(e.c.Ship, rc)
	}
}

// schemeName is how a URL begins.
var schemeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]{0,30}://`)

// splitURLs is split for URLs, in which commas may stand: a comma divides where
// a URL follows.
func splitURLs(v string) []string {
	var all []string
	for _, part := range strings.Split(v, ",") {
		if len(all) > 0 && !schemeName.MatchString(strings.TrimSpace(part)) {
			all[len(all)-1] += "," + part
			continue
		}
		if strings.TrimSpace(part) != "" {
			all = append(all, part)
		}
	}
	kept := all[:0]
	for _, u := range all {
		if u = strings.Trim(strings.TrimSpace(u), ","); u != "" {
			kept = append(kept, u)
		}
	}
	return kept
}

// shipHeaders reads LOG_SHIP_HEADERS, a list of Name=value as in
// OTEL_EXPORTER_OTLP_HEADERS. The values are credentials as a rule and in no
// report.
func (e env) shipHeaders() http.Header {
	v, ok := e.get("LOG_SHIP_HEADERS")
	if !ok {
		return nil
	}
	h := http.Header{}
	for i, pair := range split(v) {
		name, value, found := strings.Cut(pair, "=")
		if name = strings.TrimSpace(name); !found || name == "" || strings.ContainsAny(name, " \t:") {
			e.c.fault("LOG_SHIP_HEADERS", "(entry "+strconv.Itoa(i+1)+", not shown)", "Name=value, comma separated", "nothing for it")
			continue
		}
		h.Add(name, strings.TrimSpace(value))
	}
	return h
}
