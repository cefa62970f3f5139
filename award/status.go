package award

import (
	"slices"
	"time"
)

// StatusReworking is a filing the 一把手 sent back to the filler unconfirmed: it
// never was with the department, and is edited and submitted again.
const StatusReworking Status = "待修改"

// Statuses lists every status in the order a topic goes through them.
func Statuses() []Status {
	return []Status{StatusAwaiting, StatusReworking, StatusFiled, StatusReturned, StatusRunning, StatusWithdrawn}
}

// IsDelivered reports whether the filing is or was with the department, so that
// its unit no longer owes one (View.Unfiled, Counts.Filed).
func (s Status) IsDelivered() bool {
	return s == StatusFiled || s == StatusReturned || s == StatusRunning
}

// IsOpen reports whether the topic is before 备案: it can be edited by the rules
// of SubmitFiling and withdrawn.
func (s Status) IsOpen() bool {
	return s == StatusAwaiting || s == StatusReworking || s == StatusFiled || s == StatusReturned
}

// cloneTopic copies everything a caller could change through the value.
func cloneTopic(t Topic) Topic {
	t.Versions = slices.Clone(t.Versions)
	for i, version := range t.Versions {
		f := version.Filing
		f.Pilots, f.Steps = slices.Clone(f.Pilots), slices.Clone(f.Steps)
		f.Measures, f.Products = slices.Clone(f.Measures), slices.Clone(f.Products)
		f.Joint, f.Focus, f.Nature = slices.Clone(f.Joint), slices.Clone(f.Focus), slices.Clone(f.Nature)
		f.LinkPoints, f.Members, f.Files = slices.Clone(f.LinkPoints), slices.Clone(f.Members), slices.Clone(f.Files)
		f.Abilities, f.Means, f.Systems = slices.Clone(f.Abilities), slices.Clone(f.Means), slices.Clone(f.Systems)
		t.Versions[i].Filing = f
	}
	if t.Return != nil {
		open := *t.Return
		open.Items = slices.Clone(open.Items)
		t.Return = &open
	}
	if t.Decline != nil {
		declined := *t.Decline
		t.Decline = &declined
	}
	return t
}

// cloneUnit copies everything a caller could change through the value.
func cloneUnit(u Unit) Unit {
	u.Heads, u.Deputys = slices.Clone(u.Heads), slices.Clone(u.Deputys)
	u.Filers, u.Confirmers = slices.Clone(u.Filers), slices.Clone(u.Confirmers)
	u.Topics, u.Aides, u.Promises = slices.Clone(u.Topics), slices.Clone(u.Aides), slices.Clone(u.Promises)
	return u
}

// DeliveredAt is when the first of the unit's delivered topics of a cycle was
// submitted; false when there is none.
func (u Unit) DeliveredAt(cycle string) (first time.Time, delivered bool) {
	for _, t := range u.Topics {
		if u.Cycle == cycle && t.Status.IsDelivered() && (!delivered || t.At.Before(first)) {
			first, delivered = t.At, true
		}
	}
	return first, delivered
}
