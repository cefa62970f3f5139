package dialog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Phrases that change a list. They count only in one line and with a list there.
var (
	addForm    = regexp.MustCompile(`^(?:(?:再|还|另外|另)?(?:增加|添加|新增|补充|加上|加)(?:(?:一|1)?(?:个|条|步|项|家|名))?[：:， ]+|再(?:增加|加上|添加|加)(?:一|1)?(?:个|条|步|项|家|名)?|(?:增加|添加|新增|加)(?:一|1)(?:个|条|步|项|家|名))\s*(.+)$`)
	dropForm   = regexp.MustCompile(`^(?:把)?(?:删除|删掉|删去|删|去掉|去除|减去|不要)\s*(.+?)(?:了|吧)?$`)
	dropTail   = regexp.MustCompile(`^(?:把)?(.+?)(?:删除|删掉|删去|删了|去掉|不要了)(?:了|吧)?$`)
	cellForm   = regexp.MustCompile(`^(?:修改|更改|改)\s*(\d{1,2})[.．](\d{1,2})\s*(?:[：:]|改成|改为|为|成)?\s*(.+)$`)
	rowForm    = regexp.MustCompile(`^(?:修改|更改|改)\s*(?:第?(\d{1,2})(?:个|条|步|项|行|家)?[：: ]\s*|第(\d{1,2}|[一二三四五六七八九十]{1,3})(?:个|条|步|项|行|家)\s*)(?:改成|改为|为|成)?\s*(.+)$`)
	changeForm = regexp.MustCompile(`^(?:把)?第(\d{1,2}|[一二三四五六七八九十]{1,3})(?:个|条|步|项|行|家)(?:的?(.{0,8}?))?(?:改成|改为|换成|换为|改到|推迟到|延到|提前到)[：: ]?\s*(.+)$`)
)

// change applies 加, 删 and 改 to the list so far; changed is false when the text
// is none of these.
func (k Rows) change(typed string, old [][]string, env Env) (rows [][]string, changed bool, problem Problem) {
	if len(old) == 0 || strings.Contains(typed, "\t") {
		return nil, false, Problem{}
	}
	line := strings.TrimRight(typed, "。！!")
	if m := addForm.FindStringSubmatch(strings.ReplaceAll(line, "\n", "\x00")); m != nil {
		rows, problem = k.add(strings.ReplaceAll(m[1], "\x00", "\n"), old, env)
		return rows, true, problem
	}
	if strings.Contains(line, "\n") {
		return nil, false, Problem{}
	}
	if m := cellForm.FindStringSubmatch(line); m != nil {
		rows, problem = k.setCell(atoi(m[1]), atoi(m[2]), m[3], old, env)
		return rows, true, problem
	}
	if m := changeForm.FindStringSubmatch(line); m != nil {
		n, _ := smallNumber(m[1])
		rows, problem = k.setPart(n, m[2], m[3], old, env)
		return rows, true, problem
	}
	if m := rowForm.FindStringSubmatch(line); m != nil {
		n, _ := smallNumber(m[1] + m[2])
		rows, problem = k.setRow(n, m[3], old, env)
		return rows, true, problem
	}
	return k.drop(line, old)
}

// add appends the rows of a text.
func (k Rows) add(text string, old [][]string, env Env) ([][]string, Problem) {
	ctx := dateContext{now: env.Now}
	rows := slices.Clone(old)
	for _, it := range k.items(text, env) {
		row, problem := k.readRow(it, len(rows)+1, nil, &ctx)
		if problem.Kind != None {
			return nil, problem
		}
		rows = append(rows, row)
	}
	return rows, Problem{}
}

// noRow says which rows there are.
func noRow(n, of int) Problem {
	return Problem{RuleBroken, fmt.Sprintf("没有第 %d 条，现在是第 1 到 %d 条。", n, of)}
}

// setCell changes one cell: 改 3.2 X.
func (k Rows) setCell(n, column int, text string, old [][]string, env Env) ([][]string, Problem) {
	if n < 1 || n > len(old) {
		return nil, noRow(n, len(old))
	}
	if column < 1 || column > len(k.Columns) {
		return nil, Problem{RuleBroken, fmt.Sprintf("每条有 %d 栏：%s，没有第 %d 栏。", len(k.Columns), k.labels(), column)}
	}
	ctx := dateContext{now: env.Now}
	value, problem := k.readCell(k.Columns[column-1], trimCell(text), "", &ctx)
	if problem.Kind != None {
		return nil, rowProblem(n, problem)
	}
	rows := slices.Clone(old)
	rows[n-1] = k.padded(old[n-1])
	rows[n-1][column-1] = value
	return rows, Problem{}
}

