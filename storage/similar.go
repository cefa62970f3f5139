package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
)

// maxAlike is how many titles one question about likeness looks at.
const maxAlike = 100

// title is what the index of titles remembers of one.
type title struct {
	Title string `json:"title"`
	Unit  string `json:"unit"`
	Cycle string `json:"cycle"`
}

// index puts a title into the index, or takes it out. old is the title the same
// id had before, "" for none. Pairs of characters that stay are written again:
// it costs nothing and heals what an earlier version did not index.
func (b *batch) index(id, old string, now title, live bool) error {
	grams := award.Bigrams(now.Title)
	for _, gram := range award.Bigrams(old) {
		if !live || !slices.Contains(grams, gram) {
			b.zrem(b.s.keys.gram(gram), id)
		}
	}
	if !live {
		b.hdel(b.s.keys.titles(), id)
		return nil
	}
	text, err := record("", now)
	if err != nil {
		return err
	}
	for _, gram := range grams {
		b.zadd(b.s.keys.gram(gram), 0, id)
	}
	b.hset(b.s.keys.titles(), id, text)
	return nil
}

// indexTopic keeps the index in step with a topic's title.
func (b *batch) indexTopic(c *award.TopicChange) error {
	old := ""
	if c.Before != nil {
		old = c.Before.Title()
	}
	t := &c.After
	return b.index(t.ID, old, title{Title: t.Title(), Unit: t.Unit, Cycle: t.Cycle}, t.Status != award.StatusWithdrawn)
}

// Similar implements award.View in one call. Titles at least LikeTitle alike
// share two thirds of the pairs of the one asked about at the very least, so
// any such title holds one of its rarest third, whichever third that is: only
// those are looked into.
func (v *view) Similar(asked, except string, limit int) []award.Likeness {
	grams := award.Bigrams(asked)
	if len(grams) == 0 || v.err != nil {
		return nil
	}
	keys := []string{v.s.keys.titles()}
	for _, gram := range grams {
		keys = append(keys, v.s.keys.gram(gram))
	}
	needed := (2*len(grams) + 2) / 3
	got, err := v.s.run(v.ctx, v.s.scripts.similar, keys, []any{len(grams) - needed + 1, maxAlike})
	if err != nil {
		v.fail("titles", err)
		return nil
	}
	list, _ := got.([]any)
	var found []award.Likeness
	for i := 0; i+1 < len(list); i += 2 {
		id, _ := list[i].(string)
		raw, _ := list[i+1].(string)
		var have title
		if err := json.Unmarshal([]byte(raw), &have); err != nil {
			v.fail("titles", err)
			return nil
		}
		if id != except {
			found = append(found, award.Likeness{ID: id, Title: have.Title, Unit: have.Unit, Cycle: have.Cycle})
		}
	}
	return award.Nearest(asked, found, limit)
}

// ImportPast adds results of earlier cycles, replacing those of the same ID, all
// or nothing. changed is how many were new or different.
func (s *Store) ImportPast(ctx context.Context, results []award.Past, log []award.Entry) (changed int, err error) {
	for range maxConflicts {
		if changed, err = s.importPast(ctx, results, log); !errors.Is(err, bot.ErrConflict) {
			return changed, err
		}
	}
	return 0, err
}

func (s *Store) importPast(ctx context.Context, results []award.Past, log []award.Entry) (changed int, err error) {
	v := newView(ctx, s)
	known := map[string]award.Past{}
	for _, p := range v.allPast() {
		known[p.ID] = p
	}
	if v.err != nil {
		return 0, v.err
	}
	b := s.batch()
	rev := v.raw(s.keys.pastRev())
	b.stamped(s.keys.pastRev(), rev)
	for _, p := range results {
		was, have := known[p.ID]
		if have && was == p {
			continue
		}
		text, err := record("", p)
		if err != nil {
			return 0, err
		}
		b.hset(s.keys.past(), p.ID, text)
		if err := b.index(p.ID, was.Title, title{Title: p.Title, Unit: p.Unit, Cycle: p.Cycle}, true); err != nil {
			return 0, err
		}
		changed++
	}
	if changed == 0 {
		return 0, nil
	}
	last, err := strconv.Atoi("0" + rev)
	if err != nil {
		return 0, fmt.Errorf("storage: revision of the past results: %w", err)
	}
	b.set(s.keys.pastRev(), strconv.Itoa(last+1))
	if err := b.log(log); err != nil {
		return 0, err
	}
	return changed, b.commit(ctx, "past results")
}

// Past implements award.View.
func (v *view) Past(q award.PastQuery) award.PastPage { return award.SelectPast(v.allPast(), q) }

// allPast is every past result. They change with an import only, so a process
// reads them once for each revision.
func (v *view) allPast() []award.Past {
	rev := v.raw(v.s.keys.pastRev())
	if rev == "" || v.err != nil {
		return nil
	}
	if have, ok := v.s.caches.past.get(rev); ok {
		return *have
	}
	cmd := redis.NewStringSliceCmd(v.ctx, "hvals", v.s.keys.past())
	if err := v.s.do(v.ctx, cmd); err != nil {
		v.fail("past results", err)
		return nil
	}
	all := make([]award.Past, len(cmd.Val()))
	for i, raw := range cmd.Val() {
		if err := json.Unmarshal([]byte(raw), &all[i]); err != nil {
			v.fail("past results", err)
			return nil
		}
	}
	v.s.caches.past.put(rev, &all)
	return all
}
