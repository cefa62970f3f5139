package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestCardLimits(t *testing.T) {
	t.Parallel()

	items := func(n int, format string) string {
		out := make([]string, n)
		for i := range out {
			out[i] = strings.ReplaceAll(format, "#", fmt.Sprint(i))
		}

		return strings.Join(out, ",")
	}
	head := `"main_title":{"title":"标题"},`
	action := `"card_action":{"type":1,"url":"https://a"}`
	button := `{"text":"好","key":"k#"}`
	options := func(n int, text string) string { return `[` + items(n, `{"id":"o#","text":"`+text+`"}`) + `]` }

	tests := []struct {
		name, card string
		want       int
	}{
		{"unknown type", `"card_type":"poster",` + head + `"task_id":"a"`, codeParameter},
		{"no task", `"card_type":"button_interaction",` + head + `"button_list":[` + button + `]`, codeTaskID},
		{"task with a slash", `"card_type":"button_interaction","task_id":"a/b",` + head + `"button_list":[` + button + `]`, codeTaskID},
		{"long task", `"card_type":"button_interaction","task_id":"` + strings.Repeat("a", 129) + `",` + head + `"button_list":[` + button + `]`, codeTaskID},
		{"no title", `"card_type":"button_interaction","task_id":"a","button_list":[` + button + `]`, codeParameter},
		{"no buttons", `"card_type":"button_interaction","task_id":"a",` + head + `"button_list":[]`, codeParameter},
		{"seven buttons", `"card_type":"button_interaction","task_id":"a",` + head + `"button_list":[` + items(7, button) + `]`, codeParameter},
		{"long label", `"card_type":"button_interaction","task_id":"a",` + head + `"button_list":[{"text":"一二三四五六七八九十一","key":"k"}]`, codeButtonText},
		{"same key", `"card_type":"button_interaction","task_id":"a",` + head + `"button_list":[{"text":"好","key":"k"},{"text":"坏","key":"k"}]`, codeButtonKey},
		{"no key", `"card_type":"button_interaction","task_id":"a",` + head + `"button_list":[{"text":"好"}]`, codeButtonKey},
		{"long key", `"card_type":"button_interaction","task_id":"a",` + head + `"button_list":[{"text":"好","key":"` + strings.Repeat("k", 1025) + `"}]`, codeButtonKey},
		{"page button without url", `"card_type":"button_interaction","task_id":"a",` + head + `"button_list":[{"type":1,"text":"好"}]`, codeParameter},
		{"seven rows", `"card_type":"button_interaction","task_id":"a",` + head + `"horizontal_content_list":[` + items(7, `{"keyname":"a"}`) + `],"button_list":[` + button + `]`, codeRowCount},
		{"row without name", `"card_type":"button_interaction","task_id":"a",` + head + `"horizontal_content_list":[{"value":"a"}],"button_list":[` + button + `]`, codeKeyName},
		{"row without url", `"card_type":"button_interaction","task_id":"a",` + head + `"horizontal_content_list":[{"keyname":"a","type":1}],"button_list":[` + button + `]`, codeRowURL},
		{"row without media", `"card_type":"button_interaction","task_id":"a",` + head + `"horizontal_content_list":[{"keyname":"a","type":2}],"button_list":[` + button + `]`, codeRowMedia},
		{"row without member", `"card_type":"button_interaction","task_id":"a",` + head + `"horizontal_content_list":[{"keyname":"a","type":3}],"button_list":[` + button + `]`, codeRowMember},
		{"four links", `"card_type":"text_notice",` + head + action + `,"jump_list":[` + items(4, `{"title":"a"}`) + `]`, codeJumpCount},
		{"notice without action", `"card_type":"text_notice",` + head + `"sub_title_text":"x"`, codeCardAction},
		{"news without picture", `"card_type":"news_notice",` + head + action, codeCardPicture},
		{"menu key twice", `"card_type":"text_notice","task_id":"a",` + head + action + `,"action_menu":{"action_list":[{"text":"a","key":"k"},{"text":"b","key":"k"}]}`, codeMenuKeyTwice},
		{"menu of four", `"card_type":"text_notice","task_id":"a",` + head + action + `,"action_menu":{"action_list":[` + items(4, button) + `]}`, codeParameter},
		{"vote without box", `"card_type":"vote_interaction","task_id":"a",` + head + `"submit_button":{"key":"s"}`, codeParameter},
		{"21 votes", `"card_type":"vote_interaction","task_id":"a",` + head + `"submit_button":{"key":"s"},"checkbox":{"question_key":"q","option_list":` + options(21, "a") + `}`, codeParameter},
		{"vote without submit", `"card_type":"vote_interaction","task_id":"a",` + head + `"checkbox":{"question_key":"q","option_list":` + options(2, "a") + `}`, codeSubmitKey},
		{"long option", `"card_type":"vote_interaction","task_id":"a",` + head + `"submit_button":{"key":"s"},"checkbox":{"question_key":"q","option_list":` + options(2, strings.Repeat("长", 18)) + `}`, codeOptionText},
		{"four selects", `"card_type":"multiple_interaction","task_id":"a",` + head + `"submit_button":{"key":"s"},"select_list":[` + items(4, `{"question_key":"q#","option_list":`+`[{"id":"1","text":"a"}]}`) + `]`, codeSelectCount},
		{"same question", `"card_type":"multiple_interaction","task_id":"a",` + head + `"submit_button":{"key":"s"},"select_list":[` + items(2, `{"question_key":"q","option_list":`+`[{"id":"1","text":"a"}]}`) + `]`, codeSelectKey},
		{"option without id", `"card_type":"multiple_interaction","task_id":"a",` + head + `"submit_button":{"key":"s"},"select_list":[{"question_key":"q","option_list":[{"text":"a"}]}]`, codeOptionID},
		{"buttons", `"card_type":"button_interaction","task_id":"A-z_0@9",` + head + `"button_list":[` + items(6, button) + `]`, 0},
		{"vote", `"card_type":"vote_interaction","task_id":"a",` + head + `"submit_button":{"key":"s"},"checkbox":{"question_key":"q","option_list":` + options(20, "a") + `}`, 0},
		{"multiple", `"card_type":"multiple_interaction","task_id":"a",` + head + `"submit_button":{"key":"s"},"select_list":[{"question_key":"q","option_list":` + options(10, "a") + `}]`, 0},
		{"notice", `"card_type":"text_notice",` + head + action, 0},
		{"news", `"card_type":"news_notice",` + head + action + `,"card_image":{"url":"https://a/b.png"}`, 0},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			r := newRig(t, nil)

			answer := r.call("message/send", `{"touser":"sunjing","msgtype":"template_card","agentid":218,"template_card":{`+tt.card+`}}`)
			if code(answer) != tt.want {
				t.Errorf("got %v, want %d", answer, tt.want)
			}
		})
	}
}

