module github.com/pairly/pairlog/cmd

go 1.25.0

require github.com/pairly/pairlog v0.0.0

require (
	github.com/alecthomas/kong v1.17.0 // indirect
	golang.org/x/sys v0.45.0 // indirect
	golang.org/x/term v0.42.0 // indirect
)
