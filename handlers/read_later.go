package handlers

import (
	"regexp"
	"strings"

	"cxbot/award"
)

// laterReaders read what can be told of purposes that follow filing.
var laterReaders = map[string]slotReader{
	"progress.report": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		if m := quarterWords.FindStringSubmatch(s.plain); m != nil {
			out["period"] = award.DateOf(s.now).String()[:4] + "Q" + quarterNo(m[1])
		}
		var done []any
		for _, m := range doneNode.FindAllStringSubmatch(s.plain, -1) {
			if n, ok := smallInt(m[1] + m[2]); ok {
				done = append(done, n)
			}
		}
		if len(done) > 0 {
			out["milestones_done"] = done
		}
		put(out, "problems", s.found(problemIs))
		put(out, "next", s.found(nextIs))
	},
	"evidence.add": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		put(out, "type", s.found(evidenceType))
		if w, ok := s.firstWhen(); ok {
			out["date"] = w.day()
		}
		if s.has(oneOf(`https?://|链接`)) {
			out["via"] = "link"
		}
		put(out, "unit", s.found(villageName))
	},
	"summary.submit": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		switch {
		case s.has(oneOf(`分.{0,3}段|第.部分|分几次|分开发`)):
			out["mode"] = "paste_multi"
			if m := partNo.FindStringSubmatch(s.plain); m != nil {
				out["part"], _ = smallInt(m[1])
			}
		case s.has(oneOf(`文件|(?i)word|附件|文档`)):
			out["mode"] = "file"
		}
	},
	"award.apply": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		put(out, "filing_no", s.number())
		putRollout(s, out)
		if m := regulationsNo.FindStringSubmatch(s.plain); m != nil {
			out["regulations"], _ = smallInt(m[1])
		}
	},
	"award.query": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		if s.has(oneOf(`啥时候|什么时候|何时|几号`)) {
			out["aspect"] = "when"
		}
	},
	"objection.file": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		if m := rankNo.FindStringSubmatch(s.plain); m != nil {
			out["target_rank"], _ = smallInt(m[1])
		}
		if s.has(oneOf(`实名`)) {
			out["real_name"] = true
		}
	},
	"ticket.reply": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		put(out, "color", s.found(ticketColor))
		switch {
		case s.has(oneOf(`销号`)):
			out["action"] = "close_request"
		case s.has(oneOf(`之前|前|以前`)):
			out["action"] = "promise"
			if w, ok := s.lastWhen(); ok {
				out["due"] = w.day()
			}
		default:
			out["action"] = "partial"
		}
	},
	"ticket.issue": func(s said, cal award.Calendar, _ []string, out map[string]any) {
		put(out, "color", s.found(ticketColor))
		put(out, "org", s.org())
		if due, ok := s.limitSlot(cal); ok {
			out["due"] = due
		}
	},
	"linkpoint.visit": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		put(out, "member", strings.TrimLeft(s.found(memberName), "记一下:"))
		put(out, "unit", s.found(villageName))
		if w, ok := s.firstWhen(); ok {
			out["date"] = w.day()
		}
	},
	"promotion.report": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		putRollout(s, out)
		if m := visitorName.FindStringSubmatch(s.plain); m != nil {
			out["visitors"] = []any{m[1]}
		}
	},
	"supervision.record": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		put(out, "org", s.org())
		if all := s.pastWhens(); len(all) > 0 {
			out["date"] = all[0].day()
		}
		putMethods(s, out)
		if p := s.found(problemIs); p != "" {
			out["issues"] = []any{p}
		}
		if m := dayWords.FindStringSubmatch(s.plain); m != nil {
			out["rectify_days"], _ = smallInt(m[1])
		}
	},
	"supervision.plan": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		if list := s.orgList(); len(list) > 0 {
			var all []any
			for _, o := range list {
				all = append(all, o)
			}
			out["orgs"] = all
		}
		if m := weekSpan.FindStringSubmatch(s.plain); m != nil {
			from, ok := readWhen(m[1]+m[2], s.now, false)
			to, also := readWhen(m[1]+m[3], s.now, false)
			if ok && also {
				out["from"], out["to"], out["raw"] = from.date, to.date, m[0]
			}
		}
		putMethods(s, out)
	},
	"bulletin.generate": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		put(out, "doc", s.found(bulletinDoc))
		if s.has(oneOf(`(?i)word|docx`)) {
			out["format"] = "docx"
		}
	},
	"ledger.export": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		if s.has(oneOf(`(?i)excel|xlsx|表格`)) {
			out["format"] = "xlsx"
		}
		if s.has(oneOf(`乡镇.*县直|分.{0,4}(?:类型|类别)`)) {
			out["split"] = "org_type"
		}
	},
	"panel.setup": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		put(out, "leader", s.found(panelLeader))
		if m := panelMembers.FindStringSubmatch(s.plain); m != nil {
			var all []any
			for _, name := range strings.FieldsFunc(m[1], func(r rune) bool { return strings.ContainsRune("、, 和", r) }) {
				all = append(all, name)
			}
			out["members"] = all
		}
		if m := panelSize.FindStringSubmatch(s.plain); m != nil {
			out["size"], _ = smallInt(m[1])
		}
	},
	"recusal.set": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		put(out, "org", s.org())
		put(out, "reviewer", s.found(firstName))
	},
	"review.schedule": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		put(out, "at", s.moment())
		if m := minutesNo.FindStringSubmatch(s.plain); m != nil {
			out["minutes"], _ = smallInt(m[1])
		}
		if s.has(oneOf(`汇报`)) {
			out["method"] = "听汇报"
		}
	},
	"result.compute": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		switch {
		case s.has(oneOf(`最高最低|去.{0,6}最高`)):
			out["method"] = "trimmed"
		case s.has(oneOf(`中位`)):
			out["method"] = "median"
		case s.has(oneOf(`平均`)):
			out["method"] = "mean"
		}
		if s.has(oneOf(`只给我|我一个人|别外传`)) {
			out["visibility"] = "me"
		}
	},
	"publicity.start": func(s said, cal award.Calendar, _ []string, out map[string]any) {
		m := workdayWords.FindStringSubmatch(s.plain)
		w, ok := s.firstWhen()
		if m == nil {
			return
		}
		n, _ := smallInt(m[1])
		out["workdays"] = n
		if d, err := award.ParseDate(w.date); ok && err == nil {
			out["start"] = d.String()
			if cal.IsWorking(d) {
				n--
			}
			out["end"] = cal.Add(d, n).String()
		}
	},
	"award.announce": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		if w, ok := s.firstWhen(); ok {
			out["date"] = w.day()
		}
	},
	"review.tasks": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		if s.has(oneOf(`没打|未打|没评|还剩|还有几`)) {
			out["filter"] = "unscored"
		}
	},
	"material.view": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		putEntry(s, out)
		put(out, "org", s.org())
		put(out, "section", s.found(sectionName))
	},
	"score.submit": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		putEntry(s, out)
		scores, total := map[string]any{}, 0
		for _, item := range scoreItems {
			if m := item.words.FindStringSubmatch(s.plain); m != nil {
				n, _ := smallInt(m[1])
				scores[item.name] = n
				total += n
			}
		}
		if len(scores) > 1 {
			out["scores"], out["total"] = scores, total
		} else if m := totalScore.FindStringSubmatch(s.plain); m != nil {
			out["total"], _ = smallInt(m[1])
			out["needs"] = "item_scores"
		}
	},
	"score.revise": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		all := entryNo.FindAllStringSubmatch(s.plain, -1)
		if len(all) == 2 && s.has(oneOf(`换|反`)) {
			a, _ := smallInt(all[0][1])
			b, _ := smallInt(all[1][1])
			out["swap"] = []any{a, b}
			return
		}
		putEntry(s, out)
		for _, item := range scoreItems {
			if s.has(item.loose) {
				out["item"] = item.name
				break
			}
		}
		if m := newScore.FindStringSubmatch(s.plain); m != nil {
			out["value"], _ = smallInt(m[1])
		}
	},
	"conflict.declare": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		putEntry(s, out)
		put(out, "org", s.org())
		put(out, "relation", strings.Replace(s.found(relationName), "亲戚", "亲属", 1))
	},
	"site.schedule": func(s said, _ award.Calendar, _ []string, out map[string]any) {
		if w, ok := s.firstWhen(); ok {
			out["date"] = w.day()
		}
		if s.has(oneOf(`看现场|现场`)) {
			out["method"] = "看现场"
		}
	},
}

