package callsite

var (
	InFolder = inFolder
	IsModule = isModule
)
