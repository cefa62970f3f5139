package award_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cxbot/award"
)

// Every command on a topic in every status, by somebody with the right to it:
// the status that follows, or "" for a refusal by status.
func TestTransitions(t *testing.T) {
	t.Parallel()
	type commands = map[string]award.Status
	table := map[award.Status]commands{
		award.StatusAwaiting:  {"confirm": award.StatusFiled, "decline": award.StatusReworking, "withdraw": award.StatusWithdrawn},
		award.StatusReworking: {"withdraw": award.StatusWithdrawn},
		award.StatusFiled:     {"withdraw": award.StatusWithdrawn, "accept": award.StatusRunning, "return": award.StatusReturned},
		award.StatusReturned:  {"withdraw": award.StatusWithdrawn},
		award.StatusRunning:   {},
		award.StatusWithdrawn: {},
	}
	for _, from := range award.Statuses() {
		for _, name := range []string{"confirm", "decline", "withdraw", "accept", "return"} {
			w := opened(t)
			id := w.inStatus(from)
			before := w.topic(id)
			command := map[string]award.Command{
				"confirm":  award.ConfirmFiling{By: w.who("wang"), Topic: id},
				"decline":  award.DeclineFiling{By: w.who("wang"), Topic: id},
				"withdraw": award.WithdrawFiling{By: w.who("wang"), Topic: id},
				"accept":   award.AcceptFilings{By: w.who("sun"), Topics: []string{id}},
				"return":   award.ReturnFiling{By: w.who("sun"), Topic: id, Items: []award.ReturnItem{{Text: "补"}}},
			}[name]
			to, allowed := table[from][name]
			if !allowed {
				rule := "topic.status"
				if from == award.StatusRunning && name == "withdraw" {
					rule = "filing.recorded"
				}
				w.refused(command, now, rule)
				continue
			}
			changes := w.must(command, now)
			after := w.topic(id)
			if after.Status != to || after.Rev != before.Rev+1 {
				t.Errorf("%s from %s: %s rev %d", name, from, after.Status, after.Rev)
			}
			if l := changes.Log; len(l) != 1 || l[0].Did != "filing."+name || l[0].Object != award.TopicRecord(id) {
				t.Errorf("%s from %s: log %+v", name, from, l)
			}
			if len(after.Versions) != len(before.Versions) || !reflect.DeepEqual(after.Versions, before.Versions) {
				t.Errorf("%s from %s: versions changed", name, from)
			}
			refs := w.unit(qinghe).Topics
			if gone := to == award.StatusWithdrawn; gone != (len(refs) == 0) || !gone && refs[0].Status != to {
				t.Errorf("%s from %s: unit's topics %+v", name, from, refs)
			}
		}
	}
}

// Every command by every kind of person, on a topic in a status that allows it.
func TestCommandsByRole(t *testing.T) {
	t.Parallel()
	everyone := []string{"wang", "li", "zhao", "he", "liu", "chen", "zhou", "sun", "tang", "xu", "ping", "zu", "jian", "guan"}
	for name, c := range map[string]struct {
		status award.Status
		make   func(award.Person, string) award.Command
		may    []string
	}{
		"confirm": {award.StatusAwaiting, func(p award.Person, id string) award.Command {
			return award.ConfirmFiling{By: p, Topic: id}
		}, []string{"wang"}},
		"decline": {award.StatusAwaiting, func(p award.Person, id string) award.Command {
			return award.DeclineFiling{By: p, Topic: id}
		}, []string{"wang"}},
		"withdraw": {award.StatusAwaiting, func(p award.Person, id string) award.Command {
			return award.WithdrawFiling{By: p, Topic: id}
		}, []string{"wang", "zhao"}},
		"accept": {award.StatusFiled, func(p award.Person, id string) award.Command {
			return award.AcceptFilings{By: p, Topics: []string{id}}
		}, []string{"sun", "tang"}},
		"return": {award.StatusFiled, func(p award.Person, id string) award.Command {
			return award.ReturnFiling{By: p, Topic: id, Items: []award.ReturnItem{{Text: "补"}}}
		}, []string{"sun", "tang"}},
		"edit": {award.StatusAwaiting, func(p award.Person, id string) award.Command {
			return award.SubmitFiling{By: p, Topic: id, Filing: titled("改过名称的课题")}
		}, []string{"wang", "li", "zhao"}},
	} {
		for _, id := range everyone {
			w := opened(t)
			topic := w.inStatus(c.status)
			_, refusal := award.Decide(w, c.make(w.who(id), topic), now)
			if (refusal == nil) != slices.Contains(c.may, id) {
				t.Errorf("%s by %s: %+v", name, id, refusal)
			}
			if refusal != nil && !strings.HasPrefix(refusal.Rule, "rights.") {
				t.Errorf("%s by %s: refused %s, want a matter of rights", name, id, refusal.Rule)
			}
		}
	}
}

