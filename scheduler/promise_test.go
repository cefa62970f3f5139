package scheduler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/scheduler"
)

// promise lets somebody promise at a moment.
func (w *world) promise(day, hour, unit, detail string) {
	w.t.Helper()
	w.happen(event{moment(w.t, day, hour), "promise", unit, detail})
}

// saidAt asks the reminders at the morning of a day and returns what is said and
// what is held, as "receiver rule".
func saidAt(t *testing.T, w *world, day string) (said, held map[string]scheduler.Notice) {
	t.Helper()
	said, held = map[string]scheduler.Notice{}, map[string]scheduler.Notice{}
	for who, n := range dueAt(t, w, moment(t, day, "9")) {
		if n.Hold != "" {
			held[who] = n
		} else {
			said[who] = n
		}
	}
	return said, held
}

// TestPromiseRests: until the promised day is over nothing is said about the
// filing, save on the last day, and each held notice has its reason.
func TestPromiseRests(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2026-11-24", "10")
	w.promise("2026-11-24", "11", "白马镇党委", "luyaqin 2026-12-21")
	for _, tt := range []struct{ day, who, reason string }{
		{"2026-12-04", "luyaqin filing.t15", "snoozed"},
		{"2026-12-14", "luyaqin filing.t7", "snoozed"},
		{"2026-12-18", "luyaqin filing.t1", "snoozed"},
		{"2026-12-21", "luyaqin filing.day", ""},
		{"2026-12-21", "gaozhiming filing.day", ""},
		{"2026-12-22", "luyaqin overdue.d1", ""},
		{"2026-12-14", "huangsiyuan filing.t7", ""}, // another unit
	} {
		n, ok := dueAt(t, w, moment(t, tt.day, "9"))[tt.who]
		if !ok || string(n.Hold) != tt.reason {
			t.Errorf("%s %s: there %v, held %q, want %q", tt.day, tt.who, ok, n.Hold, tt.reason)
		}
	}
	if said, _ := saidAt(t, w, "2026-12-22"); !strings.Contains(said["luyaqin overdue.d1"].Text, "11月24日（周二）您说12月21日（周一）前报，没有报到。") {
		t.Error(said["luyaqin overdue.d1"].Text)
	}
	if _, ok := said0(saidAt(t, w, "2026-12-21"))["luyaqin promise.broken"]; ok {
		t.Error("the last day is said twice")
	}
}

func said0(said, _ map[string]scheduler.Notice) map[string]scheduler.Notice { return said }

// TestBrokenPromise: the words on the morning after, once, and the mornings on
// which there are none.
func TestBrokenPromise(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, given, detail, day, who, words string
	}{
		{"before the deadline", "2026-11-25 10", "luyaqin 2026-11-27", "2026-11-30", "luyaqin promise.broken", "【备案提醒】白马镇党委：您说过11月27日（周五）前报，现在还没有报到。\n请于12月21日（周一）24:00前报县委组织部。截至11月30日（周一），还有 21 天（15 个工作日）。\n"},
		{"only rest", "2026-11-24 10", "luyaqin 2026-11-24 later", "2026-11-25", "luyaqin promise.again", "【备案提醒】白马镇党委：您请我11月25日（周三）再提醒，课题备案现在还没有报。\n"},
		{"the 分管领导's", "2026-11-25 10", "gaozhiming 2026-11-27", "2026-11-30", "gaozhiming promise.broken", "请督促一下"},
		{"overdue", "2026-12-23 10", "luyaqin 2026-12-25", "2026-12-28", "luyaqin promise.broken", "【逾期提醒】白马镇党委：您说过12月25日（周五）前报，现在还没有报到。\n期限12月21日（周一）24:00已过，现在仍可以报"},
	} {
		w := worldAt(t, "2026-11-24", "9")
		given, hour, _ := strings.Cut(tt.given, " ")
		w.promise(given, hour, "白马镇党委", tt.detail)
		said, _ := saidAt(t, w, tt.day)
		n, ok := said[tt.who]
		if !ok || !strings.Contains(n.Text, tt.words) || n.Card == nil || n.Loud != scheduler.LoudPromise {
			t.Errorf("%s: there %v\n%s", tt.name, ok, n.Text)
		}
		next := date(t, tt.day).Add(1)
		if later, _ := saidAt(t, w, next.String()); later[tt.who].Text != "" {
			t.Errorf("%s: said again on %s", tt.name, next)
		}
	}
	kept := worldAt(t, "2026-11-24", "10")
	kept.promise("2026-11-24", "11", "白马镇党委", "luyaqin 2026-11-27")
	kept.happen(event{moment(t, "2026-11-26", "10"), "submit", "白马镇党委", "luyaqin"})
	if said, _ := saidAt(t, kept, "2026-11-30"); said["luyaqin promise.broken"].Text != "" {
		t.Error("a kept promise, now with the 一把手, is called broken")
	}
	kept.promise("2026-11-26", "11", "白马镇党委", "hujingyi 2026-12-04")
	if _, held := saidAt(t, kept, "2026-12-04"); held["hujingyi confirm.t15"].Hold != scheduler.Snoozed {
		t.Error("the 一把手 promised to confirm and is reminded")
	}
	if said, _ := saidAt(t, kept, "2026-12-07"); !strings.Contains(said["hujingyi promise.broken"].Text, "等您确认") {
		t.Error(said)
	}
}

