package dialog

import (
	"regexp"
	"slices"
	"strings"
)

// pasteLines brings a pasted text to lines that begin with their labels: marks of
// quotation go, tables are turned so that each label stands before its value.
func (s *labelSet) pasteLines(text string) []string {
	lines := strings.Split(text, "\n")
	if text[0] == '>' {
		lines = unquotedLines(lines)
	}
	if text[0] == '|' || strings.Contains(text, "\n|") {
		lines = pipedLines(lines)
	}
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "\t") }) {
		return lines
	}
	return s.tableLines(lines)
}

// unquotedLines takes the > of a quoted mail off lines that all have it.
func unquotedLines(lines []string) []string {
	out := make([]string, 0, len(lines))
	for _, line := range lines {
		rest, ok := strings.CutPrefix(line, ">")
		if !ok && line != "" {
			return lines
		}
		out = append(out, strings.TrimPrefix(rest, " "))
	}
	return out
}

// pipeRule is the line under the head of a table written with |.
var pipeRule = regexp.MustCompile(`^\|(?: ?:?-+:? ?\|)+$`)

// pipedLines turns "| 标签 | 值 |" into cells divided by tabs. The head above the
// rule names columns and says nothing.
func pipedLines(lines []string) []string {
	out := make([]string, 0, len(lines))
	for i, line := range lines {
		inner, left := strings.CutPrefix(line, "|")
		inner, right := strings.CutSuffix(inner, "|")
		switch {
		case !left || !right:
			out = append(out, line)
		case pipeRule.MatchString(line), i+1 < len(lines) && pipeRule.MatchString(lines[i+1]):
		default:
			cells := strings.Split(inner, "|")
			for c := range cells {
				cells[c] = strings.TrimSpace(cells[c])
			}
			out = append(out, strings.Join(cells, "\t"))
		}
	}
	return out
}

// tableLines divides rows that hold several labels with their values, and turns
// tables whose labels stand in a row above the values.
func (s *labelSet) tableLines(lines []string) []string {
	out := make([]string, 0, len(lines))
	for i := 0; i < len(lines); i++ {
		cells := strings.Split(lines[i], "\t")
		if len(cells) < 2 {
			out = append(out, lines[i])
			continue
		}
		for c := range cells {
			cells[c] = strings.TrimSpace(cells[c])
		}
		switch {
		case s.labelPairs(cells):
			for c := 0; c < len(cells); c += 2 {
				out = append(out, cells[c]+"\t"+cellOf(cells, c+1))
			}
		case s.labelPairs(cells[1:]) && len(cells)%2 == 1:
			// The first cell of a merged column names the section.
			for c := 1; c < len(cells); c += 2 {
				out = append(out, cells[c]+"\t"+cells[c+1])
			}
		case s.allLabels(cells) && i+1 < len(lines) && strings.Count(lines[i+1], "\t") == len(cells)-1 && !s.insideList(out):
			i = s.turned(lines, i, cells, &out)
		default:
			out = append(out, lines[i])
		}
	}
	return out
}

// labelPairs reports cells that are label, value, label, value and so on.
func (s *labelSet) labelPairs(cells []string) bool {
	known := false
	for i, cell := range cells {
		key := labelKey(cell)
		label := s.index[key] != ""
		switch {
		case i%2 == 1 && (label || personWords[key]):
			return false
		case i%2 == 0 && !label && !personWords[key] && !officeLabels[key]:
			return false
		}
		known = known || label
	}
	return known && len(cells) > 1
}

// allLabels reports a row of nothing but labels.
func (s *labelSet) allLabels(cells []string) bool {
	for _, cell := range cells {
		if key := labelKey(cell); s.index[key] == "" && !personWords[key] && !officeLabels[key] {
			return false
		}
	}
	return true
}

