package award

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// ImportRow is one line of the people file, as text (design.md 5).
type ImportRow struct {
	Line   int
	UserID string
	Name   string
	Roles  string // several joined by 、
	Unit   string
	Post   string
	Phone  string
	Type   string // 单位类型, optional
}

// Problem is one thing in an imported file that must be put right first.
type Problem struct {
	Line int
	Text string
}

// Directory is who there is: units and people, both in file order.
type Directory struct {
	Units   []Unit
	Persons []Person
}

// UnitDepartment is the type of the department itself and the party school,
// which never owe a filing (D13).
const UnitDepartment = "部门"

// UnitTypes are the types a unit can have.
func UnitTypes() []string {
	return []string{"乡镇", "街道", "县直", "企业", "两新", UnitDepartment, "其他"}
}

// BuildUnits turns the lines of a people file into units and people. It is all
// or nothing: with problems the directory is empty. Warnings do not stop an
// import; they name what will not work well later.
func BuildUnits(rows []ImportRow) (dir Directory, warnings []string, problems []Problem) {
	seen := map[string]int{}
	types := map[string]ImportRow{}
	if len(rows) == 0 {
		return Directory{}, nil, []Problem{{0, "文件里没有人员。"}}
	}
	for _, row := range rows {
		person, found := readRow(row)
		if first, twice := seen[strings.ToLower(person.UserID)]; twice && person.UserID != "" {
			found = append(found, Problem{row.Line, fmt.Sprintf("userid 和第 %d 行重复，同一个人请合成一行，角色用“、”连接。", first)})
		}
		seen[strings.ToLower(person.UserID)] = row.Line
		if kind := strings.TrimSpace(row.Type); kind != "" {
			if first, given := types[person.Unit]; given && strings.TrimSpace(first.Type) != kind {
				found = append(found, Problem{row.Line, fmt.Sprintf("单位类型和第 %d 行不一致。", first.Line)})
			}
			types[person.Unit] = row
		}
		problems = append(problems, found...)
		dir.Persons = append(dir.Persons, person)
	}
	if len(problems) > 0 {
		return Directory{}, nil, problems
	}
	for _, person := range dir.Persons {
		known := slices.ContainsFunc(dir.Units, func(u Unit) bool { return u.ID == person.Unit })
		if person.Unit == "" || known {
			continue
		}
		kind := strings.TrimSpace(types[person.Unit].Type)
		if kind == "" {
			kind = UnitType(person.Unit)
		}
		dir.Units = append(dir.Units, Unit{ID: person.Unit, Name: person.Unit, Type: kind, Rev: 1, Order: len(dir.Units) + 1})
	}
	for i, unit := range dir.Units {
		dir.Units[i] = staffUnit(unit, dir.Persons)
	}
	return dir, warn(dir), nil
}

// readRow checks one line by itself.
func readRow(row ImportRow) (Person, []Problem) {
	var problems []Problem
	add := func(text string) { problems = append(problems, Problem{row.Line, text}) }
	p := Person{
		UserID: strings.TrimSpace(row.UserID), Name: strings.TrimSpace(row.Name),
		Unit: strings.Join(strings.Fields(row.Unit), ""), Post: strings.TrimSpace(row.Post),
	}
	switch {
	case p.UserID == "":
		add("没有 userid。")
	case len(p.UserID) > 64 || strings.ContainsFunc(p.UserID, unicode.IsSpace):
		add("userid 最多 64 个字节，中间不能有空格。")
	}
	switch n := Length(p.Name); {
	case FoldTitle(p.Name) == "":
		add("没有姓名。")
	case n > MaxName:
		add(fmt.Sprintf("姓名 %d 字，最多 %d 字。", n, MaxName))
	}
	roles, unknown := ParseRoles(row.Roles)
	p.Roles = roles
	switch {
	case len(unknown) > 0:
		add("不认识的角色：" + strings.Join(unknown, "、") + "。可用的有：" + joinRoles(Roles) + "。")
	case len(roles) == 0:
		add("没有角色。")
	}
	if p.Unit == "" && p.Has(RoleFiler, RoleDeputy, RoleHead, RoleMember, RolePilot) {
		add("没有写所在的基层党委。")
	}
	if kind := strings.TrimSpace(row.Type); kind != "" && !slices.Contains(UnitTypes(), kind) {
		add("单位类型只有：" + strings.Join(UnitTypes(), "、") + "。")
	}
	if strings.TrimSpace(row.Phone) != "" {
		phone, ok := NormalPhone(row.Phone)
		if !ok {
			add("电话请写 11 位手机号，或带区号的座机。")
		}
		p.Phone = phone
	}
	return p, problems
}

