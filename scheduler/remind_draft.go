package scheduler

import (
	"fmt"
	"slices"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// draftDays are the working days after the last change of a draft on which its
// owner is nudged; three nudges without reaction are enough, and one word ends them (dialog.md 5.11).
var draftDays = [...]int{3, 6, 9}

// remindDraft nudges the owner of a filing draft that lies untouched (C76). The
// unit's deadline reminders say the same louder and silence it on their days.
func remindDraft() Reminder {
	return Reminder{
		Name: "draft", Spec: mornings, Daily: true, CatchUp: SkipLate, Due: dueDraft, Clause: clauseFiling,
	}
}

func dueDraft(v award.View, slot time.Time) []Notice {
	cycle, ok := v.Cycle()
	cal := v.Calendar()
	today := award.DateOf(slot)
	if !ok || !cal.IsWorking(today) {
		return nil
	}
	var out []Notice
	eachUnfiled(v, func(u award.Unit) {
		deadline := award.FilingDeadline(cycle, u)
		if !slot.Before(deadline) || len(award.Awaiting(cycle, u)) > 0 {
			return
		}
		d, ok := v.Draft(u.ID)
		if !ok {
			return
		}
		idle := cal.Between(award.DateOf(d.At), today)
		owner, known := v.Person(d.Person)
		if !known || owner.Left || !slices.Contains(draftDays[:], idle) || d.Draft != "" && d.Draft == owner.Prefs.NoNudge {
			return
		}
		n := notice(fmt.Sprintf("draft.d%d", idle), clauseFiling, unitObject(u), owner.UserID, slot,
			fmt.Sprintf("【草稿】%s的课题备案截止%s。\n%s\n这份草稿不想再被提醒，回复 不再提醒。", u.Name, until(deadline), progress(v, u, owner)))
		n.Card = goOnCard(v, cycle, u, owner, "草稿", chat.Button{Label: "不再提醒", Say: "不再提醒"})
		n.Minor = true
		n.Hold = snoozed(v, cycle, u, today)
		n.Priority = chat.PriorityDigest
		n.Loud = LoudNudge
		n.Unless = unlessFiled(cycle, u)
		n.While = whileDue(cycle, u)
		n.Until = deadline
		out = append(out, n)
	})
	return out
}
