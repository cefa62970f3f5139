package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// whichTopic is how people point at a filing: numbers of a list, a 备案编号, the
// internal number, all of them, or a unit's name.
const whichTopic = `(?P<which>第?\d{1,3}(?:号|份|个|家)?(?:[、，, ]*(?:和|到|至|-|—|～)?[、，, ]*第?\d{1,3}(?:号|份|个|家)?)*|\d{4}-\d{4}|〔?\d{4}〕?备-?\d{1,4}|全部|` + unitName + `)`

// mayReview says who may review filings (C77).
func mayReview(v V) string { return mayAll(v, award.ActionPending) }

// pendingQuery is 待审: what waits with the department, oldest first.
func pendingQuery() *Query {
	return &Query{
		ID: "pending", Title: "看待审清单", Menu: "待审（看报上来的备案）",
		Intent: dialog.Intent{
			Exact:    []string{"待审", "待审核", "待办", "待审清单", "有什么要审的", "审核", "看待审"},
			Patterns: []string{`.*待审(?:核)?的?(?:列|发|给|清单|有).*`, `.*(?:几家|几份|哪几家|哪些).{0,6}(?:报上来|待审).*`},
			Keywords: [][]string{{"待审", "报上来"}, {"列", "几", "哪", "看"}},
		},
		Allow: mayReview,
		Answer: func(v V, _ dialog.Slots) dialog.Answer {
			page := v.Topics(award.TopicQuery{Status: award.StatusFiled, Limit: 20})
			if page.Total == 0 {
				return dialog.Answer{Text: "现在没有待审的备案。\n" + totals(v)}
			}
			lines := []string{fmt.Sprintf("待审 %d 份：", page.Total)}
			ids := make([]string, 0, len(page.Topics))
			for i, t := range page.Topics {
				lines = append(lines, fmt.Sprintf("%d %s", i+1, topicLine(t)))
				ids = append(ids, t.ID)
			}
			if page.Total > len(page.Topics) {
				lines = append(lines, fmt.Sprintf("先列最早的 %d 份，办完再回复 待审 看后面的。", len(page.Topics)))
			}
			lines = append(lines, "", "看全文：看 1；通过：通过 1（几份一起：1到4号一块儿过）；退回：退回 2。")
			return dialog.Answer{Text: strings.Join(lines, "\n"), List: &dialog.List{Kind: listTopics, IDs: ids}}
		},
	}
}

// showQuery reads one filing page by page: staff any, a unit its own.
func showQuery() *Query {
	return &Query{
		ID: "show", Title: "看一份备案", Menu: "看全文（看报的内容）",
		Intent: dialog.Intent{
			Exact: []string{"看全文", "看备案", "看我们报的", "看一下", "看看", "看看全文", "看内容"},
			Patterns: []string{
				`(?:看看?|打开|查看|看全文|看下|详情)\s*` + whichTopic + `(?:的)?(?:备案|课题|那份|全文)?`,
			},
		},
		Answer: func(v V, s dialog.Slots) dialog.Answer {
			if a, ok := listedAnswer(v, s["which"]); ok {
				return a
			}
			t, why := shownTopic(v, s["which"])
			if why != "" {
				return dialog.Answer{Text: why}
			}
			a := dialog.Answer{Text: full(v, t)}
			a.Card = nextCard(v, t)
			return a
		},
	}
}

// nextCard offers what this person can do with the filing just read.
func nextCard(v V, t award.Topic) *chat.Card {
	own := t.Unit == v.Me.Unit
	switch {
	case t.Status == award.StatusFiled && !own && mayReview(v) == "":
		return topicCard(t, "审核备案",
			chat.Button{Label: "通过备案", Say: "通过 " + t.ID}, chat.Button{Label: "退回补正", Say: "退回 " + t.ID})
	case t.Status == award.StatusAwaiting && own && may(v, award.ActionConfirm) == "":
		return topicCard(t, "请确认课题备案",
			chat.Button{Label: "确认报送", Say: "确认报送 " + t.ID}, chat.Button{Label: "退回修改", Say: "退回修改 " + t.ID})
	case t.Status == award.StatusReturned && own && mayFile(v) == "":
		return topicCard(t, "退回补正", chat.Button{Label: "开始补正", Say: "补正 " + t.ID})
	}
	return nil
}

