package award

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of what a filing may leave out (domain.md 2.4).
const (
	MaxJoint      = 3
	MinBackground = 4
	MaxBackground = 500
	MinServes     = 2
	MaxServes     = 60
	MaxLinkPoints = 10
	MaxMembers    = 8
	MaxMeeting    = 40
	// MaxMeetingMonths is how long ago the meeting may have been.
	MaxMeetingMonths = 24
)

// DirectionConflicts is the direction about easing conflicts (化解矛盾), for which
// the means are asked; DirectionSystems the one about the four systems.
const (
	DirectionConflicts = "2.3"
	DirectionSystems   = "3.3"
	CategoryCapable    = "2"
)

// FocusKinds are the three 创新着眼点 (C7–C9).
func FocusKinds() []string {
	return []string{"新的党建理论成果", "解决新问题", "新的实践和创造"}
}

// NatureKinds are the 问题类型 (C107).
func NatureKinds() []string { return []string{"热点", "难点", "重点"} }

// AbilityKinds are the five 提升的能力 of category 2 (C25).
func AbilityKinds() []string {
	return []string{"发展经济", "带民致富", "扩大社会影响", "管理社会事务", "做好群众工作"}
}

// MeansKinds are the four 采用手段 of direction 2.3 (C34).
func MeansKinds() []string { return []string{"思想", "经济", "法律", "行政"} }

// SystemKinds are the 四项制度 of direction 3.3 (C47).
func SystemKinds() []string {
	return []string{"党员议事", "党内选举", "情况通报", "重大决策征求意见"}
}

// CheckJoint wants at most three units known to the programme, none of them the
// filing one, none twice and none an office of the department, which files
// nothing (C31).
func CheckJoint(v View, unit Unit, joint []string) *Issue {
	const field, clause = "joint", "C31"
	if len(joint) > MaxJoint {
		return &Issue{field, fmt.Sprintf("联合党委现在 %d 个，最多 %d 个。", len(joint), MaxJoint), clause, "joint.many"}
	}
	for i, id := range joint {
		other, known := v.Unit(id)
		switch {
		case id == unit.ID:
			return &Issue{field, "联合党委里写了本党委自己，请只写一起申报的别的党委。", clause, "joint.own"}
		case slices.Contains(joint[:i], id):
			return &Issue{field, fmt.Sprintf("联合党委“%s”写了两次，请删去一个。", id), clause, "joint.twice"}
		case !known:
			return &Issue{field, fmt.Sprintf("名单里没有“%s”这个党委，请写全称。", id), clause, "joint.unknown"}
		case other.Type == UnitDepartment:
			return &Issue{field, fmt.Sprintf("“%s”不是申报课题的党委，请写一起申报的基层党委。", id), "C67", "joint.no-filer"}
		}
	}
	return nil
}

// CheckFocus wants known 创新着眼点, each once; none is allowed (C7–C9).
func CheckFocus(picked []string) *Issue {
	return checkPicked("focus", "创新着眼点", picked, FocusKinds(), "C7")
}

// CheckNature wants known 问题类型, each once; none is allowed (C107).
func CheckNature(picked []string) *Issue {
	return checkPicked("nature", "问题类型", picked, NatureKinds(), "C107")
}

// CheckAbilities wants known 提升的能力, each once; only category 2 has them (C25).
func CheckAbilities(category string, picked []string) *Issue {
	if len(picked) > 0 && category != CategoryCapable {
		return &Issue{"abilities", "“提升的能力”只有类别是“2 能力”的课题才填，请去掉，或改类别。", "C25", "abilities.category"}
	}
	return checkPicked("abilities", "提升的能力", picked, AbilityKinds(), "C25")
}

// CheckMeans wants known 采用手段, each once; only direction 2.3 has them (C34).
func CheckMeans(direction string, picked []string) *Issue {
	if len(picked) > 0 && direction != DirectionConflicts {
		return &Issue{"means", "“采用手段”只有方向是 2.3 的课题才填，请去掉，或改方向。", "C34", "means.direction"}
	}
	return checkPicked("means", "采用手段", picked, MeansKinds(), "C34")
}

// CheckSystems wants known 四项制度, each once; only direction 3.3 has them (C47).
func CheckSystems(direction string, picked []string) *Issue {
	if len(picked) > 0 && direction != DirectionSystems {
		return &Issue{"systems", "“四项制度”只有方向是 3.3 的课题才填，请去掉，或改方向。", "C47", "systems.direction"}
	}
	return checkPicked("systems", "四项制度", picked, SystemKinds(), "C47")
}

