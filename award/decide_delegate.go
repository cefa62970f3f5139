package award

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// decideAide judges 请人代填 and its end (C109).
func decideAide(v View, c AllowAide, now time.Time) (Changes, *Refusal) {
	d, unit, to, refusal := withColleague(v, c.By, c.To, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	held := slices.Contains(unit.after.Aides, to.UserID)
	switch {
	case c.Off && !held:
		return Changes{}, refuseDelegate("aide.none", to.Name+"没有代填的授权，不用收回。")
	case c.Off:
		unit.after.Aides = slices.DeleteFunc(unit.after.Aides, func(id string) bool { return id == to.UserID })
	case held:
		return Changes{}, refuseDelegate("aide.held", to.Name+"已经可以帮您单位填报了，请他在单聊里说“报课题”。")
	case May(to, ActionFile, Object{Unit: unit.after}) == nil:
		return Changes{}, refuseDelegate("aide.may", to.Name+"本来就能填报，不用授权，请他在单聊里说“报课题”；要接着您的草稿填，请他回复“接手”。")
	default:
		unit.after.Aides = append(unit.after.Aides, to.UserID)
	}
	unit.after.Rev = unit.before.Rev + 1
	detail := "授权 " + to.UserID
	if c.Off {
		detail = "收回 " + to.UserID
	}
	d.log("filing.aide", FilingRecord(unit.after.ID), detail)
	return d.done()
}

// CheckAway wants a hand-over that begins within a year and does not end before
// it begins. today is the day in Shanghai.
func CheckAway(from, until, today Date) *Issue {
	switch {
	case from.Before(today):
		return &Issue{"from", from.Short() + "已经过去，交接请从今天或以后算起。", "C109", "handover.past"}
	case from.After(today.AddMonths(12)):
		return &Issue{"from", fmt.Sprintf("%s离现在超过一年，请核对日期。", from), "C109", "handover.far"}
	case !until.IsZero() && until.Before(from):
		return &Issue{"until", fmt.Sprintf("结束日期%s早于开始日期%s，请改其中一个。", until.Short(), from.Short()), "C109", "handover.order"}
	}
	return nil
}

// decideHandOver judges 交接 and its end. Whoever takes over may fill in from now
// on, so that the two can go through it together.
func decideHandOver(v View, c HandOver, now time.Time) (Changes, *Refusal) {
	if c.Off {
		return endHandOver(v, c, now)
	}
	d, unit, to, refusal := withColleague(v, c.By, c.To, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if issue := CheckAway(c.From, c.Until, DateOf(now)); issue != nil {
		return Changes{}, &Refusal{Text: issue.Text, Rule: issue.Rule, Clause: issue.Clause}
	}
	if to.Away != nil && !to.Away.over(DateOf(now)) {
		other, _ := v.Person(to.Away.To)
		return Changes{}, refuseDelegate("handover.away", to.Name+"自己也已经交接给"+other.Name+"，请直接交给"+other.Name+"。")
	}
	if May(to, ActionFile, Object{Unit: unit.after}) != nil {
		unit.after.Aides = append(unit.after.Aides, to.UserID)
		unit.after.Rev = unit.before.Rev + 1
	}
	me := d.by
	me.Away = &Away{To: to.UserID, From: c.From, Until: c.Until}
	d.out.Persons = []Person{me}
	d.log("filing.handover", FilingRecord(unit.after.ID), fmt.Sprintf("%s 交 %s，自 %s", me.UserID, to.UserID, c.From))
	return d.done()
}

// endHandOver judges 取消交接: the reminders come back to the person. The other
// one stays an aide until that is taken back by itself.
func endHandOver(v View, c HandOver, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if d.by.Away == nil || d.by.Away.over(DateOf(now)) {
		return Changes{}, refuseDelegate("handover.none", "您现在没有交接给别人，不用取消。")
	}
	me := d.by
	me.Away = nil
	d.out.Persons = []Person{me}
	d.log("filing.handover", FilingRecord(me.Unit), me.UserID+" 取消交接")
	return d.done()
}

// decideTakeOver judges 接手: both are of one unit and the one who takes over may
// fill in for it. The drafts themselves are moved by whoever holds them.
func decideTakeOver(v View, c TakeOver, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	unit, refusal := d.ownUnit(ActionFile)
	if refusal != nil {
		return Changes{}, refusal
	}
	from, known := v.Person(c.From)
	switch {
	case !known || from.Unit != unit.after.ID:
		return Changes{}, refuseDelegate("takeover.other-unit", "只能接手本单位同事的草稿，请核对姓名。")
	case from.UserID == d.by.UserID:
		return Changes{}, refuseDelegate("takeover.self", "这是您自己的草稿，接着填请回复 继续。")
	}
	d.log("draft.takeover", FilingRecord(unit.after.ID), d.by.UserID+" 接手 "+from.UserID)
	return d.done()
}

// withColleague starts a decision about somebody else of the person's unit.
func withColleague(v View, by Person, id string, now time.Time) (*decision, *unitEdit, Person, *Refusal) {
	d, refusal := decide(v, by, now)
	if refusal != nil {
		return nil, nil, Person{}, refusal
	}
	unit, refusal := d.ownUnit(ActionDelegate)
	if refusal != nil {
		return nil, nil, Person{}, refusal
	}
	to, known := v.Person(id)
	switch {
	case !known || to.Left || to.Unit != unit.after.ID:
		return nil, nil, Person{}, refuseDelegate("delegate.other-unit", "只能交给本党委在名单里的人，请核对姓名；名单里没有的，请管理员先加进来。")
	case to.UserID == d.by.UserID:
		return nil, nil, Person{}, refuseDelegate("delegate.self", "这就是您本人，不用授权。")
	}
	return d, unit, to, nil
}

func refuseDelegate(rule, text string) *Refusal {
	return &Refusal{Text: text, Rule: rule, Clause: "C109"}
}

// over reports whether a hand-over has ended before a day.
func (a *Away) over(day Date) bool { return !a.Until.IsZero() && a.Until.Before(day) }

// Stand returns who acts for a person on a day: the person, or whoever took over
// (交接). One step only: a hand-over is not passed on.
func Stand(v View, p Person, day Date) Person {
	if p.Away == nil || day.Before(p.Away.From) || p.Away.over(day) {
		return p
	}
	to, ok := v.Person(p.Away.To)
	if !ok || to.Left || strings.EqualFold(to.UserID, p.UserID) {
		return p
	}
	return to
}
