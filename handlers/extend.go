package handlers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// untilDay is a day in a sentence about an extension.
const untilDay = `(?:到|至)\s*(?P<date>[^,，。;；、？?]{2,20}?)`

// extendForm is 个别延期 (C76): one unit gets a later day, nobody else does.
func extendForm() *Form {
	return &Form{
		ID: "extend", Version: 1, Title: "个别延期", Minutes: 1, Menu: "延期（给某个单位单独延期）", Rare: true,
		Intent: dialog.Intent{
			Exact: []string{"延期", "个别延期", "单独延期", "办延期", "给单位延期"},
			Patterns: []string{
				`(?:请|麻烦|帮我|把|将)*(?P<back>收回|取消|撤销|撤掉)(?:给)?(?P<unit>` + unitName + `)(?:的)?(?:个别|单独)?(?:备案)?延期`,
				`(?:请|麻烦|帮我|把|将)*(?P<unit>` + unitName + `)(?:的)?(?:个别|单独)?(?:备案)?(?:延期|期限)(?P<back>收回|取消|撤销|不延了|不要了|改回去|改回原来的?|恢复原来的?)(?:吧|了)?`,
				`(?:请|麻烦|帮我|同意|把|将|让|给|单独|个别)*(?P<unit>` + unitName + `)(?:的)?(?:课题)?(?:备案)?(?:截止|期限|时间|日期)*(?:可以|也)?(?:单独|个别|再|给)*(?:延期|延长|宽限|推迟|缓|延)(?:` + untilDay + `)?(?:[,，。;； ]*(?:别|不要|不|其他)\p{Han}{1,12})?`,
				`(?:请|麻烦|帮我|同意|单独|个别)*给(?P<unit>\p{Han}{2,14}?)(?:单独|个别|再)*延(?:期|长)?` + untilDay,
				`(?:个别|单独)?延期[：: ]*(?:给)?(?P<unit>` + unitName + `)(?:[,， ]*(?:延)?` + untilDay + `)?`,
				`(?:请|麻烦|帮我|把|将)*(?P<unit>` + unitName + `)(?:的)?(?:个别|单独)?(?:延期|延期期限)(?:缩短|提前|改|调整)` + untilDay,
			},
		},
		Allow:   func(v V) string { return mayAll(v, award.ActionExtend) },
		Begin:   beginExtend,
		Confirm: dialog.ConfirmYes,
		Summary: extendSummary,
		Fields: []Field{
			unitField("给哪个单位延期？写单位名。", award.ActionExtend),
			{
				Key: "until", Label: "延到哪天", Aliases: []string{"新期限", "期限", "延到"}, Kind: dialog.Date{}, Required: true,
				Ask: "延到哪一天？当天 24:00 前都算按时。", Example: "12月31日",
				When: func(a dialog.Answers) bool { return !a.Has("back") },
				Check: func(v V, a dialog.Answers, s string) dialog.Problem {
					c, open := v.Cycle()
					u, why := oneUnit(v, a.Get("unit"))
					if !open || why != "" {
						return dialog.Problem{}
					}
					return issue(award.CheckGrant(c, u, toDate(s).Date, award.DateOf(v.Now)))
				},
			},
			{Key: "back", Label: "收回", Kind: dialog.Text{}, Quiet: true, Silent: true, Ask: "是收回延期吗？", Example: "收回"},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			u, why := oneUnit(v, a.Get("unit"))
			if why != "" {
				return Action{}, why
			}
			command := award.ExtendUnit{By: v.Me, Unit: u.ID, Back: a.Has("back")}
			if !command.Back {
				command.Until = toDate(a.Get("until")).Date
			}
			return Action{Command: command, Done: extendDone}, ""
		},
	}
}

