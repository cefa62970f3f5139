package award

import "time"

// QuietNoon, QuietEvening and their beginnings bound the hours in which the bot may speak unasked (domain.md 2.3): from 8:30 to
// 12:00 and from 14:00 to 18:00 on working days, in minutes after midnight.
const (
	quietMorning = 8*60 + 30
	QuietNoon    = 12 * 60
	quietResume  = 14 * 60
	QuietEvening = 18 * 60
)

// Speaking returns the first moment from t on at which the bot may speak unasked:
// outside the noon break, the evening and night, and rest days.
func Speaking(cal Calendar, t time.Time) time.Time {
	day := DateOf(t)
	local := t.In(Shanghai)
	minute := local.Hour()*60 + local.Minute()
	switch {
	case !cal.IsWorking(day) || minute >= QuietEvening:
		return cal.Next(day.Add(1)).At(0, quietMorning)
	case minute < quietMorning:
		return day.At(0, quietMorning)
	case minute >= QuietNoon && minute < quietResume:
		return day.At(0, quietResume)
	default:
		return t
	}
}
