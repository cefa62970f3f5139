package scheduler

import (
	"fmt"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// pendingDays is how many working days a filing may wait at the department
// before the 经办 read of it every morning.
const pendingDays = 3

// remindPending tells the 经办 in the day's message which filings have waited
// for more than three working days (C77).
func remindPending() Reminder {
	return Reminder{
		Name: "pending", Spec: mornings, Daily: true, CatchUp: NewestOnly, Due: duePending, Clause: clauseRecord,
	}
}

func duePending(v award.View, slot time.Time) []Notice {
	cycle, ok := v.Cycle()
	cal := v.Calendar()
	today := award.DateOf(slot)
	if !ok || !cal.IsWorking(today) {
		return nil
	}
	var lines []string
	eachTopic(v, award.StatusFiled, func(t award.Topic) {
		since := award.DateOf(arrived(t))
		if days := cal.Between(since, today); days > pendingDays {
			lines = append(lines, fmt.Sprintf("%s《%s》，%s收到，已等%d个工作日", t.Unit, t.Title(), since.Short(), days))
		}
	})
	if len(lines) == 0 {
		return nil
	}
	const rule = "pending"
	n := notice(rule, clauseRecord, "pending:"+cycle.ID, "", slot, fmt.Sprintf("【待审备案】有%d件等了超过%d个工作日：%s\n回复 待审 逐件办理。",
		len(lines), pendingDays, listing(lines, "回复 待审 看全部。")))
	n.Priority = chat.PriorityDigest
	n.Minor = true
	return toAll(n, v.WithRole(award.RoleStaff), slot)
}

// arrived is when the newest version came to the department.
func arrived(t award.Topic) time.Time {
	at := t.Current().At
	if t.ConfirmedAt.After(at) {
		at = t.ConfirmedAt
	}
	return at
}