// beginExtend takes unit and day out of the sentence.
func beginExtend(v V, s dialog.Slots) (dialog.Start, string) {
	c, open := v.Cycle()
	if !open {
		return dialog.Start{}, "现在没有开着的届，不用延期。" + noCycle(v)
	}
	start := dialog.Start{Raw: rawSlots(map[string]string{"unit": s["unit"], "until": s["date"]})}
	if s["back"] != "" {
		u, why := oneUnit(v, s["unit"])
		if why == "" {
			why = issue(award.CheckBack(c, u, award.DateOf(v.Now))).Text
		}
		if why != "" {
			return dialog.Start{}, why
		}
		start.Answers = map[string]string{"back": s["back"]}
	}
	return start, ""
}

// rawSlots keeps the slots a sentence filled, to be read like typed answers.
func rawSlots(slots map[string]string) map[string]string {
	raw := map[string]string{}
	for key, text := range slots {
		if text != "" {
			raw[key] = text
		}
	}
	return raw
}

// untilProblem judges a new deadline at the question.
func untilProblem(v V, u award.Unit, s string) dialog.Problem {
	c, ok := v.Cycle()
	if !ok {
		return dialog.Problem{}
	}
	return issue(award.CheckExtension(c, u, toDate(s).Date, award.DateOf(v.Now)))
}

// extendSummary shows what the extension, or taking it back, would do.
func extendSummary(v V, a dialog.Answers) string {
	u, _ := oneUnit(v, a.Get("unit"))
	c, _ := v.Cycle()
	after := u
	after.Cycle, after.Extended = c.ID, time.Time{}
	head := "要收回" + u.Name + "的个别延期："
	until := award.Date{}
	if !a.Has("back") {
		until = toDate(a.Get("until")).Date
		after.Extended = until.Add(1).At(0, 0)
		head = "要给" + u.Name + "单独延期："
	}
	before, now := award.FilingDeadline(c, u), award.FilingDeadline(c, after)
	if now.Before(before) && !a.Has("back") {
		head = "要缩短" + u.Name + "的个别延期："
	}
	lines := []string{head, "备案期限：" + deadlineText(c, u) + " → " + momentText(now) + "前"}
	cal, old, day := v.Calendar(), award.DateOf(before.Add(-time.Second)), award.DateOf(now.Add(-time.Second))
	working := cal.Between(old, day)
	switch {
	case day.After(old):
		lines = append(lines, fmt.Sprintf("多 %d 天（%d 个工作日）。", day.Sub(old), working)+restsText(cal.Crossed(old, day)))
	case day.Before(old):
		lines = append(lines, fmt.Sprintf("少 %d 天（%d 个工作日）。", old.Sub(day), -working)+restsText(cal.Crossed(old, day)))
	}
	if remark := restRemark(cal, until); remark != "" {
		lines = append(lines, remark)
	}
	if filedIn(c, u) {
		lines = append(lines, "这家已经报了，再报、再改都按新期限，别的单位不变。")
	} else {
		lines = append(lines, hasText(v, c, u))
		lines = append(lines, remindersText(award.ReminderMoves(v.View, before, now, v.Now))...)
		lines = append(lines, "别的单位不变。")
	}
	if names := namesOf(v, unique("", u.Filers, u.Heads)); names != "" {
		lines[len(lines)-1] += "办好后通知" + names + "。"
	}
	return strings.Join(lines, "\n")
}

// hasText says how far a unit is that has not filed.
func hasText(v V, c award.Cycle, u award.Unit) string {
	switch d, ok := v.Draft(u.ID); {
	case u.Cycle == c.ID && awaits(u):
		return "这家填好了，等一把手确认。"
	case ok:
		return fmt.Sprintf("这家还没有报，草稿填了 %d/%d。", d.Done, d.Total)
	}
	return "这家还没有报，也还没有草稿。"
}

// filedIn reports whether the unit has a filing with the department.
func filedIn(c award.Cycle, u award.Unit) bool {
	return u.Cycle == c.ID && slices.ContainsFunc(u.Topics, func(t award.TopicRef) bool { return t.Status.IsDelivered() })
}

