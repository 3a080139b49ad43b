// Package redislog logs what goes through a go-redis client: slow and failed
// commands, whether Redis is there, and the counts of a request's commands on
// its request line.
//
//	rdb := redis.NewClient(opts)
//	redislog.Instrument(rdb, redislog.Config{Logger: p.Logger("core.redis"), Fallback: "memory"})
//
// A command that takes longer than [Config.Slow] gives
//
//	{"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"core.redis","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"redis_slow_command","command":"zrangebyscore","keys":1,"duration_ms":81.20,"threshold_ms":50.00,"caller":"cache/feed.go:88"}
//
// and the request line of a request that sent three commands has
//
//	"redis":{"count":3,"ms":82.91,"slowest":"zrangebyscore","slowest_ms":81.20}
//
// # Whether Redis is there
//
//   - redis_connected, INFO: the first command was answered, or the first one
//     after an outage.
//   - redis_unavailable, ERROR: Redis did not answer, or refuses to serve
//     (LOADING, CLUSTERDOWN, a wrong password).
//   - redis_degraded_operation, WARNING: a command that was not served
//     meanwhile; at most one line for each command in [Config.Every], with the
//     count since the line before.
//   - redis_disconnected, INFO: [Hook.Disconnected] was called.
//
// An error that these lines tell of has no redis_command_failed line besides. An
// outage that begins within [Config.Every] of the one before has no line of its
// own, so that a connection that comes and goes does not fill the log.
//
// # What it never logs
//
// Keys, values, other arguments, and the texts of errors: the server repeats
// arguments in them. A line has the name of the command, the number of its keys,
// and of an error the type and a code (WRONGTYPE, timeout). A key that does not exist
// ([redis.Nil]) is no error. What go-redis itself sends when it connects (HELLO,
// AUTH, CLIENT, SELECT) is not counted.
package redislog
