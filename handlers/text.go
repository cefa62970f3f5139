package handlers

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// deadlineText says until when a unit may file: "12月21日（周一）24:00 前".
func deadlineText(c award.Cycle, u award.Unit) string {
	return momentText(award.FilingDeadline(c, u)) + "前"
}

// momentText names a deadline moment; midnight is said as 24:00 of the day before.
func momentText(t time.Time) string {
	day, clock := award.DateOf(t), t.In(award.Shanghai).Format("15:04")
	if clock == "00:00" {
		day, clock = day.Add(-1), "24:00"
	}
	return day.Short() + clock
}

// timeText is a moment on one line: "11月23日 09:05".
func timeText(t time.Time) string { return t.In(award.Shanghai).Format("1月2日 15:04") }

// topicLine names a topic in a list.
func topicLine(t award.Topic) string {
	line := strings.TrimSuffix(t.Unit, "党委") + "《" + t.Title() + "》"
	if t.Number != "" {
		line += " " + t.Number
	}
	if n := t.Current().N; n > 1 {
		line += "（第 " + itoa(n) + " 稿）"
	}
	if t.Late {
		line += "（逾期）"
	}
	return line
}

// topicCard makes a card about a topic in its present state.
func topicCard(t award.Topic, title string, buttons ...chat.Button) *chat.Card {
	return &chat.Card{
		Ref: chat.Ref{Kind: "topic", ID: t.ID, Rev: t.Rev}, Title: title,
		Rows: []chat.Row{
			{Name: "党委", Value: dialog.Cut(t.Unit, 60)},
			{Name: "课题", Value: dialog.Cut(t.Title(), 80)},
			{Name: "状态", Value: string(t.Status)},
		},
		Buttons: buttons,
	}
}

var (
	refSpan   = regexp.MustCompile(`(?:第)?(\d{1,3})(?:号|个|份|家)?\s*(?:到|至|[-—~～])\s*(?:第)?(\d{1,3})`)
	refID     = regexp.MustCompile(`(\d{4}-\d{4})`)
	refFiled  = regexp.MustCompile(`备-?\s*(\d{1,4})`)
	refNumber = regexp.MustCompile(`(?:第)?(\d{1,3})(?:号|个|份|家)?`)
)

// topicIDs finds which topics a phrase means: numbers of the list last shown,
// spans, internal ids, 备案编号, "全部", or a unit's name. The second result says
// in words what could not be found.
func topicIDs(v V, phrase string, want award.Status) ([]string, string) {
	phrase = strings.TrimSpace(phrase)
	if doubtful.MatchString(phrase) {
		return nil, "“" + dialog.Cut(phrase, 60) + "”我拿不准是哪几份，怕办错。请只写要办的编号，如 1、3 或 1到4。"
	}
	if ids := refID.FindAllString(phrase, -1); len(ids) > 0 {
		return ids, ""
	}
	if found := refFiled.FindStringSubmatch(phrase); found != nil {
		if c, ok := v.Cycle(); ok {
			n, _ := strconv.Atoi(found[1])
			number := award.FilingNumber(c.ID, n)
			if t, ok := v.Topic(number); ok {
				return []string{t.ID}, ""
			}
			return nil, "没有找到编号" + number + "的课题。"
		}
	}
	numbers := listNumbers(phrase, len(v.List.IDs))
	if len(numbers) > 0 {
		return byList(v, numbers)
	}
	if strings.Contains(phrase, "全部") || strings.Contains(phrase, "都") && len(v.List.IDs) > 0 && v.List.Kind == listTopics {
		return v.List.IDs, ""
	}
	return byUnit(v, phrase, want)
}

// listTopics marks a list of topics.
const listTopics = "topics"

// byList maps numbers of the list last shown to topics.
func byList(v V, numbers []int) ([]string, string) {
	if v.List.Kind != listTopics || len(v.List.IDs) == 0 {
		return nil, "还没有给您列过清单，编号对不上。请先回复 待审，再说“通过 1”这样的话；也可以直接说单位名。"
	}
	var ids []string
	for _, n := range numbers {
		if n < 1 || n > len(v.List.IDs) {
			return nil, fmt.Sprintf("清单里只有 1 到 %d 号，没有 %d 号。", len(v.List.IDs), n)
		}
		ids = append(ids, v.List.IDs[n-1])
	}
	return ids, ""
}

