package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/chat"
)

// LastSlot returns the newest recorded slot of a rule, zero when none is.
func (s *Store) LastSlot(ctx context.Context, rule string) (time.Time, error) {
	cmd := redis.NewStringCmd(ctx, "get", s.keys.slot(rule))
	err := s.do(ctx, cmd)
	if errors.Is(err, redis.Nil) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("storage: slot of %s: %w", rule, err)
	}
	ms, err := cmd.Int64()
	if err != nil {
		return time.Time{}, fmt.Errorf("storage: slot of %s: %w", rule, err)
	}
	return time.UnixMilli(ms).In(award.Shanghai), nil
}

// RecordSlot records a slot and queues the messages whose keys are new, in one
// script. fresh is false, and nothing is queued, when that slot or a later one is
// recorded already: any number of replicas may try.
func (s *Store) RecordSlot(ctx context.Context, rule string, slot time.Time, msgs []chat.Message, now time.Time) (bool, error) {
	b := s.batch()
	key := s.keys.slot(rule)
	b.newer(key, slot.UnixMilli())
	b.set(key, slot.UnixMilli())
	if err := b.messages(msgs, now); err != nil {
		return false, err
	}
	err := b.commit(ctx, "record slot")
	if errors.Is(err, errOldSlot) {
		return false, nil
	}
	return err == nil, err
}

// Lead takes or renews the leadership of this county for ttl. The fence is one
// number for as long as one holder renews without a gap and grows with every
// change of hands, so that whoever wakes up late can be told apart. ok is false
// while somebody else holds it; who is a name unique to the process.
func (s *Store) Lead(ctx context.Context, who string, now time.Time, ttl time.Duration) (int64, bool, error) {
	got, err := s.run(ctx, s.scripts.lead, []string{s.keys.lease()},
		[]any{who, now.UnixMilli(), now.Add(ttl).UnixMilli()})
	if err != nil {
		return 0, false, classed("lead", err)
	}
	list, _ := got.([]any)
	if len(list) < 2 {
		return 0, false, fmt.Errorf("%w: lead: %T", errAnswer, got)
	}
	ok, _ := list[0].(int64)
	fence, _ := list[1].(int64)
	return fence, ok == 1, nil
}

// Resign gives the leadership up at once, so that a successor need not wait.
func (s *Store) Resign(ctx context.Context, who string, now time.Time) error {
	if _, err := s.run(ctx, s.scripts.lead, []string{s.keys.lease()},
		[]any{who, now.UnixMilli(), 0}); err != nil {
		return classed("resign", err)
	}
	return nil
}
