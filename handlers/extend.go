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
				`(?:请|麻烦|帮我|同意|把|将|让|给|单独|个别)*(?P<unit>` + unitName + `)(?:的)?(?:课题)?(?:备案)?(?:截止|期限|时间|日期)*(?:可以|也)?(?:单独|个别|再|给)*(?:延期|延长|宽限|推迟|缓|延)(?:` + untilDay + `)?(?:[,，。;； ]*(?:别|不要|不|其他)\p{Han}{1,12})?`,
				`(?:请|麻烦|帮我|同意|单独|个别)*给(?P<unit>\p{Han}{2,14}?)(?:单独|个别|再)*延(?:期|长)?` + untilDay,
				`(?:个别|单独)?延期[：: ]*(?:给)?(?P<unit>` + unitName + `)(?:[,， ]*(?:延)?` + untilDay + `)?`,
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
				Check: func(v V, a dialog.Answers, s string) dialog.Problem {
					u, _ := oneUnit(v, a.Get("unit"))
					return untilProblem(v, u, s)
				},
			},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			u, why := oneUnit(v, a.Get("unit"))
			if why != "" {
				return Action{}, why
			}
			return Action{Command: award.ExtendUnit{By: v.Me, Unit: u.ID, Until: toDate(a.Get("until")).Date}, Done: extendDone}, ""
		},
	}
}

// beginExtend takes unit and day out of the sentence.
func beginExtend(v V, s dialog.Slots) (dialog.Start, string) {
	if _, ok := v.Cycle(); !ok {
		return dialog.Start{}, "本届还没有开，备案截止日期还没定，不用延期。"
	}
	return dialog.Start{Raw: rawSlots(map[string]string{"unit": s["unit"], "until": s["date"]})}, ""
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

// extendSummary shows what the extension would do, and to whom.
func extendSummary(v V, a dialog.Answers) string {
	u, _ := oneUnit(v, a.Get("unit"))
	c, _ := v.Cycle()
	until := toDate(a.Get("until")).Date
	lines := []string{
		"要给" + u.Name + "单独延期：",
		"备案期限：" + deadlineText(c, u) + " → " + momentText(until.Add(1).At(0, 0)) + "前",
	}
	if remark := restRemark(v.Calendar(), until); remark != "" {
		lines = append(lines, remark)
	}
	last := "这家以后的提醒按新期限发，别的单位不变。"
	if filedIn(c, u) {
		last = "这家已经报了，延期后再报、再改都按新期限，别的单位不变。"
	}
	if names := namesOf(v, unique("", u.Filers, u.Heads)); names != "" {
		last += "办好后通知" + names + "。"
	}
	return strings.Join(append(lines, last), "\n")
}

// filedIn reports whether the unit has a filing with the department.
func filedIn(c award.Cycle, u award.Unit) bool {
	return u.Cycle == c.ID && slices.ContainsFunc(u.Topics, func(t award.TopicRef) bool { return t.Status.IsDelivered() })
}

// restRemark says what a deadline on a rest day means: an individual extension
// is the day that was named, nothing rolls over.
func restRemark(cal award.Calendar, d award.Date) string {
	switch {
	case !cal.IsWorking(d):
		next, why := cal.Next(d), cal.Why(d)
		if strings.HasPrefix(why, "周") {
			why = "是" + why
		} else {
			why = "逢" + why
		}
		return fmt.Sprintf("%d月%d日%s，个别延期就按这一天算，不再顺延；要换成工作日，回复“改 2 %d月%d日”。", d.Month, d.Day, why, next.Month, next.Day)
	case !cal.Known(d.Year):
		return fmt.Sprintf("%d年的放假安排还没公布，这一天是否放假请留意。", d.Year)
	}
	return ""
}

// extendDone tells the unit its new deadline.
func extendDone(v V, ch award.Changes) Said {
	u := ch.Units[0].After
	day := momentText(u.Extended)
	receivers := unique(v.Me.UserID, u.Filers, u.Heads)
	text := "县委组织部给" + u.Name + "办了个别延期：课题备案在" + day + "前报都算按时。"
	if c, ok := v.Cycle(); ok {
		text += "（原来是" + deadlineText(c, *ch.Units[0].Before) + "）"
	}
	said := Said{Reply: chat.Reply{Text: "已办：" + u.Name + "延期到" + day + "，已通知" + namesOf(v, receivers) + "。"}}
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
		return "给一个单位延期，请说“给柳林镇延期到12月25日”；全县一起改期这里还办不了。"
	}
	return may(v, award.ActionAsk)
}

// beginAsk keeps the sentence to be passed on, when it says until when.
func beginAsk(v V, s dialog.Slots) (dialog.Start, string) {
	switch _, open := v.Cycle(); {
	case !open:
		return dialog.Start{}, "本届还没有开，备案截止日期还没定，不用延期。"
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
	say := fmt.Sprintf("给%s延期到%d年%d月%d日", v.Unit.Name, until.Year, until.Month, until.Day)
	text := v.Unit.Name + v.Me.Name + "想把课题备案延到" + until.Short() + "，现在的期限是" + now + "。"
	if words != "" {
		text += "\n原话：“" + words + "”"
	}
	text += "\n同意请回复“" + say + "”；不同意请告诉本人。"
	for _, id := range receivers {
		m := to(id, "extension|"+v.Unit.ID+"|asked|"+until.String()+"|"+v.Now.In(award.Shanghai).Format(time.DateOnly), text)
		m.Card = &chat.Card{
			Ref: chat.Ref{Kind: "cycle", ID: c.ID, Rev: c.Rev}, Title: "申请延期",
			Rows: []chat.Row{
				{Name: "党委", Value: dialog.Cut(v.Unit.Name, 60)}, {Name: "想延到", Value: until.Short()},
			},
			Buttons: []chat.Button{{Label: "办延期", Say: say}},
		}
		m.Rule, m.Clause = "filing.extension-asked", "C76"
		said.Messages = append(said.Messages, m)
	}
	return said
}
