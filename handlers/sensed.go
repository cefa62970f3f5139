package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// target is where a purpose leads: the first of ids that exists, with the slots
// its Begin or Answer looks at.
type target struct {
	ids   []string
	slots func(s sense) map[string]string
}

// to leads to forms or queries without slots.
func leads(ids ...string) target { return target{ids: ids} }

// targets say which conversation serves a purpose.
var targets = map[string]target{
	"topic.file":     leads(filingID),
	"topic.edit":     {[]string{filingID}, func(s sense) map[string]string { return map[string]string{"edit": "1", "change": s.text} }},
	"topic.missing":  leads("missing"),
	"topic.status":   leads("status"),
	"topic.submit":   leads("!提交"),
	"topic.withdraw": {[]string{"withdraw"}, func(s sense) map[string]string { return map[string]string{"reason": s.str("reason")} }},
	"topic.terminate": {[]string{requestID}, func(s sense) map[string]string {
		return map[string]string{"kind": "终止", "reason": s.str("reason")}
	}},
	"change.request": {[]string{requestID}, func(s sense) map[string]string {
		return map[string]string{"kind": "变更", "reason": s.str("reason"), "change": s.str("change"), "edit": s.text}
	}},
	"topic.directions": {[]string{"directions"}, func(s sense) map[string]string {
		return map[string]string{"code": s.str("direction"), "word": s.str("query") + s.str("org_type")}
	}},
	"past.search": {[]string{"past"}, func(s sense) map[string]string {
		return map[string]string{"word": s.str("query"), "last": s.lastCycle()}
	}},
	"template.get":   {[]string{"template"}, func(s sense) map[string]string { return map[string]string{"doc": s.str("doc")} }},
	"help":           leads("!帮助"),
	"deadline.query": {[]string{"deadline"}, func(s sense) map[string]string { return map[string]string{"stage": s.str("stage")} }},
	"extension.request": {[]string{"ask"}, func(s sense) map[string]string {
		return map[string]string{"date": s.date("new_date")}
	}},
	"delegate.set": {[]string{"aide"}, func(s sense) map[string]string {
		return map[string]string{"who": s.str("to"), "from": s.date("from_date"), "id": s.str("to")}
	}},
	"reminder.snooze": {[]string{"promise"}, func(s sense) map[string]string {
		return map[string]string{"date": s.date("until")}
	}},
	"reminder.prefs": {[]string{"prefs"}, func(s sense) map[string]string {
		slots := map[string]string{}
		switch {
		case s.str("time") == "morning":
			slots["hour"] = "早上9点"
		case strings.Contains(s.str("time"), ":"):
			slots["hour"] = s.str("time")
		default:
			slots["sparse"] = "1"
		}
		return slots
	}},
	"reminder.set": leads("plan"),
	"remind.send": {[]string{remindID}, func(s sense) map[string]string {
		return map[string]string{"cc": s.str("cc"), "tone": s.str("tone"), "unit": s.str("org")}
	}},
	"review.pending": leads("pending"),
	"filing.approve": {[]string{"accept"}, func(s sense) map[string]string { return map[string]string{"which": s.which()} }},
	"filing.return": {[]string{"return"}, func(s sense) map[string]string {
		return map[string]string{"which": s.which(), "items": s.lines("issues"), "days": s.limit()}
	}},
	"filing.unfiled": leads("unfiled"),
	"stats.query":    leads("count"),
	"deadline.set": {[]string{"reschedule", "cycle"}, func(s sense) map[string]string {
		return map[string]string{"date": s.str("date"), "stage": s.str("stage"), "roll": s.roll()}
	}},
	"deadline.extend": {[]string{"extend"}, func(s sense) map[string]string {
		return map[string]string{"unit": s.str("org"), "date": s.date("new_date")}
	}},
	"deadline.simulate": {[]string{"simulate"}, func(s sense) map[string]string {
		return map[string]string{"date": s.date("new_date"), "stage": s.str("stage")}
	}},
	"privacy.block": leads(privacyID),
	"secrecy.block": leads(secrecyID),
}

// str is a slot that is plain text, "" for none.
func (s sense) str(key string) string {
	text, _ := s.Slots[key].(string)
	return text
}