var (
	quarterWords  = regexp.MustCompile(`([一二三四1-4])季度`)
	doneNode      = regexp.MustCompile(`(?:节点|步骤|阶段)\s*(\d{1,2})|第([一二三四五六七八九十\d]{1,2})(?:个节点|步|阶段)`)
	problemIs     = regexp.MustCompile(`(?:问题(?:是|在于|:)|困难是)([^,。;]{2,80})`)
	nextIs        = regexp.MustCompile(`(?:下一?步)(?:打算|计划|准备)?:?([^。;]{2,80})`)
	evidenceType  = regexp.MustCompile(`(照片|图片|会议记录|实施方案|方案|报道|批示|制度|视频|数据|简报)`)
	villageName   = regexp.MustCompile(`(?:联系点|在|到|去|昨天|今天|前天|的)?(\p{Han}{2,4}(?:村|社区))`)
	partNo        = regexp.MustCompile(`第([一二三四五六七八九十\d]{1,2})(?:部分|段|次)`)
	regulationsNo = regexp.MustCompile(`(?:出|形成|制定|印发)(?:台)?了?(\d{1,2}|[一二两三四五六七八九十])(?:个|项|份)(?:\p{Han}{0,3})?(?:制度|办法|规定|文件)`)
	rankNo        = regexp.MustCompile(`(?:排|第|名次)第?(\d{1,2}|[一二三四五六七八九十])`)
	ticketColor   = regexp.MustCompile(`([黄蓝红])(?:色)?(?:督办)?单`)
	memberName    = regexp.MustCompile(`(\p{Han}{1,3}(?:委员|书记|镇长|主任))`)
	visitorName   = regexp.MustCompile(`(\p{Han}{2,5}(?:乡|镇|街道|县|局))(?:还|也|都)?来`)
	weekSpan      = regexp.MustCompile(`((?:下下?|本|这)?(?:周|星期|礼拜))([一二三四五六日])(?:到|至|-)(?:下?(?:周|星期|礼拜))?([一二三四五六日])`)
	bulletinDoc   = regexp.MustCompile(`(督查通报|通报|简报|专报)`)
	panelLeader   = regexp.MustCompile(`组长(?:是|为|:|由)?(\p{Han}{2,3})`)
	panelMembers  = regexp.MustCompile(`成员(?:是|为|有|:)?([\p{Han}、, ]{4,80})`)
	panelSize     = regexp.MustCompile(`(\d{1,2})个?(?:人|名)`)
	firstName     = regexp.MustCompile(`^(` + nameForm + `)(?:以前|曾|原|是|在|跟|和|,)`)
	minutesNo     = regexp.MustCompile(`(\d{1,2})分钟`)
	sectionName   = regexp.MustCompile(`(佐证照片|佐证|照片|成效|总结报告|方案|推开情况|附件|问题|措施)`)
	totalScore    = regexp.MustCompile(`(?:给|打)(?:个)?(\d{1,3})`)
	newScore      = regexp.MustCompile(`(?:改成|改为|调成|改到|应该是)(\d{1,3})`)
	relationName  = regexp.MustCompile(`(原单位|亲戚|亲属|同学|老乡|爱人|战友|原同事|同事)`)
)

