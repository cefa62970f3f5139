package scheduler_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/scheduler"
)

// dayOf plays one day and returns what one person reads, as "hour rule".
func dayOf(t *testing.T, w *world, day, who string) (rules []string, texts []string) {
	t.Helper()
	st := newStore()
	st.last[scheduler.Sequence] = date(t, day).At(0, 0)
	sched, _ := newScheduler(t, w, st)
	for now := date(t, day).At(8, 0); now.Before(date(t, day).At(23, 0)); {
		next := step(t, sched, now)
		for _, s := range st.take() {
			check(t, w, s)
			if s.To == who {
				rules = append(rules, strconv.Itoa(s.at.In(award.Shanghai).Hour())+" "+s.Rule)
				texts = append(texts, s.Text)
			}
		}
		now = next
	}
	return rules, texts
}

// TestChosenHour: the day's message comes when its reader wants it, the last call
// when it must.
func TestChosenHour(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		prefs award.Prefs
		day   string
		want  []string
	}{
		{award.Prefs{}, "2026-12-14", []string{"9 filing.t7"}},
		{award.Prefs{Hour: 15}, "2026-12-14", []string{"15 filing.t7"}},
		{award.Prefs{Hour: 17}, "2026-12-14", []string{"17 filing.t7"}},
		{award.Prefs{Hour: 12}, "2026-12-14", []string{"9 filing.t7"}}, // nobody can choose that
		{award.Prefs{Hour: 15}, "2026-12-21", []string{"15 filing.day", "16 filing.last"}},
		{award.Prefs{Hour: 16}, "2026-12-21", []string{"9 filing.day", "16 filing.last"}},
		{award.Prefs{Hour: 17}, "2026-12-21", []string{"9 filing.day", "16 filing.last"}},
		{award.Prefs{Hour: 17}, "2026-12-22", []string{"17 overdue.d1"}},
		{award.Prefs{Sparse: true}, "2026-12-04", nil},
		{award.Prefs{Sparse: true}, "2026-12-14", []string{"9 filing.t7"}},
		{award.Prefs{Sparse: true, Hour: 14}, "2026-12-18", []string{"14 filing.t1"}},
		{award.Prefs{Sparse: true}, "2026-12-21", []string{"9 filing.day", "16 filing.last"}},
		{award.Prefs{Sparse: true}, "2026-12-22", []string{"9 overdue.d1"}},
	} {
		w := worldAt(t, "2026-11-24", "10")
		p, _ := w.memory.Person("luyaqin")
		p.Prefs = tt.prefs
		w.apply(award.Changes{Persons: []award.Person{p}})
		if got, _ := dayOf(t, w, tt.day, "luyaqin"); !slices.Equal(got, tt.want) {
			t.Errorf("%+v on %s: %v, want %v", tt.prefs, tt.day, got, tt.want)
		}
	}
}

// TestHourChangedAtNoon: nobody reads the day's message twice.
func TestHourChangedAtNoon(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2026-11-24", "10")
	st := newStore()
	st.last[scheduler.Sequence] = moment(t, "2026-12-14", "0")
	sched, _ := newScheduler(t, w, st)
	said := 0
	for now := moment(t, "2026-12-14", "9"); now.Before(moment(t, "2026-12-14", "23")); now = step(t, sched, now) {
		if now.Hour() == 11 {
			p, _ := w.memory.Person("luyaqin")
			p.Prefs.Hour = 15
			w.apply(award.Changes{Persons: []award.Person{p}})
		}
		for _, s := range st.take() {
			if s.To == "luyaqin" {
				said++
			}
		}
	}
	if said != 1 {
		t.Errorf("read %d times", said)
	}
}

// TestHandedOver: from its first to its last day whoever took over reads what was
// meant for the other, once, and knows in whose place.
func TestHandedOver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		day, to string
	}{{"2026-12-04", "luyaqin"}, {"2026-12-14", "gaozhiming"}, {"2026-12-18", "gaozhiming"}, {"2026-12-22", "luyaqin"}} {
		w := worldAt(t, "2026-11-26", "10")
		p, _ := w.memory.Person("luyaqin")
		p.Away = &award.Away{To: "gaozhiming", From: date(t, "2026-12-14"), Until: date(t, "2026-12-21")}
		w.apply(award.Changes{Persons: []award.Person{p}})
		other := map[string]string{"luyaqin": "gaozhiming", "gaozhiming": "luyaqin"}[tt.to]
		got, texts := dayOf(t, w, tt.day, tt.to)
		none, _ := dayOf(t, w, tt.day, other)
		if len(got) != 1 || len(none) != 0 {
			t.Errorf("%s: %s reads %v, %s %v", tt.day, tt.to, got, other, none)
			continue
		}
		if says := strings.HasPrefix(texts[0], "【代收】陆雅琴已交接给您（到12月21日（周一））。下面是发给陆雅琴的，要接着填请回复 接手。\n【备案提醒】"); says != (tt.to == "gaozhiming") {
			t.Errorf("%s: %s", tt.day, texts[0])
		}
	}
	// On the last day the 分管领导 is told himself: he does not read it twice.
	w := worldAt(t, "2026-11-26", "10")
	p, _ := w.memory.Person("luyaqin")
	p.Away = &award.Away{To: "gaozhiming", From: date(t, "2026-12-14")}
	w.apply(award.Changes{Persons: []award.Person{p}})
	if got, texts := dayOf(t, w, "2026-12-21", "gaozhiming"); !slices.Equal(got, []string{"9 filing.day", "16 filing.last"}) || strings.Contains(texts[0], "代收") {
		t.Errorf("%v\n%s", got, texts)
	}
}

// TestPatience is how long a message may wait for somebody who is answering.
func TestPatience(t *testing.T) {
	t.Parallel()
	at := func(day, hour string) time.Time { return moment(t, day, hour) }
	for _, tt := range []struct {
		to         string
		now, until time.Time
		want       time.Time
	}{
		{"luyaqin", at("2026-12-14", "9"), time.Time{}, at("2026-12-14", "10")},
		{"luyaqin", at("2026-12-14", "11:30"), time.Time{}, at("2026-12-14", "11:59")},
		{"luyaqin", at("2026-12-14", "17"), time.Time{}, at("2026-12-14", "17:59")},
		{"luyaqin", at("2026-12-14", "9"), at("2026-12-14", "9:20"), at("2026-12-14", "9:20")},
		{chat.GroupPrefix + "wr", at("2026-12-14", "9"), time.Time{}, time.Time{}},
	} {
		n := scheduler.Notice{Message: chat.Message{Key: "k", To: tt.to, Text: "x"}, Object: "o", Until: tt.until}
		msgs, _ := scheduler.Filter([]scheduler.Item{{Notice: n, Slot: tt.now}}, tt.now, tt.now)
		if len(msgs) != 1 || !msgs[0].Latest.Equal(tt.want) {
			t.Errorf("%s at %s: until %s, want %s", tt.to, tt.now, msgs[0].Latest, tt.want)
		}
	}
}
