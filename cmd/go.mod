module github.com/pairly/pairlog/cmd

go 1.25.0

require (
	filippo.io/age v1.3.1
	github.com/alecthomas/kong v1.17.0
	github.com/pairly/pairlog v0.0.0
	golang.org/x/sys v0.45.0
	golang.org/x/term v0.42.0
)

require (
	filippo.io/hpke v0.4.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	golang.org/x/crypto v0.45.0 // indirect
)
