package award

import (
	"slices"
	"strings"
	"time"
)

// ReminderDays are how many days before the filing deadline units are reminded
// (domain.md 2.4), the most urgent first; 0 is the last day itself.
func ReminderDays() []int { return []int{0, 1, 3, 7, 15, 30} }

// ReminderDay is when the reminder so many days before the last day is said: on
// that day, or the working day before it.
func ReminderDay(cal Calendar, last Date, days int) Date { return cal.Prev(last.Add(-days)) }

// reminderHour is when reminders are said.
const reminderHour = 9

// Impact is what a change of a deadline would do (C60, C76): everything a person
// should know before it is done, and nothing has been done yet.
type Impact struct {
	Stage Stage
	// Before and After are the cycle's stage; Also lists the following stages that
	// have to move along, likewise.
	Before, After Milestone
	Also          []StageMove
	// Days and Working are natural and working days gained, negative when lost.
	Days, Working int
	Rests         Span
	// The rest concerns the filing stage alone.
	Units, Filed int // units that owe, those that delivered
	Drafts       int // unfiled units with a draft begun
	Moot, Kept   []Extension
	Reminders    []ReminderMove
	// Lifted counts topics that are no longer 逾期.
	Lifted int
	// Told is how many people of the units are told when it is done.
	Told int
	// Refusal says why it cannot be done, nil when it can.
	Refusal *Refusal
}

// StageMove is a stage before and after.
type StageMove struct{ Before, After Milestone }

// Extension is a unit's individual extension: its last day.
type Extension struct {
	Unit  string
	Until Date
}

// ReminderMove is a reminder that comes on another day. Days is 0 for those of the
// last day. Said: it has been said on the old day already. Due: the old day is
// still to come. Gone: the new day is over, it will not be said.
type ReminderMove struct {
	Days            int
	Before, After   Date
	Said, Due, Gone bool
}

// Span is what lies between two days: holidays, weekend days worked in exchange,
// and years whose holidays are not published.
type Span struct {
	Holidays []Rest
	Worked   []Date
	Unknown  []int
}

// Rest is one holiday.
type Rest struct {
	Name     string
	From, To Date
}

// SimulateDeadline works out what a change of a deadline would do, by the facts
// of this moment. Rights are not judged.
func SimulateDeadline(v View, c ChangeDeadline, now time.Time) Impact {
	out := Impact{Stage: c.Stage}
	before, open := v.Cycle()
	if !open {
		out.Refusal = refuseClosed()
		return out
	}
	cal := v.Calendar()
	out.Before, _ = before.Milestone(c.Stage)
	after, refusal := rescheduled(cal, before, c, now)
	if refusal != nil {
		out.Refusal = refusal
		return out
	}
	out.After, _ = after.Milestone(c.Stage)
	for _, m := range after.Milestones {
		if old, _ := before.Milestone(m.Stage); m.Stage != c.Stage && old != m {
			out.Also = append(out.Also, StageMove{old, m})
		}
	}
	from, to := lastDay(out.Before), lastDay(out.After)
	out.Days, out.Working = to.Sub(from), cal.Between(from, to)
	out.Rests = cal.Crossed(from, to)
	units := v.Units(0, maxListed).Units
	out.Told = len(Told(units))
	if c.Stage == StageFiling {
		out.filing(v, units, before, after, now)
	}
	return out
}

