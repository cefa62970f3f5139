package award_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cxbot/award"
)

// change is a ChangeDeadline of the filing stage by the head of the section.
func (w *world) change(until award.Date) award.ChangeDeadline {
	return award.ChangeDeadline{By: w.who("tang"), Stage: award.StageFiling, Date: until}
}

func (w *world) cycle() award.Cycle {
	w.t.Helper()
	c, ok := w.Cycle()
	if !ok {
		w.t.Fatal("no cycle")
	}
	return c
}

func TestChangeDeadline(t *testing.T) {
	t.Parallel()
	roll := false
	for name, c := range map[string]struct {
		by   string
		give award.ChangeDeadline
		at   time.Time
		rule string
		want string // stages after, by their last days
	}{
		"later":              {"tang", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2027, 1, 5)}, now, "", "备案 2027-01-05"},
		"by the admin":       {"guan", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2027, 1, 5)}, now, "", "备案 2027-01-05"},
		"onto a holiday":     {"tang", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2027, 1, 1)}, now, "", "备案 2027-01-04"},
		"no rolling":         {"tang", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2026, 12, 20), RollOver: &roll}, now, "", "备案 2026-12-20"},
		"earlier":            {"tang", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2026, 12, 10)}, now, "", "备案 2026-12-10"},
		"opened again":       {"tang", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2027, 1, 15)}, date(2027, 1, 5).At(9, 0), "", "备案 2027-01-15"},
		"today":              {"tang", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2026, 11, 23)}, now, "deadline.past", ""},
		"nothing new":        {"tang", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2026, 12, 20)}, now, "deadline.same", ""},
		"no date":            {"tang", award.ChangeDeadline{Stage: award.StageFiling}, now, "deadline.undated", ""},
		"unknown stage":      {"tang", award.ChangeDeadline{Stage: "公示", Date: date(2027, 1, 5)}, now, "deadline.stage", ""},
		"staff only suggest": {"sun", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2027, 1, 5)}, now, "rights.role", ""},
		"a filler":           {"zhao", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2027, 1, 5)}, now, "rights.role", ""},
		"into supervision": {
			"tang", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2027, 10, 20)}, now, "",
			"备案 2027-10-20 跟踪督查 2027-12-31",
		},
		"through everything": {
			"tang", award.ChangeDeadline{Stage: award.StageFiling, Date: date(2028, 10, 10)}, now, "",
			"备案 2028-10-10 跟踪督查 2028-12-31 总结申报 2029-01-22 评审 2029-02-28 表彰 2029-03-31",
		},
		"window": {
			"tang", award.ChangeDeadline{Stage: award.StageSupervise, From: date(2027, 9, 1), Date: date(2027, 10, 31)}, now, "", "跟踪督查 2027-10-31",
		},
		"window by its end": {"tang", award.ChangeDeadline{Stage: award.StageSupervise, Date: date(2027, 9, 30)}, now, "", "跟踪督查 2027-09-30"},
		"before filing":     {"tang", award.ChangeDeadline{Stage: award.StageSummary, Date: date(2027, 10, 20)}, now, "deadline.order", ""},
		"backwards window": {
			"tang", award.ChangeDeadline{Stage: award.StageReview, From: date(2028, 12, 1), Date: date(2028, 11, 1)}, now, "cycle.window", "",
		},
	} {
		w := opened(t)
		before := w.cycle()
		c.give.By = w.who(c.by)
		if c.rule != "" {
			w.refused(c.give, c.at, c.rule)
			if impact := award.SimulateDeadline(w, c.give, c.at); c.rule != "rights.role" && (impact.Refusal == nil || impact.Refusal.Rule != c.rule) {
				t.Errorf("%s: simulated %+v", name, impact.Refusal)
			}
			continue
		}
		impact := award.SimulateDeadline(w, c.give, c.at)
		changes := w.must(c.give, c.at)
		after := w.cycle()
		var moved []string
		for i, m := range after.Milestones {
			if m != before.Milestones[i] {
				moved = append(moved, string(m.Stage)+" "+m.Effective.String())
			}
		}
		if got := strings.Join(moved, " "); got != c.want || after.Rev != before.Rev+1 {
			t.Errorf("%s: revision %d, moved %q, want %q", name, after.Rev, got, c.want)
		}
		m, _ := after.Milestone(c.give.Stage)
		if impact.Refusal != nil || impact.After != m || len(impact.Also) != len(moved)-1 {
			t.Errorf("%s: simulated %+v", name, impact)
		}
		if len(changes.Log) != len(moved) || changes.Log[0].Did != "deadline.change" {
			t.Errorf("%s: log %+v", name, changes.Log)
		}
	}
	newWorld(t).refused(award.ChangeDeadline{By: newWorld(t).who("tang"), Date: date(2027, 1, 5)}, now, "unit.no-cycle")
}

