package handlers

import (
	"regexp"
	"slices"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// slotReaders are the readers of each purpose's parts.
var slotReaders = map[string]slotReader{
	"topic.edit": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		if c, ok := readChange(s); ok {
			c.slots(out)
		}
	},
	"topic.missing": func(said, award.Calendar, []string, map[string]any) {},
	"topic.status": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		put(out, "filing_no", s.number())
	},
	"topic.submit":      readSubmit,
	"topic.withdraw":    readWithdraw,
	"topic.terminate":   readTerminate,
	"topic.directions":  readDirections,
	"past.search":       readPast,
	"template.get":      readTemplate,
	"deadline.query":    readDeadline,
	"extension.request": readExtensionRequest,
	"change.request":    readChangeRequest,
	"delegate.set":      readDelegate,
	"reminder.snooze":   readSnooze,
	"reminder.prefs":    readPrefs,
	"reminder.set":      readReminder,
	"remind.send":       readRemindSend,
	"review.pending": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		if all := s.pastWhens(); len(all) > 0 {
			out["date"] = all[0].day()
		}
		put(out, "org", s.org())
	},
	"filing.approve": readApprove,
	"filing.return":  readReturn,
	"filing.unfiled": func(s said, _ award.Calendar, roles []string, out map[string]any) {
		out["stage"] = s.stage()
		if hasRole(roles, group) {
			out["policy"] = "counts_only_in_group"
		}
	},
	"stats.query": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		out["stage"], out["metric"] = s.stage(), "filed"
		if s.has(oneOf(`通过|已备案|编号`)) {
			out["metric"] = "approved"
		}
		put(out, "org", s.org())
	},
	"deadline.set":      readDeadlineSet,
	"deadline.extend":   readDeadlineExtend,
	"deadline.simulate": readSimulate,
	"privacy.block":     readPrivacy,
}

var (
	confirmedWords = regexp.MustCompile(`((?:[\p{Han}]{1,3}?)?(?:党委|党工委)?(?:副?书记|镇长|乡长|局长|主任|委员|部长|董事长|分管领导|一把手|领导))(?:已经|也|都|刚|那边|本人|们)*(?:看过|看了|审过|点头|同意|签字|签了|说行|说可以|没意见|认可|批准|批了|点了头|首肯|过目|过了目|拍板|定了)`)
	filerWords     = regexp.MustCompile(`^(?:我们|我|请|这|那|经|和|跟|给|由|让|咱)+`)
)

func readSubmit(s said, _ award.Calendar, _ []string, out map[string]any) {
	put(out, "confirmed_by", filerWords.ReplaceAllString(s.found(confirmedWords), ""))
	put(out, "filing_no", s.number())
}

var (
	withdrawWish = oneOf(`撤|收回|拿回|要回|取回|不(?:急着)?报|先别报|不好意思|手快|报早|哎呀|点错|退给我|谢谢|麻烦`)
	endWish      = oneOf(`终止|中止|做不下去|搞不下去|推不动|进行不下去|不做了|不搞了|停掉|申请|想结束|放弃|取消课题|撤销课题|干不下去|干不成|办不下去|推不下去`)
	endNo        = regexp.MustCompile(`[〔\[【(]?20\d\d[〕\]】)]?\s*备\s*-?\s*\d{1,4}`)
)

func readWithdraw(s said, _ award.Calendar, _ []string, out map[string]any) {
	put(out, "reason", reasons(s.text, withdrawWish))
	put(out, "filing_no", s.number())
}

func readTerminate(s said, _ award.Calendar, _ []string, out map[string]any) {
	put(out, "filing_no", s.number())
	put(out, "reason", reasons(endNo.ReplaceAllString(s.text, ""), endWish))
}

