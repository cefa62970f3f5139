package handlers

import (
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// lastFiling proposes what the unit filed last, in whatever cycle, without the
// title and what belongs to that time alone (沿用上次, UX rule 2).
func lastFiling(v V) (dialog.Start, string) {
	none := "您单位还没有报过课题，没有上次的内容可以沿用。"
	if v.Unit.Last == "" {
		return dialog.Start{}, none
	}
	t, ok := v.Topic(v.Unit.Last)
	if !ok || len(t.Versions) == 0 {
		return dialog.Start{}, none
	}
	unit, _ := v.View.Unit(t.Unit)
	if why := refusal(award.May(v.Me, award.ActionRead, award.Object{Unit: unit, Topic: t})); why != "" {
		return dialog.Start{}, why
	}
	f := t.Current().Filing
	start := dialog.Start{
		Answers: fromFiling(f), Note: "带出的是《" + t.Title() + "》（" + t.Cycle + "届，" + string(t.Status) + "）的内容。",
	}
	for _, key := range []string{"title", "meeting", fieldCross} {
		delete(start.Answers, key)
	}
	today := award.DateOf(v.Now)
	if steps := f.Steps; len(steps) > 0 && steps[0].Due.Date.Before(today) {
		delete(start.Answers, "steps")
		titles := make([]string, 0, len(steps))
		for _, step := range steps {
			titles = append(titles, step.Title)
		}
		start.Note += "\n上次的步骤日期已过，要重写日期：" + strings.Join(titles, "；") + "。"
	}
	return start, ""
}
