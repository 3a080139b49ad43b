// Package contrib is the home of pairlog's adapters that need a third
// party's types; each adapter is a package of its own below it.
package contrib
