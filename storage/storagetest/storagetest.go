// Package storagetest gives tests of every room a fresh storage.Store: Mini in
// memory, Real on a redis-server of its own with the settings of production.
package storagetest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"cxbot/storage"
)

// County is the slug of every store made here.
const County = "qinghe"

// Mini returns a store on a Redis in memory. It runs everywhere and is closed
// with the test.
func Mini(tb testing.TB) *storage.Store {
	tb.Helper()
	return Open(tb, MiniClient(tb))
}

// MiniClient returns a client of a fresh Redis in memory.
func MiniClient(tb testing.TB) *redis.Client {
	tb.Helper()
	server := miniredis.RunT(tb)
	return client(tb, &redis.Options{Addr: server.Addr()})
}

// Real returns a store on a redis-server of its own: a child process on a unix
// socket, append-only file synced before every answer. Without redis-server the
// test is skipped, or fails when CXBOT_TEST_REQUIRE_REDIS is 1.
func Real(tb testing.TB) *storage.Store {
	tb.Helper()
	return Open(tb, RealClient(tb))
}

// RealClient returns a client of a fresh redis-server.
func RealClient(tb testing.TB) *redis.Client {
	tb.Helper()
	return client(tb, &redis.Options{Network: "unix", Addr: Server(tb)})
}

// Server starts a redis-server and returns the path of its socket.
func Server(tb testing.TB) string {
	tb.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CXBOT_TEST_REQUIRE_REDIS") == "1" {
			tb.Fatal("redis-server is not on the path, and CXBOT_TEST_REQUIRE_REDIS=1 asks for it")
		}
		tb.Skip("redis-server is not on the path")
	}
	// A socket's path may be 107 bytes long at most, which t.TempDir can exceed.
	dir, err := os.MkdirTemp("", "cx") //nolint:usetesting // see above
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "redis.sock")
	//nolint:gosec // the path comes from LookPath, the arguments from here
	cmd := exec.CommandContext(context.Background(), binary, "--port", "0", "--unixsocket", socket, "--dir", dir,
		"--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction")
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	await(tb, socket)
	return socket
}

// await returns when the server answers.
func await(tb testing.TB, socket string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ctx.Done():
			tb.Fatal("redis-server does not answer on " + socket)
		case <-tick.C:
		}
	}
}

// Open makes a store on a client.
func Open(tb testing.TB, c redis.UniversalClient) *storage.Store {
	tb.Helper()
	s, err := storage.Open(storage.Config{Client: c, County: County})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func client(tb testing.TB, o *redis.Options) *redis.Client {
	tb.Helper()
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.DisableIdentity = true
	o.ContextTimeoutEnabled = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	c := redis.NewClient(o)
	tb.Cleanup(func() { _ = c.Close() })
	return c
}
