package storage_test

import (
	"fmt"
	"slices"
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

const lease = 6 * time.Second

// outbox drives the queue in a test; every step fails the test on an error.
type outbox struct {
	*testing.T

	s *storage.Store
}

func (o outbox) put(now time.Time, msgs ...chat.Message) {
	o.Helper()
	if err := o.s.Enqueue(o.Context(), now, msgs); err != nil {
		o.Fatal(err)
	}
}

func (o outbox) claim(now time.Time, limit int) ([]bot.Claimed, time.Time) {
	o.Helper()
	got, next, err := o.s.Claim(o.Context(), now, lease, limit)
	if err != nil {
		o.Fatal(err)
	}
	return got, next
}

func (o outbox) sent(now time.Time, done ...bot.Claimed) {
	o.Helper()
	if err := o.s.Sent(o.Context(), now, done); err != nil {
		o.Fatal(err)
	}
}

// wants claims and compares the keys that come.
func (o outbox) wants(now time.Time, limit int, keys ...string) []bot.Claimed {
	o.Helper()
	got, _ := o.claim(now, limit)
	have := make([]string, 0, len(got))
	for _, c := range got {
		have = append(have, c.Message.Key)
	}
	if !slices.Equal(have, keys) {
		o.Fatalf("claimed %q, want %q", have, keys)
	}
	return got
}

func (o outbox) tally(reason string, want int64) {
	o.Helper()
	got, err := o.s.Tally(o.Context())
	if err != nil {
		o.Fatal(err)
	}
	if got[reason] != want {
		o.Errorf("tally of %q = %d, want %d (%v)", reason, got[reason], want, got)
	}
}

func msg(key, to string) chat.Message { return chat.Message{Key: key, To: to, Text: "您好：" + key} }

// queued runs a test of the outbox on both kinds of Redis.
func queued(t *testing.T, test func(o outbox)) {
	t.Helper()
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) { test(outbox{t, s}) })
}

func TestQueueKeepsOrderPerReceiver(t *testing.T) {
	queued(t, func(o outbox) {
		o.put(noon, msg("a1", "a"), msg("a2", "A"), msg("b1", "b"), msg("a3", "a"))
		first := o.wants(noon, 10, "a1", "b1")
		if got := first[0].Message; got.Text != "您好：a1" || first[0].Tries != 0 {
			o.Errorf("claimed %+v", first[0])
		}
		o.wants(noon, 10) // both receivers are leased
		o.sent(noon, first...)
		o.sent(noon, o.wants(noon, 10, "a2")...)
		o.sent(noon, o.wants(noon, 10, "a3")...)
		if _, next := o.claim(noon, 10); !next.IsZero() {
			o.Errorf("next = %v, want never", next)
		}
	})
}

func TestQueueTakesAKeyOnce(t *testing.T) {
	queued(t, func(o outbox) {
		o.put(noon, msg("k", "a"), msg("k", "a"))
		o.sent(noon, o.wants(noon, 10, "k")...)
		o.put(noon.Add(400*24*time.Hour), msg("k", "b"))
		o.wants(noon.Add(401*24*time.Hour), 10)
		o.tally("repeated", 2)
	})
}

func TestQueueFencesLateResults(t *testing.T) {
	queued(t, func(o outbox) {
		o.put(noon, msg("k1", "a"), msg("k2", "a"))
		late := o.wants(noon, 10, "k1")
		_, next := o.claim(noon, 10)
		if want := noon.Add(lease); !next.Equal(want) {
			o.Errorf("next = %v, want the end of the lease %v", next, want)
		}
		o.wants(noon.Add(lease-time.Millisecond), 10)
		again := o.wants(noon.Add(lease), 10, "k1")
		if again[0].Fence <= late[0].Fence {
			o.Errorf("fence %d after %d", again[0].Fence, late[0].Fence)
		}
		now := noon.Add(lease)
		o.sent(now, late...)
		if err := o.s.Retry(o.Context(), now, late[0], now.Add(time.Hour), "late"); err != nil {
			o.Fatal(err)
		}
		if err := o.s.Bury(o.Context(), now, late[0], 1, "late"); err != nil {
			o.Fatal(err)
		}
		if err := o.s.Drop(o.Context(), now, late[0], "late"); err != nil {
			o.Fatal(err)
		}
		o.tally("stale", 4)
		o.wants(now, 10) // still leased by the second claim
		o.sent(now, again...)
		o.wants(now, 10, "k2")
	})
}

