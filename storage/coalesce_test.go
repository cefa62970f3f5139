package storage_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/storage"
	"cxbot/storage/storagetest"
)

// TestTurnsTogether lets many turns share their way to Redis: each gets its own
// answer, and there are fewer trips than turns.
func TestTurnsTogether(t *testing.T) {
	t.Parallel()
	c := storagetest.RealClient(t)
	s, m := metered(t, c)
	const people, each = 64, 10
	calls, _ := m.of(func() {
		var wg sync.WaitGroup
		for p := range people {
			wg.Go(func() {
				from := fmt.Sprint("user", p)
				for n := range each {
					id := fmt.Sprintf("app|%d.%d", p, n)
					l, err := s.Load(t.Context(), chat.Event{ID: id, From: from}, noon)
					if err != nil || l.Conversation.Serial != n {
						t.Errorf("%s loads %+v, %v", id, l.Conversation, err)
						return
					}
					o := turn(id, from, l, award.Changes{})
					o.Response.Conversation.Serial = n + 1
					if err := s.Commit(t.Context(), o); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
	if calls >= 2*people*each {
		t.Errorf("%d trips for %d loads and commits", calls, 2*people*each)
	}
}

// silent is a Redis that takes connections and never answers.
func silent(t *testing.T) *storage.Store {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	c := redis.NewClient(&redis.Options{Addr: l.Addr().String(), MaxRetries: -1, ReadTimeout: time.Second})
	t.Cleanup(func() { _ = c.Close() })
	return storagetest.Open(t, c)
}

// TestTurnEndsWithItsContext shows that a Redis that hangs does not hold a turn
// beyond its deadline, and that the outcome of its commit is called unknown.
func TestTurnEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := silent(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Load(ctx, chat.Event{ID: "app|1", From: "a"}, noon); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("load = %v", err)
	}
	o := turn("app|1", "a", bot.Loaded{}, award.Changes{})
	o.Response.MarkOnly = true
	if err := s.Commit(ctx, o); !errors.Is(err, bot.ErrNotStored) {
		t.Errorf("commit after the deadline = %v, want it surely not stored", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Commit(ctx, o); err == nil || errors.Is(err, bot.ErrNotStored) {
		t.Errorf("commit during the deadline = %v, want an unknown outcome", err)
	}
}