// restRemark says what a deadline on a rest day means: an individual extension
// is the day that was named, nothing rolls over.
func restRemark(cal award.Calendar, d award.Date) string {
	if !d.IsZero() && !cal.IsWorking(d) {
		next, why := cal.Next(d), cal.Why(d)
		if strings.HasPrefix(why, "周") {
			why = "是" + why
		} else {
			why = "逢" + why
		}
		return fmt.Sprintf("%d月%d日%s，个别延期就按这一天算，不再顺延；要换成工作日，回复“改 2 %d月%d日”。", d.Month, d.Day, why, next.Month, next.Day)
	}
	return ""
}

// extendDone tells the unit its new deadline.
func extendDone(v V, ch award.Changes) Said {
	before, u := *ch.Units[0].Before, ch.Units[0].After
	c, _ := v.Cycle()
	day, was := momentText(award.FilingDeadline(c, u)), deadlineText(c, before)
	receivers := unique(v.Me.UserID, u.Filers, u.Heads)
	text := "县委组织部给" + u.Name + "办了个别延期：课题备案在" + day + "前报都算按时。（原来是" + was + "）"
	done := "已办：" + u.Name + "延期到" + day
	switch {
	case u.Extended.IsZero():
		text = "县委组织部收回了" + u.Name + "的个别延期：课题备案请在" + day + "前报，跟全县一样。（原来是" + was + "）"
		done = "已办：收回了" + u.Name + "的延期，期限是" + day
	case award.FilingDeadline(c, u).Before(award.FilingDeadline(c, before)):
		text = "县委组织部缩短了" + u.Name + "的个别延期：课题备案请在" + day + "前报。（原来是" + was + "）"
		done = "已办：" + u.Name + "的期限缩短到" + day
	}
	if n := len(ch.Topics); n > 0 {
		text += "已报的课题不再算逾期。"
		done += "，已报的 " + itoa(n) + " 份不再算逾期"
	}
	said := Said{Reply: chat.Reply{Text: done + "，已通知" + namesOf(v, receivers) + "。"}}
	for _, id := range receivers {
		m := to(id, "extension|"+u.ID+"|r"+itoa(int(u.Rev)), text)
		m.Rule, m.Clause = "filing.extended", "C76"
		said.Messages = append(said.Messages, m)
	}
	return said
}

// askExtensionForm passes a unit's wish for a later day on to the department.
func askExtensionForm() *Form {
	const filler = `我们|我单位|我们单位|我镇|我乡|我局|请问|给|把|的|课题|截止|期限|时间|单独|再|报`
	const wish = `能不能|能否|可不可以|可以|申请|请求|希望|想|麻烦|备案|报送`
	const whose = `(?:.{2,80}?[,，。;；！! ])?(?:` + filler + `)*(?:` + wish + `)(?:` + filler + `|` + wish + `)*`
	const tail = `[,，]?(?:前|之前)?(?:再)?(?:报|交|报送|备案)?(?:行不行|行吗|可以吗|可不可以|好吗|好不好|成不成|吗|不|吧)?[？?]?`
	return &Form{
		ID: "ask", Version: 1, Title: "申请延期", Minutes: 1,
		Intent: dialog.Intent{
			Exact: []string{"延期", "申请延期", "能不能延期", "可以延期吗", "想延期", "备案延期", "我要延期", "晚几天报行不行", "能不能缓几天"},
			Patterns: []string{
				whose + `(?:延期|延长|宽限|推迟|缓|延|晚)(?:报|交)?` + untilDay + tail,
				whose + `(?:延期|宽限|推迟|缓|晚)(?:几天|一下|些日子)?` + tail,
			},
		},
		Allow:   mayAsk,
		Begin:   beginAsk,
		Confirm: dialog.ConfirmNone,
		Fields: []Field{
			{
				Key: "until", Label: "想延到哪天", Aliases: []string{"延到哪天"}, Kind: dialog.Date{}, Required: true,
				Ask: "想延到哪一天？我转给组织部定。", Example: "12月25日",
				Check: func(v V, _ dialog.Answers, s string) dialog.Problem { return untilProblem(v, v.Unit, s) },
			},
			{
				Key: "words", Label: "原话", Kind: dialog.Text{Min: 1, Max: 200}, Quiet: true, Silent: true,
				Ask: "要转给组织部的话，可不写。", Example: "书记在外地学习，25日才回来。",
			},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			until := toDate(a.Get("until")).Date
			return Action{
				Command: award.AskExtension{By: v.Me, Until: until},
				Done:    func(v V, _ award.Changes) Said { return askDone(v, until, a.Get("words")) },
			}, ""
		},
	}
}