func TestCardNeedsCallback(t *testing.T) {
	t.Parallel()

	r := newRig(t, func(c *Config) { c.CallbackURL = "" })
	if got := code(r.call("message/send", sendCard("sunjing", "t1", "标题", "好"))); got != codeNoCallback {
		t.Errorf("got %d", got)
	}
}

func TestCardIsCutOnTheScreen(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	r.call("message/send", sendCard("sunjing", "t1", strings.Repeat("题", 40), "好"))

	c := r.sim.Shown()[0].Card
	if c.Title != strings.Repeat("题", 36)+"…" || c.Rows[0] != (Row{"单位", "柳林镇党委"}) ||
		c.Buttons[0] != (Button{Label: "好", Key: "key-好", Task: "t1", Style: 1}) {
		t.Errorf("card %+v", c)
	}
}

func TestTaskIDsAreUnique(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	if got := code(r.call("message/send", sendCard("ghost", "t1", "标题", "好"))); got != codeAllInvalid {
		t.Fatalf("ghost: %d", got)
	}

	for i, want := range []int{0, codeTaskID} {
		if got := code(r.call("message/send", sendCard("sunjing", "t1", "标题", "好"))); got != want {
			t.Errorf("send %d: %d", i+1, got)
		}
	}
}

func update(codeText, rest string) string {
	return fmt.Sprintf(`{"userids":["sunjing"],"agentid":218,"response_code":%q,%s}`, codeText, rest)
}

func TestClickAndUpdate(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	sent := r.call("message/send", sendCard("sunjing|LiChunmei", "t1", "确认报送", "确认报送", "修改"))
	first, _ := sent["response_code"].(string)

	d, err := r.sim.Click(ctx(t), "sunjing", "t1", "key-确认报送")
	if err != nil || d.MsgID != "" {
		t.Fatalf("%+v, %v", d, err)
	}

	m := r.all()[0]
	if m.Event != "template_card_event" || m.EventKey != "key-确认报送" || m.TaskId != "t1" || m.ResponseCode == "" || m.ResponseCode == first {
		t.Fatalf("heard %+v", m)
	}

	tests := []struct {
		name, body string
		want       int
	}{
		{"receivers as a string", `{"userids":"sunjing","agentid":218,"response_code":"x","button":{"replace_name":"a"}}`, codeParameter},
		{"nobody", `{"agentid":218,"response_code":"x","button":{"replace_name":"a"}}`, codeNoReceiver},
		{"another agent", `{"userids":["sunjing"],"agentid":1,"response_code":"x","button":{"replace_name":"a"}}`, codeOtherAgent},
		{"no agent", `{"userids":["sunjing"],"response_code":"x","button":{"replace_name":"a"}}`, codeAgent},
		{"neither button nor card", update("x", `"atall":0`), codeParameter},
		{"unknown code", update("x", `"button":{"replace_name":"a"}`), codeResponseCode},
		{"good", update(m.ResponseCode, `"button":{"replace_name":"已报送"}`), 0},
		{"used code", update(m.ResponseCode, `"button":{"replace_name":"已报送"}`), codeResponseCode},
	}
	for _, tt := range tests {
		if got := code(r.call("message/update_template_card", tt.body)); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}

	last := r.sim.Shown()[len(r.sim.Shown())-1]
	if last.Kind != KindUpdate || last.To != "sunjing" || last.Text != "已报送" || last.Card.Title != "确认报送" || last.MsgKey != "t1" {
		t.Errorf("shown %+v", last)
	}

	// The other receiver's copy is untouched; a stranger is named in an array.
	if _, err := r.sim.ClickLabel(ctx(t), "LiChunmei", "确认报送", 0); err != nil {
		t.Error(err)
	}

	answer := r.call("message/update_template_card",
		fmt.Sprintf(`{"userids":["wangjianguo"],"agentid":218,"response_code":%q,"button":{"replace_name":"a"}}`, first))
	if bad, _ := answer["invaliduser"].([]any); code(answer) != 0 || len(bad) != 1 || bad[0] != "wangjianguo" {
		t.Errorf("answer %v", answer)
	}
}