// A topic that came after the old deadline and before the new one loses the mark;
// one that came later keeps it, and so does one late with its corrections.
func TestLaterDeadlineLiftsLate(t *testing.T) {
	t.Parallel()
	w := opened(t)
	late := func(id, title string, day award.Date) string {
		at := day.At(9, 0)
		changes := w.must(award.SubmitFiling{By: w.who(id), Filing: titled(title), At: at, LateReason: "书记在外学习"}, at)
		return changes.Topics[0].After.ID
	}
	soon, later := late("zhao", "村级党群议事会机制探索", date(2026, 12, 23)), late("zhou", "教师党员双培养工程", date(2027, 1, 20))
	at := date(2027, 1, 21).At(9, 0)
	change := w.change(date(2027, 1, 22))
	change.Date = date(2027, 1, 22)
	if impact := award.SimulateDeadline(w, change, at); impact.Lifted != 2 {
		t.Errorf("%d lifted, want 2", impact.Lifted)
	}
	// An extension of the one unit lifts its own mark alone.
	w.must(award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Until: date(2027, 1, 29)}, at)
	if w.topic(soon).Late || !w.topic(later).Late || w.unit(qinghe).Topics[0].Late {
		t.Errorf("after the extension: %v %v", w.topic(soon).Late, w.topic(later).Late)
	}
	w.must(change, at)
	if topic := w.topic(later); topic.Late || topic.LateReason == "" || w.unit(liulin).Topics[0].Late || w.Stats().Late != 0 {
		t.Errorf("after the change: %+v", topic)
	}
}

