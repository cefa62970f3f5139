package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// closeForm is 结束本届 by 科室负责人 (C60), and taking that back.
func closeForm() *Form {
	return &Form{
		ID: "close", Version: 1, Title: "结束本届", Minutes: 1, Menu: "结束本届（办完后才能开下一届）",
		Intent: dialog.Intent{
			Exact: []string{"结束本届", "关闭本届", "结束这一届", "结束这届", "本届结束", "本届办完了", "结束届次"},
			Patterns: []string{
				`(?P<undo>恢复|重新打开|重新开启|重开)(?:本届|这一?届|上一?届|刚才那届)`,
				`(?:请|帮我|把)*(?:结束|关闭)(?:掉)?(?:本届|这一?届)(?:吧|了)?`,
			},
		},
		Allow: func(v V) string { return mayAll(v, award.ActionClose) },
		Begin: func(v V, s dialog.Slots) (dialog.Start, string) {
			c, open := v.Cycle()
			switch {
			case s["undo"] != "" && open:
				return dialog.Start{}, "“" + c.Name + "”还开着，不用恢复。"
			case s["undo"] != "" && c.ID == "":
				return dialog.Start{}, "还没有开过届，没有可以恢复的。"
			case s["undo"] == "" && !open:
				return dialog.Start{}, "现在没有开着的届，不用结束。" + noCycle(v)
			}
			return dialog.Start{Answers: map[string]string{"undo": s["undo"]}}, ""
		},
		Confirm: dialog.ConfirmYes,
		Summary: closeSummary,
		Fields: []Field{
			{Key: "undo", Label: "恢复", Kind: dialog.Text{}, Quiet: true, Silent: true, Ask: "是恢复本届吗？", Example: "恢复"},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			return Action{Command: award.CloseCycle{By: v.Me, Undo: a.Has("undo")}, Done: closeDone}, ""
		},
	}
}

// closeSummary lists what is not finished yet.
func closeSummary(v V, a dialog.Answers) string {
	c, _ := v.Cycle()
	if a.Has("undo") {
		return "要恢复“" + c.Name + "”，课题和期限都还是结束以前的样子。"
	}
	n := v.Counts()
	lines := []string{
		"要结束“" + c.Name + "”。",
		fmt.Sprintf("应报 %d 家，已报 %d 家；已备案、正在实施的课题 %d 个。", n.Units, n.Filed, n.ByStatus[award.StatusRunning]),
	}
	const most = 20
	var open []string
	total := 0
	for _, status := range []award.Status{award.StatusAwaiting, award.StatusReworking, award.StatusFiled, award.StatusReturned} {
		page := v.Topics(award.TopicQuery{Status: status, Limit: most - len(open)})
		total += page.Total
		for _, t := range page.Topics {
			open = append(open, "· "+topicLine(t)+"："+string(t.Status))
		}
	}
	if total > 0 {
		lines = append(lines, fmt.Sprintf("还没办完备案的 %d 份：", total))
		lines = append(lines, open...)
		if total > len(open) {
			lines = append(lines, fmt.Sprintf("……只列前 %d 份。", len(open)))
		}
	}
	return strings.Join(append(lines, "结束后状态都不变，课题只能查看，提醒不再发，可以开下一届。结束错了可以回复 恢复本届。"), "\n")
}

// closeDone tells the department.
func closeDone(v V, ch award.Changes) Said {
	c := *ch.Cycle
	text, said := c.Name+"已结束。课题只能查看；要开下一届请回复 开届。", Said{}
	if c.IsOpen() {
		text = c.Name + "已恢复，可以接着办，提醒照常发。"
	}
	said.Reply = chat.Reply{Text: text}
	for _, id := range unique(v.Me.UserID, userids(v.WithRole(award.RoleStaff)), userids(v.WithRole(award.RoleChief)), userids(v.WithRole(award.RoleAdmin))) {
		m := to(id, "cycle|"+c.ID+"|r"+itoa(int(c.Rev))+"|closed", v.Me.Name+"办理："+text)
		m.Rule, m.Clause = "cycle.closed", "C60"
		said.Messages = append(said.Messages, m)
	}
	return said
}
