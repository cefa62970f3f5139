package handlers

import (
	"fmt"
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

var (
	copyWords  = regexp.MustCompile(`(?:抄送|抄给|抄|同时发|一并发|同时告诉|也发|告诉)(?:一?份)?(?:给|到|送)?(?:他们的?|各自的?|各家的?|各单位的?|单位的?)?(分管领导|一把手|党委书记|书记|责任人|负责人|分管|填报人|委员)`)
	politeTone = oneOf(`客气|委婉|温和|和气|礼貌|软一点|好好说`)
	firmTone   = oneOf(`严肃|严厉|硬一点|强硬|重一点|语气重`)
)

func readRemindSend(s said, _ award.Calendar, _ []string, out map[string]any) {
	out["stage"] = s.stage()
	if orgs := s.orgList(); len(orgs) > 0 {
		out["org"] = orgs[0]
	} else {
		out["target"] = "unfiled"
	}
	if out["org"] != nil && s.has(oneOf(unfiledWords)) && s.has(oneOf(`单位|各家`)) {
		out["target"] = "unfiled"
	}
	put(out, "cc", s.found(copyWords))
	switch {
	case s.has(politeTone):
		out["tone"] = "客气"
	case s.has(firmTone):
		out["tone"] = "严肃"
	}
	if clock := s.hour(); clock != "" {
		out["at"] = s.moment()
	}
}

var (
	itemsWords = regexp.MustCompile(`((?:第?\d{1,3}(?:号|份)?[、,和 ]*(?:到|至|-|~)?[、,和 ]*)+)(?:号|份|个|都|全|通?过)`)
	holdWords  = regexp.MustCompile(`(\d{1,3})号?(?:先)?(?:不|缓|放|等|留|暂|压|搁)`)
	spanWords  = regexp.MustCompile(`(\d{1,3})号?(?:到|至|-|~)第?(\d{1,3})`)
	digitsOnly = regexp.MustCompile(`\d{1,3}`)
)

var (
	listDates   = regexp.MustCompile(`\d{1,2}月\d{1,2}[号日]?|\d{1,2}[号日](?:之前|以前|前)|[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[号日]?|[一二三四五六七八九十]{1,3}[号日](?:之前|以前|前)`)
	listNumeral = regexp.MustCompile(`(?:第?[一二三四五六七八九十]{1,3}[、和到至])*第?[一二三四五六七八九十]{1,3}号|第[一二三四五六七八九十]{1,3}(?:份|个)`)
	numeralOnly = regexp.MustCompile(`[一二三四五六七八九十]+`)
)

// inDigits writes the numbers by which a list is pointed at in digits
// ("三号和第五个" is "3号和第5个") and leaves dates out.
func inDigits(text string) string {
	text = listDates.ReplaceAllString(text, " ")
	return listNumeral.ReplaceAllStringFunc(text, func(word string) string {
		return numeralOnly.ReplaceAllStringFunc(word, func(d string) string {
			if n, ok := smallInt(d); ok {
				return itoa(n)
			}
			return d
		})
	})
}

// items reads the numbers of a list in a message, spans counted out.
func (s said) items() []any {
	m := itemsWords.FindStringSubmatch(inDigits(s.plain))
	if m == nil {
		return nil
	}
	var out []any
	text := m[1]
	for _, span := range spanWords.FindAllStringSubmatch(text, -1) {
		from, _ := smallInt(span[1])
		to, _ := smallInt(span[2])
		for n := from; n <= to && n < from+100; n++ {
			out = append(out, n)
		}
		text = strings.Replace(text, span[0], " ", 1)
	}
	for _, d := range digitsOnly.FindAllString(text, -1) {
		n, _ := smallInt(d)
		out = append(out, n)
	}
	return out
}

func readApprove(s said, _ award.Calendar, _ []string, out map[string]any) {
	s = s.verdict(false)
	body := inDigits(endNo.ReplaceAllString(s.plain, ""))
	if no := s.number(); no != "" {
		out["filing_no"] = no
	}
	if orgs := s.orgs(); len(orgs) == 1 {
		out["org"] = orgs[0].full
	} else if len(orgs) > 1 {
		var list []any
		for _, o := range orgs {
			list = append(list, o.full)
		}
		out["orgs"] = list
	}
	var hold []any
	for _, m := range holdWords.FindAllStringSubmatch(body, -1) {
		n, _ := smallInt(m[1])
		hold = append(hold, n)
		body = strings.Replace(body, m[0], "", 1)
	}
	if items := s.sub(body).items(); len(items) > 0 {
		out["items"] = items
	}
	if len(hold) > 0 {
		out["hold"] = hold
	}
}

var (
	returnWish = oneOf(`退回|打回|退给|退掉|驳回|退了|退一下|发回(?:[^执]|$)`)
	dueClause  = oneOf(`个工作日|限.{0,4}[天日]|(?:[号日天一二三四五六末底月年节旦]|\d)(?:之前|以前|前).{0,10}(?:补|报|交|改|完善|弄|$)|\d+天内|本周内|月底前|周[一二三四五六日]前|(?:之前|以前|前)(?:补|重|改|报|交)`)
	vagueForm  = regexp.MustCompile(`(?:把|将)?(\p{Han}{2,14}?)(?:要|得|再|给)?(?:写|填|说|弄|搞|做)(?:得)?(?:再|更)?(?:具体|细|详细|实|清楚|明白)(?:点|些|一点|一些)?`)
	demandHead = regexp.MustCompile(`^(?:让|叫|请|要求|通知|告诉)(?:他们|她们|对方|该单位|单位|他)?(?:把)?|^(?:主要是|原因是|因为|就是|问题是|理由是|理由:|原因:|麻烦)`)
	emptyTalk  = regexp.MustCompile(`^(?:那份|这份|那个|报的那个|的|了|吧|不行|太空了?|太粗了?|麻烦|请|辛苦|谢谢|退回|修改|退回修改|重报|重新报|补正|补齐|补上来|改好)+$`)
	notWritten = regexp.MustCompile(`没有?写`)
	noNoun     = regexp.MustCompile(`^(\p{Han}{2,10}?)没有?(时间|日期|电话|负责人|责任人|签字|盖章|数据|依据|分工)$`)
)

// verdictBoth finds a message that passes one filing and sends another back.
var verdictBoth = oneOf(`(?:通过|准予备案|同意备案|可以备案|过了).*(?:退回|打回|退掉|退了|驳回)|(?:退回|打回|退掉|退了|驳回).*(?:通过|准予备案|同意备案|可以备案|过了)`)

// verdict leaves the clauses that send something back, or the others, of a
// message that does both; any other message stays whole.
func (s said) verdict(back bool) said {
	if !s.has(verdictBoth) {
		return s
	}
	var kept []string
	for _, c := range clauses(s.text) {
		if returnWish.MatchString(half(c)) == back {
			kept = append(kept, c)
		}
	}
	return s.sub(strings.Join(kept, "，"))
}

func readReturn(s said, cal award.Calendar, _ []string, out map[string]any) {
	s = s.verdict(true)
	put(out, "org", s.org())
	put(out, "filing_no", s.number())
	var issues []any
	for _, c := range clauses(s.text) {
		h := half(c)
		if dueClause.MatchString(h) {
			continue
		}
		if returnWish.MatchString(h) {
			// "退回柳林镇的" names the unit; what follows in the same breath is an issue.
			h = returnTail(h)
			if h == "" {
				continue
			}
			c = h
		}
		for part := range strings.SplitSeq(c, "、") {
			if issue := issueText(s, part); issue != "" {
				issues = append(issues, issue)
			}
		}
	}
	if len(issues) > 0 {
		out["issues"] = issues
	}
	if due, ok := s.limitSlot(cal); ok {
		out["due"] = due
	} else if items := s.items(); len(items) == 1 {
		out["items"] = items
	}
	if items := s.items(); len(items) > 0 && out["org"] == nil {
		out["items"] = items
		if d, ok := out["due"].(map[string]any); ok && len(items) == 1 && inDigits(fmt.Sprint(d["raw"])) == fmt.Sprint(items[0])+"号" {
			delete(out, "due")
		}
	}
}

var returnAfter = regexp.MustCompile(`(?:退回去?|打回去?|退给他们|驳回|退了|退掉|发回)(?:去|给|补正|修改)?(?:[:]|,|因为|原因是|理由是|让他们)(.+)$`)

func returnTail(h string) string {
	if m := returnAfter.FindStringSubmatch(h); m != nil {
		return m[1]
	}
	return ""
}

// issueText makes one point of a return out of a clause, "" when it is none.
func issueText(s said, clause string) string {
	c := strings.TrimSpace(clause)
	for _, o := range s.orgs() {
		if _, after, ok := strings.Cut(half(c), half(o.short)); ok {
			c = strings.TrimLeft(after, "的那份这个 报")
		}
	}
	c = demandHead.ReplaceAllString(c, "")
	c = strings.Trim(c, "，,。.;；! ")
	if m := vagueForm.FindStringSubmatch(c); m != nil {
		return m[1] + "不具体"
	}
	if m := noNoun.FindStringSubmatch(c); m != nil && !strings.Contains(c, "没有") {
		return m[1] + "无" + m[2]
	}
	if strings.Contains(c, "没写") {
		c = notWritten.ReplaceAllString(c, "未写")
	}
	if dialog.Runes(c) < 3 || emptyTalk.MatchString(c) {
		return ""
	}
	return c
}

func readDeadlineSet(s said, cal award.Calendar, _ []string, out map[string]any) {
	out["stage"] = s.stage()
	w, ok := s.firmWhen()
	if ok {
		out["date"] = w.date
	}
	if s.has(oneOf(`不顺延|不往后`)) {
		out["rollover"] = false
	} else if s.has(oneOf(`顺延|往后(?:挪|推|延|顺)|推到周一`)) {
		out["rollover"] = true
		if d, err := award.ParseDate(w.date); ok && err == nil {
			if !cal.IsWorking(d) {
				d = cal.Next(d)
			}
			out["effective"] = d.String()
		}
	}
	if s.has(oneOf(`通知|告诉|发给`)) {
		out["notify"] = true
	}
}

func readDeadlineExtend(s said, _ award.Calendar, _ []string, out map[string]any) {
	out["stage"] = s.stage()
	put(out, "org", s.org())
	if w, ok := s.lastWhen(); ok {
		out["new_date"] = w.day()
	} else if m := daysMore.FindStringSubmatch(s.plain); m != nil {
		if n, ok := smallInt(m[1]); ok {
			out["extend_days"] = n
		}
	}
	put(out, "reason", "")
}

func readSimulate(s said, _ award.Calendar, _ []string, out map[string]any) {
	out["stage"] = s.stage()
	if w, ok := s.lastWhen(); ok {
		out["new_date"] = w.day()
	}
}

var entryNo = regexp.MustCompile(`(\d{1,3})号`)

func readPrivacy(s said, _ award.Calendar, _ []string, out map[string]any) {
	switch {
	case s.has(oneOf(`电话|手机|身份证|号码`)):
		out["want"] = "phone"
	case s.has(oneOf(`名次|排名|第几|第一`)):
		out["want"] = "ranking"
	case s.has(oneOf(`评委(?:是|都有|有|名单)`)) && !s.has(oneOf(`分`)):
		out["want"] = "reviewers"
	default:
		out["want"] = "scores"
	}
	if m := entryNo.FindStringSubmatch(s.plain); m != nil {
		out["entry"], _ = smallInt(m[1])
	}
	put(out, "org", s.org())
}