func checkPicked(field, label string, picked, known []string, clause string) *Issue {
	for i, one := range picked {
		if !slices.Contains(known, one) || slices.Contains(picked[:i], one) {
			text := fmt.Sprintf("%s请从这些里选，每种一次：%s。", label, strings.Join(known, "、"))
			return &Issue{field, text, clause, field + ".unknown"}
		}
	}
	return nil
}

// CheckBackground bounds the 背景依据 (C106); it may be left out.
func CheckBackground(text string) *Issue {
	return checkLeftOut("background", "背景依据", text, MinBackground, MaxBackground, "C106")
}

// CheckServes bounds the 服务的中心工作 (C53); it may be left out.
func CheckServes(text string) *Issue {
	return checkLeftOut("serves", "服务的中心工作", text, MinServes, MaxServes, "C53")
}

// checkLeftOut is checkText for a text that may be left out.
func checkLeftOut(field, label, text string, low, high int, clause string) *Issue {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return checkText(field, label, text, low, high, clause)
}

// CheckLinkPoints wants a name in every 联系点 and, where a pilot unit stands
// beside it, one of the filing's own (C102).
func CheckLinkPoints(points []LinkPoint, pilots []Pilot) *Issue {
	const field, clause = "links", "C102"
	if len(points) > MaxLinkPoints {
		return &Issue{field, fmt.Sprintf("联系点现在 %d 条，最多 %d 条。", len(points), MaxLinkPoints), clause, "links.many"}
	}
	for i, point := range points {
		at := fmt.Sprintf("第 %d 条联系点的委员", i+1)
		if issue := checkEntry(field, at, point.Member, MaxName, clause); issue != nil {
			return issue
		}
		if slices.Contains(points[:i], point) {
			return &Issue{field, fmt.Sprintf("“%s”的联系点写了两次，请删去一条。", point.Member), clause, "links.twice"}
		}
		if point.Pilot == "" {
			continue
		}
		if !slices.ContainsFunc(pilots, func(p Pilot) bool { return FoldTitle(p.Name) == FoldTitle(point.Pilot) }) {
			names := make([]string, len(pilots))
			for i, p := range pilots {
				names[i] = p.Name
			}
			text := fmt.Sprintf("联系点“%s”不在试点单位里。试点单位有：%s。", point.Pilot, strings.Join(names, "、"))
			return &Issue{field, text, clause, "links.pilot"}
		}
	}
	return nil
}

// CheckMembers wants at most eight members of the group (课题组成员), each with a
// name and each once.
func CheckMembers(members []Contact) *Issue {
	const field = "members"
	if len(members) > MaxMembers {
		return &Issue{field, fmt.Sprintf("课题组成员现在 %d 人，最多 %d 人。", len(members), MaxMembers), "C71", "members.many"}
	}
	for i, c := range members {
		at := fmt.Sprintf("第 %d 位成员", i+1)
		if issue := checkPerson(field, at, c, needName, "C71"); issue != nil {
			return issue
		}
		if slices.Contains(members[:i], c) {
			return &Issue{field, fmt.Sprintf("课题组成员里“%s”写了两次，请删去一个。", c.Name), "C71", "members.twice"}
		}
	}
	return nil
}

// CheckMeeting wants the name and the day of a meeting that was held (集体研究):
// not after today, and not so long ago that the year must be a slip. A zero
// meeting passes.
func CheckMeeting(m Meeting, today Date) *Issue {
	const field = "meeting"
	name := strings.TrimSpace(m.Name)
	switch {
	case name == "" && m.Date.IsZero():
		return nil
	case FoldTitle(name) == "":
		return &Issue{field, "还没有写是什么会，如“党委会 11月20日”。", "", "meeting.name"}
	case Length(name) > MaxMeeting:
		return &Issue{field, fmt.Sprintf("会议名称现在 %d 字，最多 %d 字。", Length(name), MaxMeeting), "", "meeting.long"}
	case m.Date.IsZero():
		return &Issue{field, "还没有写是哪天的会，如“党委会 11月20日”。", "", "meeting.date"}
	case m.Date.After(today):
		return &Issue{field, fmt.Sprintf("集体研究的日期 %s 还没到，请写已经开过的会。", m.Date), "", "meeting.ahead"}
	case m.Date.Before(today.AddMonths(-MaxMeetingMonths)):
		return &Issue{field, fmt.Sprintf("集体研究的日期 %s 离现在超过两年，请核对年份。", m.Date), "", "meeting.old"}
	}
	return nil
}
