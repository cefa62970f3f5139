package documents

import (
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"cxbot/award"
)

// ledgerSheet holds every topic of a ledger workbook.
const ledgerSheet = "全部"

// WriteLedgerBook writes the ledger as xlsx: a sheet 全部, and with sheetOf one
// more for each name it gives a unit (its type). Every cell but 序号 and 退回次数 is
// stored as text, so that nothing in it is ever run as a formula and phone
// numbers keep their digits.
func WriteLedgerBook(w io.Writer, topics iter.Seq[award.Topic], sheetOf func(unit string) string) (err error) {
	book := &ledgerBook{file: excelize.NewFile(), sheets: map[string]*ledgerPage{}}
	defer func() {
		if e := book.file.Close(); err == nil && e != nil {
			err = fmt.Errorf("write ledger: %w", e)
		}
	}()
	if err := book.file.SetSheetName("Sheet1", ledgerSheet); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	if _, err := book.page(ledgerSheet); err != nil {
		return err
	}
	for topic := range topics {
		names := []string{ledgerSheet}
		if sheetOf != nil {
			names = append(names, sheetOf(topic.Unit))
		}
		for _, name := range names {
			if err := book.write(name, topic); err != nil {
				return err
			}
		}
	}
	return book.finish(w)
}

// ledgerBook is a workbook being written, all its sheets side by side.
type ledgerBook struct {
	file   *excelize.File
	sheets map[string]*ledgerPage
}

// ledgerPage is one sheet and the rows it has so far, the header not counted.
type ledgerPage struct {
	out *excelize.StreamWriter
	n   int
}

// page returns a sheet, begun with the header when it is new.
func (b *ledgerBook) page(name string) (*ledgerPage, error) {
	if p, ok := b.sheets[name]; ok {
		return p, nil
	}
	if _, err := b.file.NewSheet(name); err != nil {
		return nil, fmt.Errorf("write ledger: sheet %q: %w", name, err)
	}
	out, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, fmt.Errorf("write ledger: %w", err)
	}
	p := &ledgerPage{out: out}
	b.sheets[name] = p
	bold, err := b.file.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
	})
	if err != nil {
		return nil, fmt.Errorf("write ledger: %w", err)
	}
	columns := LedgerColumns()
	header := make([]any, len(columns))
	for i, title := range columns {
		header[i] = title
		if err := out.SetColWidth(i+1, i+1, ledgerWidth(title)); err != nil {
			return nil, fmt.Errorf("write ledger: %w", err)
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, XSplit: 3, YSplit: 1, TopLeftCell: "D2", ActivePane: "bottomRight"}); err != nil {
		return nil, fmt.Errorf("write ledger: %w", err)
	}
	if err := out.SetRow("A1", header, excelize.RowOpts{StyleID: bold, Height: 24}); err != nil {
		return nil, fmt.Errorf("write ledger: %w", err)
	}
	return p, nil
}

// ledgerWidth is the width of a column in characters.
func ledgerWidth(title string) float64 {
	switch title {
	case "课题名称", "方向", "试点单位":
		return 36
	case "备案编号", "申报党委", "类别", "报送时间", "备案时间":
		return 20
	}
	return float64(2*utf8.RuneCountInString(title) + 6)
}

// write adds a topic to a sheet.
func (b *ledgerBook) write(name string, topic award.Topic) error {
	p, err := b.page(name)
	if err != nil {
		return err
	}
	p.n++
	texts := ledgerRow(p.n, topic)
	cells := make([]any, len(texts))
	for i, text := range texts {
		cells[i] = fitting(printable(text))
	}
	cells[0], cells[len(cells)-1] = p.n, topic.Returns
	if err := p.out.SetRow(fmt.Sprintf("A%d", p.n+1), cells); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	return nil
}

// finish ends the sheets and writes the file.
func (b *ledgerBook) finish(w io.Writer) error {
	for _, p := range b.sheets {
		if err := p.out.Flush(); err != nil {
			return fmt.Errorf("write ledger: %w", err)
		}
	}
	if err := b.file.Write(w); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	return nil
}
