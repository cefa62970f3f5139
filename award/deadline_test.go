package award_test

import (
	"testing"
	"time"

	"cxbot/award"
)

func TestEffective(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		cal  award.Calendar
		day  award.Date
		roll bool
		want award.Date
		why  string
	}{
		{"Sunday", award.DefaultCalendar(), date(2026, 12, 20), true, date(2026, 12, 21), "12月20日是周日，顺延到12月21日（周一）"},
		{"rolling off", award.DefaultCalendar(), date(2026, 12, 20), false, date(2026, 12, 20), ""},
		{"working day", award.DefaultCalendar(), date(2026, 11, 20), true, date(2026, 11, 20), ""},
		{"holiday", award.DefaultCalendar(), date(2026, 10, 1), true, date(2026, 10, 8), "10月1日逢国庆节放假，顺延到10月8日（周四）"},
		{"worked Saturday", award.DefaultCalendar(), date(2026, 10, 10), true, date(2026, 10, 10), ""},
		{
			"year not published", award.DefaultCalendar(), date(2027, 6, 20), true, date(2027, 6, 21),
			"6月20日是周日，顺延到6月21日（周一）（2027年放假安排尚未公布，按周末推算）",
		},
	} {
		got, why := award.Effective(c.cal, c.day, c.roll)
		if got != c.want || why != c.why {
			t.Errorf("%s: %s %q, want %s %q", c.name, got, why, c.want, c.why)
		}
	}
}

func TestFilingDeadlineAndGrace(t *testing.T) {
	t.Parallel()
	cycle := award.Cycle{ID: "2026", Milestones: award.ProposeMilestones(award.SampleCalendar(), 2026, date(2026, 12, 20), true)}
	end := date(2026, 12, 22).At(0, 0)
	extended := date(2027, 1, 1).At(0, 0)
	for _, c := range []struct {
		name string
		unit award.Unit
		at   time.Time
		due  time.Time
		late bool
	}{
		{"the last second", award.Unit{}, end.Add(-time.Second), end, false},
		{"24:00", award.Unit{}, end, end, false},
		{"the end of the grace", award.Unit{}, end.Add(award.FilingGrace), end, false},
		{"past the grace", award.Unit{}, end.Add(award.FilingGrace + time.Second), end, true},
		{"extended", award.Unit{Cycle: "2026", Extended: extended}, end.Add(48 * time.Hour), extended, false},
		{"past the extension", award.Unit{Cycle: "2026", Extended: extended}, extended.Add(time.Hour), extended, true},
		{"extension of an earlier cycle", award.Unit{Cycle: "2024", Extended: extended}, end.Add(48 * time.Hour), end, true},
		{"extension before the deadline", award.Unit{Cycle: "2026", Extended: end.Add(-time.Hour)}, end, end, false},
	} {
		if got := award.FilingDeadline(cycle, c.unit); !got.Equal(c.due) {
			t.Errorf("%s: due %s, want %s", c.name, got, c.due)
		}
		if got := award.IsLate(cycle, c.unit, c.at); got != c.late {
			t.Errorf("%s: late = %v", c.name, got)
		}
	}
	if award.IsLate(award.Cycle{}, award.Unit{}, end) || !award.FilingDeadline(award.Cycle{}, award.Unit{}).IsZero() {
		t.Error("a cycle without a filing stage has a deadline")
	}
}

func TestProposeMilestones(t *testing.T) {
	t.Parallel()
	got := award.ProposeMilestones(award.SampleCalendar(), 2026, award.Date{}, true)
	want := []award.Milestone{
		{Stage: award.StageFiling, Date: date(2026, 12, 20), Effective: date(2026, 12, 21), Why: "12月20日是周日，顺延到12月21日（周一）"},
		{Stage: award.StageSupervise, From: date(2027, 10, 1), Date: date(2027, 11, 30), Effective: date(2027, 11, 30)},
		{Stage: award.StageSummary, Date: date(2028, 10, 20), Effective: date(2028, 10, 20)},
		{Stage: award.StageReview, From: date(2028, 11, 1), Date: date(2028, 11, 30), Effective: date(2028, 11, 30)},
		{Stage: award.StageAward, From: date(2028, 12, 1), Date: date(2028, 12, 31), Effective: date(2028, 12, 31)},
	}
	if len(got) != len(want) {
		t.Fatalf("%d milestones", len(got))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, got[i], want[i])
		}
	}
	moved := award.ProposeMilestones(award.SampleCalendar(), 2026, date(2027, 1, 5), false)
	if moved[0].Date != date(2027, 1, 5) || moved[0].Effective != date(2027, 1, 5) {
		t.Errorf("given date: %+v", moved[0])
	}
	if !(award.Milestone{}).End().IsZero() || !(award.Milestone{Date: date(2026, 12, 20)}).End().Equal(date(2026, 12, 21).At(0, 0)) {
		t.Error("End of an unsettled milestone")
	}
}