// Told returns whom the units are told things of the whole county through: their
// 填报人 and 一把手, each once.
func Told(units []Unit) []string {
	var out []string
	seen := map[string]bool{}
	for _, u := range units {
		if !u.Owes {
			continue
		}
		for _, id := range slices.Concat(u.Filers, u.Heads) {
			if !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out
}

// filing adds what concerns the filing stage alone.
func (i *Impact) filing(v View, units []Unit, before, after Cycle, now time.Time) {
	counts := v.Counts()
	i.Units, i.Filed = counts.Units, counts.Filed
	for _, u := range v.Unfiled(0, maxListed).Units {
		if _, ok := v.Draft(u.ID); ok {
			i.Drafts++
		}
	}
	end := FilingDeadline(after, Unit{})
	for _, u := range units {
		if u.Cycle != after.ID || u.Extended.IsZero() {
			continue
		}
		one := Extension{u.Name, DateOf(u.Extended.Add(-time.Second))}
		if u.Extended.After(end) {
			i.Kept = append(i.Kept, one)
		} else {
			i.Moot = append(i.Moot, one)
		}
	}
	i.Reminders = movedReminders(v.Calendar(), before.OpenedAt, lastDay(i.Before), lastDay(i.After), now)
	i.Lifted = len(onTimeAfter(v, before, after))
}

// ReminderMoves compares the filing reminders of a unit's two deadlines in a
// cycle, the earliest first; those that stay are left out.
func ReminderMoves(v View, before, after time.Time, now time.Time) []ReminderMove {
	cycle, open := v.Cycle()
	if !open {
		return nil
	}
	last := func(end time.Time) Date { return DateOf(end.Add(-time.Second)) }
	return movedReminders(v.Calendar(), cycle.OpenedAt, last(before), last(after), now)
}

func movedReminders(cal Calendar, since time.Time, before, after Date, now time.Time) []ReminderMove {
	var out []ReminderMove
	for _, days := range slices.Backward(ReminderDays()) {
		move := ReminderMove{Days: days, Before: ReminderDay(cal, before, days), After: ReminderDay(cal, after, days)}
		if move.Before == move.After {
			continue
		}
		said := move.Before.At(reminderHour, 0)
		move.Due = now.Before(said)
		move.Said = said.After(since) && !move.Due
		move.Gone = !now.Before(move.After.At(reminderHour, 0))
		out = append(out, move)
	}
	return out
}

// Crossed returns the holidays and exchanged days after one day up to and
// including the other, whichever is earlier, and the years among them that are
// not published.
func (c Calendar) Crossed(a, b Date) Span {
	if b.Before(a) {
		a, b = b, a
	}
	var out Span
	for d := a.Add(1); !d.After(b); d = d.Add(1) {
		if !c.Known(d.Year) && !slices.Contains(out.Unknown, d.Year) {
			out.Unknown = append(out.Unknown, d.Year)
		}
		if name, off := c.Holidays[d]; off {
			if n := len(out.Holidays); n > 0 && out.Holidays[n-1].Name == name && out.Holidays[n-1].To.Add(1) == d {
				out.Holidays[n-1].To = d
			} else {
				out.Holidays = append(out.Holidays, Rest{name, d, d})
			}
		}
		if _, on := c.Worked[d]; on {
			out.Worked = append(out.Worked, d)
		}
	}
	return out
}

// CalendarEffect is a stage of the open cycle that a newly imported calendar
// would date otherwise. Nothing moves by itself: 科室负责人 decides.
type CalendarEffect struct {
	Stage Stage
	// Stored is the last day that counts now, Due the one by the new calendar.
	Stored, Due Date
	Why         string // why Due is not the announced day, "" when it is
	// Reminders move with the calendar although the deadline may not.
	Reminders []ReminderMove
}

// CalendarImpact compares what a cycle's days are with what they would be by a
// new calendar; old is the calendar before. Stages on which nothing changes are
// left out.
func CalendarImpact(c Cycle, old, cal Calendar) []CalendarEffect {
	if !c.IsOpen() {
		return nil
	}
	var out []CalendarEffect
	for i, m := range settle(cal, c.Milestones, c.RollOver) {
		effect := CalendarEffect{Stage: m.Stage, Stored: lastDay(c.Milestones[i]), Due: lastDay(m), Why: m.Why}
		if m.Stage == StageFiling {
			for _, days := range slices.Backward(ReminderDays()) {
				before, after := ReminderDay(old, effect.Stored, days), ReminderDay(cal, effect.Stored, days)
				if before != after {
					effect.Reminders = append(effect.Reminders, ReminderMove{Days: days, Before: before, After: after})
				}
			}
		}
		if effect.Stored != effect.Due || len(effect.Reminders) > 0 {
			out = append(out, effect)
		}
	}
	return out
}

// Text is the effect in a sentence or two, for the import's report and the chat.
func (e CalendarEffect) Text() string {
	text := ""
	if e.Stored != e.Due {
		text = StageTitle(e.Stage) + "现在是" + e.Stored.Chinese() + "，按新的放假安排应是" + e.Due.Chinese()
		if e.Why != "" {
			text += "（" + e.Why + "）"
		}
		text += "。不会自动改，要改请科室负责人回复：" + StageTitle(e.Stage) + "改到" + longDate(e.Due) + "。"
	}
	if len(e.Reminders) == 0 {
		return text
	}
	moved := make([]string, 0, len(e.Reminders))
	for _, r := range e.Reminders {
		moved = append(moved, r.Before.Short()+"的改在"+r.After.Short())
	}
	return text + "备案提醒跟着新的放假安排走：" + strings.Join(moved, "、") + "。"
}

// longDate is a date as people type it: 2027年1月5日.
func longDate(d Date) string {
	text := d.Chinese()
	for i, r := range text {
		if r == '（' {
			return text[:i]
		}
	}
	return text
}
