package dialog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cxbot/dialog"
)

func pasteLabels() []dialog.Label {
	return []dialog.Label{
		{Key: "title", Label: "课题名称", Aliases: []string{"题目", "项目名称"}},
		{Key: "unit", Label: "申报单位", Aliases: []string{"单位"}},
		{Key: "head", Label: "一把手"},
		{Key: "deputy", Label: "分管领导"},
		{Key: "resp", Label: "责任人", Aliases: []string{"负责人"}},
		{Key: "pilots", Label: "试点单位", Aliases: []string{"试点"}, List: true},
		{Key: "problem", Label: "拟解决的突出问题", Aliases: []string{"突出问题"}, Long: true},
		{Key: "content", Label: "试点内容", Long: true},
		{Key: "steps", Label: "实施步骤", Aliases: []string{"计划"}, List: true},
		{Key: "measures", Label: "具体措施", Aliases: []string{"措施"}},
		{Key: "finish", Label: "完成时间", Aliases: []string{"完成"}},
	}
}

// brief renders a paste for comparing: "key=raw" by " / ", then ?unknown, !twice
// and #template.
func brief(p dialog.Paste) string {
	var parts []string
	for _, it := range p.Items {
		parts = append(parts, it.Key+"="+strings.ReplaceAll(it.Raw, "\n", "⏎"))
	}
	for _, u := range p.Unknown {
		parts = append(parts, "?"+u)
	}
	for _, key := range p.Twice {
		parts = append(parts, "!"+key)
	}
	if p.Template != "" {
		parts = append(parts, "#"+p.Template)
	}
	return strings.Join(parts, " / ")
}

