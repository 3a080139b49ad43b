package sqllog

import "github.com/pairly/pairlog"

// With returns c with Slow and Queries as a pipeline is configured, where c does
// not say otherwise:
//
//	sqllog.Config{Logger: p.Logger("db.query")}.With(p.Settings())
func (c Config) With(s pairlog.Settings) Config {
	if c.Slow == 0 {
		if c.Slow = s.SlowQuery; c.Slow == 0 {
			c.Slow = -1 // a setting of zero is off
		}
	}
	c.Queries = c.Queries || s.Queries
	return c
}