func TestConfirmRecordsWho(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.inStatus(award.StatusAwaiting)
	refusal := w.refused(award.ConfirmFiling{By: w.who("zhao"), Topic: id}, now, "rights.role")
	if !strings.Contains(refusal.Text, "可以找：王建国。") {
		t.Errorf("text %q", refusal.Text)
	}
	// After the deadline, too: what counts is the arrival of 提交.
	w.must(award.ConfirmFiling{By: w.who("wang"), Topic: id}, tooLate)
	if topic := w.topic(id); topic.ConfirmedBy != "wang" || !topic.ConfirmedAt.Equal(tooLate) || topic.Late {
		t.Errorf("%+v", topic)
	}
}

func TestDeclineKeepsReasonAndTitle(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.inStatus(award.StatusReworking)
	topic := w.topic(id)
	if topic.Decline == nil || topic.Decline.Reason != "再具体些" || topic.Decline.By != "wang" {
		t.Errorf("%+v", topic.Decline)
	}
	if c := w.Counts(); c.Filed != 0 || c.ByStatus[award.StatusReworking] != 1 {
		t.Errorf("counts %+v", c)
	}
	w.refused(award.SubmitFiling{By: w.who("qian"), Filing: filing()}, now, "filing.title-taken")
}

func TestWithdrawTwice(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.inStatus(award.StatusFiled)
	w.must(award.WithdrawFiling{By: w.who("zhao"), Topic: id}, now)
	w.refused(award.WithdrawFiling{By: w.who("zhao"), Topic: id}, now, "topic.status")
	if !w.topic(id).WithdrawnAt.Equal(now) {
		t.Error("the moment is not kept")
	}
	w.inStatus(award.StatusFiled)
	if next := w.unit(qinghe).Topics[0].ID; next != "2026-0002" {
		t.Errorf("id %s was used again", next)
	}
}

func TestTopicOfPastCycle(t *testing.T) {
	t.Parallel()
	w := opened(t)
	old := award.Topic{ID: "2024-0001", Rev: 1, Cycle: "2024", Unit: qinghe, Status: award.StatusAwaiting, Versions: []award.Version{{N: 1, Filing: filing()}}}
	if err := w.Apply(award.Changes{Topics: []award.TopicChange{{After: old}}}); err != nil {
		t.Fatal(err)
	}
	w.refused(award.ConfirmFiling{By: w.who("wang"), Topic: old.ID}, now, "topic.past-cycle")
}

func TestGrantConfirm(t *testing.T) {
	t.Parallel()
	w := opened(t)
	grant := func(by, to string, off bool) award.Command {
		return award.GrantConfirm{By: w.who(by), To: to, Off: off}
	}
	gone := award.Person{UserID: "gone", Name: "离任", Unit: qinghe, Roles: []award.Role{award.RoleDeputy}, Left: true}
	w.Add(nil, []award.Person{gone})
	for _, c := range []struct {
		by, to string
		off    bool
		rule   string
	}{
		{"zhao", "li", false, "rights.role"},
		{"li", "li", false, "rights.role"},
		{"sun", "li", false, "rights.role"},
		{"guan", "li", false, "rights.role"},
		{"wang", "zhou", false, "grant.other-unit"},
		{"wang", "nobody", false, "grant.other-unit"},
		{"wang", "gone", false, "grant.other-unit"},
		{"wang", "wang", false, "grant.head"},
		{"wang", "li", true, "grant.none"},
	} {
		w.refused(grant(c.by, c.to, c.off), now, c.rule)
	}
	changes := w.must(grant("wang", "LI", false), now)
	if got := w.unit(qinghe); !slices.Equal(got.Confirmers, []string{"li"}) || got.Rev != 2 || changes.Log[0].Did != "confirm.grant" {
		t.Errorf("%+v %+v", got, changes.Log)
	}
	w.refused(grant("wang", "li", false), now, "grant.held")
	// 提交 by the authorised person now counts as the unit's.
	id := w.submit("li", "村级党群议事会机制探索", now)
	if topic := w.topic(id); topic.Status != award.StatusFiled || topic.ConfirmedBy != "li" {
		t.Errorf("%+v", topic)
	}
	second := w.submit("zhao", "楼栋党小组双向报到", now)
	w.must(award.ConfirmFiling{By: w.who("li"), Topic: second}, now)
	w.must(grant("wang", "li", true), now)
	third := w.submit("zhao", "教师党员双培养工程", now)
	w.refused(award.ConfirmFiling{By: w.who("li"), Topic: third}, now, "rights.role")
}

