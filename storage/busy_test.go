package storage_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
	"cxbot/storage"
)

// speak is a turn in which somebody says something and a question stays open or not.
func speak(t *testing.T, s *storage.Store, id, from string, at time.Time, open bool) {
	t.Helper()
	l := load(t, s, id, from)
	o := turn(id, from, l, award.Changes{})
	o.At, o.Event.Kind = at, chat.Text
	o.Response.Conversation.Active = open
	o.Response.Conversation.Drafts = nil
	if open {
		o.Response.Conversation.Drafts = []dialog.Draft{{Form: "filing", Version: 1, N: 1}}
	}
	if err := s.Commit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

// TestQueueLeavesPeopleInPeace holds reminders, and nothing else, while somebody
// answers questions (UX rule 40).
func TestQueueLeavesPeopleInPeace(t *testing.T) {
	queued(t, func(o outbox) {
		at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
		remind := func(key, to string, latest time.Time) chat.Message {
			m := msg(key, to)
			m.Priority, m.Latest = chat.PriorityReminder, latest
			return m
		}
		speak(o.T, o.s, "app|a", "LiChunmei", at(0), true)
		o.put(at(5), remind("reminder", "lichunmei", at(65)), msg("receipt", "LiChunmei"), remind("other", "wangjianguo", at(65)))
		o.sent(at(5), o.wants(at(5), 10, "receipt", "other")...)
		if _, next := o.claim(at(5), 10); !next.Equal(at(10)) {
			o.Errorf("next = %s, want ten minutes after the last word", next)
		}
		// The next answer puts it off again, and opening the chat does not.
		speak(o.T, o.s, "app|b", "lichunmei", at(9), true)
		o.wants(at(18), 10)
		o.sent(at(19), o.wants(at(19), 10, "reminder")...)

		// Answering on and on: an hour is the most.
		o.put(at(20), remind("patient", "lichunmei", at(80)))
		for m := 20; m < 80; m += 6 {
			speak(o.T, o.s, "app|on"+at(m).String(), "lichunmei", at(m), true)
			o.wants(at(m), 10)
		}
		o.wants(at(79), 10)
		o.sent(at(80), o.wants(at(80), 10, "patient")...)

		// Never past what it warns of, not without a latest moment, and not when the
		// question is answered.
		speak(o.T, o.s, "app|c", "lichunmei", at(90), true)
		o.put(at(91), remind("urgent", "lichunmei", at(93)), remind("plain", "lichunmei", time.Time{}))
		o.sent(at(91), o.wants(at(91), 10, "plain")...)
		o.sent(at(93), o.wants(at(93), 10, "urgent")...)
		speak(o.T, o.s, "app|d", "lichunmei", at(94), false)
		o.put(at(95), remind("free", "lichunmei", at(155)))
		o.sent(at(95), o.wants(at(95), 10, "free")...)

		// Held messages keep their order.
		speak(o.T, o.s, "app|e", "lichunmei", at(100), true)
		o.put(at(101), remind("first", "lichunmei", at(160)), remind("second", "lichunmei", at(160)))
		o.wants(at(101), 10)
		o.sent(at(110), o.wants(at(110), 10, "first")...)
		o.sent(at(110), o.wants(at(110), 10, "second")...)
	})
}

// The clock was set back: what was noted in the future keeps nobody silent.
func TestQueueForgetsBusyTimesOfTheFuture(t *testing.T) {
	queued(t, func(o outbox) {
		speak(o.T, o.s, "app|a", "lichunmei", noon.Add(24*time.Hour), true)
		m := msg("k", "lichunmei")
		m.Latest = noon.Add(time.Hour)
		o.put(noon, m)
		o.wants(noon, 10, "k")
	})
}

// A reminder is dropped when anything happened to the unit's filing since.
func TestQueueDropsWhatIsAnswered(t *testing.T) {
	queued(t, func(o outbox) {
		cycle := award.Cycle{ID: "2026", Rev: 1}
		unit := award.Unit{ID: "城关镇党委", Rev: 1, Order: 1, Owes: true}
		apply(o.T, o.s, award.Changes{Cycle: &cycle})
		remind := func(key string, u award.Unit) chat.Message {
			m := msg(key, "a")
			m.While = []chat.Condition{{Record: award.FilingRecord(u.ID), Field: "state", Value: award.FilingState(u)}}
			return m
		}
		o.put(noon, remind("nothing is known", unit))
		o.sent(noon, o.wants(noon, 10, "nothing is known")...)
		apply(o.T, o.s, award.Changes{Units: []award.UnitChange{{After: unit}}})
		o.put(noon, remind("as it was", unit))
		o.sent(noon, o.wants(noon, 10, "as it was")...)

		o.put(noon, remind("promised", unit))
		next := unit
		next.Rev, next.Cycle, next.Promises = 2, "2026", []award.Promise{{By: "a", At: noon}}
		apply(o.T, o.s, award.Changes{Units: []award.UnitChange{{Before: &unit, After: next}}})
		o.wants(noon, 10)
		o.put(noon, remind("after the promise", next))
		o.sent(noon, o.wants(noon, 10, "after the promise")...)

		o.put(noon, remind("filed", next))
		filed := next
		filed.Rev, filed.Topics = 3, []award.TopicRef{{ID: "2026-0001", Status: award.StatusFiled}}
		apply(o.T, o.s, award.Changes{Units: []award.UnitChange{{Before: &next, After: filed}}})
		o.wants(noon, 10)
		o.tally("outdated", 2)
	})
}

// TestCommitInGroup stores what a group may change and no conversation.
func TestCommitInGroup(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
		plan := award.Groups{}.With(award.DefaultPlan("wrGroup"))
		o := turn("robot|1", "sunjing", load(t, s, "robot|1", "sunjing"), award.Changes{Groups: &plan})
		o.Response.MarkOnly = true
		if err := s.Commit(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if got, ok := view(t, s).Groups().Find("wrGroup"); !ok || got.Hour != 9 {
			t.Errorf("groups: %+v", got)
		}
		if n := c.Exists(t.Context(), prefix+"d:sunjing").Val(); n != 0 {
			t.Error("a conversation was stored")
		}
		late := turn("robot|2", "sunjing", load(t, s, "robot|2", "sunjing"), award.Changes{Groups: &plan})
		late.Response.MarkOnly = true
		if err := s.Commit(t.Context(), late); err == nil {
			t.Error("an old revision was overwritten")
		}
	})
}
