package handlers

import (
	"regexp"
	"strings"

	"cxbot/dialog"
)

// The forms in which people tell a filing in free sentences. Each has one group:
// the words of the field.
var (
	titleForms = []*regexp.Regexp{
		regexp.MustCompile(`(?:(?:课题|题目|项目|名称|名字)(?:名称|名字|名)?(?:就|暂)?(?:叫做?|名叫|名为|题为|取名|定为|是|为|:)|叫做?|名叫|名为|题为|取名)\s*((?:["《][^"》]+["》])[^,。;\n]*|[^,。;\n]{4,45})`),
		regexp.MustCompile(`(?:报|申报|建|立|弄|搞|做|登记|起草|整|录|新建|备|写)(?:一下)?(?:一?[个份项下]|上|个新的|新的)?(?:叫|名叫|名为|题为|关于)?\s*([^,。;\n]{3,45}?)(?:的|这个|这一)?(?:课题|备案|项目)(?:$|[^名表叫])`),
		regexp.MustCompile(`《([^》]{4,45})》`),
	}
	titleNever = regexp.MustCompile(`^(?:一?[个份项]|新的?|我们?的?|什么|啥|课题|备案|项目|个|这个|那个|几个|创新|本届的?|今年的?|新课题|上去|起来|的)*$`)
	titleTail  = regexp.MustCompile(`(?:这个|这样一个|的一个|的|这一)?(?:课题|备案|项目|题目)?$`)

	pilotForms = []*regexp.Regexp{
		regexp.MustCompile(`试点(?:单位|村|社区|地方|企业|学校)?(?:就|先|暂|拟)?(?:安排|设|放|选|定|是|为|:|在|有|到|确定)+(?:在|了|为|是|:)?([^。;\n]{2,60})`),
		regexp.MustCompile(`(?:先|就|准备|打算|计划|拟|想|我们)*(?:放在?|选了?|挑了?|拿|定在|选择|安排在?|到|在)([^。;\n,]{2,50}?)(?:这?(?:[两二三四五六\d]+|几)个?(?:家|个|处)?(?:单位|村|社区|企业|公司|支部|学校|点)?)?(?:先行先试|先行|先|来|里|上|进行|开展|搞|做|当|作为|作|试运行)*(?:试点|试一?试|先试|试行|试)`),
		regexp.MustCompile(`(?:拿|用|把|让|由)([^。;\n,]{2,50}?)(?:这?[两二三四五六\d]+个?(?:家|个)?(?:村|社区|企业|支部)?)?(?:做|当|作为|作|来做|先)(?:试点|试)`),
		regexp.MustCompile(`试点(?:单位)?[: ]?((?:\p{Han}{2,10}?(?:村|社区|公司|企业|支部|学校|小学|中学|厂)[、和]?)+)`),
	}
	pilotCount = regexp.MustCompile(`(?:这|那)?(?:[两二三四五六七八九俩\d]+)(?:个|家|处|所|户)?(?:村|社区|企业|单位|公司|支部|学校|点)?$`)
	pilotHead  = regexp.MustCompile(`^(?:先|就|在|放在?|我们|本|:|是|了|镇里的?|县里的?|辖区的?)+`)

	responsibleForms = []*regexp.Regexp{
		regexp.MustCompile(`(?:责任人|负责人|牵头人|项目负责人|课题负责人|主持人)(?:就|暂时)?(?:是|为|写|填|定|:|由|让)*\s*([^。;\n]{1,40})`),
		regexp.MustCompile(`(?:由|让|请|安排)?([\p{Han}]{1,8}?(?:书记|镇长|乡长|主任|局长|委员|部长|校长|院长|站长|所长|经理|科长|股长|干事|同志)(?:\p{Han}{2,3}?)?(?:\s*1[3-9]\d{9})?)(?:来|总|全面|具体|主要|亲自)*(?:负责|牵头|主抓|来抓|抓|挂帅|[管盯]着?(?:$|[,.;\n]))`),
		regexp.MustCompile(`(?:由|让|请|安排)?([\p{Han}]{2,4}?)(?:来|总|全面|具体|主要|亲自)*(?:负责|牵头|主抓|来抓|挂帅)(?:[, ]*(?:电话|手机)?:?\s*(?:1[3-9]\d{9}))?`),
	}
	headForms   = []*regexp.Regexp{regexp.MustCompile(`(?:一把手|党委书记|党工委书记|主要领导|主要负责人)(?:就)?(?:是|为|叫|:)?\s*([\p{Han}]{2,4})(?:$|[,。; ]|同志)`)}
	deputyForms = []*regexp.Regexp{regexp.MustCompile(`分管(?:领导|负责人|副书记|的)?(?:就)?(?:是|为|叫|:)\s*([\p{Han}]{2,4})(?:$|[,。; ]|同志)`)}

	problemForms = []*regexp.Regexp{
		regexp.MustCompile(`(?:主要)?(?:为了|想|要|打算|重点|着力|专门|就是)?(?:解决|针对|破解|化解|治一治)(?:一下)?(?:的(?:突出)?问题)?(?:是|:)?([^。;\n]{4,200}?)(?:的)?(?:问题|难题|这个问题|现象)?(?:$|[。;\n])`),
		regexp.MustCompile(`(?:突出问题|现在的问题|主要问题|存在的问题|问题)(?:就|主要)?(?:是|在于|:)([^。;\n]{4,200})`),
	}
	contentForms = []*regexp.Regexp{
		regexp.MustCompile(`(?:试点内容|主要内容|具体内容|内容|主要做法|做法)(?:就|主要)?(?:是|为|有|:)([^。;\n]{4,300})`),
		regexp.MustCompile(`(?:主要|重点)(?:是|就是)?(?:做|搞|推行|探索|建立|开展|建)([^。;\n]{4,200})`),
	}
	measureForms = []*regexp.Regexp{
		regexp.MustCompile(`(?:具体措施|主要措施|措施|办法|招数|举措)(?:就|主要)?(?:是|有|为|包括|:)(?:[两三四五六\d]+条)?:?([^。\n]{4,300})`),
	}
	directionForms = []*regexp.Regexp{
		regexp.MustCompile(`(?:类别|方向|参考方向|类型|属于|归到?|算|选)(?:就|是|为|选|:|第|在)*\s*([1-3]\.[1-4]|[1239]类?|先进性|能力建设|能力|活力|增强活力|自选)(?:$|[^\d月年号日个家.])`),
	}
	outcomeForms = []*regexp.Regexp{regexp.MustCompile(`(?:预期成效|预期效果|预期|目标|成效)(?:就|主要)?(?:是|为|:)([^。\n]{4,200})`)}

	finishWords = regexp.MustCompile(`搞完|完成|结束|做完|收尾|收官|结项|弄完|办完|完工|搞定|见效|见成效|全部|整体|拿出(?:成果|结果)|出成果|收工|完结|到位|干完`)
	stageDone   = regexp.MustCompile(`第[一二三四五六\d]+(?:阶段|步)|启动|调研|摸底|试点|试运行|推开|总结|验收|评估|小结|方案|成立|建成|培训|动员|铺开|推广|挂牌|部署|验收|起步`)
	finishAll   = regexp.MustCompile(`全部|整体|整个|最后|最终|完工|收官|结项|收尾|搞完|做完|弄完|办完`)
	asideWords  = regexp.MustCompile(`^(?:麻烦|请|谢谢|多谢|你好|您好|哈|好吗|行不|可以吗|帮忙|登记一下|帮我(?:登记|录入|填)一下|领导好|辛苦了?|先这样|就这些|以上|附件[^,。]*|怎么弄|咋弄|怎么办|从哪下手|怎么填|谢谢啦?|第一次弄.*|我是新手.*|不太会.*|不会弄.*)(?:啊|呀|哈|了|吧)?$`)
	wishOnly    = regexp.MustCompile(`^(?:我们|我|俺们|咱们|咱|帮|想|要|也|准备|打算|再|请|麻烦|先|给|来|得|个|一|份|项|下|新|建|报|申报|备案|课题|项目|弄|填|搞|登记|整|的|上去|一下|哈|吧|呗|了|本单位|单位|这边|这里|镇|乡|街道|局|登录)*$`)
)

