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
