package dialog

import (
	"regexp"
	"strings"
)

// Edit is a wish to change one field.
type Edit struct {
	// Number is the field's number as typed, 0 when a label was used, -1 for a
	// number no field can have ("改 0").
	Number int
	Key    string // the field by label, "" when a number was used
	// Op is "" (ask again), "set", "add", "remove" (list rows), "remove_text" or
	// "replace" (From becomes Value).
	Op          string
	Value, From string
}

// The operations of Edit.
const (
	opSet        = "set"
	opAdd        = "add"
	opRemove     = "remove"
	opRemoveText = "remove_text"
	opReplace    = "replace"
)

var (
	editNumber = regexp.MustCompile(`^(?:我要|我想|帮我|请)?(?:修改|更改|重填|改)\s*第?\s*(-?\d{1,4}|[一二三四五六七八九十]{1,3})\s*(?:项|题|个|号|栏)?[。.]?$`)
	editValue  = regexp.MustCompile(`^(?:(?:修改|更改|改)\s*第?\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:项|题|号|栏)?(?:[：: \n]|改成|改为|为|成)|第\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:项|题|栏)(?:[：:]|改成|改为|换成))\s*([\s\S]+)$`)
	editDot    = regexp.MustCompile(`^(\d{1,2})[.。．、]$`)
	editVerb   = regexp.MustCompile(`^(?:我要|我想|帮我|请|麻烦)*(?:把|将)?(?:修改一下|修改|更改|重填|改一下|改改|改)?(?:把|将)?`)

	openAgain  = regexp.MustCompile(`^(?:这一?项|一栏)?[，,]?(?:我?要|想|需要|得)?(?:改一下|修改一下|改改|改|修改|重填|重写|写错了|填错了|不对|有误|错了)(?:一下|吧|了)?$`)
	setForm    = regexp.MustCompile(`^(?:这一?项)?[，,]?(?:改一下[，,])?(?:改成|改为|改到|换成|换为|变成|变为|变更为|调整为|更正为|推迟到|提前到|延到|延长到|应该是|应为)[：: ]*([\s\S]+)$`)
	addWords   = regexp.MustCompile(`^(?:里面?|中)?[，,]?(?:(?:再|还|另外?)(?:增加|添加|补充|加上|加)(?:一|1)?(?:个|条|步|项|家|名)?[：: ，,]*|(?:增加|添加|新增|补充|加上|加)(?:(?:一|1)(?:个|条|步|项|家|名)[：: ，,]*|[：: ]+))([\s\S]+)$`)
	dropQuoted = regexp.MustCompile(`^(?:里面?|中)?的?[，,]?(?:改一下[，,])?(?:把|将|去掉|删掉|删除|删去)?[“"「『‘']([^”"」』’']+)[”"」』’'](?:这?[一二两三四五六七八九几\d]+个字|这个词|字样|二字)?(?:去掉|删掉|删了|删除|去了|不要了?|拿掉)?$`)
	dropWord   = regexp.MustCompile(`^(?:里面?的?|中的?|的)?[，,]?(?:改一下[，,])?(?:把|将)?(?:(?:去掉|删掉|删除|删去|减去)\s*|删\s+)(.{1,20})$`)
	dropAfter  = regexp.MustCompile(`^(?:里面?的?|中的?|的)?[，,]?(?:改一下[，,])?(?:把|将)?(.{1,15}?)(?:去掉|删掉|删了|删除|不要了|拿掉)$`)
	swapForm   = regexp.MustCompile(`^(?:里面?的?|中的?|改一下[，,]?(?:把|将)|[，,](?:把|将)|的?[“"「])[“"「]?(.{1,30}?)[”"」]?(?:改成|改为|换成|换为|替换成|替换为)[“"「]?(.{1,40}?)[”"」]?$`)
	dropFirst  = regexp.MustCompile(`^(?:我要|帮我|请)?(?:把)?(?:删除|删掉|删去|去掉)(.+)$`)
	rowChange  = regexp.MustCompile(`^(?:里|中)?的?第(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:个|条|步|项|家).+$`)
	rowWish    = regexp.MustCompile(`^(?:我要|我想|帮我|请)?(?:把|将)?(第(\d{1,2}|[一二三四五六七八九十]{1,3})(个|条|步|项|行|家)(?:的?(?:完成)?(?:时间|日期|时限|内容|步骤|标题|名称|产出|成果|负责人|责任人|类型|电话)|的)?(?:改成|改为|换成|换为|改到|推迟到|延到|提前到)[\s\S]+)$`)
	bareMarks  = regexp.MustCompile(`[ ?？。.！!：:，,～~]+$`)
	asking     = regexp.MustCompile(`^(?:什么|谁|哪[天个里年月]|多少|几[月号日个]).{0,6}$|(?:[?？吗]|怎么办|怎么改|怎么写|如何改|行不行|好不好|可不可以|什么时候|什么好|哪天|谁)$`)
	refusing   = regexp.MustCompile(`(?:不要|不用|不能|不想|不必|不得|没有|没|别)$`)
	letterNote = regexp.MustCompile(`(?:这?[一二两三四五六七八九几\d]+个字|这个词|字样|二字)$`)
)

