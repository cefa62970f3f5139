package scheduler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/scheduler"
)

// item makes an item about unit:甲 to li unless changed.
func item(key string, change func(*scheduler.Item)) scheduler.Item {
	it := scheduler.Item{Reminder: "filing", Slot: at(14, 9)}
	it.Notice = scheduler.Notice{
		Message: chat.Message{Key: key, To: "li", Text: "正文" + key, Rule: "rule." + key, Clause: "C76", Priority: chat.PriorityReminder},
		Object:  "unit:甲", Loud: scheduler.LoudPlan,
	}
	if change != nil {
		change(&it)
	}
	return it
}

func at(day, hour int) time.Time {
	return award.Date{Year: 2026, Month: time.December, Day: day}.At(hour, 0)
}

// TestFilterReasons shows what becomes of each notice and under which name.
func TestFilterReasons(t *testing.T) {
	t.Parallel()
	now := at(14, 9)
	tests := []struct {
		name  string
		items []scheduler.Item
		want  string // verdicts by key
		sent  string // rules of the messages, receiver first
	}{
		{"one alone is said", []scheduler.Item{item("a", nil)}, "a said", "li:rule.a"},
		{"nothing says nothing", nil, "", ""},
		{"two objects make one message", []scheduler.Item{
			item("a", nil), item("b", func(i *scheduler.Item) { i.Object = "unit:乙" }),
		}, "a merged, b merged", "li:rule.a+rule.b"},
		{"two people read their own", []scheduler.Item{
			item("a", nil), item("b", func(i *scheduler.Item) { i.To = "wang" }),
		}, "a said, b said", "li:rule.a wang:rule.b"},
		{"overdue silences the plan", []scheduler.Item{
			item("a", nil), item("b", func(i *scheduler.Item) { i.Reminder, i.Loud = "overdue", scheduler.LoudOverdue }),
		}, "b said, a inhibited", "li:rule.b"},
		{"but only for the same object", []scheduler.Item{
			item("a", nil), item("b", func(i *scheduler.Item) { i.Object, i.Loud = "unit:乙", scheduler.LoudOverdue }),
		}, "b merged, a merged", "li:rule.b+rule.a"},
		{"and only for the same person", []scheduler.Item{
			item("a", nil), item("b", func(i *scheduler.Item) { i.To, i.Loud = "wang", scheduler.LoudOverdue }),
		}, "a said, b said", "li:rule.a wang:rule.b"},
		{"what is over silences nobody", []scheduler.Item{
			item("a", nil), item("b", func(i *scheduler.Item) { i.Loud, i.Until = scheduler.LoudOverdue, at(13, 0) }),
		}, "b stale, a said", "li:rule.a"},
		{"the newer of one rule", []scheduler.Item{
			item("a", func(i *scheduler.Item) { i.Slot, i.Late = at(11, 9), true }), item("b", nil),
		}, "a superseded, b said", "li:rule.b"},
		{"what warned of the past", []scheduler.Item{
			item("a", func(i *scheduler.Item) { i.Until = at(14, 8) }),
		}, "a stale", ""},
		{"what ends now is still true", []scheduler.Item{
			item("a", func(i *scheduler.Item) { i.Until = now }),
		}, "a said", "li:rule.a"},
		{"held over a weekend", []scheduler.Item{
			item("a", func(i *scheduler.Item) { i.Held = true }),
		}, "a held", "li:rule.a"},
		{"late", []scheduler.Item{
			item("a", func(i *scheduler.Item) { i.Late, i.Slot = true, at(11, 9) }),
		}, "a late", "li:rule.a"},
		{"the last call stands alone", []scheduler.Item{
			item("a", func(i *scheduler.Item) { i.Alone = true }), item("b", func(i *scheduler.Item) { i.Object = "unit:乙" }),
		}, "a said, b said", "li:rule.a li:rule.b"},
		{"the last call beside a digest", []scheduler.Item{
			item("a", func(i *scheduler.Item) { i.Alone = true }),
			item("b", func(i *scheduler.Item) { i.Object = "unit:乙" }),
			item("c", func(i *scheduler.Item) { i.Object = "unit:丙" }),
		}, "a said, b merged, c merged", "li:rule.a li:rule.b+rule.c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			msgs, verdicts := scheduler.Filter(tt.items, now, now)
			how := make([]string, 0, len(verdicts))
			for _, v := range verdicts {
				how = append(how, v.Key+" "+string(v.Reason))
			}
			sent := make([]string, 0, len(msgs))
			for _, m := range msgs {
				sent = append(sent, m.To+":"+m.Rule)
			}
			if got := sorted(strings.Join(how, ", ")); got != sorted(tt.want) {
				t.Errorf("verdicts %q, want %q", got, tt.want)
			}
			if got := strings.Join(sent, " "); got != tt.sent {
				t.Errorf("messages %q, want %q", got, tt.sent)
			}
		})
	}
}

