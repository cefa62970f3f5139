package scheduler

import (
	"fmt"
	"slices"
	"time"

	"cxbot/award"
)

// rung is one step of the ladder after a missed deadline, by working days.
type rung struct {
	days   int
	role   string // as the text names who is told
	people func(award.View, award.Unit) []award.Person
}

// ladder goes through the unit's own chain first (C105); the department comes
// last, in overdueReport.
func ladder() []rung {
	return []rung{{1, "填报人", filers}, {3, "分管领导", deputies}, {7, "一把手", heads}}
}

// reportDay is the working day on which the department learns of it.
const reportDay = 10

// remindOverdue climbs the ladder of domain.md 2.4 for units whose filing
// deadline has passed: working day 1 → 填报人, 3 → 分管领导, 7 → 一把手, each
// told what was tried before; on working day 10 the 经办 get one list with the
// suggestion of a yellow 督办单. People decide, the bot never punishes.
func remindOverdue() Reminder {
	return Reminder{
		Name: "overdue", Spec: mornings, Daily: true, CatchUp: OnceLate, Due: dueOverdue, Clause: clauseChain,
	}
}

func dueOverdue(v award.View, slot time.Time) []Notice {
	cycle, ok := v.Cycle()
	cal := v.Calendar()
	today := award.DateOf(slot)
	if !ok || !cal.IsWorking(today) {
		return nil
	}
	var (
		out    []Notice
		report []string
	)
	eachUnfiled(v, func(u award.Unit) {
		deadline := award.FilingDeadline(cycle, u)
		if deadline.IsZero() || slot.Before(deadline) {
			return
		}
		switch step, held := overdueStep(v, cycle, u, lastDay(deadline), today); {
		case step == reportDay && held == "":
			report = append(report, overdueLine(v, cycle, u, deadline, today))
		case step == reportDay:
			n := notice(reportRule, clauseChain, unitObject(u), "", slot, "")
			n.Hold = held
			out = append(out, n)
		default:
			for _, r := range ladder() {
				if r.days == step {
					out = append(out, climb(v, cycle, u, deadline, slot, r, held)...)
				}
			}
		}
	})
	return append(out, overdueReport(v, cycle, slot, report)...)
}

// reportRule is the department's list.
var reportRule = fmt.Sprintf("overdue.d%d", reportDay)

// overdueStep returns the working day after the deadline whose rung is due today, 0
// for none, and why it is held. The days count on while a promise is waited for:
// when it is broken, the highest rung that rested meanwhile is made up for.
func overdueStep(v award.View, c award.Cycle, u award.Unit, last, today award.Date) (step int, held Reason) {
	cal := v.Calendar()
	days := cal.Between(last, today)
	steps := []int{reportDay}
	for _, r := range ladder() {
		steps = append(steps, r.days)
	}
	if slices.Contains(steps, days) {
		return days, snoozed(v, c, u, today)
	}
	if _, broken := brokenOn(v, c, u, today); !broken {
		return 0, ""
	}
	for _, s := range steps {
		if s < days && s > step && restedOn(c, u, cal.Add(last, s)) {
			step = s
		}
	}
	return step, ""
}

// climb tells one rung of one unit. Where only the confirmation is missing, the
// first rungs go to those who may confirm.
func climb(v award.View, c award.Cycle, u award.Unit, deadline, slot time.Time, r rung, held Reason) []Notice {
	topics := award.Awaiting(c, u)
	if len(topics) > 0 {
		return press(v, c, u, deadline, slot, r, topics, held)
	}
	var out []Notice
	today := award.DateOf(slot)
	for _, p := range r.people(v, u) {
		n := notice(fmt.Sprintf("overdue.d%d", r.days), clauseChain, unitObject(u), p.UserID, slot,
			fmt.Sprintf("【逾期提醒】%s的课题备案已过%s的期限，还没有报。%s\n现在仍可以报，会标注“逾期”，请写一句理由；%s\n%s",
				u.Name, until(deadline), tried(v, c, u, deadline, r.days, today, p.UserID), extendBy(v.Calendar(), today), progress(v, u, p)))
		n.Text += arrange(v.Calendar(), c, u, today, lastDay(deadline))
		n.Card = goOnCard(v, c, u, p, "逾期提醒", arrangeButton())
		n.Hold = held
		n.Unless = unlessFiled(c, u)
		n.While = whileDue(c, u)
		n.Loud = LoudOverdue
		out = append(out, n)
	}
	return out
}

// press asks those who may confirm for the word that is all that is missing.
func press(v award.View, c award.Cycle, u award.Unit, deadline, slot time.Time, r rung, topics []award.TopicRef, held Reason) []Notice {
	people := confirmers(v, u)
	out := make([]Notice, 0, len(people))
	for _, p := range people {
		n := notice(fmt.Sprintf("confirm.d%d", r.days), clauseConfirm, unitObject(u), p.UserID, slot,
			fmt.Sprintf("【待您确认】%s的%s已填好提交，期限%s已过，还等您确认后才报到县委组织部。\n请回复 确认报送，要改请回复 退回修改。",
				u.Name, titles(topics), until(deadline)))
		n.Card = confirmCard(c, u, topics)
		n.Hold = held
		n.Unless = unlessFiled(c, u)
		n.While = whileDue(c, u)
		n.Loud = LoudOverdue
		out = append(out, n)
	}
	return out
}

// overdueLine is one unit in the department's list.
func overdueLine(v award.View, c award.Cycle, u award.Unit, deadline time.Time, today award.Date) string {
	if topics := award.Awaiting(c, u); len(topics) > 0 {
		return u.Name + "：" + titles(topics) + "已提交，等" + names(confirmers(v, u)) + "确认。"
	}
	return u.Name + "：" + tried(v, c, u, deadline, reportDay, today, "")
}

// overdueReport tells the 经办 once which units are ten working days late.
func overdueReport(v award.View, c award.Cycle, slot time.Time, lines []string) []Notice {
	if len(lines) == 0 {
		return nil
	}
	text := fmt.Sprintf("【逾期10个工作日】以下%d家单位课题备案仍未报到，本单位的提醒已逐级做过：%s\n建议考虑发黄色督办单，是否发、发给谁请您定。",
		len(lines), listing(lines, "回复 谁没报 看全部。"))
	var out []Notice
	for _, p := range v.WithRole(award.RoleStaff) {
		n := notice(reportRule, clauseChain, "cycle:"+c.ID, p.UserID, slot, text)
		n.Loud = LoudOverdue
		out = append(out, n)
	}
	return out
}
