package scheduler_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/scheduler"
)

// TestNewRefuses what no reminder may be, with a reason that names it.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	due := func(award.View, time.Time) []scheduler.Notice { return nil }
	tests := []struct{ spec, want string }{
		{"0 9 * * *", ""},
		{"0 9,16 * * *", ""},
		{"30 8 * * 1-5", ""},
		{"0 9 29 2 *", ""},
		{"0 * * * *", ""},
		{"0 9 * 11,12 *", ""},
		{"", "empty"},
		{"* * * * *", "too often"},
		{"*/30 * * * *", "too often"},
		{"0,1 9 * * *", "too often"},
		{"30,0 0,23 * * *", "too often"}, // only half an hour over each full hour
		{"* * * * * *", "expected exactly 5 fields"},
		{"0 9 * *", "expected exactly 5 fields"},
		{"@every 1s", "does not accept descriptors"},
		{"@daily", "does not accept descriptors"},
		{"0 9 31 2 *", "never comes"},
		{"0 9 30 2 *", "never comes"},
		{"0 9 1 * 1", "either of them"},
		{"0 9 * * 7", "above maximum"},
		{"0 9 L * *", "failed to parse"},
		{"0 25 * * *", "above maximum"},
		{"-5 9 * * *", "failed to parse"},
		{"TZ=0", "no time zones"},
		{"CRON_TZ=Asia/Shanghai", "no time zones"},
		{"CRON_TZ=Asia/Tokyo 0 9 * * *", "no time zones"},
		{"每天9点", "expected exactly 5 fields"},
	}
	for _, tt := range tests {
		_, err := newWith(scheduler.Reminder{Name: "one", Spec: tt.spec, Due: due})
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%q refused: %v", tt.spec, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), `"one"`)):
			t.Errorf("%q: error %v, want one about %q that names the reminder", tt.spec, err, tt.want)
		}
	}
	daily := scheduler.Reminder{Name: "one", Spec: "0 9 * * *", Due: due}
	for what, set := range map[string][]scheduler.Reminder{
		"the same name twice": {daily, daily},
		"no name":             {{Spec: daily.Spec, Due: due}},
		"no Due":              {{Name: "one", Spec: daily.Spec}},
	} {
		if _, err := newWith(set...); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if _, err := scheduler.New(scheduler.Config{Reminders: scheduler.All(true)}); err == nil {
		t.Error("a scheduler without a store was made")
	}
}

func newWith(reminders ...scheduler.Reminder) (*scheduler.Scheduler, error) {
	return scheduler.New(scheduler.Config{
		Store: newStore(), View: func(context.Context) scheduler.View { return window{} },
		Reminders: reminders, Clock: stillClock{}, Log: silent(),
	})
}
