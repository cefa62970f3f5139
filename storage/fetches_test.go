package storage_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/storage"
)

// sends commits an event of li that wants pictures fetched.
func sends(t *testing.T, s *storage.Store, id string, fetches ...chat.Fetch) {
	t.Helper()
	o := turn(id, "li", load(t, s, id, "li"), award.Changes{})
	o.Response.Fetches = fetches
	if err := s.Commit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func fetchOf(id string, channel chat.Channel) chat.Fetch {
	return chat.Fetch{
		ID: id, Person: "li", Channel: channel, At: noon,
		Media: chat.Media{ID: "M" + id, URL: "https://cos.example/" + id + "?sign=%2B", Key: "a+/="},
	}
}

// ends commits the end of a download.
func ends(t *testing.T, s *storage.Store, id string) error {
	t.Helper()
	event := "fetch|" + id
	o := turn(event, "li", load(t, s, event, "li"), award.Changes{})
	o.Event.Channel, o.Event.Kind, o.Event.Result = chat.Internal, chat.Fetched, chat.FetchResult{ID: id}
	return s.Commit(t.Context(), o)
}

func claims(t *testing.T, s *storage.Store, at time.Time, limit int) (ids []string, got []bot.ClaimedFetch, next time.Time) {
	t.Helper()
	got, next, err := s.ClaimFetches(t.Context(), at, time.Minute, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got {
		ids = append(ids, c.Fetch.ID)
	}
	return ids, got, next
}

func TestFetches(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
		if ids, _, next := claims(t, s, noon, 9); len(ids) > 0 || !next.IsZero() {
			t.Fatal("something to do at the beginning", ids, next)
		}
		sends(t, s, "e1", fetchOf("a1", chat.App), fetchOf("a2", chat.App))
		sends(t, s, "e2", fetchOf("r1", chat.Robot))
		ids, got, next := claims(t, s, noon, 2)
		if fmt.Sprint(ids) != "[r1 a1]" || got[0].Fetch != fetchOf("r1", chat.Robot) && !got[0].Fetch.At.Equal(noon) || !next.Equal(noon) {
			t.Errorf("claimed %v until %v: %+v", ids, next, got)
		}
		if got[0].Fetch.Media != fetchOf("r1", chat.Robot).Media || got[0].Fetch.Person != "li" {
			t.Errorf("came back as %+v", got[0].Fetch)
		}
		if ids, _, next = claims(t, s, noon, 9); fmt.Sprint(ids) != "[a2]" || !next.Equal(noon.Add(time.Minute)) {
			t.Errorf("then %v until %v", ids, next)
		}
		// One ends, one is given back, one is left by a process that died.
		if err := ends(t, s, "r1"); err != nil {
			t.Fatal(err)
		}
		if err := s.RetryFetch(t.Context(), got[1], noon.Add(5*time.Second)); err != nil {
			t.Fatal(err)
		}
		ids, again, next := claims(t, s, noon.Add(5*time.Second), 9)
		if fmt.Sprint(ids) != "[a1]" || again[0].Tries != 1 || again[0].Fence <= got[1].Fence || !next.Equal(noon.Add(time.Minute)) {
			t.Errorf("after a retry %v until %v: %+v", ids, next, again)
		}
		// The late result of the first lease changes nothing.
		if err := s.RetryFetch(t.Context(), got[1], noon.Add(6*time.Second)); err != nil {
			t.Fatal(err)
		}
		if ids, _, _ = claims(t, s, noon.Add(10*time.Second), 9); len(ids) > 0 {
			t.Errorf("given back by an old lease: %v", ids)
		}
		if ids, _, _ = claims(t, s, noon.Add(2*time.Minute), 9); fmt.Sprint(ids) != "[a2 a1]" {
			t.Errorf("after the lease %v", ids)
		}
		for _, id := range ids {
			if err := ends(t, s, id); err != nil {
				t.Fatal(err)
			}
		}
		if err := ends(t, s, "a1"); !errors.As(err, new(*bot.Repeat)) {
			t.Errorf("ended twice: %v", err)
		}
		// Ended, it cannot be given back.
		if err := s.RetryFetch(t.Context(), again[0], noon); err != nil {
			t.Fatal(err)
		}
		left, err := c.Keys(t.Context(), prefix+"fetch:*").Result()
		if err != nil || len(left) != 1 || left[0] != prefix+"fetch:fence" {
			t.Errorf("left behind %v, %v", left, err)
		}
		if n, err := s.Downloads(t.Context()); n != 0 || err != nil {
			t.Error(n, err)
		}
	})
}

// TestFetchesUnreadable leaves a damaged record out without stopping the others.
func TestFetchesUnreadable(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
		sends(t, s, "e1", fetchOf("a1", chat.App), fetchOf("a2", chat.App))
		c.HSet(t.Context(), prefix+"fetch:jobs", "a1", "{")
		c.ZAdd(t.Context(), prefix+"fetch:due:1", redis.Z{Score: 1, Member: "ghost"})
		if ids, _, _ := claims(t, s, noon, 9); fmt.Sprint(ids) != "[a2]" {
			t.Errorf("claimed %v", ids)
		}
		if n := c.ZScore(t.Context(), prefix+"fetch:due:1", "ghost"); n.Err() == nil {
			t.Error("a download without a record stays")
		}
	})
}

// TestFetchForm keeps the stored form of a download: a newer program must read
// what an older one has queued.
func TestFetchForm(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
		sends(t, s, "e1", fetchOf("a1", chat.App))
		const want = `{"ID":"a1","Person":"li","Channel":"app","Media":{"ID":"Ma1","Name":"","Format":"","Size":0,` +
			`"URL":"https://cos.example/a1?sign=%2B","Key":"a+/="},"At":"2026-11-23T12:00:00+08:00"}`
		if got := c.HGet(t.Context(), prefix+"fetch:jobs", "a1").Val(); got != want {
			t.Errorf("stored as %s", got)
		}
	})
}
