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
func Mini(t testing.TB) *storage.Store {
	t.Helper()
	return Open(t, MiniClient(t))
}

// MiniClient returns a client of a fresh Redis in memory.
func MiniClient(t testing.TB) *redis.Client {
	t.Helper()
	server := miniredis.RunT(t)
	return client(t, &redis.Options{Addr: server.Addr()})
}

// Real returns a store on a redis-server of its own: a child process on a unix
// socket, append-only file synced before every answer. Without redis-server the
// test is skipped, or fails when CXBOT_TEST_REQUIRE_REDIS is 1.
func Real(t testing.TB) *storage.Store {
	t.Helper()
	return Open(t, RealClient(t))
}

// RealClient returns a client of a fresh redis-server.
func RealClient(t testing.TB) *redis.Client {
	t.Helper()
	return client(t, &redis.Options{Network: "unix", Addr: Server(t)})
}

// Server starts a redis-server and returns the path of its socket.
func Server(t testing.TB) string {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CXBOT_TEST_REQUIRE_REDIS") == "1" {
			t.Fatal("redis-server is not on the path, and CXBOT_TEST_REQUIRE_REDIS=1 asks for it")
		}
		t.Skip("redis-server is not on the path")
	}
	// A socket's path may be 107 bytes long at most, which t.TempDir can exceed.
	dir, err := os.MkdirTemp("", "cx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "redis.sock")
	cmd := exec.CommandContext(context.Background(), binary, "--port", "0", "--unixsocket", socket, "--dir", dir,
		"--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	await(t, socket)
	return socket
}

// await returns when the server answers.
func await(t testing.TB, socket string) {
	t.Helper()
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
			t.Fatal("redis-server does not answer on " + socket)
		case <-tick.C:
		}
	}
}

// Open makes a store on a client.
func Open(t testing.TB, c redis.UniversalClient) *storage.Store {
	t.Helper()
	s, err := storage.Open(storage.Config{Client: c, County: County})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func client(t testing.TB, o *redis.Options) *redis.Client {
	t.Helper()
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.DisableIdentity = true
	o.ContextTimeoutEnabled = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}
