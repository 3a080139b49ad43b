// Package presence knows who is online. Sockets drive it: each connection
// joins, beats and leaves; a user is online while he has a connection or
// beat within 45 seconds. The profile row and the events change on
// transitions only.
package presence