// readSentence reads a filing told in free sentences.
func readSentence(s said) filingRead {
	s = s.divided()
	f := filingRead{raw: map[string]string{}, later: s.has(laterWords)}
	if orgs := s.filers(); len(orgs) > 0 {
		f.org = orgs[0].full
	}
	used := make([]bool, len(s.plain))
	f.title(s, used)
	f.dates(s, used)
	f.take(s, used, "problem", problemForms)
	f.take(s, used, "measures", measureForms)
	f.take(s, used, "content", contentForms)
	f.take(s, used, "outcome", outcomeForms)
	f.take(s, used, "direction", directionForms)
	f.pilots(s, used)
	f.take(s, used, "head", headForms)
	f.take(s, used, "deputy", deputyForms)
	f.responsible(s, used)
	f.leftOver(s, used)
	return f
}

// filers are the units named before their place as something else (a pilot).
func (s said) filers() []org {
	var out []org
	for _, o := range s.orgs() {
		before := s.plain[:o.from]
		if pilotVerb.MatchString(before) {
			continue
		}
		out = append(out, o)
	}
	return out
}

var pilotVerb = regexp.MustCompile(`(?:试点(?:单位)?(?:是|在|放|选|:)?|放在?|先在|就在)[^,。;\n]*$`)

// free reports whether nothing was made of a part yet.
func free(used []bool, from, to int) bool {
	for i := from; i < to; i++ {
		if used[i] {
			return false
		}
	}
	return true
}

