//go:build !unix

package sink_test

func setUmask(mask int) int { return mask }
