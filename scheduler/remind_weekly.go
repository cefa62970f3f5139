package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// remindWeekly gives the 经办 and the 科室负责人 one list on the first working day of
// the week: who has not filed and what was done about it, what waits for the
// department and what for others. It silences that day's list of waiting filings,
// and says nothing when there is nothing to say.
func remindWeekly() Reminder {
	return Reminder{
		Name: "weekly", Spec: mornings, Daily: true, CatchUp: OnceLate, Due: dueWeekly, Clause: clauseRecord,
	}
}

func dueWeekly(v award.View, slot time.Time) []Notice {
	cycle, ok := v.Cycle()
	today := award.DateOf(slot)
	if !ok || !slot.After(cycle.OpenedAt) || !weekDay(v.Calendar(), time.Monday, today) || !v.Calendar().IsWorking(today) {
		return nil
	}
	w := weekly{view: v, cycle: cycle, today: today}
	text := w.text()
	if text == "" {
		return nil
	}
	n := notice("weekly", clauseRecord, "pending:"+cycle.ID, "", slot, text)
	n.Priority = chat.PriorityDigest
	n.Loud = LoudPlan
	people := v.WithRole(award.RoleStaff)
	for _, p := range v.WithRole(award.RoleChief) {
		if !contains(people, p.UserID) {
			people = append(people, p)
		}
	}
	return toAll(n, people, slot)
}

// weekly collects one week's list.
type weekly struct {
	view  award.View
	cycle award.Cycle
	today award.Date
}

// text puts the sections together, within one message; "" when all are empty.
func (w weekly) text() string {
	const wide = 620 // bytes for the longest section
	unfiled, total, promised := w.unfiled()
	sections := []string{
		section("没报的%d家", unfiled, total, wide, "回复 谁没报 看名单。"),
		promised,
		whole("等一把手确认%d件", w.topics(award.StatusAwaiting, w.waits), "回复 谁没报 看名单。"),
		whole("待审%d件", w.topics(award.StatusFiled, w.waits), "回复 待审 看全部。"),
		whole("退回还没补好%d件", w.topics(award.StatusReturned, w.due), "回复 进度 看数字。"),
		whole("想延期%d家", w.wishes(), "回复 延期申请 看全部。"),
	}
	if _, failed := w.view.Failed(0, 0); failed > 0 {
		sections = append(sections, fmt.Sprintf("没送到的消息%d条，回复 发送失败 查看。", failed))
	}
	sections = slices.DeleteFunc(sections, func(s string) bool { return s == "" })
	if len(sections) == 0 {
		return ""
	}
	return "【一周汇总】" + w.counts() + "\n" + strings.Join(sections, "\n")
}

// counts is the county's figure.
func (w weekly) counts() string {
	n := w.view.Counts()
	deadline := award.FilingDeadline(w.cycle, award.Unit{})
	text := fmt.Sprintf("截至%s，课题备案已报 %d/%d 家", w.today.Short(), n.Filed, n.Units)
	switch days := lastDay(deadline).Sub(w.today); {
	case deadline.IsZero():
		return text + "。"
	case days < 0:
		return text + "，" + until(deadline) + "已截止。"
	default:
		return text + fmt.Sprintf("，%s截止，还有 %d 天。", until(deadline), days)
	}
}

// section is a titled, numbered list that stops before it outgrows its share; ""
// for an empty one. There may be more entries than lines.
func section(title string, lines []string, total, most int, where string) string {
	if total == 0 {
		return ""
	}
	return fmt.Sprintf(title, total) + "：" + listingOf(lines, total, most, where)
}

// whole is a small section with a line for every entry.
func whole(title string, lines []string, where string) string {
	const most = 190
	return section(title, lines, len(lines), most, where)
}

// owing is a unit of the list with its newest promise.
type owing struct {
	unit    award.Unit
	promise award.Promise
	rank    int // 0 broken, 1 due this week, 2 the others
}