// listNumbers reads "1到4号", "三号和五号", "1、3、5", "2号".
func listNumbers(phrase string, most int) []int {
	var out []int
	seen := map[int]bool{}
	add := func(n int) {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	phrase = inDigits(phrase)
	rest := phrase
	for _, span := range refSpan.FindAllStringSubmatch(phrase, -1) {
		from, _ := strconv.Atoi(span[1])
		to, _ := strconv.Atoi(span[2])
		for n := from; n <= to && n <= from+most+100; n++ {
			add(n)
		}
		rest = strings.Replace(rest, span[0], " ", 1)
	}
	for _, one := range refNumber.FindAllStringSubmatch(rest, -1) {
		n, _ := strconv.Atoi(one[1])
		add(n)
	}
	return out
}

// byUnit finds the topics of the unit a phrase names.
func byUnit(v V, phrase string, want award.Status) ([]string, string) {
	name := unitWords.ReplaceAllString(phrase, "")
	if name == "" {
		return nil, "没看出是哪一份。请先回复 待审 看清单，再说编号；也可以说单位名，如“清河镇”。"
	}
	unit, why := oneUnit(v, name)
	if why != "" {
		return nil, why
	}
	page := v.Topics(award.TopicQuery{Unit: unit.ID, Limit: 10})
	var ids []string
	for _, t := range page.Topics {
		if want == "" || t.Status == want {
			ids = append(ids, t.ID)
		}
	}
	if len(ids) == 0 {
		if want == "" {
			return nil, unit.Name + "本届还没有报送课题。"
		}
		return nil, unit.Name + "现在没有“" + string(want) + "”的课题。"
	}
	return ids, ""
}

// unitName is how people call a unit in a sentence; oneUnit finds it. None begins
// with 不: 不同意柳林镇延期 is no extension.
const unitName = `[^不\P{Han}]\p{Han}{0,13}?(?:镇|乡|街道|局|委|工委|公司|集团|学校|医院|办|中心)`

// oneUnit finds the unit a name means, in full or a part that only one has.
func oneUnit(v V, name string) (award.Unit, string) {
	name = strings.TrimSpace(name)
	if u, ok := v.View.Unit(name); ok {
		return u, ""
	}
	units := v.FindUnits(name)
	switch {
	case len(units) == 0:
		return award.Unit{}, "没有找到“" + dialog.Cut(name, 60) + "”这个单位。"
	case len(units) > 1:
		names := make([]string, 0, len(units))
		for _, u := range units {
			names = append(names, u.Name)
		}
		return award.Unit{}, "“" + dialog.Cut(name, 60) + "”对得上几个单位：" + strings.Join(names, "、") + "。请说全称。"
	}
	return units[0], ""
}

// unitField asks which unit an action of the department is about.
func unitField(ask string, a award.Action) Field {
	return Field{
		Key: "unit", Label: "单位", Aliases: []string{"哪个单位"}, Kind: dialog.Text{Min: 2, Max: 40}, Required: true,
		Ask: ask, Example: "柳林镇",
		Check: func(v V, _ dialog.Answers, s string) dialog.Problem {
			u, why := oneUnit(v, s)
			if why == "" {
				why = refusal(award.May(v.Me, a, award.Object{Unit: u}))
			}
			if why != "" {
				return dialog.Problem{Kind: dialog.RuleBroken, Text: why}
			}
			return dialog.Problem{}
		},
	}
}

// namesOf joins the names of members, "" for none.
func namesOf(v V, ids []string) string {
	var names []string
	for _, id := range ids {
		if p, ok := v.Person(id); ok && !p.Left {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, "、")
}

// doubtful are words that take something out again or put it off.
var doubtful = regexp.MustCompile(`除了?|除开|以外|不包括|先(?:不|缓|放|等)|缓一缓|暂|别|不要|其他|其余|剩下`)

// unitWords are what people say around a unit's name.
var unitWords = regexp.MustCompile(`^(?:把|给|将|请|帮我)+|(?:的|那份|这份|那个|这个|备案|课题|报的|报送|退回|打回去?|通过|一块儿|一起|都|过|了|吧|表|看看|看|打开)+`)

// to makes a receipt to one person.
func to(userid, key, text string) chat.Message {
	return chat.Message{Key: key + "|" + userid, To: userid, Text: text, Priority: chat.PriorityReceipt}
}

// unique keeps the first of each userid, without the asker.
func unique(skip string, lists ...[]string) []string {
	seen := map[string]bool{skip: true}
	var out []string
	for _, list := range lists {
		for _, id := range list {
			if id != "" && !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out
}

// userids lists the ids of persons.
func userids(people []award.Person) []string {
	out := make([]string, 0, len(people))
	for _, p := range people {
		out = append(out, p.UserID)
	}
	return out
}
