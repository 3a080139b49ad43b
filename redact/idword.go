package redact

// A word such as token makes a random string after it a secret, unless a nearer word
// says that it is something else: token created, request_id=x; password changed for
// user x; verification failed for order 123456.

// identified reports whether the key or the word right before b says that what follows is
// an identifier or a checksum.
func (sc *scanner) identified(b int) bool {
	s := sc.s
	i := b
	for i > 0 && b-i < 8 && betweenWords[s[i-1]] {
		i--
	}
	end := i
	for i > 0 && end-i < maxKeyBack && (nameBytes[s[i-1]] || s[i-1] == '.') {
		i--
	}
	return i < end && end < b && sc.identifier(s[i:end])
}

// betweenWords are the bytes between a key or a word and its value.
var betweenWords = byteSet(" \t:=\"'`\\>([{#,", false)

// identifier reports whether a key or a word is that of an identifier.
func (sc *scanner) identifier(name string) bool {
	if len(name) > maxCachedKey {
		return false
	}
	var buf [maxKeyBytes]byte
	var ends [16]uint8
	n, words, _ := splitWords(name, &buf, &ends)
	if words == 0 {
		return false
	}
	w := keyWords{buf: buf[:n], ends: ends[:words]}
	if !identifiers[string(w.run(words-1, words-1))] && !identifiers[string(buf[:n])] {
		return false
	}
	return sc.r.verdict(name).str < strStructured
}

// identifiers are the words before an identifier, a checksum, or the name of what
// something is done for.
var identifiers = map[string]bool{
	"id": true, "ids": true, "uid": true, "uuid": true, "guid": true, "ulid": true, "ksuid": true, "xid": true, "oid": true, "pid": true,
	"sha": true, "sha1": true, "sha224": true, "sha256": true, "sha384": true, "sha512": true, "md5": true, "crc": true, "crc32": true, "blake3": true,
	"sha3": true, "hash": true, "digest": true, "checksum": true, "sum": true, "etag": true, "commit": true, "revision": true, "rev": true,
	"build": true, "version": true, "jti": true, "kid": true, "trace": true, "span": true, "request": true, "req": true, "correlation": true,
	"traceparent": true, "traceid": true, "spanid": true, "requestid": true, "fingerprint": true, "thumbprint": true, "pod": true, "container": true,
	"image": true, "node": true, "instance": true, "object": true, "block": true, "tx": true, "txid": true, "txn": true, "transaction": true,
	"cursor": true, "event": true, "job": true, "task": true, "run": true, "order": true, "payment": true, "invoice": true, "user": true,
	"username": true, "account": true, "customer": true, "tenant": true, "member": true, "profile": true, "workspace": true, "project": true,
	"organization": true, "org": true, "device": true, "client": true, "for": true, "by": true, "ray": true,
}
