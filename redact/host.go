package redact

import (
	"net/netip"
	"strings"
)

// An operator needs to read which database did not answer. Its address is no
// person's, but looks like one. Two things must agree before it is kept: the key
// says that it is a machine of the service (host, db_host, listen_addr), and the
// address belongs to a private network. client_ip, remote_addr and free text are
// masked as ever, and a public address is masked under host, too.

// hostWords name the address of a machine, alone or after one of machineWords.
var hostWords = map[string]bool{"host": true, "hostname": true, "hosts": true}

// addressWords name the address of a machine after one of machineWords only:
// addr alone is as often that of a client.
var addressWords = map[string]bool{"addr": true, "addrs": true, "address": true, "addresses": true}

// machineWords are parts of a service and of what it runs on.
var machineWords = map[string]bool{
	"server": true, "listen": true, "bind": true, "db": true, "database": true, "sql": true, "postgres": true, "pg": true,
	"mysql": true, "mongo": true, "mongodb": true, "redis": true, "cache": true, "memcached": true, "kafka": true,
	"broker": true, "brokers": true, "amqp": true, "rabbitmq": true, "nats": true, "queue": true, "elasticsearch": true,
	"upstream": true, "backend": true, "smtp": true, "ldap": true, "node": true, "pod": true, "cluster": true,
	"primary": true, "replica": true, "service": true, "grpc": true, "metrics": true,
}

// host reports whether the words are the name of the address of a machine.
func (w keyWords) host() bool {
	n := len(w.ends)
	last := string(w.run(n-1, n-1))
	if n == 1 {
		return hostWords[last]
	}
	return (hostWords[last] || addressWords[last]) && machineWords[string(w.run(n-2, n-2))]
}

// appendHost appends the value of a key of [ClassHost].
func (r *Redactor) appendHost(dst []byte, s string) []byte {
	if len(s) <= maxHosts && len(r.cfg.Values) == 0 && privateHosts(s) {
		return append(dst, s...)
	}
	return r.AppendString(dst, s)
}

// maxHosts bounds, in bytes, a list of addresses that is looked at.
const maxHosts = 512

// privateHosts reports whether s is a list of addresses of private networks, each
// with or without a port, and nothing else.
func privateHosts(s string) bool {
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		addr, err := netip.ParseAddr(part)
		if err != nil {
			ap, err := netip.ParseAddrPort(part)
			if err != nil {
				return false
			}
			addr = ap.Addr()
		}
		addr = addr.Unmap()
		if addr.Zone() != "" || !addr.IsPrivate() && !addr.IsLoopback() && !addr.IsLinkLocalUnicast() && !addr.IsUnspecified() {
			return false
		}
	}
	return true
}
