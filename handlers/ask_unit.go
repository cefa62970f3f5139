package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// unitQuery is 清河镇报了没: how one unit stands. The department sees any unit,
// others their own.
func unitQuery() *Query {
	return &Query{
		ID: "unit", Title: "看一个单位的情况",
		Intent: dialog.Intent{Patterns: []string{
			`(?:看看|查查|查一下|问一下|请问)?(?P<unit>` + unitName + `)(?:党委|党工委)?(?:的)?(?:课题|备案)?(?:现在|到底|目前)?(?:报了没有?|报了吗|报没报|报了不|交了没有?|交了吗|怎么样了?|咋样了?|啥情况|什么情况|情况如何|情况怎么样|的情况|进度如何|进度怎么样)(?:啊|呀|呢)?[?？]?`,
			`(?:看看|查查|查一下)?(?P<unit>` + unitName + `)(?:党委|党工委)?的(?:课题|情况)[?？]?`,
		}},
		Answer: func(v V, s dialog.Slots) dialog.Answer {
			c, open := v.Cycle()
			if !open {
				return dialog.Answer{Text: noCycle(v)}
			}
			own := v.Unit.ID != "" && strings.Contains(v.Unit.Name, s["unit"])
			switch {
			case own && mayReview(v) != "":
				return status(v, nil)
			case mayReview(v) != "":
				return dialog.Answer{Text: "别的单位报没报，只给组织部看。" + totals(v)}
			}
			u, why := oneUnit(v, s["unit"])
			if why != "" {
				return dialog.Answer{Text: why}
			}
			return unitAnswer(v, c, u)
		},
	}
}

// unitAnswer is what the department hears of a unit.
func unitAnswer(v V, c award.Cycle, u award.Unit) dialog.Answer {
	if !u.Owes {
		return dialog.Answer{Text: u.Name + "不在应报单位里。"}
	}
	lines := []string{u.Name + "，截止" + deadlineText(c, u)}
	if award.FilingDeadline(c, u).After(award.FilingDeadline(c, award.Unit{})) {
		lines[0] += "（个别延期）"
	}
	var ids []string
	if u.Cycle == c.ID {
		for _, t := range u.Topics {
			ids = append(ids, t.ID)
			lines = append(lines, fmt.Sprintf("%d %s", len(ids), refText(t)))
		}
	}
	d, drafting := v.Draft(u.ID)
	switch {
	case drafting:
		lines = append(lines, fmt.Sprintf("%s有一份草稿，填了 %d/%d%s。", nameOf(v, d.Person), d.Done, d.Total, lacking(d)))
	case len(ids) == 0:
		lines = append(lines, "还没有报，也没有草稿。")
	}
	if u.Cycle == c.ID && u.Wish != nil {
		lines = append(lines, "申请延到"+u.Wish.Until.Short()+"，等答复。")
	}
	if names := namesOf(v, unique("", u.Filers, u.Heads)); names != "" {
		lines = append(lines, "填报人和一把手："+names)
	}
	if len(ids) > 0 {
		lines = append(lines, "看全文：看 1。")
	}
	return dialog.Answer{Text: strings.Join(lines, "\n"), List: &dialog.List{Kind: listTopics, IDs: ids}}
}

// topicQuery answers a bare number or title: where that topic stands.
func topicQuery() *Query {
	return &Query{
		ID: "topic", Title: "看一个课题到哪一步",
		Intent: dialog.Intent{Idle: true, Patterns: []string{
			`(?P<which>\d{4}-\d{4,}|〔?\d{4}〕?备-?\d{1,4})(?:号)?(?:现在)?(?:到哪一?步了?|怎么样了?|情况|进度)?[?？]?`,
			`《(?P<title>[^》]{2,40})》(?:现在)?(?:到哪一?步了?|怎么样了?|情况|进度|报了没)?[?？]?`,
		}},
		Answer: func(v V, s dialog.Slots) dialog.Answer {
			which := s["which"]
			if which == "" {
				which = titled(v, s["title"])
			}
			if which == "" {
				return dialog.Answer{Text: "没有找到题目像《" + dialog.Cut(s["title"], 60) + "》的课题。可以说编号，也可以说单位名，如“清河镇的课题”。"}
			}
			t, why := shownTopic(v, which)
			if why != "" {
				return dialog.Answer{Text: why}
			}
			ref := award.TopicRef{ID: t.ID, Title: t.Title(), Status: t.Status, At: t.SubmittedAt, Late: t.Late}
			text := t.Unit + refText(ref)
			if t.Number != "" {
				text += "，备案编号 " + t.Number
			}
			return dialog.Answer{
				Text: text + "。\n看全文请回复：看 " + t.ID, List: &dialog.List{Kind: listTopics, IDs: []string{t.ID}}, Card: nextCard(v, t),
			}
		},
	}
}

// titled finds a topic by its title: of the asker's own unit by a part of it, of
// any unit, for those who read them all, by a title that is much alike.
func titled(v V, title string) string {
	for _, t := range v.Unit.Topics {
		if strings.Contains(award.FoldTitle(t.Title), award.FoldTitle(title)) {
			return t.ID
		}
	}
	if mayAll(v, award.ActionRead) != "" {
		return ""
	}
	const few = 5
	for _, one := range v.Similar(title, "", few) {
		if _, ok := v.Topic(one.ID); ok {
			return one.ID
		}
	}
	return ""
}
