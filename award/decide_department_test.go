package award_test

import (
	"slices"
	"strings"
	"testing"

	"cxbot/award"
)

func TestAcceptGivesNumbersInOrder(t *testing.T) {
	t.Parallel()
	w := opened(t)
	a := w.submit("wang", "村级党群议事会机制探索", now)
	b := w.submit("chen", "非公企业党建结对共建", now)
	c := w.submit("wang", "楼栋党小组双向报到", now)
	changes := w.must(award.AcceptFilings{By: w.who("sun"), Topics: []string{c, b, a, b}}, now)
	for id, number := range map[string]string{c: "〔2026〕备-001", b: "〔2026〕备-002", a: "〔2026〕备-003"} {
		topic := w.topic(id)
		if topic.Number != number || topic.Status != award.StatusRunning || topic.AcceptedBy != "sun" || !topic.AcceptedAt.Equal(now) {
			t.Errorf("%s: %+v", id, topic)
		}
		if same, ok := w.Topic(number); !ok || same.ID != id {
			t.Errorf("%s is not found by its number", id)
		}
	}
	if changes.Sequences["filing:2026"] != 3 || len(changes.Topics) != 3 || len(changes.Units) != 2 || len(changes.Log) != 3 {
		t.Errorf("%v, %d topics, %d units, %d log", changes.Sequences, len(changes.Topics), len(changes.Units), len(changes.Log))
	}
	for _, ref := range w.unit(qinghe).Topics {
		if ref.Status != award.StatusRunning {
			t.Errorf("unit's topic %+v", ref)
		}
	}
	d := w.submit("chen", "教师党员双培养工程", now)
	w.must(award.AcceptFilings{By: w.who("tang"), Topics: []string{d}}, now)
	if got := w.topic(d).Number; got != "〔2026〕备-004" {
		t.Errorf("next number %s", got)
	}
}

func TestAcceptAllOrNothing(t *testing.T) {
	t.Parallel()
	w := opened(t)
	filed := w.submit("wang", "村级党群议事会机制探索", now)
	awaiting := w.submit("zhou", "非公企业党建结对共建", now)
	refusal := w.refused(award.AcceptFilings{By: w.who("sun"), Topics: []string{filed, awaiting, "2026-0099"}}, now, "topic.status")
	for _, words := range []string{"3 份里有 2 份", "《非公企业党建结对共建》", "待确认", "2026-0099"} {
		if !strings.Contains(refusal.Text, words) {
			t.Errorf("text %q lacks %q", refusal.Text, words)
		}
	}
	if got := w.topic(filed).Status; got != award.StatusFiled {
		t.Errorf("%s", got)
	}
	w.refused(award.AcceptFilings{By: w.who("sun")}, now, "accept.none")
	w.refused(award.AcceptFilings{By: w.who("sun"), Topics: []string{"没有"}}, now, "topic.unknown")
}

// A member of the department does not accept or return their own unit's filing.
func TestAcceptOwnUnit(t *testing.T) {
	t.Parallel()
	w := opened(t)
	own := w.submit("chen", "非公企业党建结对共建", now)
	other := w.submit("wang", "村级党群议事会机制探索", now)
	refusal := w.refused(award.AcceptFilings{By: w.who("both"), Topics: []string{own}}, now, "rights.own-unit")
	if !strings.Contains(refusal.Text, "可以找：孙静、马超、唐立。") {
		t.Errorf("text %q", refusal.Text)
	}
	w.refused(award.AcceptFilings{By: w.who("both"), Topics: []string{other, own}}, now, "rights.own-unit")
	w.refused(award.ReturnFiling{By: w.who("both"), Topic: own, Items: []award.ReturnItem{{Text: "补"}}}, now, "rights.own-unit")
	w.must(award.AcceptFilings{By: w.who("both"), Topics: []string{other}}, now)
	w.must(award.AcceptFilings{By: w.who("ma"), Topics: []string{own}}, now)
}

func TestReturnDue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		days int
		due  award.Date
		want award.Date // last day; zero: refused
		gave int
	}{
		"default":           {0, award.Date{}, date(2026, 11, 30), 5},
		"three days":        {3, award.Date{}, date(2026, 11, 26), 3},
		"over the new year": {30, award.Date{}, date(2027, 1, 5), 30},
		"explicit":          {0, date(2026, 11, 30), date(2026, 11, 30), 5},
		"explicit wins":     {9, date(2026, 11, 25), date(2026, 11, 25), 2},
		"explicit Sunday":   {0, date(2026, 11, 29), date(2026, 11, 29), 4},
		"negative":          {-1, award.Date{}, award.Date{}, 0},
		"too many":          {61, award.Date{}, award.Date{}, 0},
		"today":             {0, date(2026, 11, 23), award.Date{}, 0},
		"in the past":       {0, date(2026, 11, 20), award.Date{}, 0},
		"next year":         {0, date(2027, 11, 20), award.Date{}, 0},
	} {
		w := opened(t)
		id := w.inStatus(award.StatusFiled)
		command := award.ReturnFiling{By: w.who("sun"), Topic: id, Items: []award.ReturnItem{{Field: "steps", Text: "写时间"}}, Days: c.days, Due: c.due}
		if c.want.IsZero() {
			w.refused(command, now, "return.due")
			continue
		}
		w.must(command, now)
		open := w.topic(id).Return
		if open == nil || !open.Due.Equal(c.want.Add(1).At(0, 0)) || open.Days != c.gave || open.Count != 1 || open.By != "sun" || !open.At.Equal(now) {
			t.Errorf("%s: %+v", name, open)
		}
	}
}

