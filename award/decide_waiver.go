package award

import (
	"fmt"
	"slices"
	"time"
)

// Limits of what the department may grant a single unit.
const (
	// MaxExtension is how many months one extension may give (domain.md 2.4).
	MaxExtension = 3
	// MaxQuota bounds a unit's own limit of topics (C81).
	MaxQuota = 9
)

// CheckExtension wants a new filing deadline that is later than the one the unit
// has, not past, and at most MaxExtension months after the deadline or, when
// that is over, after today.
func CheckExtension(c Cycle, u Unit, until, today Date) *Issue {
	const field = "until"
	due := FilingDeadline(c, u)
	if until.IsZero() || due.IsZero() {
		return &Issue{field, "请写延到哪一天，如“12月31日”。", clauseDeadline, "extend.undated"}
	}
	// The deadline is named by its last day: 24:00 is 00:00 of the next.
	last := DateOf(due.Add(-time.Second))
	from := last
	if today.After(last) {
		from = today
	}
	switch latest := from.AddMonths(MaxExtension); {
	case !until.After(last):
		text := fmt.Sprintf("%s不晚于现在的期限%s，延期只能往后延。", until.Short(), last.Short())
		return &Issue{field, text, clauseDeadline, "extend.not-later"}
	case until.Before(today):
		return &Issue{field, until.Chinese() + "已经过去，请写今天或以后的日期。", clauseDeadline, "extend.past"}
	case until.After(latest):
		text := fmt.Sprintf("%s太晚：一次最多延 %d 个月，最晚到%s。不够到时可以再延一次。", until.Chinese(), MaxExtension, latest.Chinese())
		return &Issue{field, text, clauseDeadline, "extend.far"}
	}
	return nil
}

// CheckGrant wants a day the department can give the unit: not the one it has, not
// past, not before the county's deadline, and at most MaxExtension months after
// the deadline it has or, when that is over, after today.
func CheckGrant(c Cycle, u Unit, until, today Date) *Issue {
	const field = "until"
	county := DateOf(FilingDeadline(c, Unit{}).Add(-time.Second))
	have := DateOf(FilingDeadline(c, u).Add(-time.Second))
	switch {
	case until.IsZero() || FilingDeadline(c, u).IsZero() || until.After(have) || have == county:
		return CheckExtension(c, u, until, today)
	case until == have:
		return &Issue{field, u.Name + "的期限现在就是" + have.Short() + "，不用再办。", clauseDeadline, "extend.same"}
	case until.Before(today):
		return &Issue{field, until.Chinese() + "已经过去，请写今天或以后的日期。", clauseDeadline, "extend.past"}
	case !until.After(county):
		text := fmt.Sprintf("缩短也不能早于全县的截止%s。要恢复成全县的期限，请说“收回%s的延期”。", county.Short(), u.Name)
		return &Issue{field, text, clauseDeadline, "extend.below"}
	}
	return nil
}

// CheckBack judges whether the unit's extension can be taken back today: nobody
// becomes late by it.
func CheckBack(c Cycle, u Unit, today Date) *Issue {
	const field = "until"
	county := FilingDeadline(c, Unit{})
	switch {
	case u.Cycle != c.ID || !u.Extended.After(county):
		return &Issue{field, u.Name + "没有个别延期，不用收回。", clauseDeadline, "extend.none"}
	case !today.Before(DateOf(county)):
		last := DateOf(county.Add(-time.Second))
		text := fmt.Sprintf("全县的截止%s已经过了，收回就等于让%s马上逾期。可以缩短，最早到今天%s。", last.Short(), u.Name, today.Short())
		return &Issue{field, text, clauseDeadline, "extend.back-past"}
	}
	return nil
}

