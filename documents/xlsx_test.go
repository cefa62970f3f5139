package documents_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"cxbot/award"
	"cxbot/documents"
)

// book makes a workbook; fill gets it with an empty Sheet1.
func book(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rows writes rows from A1 on; nil leaves a cell empty.
func rows(t testing.TB, f *excelize.File, sheet string, lines ...[]any) {
	t.Helper()
	for i, line := range lines {
		for j, value := range line {
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if value == nil {
				continue
			}
			if err := f.SetCellValue(sheet, cell, value); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var update = flag.Bool("update", false, "write the sample workbooks anew from the sample CSV files")

// TestWorkbookReadsLikeCSV: the sample county comes in the same from both files.
func TestWorkbookReadsLikeCSV(t *testing.T) {
	t.Parallel()
	plain, err := os.ReadFile("../docs/sample/people.csv")
	must(t, err)
	if *update {
		must(t, os.WriteFile("../docs/sample/people.xlsx", sampleWorkbook(t, plain), 0o600))
	}
	office, err := os.ReadFile("../docs/sample/people.xlsx")
	must(t, err)
	want, err := documents.ReadPeople(plain)
	must(t, err)
	got, err := documents.ReadPeople(office)
	must(t, err)
	if !slices.Equal(got, want) {
		t.Errorf("the sample files differ:\n%v\n%v", got, want)
	}
	if documents.KindOf(office) != documents.People || documents.KindOf(plain) != documents.People {
		t.Error("another kind")
	}
	past, err := os.ReadFile("../docs/sample/past.csv")
	must(t, err)
	if list, err := documents.ReadPast(past); err != nil || len(list) < 5 || documents.KindOf(past) != documents.Past {
		t.Errorf("%d past results, %v", len(list), err)
	}
}

// sampleWorkbook writes the people file as officials keep it: phones as numbers.
func sampleWorkbook(t *testing.T, data []byte) []byte {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))).ReadAll()
	must(t, err)
	return book(t, func(f *excelize.File) {
		must(t, f.SetSheetName("Sheet1", "人员"))
		for i, line := range lines {
			for j, text := range line {
				cell, err := excelize.CoordinatesToCellName(j+1, i+1)
				must(t, err)
				var value any = text
				if phone, err := strconv.Atoi(text); err == nil {
					value = phone
				}
				must(t, f.SetCellValue("人员", cell, value))
			}
		}
		must(t, f.SetColWidth("人员", "A", "F", 18))
		must(t, f.SetPanes("人员", &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	})
}

func TestWorkbookCells(t *testing.T) {
	t.Parallel()
	data := book(t, func(f *excelize.File) {
		rows(t, f, "Sheet1",
			[]any{"清河县人员名单（2026年11月）"},
			nil,
			[]any{" userid", "姓名 ", "角色", "基层党委", "职务", "电话", "单位类型"},
			[]any{"wjg", "王建国", "一把手", "清河镇党委", "书记", 13800000010},
			[]any{"lcm", "李春梅", "填报人、分管领导", nil, nil, "13800000011"},
			nil,
			[]any{1001, nil, "填报人", nil, nil, 1.3800000012e10},
			[]any{"1E5", "周正", "一把手", "1E5厂党委", nil, "1.50"},
		)
		must(t, f.MergeCell("Sheet1", "A1", "G1"))
		must(t, f.MergeCell("Sheet1", "D4", "D7"))
		must(t, f.SetCellFormula("Sheet1", "B7", `"赵"&"六"`))
		must(t, f.SetSheetRow("Sheet1", "I4", &[]any{nil}))
		_, err := f.NewSheet("说明")
		must(t, err)
		rows(t, f, "说明", []any{"填表说明"}, []any{"姓名写全名"})
		_, err = f.NewSheet("旧名单")
		must(t, err)
		rows(t, f, "旧名单", []any{"userid", "姓名", "角色", "基层党委"}, []any{"old", "旧人", "填报人", "旧党委"})
		must(t, f.SetSheetVisible("旧名单", false))
	})
	// What a program that calculates leaves in the formula's cell.
	data = rewrite(t, data, "xl/worksheets/sheet1.xml", func(xml string) string {
		return strings.Replace(xml, "</f>", "</f><v>赵六</v>", 1)
	})
	data = rewrite(t, data, "xl/worksheets/sheet1.xml", func(xml string) string {
		return strings.Replace(xml, `<c r="B7"`, `<c r="B7" t="str"`, 1)
	})
	got, err := documents.ReadPeople(data)
	must(t, err)
	want := []award.ImportRow{
		{Line: 4, UserID: "wjg", Name: "王建国", Roles: "一把手", Unit: "清河镇党委", Post: "书记", Phone: "13800000010"},
		{Line: 5, UserID: "lcm", Name: "李春梅", Roles: "填报人、分管领导", Unit: "清河镇党委", Phone: "13800000011"},
		{Line: 7, UserID: "1001", Name: "赵六", Roles: "填报人", Unit: "清河镇党委", Phone: "13800000012"},
		{Line: 8, UserID: "1E5", Name: "周正", Roles: "一把手", Unit: "1E5厂党委", Phone: "1.50"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestWorkbookDates(t *testing.T) {
	t.Parallel()
	for _, old := range []bool{false, true} {
		data := book(t, func(f *excelize.File) {
			must(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &old}))
			rows(t, f, "Sheet1", []any{"日期", "类型", "名称"},
				[]any{time.Date(2027, 10, 1, 0, 0, 0, 0, time.UTC), "放假", "国庆节"},
				[]any{time.Date(2027, 10, 9, 13, 30, 0, 0, time.UTC), "上班", "调休"},
				[]any{"2027/10/2", "放假"}, []any{"2027年10月3日", "放假"}, []any{"2027.10.4", "放假"})
		})
		if documents.KindOf(data) != documents.Calendar {
			t.Error("no calendar")
		}
		c, err := documents.ReadCalendar(data)
		must(t, err)
		day := func(d int) award.Date { return award.Date{Year: 2027, Month: 10, Day: d} }
		if c.Holidays[day(1)] != "国庆节" || c.Worked[day(9)] != "调休" || len(c.Holidays) != 4 {
			t.Errorf("1904 %v: %+v", old, c)
		}
	}
	// Text that looks like a number of days is no day, a number far off is none that counts.
	data := book(t, func(f *excelize.File) {
		rows(t, f, "Sheet1", []any{"日期", "类型"}, []any{"46000", "放假"}, []any{20261001, "放假"})
	})
	_, err := documents.ReadCalendar(data)
	if got := problems(t, err); got != "第 2 行：日期“46000”请写成 2026-10-01 这样。\n第 3 行：日期“20261001”请写成 2026-10-01 这样。" {
		t.Errorf("got %q", got)
	}
}

func TestWorkbookProblemsByLine(t *testing.T) {
	t.Parallel()
	header := []any{"userid", "姓名", "角色", "基层党委"}
	for name, c := range map[string]struct {
		fill func(f *excelize.File)
		want string
	}{
		"formula without a result": {func(f *excelize.File) {
			rows(t, f, "Sheet1", header, nil, []any{"a", nil, "填报人", "d"}, []any{"b", "b", "主任", "d"})
			must(t, f.SetCellFormula("Sheet1", "B3", "D3"))
		}, "第 3 行：“姓名”一格是公式，文件里没有存它的结果。请用 Excel 或 WPS 打开并保存，或复制后“粘贴为数值”。\n第 3 行：没有姓名。\n第 4 行：不认识的角色：主任。"},
		"missing columns": {func(f *excelize.File) {
			rows(t, f, "Sheet1", []any{"名单"}, []any{"userid", "姓名"})
		}, "第 2 行：缺少列“角色”。\n第 2 行：缺少列“基层党委”。"},
		"no header": {func(f *excelize.File) { rows(t, f, "Sheet1", []any{"张三", "李四"}) }, "没有找到表头。请在最上面留一行写列名：userid、姓名、角色、基层党委。"},
		"empty":     {func(*excelize.File) {}, "表是空的（隐藏的工作表不读）。"},
		"two sheets": {func(f *excelize.File) {
			_, err := f.NewSheet("二")
			must(t, err)
			rows(t, f, "Sheet1", header)
			rows(t, f, "二", header)
		}, "有 2 张工作表都像要导入的：“Sheet1”、“二”。请只留一张"},
		"far down": {func(f *excelize.File) {
			rows(t, f, "Sheet1", header)
			must(t, f.SetCellValue("Sheet1", "A1048576", "x"))
		}, "表写到了第 1048576 行，最多收 100000 行。"},
		"far right": {func(f *excelize.File) {
			rows(t, f, "Sheet1", header)
			must(t, f.SetCellValue("Sheet1", "XFD1", "x"))
		}, "表太宽，写到了第 256 列以外。"},
		"cells beyond the header": {func(f *excelize.File) {
			rows(t, f, "Sheet1", header, []any{"a", "b", "填报人", "d", nil, "旁注"})
		}, "第 2 行：有 6 格，表头只有 4 列。"},
		"line break": {func(f *excelize.File) { rows(t, f, "Sheet1", header, []any{"a", "b\nc", "填报人", "d"}) }, "第 2 行：“姓名”一格太长，或里面有换行"},
	} {
		_, err := documents.ReadPeople(book(t, c.fill))
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		if got := problems(t, err); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	shown := book(t, func(f *excelize.File) { rows(t, f, "Sheet1", header, []any{"a", "NAME", "填报人", "d"}) })
	shown = rewrite(t, shown, "xl/worksheets/sheet1.xml", func(xml string) string {
		at := strings.Index(xml, `<c r="B2"`)
		end := at + strings.Index(xml[at:], "</c>")
		return xml[:at] + `<c r="B2" t="e"><v>#N/A</v>` + xml[end:]
	})
	_, err := documents.ReadPeople(shown)
	if got := problems(t, err); !strings.Contains(got, "第 2 行：“姓名”一格显示的是 #N/A，请改成要填的内容。") {
		t.Errorf("an error value: %q", got)
	}
}

// entries unpacks an archive in order.
func entries(t testing.TB, data []byte) (names []string, content map[string][]byte) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	must(t, err)
	content = map[string][]byte{}
	for _, f := range r.File {
		in, err := f.Open()
		must(t, err)
		text, err := io.ReadAll(in)
		must(t, err)
		names = append(names, f.Name)
		content[f.Name] = text
	}
	return names, content
}

// pack makes an archive.
func pack(t testing.TB, names []string, content map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		out, err := w.Create(name)
		must(t, err)
		_, err = out.Write(content[name])
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// rewrite changes one part of a workbook.
func rewrite(t testing.TB, data []byte, part string, change func(string) string) []byte {
	t.Helper()
	names, content := entries(t, data)
	before := string(content[part])
	after := change(before)
	if after == before {
		t.Fatalf("%s did not change: %s", part, before)
	}
	content[part] = []byte(after)
	return pack(t, names, content)
}

// add puts another part into a workbook.
func add(t testing.TB, data []byte, name string, text []byte) []byte {
	t.Helper()
	names, content := entries(t, data)
	content[name] = text
	return pack(t, append(names, name), content)
}

// raw is one entry written by hand, to declare what is not true.
type raw struct {
	name         string
	data         []byte
	size, packed uint64
	crc          uint32
	local        uint32 // declared in the local header, 0: as size
	flags        uint16
	attrs        uint32
}

// stored writes an archive of stored entries with the headers as given.
func stored(list ...raw) []byte {
	var b, dir bytes.Buffer
	le := binary.LittleEndian
	put := func(w *bytes.Buffer, values ...any) {
		for _, v := range values {
			_ = binary.Write(w, le, v)
		}
	}
	for _, e := range list {
		at := b.Len()
		size32, packed32 := uint32(e.size), uint32(e.packed)
		var extra []byte
		if e.size > 0xffffffff {
			size32 = 0xffffffff
			extra = le.AppendUint64(le.AppendUint16(le.AppendUint16(nil, 1), 8), e.size)
		}
		local := size32
		if e.local != 0 {
			local = e.local
		}
		put(&b, uint32(0x04034b50), uint16(45), e.flags, uint16(0), uint32(0), e.crc, packed32, local, uint16(len(e.name)), uint16(0), []byte(e.name), e.data)
		put(&dir, uint32(0x02014b50), uint16(3<<8|45), uint16(45), e.flags, uint16(0), uint32(0), e.crc, packed32, size32,
			uint16(len(e.name)), uint16(len(extra)), uint16(0), uint16(0), uint16(0), e.attrs, uint32(at), []byte(e.name), extra)
	}
	start := b.Len()
	b.Write(dir.Bytes())
	put(&b, uint32(0x06054b50), uint16(0), uint16(0), uint16(len(list)), uint16(len(list)), uint32(dir.Len()), uint32(start), uint16(0))
	return b.Bytes()
}

// plain is an honest entry.
func plain(name, text string) raw {
	return raw{name: name, data: []byte(text), size: uint64(len(text)), packed: uint64(len(text)), crc: crc32.ChecksumIEEE([]byte(text))}
}

// TestBadArchives: B77–B82 are refused in words before the library sees them.
func TestBadArchives(t *testing.T) {
	t.Parallel()
	good := book(t, func(f *excelize.File) {
		rows(t, f, "Sheet1", []any{"userid", "姓名", "角色", "基层党委"}, []any{"a", "b", "填报人", "d"})
	})
	if _, err := documents.ReadPeople(good); err != nil {
		t.Fatal(err)
	}
	if _, err := documents.CheckArchive(stored(plain("a.txt", "x"), plain("b/", "")), documents.DefaultArchive()); err != nil {
		t.Fatal("the hand-made archive itself is refused:", err)
	}
	const broken = "文件坏了，或不是表格软件存的。"
	huge := plain("xl/a.bin", "x")
	huge.size = 1 << 63
	lies := plain("xl/a.bin", "hello")
	lies.local = 4
	short := plain("xl/a.bin", "hello")
	short.size = 4
	long := plain("xl/a.bin", "hello")
	long.size = 6
	sum := plain("xl/a.bin", "hello")
	sum.crc++
	link := plain("xl/link", "/etc/passwd")
	link.attrs = 0o120777 << 16
	locked := plain("xl/a.bin", "hello")
	locked.flags = 1
	shared := plain("xl/a.bin", "hello")
	overlap := stored(shared, plain("xl/b.bin", "hello"))
	// Both directory records point at the first entry's data.
	at := bytes.LastIndex(overlap, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(overlap[at+42:], 0)
	copy(overlap[at+46:], "xl/a.bin")
	many := map[string][]byte{}
	var names []string
	for i := range 2001 {
		name := fmt.Sprintf("xl/%d.bin", i)
		names, many[name] = append(names, name), nil
	}
	zeros := make([]byte, 10<<20)
	noise := make([]byte, 1<<20)
	for i := range noise {
		noise[i] = byte(i * i >> 7)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"not a zip":             {[]byte("PK\x03\x04xx"), broken},
		"cut":                   {good[:len(good)/2], broken},
		"bomb":                  {add(t, good, "xl/media/bomb.bin", zeros), "文件压缩得不正常（解压后大了 100 倍以上）"},
		"large":                 {add(t, add(t, good, "xl/a.bin", bytes.Repeat(noise, 40)), "xl/b.bin", bytes.Repeat(noise, 40)), "文件"},
		"many entries":          {pack(t, names, many), "压缩包里有 2001 个文件，最多收 2000 个。"},
		"Zip64 2^63":            {stored(huge), "文件解压后超过 64 MB"},
		"size in local header":  {stored(lies), broken},
		"shorter than declared": {stored(long), broken},
		"longer than declared":  {stored(short), broken},
		"checksum":              {stored(sum), broken},
		"symbolic link":         {stored(link), broken},
		"encrypted entry":       {stored(locked), broken},
		"overlap":               {overlap, broken},
		"same name twice":       {stored(plain("xl/a.bin", "x"), plain("xl/A.bin", "y")), broken},
		"up":                    {add(t, good, "../evil", nil), broken},
		"up in the middle":      {add(t, good, "xl/../../evil", nil), broken},
		"backslash up":          {add(t, good, `xl\..\..\evil`, nil), broken},
		"absolute":              {add(t, good, "/etc/passwd", nil), broken},
		"control in a name":     {add(t, good, "xl/a\nb", nil), broken},
		"DOCTYPE": {rewrite(t, good, "xl/workbook.xml", func(s string) string {
			return strings.Replace(s, "<workbook", "<!DOCTYPE x [<!ENTITY a \"b\">]><workbook", 1)
		}), broken},
		"deep":            {add(t, good, "xl/deep.xml", []byte(strings.Repeat("<a>", 101)+strings.Repeat("</a>", 101))), broken},
		"cut XML":         {rewrite(t, good, "xl/worksheets/sheet1.xml", func(s string) string { return s[:len(s)-60] }), broken},
		"rows backwards":  {rewrite(t, good, "xl/worksheets/sheet1.xml", func(s string) string { return strings.Replace(s, `<row r="1"`, `<row r="3"`, 1) }), broken},
		"cells backwards": {rewrite(t, good, "xl/worksheets/sheet1.xml", func(s string) string { return strings.Replace(s, `r="A1"`, `r="C1"`, 1) }), broken},
		"macros":          {add(t, good, "xl/vbaProject.bin", []byte("x")), "表里带宏，没有打开。"},
		"xlsb":            {stored(plain("xl/workbook.bin", "x")), "这是 xlsb 文件"},
		"ods":             {stored(plain("content.xml", "<a></a>")), "这是 ods 文件"},
		"docx":            {stored(plain("word/document.xml", "<a></a>")), "这是 Word 文件，不是表格。"},
		"zip":             {stored(plain("people.csv", "x")), "这是压缩包，不是表格。"},
		"no workbook":     {stored(plain("xl/a.xml", "<a></a>")), broken},
		"xls":             {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "Workbook"...), "这是旧的 xls 文件"},
		"password":        {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"...), "文件加了密码，打不开。"},
		"over 10 MB":      {append([]byte("PK\x03\x04"), make([]byte, documents.MaxTableBytes)...), "文件超过 10 MB。"},
	} {
		begin := time.Now()
		_, err := documents.ReadPeople(c.data)
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		if got := problems(t, err); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s: refused after %v", name, took)
		}
		_ = documents.KindOf(c.data) // must not panic
	}
}

// TestDamagedWorkbooks: whatever byte is flipped or cut off, a workbook is read as
// it is or refused in words.
func TestDamagedWorkbooks(t *testing.T) {
	t.Parallel()
	good := book(t, func(f *excelize.File) {
		rows(t, f, "Sheet1", []any{"userid", "姓名", "角色", "基层党委"}, []any{"a", "b", "填报人", "d"})
	})
	want, err := documents.ReadPeople(good)
	must(t, err)
	refused := 0
	for at := 4; at < len(good); at += 7 {
		flipped := bytes.Clone(good)
		flipped[at] ^= 1 << (at % 8)
		for _, data := range [][]byte{flipped, good[:at]} {
			got, err := documents.ReadPeople(data)
			switch {
			case err != nil && len(got) == 0 && problems(t, err) != "":
				refused++
			case err != nil || !slices.Equal(got, want):
				t.Errorf("byte %d: %+v, %v", at, got, err)
			}
		}
	}
	t.Logf("%d of %d refused", refused, 2*(len(good)/7))
}

// TestFullWorkbook: as many rows as are allowed are read in reasonable time.
func TestFullWorkbook(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes a large workbook")
	}
	var b bytes.Buffer
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	must(t, err)
	must(t, w.SetRow("A1", []any{"userid", "姓名", "角色", "基层党委", "职务", "电话"}))
	const n = 20_000
	for i := range n {
		must(t, w.SetRow(fmt.Sprintf("A%d", i+2), []any{fmt.Sprintf("u%d", i), "张三", "填报人", fmt.Sprintf("第%d党委", i%500), nil, 13800000000 + i}))
	}
	must(t, w.Flush())
	must(t, f.Write(&b))
	begin := time.Now()
	got, err := documents.ReadPeople(b.Bytes())
	if err != nil || len(got) != n || got[n-1].Phone != fmt.Sprint(13800000000+n-1) || got[n-1].Line != n+1 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
	t.Logf("%d rows, %d bytes in %v", n, b.Len(), time.Since(begin))
}

func FuzzWorkbook(f *testing.F) {
	f.Add(book(f, func(x *excelize.File) {
		rows(f, x, "Sheet1", []any{"userid", "姓名", "角色", "基层党委"}, []any{"a", "b", "填报人", "d"})
	}))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := documents.ReadPeople(append([]byte("PK\x03\x04"), bytes.TrimPrefix(data, []byte("PK\x03\x04"))...))
		if err != nil && (len(got) > 0 || problems(t, err) == "") {
			t.Errorf("half taken: %d rows, %v", len(got), err)
		}
	})
}

func TestReadPast(t *testing.T) {
	t.Parallel()
	const header = "届次,课题名称,申报单位,等次,做法\n"
	got, err := documents.ReadPast([]byte(header + "2022—2024,“三议三公开”,清河镇党委,一等奖,\"第一，……\n第二，……\"\n2024,网格党建,柳林镇党委,,\n"))
	if err != nil || len(got) != 2 || got[0].Rank != "一等奖" || got[0].Summary != "第一，……\n第二，……" || got[1].Rank != "" ||
		got[1].ID != award.PastID("2024", "柳林镇党委", "网格党建") {
		t.Errorf("%+v, %v", got, err)
	}
	data := book(t, func(f *excelize.File) {
		rows(t, f, "Sheet1", []any{"届次", "课题名称", "申报单位", "等次", "做法"}, []any{2024, "网格党建", "柳林镇党委", "二等奖", "一、\n二、"}, []any{nil, "街巷党建", "城关街道党工委"})
		must(t, f.MergeCell("Sheet1", "A2", "A3"))
	})
	got, err = documents.ReadPast(data)
	if err != nil || len(got) != 2 || got[0].Cycle != "2024" || got[1].Cycle != "2024" || got[0].Summary != "一、\n二、" || documents.KindOf(data) != documents.Past {
		t.Errorf("%+v, %v", got, err)
	}
	for text, want := range map[string]string{
		header:                         "表里没有一个课题。",
		header + ",甲,乙,,\n2024,,丙,,\n": "第 2 行：没有写届次。\n第 3 行：没有写课题名称。",
		header + "2024,甲,乙,,\n2024,“甲”,乙,,\n":                    "第 3 行：和第 2 行是同一个课题",
		header + "2024," + strings.Repeat("长", 101) + ",乙,,\n":   "第 2 行：“课题名称”一格有 101 字，最多 100 字。",
		header + "2024,甲,乙,," + strings.Repeat("长", 5001) + "\n": "第 2 行：“做法”一格有 5001 字，最多 5000 字。",
		header + "2024,甲,乙,,机密文件汇编\n":                            "第 2 行：“做法”一格里有“机密”字样，涉密内容不能导入。",
		header + "2024,\"甲\n乙\",乙,,\n":                           "第 2 行：“课题名称”一格里有换行",
		"届次,课题名称\n":                                              "第 1 行：缺少列“申报单位”。",
	} {
		got, err := documents.ReadPast([]byte(text))
		if err == nil || len(got) > 0 {
			t.Errorf("%.30q: taken", text)
			continue
		}
		if said := problems(t, err); !strings.Contains(said, want) {
			t.Errorf("%.30q: %q, want %q", text, said, want)
		}
	}
}
