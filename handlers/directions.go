package handlers

import (
	"regexp"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// Kinds of lists last shown (dialog.List).
const (
	listDirections = "directions"
	listPast       = "past"
)

// maxDirections is how many directions one answer shows (UX rule 8).
const maxDirections = 8

// ownTopicToo says that the directory is open (C49, C68).
const ownTopicToo = "参考方向只是参考，自拟题目一样受理。"

// directionsQuery is 参考方向: the directory by class, by word, by kind of unit,
// and what suits the asker's own unit (C11–C49).
func directionsQuery() *Query {
	const topic = `(?:参考)?(?:课题|方向|选题|题目)`
	const about = `(?:跟|和|与|关于|有关)`
	const tail = `(?:吗|呢|没有|没|吧|的)?[,，。 ]*(?:发(?:给)?我(?:看看)?|给我(?:看看|发一下|列一下)?|我(?:想)?看看|看看|列一下|参考一下|发一下)?[。！!?？]*`
	return &Query{
		ID: "directions", Title: "看参考方向", Menu: "参考方向（选题参考，可按词找，如 跟社区有关的）", Rare: true,
		Intent: dialog.Intent{
			Exact: []string{
				"参考方向", "参考课题", "课题方向", "选题方向", "参考目录", "课题目录", "方向目录", "有哪些方向", "有哪些参考方向", "有哪些参考课题",
				"有什么方向", "看方向", "看参考方向", "报什么好", "报啥好", "选什么题好", "选题", "推荐几个", "推荐一下", "推荐几个课题", "推荐几个方向",
			},
			Patterns: []string{
				`(?:看看?|查看?|打开)?(?:方向|参考方向|类别)[：: ]*(?P<code>[1-3](?:\.[1-4])?)(?:讲什么|是什么|有什么|怎么说|有哪些)?[?？]?`,
				`(?:看看?|查看?|打开)\s*(?P<code>[1-3]\.[1-4])(?:讲什么|是什么|有什么)?[?？]?`,
				`(?:有没有|有啥|有哪些|有什么|找|查|找几个|来几个|想看|看看)?` + topic + `?[,，]?` + about + `(?P<word>\p{Han}{1,10}?)(?:有关|相关|方面|类|沾边)?的?` + topic + `?` + tail,
				`(?:有没有|有啥|有哪些|有什么|哪些|找|查)?` + topic + `?[,，]?(?:适合|适用于?)(?P<word>\p{Han}{1,10}?)(?:报|做|搞|申报)?的?(?:有哪些|有什么)?` + topic + `?` + tail,
				`(?:有没有|有啥|有哪些|有什么)(?P<word>\p{Han}{2,8}?)(?:方面|类|有关|相关)的?` + topic + tail,
				`(?:请|麻烦)?(?:给我?|帮我?)?推荐(?:一下|几个|个|些|点)*` + topic + `?` + tail,
				`(?:参考方向|参考课题|找方向|找课题)[：: ]+(?P<word>\p{Han}{1,10})`,
				`有(?:没有|哪些|啥|什么)` + topic + tail,
			},
		},
		Answer: func(v V, s dialog.Slots) dialog.Answer { return directionsAnswer(v, s["code"]+s["word"]) },
		Group: func(v V, s dialog.Slots) dialog.Answer {
			v.Unit = award.Unit{}
			a := directionsAnswer(v, s["code"]+s["word"])
			a.List = nil
			return a
		},
	}
}

// directionCodeQuery reads a bare code; where a question is open it is an answer.
func directionCodeQuery() *Query {
	q := directionsQuery()
	q.ID, q.Menu, q.Rare = "direction", "", false
	q.Intent = dialog.Intent{Idle: true, Patterns: []string{`(?P<code>[1-3]\.[1-4])[①②③④]?`}}
	return q
}

// directionsAnswer shows one direction in full, those a word leads to, or, when
// nothing is asked for, those that suit the asker's unit before the classes.
func directionsAnswer(v V, asked string) dialog.Answer {
	asked = subject(asked)
	if asked == "" {
		return dialog.Answer{Text: classesText(v), List: listOf(listDirections, codes(suited(v)))}
	}
	found := award.FindDirections(asked)
	switch len(found) {
	case 0:
		return dialog.Answer{Text: "参考目录里没有直接讲“" + dialog.Cut(asked, 30) + "”的方向，可以按“自选”报，一样受理。\n看全部方向请回复 参考方向。"}
	case 1:
		return dialog.Answer{Text: directionDetail(found[0])}
	}
	shown := found[:min(maxDirections, len(found))]
	lines := []string{"和“" + dialog.Cut(asked, 30) + "”有关的方向 " + itoa(len(found)) + " 个："}
	if name := award.CategoryName(asked); name != "" {
		lines[0] = "“" + name + "”类的方向 " + itoa(len(found)) + " 个："
	}
	for i, d := range shown {
		lines = append(lines, itoa(i+1)+" "+d.Code+" "+d.Name)
	}
	lines = append(lines, "看具体内容回复“看 1”。"+ownTopicToo)
	return dialog.Answer{Text: strings.Join(lines, "\n"), List: listOf(listDirections, codes(shown))}
}

// Words around what somebody asks about.
var (
	askedHead = regexp.MustCompile(`^(?:有没有|有无|有哪些|有什么|有啥|搞过|做过|弄过|关于|有关|跟|和|与|一些|几个|那些|哪些|我们|适合|在)+`)
	askedTail = regexp.MustCompile(`(?:有关|相关|方面|类|的|参考|课题|方向|选题|题目|项目|做法|成果|经验|案例|有哪些|有什么|有没有|没有|哪些|有|吗|呢|没)+$`)
)

// subject is what somebody asks about without the words around it.
func subject(asked string) string {
	return askedTail.ReplaceAllString(askedHead.ReplaceAllString(asked, ""), "")
}

// classesText is the first screen of the directory.
func classesText(v V) string {
	var lines []string
	if own := suited(v); len(own) > 0 {
		lines = append(lines, "您单位是"+v.Unit.Type+"，这几个方向常用：")
		for i, d := range own {
			lines = append(lines, itoa(i+1)+" "+d.Code+" "+d.Name)
		}
		lines = append(lines, "看具体内容回复“看 1”。", "")
	}
	lines = append(lines, "参考方向分三类：")
	for _, c := range award.Directions() {
		first, last := c.Directions[0].Code, c.Directions[len(c.Directions)-1].Code
		lines = append(lines, "方向 "+c.Code+"："+c.Title+"（"+first+"–"+last+"）")
	}
	return strings.Join(append(lines, "看一类回复“方向 2”；按词找回复“跟社区有关的”。", ownTopicToo), "\n")
}

// suited returns the directions made for the asker's kind of unit.
func suited(v V) []award.Direction {
	var out []award.Direction
	for _, d := range award.SuggestDirections(v.Unit.Type) {
		if len(d.Suits) > 0 {
			out = append(out, d)
		}
	}
	return out
}

// directionDetail is one direction with its points.
func directionDetail(d award.Direction) string {
	lines := []string{d.Code + " " + d.Name, "属于“" + award.CategoryName(d.Category) + "”类，可以研究："}
	for _, p := range d.Points {
		lines = append(lines, "· "+p.Text)
	}
	lines = append(lines, "用它报课题，请回复“用 "+d.Code+" 报课题”；正在填的请回复“类别或方向："+d.Code+"”。", ownTopicToo)
	return strings.Join(lines, "\n")
}

func codes(list []award.Direction) []string {
	out := make([]string, 0, len(list))
	for _, d := range list {
		out = append(out, d.Code)
	}
	return out
}

// listOf makes a list to be remembered, nil for an empty one.
func listOf(kind string, ids []string) *dialog.List {
	if len(ids) == 0 {
		return nil
	}
	return &dialog.List{Kind: kind, IDs: ids}
}

// listedAnswer shows an entry of a list of directions or past results last
// shown; ok is false when something else was asked for.
func listedAnswer(v V, which string) (a dialog.Answer, ok bool) {
	if v.List.Kind != listDirections && v.List.Kind != listPast {
		return a, false
	}
	numbers := listNumbers(which, len(v.List.IDs))
	if len(numbers) != 1 || refID.MatchString(which) {
		return a, false
	}
	n := numbers[0]
	if n < 1 || n > len(v.List.IDs) {
		return dialog.Answer{Text: "刚才列的是 1 到 " + itoa(len(v.List.IDs)) + "，没有 " + itoa(n) + "。"}, true
	}
	if v.List.Kind == listPast {
		return pastOne(v, v.List.IDs[n-1]), true
	}
	d, known := award.DirectionByCode(v.List.IDs[n-1])
	if !known {
		return a, false
	}
	return dialog.Answer{Text: directionDetail(d)}, true
}
