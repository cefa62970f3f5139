package simulator

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser starts a real Chromium or skips with the reason.
func browser(t *testing.T) context.Context {
	t.Helper()

	const path = "/usr/bin/chromium"

	_, err := os.Stat(path)
	if err != nil {
		if os.Getenv("CXBOT_TEST_REQUIRE_BROWSER") == "1" {
			t.Fatalf("a browser is required: %v", err)
		}

		t.Skipf("no browser: %v", err)
	}

	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.NoFirstRun,
	)

	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stopAlloc)

	page, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)

	return page
}

// shot keeps a screenshot where CXBOT_TEST_SCREENSHOTS asks for it.
func shot(t *testing.T, page context.Context, name string) { //nolint:revive // The browser's context is the subject here.
	t.Helper()

	dir := os.Getenv("CXBOT_TEST_SCREENSHOTS")
	if dir == "" {
		return
	}

	time.Sleep(300 * time.Millisecond) // Lets the bubble's entrance end; nothing is judged by it.

	data, err := chromedp.Run(page, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600)
	}

	if err != nil {
		t.Error(err)
	}
}

// see waits until the script expression is true.
func see(t *testing.T, page context.Context, what, script string) { //nolint:revive // As above.
	t.Helper()

	limited, cancel := context.WithTimeout(page, 10*time.Second)
	defer cancel()

	_, err := chromedp.Run(limited, chromedp.Poll[bool](script))
	if err != nil {
		shot(t, page, "failed")
		t.Fatalf("not seen: %s: %v", what, err)
	}
}

// has is the expression "the element's text contains the words".
func has(selector, words string) string {
	return fmt.Sprintf("(document.querySelector(%q)?.innerText || '').includes(%q)", selector, words)
}

