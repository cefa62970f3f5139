package handlers

import (
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// prefsForm changes how the asker is reminded: at what hour, how often, or as
// usual again. Everybody may; the sentence says it all.
func prefsForm() *Form {
	const please = `(?:能不能|可不可以|可以|麻烦|请|以后|以后都|帮我|把|的|给我|我的|这些)*`
	return &Form{
		ID: "prefs", Version: 1, Title: "改提醒设置", Minutes: 1,
		Intent: dialog.Intent{
			Patterns: []string{
				please + `(?:消息|提醒|通知)?` + please + `攒(?:到|在|着)?(?:每天)?(?P<hour>` + clockWords + `)?(?:的时候)?(?:一起|一块儿?|合在一起|合成一条|一次)?(?P<once>发|提醒|说)(?:给我)?(?:[,，].{0,24})?(?:吗|行吗|好吗)?`,
				please + `(?P<sparse>少(?:发|提醒|推)(?:一?点|几条|一些)|(?:提醒|消息)太多了?(?:[,，]少发点)?|别发那?么多|只(?:发|提醒)(?:重要|要紧)的)(?:吧|啊|行吗|好吗)?`,
				please + `(?:每天)?(?P<hour>` + clockWords + `)(?:再|才|时|的时候)?(?:提醒|发提醒|发消息)(?:给)?(?:我)?(?:吧|行吗|好吗|就行|就好)?`,
				please + `(?:提醒|消息|通知)(?:时间)?(?:改|换|放|调|挪)(?:到|成|在)(?:每天)?(?P<hour>` + clockWords + `)(?:发)?(?:吧|行吗|好吗)?`,
				`(?P<reset>恢复(?:默认)?(?:的)?提醒(?:设置)?|恢复默认|提醒(?:设置)?恢复(?:默认|正常)?)`,
				`(?P<often>照常提醒(?:我)?|多提醒(?:我)?(?:几次|一?点)?)`,
			},
		},
		Now: prefsNow,
	}
}

// prefsNow reads the sentence; what it does not speak of stays.
func prefsNow(v V, s dialog.Slots) (Action, string, bool) {
	prefs := v.Me.Prefs
	switch {
	case s["reset"] != "":
		prefs = award.Prefs{}
	case s["sparse"] != "", s["often"] != "":
		prefs.Sparse = s["sparse"] != ""
	}
	if s["hour"] != "" {
		hour, minute, ok := readClock(s["hour"])
		if !ok || minute != 0 {
			return Action{}, "提醒只能定在整点，如“下午3点提醒我”。可以选 9、10、11、14、15、16、17 点。", true
		}
		if bad := award.CheckHour(hour); bad != nil {
			return Action{}, bad.Text + "如“下午3点提醒我”。", true
		}
		if prefs.Hour = hour; hour == usualHour {
			prefs.Hour = 0
		}
	}
	head := "改好了。"
	if prefs == v.Me.Prefs {
		head = "现在就是这样。"
	}
	return Action{
		Command: award.SetPrefs{By: v.Me, Prefs: prefs},
		Done:    func(V, award.Changes) Said { return Said{Reply: chat.Reply{Text: head + prefsText(v, prefs)}} },
	}, "", true
}

// usualHour is when the day's message comes to those who chose no hour.
const usualHour = 9

// prefsText says how somebody is reminded and how to change it.
func prefsText(v V, p award.Prefs) string {
	hour := p.Hour
	if hour == 0 {
		hour = usualHour
	}
	lines := []string{"您的提醒：", "· 工作日 " + clockText(hour, 0) + "发，一天的事合成一条"}
	more := "“少发点”"
	if p.Sparse {
		more = "“照常提醒”"
	}
	switch {
	case v.Me.Has(award.RoleStaff, award.RoleChief) && p.Sparse:
		lines = append(lines, "· 只发每周第一个工作日的汇总和逾期名单")
	case v.Me.Has(award.RoleStaff, award.RoleChief):
		lines = append(lines, "· 等了 3 个工作日以上的待审每天列一次，每周第一个工作日有汇总")
	case v.Unit.Owes && p.Sparse:
		lines = append(lines, "· 只在截止前 7 天、前 1 天和逾期后提醒", "· 截止当天照发两次")
	case v.Unit.Owes:
		lines = append(lines, "· 截止前 30、15、7、3、1 天各提醒一次", "· 截止当天照发两次")
	}
	return strings.Join(append(lines, "要改可以说：“下午3点提醒我”、"+more+"、“恢复默认提醒”。"), "\n")
}

// prefsQuery is 提醒设置: how the asker is reminded now.
func prefsQuery() *Query {
	return &Query{
		ID: "reminders", Title: "看提醒设置", Menu: "提醒设置（几点提醒、多少次）", Rare: true,
		Intent: dialog.Intent{
			Exact:    []string{"提醒设置", "设置提醒", "提醒", "我的提醒", "什么时候提醒我", "怎么提醒我", "提醒时间", "提醒频率"},
			Patterns: []string{`.{0,6}(?:什么时候|啥时候|几点)(?:会)?提醒(?:我)?.{0,3}`},
		},
		Answer: func(v V, _ dialog.Slots) dialog.Answer {
			return dialog.Answer{Text: prefsText(v, v.Me.Prefs) + restText(v)}
		},
	}
}

// restText says until when the asker's unit is left in peace, "" when it is not.
func restText(v V) string {
	c, ok := v.Cycle()
	p, given := award.PromiseAt(c, v.Unit, v.Now)
	switch {
	case !ok || !given || !p.Covers(v.Now):
		return ""
	case p.Later:
		return "\n已经说好" + v.Calendar().Next(p.Until.Add(1)).Short() + "再提醒，这之前不催。"
	}
	return "\n您单位安排了" + p.Until.Short() + "前报，这之前不催。"
}

// silenceForm is 不再提醒: no more nudges about the draft that lies about. What the
// deadline asks for goes on (dialog.md 5.11).
func silenceForm() *Form {
	return &Form{
		ID: "silence", Version: 1, Title: "草稿不再提醒", Minutes: 1,
		Intent: dialog.Intent{Exact: []string{"不再提醒", "草稿不再提醒", "草稿别提醒了", "别提醒草稿", "这份草稿别提醒了", "不用提醒草稿", "不用提醒了"}},
		Now: func(v V, _ dialog.Slots) (Action, string, bool) {
			d, ok := v.Draft(v.Me.Unit)
			if !ok || d.Person != v.Me.UserID {
				return Action{}, "您没有要提醒的草稿。提醒太多可以回复 少发点；有安排了可以回复“已安排，12月18日报”这样的话。", true
			}
			prefs := v.Me.Prefs
			prefs.NoNudge = d.Draft
			return Action{
				Command: award.SetPrefs{By: v.Me, Prefs: prefs},
				Done: func(V, award.Changes) Said {
					text := "好，这份草稿不再提醒，内容都存着，回复 继续 随时接着填。"
					if c, ok := v.Cycle(); ok {
						text += "\n备案截止" + deadlineText(c, v.Unit) + "，截止前的提醒照常。"
					}
					return Said{Reply: chat.Reply{Text: text}}
				},
			}, "", true
		},
	}
}
