package scheduler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/scheduler"
)

// worldAt is the county of the two years as it stands at a moment; nothing more
// happens in it, and nobody in it has wishes of his own about reminders.
func worldAt(t *testing.T, day, hour string) *world {
	t.Helper()
	w := newWorld(t)
	w.until(moment(t, day, hour))
	w.events = nil
	w.cal = award.SampleCalendar()
	for _, role := range award.Roles {
		for _, p := range w.memory.WithRole(role) {
			p.Prefs = award.Prefs{}
			w.apply(award.Changes{Persons: []award.Person{p}})
		}
	}
	usual := w.memory.Groups().With(award.DefaultPlan(award.WebhookGroup))
	w.apply(award.Changes{Groups: &usual})
	return w
}

// TestAfterThreeDays comes back after some days off: one message each at most,
// late ones say so, what has passed is not said.
func TestAfterThreeDays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, off, back, hour string
		want                  []string // rule by receiver, "late" when it says so
	}{
		{
			"T-7 missed by two days", "2026-12-11", "2026-12-16", "10:30",
			[]string{
				"duxiulan confirm.t7 late", "group:webhook group.week late", "huangsiyuan filing.t7 late", "huguoqiang filing.t7 late",
				"luyaqin filing.t7 late", "songxinmin filing.t7 late", "sunjing weekly late", "zhaoqing weekly late",
			},
		},
		{
			"T-1, the last day and the first overdue day missed", "2026-12-17", "2026-12-22", "11:00",
			[]string{
				"duxiulan confirm.d1 late", "group:webhook group.closed late", "huangsiyuan overdue.d1 late", "huguoqiang overdue.d1 late",
				"luyaqin overdue.d1 late", "songxinmin overdue.d1 late", "sunjing weekly late", "zhaoqing weekly late",
			},
		},
		{
			"back in the evening: silent until the morning's message", "2026-12-11", "2026-12-14", "20:00",
			[]string{
				"duxiulan confirm.t7 late", "group:webhook group.week late", "huangsiyuan filing.t7 late",
				"huguoqiang filing.t7 late", "luyaqin filing.t7 late", "songxinmin filing.t7 late", "sunjing weekly late", "zhaoqing weekly late",
			},
		},
		{
			"back on Sunday: Friday's T-1 comes with the last day", "2026-12-17", "2026-12-20", "10:00",
			[]string{
				"duxiulan confirm.day", "gaozhiming filing.day", "group:webhook group.last", "huangsiyuan filing.day", "huguoqiang filing.day",
				"luyaqin filing.day", "songxinmin filing.day", "sunjing weekly", "xiasuzhen filing.day", "xusuzhen filing.day", "zhaoqing weekly",
			},
		},
		{
			"back at 8:40: within the hour to 9:00, everything waits for it", "2026-12-17", "2026-12-21", "8:40",
			[]string{
				"duxiulan confirm.day", "gaozhiming filing.day", "group:webhook group.last", "huangsiyuan filing.day", "huguoqiang filing.day",
				"luyaqin filing.day", "songxinmin filing.day", "sunjing weekly", "xiasuzhen filing.day", "xusuzhen filing.day", "zhaoqing weekly",
			},
		},
		{
			"only a restart over 9:00: nobody notices", "2026-12-11", "2026-12-14", "9:50",
			[]string{
				"duxiulan confirm.t7", "group:webhook group.week", "huangsiyuan filing.t7", "huguoqiang filing.t7", "luyaqin filing.t7",
				"songxinmin filing.t7", "sunjing weekly", "zhaoqing weekly",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := worldAt(t, "2026-12-10", "15")
			st := newStore()
			st.last[scheduler.Sequence] = moment(t, tt.off, "16")
			sched, _ := newScheduler(t, w, st)
			now := moment(t, tt.back, tt.hour)
			var got []string
			for range 10 { // until something is said: nothing may come in between
				next := step(t, sched, now)
				for _, s := range st.take() {
					check(t, w, s)
					how := s.To + " " + s.Rule
					if strings.Contains(s.Text, "迟发了") {
						how += " late"
					}
					got = append(got, how)
				}
				if len(got) > 0 {
					break
				}
				now = next
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("at %s\n got %v\nwant %v", now, got, tt.want)
			}
			receivers := map[string]int{}
			for _, line := range got {
				to, _, _ := strings.Cut(line, " ")
				if receivers[to]++; receivers[to] > 1 {
					t.Errorf("%s reads %d messages", to, receivers[to])
				}
			}
		})
	}
}

