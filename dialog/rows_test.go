package dialog_test

import (
	"strings"
	"testing"

	"cxbot/dialog"
)

func stepRows() dialog.Rows {
	return dialog.Rows{Min: 2, Max: 12, Columns: []dialog.Column{
		{Key: "title", Label: "步骤", Kind: dialog.Text{Min: 1, Max: 40}, Required: true},
		{Key: "due", Label: "完成时间", Kind: dialog.Date{}, Required: true, Example: "2027年6月"},
		{Key: "output", Label: "产出", Kind: dialog.Text{Max: 100}},
	}}
}

func pilotRows() dialog.Rows {
	return dialog.Rows{Min: 1, Max: 5, Columns: []dialog.Column{
		{Key: "name", Label: "名称", Kind: dialog.Text{Min: 2, Max: 30}, Required: true},
		{Key: "type", Label: "类型", Kind: dialog.Choice{Options: []dialog.Option{
			{Key: "村", Label: "村"}, {Key: "社区", Label: "社区"}, {Key: "机关", Label: "机关"}, {Key: "学校", Label: "学校"}, {Key: "非公", Label: "非公企业"},
		}}},
		{Key: "leader", Label: "负责人", Kind: dialog.Text{Min: 2, Max: 20}},
		{Key: "phone", Label: "电话", Kind: dialog.Phone{}},
	}}
}

func measureRows() dialog.Rows {
	return dialog.Rows{Min: 1, Max: 10, Columns: []dialog.Column{
		{Key: "text", Label: "措施", Kind: dialog.Text{Min: 2, Max: 200}, Required: true},
	}}
}

// flat renders a value for comparing: rows by " / ", cells by "|", dates without
// the person's words, trailing empty cells left out.
func flat(k dialog.Rows, value string) string {
	var rows []string
	for _, row := range dialog.SplitRows(value) {
		cells := make([]string, 0, len(row))
		for i, cell := range row {
			if _, ok := k.Columns[i].Kind.(dialog.Date); ok {
				cell, _, _ = dialog.SplitDate(cell)
			}
			cells = append(cells, cell)
		}
		rows = append(rows, strings.TrimRight(strings.Join(cells, "|"), "|"))
	}
	return strings.Join(rows, " / ")
}

type rowCase struct{ in, want string }

func checkRows(t *testing.T, k dialog.Rows, old string, tests []rowCase) {
	t.Helper()
	for _, tt := range tests {
		r := k.Read(tt.in, dialog.Env{Now: monday(), Old: old, Label: "清单"})
		if got := flat(k, r.Value); got != tt.want || !r.Problem.OK() {
			t.Errorf("Read(%q) = %s %q\nwant %s", tt.in, got, r.Problem.Text, tt.want)
			continue
		}
		again := k.Read(k.Show(r.Value), dialog.Env{Now: monday(), Old: r.Value})
		if again.Value != r.Value {
			t.Errorf("%q: shown as %q and read as %q %q, want %q", tt.in, k.Show(r.Value), again.Value, again.Problem.Text, r.Value)
		}
	}
}