// sorted makes a list of verdicts comparable whatever its order.
func sorted(list string) string {
	parts := strings.Split(list, ", ")
	for i := range parts {
		for j := i + 1; j < len(parts); j++ {
			if parts[j] < parts[i] {
				parts[i], parts[j] = parts[j], parts[i]
			}
		}
	}
	return strings.Join(parts, ", ")
}

// TestFilterDigest shows the merged message: dated, numbered, one key a person
// and moment, the condition kept only when all parts share it.
func TestFilterDigest(t *testing.T) {
	t.Parallel()
	filed := &chat.Condition{Record: "unit:甲", Field: "filed", Value: "2026"}
	other := &chat.Condition{Record: "unit:乙", Field: "filed", Value: "2026"}
	two := func(second *chat.Condition) []scheduler.Item {
		return []scheduler.Item{
			item("a", func(i *scheduler.Item) { i.Unless = filed }),
			item("b", func(i *scheduler.Item) {
				i.Object, i.Unless, i.Late, i.Slot, i.Clause = "topic:1", second, true, at(11, 9), "C77"
			}),
		}
	}
	msgs, _ := scheduler.Filter(two(filed), at(14, 9), at(14, 9))
	if len(msgs) != 1 {
		t.Fatalf("%d messages, want 1", len(msgs))
	}
	m := msgs[0]
	const text = "【提醒】共2件事，按12月14日（周一）9:00的情况整理：\n\n第1件：正文a\n\n第2件：正文b\n（这条原定12月11日（周五）9:00发出，因系统停过机，迟发了，请见谅。）"
	if m.Text != text {
		t.Errorf("text %q\nwant %q", m.Text, text)
	}
	if m.Key != "digest|day|li|2026-12-14T09" || m.Clause != "C76+C77" || m.Unless == nil || *m.Unless != *filed {
		t.Errorf("envelope %+v", m)
	}
	msgs, _ = scheduler.Filter(two(other), at(14, 9), at(14, 9))
	if msgs[0].Unless != nil {
		t.Errorf("parts with different conditions kept one: %+v", msgs[0].Unless)
	}
}

// TestFilterOrder gives the same messages for any order of the items.
func TestFilterOrder(t *testing.T) {
	t.Parallel()
	var items []scheduler.Item
	for i := range 12 {
		items = append(items, item(fmt.Sprintf("k%02d", i), func(it *scheduler.Item) {
			it.To = []string{"li", "wang", "zhao"}[i%3]
			it.Object = fmt.Sprintf("unit:%d", i/2)
			it.Loud = scheduler.Loudness(i % 4)
		}))
	}
	want, _ := scheduler.Filter(items, at(14, 9), at(14, 9))
	for shift := range items {
		turned := append(append([]scheduler.Item{}, items[shift:]...), items[:shift]...)
		got, _ := scheduler.Filter(turned, at(14, 9), at(14, 9))
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("turned by %d:\n%v\nwant\n%v", shift, got, want)
		}
	}
}

