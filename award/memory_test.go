package award_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"cxbot/award"
)

var _ award.View = (*award.Memory)(nil)

func ids(people []award.Person) []string {
	var out []string
	for _, p := range people {
		out = append(out, p.UserID)
	}
	return out
}

func unitIDs(units []award.Unit) []string {
	var out []string
	for _, u := range units {
		out = append(out, u.ID)
	}
	return out
}

func topicIDs(topics []award.Topic) []string {
	var out []string
	for _, t := range topics {
		out = append(out, t.ID)
	}
	return out
}

func TestMemoryPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if p, ok := w.Person("WANG"); !ok || p.UserID != "wang" || p.Unit != qinghe {
		t.Errorf("%+v %v", p, ok)
	}
	if _, ok := w.Person("nobody"); ok {
		t.Error("found nobody")
	}
	w.Add(nil, []award.Person{
		{UserID: "wang2", Name: "王建国", Roles: []award.Role{award.RoleStaff}},
		{UserID: "wang3", Name: "王建国", Roles: []award.Role{award.RoleStaff}, Left: true},
	})
	if got := ids(w.Named("王建国")); !slices.Equal(got, []string{"wang", "wang2"}) {
		t.Errorf("Named %v", got)
	}
	if got := w.Named("王建"); got != nil {
		t.Errorf("part of a name: %v", got)
	}
	if got := ids(w.WithRole(award.RoleStaff)); !slices.Equal(got, []string{"sun", "ma", "both", "wang2"}) {
		t.Errorf("WithRole %v", got)
	}
	for i := range 60 {
		w.Add(nil, []award.Person{{UserID: fmt.Sprint("n", i), Name: "同名", Roles: []award.Role{award.RoleReviewer}}})
	}
	if n, r := len(w.Named("同名")), len(w.WithRole(award.RoleReviewer)); n != 10 || r != 50 {
		t.Errorf("%d named, %d with the role", n, r)
	}
	if p, _ := w.Person("wang3"); !p.Left {
		t.Error("who left is not found by id")
	}
}

func TestMemoryUnits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for part, want := range map[string][]string{
		"镇":      {qinghe, liulin},
		"教育":     {education},
		"县 党委":   {education},
		"":       nil,
		" ":      nil,
		"*":      nil,
		"清河镇党委会": nil,
	} {
		if got := unitIDs(w.FindUnits(part)); !slices.Equal(got, want) {
			t.Errorf("FindUnits(%q) = %v, want %v", part, got, want)
		}
	}
	for i := range 20 {
		w.Add([]award.Unit{{ID: fmt.Sprint("村", i), Name: fmt.Sprint("村", i), Order: 100 - i}}, nil)
	}
	if got := unitIDs(w.FindUnits("村")); len(got) != 10 || got[0] != "村19" {
		t.Errorf("%v", got)
	}
	if page := w.Units(1, 2); page.Total != 25 || !slices.Equal(unitIDs(page.Units), []string{liulin, education}) {
		t.Errorf("Units: %v of %d", unitIDs(page.Units), page.Total)
	}
	if u := w.unit("村3"); u.Rev != 1 {
		t.Errorf("revision %d", u.Rev)
	}
}

func TestMemoryUnfiledAndCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if page := w.Unfiled(0, 10); page.Total != 0 || w.Counts().Units != 3 {
		t.Errorf("without a cycle: %+v, %+v", page, w.Counts())
	}
	w = opened(t)
	want := func(step string, filed int, unfiled ...string) {
		t.Helper()
		page := w.Unfiled(0, 10)
		counts := w.Counts()
		if !slices.Equal(unitIDs(page.Units), unfiled) || page.Total != len(unfiled) || counts.Units != 3 || counts.Filed != filed {
			t.Errorf("%s: %v of %d, %+v", step, unitIDs(page.Units), page.Total, counts)
		}
	}
	want("nothing yet", 0, qinghe, liulin, education)
	id := w.submit("zhao", "村级党群议事会机制探索", now)
	want("awaiting", 0, qinghe, liulin, education)
	w.must(award.ConfirmFiling{By: w.who("wang"), Topic: id}, now)
	want("filed", 1, liulin, education)
	w.must(award.ReturnFiling{By: w.who("sun"), Topic: id, Items: []award.ReturnItem{{Text: "补"}}}, now)
	want("returned", 1, liulin, education)
	w.must(award.WithdrawFiling{By: w.who("wang"), Topic: id}, now)
	want("withdrawn", 0, qinghe, liulin, education)
	first := w.submit("wang", "村级党群议事会机制探索", now)
	second := w.submit("wang", "楼栋党小组双向报到", now)
	want("two of one unit", 1, liulin, education)
	w.must(award.AcceptFilings{By: w.who("sun"), Topics: []string{first}}, now)
	w.must(award.WithdrawFiling{By: w.who("wang"), Topic: second}, now)
	want("one running, one withdrawn", 1, liulin, education)
	if got := w.Counts().ByStatus; !reflect.DeepEqual(got, map[award.Status]int{award.StatusWithdrawn: 2, award.StatusRunning: 1}) {
		t.Errorf("%v", got)
	}
	if page := w.Unfiled(1, 1); page.Total != 2 || !slices.Equal(unitIDs(page.Units), []string{education}) {
		t.Errorf("second page: %+v", page)
	}
	if page := w.Unfiled(5, 1); page.Total != 2 || page.Units != nil {
		t.Errorf("past the end: %+v", page)
	}
}