// ReadEdit reads a wish to change a field by number or label: "改 5", "改 5 新内容",
// "5.", "负责人", "修改负责人", "负责人：张三", "题目里的“研究”去掉", "试点单位再加一个：…".
// "第2步改到6月" names the list of steps, or the only list there is. ok is false for
// anything else: for questions ("题目改成什么？") and negations ("第2个不要删掉"),
// for "改 3.2 …" (a cell of the open list), for "第2条改成…" where any of several
// lists may be meant, and for texts with two or more labels (a pasted form).
func ReadEdit(text string, labels []Label) (e Edit, ok bool) {
	set := newLabelSet(labels)
	return set.edit(text, set.paste(text).Labels)
}

// edit is ReadEdit with labels made ready, and with the number of labels the
// text was found to hold.
func (s *labelSet) edit(text string, labels int) (e Edit, ok bool) {
	typed := Normalise(text)
	if m := editDot.FindStringSubmatch(typed); m != nil {
		return Edit{Number: fieldNo(m[1])}, true
	}
	if beginsWith(typed, editHeads) {
		if m := editNumber.FindStringSubmatch(typed); m != nil {
			return Edit{Number: fieldNo(m[1])}, true
		}
		if m := editValue.FindStringSubmatch(typed); m != nil && !asking.MatchString(m[3]) {
			return Edit{Number: fieldNo(m[1] + m[2]), Op: opSet, Value: m[3]}, true
		}
	}
	if labels >= 2 {
		return Edit{}, false
	}
	return s.editLabel(typed)
}

// editHeads are the characters editNumber, editValue and a verb of editVerb
// begin with.
const editHeads = "我帮请麻把将修更重改第"

// fieldNo reads a field's number; what no field can have is -1.
func fieldNo(s string) int {
	n, ok := smallNumber(s)
	if !ok && allDigits(s) {
		return atoi(s)
	}
	if !ok || n < 1 {
		return -1
	}
	return n
}

// editLabel reads phrases that name the field.
func (s *labelSet) editLabel(typed string) (Edit, bool) {
	first, more, _ := strings.Cut(typed, "\n")
	if h := s.head(first); h.key != "" && !strings.HasPrefix(h.key, ignoredHead) {
		value := strings.TrimSpace(h.value + "\n" + more)
		if nothing[Key(value)] {
			return Edit{Key: h.key, Op: opSet, Value: value}, true
		}
		if value == "" || emptyValue.MatchString(value) || bareMarks.ReplaceAllString(value, "") == "" {
			return Edit{Key: h.key}, true
		}
		return Edit{Key: h.key, Op: opSet, Value: value}, true
	}
	if key := s.bareLabel(typed); key != "" {
		return Edit{Key: key}, true
	}
	if e, ok := s.rowOfList(typed); ok {
		return e, true
	}
	verb := ""
	if beginsWith(typed, editHeads) {
		verb = editVerb.FindString(typed)
	}
	for _, skip := range []string{verb, ""} {
		key, rest, found := s.labelFirst(typed[len(skip):])
		if !found {
			continue
		}
		if e, ok := editRest(strings.TrimSpace(rest), skip != ""); ok && e.meant() {
			e.Key = key
			return e, true
		}
		break
	}
	if m := dropFirst.FindStringSubmatch(typed); m != nil {
		key, rest, found := s.labelFirst(m[1])
		if target := strings.TrimLeft(rest, "里面中的 "); found && !asking.MatchString(target) && target != "" && Runes(target) <= 15 {
			return Edit{Key: key, Op: opRemove, Value: target}, true
		}
	}
	return Edit{}, false
}

// meant reports whether an edit is a wish: not a question, and not the wish to
// leave something as it is.
func (e Edit) meant() bool {
	if e.Op == opRemove || e.Op == opRemoveText {
		return !refusing.MatchString(e.Value) && !asking.MatchString(e.Value)
	}
	return e.Op == "" || !asking.MatchString(e.Value)
}

// bareLabel is the field whose label is the whole message. Reserved words that
// are aliases too (完成) stay words.
func (s *labelSet) bareLabel(typed string) string {
	if _, _, ok := readWord(typed); ok {
		return ""
	}
	key := s.index[labelKey(bareMarks.ReplaceAllString(typed, ""))]
	if strings.HasPrefix(key, ignoredHead) {
		return ""
	}
	return key
}

