package auth

import "context"

// CheapHash makes hashing quick enough for tests.
var CheapHash = HashParams{MemoryKiB: 64, Passes: 1, Lanes: 1}

// A Hasher gives tests the hashing of passwords by itself.
type Hasher struct{ h *hasher }

// NewHasher returns one with those costs.
func NewHasher(p HashParams) Hasher { return Hasher{newHasher(p)} }

// Hash returns the password's hash.
func (h Hasher) Hash(ctx context.Context, password string) (string, error) {
	return h.h.hash(ctx, password)
}

// Matches reports whether the password has that hash.
func (h Hasher) Matches(ctx context.Context, encoded, password string) (bool, error) {
	return h.h.matches(ctx, encoded, password)
}

// Occupy takes all slots for hashing until free is called.
func (h Hasher) Occupy() (free func()) {
	for range cap(h.h.slots) {
		h.h.slots <- struct{}{}
	}
	return func() {
		for range cap(h.h.slots) {
			<-h.h.slots
		}
	}
}

// CommonPasswords returns the list.
func CommonPasswords() map[string]bool { return commonPasswords() }
