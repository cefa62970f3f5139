package documents_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"cxbot/award"
	"cxbot/documents"
)

func topic() award.Topic {
	at := time.Date(2026, 12, 22, 1, 0, 0, 0, time.UTC)
	return award.Topic{
		ID: "2026-0001", Number: "〔2026〕备-001", Unit: "清河镇党委", Status: award.StatusRunning, Late: true,
		SubmittedAt: at, AcceptedAt: at.Add(30 * time.Hour), Returns: 1,
		Versions: []award.Version{{N: 1, Filing: award.Filing{
			Title: "村级“三议\"三公开”, 机制\n探索", Category: "1", Direction: "1.1", Key: true,
			Head: award.Contact{Name: "王建国"}, Deputy: award.Contact{Name: "李春梅"},
			Responsible: award.Contact{Name: "李春梅", Phone: "13800000011"},
			Pilots:      []award.Pilot{{Name: "柳林村党支部"}, {Name: "河湾村党支部"}},
			Products:    []string{"制度", "案例"}, Joint: []string{"柳林镇党委"}, Focus: []string{"解决新问题"}, Nature: []string{"难点", "重点"},
			Serves: "乡村振兴", Background: "去年信访 23 件", LinkPoints: []award.LinkPoint{{Member: "何为民", Pilot: "柳林村党支部"}, {Member: "吴芳"}},
			Members: []award.Contact{{Name: "钱大力", Post: "组织干事"}, {Name: "赵小云"}},
			Meeting: award.Meeting{Name: "党委会", Date: award.Date{Year: 2026, Month: 11, Day: 20}}, Systems: []string{"党员议事"},
			Finish: award.PartialDate{Date: award.Date{Year: 2028, Month: 9, Day: 30}, Precision: award.PrecisionMonth},
		}}},
	}
}

func ledger(t *testing.T, topics ...award.Topic) string {
	t.Helper()
	var b strings.Builder
	if err := documents.WriteLedger(&b, slices.Values(topics)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLedgerShowsATopic(t *testing.T) {
	t.Parallel()
	text := ledger(t, topic(), award.Topic{Unit: "柳林镇党委", Status: award.StatusAwaiting})
	body, ok := strings.CutPrefix(text, "\ufeff")
	if !ok || !strings.Contains(body, "四项制度,跨届\r\n") {
		t.Fatalf("no BOM or no CRLF: %q", text)
	}
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	direction, ok := award.DirectionByCode("1.1")
	if !ok || direction.Name == "" {
		t.Fatal("no direction 1.1")
	}
	want := []string{
		"1", "〔2026〕备-001", "村级“三议\"三公开”, 机制\n探索", "清河镇党委", award.CategoryName("1"), direction.Code + " " + direction.Name, "是", "实施中", "王建国", "李春梅",
		"李春梅", "13800000011", "柳林村党支部、河湾村党支部", "2028年9月", "2026-12-22 09:00", "是", "2026-12-23 15:00", "1",
		"制度、案例", "柳林镇党委", "解决新问题", "难点、重点", "乡村振兴", "去年信访 23 件", "何为民（柳林村党支部）、吴芳", "钱大力 组织干事、赵小云",
		"党委会 2026-11-20", "", "", "党员议事", "否",
	}
	if !slices.Equal(rows[1], want) {
		t.Errorf("row = %q\nwant  %q", rows[1], want)
	}
	if rows[2][0] != "2" || rows[2][5] != "自选" || rows[2][13] != "" || rows[2][14] != "" || rows[2][15] != "否" {
		t.Errorf("bare row = %q", rows[2])
	}
}

func TestLedgerCellsNeverRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ title, want string }{
		{"=1+1", "'=1+1"},
		{"+86", "'+86"},
		{"-1", "'-1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", "'\t=1"},
		{"\r=1", "'=1"},
		{"\x00=1", "'=1"},
		{" =HYPERLINK(\"http://x\")", "' =HYPERLINK(\"http://x\")"},
		{"\u3000=cmd|' /C calc'!A0", "'\u3000=cmd|' /C calc'!A0"},
		{"＝1+1", "'＝1+1"},
		{"党建=引领", "党建=引领"},
		{"\xff坏", "\ufffd坏"},
		{strings.Repeat("长", 40_000), strings.Repeat("长", 32_767)},
	} {
		top := topic()
		top.Versions[0].Filing.Title = c.title
		rows, err := csv.NewReader(strings.NewReader(ledger(t, top))).ReadAll()
		if err != nil || rows[1][2] != c.want {
			t.Errorf("title %.20q became %.20q, want %.20q (%v)", c.title, rows[1][2], c.want, err)
		}
	}
}

