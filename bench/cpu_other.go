//go:build !unix

package bench

import "time"

// cpuTime is unknown on this system; the benchmarks then report no processor
// time.
func cpuTime() time.Duration { return 0 }