func TestSimulateDeadline(t *testing.T) {
	t.Parallel()
	w := opened(t)
	w.submit("wang", "村级党群议事会机制探索", now)
	w.must(award.ExtendUnit{By: w.who("sun"), Unit: liulin, Until: date(2026, 12, 31)}, now)
	w.must(award.ExtendUnit{By: w.who("sun"), Unit: education, Until: date(2027, 1, 15)}, now)
	if err := w.Apply(award.Changes{Drafts: []award.DraftSummary{{Person: "zhou", Unit: liulin, Form: "filing", Done: 3, Total: 11}}}); err != nil {
		t.Fatal(err)
	}
	before := w.cycle()
	got := award.SimulateDeadline(w, w.change(date(2027, 1, 5)), date(2026, 11, 23).At(10, 0))
	if got.Days != 15 || got.Working != 10 || got.Units != 3 || got.Filed != 1 || got.Drafts != 1 || got.Told != 7 {
		t.Errorf("%+v", got)
	}
	if len(got.Moot) != 1 || got.Moot[0] != (award.Extension{Unit: liulin, Until: date(2026, 12, 31)}) || len(got.Kept) != 1 || got.Kept[0].Unit != education {
		t.Errorf("extensions: moot %v, kept %v", got.Moot, got.Kept)
	}
	if h := got.Rests.Holidays; len(h) != 1 || h[0] != (award.Rest{Name: "元旦（示例）", From: date(2027, 1, 1), To: date(2027, 1, 3)}) || got.Rests.Unknown != nil {
		t.Errorf("crosses %+v", got.Rests)
	}
	// 30 days before 21 December was the 20th of November, before there was a cycle.
	if r := got.Reminders; len(r) != 6 || r[0] != (award.ReminderMove{Days: 30, Before: date(2026, 11, 20), After: date(2026, 12, 4)}) {
		t.Errorf("reminders %+v", got.Reminders)
	}
	later := award.SimulateDeadline(w, w.change(date(2027, 1, 5)), date(2026, 12, 4).At(10, 0)).Reminders
	if len(later) != 6 || later[0].Said || !later[0].Gone || !later[1].Said || later[1].Gone || later[2].Said {
		t.Errorf("a fortnight later: %+v", later)
	}
	if after := w.cycle(); !slices.Equal(after.Milestones, before.Milestones) || after.Rev != before.Rev {
		t.Error("a simulation changed the cycle")
	}
	unknown := award.NewMemory(award.DefaultCalendar())
	if impact := award.SimulateDeadline(unknown, w.change(date(2027, 1, 5)), now); impact.Refusal == nil {
		t.Error("simulated without a cycle")
	}
	if span := award.DefaultCalendar().Crossed(date(2027, 1, 5), date(2026, 9, 18)); len(span.Unknown) != 1 || len(span.Worked) != 2 || len(span.Holidays) != 2 {
		t.Errorf("crossed %+v", span)
	}
}

func TestSuggestDeadline(t *testing.T) {
	t.Parallel()
	w := opened(t)
	change := w.change(date(2027, 1, 5))
	changes := w.must(award.SuggestDeadline{By: w.who("sun"), Change: change}, now)
	if changes.Cycle != nil || len(changes.Log) != 1 || changes.Log[0].Did != "deadline.suggest" {
		t.Errorf("%+v", changes)
	}
	w.refused(award.SuggestDeadline{By: w.who("zhao"), Change: change}, now, "rights.role")
	w.refused(award.SuggestDeadline{By: w.who("sun"), Change: w.change(date(2026, 12, 20))}, now, "deadline.same")
}

func TestCloseCycle(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.submit("wang", "村级党群议事会机制探索", now)
	w.refused(award.CloseCycle{By: w.who("sun")}, now, "rights.role")
	w.refused(award.CloseCycle{By: w.who("guan")}, now, "rights.role")
	w.refused(award.CloseCycle{By: w.who("tang"), Undo: true}, now, "cycle.open")
	w.must(award.CloseCycle{By: w.who("tang")}, now)
	last, open := w.Cycle()
	if open || last.ID != "2026" || last.ClosedBy != "tang" || w.topic(id).Status != award.StatusFiled || w.Topics(award.TopicQuery{Limit: 9}).Total != 0 {
		t.Errorf("after closing: %+v", last)
	}
	w.refused(award.CloseCycle{By: w.who("tang")}, now, "cycle.none")
	w.refused(award.AcceptFilings{By: w.who("sun"), Topics: []string{id}}, now, "topic.past-cycle")
	w.refused(award.ChangeDeadline{By: w.who("tang"), Stage: award.StageFiling, Date: date(2027, 1, 5)}, now, "unit.no-cycle")
	again := award.OpenCycle{By: w.who("sun"), Milestones: award.ProposeMilestones(w.Calendar(), 2026, award.Date{}, true), RollOver: true}
	w.refused(again, now, "cycle.same-year")
	w.must(award.CloseCycle{By: w.who("tang"), Undo: true}, now)
	if w.cycle().ClosedBy != "" || w.Topics(award.TopicQuery{Limit: 9}).Total != 1 {
		t.Error("not as it was")
	}
	w.must(award.CloseCycle{By: w.who("tang")}, now)
	next := date(2028, 12, 1).At(9, 0)
	again.Milestones = award.ProposeMilestones(w.Calendar(), 2028, award.Date{}, true)
	w.must(again, next)
	if c := w.cycle(); c.ID != "2028" || w.Topics(award.TopicQuery{Limit: 9}).Total != 0 {
		t.Errorf("the next cycle: %+v", c)
	}
	newWorld(t).refused(award.CloseCycle{By: newWorld(t).who("tang"), Undo: true}, now, "cycle.none")
}

