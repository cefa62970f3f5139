// Package documents turns facts into files and uploaded files into checked
// facts: people and calendar tables in, the ledger out. It may import award.
package documents

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"cxbot/award"
)

// Limits of an uploaded table.
const (
	MaxTableBytes = 10 << 20
	MaxTableRows  = 100_000

	// maxProblems bounds a report: past it a file is simply the wrong one.
	maxProblems = 50
)

// BadFileError lists everything found wrong with a file, at most 50 problems.
// Nothing of such a file may be used.
type BadFileError struct{ Problems []award.Problem }

// Error implements error: a line for each problem, "第 3 行：…"; line 0 concerns
// the whole file.
func (e *BadFileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Text
		if p.Line > 0 {
			lines[i] = fmt.Sprintf("第 %d 行：%s", p.Line, p.Text)
		}
	}
	return strings.Join(lines, "\n")
}

// addf notes a problem.
func (e *BadFileError) addf(line int, format string, args ...any) {
	switch {
	case len(e.Problems) < maxProblems:
		e.Problems = append(e.Problems, award.Problem{Line: line, Text: fmt.Sprintf(format, args...)})
	case len(e.Problems) == maxProblems:
		e.Problems = append(e.Problems, award.Problem{Text: "问题较多，后面的不再列出。"})
	}
}

// asError returns nil when nothing is wrong.
func (e *BadFileError) asError() error {
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}

// bad makes an error for the whole file.
func bad(format string, args ...any) error {
	e := &BadFileError{}
	e.addf(0, format, args...)
	return e
}

// record is one row of a table by column name.
type record struct {
	line  int
	cells map[string]string
}

// get returns a cell, "" for a column the file does not have.
func (r record) get(column string) string { return r.cells[column] }

// columns is what a kind of table holds.
type columns struct {
	need, option []string
	dates        []string // those that hold days
}

// usable lists every column a table may have.
func (c columns) usable() []string { return slices.Concat(c.need, c.option) }

// has reports whether a column belongs to the table.
func (c columns) has(name string) bool { return slices.Contains(c.usable(), columnName(name)) }

// known counts the columns of a header that belong to the table, those people
// call by another name included.
func (c columns) known(header []string) int {
	n := 0
	for _, name := range header {
		if name = clean(name); c.has(name) || c.has(aliases()[strings.ToLower(name)]) {
			n++
		}
	}
	return n
}

// complete reports whether a header has every column that is needed.
func (c columns) complete(header []string) bool {
	missing := func(name string) bool {
		return !slices.ContainsFunc(header, func(have string) bool { return columnName(clean(have)) == name })
	}
	return !slices.ContainsFunc(c.need, missing)
}

// columnName spells a column as the table does; only userid is a Latin word.
func columnName(name string) string {
	if strings.EqualFold(name, "userid") {
		return "userid"
	}
	return name
}

// grid is a table as rows of text, whatever file it came in.
type grid struct {
	line     int // of the header
	header   []string
	problems *BadFileError // found so far
	// next returns the next row below the header; io.EOF ends the table.
	next func() (line int, cells []string, err error)
}

// openGrid reads a file as a table: xlsx, or CSV in UTF-8 or GBK.
func openGrid(data []byte, want columns) (*grid, error) {
	if isWorkbook(data) {
		return sheetGrid(data, want)
	}
	if words := notWorkbook(data); words != "" {
		return nil, bad("%s", words)
	}
	return csvGrid(data)
}

// csvGrid reads a CSV, the header in its first line.
func csvGrid(data []byte) (*grid, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, bad("文件是空的。")
	}
	if err != nil {
		return nil, syntaxProblem(err)
	}
	if sign := separator(header); sign != "" {
		return nil, bad("各列之间用的是%s，请用逗号分隔：在表格软件里“另存为”CSV（UTF-8）。", sign)
	}
	return &grid{line: 1, header: header, problems: &BadFileError{}, next: func() (int, []string, error) {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return 0, nil, io.EOF
		}
		if err != nil {
			return 0, nil, syntaxProblem(err)
		}
		line, _ := reader.FieldPos(0)
		return line, cells, nil
	}}, nil
}

// readTable reads a file with a header: the columns in any order, all of need
// present, others only from option. With an error the rows are there all the
// same when the columns could be told, so that the rest can be looked at in one
// go; they must not be used otherwise.
func readTable(data []byte, want columns) ([]record, error) {
	g, err := openGrid(data, want)
	if err != nil {
		return nil, err
	}
	problems := &BadFileError{}
	names, complete := readHeader(g, want, problems)
	if !complete {
		return nil, problems
	}
	problems.Problems = append(problems.Problems, g.problems.Problems...)
	var rows []record
	for {
		line, cells, err := g.next()
		if errors.Is(err, io.EOF) {
			return rows, problems.asError()
		}
		if err != nil {
			return nil, err
		}
		if len(rows) == MaxTableRows {
			return nil, bad("行数超过 %d，请分成几个文件。", MaxTableRows)
		}
		row, ok := readRow(line, names, cells)
		if !ok {
			problems.addf(line, "有 %d 格，表头只有 %d 列。", len(cells), len(names))
			continue
		}
		if row.cells != nil {
			rows = append(rows, row)
		}
	}
}

