package storage_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/dialog"
	"cxbot/storage"
	"cxbot/storage/storagetest"
)

// both runs a test on the Redis in memory and on a real one.
func both(t *testing.T, test func(t *testing.T, s *storage.Store, c *redis.Client)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		c := storagetest.MiniClient(t)
		test(t, storagetest.Open(t, c), c)
	})
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		c := storagetest.RealClient(t)
		test(t, storagetest.Open(t, c), c)
	})
}

// noon is the moment at which the tests begin.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, award.Shanghai)

const prefix = "cx:{" + storagetest.County + "}:"

func load(t *testing.T, s *storage.Store, id, from string) bot.Loaded {
	t.Helper()
	got, err := s.Load(t.Context(), chat.Event{ID: id, From: from}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// turn is an outcome built on a load, as bot.Turn builds it.
func turn(id, from string, l bot.Loaded, c award.Changes, msgs ...chat.Message) bot.Outcome {
	return bot.Outcome{
		Event: chat.Event{ID: id, From: from}, Reply: "好的。", View: l.View, Messages: msgs, At: noon,
		Response: bot.Response{Conversation: l.Conversation, Changes: c, Messages: msgs},
	}
}

var events atomic.Int64

// apply commits changes in a turn of their own; prepare may read what the
// decision rests on.
func apply(t *testing.T, s *storage.Store, c award.Changes, msgs ...chat.Message) {
	t.Helper()
	id := fmt.Sprintf("apply|%d", events.Add(1))
	if err := s.Commit(t.Context(), turn(id, "operator", load(t, s, id, "operator"), c, msgs...)); err != nil {
		t.Fatal(err)
	}
}

// view opens a view that must not fail.
func view(t *testing.T, s *storage.Store) bot.View {
	t.Helper()
	v := s.ViewAt(t.Context())
	t.Cleanup(func() {
		if err := v.Err(); err != nil {
			t.Error(err)
		}
	})
	return v
}

func TestCommitRoundTrip(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		first, second := load(t, s, "app|1", "LiChunmei"), load(t, s, "app|2", "lichunmei")
		if first.Done || first.Broken || first.Conversation.Rev != 0 {
			t.Fatalf("fresh load = %+v", first)
		}
		o := turn("app|1", "LiChunmei", first, award.Changes{})
		o.Response.Conversation.Serial = 7
		if err := s.Commit(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		var repeat *bot.Repeat
		if err := s.Commit(t.Context(), o); !errors.As(err, &repeat) || repeat.Reply != "好的。" {
			t.Fatalf("second commit = %v", err)
		}
		if got := load(t, s, "app|1", "LiChunmei"); !got.Done || got.Reply != "好的。" {
			t.Fatalf("load of an answered event = %+v", got)
		}
		if err := s.Commit(t.Context(), turn("app|2", "LiChunmei", second, award.Changes{})); !errors.Is(err, bot.ErrConflict) {
			t.Fatalf("commit on an old revision = %v", err)
		}
		if got := load(t, s, "app|2", "LiChunmei"); got.Done || got.Conversation.Rev != 1 || got.Conversation.Serial != 7 {
			t.Fatalf("load after a commit = %+v", got)
		}
	})
}

func TestCommitMarkOnly(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
		o := turn("app|1", "stranger", bot.Loaded{}, award.Changes{})
		o.Response.MarkOnly = true
		if err := s.Commit(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		keys := c.Keys(t.Context(), "*").Val()
		if want := []string{prefix + "seen:app|1"}; !slices.Equal(keys, want) {
			t.Errorf("keys = %q, want %q", keys, want)
		}
		if ttl := c.TTL(t.Context(), prefix+"seen:app|1").Val(); ttl != 7*24*time.Hour {
			t.Errorf("mark lives %v", ttl)
		}
	})
}

