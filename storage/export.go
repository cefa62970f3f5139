package storage

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
)

// ledgerPage is how many topics an export holds at once.
const ledgerPage = 200

// Ledger goes through a cycle's topics in the order of submitting, a page at a
// time, so that an export holds one page whatever the size of the programme. It
// ends with the first error.
func (s *Store) Ledger(ctx context.Context, cycle string) iter.Seq2[award.Topic, error] {
	return func(yield func(award.Topic, error) bool) {
		for offset := 0; ; offset += ledgerPage {
			v := newView(ctx, s)
			ids, raws, total := v.page(s.keys.topics(cycle, "", ""), s.keys.topic(""), offset, ledgerPage)
			for i, raw := range raws {
				var t award.Topic
				if v.unmarshal(ids[i], raw, &t) && !yield(t, nil) {
					return
				}
			}
			if v.err != nil {
				yield(award.Topic{}, v.err)
				return
			}
			if offset+ledgerPage >= total {
				return
			}
		}
	}
}

// AuditRange goes through a day's audit lines, oldest first, until fn fails.
// Lines are as written; ReadAuditLine checks and reads one.
func (s *Store) AuditRange(ctx context.Context, day award.Date, fn func(line string) error) error {
	key := s.keys.audit(day.String())
	for from := 0; ; from += chunk {
		cmd := redis.NewStringSliceCmd(ctx, "lrange", key, from, from+chunk-1)
		if err := s.do(ctx, cmd); err != nil {
			return fmt.Errorf("storage: audit of %s: %w", day, err)
		}
		for _, line := range cmd.Val() {
			if err := fn(line); err != nil {
				return err
			}
		}
		if len(cmd.Val()) < chunk {
			return nil
		}
	}
}

// AuditDays returns the days that have audit lines, oldest first.
func (s *Store) AuditDays(ctx context.Context) ([]award.Date, error) {
	prefix := s.keys.audit("")
	keys, err := s.scan(ctx, prefix)
	if err != nil {
		return nil, err
	}
	slices.Sort(keys)
	days := make([]award.Date, 0, len(keys))
	for _, key := range keys {
		day, err := award.ParseDate(strings.TrimPrefix(key, prefix))
		if err != nil {
			return nil, fmt.Errorf("storage: audit: %w", err)
		}
		days = append(days, day)
	}
	return days, nil
}

// Parked returns a person's unreadable conversation records, oldest first, for
// the operator to read by eye.
func (s *Store) Parked(ctx context.Context, person string) ([]string, error) {
	cmd := redis.NewStringSliceCmd(ctx, "lrange", s.keys.parked(person), 0, -1)
	if err := s.do(ctx, cmd); err != nil {
		return nil, fmt.Errorf("storage: parked: %w", err)
	}
	return cmd.Val(), nil
}

// scan lists the keys with a prefix, once each and in no order.
func (s *Store) scan(ctx context.Context, prefix string) ([]string, error) {
	const count = 1000
	seen := make(map[string]struct{})
	var cursor uint64
	for {
		cmd := redis.NewScanCmd(ctx, s.client.Process, "scan", cursor, "match", prefix+"*", "count", count)
		if err := s.do(ctx, cmd); err != nil {
			return nil, fmt.Errorf("storage: scan: %w", err)
		}
		page, next := cmd.Val()
		for _, key := range page {
			seen[key] = struct{}{}
		}
		if next == 0 {
			break
		}
		cursor = next
	}
	out := make([]string, 0, len(seen))
	for key := range seen {
		out = append(out, key)
	}
	return out, nil
}
