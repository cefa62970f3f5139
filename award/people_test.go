package award_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"cxbot/award"
)

func TestUnitType(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"清河镇党委": "乡镇", "大湖乡党委": "乡镇", "中共清河镇委员会": "乡镇", "城关街道党工委": "街道", "镇江路街道党工委": "街道",
		"县教育局党委": "县直", "县乡村振兴局党委": "县直", "县发展和改革委员会党委": "县直", "县卫健委党委": "县直", "县委办公室": "县直",
		"县人民医院党委": "县直", "县一中党委": "县直", "县农业农村局党组": "县直", "县公安局机关党委": "县直", "县委宣传部": "县直",
		"宏达纺织有限公司党委": "企业", "佳美集团党委": "企业", "县农商银行党委": "企业", "县两新工委": "两新", "非公企业综合党委": "两新",
		"县委组织部": "部门", "县委党校": "部门", "开发区党工委": "其他",
	} {
		if got := award.UnitType(name); got != want {
			t.Errorf("UnitType(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestBuildUnits(t *testing.T) {
	t.Parallel()
	dir := people(t)
	if got, want := unitIDs(dir.Units), []string{qinghe, liulin, education, department, "县纪委监委"}; !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	want := award.Unit{
		ID: qinghe, Name: qinghe, Type: "乡镇", Rev: 1, Order: 1, Owes: true,
		Heads: []string{"wang"}, Deputys: []string{"li"}, Filers: []string{"zhao", "qian"},
	}
	if !reflect.DeepEqual(dir.Units[0], want) {
		t.Errorf("%+v, want %+v", dir.Units[0], want)
	}
	for i, owes := range []bool{true, true, true, false, false} {
		if dir.Units[i].Owes != owes {
			t.Errorf("%s owes %v", dir.Units[i].Name, !owes)
		}
	}
	if wu := dir.Persons[8]; !slices.Equal(wu.Roles, []award.Role{award.RoleFiler, award.RoleHead}) {
		t.Errorf("%+v", wu)
	}
}

func TestBuildUnitsProblems(t *testing.T) {
	t.Parallel()
	good := award.ImportRow{Line: 2, UserID: "a", Name: "甲", Roles: "填报人", Unit: qinghe}
	for name, c := range map[string]struct {
		change func(*award.ImportRow)
		words  string
	}{
		"no userid":       {func(r *award.ImportRow) { r.UserID = " " }, "没有 userid"},
		"space in userid": {func(r *award.ImportRow) { r.UserID = "a b" }, "userid 最多"},
		"long userid":     {func(r *award.ImportRow) { r.UserID = strings.Repeat("a", 65) }, "userid 最多"},
		"no name":         {func(r *award.ImportRow) { r.Name = "" }, "没有姓名"},
		"long name":       {func(r *award.ImportRow) { r.Name = chars(21) }, "最多 20 字"},
		"no role":         {func(r *award.ImportRow) { r.Roles = "、" }, "没有角色"},
		"unknown role":    {func(r *award.ImportRow) { r.Roles = "填报人、书记" }, "不认识的角色：书记"},
		"no unit":         {func(r *award.ImportRow) { r.Unit = "" }, "基层党委"},
		"phone":           {func(r *award.ImportRow) { r.Phone = "123" }, "手机号"},
		"type":            {func(r *award.ImportRow) { r.Type = "省直" }, "单位类型"},
		"twice":           {func(r *award.ImportRow) { r.UserID = "A" }, "和第 2 行重复"},
	} {
		bad := good
		bad.Line, bad.UserID = 3, "b"
		c.change(&bad)
		dir, _, problems := award.BuildUnits([]award.ImportRow{good, bad})
		if len(problems) != 1 || problems[0].Line != 3 || !strings.Contains(problems[0].Text, c.words) {
			t.Errorf("%s: %+v, want line 3 %q", name, problems, c.words)
		}
		if len(dir.Units)+len(dir.Persons) > 0 {
			t.Errorf("%s: not all or nothing", name)
		}
	}
	if _, _, problems := award.BuildUnits(nil); len(problems) != 1 {
		t.Errorf("empty file: %v", problems)
	}
	other := award.ImportRow{Line: 4, UserID: "c", Name: "丙", Roles: "一把手", Unit: qinghe, Type: "县直"}
	typed := good
	typed.Type = "企业"
	if _, _, problems := award.BuildUnits([]award.ImportRow{typed, other}); len(problems) != 1 || !strings.Contains(problems[0].Text, "第 2 行不一致") {
		t.Errorf("types of one unit: %v", problems)
	}
}

func TestBuildUnitsReadsKindly(t *testing.T) {
	t.Parallel()
	dir, warnings, problems := award.BuildUnits([]award.ImportRow{
		{Line: 2, UserID: " a ", Name: " 甲 ", Roles: "填报人，分管领导 填报人", Unit: " 清河镇 党委 ", Phone: "１３８ 0000 0011", Post: " 干事 "},
		{Line: 3, UserID: "b", Name: "乙", Roles: "一把手", Unit: qinghe, Type: "企业"},
		{Line: 4, UserID: "c", Name: "丙", Roles: "评委、一把手", Unit: "清河镇党工委"},
		{Line: 5, UserID: "d", Name: "丁", Roles: "填报人", Unit: "开发区"},
		{Line: 6, UserID: "e", Name: "戊", Roles: "评委"},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := award.Person{UserID: "a", Name: "甲", Roles: []award.Role{award.RoleFiler, award.RoleDeputy}, Unit: qinghe, Post: "干事", Phone: "13800000011"}
	if !reflect.DeepEqual(dir.Persons[0], want) {
		t.Errorf("%+v", dir.Persons[0])
	}
	if dir.Units[0].Type != "企业" || len(dir.Units) != 3 {
		t.Errorf("%+v", dir.Units)
	}
	all := strings.Join(warnings, "\n")
	for _, words := range []string{"可能是同一个党委", "开发区没有一把手", "清河镇党工委没有填报人", "开发区看不出单位类型", "丙既是评委"} {
		if !strings.Contains(all, words) {
			t.Errorf("no warning %q in\n%s", words, all)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	build := func(rows ...award.ImportRow) award.Directory {
		t.Helper()
		dir, _, problems := award.BuildUnits(rows)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return dir
	}
	head := award.ImportRow{UserID: "wang", Name: "王建国", Roles: "一把手", Unit: qinghe}
	filer := award.ImportRow{UserID: "zhao", Name: "赵小云", Roles: "填报人", Unit: qinghe}
	deputy := award.ImportRow{UserID: "li", Name: "李春梅", Roles: "分管领导", Unit: qinghe}
	existing := build(head, filer, deputy)
	existing.Units[0].Rev = 7
	existing.Units[0].Confirmers = []string{"li"}
	existing.Units[0].Topics = []award.TopicRef{{ID: "2026-0001"}}
	existing.Units[0].Cycle = "2026"

	t.Run("same file changes nothing", func(t *testing.T) {
		t.Parallel()
		changes, report := award.Merge(existing, build(head, filer, deputy), true)
		if !changes.IsEmpty() || report.Same != 3 || len(report.Added)+len(report.Changed)+len(report.Absent) > 0 {
			t.Errorf("%+v %+v", changes, report)
		}
	})
	t.Run("a renamed unit leaves its topics", func(t *testing.T) {
		t.Parallel()
		moved := []award.ImportRow{head, filer, deputy}
		for i := range moved {
			moved[i].Unit = "清河街道党工委"
		}
		_, report := award.Merge(existing, build(moved...), false)
		if !slices.Equal(report.Orphaned, []string{qinghe + "（1 个课题）"}) || !slices.Equal(report.NewUnits, []string{"清河街道党工委"}) {
			t.Errorf("%+v", report)
		}
	})
	t.Run("added, changed, absent", func(t *testing.T) {
		t.Parallel()
		promoted := filer
		promoted.UserID, promoted.Post, promoted.Roles = "ZHAO", "办公室主任", "填报人、党委委员"
		fresh := award.ImportRow{UserID: "chen", Name: "陈志远", Roles: "一把手", Unit: liulin}
		changes, report := award.Merge(existing, build(head, promoted, fresh), false)
		want := award.MergeReport{
			Added: []string{"陈志远（chen）"}, Changed: []string{"赵小云（zhao）：角色、职务"}, Same: 1,
			Absent: []string{"李春梅（li）"}, NewUnits: []string{liulin},
		}
		if !reflect.DeepEqual(report, want) {
			t.Errorf("%+v, want %+v", report, want)
		}
		if got := ids(changes.Persons); !slices.Equal(got, []string{"zhao", "chen"}) {
			t.Errorf("persons %v", got)
		}
		// The absent deputy stays, and with her the authorisation: only the new unit changes.
		if len(changes.Units) != 1 || changes.Units[0].Before != nil || changes.Units[0].After.ID != liulin || changes.Units[0].After.Rev != 1 {
			t.Errorf("units %+v", changes.Units)
		}
	})
	t.Run("replace takes the absent off", func(t *testing.T) {
		t.Parallel()
		changes, report := award.Merge(existing, build(head, filer), true)
		if !slices.Equal(report.Absent, []string{"李春梅（li）"}) || !report.Removed {
			t.Errorf("%+v", report)
		}
		if len(changes.Persons) != 1 || changes.Persons[0].UserID != "li" || !changes.Persons[0].Left {
			t.Errorf("persons %+v", changes.Persons)
		}
		unit := changes.Units[0].After
		if len(changes.Units) != 1 || unit.Rev != 8 || unit.Confirmers != nil || unit.Deputys != nil || len(unit.Topics) != 1 || unit.Cycle != "2026" {
			t.Errorf("units %+v", changes.Units)
		}
	})
	t.Run("who moved leaves the old unit", func(t *testing.T) {
		t.Parallel()
		moved := filer
		moved.Unit = liulin
		changes, report := award.Merge(existing, build(head, deputy, moved), false)
		if !slices.Equal(report.Changed, []string{"赵小云（zhao）：基层党委"}) || len(changes.Units) != 2 {
			t.Fatalf("%+v %+v", report, changes.Units)
		}
		if got := changes.Units[0].After; got.ID != liulin || !slices.Equal(got.Filers, []string{"zhao"}) {
			t.Errorf("new unit %+v", got)
		}
		if got := changes.Units[1].After; got.ID != qinghe || got.Filers != nil || !slices.Equal(got.Confirmers, []string{"li"}) {
			t.Errorf("old unit %+v", got)
		}
	})
	t.Run("who comes back works again", func(t *testing.T) {
		t.Parallel()
		gone := award.Directory{Units: existing.Units, Persons: slices.Clone(existing.Persons)}
		gone.Persons[2].Left = true
		changes, report := award.Merge(gone, build(head, filer, deputy), false)
		if !slices.Equal(report.Changed, []string{"李春梅（li）：恢复"}) || changes.Persons[0].Left {
			t.Errorf("%+v %+v", report, changes.Persons)
		}
	})
	t.Run("the changes can be stored", func(t *testing.T) {
		t.Parallel()
		m := award.NewMemory(award.DefaultCalendar())
		m.Add(existing.Units, existing.Persons)
		changes, _ := award.Merge(existing, build(head), true)
		if err := m.Apply(changes); err != nil {
			t.Fatal(err)
		}
		if p, _ := m.Person("zhao"); !p.Left {
			t.Error("still on the list")
		}
	})
}