func TestRowsOfSteps(t *testing.T) {
	t.Parallel()
	const two = "调研摸底|2027-03-31 / 试点推开|2027-12-31"
	checkRows(t, stepRows(), "", []rowCase{
		{"1.2027年1-3月 调研摸底,制定方案\n2.2027年4-12月 两个村试点\n3.2028年1-6月 全镇推开\n4.2028年7-9月 总结成文", "调研摸底,制定方案|2027-03-31 / 两个村试点|2027-12-31 / 全镇推开|2028-06-30 / 总结成文|2028-09-30"},
		{"明年3月启动,6月中期小结,年底验收", "启动|2027-03-31 / 中期小结|2027-06-30 / 验收|2027-12-31"},
		{"3月启动，6月中期小结，年底验收", "启动|2027-03-31 / 中期小结|2027-06-30 / 验收|2027-12-31"},
		{"3月启动；6月中期小结；年底验收；次年推广 2028年6月", "启动|2027-03-31 / 中期小结|2027-06-30 / 验收|2027-12-31 / 次年推广|2028-06-30"},
		{"2027年3月 调研摸底\n2027年12月 试点推开", two},
		{"2027年3月：调研摸底\n2027年12月：试点推开", two},
		{"2027年3月底前调研摸底\n2027年底试点推开", two},
		{"1. 调研摸底 2027年3月\n2. 试点推开 2027年12月", two},
		{"1、调研摸底，2027年3月底前\n2、试点推开，2027年12月底前", two},
		{"（1）调研摸底（2027年3月）\n（2）试点推开（2027年12月）", two},
		{"(1)调研摸底(2027年1月—3月)\n(2)试点推开(2027年4月—12月)", two},
		{"①调研摸底：2027年3月\n②试点推开：2027年12月", two},
		{"①2027年3月 调研摸底 ②2027年12月 试点推开", two},
		{"一、2027年3月调研摸底\n二、2027年12月试点推开", two},
		{"第一步：2027年3月调研摸底\n第二步：2027年12月试点推开", two},
		{"第一步 2027年3月调研摸底；第二步 2027年12月试点推开", two},
		{"实施步骤：\n1.调研摸底 2027年3月\n2.试点推开 2027年12月", two},
		{"- 2027年3月 调研摸底\n- 2027年12月 试点推开", two},
		{"• 调研摸底 2027年3月\n• 试点推开 2027年12月", two},
		{"2027年3月 调研摸底；2027年12月 试点推开", two},
		{"2027年3月 调研摸底;2027年12月 试点推开。", two},
		{"调研摸底\t2027年3月\n试点推开\t2027年12月", two},
		{"步骤\t完成时间\n调研摸底\t2027年3月\n试点推开\t2027年12月", two},
		{"序号\t步骤\t完成时间\t产出\n1\t调研摸底\t2027年3月\t\n2\t试点推开\t2027年12月\t", two},
		{"2027年3月\t调研摸底\n2027年12月\t试点推开", two},
		{"1.2027年1-3月\t调研摸底\n2.2027年4-12月\t试点推开", two},
		{"1.3月\t调研摸底\n2.12月\t试点推开", two},
		{"1、调研摸底\t2027年3月\n2、试点推开\t2027年12月", two},
		{"1.\t2027年3月 调研摸底\n2.\t2027年12月 试点推开", two},
		{"第一步\t2027年3月\t调研摸底\n第二步\t2027年12月\t试点推开", two},
		{"（一）\t调研摸底\t2027年3月\n（二）\t试点推开\t2027年12月", two},
		{"1.2027年3月\t调研摸底\n2.2027年12月 试点推开", two},
		{"2027年3月 调研摸底\t调研报告\n2027年12月\t试点推开", "调研摸底 调研报告|2027-03-31 / 试点推开|2027-12-31"},
		{"调研摸底｜2027年3月\n试点推开｜2027年12月", two},
		{"1. 调研摸底|2027-03-31\n2. 试点推开|2027-12-31", two},
		{"2027.1-2027.3 调研摸底\n2027.4-2027.12 试点推开", two},
		{"2027年1月至3月 调研摸底\n2027年4月至12月 试点推开", two},
		{"2027年一季度 调研摸底\n2027年四季度 试点推开", two},
		{"一季度调研摸底，四季度试点推开", two},
		{"2027-03-31 调研摸底\n2027-12-31 试点推开", two},
		{"明年3月底调研摸底\n明年底试点推开", two},
		{"1.3月调研摸底\n2.12月试点推开", two},
		{"1. 调研摸底\n2027年3月\n2. 试点推开\n2027年12月", two},
		{"2027年3月 调研摸底，产出：调研报告\n2027年12月 试点推开，产出：实施方案", "调研摸底|2027-03-31|调研报告 / 试点推开|2027-12-31|实施方案"},
		{"调研摸底\t2027年3月\t调研报告\n试点推开\t2027年12月\t实施方案", "调研摸底|2027-03-31|调研报告 / 试点推开|2027-12-31|实施方案"},
		{"11月动员，3月试点，11月收尾", "动员|2026-11-30 / 试点|2027-03-31 / 收尾|2027-11-30"},
		{"七一表彰 2027年7月1日\n国庆前总结", "七一表彰|2027-07-01 / 总结|2027-09-30"},
		{"2027年度计划编制，3月底前\n10个村推开，2027年9月", "2027年度计划编制|2027-03-31 / 10个村推开|2027-09-30"},
		{"2027年6月完成第一阶段，明年底全部结束", "完成第一阶段|2027-06-30 / 全部结束|2027-12-31"},
		{"第一阶段（2027年1月—3月）：调研摸底\n第二阶段（2027年4月—12月）：试点推开", "第一阶段：调研摸底|2027-03-31 / 第二阶段：试点推开|2027-12-31"},
	})
}

