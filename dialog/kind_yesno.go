package dialog

import (
	"slices"
	"strings"
)

// Canonical values of YesNo.
const (
	Yes = "是"
	No  = "否"
)

// YesNo is a yes/no answer; canonical "是" or "否".
type YesNo struct{}

// Words people say for yes and no, as Key spells them.
var (
	yesWords = []string{
		"是", "是的", "对", "对的", "好", "好的", "可以", "确认", "确定", "同意", "嗯", "嗯嗯", "恩", "没错", "没问题", "没有问题", "行", "成", "中", "要", "有",
		"需要", "是是", "对对", "正确", "属实", "就这样", "就是", "当然", "1", "y", "yes", "ok", "okay", "true", "√", "✓", "shi", "hao", "选1", "1是",
	}
	noWords = []string{
		"否", "不", "不是", "不是的", "不对", "不行", "不可以", "不同意", "不要", "不用", "不需要", "没有", "无", "先不", "先不用", "暂不", "暂时不", "暂时不用", "暂不需要", "暂时不需要",
		"算了", "不了", "2", "n", "no", "false", "×", "bu", "选2", "2否", "还没", "还没有", "未",
	}
)

// Read implements Kind.
func (YesNo) Read(text string, _ Env) Reading {
	switch {
	case questioned(text):
	case allOf(text, yesWords):
		return Reading{Value: Yes}
	case allOf(text, noWords):
		return Reading{Value: No}
	}
	return NotRead(quoted("请回复 是 或 否（也可以回 1 或 2）。", shortQuote(text)))
}

// allOf reports whether a text is made of words of a list ("对的，没错").
func allOf(text string, words []string) bool {
	key := Key(text)
	if half := key[:len(key)/2]; slices.Contains(words, key) || half+half == key && slices.Contains(words, half) {
		return true
	}
	parts := strings.FieldsFunc(key, func(r rune) bool { return strings.ContainsRune(" ,.、;!", r) })
	for _, p := range parts {
		if !slices.Contains(words, Key(p)) {
			return false
		}
	}
	return len(parts) > 1 && len(parts) < 4
}

// Show implements Kind.
func (YesNo) Show(value string) string { return value }

// Form implements Kind.
func (YesNo) Form() string { return "回复 是 或 否" }

// Numeric implements Kind.
func (YesNo) Numeric() bool { return true }

// Long implements Kind.
func (YesNo) Long() bool { return false }

// Word is a signature in words (承诺、保密确认): the person must say one of Words
// or plainly agree. Canonical is the first of Words, "确认" when there are none.
type Word struct{ Words []string }

// agreeWords confirm any signature, as Key spells them.
var agreeWords = []string{
	"确认", "已确认", "我确认", "确认无误", "承诺", "我承诺", "本人承诺", "本人确认", "已承诺", "同意", "没有涉密", "没有涉密内容", "不涉密", "无涉密", "无涉密内容", "未涉密",
	"不涉及", "不涉及秘密", "是", "是的", "好", "好的", "可以", "对", "没问题", "没有问题", "已核对", "1", "y", "yes", "ok", "√", "✓",
}

// Read implements Kind.
func (k Word) Read(text string, _ Env) Reading {
	key := Key(text)
	if questioned(text) {
		return NotRead(quoted("请回复 "+k.value()+"（也可以回 1）。", shortQuote(text)))
	}
	for _, w := range k.Words {
		if key == Key(w) {
			return Reading{Value: k.value()}
		}
	}
	if slices.Contains(agreeWords, key) {
		return Reading{Value: k.value()}
	}
	if slices.Contains(noWords, key) {
		return Breaks("这一项要确认后才能报送。核对清楚了请回复 " + k.value() + "；暂时不能确认，可以先填别的项。")
	}
	return NotRead(quoted("请回复 "+k.value()+"（也可以回 1）。", shortQuote(text)))
}

func (k Word) value() string {
	if len(k.Words) > 0 {
		return k.Words[0]
	}
	return "确认"
}

// Show implements Kind.
func (Word) Show(value string) string { return value }

// Form implements Kind.
func (k Word) Form() string { return "回复 " + k.value() }

// Numeric implements Kind.
func (Word) Numeric() bool { return true }

// Long implements Kind.
func (Word) Long() bool { return false }

// shortQuote is what was typed on one line, "" when too long to repeat.
func shortQuote(text string) string {
	s := oneLineText(Normalise(text))
	if Runes(s) > 40 {
		return ""
	}
	return s
}