// The rights are those of the moment, whatever the command carries.
func TestRightsOfTheMoment(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.inStatus(award.StatusAwaiting)
	head := w.who("wang")
	demoted := head
	demoted.Roles = []award.Role{award.RoleMember}
	w.Add(nil, []award.Person{demoted})
	w.refused(award.ConfirmFiling{By: head, Topic: id}, now, "rights.role")
	demoted.Left = true
	w.Add(nil, []award.Person{demoted})
	w.refused(award.ConfirmFiling{By: head, Topic: id}, now, "rights.left")
}

// Two decisions on one state: the second commit is refused, nothing is mixed.
func TestConflictingDecisions(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.inStatus(award.StatusFiled)
	accept, r1 := award.Decide(w, award.AcceptFilings{By: w.who("sun"), Topics: []string{id}}, now)
	withdraw, r2 := award.Decide(w, award.WithdrawFiling{By: w.who("wang"), Topic: id}, now)
	if r1 != nil || r2 != nil {
		t.Fatal(r1, r2)
	}
	if err := w.Apply(accept); err != nil {
		t.Fatal(err)
	}
	if err := w.Apply(withdraw); !errors.Is(err, award.ErrRevision) {
		t.Errorf("error %v", err)
	}
	if got := w.topic(id).Status; got != award.StatusRunning {
		t.Errorf("status %s", got)
	}
}

// Decide twice on the same view gives the same, and does not touch what it read.
func TestDecideIsRepeatable(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.inStatus(award.StatusReturned)
	before, unit := w.topic(id), w.unit(qinghe)
	command := award.SubmitFiling{By: w.who("zhao"), Topic: id, Filing: titled("改过名称的课题"), At: now}
	first, _ := award.Decide(w, command, now.Add(time.Minute))
	second, _ := award.Decide(w, command, now.Add(time.Minute))
	if !reflect.DeepEqual(first, second) {
		t.Error("two decisions differ")
	}
	first.Topics[0].After.Versions[1].Filing.Pilots[0].Name = "被改"
	if !reflect.DeepEqual(before, w.topic(id)) || !reflect.DeepEqual(unit, w.unit(qinghe)) {
		t.Error("deciding changed the stored records")
	}
}

// What the filler says of the 一把手's consent is kept and confirms nothing (D11).
func TestClaimConsent(t *testing.T) {
	t.Parallel()
	w := opened(t)
	id := w.must(award.SubmitFiling{By: w.who("zhao"), Filing: filing(), Claimed: "书记知道", At: now}, now).Topics[0].After.ID
	if got, _ := w.Topic(id); got.ClaimedConfirm != "书记知道" || got.Status != award.StatusAwaiting {
		t.Fatalf("submitted with a claim: %+v", got)
	}
	w.refused(award.ClaimConsent{By: w.who("zhao"), Topic: id, Words: "。"}, now, "claim.empty")
	w.refused(award.ClaimConsent{By: w.who("wang"), Topic: id, Words: "我同意"}, now, "claim.own")
	w.refused(award.ClaimConsent{By: w.who("zhou"), Topic: id, Words: "书记同意了"}, now, "rights.other-unit")
	changes := w.must(award.ClaimConsent{By: w.who("zhao"), Topic: id, Words: strings.Repeat("同意", 80)}, now)
	got, _ := w.Topic(id)
	if award.Length(got.ClaimedConfirm) != 100 || got.Status != award.StatusAwaiting || got.ConfirmedBy != "" {
		t.Errorf("claimed: %+v", got)
	}
	if len(changes.Log) != 1 || changes.Log[0].Did != "filing.claim" || strings.Contains(changes.Log[0].Detail, "同意") {
		t.Errorf("log %+v", changes.Log)
	}
	w.must(award.ConfirmFiling{By: w.who("wang"), Topic: id}, now)
	w.refused(award.ClaimConsent{By: w.who("zhao"), Topic: id, Words: "书记同意了"}, now, "topic.status")
}