// TestDepartmentRests: working day 10 waits for a promise, with the named reason,
// and is said on the morning after it was broken.
func TestDepartmentRests(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2026-11-24", "10")
	w.promise("2026-12-31", "10", "南沟镇党委", "fuyunfei 2027-01-06")
	report := func(day string) string { return said0(saidAt(t, w, day))["sunjing overdue.d10"].Text }
	if text := report("2027-01-05"); !strings.Contains(text, "以下6家") || strings.Contains(text, "南沟") {
		t.Error(text)
	}
	if _, held := saidAt(t, w, "2027-01-05"); held[" overdue.d10"].Hold != scheduler.Snoozed {
		t.Errorf("held %v", held)
	}
	if text := report("2027-01-07"); !strings.Contains(text, "以下1家") || !strings.Contains(text, "一把手付云飞说1月6日（周三）前报，没有报到") {
		t.Error(text)
	}
}

// TestWeeklyList: all its sections in words, and within a message however large
// the county is.
func TestWeeklyList(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2026-12-11", "15")
	w.promise("2026-12-11", "16", "柳林镇党委", "huangsiyuan 2026-12-17")
	w.unit("石桥乡党委", func(u *award.Unit) {
		u.Wish = &award.ExtensionWish{By: "huguoqiang", At: moment(t, "2026-12-11", "16"), Until: date(t, "2026-12-31")}
	})
	w.memory.Fail(award.Failed{Key: "k", To: "x"})
	weekly := func() string {
		for _, r := range scheduler.All(true) {
			if r.Name == "weekly" {
				return r.Due(w.view(t.Context()), moment(t, "2026-12-14", "9"))[0].Text
			}
		}
		return ""
	}
	text := weekly()
	for _, part := range []string{
		"【一周汇总】截至12月14日（周一），课题备案已报 2/7 家，12月21日（周一）24:00截止，还有 7 天。\n没报的4家：",
		"1. 柳林镇党委，说12月17日（周四）前报，草稿 11/11，12月4日（周五）提醒过填报人黄思远",
		"2. 白马镇党委，草稿 7/11，12月7日（周一）提醒过陆雅琴",
		"安排过的：本周到期1家，说了没报0家。", "等一把手确认1件：\n1. 双河镇党委，等了4个工作日",
		"待审1件：\n1. 东岭镇党委，等了2个工作日", "想延期1家：\n1. 石桥乡党委，想延到12月31日（周四）", "没送到的消息1条，回复 发送失败 查看。",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("lacks %q:\n%s", part, text)
		}
	}
	for i := range 500 {
		id := fmt.Sprintf("开发区第%d综合服务中心机关党委", i)
		w.memory.Add([]award.Unit{{ID: id, Name: id, Order: 100 + i, Owes: true, Filers: []string{"luyaqin"}, Cycle: "2026", Promises: []award.Promise{{By: "luyaqin", Until: date(t, "2026-12-11")}}}}, nil)
	}
	if text := weekly(); len(text) > 2000 || !strings.Contains(text, "没报的504家") || !strings.Contains(text, "……另有") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}

// TestNothingToTell: without anything to say the department and the groups are
// left alone.
func TestNothingToTell(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2027-02-22", "12")
	for day := date(t, "2027-02-23"); day.Before(date(t, "2027-03-10")); day = day.Add(1) {
		if got := dueAt(t, w, day.At(9, 0)); len(got) > 0 {
			t.Errorf("%s: %v", day, got)
		}
	}
}

// TestGroupPlans tells each group by its own plan, in figures only.
func TestGroupPlans(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2026-11-24", "10")
	groups := w.memory.Groups()
	for id, change := range map[string]func(*award.Group){
		"wrWeekly": func(g *award.Group) { g.LastDays = 0 },
		"wrLast":   func(g *award.Group) { g.Weekly, g.LastDays = false, 1 },
		"wrOff":    func(g *award.Group) { g.Off = true },
		"wrLate":   func(g *award.Group) { g.Hour, g.Day = 15, time.Thursday },
	} {
		g := award.DefaultPlan(id)
		change(&g)
		before := groups
		groups = groups.With(g)
		groups.Rev = before.Rev
	}
	groups.Rev++
	w.apply(award.Changes{Groups: &groups})
	told := map[string]string{}
	for day := date(t, "2026-11-30"); day.Before(date(t, "2026-12-26")); day = day.Add(1) {
		for _, hour := range award.PrefHours() {
			for _, r := range scheduler.All(false) {
				if r.Name != "group" {
					continue
				}
				for _, n := range r.Due(w.view(t.Context()), day.At(hour, 0)) {
					id, _ := chat.ToGroup(n.To)
					told[id] += fmt.Sprintf(" %d-%d %d %s", day.Month, day.Day, hour, strings.TrimPrefix(n.Rule, "group."))
					if namesSomebody(w, n.Text) || strings.Contains(n.Text, "@") || n.Card != nil || len(n.While) == 0 {
						t.Errorf("%s", n.Text)
					}
				}
			}
		}
	}
	want := map[string]string{
		"wrWeekly": " 11-30 9 week 12-7 9 week 12-14 9 week 12-21 9 week 12-22 9 closed",
		"wrLast":   " 12-21 9 last 12-22 9 closed",
		"wrLate":   " 12-3 15 week 12-10 15 week 12-17 15 last 12-18 15 last 12-21 15 last 12-22 15 closed",
	}
	for id, days := range want {
		if told[id] != days {
			t.Errorf("%s:%s\nwant%s", id, told[id], days)
		}
	}
	if len(told) != len(want) {
		t.Errorf("told %v", told)
	}
}
