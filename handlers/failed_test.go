package handlers_test

import (
	"strings"
	"testing"

	"cxbot/award"
)

// TestFailedAndResend: what could not be delivered is listed in words, and goes
// back into the outbox by number or all together.
func TestFailedAndResend(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	w.memory.Fail(
		award.Failed{Key: "a", To: "lichunmei", Head: "备案提醒", Reason: "errcode 81013 hint: [1] from ip", Code: 81013, At: w.now},
		award.Failed{Key: "b", To: "zhouming", Head: "备案提醒", At: w.now.Add(-1)},
		award.Failed{Key: "c", To: "gone", Head: "开届通知", Code: 99999, At: w.now.Add(-2)},
	)
	ask := func(text string) string {
		t.Helper()
		if err := w.Say("孙静", "", "", text); err != nil {
			t.Fatal(err)
		}
		said := w.heard[len(w.heard)-1].Text
		w.heard = nil
		return said
	}
	if got := ask("重发 1"); !strings.Contains(got, "请先回复 发送失败") {
		t.Errorf("重发 without a list: %q", got)
	}
	list := ask("发送失败")
	for _, part := range []string{"发送失败 3 条", "1 李春梅（清河镇党委）：企业微信里没有这个账号", "2 周明", "没有应答", "3 gone", "代码 99999"} {
		if !strings.Contains(list, part) {
			t.Errorf("list lacks %q: %s", part, list)
		}
	}
	if strings.Contains(list, "hint") {
		t.Errorf("raw platform words are shown: %s", list)
	}
	if got := ask("重发 9"); !strings.Contains(got, "只有 1 到 3 号") {
		t.Errorf("重发 9: %q", got)
	}
	if got := ask("重发 2"); !strings.Contains(got, "1 条") || len(w.memory.Resent) != 1 || w.memory.Resent[0] != "b" {
		t.Errorf("重发 2: %q, resent %v", got, w.memory.Resent)
	}
	ask("发送失败")
	if ask("重发 全部"); len(w.memory.Resent) != 3 {
		t.Errorf("resent %v", w.memory.Resent)
	}
	if got := ask("发送失败"); !strings.Contains(got, "没有发送失败") {
		t.Errorf("after all: %q", got)
	}
}
