//go:build !linux && !darwin && !freebsd && !dragonfly && !windows

package durable

import "errors"

func free(string) (uint64, error) { return 0, errors.ErrUnsupported }
