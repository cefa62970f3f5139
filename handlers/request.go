package handlers

import (
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// requestID names the form of requests after 备案.
const requestID = "request"

// requestForm is 申请变更 or 申请终止 (C69). Before 备案 a filing is changed or
// withdrawn directly; after it the wish goes to the department, and is kept.
func requestForm() *Form {
	return &Form{
		ID: requestID, Version: 1, Title: "申请变更或终止", Minutes: 1,
		Intent: dialog.Intent{
			Exact:    []string{"申请变更", "变更申请", "申请终止", "课题变更", "终止课题", "变更课题"},
			Patterns: []string{`(?:我们?)?(?:想|要)?申请(?:变更|终止)(?:课题)?`},
		},
		Allow:   func(v V) string { return may(v, award.ActionRequest) },
		Begin:   beginRequest,
		Confirm: dialog.ConfirmYes,
		Summary: func(v V, a dialog.Answers) string {
			t, _ := v.Topic(a.Object)
			return "要把这条" + a.Get("kind") + "申请转给" + human(v) + "：\n《" + t.Title() + "》" + t.Number + "\n“" + a.Get("words") + "”\n定下来以前，仍按已备案的内容办。"
		},
		Fields: []Field{
			{
				Key: "words", Label: "要怎么变", Kind: dialog.Text{Min: 4, Max: 300}, Required: true,
				Ask: "要变什么、为什么？一两句话写清楚。", Example: "责任人调走了，换成副书记马超。",
			},
			{Key: "kind", Label: "种类", Kind: dialog.Text{Max: 4}, Quiet: true, Silent: true, Ask: "是变更还是终止？", Example: "变更"},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			return Action{
				Command: award.RequestChange{By: v.Me, Topic: a.Object, Kind: a.Get("kind")},
				Done:    func(v V, _ award.Changes) Said { return requestDone(v, a) },
			}, ""
		},
	}
}

// beginRequest leads a filing not yet recorded to what can be done directly.
func beginRequest(v V, s dialog.Slots) (dialog.Start, string) {
	kind := s["kind"]
	if kind == "" {
		kind = "变更"
		if strings.Contains(s["text"], "终止") {
			kind = "终止"
		}
	}
	var open, running []award.Topic
	for _, t := range ownTopics(v) {
		switch {
		case t.Status == award.StatusRunning:
			running = append(running, t)
		case t.Status.IsOpen():
			open = append(open, t)
		}
	}
	if t, ok := named(running, s["text"]); ok {
		running = []award.Topic{t}
	}
	switch {
	case len(running) == 1:
		start := dialog.Start{Object: running[0].ID, Answers: map[string]string{"kind": kind}}
		if dialog.Runes(s["text"]) > 8 {
			start.Answers["words"] = dialog.Cut(strings.Join(strings.Fields(s["text"]), " "), 300)
		}
		return start, ""
	case len(running) > 1:
		lines := []string{"您单位有几份已备案的课题，是哪一份？请带上备案编号再说一遍，如“" + running[0].Number + " 申请" + kind + "”："}
		for _, t := range running {
			lines = append(lines, t.Number+" 《"+t.Title()+"》")
		}
		return dialog.Start{}, strings.Join(lines, "\n")
	case len(open) > 0 && kind == "终止":
		return dialog.Start{}, "《" + open[0].Title() + "》还没有备案，不用申请终止：不报了直接回复 撤回 就行，内容给您留着。"
	case len(open) > 0:
		return dialog.Start{}, "《" + open[0].Title() + "》还没有备案，不用申请变更：直接说要改什么，如“责任人改成马超 副书记 13800000000”，或回复 修改报送。"
	}
	return dialog.Start{}, "您单位现在没有已备案的课题。变更和终止是备案以后的事；还在填的直接说要改什么就行。"
}

// named finds the topic whose number a text holds.
func named(topics []award.Topic, text string) (award.Topic, bool) {
	no := listen(text, time.Time{}).number()
	for _, t := range topics {
		if no != "" && t.Number == no {
			return t, true
		}
	}
	return award.Topic{}, false
}

// requestDone tells the department what is wanted, and the unit what comes next.
func requestDone(v V, a dialog.Answers) Said {
	t, _ := v.Topic(a.Object)
	receivers := userids(v.WithRole(award.RoleStaff))
	if len(receivers) == 0 {
		receivers = userids(v.WithRole(award.RoleChief))
	}
	if len(receivers) == 0 {
		return Said{Reply: chat.Reply{Text: "申请已记下。名单里还没有经办，请直接联系县委组织部。"}}
	}
	said := Said{Reply: chat.Reply{Text: "已转给" + namesOf(v, receivers) + "，同意了会和您联系。定下来以前，仍按已备案的内容办。"}}
	text := v.Unit.Name + v.Me.Name + "申请" + a.Get("kind") + "《" + t.Title() + "》（" + t.Number + "）：\n“" + a.Get("words") + "”\n看全文请回复 看 " + t.ID + "；请和本人联系后办理。"
	words := fnv.New64a()
	_, _ = words.Write([]byte(text))
	// The same wish in the same words goes out once a day; another one always does.
	key := "request|" + t.ID + "|" + v.Now.In(award.Shanghai).Format(time.DateOnly) + "|" + strconv.FormatUint(words.Sum64(), 36)
	for _, id := range receivers {
		m := to(id, key, text)
		m.Rule, m.Clause = "topic.requested", "C69"
		said.Messages = append(said.Messages, m)
	}
	return said
}
