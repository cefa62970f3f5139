package award

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func (ChangeDeadline) command()  {}
func (SuggestDeadline) command() {}
func (CloseCycle) command()      {}
func (DeclineWish) command()     {}

// maxListed is how many units or topics one change of a deadline looks at; the
// largest counties have a few hundred units.
const maxListed = 5000

// decideChangeDeadline judges 改期 (C60, C76). Topics marked 逾期 that turn out to
// have come before the new deadline lose the mark.
func decideChangeDeadline(v View, c ChangeDeadline, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if refusal := d.may(ActionSchedule, Object{}); refusal != nil {
		return Changes{}, refusal
	}
	before, open := v.Cycle()
	if !open {
		return Changes{}, refuseClosed()
	}
	after, refusal := rescheduled(v.Calendar(), before, c, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	after.Rev = before.Rev + 1
	d.out.Cycle = &after
	lifted := 0
	for _, t := range onTimeAfter(v, before, after) {
		if refusal := d.lift(t); refusal != nil {
			return Changes{}, refusal
		}
		lifted++
	}
	for _, m := range after.Milestones {
		if old, _ := before.Milestone(m.Stage); old != m {
			d.log("deadline.change", "cycle:"+after.ID, fmt.Sprintf("%s %s→%s", m.Stage, old.Effective, m.Effective))
		}
	}
	if lifted > 0 {
		d.log("deadline.lift", "cycle:"+after.ID, fmt.Sprintf("不再算逾期 %d 份", lifted))
	}
	return d.done()
}

// decideSuggestDeadline judges whether 经办 may propose the change, and whether
// 科室负责人 could carry it out as it is now.
func decideSuggestDeadline(v View, c SuggestDeadline, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if refusal := d.may(ActionSuggest, Object{}); refusal != nil {
		return Changes{}, refusal
	}
	cycle, open := v.Cycle()
	if !open {
		return Changes{}, refuseClosed()
	}
	after, refusal := rescheduled(v.Calendar(), cycle, c.Change, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	m, _ := after.Milestone(c.Change.Stage)
	d.log("deadline.suggest", "cycle:"+cycle.ID, fmt.Sprintf("%s→%s", m.Stage, m.Effective))
	return d.done()
}

// rescheduled is the cycle with one stage moved and the stages it runs into moved
// along, or why that cannot be. It leaves Rev to its caller.
func rescheduled(cal Calendar, cycle Cycle, c ChangeDeadline, now time.Time) (Cycle, *Refusal) {
	refuse := func(rule, text string) (Cycle, *Refusal) {
		return cycle, &Refusal{Text: text, Rule: rule, Clause: clauseCycle}
	}
	at := slices.IndexFunc(cycle.Milestones, func(m Milestone) bool { return m.Stage == c.Stage })
	switch {
	case at < 0:
		return refuse("deadline.stage", "本届没有“"+string(c.Stage)+"”这个阶段，能改的有："+stageNames(cycle)+"。")
	case c.Date.IsZero():
		return refuse("deadline.undated", "请写改到哪一天，如“2027年1月5日”。")
	case !c.From.IsZero() && c.From.After(c.Date):
		return refuse("cycle.window", "“"+string(c.Stage)+"”的结束早于开始，请改一下。")
	}
	after := cycle
	after.Milestones = slices.Clone(cycle.Milestones)
	if c.RollOver != nil {
		after.RollOver = *c.RollOver
	}
	after.Milestones[at] = moved(after.Milestones[at], c)
	after.Milestones = shifted(after.Milestones, at)
	for i, m := range after.Milestones {
		if i >= at {
			after.Milestones[i] = settle(cal, []Milestone{m}, after.RollOver)[0]
		}
	}
	m, today := after.Milestones[at], DateOf(now)
	switch {
	case slices.Equal(after.Milestones, cycle.Milestones) && after.RollOver == cycle.RollOver:
		return refuse("deadline.same", StageTitle(m.Stage)+"现在就是"+m.When()+"，不用改。")
	case !lastDay(m).After(today):
		return refuse("deadline.past", m.Date.Chinese()+"不晚于今天，请定一个今天以后的日期。")
	case at > 0 && !start(m).After(after.Milestones[at-1].Date):
		earlier := after.Milestones[at-1]
		return refuse("deadline.order", fmt.Sprintf("%s要在%s（%s）之后。请定晚一些，或者先改%s。",
			StageTitle(m.Stage), StageTitle(earlier.Stage), earlier.When(), StageTitle(earlier.Stage)))
	}
	return after, nil
}

// moved is a milestone with its new date.
func moved(m Milestone, c ChangeDeadline) Milestone {
	window := !m.From.IsZero()
	m.Date = c.Date
	switch {
	case !window:
		m.From = Date{}
	case !c.From.IsZero():
		m.From = c.From
	case m.From.After(c.Date):
		m.From = Date{c.Date.Year, c.Date.Month, 1}
	}
	return m
}

// shifted moves the stages behind the one at index at later, by as few whole
// months as bring each of them behind the one before.
func shifted(list []Milestone, at int) []Milestone {
	for i := at + 1; i < len(list); i++ {
		original := list[i]
		for months := 1; !start(list[i]).After(list[i-1].Date); months++ {
			list[i].Date = addMonths(original.Date, months)
			if !original.From.IsZero() {
				list[i].From = addMonths(original.From, months)
			}
		}
	}
	return list
}

// addMonths moves a date by months; the end of a month stays the end of a month.
func addMonths(d Date, months int) Date {
	if next := d.Add(1); next.Day == 1 {
		return next.AddMonths(months).Add(-1)
	}
	return d.AddMonths(months)
}

// start is the first day of a milestone.
func start(m Milestone) Date {
	if m.From.IsZero() {
		return m.Date
	}
	return m.From
}

// onTimeAfter returns the topics marked 逾期 that came after the old deadline of
// their unit and before the new one.
func onTimeAfter(v View, before, after Cycle) []Topic {
	var out []Topic
	for _, t := range v.Topics(TopicQuery{Late: true, Limit: maxListed}).Topics {
		u, ok := v.Unit(t.Unit)
		if ok && IsLate(before, u, t.SubmittedAt) && !IsLate(after, u, t.SubmittedAt) {
			out = append(out, t)
		}
	}
	return out
}

// lift takes the mark 逾期 off a topic. What the unit gave as a reason stays.
func (d *decision) lift(t Topic) *Refusal {
	unit, refusal := d.unit(t.Unit)
	if refusal != nil {
		return refusal
	}
	after := cloneTopic(t)
	after.Late = false
	d.put(&t, after, unit)
	return nil
}

// StageTitle names a stage in a sentence about dates.
func StageTitle(s Stage) string {
	if s == StageFiling {
		return "备案截止"
	}
	return string(s)
}

func stageNames(c Cycle) string {
	names := make([]string, 0, len(c.Milestones))
	for _, m := range c.Milestones {
		names = append(names, StageTitle(m.Stage))
	}
	return strings.Join(names, "、")
}

// When is the milestone's date for people: "2027年1月5日（周二）", or of a window
// "2027年10月—11月", "2027年10月8日—11月12日".
func (m Milestone) When() string {
	if m.From.IsZero() {
		return lastDay(m).Chinese()
	}
	whole := m.From.Day == 1 && m.Date.Add(1).Day == 1
	day := func(d Date, year bool) string {
		text := fmt.Sprintf("%d月%d日", d.Month, d.Day)
		if whole {
			text = fmt.Sprintf("%d月", d.Month)
		}
		if year {
			text = fmt.Sprintf("%d年", d.Year) + text
		}
		return text
	}
	from, to := day(m.From, true), day(m.Date, m.Date.Year != m.From.Year)
	if whole && m.From.Year == m.Date.Year && m.From.Month == m.Date.Month {
		return from
	}
	return from + "—" + to
}

// decideCloseCycle judges 结束本届 (C60), and taking that back.
func decideCloseCycle(v View, c CloseCycle, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if refusal := d.may(ActionClose, Object{}); refusal != nil {
		return Changes{}, refusal
	}
	cycle, open := v.Cycle()
	switch {
	case c.Undo && open:
		return Changes{}, &Refusal{Text: "“" + cycle.Name + "”还开着，不用恢复。", Rule: "cycle.open", Clause: clauseCycle}
	case c.Undo && cycle.ID == "":
		return Changes{}, &Refusal{Text: "还没有开过届，没有可以恢复的。", Rule: "cycle.none", Clause: clauseCycle}
	case !c.Undo && !open:
		return Changes{}, &Refusal{Text: "现在没有开着的届，不用结束。", Rule: "cycle.none", Clause: clauseCycle}
	}
	cycle.Rev++
	if c.Undo {
		cycle.ClosedAt, cycle.ClosedBy = time.Time{}, ""
		d.log("cycle.reopen", "cycle:"+cycle.ID, "")
	} else {
		cycle.ClosedAt, cycle.ClosedBy = now, d.by.UserID
		d.log("cycle.close", "cycle:"+cycle.ID, "")
	}
	d.out.Cycle = &cycle
	return d.done()
}