func TestReadPaste(t *testing.T) {
	t.Parallel()
	const ab = "title=议事会探索 / unit=清河镇党委"
	tests := []struct{ name, in, want string }{
		{"chinese colon", "课题名称：议事会探索\n申报单位：清河镇党委", ab},
		{"ascii colon", "课题名称: 议事会探索\n申报单位: 清河镇党委", ab},
		{"equals sign", "课题名称=议事会探索\n申报单位=清河镇党委", ab},
		{"windows lines", "课题名称：议事会探索\r\n申报单位：清河镇党委\r\n", ab},
		{"empty lines", "\n课题名称：议事会探索\n\n\n申报单位：清河镇党委\n", ab},
		{"numbers", "1. 课题名称：议事会探索\n2. 申报单位：清河镇党委", ab},
		{"numbers with 、", "1、课题名称：议事会探索\n2、申报单位：清河镇党委", ab},
		{"one line with numbers", "1. 课题名称：议事会探索 2. 申报单位：清河镇党委", ab},
		{"one line with 、", "1、课题名称：议事会探索 2、申报单位：清河镇党委", ab},
		{"one line with ．", "1．课题名称：议事会探索 2．申报单位：清河镇党委", ab},
		{"one line with )", "1)课题名称：议事会探索 2)申报单位：清河镇党委", ab},
		{"one line in circles", "①课题名称：议事会探索②申报单位：清河镇党委", ab},
		{"one line with （二）", "（一）课题名称：议事会探索 （二）申报单位：清河镇党委", ab},
		{"one line, number right behind", "1.课题名称：议事会探索2.申报单位：清河镇党委", ab},
		{"one line, marks between", "1. 课题名称：议事会探索；2. 申报单位：清河镇党委。", "title=议事会探索 / unit=清河镇党委。"},
		{"one line of a preview", "1 课题名称：议事会探索 2 申报单位：清河镇党委", ab},
		{"three in one line", "1. 课题名称：丙题目的名称探索 2. 申报单位：清河镇党委 3. 试点单位：东村", "title=丙题目的名称探索 / unit=清河镇党委 / pilots=东村"},
		{"two numbered in each line", "1. 课题名称：议事会探索 2. 申报单位：清河镇党委\n3. 试点单位：东村 4. 责任人：李四", ab + " / pilots=东村 / resp=李四"},
		{"numbers inside a list are its own", "6. 试点单位：东村\n7. 具体措施：1. 宣传 2. 试点：先行一步\n8. 责任人：李四", "pilots=东村 / measures=1. 宣传 2. 试点：先行一步 / resp=李四"},
		{"a bracket that ends in a number", "课题名称：议事会探索（见附件2） 申报单位：清河镇党委", "title=议事会探索（见附件2） / unit=清河镇党委"},
		{"a value that ends in a number", "课题名称：工作法1.0 申报单位：清河镇党委", "title=工作法1.0 / unit=清河镇党委"},
		{"numbers in brackets", "（1）课题名称：议事会探索\n（2）申报单位：清河镇党委", ab},
		{"chinese numbers", "一、课题名称：议事会探索\n二、申报单位：清河镇党委", ab},
		{"circled numbers", "①课题名称：议事会探索\n②申报单位：清河镇党委", ab},
		{"preview marks", "✓ 1 课题名称：议事会探索\n⚠ 2 申报单位：清河镇党委", ab},
		{"emoji marks", "⚠️ 1 课题名称：议事会探索\n✔️ 2 申报单位：清河镇党委", ab},
		{"brackets", "【课题名称】议事会探索\n【申报单位】清河镇党委", ab},
		{"brackets and colon", "【课题名称】：议事会探索\n【申报单位】： 清河镇党委", ab},
		{"word table", "课题名称\t议事会探索\n申报单位\t清河镇党委", ab},
		{"word table with numbers", "1.课题名称\t议事会探索\n2.申报单位\t清河镇党委", ab},
		{"label on its own line", "课题名称\n议事会探索\n申报单位\n清河镇党委", ab},
		{"label and colon on its own line", "课题名称：\n议事会探索\n申报单位：\n清河镇党委", ab},
		{"ocr blanks", "课 题 名 称 : 议事会探索\n申 报 单 位 ： 清河镇党委", ab},
		{"wide blanks", "课题名称　：　议事会探索\n申报单位　：　清河镇党委", ab},
		{"full-width digits", "１．课题名称：议事会探索\n２．申报单位：清河镇党委", ab},
		{"markdown bold", "**课题名称：** 议事会探索\n**申报单位**：清河镇党委", ab},
		{"markdown list", "- 课题名称：议事会探索\n- 申报单位：清河镇党委", ab},
		{"markdown heading", "# 课题名称：议事会探索\n## 申报单位：清河镇党委", ab},
		{"notes in brackets", "课题名称（6–40字）：议事会探索\n申报单位（全称：含党委）：清河镇党委", ab},
		{"stars of required fields", "*课题名称：议事会探索\n*申报单位：清河镇党委", ab},
		{"traditional characters", "課題名稱：议事会探索\n申報單位：清河镇党委", ab},
		{"zero-width characters", "\u200b课题名称：议事会探索\n\ufeff申报单位：清河镇党委", ab},
		{"aliases", "项目名称：议事会探索\n单位：清河镇党委", ab},
		{"one line, two colons", "课题名称：议事会探索 申报单位：：清河镇党委", ab},
		{"one line, blanks", "课题名称：议事会探索 申报单位：清河镇党委", ab},
		{"one line, commas", "课题名称：议事会探索，申报单位：清河镇党委", ab},
		{"one line, semicolons", "课题名称：议事会探索；申报单位：清河镇党委", ab},
		{"same value twice", "课题名称：议事会探索\n申报单位：清河镇党委\n课题名称：议事会探索", ab},
		{"empty first, value later", "课题名称：\n申报单位：清河镇党委\n课题名称：议事会探索", "unit=清河镇党委 / title=议事会探索"},
		{"heading", "课题备案表\n课题名称：议事会探索\n申报单位：清河镇党委", ab + " / #课题备案表"},
		{"heading in brackets", "【备案】\n课题名称：议事会探索\n申报单位：清河镇党委", ab + " / #备案"},
		{"out of order", "申报单位：清河镇党委\n完成时间：2027年6月\n课题名称：议事会探索", "unit=清河镇党委 / finish=2027年6月 / title=议事会探索"},
		{"twice with different values", "课题名称：议事会探索\n课题名称：别的\n申报单位：清河镇党委", "unit=清河镇党委 / !title"},
		{"twice by alias", "责任人：李四\n负责人：王五\n申报单位：清河镇党委", "unit=清河镇党委 / !resp"},
		{"three times", "申报单位：甲\n课题名称：A\n课题名称：B\n课题名称：A", "unit=甲 / !title"},
		{"unknown label", "课题名称：议事会探索\n联系邮箱：a@b.cn\n申报单位：清河镇党委", ab + " / ?联系邮箱"},
		{"unknown label with lines", "课题名称：议事会探索\n备注：\n随便\n写写\n申报单位：清河镇党委", ab + " / ?备注"},
		{"unknown table row", "课题名称\t议事会探索\n联系邮箱\ta@b.cn\n申报单位\t清河镇党委", ab + " / ?联系邮箱"},
		{"value with colons", "课题名称：议事会：探索\n申报单位：清河镇党委", "title=议事会：探索 / unit=清河镇党委"},
		{"value is a link", "课题名称：见 https://example.cn/a?b=1\n申报单位：清河镇党委", "title=见 https://example.cn/a?b=1 / unit=清河镇党委"},
		{"value runs on", "试点内容：建立机制\n公开结果\n完成时间：2027年", "content=建立机制⏎公开结果 / finish=2027年"},
		{"long value with heads of its own", "试点内容：\n议题收集：每月一次\n结果公开：每季一次\n完成时间：2027年", "content=议题收集：每月一次⏎结果公开：每季一次 / finish=2027年"},
		{"numbered rows", "实施步骤：\n1.2027年3月 调研\n2.2027年6月 试点\n完成时间：2027年", "steps=1.2027年3月 调研⏎2.2027年6月 试点 / finish=2027年"},
		{"rows with heads", "实施步骤：\n第一阶段：2027年3月前调研\n第二阶段：2027年6月前试点\n完成时间：2027年", "steps=第一阶段：2027年3月前调研⏎第二阶段：2027年6月前试点 / finish=2027年"},
		{"table rows in a list", "实施步骤\t1.2027年1-3月\t摸底\n调研\t2027年6月\n2027年9月\t推开\n填报日期\t2026年11月23日\n完成时间\t2027年", "steps=1.2027年1-3月\t摸底⏎调研\t2027年6月⏎2027年9月\t推开 / finish=2027年 / ?填报日期"},
		{"wide table rows in a list", "试点单位\n柳林村\t村\t张明\t13800000011\n联系邮箱\ta@b.cn\n完成时间\t2027年", "pilots=柳林村\t村\t张明\t13800000011 / finish=2027年 / ?联系邮箱"},
		{"labels in brackets", "试点单位：柳林村（类型：村，负责人：张明）；完成时间：2027年", "pilots=柳林村（类型：村，负责人：张明） / finish=2027年"},
		{"labels inside values", "试点单位：柳林村，负责人：王五\n责任人：李四\n完成时间：2027年", "pilots=柳林村，负责人：王五 / resp=李四 / finish=2027年"},
		{"unfilled", "课题名称：议事会探索\n分管领导：（未填）\n一把手：____\n申报单位：清河镇党委", ab},
		{"remark at the end", "课题名称：议事会探索\n申报单位：清河镇党委\n附件后补🙏", ab + " / ?附件后补🙏"},
		{"thanks at the end", "课题名称：议事会探索\n申报单位：清河镇党委\n谢谢", ab + " / ?谢谢"},
		{"page foot", "课题名称：议事会探索\n（第1/2页，回复 下一页）\n申报单位：清河镇党委\n返回 · 跳过 · 预览 · 帮助", ab},
		{"sections", "【基本信息】\n课题名称：议事会探索\n\n【试点】\n申报单位：清河镇党委", ab + " / #基本信息"},
		{"empty template", "课题名称：\n申报单位：\n完成时间：", ""},
		{"one label only", "课题名称：议事会探索", ""},
		{"no label", "我们想搞一个议事会", ""},
		{"label inside a sentence", "请问课题名称：怎么写\n还有别的吗", ""},
	}
	for _, tt := range tests {
		if got := brief(dialog.ReadPaste(tt.in, pasteLabels(), monday())); got != tt.want {
			t.Errorf("%s: ReadPaste(%q)\n got %s\nwant %s", tt.name, tt.in, got, tt.want)
		}
	}
}

