package handlers

import (
	"cxbot/award"
	"cxbot/dialog"
)

// waiting returns the one filing that waits for this person's confirmation; ok
// is false when there is none or more than one.
func waiting(v V) (t award.Topic, ok bool) {
	if may(v, award.ActionConfirm) != "" {
		return t, false
	}
	for _, own := range ownTopics(v) {
		if own.Status != award.StatusAwaiting {
			continue
		}
		if ok {
			return t, false
		}
		t, ok = own, true
	}
	return t, ok
}

// consentForm takes a bare 好, 行 or 确认 of somebody with one filing waiting, and
// asks once before it counts (C82).
func consentForm() *Form {
	return &Form{
		ID: "consent", Version: 1, Title: "确认报送", Minutes: 1,
		Intent: dialog.Intent{Idle: true, Exact: []string{
			"好", "好的", "行", "可以", "确认", "嗯", "没问题", "ok", "同意", "没意见", "报吧", "可以报", "报上去", "同意报", "没意见,报吧", "好的同意报送",
		}},
		Allow: func(v V) string {
			if _, ok := waiting(v); !ok {
				return "现在没有等您确认的事。"
			}
			return ""
		},
		Begin: func(v V, _ dialog.Slots) (dialog.Start, string) {
			t, _ := waiting(v)
			return dialog.Start{Object: t.ID}, ""
		},
		Confirm: dialog.ConfirmYes,
		Summary: func(v V, a dialog.Answers) string {
			t, _ := v.Topic(a.Object)
			return "您是同意报送《" + t.Title() + "》吗？"
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			return Action{Command: award.ConfirmFiling{By: v.Me, Topic: a.Object}, Done: confirmDone}, ""
		},
	}
}

// thanksQuery answers politeness without a menu.
func thanksQuery() *Query {
	return &Query{
		ID: "thanks", Title: "道谢",
		Intent: dialog.Intent{Idle: true, Exact: []string{"谢谢", "谢谢啦", "多谢", "感谢", "辛苦", "辛苦了", "收到", "知道了", "明白", "好", "好的", "行", "可以", "嗯", "没问题", "ok"}},
		Allow: func(v V) string {
			if _, ok := waiting(v); ok {
				return "有事等您确认。"
			}
			return ""
		},
		Answer: func(V, dialog.Slots) dialog.Answer { return dialog.Answer{Text: "不客气。"} },
	}
}