// padded is a copy of a row with every column.
func (k Rows) padded(row []string) []string {
	out := make([]string, max(len(k.Columns), len(row)))
	copy(out, row)
	return out
}

// setPart changes the named part of a row: 第2个的负责人改成王五.
func (k Rows) setPart(n int, part, text string, old [][]string, env Env) ([][]string, Problem) {
	part = strings.TrimSpace(part)
	if part == "" {
		return k.setRow(n, text, old, env)
	}
	for i, c := range k.Columns {
		words := append([]string{c.Label}, columnWords[c.Label]...)
		if slices.Contains(words, part) || strings.Contains(c.Label, part) {
			return k.setCell(n, i+1, text, old, env)
		}
	}
	return nil, Problem{NotUnderstood, fmt.Sprintf("没看明白要改哪一栏。每条有 %s，可以写 改 %d.1 加上新内容。", k.labels(), n)}
}

// setRow changes what a text says of a row and keeps the rest.
func (k Rows) setRow(n int, text string, old [][]string, env Env) ([][]string, Problem) {
	if n < 1 || n > len(old) {
		return nil, noRow(n, len(old))
	}
	ctx := dateContext{now: env.Now}
	items := k.looseItems([]string{text})
	typed, problem := k.divide(items[0], &ctx)
	if problem.Kind != None {
		return nil, rowProblem(n, problem)
	}
	row := k.padded(old[n-1])
	for i, c := range k.Columns {
		if typed[i] == "" {
			continue
		}
		value, problem := k.readCell(c, typed[i], row[i], &ctx)
		if problem.Kind != None {
			return nil, rowProblem(n, problem)
		}
		row[i] = value
	}
	rows := slices.Clone(old)
	rows[n-1] = row
	return rows, Problem{}
}

// drop takes rows out by number or by a unique part of their text.
func (k Rows) drop(line string, old [][]string) (rows [][]string, changed bool, problem Problem) {
	target := ""
	if m := dropForm.FindStringSubmatch(line); m != nil {
		target = m[1]
	} else if m := dropTail.FindStringSubmatch(line); m != nil {
		target = m[1]
	}
	if target == "" {
		return nil, false, Problem{}
	}
	gone := map[int]bool{}
	if list, ok := rowNumbers(target); ok {
		for _, n := range list {
			if n < 1 || n > len(old) {
				return nil, true, noRow(n, len(old))
			}
			gone[n-1] = true
		}
	} else {
		found := matchRows(old, target)
		switch {
		case len(found) == 0 && Runes(target) > 15:
			return nil, false, Problem{} // a row of its own that begins with such a word
		case len(found) == 0:
			return nil, true, Problem{NotUnderstood, fmt.Sprintf("没有找到“%s”。现在有：\n%s\n请写编号，如 删 1。", target, k.Show(JoinRows(old)))}
		case len(found) > 1:
			return nil, true, Problem{NotUnderstood, fmt.Sprintf("“%s”对得上第 %s 条，是哪一条？请写编号，如 删 %d。", target, joinNumbers(found), found[0]+1)}
		}
		gone[found[0]] = true
	}
	for i, row := range old {
		if !gone[i] {
			rows = append(rows, row)
		}
	}
	if len(rows) < max(k.Min, 1) {
		return nil, true, Problem{RuleBroken, fmt.Sprintf("至少要留 %d 条，现在有 %d 条。要换内容可以写 改 1.1 加上新内容。", max(k.Min, 1), len(old))}
	}
	return rows, true, Problem{}
}

// rowNumbers reads "2", "第2个", "2、3", "第二条和第三条".
func rowNumbers(s string) ([]int, bool) {
	var list []int
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" 、，,和;；", r) }) {
		n, ok := optionNumber(trimSuffixes(p, "个", "条", "步", "项", "行", "家"))
		if !ok {
			return nil, false
		}
		list = append(list, n)
	}
	return list, len(list) > 0
}

// matchRows finds rows whose first cell, or any cell, holds the text.
func matchRows(rows [][]string, text string) []int {
	key := Key(text)
	var found []int
	for i, row := range rows {
		if key != "" && strings.Contains(Key(row[0]), key) {
			found = append(found, i)
		}
	}
	if len(found) > 0 || key == "" {
		return found
	}
	for i, row := range rows {
		if slices.ContainsFunc(row[1:], func(c string) bool { return Key(c) == key }) {
			found = append(found, i)
		}
	}
	return found
}

func joinNumbers(list []int) string {
	parts := make([]string, 0, len(list))
	for _, n := range list {
		parts = append(parts, strconv.Itoa(n+1))
	}
	return strings.Join(parts, "、")
}