func TestRowsOfPilots(t *testing.T) {
	t.Parallel()
	const wang = "柳林村党支部|村|王五|13800000011"
	checkRows(t, pilotRows(), "", []rowCase{
		{"柳林村党支部", "柳林村党支部"},
		{"柳林村党支部、河湾村党支部", "柳林村党支部 / 河湾村党支部"},
		{"柳林村党支部，河湾村党支部", "柳林村党支部 / 河湾村党支部"},
		{"柳林村党支部；河湾村党支部", "柳林村党支部 / 河湾村党支部"},
		{"柳林村党支部\n河湾村党支部", "柳林村党支部 / 河湾村党支部"},
		{"县一中、实验小学、特教学校", "县一中 / 实验小学 / 特教学校"},
		{"宏达纺织和佳美食品两家", "宏达纺织 / 佳美食品"},
		{"南湖社区和东苑社区2个社区", "南湖社区 / 东苑社区"},
		{"和平村党支部", "和平村党支部"},
		{"柳林村党支部 村 王五 13800000011", wang},
		{"柳林村党支部，村，王五，13800000011", wang},
		{"柳林村党支部、村、王五、13800000011", wang},
		{"柳林村党支部（村）王五 138 0000 0011", wang},
		{"村 柳林村党支部 王五 13800000011", wang},
		{"柳林村党支部，村，负责人：王五，电话：13800000011", wang},
		{"柳林村党支部 村 负责人王五 电话13800000011", wang},
		{"名称：柳林村党支部，类型：村，负责人：王五，电话：13800000011", wang},
		{"柳林村党支部\t村\t王五\t13800000011", wang},
		{"名称\t类型\t负责人\t电话\n柳林村党支部\t村\t王五\t13800000011", wang},
		{"序号\t单位名称\t类型\t负责人\t联系电话\n1\t柳林村党支部\t村\t王五\t13800000011", wang},
		{"柳林村党支部｜村｜王五｜13800000011", wang},
		{"1. 柳林村党支部|村|王五|13800000011", wang},
		{"柳林村党支部\t王五\t13800000011", "柳林村党支部||王五|13800000011"},
		{"柳林村党支部\t\t王五\t", "柳林村党支部||王五"},
		{"柳林村党支部（类型：村，负责人：王五，电话：13800000011）", wang},
		{"1. 柳林村党支部（负责人：王五）", "柳林村党支部||王五"},
		{"柳林村党支部 村（负责人：王五；电话：138 0000 0011）", wang},
		{"柳林村党支部｜—｜王五", "柳林村党支部||王五"},
		{"柳林村党支部（负责人王五，13800000011）", "柳林村党支部||王五|13800000011"},
		{"北岗社区党总支,负责人吴芳 13800000044", "北岗社区党总支||吴芳|13800000044"},
		{"1. 柳林村 村 王五 13800000011\n2. 南湖社区 社区 李四 13900000022", "柳林村|村|王五|13800000011 / 南湖社区|社区|李四|13900000022"},
		{"柳林村 王五 13800000011；南湖社区 李四 13900000022", "柳林村||王五|13800000011 / 南湖社区||李四|13900000022"},
	})
}

// TestRowsOfNaturalLists holds lists of units as people write them in one line.
func TestRowsOfNaturalLists(t *testing.T) {
	t.Parallel()
	const two = "柳林村 / 河湾村"
	checkRows(t, pilotRows(), "", []rowCase{
		{"柳林村 河湾村", two},
		{"柳林村  河湾村", two},
		{"柳林村/河湾村", two},
		{"柳林村／河湾村", two},
		{"柳林村和河湾村", two},
		{"柳林村与河湾村", two},
		{"柳林村以及河湾村", two},
		{"柳林村、河湾村两个村", two},
		{"柳林村和河湾村两个村", two},
		{"柳林村、河湾村2个试点村", two},
		{"柳林村、河湾村等两个村", two},
		{"柳林村\t河湾村", two},
		{"柳林村，河湾村", two},
		{"柳林村 河湾村 东庄村", two + " / 东庄村"},
		{"柳林村、河湾村和东庄村", two + " / 东庄村"},
		{"柳林村、河湾村\n东庄村", two + " / 东庄村"},
		{"1. 柳林村 河湾村\n2. 东庄村", two + " / 东庄村"},
		{"和平村和太和村", "和平村 / 太和村"},
		{"和平村、太和村两个村", "和平村 / 太和村"},
		{"和平村党支部", "和平村党支部"},
		{"河湾三村", "河湾三村"},
		{"县一中 实验小学", "县一中 / 实验小学"},
		{"清河镇中心医院", "清河镇中心医院"},
		{"柳林村、宏达纺织", "柳林村 / 宏达纺织"},
		{"柳林村 村\n南湖社区 社区", "柳林村|村 / 南湖社区|社区"},
		{"单位：停车难问题也要管办公厅长长长的名字", "停车难问题也要管办公厅长长长的名字"},
		{"柳林村（负责人：张明）\n河湾村（类型：村，电话：13800000011）", "柳林村||张明 / 河湾村|村||13800000011"},
		{"柳林村（电话：13800000011）；河湾村", "柳林村|||13800000011 / 河湾村"},
	})
}

