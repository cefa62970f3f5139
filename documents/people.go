package documents

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"
	"unicode"

	"cxbot/award"
)

// maxPeopleCell bounds a cell of a people file in bytes; no name, post or list
// of roles comes near it.
const maxPeopleCell = 1000

// peopleColumns are those of a people file.
func peopleColumns() columns {
	return columns{need: []string{"userid", "姓名", "角色", "基层党委"}, option: []string{"职务", "电话", "单位类型"}}
}

// ReadPeople reads a people file (design.md 5): the columns userid, 姓名, 角色 and
// 基层党委 are needed, 职务, 电话 and 单位类型 may be there, in any order. Cells are
// plain text, whatever they look like; what they mean is checked by
// award.BuildUnits. The error is a *BadFileError.
func ReadPeople(data []byte) ([]award.ImportRow, error) {
	table, err := readTable(data, peopleColumns())
	problems := &BadFileError{}
	if err != nil && (table == nil || !errors.As(err, &problems)) {
		return nil, err
	}
	rows := make([]award.ImportRow, 0, len(table))
	for _, r := range table {
		for column, cell := range r.cells {
			if len(cell) > maxPeopleCell || strings.ContainsFunc(cell, unicode.IsControl) {
				problems.addf(r.line, "“%s”一格太长，或里面有换行等看不见的字符。", column)
			}
		}
		rows = append(rows, award.ImportRow{
			Line: r.line, UserID: r.get("userid"), Name: r.get("姓名"), Roles: r.get("角色"), Unit: r.get("基层党委"),
			Post: r.get("职务"), Phone: r.get("电话"), Type: r.get("单位类型"),
		})
	}
	if len(problems.Problems) == 0 {
		return rows, nil
	}
	// One run names everything, so that the file is mended in one go.
	_, _, found := award.BuildUnits(rows)
	for _, p := range found {
		problems.addf(p.Line, "%s", p.Text)
	}
	slices.SortStableFunc(problems.Problems, func(a, b award.Problem) int { return cmp.Compare(lineOrder(a), lineOrder(b)) })
	return nil, problems
}

// lineOrder puts what concerns the whole file last.
func lineOrder(p award.Problem) int {
	if p.Line == 0 {
		return math.MaxInt
	}
	return p.Line
}
