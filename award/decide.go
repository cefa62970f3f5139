package award

import (
	"slices"
	"strings"
	"time"
)

// Decide judges a command on the facts seen through v: Changes to be committed
// whole, or a Refusal in words for the member. It depends on nothing but its
// arguments. The person's rights are those of this moment, not of when the
// command was prepared.
func Decide(v View, c Command, now time.Time) (Changes, *Refusal) {
	switch c := c.(type) {
	case SubmitFiling:
		return decideSubmit(v, c, now)
	case ClaimConsent:
		return decideClaim(v, c, now)
	case ConfirmFiling:
		return decideConfirm(v, c, now)
	case DeclineFiling:
		return decideDecline(v, c, now)
	case WithdrawFiling:
		return decideWithdraw(v, c, now)
	case AcceptFilings:
		return decideAccept(v, c, now)
	case ReturnFiling:
		return decideReturn(v, c, now)
	case OpenCycle:
		return decideOpenCycle(v, c, now)
	case ChangeDeadline:
		return decideChangeDeadline(v, c, now)
	case SuggestDeadline:
		return decideSuggestDeadline(v, c, now)
	case CloseCycle:
		return decideCloseCycle(v, c, now)
	case GrantConfirm:
		return decideGrant(v, c, now)
	case AllowAide:
		return decideAide(v, c, now)
	case HandOver:
		return decideHandOver(v, c, now)
	case TakeOver:
		return decideTakeOver(v, c, now)
	case ExtendUnit:
		return decideExtend(v, c, now)
	case AskExtension:
		return decideAsk(v, c, now)
	case DeclineWish:
		return decideDeclineWish(v, c, now)
	case RaiseQuota:
		return decideQuota(v, c, now)
	case ResendFailed:
		return decideResend(v, c, now)
	case PromiseFiling:
		return decidePromise(v, c, now)
	case SetPrefs:
		return decidePrefs(v, c, now)
	case PlanGroup:
		return decidePlan(v, c, now)
	case RemindUnfiled:
		return decideRemindUnfiled(v, c, now)
	case RequestChange:
		return decideRequestChange(v, c, now)
	}
	return Changes{}, &Refusal{Text: "这件事我还不会办，请联系管理员。", Rule: "command.unknown"}
}

// Describe names a command for the audit trail: what is done, and to what.
func Describe(c Command) (by, did, object string) {
	switch c := c.(type) {
	case SubmitFiling:
		return c.By.UserID, "filing.submit", topicObject(c.Topic)
	case ClaimConsent:
		return c.By.UserID, "filing.claim", topicObject(c.Topic)
	case ConfirmFiling:
		return c.By.UserID, "filing.confirm", topicObject(c.Topic)
	case DeclineFiling:
		return c.By.UserID, "filing.decline", topicObject(c.Topic)
	case WithdrawFiling:
		return c.By.UserID, "filing.withdraw", topicObject(c.Topic)
	case AcceptFilings:
		return c.By.UserID, "filing.accept", topicObject(strings.Join(c.Topics, ","))
	case ReturnFiling:
		return c.By.UserID, "filing.return", topicObject(c.Topic)
	case OpenCycle:
		return c.By.UserID, "cycle.open", "cycle"
	case ChangeDeadline:
		return c.By.UserID, "deadline.change", CycleRecord
	case SuggestDeadline:
		return c.By.UserID, "deadline.suggest", CycleRecord
	case CloseCycle:
		return c.By.UserID, "cycle.close", CycleRecord
	case GrantConfirm:
		return c.By.UserID, "confirm.grant", personObject(c.To)
	case AllowAide:
		return c.By.UserID, "filing.aide", personObject(c.To)
	case HandOver:
		return c.By.UserID, "filing.handover", personObject(c.To)
	case TakeOver:
		return c.By.UserID, "draft.takeover", personObject(c.From)
	case ExtendUnit:
		return c.By.UserID, "deadline.extend", FilingRecord(c.Unit)
	case AskExtension:
		return c.By.UserID, "deadline.ask", FilingRecord(c.By.Unit)
	case DeclineWish:
		return c.By.UserID, "deadline.decline", FilingRecord(c.Unit)
	case RaiseQuota:
		return c.By.UserID, "quota.raise", FilingRecord(c.Unit)
	case ResendFailed:
		return c.By.UserID, "message.resend", "message"
	case PromiseFiling:
		return c.By.UserID, "filing.promise", FilingRecord(c.By.Unit)
	case SetPrefs:
		return c.By.UserID, "prefs.set", "person:" + c.By.UserID
	case PlanGroup:
		return c.By.UserID, "group.plan", "group:" + c.Group.ID
	case RemindUnfiled:
		return c.By.UserID, "filing.remind", CycleRecord
	case RequestChange:
		return c.By.UserID, "topic.request", topicObject(c.Topic)
	}
	return "", "unknown", ""
}

// RefusalEntry is the audit line of a refused command: who wanted what, and the
// rule against it. It holds none of the words of either side.
func RefusalEntry(at time.Time, by, did, object string, r *Refusal) Entry {
	return Entry{At: at, Who: by, Did: "refused", Object: object, Detail: did + " " + r.Rule}
}

func personObject(userid string) string { return "person:" + userid }

func topicObject(id string) string {
	if id == "" {
		return "topic:new"
	}
	return TopicRecord(id)
}

// decision collects what one command changes.
type decision struct {
	view    View
	now     time.Time
	by      Person
	out     Changes
	touched []*unitEdit
}

// unitEdit is a unit before and while it is changed.
type unitEdit struct{ before, after Unit }

