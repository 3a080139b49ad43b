package redact

import "slices"

// A UUID looks like nothing that a rule knows but the number of a bank account, where
// two letters and two digits begin one of its groups.

// uuidCodes reports whether s is a UUID, and which of its groups begin with two letters
// and two digits, the first in the lowest bit.
func uuidCodes(s string) (codes uint, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return 0, false
	}
	w0, w1 := load8(s), load4(s[9:])|load4(s[14:])<<32
	w2, w3 := load4(s[19:])|load4(s[24:])<<32, at8(s, 28)
	const small = ones * 0x20
	l0, l1, l2, l3 := hexLetters(w0|small), hexLetters(w1|small), hexLetters(w2|small), hexLetters(w3|small)
	all := (decimals(w0) | l0) & (decimals(w1) | l1) & (decimals(w2) | l2) & (decimals(w3) | l3)
	if all&^(w0|w1|w2|w3)&highs != highs {
		return 0, false
	}
	for i, l := range [...]uint64{l0, l1, l1 >> 32, l2, l2 >> 32} {
		if l&0x80808080 == 0x00008080 {
			codes |= 1 << i
		}
	}
	return codes, true
}

// uuidGroups are where the groups of a UUID begin.
var uuidGroups = [...]int{0, 9, 14, 19, 24}

// harmlessUUID reports whether s is a UUID in which no group begins like the number of
// a bank account.
func harmlessUUID(s string) bool {
	codes, ok := uuidCodes(s)
	return ok && (codes == 0 || !accountIn(s, codes, &anyAccount))
}

// soleUUID reports whether s is a UUID in which no group begins like the number of a
// bank account that ends with a group. It is harmless when it is all of a text.
func soleUUID(s string) bool {
	codes, ok := uuidCodes(s)
	return ok && (codes == 0 || !accountIn(s, codes, &endingAccount))
}

// accountIn reports whether the number of a bank account of one of these countries may
// begin with one of the groups codes.
func accountIn(s string, codes uint, countries *[5][32]uint32) bool {
	for g, i := range uuidGroups {
		if codes>>g&1 != 0 && countries[g][s[i]&31]>>(s[i+1]&31)&1 != 0 {
			return true
		}
	}
	return false
}

// anyAccount has the countries whose numbers may begin with each of the groups, and
// endingAccount those of them whose numbers are as long as that group and some behind
// it, both like countries.
var anyAccount, endingAccount = func() (all, ending [5][32]uint32) {
	lengths := [5][]int{{8, 12, 16, 20, 32}, {4, 8, 12, 24}, {4, 8, 20}, {4, 16}, {12}}
	for c, n := range ibanLengths {
		for g := range lengths {
			all[g][c[0]&31] |= 1 << (c[1] & 31)
			if slices.Contains(lengths[g], n) {
				ending[g][c[0]&31] |= 1 << (c[1] & 31)
			}
		}
	}
	return all, ending
}()