// readRow gives the fields their columns' names. An empty row has nil cells; a
// row longer than the header is not ok, a shorter one has empty cells.
func readRow(line int, columns, fields []string) (record, bool) {
	row := record{line: line}
	for i, field := range fields {
		field = clean(field)
		if field == "" {
			continue
		}
		if i >= len(columns) {
			return row, false
		}
		if row.cells == nil {
			row.cells = map[string]string{}
		}
		row.cells[columns[i]] = field
	}
	return row, true
}

// separator names the sign a header in one cell seems to be split by, "" when
// commas do it.
func separator(header []string) string {
	if len(header) != 1 {
		return ""
	}
	for _, other := range [][2]string{{";", "分号"}, {"；", "分号"}, {"\t", "制表符"}, {"，", "中文逗号"}, {"|", "竖线"}} {
		if strings.Contains(header[0], other[0]) {
			return other[1]
		}
	}
	return ""
}

// aliases are other names people give to columns.
func aliases() map[string]string {
	return map[string]string{
		"手机": "电话", "手机号": "电话", "手机号码": "电话", "联系电话": "电话", "电话号码": "电话", "联系方式": "电话",
		"账号": "userid", "帐号": "userid", "用户id": "userid", "id": "userid", "名字": "姓名", "人员": "姓名",
		"身份": "角色", "岗位": "职务", "职位": "职务", "单位": "基层党委", "党委": "基层党委", "所在党委": "基层党委", "类型": "单位类型",
	}
}

// readHeader checks the column names and notes what is wrong with them. A column
// it can guess goes by the name that was meant, so that what stands below is
// checked all the same; complete says that every needed column is there. Empty
// cells at the end of a header are no columns.
func readHeader(g *grid, want columns, problems *BadFileError) (names []string, complete bool) {
	usable := want.usable()
	header := g.header
	for len(header) > 0 && clean(header[len(header)-1]) == "" {
		header = header[:len(header)-1]
	}
	seen := map[string]bool{}
	names, complete = make([]string, 0, len(header)), true
	for _, name := range header {
		name = columnName(clean(name))
		meant := aliases()[strings.ToLower(name)]
		switch {
		case !want.has(name) && want.has(meant) && !seen[meant]:
			problems.addf(g.line, "不认识的列“%s”，是不是“%s”？请把表头改成“%s”。", short(name), meant, meant)
			name = meant
		case !want.has(name):
			problems.addf(g.line, "不认识的列“%s”，可用的列：%s。", short(name), strings.Join(usable, "、"))
		case seen[name]:
			problems.addf(g.line, "列“%s”重复。", name)
		}
		seen[name] = true
		names = append(names, name)
	}
	for _, name := range want.need {
		if !seen[name] {
			complete = false
			problems.addf(g.line, "缺少列“%s”。", name)
		}
	}
	return names, complete
}

// syntaxProblem says what is wrong with the CSV itself.
func syntaxProblem(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return bad("文件读不下去。")
	}
	e := &BadFileError{}
	switch {
	case errors.Is(err, csv.ErrQuote):
		e.addf(parse.StartLine, "引号没有配对；格里有引号时请整格用引号括起、里面的引号写两遍。")
	default:
		e.addf(parse.StartLine, "引号用得不对；格里有引号时请整格用引号括起、里面的引号写两遍。")
	}
	return e
}

func errTooLarge() error { return bad("文件超过 %d MB。", MaxTableBytes>>20) }

// decode returns the text of a file in UTF-8, with or without BOM, or GBK.
func decode(data []byte) (string, error) {
	switch {
	case len(data) > MaxTableBytes:
		return "", errTooLarge()
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "", bad("这是 UTF-16 文件，请另存为 CSV（UTF-8）再导入。")
	case bytes.IndexByte(data, 0) >= 0:
		return "", bad("这不是 xlsx 或 CSV 文件。")
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if utf8.Valid(data) {
		return string(data), nil
	}
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", bad("文字编码认不出来，请另存为 CSV（UTF-8）再导入。")
	}
	return string(text), nil
}

// clean cuts blanks, full-width ones included, from both ends of a cell.
func clean(cell string) string { return strings.Trim(cell, " \t\r\n\u3000\u00a0\ufeff") }

// short cuts a cell to be quoted in a report.
func short(cell string) string {
	const most = 20
	runes := []rune(strings.ToValidUTF8(cell, "?"))
	for i, r := range runes {
		if r < ' ' || r == 0x7f {
			runes[i] = ' '
		}
	}
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
