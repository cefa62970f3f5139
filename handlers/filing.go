package handlers

import (
	"slices"
	"strconv"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// filingID names the form in drafts; never changed.
const filingID = "filing"

// filingForm is 课题备案 (C59–C77): eleven questions, the rest is derived and
// read back once, optional fields are offered at the end (design.md D9).
func filingForm() *Form {
	return &Form{
		ID: filingID, Version: 1, Title: "课题备案", Minutes: 8, Menu: "报课题（可分几次填；已报的要改说 修改报送）",
		Intent: dialog.Intent{
			Exact: []string{
				"报课题", "我要报课题", "课题备案", "备案", "我要备案", "填备案表", "申报课题", "报备案", "报个课题", "我想报课题", "我想报个课题",
				"补正", "开始补正", "修改报送", "改报送", "改备案", "修改备案",
			},
			Patterns: []string{
				`(?:我|我们|帮我|想|要|来|再|先|能不能|可以)*(?:新)?(?:报|填|建|申报|新建|做)(?:一?[个份项])?(?:新的?)?(?:课题|备案表?|课题备案)(?:.{0,3}(?:咋|怎么|如何)(?:弄|办|报|填|搞).{0,3})?`,
				`(?:我|我们|还|想|要)*(?P<new>再|另外?再?|重新)(?:报|填|建)(?:一?[个份项])?(?:新的?)?(?:课题|备案表?|备案)?`,
				`(?:备案|备按|课题)(?:表)?(?:怎么|咋|如何)(?:填|报|弄|办).{0,20}`,
				`(?P<edit>补正|修改报送|改报送|修改备案|改备案)\s*(?P<object>\d{4}-\d{4})?`,
				`(?P<again>重报|重新报送?|带出上次的?)(?:课题)?`,
				`.{0,30}(?:想|要|帮我)(?:新)?(?:报|申报|建|填|搞).{0,60}(?:课题|备案|项目).{0,300}`,
			},
		},
		Allow:   mayFile,
		Begin:   beginFiling,
		Confirm: dialog.ConfirmSubmit,
		Keep:    true,
		Facts:   filingFacts,
		Fields:  filingFields(),
		Ignore:  []string{"申报单位", "单位", "申报党委", "填报单位", "填报日期", "附件", "备注", "序号"},
		Rules:   filingRules(),
		Finish:  finishFiling,
	}
}

// mayFile says who may start a filing.
func mayFile(v V) string {
	return may(v, award.ActionFile)
}

// filingFields are the answers of 课题备案; keys are those of award.CheckFiling.
func filingFields() []Field {
	return []Field{
		{
			Key: "title", Label: "课题名称", Aliases: []string{"名称", "题目", "课题", "项目名称", "课题题目"}, Section: "基本情况",
			Kind: dialog.Text{Min: award.MinTitle, Max: award.MaxTitle}, Required: true,
			Ask: "请写课题名称，6–40 字。", Example: "村级党群议事会“三议三公开”机制探索",
			Help:  "写清在哪里、做什么。6–40 字，同一党委本届不能重名；参考课题可用可不用，自拟题目一样受理。",
			Check: titleProblem,
		},
		{
			Key: "direction", Label: "类别或方向", Aliases: []string{"类别", "方向", "课题类别", "参考方向", "类别或参考方向"}, Section: "基本情况",
			Kind: directionKind{}, Required: true,
			Ask: "属于哪一类？回复数字；知道方向编号也可直接写。", Example: "3，或 3.3",
			Help: "三类：1 先进性（党员发展、教育、管理），2 能力（组织能力建设），3 活力（班子、制度、民主管理）；自选回复 9，不会因为不在目录里被退回。十个参考方向编号为 1.1 到 3.3。",
		},
		{
			Key: "problem", Label: "拟解决的突出问题", Aliases: []string{"突出问题", "问题", "拟解决的问题", "拟解决问题"}, Section: "基本情况",
			Kind: dialog.LongText{Min: award.MinProblem, Max: award.MaxProblem}, Required: true,
			Ask: "要解决什么突出问题？20–500 字。", Example: "村里大事议而不决、决而不公开，去年接到这方面的信访 6 件，群众意见大。",
			Help: "写眼下最急的一两个问题，最好带上依据：谁反映的、有什么数字。",
		},
		{
			Key: "pilots", Label: "试点单位", Aliases: []string{"试点", "试点村", "试点社区"}, Section: "试点安排",
			Kind: pilotRows(), Required: true,
			Ask: "放在哪里试点？1–5 个，可一行一个。", Example: "柳林村党支部、河湾村党支部",
			Help:  "1–5 个，名称不超过 30 字。可以带上类型、负责人和电话，如“柳林村党支部 村 张明 13800000000”。以后要加：加 某某村；要删：删 2。",
			Check: func(_ V, _ dialog.Answers, s string) dialog.Problem { return issue(award.CheckPilots(toPilots(s))) },
		},
		{
			Key: "content", Label: "试点内容", Aliases: []string{"内容", "主要内容"}, Section: "试点安排",
			Kind: dialog.LongText{Min: award.MinContent, Max: award.MaxContent}, Required: true,
			Ask: "试点做什么？20–800 字。", Example: "建立议题收集、党群联议、结果公开三个环节，每月 10 日为议事日，议题公开征集。",
			Help: "写清打算试的做法。一条消息发不完就分几条发，发完回复 完成。",
		},
		{
			Key: "steps", Label: "实施步骤", Aliases: []string{"步骤", "计划", "实施计划", "进度安排"}, Section: "试点安排",
			Kind: stepRows(), Required: true,
			Ask: "分哪几步？2–12 步，每步写上完成日期。", Example: "1. 2027年3月 调研摸底，制定方案\n2. 2027年12月 两个村试点\n3. 2028年6月 全镇推开",
			Help:  "一行一步，日期按先后排，“2027年3月”按月底算。改某一步：改 2 新内容；加一步：加 2028年9月 总结。",
			Check: stepsProblem,
		},
		{
			Key: "measures", Label: "具体措施", Aliases: []string{"措施", "主要措施"}, Section: "试点安排",
			Kind: measureRows(), Required: true,
			Ask: "有哪些具体措施？1–10 条，可一行一条。", Example: "每月10日议事日；二维码征集议题；公开栏加微信群双公开",
			Check: func(_ V, _ dialog.Answers, s string) dialog.Problem { return issue(award.CheckMeasures(toMeasures(s))) },
		},
		{
			Key: "finish", Label: "完成时间", Aliases: []string{"完成", "完成日期", "结束时间", "完成期限"}, Section: "试点安排",
			Kind: dialog.Date{}, Required: true,
			Ask: "什么时候完成？写到年、月、日都行。", Example: "2028年9月底",
			Help:    "不早于最后一步，不晚于本届申报截止；“2028年9月”按 9 月 30 日算。本届做不完的，先回复“跨届：是”。",
			Default: lastStep, Check: finishProblem,
		},
		{
			Key: "outcome", Label: "预期成效", Aliases: []string{"成效", "预期效果", "预期成果"}, Section: "成效与责任",
			Kind: dialog.Text{Min: 4, Max: award.MaxOutcome}, Required: true,
			Ask: "做成以后会有什么变化？300 字以内。", Example: "村级重大事项公开率达到 100%，相关信访下降一半，形成一套议事制度。",
		},
		{
			Key: "responsible", Label: "责任人", Aliases: []string{"负责人", "课题负责人", "项目负责人", "主持人"}, Section: "成效与责任",
			Kind: dialog.Contact{}, Required: true,
			Ask: "谁具体负责？写姓名、职务、电话。", Example: "李春梅 副书记 13800000011",
			Help:    "责任人可以就是分管领导。手机或带区号的座机都行。",
			Default: defaultDeputy,
			Check: func(_ V, _ dialog.Answers, s string) dialog.Problem {
				return issue(award.CheckResponsible(toContact(s)))
			},
		},
		{
			Key: "secrecy", Label: "保密确认", Aliases: []string{"保密承诺", "保密"}, Section: "成效与责任",
			Kind: secrecyKind{dialog.Word{Words: []string{"确认"}}}, Required: true,
			Ask: "以上内容都不涉密吗？不涉密请回复 确认。", Example: "确认",
			Help: "涉密材料不能在这里填报，请走机要渠道。",
		},
		{
			Key: "head", Label: "一把手", Aliases: []string{"党委书记", "书记", "主要负责人"}, Section: "自动带出",
			Kind: dialog.Contact{}, Required: true, Quiet: true, Default: defaultHead,
			Ask: "一把手是谁？写姓名、职务、电话。", Example: "王建国 党委书记 13800000010",
			Check: func(_ V, _ dialog.Answers, s string) dialog.Problem { return issue(award.CheckHead(toContact(s))) },
		},
		{
			Key: "deputy", Label: "分管领导", Aliases: []string{"分管", "分管负责人"}, Section: "自动带出",
			Kind: dialog.Contact{}, Required: true, Quiet: true, Default: defaultDeputy,
			Ask: "分管领导是谁？写姓名、职务、电话。", Example: "李春梅 副书记 13800000011",
			Check: func(_ V, _ dialog.Answers, s string) dialog.Problem { return issue(award.CheckDeputy(toContact(s))) },
		},
		{
			Key: "contact", Label: "填报联系人", Aliases: []string{"联系人", "填报人"}, Section: "自动带出",
			Kind: dialog.Contact{}, Required: true, Quiet: true, Default: defaultSelf,
			Ask: "有事联系谁？写姓名、职务、电话。", Example: "李春梅 副书记 13800000011",
			Check: func(_ V, _ dialog.Answers, s string) dialog.Problem { return issue(award.CheckContact(toContact(s))) },
		},
		{
			Key: "key", Label: "重点课题", Note: keyNote, Aliases: []string{"是否重点课题", "是否重点"}, Section: "自动带出",
			Kind: dialog.YesNo{}, Required: true, Quiet: true, Default: defaultKey,
			Ask: "是重点课题吗？回复 是 或 否。", Example: "是",
			Help:  "每个党委重点课题有名额，重点课题要交总结报告。",
			Check: keyProblem,
		},
		{
			Key: "products", Label: "成果形式", Aliases: []string{"成果"}, Section: "选填", Quiet: true,
			Kind: dialog.Multi{Options: productOptions(), Min: 1, Max: len(award.ProductKinds())},
			Ask:  "准备形成哪些成果？可多选。", Example: "1、3",
		},
		{
			Key: "late", Label: "逾期原因", Aliases: []string{"逾期说明"}, Section: "选填",
			Kind: dialog.Text{Min: 4, Max: 200}, Quiet: true, Silent: true,
			Ask: "已过截止时间，请写逾期原因。", Example: "书记在外学习，12月25日才返回。",
		},
		{
			Key: fieldCross, Label: "跨届", Aliases: []string{"跨届实施", "是否跨届"}, Section: "选填",
			Kind: dialog.YesNo{}, Quiet: true, Silent: true,
			Ask: "要跨届实施吗？回复 是 或 否。", Example: "是",
			Help: "本届总结申报前做不完的课题可以跨届，完成时间最多再往后 12 个月。",
			Warn: crossWarning,
		},
	}
}

// FilingKeys lists the fields of the filing that a person is asked or offered,
// in order; the tests walk them.
func FilingKeys() []string {
	var keys []string
	for _, fl := range filingFields() {
		if !fl.Silent {
			keys = append(keys, fl.Key)
		}
	}
	return keys
}

// mayEdit names statuses in which a unit may still change its filing.
func mayEdit(s award.Status) bool { return s.IsOpen() }

// beginFiling starts an empty filing, or one filled from the topic to be mended.
func beginFiling(v V, s dialog.Slots) (dialog.Start, string) {
	if _, ok := v.Cycle(); !ok {
		return dialog.Start{Note: "本届还没有开，可以先填好存着，开届后再提交。"}, ""
	}
	if s["again"] != "" {
		return beginAgain(v)
	}
	wanted := s["object"]
	mend := s["edit"] != "" || wanted != "" || strings.Contains(s["text"], "补正") || strings.Contains(s["text"], "修改报送") ||
		strings.Contains(s["text"], "改报送") || strings.Contains(s["text"], "改备案") || strings.Contains(s["text"], "修改备案")
	if !mend {
		c, _ := v.Cycle()
		if i := award.CheckQuota(c, v.Unit, false, ""); i != nil {
			return dialog.Start{}, i.Text
		}
		return dialog.Start{}, ""
	}
	t, why := ownTopic(v, "修改报送", wanted, mayEdit)
	if why != "" {
		return dialog.Start{}, why
	}
	start := dialog.Start{Object: t.ID + "@" + itoa(int(t.Rev)), Answers: fromFiling(t.Current().Filing), Note: "《" + t.Title() + "》已报的内容都带出来了。"}
	if c, ok := v.Cycle(); ok && award.IsLate(c, v.Unit, v.Now) && (t.Status == award.StatusAwaiting || t.Status == award.StatusFiled) {
		return dialog.Start{}, "备案已截止，《" + t.Title() + "》已提交的内容不能直接改。确需修改：还没确认的请一把手回复 退回修改；已到组织部的请" + human(v) + "退回补正。"
	}
	if t.Decline != nil {
		start.Note += "\n要改的：" + t.Decline.Reason
	}
	if t.Return != nil && t.Status == award.StatusReturned {
		start.Asks = map[string]string{}
		var general []string
		for _, item := range t.Return.Items {
			if item.Field == "" {
				general = append(general, item.Text)
				continue
			}
			start.Asks[item.Field] = strings.TrimPrefix(start.Asks[item.Field]+"；"+item.Text, "；")
		}
		start.Note = "《" + t.Title() + "》请在" + momentText(t.Return.Due) + "前补正，其余内容都带出来了。"
		if !v.Now.Before(t.Return.Due) {
			start.Note = "《" + t.Title() + "》的补正期限（" + momentText(t.Return.Due) + "）已过，请尽快补正。"
		}
		if len(general) > 0 {
			start.Note += "\n要补正：" + strings.Join(general, "；")
		}
	}
	if len(start.Asks) == 0 {
		start.Note += "\n先改要改的：回复“改 编号 新内容”，编号看 预览；改好再确认下面这项。"
	}
	return start, ""
}

// beginAgain starts a new filing from the one withdrawn last.
func beginAgain(v V) (dialog.Start, string) {
	page := v.Topics(award.TopicQuery{Unit: v.Me.Unit, Status: award.StatusWithdrawn, Limit: 10})
	if len(page.Topics) == 0 {
		return dialog.Start{}, "没有撤回过的课题可以带出来。要报新的请回复 报课题。"
	}
	t := page.Topics[len(page.Topics)-1]
	return dialog.Start{Answers: fromFiling(t.Current().Filing), Note: "撤回的《" + t.Title() + "》内容都带出来了，要改回复“改 编号 新内容”。"}, ""
}

// editedTopic is the id and revision of the topic a filing's draft works on.
func editedTopic(object string) (id string, rev int64) {
	id, after, _ := strings.Cut(object, "@")
	rev, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		rev = 0
	}
	return id, rev
}

