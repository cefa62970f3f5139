package handlers

import (
	"slices"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// finishFiling makes the 提交 command.
func finishFiling(v V, a dialog.Answers) (Action, string) {
	id, rev := editedTopic(a.Object)
	if _, proxy := proxied(a.Object); proxy {
		id = ""
	}
	if t, ok := v.Topic(id); ok && t.Rev != rev {
		return Action{}, "《" + t.Title() + "》在您填的时候有了变化（现在是" + string(t.Status) + "，第 " + itoa(t.Current().N) + " 稿），这次没有提交。请回复 修改报送，按最新内容再改；您改的内容还在草稿里。"
	}
	f := toFiling(a)
	if t, ok := v.Topic(id); ok && t.Status == award.StatusReturned && award.HashFiling(f) == t.Current().Hash {
		return Action{}, "内容和退回前一样，还没有补正，没有提交。请先改要补的：回复“改 编号 新内容”；不用改的请直接和" + human(v) + "说明。"
	}
	return Action{
		Command: award.SubmitFiling{By: v.Me, Topic: id, Unit: v.Unit.ID, Filing: f, LateReason: a.Get("late"), Claimed: a.Get(fieldClaimed), At: v.Now},
		Done:    filingDone,
	}, ""
}

// filingDone is the receipt, and tells whoever comes next.
func filingDone(v V, ch award.Changes) Said {
	said := filingSaid(v, ch.Topics[0].After)
	said.Messages = append(said.Messages, toJoint(v, ch.Topics[0])...)
	said.About = chat.Ref{Kind: "topic", ID: ch.Topics[0].After.ID, Rev: ch.Topics[0].After.Rev}
	return said
}

func filingSaid(v V, t award.Topic) Said {
	key := "filing|" + t.ID + "|v" + itoa(t.Current().N)
	if t.Status == award.StatusFiled {
		said := toDepartment(v, t, key)
		said.Messages = append(said.Messages, toGrantor(v, t, key)...)
		said.Reply = chat.Reply{Text: receipt(v, t) + "\n下一步：组织部形式审查，通过后给您备案编号。\n备案前要改回复 修改报送，要撤回复 撤回。" + afterword(t)}
		return said
	}
	next := "\n下一步：" + confirmersText(v) + "确认后才报到组织部，已经通知到。"
	if t.ClaimedConfirm != "" {
		next = "\n您说的“" + t.ClaimedConfirm + "”记下了；还要" + confirmersText(v) + "本人确认才报到组织部，已经请他确认。"
	}
	said := Said{Reply: chat.Reply{Text: receipt(v, t) + next + "\n" + howToChange(v) + afterword(t)}}
	text := whoFilled(v) + "填好了课题备案，请您确认：\n" + brief(t)
	if t.ClaimedConfirm != "" {
		text += "\n" + v.Me.Name + "说：" + t.ClaimedConfirm
	}
	text += "\n\n同意请回复 确认报送；要改请回复 退回修改；看全文请回复 看全文。"
	for _, id := range unique("", v.Unit.Heads, v.Unit.Confirmers) {
		if id == v.Me.UserID {
			continue
		}
		m := to(id, key+"|confirm", text)
		m.Card = topicCard(t, "请确认课题备案",
			chat.Button{Label: "确认报送", Say: "确认报送 " + t.ID},
			chat.Button{Label: "退回修改", Say: "退回修改 " + t.ID},
			chat.Button{Label: "看全文", Say: "看全文 " + t.ID})
		m.Unless = &chat.Condition{Record: award.TopicRecord(t.ID), Field: "status", Value: string(award.StatusWithdrawn)}
		m.Rule, m.Clause = "filing.confirm", "C82"
		said.Messages = append(said.Messages, m)
	}
	said.Messages = append(said.Messages, toFilers(v, t, key)...)
	return said
}

// howToChange says how a filing that waits for the 一把手 is changed.
func howToChange(v V) string {
	if v.Me.Unit != v.Unit.ID {
		return "要改、要撤，由" + v.Unit.Name + "的人办，已经告诉填报人。"
	}
	return "确认前要改回复 修改报送，要撤回复 撤回。"
}

// afterword is the gentle word under a receipt: what could be added, who else
// was told.
func afterword(t award.Topic) string {
	f, text := t.Current().Filing, ""
	if len(f.Joint) > 0 {
		text += "\n联合申报的" + strings.Join(f.Joint, "、") + "也告诉了。"
	}
	if len(f.LinkPoints) == 0 {
		text += "\n联系点还没写，方便时回复 修改报送 补上。"
	}
	return text
}

// toJoint tells the units that file jointly with this one (联合党委, C31), and
// those that no longer do.
func toJoint(v V, c award.TopicChange) []chat.Message {
	t := c.After
	var before []string
	if c.Before != nil && c.Before.Status != award.StatusWithdrawn {
		before = c.Before.Current().Filing.Joint
	}
	now := t.Current().Filing.Joint
	if t.Status == award.StatusWithdrawn {
		now = nil
	}
	var out []chat.Message
	tell := func(id, what, text string, card *chat.Card) {
		unit, _ := v.View.Unit(id)
		for _, person := range unique(v.Me.UserID, unit.Filers, unit.Heads) {
			m := to(person, "filing|"+t.ID+"|r"+itoa(int(t.Rev))+"|"+what, text)
			m.Card, m.Rule, m.Clause = card, "filing.joint", "C31"
			out = append(out, m)
		}
	}
	for _, id := range now {
		if !slices.Contains(before, id) {
			tell(id, "joint", t.Unit+"提交了和您单位联合申报的课题：\n"+brief(t)+"\n名额算牵头单位的，您单位照常可以报自己的课题。看内容请回复 看全文 "+t.ID+"。",
				topicCard(t, "联合申报", chat.Button{Label: "看全文", Say: "看全文 " + t.ID}))
		}
	}
	for _, id := range before {
		if !slices.Contains(now, id) {
			text := t.Unit + "的《" + t.Title() + "》不再和您单位联合申报。"
			if t.Status == award.StatusWithdrawn {
				text = t.Unit + "撤回了和您单位联合申报的《" + t.Title() + "》。"
			}
			tell(id, "apart", text, nil)
		}
	}
	return out
}

// toGrantor tells the 一把手 that somebody authorised confirmed in their place.
func toGrantor(v V, t award.Topic, key string) []chat.Message {
	var out []chat.Message
	if slices.Contains(v.Unit.Heads, v.Me.UserID) {
		return nil
	}
	for _, id := range unique(v.Me.UserID, v.Unit.Heads) {
		m := to(id, key+"|granted", v.Me.Name+"按您的授权确认了《"+t.Title()+"》，已报到组织部（"+timeText(v.Now)+"）。看全文请回复 看全文。")
		m.Rule, m.Clause = "filing.granted", "C82"
		out = append(out, m)
	}
	return out
}

// receipt says what was received, when, and a mark of its content.
func receipt(v V, t award.Topic) string {
	text := "已收到：《" + t.Title() + "》\n报送时间：" + timeText(v.Now) + "，校验码 " + t.Current().Hash
	if t.Late {
		text += "\n已过截止时间，按“逾期”收下，原因已记。"
	} else if c, ok := v.Cycle(); ok && t.Current().N == 1 {
		on := "（截止" + deadlineText(c, v.Unit) + "，按时）"
		if !v.Now.Before(award.FilingDeadline(c, v.Unit)) {
			on = "（按时）"
		}
		text += on
	}
	return text
}

// confirmersText names who can confirm.
func confirmersText(v V) string {
	var names []string
	for _, id := range unique(v.Me.UserID, v.Unit.Heads, v.Unit.Confirmers) {
		if p, ok := v.Person(id); ok {
			names = append(names, p.Name+p.Post)
		}
	}
	if len(names) == 0 {
		return "一把手（名单里还没有，请联系管理员补上）"
	}
	return strings.Join(names, "或")
}

// brief is a filing in a few lines.
func brief(t award.Topic) string {
	f := t.Current().Filing
	names := make([]string, 0, len(f.Pilots))
	for _, p := range f.Pilots {
		names = append(names, p.Name)
	}
	return "课题：《" + f.Title + "》\n类别：" + directionText(f) + "\n试点：" + strings.Join(names, "、") +
		jointText(f) + "\n责任人：" + f.Responsible.Name + " " + f.Responsible.Post + "\n完成时间：" + f.Finish.Date.String() + crossText(f)
}

// jointText names the units a filing is joint with, as a line of its own.
func jointText(f award.Filing) string {
	if len(f.Joint) == 0 {
		return ""
	}
	return "\n联合党委：" + strings.Join(f.Joint, "、")
}

// toDepartment tells the 经办 that a filing waits.
func toDepartment(v V, t award.Topic, key string) Said {
	var said Said
	counts := v.Counts()
	text := "新报送：" + topicLine(t)
	text += "\n待审回复 待审，看这一份回复 看 " + t.ID + "。"
	if counts.Units > 0 {
		text += "\n目前已报 " + itoa(filedAfter(v, t)) + "/" + itoa(counts.Units) + " 家。"
	}
	for _, p := range v.WithRole(award.RoleStaff) {
		m := to(p.UserID, key+"|department", text)
		m.Card = topicCard(t, "新报送",
			chat.Button{Label: "看全文", Say: "看 " + t.ID},
			chat.Button{Label: "通过备案", Say: "通过 " + t.ID},
			chat.Button{Label: "退回补正", Say: "退回 " + t.ID})
		m.Rule, m.Clause = "filing.arrived", "C77"
		said.Messages = append(said.Messages, m)
	}
	return said
}

// filedAfter is the number of units that have filed once this topic counts.
func filedAfter(v V, t award.Topic) int {
	filed := v.Counts().Filed
	unit, _ := v.View.Unit(t.Unit)
	for _, ref := range unit.Topics {
		if ref.Status.IsDelivered() {
			return filed
		}
	}
	return filed + 1
}
