package award_test

import (
	"strings"
	"testing"
	"time"

	"cxbot/award"
)

// The effective deadline of the sample cycle, and moments around it.
var (
	deadline = date(2026, 12, 22).At(0, 0)
	inGrace  = deadline.Add(20 * time.Minute)
	tooLate  = deadline.Add(time.Hour)
)

func TestSubmitByWhom(t *testing.T) {
	t.Parallel()
	for id, c := range map[string]struct {
		status award.Status
		rule   string
	}{
		"zhao": {award.StatusAwaiting, ""},
		"li":   {award.StatusAwaiting, ""},
		"wang": {award.StatusFiled, ""},
		"wu":   {award.StatusFiled, ""}, // filler and 一把手 in one
		"both": {award.StatusAwaiting, ""},
		"he":   {"", "rights.role"},
		"liu":  {"", "rights.role"},
		"sun":  {"", "rights.proxy"},
		"tang": {"", "rights.role"},
		"xu":   {"", "rights.role"},
		"ping": {"", "rights.role"},
		"zu":   {"", "rights.role"},
		"jian": {"", "rights.role"},
		"guan": {"", "rights.role"},
	} {
		w := opened(t)
		command := award.SubmitFiling{By: w.who(id), Filing: filing(), At: now}
		if c.rule != "" {
			w.refused(command, now, c.rule)
			continue
		}
		w.must(command, now)
		topic := w.topic("2026-0001")
		if topic.Status != c.status || (topic.ConfirmedBy == id) != (c.status == award.StatusFiled) || topic.ConfirmedAt.IsZero() == (c.status == award.StatusFiled) {
			t.Errorf("%s: %s, confirmed by %q", id, topic.Status, topic.ConfirmedBy)
		}
	}
	w := opened(t)
	w.refused(award.SubmitFiling{By: award.Person{UserID: "nobody", Unit: qinghe, Roles: award.Roles}, Filing: filing()}, now, "rights.left")
}

func TestSubmitNew(t *testing.T) {
	t.Parallel()
	w := opened(t)
	f := filing()
	f.Key = true
	changes := w.must(award.SubmitFiling{By: w.who("zhao"), Filing: f, At: now.Add(-time.Minute), Draft: "filing", Claimed: "书记同意了"}, now)
	topic := w.topic("2026-0001")
	version := topic.Current()
	if topic.Rev != 1 || topic.Unit != qinghe || topic.Cycle != "2026" || topic.Filer != "zhao" || topic.Late || topic.Number != "" {
		t.Errorf("topic %+v", topic)
	}
	if !topic.SubmittedAt.Equal(now.Add(-time.Minute)) || topic.ClaimedConfirm != "书记同意了" || topic.Status != award.StatusAwaiting {
		t.Errorf("submitted %s, claimed %q, %s", topic.SubmittedAt, topic.ClaimedConfirm, topic.Status)
	}
	if version.N != 1 || version.By != "zhao" || version.Hash != award.HashFiling(f) {
		t.Errorf("version %+v", version)
	}
	unit := w.unit(qinghe)
	if want := (award.TopicRef{ID: "2026-0001", Title: f.Title, Status: award.StatusAwaiting, Key: true, At: now.Add(-time.Minute)}); len(unit.Topics) != 1 || unit.Topics[0] != want || unit.Cycle != "2026" || unit.Rev != 2 {
		t.Errorf("unit %+v", unit)
	}
	if changes.Sequences["topic:2026"] != 1 || len(changes.Sequences) != 1 {
		t.Errorf("sequences %v", changes.Sequences)
	}
	if d := changes.Drafts; len(d) != 1 || d[0].Person != "zhao" || d[0].Unit != qinghe || d[0].Form != "filing" || d[0].Total != 0 {
		t.Errorf("drafts %+v", d)
	}
	if l := changes.Log; len(l) != 1 || l[0].Did != "filing.submit" || l[0].Object != "topic:2026-0001" || l[0].Who != "zhao" || !l[0].At.Equal(now) || strings.Contains(l[0].Detail, "议事") {
		t.Errorf("log %+v", l)
	}
	if second := w.submit("chen", "非公企业党建结对共建", now); second != "2026-0002" {
		t.Errorf("second id %s", second)
	}
}

func TestSubmitNeedsACycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refusal := w.refused(award.SubmitFiling{By: w.who("zhao"), Filing: filing(), At: now}, now, "filing.no-cycle")
	if !strings.Contains(refusal.Text, "草稿") || !strings.Contains(refusal.Text, "组织部") {
		t.Errorf("text %q", refusal.Text)
	}
}

func TestSubmitRefusesIssues(t *testing.T) {
	t.Parallel()
	w := opened(t)
	f := filing()
	f.Problem = "太短"
	refusal := w.refused(award.SubmitFiling{By: w.who("zhao"), Filing: f, At: now}, now, "filing.problem-short")
	if refusal.Clause != "C61" || strings.Contains(refusal.Text, "\n") {
		t.Errorf("%+v", refusal)
	}
	refusal = w.refused(award.SubmitFiling{By: w.who("zhao"), At: now}, now, "filing.title-empty")
	if !strings.HasPrefix(refusal.Text, "还有 15 处要改：\n1. ") || strings.Count(refusal.Text, "\n") != 6 {
		t.Errorf("text %q", refusal.Text)
	}
}

func TestSubmitTitleAndQuota(t *testing.T) {
	t.Parallel()
	w := opened(t)
	w.submit("zhao", "村级党群议事会机制探索", now)
	w.refused(award.SubmitFiling{By: w.who("qian"), Filing: titled("“村级党群议事会”机制探索"), At: now}, now, "filing.title-taken")
	w.submit("chen", "村级党群议事会机制探索", now) // another unit may
	w.submit("zhao", "楼栋党小组双向报到", now)
	third := w.submit("zhao", "教师党员双培养工程", now)
	refusal := w.refused(award.SubmitFiling{By: w.who("zhao"), Filing: titled("第四个课题的名称"), At: now}, now, "filing.quota-topics")
	if refusal.Clause != "C81" || !strings.Contains(refusal.Text, "科室负责人") {
		t.Errorf("%+v", refusal)
	}
	w.must(award.WithdrawFiling{By: w.who("zhao"), Topic: third}, now)
	w.submit("zhao", "教师党员双培养工程", now) // freed: quota and title
}

// Arrival decides, not when the turn ran (D11).
func TestSubmitLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at     time.Time
		reason string
		late   bool
		rule   string
	}{
		"on the last second":   {deadline.Add(-time.Second), "", false, ""},
		"in the hidden grace":  {inGrace, "", false, ""},
		"needless reason":      {now, "路上堵车", false, ""},
		"late without reason":  {tooLate, "", false, "filing.late"},
		"reason without words": {tooLate, "。。", false, "filing.late"},
		"reason too long":      {tooLate, chars(201), false, "filing.late-reason-long"},
		"late with reason":     {tooLate, " 书记出差未及时确认 ", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := opened(t)
			command := award.SubmitFiling{By: w.who("zhao"), Filing: filing(), At: c.at, LateReason: c.reason}
			if c.rule != "" {
				refusal := w.refused(command, c.at.Add(time.Minute), c.rule)
				if c.rule == "filing.late" && !strings.Contains(refusal.Text, "12月21日（周一）") {
					t.Errorf("text %q", refusal.Text)
				}
				return
			}
			w.must(command, c.at.Add(2*time.Hour))
			topic := w.topic("2026-0001")
			if topic.Late != c.late || topic.Late != (topic.LateReason == "书记出差未及时确认") {
				t.Errorf("late %v, reason %q", topic.Late, topic.LateReason)
			}
		})
	}
}

func TestSubmitWithExtension(t *testing.T) {
	t.Parallel()
	w := opened(t)
	unit := w.unit(qinghe)
	unit.Cycle, unit.Extended = "2026", date(2027, 1, 1).At(0, 0)
	w.Add([]award.Unit{unit}, nil)
	w.submit("zhao", "村级党群议事会机制探索", tooLate)
	if w.topic("2026-0001").Late || w.unit(qinghe).Extended.IsZero() {
		t.Error("the unit's own extension was not honoured or was lost")
	}
	w.refused(award.SubmitFiling{By: w.who("chen"), Filing: filing(), At: tooLate}, tooLate, "filing.late")
}