// TestPasteIgnoresLabels holds labels that forms have and nobody reads: they end
// the value before them and are not reported.
func TestPasteIgnoresLabels(t *testing.T) {
	t.Parallel()
	labels := []dialog.Label{
		{Label: "填报日期", Ignore: true}, {Label: "申报党委", Aliases: []string{"申报单位", "单位", "题目"}, Ignore: true},
		{Key: "title", Label: "课题名称", Aliases: []string{"题目"}},
		{Key: "content", Label: "试点内容", Long: true},
	}
	tests := []struct {
		name, in, want, ignored string
		count                   int
	}{
		{"between fields", "课题名称：甲\n申报单位：清河镇党委\n试点内容：乙", "title=甲 / content=乙", "申报党委=清河镇党委", 3},
		{"with one field", "课题名称：甲\n单位：清河镇党委", "title=甲", "申报党委=清河镇党委", 2},
		{"ends a long value", "试点内容：甲\n乙\n填报日期：2026年11月23日\n完", "content=甲⏎乙", "填报日期=2026年11月23日⏎完", 2},
		{"empty", "课题名称：甲\n填报日期：\n", "title=甲", "", 2},
		{"one line", "课题名称：甲 单位：清河镇党委", "title=甲", "申报党委=清河镇党委", 2},
		{"a field's alias comes first", "题目：甲\n单位：乙", "title=甲", "申报党委=乙", 2},
		{"no field at all", "填报日期：2026年\n单位：乙", "", "", 0},
	}
	for _, tt := range tests {
		p := dialog.ReadPaste(tt.in, labels, monday())
		ignored := brief(dialog.Paste{Items: p.Ignored})
		if got := brief(p); got != tt.want || ignored != tt.ignored || p.Labels != tt.count {
			t.Errorf("%s: ReadPaste(%q) = %s, ignored %s, %d labels\nwant %s, ignored %s, %d labels", tt.name, tt.in, got, ignored, p.Labels, tt.want, tt.ignored, tt.count)
		}
	}
	if e, ok := dialog.ReadEdit("单位：清河镇党委", labels); ok {
		t.Errorf("an ignored label edits %+v", e)
	}
}

