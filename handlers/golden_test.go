package handlers_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/dialog"
)

var golden = flag.Bool("golden", false, "write the records of the form's present version that do not exist yet; written ones are never changed")

// goldenDir holds conversation records as every published version of the form
// stored them. They must load, be brought up and be finished for ever.
const goldenDir = "testdata/drafts"

// scene is a conversation stopped at a stage worth keeping.
type scene struct {
	name     string
	returned bool // the unit's filing was sent back before
	said     []string
}

// answersV1 fill the form of version 1.
var answersV1 = []string{
	"我要报课题", "村级党群议事会机制探索", "3.3", "村里大事议而不决、决而不公开，去年这方面的信访有 6 件，群众意见大。",
	"柳林村党支部、河湾村党支部", "建立议题收集、党群联议、结果公开三个环节，每月 10 日为议事日。",
	"1. 2027年3月 调研摸底，制定方案\n2. 2027年12月 两个村试点\n3. 2028年6月 全镇推开", "每月10日议事日；二维码征集议题；公开栏加微信群双公开",
	"2028年9月底", "村级重大事项公开率达到 100%，相关信访下降一半。", "沿用", "确认",
}

// longAnswer is most of a message, so that the bot waits for 完成.
var longAnswer = strings.Repeat("建立议题收集、党群联议、结果公开三个环节。", 30)

func scenes() []scene {
	with := func(n int, more ...string) []string { return append(append([]string(nil), answersV1[:n]...), more...) }
	return []scene{
		{name: "half", said: with(5)},
		{name: "collecting", said: with(5, longAnswer)},
		{name: "confirm", said: with(len(answersV1))},
		{name: "products", said: with(len(answersV1), "改 16 制度、案例")},
		{name: "editing", said: with(len(answersV1), "改 4")},
		{name: "undo", said: with(5, "改 1 农村无职党员设岗定责办法探索", "改 4 加 东庄村党支部", "撤销", "改 2 2", "撤销")},
		{name: "skipped", said: with(3, "跳过", "柳林村党支部")},
		{name: "parked", said: with(5, "取消")},
		{name: "two", said: with(5, "取消", "再报一个", "农村无职党员设岗定责办法探索")},
		{name: "deleted", said: with(5, "删除草稿")},
		{name: "returned", returned: true, said: []string{"补正", "柳林村党支部 村 张明 13800000000\n河湾村党支部"}},
	}
}

// returnedTopic is a filing of version 1, sent back with three things to mend.
func returnedTopic(at time.Time) award.Topic {
	day := func(y, m, d int) award.PartialDate {
		return award.PartialDate{Date: award.Date{Year: y, Month: time.Month(m), Day: d}, Precision: award.PrecisionDay}
	}
	li := award.Contact{Name: "李春梅", Post: "副书记", Phone: "13800000011"}
	f := award.Filing{
		Title: "村级党群议事会机制探索", Category: "3", Direction: "3.3", Key: true, Problem: answersV1[3],
		Pilots: []award.Pilot{{Name: "柳林村党支部"}, {Name: "河湾村党支部"}}, Content: answersV1[5],
		Head: award.Contact{Name: "王建国", Post: "党委书记", Phone: "13800000010"}, Deputy: li, Responsible: li, Contact: li,
		Steps:    []award.Step{{Title: "调研", Due: day(2027, 3, 31)}, {Title: "试点", Due: day(2027, 12, 31)}},
		Measures: []string{"每月10日议事日"}, Finish: day(2028, 9, 30), Outcome: answersV1[9], Secrecy: true,
	}
	return award.Topic{
		ID: "2026-0001", Rev: 3, Cycle: "2026", Unit: "清河镇党委", Status: award.StatusReturned, Filer: "lichunmei", SubmittedAt: at,
		ConfirmedBy: "wangjianguo", ConfirmedAt: at, Returns: 1,
		Versions: []award.Version{{N: 1, Filing: f, By: "lichunmei", At: at, Hash: award.HashFiling(f)}},
		Return: &award.ReturnInfo{
			Items: []award.ReturnItem{{Field: "pilots", Text: "试点单位没写负责人"}, {Field: "steps", Text: "实施步骤太粗"}, {Text: "请附上会议记录"}},
			Days:  5, Due: at.AddDate(0, 0, 7), By: "sunjing", At: at, Count: 1,
		},
	}
}

