package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// stageText is the date of one stage, and how long there is.
func stageText(v V, c award.Cycle, stage award.Stage) string {
	m, ok := c.Milestone(stage)
	if !ok {
		return "本届没有安排“" + string(stage) + "”。" + stagesText(c)
	}
	text := string(stage) + "：" + m.When()
	if m.Why != "" {
		text += "（" + m.Why + "）"
	}
	today, begin := award.DateOf(v.Now), m.Date
	if !m.From.IsZero() {
		begin = m.From
	}
	switch {
	case !v.Now.Before(m.End()):
		text += "，已经过了。"
	case today.Before(begin):
		text += fmt.Sprintf("，还有 %d 天。", begin.Sub(today))
	default:
		text += "，正在进行。"
	}
	if stage == award.StageReview || stage == award.StageAward {
		text += "具体日子定下来会另行通知。"
	}
	return text
}

// stagesText lists the stages of the cycle.
func stagesText(c award.Cycle) string {
	lines := []string{"本届安排："}
	for _, m := range c.Milestones {
		lines = append(lines, "· "+award.StageTitle(m.Stage)+"："+m.When())
	}
	return strings.Join(lines, "\n")
}

// resultsQuery is 啥时候出结果: the stage that runs, and the next date.
func resultsQuery() *Query {
	answer := func(v V, _ dialog.Slots) dialog.Answer {
		c, open := v.Cycle()
		if !open {
			return dialog.Answer{Text: noCycle(v)}
		}
		var now, next string
		for _, m := range c.Milestones {
			if !v.Now.Before(m.End()) {
				continue
			}
			if now == "" {
				now = award.StageTitle(m.Stage) + "（" + m.When() + "）"
			} else if next == "" {
				next = award.StageTitle(m.Stage) + "（" + m.When() + "）"
			}
		}
		text := "还没有出结果。"
		if now != "" {
			text += "眼下这一步是" + now + "。"
		}
		if next != "" {
			text += "下一步是" + next + "。"
		}
		lines := []string{text}
		for _, stage := range []award.Stage{award.StageReview, award.StageAward} {
			if m, ok := c.Milestone(stage); ok {
				lines = append(lines, string(stage)+"安排在"+m.When()+"。")
			}
		}
		return dialog.Answer{Text: strings.Join(lines, "\n") + "\n结果先公示，再表彰，到时会通知到每个单位。"}
	}
	return &Query{
		ID: "results", Title: "看什么时候出结果",
		Intent: dialog.Intent{
			Exact: []string{"啥时候出结果", "什么时候出结果", "结果出来了吗", "出结果了吗", "结果啥时候出来", "公示了吗", "公示了没", "评完了吗", "什么时候公示", "本届安排", "时间安排"},
			Patterns: []string{
				`.{0,8}结果.{0,4}(?:啥时候|什么时候|几时|何时|哪天).{0,12}`, `.{0,6}(?:啥时候|什么时候|几时|何时|哪天).{0,6}(?:结果|公示|名单).{0,8}`,
			},
		},
		Answer: answer, Group: answer,
	}
}