// TestFilterSize keeps every message within the limit and drops no part of a
// long day: what does not fit goes into a second message with a key of its own.
func TestFilterSize(t *testing.T) {
	t.Parallel()
	var items []scheduler.Item
	for i := range 9 {
		items = append(items, item(fmt.Sprintf("k%d", i), func(it *scheduler.Item) {
			it.Object = fmt.Sprintf("unit:%d", i)
			it.Text = fmt.Sprintf("甲%d乙", i) + strings.Repeat("长", 200)
		}))
	}
	items = append(items, item("z", func(it *scheduler.Item) {
		it.Object, it.Text, it.Alone = "unit:z", strings.Repeat("很长的话", 400), true
	}))
	msgs, _ := scheduler.Filter(items, at(14, 9), at(14, 9))
	keys, all := map[string]bool{}, ""
	for _, m := range msgs {
		if len(m.Text) > 2000 || !utf8.ValidString(m.Text) {
			t.Errorf("%s has %d bytes, valid %t", m.Key, len(m.Text), utf8.ValidString(m.Text))
		}
		keys[m.Key], all = true, all+m.Text
	}
	for i := range 9 {
		if !strings.Contains(all, fmt.Sprintf("甲%d乙", i)) {
			t.Errorf("part %d is lost", i)
		}
	}
	if len(keys) != len(msgs) || len(msgs) < 3 || !strings.Contains(all, "……（略）") {
		t.Errorf("%d messages with %d keys", len(msgs), len(keys))
	}
}

// TestFilterMany: ten thousand due in one second are ten thousand messages.
func TestFilterMany(t *testing.T) {
	t.Parallel()
	const many = 10000
	items := make([]scheduler.Item, 0, many)
	for i := range many {
		items = append(items, item(fmt.Sprintf("k%d", i), func(it *scheduler.Item) { it.To = fmt.Sprintf("p%d", i) }))
	}
	if msgs, verdicts := scheduler.Filter(items, at(14, 9), at(14, 9)); len(msgs) != many || len(verdicts) != many {
		t.Errorf("%d messages, %d verdicts", len(msgs), len(verdicts))
	}
}

// TestQuiet: before and after for every border of the quiet hours, with rest
// days, holidays and weekend days that are worked.
func TestQuiet(t *testing.T) {
	t.Parallel()
	cal := award.SampleCalendar()
	tests := []struct{ day, hour, allowedDay, allowed string }{
		{"2026-12-14", "8:29", "2026-12-14", "8:30"},
		{"2026-12-14", "8:30", "2026-12-14", "8:30"},
		{"2026-12-14", "9:00", "2026-12-14", "9:00"},
		{"2026-12-14", "11:59", "2026-12-14", "11:59"},
		{"2026-12-14", "12:00", "2026-12-14", "14:00"},
		{"2026-12-14", "13:59", "2026-12-14", "14:00"},
		{"2026-12-14", "14:00", "2026-12-14", "14:00"},
		{"2026-12-14", "17:59", "2026-12-14", "17:59"},
		{"2026-12-14", "18:00", "2026-12-15", "8:30"},
		{"2026-12-18", "18:00", "2026-12-21", "8:30"}, // Friday evening
		{"2026-12-19", "10:00", "2026-12-21", "8:30"}, // Saturday
		{"2026-12-20", "23:59", "2026-12-21", "8:30"}, // Sunday night
		{"2026-12-31", "19:00", "2027-01-04", "8:30"}, // New Year
		{"2027-01-31", "10:00", "2027-01-31", "10:00"},
		{"2027-01-30", "10:00", "2027-01-31", "8:30"}, // Saturday before a worked Sunday
		{"2027-02-04", "20:00", "2027-02-12", "8:30"}, // Spring Festival
		{"2027-10-01", "9:00", "2027-10-08", "8:30"},
		{"2028-02-29", "9:00", "2028-02-29", "9:00"},
	}
	for _, tt := range tests {
		now, want := moment(t, tt.day, tt.hour), moment(t, tt.allowedDay, tt.allowed)
		if got := scheduler.Allowed(cal, now); !got.Equal(want) {
			t.Errorf("%s %s: allowed at %s, want %s", tt.day, tt.hour, got, want)
		}
		if got := scheduler.Quiet(cal, now); got != !now.Equal(want) {
			t.Errorf("%s %s: quiet %t", tt.day, tt.hour, got)
		}
	}
}
