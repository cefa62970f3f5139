package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// newest returns the unit's newest promise in the cycle, as far as it speaks of
// what is still missing: once a filing only waits for confirmation, the word of
// somebody who cannot confirm was kept.
func newest(v award.View, c award.Cycle, u award.Unit) (award.Promise, bool) {
	if u.Cycle != c.ID || len(u.Promises) == 0 {
		return award.Promise{}, false
	}
	p := u.Promises[len(u.Promises)-1]
	if len(award.Awaiting(c, u)) > 0 {
		by, _ := v.Person(p.By)
		return p, award.HasAuthority(by, u)
	}
	return p, true
}

// snoozed is the reason to hold a reminder about the unit's filing on a day, ""
// when nobody promised it for that day or a later one.
func snoozed(v award.View, c award.Cycle, u award.Unit, today award.Date) Reason {
	if p, ok := newest(v, c, u); ok && !today.After(p.Until) {
		return Snoozed
	}
	return ""
}

// brokenOn returns the promise whose day is over and was not kept, on the first
// working day after.
func brokenOn(v award.View, c award.Cycle, u award.Unit, today award.Date) (award.Promise, bool) {
	p, ok := newest(v, c, u)
	return p, ok && v.Calendar().Next(p.Until.Add(1)) == today
}

// restedOn reports whether reminders rested on a day gone by because of a promise
// that stood then.
func restedOn(c award.Cycle, u award.Unit, day award.Date) bool {
	at := day.At(usualHour, 0)
	p, ok := award.PromiseAt(c, u, at)
	return ok && p.Covers(at)
}

// reminded says, for one reader, what was promised and not kept: "您说过11月27日（周五）
// 前报".
func reminded(v award.View, u award.Unit, p award.Promise, reader award.Person) string {
	who := "您"
	if p.By != reader.UserID {
		who = u.Name
		if by, ok := v.Person(p.By); ok {
			who = by.Name
		}
	}
	if p.Later {
		return who + "请我" + v.Calendar().Next(p.Until.Add(1)).Short() + "再提醒，课题备案现在还没有报。"
	}
	return who + "说过" + p.Until.Short() + "前报，现在还没有报到。"
}

// arrange tells the words by which a unit says when it will file, with a day it
// could mean; "" when it has said so too often.
func arrange(cal award.Calendar, c award.Cycle, u award.Unit, today award.Date, last award.Date) string {
	const ahead = 3 // working days
	if u.Cycle == c.ID && len(u.Promises) >= award.MaxPromises {
		return ""
	}
	day := cal.Add(today, ahead)
	if !today.After(last) && day.After(last) {
		day = last
	}
	return fmt.Sprintf("\n已有安排的，回复“已安排，%d月%d日报”这样的话，这之前不催。", day.Month, day.Day)
}

// arrangeButton is the same with one tap.
func arrangeButton() chat.Button { return chat.Button{Label: "已安排", Say: "已安排"} }

// told is one step of a unit's story after its deadline.
type told struct {
	at   time.Time
	text string
}

// tried says, for one reader, what was done before a rung, day by day: who was
// reminded, and who promised what. It is computed from the schedule and the record
// alone; days on which a promise kept the bot silent are left out.
func tried(v award.View, c award.Cycle, u award.Unit, deadline time.Time, before int, today award.Date, reader string) string {
	var steps []told
	for _, r := range ladder() {
		day, said := climbedOn(v.Calendar(), c, u, lastDay(deadline), r.days)
		if said && r.days < before && day.Before(today) {
			steps = append(steps, told{day.At(usualHour, 0), day.Short() + "提醒过" + r.role + names(r.people(v, u))})
		}
	}
	for _, p := range u.Promises {
		if u.Cycle != c.ID || p.Later || !p.Until.Before(today) {
			continue
		}
		who := "您"
		if p.By != reader {
			who = part(v, u, p.By)
		}
		steps = append(steps, told{p.At, award.DateOf(p.At).Short() + who + "说" + p.Until.Short() + "前报，没有报到"})
	}
	if len(steps) == 0 {
		return "截止当天" + lastDay(deadline).Short() + "已提醒过。"
	}
	slices.SortStableFunc(steps, func(a, b told) int { return a.at.Compare(b.at) })
	texts := make([]string, 0, len(steps))
	for _, s := range steps {
		texts = append(texts, s.text)
	}
	return "此前" + strings.Join(texts, "；") + "。"
}

// climbedOn is the day on which a rung was told: its own, or where a promise kept
// that one silent, the morning after the broken word, on which the highest rung
// that had rested was made up for.
func climbedOn(cal award.Calendar, c award.Cycle, u award.Unit, last award.Date, days int) (award.Date, bool) {
	day := cal.Add(last, days)
	if !restedOn(c, u, day) {
		return day, true
	}
	p, _ := award.PromiseAt(c, u, day.At(usualHour, 0))
	morning := cal.Next(p.Until.Add(1))
	newer, _ := award.PromiseAt(c, u, morning.At(usualHour, 0))
	if newer != p {
		return day, false
	}
	for _, r := range ladder() {
		own := cal.Add(last, r.days)
		if r.days > days && !own.After(morning) {
			return day, false // a higher one was told instead
		}
	}
	return morning, true
}

// part names somebody by his part in the unit: 分管领导高志明.
func part(v award.View, u award.Unit, id string) string {
	p, ok := v.Person(id)
	switch {
	case !ok:
		return "本单位"
	case slices.Contains(u.Heads, id):
		return "一把手" + p.Name
	case slices.Contains(u.Filers, id):
		return "填报人" + p.Name
	case slices.Contains(u.Deputys, id):
		return "分管领导" + p.Name
	}
	return p.Name
}
