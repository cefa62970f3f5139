package handlers_test

import (
	"slices"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/handlers"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	bot, err := handlers.New("清河县")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, award.Shanghai)
	for _, tt := range []struct {
		text, role, intent, slot string
		value                    any
		missing                  int
	}{
		{"我想报个课题，怎么弄", "secretary", "topic.file", "", nil, 10},
		{"课题名称：党员积分管理办法探索\n试点：柳林村、河湾村\n完成时间：明年底", "secretary", "topic.file", "title", "党员积分管理办法探索", 7},
		{"都核对好了，帮我提交吧", "secretary", "topic.submit", "", nil, 0},
		{"撤回来吧，书记嫌题目太大", "secretary", "topic.withdraw", "reason", "题目太大", 0},
		{"离备案截止还剩多少天", "group", "deadline.query", "aspect", "days_left", 0},
		{"五号退回，步骤太粗", "staff", "filing.return", "due", nil, 0},
		{"@小助手 模板", "group", "template.get", "", nil, 0},
		{"@小助手 还剩多少天截止", "group", "deadline.query", "aspect", "days_left", 0},
		{"@小助手　帮助", "group", "help", "", nil, 0},
		{"白马镇那份没问题，同意备案", "staff", "filing.approve", "org", "白马镇党委", 0},
		{"您会做什么", "secretary", "help", "", nil, 0},
		{"盖着机密章的能发吗", "secretary", "secrecy.block", "trigger", "机密", 0},
		{"退回修改", "secretary", "decline", "", nil, 0},
		{"今天天气", "secretary", "", "", nil, 0},
	} {
		got := bot.Explain(tt.text, tt.role, now)
		if got.Intent != tt.intent || len(got.Missing) != tt.missing || got.Slots == nil || tt.slot != "" && got.Slots[tt.slot] != tt.value {
			t.Errorf("%q: %+v", tt.text, got)
		}
	}
}

// TestExplainAsks: where two purposes fit as well, or a wrong guess costs much,
// the reading names them all; what is named is asked as 1, 2, 3.
func TestExplainAsks(t *testing.T) {
	t.Parallel()
	bot, err := handlers.New("清河县")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text, role string
		asked      []string
	}{
		{"昨天收到几份备案", "staff", []string{"review.pending", "stats.query"}},
		{"本周收到几份备案", "staff", []string{"review.pending", "stats.query"}},
		{"发个模板，再说下怎么用", "secretary", []string{"help", "template.get"}},
		{"先不报了，做不下去", "secretary", []string{"topic.terminate", "topic.withdraw"}},
		{"先不报了，项目不做了", "secretary", []string{"topic.terminate", "topic.withdraw"}},
		{"报错了，课题不搞了", "secretary", []string{"topic.terminate", "topic.withdraw"}},
		{"提交错了，做不下去了", "secretary", []string{"topic.terminate", "topic.withdraw"}},
		{"撤回来，这个课题不做了", "secretary", []string{"topic.terminate", "topic.withdraw"}},
		{"通过三号，退回五号", "staff", []string{"filing.approve", "filing.return"}},
		{"三号通过，五号退回", "staff", []string{"filing.approve", "filing.return"}},
		{"三号五号过了，四号打回去", "staff", []string{"filing.approve", "filing.return"}},
		{"通过1号，3号退回，试点太少", "staff", []string{"filing.approve", "filing.return"}},
		{"一号准予备案，二号驳回", "staff", []string{"filing.approve", "filing.return"}},
		{"1号可以备案，2号退掉", "staff", []string{"filing.approve", "filing.return"}},
		{"退回清河镇的，石桥乡的同意备案", "staff", []string{"filing.approve", "filing.return"}},
	} {
		got := bot.Explain(tt.text, tt.role, corpusNow())
		asked, _ := got.Slots["candidates"].([]string)
		asked = slices.Sorted(slices.Values(asked))
		if got.Intent != "ask" || !slices.Equal(asked, tt.asked) {
			t.Errorf("%q (%s): %s %v, want to be asked %v", tt.text, tt.role, got.Intent, asked, tt.asked)
		}
	}
}