// An extension is shortened and taken back, never below the county's deadline.
func TestShortenExtension(t *testing.T) {
	t.Parallel()
	w := opened(t)
	give := func(until award.Date) award.ExtendUnit {
		return award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Until: until}
	}
	back := award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Back: true}
	w.refused(back, now, "extend.none")
	w.must(give(date(2026, 12, 31)), now)
	w.must(give(date(2026, 12, 25)), now)
	w.refused(give(date(2026, 12, 21)), now, "extend.below")
	w.refused(give(date(2026, 12, 24)), date(2026, 12, 25).At(9, 0), "extend.past")
	if got := award.FilingDeadline(w.cycle(), w.unit(qinghe)); !got.Equal(date(2026, 12, 26).At(0, 0)) {
		t.Errorf("shortened to %s", got)
	}
	w.refused(back, date(2026, 12, 22).At(9, 0), "extend.back-past")
	w.must(back, date(2026, 12, 21).At(9, 0))
	if u := w.unit(qinghe); !u.Extended.IsZero() || award.ExtensionFact(u) != "" {
		t.Errorf("taken back: %+v", u)
	}
}

func TestWishes(t *testing.T) {
	t.Parallel()
	w := opened(t)
	ask := award.AskExtension{By: w.who("zhao"), Until: date(2026, 12, 25)}
	decline := award.DeclineWish{By: w.who("sun"), Unit: qinghe}
	w.refused(decline, now, "wish.none")
	for name, end := range map[string]award.Command{
		"declined": decline, "granted": award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Until: date(2026, 12, 24)},
		"filed": award.SubmitFiling{By: w.who("zhao"), Filing: titled("村级党群议事会机制探索"), At: now},
	} {
		w.must(ask, now)
		if page := w.Wishing(0, 9); page.Total != 1 || page.Units[0].ID != qinghe {
			t.Errorf("%s: wishing %+v", name, page)
		}
		w.refused(award.DeclineWish{By: w.who("zhao"), Unit: qinghe}, now, "rights.role")
		w.must(end, now)
		if w.Wishing(0, 9).Total != 0 || w.unit(qinghe).Wish != nil {
			t.Errorf("%s: still wishing", name)
		}
		if name == "granted" {
			w.must(award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Back: true}, now)
		}
	}
}

func TestCalendarImpact(t *testing.T) {
	t.Parallel()
	w := opened(t)
	cycle, old := w.cycle(), w.Calendar()
	if got := award.CalendarImpact(cycle, old, old); got != nil {
		t.Errorf("the same calendar: %+v", got)
	}
	strange := old.Merge(award.Calendar{Holidays: map[award.Date]string{date(2026, 12, 21): "某节"}})
	got := award.CalendarImpact(cycle, old, strange)
	if len(got) != 1 || got[0].Stage != award.StageFiling || got[0].Due != date(2026, 12, 22) || got[0].Stored != date(2026, 12, 21) {
		t.Fatalf("%+v", got)
	}
	want := "备案截止现在是2026年12月21日（周一），按新的放假安排应是2026年12月22日（周二）（12月20日是周日，顺延到12月22日（周二））。" +
		"不会自动改，要改请科室负责人回复：备案截止改到2026年12月22日。备案提醒跟着新的放假安排走：12月21日（周一）的改在12月18日（周五）。"
	if got[0].Text() != want {
		t.Errorf("%s", got[0].Text())
	}
	cycle.ClosedAt = now
	if award.CalendarImpact(cycle, old, strange) != nil {
		t.Error("a closed cycle has no days to keep")
	}
}
