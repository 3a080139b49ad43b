// Package socketlimit limits how fast a user, and an address, may send
// frames on sockets. It answers allow, refuse with a time to wait, or abuse:
// close the socket.
package socketlimit