// date is a date slot, ISO, "" for none.
func (s sense) date(key string) string {
	m, _ := s.Slots[key].(map[string]any)
	text, _ := m["date"].(string)
	return text
}

// lastCycle says that the cycle before this one is meant.
func (s sense) lastCycle() string {
	if s.str("cycle") == "上届" {
		return "1"
	}
	return ""
}

// roll is 顺延 or 不顺延 where a sentence says so.
func (s sense) roll() string {
	switch s.Slots["rollover"] {
	case true:
		return "顺延"
	case false:
		return "不顺延"
	}
	return ""
}

// lines joins a list slot, one line each.
func (s sense) lines(key string) string {
	list, _ := s.Slots[key].([]any)
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, "\n")
}

// which is how a filing is pointed at: its number, the list's numbers, or its unit.
func (s sense) which() string {
	if no := s.str("filing_no"); no != "" {
		return no
	}
	if items := s.lines("items"); items != "" {
		return strings.ReplaceAll(items, "\n", "、")
	}
	return s.str("org")
}

// limit is a 补正期限 as limitKind reads it.
func (s sense) limit() string {
	m, _ := s.Slots["due"].(map[string]any)
	if n, ok := m["workdays"].(int); ok {
		return itoa(n)
	}
	date, _ := m["date"].(string)
	return date
}

// reader gives the machine its senses: what the word grammar makes of a message,
// led to the conversations that exist.
func (r *sensor) reader(known map[string]bool) func(V, string, bool) []dialog.Sense {
	return func(v V, text string, inGroup bool) []dialog.Sense {
		s, ok := r.read(text, v.Now, calendarOf(v.View), roleNames(v.Me, inGroup)...)
		if !ok {
			return nil
		}
		out := []dialog.Sense{r.lead(v, s, text, inGroup, known)}
		for _, rival := range s.Rivals {
			other := s
			other.Intent = rival
			other.Slots = r.slots(rival, listen(text, v.Now), calendarOf(v.View), roleNames(v.Me, inGroup))
			out = append(out, r.lead(v, other, text, inGroup, known))
		}
		return out
	}
}

// lead finds the conversation for one sense.
func (r *sensor) lead(v V, s sense, text string, inGroup bool, known map[string]bool) dialog.Sense {
	s.text = text
	out := dialog.Sense{ID: laterID, Slots: dialog.Slots{"text": text, "intent": s.Intent}, Sure: s.Score >= dialog.GuessSure}
	t, ok := targets[s.Intent]
	if !ok {
		return out
	}
	for _, id := range r.ids(v, s, t.ids, inGroup) {
		if strings.HasPrefix(id, "!") || known[id] {
			out.ID = id
			break
		}
	}
	if t.slots != nil {
		for key, value := range t.slots(s) {
			if value != "" {
				out.Slots[key] = value
			}
		}
	}
	return out
}

// ids refines a target by what the sense says.
func (r *sensor) ids(v V, s sense, ids []string, inGroup bool) []string {
	switch s.Intent {
	case "delegate.set":
		if s.str("kind") == "handover" {
			return []string{"handover", "aide"}
		}
	case "template.get":
		if doc := s.str("doc"); !inGroup && (doc == "" || doc == "备案表") {
			return []string{"!填报模板"}
		}
	case "help":
		if inGroup {
			return []string{"template"}
		}
	case "extension.request":
		if s.str("target") == "milestone" {
			return []string{requestID}
		}
	case "deadline.set":
		if _, open := v.Cycle(); !open {
			return []string{"cycle"}
		}
		return []string{"reschedule"}
	case "reminder.prefs":
		if s.str("scope") == "group" {
			return []string{"plan"}
		}
	}
	return ids
}

// editor reads changes of the filing said in free sentences.
func (r *sensor) editor() func(V, string, string) (dialog.Edit, bool) {
	return func(v V, form, text string) (dialog.Edit, bool) {
		if form != filingID || !changeSaid.MatchString(text) {
			return dialog.Edit{}, false
		}
		s := listen(text, v.Now)
		guesses := r.grammar.Read(s.plain, secretary)
		if len(guesses) == 0 || guesses[0].Name != "topic.edit" && guesses[0].Name != "change.request" {
			return dialog.Edit{}, false
		}
		c, ok := readChange(s)
		if !ok {
			return dialog.Edit{}, false
		}
		return c.edit()
	}
}