func TestReturnNeedsItems(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.inStatus(award.StatusFiled)
	for _, items := range [][]award.ReturnItem{nil, {{Field: "steps"}}, {{Text: " 。"}}} {
		w.refused(award.ReturnFiling{By: w.who("sun"), Topic: id, Items: items}, now, "return.items")
	}
	w.must(award.ReturnFiling{By: w.who("sun"), Topic: id, Items: []award.ReturnItem{{Text: ""}, {Field: "steps", Text: " 写时间 "}}}, now)
	if got := w.topic(id).Return.Items; !slices.Equal(got, []award.ReturnItem{{Field: "steps", Text: "写时间"}}) {
		t.Errorf("%+v", got)
	}
}

func TestReturnThreeTimes(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.inStatus(award.StatusFiled)
	for n := 1; n <= 4; n++ {
		changes := w.must(award.ReturnFiling{By: w.who("sun"), Topic: id, Items: []award.ReturnItem{{Text: "补"}}}, now)
		topic := w.topic(id)
		call := n >= 3
		if topic.Returns != n || topic.Return.Count != n || award.SuggestCall(topic) != call || strings.Contains(changes.Log[0].Detail, "建议电话沟通") != call {
			t.Errorf("return %d: %+v %+v", n, topic.Return, changes.Log)
		}
		w.must(award.SubmitFiling{By: w.who("wang"), Topic: id, Filing: filing(), At: now}, now)
	}
}

func TestResendFailed(t *testing.T) {
	t.Parallel()
	w := opened(t)
	for i := range 250 {
		w.Fail(award.Failed{Key: "k" + strings.Repeat("x", i), At: now})
	}
	last := "k" + strings.Repeat("x", 249)
	w.refused(award.ResendFailed{By: w.who("zhao"), Keys: []string{"k"}}, now, "rights.role")
	w.refused(award.ResendFailed{By: w.who("sun")}, now, "resend.unknown")
	w.refused(award.ResendFailed{By: w.who("sun"), Keys: []string{"k", "other"}}, now, "resend.unknown")
	for _, by := range []string{"sun", "guan"} {
		w.Fail(award.Failed{Key: "again", At: now})
		changes := w.must(award.ResendFailed{By: w.who(by), Keys: []string{"again", "again"}}, now)
		if !slices.Equal(changes.Resend, []string{"again"}) || changes.Log[0].Did != "message.resend" {
			t.Errorf("%+v", changes)
		}
	}
	w.must(award.ResendFailed{By: w.who("tang"), Keys: []string{last, "k"}}, now)
	if _, total := w.Failed(0, 1); total != 248 || !slices.Equal(w.Resent, []string{"again", "again", "k", last}) {
		t.Errorf("%d left, resent %v", total, len(w.Resent))
	}
}

