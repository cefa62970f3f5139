package award

import (
	"slices"
	"strconv"
	"time"
)

// SetPrefs is how the person wants to be reminded from now on (提醒偏好); the zero
// Prefs is the default again.
type SetPrefs struct {
	By    Person
	Prefs Prefs
}

// PlanGroup binds a group, or changes when a bound one is told (群提醒).
type PlanGroup struct {
	By    Person
	Group Group
}

func (SetPrefs) command()  {}
func (PlanGroup) command() {}

// PrefHours are the hours a person may choose: those in which the bot speaks.
func PrefHours() []int { return []int{9, 10, 11, 14, 15, 16, 17} }

// CheckHour wants an hour in which the bot speaks; 0 is the default.
func CheckHour(hour int) *Issue {
	if hour == 0 || slices.Contains(PrefHours(), hour) {
		return nil
	}
	text := strconv.Itoa(hour) + " 点不推送消息，午休和晚上也不打扰。可以选 9、10、11、14、15、16、17 点。"
	return &Issue{"hour", text, "", "prefs.hour"}
}

// decidePrefs judges a person's own preferences; everybody may have them.
func decidePrefs(v View, c SetPrefs, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if issue := CheckHour(c.Prefs.Hour); issue != nil {
		return Changes{}, &Refusal{Text: issue.Text, Rule: issue.Rule}
	}
	after := d.by
	after.Prefs = c.Prefs
	d.out.Persons = []Person{after}
	d.log("prefs.set", "person:"+after.UserID, "提醒偏好")
	return d.done()
}

// CheckPlan wants a full hour in which the bot speaks, and at most a working week
// of last days.
func CheckPlan(g Group) *Issue {
	const most = 5
	switch {
	case !slices.Contains(PrefHours(), g.Hour) || g.Minute != 0:
		text := "群里的提醒只在工作时间的整点发，请说上午 9、10、11 点或下午 2、3、4、5 点中的一个。"
		return &Issue{"at", text, "", "group.hour"}
	case g.Weekly && (g.Day < time.Monday || g.Day > time.Friday):
		return &Issue{"day", "休息日不在群里发，请说周一到周五的一天。", "", "group.day"}
	case g.LastDays < 0 || g.LastDays > most:
		return &Issue{"last", "截止前最多连发 " + strconv.Itoa(most) + " 个工作日。", "", "group.last"}
	}
	return nil
}

// decidePlan judges a group's plan.
func decidePlan(v View, c PlanGroup, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if refusal := d.may(ActionGroup, Object{}); refusal != nil {
		return Changes{}, refusal
	}
	groups, room := v.Groups().withRoom(c.Group.ID)
	if !room {
		text := "已经绑定了 " + strconv.Itoa(MaxGroups) + " 个群，不能再多了。请先在不用的群里说“停发”，再来绑定。"
		return Changes{}, &Refusal{Text: text, Rule: "group.many"}
	}
	if c.Group.ID == "" {
		return Changes{}, &Refusal{Text: "不知道是哪个群，请在那个群里 @我 说。", Rule: "group.unknown"}
	}
	if issue := CheckPlan(c.Group); issue != nil {
		return Changes{}, &Refusal{Text: issue.Text, Rule: issue.Rule}
	}
	after := c.Group
	after.By, after.At = d.by.UserID, now
	next := groups.With(after)
	d.out.Groups = &next
	d.log("group.plan", "group:"+after.ID, "群提醒")
	return d.done()
}
