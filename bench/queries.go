package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/storage"
)

// A county for questions: some units have filed nothing, one asks about its own
// three topics, and all the other topics are of units that come with them.
const (
	smallCounty   = 100
	unfiledFilers = 40 // ten units that owe
	topicsAUnit   = 2
	ownTopics     = 3
	queryPeople   = unfiledFilers
	asker         = 0 // filer whose unit has the three topics
	maxGrowth     = 10.0
)

// question is one query, who asks it and what its answer must say.
type question struct {
	who, text, wants string
}

func questions() []question {
	return []question{
		{sampleStaff, "谁没报", "没报的"},
		{sampleStaff, "进度", "课题备案已报"},
		{sampleStaff, "统计", "按单位类型"},
		{filerID(asker), "进度", "议事协商机制"},
	}
}

// cost is what one question took.
type cost struct{ commands, writes, bytes, shown int64 }

var errGrows = errors.New("a query reads more when the county grows")

// runQueries asks the same questions of a small and a large county and compares
// what Redis was asked for, which is exact, where a time would be a guess.
func runQueries(ctx context.Context, topics int, out io.Writer) error {
	var costs [2][]cost
	for i, n := range []int{smallCounty, topics} {
		start := time.Now()
		got, err := askCounty(ctx, n)
		if err != nil {
			return err
		}
		costs[i] = got
		fmt.Fprintf(out, "%d topics, loaded and asked in %v\n", n, time.Since(start).Round(time.Millisecond))
	}
	fmt.Fprintf(out, "%-12s%-10s%22s%22s%14s%14s\n", "who", "query", "commands (writes)", "commands (writes)", "bytes read", "difference")
	var grows error
	for i, q := range questions() {
		small, large := costs[0][i], costs[1][i]
		// The lines shown are the answer itself; a longer number is not a longer search.
		percent := func(a, b int64) float64 { return 100 * (float64(b) - float64(a)) / float64(a) }
		byCommands := percent(small.commands, large.commands)
		byBytes := percent(small.bytes-small.shown, large.bytes-large.shown)
		fmt.Fprintf(out, "%-12s%-10s%16d (%3d)%16d (%3d)%7d %6d%+6.1f%% %+5.1f%%\n",
			q.who, q.text, small.commands, small.writes, large.commands, large.writes, small.bytes, large.bytes, byCommands, byBytes)
		if byCommands > maxGrowth || byBytes > maxGrowth {
			grows = fmt.Errorf("%w: %s: commands %+.1f %%, bytes %+.1f %%", errGrows, q.text, byCommands, byBytes)
		}
	}
	return grows
}

// askCounty loads a county with so many topics and asks every question of it.
func askCounty(ctx context.Context, topics int) (costs []cost, err error) {
	server, err := startRedis(ctx, "", "everysec")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	client, meter := newClient(server.socket)
	defer func() { err = errors.Join(err, client.Close()) }()
	store, err := newStore(client)
	if err != nil {
		return nil, err
	}
	if err := seed(ctx, store, queryPeople); err != nil {
		return nil, err
	}
	if err := seedTopics(ctx, store, topics); err != nil {
		return nil, err
	}
	turn, err := newTurn(store, startClock())
	if err != nil {
		return nil, err
	}
	for i, q := range questions() {
		// The first asking fills what a process remembers between turns.
		for n := range 2 {
			before := cost{commands: meter.commands.Load(), writes: meter.writes.Load(), bytes: meter.bytes.Load()}
			ev := chat.Event{
				ID: fmt.Sprintf("bench|query|%d|%d", i, n), Channel: chat.App, From: q.who, Kind: chat.Text, Text: q.text, At: benchStart(),
			}
			said := turn.Handle(ctx, ev).Text
			if !strings.Contains(said, q.wants) {
				return nil, fmt.Errorf("%w to %q: %q", errReply, q.text, said)
			}
			if n == 0 {
				continue
			}
			costs = append(costs, cost{
				commands: meter.commands.Load() - before.commands, writes: meter.writes.Load() - before.writes,
				bytes: meter.bytes.Load() - before.bytes, shown: int64(len(said)),
			})
		}
	}
	return costs, nil
}

// seedTopics puts topics in past the conversation: three of the asker's unit,
// the others of new units, a few hundred a commit.
func seedTopics(ctx context.Context, store *storage.Store, topics int) error {
	var cycle award.Cycle
	var own award.Unit
	var filing award.Filing
	add := func(id string, fill func(*award.Changes)) error {
		return commit(ctx, store, id, sampleStaff, benchStart(), func(view bot.View) (bot.Response, error) {
			cycle, _ = view.Cycle()
			person, _ := view.Person(filerID(asker))
			own, _ = view.Unit(person.Unit)
			var changes award.Changes
			fill(&changes)
			return bot.Response{Changes: changes}, nil
		})
	}
	filing = sampleFiling()
	err := add("bench|own", func(c *award.Changes) {
		after := own
		after.Rev++
		for n := range ownTopics {
			after = withTopic(c, after, cycle, filing, n+1)
		}
		before := own
		c.Units = append(c.Units, award.UnitChange{Before: &before, After: after})
	})
	const together = 200
	for n := ownTopics; n < topics && err == nil; {
		err = add(fmt.Sprintf("bench|topics|%d", n), func(c *award.Changes) {
			for end := min(n+together, topics); n < end; {
				name := fmt.Sprintf("新%06d村党委", n)
				u := award.Unit{ID: name, Name: name, Type: "乡镇", Rev: 1, Order: 10_000 + n, Owes: true}
				for range min(topicsAUnit, topics-n) {
					n++
					u = withTopic(c, u, cycle, filing, n)
				}
				c.Units = append(c.Units, award.UnitChange{After: u})
			}
		})
	}
	return err
}

// withTopic adds a filed topic to the changes and to its unit.
func withTopic(c *award.Changes, u award.Unit, cycle award.Cycle, filing award.Filing, n int) award.Unit {
	t := award.Topic{
		ID: fmt.Sprintf("%s-%06d", cycle.ID, n), Rev: 1, Cycle: cycle.ID, Unit: u.ID, Status: award.StatusFiled,
		Filer: filerID(asker), SubmittedAt: benchStart(), Versions: []award.Version{{N: 1, Filing: filing, By: filerID(asker), At: benchStart()}},
	}
	c.Topics = append(c.Topics, award.TopicChange{After: t})
	u.Cycle = cycle.ID
	u.Topics = append(slices.Clip(u.Topics), award.TopicRef{ID: t.ID, Title: filing.Title, Status: t.Status})
	return u
}

// sampleFiling is a filing of ordinary length.
func sampleFiling() award.Filing {
	text := opening()
	return award.Filing{
		Title: text[1], Category: "3", Direction: "3.3", Problem: text[3], Content: text[5], Outcome: text[9], Products: []string{"制度", "案例"},
		Pilots: []award.Pilot{{Name: "柳林村党支部"}}, Measures: strings.Split(text[7], "\n"), Secrecy: true,
		Head: award.Contact{Name: "王建国", Post: "党委书记", Phone: "13800000010"},
	}
}