// TestRowsAskAboutUnclearUnits keeps guesses out of the list of pilots.
func TestRowsAskAboutUnclearUnits(t *testing.T) {
	t.Parallel()
	k := pilotRows()
	for in, says := range map[string]string{
		"清河镇 柳林村":              "两个单位吗",
		"清河镇\t柳林村":             "两个单位吗",
		"县教育局 县教育局党支部":         "两个单位吗",
		"柳林村 王五 河湾村 李四":        "两个单位吗",
		"柳林村\t王五\t河湾村\t李四":     "两个单位吗",
		"柳林村和平村":               "一个单位还是两个",
		"柳林村和宏达纺织":             "一个单位还是两个",
		"柳林村、河湾村三个村":           "每个单位的名称",
		"柳林村等3个村":              "每个单位的名称",
		"两个村":                  "每个单位的名称",
		"柳林村 党支部":              "没看明白“党支部”",
		"停车难问题也要管":             "不像单位名称",
		"停车难问题也要管，去年投诉多":       "不像单位名称",
		"停车难问题也要管。":            "不像单位名称",
		"先在镇上选基础好的地方试起来再说":     "不像单位名称",
		"我们想把几件老大难的事情先理一理再往下推": "不像单位名称",
		"柳林村\n停车难也要管":          "第 2 条：这像一句话",
		"清河镇中心小学（东校区）":         "两个单位吗",
		"柳林村 王五（负责人：李四）":       "负责人写了两个",
	} {
		r := k.Read(in, dialog.Env{Now: monday(), Label: "试点单位"})
		if r.Problem.Kind != dialog.NotUnderstood || !strings.Contains(r.Problem.Text, says) || r.Value != "" {
			t.Errorf("Read(%q) = %s %v %q, want a question with %q", in, flat(k, r.Value), r.Problem.Kind, r.Problem.Text, says)
		}
	}
}

// TestRowsAreShownWithLabels names the cells that are not every row's.
func TestRowsAreShownWithLabels(t *testing.T) {
	t.Parallel()
	tests := []struct {
		k        dialog.Rows
		in, want string
	}{
		{pilotRows(), "柳林村党支部 村 张明 13800000011", "1. 柳林村党支部（类型：村，负责人：张明，电话：13800000011）"},
		{pilotRows(), "柳林村党支部 张明", "1. 柳林村党支部（负责人：张明）"},
		{pilotRows(), "柳林村党支部", "1. 柳林村党支部"},
		{pilotRows(), "柳林村｜—｜张明，李四", "1. 柳林村（负责人：张明，李四）"},
		{pilotRows(), "单位：柳林村 河湾村", "1. 柳林村 河湾村｜—"},
		{pilotRows(), "甲。乙｜村｜张明", "1. 甲。乙｜村｜张明"},
		{stepRows(), "2027年3月 调研\n2027年6月 试点", "1. 调研｜2027年3月\n2. 试点｜2027年6月"},
		{stepRows(), "2027年3月 调研，产出：报告\n2027年6月 试点", "1. 调研｜2027年3月（产出：报告）\n2. 试点｜2027年6月"},
		{measureRows(), "甲甲\n乙乙", "1. 甲甲\n2. 乙乙"},
	}
	for _, tt := range tests {
		r := tt.k.Read(tt.in, dialog.Env{Now: monday()})
		shown := tt.k.Show(r.Value)
		if shown != tt.want {
			t.Errorf("%q is shown as %q, want %q", tt.in, shown, tt.want)
		}
		if again := tt.k.Read(shown, dialog.Env{Now: monday()}); flat(tt.k, again.Value) != flat(tt.k, r.Value) || !again.Problem.OK() {
			t.Errorf("%q is read again as %s %q, want %s", shown, flat(tt.k, again.Value), again.Problem.Text, flat(tt.k, r.Value))
		}
	}
}