// insideList reports that the last line so far opens a list: what follows are the
// columns of its own table.
func (s *labelSet) insideList(lines []string) bool {
	for _, line := range slices.Backward(lines) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		key := s.index[labelKey(withoutMark(fieldNumber.ReplaceAllString(line, "")))]
		return s.trait[key].list
	}
	return false
}

// turned writes the rows below a row of labels as label and value, and returns
// the last line used.
func (s *labelSet) turned(lines []string, head int, labels []string, out *[]string) int {
	last := head
	for i := head + 1; i < len(lines) && strings.Count(lines[i], "\t") == len(labels)-1; i++ {
		for c, cell := range strings.Split(lines[i], "\t") {
			*out = append(*out, labels[c]+"\t"+strings.TrimSpace(cell))
		}
		last = i
	}
	return last
}

// personWords are labels of a person's parts.
var personWords = map[string]bool{
	"姓名": true, "名字": true, "职务": true, "职位": true, "职称": true, "职务/职称": true, "电话": true, "手机": true, "手机号": true, "手机号码": true, "联系电话": true, "联系方式": true, "办公电话": true,
}

// officeLabels are labels of any office's forms; a long text does not begin its
// own lines with them.
var officeLabels = map[string]bool{
	"经费预算": true, "经费来源": true, "邮箱": true, "电子邮箱": true, "通讯地址": true, "地址": true, "邮编": true, "传真": true, "备注": true, "附件": true, "附件材料": true, "填表人": true, "填表时间": true, "填表日期": true,
	"填报时间": true, "填报日期": true, "签字": true, "签名": true, "盖章": true, "单位意见": true, "党委意见": true, "推荐意见": true, "审核意见": true, "审批意见": true, "课题来源": true, "课题编号": true, "课题组成员": true, "参与人员": true,
	"主管单位": true, "推荐单位": true, "申报日期": true, "单位盖章": true, "密级": true, "页数": true,
}

// personPart reports a person's part on a line of its own behind the person's
// label, where that part is still missing or the line below repeats it.
func (r *pasteReader) personPart(h lineHead) bool {
	return h.name != "" && r.labels.trait[r.key].person && personWords[labelKey(h.name)]
}

// tableHead reports the names of columns right below the label of a list.
func (r *pasteReader) tableHead(line string) bool {
	const most = 8
	if !r.labels.trait[r.key].list || len(r.value) > 0 || strings.Count(line, "\t") < 2 {
		return false
	}
	for cell := range strings.SplitSeq(line, "\t") {
		if n := Runes(cell); n == 0 || n > most || strings.ContainsAny(cell, "0123456789，。；") {
			return false
		}
	}
	return true
}

// sectionNumber is the number of a section's heading.
var sectionNumber = regexp.MustCompile(`^(?:第([一二三四五六七八九十]{1,2})部分|([一二三四五六七八九十]{1,2})、|[（(]([一二三四五六七八九十]{1,2})[）)])\s*(.+)$`)

// sectionLine reports a short numbered heading between two fields ("二、试点安排"):
// the next line begins with a label, and the open value has no row with the
// number before.
func (r *pasteReader) sectionLine(line string) bool {
	const most = 12
	if r.key == "" || !beginsWith(line, "第一二三四五六七八九十（(") || Runes(line) > most || strings.ContainsAny(line, "，。；：:,;") {
		return false
	}
	m := sectionNumber.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	n, ok := smallNumber(m[1] + m[2] + m[3])
	if !ok || n < 2 || !r.labelNext() {
		return false
	}
	return !slices.ContainsFunc(r.value, func(row string) bool {
		m := sectionNumber.FindStringSubmatch(strings.TrimSpace(row))
		if m == nil {
			return false
		}
		before, _ := smallNumber(m[1] + m[2] + m[3])
		return before == n-1
	})
}

// labelNext reports that the next line with something in it begins with a label.
func (r *pasteReader) labelNext() bool {
	for _, line := range r.lines[r.at+1:] {
		if strings.TrimSpace(line) != "" {
			return r.head(line).key != ""
		}
	}
	return false
}