// scoreItems are the criteria of domain.md and how people shorten them.
var scoreItems = []struct {
	words, loose *regexp.Regexp
	name         string
}{
	{regexp.MustCompile(`针对性(?:给|打|:)?(\d{1,2})`), oneOf(`针对性`), "选题针对性"}, {regexp.MustCompile(`系统性(?:给|打|:)?(\d{1,2})`), oneOf(`系统性`), "方案系统性"},
	{regexp.MustCompile(`试点(?:扎实)?(?:给|打|:)?(\d{1,2})`), oneOf(`试点`), "试点扎实"}, {regexp.MustCompile(`推开(?:给|打|:)?(\d{1,2})`), oneOf(`推开`), "普遍推开"},
	{regexp.MustCompile(`实效(?:给|打|:)?(\d{1,2})`), oneOf(`实效`), "解决问题实效"}, {regexp.MustCompile(`(?:理论|制度)(?:给|打|:)?(\d{1,2})`), oneOf(`理论|制度`), "理论与制度成果"},
	{regexp.MustCompile(`推广(?:价值)?(?:给|打|:)?(\d{1,2})`), oneOf(`推广`), "推广价值"},
}

func quarterNo(s string) string {
	if n, ok := smallInt(s); ok {
		return itoa(n)
	}
	return s
}

func putEntry(s said, out map[string]any) {
	if m := entryNo.FindStringSubmatch(s.plain); m != nil {
		out["entry"], _ = smallInt(m[1])
	}
}

var rolloutNos = regexp.MustCompile(`(\d{1,3})个?(?:村|社区|单位|支部)?[^,。;\d]{0,4}推开了?(\d{1,3})`)

func putRollout(s said, out map[string]any) {
	if m := rolloutNos.FindStringSubmatch(s.plain); m != nil {
		should, _ := smallInt(m[1])
		done, _ := smallInt(m[2])
		out["rollout"] = map[string]any{"done": done, "should": should}
	}
}

func putMethods(s said, out map[string]any) {
	var list []any
	for _, m := range []string{"听汇报", "查资料", "看现场", "座谈"} {
		if strings.Contains(s.plain, m) {
			list = append(list, m)
		}
	}
	if len(list) > 0 {
		out["methods"] = list
	}
}

// laterTitles say in plain words what a later purpose is, and when it opens.
var laterTitles = map[string]string{
	"progress.report": "报进展", "evidence.add": "交佐证材料", "summary.submit": "交总结报告", "award.requirements": "问申奖要求", "award.apply": "申报成果奖",
	"award.query": "问评审结果", "objection.file": "提异议", "ticket.reply": "回复督办单", "ticket.issue": "发督办单", "linkpoint.visit": "记联系点走访",
	"promotion.report": "报推广情况", "supervision.record": "记督查", "supervision.plan": "排督查", "bulletin.generate": "出通报", "ledger.export": "导出台账",
	"panel.setup": "组评审小组", "recusal.set": "定回避", "review.schedule": "定评审会", "result.compute": "算评审结果", "publicity.start": "发公示", "award.announce": "办表彰",
	"review.tasks": "看评审任务", "review.progress": "看打分进度", "material.view": "看评审材料", "score.submit": "打分", "score.revise": "改分", "conflict.declare": "报回避", "site.schedule": "看现场安排",
}
