package scheduler_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cxbot/award"
	"cxbot/chat"
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
	for _, why := range wrong(w, s) {
		t.Errorf("%s at %s: %s\n%s", s.Key, s.at, why, s.Text)
	}
}

// wrong lists what is wrong with saying a message at its moment.
func wrong(w *world, s said) []string {
	var out []string
	add := func(bad bool, why string) {
		if bad {
			out = append(out, why)
		}
	}
	group, inGroup := chat.ToGroup(s.To)
	reader, known := w.memory.Person(s.To)
	add(len(s.Text) > 2000 || !utf8.ValidString(s.Text) || s.Text == "", "does not fit")
	add(strings.ContainsAny(s.Text, ",;?!()\"%"), "half-width punctuation or formatting left in")
	add(scheduler.Quiet(w.cal, s.at), "said in quiet hours")
	add(w.holds(s.Unless), "about something done already")
	add(s.To == "" || s.Rule == "" || s.Clause == "", "lacks receiver, rule or clause")
	add(!inGroup && (!known || reader.Left), "to somebody who is not there")
	add(inGroup && (group == "" || s.Card != nil || namesSomebody(w, s.Text)), "a group reads names")
	day := award.DateOf(s.at)
	add(known && award.Stand(w.memory, reader, day).UserID != s.To, "to somebody who has handed over")
	last := strings.HasSuffix(s.Rule, ".day") || strings.HasSuffix(s.Rule, ".last")
	for _, u := range w.memory.Units(0, 1000).Units {
		if n := len(u.Promises); n > 0 && strings.HasPrefix(s.Text, "【") && strings.Contains(s.Key, "|unit:"+u.ID+"|") {
			p := u.Promises[n-1]
			add(!last && !day.After(p.Until) && len(award.Awaiting(cycleOf(w), u)) == 0, "while "+u.ID+" is left in peace")
		}
	}
	return out
}

func cycleOf(w *world) award.Cycle {
	c, _ := w.memory.Cycle()
	return c
}

// namesSomebody finds units and people in a text.
func namesSomebody(w *world, text string) bool {
	return slices.ContainsFunc(w.memory.Units(0, 1000).Units, func(u award.Unit) bool {
		people := slices.Concat(u.Heads, u.Deputys, u.Filers)
		return strings.Contains(text, strings.TrimSuffix(u.Name, "党委")) || slices.ContainsFunc(people, func(id string) bool {
			p, _ := w.memory.Person(id)
			return strings.Contains(text, p.Name)
		})
	})
}

// line writes a message as a row of the table.
func line(s said) string {
	local := s.at.In(award.Shanghai)
	return strings.Join([]string{award.DateOf(s.at).String(), strconv.Itoa(local.Hour()), s.To, s.Rule, s.Clause}, ",")
}

// TestP10TwoYears compares two years of a county with a table written by hand: a
// row that is not said fails, and so does anything said without a row or wrongly
// (P10: nothing about what is done, promised or handed over, nothing in quiet
// hours).
func TestP10TwoYears(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, row := range readCSV(t, "testdata/two_years.csv") {
		rows[strings.Join(row, ",")] = true
	}
	const most = 200
	if len(rows) < most {
		t.Fatalf("the table has only %d different rows", len(rows))
	}
	from := award.Date{Year: 2026, Month: time.November, Day: 23}.At(9, 0)
	to := award.Date{Year: 2028, Month: time.November, Day: 30}.At(24, 0)
	w := newWorld(t)
	sent, bad := 0, 0
	messages := map[string]int{} // by receiver and day
	for _, s := range play(t, w, newStore(), from, to) {
		row := line(s)
		sent++
		if !rows[row] {
			bad++
			t.Errorf("said without a row (or twice): %s\n%s", row, s.Text)
		}
		delete(rows, row)
		if day := s.To + award.DateOf(s.at).String(); !strings.HasSuffix(s.Rule, ".last") || strings.HasPrefix(s.Rule, "group") {
			if messages[day]++; messages[day] > 1 {
				bad++
				t.Errorf("%s reads a second message that day: %s", s.To, row)
			}
		}
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
	t.Logf("P10: %d sends in two years, %d wrong", sent, bad)
}
