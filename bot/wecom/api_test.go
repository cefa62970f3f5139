package wecom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	wechat "github.com/silenceper/wechat/v2/util"

	"cxbot/bot"
	"cxbot/chat"
)

func TestSendText(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	a := newApp(t, f.URL)
	m := say("LiChunmei", "A&B <b>\n<a href='x'>c</a>\x01")
	if err := a.Send(t.Context(), m, ""); err != nil {
		t.Fatal(err)
	}
	calls := f.of("/cgi-bin/message/send")
	want := `{"touser":"lichunmei","msgtype":"text","agentid":218,"text":{"content":"A&B <b>\n＜a href='x'>c</a>"},"enable_duplicate_check":0}`
	if len(calls) != 1 || calls[0].body != want || calls[0].token != "PLANTED-token-1" {
		t.Errorf("calls %+v\nwant %s", calls, want)
	}
	if got := f.of("/cgi-bin/gettoken"); len(got) != 1 || got[0].query != "corpid="+sampleCorp+"&corpsecret=PLANTED%2Fsecret%2B1" {
		t.Errorf("gettoken %+v", got)
	}
}

func TestDuplicateCheck(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	a := newApp(t, f.URL)
	for priority, want := range map[chat.Priority]float64{
		chat.PriorityReply: 0, chat.PriorityReceipt: 0, chat.PriorityReminder: 1, chat.PriorityDigest: 1,
	} {
		m := say("a", "p"+strconv.Itoa(int(priority)))
		m.Priority = priority
		if err := a.Send(t.Context(), m, ""); err != nil {
			t.Fatal(err)
		}
		calls := f.of("/message/send")
		if got := fieldsOf(t, calls[len(calls)-1].body)["enable_duplicate_check"]; got != want {
			t.Errorf("priority %d: %v, want %v", priority, got, want)
		}
	}
}

func TestSendCard(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	a := newApp(t, f.URL)
	m := say("a", "请确认。")
	m.Card = action()
	if err := a.Send(t.Context(), m, "rpt-42@v1"); err != nil {
		t.Fatal(err)
	}
	calls := f.of("/message/send")
	if len(calls) != 2 || !strings.Contains(calls[0].body, "请确认。") {
		t.Fatalf("calls %+v", calls)
	}
	want := `{"touser":"a","msgtype":"template_card","agentid":218,"template_card":{"card_type":"button_interaction","task_id":"rpt-42@v1",` +
		`"main_title":{"title":"确认报送","desc":"张三"},"horizontal_content_list":[{"keyname":"编号","value":"A-17"}],` +
		`"button_list":[{"type":0,"text":"确认","style":1,"key":"确认 A-17"},{"type":0,"text":"退回","style":2,"key":"退回 A-17"},` +
		`{"type":0,"text":"看","style":4,"key":"看 A-17"}]},"enable_duplicate_check":0}`
	if calls[1].body != want {
		t.Errorf("card\n%s\nwant\n%s", calls[1].body, want)
	}
}

func TestSendLongText(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	a := newApp(t, f.URL)
	words := strings.Repeat("长", 500) + "\n" + strings.Repeat("文", 700)
	if err := a.Send(t.Context(), say("a", words), ""); err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, call := range f.of("/message/send") {
		body, _ := fieldsOf(t, call.body)["text"].(map[string]any)
		content, _ := body["content"].(string)
		if len(content) > maxText {
			t.Errorf("a part of %d bytes", len(content))
		}
		parts = append(parts, content)
	}
	if len(parts) != 3 || parts[0] != strings.Repeat("长", 500) || strings.Join(parts[1:], "") != strings.Repeat("文", 700) {
		t.Errorf("%d parts", len(parts))
	}
}