// What happens to an edit in each status, before and after the deadline.
func TestSubmitAgain(t *testing.T) {
	t.Parallel()
	changed := titled("村级党群议事会“三议三公开”机制再探索")
	for name, c := range map[string]struct {
		from   award.Status
		by     string
		filing award.Filing
		at     time.Time
		reason string
		rule   string // refused so
		status award.Status
		late   bool
		did    string
	}{
		"awaiting, filler edits":         {award.StatusAwaiting, "zhao", changed, now, "", "", award.StatusAwaiting, false, "filing.edit"},
		"awaiting, another filler":       {award.StatusAwaiting, "qian", changed, now, "", "", award.StatusAwaiting, false, "filing.edit"},
		"awaiting, head edits":           {award.StatusAwaiting, "wang", changed, now, "", "", award.StatusFiled, false, "filing.edit"},
		"awaiting, head submits as is":   {award.StatusAwaiting, "wang", filing(), now, "", "", award.StatusFiled, false, "filing.edit"},
		"awaiting, nothing changed":      {award.StatusAwaiting, "zhao", filing(), now, "", "filing.unchanged", "", false, ""},
		"awaiting, deadline over":        {award.StatusAwaiting, "zhao", changed, tooLate, "原因", "filing.edit-closed", "", false, ""},
		"awaiting, other unit":           {award.StatusAwaiting, "zhou", changed, now, "", "rights.other-unit", "", false, ""},
		"awaiting, member":               {award.StatusAwaiting, "he", changed, now, "", "rights.role", "", false, ""},
		"reworking, before":              {award.StatusReworking, "zhao", changed, now, "", "", award.StatusAwaiting, false, "filing.edit"},
		"reworking, head":                {award.StatusReworking, "wang", changed, now, "", "", award.StatusFiled, false, "filing.edit"},
		"reworking, after, no reason":    {award.StatusReworking, "zhao", changed, tooLate, "", "filing.late", "", false, ""},
		"reworking, after, with reason":  {award.StatusReworking, "zhao", changed, tooLate, "补材料", "", award.StatusAwaiting, true, "filing.edit"},
		"filed, filler edits":            {award.StatusFiled, "zhao", changed, now, "", "", award.StatusAwaiting, false, "filing.edit"},
		"filed, head edits":              {award.StatusFiled, "wang", changed, now, "", "", award.StatusFiled, false, "filing.edit"},
		"filed, head changes nothing":    {award.StatusFiled, "wang", filing(), now, "", "filing.unchanged", "", false, ""},
		"filed, in the grace":            {award.StatusFiled, "wang", changed, inGrace, "", "", award.StatusFiled, false, "filing.edit"},
		"filed, deadline over":           {award.StatusFiled, "wang", changed, tooLate, "原因", "filing.edit-closed", "", false, ""},
		"returned, mended in time":       {award.StatusReturned, "zhao", changed, now, "", "", award.StatusAwaiting, false, "filing.mend"},
		"returned, mended by head":       {award.StatusReturned, "wang", changed, now, "", "", award.StatusFiled, false, "filing.mend"},
		"returned, in time, nothing new": {award.StatusReturned, "zhao", filing(), now, "", "", award.StatusAwaiting, false, "filing.mend"},
		"returned, too late, no reason":  {award.StatusReturned, "zhao", changed, date(2026, 12, 1).At(0, 31), "", "filing.late", "", false, ""},
		"returned, too late":             {award.StatusReturned, "zhao", changed, date(2026, 12, 1).At(0, 31), "在外学习", "", award.StatusAwaiting, true, "filing.mend"},
		"returned, in the grace":         {award.StatusReturned, "zhao", changed, date(2026, 12, 1).At(0, 30), "", "", award.StatusAwaiting, false, "filing.mend"},
		"returned, other unit":           {award.StatusReturned, "zhou", changed, now, "", "rights.other-unit", "", false, ""},
		"running":                        {award.StatusRunning, "wang", changed, now, "", "filing.recorded", "", false, ""},
		"withdrawn":                      {award.StatusWithdrawn, "zhao", changed, now, "", "filing.withdrawn", "", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := opened(t)
			id := w.inStatus(c.from)
			before := w.topic(id)
			command := award.SubmitFiling{By: w.who(c.by), Topic: id, Filing: c.filing, At: c.at, LateReason: c.reason}
			if c.rule != "" {
				w.refused(command, c.at, c.rule)
				return
			}
			changes := w.must(command, c.at)
			after := w.topic(id)
			if after.Status != c.status || after.Late != c.late || changes.Log[0].Did != c.did {
				t.Errorf("%s late %v %s", after.Status, after.Late, changes.Log[0].Did)
			}
			if (after.ConfirmedBy != "") != (c.status == award.StatusFiled) {
				t.Errorf("confirmed by %q in %s", after.ConfirmedBy, after.Status)
			}
			if len(after.Versions) != len(before.Versions)+1 || after.Current().By != c.by || after.Rev != before.Rev+1 {
				t.Errorf("versions %d, rev %d", len(after.Versions), after.Rev)
			}
			if after.Versions[0].Hash != before.Versions[0].Hash || !after.SubmittedAt.Equal(before.SubmittedAt) || after.Filer != before.Filer {
				t.Error("an earlier version, the first arrival or the filer changed")
			}
			if after.Return != nil || after.Decline != nil || after.Returns != before.Returns {
				t.Errorf("return %+v, decline %+v, %d returns", after.Return, after.Decline, after.Returns)
			}
			if ref := w.unit(qinghe).Topics; len(ref) != 1 || ref[0].Status != c.status || ref[0].Title != c.filing.Title {
				t.Errorf("unit's topics %+v", ref)
			}
			if len(changes.Sequences) != 0 {
				t.Errorf("sequences %v", changes.Sequences)
			}
		})
	}
}