var (
	orgTypes      = regexp.MustCompile(`(乡镇|街道|县直机关|县直|机关|企业|国企|学校|医院|农村|村里|两新组织|两新)(?:的|单位|党委|这边|这块|适合|一般|能|可以|该)`)
	directionCode = regexp.MustCompile(`(?:^|[^\d.])([1-3]\.[1-4])(?:[^\d]|$)`)
	queryForms    = []*regexp.Regexp{
		regexp.MustCompile(`(?:跟|和|与|同)([^,。?]{2,16}?)(?:有关|相关|沾边|沾点边|挂钩|搭边|搭界|有点关系|有关系|搭得上)`),
		regexp.MustCompile(`关于([^,。?]{2,16}?)(?:的|方面|这块|这方面)?(?:参考|课题|方向|选题|题目|$|[,。?])`),
		regexp.MustCompile(`(?:涉及|围绕|讲到?|说到?|针对|带|含|提到|有)+([^,。?有没讲]{2,16}?)(?:的|方面的?|这块的?|类的?)?(?:参考)?(?:课题|方向|选题|题目|没有?|吗|有没有|$|[,。?])`),
		regexp.MustCompile(`([^,。?有没哪些几个找帮]{2,14}?)(?:方面|这块|这方面|领域|类)(?:的|有)`),
		regexp.MustCompile(`(?:搜|查|找)(?:一?下|找)?[:“"]?([^,。?“”"]{2,12}?)["”]?(?:的)?(?:参考)?(?:课题|方向|选题|题目)`),
	}
	queryNot = regexp.MustCompile(`^(?:什么|哪些|啥|几个|参考|这个|那个|我们|没有|有没有|课题|方向|选题|题目|一些|没|哪个|点)`)
)

func readDirections(s said, _ award.Calendar, _ []string, out map[string]any) {
	if m := directionCode.FindStringSubmatch(s.plain); m != nil {
		out["direction"] = m[1]
		return
	}
	for _, re := range queryForms {
		if q := strings.TrimSuffix(strings.Trim(s.found(re), "“”\"的 "), "工作方面"); q != "" && !queryNot.MatchString(q) {
			if m := orgTypes.FindStringSubmatch(q + "的"); m == nil || m[1] != q {
				out["query"] = strings.TrimSuffix(q, "党建方面")
				return
			}
		}
	}
	put(out, "org_type", s.found(orgTypes))
}

var (
	cycleWords  = regexp.MustCompile(`(上上届|上一届|上届|往届|历届|前几届|上几届|前两届|去年|前年|以往|往年|20\d\d年?(?:届|度)?)`)
	winnerWords = oneOf(`得奖|获奖|拿奖|中奖|评上|优秀成果|奖|表彰|拿过|优秀`)
)

func readPast(s said, _ award.Calendar, _ []string, out map[string]any) {
	put(out, "cycle", strings.Replace(s.found(cycleWords), "上一届", "上届", 1))
	switch {
	case s.has(winnerWords):
		out["want"] = "winners"
	default:
		out["want"] = "topics"
	}
	for _, re := range append(queryForms[:2:2], pastAbout) {
		if q := s.found(re); q != "" && !queryNot.MatchString(q) {
			out["query"] = q
			break
		}
	}
	put(out, "org", s.org())
}

// pastAbout is what past results are searched for ("有没有搞物业党建的").
var pastAbout = regexp.MustCompile(`(?:有没有|里头|里面)(?:有没有|有|搞|讲|做|关于|涉及)*([^,。?有没]{2,12}?)(?:方面的?|的)(?:给|看|$|[,?])`)

var docWords = regexp.MustCompile(`(课题备案表|备案表|备案申请表|备案申请|变更申请表|变更表|延期申请表|延期申请|终止申请表|进展报告表|进展情况表|进展报告|进展表|总结报告|成果申报表|成果申报书|申报表|申报书|评分表|打分表|督查表|督查记录表|督办单|整改报告|实施方案|台账|汇总表|推荐表)`)