// freeEnd is where the part of which nothing was made yet ends.
func freeEnd(used []bool, from, to int) int {
	for i := from; i < to; i++ {
		if used[i] {
			return i
		}
	}
	return to
}

func mark(used []bool, from, to int) {
	for i := from; i < to && i < len(used); i++ {
		used[i] = true
	}
}

// take gives a field the first free words one of its forms finds.
func (f *filingRead) take(s said, used []bool, key string, forms []*regexp.Regexp) {
	for _, re := range forms {
		for _, m := range re.FindAllStringSubmatchIndex(s.plain, -1) {
			if m[2] < 0 || !free(used, m[2], m[3]) {
				continue
			}
			value := strings.Trim(s.cut(m[2], m[3]), "，,。；; ")
			if value == "" {
				continue
			}
			f.raw[key] = value
			mark(used, m[0], m[1])
			return
		}
	}
}

func (f *filingRead) title(s said, used []bool) {
	for i, re := range titleForms {
		for _, m := range re.FindAllStringSubmatchIndex(s.plain, -1) {
			value := strings.TrimSpace(s.cut(m[2], m[3]))
			if i == 1 {
				value = titleStart.ReplaceAllString(value, "")
			}
			if i > 0 || !strings.HasPrefix(half(value), "\"") {
				value = titleTail.ReplaceAllString(value, "")
			}
			if i == 0 && titleNotHere.MatchString(s.plain[m[0]:m[2]]) {
				continue
			}
			value = bareQuotes(strings.Trim(value, "《》，, "))
			if dialog.Runes(value) < 4 || titleNever.MatchString(value) || titleOther.MatchString(half(value)) {
				continue
			}
			f.raw["title"] = value
			mark(used, m[0], m[3])
			return
		}
	}
}

