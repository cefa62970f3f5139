package main

import (
	"log/slog"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

// TestMain keeps the Redis client's own log out of the output and looks for
// goroutines that outlive their owners.
func TestMain(m *testing.M) {
	redis.SetLogger(redisLog{slog.New(slog.DiscardHandler)})
	goleak.VerifyTestMain(m)
}
