package encode

// IsPlain is isPlain, for its test.
func IsPlain(b []byte) bool { return isPlain(b) }
