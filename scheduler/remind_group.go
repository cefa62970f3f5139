package scheduler

import (
	"fmt"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// remindGroup tells the groups how far the county's filings are: once a week, on
// the last working days before the deadline and once when it is over, as each
// group's plan says (群提醒). Figures and dates only, nobody's name, never more than
// one message a day (S59, UX rule 41).
func remindGroup(webhook bool) Reminder {
	return Reminder{
		Name: "group", Spec: hours, CatchUp: OnceLate, Clause: clauseFiling,
		Due: func(v award.View, slot time.Time) []Notice { return dueGroup(v, slot, webhook) },
	}
}

func dueGroup(v award.View, slot time.Time, webhook bool) []Notice {
	cycle, ok := v.Cycle()
	if !ok || !slot.After(cycle.OpenedAt) || !v.Calendar().IsWorking(award.DateOf(slot)) {
		return nil
	}
	deadline := award.FilingDeadline(cycle, award.Unit{})
	var out []Notice
	for _, g := range v.Groups().Planned(webhook) {
		if g.Off || deadline.IsZero() || slot.In(award.Shanghai).Hour() != g.Hour {
			continue
		}
		rule, text := groupText(v, g, deadline, slot)
		if rule == "" {
			continue
		}
		// The key is the day's, so that a plan moved to a later hour says nothing twice.
		n := notice("group."+rule, clauseFiling, "cycle:"+cycle.ID, chat.GroupPrefix+g.ID, morningOf(slot), text)
		n.Priority = chat.PriorityDigest
		n.While = []chat.Condition{{Record: award.CycleRecord, Field: "deadline", Value: award.DeadlineFact(cycle)}}
		if slot.Before(deadline) {
			n.Until = deadline
		}
		out = append(out, n)
	}
	return out
}

// groupText is what a group is told at a slot, by the name of its rule; "" for
// nothing. Once everybody has filed there is nothing to say but the end.
func groupText(v award.View, g award.Group, deadline, slot time.Time) (rule, text string) {
	cal, today, last := v.Calendar(), award.DateOf(slot), lastDay(deadline)
	counts := v.Counts()
	switch {
	case counts.Units == 0:
		return "", ""
	case !slot.Before(deadline):
		if today != cal.Add(last, 1) {
			return "", ""
		}
		text = fmt.Sprintf("【课题备案已截止】%s截止，已报 %d/%d 家。", until(deadline), counts.Filed, counts.Units)
		if counts.Filed < counts.Units {
			text += "\n还没报的仍可以报，会标“逾期”，请在“创新奖助手”里回复 报课题。"
		}
		return "closed", text
	case counts.Filed >= counts.Units:
		return "", ""
	case lastDays(cal, g.LastDays, last, today):
		rule = "last"
	case g.Weekly && weekDay(cal, g.Day, today):
		rule = "week"
	default:
		return "", ""
	}
	text = fmt.Sprintf("【课题备案进展】已报 %d/%d 家，截止%s。\n%s\n还没报的单位，请在“创新奖助手”里回复 报课题，约8分钟。",
		counts.Filed, counts.Units, until(deadline), remaining(cal, today, last))
	return rule, text
}

// lastDays reports whether a day is among the last n working days of a deadline.
func lastDays(cal award.Calendar, n int, last, today award.Date) bool {
	return n > 0 && !today.Before(cal.Add(cal.Prev(last), 1-n)) && !today.After(last)
}

// weekDay reports whether a day of the week falls on today; one that rests is
// moved to the next working day of its week.
func weekDay(cal award.Calendar, day time.Weekday, today award.Date) bool {
	wanted := weekStart(today).Add(int(day+6) % 7)
	return cal.Next(wanted) == today
}

// weekStart is the Monday of a day's week.
func weekStart(day award.Date) award.Date { return day.Add(-(int(day.Weekday()) + 6) % 7) }