// unfiled lists the units without a filing, the broken promises first, and sums
// the promises up. Lines that will not fit are not worded.
func (w weekly) unfiled() (lines []string, total int, promised string) {
	const most = 12
	var list []owing
	var broken, soon int
	sunday := weekStart(w.today).Add(6)
	eachUnfiled(w.view, func(u award.Unit) {
		if len(award.Awaiting(w.cycle, u)) > 0 {
			return // has its own section
		}
		o := owing{unit: u, rank: 2}
		if p, ok := newest(w.view, w.cycle, u); ok && !p.Later {
			o.promise = p
			switch {
			case p.Until.Before(w.today):
				o.rank = 0
				broken++
			case !p.Until.After(sunday):
				o.rank = 1
				soon++
			}
		}
		list = append(list, o)
	})
	slices.SortStableFunc(list, func(a, b owing) int { return a.rank - b.rank })
	for _, o := range list[:min(most, len(list))] {
		lines = append(lines, w.owed(o))
	}
	if broken+soon > 0 {
		promised = fmt.Sprintf("安排过的：本周到期%d家，说了没报%d家。", soon, broken)
	}
	return lines, len(list), promised
}

// owed is one unit that has not filed: what it said, how far its draft is and who
// was reminded last.
func (w weekly) owed(o owing) string {
	u := o.unit
	parts := []string{u.Name}
	switch {
	case o.promise.Until.IsZero():
	case o.rank == 0:
		parts = append(parts, "说过"+o.promise.Until.Short()+"前报没有报到")
	default:
		parts = append(parts, "说"+o.promise.Until.Short()+"前报")
	}
	if d, ok := w.view.Draft(u.ID); ok {
		parts = append(parts, fmt.Sprintf("草稿 %d/%d", d.Done, d.Total))
	}
	if deadline := award.FilingDeadline(w.cycle, u); deadline.After(award.FilingDeadline(w.cycle, award.Unit{})) {
		parts = append(parts, "期限延到"+lastDay(deadline).Short())
	}
	return strings.Join(appendNew(parts, w.reminded(u)), "，")
}

// reminded says who was reminded last, by the schedule; "" for nobody yet.
func (w weekly) reminded(u award.Unit) string {
	cal := w.view.Calendar()
	last := lastDay(award.FilingDeadline(w.cycle, u))
	var day award.Date
	who := rung{role: "填报人", people: filers}
	later := func(d award.Date, r rung) {
		if d.Before(w.today) && d.At(usualHour, 0).After(w.cycle.OpenedAt) && !restedOn(w.cycle, u, d) && (day.IsZero() || d.After(day)) {
			day, who = d, r
		}
	}
	for _, n := range award.ReminderDays() {
		later(award.ReminderDay(cal, last, n), who)
	}
	for _, r := range ladder() {
		if d, said := climbedOn(cal, w.cycle, u, last, r.days); said {
			later(d, r)
		}
	}
	for i, p := range u.Promises {
		follow := cal.Next(p.Until.Add(1))
		last := i == len(u.Promises)-1 || u.Promises[i+1].At.After(follow.At(usualHour, 0))
		if u.Cycle == w.cycle.ID && last {
			later(follow, rung{people: func(v award.View, u award.Unit) []award.Person {
				return present(v, []string{p.By}, u.Filers, u.Deputys, u.Heads)
			}})
		}
	}
	if day.IsZero() {
		return "" // told when the cycle was opened, and nothing since
	}
	return day.Short() + "提醒过" + who.role + names(who.people(w.view, u))
}

// topics lists the topics of a status in so many words.
func (w weekly) topics(status award.Status, line func(award.Topic) string) []string {
	var lines []string
	eachTopic(w.view, status, func(t award.Topic) { lines = append(lines, line(t)) })
	return lines
}

// waits says since when a topic waits.
func (w weekly) waits(t award.Topic) string {
	since := award.DateOf(arrived(t))
	return fmt.Sprintf("%s，等了%d个工作日", t.Unit, w.view.Calendar().Between(since, w.today))
}

// due says until when a returned topic is to be mended.
func (w weekly) due(t award.Topic) string {
	if t.Return == nil || t.Return.Due.IsZero() {
		return t.Unit
	}
	day := lastDay(t.Return.Due)
	if day.Before(w.today) {
		return t.Unit + "，" + day.Short() + "已过期"
	}
	return t.Unit + "，限" + day.Short()
}

// wishes lists the units that want a later deadline.
func (w weekly) wishes() []string {
	var lines []string
	for offset := 0; ; {
		page := w.view.Wishing(offset, pageSize)
		for _, u := range page.Units {
			if u.Wish != nil {
				lines = append(lines, u.Name+"，想延到"+u.Wish.Until.Short())
			}
		}
		offset += len(page.Units)
		if len(page.Units) == 0 || offset >= page.Total {
			return lines
		}
	}
}
