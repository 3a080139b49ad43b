// Package durable does to files what a log needs done: append without
// following links, replace and rename so that a crash leaves either the old
// state or the new one, and lock so that two processes do not share a file.
//
//	f, size, err := durable.OpenAppend(durable.OS{}, "/var/log/app.log", 0o640)
//	err = durable.Rename(durable.OS{}, "/var/log/app.log", "/var/log/app-1.log")
//
// Everything goes through the small [FS] interface, so that tests can put a
// full disk or a failing one behind the same code.
package durable
