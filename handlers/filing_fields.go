package handlers

import (
	"slices"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// filingFields are the answers of 课题备案 in order; keys are those of
// award.CheckFiling, and are never reused.
func filingFields() []Field {
	return slices.Concat(requiredFields(), derivedFields(), optionalFields(), dependentFields(), namedFields())
}

// requiredFields are asked one by one (design.md D9).
func requiredFields() []Field {
	return []Field{
		{
			Key: "title", Label: "课题名称", Aliases: []string{"名称", "题目", "课题", "项目名称", "课题题目"}, Section: "基本情况",
			Kind: dialog.Text{Min: award.MinTitle, Max: award.MaxTitle}, Required: true,
			Ask: "请写课题名称，6–40 字。", Example: "村级党群议事会“三议三公开”机制探索",
			Help:  "写清在哪里、做什么。6–40 字，同一党委本届不能重名；参考课题可用可不用，自拟题目一样受理。",
			Check: titleProblem, Warn: titleLikeness,
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
			Kind: dialog.Text{Min: award.MinOutcome, Max: award.MaxOutcome}, Required: true,
			Ask: "做成以后会有什么变化？300 字以内。", Example: "村级重大事项公开率达到 100%，相关信访下降一半，形成一套议事制度。",
		},
		{
			Key: "products", Label: "成果形式", Aliases: []string{"成果"}, Section: "成效与责任",
			Kind: menuMulti{pickOf(award.ProductKinds())}, Required: true,
			Ask: "准备形成哪些成果？可多选，回复数字或名称。", Example: "1、3",
			Help: "至少选一种：" + strings.Join(award.ProductKinds(), "、") + "。",
		},
		{
			Key: "responsible", Label: "责任人", Aliases: []string{"负责人", "课题负责人", "项目负责人", "主持人"}, Section: "成效与责任",
			Kind: dialog.Contact{}, Required: true, Complete: completePerson,
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
	}
}

// derivedFields come from the list of people and are read back once.
func derivedFields() []Field {
	return []Field{
		{
			Key: "head", Label: "一把手", Aliases: []string{"党委书记", "书记", "主要负责人"}, Section: "自动带出",
			Kind: dialog.Contact{}, Required: true, Complete: completePerson, Quiet: true, Default: defaultHead,
			Ask: "一把手是谁？写姓名、职务、电话。", Example: "王建国 党委书记 13800000010",
			Check: func(_ V, _ dialog.Answers, s string) dialog.Problem { return issue(award.CheckHead(toContact(s))) },
		},
		{
			Key: "deputy", Label: "分管领导", Aliases: []string{"分管", "分管负责人"}, Section: "自动带出",
			Kind: dialog.Contact{}, Required: true, Complete: completePerson, Quiet: true, Default: defaultDeputy,
			Ask: "分管领导是谁？写姓名、职务、电话。", Example: "李春梅 副书记 13800000011",
			Check: func(_ V, _ dialog.Answers, s string) dialog.Problem { return issue(award.CheckDeputy(toContact(s))) },
		},
		{
			Key: "contact", Label: "填报联系人", Aliases: []string{"联系人", "填报人"}, Section: "自动带出",
			Kind: dialog.Contact{}, Required: true, Complete: completePerson, Quiet: true, Default: defaultSelf,
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
	}
}

// optionalFields may be left out; they are offered in one closing question.
func optionalFields() []Field {
	return []Field{
		{
			Key: "joint", Label: "联合党委", Aliases: []string{"联合申报", "联合申报党委", "联合单位", "共建党委"}, Section: "选填", Quiet: true,
			Kind: joint(),
			Ask:  "和哪些党委联合申报？最多 3 个。", Example: "柳林镇、县教育局", Resolve: jointUnits,
			Help: "写别的党委，最多 3 个，写一部分名字也行。提交和备案时会告诉他们，他们能看这一份；名额只算您单位的。",
		},
		{
			Key: "focus", Label: "创新着眼点", Aliases: []string{"着眼点"}, Section: "选填", Quiet: true,
			Kind: menuMulti{pickOf(award.FocusKinds())}, Ask: "着眼于哪方面的创新？可多选。", Example: "2、3",
		},
		{
			Key: "nature", Label: "问题类型", Aliases: []string{"问题性质"}, Section: "选填", Quiet: true,
			Kind: menuMulti{pickOf(award.NatureKinds())}, Ask: "是热点、难点还是重点问题？可多选。", Example: "2",
		},
		{
			Key: "background", Label: "背景依据", Aliases: []string{"背景", "课题背景", "背景和依据"}, Section: "选填", Quiet: true,
			Kind: dialog.LongText{Min: award.MinBackground, Max: award.MaxBackground},
			Ask:  "有什么背景和依据？500 字以内。", Example: "去年全镇村级信访 23 件，其中 6 件反映大事不公开；县委要求今年抓好村级民主。",
			Check: func(_ V, _ dialog.Answers, s string) dialog.Problem { return issue(award.CheckBackground(s)) },
		},
		{
			Key: "serves", Label: "服务的中心工作", Aliases: []string{"中心工作", "服务中心工作"}, Section: "选填", Quiet: true,
			Kind: dialog.Text{Min: award.MinServes, Max: award.MaxServes}, Ask: "服务哪项中心工作？60 字以内。", Example: "乡村振兴和基层治理",
		},
		{
			Key: "links", Label: "联系点", Aliases: []string{"委员联系点", "党委委员联系点"}, Section: "选填", Quiet: true,
			Kind: linkRows(), Ask: "哪位委员联系哪个试点？一行一条。", Example: "何为民 柳林村党支部", Resolve: linkPilots,
			Help: "委员姓名在前，试点单位在后；联系所有试点的只写姓名。",
			Check: func(_ V, a dialog.Answers, s string) dialog.Problem {
				return issue(award.CheckLinkPoints(toLinks(s), toPilots(a.Get("pilots"))))
			},
		},
		{
			Key: "members", Label: "课题组成员", Aliases: []string{"课题组", "成员", "课题成员"}, Section: "选填", Quiet: true,
			Kind: memberRows(), Ask: "课题组有谁？最多 8 人，一行一人。", Example: "钱大力 组织干事 13800000012",
			Help:  "姓名、职务或单位、电话，空格隔开；只写姓名也行。",
			Check: func(_ V, _ dialog.Answers, s string) dialog.Problem { return issue(award.CheckMembers(toMembers(s))) },
		},
		{
			Key: "meeting", Label: "集体研究", Aliases: []string{"集体研究情况", "会议研究"}, Section: "选填", Quiet: true,
			Kind: meeting(), Ask: "哪天的什么会研究过？", Example: "党委会 11月20日",
			Help: "写会议名称和日期，如“党委会 11月20日”。",
			Check: func(v V, _ dialog.Answers, s string) dialog.Problem {
				return issue(award.CheckMeeting(toMeeting(s), award.DateOf(v.Now)))
			},
		},
	}
}

// dependentFields are optional too and apply to some directions only.
func dependentFields() []Field {
	category := func(a dialog.Answers) string { c, _ := splitDirection(a.Get("direction")); return c }
	return []Field{
		{
			Key: "abilities", Label: "提升的能力", Aliases: []string{"提升能力"}, Section: "选填", Quiet: true,
			Kind: menuMulti{pickOf(award.AbilityKinds())}, Ask: "提升哪些能力？可多选。", Example: "1、5",
			When: func(a dialog.Answers) bool { return category(a) == award.CategoryCapable }, WhenNote: "类别是“2 能力”的课题才填",
		},
		{
			Key: "means", Label: "采用手段", Aliases: []string{"手段", "化解手段"}, Section: "选填", Quiet: true,
			Kind: menuMulti{pickOf(award.MeansKinds())}, Ask: "用哪些手段化解矛盾？可多选。", Example: "1、3",
			When: func(a dialog.Answers) bool { return a.Get("direction") == award.DirectionConflicts }, WhenNote: "方向是 2.3 的课题才填",
		},
		{
			Key: "systems", Label: "四项制度", Aliases: []string{"涉及制度"}, Section: "选填", Quiet: true,
			Kind: menuMulti{pickOf(award.SystemKinds())}, Ask: "涉及哪几项制度？可多选。", Example: "1、4",
			When: func(a dialog.Answers) bool { return a.Get("direction") == award.DirectionSystems }, WhenNote: "方向是 3.3 的课题才填",
		},
		filesField(),
	}
}

// namedFields are offered to nobody; they are there for those who name them.
func namedFields() []Field {
	return []Field{
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
		{
			Key: fieldClaimed, Label: "一把手意见", Aliases: []string{"书记意见", "领导意见"}, Section: "选填",
			Kind: dialog.Text{Min: 2, Max: 100}, Quiet: true, Silent: true,
			Ask: "一把手怎么说的？只作记录，不算确认。", Example: "书记同意了", Heard: claimedWords, Resolve: claimedOnly, Warn: claimedWarning,
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
