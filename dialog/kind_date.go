package dialog

import (
	"time"
)

// Date is a day, month, quarter or year in the words of the person, relative to
// Env.Now in Shanghai; canonical is JoinDate(date, precision, raw), date being
// the last day of what was said. A day without a year is the next one to come;
// with Past, for records of what was done, the last one gone by.
type Date struct{ Past bool }

// Read implements Kind.
func (k Date) Read(text string, env Env) Reading {
	typed := oneLineText(Normalise(text))
	d, problem := readDate(briefDate.ReplaceAllString(typed, "20${1}.${2}"), dateContext{now: env.Now, past: k.Past})
	if problem.Kind != None {
		return Reading{Problem: problem}
	}
	if old, precision, _ := SplitDate(env.Old); old == d.iso() && precision == d.precision {
		return Reading{Value: env.Old, Echo: d.echo(typed)}
	}
	return Reading{Value: JoinDate(d.iso(), d.precision, typed), Echo: d.echo(typed)}
}

// Show implements Kind.
func (Date) Show(value string) string {
	iso, precision, raw := SplitDate(value)
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return raw
	}
	return dateRead{t: t, precision: precision}.show()
}

// Form implements Kind.
func (Date) Form() string { return "写日期，如 2027年6月30日" }

// Numeric implements Kind.
func (Date) Numeric() bool { return true }

// Long implements Kind.
func (Date) Long() bool { return false }

// ReadDate reads a date relative to now; date is "2027-06-30", precision one of
// day, month, quarter, year; problem says why when ok is false.
func ReadDate(text string, now time.Time) (date, precision string, ok bool, problem string) {
	d, p := readDate(oneLineText(Normalise(text)), dateContext{now: now})
	if p.Kind != None {
		return "", "", false, p.Text
	}
	return d.iso(), d.precision, true, ""
}