// decide starts a decision by the person as the store knows them now.
func decide(v View, by Person, now time.Time) (*decision, *Refusal) {
	known, ok := v.Person(by.UserID)
	if !ok {
		known = Person{}
	}
	// What everybody may is refused only to strangers and those who left.
	if refusal := May(known, ActionDeadline, Object{}); refusal != nil {
		return nil, refusal
	}
	return &decision{view: v, now: now, by: known}, nil
}

// topic loads a topic of the open cycle with its unit and checks the right to
// act on it, before anything about its state is said.
func (d *decision) topic(id string, a Action) (Topic, *unitEdit, *Refusal) {
	t, ok := d.view.Topic(id)
	if !ok {
		return Topic{}, nil, &Refusal{Text: "没有找到这个课题，请核对编号。", Rule: "topic.unknown"}
	}
	unit, refusal := d.unit(t.Unit)
	if refusal != nil {
		return Topic{}, nil, refusal
	}
	if refusal := d.may(a, Object{Unit: unit.after, Topic: t}); refusal != nil {
		return Topic{}, nil, refusal
	}
	if cycle, open := d.view.Cycle(); !open || cycle.ID != t.Cycle {
		return Topic{}, nil, &Refusal{Text: "这个课题属于往届，只能查看。", Rule: "topic.past-cycle", Clause: clauseCycle}
	}
	return cloneTopic(t), unit, nil
}

// ownUnit checks a right on the person's own unit and loads it. A person of no
// known unit is told about the right first.
func (d *decision) ownUnit(a Action) (*unitEdit, *Refusal) {
	unit, ok := d.view.Unit(d.by.Unit)
	if !ok {
		unit = Unit{ID: d.by.Unit}
	}
	if refusal := d.may(a, Object{Unit: unit}); refusal != nil {
		return nil, refusal
	}
	return d.unit(d.by.Unit)
}

// otherUnit checks the right to enter a filing for a unit (代录) and loads it.
func (d *decision) otherUnit(id string) (*unitEdit, *Refusal) {
	if refusal := d.may(ActionFile, Object{Unit: Unit{ID: id}}); refusal != nil {
		return nil, refusal
	}
	unit, refusal := d.unit(id)
	if refusal == nil && !unit.after.Owes {
		refusal = &Refusal{Text: unit.after.Name + "不在应报单位里，不用代录。", Rule: "filing.not-owing", Clause: "C67"}
	}
	return unit, refusal
}

// filer is whom a filing belongs to: whoever enters it, or the unit's own 填报人
// when the department does.
func (d *decision) filer(unit Unit) string {
	if d.by.Unit == unit.ID {
		return d.by.UserID
	}
	for _, id := range slices.Concat(unit.Filers, unit.Deputys, unit.Heads) {
		if p, ok := d.view.Person(id); ok && !p.Left {
			return p.UserID
		}
	}
	return d.by.UserID
}

// unit loads a unit once; all changes of the decision go to the same copy.
func (d *decision) unit(id string) (*unitEdit, *Refusal) {
	for _, edit := range d.touched {
		if edit.before.ID == id {
			return edit, nil
		}
	}
	unit, ok := d.view.Unit(id)
	if !ok {
		return nil, &Refusal{Text: "没有找到您所在的党委，请联系管理员核对名单。", Rule: "unit.unknown", Clause: "C67"}
	}
	edit := &unitEdit{before: unit, after: cloneUnit(unit)}
	d.touched = append(d.touched, edit)
	return edit, nil
}

// may is May, with the names of those who can added to the refusal.
func (d *decision) may(a Action, o Object) *Refusal {
	refusal := May(d.by, a, o)
	if refusal == nil || refusal.Rule == "rights.other-unit" {
		return refusal
	}
	var names []string
	for _, p := range Holders(d.view, a, o.Unit) {
		names = append(names, p.Name)
	}
	if len(names) > 0 {
		refusal.Text += "可以找：" + strings.Join(names, "、") + "。"
	}
	return refusal
}

// put records a topic's new state and mirrors it in the unit's record.
func (d *decision) put(before *Topic, after Topic, unit *unitEdit) {
	after.Rev = 1
	if before != nil {
		after.Rev = before.Rev + 1
	}
	d.out.Topics = append(d.out.Topics, TopicChange{Before: before, After: after})
	u := &unit.after
	u.enter(after.Cycle)
	ref := TopicRef{
		ID: after.ID, Title: after.Title(), Status: after.Status, Key: after.Current().Filing.Key, At: after.SubmittedAt, Late: after.Late,
	}
	if before == nil || after.Status.IsDelivered() {
		u.Wish = nil
	}
	at := slices.IndexFunc(u.Topics, func(r TopicRef) bool { return r.ID == ref.ID })
	switch {
	case after.Status == StatusWithdrawn:
		u.Topics = slices.DeleteFunc(u.Topics, func(r TopicRef) bool { return r.ID == ref.ID })
	case at >= 0:
		u.Topics[at] = ref
	default:
		u.Topics = append(u.Topics, ref)
	}
	unit.after.Rev = unit.before.Rev + 1
}

// log adds an audit line; detail names facts, never what somebody wrote.
func (d *decision) log(did, object, detail string) {
	d.out.Log = append(d.out.Log, Entry{At: d.now, Who: d.by.UserID, Did: did, Object: object, Detail: detail})
}

// done closes the decision.
func (d *decision) done() (Changes, *Refusal) {
	for _, edit := range d.touched {
		if edit.after.Rev != edit.before.Rev {
			before := edit.before
			d.out.Units = append(d.out.Units, UnitChange{Before: &before, After: edit.after})
		}
	}
	return d.out, nil
}
