package handlers

import (
	"regexp"
	"strings"

	"cxbot/dialog"
)

// change is the wish to change one field of a filing.
type change struct {
	field string // key of the form
	op    string // set, add, remove, remove_text, replace
	value string // as written
	from  string // what is replaced
	row   int    // the row it is about, 0 for none
	s     said
}

// changeFields are the words by which people call the fields, the longer first.
var changeFields = []struct {
	words *regexp.Regexp
	key   string
}{
	{oneOf(`拟解决的?(?:突出)?问题|突出问题`), "problem"}, {oneOf(`试点内容|主要内容|具体内容`), "content"},
	{oneOf(`试点(?:单位|村|社区|企业)?`), "pilots"}, {oneOf(`题目|标题|课题名称?|名称|名字|课题名`), "title"},
	{oneOf(`实施步骤|步骤|第[一二三四五六七八九十\d]+步|节点|计划|阶段`), "steps"}, {oneOf(`具体措施|措施|举措`), "measures"},
	{oneOf(`完成时间|完成日期|完成期限|结束时间`), "finish"}, {oneOf(`责任人|负责人|牵头人`), "responsible"},
	{oneOf(`一把手|党委书记`), "head"}, {oneOf(`分管领导|分管`), "deputy"}, {oneOf(`联系人`), "contact"},
	{oneOf(`类别|方向`), "direction"}, {oneOf(`预期成效|成效`), "outcome"}, {oneOf(`成果形式`), "products"}, {oneOf(`问题`), "problem"}, {oneOf(`内容`), "content"}, {oneOf(`电话|手机号?`), "responsible"},
}

var (
	quotedPart = regexp.MustCompile(`"([^"]{1,30})"`)
	dropVerbs  = `去掉|删掉|删除|删了|删去|拿掉|拿走|去了|划掉|抹掉|不要了?|去除|减掉|删`
	dropText   = regexp.MustCompile(`"([^"]{1,30})"(?:这?(?:[两二三四五六几\d]+个?|俩)?字|这个词|字样|这几个字)?[^"]{0,4}(?:` + dropVerbs + `)`)
	dropTextB  = regexp.MustCompile(`(?:` + dropVerbs + `)(?:里面?的?|其中的?|题目里的?)?"([^"]{1,30})"`)
	dropPlain  = regexp.MustCompile(`(?:里面?|里头|中|把)的?(?:")?([\p{Han}]{1,12}?)"?(?:这?[两二三四五六几\d]+个?字|俩字|这个词|字样)(?:都)?(?:` + dropVerbs + `)`)
	swapQuoted = regexp.MustCompile(`"([^"]{1,30})"(?:这?[两二三四几\d]+个?字)?(?:改成|改为|换成|换为|替换成|替换为|改作)"?([^",。]{1,40})"?`)
	setWords   = regexp.MustCompile(`(?:改成|改为|换成|换为|改到|调到|调整到|调整为|更正为|变更为|推迟到|提前到|延到|挪到|变成|应该是|应为|写成|改作|更换为|改:|更新为)[:]?\s*([\s\S]+)$`)
	addForm    = regexp.MustCompile(`(?:再|还|另外?|后面|最后|继续|帮我|给我)*(?:增加|添加|补充|加上|新增|添|加|补)(?:上)?(?:一|1)?(?:个|条|步|项|家|名)?(?:试点(?:单位)?|步骤|措施)?[:,]?\s*([\s\S]+)$`)
	dropRow    = regexp.MustCompile(`(?:里面?的?|里头的?|中的?|把|的|单位)?"?([^",。;:]{2,20}?)"?(?:那个试点|这个试点|那条|那一条|这条|那个|这个|那家|那步|那一步|这一条|这步|也|都|给|村里)?(?:` + dropVerbs + `)`)
	dropRowB   = regexp.MustCompile(`(?:` + dropVerbs + `)[^",。;]{0,8}?(?:里面?的?|中的?|的)"?([^",。;]{2,20})"?`)
	rowOf      = regexp.MustCompile(`第([一二三四五六七八九十\d]{1,2})[步条个项家]`)
	twoWords   = regexp.MustCompile(`(\p{Han}{2,14}?)(?:换成|改成|改为|换为)(\p{Han}{2,20})`)
)

// readChange reads the wish to change one field; ok is false when no field or
// no change is named.
func readChange(s said) (change, bool) {
	c := change{s: s}
	at := len(s.plain) + 1
	for _, f := range changeFields {
		if m := f.words.FindStringIndex(s.plain); m != nil && m[0] < at {
			if c.field != "" && m[0] >= at {
				continue
			}
			c.field, at = f.key, m[0]
		}
	}
	if c.field == "" {
		return c, false
	}
	if m := rowOf.FindStringSubmatch(s.plain); m != nil {
		c.row, _ = smallInt(m[1])
	}
	list := c.field == "pilots" || c.field == "steps" || c.field == "measures"
	switch {
	case c.swap(list):
	case !list && c.text():
	case list && c.dropRowNo():
	case c.set():
	case list && c.add():
	case list && c.drop():
	case c.text():
	default:
		return c, false
	}
	return c, c.op != ""
}

