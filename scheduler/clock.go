package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"cxbot/award"
	"cxbot/chat"
)

// View is an award.View that remembers its first failure.
type View interface {
	award.View
	Err() error
}

// Store is what the clock needs of storage.
type Store interface {
	// LastSlot returns the newest recorded slot of a sequence, zero when none is.
	LastSlot(ctx context.Context, rule string) (time.Time, error)
	// RecordSlot records the slot and queues the messages whose keys are new, in
	// one step. fresh is false, and nothing is queued, when that slot or a later
	// one is recorded already.
	RecordSlot(ctx context.Context, rule string, slot time.Time, msgs []chat.Message, now time.Time) (fresh bool, err error)
}

// Clock is the only source of time; main owns it. Wait returns when the clock
// has reached at, when ctx ends (its error) or early when the clock jumped.
type Clock interface {
	Now() time.Time
	Wait(ctx context.Context, at time.Time) error
}

// Config is what a Scheduler is made of. All but Count are needed.
type Config struct {
	Store Store
	// View opens a window on the facts for one judgement.
	View      func(ctx context.Context) View
	Reminders []Reminder
	Clock     Clock
	Log       *slog.Logger
	// Count is called once for each verdict; nil counts nothing.
	Count func(r Reason)
}

// Sequence is the one sequence under which slots are recorded. All reminders
// share it: what falls due at one moment is judged, merged and recorded as one.
const Sequence = "reminders"

const (
	// lateAfter is how long after its first allowed moment a slot counts as
	// missed; a restart in between goes unnoticed.
	lateAfter = time.Hour
	// horizon is how far back missed slots are looked for at all.
	horizon = 31 * 24 * time.Hour
	// minGap is the shortest time between two slots of one reminder.
	minGap = time.Hour
	// A failed step is tried again after firstRetry, then twice as long each time.
	firstRetry = 2 * time.Second
	lastRetry  = time.Minute
)

// Scheduler runs declared reminders. Its methods may be called by several
// replicas on one store; Step must not be called twice at once on one value.
type Scheduler struct {
	store Store
	view  func(context.Context) View
	clock Clock
	log   *slog.Logger
	count func(Reason)
	rules []rule
}

// rule is a reminder with its parsed schedule, and the one at which it is asked:
// another one when receivers choose their hour.
type rule struct {
	Reminder

	declared, schedule cron.Schedule
}

// at lists the slots for which the rule is to be judged at one of its moments: the
// morning's when it is a part of the day's message, and its own.
func (r rule) at(moment time.Time) []time.Time {
	var slots []time.Time
	fires := func(t time.Time) bool { return r.declared.Next(t.Add(-time.Second)).Equal(t) }
	if morning := morningOf(moment); r.Daily && !morning.Equal(moment) && fires(morning) {
		slots = append(slots, morning)
	}
	if fires(moment) {
		slots = append(slots, moment)
	}
	return slots
}

// What New refuses; the error around it says where and why.
var (
	ErrConfig   = errors.New("scheduler: Store, View, Clock and Log are needed")
	ErrReminder = errors.New("needs a name of its own and a Due")
	ErrSchedule = errors.New("schedule refused")
)

// New checks every reminder and returns a Scheduler; the error names what is
// wrong with which reminder.
func New(c Config) (*Scheduler, error) {
	if c.Store == nil || c.View == nil || c.Clock == nil || c.Log == nil {
		return nil, ErrConfig
	}
	s := &Scheduler{store: c.Store, view: c.View, clock: c.Clock, log: c.Log, count: c.Count}
	if s.count == nil {
		s.count = func(Reason) {}
	}
	names := map[string]bool{}
	for _, r := range c.Reminders {
		if r.Name == "" || r.Due == nil || names[r.Name] {
			return nil, fmt.Errorf("reminder %q: %w", r.Name, ErrReminder)
		}
		names[r.Name] = true
		schedule, err := parse(r.Spec)
		if err != nil {
			return nil, fmt.Errorf("reminder %q: %w", r.Name, err)
		}
		asked := schedule
		if r.Daily {
			if asked, err = parse(hours); err != nil {
				return nil, fmt.Errorf("reminder %q: %w", r.Name, err)
			}
		}
		s.rules = append(s.rules, rule{r, schedule, asked})
	}
	return s, nil
}

