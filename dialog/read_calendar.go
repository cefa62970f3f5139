package dialog

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var (
	fullDate   = regexp.MustCompile(`^(\d{4})([-/.])(\d{1,2})([-/.])(\d{1,2})[日号]?$`)
	shortYear  = regexp.MustCompile(`^(\d{2})([-/.])(\d{1,2})([-/.])(\d{1,2})$`)
	eightDigit = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	yearMonth  = regexp.MustCompile(`^(20\d{2})(?:[-/.](\d{1,2})|(\d{2}))月?$`)
	monthDay   = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[日号]?$`)
	yearHead   = regexp.MustCompile(`^(?:(\d{4})年度?|(\d{2})年度?|(\d{4})|(今年|本年度|本年|当年|明年|大后年|后年|去年|前年))的?`)
	monthForm  = regexp.MustCompile(`^(\d{1,2})月份?(底|末|月底|月末|上旬|中旬|下旬|初|中)?$`)
	monthDayCN = regexp.MustCompile(`^(\d{1,2})月(?:份的?)?(\d{1,2})[日号]?$`)
	quarter    = regexp.MustCompile(`^(?:第?([1-4])季度?|q([1-4])|([1-4])q)(?:末|底)?$`)
	halfYear   = regexp.MustCompile(`^(上|下)半年(?:末|底)?$`)
	thisMonth  = regexp.MustCompile(`^(本|这个?|当|下下个?|下个?|上个?)月的?(底|末|内|上旬|中旬|下旬|初|中|(\d{1,2})[日号])?$`)
	quarterEnd = regexp.MustCompile(`^(本|这个?|下下个?|下个?|上个?)?季度(末|底|内)?$`)
	dayOnly    = regexp.MustCompile(`^(\d{1,2})[日号]$`)
	weekForm   = regexp.MustCompile(`^(下下个?|下个?|上个?|本|这个?)?周([1-7日天末])$`)
)

// calendarDate reads a phrase of the calendar, numerals already in digits.
func calendarDate(s string, ctx dateContext) (dateRead, Problem) {
	if d, problem, ok := digitDate(s, ctx); ok {
		return d, problem
	}
	if d, ok := weekDate(s, ctx); ok {
		return d, Problem{}
	}
	if d, problem, ok := monthWord(s, ctx); ok {
		return d, problem
	}
	if d, ok := quarterWord(s, ctx); ok {
		return d, Problem{}
	}
	year, rest := cutYear(s, ctx)
	switch {
	case year == 0:
	case rest == "":
		return dateRead{day(year, 12, 31), byYear}, Problem{}
	case rest == "底", rest == "末", rest == "终", rest == "内", rest == "年底", rest == "年末", rest == "年内", rest == "全年":
		return dateRead{day(year, 12, 31), byYear}, Problem{}
	case rest == "初", rest == "年初":
		return askDate(fmt.Sprintf("%d年初是几月？请写月份，如 %d年2月。", year, year))
	case rest == "中", rest == "年中":
		return askDate(fmt.Sprintf("%d年中是几月？请写月份，如 %d年6月。", year, year))
	}
	if year == 0 {
		switch s {
		case "年底", "年末", "岁末", "年内", "年终", "全年":
			return dateRead{day(ctx.from().Year(), 12, 31), byYear}, Problem{}
		case "年初", "年中":
			return askDate(fmt.Sprintf("“%s”是几月？请写年月，如 %d年6月。", s, ctx.today().Year()+1))
		}
	}
	return partOfYear(rest, year, ctx)
}

// cutYear takes the year off; 0 when none is named.
func cutYear(s string, ctx dateContext) (year int, rest string) {
	m := yearHead.FindStringSubmatch(s)
	if m == nil {
		return 0, s
	}
	rest = s[len(m[0]):]
	now := ctx.today().Year()
	switch {
	case m[1] != "":
		return atoi(m[1]), rest
	case m[2] != "":
		if year = firstYear + atoi(m[2]); !nearYear(year, ctx) {
			return 0, s
		}
		return year, rest
	case m[3] != "":
		if rest == "" || strings.ContainsAny(rest[:1], "0123456789-/.") {
			if year = atoi(m[3]); rest == "" && year >= firstYear && year <= lastYear {
				return year, rest
			}
			return 0, s
		}
		return atoi(m[3]), rest
	}
	return now + map[string]int{"明年": 1, "后年": 2, "大后年": 3, "去年": -1, "前年": -2}[m[4]], rest
}

// partOfYear reads what follows a year, or stands without one (year 0).
func partOfYear(s string, year int, ctx dateContext) (dateRead, Problem) {
	if m := halfYear.FindStringSubmatch(s); m != nil {
		month := 6
		if m[1] == "下" {
			month = 12
		}
		return ctx.span(year, month, byMonth), Problem{}
	}
	if m := quarter.FindStringSubmatch(s); m != nil {
		return ctx.span(year, 3*atoi(m[1]+m[2]+m[3]), byQuarter), Problem{}
	}
	if m := monthForm.FindStringSubmatch(s); m != nil {
		return ctx.month(year, atoi(m[1]), m[2])
	}
	if m := monthDayCN.FindStringSubmatch(s); m != nil {
		return ctx.day(year, atoi(m[1]), atoi(m[2]))
	}
	if m := monthDay.FindStringSubmatch(s); m != nil && year != 0 {
		return ctx.day(year, atoi(m[1]), atoi(m[2]))
	}
	if m := dayOnly.FindStringSubmatch(s); m != nil && year == 0 {
		return ctx.nextDay(atoi(m[1]))
	}
	return unread()
}

// span is a part of a year that ends with a month.
func (c dateContext) span(year, month int, precision string) dateRead {
	if year == 0 {
		year = c.yearFor(func(y int) time.Time { return monthEnd(y, month) })
	}
	return dateRead{monthEnd(year, month), precision}
}

// yearFor picks the year for a date named without one: the next to come, or the
// last gone by where records are kept.
func (c dateContext) yearFor(in func(year int) time.Time) int {
	from := c.from()
	year := from.Year()
	switch {
	case c.past && in(year).After(from):
		return year - 1
	case !c.past && in(year).Before(from):
		return year + 1
	}
	return year
}

// month reads a month and what was said of it.
func (c dateContext) month(year, month int, part string) (dateRead, Problem) {
	if month < 1 || month > 12 {
		return dateRead{}, noSuchMonth(month)
	}
	switch part {
	case "上旬", "中旬":
		d := 10
		if part == "中旬" {
			d = 20
		}
		return c.day(year, month, d)
	case "初", "中":
		return askDate(fmt.Sprintf("%d月%s是几号？请写日期，如 %d月%d日。", month, part, month, map[string]int{"初": 5, "中": 15}[part]))
	}
	return c.span(year, month, byMonth), Problem{}
}

// day makes a day and says why there is none.
func (c dateContext) day(year, month, dom int) (dateRead, Problem) {
	if month < 1 || month > 12 {
		return dateRead{}, noSuchMonth(month)
	}
	if year == 0 {
		year = c.yearFor(func(y int) time.Time { return day(y, month, dom) })
	}
	last := monthEnd(year, month).Day()
	if dom < 1 || dom > last {
		return dateRead{}, Problem{RuleBroken, fmt.Sprintf("没有%d月%d日：%d年%d月有 %d 天。请再写一次日期。", month, dom, year, month, last)}
	}
	return dateRead{day(year, month, dom), byDay}, Problem{}
}

// nextDay is the n-th of this month, or of the next one when that is past.
func (c dateContext) nextDay(dom int) (dateRead, Problem) {
	from := c.from()
	y, m, d := from.Date()
	switch {
	case c.past && dom > d:
		return c.day(day(y, int(m)-1, 1).Year(), int(day(y, int(m)-1, 1).Month()), dom)
	case !c.past && dom < d:
		next := day(y, int(m)+1, 1)
		return c.day(next.Year(), int(next.Month()), dom)
	}
	return c.day(y, int(m), dom)
}

func noSuchMonth(month int) Problem {
	return Problem{RuleBroken, fmt.Sprintf("一年只有 12 个月，没有 %d 月。请再写一次日期。", month)}
}

// digitDate reads dates written in digits and separators.
func digitDate(s string, ctx dateContext) (dateRead, Problem, bool) {
	if m := fullDate.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		d, p := ctx.day(atoi(m[1]), atoi(m[3]), atoi(m[5]))
		return d, p, true
	}
	if m := eightDigit.FindStringSubmatch(s); m != nil {
		d, p := ctx.day(atoi(m[1]), atoi(m[2]), atoi(m[3]))
		return d, p, true
	}
	if m := yearMonth.FindStringSubmatch(s); m != nil {
		d, p := ctx.month(atoi(m[1]), atoi(m[2]+m[3]), "")
		return d, p, true
	}
	if m := shortYear.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		if year := firstYear + atoi(m[1]); nearYear(year, ctx) {
			d, p := ctx.day(year, atoi(m[3]), atoi(m[5]))
			return d, p, true
		}
	}
	if m := monthDay.FindStringSubmatch(s); m != nil && atoi(m[1]) > 0 {
		d, p := ctx.day(0, atoi(m[1]), atoi(m[2]))
		return d, p, true
	}
	return dateRead{}, Problem{}, false
}

// nearYear reports a year that may be written with two digits.
func nearYear(year int, ctx dateContext) bool {
	const back, ahead = 2, 10
	off := year - ctx.today().Year()
	return off >= -back && off <= ahead
}

// weekDate reads 周五, 本周五, 下周一, 下下周一, 周末 (Sunday). Weeks begin on Monday.
func weekDate(s string, ctx dateContext) (dateRead, bool) {
	m := weekForm.FindStringSubmatch(s)
	if m == nil {
		return dateRead{}, false
	}
	wanted := 7
	if m[2] >= "1" && m[2] <= "7" {
		wanted = atoi(m[2])
	}
	today := ctx.today()
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	t := monday.AddDate(0, 0, 7*shiftOf(m[1])+wanted-1)
	if m[1] == "" && !ctx.past && t.Before(today) {
		t = t.AddDate(0, 0, 7)
	}
	if m[1] == "" && ctx.past && t.After(today) {
		t = t.AddDate(0, 0, -7)
	}
	return dateRead{t, byDay}, true
}

// quarterWord reads 本季度, 下季度, 季度末.
func quarterWord(s string, ctx dateContext) (dateRead, bool) {
	m := quarterEnd.FindStringSubmatch(s)
	if m == nil || m[1] == "" && m[2] == "" {
		return dateRead{}, false
	}
	y, month, _ := ctx.today().Date()
	end := (int(month)+2)/3*3 + 3*shiftOf(m[1])
	return dateRead{monthEnd(y, end), byQuarter}, true
}

// shiftOf is how many weeks, months or quarters on 下, 下下 and 上 mean.
func shiftOf(word string) int {
	switch strings.TrimSuffix(word, "个") {
	case "下":
		return 1
	case "下下":
		return 2
	case "上":
		return -1
	}
	return 0
}

// monthWord reads 本月底, 下月20号, 月底.
func monthWord(s string, ctx dateContext) (dateRead, Problem, bool) {
	if s == "月底" || s == "月末" || s == "月内" {
		s = "本月底"
	}
	m := thisMonth.FindStringSubmatch(s)
	if m == nil {
		return dateRead{}, Problem{}, false
	}
	y, month, _ := ctx.today().Date()
	first := day(y, int(month)+shiftOf(m[1]), 1)
	if m[3] != "" {
		d, p := ctx.day(first.Year(), int(first.Month()), atoi(m[3]))
		return d, p, true
	}
	d, p := ctx.month(first.Year(), int(first.Month()), m[2])
	return d, p, true
}