// goldenWorld is the county a scene plays in.
func goldenWorld(t *testing.T, returned bool) *world {
	t.Helper()
	w := newWorld(t, true)
	if !returned {
		return w
	}
	topic := returnedTopic(w.now)
	unit, _ := w.memory.Unit(topic.Unit)
	after := unit
	after.Rev, after.Cycle = unit.Rev+1, topic.Cycle
	after.Topics = []award.TopicRef{{ID: topic.ID, Title: topic.Title(), Status: topic.Status, Key: true}}
	first := topic
	first.Rev = 1
	if err := w.memory.Apply(award.Changes{
		Topics: []award.TopicChange{{After: first}}, Units: []award.UnitChange{{Before: &unit, After: after}}, Sequences: map[string]int{"topic:2026": 1},
	}); err != nil {
		t.Fatal(err)
	}
	for rev := int64(2); rev <= topic.Rev; rev++ {
		next := topic
		next.Rev = rev
		before := topic
		before.Rev = rev - 1
		if err := w.memory.Apply(award.Changes{Topics: []award.TopicChange{{Before: &before, After: next}}}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// TestGoldenRecords writes what is missing under -golden.
func TestGoldenRecords(t *testing.T) {
	t.Parallel()
	if !*golden {
		t.Skip("only with -golden")
	}
	for _, s := range scenes() {
		w := goldenWorld(t, s.returned)
		for _, text := range s.said {
			if err := w.Say("李春梅", "", "", text); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s %.20s> %s", s.name, text, w.heard[len(w.heard)-1].Text)
		}
		c := w.talks["lichunmei"]
		version := 0
		for _, d := range append(append([]dialog.Draft(nil), c.Drafts...), dropped(c)...) {
			version = max(version, d.Version)
		}
		path := filepath.Join(goldenDir, fmt.Sprintf("v%d_%s.record", version, s.name))
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := os.WriteFile(path, c.Append(nil), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func dropped(c dialog.Conversation) []dialog.Draft {
	if c.Dropped == nil {
		return nil
	}
	return []dialog.Draft{*c.Dropped}
}

// loadGolden reads the records of every version, by name.
func loadGolden(t *testing.T) map[string]dialog.Conversation {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(goldenDir, "*.record"))
	if err != nil || len(files) < 11 {
		t.Fatalf("%d golden records, %v", len(files), err)
	}
	out := map[string]dialog.Conversation{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := dialog.DecodeConversation(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".record")] = c
	}
	return out
}

// remaining are answers to whatever a golden draft still lacks, by the label of
// the question that is open.
var remaining = map[string]string{
	"课题名称": "村级党群议事会机制探索", "类别或方向": "3.3", "拟解决的突出问题": answersV1[3], "试点单位": "柳林村党支部、河湾村党支部",
	"试点内容": answersV1[5], "实施步骤": answersV1[6], "具体措施": answersV1[7], "完成时间": "2028年9月底", "预期成效": answersV1[9],
	"成果形式": "制度、案例", "责任人": "沿用", "保密确认": "确认", "补正要求": "已改",
}

// openLabel finds which question a reply ends with, "" for the confirmation.
func openLabel(reply string) string {
	best, at := "", -1
	for label := range remaining {
		for _, form := range []string{"/12 " + label + "\n", "/12 " + label + "）", label + "\n“", "补正要求\n", "补正要求（"} {
			if !strings.Contains(form, label) {
				continue
			}
			if i := strings.LastIndex(reply, form); i > at {
				best, at = label, i
			}
		}
	}
	if i := strings.LastIndex(reply, "请回复 提交"); i > at {
		return ""
	}
	return best
}

// finishDraft answers what is open until the filing is in, and returns it.
func finishDraft(t *testing.T, w *world, reply string) award.Filing {
	t.Helper()
	for range 20 {
		label := openLabel(reply)
		text := remaining[label]
		if label == "" {
			text = "提交"
		}
		reply = sayAs(t, w, "李春梅", text)
		if strings.HasPrefix(reply, "已收到") {
			page := w.memory.Topics(award.TopicQuery{Unit: "清河镇党委", Limit: 10})
			return page.Topics[len(page.Topics)-1].Current().Filing
		}
	}
	t.Fatalf("never submitted; the last reply was %q", reply)
	return award.Filing{}
}

// sayAs sends a text and returns what the sender is answered.
func sayAs(t *testing.T, w *world, who, text string) string {
	t.Helper()
	w.heard = nil
	if err := w.Say(who, "", "", text); err != nil {
		t.Fatal(err)
	}
	for _, u := range w.heard {
		if u.To == who {
			return u.Text
		}
	}
	return ""
}

// TestGoldenDraftsAreFinished brings every draft ever stored up to the present
// form: no answer goes, the person reads one sentence, and it can be submitted.
func TestGoldenDraftsAreFinished(t *testing.T) {
	t.Parallel()
	for name, c := range loadGolden(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := goldenWorld(t, strings.HasSuffix(name, "_returned"))
			w.talks["lichunmei"] = c
			first := "继续"
			if c.Dropped != nil {
				first = "找回草稿"
			}
			if len(c.Drafts) > 1 {
				first = "继续 1"
			}
			reply := sayAs(t, w, "李春梅", first)
			if strings.HasPrefix(name, "v1_") && strings.Count(reply, "备案表有更新") != 1 {
				t.Errorf("the change of the form is told %d times: %q", strings.Count(reply, "备案表有更新"), reply)
			}
			for _, before := range append(append([]dialog.Draft(nil), c.Drafts...), dropped(c)...) {
				now := findDraft(w.talks["lichunmei"], before.Name())
				if now == nil || now.Version != 2 {
					t.Fatalf("draft %s became %+v", before.Name(), now)
				}
				for _, v := range before.Values {
					if v.Text != "" && valueOf(*now, v.Key) != v.Text {
						t.Errorf("%s was %q, is %q", v.Key, v.Text, valueOf(*now, v.Key))
					}
				}
				if now.Partial != before.Partial || len(now.Undo) != len(before.Undo) || len(now.Redo) != len(before.Redo) {
					t.Errorf("draft %s: collected %q, undo %d, redo %d", before.Name(), now.Partial, len(now.Undo), len(now.Redo))
				}
			}
			if strings.HasSuffix(name, "_collecting") {
				reply = sayAs(t, w, "李春梅", "完成")
			}
			f := finishDraft(t, w, reply)
			if f.Title == "" || len(f.Products) != 2 || len(f.Steps) < 2 || !f.Secrecy {
				t.Errorf("filed %+v", f)
			}
		})
	}
}

// TestGoldenUndo takes back, after the form changed, what was done before.
func TestGoldenUndo(t *testing.T) {
	t.Parallel()
	w := goldenWorld(t, false)
	c := loadGolden(t)["v1_undo"]
	w.talks["lichunmei"] = c
	last := c.Drafts[0].Undo[len(c.Drafts[0].Undo)-1].Before[0]
	if reply := sayAs(t, w, "李春梅", "撤销"); !strings.Contains(reply, "已撤销") {
		t.Fatal(reply)
	}
	if got := valueOf(w.talks["lichunmei"].Drafts[0], last.Key); got != last.Text {
		t.Errorf("%s is %q after 撤销, want %q", last.Key, got, last.Text)
	}
}

// TestDraftsOfOtherProgramsAreReadable: after a rollback, or of a form that went,
// a draft can be read and copied to the last word, and is never touched.
func TestDraftsOfOtherProgramsAreReadable(t *testing.T) {
	t.Parallel()
	half := loadGolden(t)["v1_half"]
	newer, unknown := half.Drafts[0], half.Drafts[0]
	newer.Version = 3
	newer.Values = append(append([]dialog.Value(nil), newer.Values...), dialog.Value{Key: "budget", Text: "12.5万元", From: "typed"})
	unknown.Form = "survey"
	for name, d := range map[string]dialog.Draft{"version 3": newer, "unknown form": unknown} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := goldenWorld(t, false)
			w.talks["lichunmei"] = dialog.Conversation{Person: "lichunmei", Rev: 4, Serial: 1, Active: true, Drafts: []dialog.Draft{d}}
			if reply := sayAs(t, w, "李春梅", "草稿"); !strings.Contains(reply, "回复 草稿 1") {
				t.Errorf("草稿 is answered %q", reply)
			}
			text := sayAs(t, w, "李春梅", "草稿 1")
			for _, v := range d.Values {
				part, _, _ := strings.Cut(v.Text, "\x1e")
				part, _, _ = strings.Cut(part, "\x1f")
				if name == "version 3" && v.Key == "direction" {
					part = "3.3 民主决策"
				}
				if v.Key == "key" {
					continue // shown as 是
				}
				if !strings.Contains(text, part) {
					t.Errorf("%s %q cannot be read in %q", v.Key, v.Text, text)
				}
			}
			// A new filing beside it, from the text copied.
			if reply := sayAs(t, w, "李春梅", "我要报课题"); !strings.Contains(reply, "1/12 课题名称") {
				t.Errorf("a new filing is answered %q", reply)
			}
			if name == "version 3" {
				if reply := sayAs(t, w, "李春梅", text); !strings.Contains(reply, "填好 4 项") {
					t.Errorf("the copied text is answered %q", reply)
				}
			}
			kept := w.talks["lichunmei"].Drafts
			if len(kept) != 2 || fmt.Sprint(kept[1].Values) != fmt.Sprint(d.Values) || kept[1].Version != d.Version {
				t.Errorf("the draft was touched: %+v", kept)
			}
		})
	}
}
