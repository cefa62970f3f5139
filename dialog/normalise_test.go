package dialog_test

import (
	"testing"

	"cxbot/dialog"
)

func TestNormalise(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"full-width digits and letters", "１２ＡＢｃ", "12ABc"},
		{"full-width percent and dot", "１２．５％", "12.5%"},
		{"chinese punctuation stays", "甲，乙。丙：丁；（戊）！？～", "甲，乙。丙：丁；（戊）！？～"},
		{"blanks", "  甲 \u3000 乙\u00a0丙  ", "甲 乙 丙"},
		{"lines", "甲\r\n乙\r丙\u2028丁", "甲\n乙\n丙\n丁"},
		{"soft line break of Word", "甲\v乙", "甲\n乙"},
		{"line ends", " 甲 \n  乙\t", "甲\n乙"},
		{"empty lines inside stay", "甲\n\n乙\n\n", "甲\n\n乙"},
		{"tabs between cells", "甲 \t 乙\t\t丙", "甲\t乙\t\t丙"},
		{"empty first cell", "\t甲\t乙", "\t甲\t乙"},
		{"indented line", "\t甲", "甲"},
		{"zero width", "甲\u200b乙\ufeff丙\u2060丁\u00ad", "甲乙丙丁"},
		{"bidi controls", "甲\u202e乙\u2066丙\u200f", "甲乙丙"},
		{"interlinear marks", "\ufff9甲\ufffa乙\ufffb", "甲乙"},
		{"tag characters", "甲\U000e0041\U000e007f", "甲"},
		{"control characters", "甲\x00\x07\x1b乙\u0081", "甲乙"},
		{"our separators", "甲\x1e乙\x1f丙", "甲乙丙"},
		{"invalid bytes", "甲\xff乙", "甲\ufffd乙"},
		{"emoji family", "👨\u200d👩\u200d👧好", "👨\u200d👩\u200d👧好"},
		{"emoji with heart", "❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"},
		{"skin tone", "👍🏽\u200d", "👍🏽"},
		{"joiner between letters goes", "甲\u200d乙", "甲乙"},
		{"combining mark", "e\u0301", "e\u0301"},
		{"rare han", "𠮷𡋾㛃𰻞", "𠮷𡋾㛃𰻞"},
		{"variation of a han", "葛\U000e0100", "葛\U000e0100"},
		{"private use", "甲\ue001", "甲\ue001"},
		{"mathematical letters", "𝐀", "𝐀"},
		{"name with a dot", "买买提·吐尔逊", "买买提·吐尔逊"},
		{"radicals of PDF text", "⼯作⽅案⻓", "工作方案长"},
		{"small forms", "甲﹐乙﹕丙", "甲，乙：丙"},
		{"nothing", " \u200b\n", ""},
	}
	for _, tt := range tests {
		got := dialog.Normalise(tt.in)
		if got != tt.want {
			t.Errorf("%s: Normalise(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
		if again := dialog.Normalise(got); again != got {
			t.Errorf("%s: not stable: %q then %q", tt.name, got, again)
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"提交", "提交"}, {" 提 交 ", "提交"}, {"提交。", "提交"}, {"提交！！", "提交"}, {"提交吧", "提交"}, {"请提交", "提交"}, {"提交一下", "提交"},
		{"提交谢谢", "提交"}, {"提交～", "提交"}, {"提交👍🏽", "提交"}, {"/提交", "提交"}, {"#提交", "提交"}, {"幫助", "帮助"}, {"說明", "说明"}, {"HELP", "help"},
		{"Save Draft", "save draft"}, {"完成了", "完成"}, {"完成啦！", "完成"}, {"算了", "算了"}, {"好了", "好了"}, {"好的呢", "好的"}, {"请假", "请假"},
		{"取消该课题", "取消该课题"}, {"完成了吗", "完成了吗"}, {"？", "?"}, {"。。", ".."}, {"没问题，提交", "没问题,提交"}, {"", ""}, {"吧", "吧"},
		{"麻烦 继续 2", "继续2"}, {"１", "1"},
	}
	for _, tt := range tests {
		if got := dialog.Key(tt.in); got != tt.want {
			t.Errorf("Key(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"": false, " \n\t": false, "\u200b\u200b": false, "\u202e": false, "\u3000": false, "\u3164": false, "\u2800": false, "\u0301": false,
		"甲": true, "。": true, "🙏": true, "\ue001": true,
	} {
		if got := dialog.Visible(in); got != want {
			t.Errorf("Visible(%q) = %v, want %v", in, got, want)
		}
	}
}

func TestRunes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"": 0, "课题": 2, "ab": 2, "e\u0301": 1, "👨\u200d👩\u200d👧": 1, "👍🏽": 1, "❤\ufe0f": 1, "🇨🇳": 1, "🇨🇳🇨🇳": 2, "𠮷": 1, "葛\U000e0100城": 2, "1\ufe0f\u20e3": 1,
	} {
		if got := dialog.Runes(in); got != want {
			t.Errorf("Runes(%q) = %d, want %d", in, got, want)
		}
	}
}
