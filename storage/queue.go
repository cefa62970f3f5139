package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
)

var _ bot.Queue = (*Store)(nil)

// WeCom's limits with a margin (wecom/app-protocol.md: 30 a minute and 1,000 an
// hour a member, 20 a minute a group webhook), counted over every window.
const (
	memberMinute = 28
	memberHour   = 950
	groupMinute  = 18
)

// claimFields is how many values the claim script returns a message.
const claimFields = 5

// Enqueue implements bot.Queue.
func (s *Store) Enqueue(ctx context.Context, now time.Time, msgs []chat.Message) error {
	if len(msgs) == 0 {
		return nil
	}
	b := s.batch()
	if err := b.messages(msgs, now); err != nil {
		return err
	}
	return b.commit(ctx, "enqueue")
}

// messages queues messages in order.
func (b *batch) messages(msgs []chat.Message, now time.Time) error {
	for i := range msgs {
		if err := b.message(&msgs[i], now.UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

// Claim implements bot.Queue.
func (s *Store) Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]bot.Claimed, time.Time, error) {
	keys := append(s.outboxKeys(1), s.keys.facts(), s.keys.busy())
	got, err := s.run(ctx, s.scripts.claim, keys, []any{
		now.UnixMilli(), lease.Milliseconds(), limit, s.keys.queue(""), s.keys.sent(""),
		memberMinute, memberHour, groupMinute, busyFor.Milliseconds(),
	})
	if err != nil {
		return nil, time.Time{}, classed("claim", err)
	}
	list, _ := got.([]any)
	if len(list) == 0 {
		return nil, time.Time{}, fmt.Errorf("%w: claim: %T", errAnswer, got)
	}
	var next time.Time
	if ms, _ := list[0].(int64); ms >= 0 {
		next = time.UnixMilli(ms).In(award.Shanghai)
	}
	claimed := make([]bot.Claimed, 0, len(list)/claimFields)
	for i := 1; i+claimFields <= len(list); i += claimFields {
		c, err := readClaim(list[i : i+claimFields])
		if err != nil {
			return nil, time.Time{}, err
		}
		claimed = append(claimed, c)
	}
	return claimed, next, nil
}

// readClaim reads to, id, fence, tries and body.
func readClaim(fields []any) (bot.Claimed, error) {
	var c bot.Claimed
	var body string
	c.ID, _ = fields[1].(string)
	c.Fence, _ = fields[2].(int64)
	tries, _ := fields[3].(int64)
	c.Tries = int(tries)
	body, _ = fields[4].(string)
	m, err := decodeMessage(body)
	if err != nil {
		return c, fmt.Errorf("message %s: %w", c.ID, err)
	}
	c.Message = m
	return c, nil
}

// outboxKeys copies the fixed keys, with room for more.
func (s *Store) outboxKeys(more int) []string {
	return append(make([]string, 0, len(s.outbox)+more+1), s.outbox...)
}

// settle runs the settle script. Results with an old lease number are counted
// under "stale" and otherwise ignored: the message is somebody else's by then.
func (s *Store) settle(ctx context.Context, verb string, now time.Time, what, detail any, done []bot.Claimed) error {
	keys := s.outboxKeys(len(done))
	args := append(make([]any, 0, 4+3*len(done)), verb, now.UnixMilli(), what, detail)
	for i := range done {
		to := receiver(done[i].Message.To)
		keys = append(keys, s.keys.queue(to))
		args = append(args, to, done[i].ID, done[i].Fence)
	}
	if _, err := s.run(ctx, s.scripts.settle, keys, args); err != nil {
		return classed(verb, err)
	}
	return nil
}

// Sent implements bot.Queue.
func (s *Store) Sent(ctx context.Context, now time.Time, done []bot.Claimed) error {
	if len(done) == 0 {
		return nil
	}
	return s.settle(ctx, "sent", now, "", "", done)
}

// Retry implements bot.Queue. The receiver waits as a whole, so that the order
// of its messages is kept; the reason is the caller's to log.
func (s *Store) Retry(ctx context.Context, now time.Time, c bot.Claimed, at time.Time, _ string) error {
	return s.settle(ctx, "retry", now, at.UnixMilli(), "", []bot.Claimed{c})
}

// Bury implements bot.Queue.
func (s *Store) Bury(ctx context.Context, now time.Time, c bot.Claimed, code int, reason string) error {
	text, err := json.Marshal(award.Failed{
		Key: c.Message.Key, To: c.Message.To, Head: head(&c.Message), Reason: reason, Code: code, At: now,
	})
	if err != nil {
		return fmt.Errorf("storage: bury: %w", err)
	}
	return s.settle(ctx, "bury", now, c.Message.Key, text, []bot.Claimed{c})
}

// head is the first line of a message, at most 40 characters.
func head(m *chat.Message) string {
	const most = 40
	text := m.Text
	if text == "" && m.Card != nil {
		text = m.Card.Title
	}
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return line
}

// Drop implements bot.Queue; the reason is counted (see Tally).
func (s *Store) Drop(ctx context.Context, now time.Time, c bot.Claimed, reason string) error {
	return s.settle(ctx, "drop", now, reason, "", []bot.Claimed{c})
}

// Tally returns how many messages were not sent, by named reason: "done
// meanwhile", "replaced", "repeated" (their key was taken), "stale" (late
// results refused), "unreadable", and the reasons given to Drop.
func (s *Store) Tally(ctx context.Context) (map[string]int64, error) {
	cmd := redis.NewMapStringStringCmd(ctx, "hgetall", s.outbox[outTally])
	if err := s.do(ctx, cmd); err != nil {
		return nil, fmt.Errorf("storage: tally: %w", err)
	}
	out := make(map[string]int64, len(cmd.Val()))
	for reason, text := range cmd.Val() {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("storage: tally of %s: %w", reason, err)
		}
		out[reason] = n
	}
	return out, nil
}

