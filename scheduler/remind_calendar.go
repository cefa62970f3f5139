package scheduler

import (
	"fmt"
	"strings"
	"time"

	"cxbot/award"
)

// remindCalendar warns the 管理员 on 1 December, or the working day before it,
// when the working-day table of the next year is missing: deadlines that roll
// over rest days (C76) would be guessed from weekends.
func remindCalendar() Reminder {
	return Reminder{
		Name: "calendar", Spec: "0 9 * 11,12 *", Daily: true, CatchUp: OnceLate, Due: dueCalendar, Clause: clauseFiling,
	}
}

func dueCalendar(v award.View, slot time.Time) []Notice {
	cal := v.Calendar()
	today := award.DateOf(slot)
	first := award.Date{Year: today.Year, Month: time.December, Day: 1}
	if today != cal.Prev(first) || cal.Known(today.Year+1) {
		return nil
	}
	n := notice("calendar.missing", clauseFiling, fmt.Sprintf("year:%d", today.Year+1), "", slot,
		fmt.Sprintf("【工作日表】%d年的放假调休安排还没有导入，目前只按周末推算，期限和提醒可能不准。\n放假通知公布后，请导入%d年工作日表。", today.Year+1, today.Year+1))
	return toAll(n, v.WithRole(award.RoleAdmin), slot)
}

// remindCalendarMoved tells the department, the morning after a calendar was
// imported, which days of the open cycle the new table would have elsewhere
// (C76). Each finding is said once: its key names the days, not the slot.
func remindCalendarMoved() Reminder {
	return Reminder{
		Name: "calendar-moved", Spec: mornings, CatchUp: NewestOnly, Due: dueCalendarMoved, Clause: clauseFiling,
	}
}

func dueCalendarMoved(v award.View, slot time.Time) []Notice {
	cycle, open := v.Cycle()
	cal := v.Calendar()
	if !open || !cal.IsWorking(award.DateOf(slot)) {
		return nil
	}
	var lines, days []string
	for _, effect := range award.CalendarImpact(cycle, cal, cal) {
		if slot.Before(effect.Stored.At(0, 0)) {
			lines = append(lines, effect.Text())
			days = append(days, effect.Due.String())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	var out []Notice
	for _, role := range []award.Role{award.RoleChief, award.RoleStaff} {
		for _, p := range v.WithRole(role) {
			n := notice("calendar.moved", clauseFiling, "cycle:"+cycle.ID, p.UserID, slot, "【工作日表】"+strings.Join(lines, "\n"))
			n.Key = strings.Join([]string{"calendar.moved", "cycle:" + cycle.ID, strings.Join(days, ","), p.UserID}, "|")
			n.Alone = true
			out = append(out, n)
		}
	}
	return out
}