// shownTopic finds the topic to show and checks the right to read it. Who may
// not read every unit's hears nothing of other units, not even whether they filed.
func shownTopic(v V, which string) (award.Topic, string) {
	if mayAll(v, award.ActionRead) == "" && which != "" {
		ids, why := topicIDs(v, which, "")
		if why != "" {
			return award.Topic{}, why
		}
		t, ok := v.Topic(ids[0])
		if !ok {
			return t, "没有找到这份课题（" + dialog.Cut(which, 40) + "）。"
		}
		return t, ""
	}
	if mayAll(v, award.ActionRead) == "" {
		return award.Topic{}, "要看哪一份？请先回复 待审 看清单，再说“看 1”；也可以说单位名。"
	}
	if t, ok := jointTopic(v, which); ok {
		return t, ""
	}
	if r := award.May(v.Me, award.ActionRead, award.Object{Unit: v.Unit}); r != nil && !v.Me.Has(award.RolePilot) {
		return award.Topic{}, r.Text
	}
	t, why := ownTopic(v, "查看", ownID(v, which), func(s award.Status) bool { return s != award.StatusWithdrawn })
	if why != "" || t.Unit != v.Me.Unit {
		return award.Topic{}, "您可以看本单位报的课题：回复 看全文" + manyHint(v) + "。"
	}
	if r := award.May(v.Me, award.ActionRead, award.Object{Unit: v.Unit, Topic: t}); r != nil {
		return award.Topic{}, r.Text
	}
	return t, ""
}

// jointTopic finds a topic of another unit that the asker's unit files jointly,
// by its number.
func jointTopic(v V, which string) (award.Topic, bool) {
	id := refID.FindString(which)
	if id == "" {
		return award.Topic{}, false
	}
	t, ok := v.Topic(id)
	if !ok || t.Unit == v.Me.Unit || t.Status == award.StatusWithdrawn {
		return award.Topic{}, false
	}
	return t, award.May(v.Me, award.ActionRead, award.Object{Unit: award.Unit{ID: t.Unit}, Topic: t}) == nil
}

// ownID reads which of the unit's own topics a phrase means, "" for none named.
func ownID(v V, which string) string {
	if found := refID.FindString(which); found != "" {
		return found
	}
	numbers := listNumbers(which, len(v.List.IDs))
	if len(numbers) == 1 && v.List.Kind == listTopics && numbers[0] >= 1 && numbers[0] <= len(v.List.IDs) {
		return v.List.IDs[numbers[0]-1]
	}
	if which == "" || strings.Contains(v.Unit.Name, strings.TrimSuffix(which, "的")) {
		return ""
	}
	return "?"
}

// manyHint shows how to name one of several topics of the asker's own unit.
func manyHint(v V) string {
	topics := ownTopics(v)
	if len(topics) < 2 {
		return ""
	}
	var b strings.Builder
	b.WriteString(" 加编号：")
	for i, t := range topics {
		if i > 0 {
			b.WriteString("；")
		}
		b.WriteString("看全文 " + t.ID + "《" + t.Title() + "》")
	}
	return b.String()
}

// full is a whole filing as text, in the order of the form.
func full(v V, t award.Topic) string {
	f := t.Current().Filing
	values := fromFiling(f)
	lines := []string{"《" + f.Title + "》", t.Unit + " · " + string(t.Status) + " · 第 " + itoa(t.Current().N) + " 稿"}
	if t.Number != "" {
		lines = append(lines, "备案编号："+t.Number)
	}
	lines = append(lines, "报送："+timeText(t.SubmittedAt)+"，校验码 "+t.Current().Hash)
	if t.Late {
		lines = append(lines, "逾期报送，原因："+t.LateReason)
	}
	if p, ok := v.Person(t.ConfirmedBy); ok && t.ConfirmedBy != "" {
		lines = append(lines, "确认人："+p.Name+p.Post)
	}
	if t.ClaimedConfirm != "" {
		lines = append(lines, "填报人转述：“"+t.ClaimedConfirm+"”")
	}
	if t.Status == award.StatusFiled && mayReview(v) == "" {
		if like, _ := alikeLines(v, f.Title, t.ID); len(like) > 0 {
			lines = append(append(lines, "题目相近的（只是提示）："), like...)
		}
	}
	if t.Return != nil {
		lines = append(lines, "要补正（"+momentText(t.Return.Due)+"前）：")
		for i, item := range t.Return.Items {
			lines = append(lines, fmt.Sprintf("%d. %s", i+1, item.Text))
		}
	}
	for _, fl := range filingFields() {
		value := values[fl.Key]
		if value == "" || fl.Key == "title" {
			continue
		}
		shown := fl.Kind.Show(value)
		if strings.Contains(shown, "\n") {
			shown = "\n" + shown
		}
		lines = append(lines, "", "【"+fl.Label+"】"+shown)
		if fl.Key == fieldFiles {
			lines = append(lines, filesHint(t))
		}
	}
	return strings.Join(lines, "\n")
}

