module github.com/pairly/pairlog

go 1.25.0

require (
	filippo.io/age v1.3.1
	github.com/klauspost/compress v1.20.3
	golang.org/x/sys v0.45.0
)

require (
	filippo.io/hpke v0.4.0 // indirect
	golang.org/x/crypto v0.45.0 // indirect
)
