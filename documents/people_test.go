package documents_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"cxbot/award"
	"cxbot/documents"
)

const people = "userid,姓名,角色,基层党委,职务,电话\n" +
	"wangjianguo,王建国,一把手,清河镇党委,党委书记,13800000010\n" +
	"lichunmei,李春梅,填报人、分管领导,清河镇党委,\"副书记,主任\",13800000011\n"

func TestReadPeople(t *testing.T) {
	t.Parallel()
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(people)
	if err != nil {
		t.Fatal(err)
	}
	want := award.ImportRow{
		Line: 3, UserID: "lichunmei", Name: "李春梅", Roles: "填报人、分管领导", Unit: "清河镇党委", Post: "副书记,主任", Phone: "13800000011",
	}
	for name, text := range map[string]string{
		"UTF-8": people, "BOM": "\ufeff" + people, "GBK": gbk, "CRLF": strings.ReplaceAll(people, "\n", "\r\n"),
		"blanks":        strings.ReplaceAll(people, "王建国,一把手", " 王建国 ,\u3000一把手"),
		"no final line": strings.TrimRight(people, "\n"),
		"empty rows":    people + ",,,,,\n\n",
	} {
		rows, err := documents.ReadPeople([]byte(text))
		if err != nil || len(rows) != 2 || rows[1] != want || rows[0].Roles != "一把手" {
			t.Errorf("%s: %+v, %v", name, rows, err)
		}
	}
}

func TestReadPeopleTakesColumnsInAnyOrder(t *testing.T) {
	t.Parallel()
	rows, err := documents.ReadPeople([]byte("单位类型,基层党委,角色,UserID,姓名\n乡镇,清河镇党委,一把手,wjg,王建国\n,县委组织部,经办,sj\n"))
	if err != nil || len(rows) != 2 || rows[0].Type != "乡镇" || rows[0].UserID != "wjg" || rows[1].Name != "" || rows[1].Line != 3 {
		t.Errorf("%+v, %v", rows, err)
	}
}

func TestReadPeopleKeepsFormulasAsText(t *testing.T) {
	t.Parallel()
	rows, err := documents.ReadPeople([]byte("userid,姓名,角色,基层党委\nx,=cmd|' /C calc'!A0,填报人,\"=HYPERLINK(\"\"http://x\"\")\"\n"))
	if err != nil || rows[0].Name != "=cmd|' /C calc'!A0" || rows[0].Unit != `=HYPERLINK("http://x")` {
		t.Errorf("%+v, %v", rows, err)
	}
}

func TestReadPeopleRefusesByLine(t *testing.T) {
	t.Parallel()
	const header = "userid,姓名,角色,基层党委\n"
	var long strings.Builder
	long.WriteString(header)
	for i := range documents.MaxTableRows + 1 {
		fmt.Fprintf(&long, "u%d,a,b,c\n", i)
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":           {"", "文件是空的。"},
		"missing columns": {"userid,姓名\n", "第 1 行：缺少列“角色”。\n第 1 行：缺少列“基层党委”。"},
		"unknown column":  {"userid,姓名,角色,基层党委,生日\n", "第 1 行：不认识的列“生日”，可用的列：userid、"},
		"column misnamed": {
			header[:len(header)-1] + ",手机\na,b,主任,d,13800000010\n,b,填报人,d,12345\n",
			"第 1 行：不认识的列“手机”，是不是“电话”？请把表头改成“电话”。\n第 2 行：不认识的角色：主任。可用的有：",
		},
		"also below":       {header[:len(header)-1] + ",手机\na,b,填报人,d,12345\n,b,填报人,d,\n", "\n第 2 行：电话请写 11 位手机号，或带区号的座机。\n第 3 行：没有 userid。"},
		"semicolons":       {"userid;姓名;角色;基层党委\na;b;c;d\n", "各列之间用的是分号，请用逗号分隔"},
		"tabs":             {"userid\t姓名\t角色\t基层党委\n", "各列之间用的是制表符，请用逗号分隔"},
		"column twice":     {"userid,姓名,角色,基层党委,姓名\n", "第 1 行：列“姓名”重复。"},
		"too many cells":   {header + "a,b,c,d\na,b,c,d,e\n", "第 3 行：有 5 格，表头只有 4 列。"},
		"open quote":       {header + "a,\"b,c,d\n", "第 2 行：引号"},
		"stray quote":      {header + "a,b\"x,c,d\n", "第 2 行：引号用得不对"},
		"newline in cell":  {header + "a,\"b\nb\",c,d\n", "第 2 行：“姓名”一格太长，或里面有换行等看不见的字符。"},
		"huge cell":        {header + "a," + strings.Repeat("长", 400) + ",c,d\n", "第 2 行：“姓名”一格太长"},
		"xlsx":             {"PK\x03\x04xx", "文件坏了"},
		"UTF-16":           {"\xff\xfeu\x00", "UTF-16"},
		"binary":           {"a\x00b", "这不是 xlsx 或 CSV 文件。"},
		"unknown encoding": {header + "a,\xff\xff\xfe,c,d\n", "文字编码认不出来"},
		"too many rows":    {long.String(), "行数超过 100000，请分成几个文件。"},
		"too large":        {strings.Repeat("x", documents.MaxTableBytes+1), "文件超过 10 MB。"},
	} {
		_, err := documents.ReadPeople([]byte(c.text))
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		if got := problems(t, err); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	many := header + strings.Repeat("a,b,c,d,e\n", 80)
	_, err := documents.ReadPeople([]byte(many))
	if got := problems(t, err); strings.Count(got, "\n") != 50 || !strings.HasSuffix(got, "后面的不再列出。") {
		t.Errorf("a long report: %d lines", strings.Count(got, "\n")+1)
	}
}

func TestSampleCounty(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../docs/sample/people.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := documents.ReadPeople(data)
	if err != nil {
		t.Fatal(err)
	}
	dir, warnings, found := award.BuildUnits(rows)
	if len(found) > 0 || len(warnings) > 0 {
		t.Fatalf("problems %v, warnings %v", found, warnings)
	}
	owing, kinds := 0, map[string]int{}
	for _, u := range dir.Units {
		kinds[u.Type]++
		if u.Owes {
			owing++
			if len(u.Heads) != 1 || len(u.Deputys) != 1 || len(u.Filers) == 0 {
				t.Errorf("%s lacks somebody: %+v", u.Name, u)
			}
		}
	}
	if owing != 42 || kinds["乡镇"] != 12 || kinds["街道"] != 4 || kinds["部门"] != 2 || kinds["企业"] == 0 || kinds["县直"] == 0 {
		t.Errorf("%d owe a filing, types %v", owing, kinds)
	}
	phones := map[string]bool{}
	reviewers := 0
	for _, p := range dir.Persons {
		if phones[p.Phone] || !strings.HasPrefix(p.Phone, "1380000") {
			t.Errorf("%s: phone %s", p.Name, p.Phone)
		}
		phones[p.Phone] = true
		if p.Has(award.RoleReviewer) {
			reviewers++
		}
	}
	if reviewers != 7 {
		t.Errorf("%d reviewers", reviewers)
	}
}

func FuzzReadPeople(f *testing.F) {
	f.Add([]byte(people))
	f.Add([]byte("\xff\xfe"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := documents.ReadPeople(data)
		if err != nil && (len(rows) > 0 || problems(t, err) == "") {
			t.Errorf("half taken: %d rows, %v", len(rows), err)
		}
	})
}
