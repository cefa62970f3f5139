package award

// Calendar is the working-day table: weekends rest unless a day is declared
// worked (调休), weekdays work unless declared a holiday. Years lists the years
// the table was published for; outside them only weekends are known.
type Calendar struct {
	Holidays map[Date]string `json:"holidays"` // day → name (国庆节)
	Worked   map[Date]string `json:"worked"`   // 调休 working days on weekends
	Years    map[int]bool    `json:"years"`
}