// parse reads a five-field cron expression and refuses what cron takes but
// nobody can mean: zones (a zone without a space makes cron panic), dates that
// never come, day and weekday together (cron ORs them) and slots too close.
func parse(spec string) (schedule cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			schedule, err = nil, refuse(spec, fmt.Sprintf("cannot be read: %v", r))
		}
	}()
	if strings.Contains(spec, "=") {
		return nil, refuse(spec, "no time zones, all slots are in Shanghai time")
	}
	schedule, err = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(spec)
	if err != nil {
		return nil, refuse(spec, err.Error())
	}
	if f := strings.Fields(spec); restricted(f[2]) && restricted(f[4]) {
		return nil, refuse(spec, "a day of the month and a weekday together mean either of them, name one")
	}
	// Seventy slots from a new year show the shortest gap of any daily pattern,
	// also over midnight.
	last := schedule.Next(award.Date{Year: 2026, Month: time.January, Day: 1}.At(0, -1))
	if last.IsZero() {
		return nil, refuse(spec, "this date never comes")
	}
	for range 70 {
		next := schedule.Next(last)
		if next.IsZero() {
			break // 29 February is not found over a century without one.
		}
		if next.Sub(last) < minGap {
			return nil, refuse(spec, "too often, at most once an hour")
		}
		last = next
	}
	return schedule, nil
}

// refuse says what is wrong with a schedule.
func refuse(spec, why string) error { return fmt.Errorf("%w: %q: %s", ErrSchedule, spec, why) }

// restricted reports whether a cron field excludes anything.
func restricted(field string) bool { return field != "*" && field != "?" }

// Run steps until ctx ends and then returns nil. A failed step is tried again
// with growing pauses; nothing is lost meanwhile, since slots are stored facts.
func (s *Scheduler) Run(ctx context.Context) error {
	retry := firstRetry
	for ctx.Err() == nil {
		now := s.clock.Now()
		next, err := s.Step(ctx, now)
		if err == nil {
			retry = firstRetry
		} else {
			s.log.ErrorContext(ctx, "scheduler step failed", "error", err, "retry", retry)
			next, retry = now.Add(retry), min(2*retry, lastRetry)
		}
		if err := s.clock.Wait(ctx, next); err != nil && ctx.Err() == nil {
			return fmt.Errorf("scheduler: wait: %w", err)
		}
	}
	return nil
}

// due is one slot of one rule that passed unrecorded.
type due struct {
	rule rule
	slot time.Time
}

// Step judges everything that fell due up to now, queues it and records that
// it did, all in one write. next is when to step again, always after now. The
// first step ever only records the present: slots before it never existed.
func (s *Scheduler) Step(ctx context.Context, now time.Time) (time.Time, error) {
	now = now.In(award.Shanghai)
	last, err := s.store.LastSlot(ctx, Sequence)
	if err != nil {
		return time.Time{}, fmt.Errorf("last slot: %w", err)
	}
	if last.IsZero() {
		if _, err := s.store.RecordSlot(ctx, Sequence, now, nil, now); err != nil {
			return time.Time{}, fmt.Errorf("record the first slot: %w", err)
		}
		last = now
	}
	pending, next := s.slots(last.In(award.Shanghai), now)
	if len(pending) == 0 {
		return next, nil
	}
	view := s.view(ctx)
	cal := view.Calendar()
	if err := view.Err(); err != nil {
		return time.Time{}, fmt.Errorf("read calendar: %w", err)
	}
	if Quiet(cal, now) {
		return earlier(next, Allowed(cal, now)), nil
	}
	// What is late or held anyway waits for a slot less than an hour away, so that
	// the day still has one message.
	prompt := func(d due) bool { return Allowed(cal, d.slot).Equal(d.slot) && !missed(cal, d.slot, now) }
	if !slices.ContainsFunc(pending, prompt) && next.Sub(now) < lateAfter {
		return next, nil
	}
	return next, s.judge(ctx, view, cal, pending, now)
}

// slots lists every slot after last and not after now, oldest first, and the
// first one after now.
func (s *Scheduler) slots(last, now time.Time) (pending []due, next time.Time) {
	from := last
	if oldest := now.Add(-horizon); from.Before(oldest) {
		from = oldest
	}
	next = now.Add(horizon)
	for _, r := range s.rules {
		at := r.schedule.Next(from)
		for ; !at.IsZero() && !at.After(now); at = r.schedule.Next(at) {
			pending = append(pending, due{r, at})
		}
		if !at.IsZero() {
			next = earlier(next, at)
		}
	}
	slices.SortStableFunc(pending, func(a, b due) int { return a.slot.Compare(b.slot) })
	return pending, next
}

