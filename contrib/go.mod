module github.com/pairly/pairlog/contrib

go 1.25.0

require github.com/pairly/pairlog v0.0.0

replace github.com/pairly/pairlog => ../
