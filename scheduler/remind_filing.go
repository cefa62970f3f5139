package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// remindFiling reminds units that owe a filing (C76) 30, 15, 7, 3 and 1 days
// before the deadline and at 9:00 and 16:00 of the last day. It tells the
// 填报人, on the last day the 分管领导 too; where a filing only waits for
// confirmation it tells those who may confirm (C82) instead. A unit with an
// extension is reminded by its own deadline.
func remindFiling() Reminder {
	return Reminder{
		Name: "filing", Spec: "0 9,16 * * *", Daily: true, CatchUp: OnceLate, Due: dueFiling, Clause: clauseFiling,
	}
}

func dueFiling(v award.View, slot time.Time) []Notice {
	cycle, ok := v.Cycle()
	cal := v.Calendar()
	if !ok || !slot.After(cycle.OpenedAt) || !cal.IsWorking(award.DateOf(slot)) {
		return nil
	}
	var out []Notice
	eachUnfiled(v, func(u award.Unit) {
		deadline := award.FilingDeadline(cycle, u)
		if deadline.IsZero() || !slot.Before(deadline) {
			return
		}
		step, ok := filingStep(cal, lastDay(deadline), slot)
		if !ok {
			return
		}
		call := filingCall{v, cycle, u, deadline, slot, step}
		if topics := award.Awaiting(cycle, u); len(topics) > 0 {
			out = append(out, call.confirm(topics)...)
			return
		}
		out = append(out, call.file()...)
	})
	return out
}

// filingStep returns which step before the last day falls on the slot, the most
// urgent of several. A step on a rest day moves to the working day before. Steps
// from before the cycle was opened are not made up for: the opening notice, said
// when somebody opens the cycle, names the same deadline to the same people.
func filingStep(cal award.Calendar, last award.Date, slot time.Time) (int, bool) {
	today := award.DateOf(slot)
	for _, n := range award.ReminderDays() {
		if award.ReminderDay(cal, last, n) == today && (n == 0 || isMorning(slot)) {
			return n, true
		}
	}
	return 0, false
}

// isMorning tells the 9:00 slot from the 16:00 one.
func isMorning(slot time.Time) bool { return slot.In(award.Shanghai).Hour() < 12 }

// filingCall is one unit to be reminded at one slot.
type filingCall struct {
	view     award.View
	cycle    award.Cycle
	unit     award.Unit
	deadline time.Time
	slot     time.Time
	step     int // days before the last day
}

// rule names the step: "filing.t7", "filing.day" at 9:00 and "filing.last" at
// 16:00 of the last day.
func (c filingCall) rule(family string) string {
	switch {
	case c.step > 0:
		return fmt.Sprintf("%s.t%d", family, c.step)
	case isMorning(c.slot):
		return family + ".day"
	default:
		return family + ".last"
	}
}

// file reminds those who fill in, on the last day also the 分管领导.
func (c filingCall) file() []Notice {
	var out []Notice
	told := filers(c.view, c.unit)
	for _, p := range told {
		text := fmt.Sprintf("【备案提醒】%s的课题备案，请于%s前报县委组织部。\n%s\n%s",
			c.unit.Name, until(c.deadline), c.left(p), progress(c.view, c.unit, p)) + c.after()
		out = append(out, c.say("filing", clauseFiling, p, text, goOnCard(c.view, c.cycle, c.unit, p, "备案提醒", c.buttons()...)))
	}
	if c.step > 0 {
		return out
	}
	for _, p := range deputies(c.view, c.unit) {
		if contains(told, p.UserID) {
			continue
		}
		text := fmt.Sprintf("【备案提醒】您分管的%s课题备案还没有报，截止%s。填报人：%s。\n%s\n%s",
			c.unit.Name, until(c.deadline), names(told), c.left(p), progress(c.view, c.unit, p)) + c.after()
		out = append(out, c.say("filing", clauseFiling, p, text, nil))
	}
	return out
}