// Coming returns the first moment after from, and not after limit, at which
// somebody will be told something if the facts stay as they are; zero when
// nobody will. It records and queues nothing.
func (s *Scheduler) Coming(ctx context.Context, from, limit time.Time) (time.Time, error) {
	view := s.view(ctx)
	cal := view.Calendar()
	for at := from.In(award.Shanghai); ; {
		_, next := s.slots(at, at)
		if err := view.Err(); err != nil {
			return time.Time{}, fmt.Errorf("look ahead: %w", err)
		}
		if next.After(limit) {
			return time.Time{}, nil
		}
		var items []Item
		pending, _ := s.slots(at, next)
		asked := answers{}
		for _, d := range pending {
			items = append(items, s.items(ctx, view, asked, d)...)
		}
		said := Allowed(cal, next)
		if msgs, _ := Filter(items, next, said); len(msgs) > 0 {
			return said, nil
		}
		at = next
	}
}

// missed reports whether a slot is said later than it could have been.
func missed(cal award.Calendar, slot, now time.Time) bool {
	return now.Sub(Allowed(cal, slot)) > lateAfter
}

// judge asks the rules, filters what they say and records it under the newest slot.
func (s *Scheduler) judge(ctx context.Context, view View, cal award.Calendar, pending []due, now time.Time) error {
	newest := pending[len(pending)-1].slot
	var (
		items    []Item
		verdicts []Verdict
		asked    = answers{}
	)
	for i, d := range pending {
		if d.rule.CatchUp == NewestOnly && again(pending[i+1:], d) {
			continue
		}
		late, held := missed(cal, d.slot, now), Allowed(cal, d.slot).After(d.slot)
		for _, it := range s.items(ctx, view, asked, d) {
			if late && d.rule.CatchUp == SkipLate {
				verdicts = append(verdicts, Verdict{it.Key, Skipped})
				continue
			}
			it.Late, it.Held = late, held
			items = append(items, it)
		}
	}
	msgs, how := Filter(items, newest, now)
	if err := view.Err(); err != nil {
		return fmt.Errorf("judge slot %s: %w", newest.Format(time.RFC3339), err)
	}
	fresh, err := s.store.RecordSlot(ctx, Sequence, newest, msgs, now)
	if err != nil {
		return fmt.Errorf("record slot %s: %w", newest.Format(time.RFC3339), err)
	}
	for _, v := range append(verdicts, how...) {
		if !fresh {
			v.Reason = Repeated
		}
		s.count(v.Reason)
		s.log.InfoContext(ctx, "reminder judged", "key", v.Key, "reason", string(v.Reason))
	}
	return nil
}

// again reports whether the rule has a slot of the same hour further on: others
// are for other people.
func again(later []due, one due) bool {
	hour := one.slot.In(award.Shanghai).Hour()
	return slices.ContainsFunc(later, func(d due) bool {
		return d.rule.Name == one.rule.Name && d.slot.In(award.Shanghai).Hour() == hour
	})
}

// answers remembers what a rule said at a slot: the facts are those of one moment,
// so the morning's notices are the same at every hour.
type answers map[question][]Notice

type question struct {
	rule string
	slot time.Time
}

// items asks a rule what is due at one of its moments and keeps what is for people
// who hear it then.
func (s *Scheduler) items(ctx context.Context, v award.View, asked answers, d due) []Item {
	var out []Item
	for _, slot := range d.rule.at(d.slot) {
		q := question{d.rule.Name, slot}
		notices, known := asked[q]
		if !known {
			notices = s.ask(ctx, v, due{d.rule, slot})
			asked[q] = notices
		}
		for _, n := range notices {
			it, now := forReceiver(v, Item{Notice: n, Reminder: d.rule.Name, Slot: slot}, d)
			if now {
				it.Slot = d.slot
				out = append(out, it)
			}
		}
	}
	return handedOnce(out)
}

// ask runs one rule at one slot. A rule that panics is silent and counted; the
// others go on, because one bad rule must not keep everybody from a deadline.
func (s *Scheduler) ask(ctx context.Context, v award.View, d due) (out []Notice) {
	defer func() {
		if r := recover(); r != nil {
			out = nil
			s.count(Panicked)
			s.log.ErrorContext(ctx, "reminder failed", "reminder", d.rule.Name, "slot", d.slot, "panic", fmt.Sprint(r))
		}
	}()
	return d.rule.Due(v, d.slot)
}

// earlier returns the earlier of two moments.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
