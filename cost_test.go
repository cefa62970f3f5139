package main

import "testing"

// TestFormAnswerCostsTwoCallsOnTheWire is decision D1 over the whole bot: one
// load and one commit for an answer, one read more for a question.
func TestFormAnswerCostsTwoCallsOnTheWire(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageConfig{silent: true})
	say := func(text string) int64 {
		t.Helper()
		from := s.wires.calls.Load()
		if d, err := s.sim.Say(t.Context(), "lichunmei", text); err != nil || d.Reply == "" {
			t.Fatalf("%s: %+v, %v", text, d, err)
		}
		return s.wires.calls.Load() - from
	}
	say("我要报课题")      // teaches the process scripts, calendar and unit
	say("党员积分管理办法探索") // and the script that finds similar titles
	if calls := say("改 1 村级党群议事会机制探索"); calls != 3 {
		t.Errorf("the title costs %d calls, want 3: one more for what is alike", calls)
	}
	for _, answer := range []string{
		"3.3", "村里大事议而不决、决而不公开，去年这方面的信访有 6 件，群众意见大。", "柳林村党支部、河湾村党支部",
		"建立议题收集、党群联议、结果公开三个环节，每月 10 日为议事日。", "2027年3月 调研；2027年12月 试点；2028年6月 推开", "每月议事；每季公开", "1",
		"相关信访下降一半以上。", "1、3", "1", "确认", "四项制度：1", "集体研究：党委会 11月20日", "改 4 加 东庄村党支部", "预览", "返回",
	} {
		if calls := say(answer); calls != 2 {
			t.Errorf("%q costs %d calls, want 2", answer, calls)
		}
	}
	for question, most := range map[string]int64{
		"截止": 2, "统计": 3, "帮助": 3,
		"进度": 3, // the draft: the unit's record says that there are no topics
	} {
		say(question) // what never changes is remembered
		if calls := say(question); calls > most {
			t.Errorf("%q costs %d calls, want at most %d", question, calls, most)
		}
	}
}
