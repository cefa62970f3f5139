package award_test

import (
	"strings"
	"testing"
	"time"

	"cxbot/award"
)

func TestPromise(t *testing.T) {
	t.Parallel()
	last := date(2026, 12, 21).At(10, 0)
	overdue := date(2026, 12, 23).At(10, 0)
	for name, c := range map[string]struct {
		by    string
		until award.Date
		at    time.Time
		rule  string // "": taken
		words string
	}{
		"filler":                     {"zhao", date(2026, 11, 27), now, "", ""},
		"deputy":                     {"li", date(2026, 11, 27), now, "", ""},
		"head":                       {"wang", date(2026, 11, 27), now, "", ""},
		"tomorrow":                   {"zhao", date(2026, 11, 24), now, "", ""},
		"on the last day":            {"zhao", date(2026, 12, 21), now, "", ""},
		"no day":                     {"zhao", award.Date{}, now, "promise.undated", "哪天"},
		"today":                      {"zhao", date(2026, 11, 23), now, "promise.today", "今天能报就不用安排"},
		"yesterday":                  {"zhao", date(2026, 11, 22), now, "promise.past", "2026年11月22日（周日）已经过去"},
		"after the deadline":         {"zhao", date(2026, 12, 22), now, "promise.after-deadline", "12月22日（周二）晚于您单位的期限12月21日（周一）"},
		"on the last day, tomorrow":  {"zhao", date(2026, 12, 22), last, "promise.after-deadline", "缓到12月22号"},
		"overdue, the next day":      {"zhao", date(2026, 12, 24), overdue, "", ""},
		"overdue, ten working days":  {"zhao", date(2027, 1, 7), overdue, "", ""},
		"overdue, more":              {"zhao", date(2027, 1, 8), overdue, "promise.far", "最晚到1月7日（周四）"},
		"another unit's is its own":  {"zhou", date(2026, 11, 27), now, "", ""},
		"a committee member":         {"he", date(2026, 11, 27), now, "rights.role", "填报人、分管领导和一把手"},
		"the department":             {"sun", date(2026, 11, 27), now, "rights.role", "安排报送时间"},
		"a reviewer without a unit":  {"ping", date(2026, 11, 27), now, "rights.role", "安排报送时间"},
		"somebody of two sides, own": {"both", date(2026, 11, 27), now, "", ""},
	} {
		w := opened(t)
		command := award.PromiseFiling{By: w.who(c.by), Until: c.until}
		if c.rule != "" {
			if refusal := w.refused(command, c.at, c.rule); !strings.Contains(refusal.Text, c.words) {
				t.Errorf("%s: text %q lacks %q", name, refusal.Text, c.words)
			}
			continue
		}
		changes := w.must(command, c.at)
		cycle, _ := w.Cycle()
		p, ok := award.PromiseAt(cycle, w.unit(w.who(c.by).Unit), c.at)
		if !ok || p.By != c.by || p.Until != c.until || len(changes.Log) != 1 || len(changes.Units) != 1 {
			t.Errorf("%s: %+v %+v", name, p, changes)
		}
	}
}

func TestPromiseMoreThanOnce(t *testing.T) {
	t.Parallel()
	w := opened(t)
	cycle, _ := w.Cycle()
	for i := range award.MaxPromises {
		w.must(award.PromiseFiling{By: w.who("zhao"), Until: date(2026, 11, 25+i)}, now.Add(time.Duration(i)*time.Hour))
		if i == 0 {
			w.refused(award.PromiseFiling{By: w.who("li"), Until: date(2026, 11, 25)}, now.Add(time.Minute), "promise.same")
		}
	}
	refusal := w.refused(award.PromiseFiling{By: w.who("li"), Until: date(2026, 12, 10)}, now.Add(24*time.Hour), "promise.often")
	if !strings.Contains(refusal.Text, "已经安排过 5 次") {
		t.Error(refusal.Text)
	}
	// Each moment has the promise that was the newest then.
	if p, ok := award.PromiseAt(cycle, w.unit(qinghe), now.Add(90*time.Minute)); !ok || p.Until != date(2026, 11, 26) {
		t.Errorf("%+v %v", p, ok)
	}
	if _, ok := award.PromiseAt(cycle, w.unit(qinghe), now.Add(-time.Minute)); ok {
		t.Error("a promise before it was given")
	}
	cycle.ID = "2028"
	if _, ok := award.PromiseAt(cycle, w.unit(qinghe), now.Add(24*time.Hour)); ok {
		t.Error("a promise of an earlier cycle")
	}
}

func TestPromiseCovers(t *testing.T) {
	t.Parallel()
	p := award.Promise{At: now, Until: date(2026, 11, 27)}
	for at, want := range map[time.Time]bool{
		now.Add(-time.Second):             false,
		now:                               true,
		date(2026, 11, 27).At(23, 59):     true,
		date(2026, 11, 28).At(0, 0):       false,
		date(2026, 11, 27).At(9, 0).UTC(): true,
	} {
		if p.Covers(at) != want {
			t.Errorf("%s: %v", at, !want)
		}
	}
}

func TestNothingToPromise(t *testing.T) {
	t.Parallel()
	closed := newWorld(t)
	closed.refused(award.PromiseFiling{By: closed.who("zhao"), Until: date(2026, 11, 27)}, now, "unit.no-cycle")
	w := opened(t)
	w.submit("zhao", "村级党群议事会机制探索", now)
	refusal := w.refused(award.PromiseFiling{By: w.who("zhao"), Until: date(2026, 11, 27)}, now, "promise.awaiting")
	if !strings.Contains(refusal.Text, "只等王建国确认") {
		t.Error(refusal.Text)
	}
	w.must(award.PromiseFiling{By: w.who("wang"), Until: date(2026, 11, 27)}, now)
	w.must(award.ConfirmFiling{By: w.who("wang"), Topic: "2026-0001"}, now)
	w.refused(award.PromiseFiling{By: w.who("wang"), Until: date(2026, 11, 28)}, now, "promise.filed")
	idle := w.unit(liulin)
	idle.Owes = false
	w.Add([]award.Unit{idle}, nil)
	w.refused(award.PromiseFiling{By: w.who("zhou"), Until: date(2026, 11, 27)}, now, "promise.not-owing")
}

func TestFilingState(t *testing.T) {
	t.Parallel()
	w := opened(t)
	states := []string{award.FilingState(w.unit(qinghe))}
	note := func() { states = append(states, award.FilingState(w.unit(qinghe))) }
	w.must(award.PromiseFiling{By: w.who("zhao"), Until: date(2026, 11, 27)}, now)
	note()
	w.submit("zhao", "村级党群议事会机制探索", now)
	note()
	w.must(award.PromiseFiling{By: w.who("wang"), Until: date(2026, 11, 30)}, now)
	note()
	w.must(award.ConfirmFiling{By: w.who("wang"), Topic: "2026-0001"}, now)
	note()
	if got := strings.Join(states, "|"); got != "|2026 1|2026 awaiting 1|2026 awaiting 2|2026 filed" {
		t.Error(got)
	}
}
