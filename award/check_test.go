package award_test

import (
	"slices"
	"strings"
	"testing"

	"cxbot/award"
)

func chars(n int) string { return strings.Repeat("建", n) }

func step(title string, year, month int) award.Step {
	return award.Step{Title: title, Due: endOf(year, month)}
}

// Each line breaks one rule of a filing that is otherwise right; "" breaks none.
func TestCheckFiling(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*award.Filing)
		rule   string
		clause string
	}{
		"complete":              {func(*award.Filing) {}, "", ""},
		"title missing":         {func(f *award.Filing) { f.Title = " " }, "title.empty", "C67"},
		"title 5":               {func(f *award.Filing) { f.Title = chars(5) }, "title.short", "C67"},
		"title 6":               {func(f *award.Filing) { f.Title = chars(6) }, "", ""},
		"title 40":              {func(f *award.Filing) { f.Title = chars(40) }, "", ""},
		"title 40 and spaces":   {func(f *award.Filing) { f.Title = "  " + chars(40) + "\n" }, "", ""},
		"title 41":              {func(f *award.Filing) { f.Title = chars(41) }, "title.long", "C67"},
		"title of signs":        {func(f *award.Filing) { f.Title = "！？。，、；：" }, "title.empty", "C67"},
		"title in two lines":    {func(f *award.Filing) { f.Title = "村级议事\n机制探索" }, "title.lines", "C67"},
		"no category":           {func(f *award.Filing) { f.Category, f.Direction = "", "" }, "category.unknown", "C49"},
		"unknown category":      {func(f *award.Filing) { f.Category, f.Direction = "4", "" }, "category.unknown", "C49"},
		"other category":        {func(f *award.Filing) { f.Category, f.Direction = "9", "" }, "", ""},
		"own direction":         {func(f *award.Filing) { f.Direction = "" }, "", ""},
		"unknown direction":     {func(f *award.Filing) { f.Direction = "3.4" }, "direction.unknown", "C68"},
		"foreign direction":     {func(f *award.Filing) { f.Direction = "1.1" }, "direction.category", "C49"},
		"problem 19":            {func(f *award.Filing) { f.Problem = chars(19) }, "problem.short", "C61"},
		"problem 20":            {func(f *award.Filing) { f.Problem = chars(20) }, "", ""},
		"problem 500":           {func(f *award.Filing) { f.Problem = chars(500) }, "", ""},
		"problem 501":           {func(f *award.Filing) { f.Problem = chars(501) }, "problem.long", "C61"},
		"no pilot":              {func(f *award.Filing) { f.Pilots = nil }, "pilots.few", "C70"},
		"pilots 6":              {func(f *award.Filing) { f.Pilots = pilots(6) }, "pilots.many", "C70"},
		"pilots 5":              {func(f *award.Filing) { f.Pilots = pilots(5) }, "", ""},
		"pilot without name":    {func(f *award.Filing) { f.Pilots[1].Name = "、" }, "pilots.blank", "C70"},
		"pilot name 30":         {func(f *award.Filing) { f.Pilots[0].Name = chars(30) }, "", ""},
		"pilot name 31":         {func(f *award.Filing) { f.Pilots[0].Name = chars(31) }, "pilots.long", "C70"},
		"pilot twice":           {func(f *award.Filing) { f.Pilots[1].Name = " 柳林村 党支部" }, "pilots.twice", "C70"},
		"pilot type":            {func(f *award.Filing) { f.Pilots[0].Type = "村子" }, "pilots.type", "C70"},
		"pilot phone":           {func(f *award.Filing) { f.Pilots[0].Phone = "123" }, "pilots.phone", "C71"},
		"no head":               {func(f *award.Filing) { f.Head.Name = "" }, "head.name", "C100"},
		"head's phone":          {func(f *award.Filing) { f.Head.Phone = "1380000001" }, "head.phone", "C71"},
		"no deputy":             {func(f *award.Filing) { f.Deputy = award.Contact{} }, "deputy.name", "C101"},
		"responsible no name":   {func(f *award.Filing) { f.Responsible.Name = "" }, "responsible.name", "C71"},
		"responsible no post":   {func(f *award.Filing) { f.Responsible.Post = "" }, "responsible.post", "C71"},
		"responsible no phone":  {func(f *award.Filing) { f.Responsible.Phone = "" }, "responsible.phone", "C71"},
		"responsible land line": {func(f *award.Filing) { f.Responsible.Phone = "0512-58000001转8" }, "", ""},
		"responsible bad phone": {func(f *award.Filing) { f.Responsible.Phone = "58000001" }, "responsible.phone", "C71"},
		"long name":             {func(f *award.Filing) { f.Head.Name = chars(21) }, "head.name", "C100"},
		"long post":             {func(f *award.Filing) { f.Deputy.Post = chars(31) }, "deputy.post", "C101"},
		"no contact":            {func(f *award.Filing) { f.Contact.Name = "" }, "contact.name", "C109"},
		"content 19":            {func(f *award.Filing) { f.Content = chars(19) }, "content.short", "C72"},
		"content 800":           {func(f *award.Filing) { f.Content = chars(800) }, "", ""},
		"content 801":           {func(f *award.Filing) { f.Content = chars(801) }, "content.long", "C72"},
		"one step":              {func(f *award.Filing) { f.Steps = f.Steps[:1] }, "steps.few", "C73"},
		"two steps":             {func(f *award.Filing) { f.Steps = f.Steps[:2] }, "", ""},
		"thirteen steps":        {func(f *award.Filing) { f.Steps = slices.Repeat(f.Steps[:1], 13) }, "steps.many", "C73"},
		"twelve steps":          {func(f *award.Filing) { f.Steps = slices.Repeat(f.Steps[:1], 12) }, "", ""},
		"step without title":    {func(f *award.Filing) { f.Steps[0].Title = "" }, "steps.blank", "C73"},
		"step title 41":         {func(f *award.Filing) { f.Steps[0].Title = chars(41) }, "steps.long", "C73"},
		"step output 101":       {func(f *award.Filing) { f.Steps[0].Output = chars(101) }, "steps.output", "C73"},
		"step undated":          {func(f *award.Filing) { f.Steps[2].Due = award.PartialDate{} }, "steps.undated", "C73"},
		"steps out of order":    {func(f *award.Filing) { f.Steps[1], f.Steps[2] = f.Steps[2], f.Steps[1] }, "steps.order", "C73"},
		"steps on one day":      {func(f *award.Filing) { f.Steps[1].Due = f.Steps[0].Due }, "", ""},
		"no measure":            {func(f *award.Filing) { f.Measures = nil }, "measures.few", "C74"},
		"eleven measures":       {func(f *award.Filing) { f.Measures = slices.Repeat([]string{"议事"}, 11) }, "measures.many", "C74"},
		"measure blank":         {func(f *award.Filing) { f.Measures[1] = "。" }, "measures.blank", "C74"},
		"measure 200":           {func(f *award.Filing) { f.Measures[0] = chars(200) }, "", ""},
		"measure 201":           {func(f *award.Filing) { f.Measures[0] = chars(201) }, "measures.long", "C74"},
		"no finish":             {func(f *award.Filing) { f.Finish = award.PartialDate{} }, "finish.empty", "C75"},
		"finish across":         {func(f *award.Filing) { f.Finish, f.CrossCycle = endOf(2029, 6), true }, "", ""},
		"finish past the cycle": {func(f *award.Filing) { f.Finish = endOf(2028, 10) }, "finish.cycle", "C80"},
		"finish across at most": {func(f *award.Filing) {
			f.Finish, f.CrossCycle = award.PartialDate{Date: date(2029, 10, 20), Precision: award.PrecisionDay}, true
		}, "", ""},
		"finish too far across": {func(f *award.Filing) {
			f.Finish, f.CrossCycle = award.PartialDate{Date: date(2029, 10, 21), Precision: award.PrecisionDay}, true
		}, "finish.cross", "C80"},
		"finish far":      {func(f *award.Filing) { f.Finish, f.CrossCycle = endOf(2033, 1), true }, "finish.far", "C75"},
		"outcome 300":     {func(f *award.Filing) { f.Outcome = chars(300) }, "", ""},
		"outcome 301":     {func(f *award.Filing) { f.Outcome = chars(301) }, "outcome.long", "C65"},
		"no outcome":      {func(f *award.Filing) { f.Outcome = " " }, "outcome.empty", "C65"},
		"outcome 3":       {func(f *award.Filing) { f.Outcome = chars(3) }, "outcome.short", "C65"},
		"no product":      {func(f *award.Filing) { f.Products = nil }, "products.empty", "C111"},
		"unknown product": {func(f *award.Filing) { f.Products = []string{"奖杯"} }, "products.unknown", "C111"},
		"product twice":   {func(f *award.Filing) { f.Products = []string{"制度", "制度"} }, "products.unknown", "C111"},
		"not agreed":      {func(f *award.Filing) { f.Secrecy = false }, "secrecy.missing", ""},
		"secret content":  {func(f *award.Filing) { f.Content = chars(20) + "机密★5年" }, "secrecy.stop", ""},
		"secret step":     {func(f *award.Filing) { f.Steps[0].Output = "绝 密" }, "secrecy.stop", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := opened(t)
			f := filing()
			c.change(&f)
			issues := award.CheckFiling(w, w.unit(qinghe), f, "", now)
			if c.rule == "" {
				if len(issues) > 0 {
					t.Fatalf("issues: %+v", issues)
				}
				return
			}
			if len(issues) != 1 || issues[0].Rule != c.rule || issues[0].Clause != c.clause {
				t.Fatalf("issues: %+v, want %s %s", issues, c.rule, c.clause)
			}
			if issues[0].Text == "" || strings.Contains(issues[0].Text, "机密") {
				t.Errorf("text: %q", issues[0].Text)
			}
		})
	}
}

