package dialog_test

import (
	"strings"
	"testing"

	"cxbot/dialog"
)

func TestContact(t *testing.T) {
	t.Parallel()
	const li = "李春梅|副书记|13800000011"
	tests := []struct{ in, want string }{
		{"李春梅 副书记 13800000011", li},
		{"李春梅，副书记，13800000011", li},
		{"李春梅,副书记,13800000011", li},
		{"李春梅、副书记、13800000011", li},
		{"李春梅；副书记；13800000011", li},
		{"李春梅/副书记/13800000011", li},
		{"李春梅\t副书记\t13800000011", li},
		{"李春梅\n副书记\n13800000011", li},
		{"李春梅（副书记）13800000011", li},
		{"李春梅(副书记)13800000011", li},
		{"李春梅（副书记，13800000011）", li},
		{"李春梅副书记13800000011", li},
		{"副书记李春梅 13800000011", li},
		{"副书记 李春梅 13800000011", li},
		{"副书记：李春梅 13800000011", li},
		{"13800000011 李春梅 副书记", li},
		{"13800000011李春梅副书记", li},
		{"副书记，13800000011，李春梅", li},
		{"李春梅 副书记 138 0000 0011", li},
		{"李春梅 副书记 138-0000-0011", li},
		{"李春梅 副书记 +86 13800000011", li},
		{"李春梅 副书记 １３８００００００１１", li},
		{"姓名：李春梅 职务：副书记 电话：13800000011", li},
		{"姓名:李春梅,职务:副书记,联系电话:13800000011", li},
		{"李春梅同志 副书记 13800000011", li},
		{"李春梅（女）副书记 13800000011", li},
		{"由李春梅副书记负责，电话13800000011", li},
		{"李春梅 副书记 手机13800000011", li},
		{"李春梅　副书记　13800000011", li},
		{"李春梅 副书记 13800000011。", li},
		{"周明，党委副书记，138 0000 0022", "周明|党委副书记|13800000022"},
		{"周明 党委副书记 13800000022", "周明|党委副书记|13800000022"},
		{"新来的副书记马超,13800000055", "马超|副书记|13800000055"},
		{"换成新任副书记马超 13800000055", "马超|副书记|13800000055"},
		{"王 强 镇长 13800000011", "王强|镇长|13800000011"},
		{"王　强　镇长　13800000011", "王强|镇长|13800000011"},
		{"王建国，党委书记、镇长，13800000011", "王建国|党委书记 镇长|13800000011"},
		{"清河镇党委副书记李春梅 13800000011", "李春梅|清河镇党委副书记|13800000011"},
		{"李春梅 清河镇党委副书记 13800000011", "李春梅|清河镇党委副书记|13800000011"},
		{"李春梅 党建办主任 13800000011", "李春梅|党建办主任|13800000011"},
		{"欧阳建国 党委书记 0512-88880000", "欧阳建国|党委书记|0512-88880000"},
		{"李春梅 组织委员 0512-88880000转801", "李春梅|组织委员|0512-88880000转801"},
		{"吐尔逊·买买提 书记 13800000011", "吐尔逊·买买提|书记|13800000011"},
		{"爨宝 书记 13800000011", "爨宝|书记|13800000011"},
		{"高兴 书记 13800000011", "高兴|书记|13800000011"},
		{"李春梅 党工委委员 13800000011", "李春梅|党工委委员|13800000011"},
	}
	for _, tt := range tests {
		r := dialog.Contact{}.Read(tt.in, dialog.Env{Label: "责任人"})
		if got := strings.ReplaceAll(r.Value, "\x1f", "|"); got != tt.want || !r.Problem.OK() {
			t.Errorf("Read(%q) = %s %q, want %s", tt.in, got, r.Problem.Text, tt.want)
		}
		again := dialog.Contact{}.Read(dialog.Contact{}.Show(r.Value), dialog.Env{})
		if again.Value != r.Value {
			t.Errorf("%q: shown and read again is %q, want %q", tt.in, again.Value, r.Value)
		}
	}
}