// decideExtend judges 个别延期 (C76): the unit's filing is due at 24:00 of the
// day, rest day or not; nobody else's deadline moves. What the unit filed
// meanwhile and before the new deadline is no longer 逾期.
func decideExtend(v View, c ExtendUnit, now time.Time) (Changes, *Refusal) {
	d, cycle, unit, refusal := onUnit(v, c.By, c.Unit, ActionExtend, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if refusal := refuseNotOwing(unit.after); refusal != nil {
		return Changes{}, refusal
	}
	check, until, did := CheckGrant(cycle, unit.after, c.Until, DateOf(now)), c.Until.Add(1).At(0, 0), "延到 "+c.Until.String()
	if c.Back {
		check, until, did = CheckBack(cycle, unit.after, DateOf(now)), time.Time{}, "收回延期"
	}
	if refusal := refuseIssue(check); refusal != nil {
		return Changes{}, refusal
	}
	unit.after.enter(cycle.ID)
	old := unit.after
	unit.after.Extended, unit.after.Wish = until, nil
	unit.after.Rev = unit.before.Rev + 1
	for _, ref := range slices.Clone(unit.after.Topics) {
		t, ok := v.Topic(ref.ID)
		if ok && t.Late && IsLate(cycle, old, t.SubmittedAt) && !IsLate(cycle, unit.after, t.SubmittedAt) {
			if refusal := d.lift(t); refusal != nil {
				return Changes{}, refusal
			}
		}
	}
	d.log("deadline.extend", FilingRecord(c.Unit), did)
	return d.done()
}

// decideAsk judges whether the unit may ask for the day at all, so that the
// department is only asked what it could grant, and remembers the wish.
func decideAsk(v View, c AskExtension, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	unit, refusal := d.ownUnit(ActionAsk)
	if refusal != nil {
		return Changes{}, refusal
	}
	cycle, open := v.Cycle()
	if !open {
		return Changes{}, refuseClosed()
	}
	if refusal := mayMove(cycle, unit.after, c.Until, now); refusal != nil {
		return Changes{}, refusal
	}
	unit.after.enter(cycle.ID)
	unit.after.Wish = &ExtensionWish{By: d.by.UserID, At: now, Until: c.Until}
	unit.after.Rev = unit.before.Rev + 1
	d.log("deadline.ask", FilingRecord(unit.after.ID), "想延到 "+c.Until.String())
	return d.done()
}

// decideDeclineWish judges 不同意延期: the wish is answered, the deadline stays.
func decideDeclineWish(v View, c DeclineWish, now time.Time) (Changes, *Refusal) {
	d, cycle, unit, refusal := onUnit(v, c.By, c.Unit, ActionExtend, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if unit.after.Cycle != cycle.ID || unit.after.Wish == nil {
		return Changes{}, &Refusal{Text: unit.after.Name + "现在没有等答复的延期申请。", Rule: "wish.none", Clause: clauseDeadline}
	}
	unit.after.Wish = nil
	unit.after.Rev = unit.before.Rev + 1
	d.log("deadline.decline", FilingRecord(c.Unit), "想延到 "+unit.before.Wish.Until.String())
	return d.done()
}

// mayMove judges a later deadline for a unit.
func mayMove(cycle Cycle, u Unit, until Date, now time.Time) *Refusal {
	if refusal := refuseNotOwing(u); refusal != nil {
		return refusal
	}
	return refuseIssue(CheckExtension(cycle, u, until, DateOf(now)))
}

func refuseNotOwing(u Unit) *Refusal {
	if u.Owes {
		return nil
	}
	return &Refusal{Text: u.Name + "不在应报单位里，没有备案期限，不用延期。", Rule: "extend.not-owing", Clause: clauseDeadline}
}

// refuseIssue makes a refusal of what a check found.
func refuseIssue(issue *Issue) *Refusal {
	if issue == nil {
		return nil
	}
	return &Refusal{Text: issue.Text, Rule: issue.Rule, Clause: issue.Clause}
}

// CheckRaise wants limits from the cycle's up to MaxQuota, and no more key
// topics than topics (C81).
func CheckRaise(c Cycle, topics, keys int) *Issue {
	const clause = "C81"
	for _, limit := range []struct {
		field, label string
		n, low       int
	}{{"topics", "课题", topics, c.MaxTopics}, {"keys", "重点课题", keys, c.MaxKeyTopics}} {
		if limit.n < limit.low || limit.n > MaxQuota {
			text := fmt.Sprintf("%s名额可以放宽到 %d–%d 个，不能少于本届各党委都有的 %d 个。", limit.label, limit.low, MaxQuota, limit.low)
			return &Issue{limit.field, text, clause, "quota.bounds"}
		}
	}
	if keys > topics {
		text := fmt.Sprintf("重点课题 %d 个比课题总数 %d 个还多，请把总数也放宽。", keys, topics)
		return &Issue{"keys", text, clause, "quota.keys"}
	}
	return nil
}

// decideQuota judges 放宽名额 (C81) for one unit in the open cycle.
func decideQuota(v View, c RaiseQuota, now time.Time) (Changes, *Refusal) {
	d, cycle, unit, refusal := onUnit(v, c.By, c.Unit, ActionQuota, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if refusal := refuseIssue(CheckRaise(cycle, c.Topics, c.KeyTopics)); refusal != nil {
		return Changes{}, refusal
	}
	if topics, keys := Quota(cycle, unit.after); topics == c.Topics && keys == c.KeyTopics {
		text := fmt.Sprintf("%s现在就是课题 %d 个、重点课题 %d 个，不用再办。", unit.after.Name, topics, keys)
		return Changes{}, &Refusal{Text: text, Rule: "quota.same", Clause: "C81"}
	}
	unit.after.enter(cycle.ID)
	unit.after.MaxTopics, unit.after.MaxKeyTopics = c.Topics, c.KeyTopics
	unit.after.Rev = unit.before.Rev + 1
	d.log("quota.raise", FilingRecord(c.Unit), fmt.Sprintf("课题 %d 个，重点课题 %d 个", c.Topics, c.KeyTopics))
	return d.done()
}

// onUnit starts a decision on one unit in the open cycle; the right to it comes
// before anything about the unit is said.
func onUnit(v View, by Person, id string, a Action, now time.Time) (*decision, Cycle, *unitEdit, *Refusal) {
	d, refusal := decide(v, by, now)
	if refusal != nil {
		return nil, Cycle{}, nil, refusal
	}
	if refusal := d.may(a, Object{Unit: Unit{ID: id}}); refusal != nil {
		return nil, Cycle{}, nil, refusal
	}
	cycle, open := v.Cycle()
	if !open {
		return nil, Cycle{}, nil, refuseClosed()
	}
	if _, known := v.Unit(id); !known {
		return nil, Cycle{}, nil, &Refusal{Text: "没有找到这个单位，请核对名称。", Rule: "unit.unknown", Clause: "C67"}
	}
	unit, refusal := d.unit(id)
	return d, cycle, unit, refusal
}

func refuseClosed() *Refusal {
	return &Refusal{Text: "本届还没有开，开届后才能办这件事。", Rule: "unit.no-cycle", Clause: clauseCycle}
}

// enter brings a unit's record into a cycle: what was counted and granted in an
// earlier one is over.
func (u *Unit) enter(cycle string) {
	if u.Cycle != cycle {
		u.Cycle, u.Topics, u.Extended, u.MaxTopics, u.MaxKeyTopics, u.Promises, u.Wish = cycle, nil, time.Time{}, 0, 0, nil, nil
	}
}
