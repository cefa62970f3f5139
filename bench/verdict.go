package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/storage"
)

// verdicts is what a kill loop has left behind.
type verdicts struct {
	acknowledged, unanswered, refused, deliveries, differ int
	lost, doubled, untrue, silent                         int
	units, records, submits, asked, askedAgain            int
	broken                                                []string
}

func (v *verdicts) breakf(format string, args ...any) {
	v.broken = append(v.broken, fmt.Sprintf(format, args...))
}

// openingTurns is how many turns the seeded conversation of each member has
// taken: the first member typed it, the others were given it in one commit.
func openingTurns(n int) int64 {
	if n == 0 {
		return int64(len(opening()))
	}
	return 1
}

// audit looks at what is stored and compares it with what was said.
func (r *killRun) audit(ctx context.Context, wecom *platform) (verdicts, error) {
	var v verdicts
	client, _ := newClient(r.redis.socket)
	defer func() { _ = client.Close() }()
	store, err := newStore(client)
	if err != nil {
		return v, err
	}
	if err := settled(ctx, store); err != nil {
		return v, err
	}
	marks, err := seenMarks(ctx, client, r.letters)
	if err != nil {
		return v, err
	}
	of := map[string][]*letter{}
	for _, l := range r.letters {
		of[l.person] = append(of[l.person], l)
		v.judge(l, marks[l])
	}
	for n := range r.plan.people {
		person := filerID(n)
		raw, err := client.Get(ctx, "cx:{"+benchCounty+"}:d:"+person).Result()
		if err != nil {
			return v, err
		}
		loaded, err := store.Load(ctx, chat.Event{ID: "bench|look", From: person}, r.bot.clock.Now())
		if err != nil {
			return v, err
		}
		values := map[string]string{}
		for _, d := range loaded.Conversation.Drafts {
			for _, value := range d.Values {
				values[value.Key] = value.Text
			}
		}
		v.conversation(person, raw, openingTurns(n), of[person], marks, values)
	}
	return v, v.handedIn(ctx, store, of, marks, r.plan.people, wecom)
}

// settled waits until Redis has read its log and everything queued has been sent.
func settled(ctx context.Context, store *storage.Store) error {
	const patience, look = 60 * time.Second, 50 * time.Millisecond
	for until := time.Now().Add(patience); ; wait(ctx, look) {
		backlog, err := store.Backlog(ctx)
		if err == nil && backlog.Messages == 0 || time.Now().After(until) || ctx.Err() != nil {
			return err
		}
	}
}

// seenMarks reads which letters have been committed, with the reply stored.
func seenMarks(ctx context.Context, client *redis.Client, letters []*letter) (map[*letter]*string, error) {
	out := make(map[*letter]*string, len(letters))
	const together = 500
	for some := range slices.Chunk(letters, together) {
		keys := make([]string, len(some))
		for i, l := range some {
			keys[i] = "cx:{" + benchCounty + "}:seen:" + l.id()
		}
		got, err := client.MGet(ctx, keys...).Result()
		if err != nil {
			return nil, err
		}
		for i, l := range some {
			if text, ok := got[i].(string); ok {
				out[l] = &text
			}
		}
	}
	return out, nil
}

// judge compares what the sender knows of a letter with its mark.
func (v *verdicts) judge(l *letter, stored *string) {
	v.deliveries += l.copies
	v.differ += l.differ
	if l.differ > 0 {
		v.breakf("%s was answered with %q and %q", l.text, l.reply, l.other)
	}
	switch l.fate {
	case acknowledged:
		v.acknowledged++
		if stored == nil || *stored != l.reply {
			v.lost++
			v.breakf("%s of %s was acknowledged with %q, stored is %v", l.text, l.person, l.reply, stored != nil)
		}
	case refused:
		v.refused++
		if stored != nil {
			v.untrue++
			v.breakf("%s of %s was said not to be kept, and is", l.text, l.person)
		}
	case unanswered:
		v.unanswered++
		if stored != nil {
			v.silent++
		}
	}
}

// conversation holds a member's record against the letters that took effect: as
// many turns, and in each field what the last one said.
func (v *verdicts) conversation(person, raw string, before int64, said []*letter, marks map[*letter]*string, values map[string]string) {
	stamp, _, _ := strings.Cut(raw, " ")
	rev, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		v.breakf("the record of %s: %v", person, err)
		return
	}
	var took int64
	last := map[string]*letter{}
	for _, l := range said {
		if marks[l] != nil {
			took++
			last[l.field] = l
		}
	}
	switch turns := rev - before; {
	case turns > took:
		v.doubled += int(turns - took)
		v.breakf("%s: %d messages have had %d effects", person, took, turns)
	case turns < took:
		v.lost += int(took - turns)
		v.breakf("%s: %d messages have had %d effects", person, took, turns)
	}
	for field, l := range last {
		text, open := values[field]
		if field == "" || len(values) == 0 && !open { // Handed in: the draft is gone.
			continue
		}
		if !strings.Contains(text, mark(l.serial)) {
			v.lost++
			v.breakf("%s: %s holds %q, the last word was %q", person, field, text, l.text)
		}
	}
}

// handedIn wants one record for each unit, with the last title, one line of the
// audit for it, and the unit's head asked to confirm it.
func (v *verdicts) handedIn(
	ctx context.Context, store *storage.Store, of map[string][]*letter, marks map[*letter]*string, people int, wecom *platform,
) error {
	view := store.ViewAt(ctx)
	for n := 0; n < people; n += filersAUnit {
		v.units++
		person, _ := view.Person(filerID(n))
		page := view.Topics(award.TopicQuery{Unit: person.Unit, Limit: filersAUnit})
		v.records += page.Total
		title := ""
		for _, l := range of[filerID(n)] {
			if l.field == "title" && marks[l] != nil {
				title = mark(l.serial)
			}
		}
		if page.Total != 1 || !strings.Contains(page.Topics[0].Title(), title) || len(page.Topics[0].Versions) != 1 {
			v.breakf("unit %s has %d records, want one of %q", person.Unit, page.Total, title)
		}
		v.heads(view, person.Unit, wecom)
	}
	if err := view.Err(); err != nil {
		return err
	}
	err := store.AuditRange(ctx, award.DateOf(benchStart()), func(line string) error {
		if strings.Contains(line, `"did":"filing.submit"`) {
			v.submits++
		}
		_, err := storage.ReadAuditLine(line)
		return err
	})
	if v.submits != v.units {
		v.breakf("%d audit lines of submissions by %d units", v.submits, v.units)
	}
	return err
}

// heads wants a unit's head asked; more than once only where an answer was lost.
func (v *verdicts) heads(view bot.View, unit string, wecom *platform) {
	u, _ := view.Unit(unit)
	for _, head := range u.Heads {
		switch times := wecom.asked(head, "请您确认"); times {
		case 0:
			v.breakf("the head of %s was never asked", unit)
		default:
			v.asked++
			v.askedAgain += times - 1
		}
	}
}
