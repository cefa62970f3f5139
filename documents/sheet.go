package documents

import (
	"bytes"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

const (
	// maxSheetBytes bounds an unpacked workbook: a full table of MaxTableRows
	// stays below it, and the library holds all of it in memory.
	maxSheetBytes   = 64 << 20
	maxSheetColumns = 256
	maxMerges       = 2000
	// headerWithin is how many filled rows are looked at for the header: a title
	// and a date may stand above it.
	headerWithin = 10
	// maxDay is the last day a spreadsheet knows, 9999-12-31; a date typed as
	// 20261001 is past it.
	maxDay = 2_958_465
)

// isWorkbook reports whether a file is a zip archive, as xlsx files are.
func isWorkbook(data []byte) bool { return bytes.HasPrefix(data, []byte("PK\x03\x04")) }

// workbook is an open xlsx file.
type workbook struct {
	file *excelize.File
	old  bool // days are counted from 1904
}

// openWorkbook checks and opens an xlsx file. Formulas are never computed, links
// never followed. The error is a *BadFileError.
func openWorkbook(data []byte) (w *workbook, err error) {
	if len(data) > MaxTableBytes {
		return nil, errTooLarge()
	}
	limits := DefaultArchive()
	limits.Bytes = maxSheetBytes
	parts, err := CheckArchive(data, limits)
	if err != nil {
		return nil, err
	}
	if words := otherKind(parts); words != "" {
		return nil, bad("%s", words)
	}
	defer func() {
		if recover() != nil {
			w, err = nil, errBroken()
		}
	}()
	file, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxSheetBytes, UnzipXMLSizeLimit: maxSheetBytes,
	})
	if err != nil {
		return nil, errBroken()
	}
	props, err := file.GetWorkbookProps()
	if err != nil || len(file.GetSheetList()) == 0 {
		return nil, errBroken()
	}
	return &workbook{file, props.Date1904 != nil && *props.Date1904}, nil
}

// otherKind says what an archive is when it is no plain xlsx, "" when it is.
func otherKind(parts []string) string {
	for _, other := range [][2]string{
		{"xl/vbaProject.bin", "表里带宏，没有打开。请另存为不带宏的 xlsx 再导入。"},
		{"xl/workbook.bin", "这是 xlsb 文件，请在表格软件里“另存为”xlsx 再导入。"},
		{"word/document.xml", "这是 Word 文件，不是表格。请把表格复制到 Excel 或 WPS 表格里，存成 xlsx 再导入。"},
		{"content.xml", "这是 ods 文件，请在表格软件里“另存为”xlsx 再导入。"},
	} {
		if slices.Contains(parts, other[0]) {
			return other[1]
		}
	}
	if !slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(p, "xl/") }) {
		return "这是压缩包，不是表格。请解压后导入里面的文件。"
	}
	return ""
}

// sheet is the filled rows of one worksheet, each with its number as people see it.
type sheet struct {
	name  string
	lines []int
	cells [][]string
}

// sheets reads the visible worksheets; hidden ones are nobody's list. Cells are
// text as stored: numbers written out, formulas by their last result.
func (w *workbook) sheets() ([]sheet, error) {
	var out []sheet
	for _, name := range w.file.GetSheetList() {
		if visible, err := w.file.GetSheetVisible(name); err != nil || !visible {
			continue
		}
		s, err := w.sheet(name)
		if err != nil {
			return nil, err
		}
		if len(s.cells) > 0 {
			out = append(out, s)
		}
	}
	return out, nil
}

func (w *workbook) sheet(name string) (sheet, error) {
	s := sheet{name: name}
	rows, err := w.file.Rows(name)
	if err != nil {
		return s, nil //nolint:nilerr // A sheet that is a chart has no rows.
	}
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return s, errBroken()
		}
		filled := false
		for i, raw := range cells {
			cells[i] = w.text(name, i, line, raw)
			filled = filled || clean(cells[i]) != ""
		}
		if filled || len(cells) > 0 && w.hasFormula(name, line, len(cells)) {
			s.lines, s.cells = append(s.lines, line), append(s.cells, cells)
		}
	}
	if rows.Close() != nil {
		return s, errBroken()
	}
	return s, w.spread(&s)
}

// hasFormula reports whether one of the first cells of a row is a formula.
func (w *workbook) hasFormula(name string, line, width int) bool {
	for col := range width {
		if w.isFormula(name, col, line) {
			return true
		}
	}
	return false
}

func (w *workbook) isFormula(name string, col, line int) bool {
	cell, err := excelize.CoordinatesToCellName(col+1, line)
	if err != nil {
		return false
	}
	formula, err := w.file.GetCellFormula(name, cell)
	return err == nil && formula != ""
}

// is reports whether a cell is stored as one of some types.
func (w *workbook) is(name string, col, line int, kinds ...excelize.CellType) bool {
	cell, err := excelize.CoordinatesToCellName(col+1, line)
	if err != nil {
		return false
	}
	kind, err := w.file.GetCellType(name, cell)
	return err == nil && slices.Contains(kinds, kind)
}

// isNumber reports whether a cell holds a number and not text that looks like one.
func (w *workbook) isNumber(name string, col, line int) bool {
	return w.is(name, col, line, excelize.CellTypeUnset, excelize.CellTypeNumber)
}

