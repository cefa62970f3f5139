package documents

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cxbot/award"
)

// LedgerColumns are the columns of the ledger (备案台账) in order.
func LedgerColumns() []string {
	return []string{
		"序号", "备案编号", "课题名称", "申报党委", "类别", "方向", "重点", "状态", "一把手", "分管领导", "责任人", "电话",
		"试点单位", "完成时间", "报送时间", "是否逾期", "备案时间", "退回次数",
		"成果形式", "联合党委", "创新着眼点", "问题类型", "服务的中心工作", "背景依据", "联系点", "课题组成员", "集体研究",
		"提升的能力", "采用手段", "四项制度", "跨届",
	}
}

// maxCell is what spreadsheet programs take in one cell.
const maxCell = 32_767

// WriteLedger writes the ledger as CSV: UTF-8 with BOM and CRLF, as spreadsheet
// programs on Chinese Windows expect. A cell that such a program would run as a
// formula gets an apostrophe before it.
func WriteLedger(w io.Writer, topics iter.Seq[award.Topic]) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	err := out.Write(LedgerColumns())
	n := 0
	for topic := range topics {
		if err != nil {
			break
		}
		n++
		row := ledgerRow(n, topic)
		for i := range row {
			row[i] = inert(row[i])
		}
		err = out.Write(row)
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	return nil
}

// ledgerRow lists a topic's cells in the order of LedgerColumns.
func ledgerRow(n int, t award.Topic) []string {
	f := t.Current().Filing
	pilots := make([]string, len(f.Pilots))
	for i, p := range f.Pilots {
		pilots[i] = p.Name
	}
	return []string{
		strconv.Itoa(n), t.Number, f.Title, t.Unit, award.CategoryName(f.Category), directionName(f.Direction), yesNo(f.Key), string(t.Status),
		f.Head.Name, f.Deputy.Name, f.Responsible.Name, f.Responsible.Phone, list(pilots), finishText(f.Finish),
		moment(t.SubmittedAt), yesNo(t.Late), moment(t.AcceptedAt), strconv.Itoa(t.Returns),
		list(f.Products), list(f.Joint), list(f.Focus), list(f.Nature), f.Serves, f.Background, linksText(f.LinkPoints), membersText(f.Members),
		meetingText(f.Meeting), list(f.Abilities), list(f.Means), list(f.Systems), yesNo(f.CrossCycle),
	}
}

func list(entries []string) string { return strings.Join(entries, "、") }

// linksText lists 联系点: "何为民（柳林村党支部）".
func linksText(points []award.LinkPoint) string {
	parts := make([]string, len(points))
	for i, point := range points {
		parts[i] = point.Member
		if point.Pilot != "" {
			parts[i] += "（" + point.Pilot + "）"
		}
	}
	return list(parts)
}

// membersText lists 课题组成员 by name and post.
func membersText(members []award.Contact) string {
	parts := make([]string, len(members))
	for i, c := range members {
		parts[i] = strings.TrimSpace(c.Name + " " + c.Post)
	}
	return list(parts)
}

// meetingText is 集体研究: "党委会 2026-11-20".
func meetingText(m award.Meeting) string {
	if m.Name == "" {
		return ""
	}
	return m.Name + " " + m.Date.String()
}

// directionName spells the direction out, 自选 for one's own (C68).
func directionName(code string) string {
	if code == "" {
		return "自选"
	}
	if d, ok := award.DirectionByCode(code); ok {
		return d.Code + " " + d.Name
	}
	return code
}

func yesNo(yes bool) string {
	if yes {
		return "是"
	}
	return "否"
}

// moment shows a time to the minute in Shanghai, "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(award.Shanghai).Format("2006-01-02 15:04")
}

// finishText shows a date in the precision it was given in.
func finishText(p award.PartialDate) string {
	switch {
	case p.Date.IsZero():
		return ""
	case p.Precision == award.PrecisionMonth:
		return fmt.Sprintf("%d年%d月", p.Date.Year, p.Date.Month)
	case p.Precision == award.PrecisionQuarter:
		return fmt.Sprintf("%d年第%d季度", p.Date.Year, (int(p.Date.Month)+2)/3)
	case p.Precision == award.PrecisionYear:
		return fmt.Sprintf("%d年", p.Date.Year)
	}
	return p.Date.String()
}

// inert makes a cell of a CSV that no spreadsheet program runs: text that would
// start a formula once blanks and invisible characters are skipped gets an
// apostrophe, and control characters go.
func inert(cell string) string {
	cell = printable(cell)
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " \u3000\u00a0\u200b\ufeff"))
	if strings.ContainsRune("=+-@\t\n＝＋－＠", first) {
		cell = "'" + cell
	}
	return fitting(cell)
}

// printable leaves out what no cell can hold.
func printable(cell string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(cell, "\ufffd"))
}

// fitting cuts a cell to what spreadsheet programs take.
func fitting(cell string) string {
	if runes := []rune(cell); len(runes) > maxCell {
		return string(runes[:maxCell])
	}
	return cell
}
