package scheduler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/scheduler"
)

// dueAt asks every reminder at one slot and returns what each person would be
// told, by "receiver rule".
func dueAt(t *testing.T, w *world, slot time.Time) map[string]scheduler.Notice {
	t.Helper()
	out := map[string]scheduler.Notice{}
	for _, r := range scheduler.All(true) {
		for _, n := range r.Due(w.view(t.Context()), slot) {
			name := n.To + " " + n.Rule
			if _, twice := out[name]; twice {
				t.Errorf("%s twice at %s", name, slot)
			}
			want := strings.Join([]string{n.Rule, n.Object, n.To, slot.Format("2006-01-02T15")}, "|")
			if n.Key != want {
				t.Errorf("key %q, want %q", n.Key, want)
			}
			out[name] = n
		}
	}
	return out
}

// TestWords shows what each kind of reminder says, word for word.
func TestWords(t *testing.T) {
	t.Parallel()
	tests := []struct{ day, hour, who, text, say string }{
		{
			"2026-12-04", "9", "liuxiangyang filing.t15",
			"【备案提醒】东岭镇党委的课题备案，请于12月21日（周一）24:00前报县委组织部。\n（12月20日是周日，顺延到12月21日（周一）。）\n" +
				"截至12月4日（周五），还有 17 天（11 个工作日）。\n现在还没有开始填。回复 报课题 就可以开始，大约8分钟。\n已有安排的，回复“已安排，12月9日报”这样的话，这之前不催。",
			"报课题",
		},
		{
			"2026-12-14", "9", "luyaqin filing.t7",
			"【备案提醒】白马镇党委的课题备案，请于12月21日（周一）24:00前报县委组织部。\n" +
				"截至12月14日（周一），还有 7 天（5 个工作日）。\n您的草稿还差4项：具体措施、完成时间、成果形式、保密确认，约3分钟。回复 继续 接着填。\n已有安排的，回复“已安排，12月17日报”这样的话，这之前不催。",
			"继续",
		},
		{
			"2026-12-14", "9", "duxiulan confirm.t7",
			"【待您确认】双河镇党委的《党建创新课题第2号》已填好提交，您确认后才报到县委组织部，请于12月21日（周一）24:00前确认。\n" +
				"截至12月14日（周一），还有 7 天（5 个工作日）。\n请回复 确认报送，要改请回复 退回修改。",
			"确认报送 2026-0002",
		},
		{
			"2026-12-21", "9", "gaozhiming filing.day",
			"【备案提醒】您分管的白马镇党委课题备案还没有报，截止12月21日（周一）24:00。填报人：陆雅琴。\n" +
				"今天12月21日（周一）是最后一天。\n陆雅琴的草稿还差4项：具体措施、完成时间、成果形式、保密确认，约3分钟。请督促一下。",
			"",
		},
		{
			"2026-12-21", "16", "luyaqin filing.last",
			"【备案提醒】白马镇党委的课题备案，请于12月21日（周一）24:00前报县委组织部。\n今天12月21日（周一）是最后一天，这是截止前最后一次提醒。\n" +
				"您的草稿还差4项：具体措施、完成时间、成果形式、保密确认，约3分钟。回复 继续 接着填。\n" +
				"过了12月21日（周一）24:00再报，会标注“逾期”，要写一句理由；确有困难要延期，回复“备案能不能缓到12月28号”这样的话，马上转给组织部。",
			"继续",
		},
		{
			"2026-12-21", "16", "duxiulan confirm.last",
			"【待您确认】双河镇党委的《党建创新课题第2号》已填好提交，您确认后才报到县委组织部，请于12月21日（周一）24:00前确认。\n" +
				"今天12月21日（周一）是最后一天，这是截止前最后一次提醒。\n请回复 确认报送，要改请回复 退回修改。",
			"确认报送 2026-0002",
		},
		{
			"2026-12-10", "9", "duxiulan confirm.wait",
			"【待您确认】双河镇党委的《党建创新课题第2号》从12月8日（周二）起等您确认，您确认后才报到县委组织部，请于12月21日（周一）24:00前确认。\n" +
				"请回复 确认报送，要改请回复 退回修改。",
			"确认报送 2026-0002",
		},
		{
			"2026-12-22", "9", "luyaqin overdue.d1",
			"【逾期提醒】白马镇党委的课题备案已过12月21日（周一）24:00的期限，还没有报。截止当天12月21日（周一）已提醒过。\n" +
				"现在仍可以报，会标注“逾期”，请写一句理由；确有困难要延期，回复“备案能不能缓到12月29号”这样的话，马上转给组织部。\n您的草稿还差4项：具体措施、完成时间、成果形式、保密确认，约3分钟。回复 继续 接着填。\n已有安排的，回复“已安排，12月25日报”这样的话，这之前不催。",
			"继续",
		},
		{
			"2026-12-30", "9", "hujingyi overdue.d7",
			"【逾期提醒】白马镇党委的课题备案已过12月21日（周一）24:00的期限，还没有报。此前12月22日（周二）提醒过填报人陆雅琴；12月24日（周四）提醒过分管领导高志明。\n" +
				"现在仍可以报，会标注“逾期”，请写一句理由；确有困难要延期，回复“备案能不能缓到1月7号”这样的话，马上转给组织部。\n陆雅琴的草稿还差4项：具体措施、完成时间、成果形式、保密确认，约3分钟。请督促一下。\n已有安排的，回复“已安排，1月5日报”这样的话，这之前不催。",
			"已安排",
		},
		{
			"2026-12-22", "9", "duxiulan confirm.d1",
			"【待您确认】双河镇党委的《党建创新课题第2号》已填好提交，期限12月21日（周一）24:00已过，还等您确认后才报到县委组织部。\n请回复 确认报送，要改请回复 退回修改。",
			"确认报送 2026-0002",
		},
		{
			"2027-01-05", "9", "sunjing overdue.d10",
			"【逾期10个工作日】以下1家单位课题备案仍未报到，本单位的提醒已逐级做过：\n" +
				"1. 南沟镇党委：此前12月22日（周二）提醒过填报人宋新民；12月23日（周三）填报人宋新民说12月28日（周一）前报，没有报到；12月29日（周二）提醒过分管领导徐素珍；12月30日（周三）提醒过一把手付云飞。\n" +
				"建议考虑发黄色督办单，是否发、发给谁请您定。",
			"",
		},
		{
			"2026-12-31", "9", "liuxiangyang returned.t1",
			"【补正提醒】《党建创新课题第3号》退回补正，请于1月4日（周一）24:00前改好再报。\n要改2处：\n1. 试点单位没有写负责人\n2. 实施步骤没有时间\n回复 补正，一项一项改，约2分钟。",
			"补正 2026-0003",
		},
		{
			"2027-01-05", "9", "liuxiangyang returned.d1",
			"【补正逾期】《党建创新课题第3号》退回补正，1月4日（周一）24:00的期限已过，请尽快改好再报。\n要改2处：\n1. 试点单位没有写负责人\n2. 实施步骤没有时间\n回复 补正，一项一项改，约2分钟。",
			"补正 2026-0003",
		},
		{
			"2026-12-03", "9", "sunjing pending",
			"【待审备案】有1件等了超过3个工作日：\n1. 清河镇党委《党建创新课题第1号》，11月27日（周五）收到，已等4个工作日\n回复 待审 逐件办理。",
			"",
		},
		{
			"2026-12-01", "9", "wangfang calendar.missing",
			"【工作日表】2027年的放假调休安排还没有导入，目前只按周末推算，期限和提醒可能不准。\n放假通知公布后，请导入2027年工作日表。",
			"",
		},
		{
			"2026-12-15", "9", "huangsiyuan draft.d3",
			"【草稿】柳林镇党委的课题备案截止12月21日（周一）24:00。\n您的草稿已经填齐，还没有提交。回复 继续 核对后提交。\n这份草稿不想再被提醒，回复 不再提醒。",
			"继续",
		},
		{
			"2027-02-12", "9", "huguoqiang filing.t1",
			"【备案提醒】石桥乡党委的课题备案，请于2月15日（周一）24:00前报县委组织部。\n（组织部已同意您单位延到这一天。）\n" +
				"截至2月12日（周五），还有 3 天（1 个工作日）。\n您的草稿还差2项：成果形式、保密确认，约2分钟。回复 继续 接着填。\n已有安排的，回复“已安排，2月15日报”这样的话，这之前不催。",
			"继续",
		},
		{
			"2028-09-22", "9", "liuxiangyang filing.t15",
			"【备案提醒】东岭镇党委的课题备案，请于10月9日（周一）24:00前报县委组织部。\n（10月5日逢国庆节、中秋节（示例）放假，顺延到10月9日（周一）。）\n" +
				"截至9月22日（周五），还有 17 天（7 个工作日）。\n《党建创新课题第14号》被一把手退回修改，改好后请重新提交。回复 改报送 接着改。\n已有安排的，回复“已安排，9月27日报”这样的话，这之前不催。",
			"改报送",
		},
	}
	for _, tt := range tests {
		t.Run(tt.who, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			slot := moment(t, tt.day, tt.hour)
			w.until(slot)
			n, ok := dueAt(t, w, slot)[tt.who]
			if !ok {
				t.Fatal("not said")
			}
			if n.Text != tt.text {
				t.Errorf("got\n%s\nwant\n%s", n.Text, tt.text)
			}
			say := ""
			if n.Card != nil {
				say = n.Card.Buttons[0].Say
			}
			if say != tt.say {
				t.Errorf("the card says %q, want %q", say, tt.say)
			}
		})
	}
}