func pilots(n int) []award.Pilot {
	out := make([]award.Pilot, n)
	for i := range out {
		out[i].Name = "试点" + chars(i+1)
	}
	return out
}

// A step after the finish blames both fields, so that either can be changed.
func TestCheckStepsAgainstFinish(t *testing.T) {
	t.Parallel()
	w := opened(t)
	f := filing()
	f.Finish = endOf(2028, 8)
	var rules []string
	for _, issue := range award.CheckFiling(w, w.unit(qinghe), f, "", now) {
		rules = append(rules, issue.Field+" "+issue.Rule)
	}
	if want := []string{"steps steps.finish", "finish finish.steps"}; !slices.Equal(rules, want) {
		t.Errorf("%v, want %v", rules, want)
	}
	f.Finish = endOf(2026, 10)
	f.Steps = []award.Step{step("一", 2026, 9), step("二", 2026, 10)}
	issues := award.CheckFiling(w, w.unit(qinghe), f, "", now)
	if len(issues) != 1 || issues[0].Rule != "finish.past" {
		t.Errorf("past finish: %+v", issues)
	}
	f.Finish = award.PartialDate{Date: award.DateOf(now), Precision: award.PrecisionDay}
	if issues := award.CheckFiling(w, w.unit(qinghe), f, "", now); len(issues) > 0 {
		t.Errorf("finish today: %+v", issues)
	}
}

