package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// HashParams are the costs of argon2id. The zero value means 19 MiB of
// memory, 2 passes and 1 lane, the least that OWASP's password storage page
// recommends; tests use cheap ones.
type HashParams struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

func (p HashParams) withDefaults() HashParams {
	if p.MemoryKiB == 0 {
		p.MemoryKiB = 19 * 1024
	}
	if p.Passes == 0 {
		p.Passes = 2
	}
	if p.Lanes == 0 {
		p.Lanes = 1
	}
	return p
}

const (
	saltBytes = 16
	keyBytes  = 32
)

// A hasher hashes and checks passwords, a few at a time: each takes a core
// and much memory for tens of milliseconds, so a flood of logins waits here
// instead of taking the machine down. It is safe for concurrent use.
type hasher struct {
	p     HashParams
	slots chan struct{}
	dummy string // the hash of a password that nobody has
}

func newHasher(p HashParams) *hasher {
	h := &hasher{p: p.withDefaults(), slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	nobody := make([]byte, 24)
	rand.Read(nobody)
	h.dummy = h.encode(string(nobody))
	return h
}

// run does work in a slot; it fails only when ctx ends before one is free.
func (h *hasher) run(ctx context.Context, work func()) error {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.slots }()
	work()
	return nil
}

// hash returns the password's hash in the PHC string format
// (https://github.com/P-H-C/phc-string-format), with a salt of its own.
func (h *hasher) hash(ctx context.Context, password string) (encoded string, err error) {
	err = h.run(ctx, func() { encoded = h.encode(password) })
	return encoded, err
}

func (h *hasher) encode(password string) string {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, h.p.Passes, h.p.MemoryKiB, h.p.Lanes, keyBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.p.MemoryKiB, h.p.Passes, h.p.Lanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// matches reports whether the password has that hash. An empty hash stands
// for an account that is not there: no password matches, and finding out
// takes as long.
func (h *hasher) matches(ctx context.Context, encoded, password string) (bool, error) {
	exists := encoded != ""
	if !exists {
		encoded = h.dummy
	}
	p, salt, want, err := parseHash(encoded)
	if err != nil {
		return false, err
	}
	same := 0
	err = h.run(ctx, func() {
		got := argon2.IDKey([]byte(password), salt, p.Passes, p.MemoryKiB, p.Lanes, uint32(len(want)))
		same = subtle.ConstantTimeCompare(got, want)
	})
	return same == 1 && exists, err
}

func parseHash(encoded string) (p HashParams, salt, key []byte, err error) {
	bad := func() (HashParams, []byte, []byte, error) {
		return HashParams{}, nil, nil, fmt.Errorf("parse password hash: want $argon2id$v=%d$m=,t=,p=$salt$key", argon2.Version)
	}
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return bad()
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes); err != nil || p.Passes == 0 || p.Lanes == 0 {
		return bad()
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return bad()
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) == 0 {
		return bad()
	}
	return p, salt, key, nil
}

//go:embed common.txt
var commonText string

// commonPasswords reads the list of passwords that are guessed first.
func commonPasswords() map[string]bool {
	m := make(map[string]bool, 1200)
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			m[line] = true
		}
	}
	return m
}
