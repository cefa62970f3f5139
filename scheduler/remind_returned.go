package scheduler

import (
	"fmt"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// remindReturned reminds whoever filled in a returned filing (退回补正, C77) on
// the working day before it is due, on the day itself and on the first working
// day after.
func remindReturned() Reminder {
	return Reminder{
		Name: "returned", Spec: mornings, Daily: true, CatchUp: OnceLate, Due: dueReturned, Clause: clauseRecord,
	}
}

func dueReturned(v award.View, slot time.Time) []Notice {
	cycle, ok := v.Cycle()
	cal := v.Calendar()
	if !ok || !cal.IsWorking(award.DateOf(slot)) {
		return nil
	}
	var out []Notice
	eachTopic(v, award.StatusReturned, func(t award.Topic) {
		if t.Return == nil || t.Return.Due.IsZero() || !slot.After(t.Return.At) {
			return
		}
		rule, ok := returnedRule(cal, lastDay(t.Return.Due), award.DateOf(slot))
		if !ok {
			return
		}
		text := fmt.Sprintf("【补正提醒】《%s》退回补正，请于%s前改好再报。", t.Title(), until(t.Return.Due))
		n := notice(rule, clauseRecord, award.TopicRecord(t.ID), "", slot, "")
		n.Loud = LoudReturned
		if rule == "returned.d1" {
			text = fmt.Sprintf("【补正逾期】《%s》退回补正，%s的期限已过，请尽快改好再报。", t.Title(), until(t.Return.Due))
			n.Loud = LoudOverdue
		} else {
			n.Until = t.Return.Due
		}
		n.Card = card(cycle, "补正提醒", t.Unit, chat.Button{Label: "开始补正", Say: "补正 " + t.ID})
		n.Unless = &chat.Condition{Record: award.TopicRecord(t.ID), Field: "status", Value: string(award.StatusFiled)}
		n.Text = text + mend(t.Return.Items)
		out = append(out, toAll(n, menders(v, t), slot)...)
	})
	return out
}

// returnedRule names which reminder falls on today; a due day that rests is
// taken as the working day before.
func returnedRule(cal award.Calendar, due, today award.Date) (string, bool) {
	day := cal.Prev(due)
	switch today {
	case day:
		return "returned.day", true
	case cal.Add(day, -1):
		return "returned.t1", true
	case cal.Add(due, 1):
		return "returned.d1", true
	default:
		return "", false
	}
}

// mend lists what is to be mended and how to go on.
func mend(items []award.ReturnItem) string {
	lines := make([]string, 0, len(items))
	for _, it := range items {
		lines = append(lines, it.Text)
	}
	return fmt.Sprintf("\n要改%d处：%s\n回复 补正，一项一项改，约%d分钟。",
		len(items), listing(lines, "回复 补正 看全部。"), max(1, minutes(len(items))))
}

// menders is who filled it in, or the unit's 填报人 when that person is gone.
func menders(v award.View, t award.Topic) []award.Person {
	u, _ := v.Unit(t.Unit)
	return present(v, []string{t.Filer}, u.Filers, u.Deputys, u.Heads)
}

// toAll copies a notice for several people.
func toAll(n Notice, people []award.Person, slot time.Time) []Notice {
	out := make([]Notice, 0, len(people))
	for _, p := range people {
		n.To = p.UserID
		n.Key = key(n.Rule, n.Object, p.UserID, slot)
		out = append(out, n)
	}
	return out
}