// docNames are the papers under the names the programme gives them.
var docNames = map[string]string{
	"课题备案表": "备案表", "备案申请表": "备案表", "备案申请": "备案表", "进展情况表": "进展表", "进展报告表": "进展表", "变更表": "变更申请表", "延期申请": "延期申请表", "打分表": "评分表", "督查记录表": "督查表",
}

func readTemplate(s said, _ award.Calendar, _ []string, out map[string]any) {
	doc := s.found(docWords)
	if name, ok := docNames[doc]; ok {
		doc = name
	}
	if doc == "" && s.has(oneOf(`备案`)) {
		doc = "备案表"
	}
	put(out, "doc", doc)
	switch {
	case s.has(oneOf(`(?i)word|docx?|文档版`)):
		out["format"] = "docx"
	case s.has(oneOf(`(?i)excel|xlsx?|电子表格`)):
		out["format"] = "xlsx"
	case s.has(oneOf(`(?i)pdf`)):
		out["format"] = "pdf"
	}
}

var (
	inclusiveWords = oneOf(`当天|当日|那天|这天|算不算|算按时|算在内|算逾期|包括|包不包|含不含|含当|含\d|算迟`)
	rolloverWords  = oneOf(`顺延|往后(?:挪|推|延|顺)|(?:周日|周末|周六|星期[天日六]|礼拜[天日六]|休息日|放假|节假日).{0,14}(?:延|挪|推|算|咋办|怎么办|周一)|推到(?:周一|星期一|礼拜一)`)
	daysWords      = oneOf(`(?:有|剩|剩下|差|多)(?:多少|几)天|(?:多少|几)天(?:就|到期|截止|$|[?呀啊了])|倒计时|几天了|多久(?:到期|截止|$)|还有多久|剩多久|多少天`)
	windowWords    = oneOf(`几号到几号|什么时候开始|啥时候开始|几号开始|起止|时间段|从几号|从什么时候|窗口|何时开始|哪天开始|开始报`)
)

func readDeadline(s said, _ award.Calendar, _ []string, out map[string]any) {
	out["stage"] = s.stage()
	switch {
	case s.has(rolloverWords):
		out["aspect"] = "rollover"
	case s.has(inclusiveWords):
		out["aspect"] = "inclusive"
	case s.has(windowWords):
		out["aspect"] = "window"
	case s.has(daysWords):
		out["aspect"] = "days_left"
	}
	for _, w := range s.whens() {
		if !strings.ContainsAny(w.raw, "周星礼") && w.precision == "day" && !slices.Contains([]string{"今天", "明天"}, w.raw) {
			out["date"] = w.day()
			return
		}
	}
}

var (
	extensionWish = oneOf(`缓|宽限|延|晚(?:几天|点|些|两天|一点|交|报)|推迟|推后|能不能|可不可以|行不|申请|通融|节点|求|恳请|报行|请|麻烦|[\d号日]+(?:前|之前)?(?:再)?(?:报|交)|第.{1,3}[步阶]|谢谢|成不|可否`)
	milestoneNo   = regexp.MustCompile(`(?:第([一二三四五六七八九十\d]{1,2})(?:个)?(?:节点|步|阶段|步骤)|(?:节点|步骤|阶段)([一二三四五六七八九十\d]{1,2}))`)
	monthsWords   = regexp.MustCompile(`(?:延|缓|推迟|宽限|延长|推后|展期|晚|多给)(?:期|后|长|上)?(\d{1,2}|[一二两三四五六七八九十半])个?月`)
	daysMore      = regexp.MustCompile(`(?:延|缓|推迟|宽限|延长|推后|展期|晚|多给)(?:期|后|长|上)?(\d{1,2}|[一二两三四五六七八九十]{1,2})(?:个)?(天|周|星期)`)
)

