package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// planForm binds a group and says when the bot speaks there unasked: in the group
// itself, or in the single chat about a group of the list (D29, UX rule 41).
func planForm() *Form {
	const please = `(?:以后|麻烦|请|帮我|帮忙|你|就|都|给我们)*`
	const there = `(?:在|往|到)?(?:这个|本)?群里?(?:面)?`
	const say = `(?:提醒|发|说|通报|报)(?:一下|一次|一声)?(?:大家)?(?:备案|报送|填报)?(?:进展|进度|数字|情况|消息)?(?:的)?(?:吧|哈|一下)?`
	const which = `(?:群提醒\s*)?(?:第?(?P<which>\d{1,2})[号个]?\s*(?:群)?[:：,， ]*)?`
	const every = `(?:改(?:成|到|为))?(?:每个?|逢)(?P<day>` + weekdayWords + `)(?P<at>` + clockWords + `)?`
	const weekly = `(?:一周|一个星期|一星期|每周|每星期)(?:发|说|提醒)?一?次(?:就)?(?:够了?|行了?|可以了?|好了?)?`
	return &Form{
		ID: "plan", Version: 1, Title: "设置群提醒", Minutes: 1, Menu: "群提醒（看和改群里什么时候发）", Rare: true,
		Intent: dialog.Intent{
			Patterns: []string{
				please + which + every + `(?:` + there + `)?(?:` + say + `)?`,
				please + `(?:` + there + `)?` + every + `(?:` + there + `)?` + say,
				please + `(?P<bind>绑定(?:本|这个|该|此)?群(?:聊)?|把?(?:本|这个)群绑定(?:一下|上)?)`,
				please + which + `(?:(?:别|不要|不用)(?:再|老|总|天天|一直|老是)*` + there + say + `[,，。 ]*)?(?P<weekly>` + weekly + `)(?:吧|啊)?`,
				please + which + `(?P<stop>停发|停止发送|(?:别|不要|不用)(?:再|老|总|天天|一直|老是)*` + there + say + `了?|群里(?:别|不要|不用)(?:再)?` + say + `了?)(?:吧|啊)?`,
				please + which + `(?P<resume>恢复(?:发送|群提醒|发)?|继续` + there + say + `)`,
				please + which + `(?:只)?(?:在)?(?:截止)?前(?P<last>[0-9一二三四五两])个?(?:工作日|天)(?:每天)?(?:` + there + `)?` + say,
			},
		},
		Allow: func(v V) string { return mayAll(v, award.ActionGroup) },
		Group: true,
		Now:   planNow,
	}
}

// planNow makes the new plan out of the sentence and the plan there was.
func planNow(v V, s dialog.Slots) (Action, string, bool) {
	if s["bind"] != "" && v.Group == "" {
		return Action{}, "请到要绑定的群里 @我 说“绑定本群”，我才知道是哪个群。", true
	}
	plan, why := planOf(v, s["which"])
	if why != "" {
		return Action{}, why, true
	}
	plan.Off = s["stop"] != ""
	if s["weekly"] != "" {
		plan.Weekly, plan.LastDays = true, 0
	}
	if s["last"] != "" {
		plan.LastDays, _ = smallNumber(s["last"])
	}
	if s["day"] != "" {
		plan.Weekly = true
		plan.Day, _ = readWeekday(s["day"])
	}
	if s["at"] != "" {
		var ok bool
		if plan.Hour, plan.Minute, ok = readClock(s["at"]); !ok {
			return Action{}, "没看出是几点，请写成“每周一上午9点”这样。", true
		}
	}
	return Action{
		Command: award.PlanGroup{By: v.Me, Group: plan},
		Done:    func(V, award.Changes) Said { return planDone(plan) },
	}, "", true
}

