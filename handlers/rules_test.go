package handlers_test

import (
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/dialog"
	"cxbot/handlers"
)

// oneByOne fills the form, one answer a message.
var oneByOne = []string{
	"我要报课题", "村级党群议事会机制探索", "3.3", answersV1[3], answersV1[4], answersV1[5], answersV1[6], answersV1[7],
	"2028年9月底", answersV1[9], "1、3", "1", "确认", "提交",
}

// optionalAnswers fill what may be left out, for direction 3.3.
var optionalAnswers = []string{
	"联合党委：柳林镇、县教育局", "创新着眼点：2、3", "问题类型：难点", "背景依据：去年全镇村级信访 23 件，其中 6 件反映大事不公开。",
	"服务的中心工作：乡村振兴", "联系点：何为民 柳林村；王建国 河湾村", "课题组成员：钱大力 组织干事 13800000012；赵小云",
	"集体研究：党委会 11月20日", "四项制度：1、4", "跨届：否", "重点课题：否",
}

const wholeForm = `课题备案表
课题名称：村级党群议事会机制探索
类别：3.3
拟解决的突出问题：村里大事议而不决、决而不公开，去年这方面的信访有 6 件，群众意见大。
试点单位：柳林村党支部、河湾村党支部
试点内容：建立议题收集、党群联议、结果公开三个环节，每月 10 日为议事日。
实施步骤：
1. 2027年3月 调研摸底，制定方案
2. 2028年6月 全镇推开
具体措施：①每月10日议事日 ②二维码征集议题
完成时间：2028年9月底
预期成效：村级重大事项公开率达到 100%，相关信访下降一半。
成果形式：制度、案例
责任人：李春梅 副书记 13800000011
保密确认：确认
联合党委：柳林镇
四项制度：党员议事
采用手段：法律`

// withLast is the county after an earlier cycle in which the unit filed.
func withLast(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, true)
	topic := returnedTopic(w.now)
	topic.ID, topic.Cycle, topic.Status, topic.Return, topic.Rev, topic.Number = "2024-0001", "2024", award.StatusRunning, nil, 1, "〔2024〕备-001"
	f := &topic.Versions[0].Filing
	f.Products, f.Joint, f.Systems = []string{"制度", "工作法"}, []string{"柳林镇党委"}, []string{"党内选举"}
	f.LinkPoints, f.Meeting = []award.LinkPoint{{Member: "何为民", Pilot: "柳林村党支部"}}, award.Meeting{Name: "党委会", Date: award.Date{Year: 2024, Month: time.November, Day: 1}}
	for i := range f.Steps {
		f.Steps[i].Due.Date.Year -= 2
	}
	f.Finish.Date.Year -= 2
	f.Title = "党员积分管理办法探索与实践"
	unit, _ := w.memory.Unit(topic.Unit)
	after := unit
	after.Rev, after.Last = unit.Rev+1, topic.ID
	if err := w.memory.Apply(award.Changes{Topics: []award.TopicChange{{After: topic}}, Units: []award.UnitChange{{Before: &unit, After: after}}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestMessagesToFile counts what a person must send (dialog.md 7).
func TestMessagesToFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		world *world
		said  []string
		most  int
	}{
		"one by one": {newWorld(t, true), oneByOne, 18},
		"with every optional field left out by 跳过": {newWorld(t, true), append(append([]string(nil), oneByOne[:13]...), "跳过", "提交"), 18},
		"paste": {newWorld(t, true), []string{wholeForm, "提交"}, 4},
		"reuse": {withLast(t), []string{
			"沿用上次", "村级党群议事会机制探索", answersV1[6], "1", "确认", "提交",
		}, 6},
		"reuse with the rest pasted": {withLast(t), []string{
			"沿用上次", "课题名称：村级党群议事会机制探索\n实施步骤：\n1. 2027年3月 调研\n2. 2028年6月 推开\n完成时间：2028年9月\n保密确认：确认", "提交",
		}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reply := ""
			for _, text := range c.said {
				reply = sayAs(t, c.world, "李春梅", text)
			}
			if !strings.HasPrefix(reply, "已收到") {
				t.Fatalf("not filed: %q", reply)
			}
			t.Logf("%s: %d messages, at most %d", name, len(c.said), c.most)
			if len(c.said) > c.most {
				t.Errorf("%d messages, want at most %d", len(c.said), c.most)
			}
		})
	}
}

