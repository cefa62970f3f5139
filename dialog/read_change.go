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
	addOne     = regexp.MustCompile(`^(?:增加|添加|新增|加)(?:个|家)\s*([^人性体别].*)$`)
	addUnit    = regexp.MustCompile(`^(?:增加|添加|新增|补充|加上|加)(.+)$`)
	dropForm   = regexp.MustCompile(`^(?:把)?(?:删除|删掉|删去|删了|删|去掉|去除|减去|不要)\s*(.+?)(?:了|吧)*$`)
	dropTail   = regexp.MustCompile(`^(?:把)?(.+?)(?:删除|删掉|删去|删了|去掉|不要了)(?:了|吧)?$`)
	cellForm   = regexp.MustCompile(`^(?:修改|更改|改)\s*(\d{1,2})[.．](\d{1,2})\s*(?:[：:]|改成|改为|为|成)?\s*(.+)$`)
	rowForm    = regexp.MustCompile(`^(?:修改|更改|改)\s*(?:第?(\d{1,2})(?:个|条|步|项|行|家)?[：: ]\s*|第(\d{1,2}|[一二三四五六七八九十]{1,3})(?:个|条|步|项|行|家)\s*)(?:改成|改为|为|成)?\s*(.+)$`)
	swapRow    = regexp.MustCompile(`^(?:把|将)?(.{2,30}?)(?:改成|改为|换成|换为)[：: ]?\s*(.+)$`)
	nextChange = regexp.MustCompile(`[ ，,；;、。\n]+((?:再|还|另外|同时|并|也)?(?:增加|添加|新增|补充|加上|加|删|去掉|去除|减去|不要|把第?\d|改\s*\d|改第))`)
	changeForm = regexp.MustCompile(`^(?:把)?第(\d{1,2}|[一二三四五六七八九十]{1,3})(?:个|条|步|项|行|家)(?:的?(.{0,8}?))?(?:改成|改为|换成|换为|改到|推迟到|延到|提前到)[：: ]?\s*(.+)$`)
)

// change applies 加, 删 and 改 to the list so far; changed is false when the text
// is none of these.
func (k Rows) change(typed string, old [][]string, env Env) (rows [][]string, changed bool, problem Problem) {
	if len(old) == 0 || strings.Contains(typed, "\t") {
		return nil, false, Problem{}
	}
	line := strings.TrimRight(typed, "。！!")
	if rows, changed, problem = k.changes(line, old, env); changed {
		return rows, true, problem
	}
	return k.changeOne(line, old, env)
}

// changes applies several changes of one message ("删了河湾村 加个东庄村党支部").
// Numbers and names mean the list as the person sees it, so what goes is found
// in the old list and taken out last. It counts only when each part is a change.
func (k Rows) changes(line string, old [][]string, env Env) (rows [][]string, changed bool, problem Problem) {
	parts := changeParts(line)
	if len(parts) < 2 {
		return nil, false, Problem{}
	}
	rows = old
	gone := map[int]bool{}
	for _, part := range parts {
		if target, ok := dropTarget(part); ok {
			list, found, p := k.dropped(target, old)
			if !found {
				return nil, false, Problem{}
			}
			for _, i := range list {
				gone[i] = true
			}
			problem = firstProblem(problem, p)
			continue
		}
		after, ok, p := k.changeOne(part, rows, env)
		if !ok {
			return nil, false, Problem{}
		}
		problem = firstProblem(problem, p)
		if p.Kind == None {
			rows = after
		}
	}
	if problem.Kind != None {
		return nil, true, problem
	}
	rows, problem = k.without(rows, gone)
	return rows, true, problem
}

func firstProblem(a, b Problem) Problem {
	if a.Kind != None {
		return a
	}
	return b
}

// changeParts cuts a message where a further change begins.
func changeParts(line string) []string {
	var parts []string
	from := 0
	for _, at := range nextChange.FindAllStringSubmatchIndex(line, -1) {
		parts = append(parts, trimPiece(line[from:at[0]]))
		from = at[2]
	}
	return append(parts, trimPiece(strings.TrimPrefix(strings.TrimPrefix(line[from:], "同时"), "并")))
}

// added is the text of the rows to add, when that is what a message asks for.
func (k Rows) added(line string) (string, bool) {
	if m := addForm.FindStringSubmatch(strings.ReplaceAll(line, "\n", "\x00")); m != nil {
		return strings.ReplaceAll(m[1], "\x00", "\n"), true
	}
	if m := addOne.FindStringSubmatch(line); m != nil {
		return m[1], true
	}
	if m := addUnit.FindStringSubmatch(line); m != nil && k.units() && unitLike(m[1]) {
		return m[1], true // 加东庄村; without a unit behind it 加 may begin a row
	}
	return "", false
}

// changeOne applies one change.
func (k Rows) changeOne(line string, old [][]string, env Env) (rows [][]string, changed bool, problem Problem) {
	if text, ok := k.added(line); ok {
		rows, problem = k.add(text, old, env)
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
	if m := swapRow.FindStringSubmatch(line); m != nil {
		if found := matchRows(old, m[1]); len(found) == 1 {
			rows, problem = k.setRow(found[0]+1, m[2], old, env)
			return rows, true, problem
		}
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
	target, ok := dropTarget(line)
	if !ok {
		return nil, false, Problem{}
	}
	list, found, problem := k.dropped(target, old)
	if !found || problem.Kind != None {
		return nil, found, problem
	}
	gone := map[int]bool{}
	for _, i := range list {
		gone[i] = true
	}
	rows, problem = k.without(old, gone)
	return rows, true, problem
}

// dropTarget is what a message wants taken out.
func dropTarget(line string) (string, bool) {
	if m := dropForm.FindStringSubmatch(line); m != nil {
		return m[1], true
	}
	if m := dropTail.FindStringSubmatch(line); m != nil {
		return m[1], true
	}
	return "", false
}

// dropped finds the rows to take out by number or by a unique part of their text;
// ok is false when the text may be a row of its own that begins like a change.
func (k Rows) dropped(target string, old [][]string) (list []int, ok bool, problem Problem) {
	if numbers, numbered := rowNumbers(target); numbered {
		for _, n := range numbers {
			if n < 1 || n > len(old) {
				return nil, true, noRow(n, len(old))
			}
			list = append(list, n-1)
		}
		return list, true, Problem{}
	}
	found := matchRows(old, target)
	switch {
	case len(found) == 0 && Runes(target) > 15:
		return nil, false, Problem{}
	case len(found) == 0:
		return nil, true, Problem{NotUnderstood, fmt.Sprintf("没有找到“%s”。现在有：\n%s\n请写编号，如 删 1。", target, k.Show(JoinRows(old)))}
	case len(found) > 1:
		return nil, true, Problem{NotUnderstood, fmt.Sprintf("“%s”对得上第 %s 条，是哪一条？请写编号，如 删 %d。", target, joinNumbers(found), found[0]+1)}
	}
	return found, true, Problem{}
}

// without takes rows out when enough are left.
func (k Rows) without(rows [][]string, gone map[int]bool) ([][]string, Problem) {
	var left [][]string
	for i, row := range rows {
		if !gone[i] {
			left = append(left, row)
		}
	}
	if len(gone) > 0 && len(left) < max(k.Min, 1) {
		return nil, Problem{RuleBroken, fmt.Sprintf("至少要留 %d 条，现在有 %d 条。要换内容可以写 改 1.1 加上新内容。", max(k.Min, 1), len(rows))}
	}
	return left, Problem{}
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
