package handlers

import (
	"strconv"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// limitKind reads a 补正期限: working days or a day. Canonical "5" or "2026-11-30".
type limitKind struct{}

// Read accepts "5", "3个工作日", "三天", "下周一前".
func (limitKind) Read(text string, env dialog.Env) dialog.Reading {
	number := strings.TrimSpace(text)
	for _, tail := range []string{"以内", "之内", "内", "工作日", "天", "日", "个"} {
		number = strings.TrimSuffix(number, tail)
	}
	number = strings.TrimPrefix(number, "限")
	if r := (dialog.Number{Min: 1, Max: award.MaxReturnDays}).Read(number, env); r.Problem.OK() {
		return dialog.Reading{Value: r.Value, Echo: r.Value + " 个工作日"}
	} else if r.Problem.Kind == dialog.RuleBroken {
		return dialog.Breaks("补正期限写 1–" + itoa(award.MaxReturnDays) + " 个工作日。您写的是：" + dialog.Cut(text, 40))
	}
	r := dialog.Date{}.Read(text, env)
	if !r.Problem.OK() {
		return dialog.NotRead("期限没有看懂：“" + dialog.Cut(text, 40) + "”。请写几个工作日，或写到哪一天。")
	}
	day := toDate(r.Value).Date
	if !day.After(award.DateOf(env.Now)) {
		return dialog.Breaks("期限 " + day.Chinese() + " 已经到了，请写今天以后的日期。")
	}
	return dialog.Reading{Value: day.String(), Echo: day.Chinese() + " 前"}
}

// Show renders the limit.
func (limitKind) Show(value string) string {
	if days, day := limit(value); days == 0 && !day.IsZero() {
		return day.Chinese() + "前"
	}
	return value + " 个工作日"
}

// Form names the expected form.
func (limitKind) Form() string {
	return "写几个工作日，如 5；或写到哪一天，如 下周五"
}

// Numeric reports that bare numbers answer.
func (limitKind) Numeric() bool { return true }

// Long reports that this is a short answer.
func (limitKind) Long() bool { return false }

// limit takes a canonical limit apart: working days, or a day.
func limit(value string) (int, award.Date) {
	if n, err := strconv.Atoi(value); err == nil {
		return n, award.Date{}
	}
	d, err := award.ParseDate(value)
	if err != nil {
		return award.DefaultReturnDays, award.Date{}
	}
	return 0, d
}