func TestQueueRetryHoldsTheReceiver(t *testing.T) {
	queued(t, func(o outbox) {
		o.put(noon, msg("k1", "a"), msg("k2", "a"), msg("other", "b"))
		got := o.wants(noon, 1, "k1")
		at := noon.Add(30 * time.Second)
		if err := o.s.Retry(o.Context(), noon, got[0], at, "5xx"); err != nil {
			o.Fatal(err)
		}
		o.put(noon, msg("k3", "a")) // must not overtake
		o.sent(noon, o.wants(noon, 10, "other")...)
		if _, next := o.claim(noon, 10); !next.Equal(at) {
			o.Errorf("next = %v, want %v", next, at)
		}
		got = o.wants(at, 10, "k1")
		if got[0].Tries != 1 {
			o.Errorf("tries = %d, want 1", got[0].Tries)
		}
		o.sent(at, got...)
		o.sent(at, o.wants(at, 10, "k2")...)
		o.wants(at, 10, "k3")
	})
}

func TestQueuePrefersReplies(t *testing.T) {
	queued(t, func(o outbox) {
		var all []chat.Message
		for p, key := range []string{"reply", "receipt", "reminder", "digest"} {
			m := msg(key, "to-"+key)
			m.Priority = chat.Priority(p)
			all = append([]chat.Message{m}, all...)
		}
		o.put(noon, all...)
		o.wants(noon, 2, "reply", "receipt")
		o.wants(noon, 2, "reminder", "digest")
		// A reply lifts its receiver, but does not overtake what waits before it.
		late, quick := msg("late", "x"), msg("quick", "x")
		late.Priority = chat.PriorityDigest
		other := msg("other", "y")
		other.Priority = chat.PriorityReminder
		o.put(noon, late, other, quick)
		o.wants(noon, 1, "late")
	})
}

func TestQueueNotBefore(t *testing.T) {
	queued(t, func(o outbox) {
		morning := noon.Add(20 * time.Hour)
		later := msg("later", "a")
		later.NotBefore = morning
		o.put(noon, later, msg("now", "a"))
		o.sent(noon, o.wants(noon, 10, "now")...)
		got, next := o.claim(morning.Add(-time.Millisecond), 10)
		if len(got) != 0 || !next.Equal(morning) {
			o.Fatalf("claimed %v, next %v, want nothing until %v", got, next, morning)
		}
		got = o.wants(morning, 10, "later")
		if !got[0].Message.NotBefore.Equal(morning) {
			o.Errorf("not before = %v", got[0].Message.NotBefore)
		}
	})
}

func TestQueueReplaces(t *testing.T) {
	queued(t, func(o outbox) {
		tagged := func(key, to string) chat.Message {
			m := msg(key, to)
			m.Replaces = "filing.t7"
			return m
		}
		o.put(noon, tagged("k1", "a"), msg("plain", "a"), tagged("b1", "b"), tagged("k2", "a"))
		got := o.wants(noon, 10, "plain", "b1")
		o.tally("replaced", 1)
		o.sent(noon, got...)
		flying := o.wants(noon, 10, "k2")
		o.put(noon, tagged("k3", "a")) // k2 is being sent: it stays
		o.tally("replaced", 1)
		o.sent(noon, flying...)
		o.put(noon, tagged("k4", "a"))
		o.tally("replaced", 2)
		o.wants(noon, 10, "k4")
	})
}

