package award

import (
	"errors"
	"fmt"
	"time"
)

// Shanghai is the programme's time zone. It is a fixed +08:00: China has no
// summer time, and the dates of this programme are all later than 1991.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Date is a day of the calendar without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day of t in Shanghai.
func DateOf(t time.Time) Date {
	y, m, d := t.In(Shanghai).Date()
	return Date{y, m, d}
}

var errDate = errors.New("want YYYY-MM-DD")

// ParseDate reads "2026-12-20".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: %w", s, errDate)
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// IsZero reports whether the date is unset.
func (d Date) IsZero() bool { return d == Date{} }

// At returns the moment hour:minute of the day in Shanghai.
func (d Date) At(hour, minute int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, Shanghai)
}

// Add moves by natural days.
func (d Date) Add(days int) Date {
	t := time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC)
	return Date{t.Year(), t.Month(), t.Day()}
}

// AddMonths moves by months; a day the month does not have is its last day.
func (d Date) AddMonths(months int) Date {
	first := time.Date(d.Year, d.Month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	return Date{first.Year(), first.Month(), min(d.Day, last.Day())}
}

// Sub returns the natural days from other to d.
func (d Date) Sub(other Date) int {
	a := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	b := time.Date(other.Year, other.Month, other.Day, 0, 0, 0, 0, time.UTC)
	return int(a.Sub(b) / (24 * time.Hour))
}

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.Sub(other) < 0 }

// After reports whether d is later than other.
func (d Date) After(other Date) bool { return d.Sub(other) > 0 }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// String formats as "2026-12-20".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// MarshalText implements encoding.TextMarshaler; the zero date is "".
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	got, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = got
	return nil
}

var weekdays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// Chinese formats as "2026年12月20日（周日）".
func (d Date) Chinese() string {
	return fmt.Sprintf("%d年%d月%d日（%s）", d.Year, d.Month, d.Day, weekdays[d.Weekday()])
}

// Short formats as "12月20日（周日）".
func (d Date) Short() string {
	return fmt.Sprintf("%d月%d日（%s）", d.Month, d.Day, weekdays[d.Weekday()])
}

// Precision says how exactly a PartialDate was given.
type Precision string

// The precisions of a date (domain.md 2.4, 完成时间).
const (
	PrecisionDay     Precision = "day"
	PrecisionMonth   Precision = "month"
	PrecisionQuarter Precision = "quarter"
	PrecisionYear    Precision = "year"
)

// PartialDate is a date with the precision it was given in; Date is the last
// day of the span ("2027年6月" → 2027-06-30, month).
type PartialDate struct {
	Date      Date      `json:"date"`
	Precision Precision `json:"precision"`
	Raw       string    `json:"raw,omitempty"` // the person's own words
}