// TestPartialFailure: a repeat does not say the text twice.
func TestPartialFailure(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	var broken atomic.Bool
	broken.Store(true)
	f.script = func(_ *fakeAPI, s seen) (int, http.Header, string, bool) {
		return http.StatusBadGateway, nil, "", strings.Contains(s.body, "template_card") && broken.Load()
	}
	a := newApp(t, f.URL)
	m := say("a", "请确认。")
	m.Card = action()
	for range 3 {
		if err := a.Send(t.Context(), m, "t-1"); !errors.Is(err, ErrUnknown) {
			t.Fatalf("error %v", err)
		}
	}
	broken.Store(false)
	if err := a.Send(t.Context(), m, "t-1"); err != nil {
		t.Fatal(err)
	}
	texts, cards := 0, 0
	for _, call := range f.of("/message/send") {
		if strings.Contains(call.body, "template_card") {
			cards++
		} else {
			texts++
		}
	}
	if texts != 1 || cards != 4 {
		t.Errorf("%d texts, %d cards; want 1 and 4", texts, cards)
	}
	if err := a.Send(t.Context(), m, "t-1"); err != nil {
		t.Fatal(err)
	}
	if got := len(f.of("/message/send")); got != 7 {
		t.Errorf("a finished message is not sent whole again: %d calls", got)
	}
}

// TestRefusedCard: what the card said arrives as text.
func TestRefusedCard(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text, task string
		change           func(*chat.Card)
		code, want       int // want: texts sent
	}{
		{"field refused, no text", "", "t", nil, 42039, 1},
		{"field refused, text before", "请确认。", "t", nil, 42039, 1},
		{"no callback", "", "t", nil, 43012, 1},
		{"no task", "请确认。", "", nil, 0, 1},
		{"bad task, no text", "", "a b", nil, 0, 1},
		{"seven buttons", "", "t", func(c *chat.Card) { c.Buttons = slices.Repeat(c.Buttons, 3) }, 0, 1},
		{"long key", "", "t", func(c *chat.Card) { c.Buttons[0].Say = strings.Repeat("x", 1025) }, 0, 1},
		{"key twice", "", "t", func(c *chat.Card) { c.Buttons[1].Say = c.Buttons[0].Say }, 0, 1},
		{"no title", "", "t", func(c *chat.Card) { c.Title = " " }, 0, 1},
		{"row without a name", "", "t", func(c *chat.Card) { c.Rows[0].Name = "" }, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFakeAPI(t)
			f.script = func(_ *fakeAPI, s seen) (int, http.Header, string, bool) {
				return http.StatusOK, nil, fmt.Sprintf(`{"errcode":%d,"errmsg":"no"}`, test.code), strings.Contains(s.body, "template_card")
			}
			var counted []string
			a := newApp(t, f.URL, func(c *Config) { c.Count = func(o string) { counted = append(counted, o) } })
			m := chat.Message{Key: "k", To: "a", Text: test.text, Card: action()}
			if test.change != nil {
				test.change(m.Card)
			}
			if err := a.Send(t.Context(), m, test.task); err != nil {
				t.Fatal(err)
			}
			texts := 0
			for _, call := range f.of("/message/send") {
				if strings.Contains(call.body, `"msgtype":"text"`) {
					texts++
				}
			}
			if texts != test.want || !slices.Equal(counted, []string{OutcomeCardRefused}) {
				t.Errorf("%d texts, counted %v", texts, counted)
			}
		})
	}
	const want = "确认报送\n张三\n编号：A-17\n请回复“确认 A-17”或“退回 A-17”或“看 A-17”。"
	if got := cardText(*action()); got != want {
		t.Errorf("the card in words:\n%s", got)
	}
}

// TestCardShownBefore: task ids are taken once, so a card whose first answer was
// lost is there already; its words are not said again.
func TestCardShownBefore(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "请确认。"} {
		f := newFakeAPI(t)
		f.script = func(_ *fakeAPI, s seen) (int, http.Header, string, bool) {
			return http.StatusOK, nil, `{"errcode":42014,"errmsg":"invalid task_id"}`, strings.Contains(s.body, "template_card")
		}
		var counted []string
		a := newApp(t, f.URL, func(c *Config) { c.Count = func(o string) { counted = append(counted, o) } })
		if err := a.Send(t.Context(), chat.Message{Key: "k", To: "a", Text: text, Card: action()}, "t"); err != nil {
			t.Fatal(err)
		}
		texts := 0
		for _, call := range f.of("/message/send") {
			if strings.Contains(call.body, `"msgtype":"text"`) {
				texts++
			}
		}
		if texts != len(text)/len("请确认。") || !slices.Equal(counted, []string{OutcomeCardShown}) {
			t.Errorf("%d texts, counted %v", texts, counted)
		}
	}
}

func TestCardLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("字", 200)
	c := chat.Card{Title: long, Desc: long, Buttons: []chat.Button{{Label: long, Say: "x", Style: 9}}}
	for range 8 {
		c.Rows = append(c.Rows, chat.Row{Name: long, Value: long})
	}
	card, err := newCard(c, strings.Repeat("t", 128))
	if err != nil {
		t.Fatal(err)
	}
	runes := func(s string) int { return len([]rune(s)) }
	if runes(card.Title.Title) != 36 || card.Title.Desc != "" || runes(card.Sub) != 160 || len(card.Rows) != 6 ||
		runes(card.Rows[0].Name) != 5 || runes(card.Rows[0].Value) != 30 || runes(card.Buttons[0].Text) != 10 || card.Buttons[0].Style != 1 {
		t.Errorf("%+v", card)
	}
	if _, err = newCard(c, strings.Repeat("t", 129)); err == nil {
		t.Error("a task of 129 bytes is taken")
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	a := newApp(t, f.URL)
	m := chat.Message{Key: "k", To: "LiChunmei", Update: &chat.Update{Code: "RC", Label: "已通过"}}
	if err := a.Send(t.Context(), m, ""); err != nil {
		t.Fatal(err)
	}
	calls := f.of("/message/update_template_card")
	want := `{"userids":["lichunmei"],"agentid":218,"response_code":"RC","button":{"replace_name":"已通过"}}`
	if len(calls) != 1 || calls[0].body != want || calls[0].token != "PLANTED-token-1" {
		t.Errorf("%+v", calls)
	}
	for answer, class := range map[string]bot.Class{
		`{"errcode":60140,"errmsg":"used"}`:                             bot.Expired,
		`{"errcode":42015,"errmsg":"other app"}`:                        bot.Permanent,
		`{"errcode":0,"errmsg":"ok","invaliduser":["x","LICHUNMEI"]}`:   bot.Receiver,
		`{"errcode":0,"errmsg":"ok","unlicenseduser":["lichunmei"]}`:    bot.Receiver,
		`{"errcode":"60140","errmsg":"used, and the code is a string"}`: bot.Expired,
	} {
		f.mu.Lock()
		f.script = answerOn("/update_template_card", answer)
		f.mu.Unlock()
		wantClass(t, a.Send(t.Context(), m, ""), class)
	}
	m.Update = &chat.Update{Label: "已通过"}
	wantClass(t, a.Send(t.Context(), m, ""), bot.Expired)
}

func TestBases(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	for _, suffix := range []string{"", "/", "/gov/wx", "/gov/wx/", "/gov/wx/cgi-bin"} {
		if err := newApp(t, f.URL+suffix).Send(t.Context(), say("a", "x"), ""); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"", "", "/gov/wx", "/gov/wx", "/gov/wx"} {
		if got := f.of("/message/send")[i].path; got != want+"/cgi-bin/message/send" {
			t.Errorf("path %s", got)
		}
	}
	for _, base := range []string{"qyapi.weixin.qq.com", "ftp://x", "http://u:PLANTED@x", "http://x?a=1", "http://x#f", "http://", ":"} {
		_, err := New(Config{APIBase: base, CorpID: "c", Secret: "s", AgentID: 1, Now: noon})
		if err == nil {
			t.Errorf("base %q is taken", base)
		}
		noSecret(t, err)
	}
	if _, err := New(Config{CorpID: "c", Secret: "s", Now: noon}); err == nil {
		t.Error("an app without a number is made")
	}
	if a := newApp(t, ""); a.link.base.String() != DefaultAPIBase {
		t.Errorf("default base %s", a.link.base)
	}
}

