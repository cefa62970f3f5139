package scheduler

import (
	"time"

	"cxbot/award"
)

// Ends of the half days in which the bot speaks, in minutes after midnight.
const (
	noon    = award.QuietNoon
	evening = award.QuietEvening
)

// Quiet reports whether the bot keeps silent at t: the noon break, the evening
// and night, and rest days.
func Quiet(cal award.Calendar, t time.Time) bool { return !Allowed(cal, t).Equal(t) }

// Allowed returns the first moment from t on at which the bot may speak unasked.
func Allowed(cal award.Calendar, t time.Time) time.Time { return award.Speaking(cal, t) }