func TestQueueDropsWhatIsDone(t *testing.T) {
	queued(t, func(o outbox) {
		cycle := award.Cycle{ID: "2026", Rev: 1}
		unit := award.Unit{ID: "城关镇党委", Rev: 1, Order: 1, Owes: true}
		apply(o.T, o.s, award.Changes{Cycle: &cycle})
		apply(o.T, o.s, award.Changes{Units: []award.UnitChange{{After: unit}}})
		remind := func(key, field, value string) chat.Message {
			m := msg(key, "a")
			m.Unless = &chat.Condition{Record: award.FilingRecord(unit.ID), Field: field, Value: value}
			return m
		}
		o.put(noon, remind("before", "filed", "2026"))
		o.sent(noon, o.wants(noon, 10, "before")...) // not filed yet: it goes out
		o.put(noon, remind("done", "filed", "2026"), remind("other cycle", "filed", "2028"), remind("none", "filer", "2026"))
		filed := unit
		filed.Rev, filed.Cycle, filed.Topics = 2, "2026", []award.TopicRef{{ID: "2026-0001", Status: award.StatusFiled}}
		apply(o.T, o.s, award.Changes{Units: []award.UnitChange{{Before: &unit, After: filed}}})
		o.sent(noon, o.wants(noon, 10, "other cycle")...)
		o.sent(noon, o.wants(noon, 10, "none")...)
		o.tally("done meanwhile", 1)

		topic := award.Topic{ID: "2026-0001", Rev: 1, Cycle: "2026", Status: award.StatusReturned}
		apply(o.T, o.s, award.Changes{Topics: []award.TopicChange{{After: topic}}})
		m := msg("mended", "a")
		m.Unless = &chat.Condition{Record: award.TopicRecord(topic.ID), Field: "status", Value: "退回补正"}
		o.put(noon, m)
		o.wants(noon, 10)
		o.tally("done meanwhile", 2)
	})
}

// TestQueueDropsWhatIsOutdated queues reminders that name a deadline, moves the
// deadline, and sees only those go out that are still true.
func TestQueueDropsWhatIsOutdated(t *testing.T) {
	queued(t, func(o outbox) {
		due := func(day int) award.Cycle {
			date := award.Date{Year: 2026, Month: 12, Day: day}
			return award.Cycle{ID: "2026", Rev: int64(day), Milestones: []award.Milestone{{Stage: award.StageFiling, Date: date, Effective: date}}}
		}
		unit := award.Unit{ID: "城关镇党委", Rev: 1, Order: 1, Owes: true}
		remind := func(key string, c award.Cycle, u award.Unit) chat.Message {
			m := msg(key, "a")
			m.Unless = &chat.Condition{Record: award.FilingRecord(unit.ID), Field: "filed", Value: "2026"}
			m.While = []chat.Condition{
				{Record: award.CycleRecord, Field: "deadline", Value: award.DeadlineFact(c)},
				{Record: award.FilingRecord(unit.ID), Field: "until", Value: award.ExtensionFact(u)},
			}
			return m
		}
		apply(o.T, o.s, award.Changes{Units: []award.UnitChange{{After: unit}}})
		o.put(noon, remind("of a county that never wrote the fact", due(1), unit))
		o.sent(noon, o.wants(noon, 10, "of a county that never wrote the fact")...)
		first, second := due(1), due(2)
		apply(o.T, o.s, award.Changes{Cycle: &first})
		o.put(noon, remind("in time", first, unit))
		o.sent(noon, o.wants(noon, 10, "in time")...)
		o.put(noon, remind("old day", first, unit), remind("new day", second, unit))
		apply(o.T, o.s, award.Changes{Cycle: &second})
		o.sent(noon, o.wants(noon, 10, "new day")...)
		o.tally("outdated", 1)

		extended := unit
		extended.Rev, extended.Cycle, extended.Extended = 2, "2026", award.Date{Year: 2026, Month: 12, Day: 31}.At(0, 0)
		o.put(noon, remind("not extended", second, unit))
		apply(o.T, o.s, award.Changes{Units: []award.UnitChange{{Before: &unit, After: extended}}})
		o.put(noon, remind("extended", second, extended))
		o.sent(noon, o.wants(noon, 10, "extended")...)
		o.put(noon, remind("extended still", second, extended))
		back := unit
		back.Rev, back.Cycle = 3, "2026"
		apply(o.T, o.s, award.Changes{Units: []award.UnitChange{{Before: &extended, After: back}}})
		o.wants(noon, 10)
		o.tally("outdated", 3)

		closed := second
		closed.Rev, closed.ClosedAt = 3, noon.UTC()
		o.put(noon, remind("of an ended cycle", second, back))
		apply(o.T, o.s, award.Changes{Cycle: &closed})
		o.wants(noon, 10)
		o.tally("outdated", 4)
	})
}

