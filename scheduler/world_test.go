package scheduler_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/scheduler"
)

// world is a county in memory, changed by scripted events.
type world struct {
	t      *testing.T
	memory *award.Memory
	cal    award.Calendar
	events []event
	serial int
	newest map[string]string // unit → its newest topic
}

// event is one line of two_years_events.csv.
type event struct {
	at                 time.Time
	name, unit, detail string
}

// window is the world as one judgement sees it.
type window struct {
	*award.Memory
	cal award.Calendar
	err error
}

func (w window) Calendar() award.Calendar { return w.cal }
func (w window) Err() error               { return w.err }

// newWorld reads people and events; only 2026 is known of the calendar.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, memory: award.NewMemory(award.Calendar{}), newest: map[string]string{}}
	w.cal = yearOf(2026)
	units := map[string]*award.Unit{}
	var order []string
	for i, row := range readCSV(t, "testdata/two_years_people.csv") {
		p := award.Person{UserID: row[0], Name: row[1], Unit: row[3], Post: row[4], Phone: row[5]}
		u := units[p.Unit]
		if u == nil {
			u = &award.Unit{ID: p.Unit, Name: p.Unit, Order: i}
			units[p.Unit] = u
			order = append(order, p.Unit)
		}
		for role := range strings.SplitSeq(row[2], "、") {
			p.Roles = append(p.Roles, award.Role(role))
			switch award.Role(role) {
			case award.RoleHead:
				u.Heads = append(u.Heads, p.UserID)
			case award.RoleDeputy:
				u.Deputys = append(u.Deputys, p.UserID)
			case award.RoleFiler:
				u.Filers = append(u.Filers, p.UserID)
			}
		}
		u.Owes = len(u.Heads)+len(u.Filers) > 0
		w.memory.Add(nil, []award.Person{p})
	}
	for _, id := range order {
		w.memory.Add([]award.Unit{*units[id]}, nil)
	}
	for _, row := range readCSV(t, "testdata/two_years_events.csv") {
		w.events = append(w.events, event{moment(t, row[0], row[1]), row[2], row[3], row[4]})
	}
	return w
}

// until lets everything happen that happens up to now.
func (w *world) until(now time.Time) {
	w.t.Helper()
	for len(w.events) > 0 && !w.events[0].at.After(now) {
		e := w.events[0]
		w.events = w.events[1:]
		w.happen(e)
	}
}

// view opens a window on the present.
func (w *world) view(context.Context) scheduler.View { return window{Memory: w.memory, cal: w.cal} }

// happen applies one event.
func (w *world) happen(e event) {
	w.t.Helper()
	switch e.name {
	case "open":
		w.open(e)
	case "calendar":
		w.cal = w.cal.Merge(yearOf(number(w.t, e.detail)))
	case "leave":
		p, _ := w.memory.Person(e.detail)
		p.Left = true
		w.memory.Add(nil, []award.Person{p})
	case "draft":
		person, done, _ := strings.Cut(e.detail, " ")
		d := award.DraftSummary{Person: person, Unit: e.unit, Form: "filing", Draft: "filing.1", Done: number(w.t, done), Total: 11, At: e.at}
		labels := []string{"课题名称", "方向", "突出问题", "试点单位", "责任人", "试点内容", "实施步骤", "具体措施", "完成时间", "成果形式", "保密确认"}
		d.Missing = labels[d.Done:]
		w.apply(award.Changes{Drafts: []award.DraftSummary{d}})
	case "extend":
		w.unit(e.unit, func(u *award.Unit) { u.Extended = date(w.t, e.detail).Add(1).At(0, 0) })
	case "grant":
		w.unit(e.unit, func(u *award.Unit) { u.Confirmers = append(u.Confirmers, e.detail) })
	case "promise":
		who, day, _ := strings.Cut(e.detail, " ")
		day, later := strings.CutSuffix(day, " later")
		w.unit(e.unit, func(u *award.Unit) {
			u.Promises = append(u.Promises, award.Promise{By: who, At: e.at, Until: date(w.t, day), Later: later})
		})
	case "prefs", "silence", "handover":
		w.person(e)
	case "plan":
		w.plan(e)
	default:
		w.filing(e)
	}
}

// person changes what somebody wants of reminders.
func (w *world) person(e event) {
	w.t.Helper()
	words := strings.Fields(e.detail)
	p, ok := w.memory.Person(words[0])
	if !ok {
		w.t.Fatalf("no person %s", words[0])
	}
	switch {
	case e.name == "handover":
		p.Away = &award.Away{To: words[1], From: date(w.t, words[2]), Until: date(w.t, words[3])}
	case e.name == "silence":
		p.Prefs.NoNudge = words[1]
	case words[1] == "usual":
		p.Prefs = award.Prefs{}
	case words[1] == "sparse":
		p.Prefs.Sparse = true
	default:
		p.Prefs.Hour = number(w.t, words[1])
	}
	w.apply(award.Changes{Persons: []award.Person{p}})
}