// ownTopic finds the asker's topic in a state, newest first when none is named.
func ownTopic(v V, what, id string, fits func(award.Status) bool) (award.Topic, string) {
	if id != "" {
		t, ok := v.Topic(id)
		switch {
		case !ok || t.Unit != v.Me.Unit:
			return t, "没有找到您单位的这份课题（" + dialog.Cut(id, 40) + "）。"
		case !fits(t.Status):
			return t, "《" + t.Title() + "》现在是“" + string(t.Status) + "”，不能这样办。"
		}
		return t, ""
	}
	page := v.Topics(award.TopicQuery{Unit: v.Me.Unit, Limit: 10})
	var best []award.Topic
	for _, t := range page.Topics {
		switch {
		case !fits(t.Status) || len(best) > 0 && urgency(t) < urgency(best[0]):
		case len(best) > 0 && urgency(t) == urgency(best[0]):
			best = append(best, t)
		default:
			best = []award.Topic{t}
		}
	}
	if len(best) > 1 {
		lines := []string{"您单位有几份可以" + what + "："}
		for _, t := range best {
			lines = append(lines, t.ID+" 《"+t.Title()+"》")
		}
		lines = append(lines, "请写上编号，如“"+what+" "+best[0].ID+"”。")
		return award.Topic{}, strings.Join(lines, "\n")
	}
	if len(best) == 0 {
		lines := []string{"您单位现在没有可以" + what + "的课题。"}
		for i := range page.Topics {
			lines = append(lines, "《"+page.Topics[i].Title()+"》："+statusText(v, page.Topics[i]))
		}
		return award.Topic{}, strings.Join(lines, "\n")
	}
	return best[0], ""
}

