package storage

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/bot"
	"cxbot/chat"
	"cxbot/dialog"
)

var _ bot.Store = (*Store)(nil)

// Load implements bot.Store with one MGET: mark, conversation, person, open
// cycle, revision of the calendar and the person's unit. Which unit that is, the
// process remembers from the last turn; where it does not know, or knows wrong,
// the view reads the unit when it is asked for.
func (s *Store) Load(ctx context.Context, ev chat.Event, _ time.Time) (bot.Loaded, error) {
	v := newView(ctx, s)
	v.person = fold(ev.From)
	keys := [...]any{
		"mget", s.keys.seen(ev.ID), s.keys.conversation(ev.From), s.keys.person(ev.From), s.keys.open(),
		s.keys.calendarRev(), "",
	}
	last := len(keys)
	if hint, ok := s.caches.hints.get(v.person); ok {
		keys[last-1] = *hint
		v.unitKey = *hint
	} else {
		last--
	}
	cmd := redis.NewSliceCmd(ctx, keys[:last]...)
	err := s.loads.do(ctx, cmd)
	if err != nil && ctx.Err() == nil && !surelyNotStored(err) {
		// A read may be repeated: a pooled connection dies with a restart of Redis.
		cmd = redis.NewSliceCmd(ctx, keys[:last]...)
		err = s.loads.do(ctx, cmd)
	}
	if err != nil {
		return bot.Loaded{}, fmt.Errorf("storage: load: %w", err)
	}
	got := cmd.Val()
	if reply, ok := got[0].(string); ok {
		return bot.Loaded{Done: true, Reply: reply, View: v}, nil
	}
	v.conversation, _ = got[1].(string)
	v.personRaw, _ = got[2].(string)
	v.cycleRaw, _ = got[3].(string)
	v.calendarRev, _ = got[4].(string)
	if len(got) > 5 {
		v.unitRaw, _ = got[5].(string)
	}
	v.loaded = true
	return v.decodeConversation(ev.From), nil
}

// decodeConversation reads the record; one that cannot be read is reported as
// Broken and goes to the parked list when the turn commits (commit.go).
func (v *view) decodeConversation(person string) bot.Loaded {
	out := bot.Loaded{View: v, Conversation: dialog.Conversation{Person: person}}
	if v.conversation == "" {
		return out
	}
	stamp, body, ok := strings.Cut(v.conversation, " ")
	rev, err := strconv.ParseInt(stamp, 10, 64)
	if ok && err == nil && rev > 0 {
		c, err := dialog.DecodeConversation(body)
		if err == nil {
			c.Rev = rev
			v.rev, v.stamp = rev, v.conversation[:len(stamp)+1]
			out.Conversation = c
			return out
		}
	}
	v.rev, v.stamp, v.broken = max(rev, 0), v.conversation[:min(len(v.conversation), brokenStamp)], true
	out.Conversation.Rev = v.rev
	out.Broken = true
	return out
}

// Conversation implements bot.View.
func (v *view) Conversation(userid string) (dialog.Conversation, bool) {
	key := v.s.keys.conversation(userid)
	raw := v.raw(key)
	stamp, body, ok := strings.Cut(raw, " ")
	rev, err := strconv.ParseInt(stamp, 10, 64)
	if !ok || err != nil {
		return dialog.Conversation{}, false
	}
	c, err := dialog.DecodeConversation(body)
	if err != nil {
		return dialog.Conversation{}, false // its owner's next turn sets it aside
	}
	c.Rev, c.Person = rev, userid
	return c, true
}

// brokenStamp is how much of an unreadable record is compared at commit.
const brokenStamp = 64
