package dialog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unitEnds end the names of places and bodies; party bodies come off first.
var (
	partyEnds = []string{"党支部", "党总支", "党委", "党工委", "党组", "支部", "总支", "党组织", "支委会"}
	longEnds  = []string{
		"村委会", "居委会", "社区", "街道", "办事处", "学校", "小学", "中学", "一中", "二中", "三中", "四中", "五中", "高中", "初中", "幼儿园", "学院", "大学", "党校", "公司", "企业", "集团", "工厂",
		"中心", "医院", "卫生院", "合作社", "协会", "商会", "学会", "联合会", "委员会", "工会", "园区", "开发区", "校区", "小区", "片区", "网格", "大队", "支队", "银行", "支行", "分行", "机关", "事务所", "工作站", "服务站", "大厅", "专班", "联盟",
		"联合体", "基地", "超市", "商场", "市场", "景区", "管理处", "管委会", "敬老院", "养老院", "文化馆", "图书馆", "艺术馆", "单位",
	}
	villageEnds = []string{"村", "镇", "乡", "局"}
	shortEnds   = []string{"县", "厂", "园", "院", "所", "站", "校", "办", "科", "部", "室", "队", "组", "街", "区", "庄", "屯", "寨", "馆", "社", "店"}
)

// unitBody is a name without notes and without the party body at its end.
func unitBody(name string) string {
	name = strings.TrimRight(headNote.ReplaceAllString(name, ""), " ")
	for _, e := range partyEnds {
		if body, ok := strings.CutSuffix(name, e); ok {
			return body
		}
	}
	return name
}

// unitRoot is a name without its endings ("柳林" of 柳林村党支部); ended says that
// it had one.
func unitRoot(name string) (root string, ended bool) {
	body := unitBody(name)
	for _, ends := range [][]string{longEnds, villageEnds, shortEnds} {
		for _, e := range ends {
			if root, ended = strings.CutSuffix(body, e); ended {
				return root, Runes(e) > 1 || Runes(body) != 3 || !looksName(body) // 李小园 may be a person
			}
		}
	}
	return body, body != name
}

// unitLike reports a name that ends like a place or a body and is more than its
// kind ("柳林村党支部", not "党支部").
func unitLike(name string) bool {
	root, ended := unitRoot(name)
	if !ended || root == "" || Runes(name) > 30 {
		return false
	}
	first, _ := utf8.DecodeRuneInString(root)
	return unicode.Is(unicode.Han, first) && !strings.ContainsAny(name, " \t，,、；;。：:！？!?/｜|")
}

// unitLevel is 1 for counties, 2 for towns, 3 for what lies in them.
func unitLevel(name string) int {
	name = unitBody(name)
	switch {
	case strings.HasSuffix(name, "县"), strings.HasSuffix(name, "市"):
		return 1
	case strings.HasSuffix(name, "镇"), strings.HasSuffix(name, "乡"), strings.HasSuffix(name, "街道"):
		return 2
	}
	return 3
}

// sameRank reports names that stand beside each other: no town before its
// village, no body before its own branch.
func sameRank(names []string) bool {
	party := func(s string) bool {
		return slices.ContainsFunc(partyEnds, func(e string) bool { return strings.HasSuffix(s, e) })
	}
	for _, s := range names[1:] {
		if unitLevel(s) != unitLevel(names[0]) || party(s) != party(names[0]) {
			return false
		}
	}
	return true
}

// units reports a list of places or bodies with more columns about each.
func (k Rows) units() bool { return len(k.Columns) > 1 && k.nameList() }

// allUnits reports that each piece is the name of a unit.
func (k Rows) allUnits(pieces []string) bool {
	for _, p := range pieces {
		if !unitLike(p) || len(k.Columns) > 1 && k.otherColumn(p) {
			return false
		}
	}
	return len(pieces) > 1
}

// maxNameLine bounds, in bytes, a line that is looked through for names.
const maxNameLine = 1000

// counted is a list of names that ends in its own count ("甲村和乙村两个").
var counted = regexp.MustCompile(`^(.+?)(?:等|共|这)?([两二三四五六七八九2-9])(?:家|个|村|社区)(?:试点|行政)?(?:单位|村|社区|企业|公司|学校|支部|党支部|党组织|村党支部|点)?$`)

// nameItems takes a line of names apart: at 、 always, at ，, blanks, / and 和 when
// every piece is a unit. A count at the end must be right.
func (k Rows) nameItems(line string) ([]string, bool) {
	if len(line) > maxNameLine {
		return nil, false
	}
	body, want := line, 0
	if m := counted.FindStringSubmatch(line); m != nil {
		n, _ := smallNumber(m[2])
		body, want = m[1], n
	}
	fits := func(pieces []string) bool { return len(pieces) > 1 && (want == 0 || want == len(pieces)) }
	if pieces := joints(splitTrim(body, "、")); fits(pieces) && (k.allUnits(pieces) || strings.Contains(body, "、") && k.bareNames(pieces)) {
		return pieces, true
	}
	if pieces := joints(splitTrim(body, "、，,")); fits(pieces) && k.allUnits(pieces) {
		return pieces, true
	}
	if pieces := joints(splitTrim(body, "、，, /")); fits(pieces) && k.allUnits(pieces) && sameRank(pieces) {
		return pieces, true
	}
	if want > 0 {
		pieces := splitTrim(jointWord.ReplaceAllString(body, "、"), "、，,")
		return pieces, fits(pieces) && k.bareNames(pieces)
	}
	return nil, false
}