// urgency orders topics by who waits for the unit: the department, the 一把手, nobody.
func urgency(t award.Topic) int {
	switch t.Status {
	case award.StatusReturned:
		return 3
	case award.StatusReworking:
		return 2
	case award.StatusWithdrawn:
		return 0
	default:
		return 1
	}
}

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
		Command: award.SubmitFiling{By: v.Me, Topic: id, Unit: v.Unit.ID, Filing: f, LateReason: a.Get("late"), At: v.Now},
		Done:    filingDone,
	}, ""
}

// filingDone is the receipt, and tells whoever comes next.
func filingDone(v V, ch award.Changes) Said {
	said := filingSaid(v, ch.Topics[0].After)
	said.About = chat.Ref{Kind: "topic", ID: ch.Topics[0].After.ID, Rev: ch.Topics[0].After.Rev}
	return said
}

func filingSaid(v V, t award.Topic) Said {
	key := "filing|" + t.ID + "|v" + itoa(t.Current().N)
	if t.Status == award.StatusFiled {
		said := toDepartment(v, t, key)
		said.Messages = append(said.Messages, toGrantor(v, t, key)...)
		said.Reply = chat.Reply{Text: receipt(v, t) + "\n下一步：组织部形式审查，通过后给您备案编号。\n备案前要改回复 修改报送，要撤回复 撤回。"}
		return said
	}
	said := Said{Reply: chat.Reply{Text: receipt(v, t) + "\n下一步：" + confirmersText(v) + "确认后才报到组织部，已经通知到。\n" + howToChange(v)}}
	text := whoFilled(v) + "填好了课题备案，请您确认：\n" + brief(t) + "\n\n同意请回复 确认报送；要改请回复 退回修改；看全文请回复 看全文。"
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
		"\n责任人：" + f.Responsible.Name + " " + f.Responsible.Post + "\n完成时间：" + f.Finish.Date.String() + crossText(f)
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

// filingFacts are the rows of the confirm card.
func filingFacts(v V, a dialog.Answers) []chat.Row {
	f := toFiling(a)
	rows := []chat.Row{
		{Name: "课题", Value: dialog.Cut(f.Title, 80)},
		{Name: "党委", Value: dialog.Cut(v.Unit.Name, 60)},
		{Name: "责任人", Value: f.Responsible.Name},
		{Name: "完成", Value: f.Finish.Date.String()},
	}
	if c, ok := v.Cycle(); ok {
		rows = append(rows, chat.Row{Name: "截止", Value: momentText(award.FilingDeadline(c, v.Unit))})
	}
	return rows
}

// lastStep proposes the last step's date as the finish.
func lastStep(_ V, a dialog.Answers) string {
	steps := toSteps(a.Get("steps"))
	if len(steps) == 0 {
		return ""
	}
	last := steps[len(steps)-1].Due
	return dialog.JoinDate(last.Date.String(), string(last.Precision), last.Raw)
}

// contactOf proposes a member of the list as a contact.
func contactOf(v V, ids []string) string {
	for _, id := range ids {
		if p, ok := v.Person(id); ok && !p.Left {
			return dialog.JoinRows([][]string{{p.Name, p.Post, p.Phone}})
		}
	}
	return ""
}

func defaultHead(v V, _ dialog.Answers) string   { return contactOf(v, v.Unit.Heads) }
func defaultDeputy(v V, _ dialog.Answers) string { return contactOf(v, v.Unit.Deputys) }

// defaultSelf is whoever fills it in; the department enters the unit's own people.
func defaultSelf(v V, _ dialog.Answers) string {
	if v.Me.Unit != v.Unit.ID {
		return contactOf(v, slices.Concat(v.Unit.Filers, v.Unit.Deputys))
	}
	return contactOf(v, []string{v.Me.UserID})
}

// defaultKey proposes 重点 while the unit's quota lasts (domain.md 2.4).
func defaultKey(v V, a dialog.Answers) string {
	c, _ := v.Cycle()
	if award.CheckQuota(c, v.Unit, true, dialog.ObjectID(a.Object)) == nil {
		return dialog.Yes
	}
	return dialog.No
}

// keyNote explains the one default that uses up something scarce (C81).
func keyNote(value string) string {
	if value == dialog.Yes {
		return "（名额有限，不是请回复 改 15 否）"
	}
	return ""
}

// issue turns a rule of the programme into a sentence at the question.
func issue(i *award.Issue) dialog.Problem {
	if i == nil {
		return dialog.Problem{}
	}
	return dialog.Problem{Kind: dialog.RuleBroken, Text: i.Text}
}

func titleProblem(v V, a dialog.Answers, s string) dialog.Problem {
	c, _ := v.Cycle()
	if p := issue(award.CheckTitle(c, v.Unit, s, dialog.ObjectID(a.Object))); !p.OK() {
		return p
	}
	if i := award.CheckQuota(c, v.Unit, false, dialog.ObjectID(a.Object)); i != nil {
		return issue(i)
	}
	return dialog.Problem{}
}

func keyProblem(v V, a dialog.Answers, s string) dialog.Problem {
	c, _ := v.Cycle()
	return issue(award.CheckQuota(c, v.Unit, s == dialog.Yes, dialog.ObjectID(a.Object)))
}

func stepsProblem(_ V, _ dialog.Answers, s string) dialog.Problem {
	return issue(award.CheckSteps(toSteps(s), award.PartialDate{}))
}

func finishProblem(v V, a dialog.Answers, s string) dialog.Problem {
	c, _ := v.Cycle()
	return issue(award.CheckFinish(c, toSteps(a.Get("steps")), toDate(s), a.Get(fieldCross) == dialog.Yes, award.DateOf(v.Now)))
}

// filingRules are checked across fields: a step moved behind the finish.
func filingRules() []dialog.Rule[V] {
	return []dialog.Rule[V]{{
		Name: "steps before finish", Blames: []string{"finish"},
		Check: func(_ V, a dialog.Answers) (string, dialog.Problem) {
			if !a.Has("steps") || !a.Has("finish") {
				return "", dialog.Problem{}
			}
			return "finish", issue(award.CheckSteps(toSteps(a.Get("steps")), toDate(a.Get("finish"))))
		},
	}}
}
