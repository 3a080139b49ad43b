package sink_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

// caFile is a file with the certificate of a test server, "" when it has none.
func caFile(t testing.TB, s *httptest.Server) string {
	t.Helper()
	cert := s.Certificate()
	if cert == nil {
		return ""
	}
	return pemFile(t, "CERTIFICATE", cert.Raw)
}

func pemFile(t testing.TB, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// certificate makes a key pair signed by itself.
func certificate(t testing.TB, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func keyFile(t testing.TB, c tls.Certificate) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return pemFile(t, "PRIVATE KEY", der)
}

// TLS that cannot work: tried again all the same, and told at once as a matter
// of configuration.
func TestFault20TLS(t *testing.T) {
	mine := certificate(t, nil)
	trust := func(t *testing.T, c tls.Certificate) string { return pemFile(t, "CERTIFICATE", c.Certificate[0]) }
	serve := func(c tls.Certificate, auth tls.ClientAuthType) func(http.Handler) *httptest.Server {
		return func(h http.Handler) *httptest.Server {
			s := httptest.NewUnstartedServer(h)
			s.TLS = &tls.Config{Certificates: []tls.Certificate{c}, ClientAuth: auth}
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.StartTLS()
			return s
		}
	}
	expired := certificate(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) })
	other := certificate(t, func(c *x509.Certificate) { c.IPAddresses = nil; c.DNSNames = []string{"other.test"} })
	for name, c := range map[string]struct {
		start  func(http.Handler) *httptest.Server
		config func(*testing.T, *sink.RemoteConfig)
	}{
		"expired":            {serve(expired, 0), func(t *testing.T, c *sink.RemoteConfig) { c.CAFile = trust(t, expired) }},
		"untrusted":          {serve(mine, 0), func(*testing.T, *sink.RemoteConfig) {}},
		"other name":         {serve(other, 0), func(t *testing.T, c *sink.RemoteConfig) { c.CAFile = trust(t, other) }},
		"no client":          {serve(mine, tls.RequireAnyClientCert), func(t *testing.T, c *sink.RemoteConfig) { c.CAFile = trust(t, mine) }},
		"plain server":       {httptest.NewServer, func(_ *testing.T, c *sink.RemoteConfig) { c.URL = strings.Replace(c.URL, "http:", "https:", 1) }},
		"certificate gone":   {serve(mine, tls.RequireAnyClientCert), certificateGone(mine, trust)},
		"plain to a TLS one": {serve(mine, 0), func(_ *testing.T, c *sink.RemoteConfig) { c.URL = strings.Replace(c.URL, "https:", "http:", 1) }},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			server := newCollector(t, c.start)
			var ev events
			p := newPauses(40)
			rc := sink.RemoteConfig{URL: server.URL, BatchEvery: time.Millisecond, Report: ev.report}
			c.config(t, &rc)
			r := openRemote(t, rc, p)
			if name == "certificate gone" {
				os.Remove(rc.CertFile)
			}
			var o sinktest.Oracle
			send(t, r, &o, 0, 200)
			eventually(t, func() bool { return ev.count(sink.EventMisconfigured) == 1 })
			if name == "plain to a TLS one" { // it answers 400 to each line
				return
			}
			<-p.held
			if s := r.Stats(); s.Delivered+s.Refused+s.Abandoned != 0 || s.PendingBytes == 0 {
				t.Errorf("stats = %+v, want everything kept", s)
			}
			if server.count() != 0 {
				t.Errorf("%d requests came through", server.count())
			}
		})
	}
	// And with the client's certificate in place it works.
	server := newCollector(t, serve(mine, tls.RequireAnyClientCert))
	r := openRemote(t, sink.RemoteConfig{URL: server.URL, CAFile: trust(t, mine), CertFile: trust(t, mine), KeyFile: keyFile(t, mine)}, nil)
	var o sinktest.Oracle
	send(t, r, &o, 0, 20)
	flushed(t, r)
	if v := o.Check(server.content()); !v.Clean() || v.Arrived != 20 {
		t.Errorf("%+v, want 20 arrived", v)
	}
}

