package handlers

import (
	"slices"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// filingFacts are the rows of the confirm card.
func filingFacts(v V, a dialog.Answers) []chat.Row {
	f := toFiling(a)
	rows := []chat.Row{
		{Name: "课题", Value: dialog.Cut(f.Title, 80)},
		{Name: "党委", Value: dialog.Cut(v.Unit.Name, 60)},
		{Name: "责任人", Value: f.Responsible.Name},
		{Name: "完成", Value: f.Finish.Date.String()},
	}
	if c, ok := v.Cycle(); ok {
		rows = append(rows, chat.Row{Name: "截止", Value: momentText(award.FilingDeadline(c, v.Unit))})
	}
	return rows
}

// lastStep proposes the last step's date as the finish.
func lastStep(_ V, a dialog.Answers) string {
	steps := toSteps(a.Get("steps"))
	if len(steps) == 0 {
		return ""
	}
	last := steps[len(steps)-1].Due
	return dialog.JoinDate(last.Date.String(), string(last.Precision), last.Raw)
}

// contactOf proposes a member of the list as a contact.
func contactOf(v V, ids []string) string {
	for _, id := range ids {
		if p, ok := v.Person(id); ok && !p.Left {
			return dialog.JoinRows([][]string{{p.Name, p.Post, p.Phone}})
		}
	}
	return ""
}

func defaultHead(v V, _ dialog.Answers) string   { return contactOf(v, v.Unit.Heads) }
func defaultDeputy(v V, _ dialog.Answers) string { return contactOf(v, v.Unit.Deputys) }

// defaultSelf is whoever fills it in; the department enters the unit's own people.
func defaultSelf(v V, _ dialog.Answers) string {
	if v.Me.Unit != v.Unit.ID {
		return contactOf(v, slices.Concat(v.Unit.Filers, v.Unit.Deputys))
	}
	return contactOf(v, []string{v.Me.UserID})
}

// defaultKey proposes 重点 while the unit's quota lasts (domain.md 2.4).
func defaultKey(v V, a dialog.Answers) string {
	c, _ := v.Cycle()
	if award.CheckQuota(c, v.Unit, true, dialog.ObjectID(a.Object)) == nil {
		return dialog.Yes
	}
	return dialog.No
}

// keyNote explains the one default that uses up something scarce (C81).
func keyNote(value string) string {
	if value == dialog.Yes {
		return "（名额有限，不是请回复“重点课题：否”）"
	}
	return ""
}

// issue turns a rule of the programme into a sentence at the question.
func issue(i *award.Issue) dialog.Problem {
	if i == nil {
		return dialog.Problem{}
	}
	return dialog.Problem{Kind: dialog.RuleBroken, Text: i.Text}
}

func titleProblem(v V, a dialog.Answers, s string) dialog.Problem {
	c, _ := v.Cycle()
	if p := issue(award.CheckTitle(c, v.Unit, s, dialog.ObjectID(a.Object))); !p.OK() {
		return p
	}
	if i := award.CheckQuota(c, v.Unit, false, dialog.ObjectID(a.Object)); i != nil {
		return issue(i)
	}
	return dialog.Problem{}
}

func keyProblem(v V, a dialog.Answers, s string) dialog.Problem {
	c, _ := v.Cycle()
	return issue(award.CheckQuota(c, v.Unit, s == dialog.Yes, dialog.ObjectID(a.Object)))
}

func stepsProblem(_ V, _ dialog.Answers, s string) dialog.Problem {
	return issue(award.CheckSteps(toSteps(s), award.PartialDate{}))
}

func finishProblem(v V, a dialog.Answers, s string) dialog.Problem {
	c, _ := v.Cycle()
	return issue(award.CheckFinish(c, toSteps(a.Get("steps")), toDate(s), a.Get(fieldCross) == dialog.Yes, award.DateOf(v.Now)))
}

// filingRules are checked across fields: a step moved behind the finish.
func filingRules() []dialog.Rule[V] {
	return []dialog.Rule[V]{{
		Name: "steps before finish", Blames: []string{"finish"},
		Check: func(_ V, a dialog.Answers) (string, dialog.Problem) {
			if !a.Has("steps") || !a.Has("finish") {
				return "", dialog.Problem{}
			}
			return "finish", issue(award.CheckSteps(toSteps(a.Get("steps")), toDate(a.Get("finish"))))
		},
	}}
}
