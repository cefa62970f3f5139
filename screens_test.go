package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cxbot/handlers"
	"cxbot/talk"
)

// maxScreen bounds an image in the guides, in bytes.
const maxScreen = 150 << 10

// guideScreens are the images of the guides and the guide each stands in.
var guideScreens = map[string]string{
	"filing.png": "docs/user.md", "confirm.png": "docs/user.md", "review.png": "docs/user.md", "reminder.png": "docs/user.md", "demo.png": "docs/operator.md",
}

// TestScreenshots holds the images of the guides against their limits; with
// -update it takes them anew, in a real browser, from a running demo:
// go test . -run TestScreenshots -update.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	if *update {
		takeScreens(t)
	}
	for name, guide := range guideScreens {
		data, err := os.ReadFile(filepath.Join("docs", "img", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := png.DecodeConfig(bytes.NewReader(data)); err != nil || len(data) > maxScreen {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
		if !strings.Contains(text(t, guide), "(img/"+name+")") {
			t.Errorf("%s does not show %s", guide, name)
		}
	}
}

// camera is a phone's page of a trial.
type camera struct {
	*testing.T

	trial *Trial
	page  context.Context //nolint:containedctx // The browser's context is the browser.
}

func takeScreens(t *testing.T) {
	t.Helper()
	const chromium = "/usr/bin/chromium"
	if _, err := os.Stat(chromium); err != nil {
		t.Fatalf("taking screenshots needs chromium: %v", err)
	}
	if err := os.MkdirAll(filepath.Join("docs", "img"), 0o750); err != nil {
		t.Fatal(err)
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun)...)
	t.Cleanup(stopAlloc)
	page, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)
	// The browser lives as long as the context of the first call.
	if err := chromedp.Do(page); err != nil {
		t.Fatal(err)
	}
	c := &camera{t, newTestTrial(t, true), page}

	c.do(chromedp.EmulateViewport(1120, 640))
	lines := c.filing()
	c.say("lichunmei", lines[:3]...)
	c.be("lichunmei")
	c.shoot("demo.png", "拟解决的突出问题")

	c.do(chromedp.EmulateViewport(390, 780, chromedp.EmulateMobile))
	c.be("lichunmei")
	c.shoot("filing.png", "拟解决的突出问题")
	c.say("lichunmei", lines[3:]...)
	c.settle()
	c.be("wangjianguo")
	c.shoot("confirm.png", "确认报送")
	c.say("wangjianguo", "确认报送")
	c.settle()
	c.say("sunjing", "待审")
	c.be("sunjing")
	c.shoot("review.png", "待审")

	c.be(c.reminded("【备案提醒】"))
	c.shoot("reminder.png", "备案提醒")
}

// reminded lets time pass until somebody is reminded in such words, and returns who.
func (c *camera) reminded(words string) string {
	c.Helper()
	for range 20 {
		seen := len(c.trial.Sim.Shown())
		now := c.trial.Clock.Now()
		next, err := c.trial.Office.Scheduler.Coming(c.Context(), now, now.Add(lookAhead))
		if err == nil && !next.IsZero() {
			err = c.trial.Pump.Advance(c.Context(), next)
		}
		if err != nil || next.IsZero() {
			c.Fatal(next, err)
		}
		for _, shown := range c.trial.Sim.Shown()[seen:] {
			if shown.From == "" && !shown.Group && !shown.Passive && strings.Contains(shown.Text, words) {
				return shown.To
			}
		}
	}
	c.Fatalf("nobody is reminded of %s", words)
	return ""
}

// filing returns what 李春梅 says to file a topic, out of the talk that is a test.
func (c *camera) filing() []string {
	c.Helper()
	source, err := handlers.Talks.ReadFile("testdata/filing.talk")
	if err != nil {
		c.Fatal(err)
	}
	script, err := talk.Parse("filing.talk", string(source))
	if err != nil {
		c.Fatal(err)
	}
	var lines []string
	for _, step := range script.Steps {
		if step.Do != talk.DoSay || step.Who != "李春梅" {
			continue
		}
		lines = append(lines, step.Text)
		if step.Text == "提交" {
			return lines
		}
	}
	c.Fatal("filing.talk does not submit")
	return nil
}

func (c *camera) do(steps ...chromedp.Action[chromedp.Void]) {
	c.Helper()
	limited, cancel := context.WithTimeout(c.page, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(limited, steps...); err != nil {
		c.Fatal(err)
	}
}

func (c *camera) say(who string, lines ...string) {
	c.Helper()
	for _, line := range lines {
		if d, err := c.trial.Sim.Say(c.Context(), who, line); err != nil || d.Reply == "" {
			c.Fatalf("%s says %q: %q, %v", who, line, d.Reply, err)
		}
	}
}

// settle lets the bot send what is due.
func (c *camera) settle() {
	c.Helper()
	if _, err := c.trial.Pump.Settle(c.Context()); err != nil {
		c.Fatal(err)
	}
}

// be opens a person's chat.
func (c *camera) be(user string) {
	c.Helper()
	c.do(chromedp.Navigate(c.trial.PageURL))
	// The list is drawn anew whenever something happens, so it is clicked by script.
	c.until("the list", fmt.Sprintf("(e => { if (e) e.click(); return !!e })(document.querySelector('[data-user=%q]'))", user))
}

// until waits for a script's expression to be true.
func (c *camera) until(what, script string) {
	c.Helper()
	limited, cancel := context.WithTimeout(c.page, 30*time.Second)
	defer cancel()
	if _, err := chromedp.Run(limited, chromedp.Poll[bool](script)); err != nil {
		c.Fatalf("not seen: %s: %v", what, err)
	}
}

// shoot takes a picture once the words are on the screen.
func (c *camera) shoot(name, words string) {
	c.Helper()
	c.until(name+" with "+words, fmt.Sprintf("(document.querySelector('#chat')?.innerText || '').includes(%q)", words))
	time.Sleep(500 * time.Millisecond) // lets the bubble's entrance end
	c.until("the end of the chat", "(e => { e.scrollTop = e.scrollHeight; return true })(document.querySelector('#chat'))")
	data, err := chromedp.Run(c.page, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join("docs", "img", name), data, 0o600)
	}
	if err != nil {
		c.Fatal(err)
	}
}
