package award

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Defaults of a cycle (C59, C81, domain.md 2.4).
const (
	DefaultAward        = "基层党组织建设改革创新成果奖"
	DefaultMaxTopics    = 3
	DefaultMaxKeyTopics = 2
	maxCycleName        = 60
)

// Stages lists the stages of a cycle in order.
func Stages() []Stage {
	return []Stage{StageFiling, StageSupervise, StageSummary, StageReview, StageAward}
}

// decideOpenCycle judges 开届 (C60, C76). Effective days are computed here, from
// the calendar, whatever the command brought.
func decideOpenCycle(v View, c OpenCycle, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if refusal := d.may(ActionOpenCycle, Object{}); refusal != nil {
		return Changes{}, refusal
	}
	last, open := v.Cycle()
	if open {
		return Changes{}, &Refusal{Text: "“" + last.Name + "”还开着，不能再开一届。", Rule: "cycle.open", Clause: clauseCycle}
	}
	today := DateOf(now)
	if last.ID == strconv.Itoa(today.Year) {
		text := "今年已经开过一届（" + last.Name + "），同一年不能再开。结束早了的话，请科室负责人回复 恢复本届。"
		return Changes{}, &Refusal{Text: text, Rule: "cycle.same-year", Clause: clauseCycle}
	}
	if refusal := checkMilestones(c.Milestones, today); refusal != nil {
		return Changes{}, refusal
	}
	name := strings.TrimSpace(c.Name)
	if name == "" {
		name = fmt.Sprintf("%d—%d年度基层党组织建设改革创新活动", today.Year, today.Year+2)
	}
	if n := Length(name); n > maxCycleName {
		text := fmt.Sprintf("届次名称现在 %d 字，最多 %d 字。", n, maxCycleName)
		return Changes{}, &Refusal{Text: text, Rule: "cycle.name", Clause: clauseCycle}
	}
	d.out.Cycle = &Cycle{
		ID: strconv.Itoa(today.Year), Name: name, Award: DefaultAward, Rev: last.Rev + 1, OpenedAt: now, OpenedBy: d.by.UserID,
		Milestones: settle(v.Calendar(), c.Milestones, c.RollOver), RollOver: c.RollOver,
		MaxTopics: DefaultMaxTopics, MaxKeyTopics: DefaultMaxKeyTopics,
	}
	filing, _ := d.out.Cycle.Milestone(StageFiling)
	d.log("cycle.open", "cycle:"+d.out.Cycle.ID, "备案截止 "+lastDay(filing).String())
	return d.done()
}

// checkMilestones wants a filing date to come, every stage at most once, and
// dates that ascend in the order of the stages.
func checkMilestones(milestones []Milestone, today Date) *Refusal {
	refuse := func(rule, text string) *Refusal { return &Refusal{Text: text, Rule: rule, Clause: clauseCycle} }
	last, lastStage := Date{}, -1
	filing := false
	for _, m := range milestones {
		stage := slices.Index(Stages(), m.Stage)
		start := m.From
		if start.IsZero() {
			start = m.Date
		}
		switch {
		case stage < 0:
			return refuse("cycle.stage", "阶段只有：备案、跟踪督查、总结申报、评审、表彰。")
		case m.Date.IsZero():
			return refuse("cycle.undated", "“"+string(m.Stage)+"”还没有日期。")
		case m.Date.Before(start):
			return refuse("cycle.window", "“"+string(m.Stage)+"”的结束早于开始，请改一下。")
		case stage <= lastStage || lastStage >= 0 && !start.After(last):
			return refuse("cycle.order", "各阶段的日期要按备案、跟踪督查、总结申报、评审、表彰先后排列，请核对“"+string(m.Stage)+"”。")
		case m.Stage == StageFiling && !m.Date.After(today):
			return refuse("cycle.past", "备案截止日要在今天以后。")
		}
		filing = filing || m.Stage == StageFiling
		last, lastStage = m.Date, stage
	}
	if !filing {
		return refuse("cycle.no-filing", "开届至少要定备案截止日。")
	}
	return nil
}
