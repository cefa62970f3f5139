package award

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Limits of a filing in characters, or in entries for the lists (domain.md 2.4).
const (
	MinTitle      = 6
	MaxTitle      = 40
	MinProblem    = 20
	MaxProblem    = 500
	MinContent    = 20
	MaxContent    = 800
	MinPilots     = 1
	MaxPilots     = 5
	MaxPilotName  = 30
	MinSteps      = 2
	MaxSteps      = 12
	MaxStepTitle  = 40
	MaxStepOutput = 100
	MinMeasures   = 1
	MaxMeasures   = 10
	MaxMeasure    = 200
	MinOutcome    = 4
	MaxOutcome    = 300
	MaxName       = 20
	MaxPost       = 30
	// MaxYearsAhead bounds how far off a finish may be, 跨届 or not.
	MaxYearsAhead = 5
	// MaxCrossMonths is how long after 总结申报 a 跨届 filing may finish (C80).
	MaxCrossMonths = 12
)

// fieldTitle is the form's field of the 课题名称.
const fieldTitle = "title"

// Issue is one thing of a filing that cannot stay as it is.
type Issue struct {
	Field  string // key of the form's field: title category direction key problem …
	Text   string // one sentence: the rule, its limit, and who can waive it
	Clause string // "C61", "" when the rule is a default
	Rule   string // stable name for logs and tests, "title.taken"
}

// CheckFiling applies every rule of 课题备案 to a filing of the unit and returns
// at most one issue per field, in the order of the form. topicID names the
// topic being edited or mended, "" for a new one. Without an open cycle the
// rules that need one rest.
func CheckFiling(v View, unit Unit, f Filing, topicID string, now time.Time) []Issue {
	cycle, _ := v.Cycle()
	var issues []Issue
	found := map[string]bool{}
	for _, issue := range []*Issue{
		checkStops(f),
		CheckTitle(cycle, unit, f.Title, topicID),
		CheckCategory(f.Category),
		CheckDirection(f.Category, f.Direction),
		CheckQuota(cycle, unit, f.Key, topicID),
		CheckProblem(f.Problem),
		CheckPilots(f.Pilots),
		CheckHead(f.Head),
		CheckDeputy(f.Deputy),
		CheckResponsible(f.Responsible),
		CheckContact(f.Contact),
		CheckContent(f.Content),
		CheckSteps(f.Steps, f.Finish),
		CheckMeasures(f.Measures),
		CheckFinish(cycle, f.Steps, f.Finish, f.CrossCycle, DateOf(now)),
		CheckOutcome(f.Outcome),
		CheckProducts(f.Products),
		CheckFiles(f.Files),
		CheckSecrecy(f.Secrecy),
		CheckJoint(v, unit, f.Joint),
		CheckFocus(f.Focus),
		CheckNature(f.Nature),
		CheckBackground(f.Background),
		CheckServes(f.Serves),
		CheckLinkPoints(f.LinkPoints, f.Pilots),
		CheckMembers(f.Members),
		CheckMeeting(f.Meeting, DateOf(now)),
		CheckAbilities(f.Category, f.Abilities),
		CheckMeans(f.Direction, f.Means),
		CheckSystems(f.Direction, f.Systems),
	} {
		if issue != nil && !found[issue.Field] {
			found[issue.Field] = true
			issues = append(issues, *issue)
		}
	}
	return issues
}

// CheckTitle wants 6–40 characters in one line, and no other live topic of the
// unit in this cycle with the same title, whatever its spaces, quotes and width.
func CheckTitle(cycle Cycle, unit Unit, title, topicID string) *Issue {
	const field, clause = fieldTitle, "C67"
	title = strings.TrimSpace(title)
	if issue := checkText(field, "课题名称", title, MinTitle, MaxTitle, clause); issue != nil {
		return issue
	}
	folded := FoldTitle(title)
	if folded == "" {
		return &Issue{field, "课题名称里没有文字，请写出课题叫什么。", clause, "title.empty"}
	}
	if strings.ContainsFunc(title, unicode.IsControl) {
		return &Issue{field, "课题名称请写成一行，不要换行。", clause, "title.lines"}
	}
	for _, ref := range liveTopics(cycle, unit) {
		if ref.ID != topicID && FoldTitle(ref.Title) == folded {
			text := fmt.Sprintf("本党委本届已有同名课题《%s》（%s，%s），请换个名称，或者直接修改那一份。", ref.Title, ref.ID, ref.Status)
			return &Issue{field, text, clause, "title.taken"}
		}
	}
	return nil
}

// CheckQuota bounds the unit's live topics of the cycle, all and key ones (C81).
func CheckQuota(cycle Cycle, unit Unit, key bool, topicID string) *Issue {
	const waiver = "确需多报，请联系县委组织部科室负责人放宽名额。"
	most, mostKeys := Quota(cycle, unit)
	if cycle.ID == "" {
		return nil
	}
	all, keys := 0, 0
	for _, ref := range liveTopics(cycle, unit) {
		if ref.ID == topicID {
			continue
		}
		all++
		if ref.Key {
			keys++
		}
	}
	switch {
	case all >= most:
		who := "每个党委"
		if most > cycle.MaxTopics {
			who = "放宽后"
		}
		text := fmt.Sprintf("本党委本届已有 %d 个课题，%s最多 %d 个。%s", all, who, most, waiver)
		return &Issue{fieldTitle, text, "C81", "quota.topics"}
	case key && keys >= mostKeys:
		text := fmt.Sprintf("本党委本届已有 %d 个重点课题，最多 %d 个。可以改为一般课题；%s", keys, mostKeys, waiver)
		return &Issue{"key", text, "C81", "quota.key"}
	}
	return nil
}

