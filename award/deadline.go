package award

import (
	"fmt"
	"time"
)

// FilingGrace is how long after the deadline an arrival still counts as on
// time (domain.md 2.4). It is never announced.
const FilingGrace = 30 * time.Minute

// Effective returns the day that counts for a deadline on d (C76): d itself, or
// the next working day when d rests and the cycle rolls over. why is one
// sentence for people, "" when nothing moves.
func Effective(c Calendar, d Date, rollOver bool) (Date, string) {
	if !rollOver || d.IsZero() || c.IsWorking(d) {
		return d, ""
	}
	to := c.Next(d)
	reason := "是" + c.Why(d)
	if _, off := c.Holidays[d]; off {
		reason = "逢" + c.Why(d)
	}
	why := fmt.Sprintf("%d月%d日%s，顺延到%s", d.Month, d.Day, reason, to.Short())
	if !c.Known(d.Year) {
		why += fmt.Sprintf("（%d年放假安排尚未公布，按周末推算）", d.Year)
	}
	return to, why
}

// End is the moment the milestone is over: 24:00 of its effective day, which is
// 00:00 of the day after. The zero Milestone has no end.
func (m Milestone) End() time.Time {
	last := m.Effective
	if last.IsZero() {
		last = m.Date
	}
	if last.IsZero() {
		return time.Time{}
	}
	return last.Add(1).At(0, 0)
}

// FilingDeadline returns when the unit's filing is due (C76): the end of the
// effective day, or the unit's own extension in this cycle when that is later.
// A cycle without a filing stage has no deadline: the zero time.
func FilingDeadline(c Cycle, u Unit) time.Time {
	m, ok := c.Milestone(StageFiling)
	if !ok {
		return time.Time{}
	}
	end := m.End()
	if u.Cycle == c.ID && u.Extended.After(end) {
		return u.Extended
	}
	return end
}

// IsLate reports whether a filing of the unit arriving at the given moment is
// late, after the hidden grace (D11).
func IsLate(c Cycle, u Unit, at time.Time) bool {
	return past(FilingDeadline(c, u), at)
}

// past reports whether at is later than the deadline and its grace; a zero
// deadline is never past.
func past(deadline, at time.Time) bool {
	return !deadline.IsZero() && at.After(deadline.Add(FilingGrace))
}

// ProposeMilestones returns the usual dates of a cycle opened in year (C60,
// D12): supervision in October and November of the second year, summary and
// application on 20 October of the third, review in November and the award in
// December. The filing date is given; the zero date means 20 December of year.
// Only the days units must keep (备案, 总结申报) roll over; windows stay.
func ProposeMilestones(cal Calendar, year int, filing Date, rollOver bool) []Milestone {
	if filing.IsZero() {
		filing = day(year, time.December, 20)
	}
	return settle(cal, []Milestone{
		{Stage: StageFiling, Date: filing},
		{Stage: StageSupervise, From: day(year+1, time.October, 1), Date: day(year+1, time.November, 30)},
		{Stage: StageSummary, Date: day(year+2, time.October, 20)},
		{Stage: StageReview, From: day(year+2, time.November, 1), Date: day(year+2, time.November, 30)},
		{Stage: StageAward, From: day(year+2, time.December, 1), Date: day(year+2, time.December, 31)},
	}, rollOver)
}

// settle returns the milestones with Effective and Why computed afresh.
func settle(cal Calendar, in []Milestone, rollOver bool) []Milestone {
	out := make([]Milestone, 0, len(in))
	for _, m := range in {
		m.Effective, m.Why = Effective(cal, m.Date, rollOver && m.From.IsZero())
		out = append(out, m)
	}
	return out
}
