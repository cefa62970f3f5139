package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// totals is the one line of figures that may be said anywhere, groups included.
func totals(v V) string {
	c, ok := v.Cycle()
	if !ok {
		return noCycle(v)
	}
	n := v.Counts()
	if end := award.FilingDeadline(c, award.Unit{}); !v.Now.Before(end) {
		return fmt.Sprintf("课题备案已报 %d/%d 家，已于%s截止。", n.Filed, n.Units, momentText(end))
	}
	return fmt.Sprintf("课题备案已报 %d/%d 家，截止%s，%s。", n.Filed, n.Units, deadlineText(c, award.Unit{}), daysLeft(v, c, award.Unit{}))
}

// daysLeft says how long there is, in working days.
func daysLeft(v V, c award.Cycle, u award.Unit) string {
	end := award.FilingDeadline(c, u)
	if !v.Now.Before(end) {
		return "已经截止"
	}
	today, last := award.DateOf(v.Now), award.DateOf(end.Add(-1))
	n := v.Calendar().Between(today, last)
	switch {
	case last == today:
		return "今天是最后一天"
	case n == 0:
		return fmt.Sprintf("还有 %d 天", last.Sub(today))
	default:
		return fmt.Sprintf("还有 %d 天（%d 个工作日）", last.Sub(today), n)
	}
}

// statusQuery is 进度: where the asker's filings stand; staff get the figures.
func statusQuery() *Query {
	return &Query{
		ID: "status", Title: "看进度", Menu: "进度（看报到哪一步了）",
		Intent: dialog.Intent{
			Exact:    []string{"进度", "查进度", "看进度", "状态", "到哪了", "到哪一步了", "报上去了吗", "审了吗"},
			Patterns: []string{`[^《》]{0,8}(?:第几步|备案编?号).{0,8}`, `[^《》]{0,12}(?:到哪一?步|到哪里?了|什么进度|啥进度|审(?:完|核)了?[吗没]|通过了?[吗没]).{0,4}`},
		},
		Answer: status,
		Group:  func(v V, _ dialog.Slots) dialog.Answer { return dialog.Answer{Text: totals(v)} },
	}
}

func status(v V, _ dialog.Slots) dialog.Answer {
	if mayReview(v) == "" {
		n := v.Counts()
		lines := []string{
			totals(v),
			fmt.Sprintf("待审 %d · 待单位确认 %d · 退回补正 %d · 已备案 %d", n.ByStatus[award.StatusFiled], n.ByStatus[award.StatusAwaiting],
				n.ByStatus[award.StatusReturned], n.ByStatus[award.StatusRunning]),
			"回复 待审 看清单，回复 谁没报 看名单。",
		}
		return dialog.Answer{Text: strings.Join(lines, "\n")}
	}
	c, open := v.Cycle()
	if !open {
		return dialog.Answer{Text: lastCycle(v, c)}
	}
	// The unit's record knows whether it ever filed anything in the cycle.
	page := award.TopicPage{}
	if v.Unit.Cycle == c.ID && len(v.Unit.Topics) > 0 || strings.HasPrefix(v.Unit.Last, c.ID+"-") {
		page = v.Topics(award.TopicQuery{Unit: v.Me.Unit, Limit: 10})
	}
	if page.Total == 0 && !v.Unit.Owes {
		return dialog.Answer{Text: "您单位不用报课题。" + totals(v)}
	}
	if page.Total == 0 {
		text := "您单位本届还没有报课题。"
		if d, ok := v.Draft(v.Me.Unit); ok {
			text += "\n" + draftText(v, d)
		} else if v.Unit.Owes {
			text += "回复 报课题 就能开始。"
		}
		return dialog.Answer{Text: text + "\n截止" + deadlineText(c, v.Unit) + "，" + daysLeft(v, c, v.Unit) + "。"}
	}
	lines := []string{}
	var ids []string
	for i, t := range page.Topics {
		lines = append(lines, fmt.Sprintf("%d 《%s》：%s", i+1, t.Title(), statusText(v, t)))
		ids = append(ids, t.ID)
	}
	return dialog.Answer{Text: strings.Join(lines, "\n"), List: &dialog.List{Kind: listTopics, IDs: ids}}
}

// lastCycle says that nothing is open, and where the unit's topics of the cycle
// ended last stand.
func lastCycle(v V, c award.Cycle) string {
	lines := []string{noCycle(v)}
	if v.Unit.Cycle != c.ID || c.ID == "" {
		return lines[0]
	}
	for _, t := range v.Unit.Topics {
		lines = append(lines, "《"+t.Title+"》："+string(t.Status))
	}
	return strings.Join(lines, "\n")
}

