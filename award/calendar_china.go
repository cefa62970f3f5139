package award

import "time"

// holiday is one span of rest as the State Council's yearly notice gives it,
// with the weekend days worked in exchange.
type holiday struct {
	name     string
	from, to Date
	worked   []Date
}

// Holidays that come every year in the tables below.
const (
	tombSweeping = "清明节"
	labourDay    = "劳动节"
	dragonBoat   = "端午节"
)

// DefaultCalendar returns the published holidays of 2026. Later years are not
// published yet: only their weekends are known until a table is imported.
func DefaultCalendar() Calendar {
	return newCalendar("", 2026, []holiday{
		{"元旦", day(2026, 1, 1), day(2026, 1, 3), []Date{day(2026, 1, 4)}},
		{"春节", day(2026, 2, 15), day(2026, 2, 23), []Date{day(2026, 2, 14), day(2026, 2, 28)}},
		{tombSweeping, day(2026, 4, 4), day(2026, 4, 6), nil},
		{labourDay, day(2026, 5, 1), day(2026, 5, 5), []Date{day(2026, 5, 9)}},
		{dragonBoat, day(2026, 6, 19), day(2026, 6, 21), nil},
		{"中秋节", day(2026, 9, 25), day(2026, 9, 27), nil},
		{"国庆节", day(2026, 10, 1), day(2026, 10, 7), []Date{day(2026, 9, 20), day(2026, 10, 10)}},
	})
}

// SampleCalendar adds to DefaultCalendar a plausible table for 2027 and 2028,
// every name of it marked 示例, for trials and tests that run through a whole
// cycle (design.md 7).
func SampleCalendar() Calendar {
	return DefaultCalendar().Merge(newCalendar("（示例）", 2027, []holiday{
		{"元旦", day(2027, 1, 1), day(2027, 1, 3), nil},
		{"春节", day(2027, 2, 5), day(2027, 2, 11), []Date{day(2027, 1, 31), day(2027, 2, 20)}},
		{tombSweeping, day(2027, 4, 3), day(2027, 4, 5), nil},
		{labourDay, day(2027, 5, 1), day(2027, 5, 5), []Date{day(2027, 4, 25), day(2027, 5, 8)}},
		{dragonBoat, day(2027, 6, 9), day(2027, 6, 9), nil},
		{"中秋节", day(2027, 9, 15), day(2027, 9, 15), nil},
		{"国庆节", day(2027, 10, 1), day(2027, 10, 7), []Date{day(2027, 9, 26), day(2027, 10, 9)}},
	})).Merge(newCalendar("（示例）", 2028, []holiday{
		{"元旦", day(2028, 1, 1), day(2028, 1, 3), nil},
		{"春节", day(2028, 1, 25), day(2028, 1, 31), []Date{day(2028, 1, 22), day(2028, 2, 5)}},
		{tombSweeping, day(2028, 4, 4), day(2028, 4, 4), nil},
		{labourDay, day(2028, 4, 29), day(2028, 5, 3), []Date{day(2028, 4, 23), day(2028, 5, 6)}},
		{dragonBoat, day(2028, 5, 27), day(2028, 5, 29), nil},
		{"国庆节、中秋节", day(2028, 10, 1), day(2028, 10, 8), []Date{day(2028, 9, 30)}},
	}))
}

// newCalendar builds the table of one year; mark is put behind every name.
func newCalendar(mark string, year int, spans []holiday) Calendar {
	c := Calendar{Holidays: map[Date]string{}, Worked: map[Date]string{}, Years: map[int]bool{year: true}}
	for _, span := range spans {
		for d := span.from; !d.After(span.to); d = d.Add(1) {
			c.Holidays[d] = span.name + mark
		}
		for _, d := range span.worked {
			c.Worked[d] = span.name + "调休" + mark
		}
	}
	return c
}

func day(year int, month time.Month, d int) Date { return Date{Year: year, Month: month, Day: d} }
