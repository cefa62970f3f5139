package handlers

import (
	"strconv"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// confirmForm is 确认报送 by the 一把手 or an authorised person (C82, C100).
func confirmForm() *Form {
	return &Form{
		ID: "confirm", Version: 1, Title: "确认报送", Minutes: 1, Menu: "确认报送（一把手或授权的人）",
		Intent: dialog.Intent{
			Exact:    []string{"确认报送", "同意报送", "确认上报", "同意上报"},
			Patterns: []string{`(?:我|好的?|可以|行)*[,，]?(?:确认|同意)(?:报送|上报)\s*(?P<object>\d{4}-\d{4}|\d{1,2})?`},
		},
		Allow:   mayConfirm,
		Begin:   beginOn("确认报送", func(s award.Status) bool { return s == award.StatusAwaiting }),
		Confirm: dialog.ConfirmNone,
		Finish: func(v V, a dialog.Answers) (Action, string) {
			return Action{Command: award.ConfirmFiling{By: v.Me, Topic: a.Object}, Done: confirmDone}, ""
		},
	}
}

// mayConfirm says who may confirm a filing of the asker's unit.
func mayConfirm(v V) string {
	return may(v, award.ActionConfirm)
}

// beginOn finds the topic an action is about: the one named by its number or by
// its place among those that fit, else the only one that fits.
func beginOn(what string, fits func(award.Status) bool) func(V, dialog.Slots) (dialog.Start, string) {
	return func(v V, s dialog.Slots) (dialog.Start, string) {
		object := s["object"]
		if len(object) < len("2026-0001") {
			var ids, lines []string
			for _, t := range v.Topics(award.TopicQuery{Unit: v.Me.Unit, Limit: 10}).Topics {
				if fits(t.Status) {
					ids = append(ids, t.ID)
					lines = append(lines, itoa(len(ids))+" 《"+t.Title()+"》（"+string(t.Status)+"）")
				}
			}
			n, err := strconv.Atoi(object)
			switch {
			case err == nil && n >= 1 && n <= len(ids):
				object = ids[n-1]
			case err == nil && n > len(ids):
				return dialog.Start{}, "您单位可以" + what + "的只有 " + itoa(len(ids)) + " 份。"
			case len(ids) > 1:
				return dialog.Start{}, "您单位有几份可以" + what + "：\n" + strings.Join(lines, "\n") + "\n请带上编号，如“" + what + " 1”。"
			}
		}
		t, why := ownTopic(v, what, object, fits)
		if why != "" {
			return dialog.Start{}, why
		}
		return dialog.Start{Object: t.ID, Raw: reasonSlot(s)}, ""
	}
}

// reasonSlot hands on a reason given in the same sentence.
func reasonSlot(s dialog.Slots) map[string]string {
	if s["reason"] == "" {
		return nil
	}
	return map[string]string{"reason": s["reason"]}
}

// confirmDone tells the confirmer, the filler and the department.
func confirmDone(v V, ch award.Changes) Said {
	t := ch.Topics[0].After
	key := "filing|" + t.ID + "|v" + itoa(t.Current().N)
	said := toDepartment(v, t, key)
	said.Messages = append(said.Messages, toGrantor(v, t, key)...)
	said.Reply = chat.Reply{Text: "已确认，《" + t.Title() + "》报到组织部了（" + timeText(v.Now) + "）。审核结果会通知您和填报人。"}
	for _, id := range unique(v.Me.UserID, []string{t.Filer}) {
		m := to(id, key+"|confirmed", v.Me.Name+v.Me.Post+"已确认，《"+t.Title()+"》报到组织部了（"+timeText(v.Now)+"）。下一步由组织部形式审查，通过后给备案编号。")
		m.Rule, m.Clause = "filing.confirmed", "C82"
		said.Messages = append(said.Messages, m)
	}
	return said
}

// declineForm is 退回修改: the 一把手 wants changes before confirming.
func declineForm() *Form {
	return &Form{
		ID: "decline", Version: 1, Title: "退回修改", Minutes: 1,
		Intent: dialog.Intent{
			Exact:    []string{"退回修改", "不同意报送", "先不报"},
			Patterns: []string{`(?:退回修改|不同意报送)\s*(?P<object>\d{4}-\d{4}|\d{1,2})?[，,：: ]*(?P<reason>.{2,200})?`},
		},
		Allow:   func(v V) string { return may(v, award.ActionDecline) },
		Begin:   beginOn("退回修改", func(s award.Status) bool { return s == award.StatusAwaiting }),
		Confirm: dialog.ConfirmNone,
		Fields: []Field{
			{
				Key: "reason", Label: "修改意见", Kind: dialog.Text{Min: 2, Max: 200}, Required: true,
				Ask: "要改什么？一句话写给填报人。", Example: "题目再推敲一下，试点再加一个村。",
			},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			return Action{
				Command: award.DeclineFiling{By: v.Me, Topic: a.Object, Reason: a.Get("reason")},
				Done: func(v V, ch award.Changes) Said {
					t := ch.Topics[0].After
					said := Said{Reply: chat.Reply{Text: "已退给填报人修改：《" + t.Title() + "》。改好后会再请您确认。"}}
					for _, id := range unique(v.Me.UserID, []string{t.Filer}) {
						m := to(id, "filing|"+t.ID+"|r"+itoa(int(t.Rev))+"|declined",
							v.Me.Name+v.Me.Post+"看了《"+t.Title()+"》，请修改后再报：\n"+a.Get("reason")+"\n\n回复 修改报送 就能接着改。")
						m.Rule, m.Clause = "filing.declined", "C82"
						said.Messages = append(said.Messages, m)
					}
					return said
				},
			}, ""
		},
	}
}

// withdrawForm is 撤回 before 备案.
func withdrawForm() *Form {
	return &Form{
		ID: "withdraw", Version: 1, Title: "撤回报送", Minutes: 1, Menu: "撤回（备案前撤回已报的课题）",
		Intent: dialog.Intent{
			Exact:    []string{"撤回", "撤回报送", "撤回课题", "我要撤回", "先撤回", "撤回来"},
			Patterns: []string{`(?:先|把.{0,20})?撤回(?:来|报送|课题|备案)?\s*(?P<object>\d{4}-\d{4}|\d{1,2})?(?:[，,：: ]+(?P<reason>.{2,200}))?`},
		},
		Allow:   func(v V) string { return may(v, award.ActionWithdraw) },
		Begin:   beginOn("撤回", mayEdit),
		Confirm: dialog.ConfirmYes,
		Summary: func(v V, a dialog.Answers) string {
			t, _ := v.Topic(a.Object)
			text := "要撤回《" + t.Title() + "》（" + string(t.Status) + "）"
			if a.Has("reason") {
				text += "，原因：" + a.Get("reason")
			}
			text += "。撤回后算没有报，"
			if c, ok := v.Cycle(); ok && award.IsLate(c, v.Unit, v.Now) {
				return text + "现在已过截止，再报就算逾期。"
			}
			return text + "截止前可以重新报，内容给您留着。"
		},
		Fields: []Field{
			{
				Key: "reason", Label: "撤回原因", Kind: dialog.Text{Min: 2, Max: 200}, Quiet: true,
				Ask: "为什么撤回？可不写。", Example: "题目还要推敲",
			},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			return Action{
				Command: award.WithdrawFiling{By: v.Me, Topic: a.Object, Reason: a.Get("reason")},
				Done:    withdrawDone,
			}, ""
		},
	}
}

// withdrawDone tells who had the filing before.
func withdrawDone(v V, ch award.Changes) Said {
	before, t := *ch.Topics[0].Before, ch.Topics[0].After
	text := "已撤回《" + t.Title() + "》。"
	if c, ok := v.Cycle(); ok {
		text += "要重报请在" + deadlineText(c, v.Unit) + "回复 重报，内容都会带出来。"
		if award.IsLate(c, v.Unit, v.Now) {
			text = "已撤回《" + t.Title() + "》。要重报回复 重报，内容都会带出来；现在已过截止，会标“逾期”。"
		}
	}
	said := Said{Reply: chat.Reply{Text: text}, Messages: toJoint(v, ch.Topics[0])}
	var receivers []string
	if !before.Status.IsDelivered() {
		receivers = unique(v.Me.UserID, v.Unit.Heads, v.Unit.Confirmers)
	} else {
		receivers = unique(v.Me.UserID, userids(v.WithRole(award.RoleStaff)), v.Unit.Heads)
	}
	for _, id := range receivers {
		m := to(id, "filing|"+t.ID+"|r"+itoa(int(t.Rev))+"|withdrawn", t.Unit+"撤回了《"+t.Title()+"》，不用再处理。")
		m.Rule, m.Clause = "filing.withdrawn", "C77"
		said.Messages = append(said.Messages, m)
	}
	return said
}

// grantForm is 授权确认: the 一把手 lets somebody of the unit confirm (C82, C101).
func grantForm() *Form {
	return &Form{
		ID: "grant", Version: 1, Title: "授权确认", Minutes: 1, Menu: "授权某人确认报送（一把手）", Rare: true,
		Intent: dialog.Intent{
			Exact: []string{"授权", "授权确认"},
			Patterns: []string{
				`(?:我.{0,8}[,，])?(?:授权|让|请)(?:给)?(?P<who>\p{Han}{2,4}?)(?:同志)?(?:来|可以)?(?:代|替)?我?(?:确认(?:报送)?)`,
				`授权(?:给)?(?P<who>\p{Han}{2,4})`,
				`(?P<off>取消|收回)(?P<who>\p{Han}{2,4}?)的?授权`, `(?P<off>取消|收回)授权(?:给)?(?P<who>\p{Han}{2,4})?`,
			},
		},
		Allow: func(v V) string {
			return may(v, award.ActionGrant)
		},
		Begin: func(_ V, s dialog.Slots) (dialog.Start, string) {
			start := dialog.Start{Answers: map[string]string{"off": s["off"]}}
			if s["who"] != "" {
				start.Raw = map[string]string{"who": s["who"]}
			}
			return start, ""
		},
		Confirm: dialog.ConfirmYes,
		Summary: func(_ V, a dialog.Answers) string {
			if a.Has("off") {
				return "要收回" + a.Get("who") + "的确认授权，以后由您本人确认。"
			}
			return "要授权" + a.Get("who") + "代您确认本单位的报送，每次确认都会留下记录并告诉您。"
		},
		Fields: []Field{
			{
				Key: "who", Label: "授权给谁", Kind: dialog.Text{Min: 2, Max: 10}, Required: true,
				Ask: "授权给本单位哪位同志？写姓名。", Example: "李春梅",
				Check: func(v V, _ dialog.Answers, s string) dialog.Problem {
					if _, why := colleague(v, s); why != "" {
						return dialog.Problem{Kind: dialog.RuleBroken, Text: why}
					}
					return dialog.Problem{}
				},
			},
			{Key: "off", Label: "收回", Kind: dialog.Text{}, Quiet: true, Ask: "是收回授权吗？", Example: "收回"},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			p, why := colleague(v, a.Get("who"))
			if why != "" {
				return Action{}, why
			}
			off := a.Has("off")
			return Action{
				Command: award.GrantConfirm{By: v.Me, To: p.UserID, Off: off},
				Done: func(v V, _ award.Changes) Said {
					mine, theirs := "已授权"+p.Name+"代您确认报送。收回请说：收回"+p.Name+"的授权。", v.Me.Name+v.Me.Post+"授权您代为确认本单位的报送。有要确认的会通知您。"
					if off {
						mine, theirs = "已收回"+p.Name+"的授权。", v.Me.Name+v.Me.Post+"收回了报送确认的授权。"
					}
					m := to(p.UserID, "grant|"+v.Unit.ID+"|r"+itoa(int(v.Unit.Rev)), theirs)
					m.Rule, m.Clause = "filing.grant", "C82"
					return Said{Reply: chat.Reply{Text: mine}, Messages: []chat.Message{m}}
				},
			}, ""
		},
	}
}

// colleague finds a member of the asker's unit by name.
func colleague(v V, name string) (award.Person, string) {
	var found []award.Person
	for _, p := range v.Named(name) {
		if p.Unit == v.Me.Unit && !p.Left {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 1:
		return found[0], ""
	case 0:
		known := namesOf(v, unique(v.Me.UserID, v.Unit.Deputys, v.Unit.Filers))
		if known != "" {
			known = "本单位有：" + known + "。"
		}
		return award.Person{}, "您单位名单里没有“" + dialog.Cut(name, 30) + "”。" + known + "没有的请管理员先加进名单。"
	default:
		return award.Person{}, "您单位有几位同名的“" + dialog.Cut(name, 30) + "”，请联系管理员办理授权。"
	}
}
