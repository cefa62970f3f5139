package scheduler

import (
	"slices"

	"cxbot/award"
	"cxbot/chat"
)

// forReceiver turns a notice into what its receiver wants of it: on the day of a
// hand-over it goes to whoever stands in, and it is said at the hour that person
// chose. now is false when that is another hour than the one that is asked for.
func forReceiver(v award.View, it Item, d due) (_ Item, now bool) {
	if _, group := chat.ToGroup(it.To); group {
		return it, true
	}
	who, known := v.Person(it.To)
	if !known {
		return it, it.Slot.Equal(d.slot)
	}
	day := award.DateOf(it.Slot)
	if to := award.Stand(v, who, day); to.UserID != who.UserID {
		it = handed(it, who, to)
		who = to
	}
	if it.Minor && who.Prefs.Sparse && it.Hold == "" {
		it.Hold = Sparse
	}
	if !d.rule.Daily || it.Alone {
		return it, it.Slot.Equal(d.slot)
	}
	return it, d.slot.In(award.Shanghai).Hour() == hourFor(who, it)
}

// hourFor is when a part of the day's message comes to a person. On the last day
// of a deadline it never waits for the last call at 16:00, nor past any deadline.
func hourFor(p award.Person, it Item) int {
	const lastCall = 16
	hour := p.Prefs.Hour
	if !slices.Contains(award.PrefHours(), hour) {
		return usualHour
	}
	day := award.DateOf(it.Slot)
	if !it.Until.IsZero() && lastDay(it.Until) == day && (hour >= lastCall || !day.At(hour, 0).Before(it.Until)) {
		return usualHour
	}
	return hour
}

// handed addresses a notice to whoever took over from its receiver (交接), saying
// so. A button that goes on with somebody else's draft would not work there.
func handed(it Item, from, to award.Person) Item {
	until := "。"
	if !from.Away.Until.IsZero() {
		until = "（到" + from.Away.Until.Short() + "）。"
	}
	it.To, it.For = to.UserID, from.UserID
	it.Text = "【代收】" + from.Name + "已交接给您" + until + "下面是发给" + from.Name + "的，要接着填请回复 接手。\n" + it.Text
	if it.Card != nil && slices.ContainsFunc(it.Card.Buttons, func(b chat.Button) bool { return b.Say == "继续" }) {
		it.Card = nil
	}
	return it
}

// handedOnce drops what somebody would read twice: as himself and in somebody's
// place, or in two people's.
func handedOnce(items []Item) []Item {
	var out []Item
	for i, it := range items {
		same := func(o Item) bool { return o.To == it.To && o.Rule == it.Rule && o.Object == it.Object }
		own := func(o Item) bool { return o.For == "" && same(o) }
		if it.For == "" || !slices.ContainsFunc(items, own) && !slices.ContainsFunc(items[:i], same) {
			out = append(out, it)
		}
	}
	return out
}