// Quota returns how many topics, and how many key ones, the unit may have in
// the cycle: the cycle's limits, or its own where those are higher (C81).
func Quota(cycle Cycle, unit Unit) (topics, keys int) {
	topics, keys = cycle.MaxTopics, cycle.MaxKeyTopics
	if unit.Cycle == cycle.ID {
		topics, keys = max(topics, unit.MaxTopics), max(keys, unit.MaxKeyTopics)
	}
	return topics, keys
}

// liveTopics returns what the unit has in the cycle; counters of another cycle
// count as empty.
func liveTopics(cycle Cycle, unit Unit) []TopicRef {
	if cycle.ID == "" || unit.Cycle != cycle.ID {
		return nil
	}
	return unit.Topics
}

// CheckCategory wants one of the three categories or 其他 (C11, C24, C36, C49).
func CheckCategory(category string) *Issue {
	if CategoryName(category) == "" {
		return &Issue{"category", "请选课题类别：1 先进性，2 能力，3 活力，9 其他。", "C49", "category.unknown"}
	}
	return nil
}

// CheckDirection wants a direction of the category, or none: one's own choice
// is never refused (C68).
func CheckDirection(category, direction string) *Issue {
	if direction == "" {
		return nil
	}
	found, ok := DirectionByCode(direction)
	if !ok {
		return &Issue{"direction", "没有这个参考方向，方向是 1.1 到 3.3，也可以自选。", "C68", "direction.unknown"}
	}
	if found.Category != category {
		text := fmt.Sprintf("参考方向 %s 属于“%s %s”，和所选类别不一致，请改其中一项，或者方向改为自选。",
			direction, found.Category, CategoryName(found.Category))
		return &Issue{"direction", text, "C49", "direction.category"}
	}
	return nil
}

// CheckProblem wants the problem to be solved in 20–500 characters (C61).
func CheckProblem(problem string) *Issue {
	return checkText("problem", "拟解决的突出问题", problem, MinProblem, MaxProblem, "C61")
}

// CheckContent wants the pilot's content in 20–800 characters (C72).
func CheckContent(content string) *Issue {
	return checkText("content", "试点内容", content, MinContent, MaxContent, "C72")
}

// CheckOutcome wants the expected outcome in 4–300 characters (C65).
func CheckOutcome(outcome string) *Issue {
	return checkText("outcome", "预期成效", outcome, MinOutcome, MaxOutcome, "C65")
}

// CheckSecrecy wants the promise that nothing secret is in the filing.
func CheckSecrecy(agreed bool) *Issue {
	if agreed {
		return nil
	}
	return &Issue{"secrecy", "请确认填报内容不涉密；涉密材料请走机要渠道，不要在这里报。", "", "secrecy.missing"}
}

// checkStops is the last line behind the secrecy gate: whatever slipped past it
// must not be stored in a record. The words themselves are not repeated.
func checkStops(f Filing) *Issue {
	texts := map[string]string{
		fieldTitle: f.Title, "problem": f.Problem, "content": f.Content, "outcome": f.Outcome,
		"measures": strings.Join(f.Measures, "\n"), "background": f.Background, "serves": f.Serves, "meeting": f.Meeting.Name,
	}
	for _, member := range f.Members {
		texts["members"] += member.Name + "\n" + member.Post + "\n"
	}
	for _, point := range f.LinkPoints {
		texts["links"] += point.Member + "\n"
	}
	for _, step := range f.Steps {
		texts["steps"] += step.Title + "\n" + step.Output + "\n"
	}
	for _, pilot := range f.Pilots {
		texts["pilots"] += pilot.Name + "\n"
	}
	for _, field := range []string{
		fieldTitle, "problem", "pilots", "content", "steps", "measures", "outcome", "background", "serves", "links", "members", "meeting",
	} {
		if _, stop := Secrecy(texts[field]); stop {
			return &Issue{field, "这一项里有涉密字样，不能在这里填报；涉密材料请走机要渠道。", "", "secrecy.stop"}
		}
	}
	return nil
}

// checkText bounds a text; a lower bound of 0 makes it optional.
func checkText(field, label, text string, low, high int, clause string) *Issue {
	n := Length(strings.TrimSpace(text))
	switch {
	case n == 0 && low > 0:
		return &Issue{field, fmt.Sprintf("还没有写%s（%d–%d 字）。", label, low, high), clause, field + ".empty"}
	case n < low:
		return &Issue{field, fmt.Sprintf("%s现在 %d 字，至少 %d 字，请再写具体些。", label, n, low), clause, field + ".short"}
	case n > high:
		return &Issue{field, fmt.Sprintf("%s现在 %d 字，最多 %d 字，请精简 %d 字。", label, n, high, n-high), clause, field + ".long"}
	}
	return nil
}