// panelServer is the bot's document for the side panel.
func panelServer(t *testing.T) string {
	t.Helper()

	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"课题":{"待确认":2,"已备案":14,"已退回":1},"待发消息":0,"当前届":"2026—2028","存储":"内存"}`)
	}))
	t.Cleanup(srv.Close)

	return srv.URL
}

// chatty is a bot that answers with a text and a card, and greys the card out.
func chatty(r *rig) func(http.ResponseWriter, int, heardMessage) {
	return func(w http.ResponseWriter, n int, m heardMessage) {
		switch {
		case m.Event == "enter_agent":
			r.reply(w, m, textField("MsgType", "text"), textField("Content",
				"您好！我是创新奖助手。\n可以直接对我说：\n1. 我要报课题\n2. 我的进度\n3. 帮助\n详情 http://127.0.0.1:8080/u/abc。"))
		case m.Event == "template_card_event":
			r.call("message/update_template_card", fmt.Sprintf(
				`{"userids":[%q],"agentid":218,"response_code":%q,"button":{"replace_name":"已确认报送"}}`, m.FromUserName, m.ResponseCode))
			r.call("message/send", sendText("wangjianguo", "新报送：柳林镇《党建联建共富机制》，请您确认。"))
		case m.MsgType == "text":
			r.call("message/send", sendCard(m.FromUserName, fmt.Sprint("t", n), "党建联建共富机制", "确认报送", "修改", "存草稿", "放弃"))
			r.reply(w, m, textField("MsgType", "text"), textField("Content",
				"<b>课题名称</b>已记下：党建联建共富机制\n"+strings.Repeat("https://example.invalid/", 12)+strings.Repeat("长", 60)))
		}
	}
}

func TestPageInABrowser(t *testing.T) {
	t.Parallel()

	page := browser(t)
	r := newRig(t, func(c *Config) {
		for i := range 30 {
			c.People = append(c.People, Member{
				UserID: fmt.Sprint("u", i), Name: fmt.Sprint("测试", i), Unit: fmt.Sprintf("第%d乡镇党委", i/3), Post: "组织委员", Roles: []string{"填报人"},
			})
		}
	})
	r.on(chatty(r))

	srv := pageRig(t, r, func(c *WebConfig) {
		c.PanelURL = panelServer(t)
		c.Clock = func(_ context.Context, q ClockRequest) (time.Time, error) {
			r.advance(q.Advance)
			r.post("webhook/send?key=hook-1", `{"msgtype":"text","text":{"content":"课题备案截止还有3天。"}}`)

			return r.now(), nil
		}
	})

	token := r.token()
	menu := r.post("menu/create?agentid=218&access_token="+token,
		`{"button":[{"type":"click","name":"报课题","key":"我要报课题"},{"name":"更多","sub_button":[{"type":"click","name":"帮助","key":"帮助"}]}]}`)
	if code(menu) != 0 {
		t.Fatal(menu)
	}

	err := chromedp.Do(page,
		chromedp.EmulateViewport(1280, 860), chromedp.Navigate(srv.URL), chromedp.WaitVisible(chromedp.CSS(".person")),
		chromedp.SendKeys(chromedp.CSS("#search"), "李春"), chromedp.Click(chromedp.CSS(`[data-user="LiChunmei"]`)),
	)
	if err != nil {
		t.Fatal(err)
	}

	see(t, page, "the greeting", has("#chat", "可以直接对我说"))

	err = chromedp.Do(page, chromedp.SendKeys(chromedp.CSS("#text"), "我要报课题\r"))
	if err != nil {
		t.Fatal(err)
	}

	see(t, page, "the reply, tags as text", has("#chat", "<b>课题名称</b>已记下"))
	see(t, page, "the card", `document.querySelectorAll('.card .buttons button').length === 4`)
	shot(t, page, "desktop")

	err = chromedp.Do(page, chromedp.Click(chromedp.CSS(".card .buttons button")))
	if err != nil {
		t.Fatal(err)
	}

	see(t, page, "the greyed-out card", has(".card.done .buttons", "已确认报送"))
	see(t, page, "the other person's badge", `document.querySelector('[data-user="LiChunmei"]') && !document.querySelector('#others').hidden`)
	see(t, page, "the facts", has("#facts", "待确认"))

	err = chromedp.Do(page,
		chromedp.Click(chromedp.CSS(`[data-advance="1h"]`)), chromedp.Click(chromedp.CSS("#tab-groups")),
		chromedp.Click(chromedp.CSS(`[data-group="wrG1"]`)),
	)
	if err != nil {
		t.Fatal(err)
	}

	see(t, page, "the group's message", has("#chat", "课题备案截止还有3天"))
	see(t, page, "the new time", has("#time-hour", "10:0"))
	shot(t, page, "desktop-group")
}

func TestPageOnAPhone(t *testing.T) {
	t.Parallel()

	page := browser(t)
	r := newRig(t, nil)
	r.on(chatty(r))

	srv := pageRig(t, r, func(c *WebConfig) {
		c.Clock = func(context.Context, ClockRequest) (time.Time, error) { return r.now(), nil }
	})

	noScroll := func(where string) {
		t.Helper()
		see(t, page, "no sideways scrolling on "+where, `document.documentElement.scrollWidth <= 390 &&
			[...document.querySelectorAll('body *')].every(e => e.closest('#roles') || e.closest('.sr') || e.getBoundingClientRect().right <= 391)`)
	}

	err := chromedp.Do(page,
		chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile), chromedp.Navigate(srv.URL), chromedp.WaitVisible(chromedp.CSS(".person")),
	)
	if err != nil {
		t.Fatal(err)
	}

	noScroll("the list")
	shot(t, page, "phone-list")

	err = chromedp.Do(page, chromedp.Click(chromedp.CSS(`[data-user="LiChunmei"]`)))
	if err != nil {
		t.Fatal(err)
	}

	see(t, page, "the greeting", has("#chat", "可以直接对我说"))

	err = chromedp.Do(page,
		chromedp.SendKeys(chromedp.CSS("#text"), strings.Repeat("没有空格的长词", 20)), chromedp.Click(chromedp.CSS("#send")),
		chromedp.WaitVisible(chromedp.CSS(".card .buttons button")),
	)
	if err != nil {
		t.Fatal(err)
	}

	noScroll("the chat")

	_, err = r.sim.SendMedia(ctx(t), "LiChunmei", SendKindFile, "柳林镇党建联建共富机制创新方案(第三稿).docx", []byte("PK 12345"))
	if err == nil {
		err = chromedp.Do(page, chromedp.Click(chromedp.CSS(".card .buttons button")), chromedp.WaitVisible(chromedp.CSS(".card.done")))
	}

	if err != nil {
		t.Fatal(err)
	}

	see(t, page, "the truth about files", has("#chat", "对方收不到"))
	noScroll("the chat with a file")
	shot(t, page, "phone-chat")

	err = chromedp.Do(page, chromedp.Click(chromedp.CSS("#clock-toggle")), chromedp.Click(chromedp.CSS("#plus")))
	if err != nil {
		t.Fatal(err)
	}

	noScroll("the chat with all tools open")
	shot(t, page, "phone-tools")
}
