package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// openCycleForm is 开届 (C60, C76): one date is asked, the rest is proposed.
func openCycleForm() *Form {
	return &Form{
		ID: "cycle", Version: 1, Title: "开届", Minutes: 1, Menu: "开届（开启新一届，定截止日期）", Rare: true,
		Intent: dialog.Intent{
			Exact: []string{"开届", "新开一届", "开新一届", "开启新一届", "开始新一届"},
			Patterns: []string{
				`(?:本届|这一?届|新一届|全县|的|请|把|将)*(?:课题)?备案(?:的)?(?:截止|期限)(?:日期|时间)?(?:就|先|暂)?(?:定|设)(?:到|在|为|成|个)?\s*(?P<date>[^,，。;；、？?]{2,24}?)(?:` + rolling + `)?`,
				`开届[,，： ]*(?:备案)?(?:截止)?(?:定|到|是)?(?P<date>.{3,20}?)?(?:截止)?`,
			},
		},
		Allow: func(v V) string {
			if why := mayAll(v, award.ActionOpenCycle); why != "" {
				return why
			}
			if c, open := v.Cycle(); open {
				return "现在已有一届开着：" + c.Name + "。一届没有办完不能再开。"
			}
			return ""
		},
		Begin: func(v V, s dialog.Slots) (dialog.Start, string) {
			if c, _ := v.Cycle(); c.ID == itoa(award.DateOf(v.Now).Year) {
				return dialog.Start{}, "今年已经开过一届（" + c.Name + "），同一年不能再开。结束早了的话，请科室负责人回复 恢复本届。"
			}
			start := dialog.Start{Answers: map[string]string{"rollover": dialog.Yes}}
			if roll := rollOf(s["roll"]); roll != nil {
				start.Answers["rollover"] = yesNo(*roll)
			}
			if s["date"] != "" {
				start.Raw = map[string]string{"filing": s["date"]}
			}
			return start, ""
		},
		Confirm: dialog.ConfirmYes,
		Summary: func(v V, a dialog.Answers) string {
			lines := []string{"要开启“" + cycleName(a) + "”，各时间点这样定："}
			for _, m := range proposed(v, a) {
				lines = append(lines, milestoneLine(m))
			}
			lines = append(lines, fmt.Sprintf("开启后马上通知 %d 家单位。", v.Counts().Units))
			return strings.Join(lines, "\n")
		},
		Fields: []Field{
			{
				Key: "filing", Label: "备案截止日期", Aliases: []string{"截止日期", "备案截止"}, Kind: dialog.Date{}, Required: true,
				Ask: "备案截止定哪一天？一般是某月 20 日。", Example: "2026年12月20日",
				Check: func(v V, _ dialog.Answers, s string) dialog.Problem {
					if d := toDate(s); !d.Date.After(award.DateOf(v.Now)) {
						return dialog.Problem{Kind: dialog.RuleBroken, Text: "截止日期 " + d.Date.Chinese() + " 已经过了，请定一个今天以后的日期。"}
					}
					return dialog.Problem{}
				},
			},
			{
				Key: "rollover", Label: "休息日顺延", Kind: dialog.YesNo{}, Required: true, Quiet: true,
				Ask: "截止遇休息日顺延到下一个工作日吗？", Example: "是",
			},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			return Action{
				Command: award.OpenCycle{By: v.Me, Name: cycleName(a), Milestones: proposed(v, a), RollOver: a.Get("rollover") == dialog.Yes},
				Done:    cycleDone,
			}, ""
		},
	}
}

// cycleName is the name of a cycle that files in the given year.
func cycleName(a dialog.Answers) string {
	year := toDate(a.Get("filing")).Date.Year
	return fmt.Sprintf("%d—%d年度基层党组织建设改革创新成果奖", year, year+2)
}

func proposed(v V, a dialog.Answers) []award.Milestone {
	d := toDate(a.Get("filing")).Date
	return award.ProposeMilestones(v.Calendar(), d.Year, d, a.Get("rollover") == dialog.Yes)
}

// milestoneLine is one dated stage for people.
func milestoneLine(m award.Milestone) string {
	line := string(m.Stage) + "："
	if m.Stage == award.StageFiling {
		line = "备案截止："
	}
	if !m.From.IsZero() {
		line += fmt.Sprintf("%d年%d月", m.From.Year, m.From.Month)
		if m.From.Month != m.Date.Month {
			line += fmt.Sprintf("—%d月", m.Date.Month)
		}
		return line
	}
	line += m.Effective.Chinese()
	if m.Why != "" {
		line += "（" + m.Why + "）"
	}
	return line
}

// maxUnits bounds a county; the largest have a few hundred 基层党委.
const maxUnits = 5000

// cycleDone sends the opening notice to every unit that owes a filing.
func cycleDone(v V, ch award.Changes) Said {
	c := *ch.Cycle
	m, _ := c.Milestone(award.StageFiling)
	text := c.Name + "开始了。\n请各党委结合实际选一个课题，" + momentText(award.FilingDeadline(c, award.Unit{})) + "前报备案。"
	if m.Why != "" {
		text += "\n（" + m.Why + "）"
	}
	text += "\n\n现在就可以填：回复 报课题，一项一项答，约 8 分钟，随时可停。想先看要填什么，回复 填报模板。"
	said := Said{}
	told := 0
	for _, u := range v.Units(0, maxUnits).Units {
		if !u.Owes {
			continue
		}
		told++
		receivers := u.Filers
		if len(receivers) == 0 {
			receivers = u.Heads
		}
		for _, id := range unique("", receivers) {
			note := to(id, "cycle|"+c.ID+"|opened", text)
			note.Rule, note.Clause = "cycle.opened", "C76"
			said.Messages = append(said.Messages, note)
		}
	}
	said.Reply = chat.Reply{Text: fmt.Sprintf("已开启：%s\n%s\n通知正在发给 %d 家单位。回复 发送失败 可以看有没有送不到的。", c.Name, milestoneLine(m), told)}
	return said
}