func TestCommitChecksWhatWasRead(t *testing.T) {
	t.Parallel()
	cycle := award.Cycle{ID: "2026", Rev: 1, MaxTopics: 3}
	unit := award.Unit{ID: "城关镇党委", Name: "城关镇党委", Rev: 1, Order: 1, Owes: true}
	topic := award.Topic{ID: "2026-0001", Rev: 1, Cycle: "2026", Unit: unit.ID, Status: award.StatusAwaiting}
	moved := topic
	moved.Rev, moved.Status = 2, award.StatusFiled
	order := unit
	order.Rev, order.Order = 2, 5
	next := cycle
	next.Rev = 2
	for name, tc := range map[string]struct {
		read   func(v bot.View)
		change award.Changes // somebody else's
		want   error
	}{
		"nothing read": {func(bot.View) {}, award.Changes{Cycle: &next}, nil},
		"cycle":        {func(v bot.View) { v.Cycle() }, award.Changes{Cycle: &next}, bot.ErrConflict},
		"unit":         {func(v bot.View) { v.Unit(unit.ID) }, award.Changes{Units: []award.UnitChange{{Before: &unit, After: order}}}, bot.ErrConflict},
		"topic":        {func(v bot.View) { v.Topic(topic.ID) }, award.Changes{Topics: []award.TopicChange{{Before: &topic, After: moved}}}, bot.ErrConflict},
		"other topic":  {func(v bot.View) { v.Topic("2026-0009") }, award.Changes{Topics: []award.TopicChange{{Before: &topic, After: moved}}}, nil},
		"number":       {func(v bot.View) { v.NextNumber("filing:2026") }, award.Changes{Sequences: map[string]int{"filing:2026": 1}}, bot.ErrConflict},
		"a page":       {func(v bot.View) { v.Topics(award.TopicQuery{Limit: 9}) }, award.Changes{Topics: []award.TopicChange{{Before: &topic, After: moved}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storagetest.Mini(t)
			apply(t, s, award.Changes{Cycle: &cycle})
			apply(t, s, award.Changes{Units: []award.UnitChange{{After: unit}}, Topics: []award.TopicChange{{After: topic}}})
			l := load(t, s, "app|mine", "lichunmei")
			tc.read(l.View)
			apply(t, s, tc.change)
			mine := award.Changes{Sequences: map[string]int{"other": 1}}
			if err := s.Commit(t.Context(), turn("app|mine", "lichunmei", l, mine)); !errors.Is(err, tc.want) {
				t.Errorf("commit = %v, want %v", err, tc.want)
			}
			// A form answer rests on nothing but the conversation.
			l = load(t, s, "app|form", "lichunmei")
			tc.read(l.View)
			answer := award.Changes{Drafts: []award.DraftSummary{{Person: "lichunmei", Unit: unit.ID, Total: 3}}}
			if err := s.Commit(t.Context(), turn("app|form", "lichunmei", l, answer)); err != nil {
				t.Errorf("form answer = %v", err)
			}
		})
	}
}

func TestCommitWantsTheNextRevision(t *testing.T) {
	t.Parallel()
	unit := award.Unit{ID: "城关镇党委", Rev: 1}
	skipped := unit
	skipped.Rev = 3
	old := unit
	old.Rev = 7
	for name, change := range map[string]award.Changes{
		"new over old":  {Units: []award.UnitChange{{After: unit}}},
		"skips one":     {Units: []award.UnitChange{{Before: &unit, After: skipped}}},
		"other before":  {Units: []award.UnitChange{{Before: &old, After: award.Unit{ID: unit.ID, Rev: 8}}}},
		"changes none":  {Topics: []award.TopicChange{{Before: &award.Topic{ID: "2026-0001", Rev: 1}, After: award.Topic{ID: "2026-0001", Rev: 2}}}},
		"cycle skipped": {Cycle: &award.Cycle{ID: "2026", Rev: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storagetest.Mini(t)
			apply(t, s, award.Changes{Units: []award.UnitChange{{After: unit}}})
			err := s.Commit(t.Context(), turn("app|x", "a", load(t, s, "app|x", "a"), change))
			if !errors.Is(err, bot.ErrConflict) {
				t.Errorf("commit = %v, want a conflict", err)
			}
			if load(t, s, "app|x", "a").Done {
				t.Error("a refused commit left its mark")
			}
		})
	}
}

// TestCommitUnderContention lets twenty people raise one number; every success
// must count once.
func TestCommitUnderContention(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		const people, each = 20, 5
		var conflicts atomic.Int64
		var wg sync.WaitGroup
		for p := range people {
			wg.Go(func() {
				from := fmt.Sprintf("user%d", p)
				for n := range each {
					id := fmt.Sprintf("app|%s.%d", from, n)
					for {
						l, err := s.Load(t.Context(), chat.Event{ID: id, From: from}, noon)
						if err != nil {
							t.Error(err)
							return
						}
						number := l.View.NextNumber("filing:2026")
						change := award.Changes{Sequences: map[string]int{"filing:2026": number}}
						err = s.Commit(t.Context(), turn(id, from, l, change))
						if err == nil {
							break
						}
						if !errors.Is(err, bot.ErrConflict) {
							t.Error(err)
							return
						}
						conflicts.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if got := view(t, s).NextNumber("filing:2026"); got != people*each+1 {
			t.Errorf("next number = %d after %d commits", got, people*each)
		}
		if conflicts.Load() == 0 {
			t.Error("nobody ever collided: the test shows nothing")
		}
	})
}

func TestCommitParksABrokenConversation(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"garbage", "3 garbage", "x y", " ", "12", "-1 1 "} {
		t.Run(raw, func(t *testing.T) {
			t.Parallel()
			c := storagetest.MiniClient(t)
			s := storagetest.Open(t, c)
			c.Set(t.Context(), prefix+"d:lichunmei", raw, 0)
			l := load(t, s, "app|1", "LiChunmei")
			if !l.Broken || l.Conversation.Person != "LiChunmei" {
				t.Fatalf("load = %+v, want it broken", l)
			}
			if err := s.Commit(t.Context(), turn("app|1", "LiChunmei", l, award.Changes{})); err != nil {
				t.Fatal(err)
			}
			parked, err := s.Parked(t.Context(), "lichunmei")
			if err != nil || !slices.Equal(parked, []string{raw}) {
				t.Errorf("parked = %q, %v", parked, err)
			}
			if l = load(t, s, "app|2", "LiChunmei"); l.Broken || l.Conversation.Rev < 1 {
				t.Errorf("load after parking = %+v", l)
			}
		})
	}
}

func TestCommitRefusesForeignTypes(t *testing.T) {
	t.Parallel()
	unit := award.Unit{ID: "城关镇党委", Rev: 1, Order: 1, Owes: true}
	msg := chat.Message{Key: "k", To: "lichunmei", Text: "您好"}
	for _, key := range []string{
		"d:lichunmei", "unit:城关镇党委", "units", "owing", "facts", "drafts:城关镇党委", "audit:2026-11-23",
		"out:q:lichunmei", "out:taken", "out:msgs", "out:due:0", "seen:app|1",
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
				l := load(t, s, "app|1", "lichunmei")
				foreign(t, c, prefix+key)
				before := dump(t, c)
				change := award.Changes{
					Cycle: &award.Cycle{ID: "2026", Rev: 1},
					Units: []award.UnitChange{{After: unit}},
					Drafts: []award.DraftSummary{{
						Person: "lichunmei", Unit: unit.ID, Total: 1,
					}},
					Log: []award.Entry{{At: noon, Who: "lichunmei", Did: "unit.put"}},
				}
				err := s.Commit(t.Context(), turn("app|1", "lichunmei", l, change, msg))
				if !errors.Is(err, bot.ErrNotStored) {
					t.Errorf("commit = %v, want it surely not stored", err)
				}
				if after := dump(t, c); after != before {
					t.Errorf("a refused commit wrote:\n%s\nbefore:\n%s", after, before)
				}
			})
		})
	}
}