// draftText says whose draft there is, how far it is, and how it goes on.
func draftText(v V, d award.DraftSummary) string {
	if d.Person != v.Me.UserID {
		who := d.Person
		if p, ok := v.Person(d.Person); ok {
			who = p.Name
		}
		return fmt.Sprintf("%s有一份草稿，已填 %d/%d%s，由%s接着填。", who, d.Done, d.Total, lacking(d), who)
	}
	return fmt.Sprintf("有一份草稿，已填 %d/%d%s，回复 继续 接着填。", d.Done, d.Total, lacking(d))
}

// lacking names what a draft still lacks.
func lacking(d award.DraftSummary) string {
	if len(d.Missing) == 0 {
		return "，都填好了，还没有提交"
	}
	return "，还差" + strings.Join(d.Missing, "、")
}

// statusText says where a topic stands and what comes next.
func statusText(v V, t award.Topic) string {
	switch t.Status {
	case award.StatusAwaiting:
		if t.Unit == v.Me.Unit && mayConfirm(v) == "" {
			return "等您确认，同意请回复 确认报送；确认后才到组织部。"
		}
		return "等" + confirmersText(v) + "确认，确认后才到组织部。"
	case award.StatusFiled:
		return "已报到组织部，正在形式审查。"
	case award.StatusReturned:
		return "退回补正，请在" + momentText(t.Return.Due) + "前补好，回复 补正 开始。"
	case award.StatusRunning:
		return "已备案，编号 " + t.Number + "，正在实施。"
	case award.StatusReworking:
		return "一把手退回修改，回复 修改报送 接着改。"
	case award.StatusWithdrawn:
		return "已撤回，要重报回复 报课题。"
	default:
		return string(t.Status)
	}
}

// missingQuery is 我还差啥: what is missing, in the order of the form.
func missingQuery() *Query {
	return &Query{
		ID: "missing", Title: "看还差什么",
		Intent: dialog.Intent{
			Exact:    []string{"还差啥", "还差什么", "我还差啥", "我还差什么", "差什么", "缺什么", "还缺啥", "还缺什么"},
			Patterns: []string{`.{0,6}还[差缺](?:啥|什么|哪些|哪几项|几项).{0,6}`},
		},
		Answer: func(v V, _ dialog.Slots) dialog.Answer {
			d, ok := v.Draft(v.Me.Unit)
			if !ok {
				return status(v, nil)
			}
			if d.Person != v.Me.UserID {
				return dialog.Answer{Text: draftText(v, d)}
			}
			if len(d.Missing) == 0 {
				return dialog.Answer{Text: "都填好了，回复 提交 就报上去。"}
			}
			return dialog.Answer{Text: fmt.Sprintf("还差 %d 项：%s。", len(d.Missing), strings.Join(d.Missing, "、"))}
		},
	}
}

