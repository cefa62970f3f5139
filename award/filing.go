package award

import "time"

// FileRef names a file kept by its hash, or a link to a document elsewhere
// (附件, 实施方案 C62).
type FileRef struct {
	Hash string `json:"hash,omitempty"` // SHA-256 of the bytes in hex, "" for a link
	Name string `json:"name"`           // as people see it, cleaned; never a path
	Kind string `json:"kind"`           // by content: "image/jpeg", "image/png"; "link"
	Size int64  `json:"size,omitempty"` // bytes
	URL  string `json:"url,omitempty"`  // of a link
}

// LinkPoint is a 联系点: a committee member who looks after a pilot unit (C102).
type LinkPoint struct {
	Member string `json:"member"`
	Pilot  string `json:"pilot,omitempty"` // "" for all pilot units
}

// Meeting is the meeting that discussed a filing (集体研究).
type Meeting struct {
	Name string `json:"name"`
	Date Date   `json:"date,omitzero"`
}

// Promise is a unit's word to file by a day (承诺, “已安排，X日报”): reminders rest
// until then, and speak of it when it was not kept.
type Promise struct {
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Until Date      `json:"until"`
	// Later marks a bare wish for rest (过两天再提醒我): nobody gave a word to file.
	Later bool `json:"later,omitempty"`
}

// Covers reports whether reminders rest at a moment because of the promise: from
// when it was given to the end of its day.
func (p Promise) Covers(at time.Time) bool {
	return !at.Before(p.At) && !DateOf(at).After(p.Until)
}

// Prefs is how a person likes to be reminded (提醒偏好). The zero value is the
// default: at 9:00, everything that concerns them in one message a day.
type Prefs struct {
	// Hour is when the day's message comes on working days, 0 for 9.
	Hour int `json:"hour,omitempty"`
	// Sparse leaves only the week before, the day before and the last day of a
	// deadline, and what is overdue.
	Sparse bool `json:"sparse,omitempty"`
	// NoNudge is the draft its owner wants no more nudges about (不再提醒), by the
	// name its summary carries; "" for none.
	NoNudge string `json:"no_nudge,omitempty"`
}

// Away is a hand-over (交接): from a day on somebody else gets the reminders and
// goes on with what was begun.
type Away struct {
	To    string `json:"to"` // userid
	From  Date   `json:"from"`
	Until Date   `json:"until,omitzero"` // last day, zero: for good
}