// jointWord joins the last two names of a list.
var jointWord = regexp.MustCompile(`以及|还有|和|与|及|跟`)

// joints cuts pieces at 和 and its like where a unit ends before and a unit with
// a name of two characters or more comes after: 柳林村和平村 could be one.
func joints(pieces []string) []string {
	var out []string
	for _, p := range pieces {
		from := 0
		for _, at := range jointWord.FindAllStringIndex(p, -1) {
			before, after := strings.TrimSpace(p[from:at[0]]), strings.TrimSpace(p[at[1]:])
			if m := jointWord.FindStringIndex(after); m != nil && m[0] > 0 && unitLike(after[:m[0]]) {
				after = after[:m[0]]
			}
			sure := at[1]-at[0] > len("和") // 以及, 还有
			if unitLike(before) && (unitLike(after) && Runes(unitBody(after)) > 2 || sure && after != "") {
				out = append(out, before)
				from = at[1]
			}
		}
		if rest := strings.TrimSpace(p[from:]); rest != "" {
			out = append(out, rest)
		}
	}
	return out
}

// eachUnit takes lines apart that surely name several units.
func (k Rows) eachUnit(lines []string) []string {
	if !k.units() {
		return lines
	}
	out := make([]string, 0, len(lines))
	for _, line := range lines {
		if pieces, ok := k.nameItems(line); ok && k.allUnits(pieces) {
			out = append(out, pieces...)
			continue
		}
		out = append(out, line)
	}
	return out
}

// personLike reports a piece that can be who is in charge without a label.
func personLike(p string) bool {
	_, _, split := splitNamePost(p)
	return split || looksName(p) || isPost(p)
}

// misplaced asks about a piece of a row of units that has no place of its own:
// a second unit, or a word that is nobody's name.
func (k Rows) misplaced(piece, name string, column int) Problem {
	if !k.units() || column == 0 || personLike(piece) {
		return Problem{}
	}
	if column > 0 {
		if _, text := k.Columns[column].Kind.(Text); !text {
			return Problem{}
		}
	}
	if unitCount.MatchString(piece) {
		return k.nameProblem(piece)
	}
	if unitLike(name) && unitLike(piece) {
		return Problem{NotUnderstood, fmt.Sprintf("“%s”和“%s”是两个单位吗？是的话请一行写一个；是一个单位请连着写，中间不留空。", name, piece)}
	}
	if clause(name) {
		return k.nameProblem(name)
	}
	return Problem{NotUnderstood, fmt.Sprintf("没看明白“%s”是哪一栏。每条有 %s，一行写一条%s。", Cut(piece, 60), k.labels(), k.sample())}
}

// sample is a row as people write it, for the end of a sentence.
func (k Rows) sample() string {
	row := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		row[i] = c.Example
	}
	if s := strings.Join(strings.Fields(strings.Join(row, " ")), " "); s != "" {
		return "，如 " + s
	}
	return ""
}

var (
	clauseMark = regexp.MustCompile(`[。！？!?；;…]`)
	clauseWord = regexp.MustCompile(`也要|要管|问题|怎么|如何|没有|不要|需要|希望|我们|你们|已经|因为|所以|应该|必须|还要|就是|可以|不足|不够|去年|今年|明年|大家|目前|现在|一直|经常|意见|[了吧呢吗啊呀的]$`)
	unitCount  = regexp.MustCompile(`[两二三四五六七八九十几\d](?:个|家)(?:试点|行政)?(?:单位|村|社区|企业|公司|学校|支部|党支部|党组织|点)?$`)
)

// clause reports a name that reads like a sentence.
func clause(name string) bool {
	if onlyMarks(name) {
		return false
	}
	if clauseMark.MatchString(name) {
		return true
	}
	_, ended := unitRoot(name)
	return !ended && (Runes(name) > 15 || clauseWord.MatchString(name))
}

// nameProblem asks about a unit's name that was typed without a label and is
// more likely something else.
func (k Rows) nameProblem(name string) Problem {
	switch {
	case !k.units() || name == "" || len(name) > maxNameLine || onlyMarks(name):
		return Problem{}
	case clause(name):
		return Problem{NotUnderstood, quoted("这像一句话，不像单位名称。一行写一个单位"+k.like()+"；名称确实是这样的话，请写在“单位：”后面。", shortQuote(name))}
	case unitCount.MatchString(name):
		return Problem{NotUnderstood, quoted("请写出每个单位的名称，一行一个"+k.like()+"。", shortQuote(name))}
	}
	for _, at := range jointWord.FindAllStringIndex(name, -1) {
		if before := name[:at[0]]; unitLike(before) && at[1] < len(name) {
			return Problem{NotUnderstood, fmt.Sprintf("“%s”是一个单位还是两个？两个请一行写一个；是一个请写 单位：%s。", name, name)}
		}
	}
	return Problem{}
}

// like is an example for a sentence, "" when there is none.
func (k Rows) like() string {
	if e := k.Columns[0].Example; e != "" {
		return "，如 " + e
	}
	return ""
}
