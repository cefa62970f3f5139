package main

import (
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// needRedis skips without redis-server, or fails where it must be there.
func needRedis(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err == nil {
		return
	}
	if os.Getenv("CXBOT_TEST_REQUIRE_REDIS") == "1" {
		t.Fatal("redis-server is not installed")
	}
	t.Skip("redis-server is not installed")
}

// shortDir is a directory whose path leaves room for a socket's name.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func open(t *testing.T, dir string, own bool) *Redis {
	t.Helper()
	r, err := openRedis(t.Context(), Config{DataDir: dir}, own, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func closeRedis(t *testing.T, r *Redis) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestManagedRedisKeepsItsData(t *testing.T) {
	t.Parallel()
	needRedis(t)
	dir, ctx := shortDir(t), t.Context()
	first := open(t, dir, true)
	if err := first.Client.Set(ctx, "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "port": "0"} {
		if got, err := first.Client.ConfigGet(ctx, name).Result(); err != nil || got[name] != want {
			t.Errorf("%s = %q, want %q (%v)", name, got[name], want, err)
		}
	}
	// A short command shares the living server and leaves it alive.
	guest := open(t, dir, false)
	if got := guest.Client.Get(ctx, "k").Val(); got != "v" {
		t.Errorf("guest reads %q", got)
	}
	closeRedis(t, guest)
	if err := first.Client.Ping(ctx).Err(); err != nil {
		t.Errorf("the guest took the server away: %v", err)
	}
	closeRedis(t, first)
	if _, err := os.Stat(filepath.Join(dir, "redis.sock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the server lives on: %v", err)
	}
	// Without a living server the short command starts and stops one.
	alone := open(t, dir, false)
	if got := alone.Client.Get(ctx, "k").Val(); got != "v" {
		t.Errorf("after a restart: %q", got)
	}
	closeRedis(t, alone)
}

func TestManagedRedisComesBackAfterAKill(t *testing.T) {
	t.Parallel()
	needRedis(t)
	r, ctx := open(t, shortDir(t), true), t.Context()
	defer closeRedis(t, r)
	if err := r.Client.Set(ctx, "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := r.child.process().Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var got string
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until) && got == ""; time.Sleep(50 * time.Millisecond) {
		got = r.Client.Get(ctx, "k").Val()
	}
	if got != "v" {
		t.Error("the server did not come back with its data")
	}
}

func TestManagedRedisReplacesAnOrphan(t *testing.T) {
	t.Parallel()
	needRedis(t)
	dir, ctx := shortDir(t), t.Context()
	first := open(t, dir, true)
	first.Client.Set(ctx, "k", "v", 0)
	// What a SIGKILL of the bot leaves behind: the server, and a free lock.
	if err := first.child.lock.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, dir, true)
	defer closeRedis(t, second)
	if got := second.Client.Get(ctx, "k").Val(); got != "v" {
		t.Errorf("data after taking over: %q", got)
	}
	close(first.child.quit)
	<-first.child.gone
	if err := first.Client.Close(); err != nil {
		t.Error(err)
	}
}

func TestManagedRedisHasOneOwner(t *testing.T) {
	t.Parallel()
	needRedis(t)
	dir := shortDir(t)
	first := open(t, dir, true)
	defer closeRedis(t, first)
	_, err := openRedis(t.Context(), Config{DataDir: dir}, true, slog.New(slog.DiscardHandler))
	if !errors.Is(err, errInUse) {
		t.Errorf("err = %v, want in use", err)
	}
}

func TestRedisRefusesTheOtherModesData(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		have   string
		config Config
	}{
		{modeExternal, Config{}},
		{modeManaged, Config{RedisURL: "redis://127.0.0.1:1/0"}},
	} {
		dir := t.TempDir()
		if err := claimMode(dir, c.have); err != nil {
			t.Fatal(err)
		}
		if err := claimMode(dir, c.have); err != nil {
			t.Errorf("the same mode again: %v", err)
		}
		c.config.DataDir = dir
		_, err := openRedis(t.Context(), c.config, true, slog.New(slog.DiscardHandler))
		var mode *modeError
		if !errors.As(err, &mode) || !strings.Contains(err.Error(), "CXBOT_REDIS_URL") {
			t.Errorf("%s: err = %v", c.have, err)
		}
	}
}

func TestRedisNeverQuotesTheURL(t *testing.T) {
	t.Parallel()
	for _, url := range []Secret{"redis://:s3cr3t@127.0.0.1:1/0", "redis://:s3cr3t@127.0.0.1:1/x"} {
		_, err := openRedis(t.Context(), Config{DataDir: t.TempDir(), RedisURL: url}, true, slog.New(slog.DiscardHandler))
		if err == nil || strings.Contains(err.Error(), "s3cr3t") || !strings.Contains(err.Error(), "CXBOT_REDIS_URL") {
			t.Errorf("err = %v", err)
		}
	}
}

func TestRedisSaysThatTheSocketsPathIsTooLong(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("x", 120))
	_, err := openRedis(t.Context(), Config{DataDir: dir}, true, slog.New(slog.DiscardHandler))
	if !errors.Is(err, errSocketPath) {
		t.Errorf("err = %v", err)
	}
}

// TestRedisNamesThePackageToInstall changes PATH, so it runs alone.
func TestRedisNamesThePackageToInstall(t *testing.T) { //nolint:paralleltest // t.Setenv.
	dir := shortDir(t)
	t.Setenv("PATH", t.TempDir())
	_, err := openRedis(t.Context(), Config{DataDir: dir}, true, slog.New(slog.DiscardHandler))
	if !errors.Is(err, errNoRedisServer) || !strings.Contains(err.Error(), "apt-get install redis-server") {
		t.Errorf("err = %v", err)
	}
}

func TestMemoryRedisWorks(t *testing.T) {
	t.Parallel()
	r, err := openMemory()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Client.Ping(t.Context()).Err(); err != nil {
		t.Error(err)
	}
	closeRedis(t, r)
}
