package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// countQuery is 统计: totals for everybody, groups included; the department sees
// the figures by kind.
func countQuery() *Query {
	group := func(v V, _ dialog.Slots) dialog.Answer { return dialog.Answer{Text: totals(v)} }
	return &Query{
		ID: "count", Title: "看报了多少家", Menu: "统计（看报了多少家）",
		Intent: dialog.Intent{
			Exact:    []string{"统计", "报了多少家", "多少家报了", "报了几家", "现在报了多少家了", "总数", "统计一下", "分类统计", "数据统计"},
			Patterns: []string{`.{0,8}(?:报了|已报|交了)(?:多少|几)家?.{0,4}`, `.{0,6}(?:多少|几)家(?:报|交)了.{0,4}`, `(?:按|分).{0,8}统计.{0,6}`},
		},
		Answer: func(v V, s dialog.Slots) dialog.Answer {
			if _, open := v.Cycle(); !open || mayReview(v) != "" {
				return group(v, s)
			}
			return dialog.Answer{Text: totals(v) + "\n" + strings.Join(figureLines(v.Counts(), v.Stats()), "\n")}
		},
		Group: group,
	}
}

// figureLines are the department's figures by kind.
func figureLines(n award.Counts, st award.Stats) []string {
	var types []string
	for _, kind := range append(award.UnitTypes(), "") {
		if st.Units[kind] == 0 {
			continue
		}
		name := kind
		if name == "" {
			name = "未分类"
		}
		types = append(types, fmt.Sprintf("%s %d/%d", name, st.Filed[kind], st.Units[kind]))
	}
	total := 0
	var classes []string
	for _, code := range []string{"1", "2", "3", award.CategoryOther} {
		total += st.Topics[code]
		classes = append(classes, fmt.Sprintf("%s %d", award.CategoryName(code), st.Topics[code]))
	}
	return []string{
		"按单位类型（已报/应报）：" + strings.Join(types, "，"),
		fmt.Sprintf("已报课题 %d 个：按时 %d，逾期 %d；重点 %d", total, total-st.Late, st.Late, st.Key),
		"按方向：" + strings.Join(classes, "，"),
		fmt.Sprintf("按进展：待单位确认 %d，单位在改 %d，待审 %d，退回补正 %d，已备案 %d",
			n.ByStatus[award.StatusAwaiting], n.ByStatus[award.StatusReworking], n.ByStatus[award.StatusFiled],
			n.ByStatus[award.StatusReturned], n.ByStatus[award.StatusRunning]),
		"名单请回复 谁报了 或 谁没报。",
	}
}

// filedQuery is 谁报了: the list with times for the department, counts for others.
func filedQuery() *Query {
	group := func(v V, _ dialog.Slots) dialog.Answer { return dialog.Answer{Text: totals(v)} }
	return &Query{
		ID: "filed", Title: "看谁报了",
		Intent: dialog.Intent{
			Exact:    []string{"谁报了", "报了的", "已报名单", "哪些报了", "谁交了", "已报的", "报了的单位", "已报单位"},
			Patterns: []string{`.{0,8}(?:哪几家|哪些(?:单位)?|谁)(?:已经|都)?(?:报|交)了.{0,4}`},
		},
		Answer: func(v V, s dialog.Slots) dialog.Answer {
			c, open := v.Cycle()
			switch {
			case open && mayReview(v) != "":
				return dialog.Answer{Text: totals(v) + "\n报了哪些单位只给组织部看。"}
			case !open || mayReview(v) != "":
				return group(v, s)
			}
			const most = 500
			page := v.Delivered(0, most)
			if page.Total == 0 {
				return dialog.Answer{Text: "还没有单位报上来。\n" + totals(v)}
			}
			lines := []string{totals(v), fmt.Sprintf("已报 %d 家，按报送先后：", page.Total)}
			for i, u := range page.Units {
				lines = append(lines, fmt.Sprintf("%d %s", i+1, u.Name))
				for _, t := range u.Topics {
					if t.Status.IsDelivered() && u.Cycle == c.ID {
						lines = append(lines, "　"+refText(t))
					}
				}
			}
			if page.Total > len(page.Units) {
				lines = append(lines, fmt.Sprintf("先列最早的 %d 家，全部请管理员导出台账。", len(page.Units)))
			}
			return dialog.Answer{Text: strings.Join(lines, "\n")}
		},
		Group: group,
	}
}

// refText is one topic as its unit's record knows it.
func refText(t award.TopicRef) string {
	text := "《" + t.Title + "》" + string(t.Status)
	if !t.At.IsZero() {
		text += "，" + timeText(t.At) + "报"
	}
	if t.Late {
		text += "（逾期）"
	}
	return text
}