// TestQueueNeverPassesTheLimits sends as fast as it may for two hours and looks
// at every window.
func TestQueueNeverPassesTheLimits(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		to           string
		minute, hour int
	}{
		"member": {"a", 28, 950},
		"group":  {chat.GroupPrefix + "wrkSFfCgAA", 18, 18 * 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := outbox{t, storagetest.Mini(t)}
			const total = 1200
			var times []time.Time
			queued := 0
			for now := noon; len(times) < total; {
				var more []chat.Message // there is always more than may be sent
				for ; queued < min(total, len(times)+30); queued++ {
					more = append(more, msg(fmt.Sprint("k", queued), tc.to))
				}
				o.put(now, more...)
				got, next := o.claim(now, 10)
				for _, c := range got {
					if want := fmt.Sprint("k", len(times)); c.Message.Key != want {
						t.Fatalf("claimed %s, want %s", c.Message.Key, want)
					}
					times = append(times, now)
				}
				o.sent(now, got...)
				if len(got) == 0 {
					now = next
				}
			}
			for i := range times {
				if j := i + tc.minute; j < total && times[j].Sub(times[i]) < time.Minute {
					t.Fatalf("messages %d and %d within a minute", i, j)
				}
				if j := i + tc.hour; j < total && times[j].Sub(times[i]) < time.Hour {
					t.Fatalf("messages %d and %d within an hour", i, j)
				}
			}
			if took := times[total-1].Sub(noon); took > 70*time.Minute {
				t.Errorf("took %v, far slower than allowed", took)
			}
		})
	}
}

func TestQueueLimitsBindRemindersFirst(t *testing.T) {
	queued(t, func(o outbox) {
		for i := range 40 {
			m := msg(fmt.Sprint("d", i), "a")
			m.Priority = chat.PriorityDigest
			o.put(noon, m)
		}
		for i := range 14 { // half of the allowance
			o.sent(noon, o.wants(noon, 1, fmt.Sprint("d", i))...)
		}
		o.put(noon, msg("reply", "a"))
		o.sent(noon, o.wants(noon, 1, "reply")...)
		update := msg("update", "a")
		update.Update = &chat.Update{Code: "c", Label: "已处理"}
		for i := range 13 {
			o.sent(noon, o.wants(noon, 1, fmt.Sprint("d", 14+i))...)
		}
		o.put(noon, update)
		o.sent(noon, o.wants(noon, 1, "update")...) // a card update is not counted
		if got, next := o.claim(noon, 1); len(got) != 0 || !next.Equal(noon.Add(time.Minute)) {
			o.Errorf("claimed %v, next %v, want nothing for a minute", got, next)
		}
	})
}

func TestQueueClockSetBack(t *testing.T) {
	queued(t, func(o outbox) {
		for i := range 30 {
			o.put(noon.Add(-24*time.Hour), msg(fmt.Sprint(i), "a"))
		}
		for i := range 28 {
			o.sent(noon, o.wants(noon, 1, fmt.Sprint(i))...)
		}
		back := noon.Add(-2 * time.Hour)
		o.wants(back, 1, "28") // what was sent "later" says nothing now
	})
}

func TestQueueBuryAndResend(t *testing.T) {
	queued(t, func(o outbox) {
		long := msg("k1", "LiChunmei")
		long.Text = "关于报送的提醒：请在十二月二十日前完成本单位创新项目的备案报送工作，逾期将影响本届评选资格的认定\n第二行"
		o.put(noon, long, msg("k2", "lichunmei"))
		got := o.wants(noon, 10, "k1")
		if err := o.s.Bury(o.Context(), noon, got[0], 81013, "不在可见范围"); err != nil {
			o.Fatal(err)
		}
		o.sent(noon, o.wants(noon, 10, "k2")...)
		failed, total := view(o.T, o.s).Failed(0, 10)
		want := award.Failed{
			Key: "k1", To: "LiChunmei", Head: failed[0].Head, Reason: "不在可见范围", Code: 81013, At: failed[0].At,
		}
		if total != 1 || len(failed) != 1 || failed[0] != want || !failed[0].At.Equal(noon) {
			o.Fatalf("failed = %+v of %d", failed, total)
		}
		if n := len([]rune(failed[0].Head)); n != 40 {
			o.Errorf("head of %d characters: %s", n, failed[0].Head)
		}
		apply(o.T, o.s, award.Changes{Resend: []string{"k1", "unknown"}})
		if failed, total = view(o.T, o.s).Failed(0, 10); total != 0 || len(failed) != 0 {
			o.Errorf("failed after resend = %+v", failed)
		}
		got = o.wants(noon, 10, "k1")
		if got[0].Message.Text != long.Text || got[0].Tries != 0 {
			o.Errorf("resent %+v", got[0])
		}
		o.sent(noon, got...)
		o.wants(noon, 10)
	})
}