// TestReuseTakesAllButWhatIsOver looks at what a reused filing holds.
func TestReuseTakesAllButWhatIsOver(t *testing.T) {
	t.Parallel()
	w := withLast(t)
	reply := sayAs(t, w, "李春梅", "沿用上次")
	for _, part := range []string{
		"《党员积分管理办法探索与实践》（2024届", "上次的步骤日期已过", "调研；试点", "沿用了", "要重新给的 4 项：课题名称、实施步骤、完成时间、保密确认", "1/12 课题名称",
	} {
		if !strings.Contains(reply, part) {
			t.Errorf("沿用上次 is answered %q, want %q in it", reply, part)
		}
	}
	d := w.talks["lichunmei"].Drafts[0]
	for key, want := range map[string]string{
		"title": "", "steps": "", "finish": "", "secrecy": "", "meeting": "", "direction": "3.3", "products": "1\x1e5", "joint": "柳林镇党委", "systems": "2", "links": "何为民\x1f柳林村党支部",
	} {
		if got := valueOf(d, key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	sayAs(t, w, "李春梅", "撤销")
	if got := valueOf(w.talks["lichunmei"].Drafts[0], "problem"); got != "" {
		t.Errorf("撤销 leaves %q", got)
	}
}

// TestReadBackFitsOnePage: what there is to do stands on the page one sees, with
// every field filled at length.
func TestReadBackFitsOnePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	long := func(text string, n int) string { return string([]rune(strings.Repeat(text, n))[:n]) }
	said := []string{
		"我要报课题", long("村级党群议事会机制探索", 40), "2.3", long("议而不决。", 500), "柳林村党支部\n河湾村党支部\n东庄村党支部\n西庄村党支部\n南庄村党支部", long("议题公开联议，", 400), answersV1[6],
		long("每月议事", 190) + "\n" + long("二维码征集", 190), "2028年9月底", long("公开率提高。", 300), "全选", "1",
	}
	said = append(append(said, optionalAnswers[:8]...), "提升的能力：全选", "采用手段：全选", "书记同意了")
	for _, text := range said {
		sayAs(t, w, "李春梅", text)
	}
	reply := sayAs(t, w, "李春梅", "确认")
	if !strings.Contains(reply, "都填好了") || !strings.Contains(reply, "没问题请回复 提交") || strings.Contains(reply, "下一页") {
		t.Errorf("%d bytes: %q", len(reply), reply)
	}
	t.Logf("the fullest confirmation has %d bytes", len(reply))
}

// TestReuseOnlyWhatOneMayRead: a record that names another unit's filing gives
// nothing away.
func TestReuseOnlyWhatOneMayRead(t *testing.T) {
	t.Parallel()
	w := withLast(t)
	other, _ := w.memory.Unit("柳林镇党委")
	own, _ := w.memory.Unit("清河镇党委")
	other.Last = own.Last
	w.memory.Add([]award.Unit{other}, nil)
	// 柳林镇 files it jointly, so it may be read; 白马镇 has no part in it.
	if reply := sayAs(t, w, "黄思远", "沿用上次"); !strings.Contains(reply, "沿用了") {
		t.Errorf("a joint unit is answered %q", reply)
	}
	foreign, _ := w.memory.Unit("白马镇党委")
	foreign.Last = own.Last
	w.memory.Add([]award.Unit{foreign}, nil)
	reply := sayAs(t, w, "陆雅琴", "沿用上次")
	if !strings.Contains(reply, "不是您所在党委的课题") || strings.Contains(reply, "积分管理") {
		t.Errorf("another unit is answered %q", reply)
	}
	if d := w.talks[w.id("陆雅琴")].Drafts; len(d) > 0 && valueOf(d[0], "problem") != "" {
		t.Errorf("another unit's filing was taken: %+v", d)
	}
}

// TestPreviewPastedBackChangesNothing copies the pages of a full preview and
// sends them back (UX rule 30), and the filled template too (rule 28).
func TestPreviewPastedBackChangesNothing(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"预览", "填报模板"} {
		for _, direction := range []string{"3.3", "2.3"} {
			w := newWorld(t, true)
			for _, text := range append(append([]string(nil), oneByOne[:13]...), optionalAnswers...) {
				sayAs(t, w, "李春梅", text)
			}
			if direction == "2.3" {
				for _, text := range []string{"类别或方向：2.3", "提升的能力：1、5", "采用手段：1、3"} {
					sayAs(t, w, "李春梅", text)
				}
			}
			before := w.talks["lichunmei"].Drafts[0]
			text := sayAs(t, w, "李春梅", word)
			for strings.Contains(text, "回复 下一页）") {
				cut := strings.LastIndex(text, "\n（第")
				text = text[:cut] + sayAs(t, w, "李春梅", "下一页")
			}
			reply := sayAs(t, w, "李春梅", text)
			if !strings.Contains(reply, "和已填的一样，没有改动") {
				t.Errorf("%s %s pasted back is answered %.300q", word, direction, reply)
			}
			after := w.talks["lichunmei"].Drafts[0]
			if after.Rev != before.Rev {
				t.Errorf("%s %s pasted back changes the draft", word, direction)
			}
			// In somebody else's empty draft the same text fills all that applies.
			other := newWorld(t, true)
			reply = sayAs(t, other, "李春梅", text)
			if !strings.Contains(reply, "要改 0 项 · 未填 0 项") {
				t.Errorf("%s %s pasted elsewhere is answered %.400q", word, direction, reply)
			}
			filled := other.talks["lichunmei"].Drafts[0]
			for _, v := range before.Values {
				if v.Key != "systems" && withoutRaw(valueOf(filled, v.Key)) != withoutRaw(v.Text) {
					t.Errorf("%s %s: %s = %q elsewhere, want %q", word, direction, v.Key, valueOf(filled, v.Key), v.Text)
				}
			}
		}
	}
}

// TestFormFitsAPhone holds questions to 300 characters (UX rule 11) and the empty
// template to one message (rule 28).
func TestFormFitsAPhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	sayAs(t, w, "李春梅", "我要报课题")
	sayAs(t, w, "李春梅", "类别或方向：2.3")
	if text := sayAs(t, w, "李春梅", "填报模板"); len(text) > dialog.PageBytes || strings.Contains(text, "下一页") {
		t.Errorf("the template takes %d bytes", len(text))
	}
	longest := 0
	for n := range handlers.FilingKeys() {
		text := sayAs(t, w, "李春梅", "改 "+itoa(n+1))
		if strings.Contains(text, "没有这个编号") {
			break
		}
		longest = max(longest, dialog.Runes(text))
		if got := dialog.Runes(text); got > 300 {
			t.Errorf("question %d has %d characters: %q", n+1, got, text)
		}
	}
	t.Logf("the longest question has %d characters", longest)
}

// withoutRaw is a value without the words its dates were given in.
func withoutRaw(value string) string {
	date, _, found := strings.Cut(value, "/")
	if !found {
		return value
	}
	return date
}

func itoa(n int) string { return strings.TrimLeft(string(rune('0'+n/10))+string(rune('0'+n%10)), "0") }
