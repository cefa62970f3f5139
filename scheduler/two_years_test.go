package scheduler_test

import (
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cxbot/award"
	"cxbot/scheduler"
)

// play steps a scheduler from the first moment to the last and returns all
// that was said, with the time it was said.
func play(t *testing.T, w *world, st *store, from, to time.Time) []said {
	t.Helper()
	sched, _ := newScheduler(t, w, st)
	var all []said
	for now := from; !now.After(to); {
		w.until(now)
		next := step(t, sched, now)
		for _, s := range st.take() {
			check(t, w, s)
			all = append(all, s)
		}
		now = next
	}
	return all
}

// check holds for every message at the moment it is queued.
func check(t *testing.T, w *world, s said) {
	t.Helper()
	switch {
	case len(s.Text) > 2000 || !utf8.ValidString(s.Text) || s.Text == "":
		t.Errorf("%s: %d bytes: %s", s.Key, len(s.Text), s.Text)
	case strings.ContainsAny(s.Text, ",;?!()\"%"):
		t.Errorf("%s: half-width punctuation or formatting left in: %s", s.Key, s.Text)
	case scheduler.Quiet(w.cal, s.at):
		t.Errorf("%s said in quiet hours, %s", s.Key, s.at)
	case w.holds(s.Unless):
		t.Errorf("%s is about something done already", s.Key)
	case s.To == "" || s.Rule == "" || s.Clause == "":
		t.Errorf("%s lacks receiver, rule or clause: %+v", s.Key, s.Message)
	}
}

// line writes a message as a row of the table.
func line(s said) string {
	local := s.at.In(award.Shanghai)
	return strings.Join([]string{award.DateOf(s.at).String(), strconv.Itoa(local.Hour()), s.To, s.Rule, s.Clause}, ",")
}

// TestTwoYears compares two years of a county with a table written by hand:
// a row that is not said fails, and so does anything said without a row.
func TestTwoYears(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, row := range readCSV(t, "testdata/two_years.csv") {
		rows[strings.Join(row, ",")] = true
	}
	if len(rows) < 120 {
		t.Fatalf("the table has only %d different rows", len(rows))
	}
	from := award.Date{Year: 2026, Month: time.November, Day: 23}.At(9, 0)
	to := award.Date{Year: 2028, Month: time.November, Day: 30}.At(24, 0)
	w := newWorld(t)
	for _, s := range play(t, w, newStore(), from, to) {
		row := line(s)
		if !rows[row] {
			t.Errorf("said without a row (or twice): %s\n%s", row, s.Text)
		}
		delete(rows, row)
		if testing.Verbose() {
			t.Logf("%s\n%s", row, s.Text)
		}
	}
	for row := range rows {
		t.Errorf("not said: %s", row)
	}
	if len(w.events) > 0 {
		t.Errorf("%d events never happened", len(w.events))
	}
}
