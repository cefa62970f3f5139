package handlers_test

import (
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
		text, role, intent, slot, value string
		missing                         int
	}{
		{"我想报个课题，咋弄", "secretary", "topic.file", "", "", 12},
		{"课题名称：党员积分管理办法探索\n试点：柳林村、河湾村\n完成时间：明年底", "secretary", "topic.file", "finish", "2027年", 9},
		{"没问题了，提交", "secretary", "topic.submit", "", "", 0},
		{"先撤回来，书记说题目要再推敲", "secretary", "topic.withdraw", "reason", "书记说题目要再推敲", 0},
		{"备案还有几天", "group", "deadline.query", "", "", 0},
		{"还有哪几家没报", "staff", "filing.unfiled", "", "", 0},
		{"白马镇那份备案通过，给编号", "staff", "filing.approve", "which", "白马镇", 0},
		{"退回白马镇的，试点单位没写负责人，限3个工作日补", "staff", "filing.return", "days", "3个工作日", 0},
		{"您会做什么", "secretary", "help", "", "", 0},
		{"盖着机密章的能发吗", "secretary", "secrecy.block", "", "", 0},
		{"今天天气", "secretary", "", "", "", 0},
	} {
		got := bot.Explain(tt.text, tt.role, now)
		if got.Intent != tt.intent || len(got.Missing) != tt.missing || got.Slots == nil || tt.slot != "" && got.Slots[tt.slot] != tt.value {
			t.Errorf("%q: %+v", tt.text, got)
		}
	}
}
