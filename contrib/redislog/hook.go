package redislog

import (
	"context"
	"log/slog"
	"math"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/internal/callsite"
)

// A Hook logs what goes through the client that it was added to. It is safe for
// concurrent use.
type Hook struct {
	config Config
	state  state
	now    func() time.Time
}

var _ redis.Hook = (*Hook)(nil)

// New returns a hook for AddHook. [Instrument] is the same with less to do.
func New(c Config) *Hook {
	return &Hook{config: c.withDefaults(), now: time.Now}
}

// Instrument adds a hook to a client and, for a cluster or ring, to the dialing
// of its nodes. Call it before the client's first command.
//
// One hook sees one Redis: of a cluster it is unavailable when a command is not
// served, and connected again when another one is.
func Instrument(client redis.UniversalClient, c Config) *Hook {
	h := New(c)
	client.AddHook(h)
	switch client := client.(type) {
	case *redis.Client:
		h.state.setHost(client.Options().Addr)
	case *redis.ClusterClient:
		client.OnNewNode(h.addDials)
	case *redis.Ring:
		client.OnNewNode(h.addDials)
		// The shards of the options are there already; the error is only what
		// the function below returns.
		_ = client.ForEachShard(context.Background(), func(_ context.Context, shard *redis.Client) error {
			h.addDials(shard)
			return nil
		})
	}
	return h
}

// addDials lets the hook see the dialing of a node whose commands it sees
// already.
func (h *Hook) addDials(node *redis.Client) { node.AddHook(dials{h}) }

// dials is the part of a Hook that sees connections.
type dials struct{ *Hook }

func (dials) ProcessHook(redis.ProcessHook) redis.ProcessHook                         { return nil }
func (dials) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook { return nil }

// DialHook implements [redis.Hook]: it notes where Redis is. That it cannot be
// reached is told by the command which waits for the connection: go-redis dials
// with a context of its own, which has no request.
func (h *Hook) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		h.state.setHost(addr)
		return next(ctx, network, addr)
	}
}

// ProcessHook implements [redis.Hook] for single commands.
func (h *Hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if isHandshake(cmd) {
			return next(ctx, cmd)
		}
		start := h.now()
		err := next(ctx, cmd)
		h.done(ctx, &call{cmd: cmd, count: 1, took: h.now().Sub(start), err: err})
		return err
	}
}

// ProcessPipelineHook implements [redis.Hook] for pipelines and transactions.
func (h *Hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if len(cmds) == 0 || allHandshake(cmds) {
			return next(ctx, cmds)
		}
		start := h.now()
		err := next(ctx, cmds)
		h.done(ctx, newPipeline(cmds, h.now().Sub(start), err))
		return err
	}
}

// done accounts for a call. Most are not logged: they only count.
func (h *Hook) done(ctx context.Context, c *call) {
	outcome := judge(ctx, c.err)
	if t, ok := pairlog.ScopeFrom(ctx).Gather(tallyKey, newTally).(*tally); ok {
		t.add(c, outcome != served)
	}
	if !h.config.NoState {
		switch outcome {
		case served, refused:
			h.there(ctx, c.took)
		case unserved:
			h.away(ctx, c.name(), c.err)
			return
		}
	}
	slow := h.config.Slow > 0 && c.took >= h.config.Slow && !c.blocks()
	if outcome != served || slow || h.config.Commands {
		h.log(ctx, c, outcome, slow)
	}
}

// log writes the line of a call: redis_command_failed, redis_slow_command or
// redis_command.
func (h *Hook) log(ctx context.Context, c *call, outcome outcome, slow bool) {
	event, level := "redis_command", slog.LevelDebug
	switch {
	case outcome != served:
		event = "redis_command_failed"
		if outcome != unserved && !h.expected(c.err) {
			level = slog.LevelError
		}
	case slow:
		event, level = "redis_slow_command", slog.LevelWarn
	}
	if !h.config.Logger.Enabled(ctx, level) {
		return
	}
	var buf [8]slog.Attr
	attrs := append(buf[:0], slog.String("command", c.name()))
	if c.count > 1 || c.cmds != nil {
		attrs = append(attrs, slog.Int("commands", c.count))
	}
	attrs = append(attrs,
		slog.Int("keys", c.keys()),
		slog.Float64(pairlog.KeyDurationMS, milliseconds(c.took)))
	if outcome != served {
		attrs = appendError(attrs, c.err)
		if failed := c.failed(); failed != "" {
			attrs = append(attrs, slog.String("failed_command", failed))
		}
	} else if slow {
		attrs = append(attrs, slog.Float64("threshold_ms", milliseconds(h.config.Slow)))
	}
	if level > slog.LevelDebug {
		attrs = h.appendCaller(attrs)
	}
	pairlog.Log(ctx, h.config.Logger, level, event, attrs...)
}

// appendCaller adds the place that sent the command: the first frame above
// go-redis.
func (h *Hook) appendCaller(attrs []slog.Attr) []slog.Attr {
	if place := callsite.Above(h.config.SkipCallers); place != "" {
		attrs = append(attrs, slog.String("caller", place))
	}
	return attrs
}

// milliseconds returns d in milliseconds with two decimals.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/1e4) / 100
}
