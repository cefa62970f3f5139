package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/handlers"
	"cxbot/simulator"
)

func newTestTrial(t *testing.T, stopped bool) *Trial {
	t.Helper()
	trial, err := newTrial(t.Context(), TrialConfig{
		Start: trialStart(), Stopped: stopped, Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := trial.Close(); err != nil {
			t.Error(err)
		}
	})
	return trial
}

func TestTrialHasTheSampleCounty(t *testing.T) {
	t.Parallel()
	trial := newTestTrial(t, true)
	view := trial.Office.Store.ViewAt(t.Context())
	cycle, ok := view.Cycle()
	if !ok || cycle.Name != trialCycle {
		t.Fatalf("cycle = %+v", cycle)
	}
	filing, ok := cycle.Milestone("备案")
	if !ok || filing.Date.String() != "2026-12-20" || filing.Effective.String() != "2026-12-21" {
		t.Errorf("filing = %+v", filing)
	}
	if got := view.Counts(); got.Units != 42 || got.Filed != 0 {
		t.Errorf("counts = %+v", got)
	}
	if p, ok := view.Person("wangjianguo"); !ok || p.Name != "王建国" {
		t.Errorf("王建国 = %+v", p)
	}
	if err := view.Err(); err != nil {
		t.Error(err)
	}
	if err := trial.Sim.Echo(t.Context()); err != nil {
		t.Errorf("URL check: %v", err)
	}
}

// TestPlayGoesAsWritten plays a talk of the handlers, and the story, as the
// command does; wire_test.go plays all the others.
func TestPlayGoesAsWritten(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"a file":    {"--play", "--no-reminders", filepath.Join("handlers", "testdata", "filing.talk")},
		"the story": {"--play"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := handlers.Talks.ReadFile(storyTalk); err != nil && len(args) == 1 {
				t.Skip("the story is not written yet:", err)
			}
			var out, errs strings.Builder
			c := &command{args: args, out: &out, err: &errs, log: slog.New(slog.DiscardHandler)}
			if err := runDemo(t.Context(), c); err != nil {
				t.Error(err)
			}
			if !strings.Contains(out.String(), "bot→李春梅> ") || !strings.Contains(errs.String(), "完全一致") {
				t.Errorf("transcript of %d bytes, said %q", out.Len(), errs.String())
			}
		})
	}
}

