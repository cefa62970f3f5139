package award_test

import (
	"strings"
	"testing"
	"time"

	"cxbot/award"
)

func TestExtend(t *testing.T) {
	t.Parallel()
	later := date(2027, 1, 11).At(9, 0) // after the deadline of 21 December
	for name, c := range map[string]struct {
		by    string
		unit  string
		until award.Date
		at    time.Time
		rule  string // "": granted
		words string
	}{
		"granted by staff":       {"sun", qinghe, date(2026, 12, 25), now, "", ""},
		"granted by the chief":   {"tang", qinghe, date(2026, 12, 25), now, "", ""},
		"on a rest day":          {"sun", qinghe, date(2026, 12, 26), now, "", ""},
		"the day after":          {"sun", qinghe, date(2026, 12, 22), now, "", ""},
		"three months":           {"sun", qinghe, date(2027, 3, 21), now, "", ""},
		"over three months":      {"sun", qinghe, date(2027, 3, 22), now, "extend.far", "2027年3月22日（周一）太晚：一次最多延 3 个月，最晚到2027年3月21日（周日）"},
		"the day it is":          {"sun", qinghe, date(2026, 12, 21), now, "extend.not-later", "不晚于现在的期限12月21日（周一）"},
		"earlier":                {"sun", qinghe, date(2026, 12, 1), now, "extend.not-later", "往后延"},
		"no day":                 {"sun", qinghe, award.Date{}, now, "extend.undated", "哪一天"},
		"after it, today":        {"sun", qinghe, date(2027, 1, 11), later, "", ""},
		"after it, three months": {"sun", qinghe, date(2027, 4, 11), later, "", ""},
		"after it, more":         {"sun", qinghe, date(2027, 4, 12), later, "extend.far", "2027年4月11日"},
		"after it, in the past":  {"sun", qinghe, date(2027, 1, 10), later, "extend.past", "已经过去"},
		"unknown unit":           {"sun", "东山镇党委", date(2026, 12, 25), now, "unit.unknown", "没有找到"},
		"owes nothing":           {"sun", department, date(2026, 12, 25), now, "rights.own-unit", "回避"},
		"owes nothing, another":  {"both", department, date(2026, 12, 25), now, "extend.not-owing", "不在应报单位"},
		"the own unit":           {"both", liulin, date(2026, 12, 25), now, "rights.own-unit", "可以找：孙静、马超、唐立。"},
		"the unit itself":        {"wang", qinghe, date(2026, 12, 25), now, "rights.role", "可以找：孙静、马超、双全。"},
		"an administrator":       {"guan", qinghe, date(2026, 12, 25), now, "rights.role", "经办和科室负责人"},
	} {
		w := opened(t)
		command := award.ExtendUnit{By: w.who(c.by), Unit: c.unit, Until: c.until}
		if c.rule != "" {
			if refusal := w.refused(command, c.at, c.rule); !strings.Contains(refusal.Text, c.words) {
				t.Errorf("%s: text %q lacks %q", name, refusal.Text, c.words)
			}
			continue
		}
		changes := w.must(command, c.at)
		cycle, _ := w.Cycle()
		end := c.until.Add(1).At(0, 0)
		if got := award.FilingDeadline(cycle, w.unit(c.unit)); !got.Equal(end) {
			t.Errorf("%s: deadline %s, want %s", name, got, end)
		}
		if got := award.FilingDeadline(cycle, w.unit(liulin)); !got.Equal(date(2026, 12, 22).At(0, 0)) {
			t.Errorf("%s: another unit's deadline moved to %s", name, got)
		}
		if len(changes.Units) != 1 || len(changes.Log) != 1 || changes.Log[0].Did != "deadline.extend" || changes.Log[0].Detail != "延到 "+c.until.String() {
			t.Errorf("%s: %+v", name, changes)
		}
	}
}

// An extension can be extended again, from the day it gave; topics stay.
func TestExtendAgain(t *testing.T) {
	t.Parallel()
	w := opened(t)
	w.submit("zhao", "村级党群议事会机制探索", now)
	w.must(award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Until: date(2026, 12, 31)}, now)
	w.refused(award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Until: date(2026, 12, 31)}, now, "extend.same")
	w.must(award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Until: date(2027, 3, 31)}, now)
	if got := w.unit(qinghe); len(got.Topics) != 1 || !got.Extended.Equal(date(2027, 4, 1).At(0, 0)) {
		t.Errorf("%+v", got)
	}
	w.submit("zhao", "教师党员双培养工程", date(2027, 3, 31).At(23, 59))
	if w.topic("2026-0002").Late {
		t.Error("filed in the time given and yet late")
	}
}

func TestExtendWithoutCycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refused(award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Until: date(2026, 12, 25)}, now, "unit.no-cycle")
	w.refused(award.AskExtension{By: w.who("zhao"), Until: date(2026, 12, 25)}, now, "unit.no-cycle")
	w.refused(award.RaiseQuota{By: w.who("tang"), Unit: qinghe, Topics: 4, KeyTopics: 2}, now, "unit.no-cycle")
}

// What was granted and counted in an earlier cycle is over.
func TestWaiversBelongToTheirCycle(t *testing.T) {
	t.Parallel()
	w := opened(t)
	unit := w.unit(qinghe)
	unit.Cycle, unit.MaxTopics, unit.Topics = "2024", 9, []award.TopicRef{{ID: "2024-0001"}}
	w.Add([]award.Unit{unit}, nil)
	cycle, _ := w.Cycle()
	if topics, _ := award.Quota(cycle, unit); topics != 3 {
		t.Errorf("%d topics by a grant of an earlier cycle", topics)
	}
	w.must(award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Until: date(2026, 12, 25)}, now)
	if got := w.unit(qinghe); got.Cycle != "2026" || got.MaxTopics != 0 || len(got.Topics) > 0 {
		t.Errorf("%+v", got)
	}
}

func TestAskExtension(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by    string
		until award.Date
		rule  string
	}{
		"the filler":     {"zhao", date(2026, 12, 25), ""},
		"the head":       {"wang", date(2026, 12, 25), ""},
		"not needed":     {"zhao", date(2026, 12, 20), "extend.not-later"},
		"too far":        {"zhao", date(2027, 6, 30), "extend.far"},
		"a member":       {"he", date(2026, 12, 25), "rights.role"},
		"the department": {"sun", date(2026, 12, 25), "rights.role"},
	} {
		w := opened(t)
		command := award.AskExtension{By: w.who(c.by), Until: c.until}
		if c.rule != "" {
			w.refused(command, now, c.rule)
			continue
		}
		changes := w.must(command, now)
		wish := w.unit(qinghe).Wish
		if wish == nil || wish.By != c.by || wish.Until != c.until || !wish.At.Equal(now) || w.Wishing(0, 9).Total != 1 {
			t.Errorf("%s: remembered %+v", name, wish)
		}
		if len(changes.Log) != 1 || changes.Log[0].Object != award.FilingRecord(qinghe) {
			t.Errorf("%s: %+v", name, changes)
		}
		if !w.unit(qinghe).Extended.IsZero() {
			t.Errorf("%s: asking is not getting", name)
		}
	}
}

func TestRaiseQuota(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by           string
		unit         string
		topics, keys int
		rule         string
		words        string
	}{
		"one more":           {"tang", qinghe, 4, 2, "", ""},
		"one more key":       {"tang", qinghe, 3, 3, "", ""},
		"the most":           {"tang", qinghe, 9, 9, "", ""},
		"too many":           {"tang", qinghe, 10, 2, "quota.bounds", "3–9 个"},
		"too many key":       {"tang", qinghe, 9, 10, "quota.bounds", "重点课题名额"},
		"below the cycle":    {"tang", qinghe, 2, 2, "quota.bounds", "不能少于"},
		"key below":          {"tang", qinghe, 3, 1, "quota.bounds", "2–9 个"},
		"more key than all":  {"tang", qinghe, 3, 4, "quota.keys", "总数"},
		"as it is":           {"tang", qinghe, 3, 2, "quota.same", "课题 3 个、重点课题 2 个"},
		"unknown unit":       {"tang", "东山镇党委", 4, 2, "unit.unknown", "没有找到"},
		"the own unit":       {"tang", department, 4, 2, "rights.own-unit", "回避"},
		"by staff":           {"sun", qinghe, 4, 2, "rights.role", "科室负责人办理。可以找：唐立。"},
		"by the unit itself": {"wang", qinghe, 4, 2, "rights.role", "可以找：唐立。"},
	} {
		w := opened(t)
		command := award.RaiseQuota{By: w.who(c.by), Unit: c.unit, Topics: c.topics, KeyTopics: c.keys}
		if c.rule != "" {
			if refusal := w.refused(command, now, c.rule); !strings.Contains(refusal.Text, c.words) {
				t.Errorf("%s: text %q lacks %q", name, refusal.Text, c.words)
			}
			continue
		}
		changes := w.must(command, now)
		cycle, _ := w.Cycle()
		if topics, keys := award.Quota(cycle, w.unit(c.unit)); topics != c.topics || keys != c.keys {
			t.Errorf("%s: %d and %d", name, topics, keys)
		}
		if topics, keys := award.Quota(cycle, w.unit(liulin)); topics != 3 || keys != 2 {
			t.Errorf("%s: another unit has %d and %d", name, topics, keys)
		}
		if len(changes.Log) != 1 || changes.Log[0].Did != "quota.raise" || changes.Log[0].Object != award.FilingRecord(c.unit) {
			t.Errorf("%s: %+v", name, changes.Log)
		}
	}
}

