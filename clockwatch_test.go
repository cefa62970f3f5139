package main

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestClockADayWrong runs the bot with a clock a day ahead of and a day behind
// WeCom's: messages are answered and kept, nothing is said twice, and the
// administrator hears of it once a day, whatever the number of messages.
func TestClockADayWrong(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"a day ahead": -24 * time.Hour, "a day behind": 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, stageConfig{})
			serial := 7000
			say := func(text string) string {
				serial++
				p := newParcel(s, "lichunmei", strconv.Itoa(serial), text)
				p.nonce = strconv.Itoa(serial)
				p.timestamp = strconv.FormatInt(s.clock.Now().Add(off).Unix(), 10)
				status, body := s.post(t, p.seal(t))
				if status != 200 {
					t.Fatalf("%q: status %d", text, status)
				}
				return s.opened(t, body)
			}
			for i := range 6 {
				if got := say("我要报课题"); !strings.Contains(got, "课题名称") {
					t.Fatalf("message %d was answered %q", i, got)
				}
			}
			if got := say("截止"); !strings.Contains(got, "12月21日") || !strings.Contains(got, "28 天") {
				t.Errorf("the deadline by our clock is told as %q", got)
			}
			if !s.office.ClockWatch.Differs() {
				t.Error("health does not know")
			}
			told := 0
			for _, m := range s.queued(t.Context()) {
				if m.To == "wangfang" && strings.Contains(m.Text, "相差超过 5 分钟") {
					told++
				}
			}
			if told != 1 {
				t.Errorf("the administrator is told %d times", told)
			}
			// With the clocks together again all is well.
			off = 0
			if say("进度"); s.office.ClockWatch.Differs() {
				t.Error("a good time did not end it")
			}
		})
	}
}
