package handlers

import (
	"fmt"
	"strconv"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// quotaForm is 放宽名额 (C81): more topics, or more key ones, for one unit.
func quotaForm() *Form {
	const number = `\d{1,2}|[一二两三四五六七八九十]{1,2}`
	const topics, keys = `(?P<topics>` + number + `)`, `(?P<keys>` + number + `)`
	const unit, goal = `(?P<unit>` + unitName + `)(?:的)?`, `(?:到|至|为|成)\s*`
	const please, raise = `(?:请|帮我|同意|把|将|给)*`, `(?:放宽|增加|提高)`
	return &Form{
		ID: "quota", Version: 1, Title: "放宽名额", Minutes: 1, Menu: "放宽名额（让某个单位多报课题）", Rare: true,
		Intent: dialog.Intent{
			Exact: []string{"放宽名额", "名额放宽", "放宽课题名额", "放宽"},
			Patterns: []string{
				please + raise + `(?:给)?` + unit + `(?:课题)?(?:名额)?` + goal + topics + `个?(?:课题)?(?:名额)?(?:[,，、和 ]*(?:其中)?` + keys + `个?重点(?:课题)?)?`,
				please + raise + `(?:给)?` + unit + `(?:重点)?(?:课题)?(?:名额)?` + goal + keys + `个?(?:重点)?(?:课题)?(?:名额)?`,
				please + unit + `(?:课题)?(?:名额)?` + raise + goal + topics + `个?(?:课题)?(?:名额)?(?:[,，、和 ]*(?:其中)?` + keys + `个?重点(?:课题)?)?`,
				please + unit + `重点(?:课题)?(?:名额)?` + raise + goal + keys + `个?(?:重点)?(?:课题)?(?:名额)?`,
				please + raise + `(?:给)?` + unit + `(?:课题)?(?:名额)?`,
				please + unit + raise + `(?:课题)?名额`,
			},
		},
		Allow:   func(v V) string { return mayAll(v, award.ActionQuota) },
		Begin:   beginQuota,
		Confirm: dialog.ConfirmYes,
		Summary: quotaSummary,
		Fields: []Field{
			unitField("给哪个单位放宽？写单位名。", award.ActionQuota),
			{
				Key: "topics", Label: "课题名额", Aliases: []string{"名额", "课题总数"}, Kind: dialog.Number{Min: 1, Max: award.MaxQuota}, Required: true,
				Ask: "本届最多可报几个课题？", Example: "4",
				Default: func(v V, a dialog.Answers) string {
					topics, _, _ := quotaOf(v, a.Get("unit"))
					return topics
				},
				Check: func(v V, a dialog.Answers, s string) dialog.Problem {
					return quotaProblem(v, "topics", s, a.Get("keys"))
				},
			},
			{
				Key: "keys", Label: "重点名额", Aliases: []string{"重点课题名额"}, Kind: dialog.Number{Min: 1, Max: award.MaxQuota}, Required: true, Quiet: true,
				Ask: "其中重点课题最多几个？", Example: "3",
				Default: func(v V, a dialog.Answers) string {
					_, keys, _ := quotaOf(v, a.Get("unit"))
					return keys
				},
				Check: func(v V, a dialog.Answers, s string) dialog.Problem {
					return quotaProblem(v, "keys", a.Get("topics"), s)
				},
			},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			u, why := oneUnit(v, a.Get("unit"))
			if why != "" {
				return Action{}, why
			}
			return Action{
				Command: award.RaiseQuota{By: v.Me, Unit: u.ID, Topics: atoi(a.Get("topics")), KeyTopics: atoi(a.Get("keys"))},
				Done:    quotaDone,
			}, ""
		},
	}
}

// beginQuota takes unit and figures out of the sentence; who names only key
// topics leaves the number of all as it is, unless there must be more.
func beginQuota(v V, s dialog.Slots) (dialog.Start, string) {
	if _, ok := v.Cycle(); !ok {
		return dialog.Start{}, "本届还没有开，开届后才能放宽名额。"
	}
	start := dialog.Start{Raw: rawSlots(map[string]string{"unit": s["unit"], "topics": s["topics"], "keys": s["keys"]})}
	if topics, _, ok := quotaOf(v, s["unit"]); ok && s["topics"] == "" && s["keys"] != "" {
		keys := dialog.Number{Min: 1, Max: award.MaxQuota}.Read(s["keys"], dialog.Env{Now: v.Now}).Value
		start.Answers = map[string]string{"topics": itoa(max(atoi(topics), atoi(keys)))}
	}
	return start, ""
}

// quotaOf returns the limits a unit has now, "" when it is not known yet.
func quotaOf(v V, name string) (topics, keys string, ok bool) {
	c, open := v.Cycle()
	u, why := oneUnit(v, name)
	if !open || name == "" || why != "" {
		return "", "", false
	}
	most, mostKeys := award.Quota(c, u)
	return itoa(most), itoa(mostKeys), true
}

// quotaProblem judges one of the two figures; a missing one is no reason.
func quotaProblem(v V, field, topics, keys string) dialog.Problem {
	c, _ := v.Cycle()
	most, mostKeys := atoi(topics), atoi(keys)
	if topics == "" {
		most = award.MaxQuota
	}
	if keys == "" {
		mostKeys = c.MaxKeyTopics
	}
	if i := award.CheckRaise(c, most, mostKeys); i != nil && i.Field == field {
		return issue(i)
	}
	return dialog.Problem{}
}

// atoi reads a canonical number.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// quotaSummary shows the limits before and after.
func quotaSummary(v V, a dialog.Answers) string {
	u, _ := oneUnit(v, a.Get("unit"))
	topics, keys, _ := quotaOf(v, u.ID)
	change := func(before, after string) string {
		if before == after {
			return before + " 个（不变）"
		}
		return before + " 个 → " + after + " 个"
	}
	lines := []string{
		"要放宽" + u.Name + "本届的名额：",
		"课题名额：" + change(topics, a.Get("topics")),
		"重点名额：" + change(keys, a.Get("keys")),
		"要改回复“课题名额：5”或“重点名额：3”这样的话。只管这一家、这一届，别的单位不变。",
	}
	if names := namesOf(v, quotaReceivers(v, u)); names != "" {
		lines = append(lines, "办好后通知"+names+"。")
	}
	return strings.Join(lines, "\n")
}

// quotaReceivers are who files for the unit.
func quotaReceivers(v V, u award.Unit) []string {
	if len(u.Filers) == 0 {
		return unique(v.Me.UserID, u.Heads)
	}
	return unique(v.Me.UserID, u.Filers)
}

// quotaDone tells the unit what it may file now.
func quotaDone(v V, ch award.Changes) Said {
	u := ch.Units[0].After
	limits := fmt.Sprintf("本届最多报 %d 个课题，其中重点课题最多 %d 个", u.MaxTopics, u.MaxKeyTopics)
	receivers := quotaReceivers(v, u)
	said := Said{Reply: chat.Reply{Text: "已办：" + u.Name + limits + "，已通知" + namesOf(v, receivers) + "。"}}
	for _, id := range receivers {
		m := to(id, "quota|"+u.ID+"|r"+itoa(int(u.Rev)), "县委组织部给"+u.Name+"放宽了名额："+limits+"。要再报请回复 报课题。")
		m.Rule, m.Clause = "filing.quota-raised", "C81"
		said.Messages = append(said.Messages, m)
	}
	return said
}