func TestLedgerFinishKeepsItsPrecision(t *testing.T) {
	t.Parallel()
	date := award.Date{Year: 2027, Month: 6, Day: 30}
	for precision, want := range map[award.Precision]string{
		award.PrecisionDay: "2027-06-30", award.PrecisionMonth: "2027年6月",
		award.PrecisionQuarter: "2027年第2季度", award.PrecisionYear: "2027年",
	} {
		top := topic()
		top.Versions[0].Filing.Finish = award.PartialDate{Date: date, Precision: precision}
		rows, err := csv.NewReader(strings.NewReader(ledger(t, top))).ReadAll()
		if err != nil || rows[1][13] != want {
			t.Errorf("%s: %q, want %q (%v)", precision, rows[1][13], want, err)
		}
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestLedgerReportsAFailedWrite(t *testing.T) {
	t.Parallel()
	for _, room := range []int{0, 10, 8_000} {
		many := func(yield func(award.Topic) bool) {
			for range 1000 {
				if !yield(topic()) {
					return
				}
			}
		}
		if err := documents.WriteLedger(&fullDisk{room}, many); !errors.Is(err, errFull) {
			t.Errorf("room %d: err = %v", room, err)
		}
	}
}

// TestLedgerBook: the workbook holds what the CSV does, cell by cell as text, on
// one sheet and, split, on one more for each type of unit.
func TestLedgerBook(t *testing.T) {
	t.Parallel()
	evil := topic()
	evil.Unit, evil.Versions[0].Filing.Title = "白马街道党工委", "=cmd|' /C calc'!A0"
	odd := topic()
	odd.Versions = []award.Version{{N: 1, Filing: award.Filing{Title: "\x00+1\x1f" + strings.Repeat("长", 40_000)}}}
	var b bytes.Buffer
	sheetOf := func(unit string) string {
		if strings.Contains(unit, "街道") {
			return "街道"
		}
		return "乡镇"
	}
	if err := documents.WriteLedgerBook(&b, slices.Values([]award.Topic{topic(), evil, odd}), sheetOf); err != nil {
		t.Fatal(err)
	}
	if _, err := documents.CheckArchive(b.Bytes(), documents.DefaultArchive()); err != nil {
		t.Errorf("our own file would be refused: %v", err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.GetSheetList(); !slices.Equal(got, []string{"全部", "乡镇", "街道"}) {
		t.Errorf("sheets %v", got)
	}
	for name, want := range map[string]int{"全部": 4, "乡镇": 3, "街道": 2} {
		got, err := f.GetRows(name)
		if err != nil || len(got) != want || !slices.Equal(got[0], documents.LedgerColumns()) {
			t.Errorf("%s: %d rows, %v", name, len(got), err)
		}
	}
	all, _ := f.GetRows("全部")
	if all[1][2] != topic().Current().Filing.Title || all[1][11] != "13800000011" || all[2][2] != "=cmd|' /C calc'!A0" ||
		all[3][2] != "+1"+strings.Repeat("长", 32_765) {
		t.Errorf("rows = %.60q %q %.20q", all[1], all[2], all[3][2])
	}
	for _, cell := range []string{"C2", "C3", "C4", "L2"} {
		formula, _ := f.GetCellFormula("全部", cell)
		kind, err := f.GetCellType("全部", cell)
		if formula != "" || err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("%s is no plain text: %q %v %v", cell, formula, kind, err)
		}
	}
	if street, _ := f.GetRows("街道"); street[1][0] != "1" || street[1][3] != "白马街道党工委" {
		t.Errorf("街道 = %q", street[1])
	}
	if err := documents.WriteLedgerBook(&fullDisk{100}, slices.Values([]award.Topic{topic()}), nil); !errors.Is(err, errFull) {
		t.Errorf("full disk: %v", err)
	}
}
