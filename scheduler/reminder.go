// Package scheduler decides who is reminded of what and when. Every reminder is
// declared in a file of its own (remind_*.go) as a pure function of the stored
// facts and a slot; filter.go, pure too, turns what fell due at one moment into
// at most one message a person; clock.go is the only loop, the only file that
// knows cron and the only one with effects. The package may import chat and
// award; storage satisfies the interfaces declared here.
package scheduler

import (
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// Policy says what becomes of slots that passed while nothing was running.
type Policy int

// The catch-up policies. A slot counts as missed when it is judged more than
// lateAfter after the first moment it could have been said.
const (
	// OnceLate says a missed message once, the newest for each object and
	// person, and admits that it is late.
	OnceLate Policy = iota
	// NewestOnly judges the newest slot alone; older ones are dropped without a
	// word because the newest says everything.
	NewestOnly
	// SkipLate drops missed slots with a note in the log.
	SkipLate
)

// Loudness orders notices to one person about one object: only the loudest is said.
type Loudness int

// Loudness from a nudge to an overdue warning.
const (
	LoudNudge Loudness = iota
	LoudPlan
	LoudReturned
	LoudPromise
	LoudOverdue
)

// Notice is one thing a reminder wants to say to one person, before the filter.
// The embedded message is complete: were the notice alone, it would be sent as it is.
type Notice struct {
	chat.Message

	// Object is what it is about ("unit:城关镇党委", "topic:2026-0001").
	Object string
	Loud   Loudness
	// Until is when the notice stops being true (the deadline it warns of); a
	// later moment drops it. Zero: never.
	Until time.Time
	// Alone keeps it out of the day's one message (16:00 on the last day).
	Alone bool
	// Minor marks what those who want few reminders do without (提醒偏好).
	Minor bool
	// Hold is why it is not said after all (Snoozed); "" says it.
	Hold Reason
}

// Reminder is one declared rule of speaking.
type Reminder struct {
	// Name is stable: logs and counters carry it.
	Name string
	// Spec is a five-field cron expression in Shanghai time; between two slots
	// there must be at least an hour.
	Spec    string
	CatchUp Policy
	// Daily marks a part of the day's one message: the rule is declared for 9:00,
	// and each receiver hears it at the hour he chose.
	Daily bool
	// Due lists what is to be said at the slot, judged by the facts alone. It is
	// pure and asks the view only for what it needs; the slot stands in every key.
	Due func(v award.View, slot time.Time) []Notice
	// Clause is the programme's clause behind the rule, for the user's guide.
	Clause string
}

// All returns the reminders of the programme in a fixed order.
// webhook says that a group is reached by the configured webhook.
func All(webhook bool) []Reminder {
	return []Reminder{
		remindOverdue(), remindPromise(), remindReturned(), remindFiling(), remindConfirm(), remindDraft(),
		remindPending(), remindWeekly(), remindCalendar(), remindCalendarMoved(), remindGroup(webhook),
	}
}

// The clauses behind the reminders.
const (
	clauseFiling  = "C76"  // the filing date
	clauseRecord  = "C77"  // 备案 and 退回补正
	clauseConfirm = "C82"  // the 一把手's confirmation
	clauseChain   = "C105" // the unit's own chain comes first
)

// mornings is the schedule of most reminders: 9:00 every day; the rules
// themselves keep silent on rest days.
const mornings = "0 9 * * *"

// hours are those at which the day's message may come (award.PrefHours), and
// groups are told.
const hours = "0 9-11,14-17 * * *"

// usualHour is when the day's message comes to those who chose no hour.
const usualHour = 9

// morningOf is the 9:00 slot of a slot's day.
func morningOf(slot time.Time) time.Time { return award.DateOf(slot).At(usualHour, 0) }

// slotKey writes a slot into message keys, "2026-12-21T09".
const slotKey = "2006-01-02T15"

// key builds the idempotency key of a notice: rule, object, person and slot,
// never the present moment.
func key(rule, object, person string, slot time.Time) string {
	return strings.Join([]string{rule, object, person, slot.In(award.Shanghai).Format(slotKey)}, "|")
}

// notice puts together what every reminder needs to say.
func notice(rule, clause, object, to string, slot time.Time, text string) Notice {
	return Notice{
		Message: chat.Message{
			Key: key(rule, object, to, slot), To: to, Text: text, Priority: chat.PriorityReminder,
			Rule: rule, Clause: clause,
		},
		Object: object,
	}
}
