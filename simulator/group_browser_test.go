package simulator

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestGroupInABrowser: the chosen person talks in the group and reads the
// robot's answer there; the names are folded, a stranger stands last, and the
// panel's labels stay on one line.
func TestGroupInABrowser(t *testing.T) {
	t.Parallel()

	page := browser(t)
	r := newRig(t, func(c *Config) {
		c.RobotID, c.RobotSecret, c.RobotName, c.Patience = "BOT1", "rs", "小助手", 5*time.Second
		c.People = slices.Insert(c.People, 0, Member{UserID: "zhangsan", Name: "zhangsan", Post: "不在名单里"})
	})
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"本届":{"届次":"2026—2028年度基层党组织建设改革创新成果奖","备案截止":"2026年12月21日（周一）"}}`)
	}))
	t.Cleanup(panel.Close)

	srv := pageRig(t, r, func(c *WebConfig) {
		c.PanelURL = panel.URL
		c.Clock = func(context.Context, ClockRequest) (time.Time, error) { return r.now(), nil }
	})

	if got := dial(t, srv.URL, echoRobot).subscribe(); got != 0 {
		t.Fatalf("subscribe: %d", got)
	}

	err := chromedp.Do(page, chromedp.EmulateViewport(1280, 860), chromedp.Navigate(srv.URL), chromedp.WaitVisible(chromedp.CSS(".person")))
	if err != nil {
		t.Fatal(err)
	}

	see(t, page, "the stranger last", `[...document.querySelectorAll('#list .person')].at(-1).dataset.user === 'zhangsan' && `+has("#list h3:last-of-type", "没有单位"))
	see(t, page, "labels on one line", `[...document.querySelectorAll('#facts dt')].length === 2 &&
		[...document.querySelectorAll('#facts dt')].every(e => e.getClientRects().length === 1 && e.offsetHeight < 80 && e.offsetWidth > 50)`)
	see(t, page, "the open clock tools", `document.querySelector('#clock-toggle').offsetWidth === 0 && document.querySelector('[data-to="next"]').offsetWidth > 0`)

	err = chromedp.Do(page,
		chromedp.Click(chromedp.CSS(`[data-user="sunjing"]`)), chromedp.Click(chromedp.CSS("#tab-groups")), chromedp.Click(chromedp.CSS(`[data-group="wrG1"]`)),
		chromedp.WaitVisible(chromedp.CSS("#members")),
	)
	if err != nil {
		t.Fatal(err)
	}

	see(t, page, "the folded names", has("#who-post", "2 人，展开")+" && !"+has("#who-post", "李春梅"))
	see(t, page, "who talks", `document.querySelector('#text').placeholder === '以孙静的身份在群里说，会自动 @小助手'`)

	err = chromedp.Do(page, chromedp.Click(chromedp.CSS("#members")), chromedp.SendKeys(chromedp.CSS("#text"), "报了多少家\r"))
	if err != nil {
		t.Fatal(err)
	}

	see(t, page, "the names", has("#names", "李春梅、孙静"))
	see(t, page, "the call", has(".row.mine", "@小助手 报了多少家"))
	see(t, page, "the answer in the group", `[...document.querySelectorAll('.row:not(.mine)')].some(e => e.innerText.includes('小助手') && e.innerText.includes('收到：'))`)
	shot(t, page, "desktop-group-talk")
}