// A raised quota is room for one more topic; it can be set lower again.
func TestRaisedQuotaIsUsed(t *testing.T) {
	t.Parallel()
	w := opened(t)
	for _, title := range []string{"村级党群议事会机制探索", "非公企业党建结对共建", "楼栋党小组双向报到"} {
		w.submit("zhao", title, now)
	}
	fourth := award.SubmitFiling{By: w.who("zhao"), Filing: titled("教师党员双培养工程"), At: now}
	w.refused(fourth, now, "filing.quota-topics")
	w.must(award.RaiseQuota{By: w.who("tang"), Unit: qinghe, Topics: 4, KeyTopics: 2}, now)
	w.must(fourth, now)
	refusal := w.refused(award.SubmitFiling{By: w.who("zhao"), Filing: titled("农村无职党员设岗定责"), At: now}, now, "filing.quota-topics")
	if !strings.Contains(refusal.Text, "放宽后最多 4 个") {
		t.Errorf("text %q", refusal.Text)
	}
	w.must(award.RaiseQuota{By: w.who("tang"), Unit: qinghe, Topics: 3, KeyTopics: 3}, now)
	if got := w.unit(qinghe); len(got.Topics) != 4 || got.MaxTopics != 3 || got.MaxKeyTopics != 3 {
		t.Errorf("%+v", got)
	}
}

// A repeated import of the people file takes nothing of it away.
func TestWaiversSurviveAnImport(t *testing.T) {
	t.Parallel()
	w := opened(t)
	w.must(award.ExtendUnit{By: w.who("sun"), Unit: qinghe, Until: date(2026, 12, 31)}, now)
	w.must(award.RaiseQuota{By: w.who("tang"), Unit: qinghe, Topics: 5, KeyTopics: 3}, now)
	before := people(t)
	for i := range before.Units {
		before.Units[i] = w.unit(before.Units[i].ID)
	}
	incoming := people(t)
	for i := range incoming.Units {
		incoming.Units[i].Order += 10
	}
	changes, _ := award.Merge(before, incoming, false)
	if err := w.Apply(changes); err != nil {
		t.Fatal(err)
	}
	got := w.unit(qinghe)
	if got.Order < 10 || got.Cycle != "2026" || got.MaxTopics != 5 || got.MaxKeyTopics != 3 || !got.Extended.Equal(date(2027, 1, 1).At(0, 0)) {
		t.Errorf("%+v", got)
	}
}

func TestAddMonths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from   award.Date
		months int
		want   award.Date
	}{
		{date(2026, 12, 21), 3, date(2027, 3, 21)},
		{date(2026, 11, 30), 3, date(2027, 2, 28)},
		{date(2027, 11, 30), 3, date(2028, 2, 29)},
		{date(2027, 1, 31), 1, date(2027, 2, 28)},
		{date(2027, 3, 31), -1, date(2027, 2, 28)},
		{date(2028, 10, 20), 12, date(2029, 10, 20)},
	} {
		if got := c.from.AddMonths(c.months); got != c.want {
			t.Errorf("%s and %d months: %s, want %s", c.from, c.months, got, c.want)
		}
	}
}
