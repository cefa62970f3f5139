package documents

import (
	"fmt"
	"strings"

	"cxbot/award"
)

// fullYear is how many days off make a year's table complete. The law knows
// more than ten; a file with fewer only corrects single days.
const fullYear = 7

// calendarColumns are those of a calendar file.
func calendarColumns() columns {
	return columns{need: []string{"日期", "类型"}, option: []string{"名称"}, dates: []string{"日期"}}
}

// parseDay reads a day as people and spreadsheet programs write it: 2026-10-01,
// 2026/10/1, 2026.10.1, 2026年10月1日.
func parseDay(text string) (award.Date, error) {
	plain := strings.NewReplacer("/", "-", ".", "-", "年", "-", "月", "-", "日", "").Replace(text)
	parts := strings.Split(plain, "-")
	for i, part := range parts {
		if i > 0 && len(part) == 1 {
			parts[i] = "0" + part
		}
	}
	day, err := award.ParseDate(strings.Join(parts, "-"))
	if err != nil {
		return award.Date{}, fmt.Errorf("day: %w", err)
	}
	return day, nil
}

// ReadCalendar reads a working-day table: 日期 as 2026-10-01, 类型 放假 or 上班,
// 名称 optional. A year with at least seven days off counts as published; fewer
// lines only correct single days. The error is a *BadFileError.
func ReadCalendar(data []byte) (award.Calendar, error) {
	rows, err := readTable(data, calendarColumns())
	if err != nil {
		return award.Calendar{}, err
	}
	c := award.Calendar{Holidays: map[award.Date]string{}, Worked: map[award.Date]string{}, Years: map[int]bool{}}
	problems := &BadFileError{}
	seen := map[award.Date]int{}
	for _, row := range rows {
		day, err := parseDay(row.get("日期"))
		if err != nil {
			problems.addf(row.line, "日期“%s”请写成 2026-10-01 这样。", short(row.get("日期")))
			continue
		}
		if first, ok := seen[day]; ok {
			problems.addf(row.line, "%s 与第 %d 行重复。", day, first)
			continue
		}
		seen[day] = row.line
		name := row.get("名称")
		switch row.get("类型") {
		case "放假":
			c.Holidays[day] = name
		case "上班":
			c.Worked[day] = name
		default:
			problems.addf(row.line, "类型“%s”请写 放假 或 上班。", short(row.get("类型")))
		}
	}
	off := map[int]int{}
	for day := range c.Holidays {
		if off[day.Year]++; off[day.Year] >= fullYear {
			c.Years[day.Year] = true
		}
	}
	if len(rows) == 0 {
		problems.addf(0, "表里没有一天。")
	}
	if err := problems.asError(); err != nil {
		return award.Calendar{}, err
	}
	return c, nil
}
