package scheduler

import (
	"time"

	"cxbot/award"
)

// The hours in which the bot may speak unasked (domain.md 2.3): from 8:30 to
// 12:00 and from 14:00 to 18:00 on working days, in minutes after midnight.
const (
	morning = 8*60 + 30
	noon    = 12 * 60
	resume  = 14 * 60
	evening = 18 * 60
)

// Quiet reports whether the bot keeps silent at t: the noon break, the evening
// and night, and rest days.
func Quiet(cal award.Calendar, t time.Time) bool { return !Allowed(cal, t).Equal(t) }

// Allowed returns the first moment from t on at which the bot may speak unasked.
func Allowed(cal award.Calendar, t time.Time) time.Time {
	day := award.DateOf(t)
	local := t.In(award.Shanghai)
	minute := local.Hour()*60 + local.Minute()
	switch {
	case !cal.IsWorking(day) || minute >= evening:
		return cal.Next(day.Add(1)).At(0, morning)
	case minute < morning:
		return day.At(0, morning)
	case minute >= noon && minute < resume:
		return day.At(0, resume)
	default:
		return t
	}
}
