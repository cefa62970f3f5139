package dialog_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"cxbot/chat"
	"cxbot/dialog"
)

// asker is the view of these tests: whether the person may still fill in forms.
type asker struct{ barred bool }

type (
	form  = dialog.Form[asker, string]
	field = dialog.Field[asker]
)

// small is a form of four fields, one of them conditional, one derived.
func small(version int) *form {
	return &form{
		ID: "small", Version: version, Title: "小表", Minutes: 1, Menu: "小表", Keep: true,
		Intent: dialog.Intent{Exact: []string{"填小表"}},
		Allow: func(a asker) string {
			if a.barred {
				return "您现在不能填小表。"
			}
			return ""
		},
		Fields: []field{
			{Key: "name", Label: "名称", Kind: dialog.Text{Min: 2, Max: 10}, Required: true, Ask: "写名称。", Example: "甲乙"},
			{Key: "kind", Label: "类别", Kind: dialog.YesNo{}, Required: true, Ask: "要附件吗？", Example: "是"},
			{
				Key: "file", Label: "附件", Kind: dialog.Text{Min: 2, Max: 10}, Required: true, Ask: "写附件名。", Example: "附件一",
				When: func(a dialog.Answers) bool { return a.Get("kind") == dialog.Yes },
			},
			{
				Key: "who", Label: "联系人", Kind: dialog.Text{Min: 2, Max: 10}, Required: true, Quiet: true, Ask: "联系谁？", Example: "张三",
				Default: func(asker, dialog.Answers) string { return "李四" },
			},
		},
		Migrations: []dialog.Migration{{From: 1, Rename: map[string]string{"title": "name"}, Drop: []string{"money"}, Note: "表有改动：经费一项不用填了。"}},
		Finish:     func(_ asker, a dialog.Answers) (string, string) { return a.Get("name") + "/" + a.Get("file"), "" },
	}
}

// bench runs one person's messages through a machine.
type person struct {
	t    *testing.T
	m    *dialog.Machine[asker, string]
	c    dialog.Conversation
	now  time.Time
	view asker
	more bool
	got  string // last command
}

