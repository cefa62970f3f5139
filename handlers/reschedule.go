package handlers

import (
	"slices"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// stageOptions are the stages to choose from.
func stageOptions() []dialog.Option {
	return []dialog.Option{
		{Key: string(award.StageFiling), Label: "备案", Aliases: []string{"备案截止", "课题备案"}},
		{Key: string(award.StageSupervise), Label: "跟踪督查", Aliases: []string{"督查", "年度督查"}},
		{Key: string(award.StageSummary), Label: "总结申报", Aliases: []string{"总结", "申报", "总结报告", "成果申报"}},
		{Key: string(award.StageReview), Label: "评审", Aliases: []string{"评比"}},
		{Key: string(award.StageAward), Label: "表彰"},
	}
}

// rescheduleForm is 改期 of the whole county (C60, C76): it shows all it would do
// before anything is done. 科室负责人 and 管理员 carry it out, 经办 suggests it.
func rescheduleForm() *Form {
	return &Form{
		ID: "reschedule", Version: 1, Title: "改截止日期", Minutes: 1, Menu: "改截止（全县改期，先看影响再定）",
		Intent: dialog.Intent{
			Exact: []string{"改截止", "改期", "改截止日期", "改备案截止", "截止改期", "改期限", "调整截止日期", "修改截止日期", "延长截止日期", "全县延期"},
			Patterns: []string{
				stageSlot + newDay + `(?:` + rolling + `)?(?:[,，]?(?:通知|告诉)(?:到)?(?:各|所有)?(?:单位|党委|大家))?`,
			},
		},
		Allow: func(v V) string {
			if why := mayAll(v, award.ActionSuggest); why != "" {
				return refusal(award.May(v.Me, award.ActionSchedule, award.Object{}))
			}
			if _, open := v.Cycle(); !open {
				return noCycle(v)
			}
			return ""
		},
		Begin: func(v V, s dialog.Slots) (dialog.Start, string) {
			if s["date"] != "" {
				change, why := sentenceChange(v, s)
				if impact := award.SimulateDeadline(v.View, change, v.Now); why == "" && impact.Refusal != nil {
					return dialog.Start{}, impact.Refusal.Text
				}
			}
			start := dialog.Start{
				Answers: map[string]string{"stage": string(stageOf(s["stage"]))},
				Raw:     rawSlots(map[string]string{"date": s["date"]}),
			}
			if roll := rollOf(s["roll"]); roll != nil {
				start.Answers["rollover"] = yesNo(*roll)
			}
			return start, ""
		},
		Confirm: dialog.ConfirmYes,
		Summary: rescheduleSummary,
		Fields: []Field{
			{
				Key: "date", Label: "新日期", Aliases: []string{"改到", "日期"}, Kind: stageDate{}, Required: true,
				Ask: "改到哪一天？没说哪个阶段，就是改备案截止。", Example: "2027年1月5日",
				Check: func(v V, a dialog.Answers, s string) dialog.Problem {
					impact := award.SimulateDeadline(v.View, answeredChange(v, a, s), v.Now)
					if impact.Refusal != nil {
						return dialog.Problem{Kind: dialog.RuleBroken, Text: impact.Refusal.Text}
					}
					return dialog.Problem{}
				},
			},
			{
				Key: "stage", Label: "哪个阶段", Aliases: []string{"阶段"}, Kind: dialog.Choice{Options: stageOptions()}, Required: true, Quiet: true,
				Ask: "改哪个阶段？", Example: "备案",
			},
			{
				Key: "rollover", Label: "休息日顺延", Aliases: []string{"顺延"}, Kind: dialog.YesNo{}, Quiet: true,
				Ask: "遇休息日顺延到下一个工作日吗？", Example: "是",
			},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			change := answeredChange(v, a, a.Get("date"))
			impact := award.SimulateDeadline(v.View, change, v.Now)
			if mayAll(v, award.ActionSchedule) != "" {
				return Action{
					Command: award.SuggestDeadline{By: v.Me, Change: change},
					Done:    func(v V, _ award.Changes) Said { return suggestDone(v, impact) },
				}, ""
			}
			return Action{Command: change, Done: rescheduleDone}, ""
		},
	}
}

func yesNo(b bool) string {
	if b {
		return dialog.Yes
	}
	return dialog.No
}

// answeredChange is the change the answers ask for.
func answeredChange(v V, a dialog.Answers, date string) award.ChangeDeadline {
	var roll *bool
	if a.Has("rollover") {
		yes := a.Get("rollover") == dialog.Yes
		roll = &yes
	}
	return changeOf(v, award.Stage(a.Get("stage")), date, roll)
}

// rescheduleSummary shows what the change would do, and who is told.
func rescheduleSummary(v V, a dialog.Answers) string {
	impact := award.SimulateDeadline(v.View, answeredChange(v, a, a.Get("date")), v.Now)
	if impact.Refusal != nil {
		return impact.Refusal.Text
	}
	lines := []string{"改期会这样（现在还没有改）：", impactText(impact)}
	switch {
	case mayAll(v, award.ActionSchedule) != "":
		lines = append(lines, "改截止由科室负责人定。您确认后，我把这个建议转过去，由对方确认。")
	case concernsUnits(impact.Stage):
		lines = append(lines, "改好后通知各单位填报人和一把手，共 "+itoa(impact.Told)+" 人。")
	default:
		lines = append(lines, "改好后通知组织部有关人员；各单位不另发。")
	}
	return strings.Join(lines, "\n")
}

// concernsUnits reports whether the units have to do something at a stage.
func concernsUnits(s award.Stage) bool {
	return s == award.StageFiling || s == award.StageSupervise || s == award.StageSummary
}

// suggestDone hands a suggestion on to 科室负责人.
func suggestDone(v V, impact award.Impact) Said {
	c, _ := v.Cycle()
	receivers := unique(v.Me.UserID, userids(v.WithRole(award.RoleChief)))
	if len(receivers) == 0 {
		return Said{Reply: chat.Reply{Text: "改截止由科室负责人定，名单里还没有这位同志，请联系管理员。现在的日期没有变。"}}
	}
	said := Said{Reply: chat.Reply{
		Text: "建议已转给" + namesOf(v, receivers) + "。对方确认后才改，改好会通知各单位和您；在这以前，" +
			award.StageTitle(impact.Stage) + "还是" + impact.Before.When() + "。",
	}}
	say := sayChange(impact)
	text := v.Me.Name + "建议改期：\n" + impactText(impact) + "\n\n同意请回复：" + say + "（会先给您看影响，再确认）；不同意请告诉" + v.Me.Name + "。"
	for _, id := range receivers {
		m := to(id, "cycle|"+c.ID+"|r"+itoa(int(c.Rev))+"|suggested|"+string(impact.Stage)+"|"+impact.After.Date.String(), text)
		m.Card = &chat.Card{
			Ref: chat.Ref{Kind: "cycle", ID: c.ID, Rev: c.Rev}, Title: "建议改期",
			Rows:    []chat.Row{{Name: "现在", Value: impact.Before.When()}, {Name: "改到", Value: impact.After.When()}},
			Buttons: []chat.Button{{Label: "去改期", Say: say}},
		}
		m.Rule, m.Clause = "deadline.suggested", "C60"
		said.Messages = append(said.Messages, m)
	}
	return said
}

// rescheduleDone tells everybody concerned, each once.
func rescheduleDone(v V, ch award.Changes) Said {
	before, _ := v.Cycle()
	after := *ch.Cycle
	var moved []award.StageMove
	for i, m := range after.Milestones {
		if m != before.Milestones[i] {
			moved = append(moved, award.StageMove{Before: before.Milestones[i], After: m})
		}
	}
	said := Said{}
	units := 0
	told := map[string]bool{v.Me.UserID: true}
	tell := func(id, text string) {
		if told[id] {
			return
		}
		told[id] = true
		m := to(id, "cycle|"+after.ID+"|r"+itoa(int(after.Rev))+"|deadline", text)
		m.Rule, m.Clause = "deadline.changed", "C60"
		said.Messages = append(said.Messages, m)
	}
	if slices.ContainsFunc(moved, func(m award.StageMove) bool { return concernsUnits(m.After.Stage) }) {
		for _, u := range v.Units(0, maxUnits).Units {
			if !u.Owes {
				continue
			}
			units++
			text := movedText(moved, concernsUnits) + unitLine(before, after, u)
			for _, id := range slices.Concat(u.Filers, u.Heads) {
				tell(id, text)
			}
		}
	}
	everything := v.Me.Name + "改了本届日期。\n" + movedText(moved, func(award.Stage) bool { return true })
	for _, role := range []award.Role{award.RoleStaff, award.RoleChief} {
		for _, p := range v.WithRole(role) {
			tell(p.UserID, everything)
		}
	}
	if slices.ContainsFunc(moved, func(m award.StageMove) bool { return m.After.Stage == award.StageReview }) {
		review := movedText(moved, func(s award.Stage) bool { return s == award.StageReview })
		for _, role := range []award.Role{award.RoleLeader, award.RoleReviewer} {
			for _, p := range v.WithRole(role) {
				tell(p.UserID, review)
			}
		}
	}
	said.Reply.Text = "已改。\n" + movedText(moved, func(award.Stage) bool { return true })
	if n := len(ch.Topics); n > 0 {
		said.Reply.Text += "\n" + itoa(n) + " 份课题按新期限算按时，已去掉“逾期”。"
	}
	if units > 0 {
		said.Reply.Text += "\n通知正在发给 " + itoa(units) + " 家单位，提醒按新日期发。回复 发送失败 可以看有没有送不到的。"
	}
	return said
}

// movedText says what became of the stages that matter to a reader.
func movedText(moved []award.StageMove, matters func(award.Stage) bool) string {
	var lines []string
	for _, m := range moved {
		if !matters(m.After.Stage) {
			continue
		}
		title := award.StageTitle(m.After.Stage)
		line := title + "改到" + m.After.When() + "（原来是" + m.Before.When() + "）。"
		if m.After.Stage == award.StageFiling {
			line = "课题备案截止改到" + momentText(m.After.End()) + "（原来是" + momentText(m.Before.End()) + "）。"
			if m.Before.End().Equal(m.After.End()) {
				line = "课题备案截止还是" + momentText(m.After.End()) + "。"
			}
		}
		if m.After.Why != "" {
			line += m.After.Why + "。"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// unitLine is what a new filing deadline means to one unit.
func unitLine(before, after award.Cycle, u award.Unit) string {
	old, now := award.FilingDeadline(before, u), award.FilingDeadline(after, u)
	county := award.FilingDeadline(after, award.Unit{})
	switch {
	case before.Milestones[0] == after.Milestones[0]:
		return ""
	case filedIn(after, u):
		return "\n您单位已经报了，不用再办。"
	case now.After(county):
		return "\n您单位的个别延期照旧，到" + momentText(now) + "。"
	case old.After(award.FilingDeadline(before, award.Unit{})):
		return "\n您单位原来的个别延期（到" + momentText(old) + "）用不上了，跟全县一样。回复 报课题 就能填。"
	}
	return "\n您单位还没有报，请在这之前报：回复 报课题 就能填。"
}
