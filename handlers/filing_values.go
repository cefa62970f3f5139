package handlers

import (
	"slices"
	"strconv"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

func itoa(n int) string { return strconv.Itoa(n) }

// pilotRows reads 试点单位.
func pilotRows() dialog.Rows {
	types := make([]dialog.Option, 0, len(award.PilotTypes()))
	for i, name := range award.PilotTypes() {
		types = append(types, dialog.Option{Key: strconv.Itoa(i + 1), Label: name})
	}
	return dialog.Rows{Min: award.MinPilots, Max: award.MaxPilots, Columns: []dialog.Column{
		{Key: "name", Label: "名称", Kind: dialog.Text{Min: 2, Max: award.MaxPilotName}, Required: true, Example: "柳林村党支部"},
		{Key: "type", Label: "类型", Kind: dialog.Choice{Options: types}, Example: "村"},
		{Key: "leader", Label: "负责人", Kind: dialog.Text{Min: 2, Max: award.MaxName}, Example: "张明"},
		{Key: "phone", Label: "电话", Kind: dialog.Phone{}, Example: "13800000000"},
	}}
}

// stepRows reads 实施步骤.
func stepRows() dialog.Rows {
	return dialog.Rows{Min: award.MinSteps, Max: award.MaxSteps, Columns: []dialog.Column{
		{Key: "title", Label: "内容", Kind: dialog.Text{Min: 2, Max: award.MaxStepTitle}, Required: true, Example: "调研摸底，制定方案"},
		{Key: "due", Label: "完成日期", Kind: dialog.Date{}, Required: true, Example: "2027年3月"},
		{Key: "output", Label: "产出", Kind: dialog.Text{Min: 1, Max: award.MaxStepOutput}, Example: "调研报告"},
	}}
}

// measureRows reads 具体措施.
func measureRows() dialog.Rows {
	return dialog.Rows{Min: award.MinMeasures, Max: award.MaxMeasures, Columns: []dialog.Column{
		{Key: "text", Label: "措施", Kind: dialog.Text{Min: 2, Max: award.MaxMeasure}, Required: true, Example: "每月10日议事日"},
	}}
}

// pickOf reads one or more of a list; the keys are the places in it, which are stored
// and so never change.
func pickOf(known []string) dialog.Multi {
	options := make([]dialog.Option, 0, len(known))
	for i, name := range known {
		options = append(options, dialog.Option{Key: strconv.Itoa(i + 1), Label: name})
	}
	return dialog.Multi{Options: options, Min: 1, Max: len(known)}
}

// toPicked names what was picked of a list, fromPicked is the inverse.
func toPicked(s string, known []string) []string {
	var out []string
	for _, row := range dialog.SplitRows(s) {
		if n, err := strconv.Atoi(cell(row, 0)); err == nil && n >= 1 && n <= len(known) {
			out = append(out, known[n-1])
		}
	}
	return out
}

func fromPicked(picked, known []string) string {
	var rows [][]string
	for i, name := range known {
		if slices.Contains(picked, name) {
			rows = append(rows, []string{strconv.Itoa(i + 1)})
		}
	}
	return dialog.JoinRows(rows)
}

// cell returns column i of a row, "" when the row is shorter.
func cell(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}

func toPilots(s string) []award.Pilot {
	var out []award.Pilot
	for _, row := range dialog.SplitRows(s) {
		p := award.Pilot{Name: cell(row, 0), Leader: cell(row, 2), Phone: cell(row, 3)}
		if n, err := strconv.Atoi(cell(row, 1)); err == nil && n >= 1 && n <= len(award.PilotTypes()) {
			p.Type = award.PilotTypes()[n-1]
		}
		out = append(out, p)
	}
	return out
}

func fromPilots(list []award.Pilot) string {
	var rows [][]string
	for _, p := range list {
		kind := ""
		for i, name := range award.PilotTypes() {
			if name == p.Type {
				kind = strconv.Itoa(i + 1)
			}
		}
		rows = append(rows, []string{p.Name, kind, p.Leader, p.Phone})
	}
	return dialog.JoinRows(rows)
}

func toDate(s string) award.PartialDate {
	date, precision, raw := dialog.SplitDate(s)
	d, err := award.ParseDate(date)
	if err != nil {
		return award.PartialDate{}
	}
	return award.PartialDate{Date: d, Precision: award.Precision(precision), Raw: raw}
}

func fromDate(d award.PartialDate) string {
	if d.Date.IsZero() {
		return ""
	}
	return dialog.JoinDate(d.Date.String(), string(d.Precision), d.Raw)
}

func toSteps(s string) []award.Step {
	var out []award.Step
	for _, row := range dialog.SplitRows(s) {
		out = append(out, award.Step{Title: cell(row, 0), Due: toDate(cell(row, 1)), Output: cell(row, 2)})
	}
	return out
}

func fromSteps(list []award.Step) string {
	var rows [][]string
	for _, st := range list {
		rows = append(rows, []string{st.Title, fromDate(st.Due), st.Output})
	}
	return dialog.JoinRows(rows)
}

func toMeasures(s string) []string { return toLines(s) }

// toLines takes the first cell of every row, fromLines is the inverse.
func toLines(s string) []string {
	var out []string
	for _, row := range dialog.SplitRows(s) {
		out = append(out, cell(row, 0))
	}
	return out
}

func fromLines(list []string) string {
	var rows [][]string
	for _, line := range list {
		rows = append(rows, []string{line})
	}
	return dialog.JoinRows(rows)
}

func toLinks(s string) []award.LinkPoint {
	var out []award.LinkPoint
	for _, row := range dialog.SplitRows(s) {
		out = append(out, award.LinkPoint{Member: cell(row, 0), Pilot: cell(row, 1)})
	}
	return out
}

func fromLinks(list []award.LinkPoint) string {
	var rows [][]string
	for _, point := range list {
		rows = append(rows, []string{point.Member, point.Pilot})
	}
	return dialog.JoinRows(rows)
}

func toMembers(s string) []award.Contact {
	var out []award.Contact
	for _, row := range dialog.SplitRows(s) {
		out = append(out, award.Contact{Name: cell(row, 0), Post: cell(row, 1), Phone: cell(row, 2)})
	}
	return out
}

func fromMembers(list []award.Contact) string {
	var rows [][]string
	for _, c := range list {
		rows = append(rows, []string{c.Name, c.Post, c.Phone})
	}
	return dialog.JoinRows(rows)
}

func toMeeting(s string) award.Meeting {
	rows := dialog.SplitRows(s)
	if len(rows) == 0 {
		return award.Meeting{}
	}
	return award.Meeting{Name: cell(rows[0], 0), Date: toDate(cell(rows[0], 1)).Date}
}

func fromMeeting(m award.Meeting) string {
	if m.Name == "" {
		return ""
	}
	return dialog.JoinRows([][]string{{m.Name, fromDate(award.PartialDate{Date: m.Date, Precision: award.PrecisionDay, Raw: m.Date.String()})}})
}

func toContact(s string) award.Contact {
	rows := dialog.SplitRows(s)
	if len(rows) == 0 {
		return award.Contact{}
	}
	return award.Contact{Name: cell(rows[0], 0), Post: cell(rows[0], 1), Phone: cell(rows[0], 2)}
}

func fromContact(c award.Contact) string {
	if c.Name == "" {
		return ""
	}
	return dialog.JoinRows([][]string{{c.Name, c.Post, c.Phone}})
}

// fieldCross is the form's field of 跨届 (C80).
const fieldCross = "cross"

// crossText marks a finish after this cycle.
func crossText(f award.Filing) string {
	if f.CrossCycle {
		return "（跨届）"
	}
	return ""
}

// crossWarning looks at the finish again when 跨届 changes.
func crossWarning(v V, a dialog.Answers, _ string) string {
	if !a.Has("finish") {
		return ""
	}
	return finishProblem(v, a, a.Get("finish")).Text
}

// toFiling makes the record out of the answers.
func toFiling(a dialog.Answers) award.Filing {
	category, direction := splitDirection(a.Get("direction"))
	f := award.Filing{
		Title: a.Get("title"), Category: category, Direction: direction, Key: a.Get("key") == dialog.Yes,
		Problem: a.Get("problem"), Pilots: toPilots(a.Get("pilots")), Content: a.Get("content"),
		Head: toContact(a.Get("head")), Deputy: toContact(a.Get("deputy")),
		Responsible: toContact(a.Get("responsible")), Contact: toContact(a.Get("contact")),
		Steps: toSteps(a.Get("steps")), Measures: toMeasures(a.Get("measures")), Finish: toDate(a.Get("finish")),
		CrossCycle: a.Get(fieldCross) == dialog.Yes, Outcome: a.Get("outcome"), Secrecy: a.Has("secrecy"),
		Files:    toFiles(a.Get(fieldFiles)),
		Products: toPicked(a.Get("products"), award.ProductKinds()),
		Joint:    toLines(a.Get("joint")), Focus: toPicked(a.Get("focus"), award.FocusKinds()), Nature: toPicked(a.Get("nature"), award.NatureKinds()),
		Background: a.Get("background"), Serves: a.Get("serves"), LinkPoints: toLinks(a.Get("links")), Members: toMembers(a.Get("members")),
		Meeting:   toMeeting(a.Get("meeting")),
		Abilities: toPicked(a.Get("abilities"), award.AbilityKinds()), Means: toPicked(a.Get("means"), award.MeansKinds()),
		Systems: toPicked(a.Get("systems"), award.SystemKinds()),
	}
	return f
}

// fromFiling is the inverse, for mending and editing. The secrecy promise is
// given anew with every version.
func fromFiling(f award.Filing) map[string]string {
	direction := f.Category
	if f.Direction != "" {
		direction = f.Direction
	}
	key := dialog.No
	if f.Key {
		key = dialog.Yes
	}
	cross := ""
	if f.CrossCycle {
		cross = dialog.Yes
	}
	return map[string]string{
		"title": f.Title, "direction": direction, "problem": f.Problem, "pilots": fromPilots(f.Pilots),
		"content": f.Content, "steps": fromSteps(f.Steps), "measures": fromLines(f.Measures), "finish": fromDate(f.Finish),
		"outcome": f.Outcome, "responsible": fromContact(f.Responsible), "head": fromContact(f.Head),
		"deputy": fromContact(f.Deputy), "contact": fromContact(f.Contact), "key": key, "products": fromPicked(f.Products, award.ProductKinds()),
		fieldCross: cross, fieldFiles: fromFiles(f.Files),
		"joint": fromLines(f.Joint), "focus": fromPicked(f.Focus, award.FocusKinds()), "nature": fromPicked(f.Nature, award.NatureKinds()),
		"background": f.Background, "serves": f.Serves, "links": fromLinks(f.LinkPoints), "members": fromMembers(f.Members),
		"meeting":   fromMeeting(f.Meeting),
		"abilities": fromPicked(f.Abilities, award.AbilityKinds()), "means": fromPicked(f.Means, award.MeansKinds()),
		"systems": fromPicked(f.Systems, award.SystemKinds()),
	}
}

// splitDirection takes "3" or "3.3" apart.
func splitDirection(s string) (category, direction string) {
	category, _, found := strings.Cut(s, ".")
	if found {
		direction = s
	}
	return category, direction
}

// directionText names category and direction for people.
func directionText(f award.Filing) string {
	text := award.CategoryName(f.Category)
	if d, ok := award.DirectionByCode(f.Direction); ok {
		return text + " · " + f.Direction + " " + d.Name
	}
	if f.Category == award.CategoryOther {
		return "自选"
	}
	return text + "（未选具体方向）"
}