// TestNoCycle: without an open cycle only the calendar has something to say.
func TestNoCycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := dueAt(t, w, moment(t, "2026-11-23", "9")); len(got) != 0 {
		t.Errorf("said %v", got)
	}
	got := dueAt(t, w, moment(t, "2026-12-01", "9"))
	if _, ok := got["wangfang calendar.missing"]; !ok || len(got) != 1 {
		t.Errorf("said %v", got)
	}
}

// TestSundayDeadline: where deadlines do not roll over, a last day that rests is
// called for on the working day before, both times.
func TestSundayDeadline(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2026-12-01", "18")
	cycle, _ := w.memory.Cycle()
	cycle.Rev++
	cycle.RollOver = false
	cycle.Milestones = award.ProposeMilestones(w.cal, 2026, date(t, "2026-12-20"), false)
	w.apply(award.Changes{Cycle: &cycle})
	want := map[string]string{
		"2026-12-04 9": "filing.t15", "2026-12-11 9": "filing.t7", // T-15 is Saturday 12-05, T-7 Sunday 12-13
		"2026-12-17 9": "filing.t3", "2026-12-18 9": "filing.day", "2026-12-18 16": "filing.last",
		"2026-12-21 9": "overdue.d1", "2026-12-23 9": "overdue.d3",
	}
	for day := date(t, "2026-12-02"); day.Before(date(t, "2026-12-24")); day = day.Add(1) {
		for _, hour := range []int{9, 16} {
			rule := ""
			for who := range dueAt(t, w, day.At(hour, 0)) {
				if r, ok := strings.CutPrefix(who, "heshichang "); ok && (hour == 9 || strings.HasPrefix(r, "filing")) {
					rule = r
				}
			}
			if got := want[fmt.Sprintf("%s %d", day, hour)]; rule != got {
				t.Errorf("%s %d: %q, want %q", day, hour, rule, got)
			}
		}
	}
}

