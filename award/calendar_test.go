package award_test

import (
	"testing"
	"time"

	"cxbot/award"
)

func TestCalendarDays(t *testing.T) {
	t.Parallel()
	cal := award.SampleCalendar()
	for _, c := range []struct {
		day   award.Date
		works bool
		why   string
	}{
		{date(2026, 11, 23), true, "工作日"},
		{date(2026, 12, 19), false, "周六"},
		{date(2026, 12, 20), false, "周日"},
		{date(2026, 10, 1), false, "国庆节放假"},
		{date(2026, 10, 7), false, "国庆节放假"},
		{date(2026, 10, 8), true, "工作日"},
		{date(2026, 1, 4), true, "调休上班"},
		{date(2026, 2, 14), true, "调休上班"},
		{date(2026, 2, 28), true, "调休上班"},
		{date(2026, 5, 9), true, "调休上班"},
		{date(2026, 9, 20), true, "调休上班"},
		{date(2026, 10, 10), true, "调休上班"},
		{date(2026, 2, 23), false, "春节放假"},
		{date(2026, 2, 24), true, "工作日"},
		{date(2026, 6, 19), false, "端午节放假"},
		{date(2026, 9, 25), false, "中秋节放假"},
		{date(2027, 10, 7), false, "国庆节（示例）放假"},
		{date(2028, 9, 30), true, "调休上班"},
	} {
		if got := cal.IsWorking(c.day); got != c.works {
			t.Errorf("IsWorking(%s) = %v", c.day, got)
		}
		if got := cal.Why(c.day); got != c.why {
			t.Errorf("Why(%s) = %q, want %q", c.day, got, c.why)
		}
	}
}

func TestCalendarTablesAreConsistent(t *testing.T) {
	t.Parallel()
	cal := award.SampleCalendar()
	for d := range cal.Worked {
		if wd := d.Weekday(); wd != time.Saturday && wd != time.Sunday {
			t.Errorf("%s is worked in exchange but a %s", d, wd)
		}
		if name, off := cal.Holidays[d]; off {
			t.Errorf("%s is worked and %s", d, name)
		}
	}
	if cal.Known(2029) || !cal.Known(2026) || !cal.Known(2028) || award.DefaultCalendar().Known(2027) {
		t.Errorf("known years: %v", cal.Years)
	}
}

func TestCalendarWalks(t *testing.T) {
	t.Parallel()
	cal := award.DefaultCalendar()
	if got := cal.Next(date(2026, 10, 1)); got != date(2026, 10, 8) {
		t.Errorf("Next over the holiday = %s", got)
	}
	if got := cal.Prev(date(2026, 10, 7)); got != date(2026, 9, 30) {
		t.Errorf("Prev over the holiday = %s", got)
	}
	if got := cal.Next(date(2026, 11, 23)); got != date(2026, 11, 23) {
		t.Errorf("Next of a working day = %s", got)
	}
	for _, c := range []struct {
		from award.Date
		n    int
		want award.Date
	}{
		{date(2026, 11, 23), 3, date(2026, 11, 26)},
		{date(2026, 11, 23), 5, date(2026, 11, 30)},
		{date(2026, 9, 24), 1, date(2026, 9, 28)},
		{date(2026, 9, 30), 3, date(2026, 10, 10)}, // the 8th, the 9th and the worked Saturday
		{date(2026, 12, 20), 1, date(2026, 12, 21)},
		{date(2026, 12, 20), 0, date(2026, 12, 20)},
		{date(2026, 12, 21), -1, date(2026, 12, 18)},
	} {
		if got := cal.Add(c.from, c.n); got != c.want {
			t.Errorf("Add(%s, %d) = %s, want %s", c.from, c.n, got, c.want)
		}
	}
	for _, c := range []struct {
		a, b award.Date
		want int
	}{
		{date(2026, 11, 23), date(2026, 11, 23), 0},
		{date(2026, 11, 23), date(2026, 11, 30), 5},
		{date(2026, 11, 30), date(2026, 11, 23), -5},
		{date(2026, 12, 18), date(2026, 12, 20), 0},
		{date(2026, 9, 30), date(2026, 10, 10), 3},
	} {
		if got := cal.Between(c.a, c.b); got != c.want {
			t.Errorf("Between(%s, %s) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// Add and Between undo each other over two whole years.
func TestCalendarRoundTrip(t *testing.T) {
	t.Parallel()
	cal := award.SampleCalendar()
	start := date(2026, 1, 1)
	for i := range 730 {
		from := start.Add(i)
		for _, n := range []int{1, 7, 30} {
			to := cal.Add(from, n)
			if !cal.IsWorking(to) || cal.Between(from, to) != n {
				t.Fatalf("Add(%s, %d) = %s, Between gives %d", from, n, to, cal.Between(from, to))
			}
		}
	}
}

func TestCalendarWithoutWorkEnds(t *testing.T) {
	t.Parallel()
	cal := award.Calendar{Holidays: map[award.Date]string{}}
	for d := date(2026, 1, 1); d.Before(date(2030, 1, 1)); d = d.Add(1) {
		cal.Holidays[d] = "停业"
	}
	if got := cal.Next(date(2027, 1, 1)); got != date(2027, 1, 1) {
		t.Errorf("Next = %s, want the day itself back", got)
	}
}

func TestCalendarMerge(t *testing.T) {
	t.Parallel()
	base := award.SampleCalendar()
	merged := base.Merge(award.Calendar{
		Holidays: map[award.Date]string{date(2027, 1, 4): "元旦", date(2026, 10, 10): "台风停工"},
		Worked:   map[award.Date]string{date(2026, 12, 20): "抢险"},
		Years:    map[int]bool{2027: true},
	})
	for day, works := range map[award.Date]bool{
		date(2027, 1, 1):   true,  // the published table replaces the sample of its year
		date(2027, 1, 4):   false, // and brings its own
		date(2026, 10, 10): false, // a single correction wins over 调休
		date(2026, 12, 20): true,
		date(2028, 10, 2):  false, // other years stay
		date(2026, 10, 1):  false,
	} {
		if merged.IsWorking(day) != works {
			t.Errorf("merged.IsWorking(%s) = %v (%s)", day, !works, merged.Why(day))
		}
	}
	if base.IsWorking(date(2027, 1, 1)) || !base.IsWorking(date(2026, 10, 10)) {
		t.Error("Merge changed its receiver")
	}
}
