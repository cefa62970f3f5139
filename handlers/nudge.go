package handlers

import (
	"fmt"

	"cxbot/award"
	"cxbot/dialog"
)

// nudge is the one line that helps this person most when a message was not
// understood: what waits for them, else where to begin.
func nudge(v V, text string) string {
	if mayReview(v) == "" {
		if n := v.Counts().ByStatus[award.StatusFiled]; n > 0 {
			return fmt.Sprintf("待审的备案有 %d 份，看清单回复 待审。", n)
		}
		return ""
	}
	topics := ownTopics(v)
	for _, t := range topics {
		switch {
		case t.Status == award.StatusAwaiting && may(v, award.ActionConfirm) == "":
			line := "《" + t.Title() + "》等您确认：同意请回复 确认报送，要改请回复 退回修改。"
			if n := dialog.Runes(text); n >= 4 && n <= 60 {
				line += "\n要把这句作为意见退给填报人，请回复：退回修改，" + text
			}
			return line
		case t.Status == award.StatusReturned && mayFile(v) == "":
			return "《" + t.Title() + "》退回补正，接着办请回复 补正。"
		case t.Status == award.StatusReworking && mayFile(v) == "":
			return "《" + t.Title() + "》一把手退回修改，接着改请回复 修改报送。"
		}
	}
	if v.Unit.Owes && len(topics) == 0 && mayFile(v) == "" {
		return "要报课题请回复 报课题。"
	}
	return ""
}

// ownTopics are the topics of the asker's unit that are not withdrawn.
func ownTopics(v V) []award.Topic {
	var out []award.Topic
	for _, t := range v.Topics(award.TopicQuery{Unit: v.Me.Unit, Limit: 10}).Topics {
		if t.Status != award.StatusWithdrawn {
			out = append(out, t)
		}
	}
	return out
}
