package storage

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"

	"cxbot/bot"
)

//go:embed lua/outbox.lua
var outboxLua string

//go:embed lua/commit.lua
var commitLua string

//go:embed lua/page.lua
var pageLua string

//go:embed lua/topic.lua
var topicLua string

//go:embed lua/similar.lua
var similarLua string

//go:embed lua/failed.lua
var failedLua string

//go:embed lua/claim.lua
var claimLua string

//go:embed lua/settle.lua
var settleLua string

//go:embed lua/lead.lua
var leadLua string

//go:embed lua/fetch.lua
var fetchLua string

//go:embed lua/fetchback.lua
var fetchBackLua string

//go:embed lua/dump.lua
var dumpLua string

//go:embed lua/swap.lua
var swapLua string

// script is a Lua script and its digest, both boxed once. Redis compiles it
// once; after a restart or SCRIPT FLUSH the text is sent again.
type script struct{ hash, text any }

func newScript(parts ...string) script {
	text := strings.Join(parts, "\n")
	return script{hash: redis.NewScript(text).Hash(), text: text}
}

// scripts are all the scripts there are: fixed texts, values in ARGV.
type scripts struct {
	commit, page, topic, similar, failed, claim, settle, lead, fetch, fetchBack, dump, swap script
}

func loadScripts() scripts {
	return scripts{
		commit:    newScript(outboxLua, commitLua),
		page:      newScript(pageLua),
		topic:     newScript(topicLua),
		similar:   newScript(similarLua),
		failed:    newScript(failedLua),
		claim:     newScript(outboxLua, claimLua),
		settle:    newScript(outboxLua, settleLua),
		lead:      newScript(leadLua),
		fetch:     newScript(fetchLua),
		fetchBack: newScript(fetchBackLua),
		dump:      newScript(dumpLua),
		swap:      newScript(swapLua),
	}
}

// command builds EVALSHA or EVAL.
func (script) command(ctx context.Context, name string, body any, keys []string, args ...[]any) *redis.Cmd {
	size := 3 + len(keys)
	for _, part := range args {
		size += len(part)
	}
	all := make([]any, 0, size)
	all = append(all, name, body, len(keys))
	for _, k := range keys {
		all = append(all, k)
	}
	for _, part := range args {
		all = append(all, part...)
	}
	cmd := redis.NewCmd(ctx, all...)
	cmd.SetFirstKeyPos(3)
	return cmd
}

// run sends a script by digest, and by text when Redis does not know it. A
// NOSCRIPT answer means that nothing ran, so the second call repeats nothing.
func (s *Store) run(ctx context.Context, sc script, keys []string, args []any) (any, error) {
	return sc.run(ctx, s.do, keys, args)
}

func (sc script) run(ctx context.Context, do sender, keys []string, args ...[]any) (any, error) {
	cmd := sc.command(ctx, "evalsha", sc.hash, keys, args...)
	err := do(ctx, cmd)
	if err != nil && redis.HasErrorPrefix(err, "NOSCRIPT") {
		cmd = sc.command(ctx, "eval", sc.text, keys, args...)
		err = do(ctx, cmd)
	}
	if err != nil {
		return nil, err
	}
	return cmd.Val(), nil
}

// sender sends one command and waits for the answer.
type sender func(ctx context.Context, cmd redis.Cmder) error

// do sends one command by itself. Loads and commits go through the coalescer.
func (s *Store) do(ctx context.Context, cmd redis.Cmder) error {
	return s.client.Process(ctx, cmd)
}

// refusals are the answers with which Redis turns a command away before it has
// written anything. WRONGTYPE belongs here because our scripts touch every key
// in their checks before the first write.
func refusals() []string {
	return []string{
		"OOM", "READONLY", "LOADING", "MISCONF", "NOAUTH", "NOPERM", "WRONGPASS", "WRONGTYPE", "BUSY",
		"CLUSTERDOWN", "MASTERDOWN", "NOREPLICAS", "MOVED", "ASK", "TRYAGAIN", "CROSSSLOT", "NOSCRIPT",
		"ERR max number of clients",
	}
}

// classed wraps the error of a write: with bot.ErrNotStored when surely nothing
// was written, bare when nobody can know (a timeout, a reset after sending).
func classed(doing string, err error) error {
	if surelyNotStored(err) {
		return fmt.Errorf("storage: %s: %w: %w", doing, bot.ErrNotStored, err)
	}
	return fmt.Errorf("storage: %s: %w", doing, err)
}

func surelyNotStored(err error) bool {
	if errors.Is(err, redis.ErrClosed) || errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrPoolExhausted) {
		return true
	}
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network.Op == "dial"
	}
	for _, prefix := range refusals() {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}
