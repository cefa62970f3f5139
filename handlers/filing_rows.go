package handlers

import (
	"regexp"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// menuMulti is a choice of several whose options are shown with the question.
type menuMulti struct{ dialog.Multi }

// Menu lists the options in one line, or in two where one would be long.
func (k menuMulti) Menu() string {
	parts := make([]string, 0, len(k.Options))
	for i, o := range k.Options {
		parts = append(parts, itoa(i+1)+" "+o.Label)
	}
	return strings.Join(parts, "；")
}

// memberRows reads 课题组成员: people, not units, so that names in one line are
// people of their own.
func memberRows() dialog.Kind {
	return listKind{dialog.Rows{Min: 1, Max: award.MaxMembers, Columns: []dialog.Column{
		{Key: "name", Label: "姓名", Kind: dialog.Text{Min: 2}, Required: true, Example: "钱大力"},
		{Key: "post", Label: "职务或单位", Kind: dialog.Text{Min: 2, Max: award.MaxPost}, Example: "组织干事"},
		{Key: "phone", Label: "电话", Kind: dialog.Phone{}, Example: "13800000012"},
	}}, regexp.MustCompile(`^$`), "一行一人：姓名 职务或单位 电话"}
}

// linkRows reads 联系点: a member of the committee, then a pilot unit.
func linkRows() dialog.Kind {
	return listKind{dialog.Rows{Min: 1, Max: award.MaxLinkPoints, Columns: []dialog.Column{
		{Key: "member", Label: "委员", Kind: dialog.Text{Min: 2}, Required: true, Example: "何为民"},
		{Key: "pilot", Label: "试点单位", Kind: dialog.Text{Min: 2, Max: award.MaxPilotName}, Example: "柳林村党支部"},
	}}, regexp.MustCompile(`\s*(?:→|->|—+|=>|(?:同志)?(?:负责)?联系|：|:)\s*`), "一行一条：委员姓名 试点单位"}
}

// listKind is Rows for lists of people: several in one line are divided, and the
// words between a person and what stands beside them are taken for a blank.
type listKind struct {
	dialog.Rows

	between *regexp.Regexp
	form    string
}

// Form names the expected form.
func (k listKind) Form() string { return k.form }

var (
	// personName is a bare name as people list them: 李明, 欧阳建国.
	personName = regexp.MustCompile(`^\p{Han}{2,4}$`)
	shownRow   = regexp.MustCompile(`[（｜]`)
	listChange = regexp.MustCompile(`^(?:加|删|改|第)`)
)

// Read divides what was typed into lines and leaves the rest to Rows.
func (k listKind) Read(text string, env dialog.Env) dialog.Reading {
	if !shownRow.MatchString(text) {
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			line = k.divided(line)
			if k.between.String() != "^$" {
				var parts []string
				for part := range strings.SplitSeq(line, "\n") {
					parts = append(parts, k.between.ReplaceAllString(part, " "))
				}
				line = strings.Join(parts, "\n")
			}
			lines[i] = line
		}
		text = strings.Join(lines, "\n")
	}
	return k.Rows.Read(text, env)
}

// divided puts the people of one line on lines of their own: bare names, or
// entries that each hold more than a name.
func (k listKind) divided(line string) string {
	pieces := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune("、，,；;", r) })
	if len(pieces) < 2 || listChange.MatchString(line) {
		return line
	}
	names, entries := 0, 0
	for i, piece := range pieces {
		pieces[i] = strings.TrimSpace(piece)
		first, _, more := strings.Cut(k.between.ReplaceAllString(pieces[i], " "), " ")
		switch {
		case personName.MatchString(pieces[i]):
			names++
		case more && personName.MatchString(first):
			entries++
		}
	}
	if names == len(pieces) || entries == len(pieces) {
		return strings.Join(pieces, "\n")
	}
	return line
}

// meeting reads 集体研究: what was held, and when.
func meeting() dialog.Kind {
	return meetingKind{dialog.Rows{Min: 1, Max: 1, Columns: []dialog.Column{
		{Key: "name", Label: "会议", Kind: dialog.Text{Min: 2, Max: award.MaxMeeting}, Required: true, Example: "党委会"},
		{Key: "date", Label: "日期", Kind: dialog.Date{Past: true}, Required: true, Example: "11月20日"},
	}}}
}

// meetingKind is a single row of meeting and day.
type meetingKind struct{ dialog.Rows }

var meetingVerb = regexp.MustCompile(`^(?:召开|开了?|经)|(?:集体)?(?:研究|讨论|审议|通过|同意|召开)(?:过|了|通过)*$`)

// Read takes the meeting and its day in either order.
func (k meetingKind) Read(text string, env dialog.Env) dialog.Reading {
	env.Old = ""
	r := k.Rows.Read(text, env)
	rows := dialog.SplitRows(r.Value)
	if !r.Problem.OK() || len(rows) != 1 {
		r.Problem.Text = strings.TrimLeft(strings.TrimPrefix(r.Problem.Text, "第 1 条"), "：")
		return r
	}
	if name := strings.TrimSpace(meetingVerb.ReplaceAllString(cell(rows[0], 0), "")); name != "" {
		rows[0][0] = name
	}
	r.Value = dialog.JoinRows(rows)
	r.Echo = k.Show(r.Value)
	return r
}

// Show renders "党委会 2026年11月20日".
func (meetingKind) Show(value string) string {
	rows := dialog.SplitRows(value)
	if len(rows) == 0 {
		return ""
	}
	return cell(rows[0], 0) + " " + dialog.Date{}.Show(cell(rows[0], 1))
}

// Form names the expected form.
func (meetingKind) Form() string { return "写会议名称和日期，如 党委会 11月20日" }

// jointKind is a list of units.
type jointKind struct{ dialog.Rows }

// joint reads 联合党委.
func joint() dialog.Kind {
	return jointKind{dialog.Rows{Min: 1, Max: award.MaxJoint, Columns: []dialog.Column{
		{Key: "name", Label: "党委", Kind: dialog.Text{Min: 2, Max: 40}, Required: true, Example: "柳林镇党委"},
	}}}
}

// Form names the expected form.
func (jointKind) Form() string { return "写党委名称，如 柳林镇、县教育局" }

// jointUnits finds the units that partial names mean; what could be several is
// asked (C31).
func jointUnits(v V, _ dialog.Answers, value string) (string, dialog.Problem) {
	var ids []string
	for _, name := range toLines(value) {
		unit, why := oneUnit(v, name)
		if why != "" {
			return "", dialog.Problem{Kind: dialog.NotUnderstood, Text: why}
		}
		ids = append(ids, unit.ID)
	}
	return fromLines(ids), issue(award.CheckJoint(v.View, v.Unit, ids))
}

// linkPilots completes the names of pilot units as the filing has them.
func linkPilots(_ V, a dialog.Answers, value string) (string, dialog.Problem) {
	points := toLinks(value)
	for i, point := range points {
		var found []string
		for _, pilot := range toPilots(a.Get("pilots")) {
			if point.Pilot != "" && strings.Contains(award.FoldTitle(pilot.Name), award.FoldTitle(point.Pilot)) {
				found = append(found, pilot.Name)
			}
		}
		if len(found) == 1 {
			points[i].Pilot = found[0]
		}
	}
	return fromLinks(points), dialog.Problem{}
}
