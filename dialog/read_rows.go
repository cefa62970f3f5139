package dialog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// item is one row as typed: loose text, or cells a table has divided already.
type item struct {
	text  string   // the whole row, to quote from
	head  string   // text without the cells in said
	cells []string // nil for loose text
	said  []string // by column: what brackets with labels at the end say, nil for none
}

// readRows reads a whole list.
func (k Rows) readRows(typed string, old [][]string, env Env) ([][]string, Problem) {
	items := k.items(typed, env)
	if most := k.most(); len(items) > 4*most {
		return nil, Problem{RuleBroken, fmt.Sprintf("最多 %d 条，现在有 %d 行，请合并后再发。", most, len(items))}
	}
	rows := make([][]string, 0, len(items))
	ctx := dateContext{now: env.Now}
	for i, it := range items {
		var before []string
		if i < len(old) {
			before = old[i]
		}
		row, problem := k.readRow(it, i+1, before, &ctx)
		if problem.Kind != None {
			return nil, problem
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, Problem{NotUnderstood, "没有看到内容，" + k.Form() + "。"}
	}
	return rows, Problem{}
}

// items takes a text apart into rows.
func (k Rows) items(typed string, env Env) []item {
	if k.dateColumn() >= 0 {
		typed = plainDates(typed)
	} else if k.units() {
		typed = plainPlaces(typed)
	}
	lines := visibleLines(typed)
	if len(lines) > 1 && heading(lines[0]) {
		lines = lines[1:]
	}
	if strings.Contains(typed, "\t") {
		return k.tableItems(lines)
	}
	if len(lines) == 1 {
		if texts := inlineMarks(lines[0]); len(texts) > 1 {
			return k.looseItems(texts)
		}
	}
	if texts, ok := numberedLines(lines, k.dateColumn() >= 0); ok {
		return k.looseItems(k.eachUnit(texts))
	}
	if len(lines) == 1 {
		return k.looseItems(k.lineItems(lines[0], env))
	}
	return k.looseItems(k.eachUnit(lines))
}

func (k Rows) looseItems(texts []string) []item {
	items := make([]item, 0, len(texts))
	for _, t := range texts {
		it := item{text: t, head: t}
		if len(k.Columns) > 1 {
			it.head, it.said = k.bracketCells(t)
		}
		if len(k.Columns) > 1 && strings.ContainsAny(it.head, cellMark+"|") {
			it.cells = markedCells(it.head)
		}
		items = append(items, it)
	}
	return items
}

// markedCells divides a row at ｜, or at | where there is none: beside ｜ it is part
// of a cell.
func markedCells(row string) []string {
	mark := cellMark
	if !strings.Contains(row, mark) {
		mark = "|"
	}
	return strings.Split(strings.Trim(row, mark+" "), mark)
}

// tableItems reads lines pasted from a Word or Excel table. A head line is
// dropped; a column of running numbers too.
func (k Rows) tableItems(lines []string) []item {
	var items []item
	for _, cells := range k.tableCells(lines) {
		text := strings.Join(strings.Fields(strings.Join(cells, " ")), " ")
		filled := slices.DeleteFunc(slices.Clone(cells), func(c string) bool { return c == "" })
		switch {
		case len(cells) == 1 || len(k.Columns) == 1:
			items = append(items, k.looseItems([]string{text})...)
		case k.units() && k.allUnits(filled) && sameRank(filled):
			items = append(items, k.looseItems(filled)...)
		default:
			items = append(items, item{text: text, head: text, cells: cells})
		}
	}
	return items
}

// tableCells are the cells of each line without the line of column names and
// without the numbers of the rows.
func (k Rows) tableCells(lines []string) [][]string {
	var table [][]string
	var firsts []string
	for i, line := range lines {
		cells := strings.Split(line, "\t")
		for c := range cells {
			cells[c] = strings.TrimSpace(cells[c])
		}
		if i == 0 && len(cells) > 1 && k.headLine(cells) {
			continue
		}
		if len(cells) > 1 {
			if n, ok := ordinal(cells[0]); ok && n == len(table)+1 {
				cells = cells[1:]
			}
		}
		table = append(table, cells)
		firsts = append(firsts, cells[0])
	}
	if texts, ok := numberedLines(firsts, k.dateColumn() >= 0); ok && len(texts) == len(table) {
		for i := range table {
			table[i][0] = texts[i]
		}
	}
	return table
}

// ordinal reads a cell that only numbers its row: 1, 2., （三）, 第四步.
func ordinal(cell string) (int, bool) {
	cell = strings.Trim(cell, ".、．()（） ")
	if after, ok := strings.CutPrefix(cell, "第"); ok {
		cell = trimSuffixes(after, "步", "条", "项", "个", "阶段")
	}
	return smallNumber(cell)
}

// headLine reports a line of column names.
func (k Rows) headLine(cells []string) bool {
	known := 0
	for _, cell := range cells {
		key := Key(cell)
		if key == "序号" || key == "编号" {
			known++
			continue
		}
		for _, c := range k.Columns {
			if label := Key(c.Label); key == label || len(key) > 0 && (strings.Contains(key, label) || strings.Contains(label, key)) && Runes(key) < 8 {
				known++
				break
			}
		}
	}
	return known*2 >= len(cells) && known > 0 && known >= min(2, len(cells))
}

// lineItems takes one line apart where that cannot be wrong.
func (k Rows) lineItems(line string, env Env) []string {
	if k.dateColumn() >= 0 {
		return datedPieces(line, dateContext{now: env.Now})
	}
	if strings.ContainsAny(line, cellMark+"|") && len(k.Columns) > 1 {
		return []string{line}
	}
	if pieces := splitTrim(line, "；;"); len(pieces) > 1 && balanced(pieces) {
		return k.eachUnit(pieces)
	}
	if k.nameList() {
		if pieces, ok := k.nameItems(line); ok {
			return pieces
		}
	} else if pieces, ok := clauses(line); ok && len(k.Columns) == 1 {
		return pieces
	}
	return []string{line}
}

// balanced reports that no piece was cut inside brackets.
func balanced(pieces []string) bool {
	for _, p := range pieces {
		if strings.Count(p, "（")+strings.Count(p, "(") != strings.Count(p, "）")+strings.Count(p, ")") {
			return false
		}
	}
	return true
}

// bareNames reports whether every piece can only be a name of the first column.
func (k Rows) bareNames(pieces []string) bool {
	first, ok := k.Columns[0].Kind.(Text)
	for _, p := range pieces {
		if !ok || Runes(p) > first.Max || strings.ContainsAny(p, "0123456789：:") {
			return false
		}
		if len(k.Columns) > 1 && (looksName(p) || hasPostEnd(p) != "" || k.otherColumn(p)) {
			return false
		}
	}
	return true
}

// otherColumn reports a piece that answers a choice column, or names a column.
func (k Rows) otherColumn(piece string) bool {
	for _, c := range k.Columns[1:] {
		if choice, ok := c.Kind.(Choice); ok && len(exactOptions(choice.Options, piece)) == 1 {
			return true
		}
		if strings.HasPrefix(piece, c.Label) {
			return true
		}
	}
	return false
}

// datedPieces cuts "1月动员，5月试点，年底收尾": a new step begins where a piece
// begins with a date, or ends where pieces end with one.
func datedPieces(line string, ctx dateContext) []string {
	for _, seps := range []string{"；;", "；;，,、。"} {
		pieces := splitTrim(line, seps)
		if len(pieces) < 2 || len(pieces) > maxRows {
			continue
		}
		first, last := datedEnds(pieces, ctx)
		switch {
		case everyPiece(first, last), seps == "；;" && first[0] && count(first) > 1:
			// Behind ； every piece is a row; one without a date is asked about by name.
			return pieces
		case first[0] && count(first) > 1:
			return group(line, pieces, func(i int) bool { return first[i] })
		case last[len(pieces)-1] && count(last) > 1:
			return group(line, pieces, func(i int) bool { return i > 0 && last[i-1] })
		}
	}
	return []string{line}
}

// datedEnds says which pieces begin and which end with a date.
func datedEnds(pieces []string, ctx dateContext) (first, last []bool) {
	first, last = make([]bool, len(pieces)), make([]bool, len(pieces))
	for i, p := range pieces {
		first[i] = dateFirst(p, ctx).found
		last[i] = dateLast(p, ctx).found || bracketDate(p, ctx).found
	}
	return first, last
}

// everyPiece reports that each piece has a date of its own.
func everyPiece(first, last []bool) bool {
	for i := range first {
		if !first[i] && !last[i] {
			return false
		}
	}
	return true
}

func count(list []bool) int {
	n := 0
	for _, b := range list {
		if b {
			n++
		}
	}
	return n
}

// group joins pieces, as the line has them, up to where the next group starts.
func group(line string, pieces []string, starts func(int) bool) []string {
	var out []string
	from, at := 0, 0
	for i, p := range pieces {
		pos := at + strings.Index(line[at:], p)
		if i > 0 && starts(i) {
			out = append(out, trimPiece(line[from:pos]))
			from = pos
		}
		at = pos + len(p)
	}
	return append(out, trimPiece(line[from:]))
}

func trimPiece(s string) string { return strings.Trim(s, " \t，,；;、。") }

// splitTrim cuts at any of the separators and drops what is empty.
func splitTrim(s, seps string) []string {
	var out []string
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(seps, r) }) {
		if p = trimPiece(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// visibleLines are the lines that hold something.
func visibleLines(s string) []string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		if Visible(line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// heading reports a first line such as "实施步骤：".
func heading(line string) bool {
	return (strings.HasSuffix(line, "：") || strings.HasSuffix(line, ":")) && Runes(line) <= 12
}

// rowMark is a number or bullet at the start of a row.
var rowMark = regexp.MustCompile(`^(?:[（(](\d{1,3}|[一二三四五六七八九十]{1,3})[）)]|(\d{1,3})[.．、)）：:]|([①-⑳])|([一二三四五六七八九十]{1,3})[、.．：:]|第(\d{1,3}|[一二三四五六七八九十]{1,3})(?:步|条|项|个|阶段)[、.．：:，, ]|(\d{1,3}) )`)

// bulletMark is a mark without a number.
var bulletMark = regexp.MustCompile(`^[-•·*●▪◆■○☑✓→]\s*`)

// cutMark takes the number off a row; n is 0 when there is none. risky marks
// could also be part of a decimal number or a date ("1.5万元", "3.1 启动").
func cutMark(line string) (n int, rest string, risky bool) {
	m := rowMark.FindStringSubmatch(line)
	if m == nil {
		return 0, line, false
	}
	for _, g := range m[1:] {
		if v, ok := smallNumber(g); ok {
			n = v
		}
	}
	rest = strings.TrimLeft(line[len(m[0]):], " ")
	next, _ := utf8.DecodeRuneInString(line[len(m[0]):])
	plainDot := m[2] != "" && strings.HasSuffix(m[0], ".") || m[6] != "" || strings.HasSuffix(m[0], ":") || strings.HasSuffix(m[0], "：")
	return n, rest, plainDot && (unicode.IsDigit(next) && !longYear.MatchString(rest) || m[6] != "")
}

var longYear = regexp.MustCompile(`^\d{4}[年./-]`)

// numberedLines strips the marks of a list numbered 1, 2, 3…; lines between belong
// to the row before. ok is false when the lines are not such a list. With dates,
// "1.5月" in a list is the first row and May.
func numberedLines(lines []string, dates bool) (texts []string, ok bool) {
	if texts, ok = bulleted(lines); ok {
		return texts, true
	}
	expected, risk := 1, 0
	for _, line := range lines {
		n, rest, risky := cutMark(line)
		switch {
		case n == expected && rest != "":
			texts = append(texts, rest)
			expected++
			if risky {
				risk++
			}
		case expected == 1:
			return allMarked(lines)
		default:
			texts[len(texts)-1] += "\n" + line
		}
	}
	if risk == len(texts) && (risk == 1 || !dates) {
		return nil, false
	}
	for i := range texts {
		texts[i] = oneLineText(texts[i])
	}
	return texts, true
}

// allMarked strips numbers that do not run from 1, when every line has one.
func allMarked(lines []string) ([]string, bool) {
	texts := make([]string, 0, len(lines))
	for _, line := range lines {
		n, rest, risky := cutMark(line)
		if n == 0 || rest == "" || risky || len(lines) < 2 {
			return nil, false
		}
		texts = append(texts, rest)
	}
	return texts, true
}

func bulleted(lines []string) ([]string, bool) {
	texts := make([]string, 0, len(lines))
	for _, line := range lines {
		mark := bulletMark.FindString(line)
		if mark == "" || len(mark) == len(line) {
			return nil, false
		}
		texts = append(texts, line[len(mark):])
	}
	return texts, true
}

// inlineMark finds where a numbered piece may begin inside a line.
var inlineMark = regexp.MustCompile(`[①-⑳]|(?:^|[ ；;，,。、：:])(?:[（(](?:\d{1,2}|[一二三四五六七八九十]{1,2})[）)]|\d{1,2}[.．、)）]|[一二三四五六七八九十]{1,2}、|第[一二三四五六七八九十\d]{1,2}(?:步|条|项|阶段)[、：:，,]?)`)

// inlineMarks takes "①… ②…" or "1.…；2.…" apart when the numbers run from 1.
func inlineMarks(line string) []string {
	var starts, ends []int
	expected := 1
	for _, at := range inlineMark.FindAllStringIndex(line, -1) {
		from := at[0] + len(line[at[0]:at[1]]) - len(strings.TrimLeft(line[at[0]:at[1]], " ；;，,。、：:"))
		n, rest, _ := cutMark(line[from:] + " ")
		if n != expected {
			continue
		}
		starts = append(starts, from)
		ends = append(ends, len(line)+1-len(rest))
		expected++
	}
	if len(starts) < 2 || strings.TrimRight(line[:starts[0]], "：: ") != "" && !heading(strings.TrimSpace(line[:starts[0]])) {
		return nil
	}
	var out []string
	for i := range starts {
		end := len(line)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		if ends[i] > end {
			return nil
		}
		if piece := trimPiece(line[ends[i]:end]); piece != "" {
			out = append(out, piece)
		}
	}
	return out
}
