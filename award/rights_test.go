package award_test

import (
	"slices"
	"strings"
	"testing"

	"cxbot/award"
)

// The rights table of domain.md 2.4 by hand, a line an action, a column a role:
// "o" own unit's only, "+" everybody's, "f" everybody's but the own unit's,
// "." nobody's.
const rightsTable = `
              填报人 分管领导 一把手 党委委员 试点负责人 经办 科室负责人 督查员 评委 组长 监督员 管理员
填报和修改课题     o      o       o     .       .      f     .       .    .    .    .     .
确认报送         .      .       o     .       .      .     .       .    .    .    .     .
退回填报人修改     .      .       o     .       .      .     .       .    .    .    .     .
撤回课题         o      .       o     .       .      .     .       .    .    .    .     .
授权确认报送      .      .       o     .       .      .     .       .    .    .    .     .
请人代填和交接     o      o       o     .       .      .     .       .    .    .    .     .
查看课题内容      o      o       o     o       .      +     +       .    .    .    +     .
备案            .      .       .     .       .      f     f       .    .    .    .     .
退回补正         .      .       .     .       .      f     f       .    .    .    .     .
开届            .      .       .     .       .      +     +       .    .    .    .     +
改截止日期        .      .       .     .       .      .     +       .    .    .    .     +
建议改期         .      .       .     .       .      +     +       .    .    .    .     +
结束本届         .      .       .     .       .      .     +       .    .    .    .     .
个别延期         .      .       .     .       .      f     f       .    .    .    .     .
申请延期         o      o       o     .       .      .     .       .    .    .    .     .
放宽名额         .      .       .     .       .      .     f       .    .    .    .     .
查看待审清单      .      .       .     .       .      +     +       .    .    .    .     .
查看未报名单      .      .       .     .       .      +     +       .    .    .    .     .
重发失败消息      .      .       .     .       .      +     +       .    .    .    .     +
查询期限         +      +       +     +       +      +     +       +    +    +    +     +
查询报送数量      +      +       +     +       +      +     +       +    +    +    +     +
安排报送时间      o      o       o     .       .      .     .       .    .    .    .     .
设置群提醒       .      .       .     .       .      +     +       .    .    .    .     +
催报            .      .       .     .       .      +     +       .    .    .    .     .
申请变更和终止     o      o       o     .       .      .     .       .    .    .    .     .
`

func TestMayMatrix(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(rightsTable), "\n")
	var columns []award.Role
	for _, name := range strings.Fields(lines[0]) {
		columns = append(columns, award.Role(name))
	}
	if !slices.Equal(columns, award.Roles) {
		t.Fatalf("columns %v", columns)
	}
	var actions []award.Action
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		action := award.Action(cells[0])
		actions = append(actions, action)
		for i, cell := range cells[1:] {
			person := award.Person{UserID: "x", Name: "某人", Unit: qinghe, Roles: []award.Role{columns[i]}}
			for unit, allowed := range map[string]bool{
				qinghe: cell == "o" || cell == "+",
				liulin: cell == "f" || cell == "+",
				"":     cell == "+" || cell == "f", // nobody's unit is no unit of one's own
			} {
				object := award.Object{Unit: award.Unit{ID: unit}}
				refusal := award.May(person, action, object)
				if (refusal == nil) != allowed {
					t.Errorf("%s %s on %q of a member of %s: %+v", columns[i], action, unit, qinghe, refusal)
				}
				if refusal != nil && (refusal.Text == "" || refusal.Rule == "") {
					t.Errorf("%s %s: silent refusal", columns[i], action)
				}
			}
			person.Left = true
			if refusal := award.May(person, action, award.Object{Unit: award.Unit{ID: qinghe}}); refusal == nil || refusal.Rule != "rights.left" {
				t.Errorf("%s who left may %s", columns[i], action)
			}
		}
	}
	if !slices.Equal(actions, award.Actions()) {
		t.Errorf("the table has %v", actions)
	}
}