func readExtensionRequest(s said, _ award.Calendar, _ []string, out map[string]any) {
	if m := milestoneNo.FindStringSubmatch(s.plain); m != nil {
		out["target"] = "milestone"
		if n, ok := smallInt(m[1] + m[2]); ok {
			out["milestone"] = n
		}
	} else {
		out["stage"] = s.stage()
	}
	if m := monthsWords.FindStringSubmatch(s.plain); m != nil {
		if n, ok := smallInt(m[1]); ok {
			out["extend_months"] = n
		}
	} else if m := daysMore.FindStringSubmatch(s.plain); m != nil {
		if n, ok := smallInt(m[1]); ok {
			if m[2] != "天" {
				n *= 7
			}
			out["extend_days"] = n
		}
	} else if w, ok := s.lastWhen(); ok {
		out["new_date"] = w.day()
	}
	put(out, "filing_no", s.number())
	put(out, "reason", reasons(endNo.ReplaceAllString(s.text, ""), extensionWish))
}

var (
	changeKinds = []struct {
		words *regexp.Regexp
		key   string
	}{
		{oneOf(`责任人|负责人|牵头人`), "responsible"}, {oneOf(`试点`), "pilot_units"}, {oneOf(`完成时间|完成日期|完成期限`), "finish"},
		{oneOf(`一把手|党委书记换`), "top_leader"}, {oneOf(`分管领导`), "deputy_leader"}, {oneOf(`联系人|填报人`), "contact"}, {oneOf(`试点内容|内容`), "content"}, {oneOf(`课题名称|题目|名称`), "title"},
		{oneOf(`步骤|节点`), "steps"}, {oneOf(`措施`), "measures"},
	}
	changeWish = oneOf(`换成|换为|换|改成|改为|变更|更换|调整为|增加|新增|加上|去掉|退出|1[3-9]\d{9}|申请|提前到|推迟到|接任|新责任人|新负责人|由\p{Han}+(?:负责|接)`)
	changeTo   = regexp.MustCompile(`(?:换成|换为|改成|改为|变更为|变更成|更换为|更换成|调整为|现由|改由|新责任人(?:是|为|:)?|新负责人(?:是|为|:)?|由|接任的是|换)([^。;\n]{1,40})`)
	changeGone = regexp.MustCompile(`([\p{Han}]{2,14}(?:村|社区|党支部|党总支|公司|合作社|学校|企业))(?:要|想|申请|已经|已|也|因故)?(?:退出|撤出|搬走|不参加|不搞)`)
	changeDrop = regexp.MustCompile(`(?:去掉|撤掉|拿掉|换掉)([\p{Han}]{2,12}?)(?:$|[,。;])|把([\p{Han}]{2,12}?)(?:从试点|去掉|换成|撤掉)`)
	changeAdd  = regexp.MustCompile(`(?:增加|新增|加上|再加|加)(?:一个|1个)?(?:试点(?:单位)?)?[:]?([\p{Han}]{2,14}?(?:村|社区|党支部|党总支|公司|合作社|学校|企业)(?:党支部|党总支)?)`)
)

func readChangeRequest(s said, _ award.Calendar, _ []string, out map[string]any) {
	put(out, "filing_no", s.number())
	what := ""
	at := len(s.plain) + 1
	for _, k := range changeKinds {
		if m := k.words.FindStringIndex(s.plain); m != nil && m[0] < at {
			what, at = k.key, m[0]
		}
	}
	put(out, "change", what)
	value := s.found(changeTo)
	switch what {
	case "responsible", "top_leader", "deputy_leader", "contact":
		if value == "" && phoneWords.MatchString(s.plain) {
			value = s.text
		}
		if c := contactSlot(value); value != "" && len(c) > 0 {
			out["value"] = c
		}
	case "finish":
		if w, ok := s.lastWhen(); ok {
			out["value"] = w.slot()
		}
	case "pilot_units":
		if gone := s.found(changeGone); gone != "" {
			out["remove"] = []any{strings.TrimPrefix(gone, "试点单位")}
		} else if gone := s.found(changeDrop); gone != "" {
			out["remove"] = []any{gone}
		}
		if add := s.found(changeAdd); add != "" {
			out["add"] = []any{add}
		} else if value != "" && out["remove"] != nil {
			out["add"] = []any{strings.Trim(value, "“”\"吧了, ，")}
		} else if value != "" {
			out["value"] = strings.Trim(value, "“”\"吧了, ，")
		}
	case "steps":
		if w, ok := s.lastWhen(); ok {
			out["value"] = w.slot()
		}
	default:
		put(out, "value", strings.Trim(value, "“”\"吧了"))
	}
	put(out, "reason", reasons(endNo.ReplaceAllString(s.text, ""), changeWish))
}