// ParseRoles reads roles joined by 、 or other separators, each once, and
// returns what it does not know.
func ParseRoles(text string) (roles []Role, unknown []string) {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("、,，;；/|", r)
	})
	for _, word := range words {
		role := Role(word)
		switch {
		case !slices.Contains(Roles, role):
			unknown = append(unknown, word)
		case !slices.Contains(roles, role):
			roles = append(roles, role)
		}
	}
	return roles, unknown
}

func joinRoles(roles []Role) string {
	words := make([]string, len(roles))
	for i, role := range roles {
		words[i] = string(role)
	}
	return strings.Join(words, "、")
}

// UnitType infers a unit's type from its name (D13): 乡镇 街道 县直 企业 两新 部门,
// or 其他 when the name does not tell.
func UnitType(name string) string {
	switch {
	case containsAny(name, "组织部", "党校"):
		return UnitDepartment
	case containsAny(name, "两新", "非公", "社会组织", "新经济组织"):
		return "两新"
	}
	core := unitCore(name)
	endings := []struct {
		kind string
		ends []string
	}{
		{"街道", []string{"街道", "街道办事处", "街道办"}},
		{"乡镇", []string{"镇", "乡"}},
		{"企业", []string{"公司", "企业", "集团", "厂", "银行", "信用社", "供销社"}},
		{"县直", []string{
			"局", "委", "委员会", "办", "办公室", "院", "校", "部", "中心", "中学", "小学", "一中", "二中", "三中", "站", "所", "大队", "政府",
			"机关", "总工会", "妇联", "残联", "工商联", "文联", "科协", "联合会", "幼儿园", "馆", "县直", "系统",
		}},
	}
	for _, group := range endings {
		for _, end := range group.ends {
			if strings.HasSuffix(core, end) {
				return group.kind
			}
		}
	}
	if containsAny(core, "公司", "集团") {
		return "企业"
	}
	return "其他"
}

// unitCore is the name without the party organisation around it: 清河镇党委 and
// 中共清河镇委员会 are both 清河镇.
func unitCore(name string) string {
	core := name
	for _, prefix := range []string{"中国共产党", "中共"} {
		if rest, ok := strings.CutPrefix(core, prefix); ok {
			core = strings.TrimSuffix(rest, "委员会")
			break
		}
	}
	for _, suffix := range []string{"机关党委", "综合党委", "党工委", "党委", "党组", "党总支", "党支部", "工委"} {
		if rest, ok := strings.CutSuffix(core, suffix); ok && rest != "" {
			return rest
		}
	}
	return core
}

func containsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// staffUnit fills in who has which part in the unit, in the order of people, and
// whether it owes a filing. Authorisations of people no longer there lapse.
func staffUnit(u Unit, people []Person) Unit {
	holding := func(role Role) []string {
		var ids []string
		for _, p := range people {
			if p.Unit == u.ID && p.Has(role) {
				ids = append(ids, p.UserID)
			}
		}
		return ids
	}
	u.Heads, u.Deputys, u.Filers = holding(RoleHead), holding(RoleDeputy), holding(RoleFiler)
	u.Confirmers = slices.DeleteFunc(slices.Clone(u.Confirmers), func(id string) bool {
		return !slices.ContainsFunc(people, func(p Person) bool { return p.UserID == id && p.Unit == u.ID && !p.Left })
	})
	if len(u.Confirmers) == 0 {
		u.Confirmers = nil
	}
	u.Owes = u.Type != UnitDepartment && len(u.Heads)+len(u.Filers) > 0
	return u
}

// warn names what an import allows but the programme will stumble over.
func warn(dir Directory) []string {
	var warnings []string
	cores := map[string]string{}
	for _, unit := range dir.Units {
		if unit.Owes && len(unit.Heads) == 0 {
			warnings = append(warnings, unit.Name+"没有一把手，报送后无人确认。")
		}
		if unit.Owes && len(unit.Filers) == 0 {
			warnings = append(warnings, unit.Name+"没有填报人，开届通知会发给一把手，提醒先发给分管领导，没有的发给一把手。")
		}
		if unit.Type == "其他" {
			warnings = append(warnings, unit.Name+"看不出单位类型，按“其他”处理，可在“单位类型”一列写明。")
		}
		core := FoldTitle(unitCore(unit.Name))
		if other, twice := cores[core]; twice {
			warnings = append(warnings, unit.Name+"和"+other+"可能是同一个党委，请核对写法。")
		}
		cores[core] = unit.Name
	}
	for _, p := range dir.Persons {
		if p.Has(RoleReviewer, RoleLeader) && p.Has(RoleFiler, RoleDeputy, RoleHead) {
			warnings = append(warnings, p.Name+"既是评委又是申报党委的人，本届不能评审。")
		}
	}
	return warnings
}
