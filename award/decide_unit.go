package award

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// decideConfirm judges the 一把手's confirmation: the filing goes to the
// department (C82). The deadline does not matter here, arrival was 提交 (D11).
func decideConfirm(v View, c ConfirmFiling, now time.Time) (Changes, *Refusal) {
	d, t, unit, refusal := onTopic(v, c.By, c.Topic, ActionConfirm, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if t.Status != StatusAwaiting {
		return Changes{}, refuseStatus(t, "确认报送", StatusAwaiting)
	}
	after := cloneTopic(t)
	after.Status, after.ConfirmedBy, after.ConfirmedAt = StatusFiled, d.by.UserID, now
	d.put(&t, after, unit)
	d.log("filing.confirm", TopicRecord(t.ID), fmt.Sprintf("第%d版", t.Current().N))
	return d.done()
}

// decideClaim keeps what is said of the 一把手's consent to a filing that waits for
// it; who can confirm has no use for it (D11).
func decideClaim(v View, c ClaimConsent, now time.Time) (Changes, *Refusal) {
	d, t, unit, refusal := onTopic(v, c.By, c.Topic, ActionFile, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	switch {
	case t.Status != StatusAwaiting:
		return Changes{}, refuseStatus(t, "转述一把手的意见", StatusAwaiting)
	case HasAuthority(d.by, unit.after):
		return Changes{}, &Refusal{Text: "您自己就能确认：回复 确认报送。", Rule: "claim.own", Clause: clauseConfirm}
	case FoldTitle(c.Words) == "":
		return Changes{}, &Refusal{Text: "一把手怎么说的？请写一句。", Rule: "claim.empty", Clause: clauseConfirm}
	}
	after := cloneTopic(t)
	after.ClaimedConfirm = claim(c.Words)
	d.put(&t, after, unit)
	d.log("filing.claim", TopicRecord(t.ID), fmt.Sprintf("第%d版", t.Current().N))
	return d.done()
}

// claim bounds what is kept of somebody's words.
func claim(words string) string {
	runes := []rune(strings.TrimSpace(words))
	return string(runes[:min(maxClaim, len(runes))])
}

// decideDecline judges the 一把手 sending a filing back to the filler. It stays
// the unit's own affair: the title remains taken, and it does not count as filed.
func decideDecline(v View, c DeclineFiling, now time.Time) (Changes, *Refusal) {
	d, t, unit, refusal := onTopic(v, c.By, c.Topic, ActionDecline, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if t.Status != StatusAwaiting {
		return Changes{}, refuseStatus(t, "退回修改", StatusAwaiting)
	}
	after := cloneTopic(t)
	after.Status = StatusReworking
	after.Decline = &Decline{By: d.by.UserID, At: now, Reason: strings.TrimSpace(c.Reason)}
	d.put(&t, after, unit)
	d.log("filing.decline", TopicRecord(t.ID), fmt.Sprintf("第%d版", t.Current().N))
	return d.done()
}

// decideWithdraw judges 撤回, possible until 备案; the unit's quota and the title
// are free again.
func decideWithdraw(v View, c WithdrawFiling, now time.Time) (Changes, *Refusal) {
	d, t, unit, refusal := onTopic(v, c.By, c.Topic, ActionWithdraw, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if t.Status == StatusRunning {
		text := "这个课题已备案（" + t.Number + "），不能撤回。确需终止，请由一把手提出申请，报县委组织部科室负责人审定。"
		return Changes{}, &Refusal{Text: text, Rule: "filing.recorded", Clause: clauseRecord}
	}
	if !t.Status.IsOpen() {
		return Changes{}, refuseStatus(t, "撤回", StatusAwaiting, StatusReworking, StatusFiled, StatusReturned)
	}
	after := cloneTopic(t)
	after.Status, after.WithdrawnAt, after.Return, after.Decline = StatusWithdrawn, now, nil, nil
	d.put(&t, after, unit)
	d.log("filing.withdraw", TopicRecord(t.ID), "原状态 "+string(t.Status))
	return d.done()
}

// decideGrant judges the 一把手 letting somebody of the unit confirm filings, or
// taking that back (C82, C100).
func decideGrant(v View, c GrantConfirm, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	unit, refusal := d.ownUnit(ActionGrant)
	if refusal != nil {
		return Changes{}, refusal
	}
	to, known := v.Person(c.To)
	held := slices.Contains(unit.after.Confirmers, c.To)
	if known {
		held = slices.Contains(unit.after.Confirmers, to.UserID)
	}
	if c.Off {
		return d.revoke(unit, c.To, to, held)
	}
	switch {
	case !known || to.Left || to.Unit != unit.after.ID:
		return Changes{}, &Refusal{Text: "只能授权给本党委在名单里的人，请核对姓名。", Rule: "grant.other-unit", Clause: clauseConfirm}
	case to.Has(RoleHead):
		return Changes{}, &Refusal{Text: to.Name + "是一把手，本来就能确认报送，不用授权。", Rule: "grant.head", Clause: clauseConfirm}
	case held:
		return Changes{}, &Refusal{Text: to.Name + "已经有确认报送的授权。", Rule: "grant.held", Clause: clauseConfirm}
	}
	unit.after.Confirmers = append(unit.after.Confirmers, to.UserID)
	unit.after.Rev = unit.before.Rev + 1
	d.log("confirm.grant", FilingRecord(unit.after.ID), "授权 "+to.UserID)
	return d.done()
}

// revoke takes an authorisation back, from people who left as well.
func (d *decision) revoke(unit *unitEdit, id string, to Person, held bool) (Changes, *Refusal) {
	if to.UserID != "" {
		id = to.UserID
	}
	if !held {
		return Changes{}, &Refusal{Text: "这个人没有确认报送的授权，不用收回。", Rule: "grant.none", Clause: clauseConfirm}
	}
	unit.after.Confirmers = slices.DeleteFunc(unit.after.Confirmers, func(have string) bool { return have == id })
	unit.after.Rev = unit.before.Rev + 1
	d.log("confirm.revoke", FilingRecord(unit.after.ID), "收回 "+id)
	return d.done()
}

// onTopic starts a decision on one topic with the right to do it.
func onTopic(v View, by Person, id string, a Action, now time.Time) (*decision, Topic, *unitEdit, *Refusal) {
	d, refusal := decide(v, by, now)
	if refusal != nil {
		return nil, Topic{}, nil, refusal
	}
	t, unit, refusal := d.topic(id, a)
	return d, t, unit, refusal
}

// refuseStatus words that a topic's status does not allow something.
func refuseStatus(t Topic, what string, want ...Status) *Refusal {
	names := make([]string, len(want))
	for i, status := range want {
		names[i] = string(status)
	}
	text := fmt.Sprintf("课题现在是“%s”，%s只能对“%s”的课题办理。", t.Status, what, strings.Join(names, "、"))
	return &Refusal{Text: text, Rule: "topic.status", Clause: clauseRecord}
}