func TestContactAsksOnlyForWhatIsMissing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in, partial string
		kind        dialog.ProblemKind
		says        string
	}{
		{"陈静", "陈静||", dialog.RuleBroken, "还差职务和电话"},
		{"马超,13800000055", "马超||13800000055", dialog.RuleBroken, "还差职务"},
		{"周明 党委副书记", "周明|党委副书记|", dialog.RuleBroken, "还差电话"},
		{"13800000011", "||13800000011", dialog.RuleBroken, "还差姓名和职务"},
		{"副书记", "|副书记|", dialog.RuleBroken, "还差姓名和电话"},
		{"张副书记负责", "|副书记|", dialog.RuleBroken, "张副书记的全名"},
		{"李主任 13800000011", "|主任|13800000011", dialog.RuleBroken, "李主任的全名"},
		{"书记 王建国 1380000001", "王建国|书记|", dialog.RuleBroken, "10 位"},
		{"王建国 书记 12345678901", "王建国|书记|", dialog.RuleBroken, "13 到 19"},
		{"李春梅 副书记 13800000011 13800000012", "", dialog.NotUnderstood, "两个电话"},
		{"清河镇", "", dialog.NotUnderstood, "姓名"},
		{"我自己", "", dialog.NotUnderstood, "沿用"},
		{"我本人", "", dialog.NotUnderstood, "沿用"},
		{"我", "", dialog.NotUnderstood, "不写“我”"},
		{"本人", "", dialog.NotUnderstood, "请写姓名"},
		{"就是我", "", dialog.NotUnderstood, "请写姓名"},
		{"我来负责", "", dialog.NotUnderstood, "请写姓名"},
		{"我 副书记 13800000011", "", dialog.NotUnderstood, "请写姓名"},
		{"我自己，13800000011", "", dialog.NotUnderstood, "请写姓名"},
		{"不涉密", "", dialog.NotUnderstood, "您写的是：不涉密"},
		{"先存草稿", "", dialog.NotUnderstood, "您写的是：先存草稿"},
		{"接着", "", dialog.NotUnderstood, "姓名"},
		{"删了吧", "", dialog.NotUnderstood, "姓名"},
		{"我选错了", "", dialog.NotUnderstood, "姓名"},
		{"马上", "", dialog.NotUnderstood, "姓名"},
		{"单位", "", dialog.NotUnderstood, "姓名"},
		{"周五", "", dialog.NotUnderstood, "姓名"},
		{"时间 13800000011", "", dialog.NotUnderstood, "姓名"},
		{"爨宝", "", dialog.NotUnderstood, "姓名"},
		{"欧阳建国", "欧阳建国||", dialog.RuleBroken, "还差职务和电话"},
		{"爨宝 13800000011", "爨宝||13800000011", dialog.RuleBroken, "还差职务"},
		{"abc", "", dialog.NotUnderstood, "abc"},
		{"李春梅 王建国 13800000011", "", dialog.NotUnderstood, "姓名"},
		{strings.Repeat("负责人由镇党委研究以后再确定，", 8), "", dialog.NotUnderstood, "写一个人"},
	}
	for _, tt := range tests {
		r := dialog.Contact{}.Read(tt.in, dialog.Env{Label: "责任人"})
		got := strings.ReplaceAll(r.Value, "\x1f", "|")
		if got != tt.partial || r.Problem.Kind != tt.kind || !strings.Contains(r.Problem.Text, tt.says) {
			t.Errorf("Read(%q) = %q %v %q, want %q with %q", tt.in, got, r.Problem.Kind, r.Problem.Text, tt.partial, tt.says)
		}
	}
}

func TestContactIsCompletedByTheNextMessage(t *testing.T) {
	t.Parallel()
	tests := []struct{ first, second, want string }{
		{"陈静", "副主任 13900000033", "陈静|副主任|13900000033"},
		{"周明 党委副书记", "13800000022", "周明|党委副书记|13800000022"},
		{"张副书记 13800000011", "张国强", "张国强|副书记|13800000011"},
		{"书记 王建国 1380000001", "13800000012", "王建国|书记|13800000012"},
		// Another name is another person: nothing is carried over.
		{"周明 党委副书记 13800000022", "马超 副镇长", "马超|副镇长|"},
		{"周明 党委副书记 13800000022", "13900000023", "周明|党委副书记|13900000023"},
	}
	for _, tt := range tests {
		first := dialog.Contact{}.Read(tt.first, dialog.Env{})
		second := dialog.Contact{}.Read(tt.second, dialog.Env{Old: first.Value})
		if got := strings.ReplaceAll(second.Value, "\x1f", "|"); got != tt.want {
			t.Errorf("%q then %q = %q, want %q", tt.first, tt.second, got, tt.want)
		}
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want, says string }{
		{"13800000011", "13800000011", ""},
		{"138 0000 0011", "13800000011", ""},
		{"138-0000-0011", "13800000011", ""},
		{"+86 138 0000 0011", "13800000011", ""},
		{"86-13800000011", "13800000011", ""},
		{"008613800000011", "13800000011", ""},
		{"１３８００００００１１", "13800000011", ""},
		{"手机：13800000011", "13800000011", ""},
		{"电话13800000011。", "13800000011", ""},
		{"19900000011", "19900000011", ""},
		{"0512-88880000", "0512-88880000", ""},
		{"051288880000", "0512-88880000", ""},
		{"（0512）88880000", "0512-88880000", ""},
		{"010-88880000", "010-88880000", ""},
		{"0527 8888000", "0527-8888000", ""},
		{"0512-88880000转801", "0512-88880000转801", ""},
		{"0512-88880000 分机 801", "0512-88880000转801", ""},
		{"0512-88880000#801", "0512-88880000转801", ""},
		{"1380000001", "", "10 位"},
		{"138000000111", "", "12 位"},
		{"12000000011", "", "13 到 19"},
		{"88880000", "", "区号"},
		{"12345", "", "5 位"},
		{"没有", "", "手机号"},
		{"138abc00011", "", "手机号"},
		{"", "", "手机号"},
	}
	for _, tt := range tests {
		r := dialog.Phone{}.Read(tt.in, dialog.Env{})
		if r.Value != tt.want || !strings.Contains(r.Problem.Text, tt.says) || r.Problem.OK() != (tt.says == "") {
			t.Errorf("Read(%q) = %q %q, want %q %q", tt.in, r.Value, r.Problem.Text, tt.want, tt.says)
		}
	}
}
