package httplog

import (
	"time"

	"github.com/pairly/pairlog"
)

// With returns c with Slow, Stuck and Bodies as a pipeline is configured, where
// c does not say otherwise:
//
//	httplog.Config{Logger: p.Logger("api.request")}.With(p.Settings())
func (c Config) With(s pairlog.Settings) Config {
	c.Slow = orSetting(c.Slow, s.SlowRequest)
	c.Stuck = orSetting(c.Stuck, s.StuckRequest)
	if c.Bodies == CaptureDefault {
		c.Bodies = Capture(s.Bodies)
	}
	return c
}

// orSetting returns d, or the setting where d is zero. A setting of zero is off,
// which a Config writes as -1.
func orSetting(d, setting time.Duration) time.Duration {
	switch {
	case d != 0:
		return d
	case setting == 0:
		return -1
	}
	return setting
}
