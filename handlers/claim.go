package handlers

import (
	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// claimForm takes “书记同意了” when the filing is already in: it is kept as said,
// and the 一把手 is asked once more for his own word (D11, C82).
func claimForm() *Form {
	return &Form{
		ID: "claim", Version: 1, Title: "转述一把手意见", Minutes: 1,
		Intent:  dialog.Intent{Idle: true, Patterns: []string{`(?P<words>` + claimedWords + `)`}},
		Allow:   mayFile,
		Confirm: dialog.ConfirmNone,
		Begin: func(v V, s dialog.Slots) (dialog.Start, string) {
			for _, t := range v.Topics(award.TopicQuery{Unit: v.Me.Unit, Status: award.StatusAwaiting, Limit: 10}).Topics {
				return dialog.Start{Object: t.ID, Answers: map[string]string{"words": claimedTail.ReplaceAllString(s["words"], "")}}, ""
			}
			return dialog.Start{}, "您单位现在没有等一把手确认的课题。" + nudge(v, "")
		},
		Fields: []Field{{
			Key: "words", Label: "一把手意见", Kind: dialog.Text{Min: 2, Max: 100}, Required: true, Ask: "一把手怎么说的？", Example: "书记同意了",
		}},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			return Action{Command: award.ClaimConsent{By: v.Me, Topic: a.Object, Words: a.Get("words")}, Done: claimDone}, ""
		},
	}
}

// claimDone says what still is needed, and asks whoever can give it.
func claimDone(v V, ch award.Changes) Said {
	t := ch.Topics[0].After
	said := Said{Reply: chat.Reply{
		Text: "记下了：“" + t.ClaimedConfirm + "”。《" + t.Title() + "》还要" + confirmersText(v) + "本人确认才报到组织部，已经再请他确认。",
	}}
	text := v.Me.Name + "说：" + t.ClaimedConfirm + "\n《" + t.Title() + "》还要您本人确认：同意请回复 确认报送；要改请回复 退回修改；看全文请回复 看全文。"
	for _, id := range unique(v.Me.UserID, v.Unit.Heads, v.Unit.Confirmers) {
		m := to(id, "filing|"+t.ID+"|r"+itoa(int(t.Rev))+"|claimed", text)
		m.Card = topicCard(t, "请确认课题备案",
			chat.Button{Label: "确认报送", Say: "确认报送 " + t.ID}, chat.Button{Label: "退回修改", Say: "退回修改 " + t.ID}, chat.Button{Label: "看全文", Say: "看全文 " + t.ID})
		m.Unless = &chat.Condition{Record: award.TopicRecord(t.ID), Field: "status", Value: string(award.StatusWithdrawn)}
		m.Rule, m.Clause = "filing.confirm", "C82"
		said.Messages = append(said.Messages, m)
	}
	return said
}