// certificateGone configures a client's certificate, which the test then removes.
func certificateGone(c tls.Certificate, trust func(*testing.T, tls.Certificate) string) func(*testing.T, *sink.RemoteConfig) {
	return func(t *testing.T, rc *sink.RemoteConfig) {
		rc.CAFile, rc.CertFile, rc.KeyFile = trust(t, c), trust(t, c), keyFile(t, c)
	}
}

// A name that does not exist and a port that nobody listens on may be a server
// that restarts; within a minute it is told as a matter of configuration.
func TestFault20NotThere(t *testing.T) {
	for name, cause := range map[string]error{
		"no such name":       &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "collector.test", IsNotFound: true}},
		"connection refused": &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)},
		"no route":           &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ev events
				r, err := sink.OpenRemote(sink.RemoteConfig{URL: "http://collector.test", Report: ev.report})
				if err != nil {
					t.Fatal(err)
				}
				attempts := 0
				r.Dial(func(context.Context, string, string) (net.Conn, error) { attempts++; return nil, cause })
				r.Write(sinktest.Line(1, 0, 100))
				time.Sleep(5 * time.Second)
				synctest.Wait()
				if ev.count(sink.EventRetrying) != 1 || ev.count(sink.EventMisconfigured) != 0 {
					t.Errorf("after 5 s: %v, want that it is tried again", &ev)
				}
				time.Sleep(55 * time.Second)
				synctest.Wait()
				if ev.count(sink.EventMisconfigured) != 1 || !strings.Contains(ev.String(), fmt.Sprint(errors.Unwrap(cause))) {
					t.Errorf("after a minute: %v, want one %s with the cause", &ev, sink.EventMisconfigured)
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				if len(ev.all) != 2 || attempts < 200 || attempts > 1000 {
					t.Errorf("after an hour: %d attempts, events %v, want about 240 and no more reports", attempts, &ev)
				}
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				r.Flush(ctx)
				r.Close()
			})
		})
	}
	// The same with a real port.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	var ev events
	p := newPauses(2)
	r := openRemote(t, sink.RemoteConfig{URL: "http://" + l.Addr().String(), BatchEvery: time.Millisecond, Report: ev.report}, p)
	var o sinktest.Oracle
	send(t, r, &o, 0, 1)
	<-p.held
	if ev.count(sink.EventRetrying) != 1 || !strings.Contains(ev.String(), "refused") {
		t.Errorf("events = %v, want one %s", &ev, sink.EventRetrying)
	}
}

// The name leads to another server: the old one is gone, or still there.
func TestFault20NameLeadsElsewhere(t *testing.T) {
	old, next := newCollector(t, nil), newCollector(t, nil)
	var at atomic.Pointer[string]
	lookup := func(c *collector) { a := c.Listener.Addr().String(); at.Store(&a) }
	lookup(old)
	r := openRemote(t, sink.RemoteConfig{URL: "http://collector.test"}, nil)
	r.Dial(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, *at.Load())
	})
	var o sinktest.Oracle
	send(t, r, &o, 0, 10)
	flushed(t, r)
	lookup(next)
	old.CloseClientConnections()
	send(t, r, &o, 10, 10)
	flushed(t, r)
	if old.count() != 1 || next.count() != 1 {
		t.Errorf("%d requests to the old server and %d to the new, want one each", old.count(), next.count())
	}
	if v := o.Check(append(old.content(), next.content()...)); !v.Clean() {
		t.Errorf("%+v", v)
	}
}

// A connection that works is made anew now and then, or a name that leads
// elsewhere would never be followed.
func TestFault20ConnectionsAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newPipeServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		defer server.close()
		r, err := sink.OpenRemote(sink.RemoteConfig{URL: "http://collector.test"})
		if err != nil {
			t.Fatal(err)
		}
		dials := 0
		r.Dial(func(ctx context.Context, network, address string) (net.Conn, error) {
			dials++
			return server.dial(ctx, network, address)
		})
		for n := range 60 {
			r.Write(sinktest.Line(1, n, 100))
			time.Sleep(20 * time.Second)
		}
		if dials < 3 || dials > 6 {
			t.Errorf("%d connections in 20 minutes, want one each five", dials)
		}
		r.Close()
	})
}
