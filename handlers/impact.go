package handlers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// stageWords are what people call the stages of a cycle.
const stageWords = `课题备案|备案|跟踪督查|年度督查|督查|总结申报|总结报告|总结|成果申报|申报|评审|评比|表彰`

// stageOf is the stage people mean, 备案 when they name none.
func stageOf(word string) award.Stage {
	switch {
	case strings.Contains(word, "督查"):
		return award.StageSupervise
	case strings.Contains(word, "总结"), strings.Contains(word, "申报"):
		return award.StageSummary
	case strings.Contains(word, "评审"), strings.Contains(word, "评比"):
		return award.StageReview
	case strings.Contains(word, "表彰"):
		return award.StageAward
	}
	return award.StageFiling
}

// Parts of sentences that name a stage and a new day for it.
const (
	stageSlot = `(?:本届|这一?届|全县|全部|各单位|统一|把|将|的|请|麻烦|帮我|现在)*(?:(?P<stage>` + stageWords + `)(?:的)?(?:截止|截至|期限|时间|日期|截止期)*|(?:截止|期限|截止日期|截止时间))`
	newDay    = `(?:就|都|统一|往后|再|也|要|想|是不是|能不能)*(?:改期|改|调整|推迟|延期|延长|延后|延|顺延|提前|挪|移|变更|定)(?:到|至|成|为|在|个)?\s*(?P<date>[^,，。;；、？?]{2,24}?)`
	rolling   = `[,，;； ]*(?:如?(?:逢|遇到?|碰上|赶上|是))?(?:周六|周日|周末|星期[六日天]|双休日|休息日|节假日|放假|或|和|、)*(?:的|则|就|自动|可以|要|的话)*(?P<roll>不再?(?:往后)?顺延|顺延)(?:到?(?:下一?个?)?(?:工作日|周一|星期一|一天|1天))?`
)

// simulateQuery answers what a change of a deadline would do; nothing changes.
func simulateQuery() *Query {
	const tail = `(?:(?:的话|[,，？?。 ]).{0,40})?`
	return &Query{
		ID: "simulate", Title: "看改期会影响什么", Menu: "",
		Intent: dialog.Intent{
			Patterns: []string{
				`(?:要是|如果|假如|假设|若是)?(?:我们)?` + stageSlot + newDay + `(?:的话|[,，]|会|有|对|后面|后续|都|那).{0,20}(?:影响|哪些|什么|啥|怎么样|怎样|咋样|变化|跟着动|来得及).{0,8}`,
				`(?:要是|如果|假如|假设|假使|若是|万一|倘若)(?:我们)?` + stageSlot + newDay + tail,
				`(?:试算|模拟|测算|推演|试试看?|看看|算算)(?:一下)?[：:,， ]*(?:要是|如果)?` + stageSlot + newDay + tail,
			},
		},
		Allow: func(v V) string {
			if mayAll(v, award.ActionSuggest) == "" {
				return ""
			}
			text := "期限由县委组织部定，改期的影响只给组织部看。"
			if may(v, award.ActionAsk) == "" {
				text += "您单位有困难要缓几天，可以说“备案能不能缓到12月25号”，马上转给经办。"
			}
			return text
		},
		Answer: func(v V, s dialog.Slots) dialog.Answer {
			if _, open := v.Cycle(); !open {
				return dialog.Answer{Text: noCycle(v)}
			}
			change, why := sentenceChange(v, s)
			if why != "" {
				return dialog.Answer{Text: why}
			}
			impact := award.SimulateDeadline(v.View, change, v.Now)
			if impact.Refusal != nil {
				return dialog.Answer{Text: impact.Refusal.Text}
			}
			end := "以上只是试算，什么都没有改。要改请回复：" + sayChange(impact)
			if mayAll(v, award.ActionSchedule) != "" {
				end += "（由科室负责人确认后才生效）"
			}
			return dialog.Answer{Text: impactText(impact) + "\n\n" + end}
		},
	}
}

// sentenceChange reads the change a sentence asks about.
func sentenceChange(v V, s dialog.Slots) (award.ChangeDeadline, string) {
	r := (stageDate{}).Read(s["date"], dialog.Env{Now: v.Now})
	if !r.Problem.OK() {
		return award.ChangeDeadline{}, "“" + dialog.Cut(s["date"], 40) + "”没看出是哪一天。" + r.Problem.Text
	}
	return changeOf(v, stageOf(s["stage"]), r.Value, rollOf(s["roll"])), ""
}

// rollOf reads whether deadlines shall roll over rest days, nil when nothing is said.
func rollOf(word string) *bool {
	if word == "" {
		return nil
	}
	roll := !strings.HasPrefix(word, "不")
	return &roll
}

var bareMonth = regexp.MustCompile(`^(?:\d{1,2}|[一二三四五六七八九十]{1,2})[月./-]`)

