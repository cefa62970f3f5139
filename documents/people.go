package documents

import (
	"strings"
	"unicode"

	"cxbot/award"
)

// maxPeopleCell bounds a cell of a people file in bytes; no name, post or list
// of roles comes near it.
const maxPeopleCell = 1000

// ReadPeople reads a people file (design.md 5): the columns userid, 姓名, 角色 and
// 基层党委 are needed, 职务, 电话 and 单位类型 may be there, in any order. Cells are
// plain text, whatever they look like; what they mean is checked by
// award.BuildUnits. The error is a *BadFileError.
func ReadPeople(data []byte) ([]award.ImportRow, error) {
	table, err := readTable(data, []string{"userid", "姓名", "角色", "基层党委"}, []string{"职务", "电话", "单位类型"})
	if err != nil {
		return nil, err
	}
	rows := make([]award.ImportRow, 0, len(table))
	problems := &BadFileError{}
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
	if err := problems.asError(); err != nil {
		return nil, err
	}
	return rows, nil
}