// TestManyApps: two apps in one process never meet, though the library has one
// client for all.
func TestManyApps(t *testing.T) {
	t.Parallel()
	first, second := newFakeAPI(t), newFakeAPI(t)
	a, b := newApp(t, first.URL), newApp(t, second.URL)
	hook := newWebhook(t, second.URL+"/hook")
	var group sync.WaitGroup
	for i := range 40 {
		words := strconv.Itoa(i)
		group.Go(func() { _ = a.Send(t.Context(), say("a", "first "+words), "") })
		group.Go(func() { _ = b.Send(t.Context(), say("b", "second "+words), "") })
		group.Go(func() { _ = hook.Send(t.Context(), say("group:g", "hook "+words), "") })
	}
	group.Wait()
	for name, calls := range map[string][]seen{
		"first": first.of("/message/send"), "second": second.of("/message/send"), "hook": second.of("/webhook/send"),
	} {
		if len(calls) != 40 {
			t.Errorf("%s got %d calls", name, len(calls))
		}
		for _, call := range calls {
			if !strings.Contains(call.body, name) {
				t.Errorf("%s got %s", name, call.body)
			}
		}
	}
}

// TestLibraryStaysInside: what the library sends on its own leads nowhere.
func TestLibraryStaysInside(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	_ = newApp(t, f.URL)
	for _, address := range []string{f.URL, f.URL + "/?access_token=ticket-0", "https://qyapi.weixin.qq.com/cgi-bin/x?key=1"} {
		if _, err := wechat.HTTPGet(address); !errors.Is(err, errNoTicket) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if len(f.calls) != 0 {
		t.Errorf("%d calls made", len(f.calls))
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	a := newApp(t, f.URL)
	if err := a.Check(t.Context()); err != nil || !strings.Contains(f.of("/agent/get")[0].query, "agentid=218") {
		t.Errorf("%v, %+v", err, f.calls)
	}
	f.mu.Lock()
	f.script = answerOn("/agent/get", `{"errcode":60020,"errmsg":"not allow to access from your ip, from ip: 1.2.3.4"}`)
	f.mu.Unlock()
	known := wantClass(t, a.Check(t.Context()), bot.Wait)
	if known.After != 5*time.Minute || !strings.Contains(known.Text, "1.2.3.4") {
		t.Errorf("%+v", known)
	}
}

func TestFrequency(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	clock := newWatch()
	a := newApp(t, f.URL, func(c *Config) { c.Now = clock.Now })
	limited := answerOn("/message/send", `{"errcode":45009,"errmsg":"api freq out of limit"}`)
	set := func(script func(*fakeAPI, seen) (int, http.Header, string, bool)) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.script = script
	}
	set(limited)
	send := func(calls int, after time.Duration) {
		t.Helper()
		err := a.Send(t.Context(), say("a", "x"), "")
		if after == 0 {
			if err != nil {
				t.Fatal(err)
			}
		} else if known := wantClass(t, err, bot.Wait); known.After != after || known.Code != codeFrequency {
			t.Errorf("after %v, want %v", known.After, after)
		}
		if got := len(f.of("/message/send")); got != calls {
			t.Errorf("%d calls, want %d", got, calls)
		}
	}
	send(1, time.Minute)
	clock.add(30 * time.Second)
	send(1, 30*time.Second) // Held back, no call.
	clock.add(30 * time.Second)
	send(2, time.Hour)
	clock.add(time.Hour)
	send(3, 24*time.Hour)
	clock.add(24*time.Hour + time.Second)
	set(nil)
	send(4, 0)
	set(limited)
	send(5, time.Minute)
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	entered, release := make(chan struct{}), make(chan struct{})
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		f.serve(w, r)
	})
	a := newApp(t, f.URL)
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { first <- a.Send(ctx, say("a", "x"), "") }()
	<-entered
	cancel()
	wantClass(t, <-first, bot.Retry) // The token never came, so nothing was sent.
	close(release)
}
