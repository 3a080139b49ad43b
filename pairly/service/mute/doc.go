// Package mute keeps temporary bans from chatting. A muted user stays signed
// in; each of his chat frames is refused until the mute ends.
package mute