func TestRowsOfMeasures(t *testing.T) {
	t.Parallel()
	checkRows(t, measureRows(), "", []rowCase{
		{"①每月10日议事日 ②二维码征集议题 ③公开栏加微信群双公开", "每月10日议事日 / 二维码征集议题 / 公开栏加微信群双公开"},
		{"导师结对;党员示范课;季度评议", "导师结对 / 党员示范课 / 季度评议"},
		{"1.建立台账；2.每月例会；3.年终考核", "建立台账 / 每月例会 / 年终考核"},
		{"1、建立台账 2、每月例会", "建立台账 / 每月例会"},
		{"一是建立台账，二是每月例会", "一是建立台账，二是每月例会"},
		{"（一）建立台账\n（二）每月例会", "建立台账 / 每月例会"},
		{"1.5万元补助", "1.5万元补助"},
		{"1.5万元补助\n2.5万元奖励", "1.5万元补助 / 2.5万元奖励"},
		{"每月走访、座谈", "每月走访、座谈"},
		{"每月走访，每季座谈", "每月走访，每季座谈"},
		{"措施：\n一、建立台账\n二、每月例会", "建立台账 / 每月例会"},
		{"1、建立台账\n由专人负责\n2、每月例会", "建立台账由专人负责 / 每月例会"},
		{"加强党员教育", "加强党员教育"},
		{"删繁就简，减轻负担", "删繁就简，减轻负担"},
		{"3. 建立台账\n4. 每月例会", "建立台账 / 每月例会"},
		{"* 建立台账\n* 每月例会", "建立台账 / 每月例会"},
		{"时间：每月10日；地点：村部", "时间：每月10日 / 地点：村部"},
		{"每月10日议事日，二维码征集议题，公开栏加微信群双公开", "每月10日议事日 / 二维码征集议题 / 公开栏加微信群双公开"},
		{"结对签约、联合党日、职工服务站", "结对签约 / 联合党日 / 职工服务站"},
		{"每月走访、座谈，每季评议，年终考核", "每月走访、座谈 / 每季评议 / 年终考核"},
		{"每月议事日；结对签约、联合党日、职工服务站", "每月议事日 / 结对签约、联合党日、职工服务站"},
		{"1\t建立台账\n2\t每月例会", "建立台账 / 每月例会"},
		{"序号\t措施\n1\t建立台账\n2\t每月例会", "建立台账 / 每月例会"},
		{"1. 结对签约、联合党日、职工服务站", "结对签约、联合党日、职工服务站"},
		{"建立台账，按月公示", "建立台账，按月公示"},
		{"建立台账，按月公示，由专人负责", "建立台账，按月公示，由专人负责"},
		{"通过走访座谈，摸清群众诉求，列出问题清单", "通过走访座谈，摸清群众诉求，列出问题清单"},
		{"加强组织领导，压实工作责任，确保取得实效", "加强组织领导，压实工作责任，确保取得实效"},
		{"建立台账后，按月公示，年底考核", "建立台账后，按月公示，年底考核"},
		{"建立台账，按月公示，年底考核。", "建立台账，按月公示，年底考核。"},
		{"开展结对签约、联合党日、职工服务站", "开展结对签约、联合党日、职工服务站"},
		{"议题收集、党群联议、结果公开三个环节", "议题收集、党群联议、结果公开三个环节"},
		{"结对签约、联合党日、职工服务等活动", "结对签约、联合党日、职工服务等活动"},
		{"看、听、议", "看、听、议"},
		{"一是建立台账，二是每月例会，三是年终考核", "一是建立台账，二是每月例会，三是年终考核"},
	})
}