// A topic mended in time stays late when its first arrival was late.
func TestMendKeepsFirstLateness(t *testing.T) {
	t.Parallel()
	w := opened(t)
	w.must(award.SubmitFiling{By: w.who("wang"), Filing: filing(), At: tooLate, LateReason: "书记出差"}, tooLate)
	w.must(award.ReturnFiling{By: w.who("sun"), Topic: "2026-0001", Items: []award.ReturnItem{{Text: "补负责人"}}}, tooLate)
	w.must(award.SubmitFiling{By: w.who("wang"), Topic: "2026-0001", Filing: titled("村级党群议事会新机制"), At: tooLate.Add(time.Hour)}, tooLate)
	if topic := w.topic("2026-0001"); !topic.Late || topic.LateReason != "书记出差" || topic.Status != award.StatusFiled {
		t.Errorf("%+v", topic)
	}
}

func TestSubmitUnknownTopic(t *testing.T) {
	t.Parallel()
	w := opened(t)
	w.refused(award.SubmitFiling{By: w.who("zhao"), Topic: "2026-0009", Filing: filing()}, now, "topic.unknown")
}

// inStatus files a topic of 清河镇 and brings it to a status, all at now: a
// return given then is due at the end of 2026-11-30.
func (w *world) inStatus(status award.Status) string {
	w.t.Helper()
	by := "wang"
	if status == award.StatusAwaiting || status == award.StatusReworking {
		by = "zhao"
	}
	id := w.must(award.SubmitFiling{By: w.who(by), Filing: filing(), At: now}, now).Topics[0].After.ID
	switch status {
	case award.StatusAwaiting, award.StatusFiled:
	case award.StatusReworking:
		w.must(award.DeclineFiling{By: w.who("wang"), Topic: id, Reason: "再具体些"}, now)
	case award.StatusReturned:
		w.must(award.ReturnFiling{By: w.who("sun"), Topic: id, Items: []award.ReturnItem{{Field: "pilots", Text: "写负责人"}}}, now)
	case award.StatusRunning:
		w.must(award.AcceptFilings{By: w.who("sun"), Topics: []string{id}}, now)
	case award.StatusWithdrawn:
		w.must(award.WithdrawFiling{By: w.who("wang"), Topic: id}, now)
	default:
		w.t.Fatalf("no way to %s", status)
	}
	if got := w.topic(id).Status; got != status {
		w.t.Fatalf("reached %s, want %s", got, status)
	}
	return id
}
