package dialog

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// fixedHolidays are month and day of feasts that do not move.
var fixedHolidays = map[string][2]int{
	"元旦": {1, 1}, "新年": {1, 1}, "妇女": {3, 8}, "三八": {3, 8}, "植树": {3, 12}, "五一": {5, 1}, "劳动": {5, 1}, "五四": {5, 4}, "青年": {5, 4},
	"六一": {6, 1}, "儿童": {6, 1}, "七一": {7, 1}, "建党": {7, 1}, "党的生日": {7, 1}, "八一": {8, 1}, "建军": {8, 1}, "教师": {9, 10}, "国庆": {10, 1}, "十一": {10, 1},
	"圣诞": {12, 25},
}

// movingHolidays hold the days of feasts of the lunar and solar-term calendar,
// 2026 to 2030; outside the table the day is asked.
var movingHolidays = map[string][5][2]int{
	"春节": {{2, 17}, {2, 6}, {1, 26}, {2, 13}, {2, 3}},
	"除夕": {{2, 16}, {2, 5}, {1, 25}, {2, 12}, {2, 2}},
	"元宵": {{3, 3}, {2, 20}, {2, 9}, {2, 27}, {2, 17}},
	"清明": {{4, 5}, {4, 5}, {4, 4}, {4, 4}, {4, 5}},
	"端午": {{6, 19}, {6, 9}, {5, 28}, {6, 16}, {6, 5}},
	"中秋": {{9, 25}, {9, 15}, {10, 3}, {9, 22}, {9, 12}},
	"重阳": {{10, 18}, {10, 8}, {10, 26}, {10, 16}, {10, 5}},
}

const firstMoving = 2026

// holidayNames are all feasts that are read.
const holidayNames = `元旦|新年|妇女|三八|植树|五一|劳动|五四|青年|六一|儿童|七一|建党|党的生日|八一|建军|教师|国庆|十一|圣诞|春节|过年|除夕|元宵|清明|端午|中秋|重阳`

var holidayForm = regexp.MustCompile(`^(.*?)(` + holidayNames + `)(节|日)?(当天|当日)?(之前|以前|前)?$`)

// holiday reads a feast with or without a year; 前 is the day before it. ok is
// false when the phrase is no feast at all.
func holiday(s string, ctx dateContext) (dateRead, Problem, bool) {
	m := holidayForm.FindStringSubmatch(s)
	if m == nil {
		return dateRead{}, Problem{}, false
	}
	year, rest := cutYear(arabic(m[1]), ctx)
	if rest != "" && rest != "年" {
		return dateRead{}, Problem{}, false
	}
	name := strings.Replace(m[2], "过年", "春节", 1)
	if m[2] == "过年" && m[5] == "" {
		return dateRead{}, Problem{}, false
	}
	before := m[5] != ""
	if year == 0 {
		from := ctx.from()
		other := from.Year() + 1
		if ctx.past {
			other = from.Year() - 1
		}
		for _, y := range []int{from.Year(), other} {
			t, ok := feast(name, y)
			if before {
				t = t.AddDate(0, 0, -1)
			}
			if ok && (!ctx.past && !t.Before(from) || ctx.past && !t.After(from)) {
				return dateRead{t, byDay}, Problem{}, true
			}
		}
		year = other
	}
	t, ok := feast(name, year)
	if !ok {
		_, p := askDate(fmt.Sprintf("%d年%s是几号？请写公历日期。", year, name))
		return dateRead{}, p, true
	}
	if before {
		t = t.AddDate(0, 0, -1)
	}
	return dateRead{t, byDay}, Problem{}, true
}

// feast is the day of a feast in a year.
func feast(name string, year int) (time.Time, bool) {
	if md, ok := fixedHolidays[name]; ok {
		return day(year, md[0], md[1]), true
	}
	days, ok := movingHolidays[name]
	if !ok || year < firstMoving || year >= firstMoving+len(days) {
		return time.Time{}, false
	}
	md := days[year-firstMoving]
	return day(year, md[0], md[1]), true
}