// confirm reminds those whose confirmation is all that is missing.
func (c filingCall) confirm(topics []award.TopicRef) []Notice {
	people := confirmers(c.view, c.unit)
	out := make([]Notice, 0, len(people))
	for _, p := range people {
		text := fmt.Sprintf("【待您确认】%s的%s已填好提交，您确认后才报到县委组织部，请于%s前确认。\n%s\n请回复 确认报送，要改请回复 退回修改。",
			c.unit.Name, titles(topics), until(c.deadline), c.left(p))
		out = append(out, c.say("confirm", clauseConfirm, p, text, confirmCard(c.cycle, c.unit, topics)))
	}
	return out
}

// whyFrom is the step from which on a moved deadline is not explained again: the
// first reminders say why, the later ones only how long there is.
const whyFrom = 15

// left says how much time there is, anchored to a date so that it stays true
// when read later, and why the deadline is not the announced day.
func (c filingCall) left(reader award.Person) string {
	text := remaining(c.view.Calendar(), award.DateOf(c.slot), lastDay(c.deadline))
	if c.final() {
		text = strings.TrimSuffix(text, "。") + "，这是截止前最后一次提醒。"
	}
	m, _ := c.cycle.Milestone(award.StageFiling)
	switch {
	case c.deadline.After(m.End()):
		text = "（组织部已同意您单位延到这一天。）\n" + text
	case m.Why != "" && c.step >= whyFrom:
		text = "（" + m.Why + "。）\n" + text
	}
	today := award.DateOf(c.slot)
	if p, ok := newest(c.view, c.cycle, c.unit); ok && c.step == 0 && !p.Later && p.Until.Before(today) {
		text = reminded(c.view, c.unit, p, reader) + "\n" + text
	}
	return text
}

// buttons are offered while there is time to arrange anything.
func (c filingCall) buttons() []chat.Button {
	if c.step == 0 {
		return nil
	}
	return []chat.Button{arrangeButton()}
}

// remaining counts the days as the answers in conversation do, so that nobody
// reads two figures for one deadline.
func remaining(cal award.Calendar, today, last award.Date) string {
	days, working := last.Sub(today), cal.Between(today, last)
	switch {
	case days == 0:
		return "今天" + today.Short() + "是最后一天。"
	case working == 0:
		return fmt.Sprintf("截至%s，还有 %d 天。", today.Short(), days)
	default:
		return fmt.Sprintf("截至%s，还有 %d 天（%d 个工作日）。", today.Short(), days, working)
	}
}

// final reports whether this is the last call before the deadline.
func (c filingCall) final() bool { return c.step == 0 && !isMorning(c.slot) }

// after says how to arrange for a day and, on the last call, what comes once the
// deadline is over.
func (c filingCall) after() string {
	if c.step > 0 {
		return arrange(c.view.Calendar(), c.cycle, c.unit, award.DateOf(c.slot), lastDay(c.deadline))
	}
	if !c.final() {
		return ""
	}
	return "\n过了" + until(c.deadline) + "再报，会标注“逾期”，要写一句理由；" + extendBy(c.view.Calendar(), award.DateOf(c.slot))
}

// extendBy tells a unit in trouble the words that pass on its wish for an
// extension, with a day it could mean.
func extendBy(cal award.Calendar, today award.Date) string {
	const askFor = 5 // working days from today
	day := cal.Add(today, askFor)
	return fmt.Sprintf("确有困难要延期，回复“备案能不能缓到%d月%d号”这样的话，马上转给组织部。", day.Month, day.Day)
}

// say wraps a text for one person.
func (c filingCall) say(family, clause string, to award.Person, text string, card *chat.Card) Notice {
	n := notice(c.rule(family), clause, unitObject(c.unit), to.UserID, c.slot, text)
	n.Card = card
	n.Unless = unlessFiled(c.cycle, c.unit)
	n.While = whileDue(c.cycle, c.unit)
	n.Loud = LoudPlan
	n.Until = c.deadline
	n.Alone = c.final()
	n.Minor = !slices.Contains(sparseSteps[:], c.step)
	if c.step > 0 {
		n.Hold = snoozed(c.view, c.cycle, c.unit, award.DateOf(c.slot))
	}
	return n
}

// sparseSteps are the days before the deadline on which everybody is reminded,
// those too who want few reminders.
var sparseSteps = [...]int{7, 1, 0}