var (
	accountWords = regexp.MustCompile(`(?:账号|帐号|userid|工号|企业微信号?|微信号?)\s*(?:是|为|:)?\s*([A-Za-z][A-Za-z0-9_.-]{1,30})`)
	handoverForm = oneOf(`接手|接替|接管|接着|接我|交给|移交|交接|转给|调走|调离|离职|产假|不在|归.{0,4}管|以后.{0,6}(?:接|管|负责|来填|来报|找)|(?:由|让).{0,6}(?:接|顶)`)
	helperForm   = oneOf(`也能|也可以|一起填|协助|帮我|帮忙|帮着|代填|代录|搭把手|共同`)
	personForms  = []*regexp.Regexp{
		regexp.MustCompile(`(?:让|请|叫|由|给|把|加上|加|授权|安排|委托|交给|移交给?|转给|归|找)(?:[^,。;]{0,10}?(?:办|部|股|室|局|镇|乡|街道|站)的)?((?:小|老)\p{Han}{1,2}?|` + nameForm + `)(?:同志|同事|来|也|接|协助|帮|能|可以|代|替|一起|填|管|负责|顶|加|先|弄|搞|办|盯|$|[,。;!])`),
		regexp.MustCompile(`(?:以后|今后|往后|后面|下一步)[^,。;]{0,6}?((?:小|老)\p{Han}|` + nameForm + `)(?:来|接|管|负责|弄|报|填)`),
		regexp.MustCompile(`((?:小|老)\p{Han})(?:接|来|协助|帮|顶|负责)`),
	}
	delegateWish = oneOf(`接手|接替|接|交给|移交|转给|账号|帐号|帮|协助|代填|代录|一起填|归.{0,4}管|加(?:个|一个)?人|由.{0,5}负责`)
	awayWords    = regexp.MustCompile(`(休产假|产假|休假|休年假|请假|病假|住院|生孩子|出差|调走|调离|调到\p{Han}{2,8}|调去\p{Han}{2,8}|离职|退休|去\p{Han}{0,4}学习|去\p{Han}{0,4}培训|去\p{Han}{0,4}挂职|到\p{Han}{0,4}挂职|挂职|驻村|换岗|离岗|培训)`)
)

// nameForm is a name of two or three characters beginning with a common surname.
const nameForm = `[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆卓古吉缪简车项连芦麦]\p{Han}{1,2}?`

func readDelegate(s said, _ award.Calendar, _ []string, out map[string]any) {
	to := s.found(accountWords)
	if to == "" {
		for _, re := range personForms {
			if to = s.found(re); to != "" {
				break
			}
		}
	}
	put(out, "to", to)
	out["kind"] = "assist"
	if s.has(handoverForm) && (!s.has(helperForm) || s.has(oneOf(`接|交给|移交|转给`))) {
		out["kind"] = "handover"
	}
	if w, ok := s.firstWhen(); ok {
		if strings.HasSuffix(w.raw, "起") || strings.HasSuffix(w.raw, "开始") || out["kind"] == "handover" {
			out["from_date"] = w.day()
		}
	}
	if away := s.found(awayWords); away != "" && out["kind"] == "handover" {
		out["reason"] = away
		return
	}
	for _, c := range clauses(s.text) {
		if h := half(c); !delegateWish.MatchString(h) && !strings.Contains(h, "填") {
			if r := reason(c); dialog.Runes(r) >= 2 {
				out["reason"] = r
			}
			return
		}
	}
}

