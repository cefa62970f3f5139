package handlers

import (
	"regexp"
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

func productOptions() []dialog.Option {
	var out []dialog.Option
	for i, name := range award.ProductKinds() {
		out = append(out, dialog.Option{Key: strconv.Itoa(i + 1), Label: name})
	}
	return out
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

func toMeasures(s string) []string {
	var out []string
	for _, row := range dialog.SplitRows(s) {
		out = append(out, cell(row, 0))
	}
	return out
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
	}
	kinds := award.ProductKinds()
	for _, part := range strings.FieldsFunc(a.Get("products"), func(r rune) bool { return r == ',' || r == ' ' || r == '、' }) {
		if n, err := strconv.Atoi(part); err == nil && n >= 1 && n <= len(kinds) {
			f.Products = append(f.Products, kinds[n-1])
		}
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
	var measures [][]string
	for _, m := range f.Measures {
		measures = append(measures, []string{m})
	}
	var products []string
	for i, name := range award.ProductKinds() {
		for _, p := range f.Products {
			if p == name {
				products = append(products, strconv.Itoa(i+1))
			}
		}
	}
	cross := ""
	if f.CrossCycle {
		cross = dialog.Yes
	}
	return map[string]string{
		"title": f.Title, "direction": direction, "problem": f.Problem, "pilots": fromPilots(f.Pilots),
		"content": f.Content, "steps": fromSteps(f.Steps), "measures": dialog.JoinRows(measures), "finish": fromDate(f.Finish),
		"outcome": f.Outcome, "responsible": fromContact(f.Responsible), "head": fromContact(f.Head),
		"deputy": fromContact(f.Deputy), "contact": fromContact(f.Contact), "key": key, "products": strings.Join(products, ","),
		fieldCross: cross,
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

// directionKind reads a category or a direction of the directory (C11–C49).
type directionKind struct{}

// Menu lists the choices of the question.
func (directionKind) Menu() string {
	return "1 先进性（党员发展、教育、管理）\n2 能力（带富、服务、化解矛盾）\n3 活力（班子、制度、民主管理）\n9 自选"
}

// Read accepts "3", "3.3", a category's name, or words that fit one direction.
func (directionKind) Read(text string, _ dialog.Env) dialog.Reading {
	key := dialog.Key(text)
	switch {
	case key == "1" || strings.Contains(key, "先进性"):
		return dialog.Reading{Value: "1", Echo: "1 先进性"}
	case key == "2" || key == "能力" || strings.Contains(key, "能力建设"):
		return dialog.Reading{Value: "2", Echo: "2 能力"}
	case key == "3" || key == "活力" || strings.Contains(key, "增强活力"):
		return dialog.Reading{Value: "3", Echo: "3 活力"}
	case key == "9" || strings.Contains(key, "自选") || strings.Contains(key, "其他") || strings.Contains(key, "自拟"):
		return dialog.Reading{Value: award.CategoryOther, Echo: "自选"}
	}
	code := strings.TrimSpace(strings.TrimPrefix(key, "方向"))
	if d, ok := award.DirectionByCode(code); ok {
		return dialog.Reading{Value: code, Echo: code + " " + d.Name}
	}
	if looksLikeCode(code) {
		return dialog.Breaks("没有 " + code + " 这个方向，方向编号是 1.1 到 3.3，也可以回复 9 自选。")
	}
	found := award.FindDirections(text)
	if len(found) == 1 {
		return dialog.Reading{Value: found[0].Code, Echo: found[0].Code + " " + found[0].Name}
	}
	if len(found) > 1 && len(found) <= 5 {
		lines := []string{"“" + dialog.Cut(text, 40) + "”对得上几个方向，请回复编号："}
		for _, d := range found {
			lines = append(lines, d.Code+" "+d.Name)
		}
		return dialog.NotRead(strings.Join(lines, "\n"))
	}
	return dialog.NotRead("没看出是哪一类：“" + dialog.Cut(text, 60) + "”。请回复 1、2、3 或 9，或方向编号如 3.3。")
}

// looksLikeCode reports "3.9": understood as a direction's number, but none.
func looksLikeCode(s string) bool {
	a, b, found := strings.Cut(s, ".")
	_, errA := strconv.Atoi(a)
	_, errB := strconv.Atoi(b)
	return found && errA == nil && errB == nil
}

// secrecyKind is the promise that nothing is secret; doubt is not a promise.
type secrecyKind struct{ dialog.Word }

// Read accepts the promise in the ways people give it; only a plain "有涉密" is
// taken for the opposite, everything else is asked again.
func (k secrecyKind) Read(text string, env dialog.Env) dialog.Reading {
	r := k.Word.Read(text, env)
	if r.Problem.OK() {
		return r
	}
	key := dialog.Key(text)
	denied := secrecyDenied.MatchString(key)
	switch {
	case denied && !secrecyAdmitted.MatchString(key):
		return dialog.Reading{Value: "确认"}
	case secrecyAdmitted.MatchString(key):
		return dialog.Breaks("有涉密内容就不能在这里报。请把涉密部分去掉再确认，或走机要渠道报送。")
	}
	return dialog.NotRead("这一项是确认填的内容都不涉密。不涉密请回复 确认。")
}

var (
	secrecyDenied   = regexp.MustCompile(`(?:都|均|全部?)?(?:不|没有?|无)(?:有)?(?:涉密|涉及|秘密|保密)|不是涉密`)
	secrecyAdmitted = regexp.MustCompile(`(?:^|[^没不无])有(?:一点|些|部分)?(?:涉密|涉及|秘密)|部分涉密|^涉密$|涉及一点`)
)

// Show renders the choice.
func (directionKind) Show(value string) string {
	if d, ok := award.DirectionByCode(value); ok {
		return value + " " + d.Name
	}
	if value == award.CategoryOther {
		return "9 自选"
	}
	return value + " " + award.CategoryName(value)
}

// Form names the expected form.
func (directionKind) Form() string { return "回复 1、2、3、9，或方向编号如 3.3" }

// Numeric reports that bare numbers answer.
func (directionKind) Numeric() bool { return true }

// Long reports that this is a short answer.
func (directionKind) Long() bool { return false }