func TestCheckFilingOrderAndOnePerField(t *testing.T) {
	t.Parallel()
	w := opened(t)
	var fields []string
	for _, issue := range award.CheckFiling(w, w.unit(qinghe), award.Filing{}, "", now) {
		fields = append(fields, issue.Field)
	}
	want := []string{
		"title", "category", "problem", "pilots", "head", "deputy", "responsible", "contact", "content", "steps", "measures", "finish", "outcome", "products", "secrecy",
	}
	if !slices.Equal(fields, want) {
		t.Errorf("%v, want %v", fields, want)
	}
}

func TestCheckTitleTaken(t *testing.T) {
	t.Parallel()
	cycle := award.Cycle{ID: "2026", MaxTopics: 3, MaxKeyTopics: 2}
	unit := award.Unit{ID: qinghe, Cycle: "2026", Topics: []award.TopicRef{
		{ID: "2026-0001", Title: "“三议三公开”机制探索", Status: award.StatusFiled},
	}}
	for _, c := range []struct {
		title, topic string
		unit         award.Unit
		rule         string
	}{
		{"“三议三公开”机制探索", "", unit, "title.taken"},
		{"三议三公开机制探索", "", unit, "title.taken"},
		{"「三议三公开」 机制探索。", "", unit, "title.taken"},
		{"“三议三公开”机制探索", "2026-0001", unit, ""},
		{"“三议三公开”机制探索", "2026-0002", unit, "title.taken"},
		{"“三议三公开”机制再探索", "", unit, ""},
		{"“三议三公开”机制探索", "", award.Unit{ID: qinghe, Cycle: "2024", Topics: unit.Topics}, ""},
	} {
		issue := award.CheckTitle(cycle, c.unit, c.title, c.topic)
		switch {
		case c.rule == "" && issue != nil:
			t.Errorf("%s: %+v", c.title, issue)
		case c.rule != "" && (issue == nil || issue.Rule != c.rule || !strings.Contains(issue.Text, "2026-0001")):
			t.Errorf("%s: %+v, want %s", c.title, issue, c.rule)
		}
	}
}