func readSnooze(s said, _ award.Calendar, _ []string, out map[string]any) {
	if w, ok := s.lastWhen(); ok {
		out["until"] = w.day()
	}
}

var (
	digestWords = oneOf(`攒|汇总|合并|集中|凑|打包|并成|合成|归拢|一起发|一次性|统一|一条发|整理成`)
	freqWords   = []struct {
		words *regexp.Regexp
		name  string
	}{
		{oneOf(`一周|每周|一星期|一个星期|每星期|一礼拜`), "weekly"}, {oneOf(`一天|每天|每日`), "daily"}, {oneOf(`一个?月|每月`), "monthly"},
	}
	dayParts = []struct {
		words *regexp.Regexp
		name  string
	}{
		{oneOf(`早上|早晨|上午|清早|一早`), "morning"}, {oneOf(`中午`), "noon"}, {oneOf(`下午|傍晚`), "afternoon"}, {oneOf(`晚上`), "evening"},
	}
)

func readPrefs(s said, _ award.Calendar, roles []string, out map[string]any) {
	if s.has(oneOf(`群`)) || hasRole(roles, group) {
		out["scope"] = "group"
	}
	if s.has(digestWords) {
		out["mode"] = "digest"
	}
	if clock := s.hour(); clock != "" {
		out["time"] = clock
	} else {
		for _, p := range dayParts {
			if s.has(p.words) {
				out["time"] = p.name
				break
			}
		}
	}
	if out["mode"] == "digest" {
		return
	}
	for _, f := range freqWords {
		if s.has(f.words) {
			out["frequency"] = f.name
			return
		}
	}
	if out["scope"] == nil {
		out["mode"] = "digest"
	}
}

var (
	eachWeekday = regexp.MustCompile(`每(?:个|逢)?(?:周|星期|礼拜)([一二三四五六日天])`)
	topicWords  = regexp.MustCompile(`(备案|进展报告|进展|总结报告|总结|申报|督查|评审|整改|材料)`)
)

func readReminder(s said, _ award.Calendar, _ []string, out map[string]any) {
	put(out, "topic", s.lastOf(topicWords))
	clock := s.hour()
	switch m := eachWeekday.FindStringSubmatch(s.plain); {
	case m != nil:
		out["repeat"] = "weekly"
		out["weekday"] = strings.Index("一二三四五六日", strings.Replace(m[1], "天", "日", 1))/len("一") + 1
		put(out, "time", clock)
	case s.has(oneOf(`每天|每日|天天`)):
		out["repeat"] = "daily"
		put(out, "time", clock)
	case s.has(oneOf(`每周|每星期|每个星期`)):
		out["repeat"] = "weekly"
		put(out, "time", clock)
	case s.has(oneOf(`每个?月`)):
		out["repeat"] = "monthly"
		if w, ok := s.firstWhen(); ok {
			out["day"], _ = smallInt(strings.TrimLeft(w.date[8:], "0"))
		}
		put(out, "time", clock)
	default:
		put(out, "at", s.moment())
	}
}

// lastOf is the last occurrence of a word: what a reminder is about comes last.
func (s said) lastOf(re *regexp.Regexp) string {
	all := re.FindAllString(s.plain, -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// moment is a day with a time of day: "2026-11-24T09:00"; the date alone when
// no time is said, "" for none.
func (s said) moment() string {
	w, ok := s.firstWhen()
	clock := s.hour()
	switch {
	case !ok && clock == "":
		return ""
	case !ok:
		return award.DateOf(s.now).String() + "T" + clock
	case clock == "":
		return w.date
	}
	return w.date + "T" + clock
}
