package dialog_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"cxbot/chat"
	"cxbot/dialog"
)

// album is a form of one word and some files.
func album() *form {
	return &form{
		ID: "album", Version: 1, Title: "相册", Minutes: 1, Keep: true, Intent: dialog.Intent{Exact: []string{"填相册"}},
		Fields: []field{
			{Key: "name", Label: "名称", Kind: dialog.Text{Min: 2, Max: 10}, Required: true, Ask: "写名称。", Example: "甲乙"},
			{Key: "files", Label: "附件", Kind: dialog.Files{Max: 3}, Quiet: true, Ask: "发图片。", Example: "图片"},
		},
		Finish: func(_ asker, a dialog.Answers) (string, string) { return dialog.CountFiles(a.Get("files")), "" },
	}
}

func newAlbum(t *testing.T) *person {
	t.Helper()
	m, err := dialog.New(dialog.Config[asker, string]{Forms: []*form{album()}})
	if err != nil {
		t.Fatal(err)
	}
	return &person{t: t, m: m, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
}

// step plays an event and returns everything that came of it, through the codec.
func (p *person) step(ev chat.Event) dialog.Output[string] {
	p.t.Helper()
	ev.From, ev.At = "zhangsan", p.now
	in := dialog.Input[asker]{Conversation: p.c, Event: ev, View: p.view, Now: p.now, More: p.more}
	before := p.c.Append(nil)
	out := p.m.Step(in)
	if out.Command != nil {
		p.got = *out.Command
		p.m.Done(&out, in, chat.Reply{Text: "交了。"}, chat.Ref{})
	}
	if string(before) != string(p.c.Append(nil)) {
		p.t.Error("the step changed the conversation it was given")
	}
	c, err := dialog.DecodeConversation(out.Conversation.Append(nil))
	if err != nil {
		p.t.Fatal(err)
	}
	p.c = c
	return out
}

func (p *person) says(text string) string {
	p.t.Helper()
	return p.step(chat.Event{ID: "t" + text, Kind: chat.Text, Text: text}).Reply.Text
}

// sends a picture and returns the downloads it asks for.
func (p *person) sends(id string) []chat.Fetch {
	p.t.Helper()
	return p.step(chat.Event{ID: id, Kind: chat.Image, Channel: chat.App, Media: chat.Media{ID: "M" + id}}).Fetches
}

// lands a download and returns the receipt.
func (p *person) lands(f chat.Fetch, hash string, why chat.Why) chat.Message {
	p.t.Helper()
	r := chat.FetchResult{ID: f.ID, Why: why}
	if why == "" {
		r.File = chat.Attachment{Hash: hash, Kind: "image/png", Size: 2048}
	}
	out := p.step(chat.Event{ID: "fetch|" + f.ID, Kind: chat.Fetched, Channel: chat.Internal, Result: r})
	if !out.Reply.IsEmpty() || len(out.Messages) != 1 {
		p.t.Fatalf("landed with %q and %d messages", out.Reply.Text, len(out.Messages))
	}
	return out.Messages[0]
}

func holds(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

// TestSubmitWaitsForPictures: what is reported carries what its sender saw arrive.
func TestSubmitWaitsForPictures(t *testing.T) {
	t.Parallel()
	p := newAlbum(t)
	p.says("填相册")
	p.says("甲乙丙")
	fetches := p.sends("e1")
	holds(t, p.says("提交"), "还有 1 张图片正在保存", "不等图片")
	if p.got != "" {
		t.Fatal("submitted without the picture")
	}
	p.lands(fetches[0], "h1", "")
	p.says("提交")
	if p.got != "1 张图片" {
		t.Errorf("submitted %q", p.got)
	}
	// Somebody who does not wait keeps the picture for later.
	p.says("填相册")
	p.says("丁戊己")
	fetches = p.sends("e2")
	p.says("提交")
	holds(t, p.says("不等图片"), "不等了")
	p.says("提交")
	if p.got != "" {
		t.Errorf("submitted %q", p.got)
	}
	holds(t, p.lands(fetches[0], "h2", "").Text, "先放着 24 小时")
	if len(p.c.Tray) != 1 || len(p.c.Coming) != 0 {
		t.Errorf("tray %v, coming %v", p.c.Tray, p.c.Coming)
	}
}

// TestPicturesOfADraftThatWent go to the tray, and nothing is lost.
func TestPicturesOfADraftThatWent(t *testing.T) {
	t.Parallel()
	p := newAlbum(t)
	p.says("填相册")
	fetches := p.sends("e1")
	p.says("删除草稿")
	holds(t, p.lands(fetches[0], "h1", "").Text, "先放着 24 小时")
	p.says("填相册")
	holds(t, p.says("放进附件"), "放进 1 张图片")
	// A landing nobody waits for any more, after the record was lost.
	p.c.Coming = nil
	p.lands(chat.Fetch{ID: "unknown|1"}, "h9", "")
	if len(p.c.Tray) != 1 {
		t.Errorf("tray %v", p.c.Tray)
	}
}

// TestBurstTimes: one message a burst, when it is quiet, however it goes on.
func TestBurstTimes(t *testing.T) {
	t.Parallel()
	p := newAlbum(t)
	p.says("填相册")
	began := p.now
	var last chat.Message
	var waiting []chat.Fetch
	tags := map[string]bool{}
	say := func(m chat.Message) {
		last = m
		tags[m.Replaces] = true
	}
	for i := range 2 {
		out := p.step(chat.Event{ID: fmt.Sprint("e", i), Kind: chat.Image, Channel: chat.App})
		waiting = append(waiting, out.Fetches...)
		say(out.Messages[0])
		p.now = p.now.Add(time.Second)
	}
	if want := began.Add(3500 * time.Millisecond); !last.NotBefore.Equal(want) || len(tags) != 1 {
		t.Errorf("said at %s in %d messages, want %s", last.NotBefore, len(tags), want)
	}
	holds(t, last.Text, "收到 2 张图片，正在保存")
	say(p.lands(waiting[0], "h1", ""))
	holds(t, last.Text, "已收到 1 张图片", "还有 1 张正在保存")
	say(p.lands(waiting[1], "h2", ""))
	if len(tags) != 1 || last.NotBefore.After(began.Add(10*time.Second)) {
		t.Errorf("%d messages, the last at %s", len(tags), last.NotBefore)
	}
	holds(t, last.Text, "已收到 2 张图片", "附件现在共 2 个")
	// After it was said, a new burst begins.
	p.now = p.now.Add(time.Minute)
	out := p.step(chat.Event{ID: "e9", Kind: chat.Image, Channel: chat.App})
	say(out.Messages[0])
	if len(tags) != 2 {
		t.Error("the next burst replaces what was said")
	}
	say(p.lands(out.Fetches[0], "", chat.WhyBroken))
	holds(t, last.Text, "第 1 张没收下", "请重新发")
	if p.says("甲乙丙") == "" || len(p.c.Drafts) != 1 {
		t.Error("the form does not go on")
	}
}

// TestManyPictures refuses what there is no room for before anything is downloaded.
func TestManyPictures(t *testing.T) {
	t.Parallel()
	p := newAlbum(t)
	p.says("填相册")
	images := make([]chat.Media, 50)
	out := p.step(chat.Event{ID: "e1", Kind: chat.Image, Channel: chat.Robot, Images: images})
	if len(out.Fetches) != 3 || !out.Messages[0].NotBefore.Equal(p.now) {
		t.Errorf("%d downloads, said at %s", len(out.Fetches), out.Messages[0].NotBefore)
	}
	holds(t, out.Messages[0].Text, "附件最多 3 个，有 47 张没有收")
}

func TestUndoOfPictures(t *testing.T) {
	t.Parallel()
	p := newAlbum(t)
	p.says("填相册")
	a, b := p.sends("e1"), p.sends("e2")
	p.lands(a[0], "h1", "")
	p.lands(b[0], "h2", "")
	holds(t, p.says("撤销"), "附件现在是：（空）")
	holds(t, p.says("重做"), "图片（2 KB） 2. 图片")
}

func TestReadFiles(t *testing.T) {
	t.Parallel()
	two := dialog.JoinFiles([]dialog.File{{Hash: "h1", Kind: "image/png", Size: 100}, {Name: "方案", Kind: dialog.KindLink, URL: "https://a.cn/1"}})
	for text, want := range map[string]string{
		"https://doc.weixin.qq.com/doc/x":       "1 张图片、2 个链接",
		"实施方案：https://doc.weixin.qq.com/doc/x。": "1 张图片、2 个链接",
		"删 1":                                "1 个链接",
		"删除第2个":                              "1 张图片",
		"把第一张删掉":                             "!",
		"不要 1、2":                             "",
		"删 3":                                "没有 3 号",
		"在这里":                                "!",
		"http://localhost/x":                 "!",
		"https://u:p@a.cn/":                  "!",
		"https://a.cn/1":                     "已经在附件里",
		"甲 https://b.cn/1\n乙 https://b.cn/2": "最多 3 个",
	} {
		r := dialog.Files{Max: 3}.Read(text, dialog.Env{Old: two, Label: "附件"})
		switch {
		case want == "!" && r.Problem.Kind != dialog.NotUnderstood:
			t.Errorf("%q: %+v", text, r)
		case want == "!":
		case r.Problem.OK() && dialog.CountFiles(r.Value) != want:
			t.Errorf("%q: %s, want %s", text, dialog.CountFiles(r.Value), want)
		case !r.Problem.OK() && (r.Problem.Kind != dialog.RuleBroken || !strings.Contains(r.Problem.Text, want)):
			t.Errorf("%q: %+v, want %s", text, r.Problem, want)
		}
	}
	named := dialog.Files{Max: 3}.Read("实施方案：https://doc.weixin.qq.com/doc/x。", dialog.Env{})
	if f := dialog.SplitFiles(named.Value); len(f) != 1 || f[0].Name != "实施方案" || f[0].URL != "https://doc.weixin.qq.com/doc/x" {
		t.Errorf("read as %+v", f)
	}
}

// TestFilesInTheRecord keeps pictures over the codec, and leaves records without
// any in the form that programs of before can read.
func TestFilesInTheRecord(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_795_395_600_000)
	c := dialog.Conversation{Person: "li", SeenAt: at}
	old := string(c.Append(nil))
	if !strings.HasPrefix(old, "1 ") {
		t.Errorf("a record without pictures begins with %q", old[:2])
	}
	if got, err := dialog.DecodeConversation(old); err != nil || got.Tray != nil {
		t.Error(got, err)
	}
	c.Coming = []dialog.Coming{{ID: "e|1", Draft: "filing.2", N: 3, At: at}}
	c.Tray = []dialog.Kept{{File: dialog.File{Hash: "h", Name: "现场.jpg", Kind: "image/jpeg", Size: 12}, At: at}}
	c.Burst = dialog.Burst{ID: "e", Draft: "filing.2", Since: at, Last: at, Due: at, Sent: 4, Got: 2, Same: 1, Full: 1, Bad: []string{"x"}}
	record := c.Append(nil)
	got, err := dialog.DecodeConversation(record)
	if err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("%v\n%+v\n%+v", err, got, c)
	}
	for n := range len(record) {
		if _, err := dialog.DecodeConversation(record[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes are taken for the record", n, len(record))
		}
	}
}
