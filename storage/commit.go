package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/dialog"
)

// seenFor is how long an event's reply is kept: WeCom re-sends within minutes,
// operators replay within days.
const seenFor = 7 * 24 * time.Hour

// errForeignView refuses an outcome whose view this store did not load: without
// it the revisions to compare are unknown.
var errForeignView = errors.New("storage: the view of this outcome did not come from Load")

// errWrongType says that somebody else's data sits on one of our keys.
var errWrongType = errors.New("storage: a key holds another type")

// errAnswer says that a script answered what it never answers.
var errAnswer = errors.New("storage: unexpected answer of a script")

// Commit implements bot.Store: mark, conversation, records, indexes, facts,
// audit lines and messages in one script, all or nothing. Errors: ErrConflict,
// *Repeat, one that wraps ErrNotStored when surely nothing was written, and any
// other when nobody can know.
func (s *Store) Commit(ctx context.Context, o bot.Outcome) error {
	b, err := s.outcome(&o)
	if err != nil {
		return fmt.Errorf("%w: %w", bot.ErrNotStored, err)
	}
	return b.commit(ctx, "commit")
}

// outcome turns an outcome into operations.
func (s *Store) outcome(o *bot.Outcome) (*batch, error) {
	b := s.batch()
	seen := s.keys.seen(o.Event.ID)
	b.unseen(seen)
	b.setFor(seen, o.Reply, seenFor.Milliseconds())
	if !o.Response.MarkOnly || !o.Response.Changes.IsEmpty() {
		v, ok := o.View.(*view)
		if !ok || v.s != s {
			return nil, errForeignView
		}
		if !o.Response.MarkOnly {
			b.conversation(v, o)
		}
		if err := b.others(v, o.Response.Others); err != nil {
			return nil, err
		}
		if err := b.changes(v, &o.Response.Changes, o.At.UnixMilli()); err != nil {
			return nil, err
		}
	}
	if err := b.fetches(o.Response.Fetches); err != nil {
		return nil, err
	}
	if o.Event.Kind == chat.Fetched {
		b.fetched(o.Event.Result.ID)
	}
	if err := b.messages(o.Messages, o.At); err != nil {
		return nil, err
	}
	return b, nil
}

// conversation checks and writes the record. Its revision is storage's own: one
// more than what was loaded.
func (b *batch) conversation(v *view, o *bot.Outcome) {
	c := o.Response.Conversation
	key := b.s.keys.conversation(v.person)
	if v.broken {
		b.push(b.s.keys.parked(v.person), v.conversation)
	}
	if !v.broken || v.stamp != "" {
		b.stamped(key, v.stamp)
	}
	c.Rev = v.rev + 1
	const spare = 256
	body := make([]byte, 0, len(v.conversation)+spare)
	body = append(strconv.AppendInt(body, c.Rev, 10), ' ')
	b.set(key, c.Append(body))
	b.busy(v.person, o)
}

// busyFor is how long after somebody's last answer reminders leave them in peace
// (UX rule 40).
const busyFor = 10 * time.Minute

// busy notes that somebody is answering a question, or no longer. Opening the
// chat says neither.
func (b *batch) busy(person string, o *bot.Outcome) {
	switch c := &o.Response.Conversation; {
	case o.Event.Channel == chat.Internal || o.Event.Kind == chat.Enter:
	case c.Active && len(c.Drafts) > 0:
		b.hset(b.s.keys.busy(), person, o.At.Add(busyFor).UnixMilli())
	default:
		b.hdel(b.s.keys.busy(), person)
	}
}

// errUnread refuses to write a conversation of somebody else that was not read.
var errUnread = errors.New("storage: the conversation of somebody else was not read by this view")

// others checks and writes conversations of other people.
func (b *batch) others(v *view, list []dialog.Conversation) error {
	for i := range list {
		c := &list[i]
		key := b.s.keys.conversation(c.Person)
		raw, read := v.memo[key]
		if !read || fold(c.Person) == v.person {
			return errUnread
		}
		b.stamped(key, stampOf(raw))
		c.Rev++
		b.set(key, c.Append(append(strconv.AppendInt(nil, c.Rev, 10), ' ')))
	}
	return nil
}

// commit runs the script and reads its verdict.
func (b *batch) commit(ctx context.Context, doing string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("storage: %s: %w: %w", doing, bot.ErrNotStored, err)
	}
	got, err := b.s.scripts.commit.run(ctx, b.s.commits.do, b.keys, b.checks, b.writes)
	if err != nil {
		return classed(doing, err)
	}
	if err := verdict(doing, got); err != nil {
		return err
	}
	if b.outboxAt != 0 {
		b.s.sound.Store(true)
	}
	return nil
}

// errOldSlot says that the slot was recorded before.
var errOldSlot = errors.New("storage: slot recorded before")

// The first numbers of the script's answers.
const (
	answerRepeat   = 1
	answerConflict = 2
	answerType     = 3
	answerSlot     = 4
)

func verdict(doing string, got any) error {
	if n, ok := got.(int64); ok && n == 0 {
		return nil
	}
	list, _ := got.([]any)
	if len(list) == 0 {
		return fmt.Errorf("%w: %s: %T", errAnswer, doing, got)
	}
	what, _ := list[0].(int64)
	detail := ""
	if len(list) > 1 {
		detail, _ = list[1].(string)
	}
	switch what {
	case answerRepeat:
		return &bot.Repeat{Reply: detail}
	case answerConflict:
		return fmt.Errorf("storage: %s: %w: %s", doing, bot.ErrConflict, detail)
	case answerType:
		return fmt.Errorf("storage: %s: %w: %w: %s", doing, bot.ErrNotStored, errWrongType, detail)
	case answerSlot:
		return errOldSlot
	default:
		return fmt.Errorf("%w: %s: %d", errAnswer, doing, what)
	}
}

// record encodes "stamp json".
func record(stamp string, v any) (string, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("storage: encode %T: %w", v, err)
	}
	return stamp + string(body), nil
}

// revStamp is the stamp of a record with a revision.
func revStamp(rev int64) string { return strconv.FormatInt(rev, 10) + " " }

// cycleStamp tells the revisions of two cycles apart.
func cycleStamp(c *award.Cycle) string { return c.ID + "." + revStamp(c.Rev) }