func TestMemoryTopics(t *testing.T) {
	t.Parallel()
	w := opened(t)
	a := w.submit("wang", "村级党群议事会机制探索", now)
	b := w.submit("zhou", "非公企业党建结对共建", now)
	c := w.submit("zhao", "楼栋党小组双向报到", now)
	for _, q := range []struct {
		query award.TopicQuery
		want  []string
		total int
	}{
		{award.TopicQuery{Limit: 10}, []string{a, b, c}, 3},
		{award.TopicQuery{Status: award.StatusAwaiting, Limit: 10}, []string{b, c}, 2},
		{award.TopicQuery{Unit: qinghe, Limit: 10}, []string{a, c}, 2},
		{award.TopicQuery{Unit: qinghe, Status: award.StatusFiled, Limit: 10}, []string{a}, 1},
		{award.TopicQuery{Offset: 1, Limit: 1}, []string{b}, 3},
		{award.TopicQuery{Offset: 3, Limit: 1}, nil, 3},
		{award.TopicQuery{Offset: -1, Limit: 1}, nil, 3},
		{award.TopicQuery{}, nil, 3},
		{award.TopicQuery{Status: award.StatusRunning, Limit: 10}, nil, 0},
	} {
		page := w.Topics(q.query)
		if !slices.Equal(topicIDs(page.Topics), q.want) || page.Total != q.total {
			t.Errorf("%+v: %v of %d", q.query, topicIDs(page.Topics), page.Total)
		}
	}
	far := award.Topic{ID: "2026-10000", Rev: 1, Cycle: "2026", Unit: liulin, Versions: []award.Version{{N: 1}}}
	near := far
	near.ID = "2026-9999"
	if err := w.Apply(award.Changes{Topics: []award.TopicChange{{After: far}, {After: near}}}); err != nil {
		t.Fatal(err)
	}
	if got := topicIDs(w.Topics(award.TopicQuery{Offset: 3, Limit: 10}).Topics); !slices.Equal(got, []string{"2026-9999", "2026-10000"}) {
		t.Errorf("serials past four digits: %v", got)
	}
}

func TestMemoryDrafts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	put := func(person string, done, total int, at time.Time) {
		t.Helper()
		d := award.DraftSummary{Person: person, Unit: qinghe, Form: "filing", Done: done, Total: total, At: at, Missing: []string{"试点内容"}}
		if err := w.Apply(award.Changes{Drafts: []award.DraftSummary{d}}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(person string) {
		t.Helper()
		if got, ok := w.Draft(qinghe); got.Person != person || ok != (person != "") {
			t.Errorf("%+v %v, want %q", got, ok, person)
		}
	}
	want("")
	put("zhao", 0, 11, now)
	want("zhao")
	put("qian", 5, 11, now)
	want("qian")
	put("zhao", 10, 22, now.Add(time.Hour)) // the same share, newer
	want("zhao")
	put("zhao", 0, 0, now)
	want("qian")
	put("qian", 0, 0, now)
	want("")
	if _, ok := w.Draft(liulin); ok {
		t.Error("another unit's draft")
	}
}

func TestMemoryFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Fail(award.Failed{Key: "a", At: now}, award.Failed{Key: "b", At: now.Add(time.Hour)}, award.Failed{Key: "c", At: now})
	got, total := w.Failed(0, 2)
	if total != 3 || len(got) != 2 || got[0].Key != "b" || got[1].Key != "a" {
		t.Errorf("%+v of %d", got, total)
	}
}

