package storage_test

import (
	"errors"
	"testing"
	"time"

	"cxbot/bot"
	"cxbot/chat"
	"cxbot/storage"
	"cxbot/storage/storagetest"
)

// both runs a test on the Redis in memory and on a real one.
func both(t *testing.T, test func(t *testing.T, s *storage.Store)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, storagetest.Mini(t))
	})
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		test(t, storagetest.Real(t))
	})
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func load(t *testing.T, s *storage.Store, id, from string) bot.Loaded {
	t.Helper()
	got, err := s.Load(t.Context(), chat.Event{ID: id, From: from}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCommit(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store) {
		ev := chat.Event{ID: "app|1", From: "LiChunmei"}
		first, second := load(t, s, ev.ID, ev.From), load(t, s, "app|2", "lichunmei")
		if first.Done || first.Broken || first.Conversation.Rev != 0 {
			t.Fatalf("fresh load = %+v", first)
		}
		o := bot.Outcome{Event: ev, Reply: "好的。", At: noon, View: first.View}
		o.Response.Conversation = first.Conversation
		o.Response.Conversation.Serial = 7
		if err := s.Commit(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		var repeat *bot.Repeat
		if err := s.Commit(t.Context(), o); !errors.As(err, &repeat) || repeat.Reply != "好的。" {
			t.Fatalf("second commit = %v", err)
		}
		if got := load(t, s, ev.ID, ev.From); !got.Done || got.Reply != "好的。" {
			t.Fatalf("load of an answered event = %+v", got)
		}
		late := bot.Outcome{Event: chat.Event{ID: "app|2", From: ev.From}, At: noon, View: second.View}
		if err := s.Commit(t.Context(), late); !errors.Is(err, bot.ErrConflict) {
			t.Fatalf("commit on an old revision = %v", err)
		}
		if got := load(t, s, "app|2", ev.From); got.Done || got.Conversation.Rev != 1 || got.Conversation.Serial != 7 {
			t.Fatalf("load after a commit = %+v", got)
		}
	})
}