// foreign puts another type than ours at a key: a stream, which we never use.
func foreign(t *testing.T, c *redis.Client, key string) {
	t.Helper()
	if err := c.XAdd(t.Context(), &redis.XAddArgs{Stream: key, Values: []string{"a", "b"}}).Err(); err != nil {
		t.Fatal(err)
	}
}

// dump lists the keys, enough to see that nothing was added.
func dump(t *testing.T, c *redis.Client) string {
	t.Helper()
	keys := c.Keys(t.Context(), "*").Val()
	slices.Sort(keys)
	return strings.Join(keys, "\n")
}

func TestCommitAfterScriptFlush(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
		for range 3 {
			apply(t, s, award.Changes{})
			if err := c.ScriptFlush(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestCommitClassesErrors(t *testing.T) {
	t.Parallel()
	for reply, surely := range map[string]bool{
		"OOM command not allowed when used memory > 'maxmemory'.":                  true,
		"LOADING Redis is loading the dataset in memory":                           true,
		"READONLY You can't write against a read only replica.":                    true,
		"MISCONF Redis is configured to save RDB snapshots":                        true,
		"NOAUTH Authentication required.":                                          true,
		"BUSY Redis is busy running a script.":                                     true,
		"ERR something nobody has ever seen":                                       false,
		"NOREPLICAS Not enough good replicas to write.":                            true,
		"CLUSTERDOWN The cluster is down":                                          true,
		"ERR Error running script: user_script:12: attempt to index a nil value":   false,
		"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set.": true,
	} {
		t.Run(reply, func(t *testing.T) {
			t.Parallel()
			server := miniredis.RunT(t)
			c := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
			t.Cleanup(func() { _ = c.Close() })
			s := storagetest.Open(t, c)
			l := load(t, s, "app|1", "lichunmei")
			server.SetError(reply)
			err := s.Commit(t.Context(), turn("app|1", "lichunmei", l, award.Changes{}))
			if err == nil || errors.Is(err, bot.ErrNotStored) != surely {
				t.Errorf("commit = %v, want surely not stored: %v", err, surely)
			}
		})
	}
}

func TestCommitWhenRedisIsGone(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	c := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { _ = c.Close() })
	s := storagetest.Open(t, c)
	o := turn("app|1", "lichunmei", load(t, s, "app|1", "lichunmei"), award.Changes{})
	server.Close()
	if err := s.Commit(t.Context(), o); !errors.Is(err, bot.ErrNotStored) {
		// The pooled connection may die under the first commit: nobody can know.
		t.Logf("first commit: %v", err)
	}
	if err := s.Commit(t.Context(), o); !errors.Is(err, bot.ErrNotStored) {
		t.Errorf("commit without Redis = %v, want it surely not stored", err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("ping answers without Redis")
	}
}

// TestCommitOthers moves something from one conversation to another: both change
// or none does, and a change of the other one meanwhile is a conflict.
func TestCommitOthers(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		county(t, s)
		put := func(id, person string, drafts int) {
			l := load(t, s, id, person)
			l.Conversation.Drafts = make([]dialog.Draft, drafts)
			if err := s.Commit(t.Context(), turn(id, person, l, award.Changes{})); err != nil {
				t.Fatal(err)
			}
		}
		drafts := func(person string) int {
			return len(load(t, s, "look|"+person+fmt.Sprint(events.Add(1)), person).Conversation.Drafts)
		}
		move := func(id string, between func()) error {
			l := load(t, s, id, "yaotianyou")
			other, ok := l.View.Conversation("LiChunmei")
			if !ok {
				t.Fatal("no conversation of the other")
			}
			between()
			l.Conversation.Drafts = append(l.Conversation.Drafts, other.Drafts...)
			other.Drafts = nil
			o := turn(id, "yaotianyou", l, award.Changes{})
			o.Response.Others = []dialog.Conversation{other}
			return s.Commit(t.Context(), o)
		}
		put("put|1", "lichunmei", 2)
		if err := move("move|1", func() { put("put|2", "lichunmei", 3) }); !errors.Is(err, bot.ErrConflict) {
			t.Fatalf("the other's turn in between: %v", err)
		}
		if drafts("lichunmei") != 3 || drafts("yaotianyou") != 0 {
			t.Fatal("a refused commit changed something")
		}
		if err := move("move|2", func() {}); err != nil {
			t.Fatal(err)
		}
		if drafts("lichunmei") != 0 || drafts("yaotianyou") != 3 {
			t.Errorf("after the move: %d and %d", drafts("lichunmei"), drafts("yaotianyou"))
		}
		l := load(t, s, "unread", "yaotianyou")
		o := turn("unread", "yaotianyou", l, award.Changes{})
		o.Response.Others = []dialog.Conversation{{Person: "lichunmei"}}
		if err := s.Commit(t.Context(), o); !errors.Is(err, bot.ErrNotStored) {
			t.Errorf("a conversation nobody read: %v", err)
		}
	})
}
