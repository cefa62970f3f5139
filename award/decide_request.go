package award

import (
	"fmt"
	"time"
)

// RemindUnfiled is 催报: the department writes to units that have not filed. The
// messages are the handler's; what is judged and kept is who wrote to how many.
type RemindUnfiled struct {
	By    Person
	Units int
	At    time.Time // when they are sent, later than now in quiet hours
}

// RequestChange is what a unit wants changed after 备案, or an end to it (C69):
// the department is told, nothing changes by it.
type RequestChange struct {
	By    Person
	Topic string
	Kind  string // 变更 or 终止
}

func (RemindUnfiled) command() {}
func (RequestChange) command() {}

func decideRemindUnfiled(v View, c RemindUnfiled, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if refusal := d.may(ActionRemind, Object{}); refusal != nil {
		return Changes{}, refusal
	}
	if _, open := v.Cycle(); !open {
		return Changes{}, refuseClosed()
	}
	if c.Units == 0 {
		return Changes{}, &Refusal{Text: "都报了，没有要催的单位。", Rule: "remind.none", Clause: clauseDeadline}
	}
	d.log("filing.remind", CycleRecord, fmt.Sprintf("%d 家", c.Units))
	return d.done()
}

func decideRequestChange(v View, c RequestChange, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	t, _, refusal := d.topic(c.Topic, ActionRequest)
	if refusal != nil {
		return Changes{}, refusal
	}
	if t.Status != StatusRunning {
		return Changes{}, &Refusal{Text: "《" + t.Title() + "》现在是“" + string(t.Status) + "”，备案以后才用申请；现在可以直接改或撤回。", Rule: "request.status", Clause: "C69"}
	}
	d.log("topic.request", TopicRecord(t.ID), c.Kind)
	return d.done()
}
