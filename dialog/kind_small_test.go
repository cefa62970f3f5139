package dialog_test

import (
	"strings"
	"testing"

	"cxbot/dialog"
)

// kindCase is one answer to a kind: its value, or a part of what is said instead.
type kindCase struct{ in, want, says string }

func checkKind(t *testing.T, k dialog.Kind, old string, tests []kindCase) {
	t.Helper()
	for _, tt := range tests {
		r := k.Read(tt.in, dialog.Env{Now: monday(), Old: old, Label: "本项"})
		if got := strings.ReplaceAll(r.Value, "\x1e", "+"); got != tt.want || !strings.Contains(r.Problem.Text, tt.says) || r.Problem.OK() != (tt.says == "") {
			t.Errorf("%T Read(%q) = %q %q, want %q %q", k, tt.in, got, r.Problem.Text, tt.want, tt.says)
			continue
		}
		for _, blame := range []string{"错误", "非法", "无效"} {
			if strings.Contains(r.Problem.Text, blame) {
				t.Errorf("%T Read(%q) blames: %q", k, tt.in, r.Problem.Text)
			}
		}
		if r.Problem.OK() {
			if again := k.Read(k.Show(r.Value), dialog.Env{Now: monday()}); again.Value != r.Value {
				t.Errorf("%T %q: shown as %q and read as %q %q", k, tt.in, k.Show(r.Value), again.Value, again.Problem.Text)
			}
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	forty := strings.Repeat("字", 40)
	checkKind(t, dialog.Text{Min: 6, Max: 40}, "", []kindCase{
		{"村级议事会机制", "村级议事会机制", ""},
		{"  村级 议事会机制 ", "村级 议事会机制", ""},
		{"村级议事会\n机制探索", "村级议事会机制探索", ""},
		{"Party lectures\nin villages", "Party lectures in villages", ""},
		{forty, forty, ""},
		{forty + "字", "", "现在 41 字，最多 40 字，请删去 1 字"},
		{"短题目", "", "现在 3 字，至少要 6 字"},
		{"短题目", "", "您写的是：短题目"},
		{"", "", "没有看到内容"},
		{"\u200b", "", "没有看到内容"},
		{"。。。。。。。", "", "标点"},
		{strings.Repeat("👨\u200d👩\u200d👧", 6), strings.Repeat("👨\u200d👩\u200d👧", 6), ""},
	})
	checkKind(t, dialog.Text{Min: 2, Max: 40}, "村级议事会机制探索", []kindCase{
		{"删 探索", "村级议事会机制", ""},
		{"删 别的", "删 别的", ""},
	})
}

func TestLongText(t *testing.T) {
	t.Parallel()
	checkKind(t, dialog.LongText{Min: 4, Max: 900}, "", []kindCase{
		{"第一段\n\n第二段", "第一段\n\n第二段", ""},
		{"短", "", "至少要 4 字"},
		{strings.Repeat("字", 901), "", "最多 900 字"},
	})
	checkKind(t, dialog.LongText{}, "原来的一段", []kindCase{{"加 新的一段", "原来的一段\n新的一段", ""}})
	for n, more := range map[int]bool{599: false, 600: true, 899: true, 900: false} {
		r := dialog.LongText{Min: 4, Max: 900}.Read(strings.Repeat("字", n), dialog.Env{})
		if r.More != more || !r.Problem.OK() {
			t.Errorf("%d characters: More = %v %q, want %v", n, r.More, r.Problem.Text, more)
		}
	}
}

func directions() []dialog.Option {
	return []dialog.Option{
		{Key: "1.1", Label: "优化党员队伍结构", Aliases: []string{"发展党员"}},
		{Key: "1.2", Label: "教育活动载体和长效机制", Aliases: []string{"党员教育"}},
		{Key: "2.1", Label: "农村党组织带富能力"},
		{Key: "3.2", Label: "农村干部管理和激励"},
		{Key: "9", Label: "自选方向"},
	}
}

func TestChoice(t *testing.T) {
	t.Parallel()
	checkKind(t, dialog.Choice{Options: directions()}, "", []kindCase{
		{"1", "1.1", ""}, {"1.", "1.1", ""}, {"第2个", "1.2", ""}, {"选3", "2.1", ""}, {"③", "2.1", ""}, {"四", "3.2", ""}, {"１", "1.1", ""},
		{"1.2", "1.2", ""}, {"2.1", "2.1", ""}, {"9", "9", ""}, {"5", "9", ""},
		{"优化党员队伍结构", "1.1", ""}, {"1 优化党员队伍结构", "1.1", ""}, {"1、优化党员队伍结构", "1.1", ""}, {"发展党员", "1.1", ""}, {"带富", "2.1", ""}, {"激励", "3.2", ""}, {"自选", "9", ""},
		{"2 还有3", "", "没有“2 还有3”"}, {"2 发展党员", "", "没有"}, {"发展党员和别的", "", "没有"}, {"不是发展党员", "", "没有"}, {"发展党员吧", "1.1", ""},
		{"我选自选方向", "9", ""}, {"農村黨組織帶富能力", "", "没有"},
		{"农村", "", "对得上 2 项：3 农村党组织带富能力；4 农村干部管理和激励"},
		{"6", "", "没有“6”这一项。请回复 1–5"}, {"0", "", "没有“0”"}, {"请选择", "", "没有“请选择”"}, {"不知道", "", "1 优化党员队伍结构"}, {"", "", "请回复 1–5"},
	})
	checkKind(t, dialog.Choice{Options: directions()[:3], Other: true}, "", []kindCase{
		{"其他：党建品牌", "其他：党建品牌", ""}, {"其它 党建品牌", "其他：党建品牌", ""}, {"其他", "", "请写明是什么"}, {"党建品牌", "", "请写 其他："}, {"2", "1.2", ""},
	})
	// A number that is one option's place and another's key is asked about.
	both := dialog.Choice{Options: []dialog.Option{{Key: "2", Label: "甲"}, {Key: "7", Label: "乙"}}}
	checkKind(t, both, "", []kindCase{{"2", "", "1 甲；2 乙"}, {"7", "7", ""}, {"甲", "2", ""}})
}

func products() dialog.Multi {
	return dialog.Multi{Min: 1, Max: 4, Options: []dialog.Option{
		{Key: "rule", Label: "制度"}, {Key: "paper", Label: "经验材料"}, {Key: "case", Label: "案例"}, {Key: "report", Label: "调研报告"}, {Key: "method", Label: "工作法"},
	}}
}

func TestMulti(t *testing.T) {
	t.Parallel()
	checkKind(t, products(), "", []kindCase{
		{"1", "rule", ""}, {"1 3 5", "rule+case+method", ""}, {"1、3", "rule+case", ""}, {"1,3", "rule+case", ""}, {"1，3；5", "rule+case+method", ""}, {"5 3 1", "rule+case+method", ""},
		{"1-3", "rule+paper+case", ""}, {"3-1", "rule+paper+case", ""}, {"1到3", "rule+paper+case", ""}, {"1—2、5", "rule+paper+method", ""}, {"1 1 2", "rule+paper", ""},
		{"制度、案例", "rule+case", ""}, {"制度和案例", "rule+case", ""}, {"制度 案例", "rule+case", ""}, {"经验", "paper", ""}, {"制度，3", "rule+case", ""}, {"①③", "rule+case", ""},
		{"制度、工作法和案例", "rule+case+method", ""}, {"制度及案例", "rule+case", ""}, {"制度与案例", "rule+case", ""}, {"制度以及案例", "rule+case", ""}, {"制度，还有3", "rule+case", ""}, {"我们选制度、案例等", "rule+case", ""},
		{"制度、工作法和小册子", "", "没有“小册子”"}, {"小册子和制度", "", "没有“小册子”"}, {"制度小册子", "", "没有“制度小册子”"}, {"1和小册子", "", "没有“小册子”"}, {"制度 不要案例", "", "没有“不要案例”"}, {"不要制度和小册子", "", "没有“小册子”"},
		{"除了2", "rule+case+report+method", ""}, {"除了2都选", "rule+case+report+method", ""}, {"除了案例以外都要", "rule+paper+report+method", ""}, {"不要1", "paper+case+report+method", ""},
		{"全选", "", "最多选 4 项，现在选了 5 项"}, {"1-", "", "没有“1-”"}, {"1-9", "", "没有“1-9”"}, {"6", "", "没有“6”"}, {"请选择", "", "没有“请选择”"}, {"", "", "请回复"},
	})
	all := products()
	all.Max = 0
	checkKind(t, all, "", []kindCase{{"全选", "rule+paper+case+report+method", ""}, {"都要", "rule+paper+case+report+method", ""}})
	checkKind(t, all, "rule\x1ecase", []kindCase{{"加 2", "rule+paper+case", ""}, {"删 制度", "case", ""}, {"加 9", "", "没有“9”"}, {"4", "report", ""}})
}

func TestYesNo(t *testing.T) {
	t.Parallel()
	var tests []kindCase
	for _, yes := range []string{"是", "是的", "对", "对的！", "好", "好的呀", "可以", "确认", "确定", "同意", "嗯", "嗯嗯", "没错", "没问题", "行", "1", "１", "y", "Yes", "OK", "對"} {
		tests = append(tests, kindCase{yes, dialog.Yes, ""})
	}
	for _, no := range []string{"否", "不", "不是", "不对", "不同意", "先不", "不用了", "2", "n", "NO", "暂不"} {
		tests = append(tests, kindCase{no, dialog.No, ""})
	}
	for _, asked := range []string{"3", "也许", "是不是", "好像是", "", "可以吗"} {
		tests = append(tests, kindCase{asked, "", "是 或 否"})
	}
	checkKind(t, dialog.YesNo{}, "", tests)
}

func TestWord(t *testing.T) {
	t.Parallel()
	k := dialog.Word{Words: []string{"确认", "保密确认"}}
	checkKind(t, k, "", []kindCase{
		{"确认", "确认", ""}, {"保密确认", "确认", ""}, {"已确认", "确认", ""}, {"承诺", "确认", ""}, {"没有涉密", "确认", ""}, {"不涉密。", "确认", ""}, {"是", "确认", ""}, {"1", "确认", ""},
		{"否", "", "确认后才能报送"}, {"不", "", "确认后才能报送"}, {"什么意思", "", "请回复 确认"}, {"", "", "请回复 确认"},
	})
	checkKind(t, dialog.Word{Words: []string{"承诺"}}, "", []kindCase{{"我承诺", "承诺", ""}, {"好的", "承诺", ""}})
}

func TestNumber(t *testing.T) {
	t.Parallel()
	checkKind(t, dialog.Number{Min: 1, Max: 100}, "", []kindCase{
		{"12", "12", ""}, {"１２", "12", ""}, {"12个", "12", ""}, {"十二", "12", ""}, {"二十", "20", ""}, {"一百", "100", ""}, {"两家", "2", ""}, {"12.0", "12", ""}, {" 12 ", "12", ""}, {"+5", "5", ""},
		{"0", "", "1 到 100 之间"}, {"101", "", "1 到 100 之间"}, {"-1", "", "1 到 100 之间"}, {"1.5", "", "不带小数"}, {"1 2", "", "准数"}, {"2 还有3", "", "整数"}, {"2，3", "", "整数"}, {"约十", "", "准数"}, {"十来个", "", "整数"}, {"几个", "", "准数"},
		{"NaN", "", "整数"}, {"Inf", "", "整数"}, {"0x10", "", "整数"}, {"1_000", "", "整数"}, {"1e3", "", "整数"}, {strings.Repeat("9", 400), "", "太长"}, {"", "", "整数"}, {"十十", "", "整数"},
	})
	checkKind(t, dialog.Number{}, "", []kindCase{{"125,000", "125000", ""}, {"十二万五", "125000", ""}, {"三百五十", "350", ""}, {"一千零五", "1005", ""}, {"三百五", "350", ""}, {"12,50", "", "整数"}, {"-1", "", "0 以上"}})
}

func TestMoney(t *testing.T) {
	t.Parallel()
	checkKind(t, dialog.Money{}, "", []kindCase{
		{"1 2万元", "", "准数"}, {"12.5万", "125000", ""}, {"12.5万元", "125000", ""}, {"十二万五", "125000", ""}, {"十二万五千元", "125000", ""}, {"125,000元", "125000", ""}, {"125000元", "125000", ""}, {"１２．５万元", "125000", ""},
		{"3万", "30000", ""}, {"三万元", "30000", ""}, {"500元", "500", ""}, {"五百元", "500", ""}, {"0.01元", "0.01", ""}, {"8千元", "8000", ""}, {"1.2亿元", "120000000", ""}, {"人民币500元整", "500", ""}, {"￥500元", "500", ""}, {"0元", "0", ""},
		{"12.5", "", "12.5 是元还是万元"}, {"125000", "", "元还是万元"}, {"五百", "", "元还是万元"}, {"-1元", "", "不能小于 0"}, {"0.001元", "", "最小到分"},
		{"约十万", "", "准数"}, {"十万左右", "", "准数"}, {"十几万", "", "准数"}, {"1e9", "", "带上单位"}, {"NaN", "", "带上单位"}, {"Inf元", "", "带上单位"}, {"0x10元", "", "带上单位"}, {"1_000元", "", "带上单位"},
		{strings.Repeat("9", 400) + "元", "", "太长"}, {"", "", "带上单位"}, {"元", "", "带上单位"}, {"999999999999亿元", "", "带上单位"},
	})
}

func TestPercent(t *testing.T) {
	t.Parallel()
	checkKind(t, dialog.Percent{}, "", []kindCase{
		{"60%", "60", ""}, {"60", "60", ""}, {"６０％", "60", ""}, {"百分之六十", "60", ""}, {"六十", "60", ""}, {"六成", "60", ""}, {"33.33%", "33.33", ""}, {"0", "0", ""}, {"100%", "100", ""}, {"百分之百", "100", ""}, {"0.5%", "0.5", ""},
		{"0.5", "", "0.5% 还是 50%"}, {"101%", "", "0 到 100"}, {"-1%", "", "0 到 100"}, {"33.333%", "", "两位小数"}, {"约60%", "", "百分数"}, {"一半多", "", "百分数"}, {"NaN%", "", "百分数"}, {strings.Repeat("9", 400), "", "0 到 100"}, {"", "", "百分数"},
	})
}

// What a form shows of a kind fits the phone, and numbers go where they may.
func TestForms(t *testing.T) {
	t.Parallel()
	numeric := map[dialog.Kind]bool{
		dialog.Text{Min: 6, Max: 40}: false, dialog.LongText{Min: 20, Max: 800}: false, dialog.YesNo{}: true, dialog.Date{}: true,
		dialog.Number{Min: 1, Max: 9}: true, dialog.Money{}: true, dialog.Percent{}: true, dialog.Phone{}: true, dialog.Contact{}: false,
	}
	for k, want := range numeric {
		if k.Numeric() != want {
			t.Errorf("%T.Numeric() = %v, want %v", k, k.Numeric(), want)
		}
	}
	kinds := []dialog.Kind{stepRows(), pilotRows(), measureRows(), products(), dialog.Choice{Options: directions()}, dialog.Word{Words: []string{"承诺"}}}
	for k := range numeric {
		kinds = append(kinds, k)
	}
	for _, k := range kinds {
		if n := dialog.Runes(k.Form()); n == 0 || n > 30 {
			t.Errorf("%T.Form() has %d characters: %s", k, n, k.Form())
		}
		if _, long := k.(dialog.LongText); k.Long() != long {
			t.Errorf("%T.Long() = %v", k, k.Long())
		}
	}
}
