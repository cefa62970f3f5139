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