// plan changes when a group is told.
func (w *world) plan(e event) {
	w.t.Helper()
	words := strings.Fields(e.detail)
	groups := w.memory.Groups()
	g, ok := groups.Find(words[0])
	if !ok {
		g = award.DefaultPlan(words[0])
	}
	if g.Off = words[1] == "off"; !g.Off {
		g.Day, g.Hour, g.LastDays = time.Weekday(number(w.t, words[1])), number(w.t, words[2]), number(w.t, words[3])
	}
	next := groups.With(g)
	w.apply(award.Changes{Groups: &next})
}

// open opens a cycle announced for the day.
func (w *world) open(e event) {
	w.t.Helper()
	before, _ := w.memory.Cycle()
	day := date(w.t, e.detail)
	w.apply(award.Changes{Cycle: &award.Cycle{
		ID: strconv.Itoa(day.Year), Rev: before.Rev + 1, OpenedAt: e.at, OpenedBy: "sunjing", RollOver: true,
		Milestones: award.ProposeMilestones(w.cal, day.Year, day, true),
	}})
}

// filing moves a unit's newest topic on.
func (w *world) filing(e event) {
	w.t.Helper()
	cycle, _ := w.memory.Cycle()
	if e.name == "submit" {
		w.serial++
		id := fmt.Sprintf("%s-%04d", cycle.ID, w.serial)
		w.newest[e.unit] = id
		topic := award.Topic{
			ID: id, Cycle: cycle.ID, Unit: e.unit, Filer: e.detail, SubmittedAt: e.at,
			Versions: []award.Version{{N: 1, By: e.detail, At: e.at, Filing: award.Filing{Title: fmt.Sprintf("党建创新课题第%d号", w.serial)}}},
		}
		topic.Status, topic.ConfirmedAt = w.submitted(e)
		w.topic(nil, topic)
		return
	}
	before, ok := w.memory.Topic(w.newest[e.unit])
	if !ok {
		w.t.Fatalf("%s at %s: no topic of %s", e.name, e.at, e.unit)
	}
	after, _ := w.memory.Topic(w.newest[e.unit])
	switch e.name {
	case "confirm":
		after.Status, after.ConfirmedAt = award.StatusFiled, e.at
	case "decline":
		after.Status = award.StatusReworking
	case "mend":
		v := after.Current()
		v.N, v.At, v.By = v.N+1, e.at, e.detail
		after.Versions, after.Return = append(after.Versions, v), nil
		after.Status, after.ConfirmedAt = w.submitted(e)
	case "accept":
		after.Status, after.AcceptedAt = award.StatusRunning, e.at
	case "return":
		due := award.Date{}
		if days, err := strconv.Atoi(e.detail); err == nil {
			due = w.cal.Add(award.DateOf(e.at), days)
		} else {
			due = date(w.t, e.detail)
		}
		after.Status = award.StatusReturned
		after.Return = &award.ReturnInfo{
			Items: []award.ReturnItem{{Text: "试点单位没有写负责人"}, {Text: "实施步骤没有时间"}},
			Due:   due.Add(1).At(0, 0), By: "sunjing", At: e.at,
		}
	default:
		w.t.Fatalf("unknown event %q", e.name)
	}
	w.topic(&before, after)
}

// submitted says what a submission by somebody leads to.
func (w *world) submitted(e event) (award.Status, time.Time) {
	if p, _ := w.memory.Person(e.detail); p.Has(award.RoleHead) {
		return award.StatusFiled, e.at
	}
	return award.StatusAwaiting, time.Time{}
}

// topic writes a topic, its place in the unit and the end of the unit's drafts.
func (w *world) topic(before *award.Topic, after award.Topic) {
	w.t.Helper()
	if before != nil {
		after.Rev = before.Rev
	}
	after.Rev++
	w.apply(award.Changes{Topics: []award.TopicChange{{Before: before, After: after}}})
	w.unit(after.Unit, func(u *award.Unit) {
		ref := award.TopicRef{ID: after.ID, Title: after.Title(), Status: after.Status}
		if i := slices.IndexFunc(u.Topics, func(r award.TopicRef) bool { return r.ID == ref.ID }); i >= 0 {
			u.Topics[i] = ref
		} else {
			u.Topics = append(u.Topics, ref)
		}
	})
	for d, ok := w.memory.Draft(after.Unit); ok; d, ok = w.memory.Draft(after.Unit) {
		d.Total = 0
		w.apply(award.Changes{Drafts: []award.DraftSummary{d}})
	}
}

