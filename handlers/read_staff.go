package handlers

import (
	"fmt"
	"regexp"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

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