// judged collects the verdict of every notice by its key.
type judged struct {
	buf bytes.Buffer
}

func (j *judged) log() *slog.Logger { return slog.New(slog.NewJSONHandler(&j.buf, nil)) }

// reasons returns how often each key was judged.
func (j *judged) reasons(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for decoder := json.NewDecoder(&j.buf); ; {
		var line struct{ Msg, Key, Reason string }
		if err := decoder.Decode(&line); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		if line.Msg == "reminder judged" {
			out[line.Key] = append(out[line.Key], line.Reason)
		}
	}
}

// TestClockJumps lets the clock jump by a day forth and back five hundred
// times: every notice of the undisturbed run is judged exactly once.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	const rounds, jumps = 25, 20
	from, to := moment(t, "2026-12-10", "15"), moment(t, "2027-02-28", "12")
	calm := wander(t, from, to, 0, nil)
	if len(calm) < 40 {
		t.Fatalf("only %d notices in the undisturbed run", len(calm))
	}
	for round := range rounds {
		got := wander(t, from, to, jumps, rand.New(rand.NewPCG(7, uint64(round)))) //nolint:gosec // Repeatable on purpose.
		for key := range calm {
			// The daily list of pending filings catches up with its newest slot only.
			if n := len(got[key]); n != 1 && !strings.HasPrefix(key, "pending|") {
				t.Errorf("round %d: %s judged %d times: %v", round, key, n, got[key])
			}
		}
		for key, reasons := range got {
			if len(reasons) > 1 || len(calm[key]) == 0 {
				t.Errorf("round %d: %s judged %v, undisturbed %v", round, key, reasons, calm[key])
			}
		}
	}
}

// wander runs a scheduler through a span in which the clock jumps so many
// times by a day, always coming back, and returns the verdicts.
func wander(t *testing.T, from, to time.Time, jumps int, random *rand.Rand) map[string][]string {
	t.Helper()
	w := worldAt(t, "2026-12-10", "15")
	var j judged
	st := newStore()
	sched, err := scheduler.New(scheduler.Config{
		Store: st, View: w.view, Reminders: scheduler.All(true), Clock: stillClock{}, Log: j.log(),
	})
	if err != nil {
		t.Fatal(err)
	}
	at := make([]time.Time, jumps) // when the clock jumps, by true time
	for i := range at {
		at[i] = from.Add(time.Duration(random.Int64N(int64(to.Sub(from)))))
	}
	slices.SortFunc(at, time.Time.Compare)
	offset := time.Duration(0)
	for now := from; now.Before(to); {
		next := step(t, sched, now.Add(offset)).Add(-offset)
		if len(at) > 0 && !at[0].After(next) {
			now, at = at[0], at[1:]
			switch {
			case offset != 0:
				offset = 0
			case random.IntN(2) == 0:
				offset = 24 * time.Hour
			default:
				offset = -24 * time.Hour
			}
			continue
		}
		now = next
	}
	step(t, sched, to)
	return j.reasons(t)
}

// TestThreeReplicas step at once on one store: together they say what one says.
func TestThreeReplicas(t *testing.T) {
	t.Parallel()
	from, to := moment(t, "2026-12-10", "15"), moment(t, "2027-01-10", "0")
	run := func(replicas int) map[string]int {
		w := worldAt(t, "2026-12-10", "15")
		st := newStore()
		all := make([]*scheduler.Scheduler, replicas)
		counts := make([]map[scheduler.Reason]int, replicas)
		for i := range all {
			all[i], counts[i] = newScheduler(t, w, st)
		}
		for now := from; now.Before(to); {
			nexts := make([]time.Time, replicas)
			var wait sync.WaitGroup
			for i, sched := range all {
				wait.Go(func() {
					next, err := sched.Step(t.Context(), now)
					if err != nil {
						t.Error(err)
					}
					nexts[i] = next
				})
			}
			wait.Wait()
			now = slices.MinFunc(nexts, time.Time.Compare)
			if t.Failed() {
				t.FailNow()
			}
		}
		out := map[string]int{}
		for _, s := range st.take() {
			out[s.Key]++
		}
		said, repeated := 0, 0
		for _, c := range counts {
			said += c[scheduler.Said]
			repeated += c[scheduler.Repeated]
		}
		if said == 0 || replicas == 1 && repeated > 0 {
			t.Errorf("%d replicas: %d said, %d repeated", replicas, said, repeated)
		}
		return out
	}
	one, three := run(1), run(3)
	if !maps.Equal(one, three) {
		t.Errorf("three replicas said\n%v\none said\n%v", three, one)
	}
	for key, n := range three {
		if n != 1 {
			t.Errorf("%s said %d times", key, n)
		}
	}
}

