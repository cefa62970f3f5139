package scheduler

import (
	"fmt"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// A filing that nobody confirms is asked about after confirmFirst working days
// of waiting and then every confirmEvery more.
const (
	confirmFirst = 2
	confirmEvery = 5
)

// remindConfirm asks those who may confirm (C82) for filings that wait for their
// word, a unit's second and third ones included. The deadline's own reminders
// and the ladder after it say the same louder and silence it on their days.
func remindConfirm() Reminder {
	return Reminder{
		Name: "confirm", Spec: mornings, Daily: true, CatchUp: OnceLate, Due: dueConfirm, Clause: clauseConfirm,
	}
}

func dueConfirm(v award.View, slot time.Time) []Notice {
	cycle, ok := v.Cycle()
	cal := v.Calendar()
	today := award.DateOf(slot)
	if !ok || !cal.IsWorking(today) {
		return nil
	}
	var units []string
	waiting := map[string][]award.Topic{}
	eachTopic(v, award.StatusAwaiting, func(t award.Topic) {
		days := cal.Between(award.DateOf(t.Current().At), today)
		if days < confirmFirst || (days-confirmFirst)%confirmEvery != 0 {
			return
		}
		if len(waiting[t.Unit]) == 0 {
			units = append(units, t.Unit)
		}
		waiting[t.Unit] = append(waiting[t.Unit], t)
	})
	var out []Notice
	for _, id := range units {
		if u, known := v.Unit(id); known {
			out = append(out, askWord(v, cycle, u, waiting[id], slot)...)
		}
	}
	return out
}

// askWord asks a unit's confirmers for the oldest wait first, all in one notice.
func askWord(v award.View, c award.Cycle, u award.Unit, topics []award.Topic, slot time.Time) []Notice {
	since := topics[0].Current().At
	refs := make([]award.TopicRef, 0, len(topics))
	for _, t := range topics {
		refs = append(refs, award.TopicRef{ID: t.ID, Title: t.Title(), Status: t.Status})
		if at := t.Current().At; at.Before(since) {
			since = at
		}
	}
	due := "。"
	deadline := award.FilingDeadline(c, u)
	ahead := slot.Before(deadline)
	if ahead {
		due = "，请于" + until(deadline) + "前确认。"
	}
	n := notice("confirm.wait", clauseConfirm, unitObject(u), "", slot,
		fmt.Sprintf("【待您确认】%s的%s从%s起等您确认，您确认后才报到县委组织部%s\n请回复 确认报送，要改请回复 退回修改。",
			u.Name, titles(refs), award.DateOf(since).Short(), due))
	if ahead {
		n.Until = deadline
		n.While = whileDue(c, u)
	}
	n.Minor = true
	n.Hold = snoozed(v, c, u, award.DateOf(slot))
	n.Card = confirmCard(c, u, refs)
	if len(topics) == 1 {
		n.Unless = &chat.Condition{Record: award.TopicRecord(topics[0].ID), Field: "status", Value: string(award.StatusFiled)}
	}
	return toAll(n, confirmers(v, u), slot)
}
