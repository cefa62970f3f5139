package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// mostAlike is how many similar titles are shown.
const mostAlike = 3

// titleLikeness is the hint beside a title that reads like others (C68): never a
// refusal, and said with the answer to the title alone.
func titleLikeness(v V, a dialog.Answers, title string) string {
	list, past := alikeLines(v, title, dialog.ObjectID(a.Object))
	if len(list) == 0 {
		return ""
	}
	how := "想换个说法，回复“课题名称：新题目”。"
	if past {
		how += "往届怎么做的，回复 看往届。"
	}
	return "有题目和这个比较像，只是提示，不影响报送：\n" + strings.Join(list, "\n") + "\n" + how
}

// alikeLines names the nearest titles: whose, when, how much, and what differs;
// past says that one is of an earlier cycle's results. What other units file in
// the open cycle is nobody else's business but the department's: of those only
// the likeness is told.
func alikeLines(v V, title, except string) (lines []string, past bool) {
	cycle, _ := v.Cycle()
	all := mayAll(v, award.ActionRead) == ""
	for i, like := range v.Similar(title, except, mostAlike) {
		if !all && like.Cycle == cycle.ID && like.Unit != v.Unit.ID {
			lines = append(lines, fmt.Sprintf("%d 本届另一个单位的题目，像 %d%%（哪个单位、什么题目，可以问%s）", i+1, int(like.Score*100), desk(v)))
			continue
		}
		line := fmt.Sprintf("%d %s《%s》（%s届），像 %d%%", i+1, strings.TrimSuffix(like.Unit, "党委"), like.Title, like.Cycle, int(like.Score*100))
		past = past || like.ID == award.PastID(like.Cycle, like.Unit, like.Title)
		mine, theirs := award.Differ(title, like.Title)
		switch {
		case len(mine)+len(theirs) == 0:
			line += "，只有标点或空格不同"
		case len(mine) == 0:
			line += "，它多了" + quotes(theirs)
		case len(theirs) == 0:
			line += "，这个多了" + quotes(mine)
		default:
			line += "，这个写" + quotes(mine) + "，它写" + quotes(theirs)
		}
		lines = append(lines, line)
	}
	return lines, past
}

// quotes puts each part in quotation marks.
func quotes(parts []string) string { return "“" + strings.Join(parts, "”“") + "”" }