// changeOf makes the change of a stage to a canonical date. Whoever names no year
// means the one nearest to the date the stage has; a month or a span is a window.
func changeOf(v V, stage award.Stage, value string, roll *bool) award.ChangeDeadline {
	d := toDate(value)
	change := award.ChangeDeadline{By: v.Me, Stage: stage, Date: d.Date, RollOver: roll}
	c, _ := v.Cycle()
	m, _ := c.Milestone(stage)
	years := 0
	if bareMonth.MatchString(d.Raw) && !m.Date.IsZero() {
		years = nearestYear(m.Date, d.Date) - d.Date.Year
		change.Date = d.Date.AddMonths(12 * years)
	}
	if m.From.IsZero() {
		return change
	}
	if ends := spanParts.FindStringSubmatch(d.Raw); ends != nil {
		if iso, precision, ok, _ := dialog.ReadDate(ends[1], v.Now); ok {
			from, _ := award.ParseDate(iso) // ReadDate gives nothing else
			from = from.AddMonths(12 * years)
			if precision != string(award.PrecisionDay) {
				from.Day = 1
			}
			if !from.After(change.Date) {
				change.From = from
			}
		}
	} else if d.Precision == award.PrecisionMonth {
		change.From = award.Date{Year: change.Date.Year, Month: change.Date.Month, Day: 1}
	}
	return change
}

// stageDate reads the day of a stage, or the span of one that is a window
// ("2027年9月到10月"): canonical is the end, with what was said.
type stageDate struct{ dialog.Date }

// spanParts divides a span into its ends.
var spanParts = regexp.MustCompile(`^(.+?)\s*(?:到|至|—|–|~|～|-)\s*(.+)$`)

// leadYear is the year a date begins with.
var leadYear = regexp.MustCompile(`^(?:\d{4}年?|今年|明年|后年)`)

// Read implements dialog.Kind.
func (k stageDate) Read(text string, env dialog.Env) dialog.Reading {
	r := k.Date.Read(text, env)
	ends := spanParts.FindStringSubmatch(strings.TrimSpace(text))
	if r.Problem.OK() || ends == nil {
		return r
	}
	from, _, ok, _ := dialog.ReadDate(ends[1], env.Now)
	right := ends[2]
	if !leadYear.MatchString(right) {
		right = leadYear.FindString(ends[1]) + right
	}
	end, precision, known, _ := dialog.ReadDate(right, env.Now)
	if !ok || !known || end < from {
		return r
	}
	return dialog.Reading{Value: dialog.JoinDate(end, precision, strings.TrimSpace(text))}
}

// nearestYear is the year in which the day and month of d are nearest to a date.
func nearestYear(to, d award.Date) int {
	best, gap := d.Year, 1<<30
	for year := to.Year - 1; year <= to.Year+1; year++ {
		away := d.AddMonths(12 * (year - d.Year)).Sub(to)
		if away < 0 {
			away = -away
		}
		if away < gap {
			best, gap = year, away
		}
	}
	return best
}

// sayChange is what to type to carry a change out.
func sayChange(i award.Impact) string {
	day := func(d award.Date) string { return fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day) }
	text := award.StageTitle(i.Stage) + "改到"
	if !i.After.From.IsZero() {
		text += day(i.After.From) + "到"
	}
	return text + day(i.After.Date)
}

// impactText says everything a change would do.
func impactText(i award.Impact) string {
	lines := []string{award.StageTitle(i.Stage) + "：" + i.Before.When() + " → " + i.After.When()}
	if i.Before.When() == i.After.When() {
		lines[0] = award.StageTitle(i.Stage) + "：还是" + i.After.When() + "，通知里的日期改为" + i.After.Date.Chinese()
	}
	lines = append(lines, spanText(i)...)
	if i.Stage == award.StageFiling {
		lines = append(lines, filingImpact(i)...)
	}
	lines = append(lines, alsoText(i)...)
	if i.Stage == award.StageSummary && i.Days < 0 {
		lines = append(lines, "课题的完成时间要在总结申报之前：已报课题里排得更晚的，要改完成时间或者按跨届办。")
	}
	return strings.Join(lines, "\n")
}

// spanText says how much time is won or lost, and what lies in it.
func spanText(i award.Impact) []string {
	var lines []string
	switch {
	case i.Days > 0:
		lines = append(lines, fmt.Sprintf("比原来晚 %d 天，多 %d 个工作日。", i.Days, i.Working))
	case i.Days < 0:
		lines = append(lines, fmt.Sprintf("比原来早 %d 天，少 %d 个工作日。", -i.Days, -i.Working))
	}
	if i.After.Why != "" {
		lines = append(lines, i.After.Why+"。")
	}
	if rests := restsText(i.Rests); rests != "" && i.After.From.IsZero() {
		lines = append(lines, rests)
	}
	return lines
}