// unit changes a unit's record in the open cycle.
func (w *world) unit(id string, change func(*award.Unit)) {
	w.t.Helper()
	before, ok := w.memory.Unit(id)
	if !ok {
		w.t.Fatalf("no unit %s", id)
	}
	after, _ := w.memory.Unit(id)
	if cycle, _ := w.memory.Cycle(); after.Cycle != cycle.ID {
		after.Cycle, after.Topics, after.Extended, after.Promises = cycle.ID, nil, time.Time{}, nil
	}
	change(&after)
	after.Rev++
	w.apply(award.Changes{Units: []award.UnitChange{{Before: &before, After: after}}})
}

func (w *world) apply(c award.Changes) {
	w.t.Helper()
	if err := w.memory.Apply(c); err != nil {
		w.t.Fatal(err)
	}
}

// holds looks a condition up in the world.
func (w *world) holds(c *chat.Condition) bool {
	if c == nil {
		return false
	}
	if id, ok := strings.CutPrefix(c.Record, award.TopicRecord("")); ok {
		t, _ := w.memory.Topic(id)
		return c.Field == "status" && string(t.Status) == c.Value
	}
	filed := true
	for _, u := range w.memory.Unfiled(0, 1000).Units {
		filed = filed && award.FilingRecord(u.ID) != c.Record
	}
	cycle, _ := w.memory.Cycle()
	return c.Field == "filed" && c.Value == cycle.ID && filed
}

// said is one message the moment it was queued.
type said struct {
	at time.Time
	chat.Message
}

// store is the scheduler's store in memory, shared by replicas.
type store struct {
	mu    sync.Mutex
	last  map[string]time.Time
	keys  map[string]bool
	said  []said
	fails int // so many calls fail yet
}

func newStore() *store { return &store{last: map[string]time.Time{}, keys: map[string]bool{}} }

var errDown = errors.New("store is down")

func (s *store) LastSlot(_ context.Context, rule string) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails > 0 {
		s.fails--
		return time.Time{}, errDown
	}
	return s.last[rule], nil
}

func (s *store) RecordSlot(_ context.Context, rule string, slot time.Time, msgs []chat.Message, now time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails > 0 {
		s.fails--
		return false, errDown
	}
	if !slot.After(s.last[rule]) {
		return false, nil
	}
	s.last[rule] = slot
	for _, m := range msgs {
		if !s.keys[m.Key] {
			s.keys[m.Key] = true
			s.said = append(s.said, said{now, m})
		}
	}
	return true, nil
}

// take empties what was said.
func (s *store) take() []said {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.said
	s.said = nil
	return out
}

// stillClock never runs: tests step by hand.
type stillClock struct{}

func (stillClock) Now() time.Time                              { return time.Time{} }
func (stillClock) Wait(ctx context.Context, _ time.Time) error { return ctx.Err() }

// newScheduler makes a replica over a world and a store, counting its verdicts.
func newScheduler(t *testing.T, w *world, s scheduler.Store) (*scheduler.Scheduler, map[scheduler.Reason]int) {
	t.Helper()
	counts := map[scheduler.Reason]int{}
	sched, err := scheduler.New(scheduler.Config{
		Store: s, View: w.view, Reminders: scheduler.All(true), Clock: stillClock{}, Log: silent(),
		Count: func(r scheduler.Reason) { counts[r]++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	return sched, counts
}

func silent() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// step steps once and fails the test on an error or a wake-up that is not later.
func step(t *testing.T, sched *scheduler.Scheduler, now time.Time) time.Time {
	t.Helper()
	next, err := sched.Step(t.Context(), now)
	if err != nil {
		t.Fatalf("step at %s: %v", now, err)
	}
	if !next.After(now) {
		t.Fatalf("step at %s wants to wake at %s", now, next)
	}
	return next
}

// readCSV reads a table without its head; lines that begin with # are comments.
func readCSV(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// yearOf is one year of the sample calendar.
func yearOf(year int) award.Calendar {
	all := award.SampleCalendar()
	out := award.Calendar{Holidays: map[award.Date]string{}, Worked: map[award.Date]string{}, Years: map[int]bool{year: true}}
	for d, name := range all.Holidays {
		if d.Year == year {
			out.Holidays[d] = name
		}
	}
	for d, name := range all.Worked {
		if d.Year == year {
			out.Worked[d] = name
		}
	}
	return out
}

func date(t *testing.T, s string) award.Date {
	t.Helper()
	d, err := award.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// moment reads "2026-12-21" and "16" or "16:30".
func moment(t *testing.T, day, hour string) time.Time {
	t.Helper()
	h, m, _ := strings.Cut(hour, ":")
	minutes := 0
	if m != "" {
		minutes = number(t, m)
	}
	return date(t, day).At(number(t, h), minutes)
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
