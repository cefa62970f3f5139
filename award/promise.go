package award

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// PromiseFiling is a unit's word to file by a day (“已安排，25日报”), or with Later
// only a wish for rest: its reminders are quiet until the end of that day.
type PromiseFiling struct {
	By    Person
	Until Date
	Later bool
}

func (PromiseFiling) command() {}

// promiseDays is how many working days an overdue unit may ask for.
const promiseDays = 10

// PromiseAt returns the unit's newest promise in the cycle as it stood at a moment.
func PromiseAt(c Cycle, u Unit, at time.Time) (Promise, bool) {
	if u.Cycle != c.ID {
		return Promise{}, false
	}
	for _, p := range slices.Backward(u.Promises) {
		if !p.At.After(at) {
			return p, true
		}
	}
	return Promise{}, false
}

// Awaiting returns the unit's filings of the cycle that wait for confirmation.
func Awaiting(c Cycle, u Unit) []TopicRef {
	if u.Cycle != c.ID {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(u.Topics), func(t TopicRef) bool { return t.Status != StatusAwaiting })
}

// FilingState names where the unit's filing stands, so that a reminder can tell
// when it is sent whether anything happened since it was written: the cycle with
// "filed", "awaiting" or nothing, and how many promises there were. "" is a unit
// nothing is known of.
func FilingState(u Unit) string {
	if u.Cycle == "" {
		return ""
	}
	has := func(want func(Status) bool) bool {
		return slices.ContainsFunc(u.Topics, func(t TopicRef) bool { return want(t.Status) })
	}
	state := u.Cycle
	switch {
	case has(Status.IsDelivered):
		return state + " filed"
	case has(func(s Status) bool { return s == StatusAwaiting }):
		state += " awaiting"
	}
	return state + " " + strconv.Itoa(len(u.Promises))
}

// CheckPromise wants a day to come, not after the unit's deadline or, when that
// is over, at most promiseDays working days away. Rest may also be wished for
// today alone.
func CheckPromise(cal Calendar, c Cycle, u Unit, p PromiseFiling, today Date) *Issue {
	const field = "until"
	until := p.Until
	due := FilingDeadline(c, u)
	last := DateOf(due.Add(-time.Nanosecond))
	open := !due.IsZero() && !today.After(last)
	switch {
	case until.IsZero():
		return &Issue{field, "请写哪天前报，如“12月18日”。", clauseDeadline, "promise.undated"}
	case until == today && p.Later:
		return nil
	case until == today:
		return &Issue{field, "今天能报就不用安排，报上来提醒就停。今天报不了，请写今天以后的一天。", clauseDeadline, "promise.today"}
	case until.Before(today):
		return &Issue{field, until.Chinese() + "已经过去，请写今天以后的一天。", clauseDeadline, "promise.past"}
	case open && until.After(last):
		text := fmt.Sprintf("%s晚于您单位的期限%s，最晚只能安排到期限那天。确实来不及，回复“备案能不能缓到%d月%d号”，马上转给组织部。",
			until.Short(), last.Short(), until.Month, until.Day)
		return &Issue{field, text, clauseDeadline, "promise.after-deadline"}
	}
	if latest := cal.Add(today, promiseDays); !open && until.After(latest) {
		text := fmt.Sprintf("期限%s已过，最多再安排 %d 个工作日，最晚到%s。", last.Short(), promiseDays, latest.Short())
		return &Issue{field, text, clauseDeadline, "promise.far"}
	}
	return nil
}

// decidePromise judges a unit's word (C76, C105). While its filing only waits for
// confirmation, the word is of those who may confirm.
func decidePromise(v View, c PromiseFiling, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	unit, refusal := d.ownUnit(ActionPromise)
	if refusal != nil {
		return Changes{}, refusal
	}
	cycle, open := v.Cycle()
	if !open {
		return Changes{}, refuseClosed()
	}
	if refusal := d.mayPromise(cycle, unit.after, c, now); refusal != nil {
		return Changes{}, refusal
	}
	unit.after.enter(cycle.ID)
	unit.after.Promises = append(unit.after.Promises, Promise{By: d.by.UserID, At: now, Until: c.Until, Later: c.Later})
	unit.after.Rev = unit.before.Rev + 1
	d.log("filing.promise", FilingRecord(unit.after.ID), c.Until.String()+"前")
	return d.done()
}

// mayPromise looks at what there is to promise.
func (d *decision) mayPromise(cycle Cycle, u Unit, c PromiseFiling, now time.Time) *Refusal {
	if refusal := NothingToPromise(d.view, cycle, u, d.by); refusal != nil {
		return refusal
	}
	if p, ok := PromiseAt(cycle, u, now); ok && p.Until == c.Until && p.Later == c.Later {
		return &Refusal{Text: "已经记下了：" + p.Until.Short() + "前。不用再说一遍。", Rule: "promise.same", Clause: clauseDeadline}
	}
	if issue := CheckPromise(d.view.Calendar(), cycle, u, c, DateOf(now)); issue != nil {
		return &Refusal{Text: issue.Text, Rule: issue.Rule, Clause: issue.Clause}
	}
	return nil
}

// NothingToPromise says why the person has no filing to promise or has promised
// too often, nil when a promise is welcome.
func NothingToPromise(v View, c Cycle, u Unit, by Person) *Refusal {
	delivered := u.Cycle == c.ID && slices.ContainsFunc(u.Topics, func(t TopicRef) bool { return t.Status.IsDelivered() })
	waiting := Awaiting(c, u)
	switch {
	case !u.Owes:
		return &Refusal{Text: u.Name + "不在应报单位里，没有要催的备案。", Rule: "promise.not-owing", Clause: clauseDeadline}
	case delivered:
		return &Refusal{Text: "您单位已经报了，没有要催的。", Rule: "promise.filed", Clause: clauseDeadline}
	case len(waiting) > 0 && !HasAuthority(by, u):
		who := ""
		for _, p := range Holders(v, ActionConfirm, u) {
			who = p.Name
			break
		}
		text := "《" + waiting[0].Title + "》已经提交，只等" + who + "确认，现在不催您了。"
		return &Refusal{Text: text, Rule: "promise.awaiting", Clause: clauseConfirm}
	case u.Cycle == c.ID && len(u.Promises) >= MaxPromises:
		text := fmt.Sprintf("本届已经安排过 %d 次，这次不再停提醒。请尽快报上来，有困难可以申请延期。", MaxPromises)
		return &Refusal{Text: text, Rule: "promise.often", Clause: clauseDeadline}
	}
	return nil
}
