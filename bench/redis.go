package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// server is a redis-server of one round, on a unix socket in a directory of its own.
type server struct {
	dir, socket, fsync string
	// rewrites lets the log be rewritten as in production.
	rewrites bool
	cmd      *exec.Cmd
}

var errRedisSilent = errors.New("redis-server does not answer")

// startRedis starts a redis-server with the settings of production, except that
// the log is not rewritten: when that strikes is luck, and one round would pay
// for all.
func startRedis(ctx context.Context, parent, fsync string) (*server, error) {
	return startServer(ctx, parent, server{fsync: fsync})
}

// startServer starts a redis-server in a new directory.
func startServer(ctx context.Context, parent string, made server) (*server, error) {
	dir, err := os.MkdirTemp(parent, "cxb")
	if err != nil {
		return nil, err
	}
	s := &made
	s.dir, s.socket = dir, filepath.Join(dir, "redis.sock")
	if err := s.launch(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// launch runs the server on its directory and waits until it answers.
func (s *server) launch(ctx context.Context) error {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return fmt.Errorf("the benchmark needs redis-server: %w", err)
	}
	// Not bound to ctx: stop ends it, after its last client.
	args := []string{"--port", "0", "--unixsocket", s.socket, "--dir", s.dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", s.fsync, "--maxmemory-policy", "noeviction"}
	if !s.rewrites {
		args = append(args, "--auto-aof-rewrite-percentage", "0")
	}
	//nolint:gosec // redis-server with arguments made here.
	s.cmd = exec.CommandContext(context.WithoutCancel(ctx), binary, args...)
	if err := s.cmd.Start(); err != nil {
		return err
	}
	const patience, pause = 5000, 2 * time.Millisecond
	var dialer net.Dialer
	for range patience {
		if conn, err := dialer.DialContext(ctx, "unix", s.socket); err == nil {
			return conn.Close()
		}
		if ctx.Err() != nil {
			break
		}
		time.Sleep(pause)
	}
	return errors.Join(errRedisSilent, s.kill())
}

// loaded returns when the server has read its log.
func (s *server) loaded(ctx context.Context) error {
	client, _ := newClient(s.socket)
	defer func() { _ = client.Close() }()
	const patience, look = 120 * time.Second, 5 * time.Millisecond
	for until := time.Now().Add(patience); ; wait(ctx, look) {
		err := client.Ping(ctx).Err()
		if err == nil || time.Now().After(until) || ctx.Err() != nil {
			return err
		}
	}
}

// kill ends the process and leaves its files.
func (s *server) kill() error {
	err := s.cmd.Process.Kill()
	_ = s.cmd.Wait() // "signal: killed" is what was asked for
	return err
}

// stop ends the server at once; its data are of no use any more.
func (s *server) stop() error { return errors.Join(s.kill(), os.RemoveAll(s.dir)) }

// redisCPU is the processor time a server has used, its own threads included.
func redisCPU(ctx context.Context, client *redis.Client) (time.Duration, error) {
	info, err := client.Info(ctx, "cpu").Result()
	if err != nil {
		return 0, err
	}
	var total time.Duration
	for row := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(row), ":")
		if name == "used_cpu_sys" || name == "used_cpu_user" {
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return 0, err
			}
			total += time.Duration(seconds * float64(time.Second))
		}
	}
	return total, nil
}

// newClient makes a client with the options storage uses, and counts on it.
func newClient(socket string) (*redis.Client, *meter) {
	m := new(meter)
	client := redis.NewClient(&redis.Options{
		Network: "unix", Addr: socket, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	client.AddHook(m)
	return client, m
}

// meter counts commands, the writes that carried them, and bytes read.
type meter struct{ commands, writes, bytes atomic.Int64 }

// DialHook implements redis.Hook.
func (m *meter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next(ctx, network, addr)
		return &meteredConn{conn, m}, err
	}
}

// ProcessHook implements redis.Hook.
func (m *meter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		m.count(cmd)
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements redis.Hook.
func (m *meter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		m.count(cmds...)
		return next(ctx, cmds)
	}
}

// count counts what goes out together, but not the greeting of a new connection,
// which belongs to no turn.
func (m *meter) count(cmds ...redis.Cmder) {
	if name := cmds[0].Name(); name == "hello" || name == "client" {
		return
	}
	m.commands.Add(int64(len(cmds)))
	m.writes.Add(1)
}

type meteredConn struct {
	net.Conn

	m *meter
}

// Read implements net.Conn.
func (c *meteredConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.m.bytes.Add(int64(n))
	return n, err
}