func newPerson(t *testing.T, version int) *person {
	t.Helper()
	m, err := dialog.New(dialog.Config[asker, string]{
		Forms: []*form{small(version)},
		Queries: []*dialog.Query[asker]{{
			ID: "hours", Title: "问时间", Intent: dialog.Intent{Exact: []string{"几点了"}},
			Answer: func(asker, dialog.Slots) dialog.Answer { return dialog.Answer{Text: "九点。"} },
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &person{t: t, m: m, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
}

func (p *person) event(ev chat.Event) string {
	p.t.Helper()
	ev.From = "zhangsan"
	in := dialog.Input[asker]{Conversation: p.c, Event: ev, View: p.view, Now: p.now, More: p.more}
	out := p.m.Step(in)
	if out.Command != nil {
		p.got = *out.Command
		p.m.Done(&out, in, chat.Reply{Text: "收到 " + p.got}, chat.Ref{})
	}
	p.c = out.Conversation
	return out.Reply.Text
}

func (p *person) say(text string) string {
	p.t.Helper()
	return p.event(chat.Event{Kind: chat.Text, Text: text})
}

func (p *person) expect(text string, parts ...string) {
	p.t.Helper()
	reply := p.say(text)
	for _, part := range parts {
		if !strings.Contains(reply, part) {
			p.t.Errorf("%q is answered %q, want %q in it", text, reply, part)
		}
	}
}

func TestStepConditionalField(t *testing.T) {
	t.Parallel()
	p := newPerson(t, 1)
	p.expect("填小表", "共 2 项", "1/2 名称")
	p.expect("甲乙丙", "2/2 类别")
	p.expect("是", "由 2 项变为 3 项", "3/3 附件")
	p.expect("附件一", "请核对", "4 联系人：李四")
	p.expect("改 2 否", "由 3 项变为 2 项", "请核对")
	if reply := p.say("预览"); strings.Contains(reply, "附件") {
		t.Errorf("a field that does not apply is shown: %q", reply)
	}
	p.expect("改 2 是", "3 附件：附件一") // B65: the value was kept
	p.expect("提交", "收到 甲乙丙/附件一")
}

func TestStepDigressionComesBackOnce(t *testing.T) {
	t.Parallel()
	p := newPerson(t, 1)
	p.say("填小表")
	reply := p.say("几点了")
	if reply != "九点。\n\n（接着填 1/2 名称）" {
		t.Errorf("a side question is answered %q", reply)
	}
	p.expect("内容：几点了", "✓ 名称") // the escape makes it the answer
}

func TestStepBurstSpeaksOnce(t *testing.T) {
	t.Parallel()
	p := newPerson(t, 1)
	p.say("填小表")
	p.more = true
	if reply := p.say("甲乙丙"); reply != "" {
		t.Errorf("the first of a burst was answered %q", reply)
	}
	if reply := p.say("也许"); reply != "" {
		t.Errorf("the second of a burst was answered %q", reply)
	}
	p.more = false
	p.expect("否", "刚才几条都收到了", "✓ 名称", "也许", "请核对")
	if len(p.c.Unsaid) != 0 {
		t.Error("what was said is kept as unsaid")
	}
}

func TestStepMigratesOldDrafts(t *testing.T) {
	t.Parallel()
	p := newPerson(t, 2)
	p.c = dialog.Conversation{Person: "zhangsan", Rev: 3, Serial: 1, Active: true, Drafts: []dialog.Draft{{
		Form: "small", Version: 1, N: 1, Rev: 5,
		Values: []dialog.Value{{Key: "title", Text: "老名称", From: "typed"}, {Key: "money", Text: "3万", From: "typed"}},
	}}}
	p.expect("继续", "经费一项不用填了", "2/2 类别")
	d := p.c.Drafts[0]
	if d.Version != 2 || len(d.Archive) != 1 || d.Archive[0].Text != "3万" {
		t.Errorf("migrated draft: %+v", d)
	}
	p.expect("预览", "名称：老名称")
}

func TestStepParksDraftsItCannotRead(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]dialog.Draft{
		"a newer version": {Form: "small", Version: 9, N: 1, Values: []dialog.Value{{Key: "name", Text: "新名称"}}},
		"an unknown form": {Form: "other", Version: 1, N: 1, Values: []dialog.Value{{Key: "x", Text: "内容"}}},
		"no migration":    {Form: "small", Version: 0, N: 1, Values: []dialog.Value{{Key: "name", Text: "旧名称"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t, 1)
			p.c = dialog.Conversation{Active: true, Drafts: []dialog.Draft{d}}
			p.expect("草稿", "别的版本填的草稿")
			p.expect("继续", "只能看", d.Values[0].Text)
			p.expect("填小表", "1/2 名称")
			if len(p.c.Drafts) != 2 || !reflect.DeepEqual(p.c.Drafts[1].Values, d.Values) {
				t.Errorf("the draft was touched: %+v", p.c.Drafts)
			}
		})
	}
}

func TestStepRightsAreReadAtTheMoment(t *testing.T) {
	t.Parallel()
	p := newPerson(t, 1)
	p.say("填小表")
	p.view.barred = true
	p.expect("甲乙丙", "您现在不能填小表")
	p.view.barred = false
	p.expect("继续", "1/2 名称")
}

func TestStepCards(t *testing.T) {
	t.Parallel()
	p := newPerson(t, 1)
	p.say("填小表")
	p.say("甲乙丙")
	p.say("否")
	d := p.c.Drafts[0]
	press := func(ref chat.Ref, key string) string {
		return p.event(chat.Event{Kind: chat.Click, Click: chat.Press{Ref: ref, Key: key}})
	}
	live := chat.Ref{Kind: "draft", ID: d.Name(), Rev: d.Rev}
	for name, ref := range map[string]chat.Ref{
		"forged": {}, "older": {Kind: "draft", ID: d.Name(), Rev: d.Rev - 1}, "another's": {Kind: "draft", ID: "small.77", Rev: 1},
	} {
		if reply := press(ref, "提交"); strings.Contains(reply, "收到 甲") || reply == "" {
			t.Errorf("a %s card was answered %q", name, reply)
		}
		if p.got != "" {
			t.Fatalf("a %s card had an effect", name)
		}
	}
	if reply := press(live, "提交"); reply != "收到 甲乙丙/" {
		t.Errorf("the live card was answered %q", reply)
	}
	if reply := press(live, "提交"); !strings.Contains(reply, "已经提交过了") || !strings.Contains(reply, "收到 甲乙丙") {
		t.Errorf("a second tap was answered %q", reply)
	}
}

func TestStepFiveDrafts(t *testing.T) {
	t.Parallel()
	p := newPerson(t, 1)
	for range 5 {
		p.c.Drafts = append(p.c.Drafts, dialog.Draft{Form: "other", Version: 1, N: len(p.c.Drafts) + 1})
	}
	p.expect("填小表", "最多留 5 份")
}

func TestStepPagesLongReplies(t *testing.T) {
	t.Parallel()
	m, err := dialog.New(dialog.Config[asker, string]{Queries: []*dialog.Query[asker]{{
		ID: "long", Title: "长", Intent: dialog.Intent{Exact: []string{"长"}},
		Answer: func(asker, dialog.Slots) dialog.Answer {
			return dialog.Answer{Text: strings.Repeat("一行内容十个字左右。\n", 200)}
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, m: m, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	lines := strings.Count(p.say("长"), "一行内容")
	for range 10 {
		if reply := p.say("下一页"); strings.Contains(reply, "没有下一页") {
			break
		} else if len(reply) > dialog.PageBytes {
			t.Fatalf("a page of %d bytes", len(reply))
		} else {
			lines += strings.Count(reply, "一行内容")
		}
	}
	if lines != 200 {
		t.Errorf("%d of 200 lines were shown", lines)
	}
}

func TestNewRefusesPoorForms(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*form){
		"no version":    func(f *form) { f.Version = 0 },
		"key twice":     func(f *form) { f.Fields[1].Key = "name" },
		"label twice":   func(f *form) { f.Fields[1].Label = "名称" },
		"no ask":        func(f *form) { f.Fields[0].Ask = "" },
		"long ask":      func(f *form) { f.Fields[0].Ask = strings.Repeat("长", 41) },
		"no example":    func(f *form) { f.Fields[0].Example = "" },
		"no kind":       func(f *form) { f.Fields[0].Kind = nil },
		"no finish":     func(f *form) { f.Finish = nil },
		"broken intent": func(f *form) { f.Intent.Patterns = []string{"("} },
	} {
		f := small(1)
		spoil(f)
		if _, err := dialog.New(dialog.Config[asker, string]{Forms: []*form{f}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// FuzzDecodeConversation: damage is an error, never a panic, and what is read
// is written back the same.
func FuzzDecodeConversation(f *testing.F) {
	c := dialog.Conversation{
		Person: "张三", Rev: 7, Serial: 2, Active: true, Pages: []string{"二", "三"}, List: dialog.List{Kind: "topics", IDs: []string{"a"}, At: time.UnixMilli(5)},
		Choice: dialog.OpenChoice{Text: "x", Options: []string{"1"}, At: time.UnixMilli(6)}, Unsaid: []string{"u"}, DroppedAt: time.UnixMilli(7), SeenAt: time.UnixMilli(8),
		Receipt: "r", ReceiptAt: time.UnixMilli(9),
		Drafts: []dialog.Draft{{
			Form: "f", Version: 1, N: 2, Rev: 3, Object: "o", Values: []dialog.Value{{Key: "k", Text: "值\x1e\x1f", From: "typed", Skip: true}}, Pos: "p", Back: "b",
			Confirm: true, Readied: true, Tries: 2, Partial: "半", Asks: []dialog.Value{{Key: "k", Text: "为什么"}},
			Undo: []dialog.Change{{Before: []dialog.Value{{Key: "k"}}, Pos: "p"}}, Redo: []dialog.Change{{Pos: "q"}},
			Archive: []dialog.Value{{Key: "old"}}, Created: time.UnixMilli(1), Changed: time.UnixMilli(2),
		}},
		Dropped: &dialog.Draft{Form: "g"},
	}
	data := c.Append(nil)
	got, err := dialog.DecodeConversation(data)
	if err != nil || !reflect.DeepEqual(got, c) {
		f.Fatalf("round trip: %v\n%+v\n%+v", err, got, c)
	}
	f.Add(data)
	f.Add([]byte("1 "))
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := dialog.DecodeConversation(data)
		if err != nil {
			return
		}
		again, err := dialog.DecodeConversation(c.Append(nil))
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Fatalf("%v\n%+v\n%+v", err, again, c)
		}
	})
}
