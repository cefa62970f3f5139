package dialog

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// divideText divides a row typed as a sentence: dates and telephone numbers are
// found by their form, parts with a label by it, the rest goes by order. Only
// records without a date are cut at commas; a step's title may hold commas.
func (k Rows) divideText(s string, ctx *dateContext) ([]string, Problem) {
	row := make([]string, len(k.Columns))
	s = k.takeLabelled(s, row)
	s = k.takePhone(s, row)
	at := k.dateColumn()
	if at >= 0 && row[at] == "" {
		f := findDate(s, *ctx)
		switch {
		case f.found:
			row[at], s = f.raw, f.rest
		case f.problem.Kind != None:
			return nil, f.problem
		}
	}
	if at >= 0 {
		k.fillFirst(row, trimCell(s))
		return row, Problem{}
	}
	pieces := splitTrim(s, " \t，,、；;（）()：:/")
	if len(pieces) == 1 && strings.Join(row, "") == "" {
		k.fillFirst(row, pieces[0])
		return row, k.nameProblem(row[0])
	}
	list, problem := k.place(pieces, *ctx)
	if problem.Kind == None && row[0] == "" {
		problem = k.nameProblem(list[0])
	}
	if problem.Kind != None {
		return nil, problem
	}
	for i, placed := range list {
		switch {
		case placed == "":
		case row[i] == "":
			row[i] = placed
		default:
			row[i] += " " + placed
		}
	}
	return row, Problem{}
}

// fillFirst puts text into the first free text column.
func (k Rows) fillFirst(row []string, s string) {
	for i, c := range k.Columns {
		if _, ok := c.Kind.(Text); ok && row[i] == "" {
			row[i] = s
			return
		}
	}
}

// takePhone cuts a telephone number out for the first free phone column.
func (k Rows) takePhone(s string, row []string) string {
	for i, c := range k.Columns {
		if _, ok := c.Kind.(Phone); !ok || row[i] != "" {
			continue
		}
		at := phoneInText.FindStringIndex(s)
		if at == nil {
			return s
		}
		row[i] = s[at[0]:at[1]]
		head := strings.TrimRight(s[:at[0]], " ：:，,、（(")
		return trimCell(trimSuffixes(head, "电话", "联系电话", "手机", "联系方式")) + "，" + strings.TrimLeft(s[at[1]:], " ，,、）)")
	}
	return s
}

// wordLeader is what the person in charge is called in labels and posts.
const wordLeader = "负责人"

// columnWords are other names people use for a column's label.
var columnWords = map[string][]string{
	wordLeader: {"责任人", "联系人", "牵头人", "负责同志"}, "电话": {"联系电话", "手机", "手机号", "联系方式"}, "产出": {"成果", "阶段成果", "预期产出", "形成成果"},
	"类型": {"单位类型", "类别"}, "完成日期": {"完成时间", "时间", "时限", "日期", "完成时限"}, "完成时间": {"完成日期", "时间", "时限", "日期"}, "名称": {"单位", "单位名称", "试点单位", "试点"},
}

// bracketCells takes the brackets off the end of a row when all they hold are
// columns by name ("柳林村（类型：村，负责人：张明）"), as Show writes them. said is
// nil for any other row.
func (k Rows) bracketCells(s string) (head string, said []string) {
	inner, from := lastBracket(s)
	if inner == "" || strings.TrimSpace(s[:from]) == "" {
		return s, nil
	}
	found := k.labelsIn(inner)
	if len(found) == 0 || found[0].from > 0 {
		return s, nil
	}
	said = make([]string, len(k.Columns))
	for i, f := range found {
		end := len(inner)
		if i+1 < len(found) {
			end = found[i+1].from
		}
		cell := strings.Trim(inner[f.to:end], " ，,；;、")
		_, isText := k.Columns[f.column].Kind.(Text)
		if cell == "" || said[f.column] != "" || isText && k.phoneColumn() && phoneInText.MatchString(cell) {
			return s, nil
		}
		said[f.column] = cell
	}
	return strings.TrimRight(s[:from], " "), said
}

// lastBracket is what the brackets a text ends in hold, and where they open.
func lastBracket(s string) (inner string, from int) {
	_, size := utf8.DecodeLastRuneInString(s)
	depth := 0
	for i := len(s); i > 0; {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		i -= n
		switch r {
		case '）', ')':
			depth++
		case '（', '(':
			depth--
			if depth == 0 {
				return s[i+n : len(s)-size], i
			}
		}
		if depth == 0 {
			break
		}
	}
	return "", 0
}

// labelsIn finds the columns named with a colon at borders of a text; the first
// column is named by what stands before.
func (k Rows) labelsIn(s string) []labelAt {
	var found []labelAt
	for i, c := range k.Columns[1:] {
		for _, word := range append([]string{c.Label}, columnWords[c.Label]...) {
			if at, ok := labelIn(s, word, false); ok {
				found = append(found, labelAt{i + 1, at[0], at[1]})
				break
			}
		}
	}
	sort.Slice(found, func(a, b int) bool { return found[a].from < found[b].from })
	return found
}

// phoneColumn reports whether rows have a telephone number of their own.
func (k Rows) phoneColumn() bool {
	return slices.ContainsFunc(k.Columns, func(c Column) bool {
		_, ok := c.Kind.(Phone)
		return ok
	})
}

// labelAt is where a label stands in a row.
type labelAt struct{ column, from, to int }

// takeLabelled cuts "，负责人：张三" and "负责人张三" out of a row.
func (k Rows) takeLabelled(s string, row []string) string {
	var found []labelAt
	for i, c := range k.Columns {
		for _, word := range append([]string{c.Label}, columnWords[c.Label]...) {
			if at, ok := labelIn(s, word, i > 0 && k.dateColumn() < 0); ok {
				found = append(found, labelAt{i, at[0], at[1]})
				break
			}
		}
	}
	if len(found) == 0 {
		return s
	}
	sort.Slice(found, func(a, b int) bool { return found[a].from < found[b].from })
	rest := []string{s[:found[0].from]}
	for i, f := range found {
		end := len(s)
		if i+1 < len(found) {
			end = max(found[i+1].from, f.to)
		}
		cell := s[min(f.to, end):end]
		if _, isText := k.Columns[f.column].Kind.(Text); isText {
			if at := phoneInText.FindStringIndex(cell); at != nil {
				rest = append(rest, cell[at[0]:])
				cell = cell[:at[0]]
			}
		}
		row[f.column] = trimCell(strings.Trim(cell, "（()） "))
	}
	return strings.TrimRight(strings.Join(rest, "，"), " ，,、；;（(")
}

var labelColon = regexp.MustCompile(`^\s*(?:[：:]|是|为)\s*`)

// labelIn finds a label at a border of the text; without a colon it must be
// followed by something and, unless bare is allowed, is no label.
func labelIn(s, word string, bare bool) ([2]int, bool) {
	for from := 0; from < len(s); {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return [2]int{}, false
		}
		i += from
		end := i + len(word)
		from = end
		if i > 0 && !strings.ContainsAny(lastRune(s[:i]), " \t，,、；;（(。") {
			continue
		}
		if at := labelColon.FindStringIndex(s[end:]); at != nil {
			return [2]int{i, end + at[1]}, true
		}
		if bare && end < len(s) && i > 0 {
			return [2]int{i, end}, true
		}
	}
	return [2]int{}, false
}

func lastRune(s string) string {
	_, size := utf8.DecodeLastRuneInString(s)
	return s[len(s)-size:]
}