func TestCheckQuota(t *testing.T) {
	t.Parallel()
	cycle := award.Cycle{ID: "2026", MaxTopics: 3, MaxKeyTopics: 2}
	refs := []award.TopicRef{{ID: "a", Key: true}, {ID: "b", Key: true}, {ID: "c"}, {ID: "d"}}
	raised := award.Unit{Cycle: "2026", MaxTopics: 4}
	raisedKeys := award.Unit{Cycle: "2026", MaxTopics: 4, MaxKeyTopics: 3}
	for name, c := range map[string]struct {
		topics int
		key    bool
		edit   string
		cycle  award.Cycle
		unit   award.Unit
		field  string
	}{
		"first key":         {0, true, "", cycle, award.Unit{Cycle: "2026"}, ""},
		"second key":        {1, true, "", cycle, award.Unit{Cycle: "2026"}, ""},
		"third key":         {2, true, "", cycle, award.Unit{Cycle: "2026"}, "key"},
		"third plain":       {2, false, "", cycle, award.Unit{Cycle: "2026"}, ""},
		"fourth":            {3, false, "", cycle, award.Unit{Cycle: "2026"}, "title"},
		"edit keeps its":    {3, true, "a", cycle, award.Unit{Cycle: "2026"}, ""},
		"edit turns key":    {3, true, "c", cycle, award.Unit{Cycle: "2026"}, "key"},
		"no cycle, no rule": {3, true, "", award.Cycle{}, award.Unit{Cycle: "2026"}, ""},
		"waived for all":    {3, true, "", award.Cycle{ID: "2026", MaxTopics: 5, MaxKeyTopics: 4}, award.Unit{Cycle: "2026"}, ""},
		"raised":            {3, false, "", cycle, raised, ""},
		"raised, keys not":  {3, true, "", cycle, raised, "key"},
		"keys raised":       {3, true, "", cycle, raisedKeys, ""},
		"raised and full":   {4, false, "", cycle, raised, "title"},
		"below the cycle's": {2, false, "", cycle, award.Unit{Cycle: "2026", MaxTopics: 1, MaxKeyTopics: 1}, ""},
	} {
		c.unit.Topics = refs[:c.topics]
		issue := award.CheckQuota(c.cycle, c.unit, c.key, c.edit)
		switch {
		case c.field == "" && issue != nil:
			t.Errorf("%s: %+v", name, issue)
		case c.field != "" && (issue == nil || issue.Field != c.field || !strings.Contains(issue.Text, "科室负责人")):
			t.Errorf("%s: %+v, want field %s and who can waive", name, issue, c.field)
		}
	}
}

// Without an open cycle a draft may be checked, only cycle rules rest (D12).
func TestCheckFilingWithoutCycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := filing()
	f.Finish = endOf(2029, 6)
	if issues := award.CheckFiling(w, w.unit(qinghe), f, "", now); len(issues) > 0 {
		t.Errorf("%+v", issues)
	}
}

func TestHashFiling(t *testing.T) {
	t.Parallel()
	base := award.HashFiling(filing())
	if len(base) != 12 || base != award.HashFiling(filing()) {
		t.Fatalf("hash %q", base)
	}
	for name, change := range map[string]func(*award.Filing){
		"title":    func(f *award.Filing) { f.Title += "一" },
		"key":      func(f *award.Filing) { f.Key = !f.Key },
		"pilot":    func(f *award.Filing) { f.Pilots[1].Phone = "13800000011" },
		"person":   func(f *award.Filing) { f.Deputy.Name = "李四" },
		"step":     func(f *award.Filing) { f.Steps[3].Output = "报告" },
		"date":     func(f *award.Filing) { f.Finish.Date.Day-- },
		"measures": func(f *award.Filing) { f.Measures = []string{"每月10日议事日 二维码征集议题"} },
		"products": func(f *award.Filing) { f.Products = f.Products[:1] },
		"cross":    func(f *award.Filing) { f.CrossCycle = true },
		"outcome":  func(f *award.Filing) { f.Outcome = "" },
		"content":  func(f *award.Filing) { f.Content += "。" },
		"problem":  func(f *award.Filing) { f.Problem += "。" },
		"joint":    func(f *award.Filing) { f.Joint = []string{liulin} },
		"meeting":  func(f *award.Filing) { f.Meeting = award.Meeting{Name: "党委会", Date: date(2026, 11, 20)} },
		"links":    func(f *award.Filing) { f.LinkPoints = []award.LinkPoint{{Member: "何为民"}} },
		"members":  func(f *award.Filing) { f.Members = []award.Contact{{Name: "钱大力"}} },
		"systems":  func(f *award.Filing) { f.Systems = []string{"党内选举"} },
	} {
		f := filing()
		change(&f)
		if award.HashFiling(f) == base {
			t.Errorf("%s does not change the hash", name)
		}
	}
	f := filing()
	f.Finish.Raw = "2028年9月底"
	if award.HashFiling(f) != base {
		t.Error("the words a date was given in change the hash")
	}
}
