package callsite_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/pairly/pairlog/internal/callsite"
)

const own = "github.com/pairly/pairlog/internal/callsite_test"

func TestAbove(t *testing.T) {
	_, _, line, _ := runtime.Caller(0)
	if got, want := callsite.Above(nil), fmt.Sprintf("callsite/callsite_test.go:%d", line+1); got != want {
		t.Errorf("Above(nil) = %q, want %q", got, want)
	}
	if got := callsite.Above([]string{own, "testing"}); got != "" && got[:len("runtime/")] != "runtime/" {
		t.Errorf("above this test and package testing: %q, want what is in runtime, or nothing", got)
	}
	// A path that only begins like a package's is another package.
	if got := callsite.Above([]string{own[:len(own)-1], "test"}); got[:len("callsite/")] != "callsite/" {
		t.Errorf("Above = %q, want this file", got)
	}
}

// What a library of the standard library calls back has the library below it.
func TestAboveCallback(t *testing.T) {
	var got string
	_, _, line, _ := runtime.Caller(0)
	slices.SortFunc([]int{2, 1}, func(a, b int) int {
		got = callsite.Above([]string{own + ".TestAboveCallback.func1"})
		return a - b
	})
	if want := fmt.Sprintf("callsite/callsite_test.go:%d", line+2); got != want {
		t.Errorf("Above = %q, want %q: a function is no package", got, want)
	}
}

func TestInFolder(t *testing.T) {
	const redis = "github.com/redis/go-redis/v9"
	for _, c := range []struct {
		file string
		want bool
	}{
		{"/root/go/pkg/mod/github.com/redis/go-redis/v9@v9.20.0/redis.go", true},
		{"github.com/redis/go-redis/v9@v9.20.0/redis.go", true}, // -trimpath
		{"/src/shop/vendor/github.com/redis/go-redis/v9/internal/pool/pool.go", true},
		{"/src/go-redis/v9/redis.go", false},
		{"/src/mygithub.com/redis/go-redis/v9/redis.go", false},
		{"/root/go/pkg/mod/github.com/redis/go-redis/v9tools@v1/x.go", false},
		{"github.com/redis/go-redis/v9", false},
		{"github.com/redis/go-redis/v9@v9.20.0/redis_test.go", false},
	} {
		if got := callsite.InFolder(c.file, redis); got != c.want {
			t.Errorf("InFolder(%q) = %v, want %v", c.file, got, c.want)
		}
	}
	if !callsite.IsModule(redis) || callsite.IsModule("database/sql") || callsite.IsModule("runtime") {
		t.Error("IsModule does not tell modules from the standard library")
	}
}
