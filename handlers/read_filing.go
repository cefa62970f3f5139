package handlers

import (
	"regexp"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// filingRead is what a message says about a filing: for each field of the form
// the words that belong to it, read later by the field's own kind.
type filingRead struct {
	// raw holds the words by the form's field keys.
	raw map[string]string
	org string
	// later says that papers will follow.
	later bool
	// rest are the clauses nothing was made of.
	rest []string
	// labels is how many labels of the form the message holds, 0 for sentences.
	labels int
	fixed  map[string]string
}

// filingKeys names the form's fields as the programme's papers do, in the order
// in which what is missing is told; the ten the seed document demands.
var filingKeys = []struct{ form, paper string }{
	{"title", "title"}, {"problem", "problem"}, {"content", "content"}, {"pilots", "pilot_units"}, {"responsible", "responsible"},
	{"steps", "steps"}, {"measures", "measures"}, {"finish", "finish"}, {"head", "top_leader"}, {"deputy", "deputy_leader"},
}

// missing lists the demanded fields without words (C61, C70–C75, C100, C101).
func (f filingRead) missing() []string {
	out := []string{}
	for _, k := range filingKeys {
		if f.raw[k.form] == "" {
			out = append(out, k.paper)
		}
	}
	return out
}

// orgLabels are labels that name the filing unit.
var orgLabels = []string{"申报单位", "单位", "申报党委", "填报单位", "所属党委", "党委", "牵头单位", "报送单位", "单位名称", "申报单位名称"}

// paperLabels are the labels under which forms come, prepared once.
var paperLabels = func() dialog.Labels {
	var list []dialog.Label
	for _, fl := range filingFields() {
		_, rows := fl.Kind.(dialog.Rows)
		list = append(list, dialog.Label{Key: fl.Key, Label: fl.Label, Aliases: fl.Aliases, Long: fl.Kind.Long(), List: rows})
	}
	for _, name := range append([]string{"填报日期", "附件", "备注", "序号"}, orgLabels...) {
		list = append(list, dialog.Label{Label: name, Ignore: true})
	}
	return dialog.NewLabels(list)
}()

var laterWords = regexp.MustCompile(`(?:附件|方案|材料|文件|照片|扫描件|盖章|正式稿)[^,。;\n]{0,6}(?:后补|稍后|回头|再补|随后|晚点|过后|后面补|下次|改天|明天|过两天)`)

// readLabelled reads a message with labels in it.
func readLabelled(s said) filingRead {
	f := filingRead{raw: map[string]string{}}
	if !strings.ContainsAny(s.plain, "\n:") {
		return f
	}
	p := paperLabels.Paste(s.text)
	if p.Labels < 2 || len(p.Items) == 0 && len(p.Twice) == 0 {
		return f
	}
	f.labels = len(p.Items)
	for _, item := range p.Items {
		f.raw[item.Key] = item.Raw
	}
	for _, item := range p.Ignored {
		for _, name := range orgLabels {
			if item.Key == name && f.org == "" {
				f.org = orgName(strings.TrimSpace(half(item.Raw)))
				f.labels++
			}
		}
	}
	for _, fix := range p.Fixed {
		if f.fixed == nil {
			f.fixed = map[string]string{}
		}
		f.fixed[fix.Key] = fix.Raw
	}
	f.later = s.has(laterWords)
	return f
}

// slots are the parts of a filing in the shapes of the programme's papers.
func (f filingRead) slots(s said) map[string]any {
	out := map[string]any{}
	put(out, "title", strings.Trim(f.raw["title"], "《》"))
	put(out, "org", f.org)
	for key, paper := range map[string]string{"problem": "problem", "content": "content", "outcome": "outcome"} {
		put(out, paper, f.raw[key])
	}
	for key, paper := range map[string]string{"head": "top_leader", "deputy": "deputy_leader"} {
		if f.raw[key] != "" {
			name, _ := contactSlot(f.raw[key])["name"].(string)
			put(out, paper, name)
		}
	}
	if f.raw["responsible"] != "" {
		if c := contactSlot(f.raw["responsible"]); len(c) > 0 {
			out["responsible"] = c
		}
	}
	if r := (directionKind{}).Read(f.raw["direction"], dialog.Env{}); f.raw["direction"] != "" && r.Problem.OK() {
		out["direction"] = r.Value
	}
	if names := pilotNames(f.raw["pilots"], s); len(names) > 0 {
		out["pilot_units"] = names
	}
	if steps := stepSlots(f.raw["steps"], s); len(steps) > 0 {
		out["steps"] = steps
	}
	if list := rowTexts(measureRows(), f.raw["measures"], s); len(list) > 0 {
		out["measures"] = list
	}
	if f.raw["finish"] != "" {
		first, _, _ := strings.Cut(f.raw["finish"], "\n")
		if w, ok := readWhen(half(first), s.now, false); ok {
			w.raw = first
			out["finish"] = w.slot()
		}
	}
	if f.later {
		out["attachments_later"] = true
	}
	if len(f.fixed) > 0 {
		fixes := map[string]any{}
		for wrong, right := range f.fixed {
			fixes[wrong] = right
		}
		out["typo_fix"] = fixes
	}
	return out
}

// rowTexts reads the first cells of a list.
func rowTexts(kind dialog.Rows, raw string, s said) []any {
	if raw == "" {
		return nil
	}
	kind.Min = 1
	var out []any
	for _, row := range dialog.SplitRows(kind.Read(raw, dialog.Env{Now: s.now}).Value) {
		out = append(out, cell(row, 0))
	}
	return out
}

var listMarks = regexp.MustCompile(`[、,，;；\n]|和|与|跟|以及`)

func pilotNames(raw string, s said) []any {
	if names := rowTexts(pilotRows(), raw, s); len(names) > 0 {
		return names
	}
	var out []any
	for _, name := range listMarks.Split(raw, -1) {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// stepSlots reads steps with the last day of each.
func stepSlots(raw string, s said) []any {
	if raw == "" {
		return nil
	}
	kind := stepRows()
	kind.Min = 1
	var out []any
	for _, st := range toSteps(kind.Read(raw, dialog.Env{Now: s.now}).Value) {
		out = append(out, map[string]any{"title": st.Title, "due": st.Due.Date.String()})
	}
	if len(out) > 0 {
		return out
	}
	return looseSteps(raw, s)
}

// looseSteps reads "明年4月成立联建组织,8月中期评估,年底总结": a date and what is
// done by it; a year holds until the next.
func looseSteps(raw string, s said) []any {
	var out []any
	year := ""
	for _, c := range clauses(raw) {
		part := s.sub(c)
		w, ok := part.firstWhen()
		if !ok {
			continue
		}
		if year != "" && !yearSaid.MatchString(w.raw) {
			if again, ok := readWhen(year+w.raw, s.now, false); ok {
				w.date = again.date
			}
		}
		if len(w.date) >= 4 {
			year = w.date[:4] + "年"
		}
		title := strings.TrimSpace(part.cut(0, w.from) + part.cut(w.to, len(part.plain)))
		title = strings.TrimLeft(title, "：: ，,、前底-至到")
		if title != "" {
			out = append(out, map[string]any{"title": title, "due": w.date})
		}
	}
	return out
}

var yearSaid = regexp.MustCompile(`^(?:20\d\d|\d\d年|今年|明年|后年|次年|去年)`)

// looseStepLines writes loose steps as lines the form's own kind reads.
func looseStepLines(raw string, s said) string {
	var lines []string
	for _, st := range looseSteps(raw, s) {
		m, _ := st.(map[string]any)
		due, _ := m["due"].(string)
		title, _ := m["title"].(string)
		lines = append(lines, due+" "+title)
	}
	return strings.Join(lines, "\n")
}

// calendarOf is the calendar of a view, the state's own when there is none.
func calendarOf(v award.View) award.Calendar {
	if v == nil {
		return award.DefaultCalendar()
	}
	return v.Calendar()
}