// deadlineQuery is 截止: until when, whether the day itself counts, and why it moved.
func deadlineQuery() *Query {
	answer := func(v V, u award.Unit, s dialog.Slots) dialog.Answer {
		c, ok := v.Cycle()
		if !ok {
			return dialog.Answer{Text: noCycle(v)}
		}
		switch stage := stageOf(s["text"]); {
		case strings.Contains(s["text"], "进展"):
			return dialog.Answer{Text: "进展报告还没有定期限。" + stagesText(c)}
		case stage != award.StageFiling && !strings.Contains(s["text"], "备案"):
			return dialog.Answer{Text: stageText(v, c, stage)}
		}
		m, _ := c.Milestone(award.StageFiling)
		text := "课题备案截止：" + deadlineText(c, u) + "（当天算在内），" + daysLeft(v, c, u) + "。"
		if end := award.FilingDeadline(c, u); !v.Now.Before(end) {
			text = "课题备案已于" + momentText(end) + "截止（当天算在内）。还没报的仍可以报，会标“逾期”，要写一句原因。"
		}
		if award.FilingDeadline(c, u).After(award.FilingDeadline(c, award.Unit{})) {
			return dialog.Answer{Text: text + "\n这是给您单位的个别延期。"}
		}
		if m.Why != "" {
			text += "\n通知写的是 " + m.Date.Chinese() + "，" + m.Why + "。"
		}
		return dialog.Answer{Text: text}
	}
	return &Query{
		ID: "deadline", Title: "看截止时间", Menu: "截止（看还有几天）",
		Intent: dialog.Intent{
			Exact: []string{"截止", "截止时间", "什么时候截止", "啥时候截止", "几号截止", "还有几天", "备案还有几天", "截止日期", "deadline"},
			Patterns: []string{`.{0,6}还能不?能?(?:报|交).{0,2}`, `.{0,4}(?:逾期|超期|过期|晚交|晚报|迟交)了?.{0,4}(?:影响|怎么样|咋样|后果|行吗).{0,2}`, `.{0,20}(?:几号|哪天|什么时候|啥时候|多久|何时).{0,6}(?:截止|到期).{0,6}`, `.{0,12}还有(?:几|多少)天.{0,6}`, `.{0,24}(?:当天)?算不算.{0,4}`, `.{0,24}顺延.{0,10}[吗不没]`,
				`.{0,6}(?:督查|总结申报|总结报告|总结|申报|评审|表彰)(?:是|要|在|会|的)*(?:开始|时间|日期)?(?:是)?(?:什么时候|啥时候|几号|哪天|几月|何时).{0,8}`,
				`.{0,4}(?:什么时候|啥时候|几号|哪天|几月|何时)(?:开始|交|报|进行|搞)?(?:督查|总结申报|总结报告|总结|申报|评审|表彰).{0,6}`},
			Keywords: [][]string{{"截止", "顺延", "期限"}},
		},
		Answer: func(v V, s dialog.Slots) dialog.Answer {
			if s["stage"] != "" {
				return ofStage(v, s["stage"], answer(v, v.Unit, nil))
			}
			return answer(v, v.Unit, s)
		},
		Group: func(v V, s dialog.Slots) dialog.Answer {
			if s["stage"] != "" {
				return ofStage(v, s["stage"], answer(v, award.Unit{}, nil))
			}
			return answer(v, award.Unit{}, s)
		},
	}
}

// unfiledQuery is 谁没报: names for the department alone, counts in groups (UX rule 41).
func unfiledQuery() *Query {
	return &Query{
		ID: "unfiled", Title: "看谁没报", Menu: "谁没报（看没报的单位）",
		Intent: dialog.Intent{
			Exact:    []string{"谁没报", "没报的", "哪些没报", "未报名单", "谁还没报", "没报名单", "还有谁没报"},
			Patterns: []string{`.{0,10}(?:哪几?家|哪些(?:单位)?|谁|几家|多少家).{0,4}(?:没有?|未|还没)(?:报|备案|交).{0,10}`, `.{0,6}(?:没|未)报的?(?:单位|名单|有谁|有哪).{0,8}`},
		},
		Allow: func(v V) string {
			if mayAll(v, award.ActionUnfiled) == "" {
				return ""
			}
			return "没报单位的名单只给组织部经办和科室负责人看。" + totals(v)
		},
		Answer: func(v V, _ dialog.Slots) dialog.Answer {
			page := v.Unfiled(0, 200)
			if _, ok := v.Cycle(); !ok {
				return dialog.Answer{Text: noCycle(v)}
			}
			if page.Total == 0 {
				return dialog.Answer{Text: "都报了。" + totals(v)}
			}
			lines := []string{totals(v), fmt.Sprintf("没报的 %d 家：", page.Total)}
			for i, u := range page.Units {
				line := fmt.Sprintf("%d %s", i+1, u.Name)
				if d, ok := v.Draft(u.ID); ok {
					line += fmt.Sprintf("（草稿 %d/%d）", d.Done, d.Total)
				}
				if awaits(u) {
					line += "（等一把手确认）"
				}
				lines = append(lines, line)
			}
			if page.Total > len(page.Units) {
				lines = append(lines, fmt.Sprintf("只列前 %d 家。", len(page.Units)))
			}
			return dialog.Answer{Text: strings.Join(lines, "\n")}
		},
		Group: func(v V, _ dialog.Slots) dialog.Answer {
			a := dialog.Answer{Text: totals(v) + "\n群里不点名，没报的单位会单独提醒。"}
			if v.Me.Has(award.RoleStaff, award.RoleChief) {
				a.Private = "群里只报数。名单请在这里回复 谁没报 查看。"
			}
			return a
		},
	}
}

// awaits reports whether a unit's filing waits for its 一把手.
func awaits(u award.Unit) bool {
	for _, t := range u.Topics {
		if t.Status == award.StatusAwaiting {
			return true
		}
	}
	return false
}
