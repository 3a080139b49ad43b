package httplog_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

// What it takes to get a connection is told of the request that made it, and not
// of the one that finds it there.
func TestTransportTimes(t *testing.T) {
	logs := logtest.New(t)
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	base := s.Client().Transport.(*http.Transport)
	base.TLSClientConfig = &tls.Config{RootCAs: base.TLSClientConfig.RootCAs, ServerName: "example.com"}
	rt := &httplog.Transport{Logger: logs.Logger("external.stripe"), Service: "stripe", Base: base}
	url := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	send(t, t.Context(), rt, url)
	send(t, t.Context(), rt, url)
	recs := logs.Event("external_api_call")
	if len(recs) != 2 {
		t.Fatalf("lines: %s", logs.Text())
	}
	for _, key := range []string{"dns_ms", "connect_ms", "tls_ms"} {
		if !recs[0].Has(key) || recs[1].Has(key) {
			t.Errorf("%s: want it of the first request only:\n%s\n%s", key, recs[0].Line, recs[1].Line)
		}
	}
	if recs[0].Bool("conn_reused") || !recs[1].Bool("conn_reused") || !recs[1].Has("ttfb_ms") {
		t.Errorf("lines: %s", logs.Text())
	}
}