func TestRowsChangeWhatIsThere(t *testing.T) {
	t.Parallel()
	pilots := pilotRows()
	two := pilots.Read("柳林村、河湾村", dialog.Env{Now: monday()}).Value
	checkRows(t, pilots, two, []rowCase{
		{"加 北岗社区", "柳林村 / 河湾村 / 北岗社区"},
		{"加：北岗社区", "柳林村 / 河湾村 / 北岗社区"},
		{"增加：北岗社区", "柳林村 / 河湾村 / 北岗社区"},
		{"加上 北岗社区、南岗社区", "柳林村 / 河湾村 / 北岗社区 / 南岗社区"},
		{"再加一个北岗社区", "柳林村 / 河湾村 / 北岗社区"},
		{"再加一个：北岗社区党总支,负责人吴芳 13800000044", "柳林村 / 河湾村 / 北岗社区党总支||吴芳|13800000044"},
		{"删 2", "柳林村"},
		{"删2", "柳林村"},
		{"删掉第2个", "柳林村"},
		{"删除第二个", "柳林村"},
		{"把第2个删掉", "柳林村"},
		{"去掉河湾", "柳林村"},
		{"去掉河湾村", "柳林村"},
		{"不要第1个了", "河湾村"},
		{"改 2 东湖村", "柳林村 / 东湖村"},
		{"改 2：东湖村", "柳林村 / 东湖村"},
		{"改第2个 东湖村", "柳林村 / 东湖村"},
		{"第2个改成东湖村", "柳林村 / 东湖村"},
		{"第二个换成东湖村", "柳林村 / 东湖村"},
		{"改 1.4 13800000044", "柳林村|||13800000044 / 河湾村"},
		{"改 2.2 社区", "柳林村 / 河湾村|社区"},
		{"第1个的负责人改成王五", "柳林村||王五 / 河湾村"},
		{"加个东庄村党支部", "柳林村 / 河湾村 / 东庄村党支部"},
		{"加东庄村", "柳林村 / 河湾村 / 东庄村"},
		{"再加东庄村", "柳林村 / 河湾村 / 东庄村"},
		{"再加东庄村、西庄村", "柳林村 / 河湾村 / 东庄村 / 西庄村"},
		{"不要河湾村了", "柳林村"},
		{"删了河湾村", "柳林村"},
		{"河湾村删了吧", "柳林村"},
		{"删了河湾村 加个东庄村党支部", "柳林村 / 东庄村党支部"},
		{"删了河湾村，再加东庄村党支部", "柳林村 / 东庄村党支部"},
		{"加个东庄村 不要柳林村了", "河湾村 / 东庄村"},
		{"删 1，删 2，加 东庄村", "东庄村"},
		{"去掉河湾村\n加上东庄村", "柳林村 / 东庄村"},
		{"改 2 东湖村，加 东庄村 村", "柳林村 / 东湖村 / 东庄村|村"},
		{"把河湾村换成东湖村", "柳林村 / 东湖村"},
		{"新村庄", "新村庄"},
		{"东村、西村、南村", "东村 / 西村 / 南村"},
	})
	steps := stepRows()
	three := steps.Read("3月启动，6月中期小结，年底验收", dialog.Env{Now: monday()}).Value
	checkRows(t, steps, three, []rowCase{
		{"改 2.2 2027年7月", "启动|2027-03-31 / 中期小结|2027-07-31 / 验收|2027-12-31"},
		{"改第2步：7月底", "启动|2027-03-31 / 中期小结|2027-07-31 / 验收|2027-12-31"},
		{"第3步延到2028年3月", "启动|2027-03-31 / 中期小结|2027-06-30 / 验收|2028-03-31"},
		{"改 1.1 动员部署", "动员部署|2027-03-31 / 中期小结|2027-06-30 / 验收|2027-12-31"},
		{"加 2028年6月 推广", "启动|2027-03-31 / 中期小结|2027-06-30 / 验收|2027-12-31 / 推广|2028-06-30"},
		{"再加一步：推广，2028年6月", "启动|2027-03-31 / 中期小结|2027-06-30 / 验收|2027-12-31 / 推广|2028-06-30"},
		{"删除第2步，加 2028年6月 推广", "启动|2027-03-31 / 验收|2027-12-31 / 推广|2028-06-30"},
		{"删除第2步", "启动|2027-03-31 / 验收|2027-12-31"},
	})
}

