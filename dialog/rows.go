package dialog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	cellMark  = "｜" // stands between cells of a shown row
	emptyCell = "—" // stands for an empty cell
	unfilled  = "（未填）"
	maxRows   = 100 // bound for Rows without Max
)

// Column is one part of a row of Rows. Kind must be a one-line kind (Text, Date,
// Phone, Choice, Number, YesNo): rows of rows cannot be stored.
type Column struct {
	Key, Label string
	Kind       Kind
	Required   bool
	Example    string
}

// Rows is a list of Min to Max rows of named columns (design.md D8): pilot units,
// steps, measures. Canonical is JoinRows. With Env.Old it also reads changes:
// 加 X, 删 2, 改 2 X, 改 3.2 X. Fewer rows than Min is RuleBroken with the rows so
// far in Reading.Value; handed back as Env.Old, the next message adds to them.
type Rows struct {
	Min, Max int // Max 0: 100
	Columns  []Column
}

// Read implements Kind.
func (k Rows) Read(text string, env Env) Reading {
	typed := Normalise(text)
	if !Visible(typed) {
		return NotRead("没有看到内容，" + k.Form() + "。")
	}
	if env.Old != "" && typed == Normalise(k.Show(env.Old)) {
		return Reading{Value: env.Old} // a copied preview changes nothing (UX rule 30)
	}
	old := SplitRows(env.Old)
	rows, changed, problem := k.change(typed, old, env)
	if !changed {
		rows, problem = k.readRows(typed, old, env)
		if len(old) > 0 && len(old) < k.Min && len(rows) < k.Min {
			rows = append(append([][]string{}, old...), rows...)
		}
	}
	if problem.Kind != None {
		return Reading{Problem: problem}
	}
	return k.finish(rows, typed, env)
}

// finish checks the rules of the whole list.
func (k Rows) finish(rows [][]string, typed string, env Env) Reading {
	value := JoinRows(rows)
	if a, b, name := sameRows(rows); b > 0 {
		return Breaks(fmt.Sprintf("第 %d 条和第 %d 条都是“%s”，请去掉一条再发。", a, b, name))
	}
	if most := k.most(); len(rows) > most {
		return Breaks(fmt.Sprintf("最多 %d 条，现在有 %d 条，请合并或去掉 %d 条。", most, len(rows), len(rows)-most))
	}
	if len(rows) < k.Min {
		return Reading{Value: value, Problem: Problem{RuleBroken, fmt.Sprintf("%s至少要 %d 条，现在有 %d 条，还差 %d 条，接着发就行。", env.Label, k.Min, len(rows), k.Min-len(rows))}}
	}
	r := Reading{Value: value}
	if shown := k.Show(value); shown != typed {
		r.Echo = fmt.Sprintf("共 %d 条\n%s", len(rows), shown)
	}
	return r
}

// sameRows finds two equal rows; b is 0 when there are none. Numbers count from 1.
func sameRows(rows [][]string) (a, b int, name string) {
	seen := make(map[string]int, len(rows))
	for i, row := range rows {
		key := strings.Join(row, cellSep)
		if first, ok := seen[key]; ok {
			return first, i + 1, row[0]
		}
		seen[key] = i + 1
	}
	return 0, 0, ""
}

func (k Rows) most() int {
	if k.Max > 0 {
		return k.Max
	}
	return maxRows
}

// Show implements Kind: numbered lines; the cells every row has divided by ｜,
// the others named in brackets: "柳林村（类型：村，负责人：张明）".
func (k Rows) Show(value string) string {
	rows := SplitRows(value)
	lines := make([]string, 0, len(rows))
	for i, row := range rows {
		lines = append(lines, strconv.Itoa(i+1)+". "+k.showRow(row))
	}
	return strings.Join(lines, "\n")
}

func (k Rows) showRow(row []string) string {
	cells := make([]string, max(len(k.Columns), len(row)))
	for i, cell := range row {
		cells[i] = cell
		if i < len(k.Columns) && cell != "" {
			cells[i] = k.Columns[i].Kind.Show(cell)
		}
	}
	first := 1 // the cells every row has
	for first < len(k.Columns) && k.Columns[first].Required && cells[first] != "" {
		first++
	}
	line := strings.Join(cells[:first], cellMark)
	var more []string
	for i, cell := range cells[first:] {
		if cell != "" && first+i < len(k.Columns) {
			more = append(more, k.Columns[first+i].Label+"："+cell)
		}
	}
	if len(more) == 0 && (first > 1 || len(cells) == 1) {
		return line
	}
	if len(more) > 0 {
		line += "（" + strings.Join(more, "，") + "）"
	}
	if k.readsAs(line, cells) {
		return line
	}
	return marked(cells)
}

// marked is the form of odd rows: every cell in its place, — for empty ones.
func marked(cells []string) string {
	last := 1
	for i, cell := range cells {
		if cell != "" {
			last = max(last, i)
		}
	}
	shown := make([]string, 0, last+1)
	for _, cell := range cells[:last+1] {
		if cell == "" {
			cell = emptyCell
		}
		shown = append(shown, cell)
	}
	return strings.Join(shown, cellMark)
}

// readsAs reports whether a shown row is read back as these cells.
func (k Rows) readsAs(line string, cells []string) bool {
	items := k.looseItems(k.eachUnit([]string{line}))
	if len(items) != 1 {
		return false
	}
	read, problem := k.divide(items[0], &dateContext{})
	return problem.Kind == None && slices.Equal(read, cells)
}

// Form implements Kind.
func (k Rows) Form() string {
	labels := make([]string, 0, len(k.Columns))
	for _, c := range k.Columns {
		if c.Required {
			labels = append(labels, c.Label)
		}
	}
	form := "一行写一条"
	if len(labels) > 1 {
		form += "：" + strings.Join(labels, "、")
	}
	if Runes(form) > 30 {
		return "一行写一条"
	}
	return form
}

// Numeric implements Kind.
func (Rows) Numeric() bool { return false }

// Long implements Kind.
func (Rows) Long() bool { return false }

// dateColumn is the index of the first date column, -1 for none.
func (k Rows) dateColumn() int {
	for i, c := range k.Columns {
		if _, ok := c.Kind.(Date); ok {
			return i
		}
	}
	return -1
}

// nameList reports whether the list may come as names in one line (甲村、乙村).
func (k Rows) nameList() bool {
	if len(k.Columns) == 0 || k.dateColumn() >= 0 {
		return false
	}
	first, ok := k.Columns[0].Kind.(Text)
	return ok && first.Max > 0 && first.Max <= 60
}
