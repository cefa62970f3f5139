package scheduler

import (
	"fmt"
	"time"

	"cxbot/award"
)

// remindPromise follows a promise up: on the first working day after a promised
// day on which nothing came, whoever promised reads of it once. A kept promise is
// silent, and on the last day the deadline's own reminder says it.
func remindPromise() Reminder {
	return Reminder{
		Name: "promise", Spec: mornings, Daily: true, CatchUp: OnceLate, Due: duePromise, Clause: clauseChain,
	}
}

func duePromise(v award.View, slot time.Time) []Notice {
	cycle, ok := v.Cycle()
	today := award.DateOf(slot)
	if !ok || !v.Calendar().IsWorking(today) {
		return nil
	}
	var out []Notice
	eachUnfiled(v, func(u award.Unit) {
		deadline := award.FilingDeadline(cycle, u)
		p, broken := brokenOn(v, cycle, u, today)
		if !broken || deadline.IsZero() || today == lastDay(deadline) {
			return
		}
		out = append(out, followUp(v, cycle, u, p, deadline, slot)...)
	})
	return out
}

// followUp speaks to whoever gave the word, or to the 填报人 when that person is gone.
func followUp(v award.View, c award.Cycle, u award.Unit, p award.Promise, deadline, slot time.Time) []Notice {
	var out []Notice
	today, last := award.DateOf(slot), lastDay(deadline)
	rule := "promise.broken"
	if p.Later {
		rule = "promise.again"
	}
	for _, reader := range present(v, []string{p.By}, u.Filers, u.Deputys, u.Heads) {
		head, state := "【备案提醒】", "请于"+until(deadline)+"前报县委组织部。"+remaining(v.Calendar(), today, last)
		if !slot.Before(deadline) {
			head, state = "【逾期提醒】", "期限"+until(deadline)+"已过，现在仍可以报，会标注“逾期”，请写一句理由。"
		}
		n := notice(rule, clauseChain, unitObject(u), reader.UserID, slot,
			fmt.Sprintf("%s%s：%s\n%s\n%s", head, u.Name, reminded(v, u, p, reader), state, next(v, c, u, reader)))
		n.Text += arrange(v.Calendar(), c, u, today, last)
		n.Card = goOnCard(v, c, u, reader, "备案提醒", arrangeButton())
		if topics := award.Awaiting(c, u); len(topics) > 0 {
			n.Card = confirmCard(c, u, topics)
		}
		n.Unless, n.While = unlessFiled(c, u), whileDue(c, u)
		n.Loud = LoudPromise
		if slot.Before(deadline) {
			n.Until = deadline
		}
		out = append(out, n)
	}
	return out
}

// next says what the reader can do about the unit's filing now.
func next(v award.View, c award.Cycle, u award.Unit, reader award.Person) string {
	if topics := award.Awaiting(c, u); len(topics) > 0 {
		return titles(topics) + "已填好提交，等您确认。请回复 确认报送，要改请回复 退回修改。"
	}
	return progress(v, u, reader)
}