func TestRowsSayWhichRowAndWhy(t *testing.T) {
	t.Parallel()
	pilots := pilotRows()
	two := pilots.Read("柳林村、河湾村", dialog.Env{Now: monday()}).Value
	tests := []struct {
		k             dialog.Rows
		old, in, says string
		kind          dialog.ProblemKind
	}{
		{stepRows(), "", "调研\n试点", "第 1 条还差完成时间（如 2027年6月）", dialog.RuleBroken},
		{stepRows(), "", "2027年3月 调研\n试点推开", "第 2 条还差完成时间", dialog.RuleBroken},
		{stepRows(), "", "2027年3月\n2027年6月 试点", "第 1 条还差步骤", dialog.RuleBroken},
		{stepRows(), "", "2月30日 调研\n3月 试点", "第 1 条：没有2月30日", dialog.RuleBroken},
		{stepRows(), "", "3月前完成调研\n6月试点", "第 1 条：“3月前”", dialog.NotUnderstood},
		{stepRows(), "", "3月调研", "还差 1 条", dialog.RuleBroken},
		{stepRows(), "", "3月 " + strings.Repeat("很长的步骤", 9) + "\n6月 试点", "第 1 条：步骤现在 45 字，最多 40 字", dialog.RuleBroken},
		{pilots, "", "东村、西村、南村、北村、中村、新村", "最多 5 条，现在有 6 条", dialog.RuleBroken},
		{pilots, "", "柳林村\n柳林村", "第 1 条和第 2 条都是“柳林村”", dialog.RuleBroken},
		{pilots, "", "柳林村 王五 1380000001", "第 1 条：手机号要 11 位，现在是 10 位", dialog.RuleBroken},
		{pilots, "", "甲村\t村\t王五\t13800000011\t多一栏", "有 5 栏，这里只有 4 栏", dialog.NotUnderstood},
		{pilots, "", "", "没有看到内容", dialog.NotUnderstood},
		{pilots, two, "删 5", "没有第 5 条，现在是第 1 到 2 条", dialog.RuleBroken},
		{pilots, two, "删 1、2", "至少要留 1 条", dialog.RuleBroken},
		{pilots, two, "去掉天边", "没有找到“天边”", dialog.NotUnderstood},
		{pilots, two, "删了吧", "没有找到“", dialog.NotUnderstood},
		{pilots, two, "删了天边 加个东庄村", "没有找到“天边”", dialog.NotUnderstood},
		{pilots, two, "删 5，加 东庄村", "没有第 5 条", dialog.RuleBroken},
		{pilots, two, "删 1 删 2", "至少要留 1 条", dialog.RuleBroken},
		{pilots, two, "去掉村", "对得上第 1、2 条", dialog.NotUnderstood},
		{pilots, two, "改 1.9 王五", "没有第 9 栏", dialog.RuleBroken},
		{pilots, two, "改 7.1 王五", "没有第 7 条", dialog.RuleBroken},
		{pilots, two, "第1个的颜色改成红", "哪一栏", dialog.NotUnderstood},
		{pilots, two, "加 柳林村", "第 1 条和第 3 条都是“柳林村”", dialog.RuleBroken},
		{pilots, two, "改 1.4 123", "第 1 条：", dialog.RuleBroken},
		{measureRows(), "", strings.Repeat("一条措施\n", 50), "现在有 50 行", dialog.RuleBroken},
	}
	for _, tt := range tests {
		r := tt.k.Read(tt.in, dialog.Env{Now: monday(), Old: tt.old, Label: "实施步骤"})
		if r.Problem.Kind != tt.kind || !strings.Contains(r.Problem.Text, tt.says) {
			t.Errorf("Read(%q) = %q %v %q, want %v %q", tt.in, r.Value, r.Problem.Kind, r.Problem.Text, tt.kind, tt.says)
		}
	}
}

// Too few rows are kept, and the next message adds to them.
func TestRowsAreCompletedByTheNextMessage(t *testing.T) {
	t.Parallel()
	k := stepRows()
	first := k.Read("2027年3月 调研摸底", dialog.Env{Now: monday()})
	second := k.Read("2027年12月 试点推开", dialog.Env{Now: monday(), Old: first.Value})
	if got, want := flat(k, second.Value), "调研摸底|2027-03-31 / 试点推开|2027-12-31"; got != want || !second.Problem.OK() {
		t.Errorf("second message: %s %q, want %s", got, second.Problem.Text, want)
	}
	if want := "共 2 条\n1. 调研摸底｜2027年3月\n2. 试点推开｜2027年12月"; second.Echo != want {
		t.Errorf("echo = %q, want %q", second.Echo, want)
	}
}