func TestPlayNamesTheFirstDifference(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.talk")
	if err := os.WriteFile(file, []byte("@2026-11-23 09:00\n李春梅> 帮助\nbot→李春梅> 不是这句\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	c := &command{out: &out, err: &errs, log: slog.New(slog.DiscardHandler)}
	if code := run(t.Context(), []string{"demo", file, "--play"}, c); code != exitFail {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(errs.String(), "x.talk:3: bot→李春梅") || !strings.Contains(out.String(), "李春梅> 帮助\nbot→李春梅> ") {
		t.Errorf("said %q\ntranscript %q", errs.String(), out.String())
	}
	if err := os.WriteFile(file, []byte("@2026-11-23 09:00\nbot: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	errs.Reset()
	if code := run(t.Context(), []string{"demo", "--play", file}, c); code != exitFail || !strings.Contains(errs.String(), "x.talk:2:") {
		t.Errorf("exit code %d, said %q", code, errs.String())
	}
}

func TestTrialClockOnlyGoesForward(t *testing.T) {
	t.Parallel()
	trial := newTestTrial(t, true)
	ctx := t.Context()
	if _, err := trial.moveClock(ctx, simulator.ClockRequest{To: trialStart().Add(-time.Hour)}); err == nil {
		t.Error("the clock went back")
	}
	now, err := trial.moveClock(ctx, simulator.ClockRequest{Advance: 48 * time.Hour})
	if err != nil || !now.Equal(trialStart().Add(48*time.Hour)) {
		t.Errorf("now %v, %v", now, err)
	}
}

// TestTrialGoesToTheNextReminder: the button stops only where somebody is told
// something, and stays where it is when nothing comes.
func TestTrialGoesToTheNextReminder(t *testing.T) {
	t.Parallel()
	trial := newTestTrial(t, true)
	ctx := t.Context()
	day := func(month time.Month, d, hour int) time.Time {
		return award.Date{Year: 2026, Month: month, Day: d}.At(hour, 0)
	}
	heard := 0
	// The department's and the group's Mondays, T-15, T-7, the group's last three days,
	// T-1, the last day and the ladder.
	for _, want := range []time.Time{
		day(11, 30, 9), day(12, 4, 9), day(12, 7, 9), day(12, 14, 9), day(12, 17, 9), day(12, 18, 9),
		day(12, 21, 9), day(12, 21, 16), day(12, 22, 9), day(12, 24, 9), day(12, 28, 9), day(12, 30, 9),
	} {
		now, err := trial.moveClock(ctx, simulator.ClockRequest{Next: true})
		if err != nil || !now.Equal(want) {
			t.Fatalf("went to %v, %v, want %v", now, err, want)
		}
		before := heard
		if heard = len(trial.Sim.Shown()); heard == before {
			t.Errorf("%v: nobody heard anything", now)
		}
	}
}

// TestTrialStaysWhereNothingComes: before 开届 nobody is told anything.
func TestTrialStaysWhereNothingComes(t *testing.T) {
	t.Parallel()
	trial, err := newTrial(t.Context(), TrialConfig{
		Start: trialStart(), Stopped: true, NoCycle: true, Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := trial.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := trial.moveClock(t.Context(), simulator.ClockRequest{Next: true}); !errors.Is(err, errNothing) || !trial.Clock.Now().Equal(trialStart()) {
		t.Errorf("at %v: %v", trial.Clock.Now(), err)
	}
}

func TestTrialRemindsOnItsWay(t *testing.T) {
	t.Parallel()
	trial := newTestTrial(t, true)
	if err := trial.Pump.Advance(t.Context(), trialStart().Add(35*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	reminded := map[string]bool{}
	for _, s := range trial.Sim.Shown() {
		reminded[s.To] = true
		if h := s.At.In(trialStart().Location()).Hour(); h < 8 || h >= 18 {
			t.Errorf("%s heard something at %v", s.Name, s.At)
		}
	}
	if !reminded["lichunmei"] || !reminded["zhouming"] {
		t.Errorf("people reminded before the deadline: %d", len(reminded))
	}
	if problems := trial.Sim.Stats().Problems; len(problems) > 0 {
		t.Errorf("WeCom would not show: %v", problems)
	}
}

func TestTrialPanelShowsFigures(t *testing.T) {
	t.Parallel()
	trial := newTestTrial(t, true)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, trial.PageURL+"/api/panel", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	var panel map[string]map[string]string
	if err := json.Unmarshal(body, &panel); err != nil || panel["课题"]["应报单位"] != "42" || panel["本届"]["届次"] != trialCycle {
		t.Errorf("panel %s, %v", body, err)
	}
}

func TestChatAnswersLineByLine(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c := &command{
		args: []string{"--as", "lichunmei", "--trial"}, in: strings.NewReader("我要报课题\n\n村级党群议事会机制探索\n"), out: &out, err: io.Discard,
		log: slog.New(slog.DiscardHandler),
	}
	if err := runChat(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "课题名称") || strings.Count(out.String(), "1/") == 0 {
		t.Errorf("said %q", out.String())
	}
	// Without a running bot, and without being told so, it is a trial too.
	c.args, c.in, c.environ = []string{"--as", "nobody"}, strings.NewReader("在吗\n"), []string{"CXBOT_DATA_DIR=" + t.TempDir()}
	if err := runChat(t.Context(), c); err == nil {
		t.Error("somebody unknown could speak")
	}
}

func TestDemoPageServesUntilStopped(t *testing.T) {
	t.Parallel()
	trial := newTestTrial(t, false)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, trial.PageURL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("page: %s, %v", response.Status, err)
	}
}
