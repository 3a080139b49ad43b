package redislog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// A call is a command, a pipeline or a transaction that has been executed.
type call struct {
	cmd   redis.Cmder   // of a single command
	cmds  []redis.Cmder // of a pipeline or transaction, without its MULTI and EXEC
	tx    bool
	count int // of commands
	took  time.Duration
	err   error
}

// newPipeline returns the call of a pipeline. Its error is the first that is not
// a missing key: go-redis returns the first of any kind.
func newPipeline(cmds []redis.Cmder, took time.Duration, err error) *call {
	c := &call{cmds: cmds, took: took, err: err}
	if len(cmds) >= 2 && cmds[0].Name() == "multi" {
		c.tx, c.cmds = true, cmds[1:len(cmds)-1]
	}
	if errors.Is(err, redis.Nil) {
		for _, cmd := range c.cmds {
			if e := cmd.Err(); e != nil && !errors.Is(e, redis.Nil) {
				c.err = e
				break
			}
		}
	}
	c.count = len(c.cmds)
	return c
}

// name returns the command's name, or pipeline or multi.
func (c *call) name() string {
	switch {
	case c.tx:
		return "multi"
	case c.cmds != nil:
		return "pipeline"
	}
	return commandName(c.cmd)
}

// failed returns the command of a pipeline that its error is of, or nothing.
func (c *call) failed() string {
	for _, cmd := range c.cmds {
		if errors.Is(cmd.Err(), c.err) {
			return commandName(cmd)
		}
	}
	return ""
}

func (c *call) keys() int {
	if c.cmds == nil {
		return keyCount(c.cmd)
	}
	n := 0
	for _, cmd := range c.cmds {
		n += keyCount(cmd)
	}
	return n
}

// blocks reports whether the call waits for something on purpose, so that its
// time says nothing.
func (c *call) blocks() bool {
	for _, cmd := range c.cmds {
		if blocks(cmd) {
			return true
		}
	}
	return c.cmds == nil && blocks(c.cmd)
}

func blocks(cmd redis.Cmder) bool {
	switch cmd.Name() {
	case "blpop", "brpop", "brpoplpush", "blmove", "blmpop", "bzpopmin", "bzpopmax", "bzmpop",
		"wait", "waitaof", "monitor", "subscribe", "psubscribe", "ssubscribe":
		return true
	case "xread", "xreadgroup":
		for _, a := range cmd.Args() {
			if s, ok := a.(string); ok && strings.EqualFold(s, "block") {
				return true
			}
		}
	}
	return false
}

// isHandshake reports whether go-redis sends a command when it connects. The
// same sent by a caller is not counted either: it does nothing to data.
func isHandshake(cmd redis.Cmder) bool {
	switch cmd.Name() {
	case "hello", "auth", "client", "select", "readonly", "readwrite":
		return true
	}
	return false
}

func allHandshake(cmds []redis.Cmder) bool {
	for _, cmd := range cmds {
		if !isHandshake(cmd) {
			return false
		}
	}
	return true
}

// commandName returns the name of a command in lower case, with the subcommand
// of those that have one. A caller can send anything as a command; what does not
// look like a name is "other".
func commandName(cmd redis.Cmder) string {
	name := cmd.Name()
	if !isName(name) {
		return "other"
	}
	switch name {
	case "acl", "client", "cluster", "config", "debug", "function", "latency", "memory", "module",
		"object", "pubsub", "script", "slowlog", "xgroup", "xinfo":
		if sub := strings.ToLower(argument(cmd, 1)); isName(sub) {
			return name + " " + sub
		}
	}
	return name
}

func isName(s string) bool {
	if s == "" || len(s) > 24 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// argument returns an argument that is a string or a number, or nothing. The
// command itself is argument 0.
func argument(cmd redis.Cmder, i int) string {
	args := cmd.Args()
	if i >= len(args) {
		return ""
	}
	switch a := args[i].(type) {
	case string:
		return a
	case int, int64:
		return fmt.Sprint(a)
	}
	return ""
}

// keyCount returns how many keys a command names, after the key specifications
// of https://redis.io/docs/latest/commands/. A command that is not known here has
// its key in the first place, as most have.
func keyCount(cmd redis.Cmder) int {
	args := len(cmd.Args()) - 1
	if args < 1 {
		return 0
	}
	switch cmd.Name() {
	case "acl", "bgrewriteaof", "bgsave", "client", "cluster", "command", "config", "dbsize", "debug", "discard",
		"echo", "exec", "failover", "flushall", "flushdb", "function", "info", "keys", "lastsave", "latency", "module",
		"multi", "ping", "psubscribe", "publish", "pubsub", "punsubscribe", "randomkey", "role", "save", "scan",
		"script", "shutdown", "slowlog", "spublish", "subscribe", "swapdb", "time", "unsubscribe", "unwatch", "wait", "waitaof":
		return 0
	case "del", "unlink", "exists", "touch", "mget", "watch", "pfcount", "pfmerge",
		"sdiff", "sinter", "sunion", "sdiffstore", "sinterstore", "sunionstore":
		return args
	case "blpop", "brpop", "bzpopmin", "bzpopmax", "bitop", "json.mget":
		return args - 1 // the timeout, the operation or the path
	case "mset", "msetnx":
		return args / 2
	case "rename", "renamenx", "copy", "smove", "lmove", "blmove", "rpoplpush", "brpoplpush", "lcs",
		"geosearchstore", "zrangestore":
		return 2
	case "eval", "evalsha", "eval_ro", "evalsha_ro", "fcall", "fcall_ro", "blmpop", "bzmpop":
		return numKeys(cmd, 2)
	case "zunion", "zinter", "zdiff", "zintercard", "sintercard", "lmpop", "zmpop":
		return numKeys(cmd, 1)
	case "zunionstore", "zinterstore", "zdiffstore":
		return 1 + numKeys(cmd, 2)
	case "xread", "xreadgroup":
		return streamCount(cmd)
	}
	return 1
}

// numKeys reads a count of keys among the arguments.
func numKeys(cmd redis.Cmder, i int) int {
	n, err := strconv.Atoi(argument(cmd, i))
	if err != nil || n < 0 || n > len(cmd.Args()) {
		return 0
	}
	return n
}

// streamCount counts the keys behind STREAMS: half of what follows, the other
// half are ids.
func streamCount(cmd redis.Cmder) int {
	args := cmd.Args()
	for i := range args {
		if strings.EqualFold(argument(cmd, i), "streams") {
			return (len(args) - i - 1) / 2
		}
	}
	return 0
}
