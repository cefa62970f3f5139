package award_test

import (
	"testing"
	"time"

	"cxbot/award"
)

// now is the Monday all relative dates of the corpus start from.
var now = date(2026, 11, 23).At(9, 0)

func date(year, month, day int) award.Date {
	return award.Date{Year: year, Month: time.Month(month), Day: day}
}

func endOf(year, month int) award.PartialDate {
	first := date(year, month, 1)
	last := award.DateOf(first.At(12, 0).AddDate(0, 1, -1))
	return award.PartialDate{Date: last, Precision: award.PrecisionMonth}
}

// Units of the sample county.
const (
	qinghe     = "清河镇党委"
	liulin     = "柳林镇党委"
	education  = "县教育局党委"
	department = "县委组织部"
)

// people lists one line per member: userid, name, roles, unit.
func people(t *testing.T) award.Directory {
	t.Helper()
	var rows []award.ImportRow
	for i, p := range [][4]string{
		{"wang", "王建国", "一把手", qinghe},
		{"li", "李春梅", "分管领导", qinghe},
		{"zhao", "赵小云", "填报人", qinghe},
		{"qian", "钱大力", "填报人", qinghe},
		{"he", "何为民", "党委委员", qinghe},
		{"liu", "刘根生", "试点负责人", qinghe},
		{"chen", "陈志远", "一把手", liulin},
		{"zhou", "周明", "填报人", liulin},
		{"wu", "吴芳", "填报人、一把手", education},
		{"sun", "孙静", "经办", department},
		{"ma", "马超", "经办", department},
		{"tang", "唐立", "科室负责人", department},
		{"xu", "徐督", "督查员", department},
		{"ping", "平远", "评委", ""},
		{"zu", "祖长安", "组长", ""},
		{"jian", "简正", "监督员", "县纪委监委"},
		{"guan", "管理", "管理员", department},
		{"both", "双全", "经办、填报人", liulin},
	} {
		rows = append(rows, award.ImportRow{Line: i + 2, UserID: p[0], Name: p[1], Roles: p[2], Unit: p[3]})
	}
	dir, _, problems := award.BuildUnits(rows)
	if len(problems) > 0 {
		t.Fatalf("fixture: %v", problems)
	}
	return dir
}

// world is a store with people, and decides and commits commands.
type world struct {
	*award.Memory
	t *testing.T
}

func newWorld(t *testing.T) *world {
	t.Helper()
	m := award.NewMemory(award.SampleCalendar())
	dir := people(t)
	m.Add(dir.Units, dir.Persons)
	return &world{m, t}
}

// opened is a world with the sample cycle: filing until Sunday 2026-12-20,
// which rolls over to the Monday.
func opened(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.must(award.OpenCycle{
		By: w.who("sun"), Milestones: award.ProposeMilestones(w.Calendar(), 2026, award.Date{}, true), RollOver: true,
	}, now)
	return w
}

func (w *world) who(id string) award.Person {
	w.t.Helper()
	p, ok := w.Person(id)
	if !ok {
		w.t.Fatalf("no person %s", id)
	}
	return p
}

// must decides and commits; a refusal fails the test.
func (w *world) must(c award.Command, at time.Time) award.Changes {
	w.t.Helper()
	changes, refusal := award.Decide(w, c, at)
	if refusal != nil {
		w.t.Fatalf("%T: refused %s: %s", c, refusal.Rule, refusal.Text)
	}
	if err := w.Apply(changes); err != nil {
		w.t.Fatalf("%T: %v", c, err)
	}
	return changes
}

// refused decides and wants this rule against it and nothing changed.
func (w *world) refused(c award.Command, at time.Time, rule string) *award.Refusal {
	w.t.Helper()
	changes, refusal := award.Decide(w, c, at)
	if refusal == nil {
		w.t.Fatalf("%T: not refused, want %s", c, rule)
	}
	if refusal.Rule != rule {
		w.t.Errorf("%T: refused %s (%s), want %s", c, refusal.Rule, refusal.Text, rule)
	}
	if !changes.IsEmpty() {
		w.t.Errorf("%T: refused %s but changes %+v", c, refusal.Rule, changes)
	}
	return refusal
}

// submit files a topic and returns its id.
func (w *world) submit(id, title string, at time.Time) string {
	w.t.Helper()
	changes := w.must(award.SubmitFiling{By: w.who(id), Filing: titled(title), At: at}, at)
	return changes.Topics[0].After.ID
}

func (w *world) topic(id string) award.Topic {
	w.t.Helper()
	t, ok := w.Topic(id)
	if !ok {
		w.t.Fatalf("no topic %s", id)
	}
	return t
}

func (w *world) unit(id string) award.Unit {
	w.t.Helper()
	u, ok := w.Unit(id)
	if !ok {
		w.t.Fatalf("no unit %s", id)
	}
	return u
}

// filing is complete and within every limit.
func filing() award.Filing {
	return award.Filing{
		Title: "村级党群议事会“三议三公开”机制探索", Category: "3", Direction: "3.3",
		Problem: "村里大事议而不决、决而不公开，群众意见比较大。",
		Pilots:  []award.Pilot{{Name: "柳林村党支部", Type: "村", Leader: "刘根生"}, {Name: "河湾村党支部"}},
		Head:    award.Contact{Name: "王建国", Post: "党委书记"}, Deputy: award.Contact{Name: "李春梅", Post: "副书记"},
		Responsible: award.Contact{Name: "李春梅", Post: "副书记", Phone: "13800000011"},
		Contact:     award.Contact{Name: "赵小云"},
		Content:     "建立议题收集、党群联议、结果公开三个环节，形成闭环。",
		Steps: []award.Step{
			{Title: "调研摸底，制定方案", Due: endOf(2027, 3)}, {Title: "两个村试点", Due: endOf(2027, 12)},
			{Title: "全镇推开", Due: endOf(2028, 6)}, {Title: "总结成文", Due: endOf(2028, 9)},
		},
		Measures: []string{"每月10日议事日", "二维码征集议题"},
		Finish:   endOf(2028, 9), Outcome: "村务公开满意度提高。", Products: []string{"制度", "案例"}, Secrecy: true,
	}
}

func titled(title string) award.Filing {
	f := filing()
	f.Title = title
	return f
}