// text makes a stored value readable: the number 1.38E10 is 13800000000. What is
// stored as text stays as it is, "1E5" too.
func (w *workbook) text(name string, col, line int, raw string) string {
	if !strings.ContainsAny(raw, ".eE") {
		return raw
	}
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || !w.isNumber(name, col, line) {
		return raw
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// spread copies the text of cells merged downwards to every row they cover: one
// 党委 beside its five people. A row that has nothing of its own stays blank.
func (w *workbook) spread(s *sheet) error {
	merges, err := w.file.GetMergeCells(s.name, true)
	if err != nil {
		return errBroken()
	}
	if len(merges) > maxMerges {
		return bad("工作表“%s”里合并的格子太多，请取消合并再导入。", short(s.name))
	}
	at := make(map[int]int, len(s.lines))
	for i, line := range s.lines {
		at[line] = i
	}
	for _, m := range merges {
		col, top := place(m.GetStartAxis())
		_, bottom := place(m.GetEndAxis())
		first, ok := at[top]
		if !ok || col == 0 || col > len(s.cells[first]) {
			continue
		}
		for line := top + 1; line <= min(bottom, s.lines[len(s.lines)-1]); line++ {
			if i, ok := at[line]; ok {
				for len(s.cells[i]) < col {
					s.cells[i] = append(s.cells[i], "")
				}
				s.cells[i][col-1] = s.cells[first][col-1]
			}
		}
	}
	return nil
}

// day turns a date stored as a number of days into 2026-10-01.
func (w *workbook) day(name string, col, line int, text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v < 1 || v > maxDay || !w.isNumber(name, col, line) {
		return text
	}
	at, err := excelize.ExcelDateToTime(math.Floor(v), w.old)
	if err != nil {
		return text
	}
	return at.Format(time.DateOnly)
}

// sheetGrid finds in a workbook the sheet and row whose header has the most of
// the columns and gives what stands below. Two sheets that have them all are one
// too many.
func sheetGrid(data []byte, want columns) (g *grid, err error) {
	book, err := openWorkbook(data)
	if err != nil {
		return nil, err
	}
	defer func() {
		if recover() != nil {
			g, err = nil, errBroken()
		}
	}()
	list, err := book.sheets()
	if err != nil {
		return nil, err
	}
	best, row, most := sheet{}, 0, 0
	var rivals []string
	for _, s := range list {
		n, i := bestHeader(s, want)
		if n > 0 && want.complete(s.cells[i]) {
			rivals = append(rivals, "“"+short(s.name)+"”")
		}
		if n > most {
			best, row, most = s, i, n
		}
	}
	switch {
	case len(list) == 0:
		return nil, bad("表是空的（隐藏的工作表不读）。")
	case most == 0:
		return nil, bad("没有找到表头。请在最上面留一行写列名：%s。", strings.Join(want.need, "、"))
	case len(rivals) > 1:
		return nil, bad("有 %d 张工作表都像要导入的：%s。请只留一张，别的删掉或隐藏。", len(rivals), strings.Join(rivals, "、"))
	}
	return book.grid(best, row, want), nil
}

// bestHeader returns how many known columns the likeliest of the first rows has,
// and which row that is.
func bestHeader(s sheet, want columns) (most, row int) {
	for i := range min(len(s.cells), headerWithin) {
		if n := want.known(s.cells[i]); n > most {
			most, row = n, i
		}
	}
	return most, row
}

// grid reads the rows below a header; what a cell shows but does not say is noted.
func (w *workbook) grid(s sheet, header int, want columns) *grid {
	g := &grid{line: s.lines[header], header: s.cells[header], problems: &BadFileError{}}
	for col, title := range g.header {
		title = clean(title)
		if !want.has(title) {
			continue
		}
		dates := slices.Contains(want.dates, title)
		for i := header + 1; i < len(s.cells); i++ {
			line, text := s.lines[i], ""
			if col < len(s.cells[i]) {
				text = s.cells[i][col]
			}
			switch {
			case text == "" && w.isFormula(s.name, col, line):
				g.problems.addf(line, "“%s”一格是公式，文件里没有存它的结果。请用 Excel 或 WPS 打开并保存，或复制后“粘贴为数值”。", title)
			case strings.HasPrefix(text, "#") && w.is(s.name, col, line, excelize.CellTypeError):
				g.problems.addf(line, "“%s”一格显示的是 %s，请改成要填的内容。", title, short(text))
			case dates && text != "":
				s.cells[i][col] = w.day(s.name, col, line, text)
			}
		}
	}
	next := header
	g.next = func() (int, []string, error) {
		if next++; next >= len(s.cells) {
			return 0, nil, io.EOF
		}
		return s.lines[next], s.cells[next], nil
	}
	return g
}

// notWorkbook says what an old or locked spreadsheet file is, "" when it is none.
func notWorkbook(data []byte) string {
	if !bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return ""
	}
	locked := make([]byte, 0, 2*len("EncryptedPackage"))
	for _, c := range []byte("EncryptedPackage") {
		locked = append(locked, c, 0)
	}
	if bytes.Contains(data, locked) {
		return "文件加了密码，打不开。请去掉密码另存一份再导入。"
	}
	return "这是旧的 xls 文件，请在表格软件里“另存为”xlsx 再导入。"
}

// firstRows returns the rows of a workbook's sheets among which the header is.
func firstRows(data []byte) (out [][]string) {
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	book, err := openWorkbook(data)
	if err != nil {
		return nil
	}
	list, err := book.sheets()
	if err != nil {
		return nil
	}
	for _, s := range list {
		out = append(out, s.cells[:min(len(s.cells), headerWithin)]...)
	}
	return out
}