// TestLargeCounty: two hundred units are all reminded, and the lists of the
// department stay within a message and say how many they leave out.
func TestLargeCounty(t *testing.T) {
	t.Parallel()
	const many = 200
	w := worldAt(t, "2026-11-24", "10")
	for i := range many {
		id := fmt.Sprintf("第%d街道党委", i)
		p := award.Person{UserID: fmt.Sprintf("filer%d", i), Name: "李文", Unit: id, Roles: []award.Role{award.RoleFiler}}
		w.memory.Add([]award.Unit{{ID: id, Name: id, Order: 100 + i, Owes: true, Filers: []string{p.UserID}}}, []award.Person{p})
	}
	told := 0
	for who := range dueAt(t, w, moment(t, "2026-12-14", "9")) {
		if strings.HasPrefix(who, "filer") && strings.HasSuffix(who, " filing.t7") {
			told++
		}
	}
	if told != many {
		t.Errorf("%d units reminded, want %d", told, many)
	}
	list := dueAt(t, w, moment(t, "2027-01-05", "9"))["sunjing overdue.d10"].Text
	if len(list) > 2000 || !strings.Contains(list, "以下207家") || !strings.Contains(list, "……另有") {
		t.Errorf("%d bytes: %s", len(list), list)
	}
}

// TestSomebodyIsAlwaysTold: a rung nobody holds is taken by the next one.
func TestSomebodyIsAlwaysTold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		filer, deputy  string
		day1, day3, d7 string
	}{
		{"all there", "f", "d", "f", "d", "h"},
		{"no 填报人", "", "d", "d", "d", "h"},
		{"only the 一把手", "", "", "h", "h", "h"},
		{"no 分管领导", "f", "", "f", "h", "h"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := worldAt(t, "2026-11-24", "10")
			u := award.Unit{ID: "小岭乡党委", Name: "小岭乡党委", Order: 99, Owes: true, Heads: []string{"h"}}
			w.memory.Add(nil, []award.Person{{UserID: "h", Name: "一"}, {UserID: "d", Name: "二"}, {UserID: "f", Name: "三"}})
			if tt.filer != "" {
				u.Filers = []string{tt.filer}
			}
			if tt.deputy != "" {
				u.Deputys = []string{tt.deputy}
			}
			w.memory.Add([]award.Unit{u}, nil)
			for day, want := range map[string]string{
				"2026-12-22": tt.day1 + " overdue.d1", "2026-12-24": tt.day3 + " overdue.d3", "2026-12-30": tt.d7 + " overdue.d7",
			} {
				got := dueAt(t, w, moment(t, day, "9"))
				if n, ok := got[want]; !ok || n.Object != "unit:"+u.ID || n.Loud != scheduler.LoudOverdue {
					t.Errorf("%s: %s not told", day, want)
				}
			}
		})
	}
}

// TestWaitingForTheWord: a unit that has filed still hears of its further topics
// that wait, all of one morning in one notice, on the days that count only.
func TestWaitingForTheWord(t *testing.T) {
	t.Parallel()
	w := worldAt(t, "2027-03-11", "8")
	for _, at := range []string{"10", "11"} {
		w.happen(event{moment(t, "2027-03-11", at), "submit", "清河镇党委", "lichunmei"})
	}
	said := map[string]string{}
	for day := date(t, "2027-03-12"); day.Before(date(t, "2027-03-25")); day = day.Add(1) {
		if n, ok := dueAt(t, w, day.At(9, 0))["wangjianguo confirm.wait"]; ok {
			said[day.String()] = n.Text
			if n.Card != nil || n.Unless != nil || !n.Until.IsZero() {
				t.Errorf("%s: %+v", day, n)
			}
		}
	}
	// Thursday: Friday and Monday, then five more.
	text := said["2027-03-15"]
	if _, again := said["2027-03-22"]; len(said) != 2 || !again || strings.Count(text, "《") != 2 ||
		!strings.Contains(text, "从3月11日（周四）起等您确认，您确认后才报到县委组织部。") {
		t.Errorf("said %v", said)
	}
}