func TestPasteCountsLabels(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"课题名称：\n申报单位：\n完成时间：": 3,
		"课题名称：议事会\n申报单位：（未填）": 2,
		"课题名称：议事会":            0,
	} {
		if got := dialog.ReadPaste(in, pasteLabels(), monday()).Labels; got != want {
			t.Errorf("ReadPaste(%q).Labels = %d, want %d", in, got, want)
		}
	}
}

// A filled-in form shown as template or preview and pasted back is the same form.
func TestPasteRoundTrip(t *testing.T) {
	t.Parallel()
	steps := stepRows()
	value := steps.Read("2027年3月 调研\n2027年6月 试点，产出：方案", dialog.Env{Now: monday()}).Value
	shown := steps.Show(value)
	for _, text := range []string{
		"课题备案预览（已填 3/4）\n\n【基本信息】\n✓ 1 课题名称：议事会探索\n○ 2 申报单位：（未填）\n\n【安排】\n✓ 3 实施步骤：\n" + shown + "\n✓ 4 完成时间：2027年6月",
		"复制下面整段，填好后发回来就行：\n\n课题名称：议事会探索\n申报单位：\n实施步骤：\n" + shown + "\n完成时间：2027年6月",
	} {
		p := dialog.ReadPaste(text, pasteLabels(), monday())
		want := "title=议事会探索 / steps=" + strings.ReplaceAll(shown, "\n", "⏎") + " / finish=2027年6月"
		p.Template = ""
		if got := brief(p); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
			continue
		}
		if r := steps.Read(p.Items[1].Raw, dialog.Env{Now: monday(), Old: value}); r.Value != value {
			t.Errorf("steps read back as %q, want %q", r.Value, value)
		}
	}
}

// 200 labels and 100 kB are read in bounded time, each label found once (B62).
func TestPasteOfManyLabels(t *testing.T) {
	t.Parallel()
	var labels []dialog.Label
	var text strings.Builder
	for i := range 200 {
		name := fmt.Sprintf("第%d号栏目", i)
		labels = append(labels, dialog.Label{Key: fmt.Sprint("k", i), Label: name})
		fmt.Fprintf(&text, "%s：%s\n", name, strings.Repeat("值：", 80))
	}
	start := time.Now()
	p := dialog.ReadPaste(text.String(), labels, monday())
	if len(p.Items) != 200 || p.Labels != 200 {
		t.Errorf("%d items, %d labels of %d bytes, want 200", len(p.Items), p.Labels, text.Len())
	}
	dialog.ReadPaste(strings.ReplaceAll(text.String(), "\n", " "), labels, monday())
	dialog.ReadPaste(strings.Repeat("：", 100_000), labels, monday())
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("three pastes took %v", took)
	}
}