// planOf finds the group a plan is for: the one it is said in, the one named by
// its number, or the only one there is.
func planOf(v V, which string) (award.Group, string) {
	if v.Group != "" {
		if have, ok := v.Groups().Find(v.Group); ok {
			return have, ""
		}
		return award.DefaultPlan(v.Group), ""
	}
	plans := v.Groups().Planned(v.Webhook)
	n, _ := smallNumber(which)
	switch {
	case len(plans) == 0:
		return award.Group{}, "还没有群可以发。请在群里 @我 说“绑定本群”，或请管理员配置群的消息推送。"
	case which == "" && len(plans) == 1:
		return plans[0], ""
	case n >= 1 && n <= len(plans):
		return plans[n-1], ""
	}
	return award.Group{}, "有几个群，请带上编号说，如“群提醒 1 每周三上午9点”：\n" + planLines(plans)
}

// planDone says when the group is told from now on.
func planDone(plan award.Group) Said {
	text := "好，" + planText(plan) + "。"
	if plan.Off {
		return Said{Reply: chat.Reply{Text: text + "要恢复请说“恢复群提醒”。"}}
	}
	text += "\n只说数字和日期，不点名，一天最多一条。要改请说“每周三下午3点在群里提醒”“一周一次就够了”，不发了请说“停发”。"
	return Said{Reply: chat.Reply{Text: text}}
}

// planText says a plan in one clause.
func planText(g award.Group) string {
	if g.Off {
		return "群里不再发提醒了"
	}
	at := clockText(g.Hour, g.Minute)
	var parts []string
	if g.Weekly {
		parts = append(parts, "每"+weekdayText(g.Day)+at)
	}
	if g.LastDays > 0 {
		parts = append(parts, fmt.Sprintf("截止前最后 %d 个工作日%s", g.LastDays, at))
	}
	if len(parts) == 0 {
		return "只在截止后的第一个工作日" + at + "在群里说一次结果"
	}
	return strings.Join(parts, "、") + "在群里说一次进展"
}

// planLines numbers the groups with their plans.
func planLines(plans []award.Group) string {
	lines := make([]string, 0, len(plans))
	for i, g := range plans {
		lines = append(lines, itoa(i+1)+" "+groupName(g)+"："+planText(g))
	}
	return strings.Join(lines, "\n")
}

// groupName names a group as far as the platform lets the bot know.
func groupName(g award.Group) string {
	switch {
	case g.ID == award.WebhookGroup:
		return "消息推送的群"
	case g.Name != "":
		return g.Name
	case !g.At.IsZero():
		return award.DateOf(g.At).Short() + "设置的群"
	}
	return "群"
}

// groupsQuery is 群提醒: what groups are told, and when.
func groupsQuery() *Query {
	return &Query{
		ID: "groups", Title: "看群提醒",
		Intent: dialog.Intent{
			Exact: []string{"群提醒", "群里的提醒", "看群提醒", "群提醒设置", "群里什么时候发"},
		},
		Allow: func(v V) string { return mayAll(v, award.ActionGroup) },
		Answer: func(v V, _ dialog.Slots) dialog.Answer {
			plans := v.Groups().Planned(v.Webhook)
			if len(plans) == 0 {
				_, why := planOf(v, "")
				return dialog.Answer{Text: why}
			}
			text := "群提醒现在是这样（只说数字和日期，不点名，一天最多一条）：\n" + planLines(plans) +
				"\n要改请说“每周三下午3点在群里提醒”“截止前3天每天发”“一周一次就够了”“停发”“恢复群提醒”。"
			if len(plans) > 1 {
				text += "几个群的，前面加上编号，如“群提醒 2 停发”。"
			}
			return dialog.Answer{Text: text}
		},
		Group: func(v V, _ dialog.Slots) dialog.Answer {
			plan, _ := planOf(v, "")
			if _, bound := v.Groups().Find(v.Group); !bound {
				return dialog.Answer{Text: "本群还没有绑定。组织部的经办、科室负责人或管理员在群里 @我 说“绑定本群”就行。"}
			}
			return dialog.Answer{Text: planText(plan) + "。"}
		},
	}
}
