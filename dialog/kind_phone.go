package dialog

import (
	"fmt"
	"regexp"
	"strings"
)

// Phone is a mobile number ("13900000000") or a land line with area code and
// perhaps an extension ("0512-88880000转801"), which is canonical.
type Phone struct{}

// Read implements Kind.
func (Phone) Read(text string, _ Env) Reading {
	typed := oneLineText(Normalise(text))
	value, problem := readPhone(typed)
	if problem.Kind != None {
		return Reading{Problem: problem}
	}
	return echoed(value, typed, value)
}

// Show implements Kind.
func (Phone) Show(value string) string { return value }

// Form implements Kind.
func (Phone) Form() string { return "写手机号或带区号的座机" }

// Numeric implements Kind.
func (Phone) Numeric() bool { return true }

// Long implements Kind.
func (Phone) Long() bool { return false }

var (
	mobile   = regexp.MustCompile(`^(?:\+?86|0086)?(1[3-9]\d{9})$`)
	landLine = regexp.MustCompile(`^(?:\+?86|0086)?(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})(?:(?:转|分机|ext|#|x)(\d{1,6}))?$`)
	// dashed is an extension behind a dash.
	dashed    = regexp.MustCompile(`(0\d{2,3}[）)]?[- —–]?\d{7,8})[-—–](\d{1,6})$`)
	phoneHead = regexp.MustCompile(`^(?:联系电话|手机号码|手机号|电话号码|电话|手机|座机|办公电话|tel)(?:是|为)?[:：]?`)
)

// readPhone reads one telephone number; the problem says what is not right.
func readPhone(typed string) (string, Problem) {
	s := phoneHead.ReplaceAllString(strings.ToLower(compact(bracketNote.ReplaceAllString(typed, ""))), "")
	s = dashed.ReplaceAllString(s, "${1}转$2")
	s = strings.NewReplacer("（", "", "）", "", "(", "", ")", "", "-", "", "—", "", "–", "", "·", "", ".", "", "、转", "转", "，转", "转", ",转", "转").Replace(s)
	if m := mobile.FindStringSubmatch(s); m != nil {
		return m[1], Problem{}
	}
	if m := landLine.FindStringSubmatch(s); m != nil {
		value := m[1] + "-" + m[2]
		if m[3] != "" {
			value += "转" + m[3]
		}
		return value, Problem{}
	}
	digits := strings.TrimLeft(s, "+")
	switch {
	case digits == "" || !allDigits(digits):
		return "", Problem{NotUnderstood, quoted("请写手机号或带区号的座机，如 13900000000。", shortQuote(typed))}
	case len(digits) == 7 || len(digits) == 8:
		return "", Problem{RuleBroken, quoted("座机请带区号，如 0512-"+digits+"。", typed)}
	case strings.HasPrefix(digits, "1") && len(digits) != 11:
		return "", Problem{RuleBroken, quoted(fmt.Sprintf("手机号要 11 位，现在是 %d 位，请核对。", len(digits)), typed)}
	case len(digits) == 11:
		return "", Problem{RuleBroken, quoted("手机号要以 13 到 19 开头，请核对。", typed)}
	}
	return "", Problem{RuleBroken, quoted(fmt.Sprintf("电话是 %d 位，对不上：手机号 11 位，座机是区号加 7 或 8 位。", len(digits)), typed)}
}