// mayAsk leads the department to its own words.
func mayAsk(v V) string {
	if mayAll(v, award.ActionExtend) == "" {
		return "给一个单位延期，请说“给柳林镇延期到12月25日”；全县一起改期，请说“备案截止改到1月5日”。"
	}
	return may(v, award.ActionAsk)
}

// beginAsk keeps the sentence to be passed on, when it says until when.
func beginAsk(v V, s dialog.Slots) (dialog.Start, string) {
	switch _, open := v.Cycle(); {
	case !open:
		return dialog.Start{}, "现在没有开着的届，不用延期。" + noCycle(v)
	case !v.Unit.Owes:
		return dialog.Start{}, "您单位不在应报单位里，没有备案期限，不用延期。"
	case s["date"] == "":
		return dialog.Start{}, ""
	}
	return dialog.Start{
		Answers: map[string]string{"words": dialog.Cut(s["text"], 200)}, Raw: map[string]string{"until": s["date"]},
	}, ""
}

// askDone answers whom the wish went to and hands it on in one message.
func askDone(v V, until award.Date, words string) Said {
	c, _ := v.Cycle()
	receivers := userids(v.WithRole(award.RoleStaff))
	if len(receivers) == 0 {
		receivers = userids(v.WithRole(award.RoleChief))
	}
	now := deadlineText(c, v.Unit)
	if len(receivers) == 0 {
		return Said{Reply: chat.Reply{Text: "延期由县委组织部定，名单里还没有经办，请直接联系他们。定下来以前，期限还是" + now + "。"}}
	}
	said := Said{Reply: chat.Reply{
		Text: "延期由县委组织部定，已转给" + namesOf(v, receivers) + "，同意了会告诉您；急的话请直接找他们。\n定下来以前，期限还是" + now + "。",
	}}
	say, no := sayGrant(v.Unit.Name, until), "不同意"+v.Unit.Name+"延期"
	text := v.Unit.Name + v.Me.Name + "想把课题备案延到" + until.Short() + "，现在的期限是" + now + "。"
	if words != "" {
		text += "\n原话：“" + words + "”"
	}
	text += "\n同意请回复“" + say + "”；不同意请回复“" + no + "”，我转告本人。"
	for _, id := range receivers {
		m := to(id, "extension|"+v.Unit.ID+"|asked|"+until.String()+"|"+v.Now.In(award.Shanghai).Format(time.DateOnly), text)
		m.Card = &chat.Card{
			Ref: chat.Ref{Kind: "cycle", ID: c.ID, Rev: c.Rev}, Title: "申请延期",
			Rows: []chat.Row{
				{Name: "党委", Value: dialog.Cut(v.Unit.Name, 60)}, {Name: "想延到", Value: until.Short()},
			},
			Buttons: []chat.Button{{Label: "办延期", Say: say}, {Label: "不同意", Say: no}},
		}
		m.Rule, m.Clause = "filing.extension-asked", "C76"
		said.Messages = append(said.Messages, m)
	}
	return said
}