// Backlog is how much is waiting to be said.
type Backlog struct {
	Messages int64
	Oldest   time.Time // when the first receiver may be served; zero: nothing waits
	Failed   int64
}

// Backlog measures the outbox in one call.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	pipe := s.client.Pipeline()
	queued := pipe.HLen(ctx, s.outbox[outMsgs])
	failed := pipe.ZCard(ctx, s.outbox[outFailix])
	lanes := make([]*redis.ZSliceCmd, lanesCount)
	for p := range lanes {
		lanes[p] = pipe.ZRangeWithScores(ctx, s.outbox[p], 0, 0)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return Backlog{}, fmt.Errorf("storage: backlog: %w", err)
	}
	out := Backlog{Messages: queued.Val(), Failed: failed.Val()}
	for _, lane := range lanes {
		for _, z := range lane.Val() {
			at := time.UnixMilli(int64(z.Score)).In(award.Shanghai)
			if out.Oldest.IsZero() || at.Before(out.Oldest) {
				out.Oldest = at
			}
		}
	}
	return out, nil
}

// DraftCount returns how many filings are begun and not submitted, in two calls.
func (s *Store) DraftCount(ctx context.Context) (int64, error) {
	units := redis.NewStringSliceCmd(ctx, "zrange", s.keys.units(), 0, -1)
	if err := s.do(ctx, units); err != nil {
		return 0, fmt.Errorf("storage: count drafts: %w", err)
	}
	pipe := s.client.Pipeline()
	sizes := make([]*redis.IntCmd, len(units.Val()))
	for i, id := range units.Val() {
		sizes[i] = pipe.HLen(ctx, s.keys.drafts(id))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, fmt.Errorf("storage: count drafts: %w", err)
	}
	var n int64
	for _, size := range sizes {
		n += size.Val()
	}
	return n, nil
}