var (
	titleStart   = regexp.MustCompile(`^(?:一?[个份项]|新的|关于|叫|名叫|个|下|我们|咱们)+`)
	titleNotHere = regexp.MustCompile(`(?:责任人|负责人|领导|一把手|单位|时间|措施|内容|问题|电话|我|我们|这|那|就|不)(?:是|为|:|叫)\s*$`)
	titleOther   = regexp.MustCompile(`^(?:责任人|负责人|试点|一把手|分管|完成|县|我们|不是|咋|怎么|从哪|什么)|(?:党委|党工委)$|^\d`)
)

// bareQuotes takes quotes off that enclose a title as a whole; quotes round one
// of its words stay.
func bareQuotes(v string) string {
	inner := strings.TrimPrefix(strings.TrimSuffix(v, "”"), "“")
	if strings.HasPrefix(v, "“") && strings.HasSuffix(v, "”") && !strings.ContainsAny(inner, "“”") {
		return inner
	}
	if h := strings.Trim(v, "\""); strings.HasPrefix(v, "\"") && strings.HasSuffix(v, "\"") && !strings.Contains(h, "\"") {
		return h
	}
	return v
}

// dates tells the finish from the steps: what is done "全部" or alone is the finish.
func (f *filingRead) dates(s said, used []bool) {
	type dated struct {
		w        when
		from, to int
		text     string
	}
	var list []dated
	for _, c := range s.spans() {
		part := s.sub(s.cut(c[0], c[1]))
		if all := part.whens(); len(all) > 0 && finishOrStep(part.plain) {
			w := all[0]
			list = append(list, dated{w, c[0], c[1], strings.TrimSpace(part.cut(w.to, len(part.plain)))})
		}
	}
	var lines []string
	year := ""
	for i, d := range list {
		last := i == len(list)-1
		if year != "" && !yearSaid.MatchString(d.w.raw) {
			if again, ok := readWhen(year+d.w.raw, s.now, false); ok {
				d.w.date = again.date
			}
		}
		if len(d.w.date) > 4 {
			year = d.w.date[:4] + "年"
		}
		whole := finishAll.MatchString(half(d.text)) || finishWords.MatchString(half(d.text)) && !stageDone.MatchString(half(d.text))
		if f.raw["finish"] == "" && whole && (last || finishAll.MatchString(half(d.text))) {
			f.raw["finish"] = d.w.raw
			mark(used, d.from, d.to)
			continue
		}
		if title := stepTitle(d.text); title != "" {
			lines = append(lines, d.w.raw+" "+title)
			mark(used, d.from, d.to)
		}
	}
	if len(lines) > 0 {
		f.raw["steps"] = strings.Join(lines, "\n")
	}
}

var (
	stepVerb = regexp.MustCompile(`^(?:之?前|以前|底|内|先|就|要|争取|力争|计划|完成|做完|搞完|把|开始|进行|达到)+|(?:完成|结束|搞完|做完|了|吧)+$`)
	notStep  = regexp.MustCompile(`试点(?:单位|在|放)|责任人|负责人|每月|每周|每季`)
)

func finishOrStep(clause string) bool {
	return (finishWords.MatchString(clause) || stageDone.MatchString(clause)) && !notStep.MatchString(clause)
}

func stepTitle(text string) string {
	return strings.Trim(stepVerb.ReplaceAllString(half(text), ""), " ,:")
}

// spans are the clauses of the message as bytes of plain.
func (s said) spans() [][2]int {
	var out [][2]int
	from := 0
	for i, r := range s.plain {
		if strings.ContainsRune(",.;!?\n", r) && (r != '.' || i == 0 || !isDigit(s.plain[i-1])) {
			if i > from {
				out = append(out, [2]int{from, i})
			}
			from = i + 1
		}
	}
	if from < len(s.plain) {
		out = append(out, [2]int{from, len(s.plain)})
	}
	return out
}

