package award

import (
	"maps"
	"time"
)

// Calendar is the working-day table: weekends rest unless a day is declared
// worked (调休), weekdays work unless declared a holiday. Years lists the years
// the table was published for; outside them only weekends are known.
type Calendar struct {
	Holidays map[Date]string `json:"holidays"` // day → name (国庆节)
	Worked   map[Date]string `json:"worked"`   // 调休 working days on weekends
	Years    map[int]bool    `json:"years"`
}

// longestRest bounds the search for a working day. No published holiday comes
// near it; a table that declares a whole year off must not hang a turn.
const longestRest = 366

// IsWorking reports whether people work on the day.
func (c Calendar) IsWorking(d Date) bool {
	if _, off := c.Holidays[d]; off {
		return false
	}
	if _, on := c.Worked[d]; on {
		return true
	}
	return !isWeekend(d)
}

// Next returns the first working day on or after d.
func (c Calendar) Next(d Date) Date { return c.seek(d, 1) }

// Prev returns the last working day on or before d.
func (c Calendar) Prev(d Date) Date { return c.seek(d, -1) }

// seek walks from d by step days to a working day; a table without one within
// longestRest days gives d back.
func (c Calendar) seek(d Date, step int) Date {
	for i, at := 0, d; i < longestRest; i, at = i+1, at.Add(step) {
		if c.IsWorking(at) {
			return at
		}
	}
	return d
}

// Add returns the nth working day after d; d itself is not counted. A negative
// n counts back, and 0 returns d unchanged, working or not.
func (c Calendar) Add(d Date, n int) Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for ; n > 0; n-- {
		d = c.seek(d.Add(step), step)
	}
	return d
}

// Between counts the working days after a up to and including b, so that
// Add(a, Between(a, b)) is b whenever b works. It is negative when b is before a.
func (c Calendar) Between(a, b Date) int {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	n := 0
	for days := b.Sub(a); days > 0; days-- {
		if c.IsWorking(a.Add(days)) {
			n++
		}
	}
	return n
}

// Known reports whether the holidays of the year have been published.
func (c Calendar) Known(year int) bool { return c.Years[year] }

// Why says in a few words why the day rests or works: 国庆节放假, 调休上班, 周日,
// 工作日.
func (c Calendar) Why(d Date) string {
	if name, off := c.Holidays[d]; off {
		return name + "放假"
	}
	if _, on := c.Worked[d]; on {
		return "调休上班"
	}
	if isWeekend(d) {
		return weekdays[d.Weekday()]
	}
	return "工作日"
}

// Merge returns the calendar with other laid over it: for every year other was
// published for, only its days count; its days in further years are added.
func (c Calendar) Merge(other Calendar) Calendar {
	out := Calendar{
		Holidays: overlay(c.Holidays, other.Holidays, other.Years),
		Worked:   overlay(c.Worked, other.Worked, other.Years),
		Years:    make(map[int]bool, len(c.Years)+len(other.Years)),
	}
	maps.Copy(out.Years, c.Years)
	maps.Copy(out.Years, other.Years)
	// A single corrected day must not stay in both tables.
	for d := range other.Holidays {
		delete(out.Worked, d)
	}
	for d := range other.Worked {
		delete(out.Holidays, d)
	}
	return out
}

// overlay copies base without the replaced years and puts upper on it.
func overlay(base, upper map[Date]string, replaced map[int]bool) map[Date]string {
	out := make(map[Date]string, len(base)+len(upper))
	for d, name := range base {
		if !replaced[d.Year] {
			out[d] = name
		}
	}
	maps.Copy(out, upper)
	return out
}

func isWeekend(d Date) bool {
	day := d.Weekday()
	return day == time.Saturday || day == time.Sunday
}