func TestOpenCycle(t *testing.T) {
	t.Parallel()
	usual := award.ProposeMilestones(award.SampleCalendar(), 2026, award.Date{}, true)
	window := func(stage award.Stage, from, to award.Date) award.Milestone {
		return award.Milestone{Stage: stage, From: from, Date: to}
	}
	filingOn := func(d award.Date) award.Milestone { return award.Milestone{Stage: award.StageFiling, Date: d} }
	for name, c := range map[string]struct {
		by         string
		milestones []award.Milestone
		rule       string
	}{
		"staff":               {"sun", usual, ""},
		"chief":               {"tang", usual, ""},
		"admin":               {"guan", usual, ""},
		"head":                {"wang", usual, "rights.role"},
		"supervisor":          {"jian", usual, "rights.role"},
		"filing only":         {"sun", usual[:1], ""},
		"tomorrow":            {"sun", []award.Milestone{filingOn(date(2026, 11, 24))}, ""},
		"today":               {"sun", []award.Milestone{filingOn(date(2026, 11, 23))}, "cycle.past"},
		"in the past":         {"sun", []award.Milestone{filingOn(date(2026, 11, 20))}, "cycle.past"},
		"none":                {"sun", nil, "cycle.no-filing"},
		"without filing":      {"sun", usual[1:], "cycle.no-filing"},
		"undated":             {"sun", []award.Milestone{filingOn(award.Date{})}, "cycle.undated"},
		"unknown stage":       {"sun", []award.Milestone{usual[0], {Stage: "推广", Date: date(2030, 1, 1)}}, "cycle.stage"},
		"twice":               {"sun", []award.Milestone{usual[0], filingOn(date(2027, 1, 1))}, "cycle.order"},
		"wrong order":         {"sun", []award.Milestone{usual[0], usual[2], usual[1]}, "cycle.order"},
		"descending":          {"sun", []award.Milestone{usual[0], window(award.StageSupervise, date(2026, 12, 1), date(2027, 1, 1))}, "cycle.order"},
		"window upside down":  {"sun", []award.Milestone{usual[0], window(award.StageSupervise, date(2027, 11, 1), date(2027, 10, 1))}, "cycle.window"},
		"touching the filing": {"sun", []award.Milestone{usual[0], window(award.StageSupervise, date(2026, 12, 20), date(2027, 1, 1))}, "cycle.order"},
	} {
		w := newWorld(t)
		command := award.OpenCycle{By: w.who(c.by), Milestones: c.milestones, RollOver: true}
		if c.rule != "" {
			w.refused(command, now, c.rule)
			continue
		}
		w.must(command, now)
		cycle, open := w.Cycle()
		if !open || cycle.ID != "2026" || cycle.Rev != 1 || cycle.OpenedBy != c.by || cycle.MaxTopics != 3 || cycle.MaxKeyTopics != 2 || cycle.Award != award.DefaultAward {
			t.Errorf("%s: %+v", name, cycle)
		}
		if cycle.Name != "2026—2028年度基层党组织建设改革创新活动" {
			t.Errorf("%s: name %q", name, cycle.Name)
		}
	}
}

func TestOpenCycleComputesEffective(t *testing.T) {
	t.Parallel()
	for _, roll := range []bool{true, false} {
		w := newWorld(t)
		lie := []award.Milestone{{Stage: award.StageFiling, Date: date(2026, 12, 20), Effective: date(2027, 3, 1), Why: "随便"}}
		w.must(award.OpenCycle{By: w.who("sun"), Name: " 第三届 ", Milestones: lie, RollOver: roll}, now)
		cycle, _ := w.Cycle()
		want := award.Milestone{Stage: award.StageFiling, Date: date(2026, 12, 20), Effective: date(2026, 12, 20)}
		if roll {
			want.Effective, want.Why = date(2026, 12, 21), "12月20日是周日，顺延到12月21日（周一）"
		}
		if cycle.Milestones[0] != want || cycle.Name != "第三届" || cycle.RollOver != roll {
			t.Errorf("%+v", cycle)
		}
		refusal := w.refused(award.OpenCycle{By: w.who("tang"), Milestones: lie}, now, "cycle.open")
		if !strings.Contains(refusal.Text, "第三届") {
			t.Errorf("text %q", refusal.Text)
		}
	}
	w := newWorld(t)
	w.refused(award.OpenCycle{By: w.who("sun"), Name: chars(61), Milestones: award.ProposeMilestones(w.Calendar(), 2026, award.Date{}, true)}, now, "cycle.name")
}

func TestDescribeAndRefusalEntry(t *testing.T) {
	t.Parallel()
	p := award.Person{UserID: "sun"}
	for _, c := range []struct {
		command     award.Command
		did, object string
	}{
		{award.SubmitFiling{By: p}, "filing.submit", "topic:new"},
		{award.SubmitFiling{By: p, Topic: "2026-0001"}, "filing.submit", "topic:2026-0001"},
		{award.ConfirmFiling{By: p, Topic: "a"}, "filing.confirm", "topic:a"},
		{award.DeclineFiling{By: p, Topic: "a"}, "filing.decline", "topic:a"},
		{award.WithdrawFiling{By: p, Topic: "a"}, "filing.withdraw", "topic:a"},
		{award.AcceptFilings{By: p, Topics: []string{"a", "b"}}, "filing.accept", "topic:a,b"},
		{award.ReturnFiling{By: p, Topic: "a"}, "filing.return", "topic:a"},
		{award.OpenCycle{By: p}, "cycle.open", "cycle"},
		{award.GrantConfirm{By: p, To: "li"}, "confirm.grant", "person:li"},
		{award.ResendFailed{By: p}, "message.resend", "message"},
	} {
		by, did, object := award.Describe(c.command)
		if by != "sun" || did != c.did || object != c.object {
			t.Errorf("%T: %s %s %s", c.command, by, did, object)
		}
	}
	entry := award.RefusalEntry(now, "sun", "filing.accept", "topic:a", &award.Refusal{Text: "课题内容", Rule: "topic.status"})
	if want := (award.Entry{At: now, Who: "sun", Did: "refused", Object: "topic:a", Detail: "filing.accept topic.status"}); entry != want {
		t.Errorf("%+v", entry)
	}
	if _, refusal := award.Decide(opened(t), nil, now); refusal == nil || refusal.Rule != "command.unknown" || refusal.Error() != "refused command.unknown" {
		t.Errorf("no command: %+v", refusal)
	}
}