// TestStoreDown: a failed step says nothing and the next one says everything.
func TestStoreDown(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2026-12-10", "15")
	for fails := 1; fails <= 2; fails++ {
		st := newStore()
		st.last[scheduler.Sequence] = moment(t, "2026-12-11", "16")
		sched, counts := newScheduler(t, w, st)
		st.fails = fails
		for range fails {
			if _, err := sched.Step(t.Context(), moment(t, "2026-12-14", "9")); !errors.Is(err, errDown) {
				t.Fatalf("error %v", err)
			}
		}
		if len(st.take()) > 0 || len(counts) > 0 {
			t.Errorf("said or counted while the store was down: %v", counts)
		}
		step(t, sched, moment(t, "2026-12-14", "9"))
		if got := len(st.take()); got != 8 {
			t.Errorf("%d messages after recovery, want 8", got)
		}
	}
}

// TestViewFails: facts that could not be read are never judged.
func TestViewFails(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2026-12-10", "15")
	st := newStore()
	st.last[scheduler.Sequence] = moment(t, "2026-12-11", "16")
	calls := 0
	sched, err := scheduler.New(scheduler.Config{
		Store: st, Reminders: scheduler.All(true), Clock: stillClock{}, Log: silent(),
		View: func(context.Context) scheduler.View {
			calls++
			v := window{Memory: w.memory, cal: w.cal}
			if calls == 1 {
				v.err = errDown
			}
			return v
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sched.Step(t.Context(), moment(t, "2026-12-14", "9")); !errors.Is(err, errDown) || len(st.take()) > 0 {
		t.Fatalf("error %v", err)
	}
	step(t, sched, moment(t, "2026-12-14", "9"))
	if len(st.take()) == 0 {
		t.Error("nothing said once the facts could be read")
	}
}

// TestOneRulePanics: the others are heard.
func TestOneRulePanics(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2026-12-10", "15")
	st := newStore()
	st.last[scheduler.Sequence] = moment(t, "2026-12-11", "16")
	counts := map[scheduler.Reason]int{}
	bad := scheduler.Reminder{Name: "bad", Spec: "0 9 * * *", Due: func(award.View, time.Time) []scheduler.Notice { panic("bad") }}
	sched, err := scheduler.New(scheduler.Config{
		Store: st, View: w.view, Reminders: append([]scheduler.Reminder{bad}, scheduler.All(true)...), Clock: stillClock{}, Log: silent(),
		Count: func(r scheduler.Reason) { counts[r]++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	step(t, sched, moment(t, "2026-12-14", "9"))
	if counts[scheduler.Panicked] == 0 || len(st.take()) != 8 {
		t.Errorf("verdicts %v", counts)
	}
}

// TestPolicies shows each catch-up policy over three missed mornings, and a
// slot in the noon break.
func TestPolicies(t *testing.T) {
	t.Parallel()
	say := func(_ award.View, slot time.Time) []scheduler.Notice {
		n := scheduler.Notice{Object: "unit:甲", Message: chat.Message{
			Key: "say|" + slot.Format(time.DateOnly), To: "li", Text: "说", Rule: "say", Clause: "C76",
		}}
		return []scheduler.Notice{n}
	}
	tests := []struct {
		name, spec string
		policy     scheduler.Policy
		last, now  string
		said       int
		want       map[scheduler.Reason]int
	}{
		{"once late", "0 9 * * *", scheduler.OnceLate, "2026-12-14 10", "2026-12-17 11", 1, map[scheduler.Reason]int{"superseded": 2, "late": 1}},
		{"newest only", "0 9 * * *", scheduler.NewestOnly, "2026-12-14 10", "2026-12-17 11", 1, map[scheduler.Reason]int{"late": 1}},
		{"skip", "0 9 * * *", scheduler.SkipLate, "2026-12-14 10", "2026-12-17 11", 0, map[scheduler.Reason]int{"skipped": 3}},
		{"skip, but this one is on time", "0 9 * * *", scheduler.SkipLate, "2026-12-14 10", "2026-12-17 9", 1, map[scheduler.Reason]int{"skipped": 2, "said": 1}},
		{"held over noon", "0 13 * * *", scheduler.SkipLate, "2026-12-14 10", "2026-12-14 14", 1, map[scheduler.Reason]int{"held": 1}},
		{"silent at noon", "0 13 * * *", scheduler.SkipLate, "2026-12-14 10", "2026-12-14 13", 0, map[scheduler.Reason]int{}},
		{"held over the weekend", "0 9 * * 6", scheduler.OnceLate, "2026-12-18 10", "2026-12-21 8:30", 1, map[scheduler.Reason]int{"held": 1}},
		{"off for half a year", "0 9 1 * *", scheduler.OnceLate, "2026-06-10 9", "2026-12-17 11", 1, map[scheduler.Reason]int{"late": 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st := newStore()
			at := func(s string) time.Time {
				day, hour, _ := strings.Cut(s, " ")
				return moment(t, day, hour)
			}
			st.last[scheduler.Sequence] = at(tt.last)
			got := map[scheduler.Reason]int{}
			sched, err := scheduler.New(scheduler.Config{
				Store: st, View: worldAt(t, "2026-12-10", "15").view, Clock: stillClock{}, Log: silent(),
				Reminders: []scheduler.Reminder{{Name: "say", Spec: tt.spec, CatchUp: tt.policy, Due: say}},
				Count:     func(r scheduler.Reason) { got[r]++ },
			})
			if err != nil {
				t.Fatal(err)
			}
			step(t, sched, at(tt.now))
			if said := len(st.take()); said != tt.said || !maps.Equal(got, tt.want) {
				t.Errorf("said %d, want %d; verdicts %v, want %v", said, tt.said, got, tt.want)
			}
		})
	}
}

// TestFirstStart: nothing is said for slots before the first step ever, and a
// second first start does not move the beginning.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2026-12-10", "15")
	st := newStore()
	sched, _ := newScheduler(t, w, st)
	next := step(t, sched, moment(t, "2026-12-14", "9:00"))
	if want := moment(t, "2026-12-14", "10"); !next.Equal(want) || len(st.take()) > 0 {
		t.Errorf("next %s, want %s and nothing said", next, want)
	}
	again, _ := newScheduler(t, w, st)
	step(t, again, moment(t, "2026-12-15", "9:00"))
	if got := st.take(); len(got) != 1 || got[0].Rule != "draft.d3" {
		t.Errorf("the next morning said %v", got)
	}
}

// bubbleClock is the clock of a synctest bubble moved to the county's time.
type bubbleClock struct{ began, base time.Time }

func (c bubbleClock) Now() time.Time { return c.base.Add(time.Since(c.began)) }

func (c bubbleClock) Wait(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(at.Sub(c.Now()))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// TestRun runs the loop for a month of virtual time, the store failing now and
// then: it says what stepping by hand says, each at its hour, and ends with ctx.
func TestRun(t *testing.T) {
	t.Parallel()
	from, to := moment(t, "2026-12-10", "15"), moment(t, "2027-01-10", "0")
	var want []string
	calm := newStore()
	for _, s := range play(t, worldAt(t, "2026-12-10", "15"), calm, from, to) {
		want = append(want, line(s))
	}
	synctest.Test(t, func(t *testing.T) {
		w := worldAt(t, "2026-12-10", "15")
		st := newStore()
		sched, err := scheduler.New(scheduler.Config{
			Store: st, View: w.view, Reminders: scheduler.All(true), Log: silent(),
			Clock: bubbleClock{time.Now(), from},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), to.Sub(from))
		defer cancel()
		go func() {
			for tick := time.Tick(7 * time.Hour); ; {
				st.mu.Lock()
				st.fails = 2
				st.mu.Unlock()
				select {
				case <-ctx.Done():
					return
				case <-tick:
				}
			}
		}()
		if err := sched.Run(ctx); err != nil {
			t.Errorf("Run ended with %v", err)
		}
		var got []string
		for _, s := range st.take() {
			got = append(got, line(s))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || len(got) < 20 {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		synctest.Wait()
	})
}