// acceptForm is 通过备案, one or several at once (C77, D15).
func acceptForm() *Form {
	return &Form{
		ID: "accept", Version: 1, Title: "通过备案", Minutes: 1, Menu: "通过 编号（几份一起：1到4号一块儿过）",
		Intent: dialog.Intent{
			Exact: []string{"通过", "备案通过"},
			Patterns: []string{
				`(?:可以|没问题|没意见|行|好的?)[,，、 ]*(?:就)?(?:备案)?(?:通过|过)(?:了|吧)?`,
				`(?:备案)?通过[：: ]*(?P<which>.{1,40})`,
				whichTopic + `(?:的|那份|这份|这几份)*(?:备案)?(?:一块儿|一起|都|全部|全)*(?:给)?(?:通过|过)(?:了|吧)?(?:[,，、 ]*给编号)?`,
			},
		},
		Allow: func(v V) string { return mayAll(v, award.ActionAccept) },
		Begin: func(v V, s dialog.Slots) (dialog.Start, string) {
			if s["which"] == "" && v.List.Kind == listTopics && len(v.List.IDs) == 1 {
				s["which"] = v.List.IDs[0]
			}
			if s["which"] == "" {
				return dialog.Start{}, "要通过哪一份？请先回复 待审 看清单，再说“通过 1”或“1到4号一块儿过”。"
			}
			ids, why := topicIDs(v, s["which"], award.StatusFiled)
			if why != "" {
				return dialog.Start{}, why
			}
			for _, id := range ids {
				t, ok := v.Topic(id)
				if !ok {
					return dialog.Start{}, "没有找到 " + dialog.Cut(id, 40) + " 这份课题，这次一份都没有办。"
				}
				if t.Status != award.StatusFiled {
					return dialog.Start{}, "《" + t.Title() + "》现在是“" + string(t.Status) + "”，不在待审里，这次一份都没有办。"
				}
			}
			return dialog.Start{Object: pinned(v, ids)}, ""
		},
		Confirm: dialog.ConfirmYes,
		Summary: func(v V, a dialog.Answers) string {
			ids, _ := unpinned(v, a.Object)
			lines := []string{fmt.Sprintf("要通过 %d 份备案，通过后给编号，不能撤销：", len(ids))}
			for i, id := range ids {
				if t, ok := v.Topic(id); ok {
					lines = append(lines, fmt.Sprintf("%d %s", i+1, topicLine(t)))
				}
			}
			return strings.Join(lines, "\n")
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			ids, why := unpinned(v, a.Object)
			if why != "" {
				return Action{}, why
			}
			return Action{Command: award.AcceptFilings{By: v.Me, Topics: ids}, Done: acceptDone}, ""
		},
	}
}

// pinned remembers which version of each topic was on the table.
func pinned(v V, ids []string) string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		t, _ := v.Topic(id)
		out = append(out, id+"@"+itoa(t.Current().N))
	}
	return strings.Join(out, " ")
}

// unpinned takes the ids back out, and says which topic has a newer version
// than the one that was about to be accepted.
func unpinned(v V, pins string) (ids []string, why string) {
	for pin := range strings.FieldsSeq(pins) {
		id, n, _ := strings.Cut(pin, "@")
		if t, ok := v.Topic(id); ok && itoa(t.Current().N) != n {
			why = "《" + t.Title() + "》刚有新的一稿，这次一份都没有办。请回复 看 " + id + " 看过再定。"
		}
		ids = append(ids, id)
	}
	return ids, why
}

