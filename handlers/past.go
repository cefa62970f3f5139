package handlers

import (
	"slices"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// maxPast is how many past results a list shows; maxPastFound how many are
// looked through for one that was listed.
const (
	maxPast      = 20
	maxPastFound = 5000
)

// pastQuery is 往届成果: what was done and won before, and how (C4).
func pastQuery() *Query {
	const last = `(?P<last>上一?[届次轮])`
	const ever = `(?:往届|往年|以前|历届|过去|前几届|之前)`
	const won = `(?:得奖|获奖|得过奖|获过奖|评上|评上奖|优秀|一等奖|表彰|受表彰)`
	const tail = `(?:的)?(?:单位|课题|成果|项目|做法|经验|案例|名单|材料)*(?:有哪些|有哪几个|有啥|有什么|是哪些|都是谁|是怎么做的|怎么做的|咋做的)?(?:[,，。 ].{0,20}|发我.{0,8}|看看.{0,6}|给我.{0,8})?[?？。]?`
	return &Query{
		ID: "past", Title: "看往届成果", Menu: "往届成果（上届得奖的怎么做）", Rare: true,
		Intent: dialog.Intent{
			Exact: []string{"往届", "往届成果", "看往届", "往届获奖", "上届获奖", "上届得奖的", "往届课题", "历届成果", "获奖成果", "优秀成果"},
			Patterns: []string{
				`(?:看看?|查查?|找找?|想看|想学习|学习)?(?:一下)?` + last + `(?:的)?` + won + tail,
				`(?:看看?|查查?|找找?|想看|想学习|学习)?(?:一下)?` + last + `(?:的)?(?P<word>\p{Han}{2,10}?)(?:方面|有关|相关)?的?(?:` + won + `|成果|做法|经验|课题).{0,16}`,
				`(?:看看?|查查?|找找?|想看|学习)?(?:一下)?` + ever + `(?:的)?` + won + tail,
				`(?:看看?|查查?|找找?)?往届(?:成果)?[：: ]+(?P<word>\p{Han}{1,10})`,
				`(?:看看?|查查?|找找?|想看|学习)?(?:一下)?` + ever + `(?:的)?(?:跟|和|与|关于)?(?P<word>\p{Han}{2,10}?)(?:方面|有关|相关)?的?(?:成果|做法|经验|案例|课题).{0,16}`,
				`(?:看看?|打开)?往届(?:成果)?(?:第)?\s*(?P<number>\d{1,2})(?:个|号)?`,
			},
		},
		Answer: func(v V, s dialog.Slots) dialog.Answer {
			if s["number"] != "" {
				if a, ok := listedAnswer(v, s["number"]); ok {
					return a
				}
			}
			return pastAnswer(v, s["word"], s["last"] != "")
		},
		Group: func(v V, s dialog.Slots) dialog.Answer {
			a := pastAnswer(v, s["word"], s["last"] != "")
			a.List = nil
			return a
		},
	}
}

// pastAnswer lists past results: winners before others, newest first.
func pastAnswer(v V, words string, latest bool) dialog.Answer {
	words = subject(words)
	page := v.Past(award.PastQuery{Words: words, Latest: latest, Winners: true, Limit: maxPast})
	if page.Total == 0 {
		page = v.Past(award.PastQuery{Words: words, Latest: latest, Limit: maxPast})
	}
	if page.Total == 0 {
		if words != "" && v.Past(award.PastQuery{}).Total > 0 {
			return dialog.Answer{Text: "往届成果里没有找到和“" + dialog.Cut(words, 30) + "”有关的。看全部请回复 往届。"}
		}
		return dialog.Answer{Text: "还没有录入往届成果。有往届材料的，请管理员用“往届成果”表导入，导入后这里就能查。"}
	}
	head := "往届成果"
	if latest {
		head = page.Results[0].Cycle + "届成果"
	}
	lines := []string{head + " " + itoa(page.Total) + " 项："}
	ids := make([]string, 0, len(page.Results))
	for i, p := range page.Results {
		line := itoa(i+1) + " 《" + p.Title + "》 " + p.Unit
		if p.Rank != "" {
			line += "，" + p.Rank
		}
		if !latest {
			line += "（" + p.Cycle + "）"
		}
		lines, ids = append(lines, line), append(ids, p.ID)
	}
	if page.Total > len(page.Results) {
		lines = append(lines, "只列前 "+itoa(len(page.Results))+" 项，按词找回复“往届 社区”。")
	}
	lines = append(lines, "看做法回复“看 1”。")
	return dialog.Answer{Text: strings.Join(lines, "\n"), List: listOf(listPast, ids)}
}

// pastOne shows how one past result was done.
func pastOne(v V, id string) dialog.Answer {
	all := v.Past(award.PastQuery{Limit: maxPastFound}).Results
	i := slices.IndexFunc(all, func(p award.Past) bool { return p.ID == id })
	if i < 0 {
		return dialog.Answer{Text: "这一项已经不在往届成果里了，请回复 往届 重新看。"}
	}
	p := all[i]
	lines := []string{"《" + p.Title + "》", p.Unit + " · " + p.Cycle + "届"}
	if p.Rank != "" {
		lines[1] += " · " + p.Rank
	}
	if p.Summary == "" {
		lines = append(lines, "没有录入做法，可以向该单位请教。")
	} else {
		lines = append(lines, "做法：", p.Summary)
	}
	return dialog.Answer{Text: strings.Join(append(lines, "学做法可以，题目请自拟，别照搬。"), "\n")}
}