func TestReadEdit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want dialog.Edit
	}{
		{"改 5", dialog.Edit{Number: 5}},
		{"改5", dialog.Edit{Number: 5}},
		{"改 五", dialog.Edit{Number: 5}},
		{"改五", dialog.Edit{Number: 5}},
		{"改 ５", dialog.Edit{Number: 5}},
		{"修改第5项", dialog.Edit{Number: 5}},
		{"我要改第十项", dialog.Edit{Number: 10}},
		{"5.", dialog.Edit{Number: 5}},
		{"5。", dialog.Edit{Number: 5}},
		{"改 0", dialog.Edit{Number: -1}},
		{"改 -1", dialog.Edit{Number: -1}},
		{"改 99", dialog.Edit{Number: 99}},
		{"改 5 新内容", dialog.Edit{Number: 5, Op: "set", Value: "新内容"}},
		{"改5：新内容", dialog.Edit{Number: 5, Op: "set", Value: "新内容"}},
		{"改 5 第一行\n第二行", dialog.Edit{Number: 5, Op: "set", Value: "第一行\n第二行"}},
		{"第3项改成2027年6月", dialog.Edit{Number: 3, Op: "set", Value: "2027年6月"}},
		{"修改负责人", dialog.Edit{Key: "resp"}},
		{"改负责人", dialog.Edit{Key: "resp"}},
		{"改一下负责人", dialog.Edit{Key: "resp"}},
		{"我要改题目", dialog.Edit{Key: "title"}},
		{"题目改一下", dialog.Edit{Key: "title"}},
		{"题目不对", dialog.Edit{Key: "title"}},
		{"试点内容写错了", dialog.Edit{Key: "content"}},
		{"负责人：", dialog.Edit{Key: "resp"}},
		{"负责人：张三", dialog.Edit{Key: "resp", Op: "set", Value: "张三"}},
		{"负责人: 张三 书记 13800000011", dialog.Edit{Key: "resp", Op: "set", Value: "张三 书记 13800000011"}},
		{"5 负责人：张三", dialog.Edit{Key: "resp", Op: "set", Value: "张三"}},
		{"【题目】新题目", dialog.Edit{Key: "title", Op: "set", Value: "新题目"}},
		{"实施步骤：\n1.2027年3月 调研\n2.2027年6月 试点", dialog.Edit{Key: "steps", Op: "set", Value: "1.2027年3月 调研\n2.2027年6月 试点"}},
		{"改题目：新题目", dialog.Edit{Key: "title", Op: "set", Value: "新题目"}},
		{"修改题目为新题目", dialog.Edit{Key: "title", Op: "set", Value: "新题目"}},
		{"负责人改成张三", dialog.Edit{Key: "resp", Op: "set", Value: "张三"}},
		{"负责人换成张三", dialog.Edit{Key: "resp", Op: "set", Value: "张三"}},
		{"把试点单位改成东村", dialog.Edit{Key: "pilots", Op: "set", Value: "东村"}},
		{"完成时间改到2027年底", dialog.Edit{Key: "finish", Op: "set", Value: "2027年底"}},
		{"题目改为“新题目”", dialog.Edit{Key: "title", Op: "set", Value: "新题目"}},
		{"题目改一下，把“探索”两个字去掉", dialog.Edit{Key: "title", Op: "remove_text", Value: "探索"}},
		{"题目改一下,把“探索”两个字去掉", dialog.Edit{Key: "title", Op: "remove_text", Value: "探索"}},
		{"题目里的“探索”删掉", dialog.Edit{Key: "title", Op: "remove_text", Value: "探索"}},
		{"题目去掉“探索”", dialog.Edit{Key: "title", Op: "remove_text", Value: "探索"}},
		{"题目去掉探索两个字", dialog.Edit{Key: "title", Op: "remove_text", Value: "探索"}},
		{"把题目里的探索改成实践", dialog.Edit{Key: "title", Op: "replace", From: "探索", Value: "实践"}},
		{"题目改一下，把“探索”改成“实践”", dialog.Edit{Key: "title", Op: "replace", From: "探索", Value: "实践"}},
		{"试点单位再加一个：北岗社区,负责人吴芳 13800000044", dialog.Edit{Key: "pilots", Op: "add", Value: "北岗社区,负责人吴芳 13800000044"}},
		{"试点单位再加一个:北岗社区", dialog.Edit{Key: "pilots", Op: "add", Value: "北岗社区"}},
		{"试点单位增加一个北岗社区", dialog.Edit{Key: "pilots", Op: "add", Value: "北岗社区"}},
		{"实施步骤加一步：2027年6月 推广", dialog.Edit{Key: "steps", Op: "add", Value: "2027年6月 推广"}},
		{"试点单位去掉北岗", dialog.Edit{Key: "pilots", Op: "remove", Value: "北岗"}},
		{"把试点单位第2个去掉", dialog.Edit{Key: "pilots", Op: "remove", Value: "第2个"}},
		{"删掉试点单位第2个", dialog.Edit{Key: "pilots", Op: "remove", Value: "第2个"}},
		{"具体措施删掉第2条", dialog.Edit{Key: "measures", Op: "remove", Value: "第2条"}},
		{"负责人", dialog.Edit{Key: "resp"}},
		{"责任人", dialog.Edit{Key: "resp"}},
		{"试点单位", dialog.Edit{Key: "pilots"}},
		{"试点单位。", dialog.Edit{Key: "pilots"}},
		{"完成时间？", dialog.Edit{Key: "finish"}},
		{"完成时间：？", dialog.Edit{Key: "finish"}},
		{"题目改成如何破解基层难题", dialog.Edit{Key: "title", Op: "set", Value: "如何破解基层难题"}},
		{"第2步改到2028年8月", dialog.Edit{Key: "steps", Op: "set", Value: "第2步改到2028年8月"}},
		{"把第二步的时间改成2028年8月", dialog.Edit{Key: "steps", Op: "set", Value: "第二步的时间改成2028年8月"}},
		{"第2步完成时间推迟到2028年8月", dialog.Edit{Key: "steps", Op: "set", Value: "第2步完成时间推迟到2028年8月"}},
		{"第1家改成东村", dialog.Edit{Key: "pilots", Op: "set", Value: "第1家改成东村"}},
		{"试点单位第2个改成东村", dialog.Edit{Key: "pilots", Op: "set", Value: "第2个改成东村"}},
	}
	for _, tt := range tests {
		if got, ok := dialog.ReadEdit(tt.in, pasteLabels()); !ok || got != tt.want {
			t.Errorf("ReadEdit(%q) = %+v %v, want %+v", tt.in, got, ok, tt.want)
		}
	}
}