// acceptDone gives the numbers and sends the receipts (回执).
func acceptDone(v V, ch award.Changes) Said {
	lines := []string{fmt.Sprintf("已备案 %d 份：", len(ch.Topics))}
	var said Said
	for _, c := range ch.Topics {
		t := c.After
		lines = append(lines, t.Number+" "+strings.TrimSuffix(t.Unit, "党委")+"《"+t.Title()+"》")
		text := "备案回执\n《" + t.Title() + "》已备案，编号 " + t.Number + "。\n备案时间：" + timeText(v.Now) + "，校验码 " + t.Current().Hash +
			"\n课题即日起进入实施，第一步：" + firstStep(t) + "。"
		unit, _ := v.View.Unit(t.Unit)
		for _, id := range unique(v.Me.UserID, []string{t.Filer}, unit.Filers, unit.Deputys, unit.Heads) {
			m := to(id, "filing|"+t.ID+"|accepted", text)
			m.Rule, m.Clause = "filing.accepted", "C77"
			said.Messages = append(said.Messages, m)
		}
		said.Messages = append(said.Messages, jointAccepted(v, t)...)
	}
	lines = append(lines, "回执已发给各单位。")
	said.Reply = chat.Reply{Text: strings.Join(lines, "\n")}
	return said
}

// jointAccepted tells the units that file jointly that the topic is recorded.
func jointAccepted(v V, t award.Topic) []chat.Message {
	var out []chat.Message
	for _, joint := range t.Current().Filing.Joint {
		unit, _ := v.View.Unit(joint)
		for _, id := range unique(v.Me.UserID, unit.Filers, unit.Heads) {
			m := to(id, "filing|"+t.ID+"|joint", t.Unit+"和您单位联合申报的《"+t.Title()+"》已备案，编号 "+t.Number+"。名额不占您单位的。看内容请回复 看全文 "+t.ID+"。")
			m.Rule, m.Clause = "filing.joint", "C31"
			out = append(out, m)
		}
	}
	return out
}

// firstStep names what comes first in a project.
func firstStep(t award.Topic) string {
	steps := t.Current().Filing.Steps
	if len(steps) == 0 {
		return "按方案开展"
	}
	return steps[0].Title + "（" + steps[0].Due.Date.String() + " 前）"
}

// returnForm is 退回补正 with items and days (C77).
func returnForm() *Form {
	return &Form{
		ID: "return", Version: 1, Title: "退回补正", Minutes: 2, Menu: "退回 编号（写明补什么、限几天）",
		Intent: dialog.Intent{
			Exact: []string{"退回", "退回补正", "退回修改", "打回"},
			Patterns: []string{
				`(?:退回|打回)(?:给)?[：: ]*(?P<which>[^,，。:：]{1,30}?)(?:的|那份)?(?:[,，:：]\s*(?P<items>.{2,400}?))?(?:[,，。；;]\s*限(?P<days>.{1,12}?)(?:内)?(?:补|补正|补齐|重报)?)?`,
				whichTopic + `(?:的|那份)*(?:给)?(?:退回去?|打回去?)(?:[,，:：]\s*(?P<items>.{2,400}?))?(?:[,，。；;]\s*限(?P<days>.{1,12}?)(?:内)?(?:补|补正|补齐|重报)?)?`,
			},
		},
		Allow: func(v V) string { return mayAll(v, award.ActionReturn) },
		Begin: func(v V, s dialog.Slots) (dialog.Start, string) {
			if s["which"] == "" {
				return dialog.Start{}, "要退回哪一份？请先回复 待审 看清单，再说“退回 2”。"
			}
			ids, why := topicIDs(v, s["which"], award.StatusFiled)
			if why != "" {
				return dialog.Start{}, why
			}
			if len(ids) > 1 {
				return dialog.Start{}, "退回要一份一份来，每份写清要补什么。请说一个编号，如 退回 " + ids[0] + "。"
			}
			t, ok := v.Topic(ids[0])
			switch {
			case !ok:
				return dialog.Start{}, "没有找到 " + dialog.Cut(ids[0], 40) + " 这份课题。"
			case t.Status != award.StatusFiled:
				return dialog.Start{}, "《" + t.Title() + "》现在是“" + string(t.Status) + "”，不能退回。"
			}
			start := dialog.Start{Object: t.ID, Raw: map[string]string{}, Note: "退回：" + topicLine(t)}
			if s["items"] != "" {
				start.Note, start.Raw["items"] = "", splitItems(s["items"])
			}
			if s["days"] != "" {
				start.Raw["days"] = s["days"]
			}
			return start, ""
		},
		Confirm: dialog.ConfirmYes,
		Summary: returnSummary,
		Fields: []Field{
			{
				Key: "items", Label: "补正事项", Required: true,
				Kind: dialog.Rows{Min: 1, Max: 10, Columns: []dialog.Column{{Key: "text", Label: "事项", Kind: dialog.Text{Min: 2, Max: 200}, Required: true, Example: "试点单位没写负责人"}}},
				Ask:  "要补哪几项？一行一条。", Example: "试点单位没写负责人\n实施步骤没写时间",
			},
			{
				Key: "days", Label: "补正期限", Aliases: []string{"期限", "限期"}, Required: true, Quiet: true, Kind: limitKind{},
				Default: func(V, dialog.Answers) string { return itoa(award.DefaultReturnDays) },
				Ask:     "限几个工作日补正？也可写到哪天。", Example: "5，或 下周五",
			},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			cmd := award.ReturnFiling{By: v.Me, Topic: a.Object, Items: returnItems(a.Get("items"))}
			cmd.Days, cmd.Due = limit(a.Get("days"))
			return Action{Command: cmd, Done: returnDone}, ""
		},
	}
}

