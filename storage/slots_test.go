package storage_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/chat"
	"cxbot/storage"
	"cxbot/storage/storagetest"
)

func TestSlotsAreRecordedOnce(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		if got, err := s.LastSlot(t.Context(), "filing"); err != nil || !got.IsZero() {
			t.Fatalf("last slot of a fresh rule = %v, %v", got, err)
		}
		// Three replicas try the same five slots, a receiver each.
		const replicas, slots = 3, 5
		var fresh atomic.Int64
		var wg sync.WaitGroup
		for range replicas {
			wg.Go(func() {
				for i := range slots {
					slot := noon.Add(time.Duration(i) * time.Hour)
					key := fmt.Sprint("filing/", i)
					ok, err := s.RecordSlot(t.Context(), "filing", slot, []chat.Message{msg(key, key)}, slot)
					if err != nil {
						t.Error(err)
					}
					if ok {
						fresh.Add(1)
					}
				}
			})
		}
		wg.Wait()
		last := noon.Add((slots - 1) * time.Hour)
		if got, err := s.LastSlot(t.Context(), "filing"); err != nil || !got.Equal(last) {
			t.Errorf("last slot = %v, %v, want %v", got, err, last)
		}
		claimed, _ := outbox{t, s}.claim(last, 100)
		if n := fresh.Load(); n == 0 || n > slots || int64(len(claimed)) != n {
			t.Errorf("%d slots recorded, %d messages, want as many of each and at most %d", n, len(claimed), slots)
		}
		// An older slot comes too late, and nothing of it is queued.
		ok, err := s.RecordSlot(t.Context(), "filing", noon, []chat.Message{msg("late", "late")}, last)
		if ok || err != nil {
			t.Errorf("older slot: fresh %v, %v", ok, err)
		}
		outbox{t, s}.wants(last, 100)
		// Rules do not know each other; a key seen before is not queued again.
		ok, err = s.RecordSlot(t.Context(), "other", noon, []chat.Message{msg("filing/0", "x"), msg("new", "x")}, last)
		if !ok || err != nil {
			t.Errorf("slot of another rule: fresh %v, %v", ok, err)
		}
		outbox{t, s}.wants(last, 100, "new")
	})
}

func TestLeadIsFenced(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		const ttl = 10 * time.Second
		for i, step := range []struct {
			who   string
			after time.Duration
			ok    bool
			fence int64
		}{
			{"a", 0, true, 1},
			{"b", time.Second, false, 1},
			{"a", 5 * time.Second, true, 1}, // renewed to 15 s
			{"b", 14 * time.Second, false, 1},
			{"b", 15 * time.Second, true, 2},  // the lease is over
			{"a", 16 * time.Second, false, 2}, // the old leader wakes up
			{"b", 40 * time.Second, true, 3},  // a gap: others may have led meanwhile
		} {
			fence, ok, err := s.Lead(t.Context(), step.who, noon.Add(step.after), ttl)
			if err != nil || ok != step.ok || fence != step.fence {
				t.Errorf("step %d: %s leads %v with %d, %v; want %v with %d", i, step.who, ok, fence, err, step.ok, step.fence)
			}
		}
		now := noon.Add(41 * time.Second)
		if err := s.Resign(t.Context(), "a", now); err != nil { // not the leader
			t.Fatal(err)
		}
		if _, ok, err := s.Lead(t.Context(), "a", now, ttl); ok || err != nil {
			t.Errorf("a leads beside b: %v", err)
		}
		if err := s.Resign(t.Context(), "b", now); err != nil {
			t.Fatal(err)
		}
		if fence, ok, err := s.Lead(t.Context(), "a", now, ttl); !ok || fence != 4 || err != nil {
			t.Errorf("after resigning: %v with %d, %v", ok, fence, err)
		}
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, setting := range storagetest.Mini(t).CheckSettings(t.Context()) {
		if setting.OK {
			t.Errorf("a Redis in memory passes as %+v", setting)
		}
	}
	c := storagetest.RealClient(t)
	s := storagetest.Open(t, c)
	for _, setting := range s.CheckSettings(t.Context()) {
		if !setting.OK {
			t.Errorf("%+v", setting)
		}
	}
	if err := c.ConfigSet(t.Context(), "appendfsync", "everysec").Err(); err != nil {
		t.Fatal(err)
	}
	for _, setting := range s.CheckSettings(t.Context()) {
		if setting.OK == (setting.Name == "appendfsync") {
			t.Errorf("%+v", setting)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	socket := storagetest.Server(t)
	s, err := storage.Open(storage.Config{URL: "unix://" + socket, County: "qinghe"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, c := range []storage.Config{
		{URL: "redis://localhost", County: ""},
		{URL: "redis://localhost", County: "清河"},
		{URL: "redis://localhost", County: "a}b"},
		{URL: "localhost:6379", County: "qinghe"},
		{County: "qinghe"},
	} {
		if _, err := storage.Open(c); err == nil {
			t.Errorf("opened %+v", c)
		}
	}
}
