package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// wishesQuery lists the wishes for an extension that wait for an answer (C76).
func wishesQuery() *Query {
	return &Query{
		ID: "wishes", Title: "看延期申请", Menu: "延期申请（看谁想延期，等答复）",
		Intent: dialog.Intent{
			Exact:    []string{"延期申请", "看延期申请", "待批延期", "谁想延期", "谁要延期", "谁申请延期", "延期的申请", "有延期申请吗"},
			Patterns: []string{`.{0,8}(?:哪几?家|哪些(?:单位)?|谁|几家).{0,4}(?:想|要|申请|提出?)(?:了)?(?:延期|缓报).{0,6}`, `.{0,8}(?:待批|待答复|没答复|等答复)的?延期.{0,6}`},
		},
		Allow: func(v V) string { return mayAll(v, award.ActionExtend) },
		Answer: func(v V, _ dialog.Slots) dialog.Answer {
			c, open := v.Cycle()
			if !open {
				return dialog.Answer{Text: noCycle(v)}
			}
			const most = 50
			page := v.Wishing(0, most)
			if page.Total == 0 {
				return dialog.Answer{Text: "现在没有等答复的延期申请。"}
			}
			lines := []string{fmt.Sprintf("等答复的延期申请 %d 家：", page.Total)}
			for i, u := range page.Units {
				lines = append(lines, fmt.Sprintf("%d %s想延到%s，现在的期限是%s（%s %s提）", i+1, u.Name, u.Wish.Until.Short(),
					momentText(award.FilingDeadline(c, u)), nameOf(v, u.Wish.By), timeText(u.Wish.At)))
			}
			if page.Total > len(page.Units) {
				lines = append(lines, fmt.Sprintf("先列 %d 家，办完再看后面的。", len(page.Units)))
			}
			first := page.Units[0]
			lines = append(lines, "", "同意：“"+sayGrant(first.Name, first.Wish.Until)+"”；不同意：“不同意"+first.Name+"延期”。")
			return dialog.Answer{Text: strings.Join(lines, "\n")}
		},
	}
}

// nameOf is a member's name, the userid for one nobody knows any more.
func nameOf(v V, userid string) string {
	if p, ok := v.Person(userid); ok {
		return p.Name
	}
	return userid
}

// sayGrant is what to type to give a unit an extension.
func sayGrant(unit string, until award.Date) string {
	return fmt.Sprintf("给%s延期到%d年%d月%d日", unit, until.Year, until.Month, until.Day)
}

// declineWishForm answers 不同意 to a wish; whoever asked is told kindly.
func declineWishForm() *Form {
	return &Form{
		ID: "unwish", Version: 1, Title: "不同意延期", Minutes: 1,
		Intent: dialog.Intent{
			Exact: []string{"不同意延期", "延期不同意", "不批延期"},
			Patterns: []string{
				`(?:不同意|不批准?|不能给|不给)(?:给)?(?P<unit>` + unitName + `)(?:的)?(?:备案)?(?:延期|缓报)(?:申请)?(?:[,，。：: ]+(?P<reason>.{2,200}))?`,
				`(?P<unit>` + unitName + `)(?:的)?延期(?:申请)?(?:不同意|不批准?|不行)(?:[,，。：: ]+(?P<reason>.{2,200}))?`,
				`(?:不同意|不批准?)延期(?:申请)?[,，。：: ]+(?P<reason>.{2,200})`,
			},
		},
		Allow: func(v V) string { return mayAll(v, award.ActionExtend) },
		Begin: func(v V, s dialog.Slots) (dialog.Start, string) {
			if _, open := v.Cycle(); !open {
				return dialog.Start{}, noCycle(v)
			}
			unit := s["unit"]
			if unit == "" {
				page := v.Wishing(0, 1)
				if page.Total == 0 {
					return dialog.Start{}, "现在没有等答复的延期申请。"
				}
				if page.Total == 1 {
					unit = page.Units[0].Name
				}
			}
			return dialog.Start{Raw: rawSlots(map[string]string{"unit": unit, "reason": s["reason"]})}, ""
		},
		Confirm: dialog.ConfirmNone,
		Fields: []Field{
			unitField("不同意哪个单位延期？写单位名。", award.ActionExtend),
			{
				Key: "reason", Label: "原因", Kind: dialog.Text{Min: 2, Max: 200}, Quiet: true,
				Ask: "为什么不同意？可不写。", Example: "后面马上督查，时间排不开。",
			},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			u, why := oneUnit(v, a.Get("unit"))
			if why != "" {
				return Action{}, why
			}
			return Action{
				Command: award.DeclineWish{By: v.Me, Unit: u.ID},
				Done:    func(v V, ch award.Changes) Said { return declineWishDone(v, *ch.Units[0].Before, a.Get("reason")) },
			}, ""
		},
	}
}

// declineWishDone tells whoever asked, with what can be done now.
func declineWishDone(v V, u award.Unit, reason string) Said {
	c, _ := v.Cycle()
	text := "您申请把" + u.Name + "的课题备案延到" + u.Wish.Until.Short() + "，组织部这次没有同意。"
	if reason != "" {
		text += "\n原因：" + reason
	}
	text += "\n期限还是" + deadlineText(c, u) + "，" + daysLeft(v, c, u) + "。"
	if v.Now.Before(award.FilingDeadline(c, u)) {
		text += "现在填还来得及，约 8 分钟，回复 报课题；有难处请直接找" + v.Me.Name + "。"
	} else {
		text += "仍可以报，会标“逾期”；有难处请直接找" + v.Me.Name + "。"
	}
	m := to(u.Wish.By, "extension|"+u.ID+"|r"+itoa(int(u.Rev))+"|declined", text)
	m.Rule, m.Clause = "filing.extension-declined", "C76"
	return Said{
		Reply:    chat.Reply{Text: "已告诉" + nameOf(v, u.Wish.By) + "：这次不延期，" + u.Name + "的期限还是" + deadlineText(c, u) + "。"},
		Messages: []chat.Message{m},
	}
}