// changeSaid are the words without which nothing is a change.
var changeSaid = oneOf(`去掉|删|拿掉|拿走|划掉|抹掉|不要了|改成|改为|改到|换成|换为|换到|再加|加上|加个|加一|补一|再补|增加|新增|调到|调整|推迟到|提前到|挪到|更正|更换`)

// edit turns a change into the machine's own words for it.
func (c change) edit() (dialog.Edit, bool) {
	e := dialog.Edit{Key: c.field, Op: c.op, Value: c.value, From: c.from}
	rows := c.field == "pilots" || c.field == "steps" || c.field == "measures"
	switch {
	case c.op == "remove" && c.row > 0 && c.value == "":
		e.Value = itoa(c.row)
	case c.op == "set" && rows && c.row > 0:
		e.Value = fmt.Sprintf("第%d%s改成%s", c.row, map[string]string{"steps": "步", "pilots": "个", "measures": "条"}[c.field], c.value)
	case c.op == "add" && c.field == "steps":
		if lines := looseStepLines(c.value, c.s); lines != "" {
			e.Value = lines
		}
	case c.op == "add" && c.field == "pilots":
		m := pilotSlot(c.value)
		var cells []string
		for _, key := range []string{"name", "leader", "phone"} {
			if text, ok := m[key].(string); ok {
				cells = append(cells, text)
			}
		}
		e.Value = strings.Join(cells, " ")
	case c.op == "replace" && rows:
		e.Op = "replace"
	}
	return e, e.Key != "" && (e.Value != "" || e.Op == "remove_text")
}

// sentenceStart fills a new filing from the sentence that asked for it, and says
// what was put right, what is odd and what found no place.
func sentenceStart(v V, slots dialog.Slots) dialog.Start {
	if slots["paste"] != "" {
		return dialog.Start{} // labels are read by the machine itself
	}
	s := listen(slots["text"], v.Now)
	f := readSentence(s)
	if len(f.raw) == 0 {
		return dialog.Start{Note: fixNote(s)}
	}
	start := dialog.Start{Raw: f.raw}
	var notes []string
	if note := fixNote(s); note != "" {
		notes = append(notes, note)
	}
	if who, note := knownPerson(v, f.raw["responsible"]); who != "" {
		start.Raw["responsible"] = who
		notes = append(notes, note)
	}
	if f.org != "" && !strings.Contains(v.Unit.Name, strings.TrimSuffix(strings.TrimSuffix(f.org, "党委"), "党工委")) && v.Unit.Name != "" {
		notes = append(notes, "您说的是“"+f.org+"”，这份按您所在的"+v.Unit.Name+"报。替别的单位报请先回复 取消。")
	}
	if f.later {
		notes = append(notes, "附件后面再补，不影响先填。")
	}
	if len(f.rest) > 0 {
		notes = append(notes, "还有这些没放进去："+strings.Join(f.rest, "；")+"。要填进哪一项，请回复“项目名：内容”。")
	}
	start.Note = strings.Join(notes, "\n")
	return start
}

// fixNote reads back terms taken for others.
func fixNote(s said) string {
	var out []string
	for wrong, right := range s.asr {
		out = append(out, "“"+wrong+"”按“"+right+"”理解")
	}
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "；") + "，不对请说。"
}

// knownPerson completes "张副书记" from the unit's list when only one fits.
func knownPerson(v V, raw string) (contact, note string) {
	got := contactSlot(raw)
	name, _ := got["name"].(string)
	post, _ := got["post"].(string)
	if name == "" || got["phone"] != nil {
		return "", ""
	}
	var found []award.Person
	for _, id := range unique("", v.Unit.Heads, v.Unit.Deputys, v.Unit.Filers) {
		p, ok := v.Person(id)
		if ok && !p.Left && strings.HasPrefix(p.Name, name) && (post == "" || strings.HasSuffix(p.Post, post)) {
			found = append(found, p)
		}
	}
	if len(found) != 1 || found[0].Phone == "" {
		return "", ""
	}
	p := found[0]
	return p.Name + " " + p.Post + " " + p.Phone, "“" + name + post + "”按名单里的" + p.Name + "填了。"
}