// swap reads "“甲”改成“乙”".
func (c *change) swap(list bool) bool {
	if m := swapQuoted.FindStringSubmatchIndex(c.s.plain); m != nil {
		c.op, c.from, c.value = "replace", c.s.cut(m[2], m[3]), c.s.cut(m[4], m[5])
		return true
	}
	if !list || c.row > 0 || c.field == "steps" {
		return false
	}
	body := c.after()
	if m := twoWords.FindStringSubmatch(half(body)); m != nil {
		from := rowWords.ReplaceAllString(m[1], "")
		if dialog.Runes(from) >= 2 {
			c.op, c.from, c.value = "replace", from, m[2]
			return true
		}
	}
	return false
}

var rowWords = regexp.MustCompile(`^(?:单位|里面?的?|中的?|的|把|将|里|,)+`)

// after is the message behind the field's name.
func (c *change) after() string {
	for _, f := range changeFields {
		if f.key != c.field {
			continue
		}
		if m := f.words.FindStringIndex(c.s.plain); m != nil {
			return strings.TrimLeft(c.s.cut(m[1], len(c.s.plain)), "，,：: ")
		}
	}
	return ""
}

// text reads the removal of some characters.
func (c *change) text() bool {
	for _, re := range []*regexp.Regexp{dropText, dropTextB, dropPlain} {
		if v := c.s.found(re); v != "" {
			c.op, c.value = "remove_text", v
			return true
		}
	}
	return false
}

// dropRowNo reads "第二条不要了".
func (c *change) dropRowNo() bool {
	if c.row == 0 || !c.s.has(oneOf(dropVerbs)) || c.s.has(setWords) {
		return false
	}
	c.op = "remove"
	return true
}

func (c *change) set() bool {
	v := strings.TrimRight(c.s.found(setWords), "。.！!吧了哈 ")
	if v == "" {
		return false
	}
	c.op, c.value = "set", bareQuotes(v)
	return true
}

func (c *change) add() bool {
	v := strings.TrimRight(c.s.found(addForm), "。.！!吧了哈 ")
	if v == "" || strings.HasPrefix(v, "的") {
		return false
	}
	c.op, c.value = "add", v
	return true
}

// drop reads the removal of a row by its name.
func (c *change) drop() bool {
	if v := c.s.found(quotedPart); v != "" && c.s.has(oneOf(dropVerbs)) {
		c.op, c.value = "remove", v
		return true
	}
	body := c.s.sub(c.after())
	for _, re := range []*regexp.Regexp{dropRow, dropRowB} {
		if v := rowWords.ReplaceAllString(body.found(re), ""); v != "" {
			c.op, c.value = "remove", v
			return true
		}
	}
	for _, re := range []*regexp.Regexp{dropRow, dropRowB} {
		if v := rowWords.ReplaceAllString(c.s.found(re), ""); v != "" && !c.fieldItself(v) {
			c.op, c.value = "remove", strings.TrimPrefix(v, "把")
			return true
		}
	}
	return false
}

func (c *change) fieldItself(v string) bool {
	for _, f := range changeFields {
		if f.key == c.field && f.words.FindString(v) == v {
			return true
		}
	}
	return false
}

// paperKey names a field of the form as the programme's papers do.
func paperKey(key string) string {
	for _, k := range filingKeys {
		if k.form == key {
			return k.paper
		}
	}
	return key
}

// slots writes the change as explain shows it.
func (c change) slots(out map[string]any) {
	out["field"], out["op"] = paperKey(c.field), c.op
	if c.row > 0 {
		out["index"] = c.row
	}
	if c.op == "remove_text" || c.op == "replace" {
		put(out, "from", c.from)
		out["value"] = c.value
		return
	}
	if c.value == "" {
		return
	}
	out["value"] = c.valueSlot()
}

func (c change) valueSlot() any {
	part := c.s.sub(c.value)
	switch c.field {
	case "finish":
		if w, ok := part.firstWhen(); ok {
			return w.slot()
		}
	case "steps":
		if w, ok := part.firstWhen(); ok {
			title := strings.Trim(part.cut(0, w.from)+part.cut(w.to, len(part.plain)), "：:，, ")
			if title == "" {
				return w.slot()
			}
			return map[string]any{"title": title, "due": w.date}
		}
	case "head", "deputy":
		if name, ok := contactSlot(c.value)["name"].(string); ok {
			return name
		}
	case "responsible", "contact":
		if got := contactSlot(c.value); len(got) > 0 {
			return got
		}
	case "pilots":
		return pilotSlot(c.value)
	}
	return c.value
}

var pilotLeader = regexp.MustCompile(`(?:负责人|责任人|联系人|书记)(?:是|为|:|叫)?\s*(\p{Han}{2,4})`)

// pilotSlot reads one pilot unit with its leader and phone.
func pilotSlot(text string) map[string]any {
	h := half(text)
	out := map[string]any{}
	if p := phoneWords.FindString(h); p != "" {
		out["phone"] = p
		h = strings.Replace(h, p, "", 1)
	}
	if m := pilotLeader.FindStringSubmatch(h); m != nil {
		out["leader"] = m[1]
		h = strings.Replace(h, m[0], "", 1)
	}
	parts := strings.FieldsFunc(h, func(r rune) bool { return strings.ContainsRune(",;: 、()", r) })
	if len(parts) > 0 {
		out["name"] = parts[0]
		if len(parts) > 1 && out["leader"] == nil && dialog.Runes(parts[1]) <= 4 && !pilotNoun2.MatchString(parts[1]) {
			out["leader"] = parts[1]
		}
	}
	return out
}

var pilotNoun2 = regexp.MustCompile(`村|社区|支部|总支|公司|企业`)