// restsText names the holidays between two days, the exchanged days, and what is
// not known; "" when there is nothing to say.
func restsText(s award.Span) string {
	const few = 3
	var parts []string
	for _, h := range s.Holidays {
		switch {
		case len(s.Holidays) > few:
			parts = append(parts, h.Name)
		case h.From == h.To:
			parts = append(parts, fmt.Sprintf("%s放假（%d月%d日）", h.Name, h.From.Month, h.From.Day))
		default:
			parts = append(parts, fmt.Sprintf("%s放假（%d月%d日—%d月%d日）", h.Name, h.From.Month, h.From.Day, h.To.Month, h.To.Day))
		}
	}
	text := ""
	switch {
	case len(parts) > few:
		text = "中间有" + strings.Join(parts, "、") + "等假期。"
	case len(parts) > 0:
		text = "中间有" + strings.Join(parts, "、") + "。"
	}
	switch n := len(s.Worked); {
	case n > few:
		text += fmt.Sprintf("调休上班 %d 天。", n)
	case n > 0:
		days := make([]string, 0, n)
		for _, d := range s.Worked {
			days = append(days, d.Short())
		}
		text += "调休上班：" + strings.Join(days, "、") + "。"
	}
	unknown := make([]string, 0, len(s.Unknown))
	for _, year := range s.Unknown {
		unknown = append(unknown, fmt.Sprintf("%d年的放假安排还没有导入，先按周末推算。", year))
	}
	return text + strings.Join(unknown, "")
}

// filingImpact says what a new filing deadline does to the units.
func filingImpact(i award.Impact) []string {
	line := fmt.Sprintf("应报 %d 家，已报 %d 家，没报 %d 家", i.Units, i.Filed, i.Units-i.Filed)
	if i.Drafts > 0 {
		line += fmt.Sprintf("（%d 家有草稿）", i.Drafts)
	}
	lines := []string{line + "。"}
	if len(i.Moot) > 0 {
		lines = append(lines, "已办的个别延期用不上了："+extensionsText(i.Moot)+"，以后跟全县一样。")
	}
	if len(i.Kept) > 0 {
		lines = append(lines, "个别延期照旧："+extensionsText(i.Kept)+"。")
	}
	if i.Lifted > 0 {
		lines = append(lines, fmt.Sprintf("已报的逾期课题有 %d 份在新期限以内，去掉“逾期”。", i.Lifted))
	}
	return append(lines, remindersText(i.Reminders)...)
}

func extensionsText(list []award.Extension) string {
	const most = 5
	parts := make([]string, 0, most)
	for _, e := range list[:min(most, len(list))] {
		parts = append(parts, fmt.Sprintf("%s（到%d月%d日）", e.Unit, e.Until.Month, e.Until.Day))
	}
	text := strings.Join(parts, "、")
	if len(list) > most {
		text += fmt.Sprintf("等 %d 家", len(list))
	}
	return text
}

// remindersText says which reminders move: those to come, those dropped and
// those that were said.
func remindersText(moves []award.ReminderMove) []string {
	var come, drop, said []string
	add := func(list []string, d award.Date) []string {
		day := fmt.Sprintf("%d月%d日", d.Month, d.Day)
		if slices.Contains(list, day) {
			return list
		}
		return append(list, day)
	}
	for _, m := range moves {
		if !m.Gone {
			come = add(come, m.After)
		}
		switch {
		case m.Said:
			said = add(said, m.Before)
		case m.Due:
			drop = add(drop, m.Before)
		}
	}
	drop = slices.DeleteFunc(drop, func(day string) bool { return slices.Contains(come, day) || slices.Contains(said, day) })
	var parts []string
	if len(come) > 0 {
		parts = append(parts, "提醒改在"+strings.Join(come, "、"))
	}
	if len(drop) > 0 {
		parts = append(parts, "原来"+strings.Join(drop, "、")+"的不发了")
	}
	if len(said) > 0 {
		parts = append(parts, strings.Join(said, "、")+"的已经发过")
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{strings.Join(parts, "；") + "。"}
}

// alsoText says which stages have to move along.
func alsoText(i award.Impact) []string {
	if len(i.Also) == 0 {
		if i.Stage == award.StageAward {
			return nil
		}
		return []string{"后面的阶段不用跟着动。"}
	}
	lines := []string{"会撞上后面的阶段，一起往后移："}
	for _, m := range i.Also {
		lines = append(lines, "· "+string(m.After.Stage)+"："+m.Before.When()+" → "+m.After.When())
	}
	return lines
}

// noCycle says that nothing is open, and what was last.
func noCycle(v V) string {
	c, open := v.Cycle()
	if open || c.ID == "" {
		return "本届还没有开，备案截止日期还没定。开届时会通知到每个单位。"
	}
	return "上一届（" + c.Name + "）已于" + award.DateOf(c.ClosedAt).Chinese() + "结束，新一届还没有开。开届时会通知到每个单位。"
}
