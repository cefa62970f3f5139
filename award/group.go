package award

import (
	"slices"
	"time"
)

// WebhookGroup is the ID of the group behind the configured webhook (消息推送).
const WebhookGroup = "webhook"

// Group is a chat group the department lets the bot speak in (群), and when.
type Group struct {
	ID   string `json:"id"` // chat id of the platform, or WebhookGroup
	Name string `json:"name,omitempty"`
	// By bound it or changed its plan last, At that moment.
	By string    `json:"by"`
	At time.Time `json:"at"`
	// Weekly says whether it is told once a week, on Day at Hour:Minute.
	Weekly bool         `json:"weekly"`
	Day    time.Weekday `json:"day"`
	Hour   int          `json:"hour"`
	Minute int          `json:"minute"`
	// LastDays is on how many of the last working days before a deadline it is
	// told as well; 0 for none, 3 by default.
	LastDays int `json:"last_days"`
	// Off keeps the group bound and silent.
	Off bool `json:"off,omitempty"`
}

// Groups is every bound group: one record, few entries.
type Groups struct {
	Rev  int64   `json:"rev"`
	List []Group `json:"list,omitempty"`
}

// Find returns a bound group by its ID.
func (g Groups) Find(id string) (Group, bool) {
	i := slices.IndexFunc(g.List, func(one Group) bool { return one.ID == id })
	if i < 0 {
		return Group{}, false
	}
	return g.List[i], true
}

// With returns the groups with one put in or replaced, as the next revision.
func (g Groups) With(one Group) Groups {
	list := slices.Clone(g.List)
	if i := slices.IndexFunc(list, func(have Group) bool { return have.ID == one.ID }); i >= 0 {
		list[i] = one
	} else {
		list = append(list, one)
	}
	return Groups{Rev: g.Rev + 1, List: list}
}

// MaxGroups bounds the bound groups: every one of them is told one by one.
const MaxGroups = 20

// DefaultPlan is how a group is told until somebody says otherwise: on Mondays at
// nine and on the last three working days of a deadline.
func DefaultPlan(id string) Group {
	return Group{ID: id, Weekly: true, Day: time.Monday, Hour: defaultHour, LastDays: defaultLastDays}
}

const (
	defaultHour     = 9
	defaultLastDays = 3
)

// Planned lists the groups with what they are told. The group behind the webhook
// is the first of them exactly when the webhook is configured, by the default
// plan until it has one of its own.
func (g Groups) Planned(webhook bool) []Group {
	var out []Group
	if webhook {
		plan, own := g.Find(WebhookGroup)
		if !own {
			plan = DefaultPlan(WebhookGroup)
		}
		out = append(out, plan)
	}
	for _, one := range g.List {
		if one.ID != WebhookGroup {
			out = append(out, one)
		}
	}
	return out
}

// withRoom returns the groups with room for one of that ID: where there is none, a
// silenced group makes it. ok is false when all of them are spoken in.
func (g Groups) withRoom(id string) (groups Groups, ok bool) {
	if _, bound := g.Find(id); bound || len(g.List) < MaxGroups {
		return g, true
	}
	i := slices.IndexFunc(g.List, func(one Group) bool { return one.Off })
	if i < 0 {
		return g, false
	}
	return Groups{Rev: g.Rev, List: slices.Delete(slices.Clone(g.List), i, i+1)}, true
}