func TestMemoryApplyChecksRevisions(t *testing.T) {
	t.Parallel()
	topic := func(id string, rev int64) award.Topic {
		return award.Topic{ID: id, Rev: rev, Cycle: "2026", Unit: qinghe, Versions: []award.Version{{N: 1}}}
	}
	unit := func(id string, rev int64) award.Unit { return award.Unit{ID: id, Name: id, Rev: rev} }
	pTopic := func(rev int64) *award.Topic { t := topic("t", rev); return &t }
	pUnit := func(rev int64) *award.Unit { u := unit(qinghe, rev); return &u }
	for name, c := range map[string]struct {
		changes  award.Changes
		conflict bool
		refused  bool
	}{
		"nothing":               {award.Changes{}, false, false},
		"new topic":             {award.Changes{Topics: []award.TopicChange{{After: topic("new", 1)}}}, false, false},
		"new topic at 2":        {award.Changes{Topics: []award.TopicChange{{After: topic("new", 2)}}}, true, true},
		"new but known":         {award.Changes{Topics: []award.TopicChange{{After: topic("t", 1)}}}, true, true},
		"next":                  {award.Changes{Topics: []award.TopicChange{{Before: pTopic(1), After: topic("t", 2)}}}, false, false},
		"stale":                 {award.Changes{Topics: []award.TopicChange{{Before: pTopic(0), After: topic("t", 1)}}}, true, true},
		"ahead":                 {award.Changes{Topics: []award.TopicChange{{Before: pTopic(2), After: topic("t", 3)}}}, true, true},
		"skipping":              {award.Changes{Topics: []award.TopicChange{{Before: pTopic(1), After: topic("t", 3)}}}, true, true},
		"unknown":               {award.Changes{Topics: []award.TopicChange{{Before: pTopic(1), After: topic("u", 2)}}}, true, true},
		"unit next":             {award.Changes{Units: []award.UnitChange{{Before: pUnit(1), After: unit(qinghe, 2)}}}, false, false},
		"unit stale":            {award.Changes{Units: []award.UnitChange{{Before: pUnit(2), After: unit(qinghe, 3)}}}, true, true},
		"unit new":              {award.Changes{Units: []award.UnitChange{{After: unit("新单位", 1)}}}, false, false},
		"second cycle":          {award.Changes{Cycle: &award.Cycle{ID: "2028", Rev: 2}}, false, false},
		"cycle again":           {award.Changes{Cycle: &award.Cycle{ID: "2026", Rev: 1}}, true, true},
		"serial forward":        {award.Changes{Sequences: map[string]int{"s": 8}}, false, false},
		"serial again":          {award.Changes{Sequences: map[string]int{"s": 7}}, true, true},
		"number of another":     {award.Changes{Topics: []award.TopicChange{{After: numbered("new", "〔2026〕备-001")}}}, false, true},
		"good and bad together": {award.Changes{Sequences: map[string]int{"s": 9}, Units: []award.UnitChange{{Before: pUnit(2), After: unit(qinghe, 3)}}}, true, true},
	} {
		w := opened(t)
		setup := award.Changes{
			Topics:    []award.TopicChange{{After: topic("t", 1)}, {After: numbered("n", "〔2026〕备-001")}},
			Sequences: map[string]int{"s": 7},
		}
		if err := w.Apply(setup); err != nil {
			t.Fatal(err)
		}
		c.changes.Log = []award.Entry{{Who: "test"}}
		before := len(w.Log)
		err := w.Apply(c.changes)
		if (err != nil) != c.refused || errors.Is(err, award.ErrRevision) != c.conflict {
			t.Errorf("%s: %v", name, err)
		}
		if c.refused && (len(w.Log) != before || w.NextNumber("s") != 8 || w.unit(qinghe).Rev != 1) {
			t.Errorf("%s: refused but partly written", name)
		}
		if !c.refused && len(w.Log) != before+1 {
			t.Errorf("%s: log not written", name)
		}
	}
}

func numbered(id, number string) award.Topic {
	return award.Topic{ID: id, Rev: 1, Cycle: "2026", Unit: qinghe, Number: number, Versions: []award.Version{{N: 1}}}
}

// What is handed out or taken in shares no memory with the store.
func TestMemoryCopies(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.inStatus(award.StatusReturned)
	topic, unit, cycle, person := w.topic(id), w.unit(qinghe), first(w.Cycle()), w.who("wang")
	topic.Versions[0].Filing.Steps[0].Title = "改"
	topic.Return.Items[0].Text = "改"
	unit.Topics[0].Title = "改"
	unit.Heads[0] = "改"
	cycle.Milestones[0].Date = date(2000, 1, 1)
	person.Roles[0] = award.RoleAdmin
	if got := w.topic(id); got.Versions[0].Filing.Steps[0].Title == "改" || got.Return.Items[0].Text == "改" {
		t.Error("topic is shared")
	}
	if got := w.unit(qinghe); got.Topics[0].Title == "改" || got.Heads[0] == "改" {
		t.Error("unit is shared")
	}
	if first(w.Cycle()).Milestones[0].Date == date(2000, 1, 1) || w.who("wang").Has(award.RoleAdmin) {
		t.Error("cycle or person is shared")
	}
}

func first[T any](v T, _ bool) T { return v }