func TestResponseCodeLives72Hours(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	young, _ := r.call("message/send", sendCard("sunjing", "t1", "标题", "好"))["response_code"].(string)
	old, _ := r.call("message/send", sendCard("sunjing", "t2", "标题", "好"))["response_code"].(string)

	r.advance(codeLife - 1)

	if got := code(r.call("message/update_template_card", update(young, `"template_card":{"card_type":"text_notice","main_title":{"title":"新"},"card_action":{"type":1,"url":"https://a"}}`))); got != 0 {
		t.Errorf("just in time: %d", got)
	}

	r.advance(1)

	if got := code(r.call("message/update_template_card", update(old, `"button":{"replace_name":"a"}`))); got != codeResponseCode {
		t.Errorf("too late: %d", got)
	}
}

func TestClickLabel(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	for i := 1; i <= 3; i++ {
		r.call("message/send", sendCard("sunjing", fmt.Sprint("t", i), "标题", "确认", "修改"))
	}

	// The bot greys the pressed card out in its passive reply.
	r.on(func(w http.ResponseWriter, _ int, m heardMessage) {
		r.reply(w, m, textField("MsgType", "update_button"), Field{Name: "Button", Value: "<ReplaceName>" + cdata("已点") + "</ReplaceName>", Raw: true})
	})

	steps := []struct {
		old  int
		task string
	}{{0, "t3"}, {0, "t2"}, {1, "t2"}, {2, "t1"}}
	for i, s := range steps {
		_, err := r.sim.ClickLabel(ctx(t), "SunJing", "确认", s.old)
		if err != nil {
			t.Fatalf("step %d: %v", i+1, err)
		}

		heard := r.all()
		if got := heard[len(heard)-1].TaskId; got != s.task {
			t.Errorf("step %d pressed %s, want %s", i+1, got, s.task)
		}
	}

	// All three are grey now, so there is nothing left to press.
	for _, label := range []string{"确认", "不存在"} {
		if _, err := r.sim.ClickLabel(ctx(t), "sunjing", label, 0); !errors.Is(err, ErrNoButton) {
			t.Errorf("%s: %v", label, err)
		}
	}

	if _, err := r.sim.Click(ctx(t), "LiChunmei", "t1", "key-确认"); !errors.Is(err, ErrNoCard) {
		t.Errorf("somebody else's card: %v", err)
	}

	if last := r.sim.Shown()[len(r.sim.Shown())-1]; last.Kind != KindUpdate || !last.Passive || last.Text != "已点" {
		t.Errorf("shown %+v", last)
	}
}

func TestTextAnswerToAClickIsNotShown(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	r.call("message/send", sendCard("sunjing", "t1", "标题", "好"))
	r.on(func(w http.ResponseWriter, _ int, m heardMessage) {
		r.reply(w, m, textField("MsgType", "text"), textField("Content", "收到"))
	})

	_, err := r.sim.ClickLabel(ctx(t), "sunjing", "好", 0)
	if err != nil || len(r.sim.Shown()) != 1 || len(r.sim.Stats().Problems) != 1 {
		t.Errorf("%v, shown %d, problems %v", err, len(r.sim.Shown()), r.sim.Stats().Problems)
	}
}

func TestUntouchedQuestionsTakeTheFirstOption(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	r.call("message/send", `{"touser":"sunjing","msgtype":"template_card","agentid":218,"template_card":{"card_type":"multiple_interaction",
		"task_id":"m1","main_title":{"title":"选"},"submit_button":{"key":"go"},"select_list":[
		{"question_key":"a","selected_id":"nope","option_list":[{"id":"1","text":"甲"},{"id":"2","text":"乙"}]},
		{"question_key":"b","selected_id":"2","option_list":[{"id":"1","text":"甲"},{"id":"2","text":"乙"}]}]}}`)

	_, err := r.sim.ClickLabel(ctx(t), "sunjing", "提交", 0)
	if err != nil {
		t.Fatal(err)
	}

	if got := strings.Join(r.all()[0].Options, ","); got != "1,2" {
		t.Errorf("options %s", got)
	}
}
