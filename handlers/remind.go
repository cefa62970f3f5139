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

// remindID names the form of 催报.
const remindID = "remind"

// mostReminded bounds one round of reminders; no county has more units.
const mostReminded = 500

// remindForm is 催一下: the department writes to the units that have not filed,
// after seeing how many there are and when it goes out.
func remindForm() *Form {
	return &Form{
		ID: remindID, Version: 1, Title: "催报", Minutes: 1, Menu: "催一下（给没报的单位发提醒）", Rare: true,
		Intent:  dialog.Intent{Exact: []string{"催报", "催一下", "催一催", "催没报的", "发催报"}},
		Allow:   func(v V) string { return mayAll(v, award.ActionRemind) },
		Begin:   beginRemind,
		Confirm: dialog.ConfirmYes,
		Summary: remindSummary,
		Fields: []Field{
			{Key: "unit", Label: "只催哪家", Kind: dialog.Text{Max: 40}, Quiet: true, Silent: true, Ask: "只催哪一家？写单位名。", Example: "柳林镇"},
			{Key: "cc", Label: "抄送", Kind: dialog.Text{Max: 20}, Quiet: true, Silent: true, Ask: "同时发给谁？", Example: "分管领导"},
			{Key: "tone", Label: "语气", Kind: dialog.Text{Max: 10}, Quiet: true, Silent: true, Ask: "语气怎样？", Example: "客气"},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			units, why := remindUnits(v, a.Get("unit"))
			if why != "" {
				return Action{}, why
			}
			at := award.Speaking(v.Calendar(), v.Now)
			return Action{
				Command: award.RemindUnfiled{By: v.Me, Units: len(units), At: at},
				Done:    func(v V, _ award.Changes) Said { return remindDone(v, units, a, at) },
			}, ""
		},
	}
}

func beginRemind(v V, s dialog.Slots) (dialog.Start, string) {
	if _, why := remindUnits(v, s["unit"]); why != "" {
		return dialog.Start{}, why
	}
	return dialog.Start{Answers: map[string]string{"unit": s["unit"], "cc": s["cc"], "tone": s["tone"]}}, ""
}

// remindUnits are the units that still owe a filing, one of them when it is named.
func remindUnits(v V, name string) ([]award.Unit, string) {
	c, open := v.Cycle()
	if !open {
		return nil, "本届还没有开，不用催。"
	}
	if name != "" {
		u, why := oneUnit(v, name)
		if why == "" && filedIn(c, u) {
			why = u.Name + "已经报了，不用催。"
		}
		return []award.Unit{u}, why
	}
	units := v.Unfiled(0, mostReminded).Units
	if len(units) == 0 {
		return nil, "都报了，没有要催的单位。" + totals(v)
	}
	return units, ""
}

// copied are the people a reminder goes to besides the fillers.
func copied(u award.Unit, cc string) []string {
	switch {
	case cc == "":
		return nil
	case strings.Contains(cc, "一把手"), strings.Contains(cc, "书记"):
		return u.Heads
	default:
		return u.Deputys
	}
}

func remindSummary(v V, a dialog.Answers) string {
	units, why := remindUnits(v, a.Get("unit"))
	if why != "" {
		return why
	}
	names := make([]string, 0, len(units))
	people := 0
	for _, u := range units {
		names = append(names, u.Name)
		people += len(unique(v.Me.UserID, remindTo(u), copied(u, a.Get("cc"))))
	}
	shown := names
	if len(shown) > 10 {
		shown = shown[:10]
	}
	lines := []string{fmt.Sprintf("要给 %d 家没报备案的单位发催报，共 %d 人%s：", len(units), people, ccText(a.Get("cc"))), strings.Join(shown, "、") + more(len(names)-len(shown))}
	lines = append(lines, "内容："+remindText(v, units[0], a.Get("tone")))
	if at := award.Speaking(v.Calendar(), v.Now); at.After(v.Now) {
		lines = append(lines, "现在是休息时间，"+momentText(at)+"再发出；那之前报了的不发。")
	} else {
		lines = append(lines, "确认后马上发；已报的不发。")
	}
	return strings.Join(lines, "\n")
}

func more(n int) string {
	if n > 0 {
		return fmt.Sprintf("等（还有 %d 家）", n)
	}
	return ""
}

func ccText(cc string) string {
	if cc == "" {
		return ""
	}
	return "（同时发给" + cc + "）"
}

// remindTo are the fillers of a unit, its 一把手 where there are none.
func remindTo(u award.Unit) []string {
	if len(u.Filers) == 0 {
		return u.Heads
	}
	return u.Filers
}

// remindText is what a unit is told; the department's own tone is polite.
func remindText(v V, u award.Unit, tone string) string {
	c, _ := v.Cycle()
	head := "您好！本届课题备案还没有收到" + u.Name + "的。"
	if tone == "严肃" {
		head = u.Name + "本届课题备案还没有报。"
	}
	end := "请在" + deadlineText(c, u) + "报上来。"
	if !v.Now.Before(award.FilingDeadline(c, u)) {
		end = "备案已于" + momentText(award.FilingDeadline(c, u)) + "截止，请尽快补报。"
	}
	return head + end + "现在填请回复 报课题；填过一半的回复 继续。有困难请和" + v.Me.Name + "联系。"
}

func remindDone(v V, units []award.Unit, a dialog.Answers, at time.Time) Said {
	c, _ := v.Cycle()
	var said Said
	for _, u := range units {
		for _, id := range unique(v.Me.UserID, remindTo(u), copied(u, a.Get("cc"))) {
			text := remindText(v, u, a.Get("tone"))
			if !slices.Contains(remindTo(u), id) {
				text = "（抄送您）" + text
			}
			m := to(id, "remind|"+u.ID+"|"+v.Now.In(award.Shanghai).Format("2006-01-02T15:04"), text)
			m.Rule, m.Clause = "filing.reminded", "C76"
			m.Unless = &chat.Condition{Record: award.FilingRecord(u.ID), Field: "filed", Value: c.ID}
			if at.After(v.Now) {
				m.NotBefore = at
			}
			said.Messages = append(said.Messages, m)
		}
	}
	when := "正在发出"
	if at.After(v.Now) {
		when = momentText(at) + "发出，那之前报了的不发"
	}
	said.Reply = chat.Reply{Text: fmt.Sprintf("好的，给 %d 家共 %d 人的催报%s。送不到的回复 发送失败 能看到。", len(units), len(said.Messages), when)}
	return said
}
