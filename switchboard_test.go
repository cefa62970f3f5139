package main

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// cut says where the line to Redis breaks during one command.
type cut int

// The cuts.
const (
	whole     cut = iota // the command and its answer get through
	before               // the command never arrives
	afterward            // it is executed, and its answer is lost
)

// switchboard makes the clients of the bot's processes and breaks their lines
// to Redis on demand. It stands where the network is, so that everything above
// it is the real thing.
type switchboard struct {
	options *redis.Options
	calls   atomic.Int64 // round trips, pipelines counted once

	mu      sync.Mutex
	judge   func(cmd redis.Cmder) cut
	clients []*redis.Client
}

// client makes a client; a watched one can be cut and ends with hangUp.
func (s *switchboard) client(watched bool) *redis.Client {
	c := newClient(s.options)
	if watched {
		c.AddHook(s)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.clients = append(s.clients, c)
	}
	return c
}

// hangUp closes the watched clients, as the death of their process does.
func (s *switchboard) hangUp() {
	s.mu.Lock()
	clients := s.clients
	s.clients = nil
	s.mu.Unlock()
	for _, c := range clients {
		_ = c.Close() // dead anyway
	}
}

// watch lets judge decide about every command from now on; nil lets all pass.
func (s *switchboard) watch(judge func(cmd redis.Cmder) cut) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.judge = judge
}

func (s *switchboard) verdict(cmd redis.Cmder) cut {
	s.mu.Lock()
	judge := s.judge
	s.mu.Unlock()
	if judge == nil {
		return whole
	}
	return judge(cmd)
}

// errReset is what a client sees of a connection that breaks while it waits.
func errReset() error { return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET} }

// DialHook implements redis.Hook.
func (*switchboard) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (s *switchboard) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		s.calls.Add(1)
		where := s.verdict(cmd)
		if where == whole {
			return next(ctx, cmd)
		}
		if where == afterward {
			if err := next(ctx, cmd); redis.HasErrorPrefix(err, "NOSCRIPT") {
				return err // nothing was executed yet
			}
		}
		cmd.SetErr(errReset())
		return cmd.Err()
	}
}

// ProcessPipelineHook implements redis.Hook.
func (s *switchboard) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		s.calls.Add(1)
		var lost, through []redis.Cmder
		for _, cmd := range cmds {
			where := s.verdict(cmd)
			if where != before {
				through = append(through, cmd)
			}
			if where != whole {
				lost = append(lost, cmd)
			}
		}
		var err error
		if len(through) > 0 {
			err = next(ctx, through)
		}
		for _, cmd := range lost {
			cmd.SetErr(errReset())
			err = cmd.Err()
		}
		return err
	}
}

// isScript reports whether a command runs a script on a key that contains part.
func isScript(cmd redis.Cmder, part string) bool {
	args := cmd.Args()
	name, _ := args[0].(string)
	return strings.HasPrefix(strings.ToLower(name), "eval") && slices.ContainsFunc(args[2:], func(a any) bool {
		text, ok := a.(string)
		return ok && strings.Contains(text, part)
	})
}

// isCommit recognises the one write of a turn.
func isCommit(cmd redis.Cmder) bool { return isScript(cmd, "}:seen:") }

// isSettle recognises the writing down of what became of sends.
func isSettle(cmd redis.Cmder) bool {
	args := cmd.Args()
	name, _ := args[0].(string)
	if !strings.HasPrefix(strings.ToLower(name), "eval") {
		return false
	}
	verbs := []string{"sent", "drop", "retry", "bury"}
	return slices.ContainsFunc(args[2:], func(a any) bool { return slices.Contains(verbs, fmt.Sprint(a)) }) && isScript(cmd, "}:out:")
}
