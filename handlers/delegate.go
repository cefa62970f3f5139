package handlers

import (
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// aideForm is 请人代填: somebody else of the unit may fill in too (C109).
func aideForm() *Form {
	const fill = `(?:一起|一块儿?|也|代|代为|来)*(?:填报?|报|录|弄|办)(?:一下|备案表?|课题|这个|这块)?`
	return &Form{
		ID: "aide", Version: 1, Title: "请人代填", Minutes: 1,
		Intent: dialog.Intent{
			Exact: []string{"请人代填", "找人代填", "让别人帮我填", "授权代填", "代填", "加一个填报人"},
			Patterns: []string{
				`(?:想|要|可以|能不能)*(?:请|让|叫|安排|授权|同意|麻烦)(?:\p{Han}{0,10}的)?(?P<who>\p{Han}{2,4}?)(?:同志)?(?:也|都)?(?:来|能|可以)*(?:帮|替|代)(?:我们?|着|一下)?` + fill + `(?:行吗|行不行|可以吗|吧)?`,
				`(?P<off>不用|不让|取消|收回|停掉)(?P<who>\p{Han}{2,4}?)(?:同志)?(?:的)?(?:再)?(?:帮|替|代)(?:我们?)?` + fill + `(?:授权|权限)?(?:了)?`,
			},
		},
		Allow: func(v V) string { return may(v, award.ActionDelegate) },
		Begin: func(_ V, s dialog.Slots) (dialog.Start, string) {
			return dialog.Start{Answers: map[string]string{"off": s["off"]}, Raw: rawSlots(map[string]string{"who": s["who"]})}, ""
		},
		Confirm: dialog.ConfirmYes,
		Summary: func(v V, a dialog.Answers) string {
			p, _ := someone(v, a.Get("who"))
			if a.Has("off") {
				return "要收回" + personText(p) + "代填的授权，以后不能再替您单位填报。"
			}
			return "要请" + personText(p) + "帮您单位填报课题备案：能新填，也能接手您的草稿，提交后仍由" + confirmersText(v) + "确认。"
		},
		Fields: []Field{
			someoneField("请本单位哪位同志帮着填？写姓名。"),
			{Key: "off", Label: "收回", Kind: dialog.Text{}, Quiet: true, Silent: true, Ask: "是收回授权吗？", Example: "收回"},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			p, why := someone(v, a.Get("who"))
			if why != "" {
				return Action{}, why
			}
			off := a.Has("off")
			return Action{
				Command: award.AllowAide{By: v.Me, To: p.UserID, Off: off},
				Done:    func(v V, _ award.Changes) Said { return aideDone(v, p, off) },
			}, ""
		},
	}
}

func aideDone(v V, p award.Person, off bool) Said {
	mine := p.Name + "现在可以帮您单位填报了，已告诉本人。要接着您的草稿填，请对方回复 接手" + v.Me.Name + "的草稿。收回请说：不用" + p.Name + "代填了。"
	theirs := v.Me.Name + "请您帮" + v.Unit.Name + "填报课题备案。新填一份请回复 报课题；接着" + v.Me.Name + "的草稿填请回复 接手" + v.Me.Name + "的草稿。提交后由" + confirmersText(v) + "确认。"
	if off {
		mine, theirs = "已收回"+p.Name+"代填的授权，已告诉本人。", v.Me.Name+"收回了请您代填的授权，您不用再填了。您填到一半的内容还在草稿里，本单位同事可以接手。"
	}
	said := Said{Reply: chat.Reply{Text: mine}}
	m := to(p.UserID, "aide|"+v.Unit.ID+"|r"+itoa(int(v.Unit.Rev)), theirs)
	m.Rule, m.Clause = "filing.aide", "C109"
	said.Messages = append(said.Messages, m)
	return said
}

// handOverForm is 交接: somebody else gets the reminders and goes on (C109).
func handOverForm() *Form {
	const account = `(?:[,，。;； ]*(?:他|她)?(?:的)?(?:账号|帐号|工号|userid)(?:是|为)?[:： ]*(?P<id>[A-Za-z0-9_.@-]{2,64}))?`
	const from = `(?:我)?(?:从)?(?P<from>[^,，。;； 我从]{1,10}?)(?:起|开始|后)`
	const why = `(?:\p{Han}{0,14}?[,，。;； ]+)?`
	const take = `(?:接手?|接替|接着(?:弄|办|填)|负责|来(?:弄|填|办|管)|管)(?:了|吧|一下)?`
	return &Form{
		ID: "handover", Version: 1, Title: "交接", Minutes: 1, Menu: "交接（请同事代填，或不在岗时由同事接）", Rare: true,
		Intent: dialog.Intent{
			Exact: []string{"交接", "工作交接", "我要交接", "办交接", "移交"},
			Patterns: []string{
				from + why + `(?:\p{Han}{0,10}?[,，]?)(?:以后|今后|都|由|让|请|改由|就由|这块|备案|课题|工作)*(?P<who>\p{Han}{2,4}?)(?:同志)?` + take + account,
				`(?:我)?(?:.{0,20}?[,，。;； ]+)?(?:备案|课题|工作|这块|这摊|手头的?|填报)*(?:都|先|以后|今后)*(?:交给|移交给|转给|交接给|由|改由)(?P<who>\p{Han}{2,4}?)(?:同志)?(?:` + take + `)?` + account,
			},
		},
		Allow: func(v V) string { return may(v, award.ActionDelegate) },
		Begin: beginHandOver,

		Confirm: dialog.ConfirmYes,
		Summary: handOverSummary,
		Fields: []Field{
			someoneField("交给本单位哪位同志？写姓名。"),
			{
				Key: "from", Label: "从哪天起", Aliases: []string{"开始日期"}, Kind: dialog.Date{}, Required: true, Quiet: true,
				Ask: "从哪天起？写日期，如 今天。", Example: "11月30日",
				Default: func(v V, _ dialog.Answers) string { return dialog.JoinDate(award.DateOf(v.Now).String(), "day", "") },
				Check: func(v V, _ dialog.Answers, s string) dialog.Problem {
					return issue(award.CheckAway(toDate(s).Date, award.Date{}, award.DateOf(v.Now)))
				},
			},
			{
				Key: "until", Label: "到哪天止", Aliases: []string{"结束日期", "回来日期"}, Kind: dialog.Date{}, Quiet: true, Silent: true,
				Ask: "到哪天为止？长期不用写。", Example: "12月31日",
				Check: func(v V, a dialog.Answers, s string) dialog.Problem {
					return issue(award.CheckAway(toDate(a.Get("from")).Date, toDate(s).Date, award.DateOf(v.Now)))
				},
			},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			p, why := someone(v, a.Get("who"))
			if why != "" {
				return Action{}, why
			}
			command := award.HandOver{By: v.Me, To: p.UserID, From: toDate(a.Get("from")).Date, Until: toDate(a.Get("until")).Date}
			return Action{
				Command: command,
				Done:    func(v V, _ award.Changes) Said { return handOverDone(v, p, command) },
			}, ""
		},
	}
}

// beginHandOver takes who and when out of the sentence.
func beginHandOver(_ V, s dialog.Slots) (dialog.Start, string) {
	who := s["who"]
	if s["id"] != "" {
		who = s["id"]
	}
	return dialog.Start{Raw: rawSlots(map[string]string{"who": who, "from": s["from"]})}, ""
}

// endHandOverForm is 收回交接: back at one's desk.
func endHandOverForm() *Form {
	return &Form{
		ID: "handback", Version: 1, Title: "收回交接", Minutes: 1,
		Intent: dialog.Intent{
			Exact: []string{"收回交接", "取消交接", "结束交接", "不用交接了", "我回来了", "我销假了", "我回来上班了"},
		},
		Allow:   func(v V) string { return may(v, award.ActionDelegate) },
		Confirm: dialog.ConfirmNone,
		Finish: func(v V, _ dialog.Answers) (Action, string) {
			return Action{
				Command: award.HandOver{By: v.Me, Off: true},
				Done: func(v V, _ award.Changes) Said {
					said := Said{Reply: chat.Reply{Text: "已收回交接，提醒从现在起还发给您。"}}
					if v.Me.Away == nil {
						return said
					}
					if p, ok := v.Person(v.Me.Away.To); ok && !p.Left {
						said.Reply.Text = "已收回交接，提醒从现在起还发给您，已告诉" + p.Name + "。" + p.Name + "填到一半的，您可以回复 接手" + p.Name + "的草稿；不再请人帮忙，请说：不用" + p.Name + "代填了。"
						m := to(p.UserID, "handback|"+v.Me.UserID+"|"+v.Now.Format("20060102T150405"), v.Me.Name+"回来了，课题填报的提醒不再发给您。")
						m.Rule, m.Clause = "filing.handover", "C109"
						said.Messages = append(said.Messages, m)
					}
					return said
				},
			}, ""
		},
	}
}

// handOverSummary says what passes to whom, and what does not.
func handOverSummary(v V, a dialog.Answers) string {
	p, _ := someone(v, a.Get("who"))
	from, until := toDate(a.Get("from")).Date, toDate(a.Get("until")).Date
	when := from.Short() + "起"
	if !until.IsZero() {
		when = from.Short() + "到" + until.Short()
	}
	lines := []string{
		"要把您的填报工作交给" + personText(p) + "，" + when + "：",
		"① 发给您的提醒改发给" + p.Name + "；",
		"② " + p.Name + "可以填报，也可以接手您的草稿" + howFar(v, v.Me) + "；",
		"③ 确认报送、授权不跟着走，仍由" + confirmersText(v) + "办。",
	}
	return strings.Join(lines, "\n")
}

func handOverDone(v V, p award.Person, c award.HandOver) Said {
	when, back := c.From.Short()+"起", "回来后请说：收回交接。"
	if !c.Until.IsZero() {
		when, back = c.From.Short()+"到"+c.Until.Short(), "到期自动收回；提前回来请说：收回交接。"
	}
	said := Said{Reply: chat.Reply{Text: "已交接：" + when + "由" + p.Name + "接，已告诉" + p.Name + "。" + back}}
	text := v.Me.Name + "把" + v.Unit.Name + "的课题填报交给您，" + when + "。到时提醒会发给您。要接着" + v.Me.Name + "的草稿填，请回复 接手" + v.Me.Name + "的草稿；看办到哪一步请回复 进度。"
	key := "handover|" + v.Me.UserID + "|" + c.From.String() + "|" + v.Now.Format("20060102T150405")
	for _, id := range unique(v.Me.UserID, []string{p.UserID}, v.Unit.Deputys, v.Unit.Heads) {
		words := text
		if id != p.UserID {
			words = v.Me.Name + "把课题填报交给" + p.Name + "，" + when + "，有事请找" + p.Name + "。"
		}
		m := to(id, key, words)
		m.Rule, m.Clause = "filing.handover", "C109"
		said.Messages = append(said.Messages, m)
	}
	return said
}

// someoneField asks for a colleague.
func someoneField(ask string) Field {
	return Field{
		Key: "who", Label: "哪位同志", Aliases: []string{"姓名"}, Kind: dialog.Text{Min: 2, Max: 64}, Required: true,
		Ask: ask, Example: "张明",
		Check: func(v V, _ dialog.Answers, s string) dialog.Problem {
			if _, why := someone(v, s); why != "" {
				return dialog.Problem{Kind: dialog.RuleBroken, Text: why}
			}
			return dialog.Problem{}
		},
	}
}

// someone finds a colleague by name, by userid, or by what people call each
// other (小何, 老张): who that is stands in the confirmation.
func someone(v V, name string) (award.Person, string) {
	if p, ok := v.Person(strings.ToLower(name)); ok && !p.Left && p.Unit == v.Me.Unit {
		return p, ""
	}
	runes := []rune(name)
	if len(runes) != 2 || !strings.ContainsRune("小老大", runes[0]) {
		return colleague(v, name)
	}
	var found []award.Person
	ids := unique(v.Me.UserID, v.Unit.Filers, v.Unit.Deputys, v.Unit.Heads, v.Unit.Aides, v.Unit.Confirmers,
		userids(v.WithRole(award.RoleMember)), userids(v.WithRole(award.RolePilot)))
	for _, id := range ids {
		p, ok := v.Person(id)
		if ok && !p.Left && p.Unit == v.Me.Unit && strings.HasPrefix(p.Name, string(runes[1])) {
			found = append(found, p)
		}
	}
	if len(found) == 1 {
		return found[0], ""
	}
	return award.Person{}, "您单位名单里对不上“" + dialog.Cut(name, 30) + "”是哪一位，请写全名或账号。名单里没有的，请管理员先加进来。"
}

// personText names somebody with the post.
func personText(p award.Person) string {
	if p.Post == "" {
		return p.Name
	}
	return p.Name + "（" + p.Post + "）"
}
