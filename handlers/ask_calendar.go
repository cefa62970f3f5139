package handlers

import (
	"fmt"
	"strconv"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// calendarQuery answers whether a day is worked and whether a year's holidays
// are known; deadlines rest on both (C76).
func calendarQuery() *Query {
	answer := func(v V, s dialog.Slots) dialog.Answer {
		if s["date"] != "" {
			return dialog.Answer{Text: dayText(v, s["date"])}
		}
		return dialog.Answer{Text: yearText(v, s["year"])}
	}
	return &Query{
		ID: "calendar", Title: "看放假安排",
		Intent: dialog.Intent{
			Exact: []string{"放假安排", "工作日历", "节假日", "调休安排"},
			Patterns: []string{
				`(?P<year>20\d\d年?|今年|明年|后年)?(?:的)?(?:放假|节假日|调休|工作日|日历)+(?:的)?(?:安排|表|通知|日历)?(?:都)?(?:已经)?(?:导入|导进来|导|录入|录|有|公布|更新|出来)了?(?:吗|没有?|了没)?[?？]?`,
				`(?P<date>(?:\d|[一二三四五六七八九十]{1,3}月|今天|明天|后天|大后天|这?周|本周|下周|下个?月|明年|元旦|国庆)[^,，。？?]{0,12}?)(?:那天|当天)?(?:是不是|要不要|用不用|要|用|还|是|算)*(?:上班|放假|休息|工作日)(?:吗|不|么|嘛|呢)?[?？]?`,
			},
		},
		Answer: answer, Group: answer,
	}
}

// dayText says whether one day is worked, and why.
func dayText(v V, text string) string {
	r := (dialog.Date{}).Read(text, dialog.Env{Now: v.Now})
	if !r.Problem.OK() || toDate(r.Value).Precision != award.PrecisionDay {
		return "请说是哪一天，如“12月25日上班吗”。"
	}
	d, cal := toDate(r.Value).Date, v.Calendar()
	state, why := "上班", cal.Why(d)
	if !cal.IsWorking(d) {
		state = "不上班"
	}
	answer := d.Chinese() + state
	if why != "工作日" && !strings.HasPrefix(why, "周") {
		answer += "（" + why + "）"
	}
	if !cal.Known(d.Year) {
		return answer + fmt.Sprintf("。%d年的放假安排还没有导入，这是按周末推算的。", d.Year)
	}
	return answer + "。"
}

// yearText says whether a year's holidays have been imported; of no year named,
// this and the next.
func yearText(v V, word string) string {
	this := award.DateOf(v.Now).Year
	years := []int{this, this + 1}
	switch n, err := strconv.Atoi(strings.TrimSuffix(word, "年")); {
	case err == nil:
		years = []int{n}
	case word == "今年":
		years = []int{this}
	case word == "明年":
		years = []int{this + 1}
	case word == "后年":
		years = []int{this + 2}
	}
	cal := v.Calendar()
	var lines []string
	for _, year := range years {
		first, last := award.Date{Year: year - 1, Month: 12, Day: 31}, award.Date{Year: year, Month: 12, Day: 31}
		span := cal.Crossed(first, last)
		if !cal.Known(year) {
			lines = append(lines, fmt.Sprintf("%d年的放假安排还没有导入，这一年的工作日先按周末推算。国务院公布后由管理员导入。", year))
			continue
		}
		lines = append(lines, fmt.Sprintf("%d年的放假安排已导入：", year))
		for _, h := range span.Holidays {
			line := fmt.Sprintf("· %s：%d月%d日", h.Name, h.From.Month, h.From.Day)
			if h.From != h.To {
				line += fmt.Sprintf("—%d月%d日", h.To.Month, h.To.Day)
			}
			lines = append(lines, line)
		}
		if len(span.Worked) > 0 {
			days := make([]string, 0, len(span.Worked))
			for _, d := range span.Worked {
				days = append(days, d.Short())
			}
			lines = append(lines, "· 调休上班："+strings.Join(days, "、"))
		}
	}
	return strings.Join(lines, "\n")
}