func returnSummary(v V, a dialog.Answers) string {
	t, _ := v.Topic(a.Object)
	lines := []string{"要退回：" + topicLine(t), "补正事项："}
	for i, item := range returnItems(a.Get("items")) {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, item.Text))
	}
	due := limitKind{}.Show(a.Get("days"))
	if days, _ := limit(a.Get("days")); days > 0 {
		due += "（" + v.Calendar().Add(award.DateOf(v.Now), days).Short() + "前）"
	}
	lines = append(lines, "期限："+due+"，要改回复“补正期限：10天”这样的话。")
	if t.Returns >= 2 {
		lines = append(lines, fmt.Sprintf("这份已退回 %d 次，建议先打电话和填报人说清楚。", t.Returns))
	}
	return strings.Join(lines, "\n")
}

// splitItems puts the parts of one sentence on lines of their own when each
// names a field ("试点单位没写负责人，实施步骤太粗").
func splitItems(sentence string) string {
	parts := strings.FieldsFunc(sentence, func(r rune) bool { return r == '，' || r == ',' || r == '；' || r == ';' })
	for _, part := range parts {
		if fieldNamed(part) == "" {
			return sentence
		}
	}
	return strings.Join(parts, "\n")
}

// fieldNamed returns the key of the field whose label a text holds, the longest
// label first, "" for none.
func fieldNamed(text string) string {
	key, best := "", 0
	for _, fl := range filingFields() {
		for _, label := range append([]string{fl.Label}, fl.Aliases...) {
			if len(label) > best && strings.Contains(text, label) {
				key, best = fl.Key, len(label)
			}
		}
	}
	return key
}

// returnItems ties each item to the field it names, so that the unit is asked
// just for those.
func returnItems(rows string) []award.ReturnItem {
	var out []award.ReturnItem
	for _, row := range dialog.SplitRows(rows) {
		text := cell(row, 0)
		out = append(out, award.ReturnItem{Field: fieldNamed(text), Text: text})
	}
	return out
}

// returnDone tells the unit what to mend and until when.
func returnDone(v V, ch award.Changes) Said {
	t := ch.Topics[0].After
	due := momentText(t.Return.Due)
	lines := []string{"《" + t.Title() + "》退回补正，请在" + due + "前补好："}
	for i, item := range t.Return.Items {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, item.Text))
	}
	lines = append(lines, "", "回复 补正，我一项一项问您，其余内容都带出来。")
	said := Said{Reply: chat.Reply{Text: "已退回《" + t.Title() + "》，限" + due + "前补正，已通知填报人。"}}
	unit, _ := v.View.Unit(t.Unit)
	for _, id := range unique(v.Me.UserID, []string{t.Filer}, unit.Filers) {
		m := to(id, "filing|"+t.ID+"|r"+itoa(int(t.Rev))+"|returned", strings.Join(lines, "\n"))
		m.Card = topicCard(t, "退回补正", chat.Button{Label: "开始补正", Say: "补正 " + t.ID}, chat.Button{Label: "看全文", Say: "看全文 " + t.ID})
		m.Rule, m.Clause = "filing.returned", "C77"
		said.Messages = append(said.Messages, m)
	}
	return said
}