// Answers that begin with a label or look like a number are no edits.
func TestReadEditLeavesAnswersAlone(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"5", "改 3.2 新内容", "改 3.2", "负责人是谁", "柳林村党支部", "措施成效明显，群众满意", "完成为民服务中心建设", "试点增加党员活动频次",
		"试点加强党员教育", "措施不要流于形式", "措施删繁就简", "试点的旧办公室改成党群服务中心", "改进工作作风", "改善民生", "2027年6月", "1.建立台账\n2.每月例会",
		"课题名称：A\n申报单位：B", "", "加 北岗社区", "删 2", "完成",
		"提交不了怎么办", "怎么改责任人", "责任人怎么改", "责任人能改吗", "责任人改成谁？", "责任人改成谁", "责任人不用改", "不要改责任人", "题目不要改成新题目",
		"改 5 怎么改", "改 5 能改吗？", "完成时间改到什么时候", "试点单位第2个不要删掉", "试点单位第2个不用去掉", "删掉试点单位可以吗？",
		"第2条改成每月走访", "第2个改成东村", "第2步改到什么时候", "第一步将旧办公室改成议事厅", "第2步",
	} {
		if got, ok := dialog.ReadEdit(in, pasteLabels()); ok {
			t.Errorf("ReadEdit(%q) = %+v, want no edit", in, got)
		}
	}
}

func TestPasteKeepsOrderAfterRemovingTwice(t *testing.T) {
	t.Parallel()
	p := dialog.ReadPaste("课题名称：A\n申报单位：B\n完成时间：C\n课题名称：D\n完成时间：E\n申报单位：B", pasteLabels(), monday())
	slices.Sort(p.Twice)
	if got, want := brief(p), "unit=B / !finish / !title"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
