// Package callsite finds where a program called a library.
package callsite

import (
	"runtime"
	"strconv"
	"strings"
)

// maxFrames is how many frames are looked at, the innermost first.
const maxFrames = 48

// Above returns the innermost place on the caller's stack that belongs to none of the
// libraries, as folder, file and line: store/user.go:88. A library is an import path;
// the packages below it belong to it. "" means that there is no such place: a
// goroutine of a library has none.
func Above(libraries []string) string {
	var pcs [maxFrames]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function != "" && !belongs(&f, libraries) {
			return lastTwo(f.File) + ":" + strconv.Itoa(f.Line)
		}
		if !more {
			return ""
		}
	}
}

func belongs(f *runtime.Frame, libraries []string) bool {
	for _, path := range libraries {
		if rest, ok := strings.CutPrefix(f.Function, path); ok && rest != "" && (rest[0] == '.' || rest[0] == '/') {
			return true
		}
		if isModule(path) && inFolder(f.File, path) {
			return true
		}
	}
	return false
}

// isModule reports whether path is one of a module, and not of the standard library,
// whose short paths a program has folders of the same name for.
func isModule(path string) bool {
	host, _, _ := strings.Cut(path, "/")
	return strings.Contains(host, ".")
}

// inFolder reports whether file is one of the package path or of one below it. A
// function literal of a library that is inlined into the function which called the
// library has a name within that function, and only its file tells. Tests are of the
// folder and yet no part of the package.
func inFolder(file, path string) bool {
	i := strings.Index(file, path)
	if i < 0 || i > 0 && file[i-1] != '/' || strings.HasSuffix(file, "_test.go") {
		return false
	}
	rest := file[i+len(path):]
	return rest != "" && (rest[0] == '@' || rest[0] == '/')
}

// lastTwo returns a file with its folder.
func lastTwo(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		if j := strings.LastIndexByte(path[:i], '/'); j >= 0 {
			return path[j+1:]
		}
	}
	return path
}