func TestMayBeyondRoles(t *testing.T) {
	t.Parallel()
	own := award.Unit{ID: qinghe, Confirmers: []string{"li"}}
	aided := award.Unit{ID: qinghe, Aides: []string{"liu"}}
	topic := award.Topic{Filer: "li", Versions: []award.Version{{Filing: filing()}}}
	deputy := award.Person{UserID: "li", Name: "李春梅", Unit: qinghe, Roles: []award.Role{award.RoleDeputy}}
	pilot := award.Person{UserID: "liu", Name: "刘根生", Unit: qinghe, Roles: []award.Role{award.RolePilot}}
	moved := deputy
	moved.Unit = liulin
	renamed := pilot
	renamed.Name = "刘根"
	joint := award.Topic{Filer: "li", Versions: []award.Version{{Filing: filing()}, {Filing: filing()}}}
	joint.Versions[1].Filing.Joint = []string{education, liulin}
	no := topic
	neighbour := award.Person{UserID: "zhou", Name: "周明", Unit: liulin, Roles: []award.Role{award.RoleFiler}}
	judge := award.Person{UserID: "ping", Name: "平远", Unit: liulin, Roles: []award.Role{award.RoleReviewer}}
	both := award.Person{UserID: "both", Name: "双全", Unit: liulin, Roles: []award.Role{award.RoleStaff, award.RoleFiler}}
	for name, c := range map[string]struct {
		person award.Person
		action award.Action
		object award.Object
		rule   string
	}{
		"authorised may confirm":              {deputy, award.ActionConfirm, award.Object{Unit: own}, ""},
		"authorised may decline":              {deputy, award.ActionDecline, award.Object{Unit: own}, ""},
		"authorised may not grant":            {deputy, award.ActionGrant, award.Object{Unit: own}, "rights.role"},
		"authorisation ends with the move":    {moved, award.ActionConfirm, award.Object{Unit: own}, "rights.role"},
		"whoever submitted may withdraw":      {deputy, award.ActionWithdraw, award.Object{Unit: own, Topic: topic}, ""},
		"but not from another unit":           {moved, award.ActionWithdraw, award.Object{Unit: own, Topic: topic}, "rights.role"},
		"nor what somebody else submitted":    {deputy, award.ActionWithdraw, award.Object{Unit: own}, "rights.role"},
		"a pilot's leader reads its topic":    {pilot, award.ActionRead, award.Object{Unit: own, Topic: topic}, ""},
		"not another topic":                   {pilot, award.ActionRead, award.Object{Unit: own}, "rights.role"},
		"not under another name":              {renamed, award.ActionRead, award.Object{Unit: own, Topic: topic}, "rights.role"},
		"roles add up: files for the own":     {both, award.ActionFile, award.Object{Unit: award.Unit{ID: liulin}}, ""},
		"roles add up: accepts others'":       {both, award.ActionAccept, award.Object{Unit: own}, ""},
		"the own unit's is for another staff": {both, award.ActionAccept, award.Object{Unit: award.Unit{ID: liulin}}, "rights.own-unit"},
		"nor returned":                        {both, award.ActionReturn, award.Object{Unit: award.Unit{ID: liulin}}, "rights.own-unit"},
		"nor given a later deadline":          {both, award.ActionExtend, award.Object{Unit: award.Unit{ID: liulin}}, "rights.own-unit"},
		"staff enters another unit's filing":  {both, award.ActionFile, award.Object{Unit: own}, ""},
		"an aide fills in":                    {pilot, award.ActionFile, award.Object{Unit: aided}, ""},
		"and withdraws":                       {pilot, award.ActionWithdraw, award.Object{Unit: aided}, ""},
		"but does not confirm":                {pilot, award.ActionConfirm, award.Object{Unit: aided}, "rights.role"},
		"nor ask somebody else":               {pilot, award.ActionDelegate, award.Object{Unit: aided}, "rights.role"},
		"a joint unit's filer reads":          {neighbour, award.ActionRead, award.Object{Unit: own, Topic: joint}, ""},
		"a joint unit may not change it":      {neighbour, award.ActionFile, award.Object{Unit: own, Topic: joint}, "rights.other-unit"},
		"nor withdraw it":                     {neighbour, award.ActionWithdraw, award.Object{Unit: own, Topic: joint}, "rights.other-unit"},
		"nor confirm it":                      {neighbour, award.ActionConfirm, award.Object{Unit: own, Topic: joint}, "rights.role"},
		"nor read what it has no part in":     {neighbour, award.ActionRead, award.Object{Unit: own, Topic: no}, "rights.other-unit"},
		"a joint unit's reviewer may not":     {judge, award.ActionRead, award.Object{Unit: own, Topic: joint}, "rights.role"},
		"a stranger":                          {award.Person{}, award.ActionDeadline, award.Object{}, "rights.left"},
	} {
		refusal := award.May(c.person, c.action, c.object)
		got := ""
		if refusal != nil {
			got = refusal.Rule
		}
		if got != c.rule {
			t.Errorf("%s: %q, want %q", name, got, c.rule)
		}
	}
}

func TestRefusalsNameWhoCan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role   award.Role
		action award.Action
		words  string
	}{
		{award.RoleFiler, award.ActionConfirm, "一把手"},
		{award.RoleFiler, award.ActionAccept, "经办和科室负责人"},
		{award.RoleMember, award.ActionFile, "提建议"},
		{award.RoleAdmin, award.ActionRead, "管理员不看课题内容"},
		{award.RoleReviewer, award.ActionRead, "分派"},
		{award.RoleHead, award.ActionOpenCycle, "管理员"},
		{award.RoleHead, award.ActionExtend, "经办和科室负责人"},
		{award.RoleStaff, award.ActionQuota, "由县委组织部的科室负责人办理"},
		{award.RoleStaff, award.ActionAsk, "本党委的填报人"},
	} {
		person := award.Person{UserID: "x", Unit: qinghe, Roles: []award.Role{c.role}}
		refusal := award.May(person, c.action, award.Object{Unit: award.Unit{ID: liulin}})
		if refusal == nil || !strings.Contains(refusal.Text, c.words) {
			t.Errorf("%s %s: %+v, want %q", c.role, c.action, refusal, c.words)
		}
	}
}

func TestMayInGroup(t *testing.T) {
	t.Parallel()
	for _, action := range award.Actions() {
		public := action == award.ActionDeadline || action == award.ActionCounts
		if refusal := award.MayInGroup(action); (refusal == nil) != public {
			t.Errorf("%s in a group: %+v", action, refusal)
		}
	}
}

func TestHolders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		action award.Action
		unit   string
		want   []string
	}{
		{award.ActionConfirm, qinghe, []string{"wang"}},
		{award.ActionFile, qinghe, []string{"wang", "zhao", "qian"}},
		{award.ActionAccept, qinghe, []string{"sun", "ma", "both"}},
		{award.ActionAccept, liulin, []string{"sun", "ma", "tang"}},
	} {
		var got []string
		for _, p := range award.Holders(w, c.action, w.unit(c.unit)) {
			got = append(got, p.UserID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s for %s: %v, want %v", c.action, c.unit, got, c.want)
		}
	}
}