func (f *filingRead) pilots(s said, used []bool) {
	for _, re := range pilotForms {
		for _, m := range re.FindAllStringSubmatchIndex(s.plain, -1) {
			if m[2] >= 0 {
				m[3] = freeEnd(used, m[2], m[3])
			}
			if m[2] < 0 || m[3] == m[2] {
				continue
			}
			if names := pilotList(s.cut(m[2], m[3])); len(names) > 0 {
				f.raw["pilots"] = strings.Join(names, "、")
				last := names[len(names)-1]
				end := m[2] + strings.LastIndex(s.plain[m[2]:m[3]], half(last)) + len(half(last))
				mark(used, m[0], max(end, m[2]))
				return
			}
		}
	}
}

var (
	pilotSplit = regexp.MustCompile(`[、,，]|和|与|跟|及|还有|以及| `)
	pilotStop  = regexp.MustCompile(`负责|完成|结束|试$|电话|\d|责任人|年底|明年|书记`)
	pilotNoun  = regexp.MustCompile(`村|社区|支部|总支|公司|企业|厂|合作社|学校|中学|小学|医院|局|所|站|队|中心|园|部|集团|街|院|办|银行|店|校|[一二三四五六]中|纺织|食品|\p{Han}{2,}`)
)

// pilotList divides names of pilot units; what no longer looks like one ends it.
func pilotList(text string) []string {
	text = pilotHead.ReplaceAllString(strings.TrimSpace(text), "")
	var names []string
	for _, part := range pilotSplit.Split(text, -1) {
		part = strings.TrimSpace(pilotCount.ReplaceAllString(strings.TrimSpace(part), ""))
		if part == "" {
			continue
		}
		if n := dialog.Runes(part); n < 2 || n > 30 || pilotStop.MatchString(part) || !pilotNoun.MatchString(part) {
			break
		}
		names = append(names, part)
	}
	return names
}

var (
	personStop = regexp.MustCompile(`^(?:谁|哪|什么|我|单位|全|大家|各|村里|镇里|组织|具体)`)
	leadWords  = regexp.MustCompile(`^(?:由|让|请|我们|安排|是|写|填|:|就|先|暂时)+`)
)

func (f *filingRead) responsible(s said, used []bool) {
	for _, re := range responsibleForms {
		for _, m := range re.FindAllStringSubmatchIndex(s.plain, -1) {
			if m[2] < 0 || !free(used, m[2], m[3]) {
				continue
			}
			value := leadWords.ReplaceAllString(s.cut(m[2], m[3]), "")
			value = strings.TrimSpace(value)
			if personStop.MatchString(value) || value == "" {
				continue
			}
			if at := strings.IndexAny(half(value), ","); at >= 0 && !phoneWords.MatchString(value) {
				value = strings.TrimSpace(string([]rune(value)[:len([]rune(half(value)[:at]))]))
			}
			end := m[1]
			if p := phoneWords.FindStringIndex(s.plain); p != nil && !phoneWords.MatchString(value) && free(used, p[0], p[1]) {
				value += " " + s.plain[p[0]:p[1]]
				mark(used, p[0], p[1])
			}
			f.raw["responsible"] = value
			mark(used, m[0], end)
			return
		}
	}
}

// leftOver keeps what nothing was made of, so that it can be offered.
func (f *filingRead) leftOver(s said, used []bool) {
	for _, c := range s.spans() {
		taken := 0
		for i := c[0]; i < c[1]; i++ {
			if used[i] {
				taken++
			}
		}
		text := strings.TrimSpace(s.cut(c[0], c[1]))
		h := half(text)
		if taken*3 > c[1]-c[0] || asideWords.MatchString(h) || wishOnly.MatchString(h) || laterWords.MatchString(h) || dialog.Runes(text) < 4 || phoneWords.MatchString(h) && taken > 0 {
			continue
		}
		if orgs := s.orgs(); len(orgs) > 0 && strings.Contains(text, orgs[0].short) && dialog.Runes(text) <= dialog.Runes(orgs[0].short)+6 {
			continue
		}
		if len(f.raw) == 0 {
			continue
		}
		f.rest = append(f.rest, text)
	}
}
