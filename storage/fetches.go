package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
)

var _ bot.Fetches = (*Store)(nil)

// The places of the keys in keys.fetches() that commits write.
const (
	fetchRobot = iota
	fetchApp
	fetchJobs
	fetchHeld
)

// fetches queues downloads, due at once. Those of the robot go first: their
// addresses die after five minutes (design.md D28).
func (b *batch) fetches(list []chat.Fetch) error {
	keys := b.s.keys.fetches()
	for i := range list {
		f := &list[i]
		text, err := json.Marshal(f) //nolint:musttag // the words of chat carry no tags; a test keeps the stored form
		if err != nil {
			return fmt.Errorf("storage: encode download: %w", err)
		}
		lane := keys[fetchApp]
		if f.Channel == chat.Robot {
			lane = keys[fetchRobot]
		}
		b.hset(keys[fetchJobs], f.ID, text)
		b.zadd(lane, f.At.UnixMilli(), f.ID)
	}
	return nil
}

// fetched removes a download that has ended.
func (b *batch) fetched(id string) {
	keys := b.s.keys.fetches()
	b.zrem(keys[fetchRobot], id)
	b.zrem(keys[fetchApp], id)
	b.hdel(keys[fetchJobs], id)
	b.hdel(keys[fetchHeld], id)
}

// fetchFields is how many values the fetch script returns a download.
const fetchFields = 4

// ClaimFetches implements bot.Fetches.
func (s *Store) ClaimFetches(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]bot.ClaimedFetch, time.Time, error) {
	got, err := s.run(ctx, s.scripts.fetch, s.keys.fetches(), []any{now.UnixMilli(), lease.Milliseconds(), limit})
	if err != nil {
		return nil, time.Time{}, classed("claim downloads", err)
	}
	list, _ := got.([]any)
	if len(list) == 0 {
		return nil, time.Time{}, fmt.Errorf("%w: claim downloads: %T", errAnswer, got)
	}
	var next time.Time
	if ms, _ := list[0].(int64); ms >= 0 {
		next = time.UnixMilli(ms).In(award.Shanghai)
	}
	var out []bot.ClaimedFetch
	for i := 1; i+fetchFields <= len(list); i += fetchFields {
		var c bot.ClaimedFetch
		c.Fence, _ = list[i+1].(int64)
		tries, _ := list[i+2].(int64)
		c.Tries = int(tries)
		body, _ := list[i+3].(string)
		if json.Unmarshal([]byte(body), &c.Fetch) != nil { //nolint:musttag // see fetches
			continue // damaged; it stays where it is and must not stop the others
		}
		out = append(out, c)
	}
	return out, next, nil
}

// RetryFetch implements bot.Fetches.
func (s *Store) RetryFetch(ctx context.Context, c bot.ClaimedFetch, at time.Time) error {
	args := []any{c.Fetch.ID, strconv.FormatInt(c.Fence, 10), at.UnixMilli()}
	if _, err := s.run(ctx, s.scripts.fetchBack, s.keys.fetches(), args); err != nil {
		return classed("give a download back", err)
	}
	return nil
}

// Downloads is how many pictures are on their way.
func (s *Store) Downloads(ctx context.Context) (int64, error) {
	n, err := s.client.HLen(ctx, s.keys.fetches()[fetchJobs]).Result()
	if err != nil {
		return 0, fmt.Errorf("storage: downloads: %w", err)
	}
	return n, nil
}