func TestFailedPagesNewestFirst(t *testing.T) {
	queued(t, func(o outbox) {
		for i := range 5 {
			now := noon.Add(time.Duration(i) * time.Minute)
			o.put(now, msg(fmt.Sprint("k", i), "a"))
			if err := o.s.Bury(o.Context(), now, o.wants(now, 1, fmt.Sprint("k", i))[0], 0, "r"); err != nil {
				o.Fatal(err)
			}
		}
		failed, total := view(o.T, o.s).Failed(1, 2)
		if total != 5 || len(failed) != 2 || failed[0].Key != "k3" || failed[1].Key != "k2" {
			o.Errorf("page = %+v of %d", failed, total)
		}
		if failed, total = view(o.T, o.s).Failed(5, 2); total != 5 || len(failed) != 0 {
			o.Errorf("page behind the end = %+v of %d", failed, total)
		}
	})
}

func TestQueueDropCounts(t *testing.T) {
	queued(t, func(o outbox) {
		o.put(noon, msg("k", "a"))
		if err := o.s.Drop(o.Context(), noon, o.wants(noon, 1, "k")[0], "card expired"); err != nil {
			o.Fatal(err)
		}
		o.wants(noon.Add(time.Hour), 1)
		o.tally("card expired", 1)
		got, err := o.s.Backlog(o.Context())
		if err != nil || got != (storage.Backlog{}) {
			o.Errorf("backlog = %+v, %v", got, err)
		}
	})
}

func TestQueueLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	c := storagetest.MiniClient(t)
	o := outbox{t, storagetest.Open(t, c)}
	m := msg("k", "a")
	m.Replaces = "tag"
	o.put(noon, m, msg("k2", "b"))
	got := o.wants(noon, 10, "k", "k2")
	if err := o.s.Retry(t.Context(), noon, got[1], noon, "again"); err != nil {
		t.Fatal(err)
	}
	o.sent(noon, got[0])
	o.sent(noon, o.wants(noon, 10, "k2")...)
	keys := c.Keys(t.Context(), prefix+"out:*").Val()
	slices.Sort(keys)
	want := []string{"out:fence", "out:sent:a", "out:sent:b", "out:seq", "out:taken"}
	for i := range want {
		want[i] = prefix + want[i]
	}
	if !slices.Equal(keys, want) {
		t.Errorf("keys after everything is sent: %q", keys)
	}
}

// TestQueueManyWorkers lets workers race for one queue: every message is
// delivered once and in order.
func TestQueueManyWorkers(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		o := outbox{t, s}
		const receivers, each = 10, 20
		for i := range each {
			batch := make([]chat.Message, receivers)
			for r := range batch {
				batch[r] = msg(fmt.Sprintf("%02d", i), fmt.Sprint("r", r))
				batch[r].Key = fmt.Sprintf("r%d/%02d", r, i)
			}
			o.put(noon, batch...)
		}
		var mu sync.Mutex
		got := make(map[string][]string)
		total := 0
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					claimed, next, err := s.Claim(t.Context(), noon, lease, 3)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, c := range claimed {
						got[c.Message.To] = append(got[c.Message.To], c.Message.Key)
						total++
					}
					done := total
					mu.Unlock()
					if err := s.Sent(t.Context(), noon, claimed); err != nil {
						t.Error(err)
						return
					}
					if next.IsZero() || done >= receivers*each {
						return
					}
				}
			})
		}
		wg.Wait()
		for to, keys := range got {
			if len(keys) != each || !slices.IsSorted(keys) {
				t.Errorf("%s got %d messages: %v", to, len(keys), keys)
			}
		}
		if len(got) != receivers {
			t.Errorf("%d receivers got something", len(got))
		}
	})
}

func TestEnqueueRefusesANamelessMessage(t *testing.T) {
	t.Parallel()
	s := storagetest.Mini(t)
	for _, m := range []chat.Message{{To: "a"}, {Key: "k"}} {
		if err := s.Enqueue(t.Context(), noon, []chat.Message{m}); err == nil {
			t.Errorf("enqueued %+v", m)
		}
	}
}
