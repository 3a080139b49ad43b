module github.com/pairly/pairlog/cmd

go 1.25.0

require (
	github.com/alecthomas/kong v1.17.0
	github.com/pairly/pairlog v0.0.0
	golang.org/x/term v0.42.0
)

require golang.org/x/sys v0.45.0 // indirect