// rowOfList reads the change of a row without its list: "第2步改到2028年8月". The
// list is known by its unit, or as the only one.
func (s *labelSet) rowOfList(typed string) (Edit, bool) {
	m := rowWish.FindStringSubmatch(typed)
	if m == nil || asking.MatchString(typed) {
		return Edit{}, false
	}
	part := map[string]string{"步": "步骤", "家": "单位"}[m[3]]
	list := ""
	for _, l := range s.names {
		if !s.trait[l.key].list || !strings.Contains(l.name, part) || l.key == list {
			continue
		}
		if list != "" {
			return Edit{}, false
		}
		list = l.key
	}
	return Edit{Key: list, Op: opSet, Value: m[1]}, list != ""
}

// head finds the label before a colon, tab, = or in 【】 at a line's beginning.
func (s *labelSet) head(line string) lineHead {
	if !strings.ContainsAny(line, "：:\t=【") {
		return lineHead{}
	}
	r := pasteReader{labels: s}
	return r.head(line)
}

// labelFirst finds the longest label a text begins with.
func (s *labelSet) labelFirst(text string) (key, rest string, found bool) {
	text = strings.TrimLeft(text, " “\"")
	longest := 0
	for _, l := range s.names {
		if len(l.name) > longest && strings.HasPrefix(text, l.name) {
			key, rest, longest = l.key, text[len(l.name):], len(l.name)
		}
	}
	return key, strings.TrimLeft(rest, "”\""), longest > 0
}

// editRest reads what is to happen to a field that was named. verb says that 改 or
// 把 came before its label.
func editRest(rest string, verb bool) (Edit, bool) {
	if rest == "" {
		return Edit{}, verb
	}
	if openAgain.MatchString(rest) {
		return Edit{}, true
	}
	for _, try := range []func(string) (Edit, bool){editRow, editQuoted, editSet, editSwap, editAdd, editDrop} {
		if e, ok := try(rest); ok {
			return e, true
		}
	}
	if verb {
		return editVerbSet(rest)
	}
	return Edit{}, false
}

func editSet(rest string) (Edit, bool) {
	if m := setForm.FindStringSubmatch(rest); m != nil {
		return Edit{Op: opSet, Value: unquote(m[1])}, true
	}
	return Edit{}, false
}

// editVerbSet reads "改题目：…" and "修改题目为…"; without the verb the words after
// a label could be any sentence.
func editVerbSet(rest string) (Edit, bool) {
	for _, p := range []string{"：", ":", "为", "成"} {
		if value, ok := strings.CutPrefix(rest, p); ok && strings.TrimSpace(value) != "" {
			return Edit{Op: opSet, Value: unquote(strings.TrimSpace(value))}, true
		}
	}
	return Edit{}, false
}

// unquote takes off quotation marks that enclose the whole.
func unquote(s string) string {
	for _, q := range [][2]string{{"“", "”"}, {"\"", "\""}, {"「", "」"}} {
		inner, left := strings.CutPrefix(s, q[0])
		inner, right := strings.CutSuffix(inner, q[1])
		if left && right && inner != "" && !strings.Contains(inner, q[1]) {
			return inner
		}
	}
	return s
}

// editRow leaves changes of one row to the list itself.
func editRow(rest string) (Edit, bool) {
	if !rowChange.MatchString(rest) {
		return Edit{}, false
	}
	rest = strings.TrimLeft(rest, "里中的")
	if m := dropTail.FindStringSubmatch(rest); m != nil {
		return Edit{Op: opRemove, Value: m[1]}, true
	}
	return Edit{Op: opSet, Value: rest}, changeForm.MatchString(rest)
}

// editQuoted reads the removal of quoted text.
func editQuoted(rest string) (Edit, bool) {
	m := dropQuoted.FindStringSubmatch(rest)
	if m == nil || !strings.ContainsAny(rest, "去删拿") && !strings.Contains(rest, "不要") {
		return Edit{}, false
	}
	return Edit{Op: opRemoveText, Value: m[1]}, true
}

func editSwap(rest string) (Edit, bool) {
	m := swapForm.FindStringSubmatch(rest)
	if m == nil {
		return Edit{}, false
	}
	return Edit{Op: opReplace, From: strings.Trim(m[1], "“”\""), Value: strings.Trim(m[2], "“”\"")}, true
}

func editAdd(rest string) (Edit, bool) {
	if m := addWords.FindStringSubmatch(rest); m != nil {
		return Edit{Op: opAdd, Value: m[1]}, true
	}
	return Edit{}, false
}

// editDrop reads the removal of a list row, or of text when it speaks of characters.
func editDrop(rest string) (Edit, bool) {
	for _, form := range []*regexp.Regexp{dropWord, dropAfter} {
		m := form.FindStringSubmatch(rest)
		if m == nil {
			continue
		}
		target := strings.TrimSpace(m[1])
		if cut := letterNote.ReplaceAllString(target, ""); cut != target {
			return Edit{Op: opRemoveText, Value: strings.Trim(cut, "“”\"")}, true
		}
		return Edit{Op: opRemove, Value: strings.Trim(target, "“”\"")}, true
	}
	return Edit{}, false
}
