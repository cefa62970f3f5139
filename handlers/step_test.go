package handlers_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
	"cxbot/handlers"
)

// phrases is what the random talker says: answers, words, edits, nonsense.
var phrases = []string{
	"我要报课题", "村级党群议事会机制探索", "3.3", "9", "村里大事议而不决、决而不公开，去年这方面的信访有 6 件，群众意见大。",
	"柳林村党支部、河湾村党支部", "建立议题收集、党群联议、结果公开三个环节，每月 10 日为议事日。",
	"2027年3月 调研；2027年12月 试点；2028年6月 推开", "每月议事；每季公开", "2028年9月底", "信访下降一半以上。", "沿用", "确认", "提交", "预览",
	"返回", "跳过", "撤销", "重做", "取消", "继续", "草稿", "帮助", "下一页", "重新开始", "确定重来", "删除草稿", "填报模板", "完成", "改 1 农村无职党员设岗定责办法探索",
	"改 4 加 东庄村", "改 6 删 1", "改 99", "改 0", "改 五", "1", "2", "3", "0", "进度", "截止", "我还差啥", "谁没报", "待审", "看 1", "通过 1", "退回 1：试点单位写细",
	"撤回", "修改报送", "补正", "确认报送", "退回修改，再想想", "授权李春梅确认", "发送失败", "重发 1", "延期", "给柳林镇延期到12月25日", "备案能不能缓到12月25号", "放宽清河镇到4个课题", "跨届：是", "责任人：马超 副书记 13800000055", "题目：甲乙丙丁戊己\n类别：2\n完成：明年底",
	"沿用上次", "书记同意了", "王书记点头了，提交", "已改", "查看", "联合党委：柳林镇", "联合党委：无", "类别或方向：2.3", "采用手段：1、3", "提升的能力：2", "四项制度：1",
	"联系点：何为民 柳林村", "课题组成员：钱大力、赵小云", "集体研究：党委会 11月20日", "成果形式：1、3", "背景依据：去年信访 23 件。", "退回 1：请附上会议记录\n文字再精炼", "重点课题：无",
	"", " ", "\u200b", "？？？", "机密文件", "内容：取消该课题的老办法探索", "👨‍👩‍👧‍👦👍🏽", "ＡＢＣ１２３", strings.Repeat("长", 700), "a\x1eb\x1fc", "\xff\xfe",
}

// talker says random things as random people and checks what must always hold.
type talker struct {
	w *world
	r *rand.Rand
}

var cast = []string{"李春梅", "王建国", "孙静", "周明", "郑强"}

func (k *talker) step() error {
	who := cast[k.r.IntN(len(cast))]
	if k.r.IntN(20) == 0 {
		k.w.now = k.w.now.Add(time.Duration(k.r.IntN(72)) * time.Hour)
	}
	id := k.w.id(who)
	before := k.w.talks[id]
	said := len(k.w.heard)
	var err error
	if cards := k.w.shown[id]; len(cards) > 0 && k.r.IntN(6) == 0 {
		card := cards[k.r.IntN(len(cards))]
		b := card.Buttons[k.r.IntN(len(card.Buttons))]
		err = k.w.event(who, chat.Event{Kind: chat.Click, Click: chat.Press{Key: b.Say, Ref: card.Ref, Task: "t"}})
	} else {
		err = k.w.Say(who, "", "", phrases[k.r.IntN(len(phrases))])
	}
	if err != nil {
		return err
	}
	if err := k.heardWell(said); err != nil {
		return err
	}
	return keptWell(before, k.w.talks[id])
}

// heardWell checks every utterance: it fits, it is valid, somebody is answered.
func (k *talker) heardWell(from int) error {
	if len(k.w.heard) == from {
		return errSilent
	}
	for _, u := range k.w.heard[from:] {
		if len(u.Text) > dialog.PageBytes || !utf8.ValidString(u.Text) || strings.TrimSpace(u.Text) == "" {
			return fmt.Errorf("%s was told %d bytes, valid %v: %q", u.To, len(u.Text), utf8.ValidString(u.Text), u.Text)
		}
		if strings.ContainsAny(u.Text, "\x1e\x1f") {
			return fmt.Errorf("%s was shown raw separators: %q", u.To, u.Text)
		}
	}
	return nil
}

var errSilent = fmt.Errorf("nobody was answered")

// keptWell checks that no settled value went without a way back: it is still
// there, in the undo of its draft, in the dropped draft, or its draft was submitted.
func keptWell(before, after dialog.Conversation) error {
	if len(after.Drafts) > 5 {
		return fmt.Errorf("%d drafts", len(after.Drafts))
	}
	for _, d := range before.Drafts {
		if d.Form != "filing" {
			continue
		}
		now := findDraft(after, d.Name())
		if now == nil {
			continue // submitted or dropped; dropping is checked by 撤销 in the talks
		}
		if now.Rev < d.Rev {
			return fmt.Errorf("draft %s went from revision %d to %d", d.Name(), d.Rev, now.Rev)
		}
		for _, v := range d.Values {
			if v.Text != "" && now.Rev == d.Rev && valueOf(*now, v.Key) != v.Text {
				return fmt.Errorf("%s of %s changed without a revision", v.Key, d.Name())
			}
			if v.Text != "" && valueOf(*now, v.Key) == "" && len(now.Undo)+len(now.Redo) == 0 {
				return fmt.Errorf("%s of %s is lost", v.Key, d.Name())
			}
		}
	}
	return nil
}

func findDraft(c dialog.Conversation, name string) *dialog.Draft {
	for i := range c.Drafts {
		if c.Drafts[i].Name() == name {
			return &c.Drafts[i]
		}
	}
	if c.Dropped != nil && c.Dropped.Name() == name {
		return c.Dropped
	}
	return nil
}

func valueOf(d dialog.Draft, key string) string {
	for _, v := range d.Values {
		if v.Key == key {
			return v.Text
		}
	}
	return ""
}

// TestRandomTalk plays long random talks with a fixed seed.
func TestRandomTalk(t *testing.T) {
	t.Parallel()
	steps := 20000
	if testing.Short() {
		steps = 2000
	}
	for seed := range uint64(5) {
		k := &talker{w: newWorld(t, true), r: rand.New(rand.NewPCG(seed, 1))}
		for i := range steps / 5 {
			if err := k.step(); err != nil {
				t.Fatalf("seed %d step %d: %v", seed, i, err)
			}
			k.w.heard = nil
		}
	}
}

// FuzzStep lets the fuzzer choose the words of a talk.
func FuzzStep(f *testing.F) {
	f.Add("我要报课题", "村级党群议事会机制探索", "改 2 3.3")
	f.Add("题目：甲乙丙丁戊己\n类别：2", "撤销", "预览")
	f.Add("退回 1", "1到4号一块儿过", "确认")
	bot, err := handlers.New("清河县")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		w := newWorld(t, true)
		w.bot = bot
		for _, text := range []string{"我要报课题", a, b, c, "帮助", "取消", "帮助"} {
			before := w.talks[w.id("李春梅")]
			said := len(w.heard)
			if err := w.Say("李春梅", "", "", text); err != nil {
				t.Fatal(err)
			}
			if err := (&talker{w: w}).heardWell(said); err != nil {
				t.Fatal(err)
			}
			if err := keptWell(before, w.talks[w.id("李春梅")]); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestUndoRestores takes each answer back and finds the value it had before.
func TestUndoRestores(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	say := func(text string) dialog.Draft {
		t.Helper()
		if err := w.Say("李春梅", "", "", text); err != nil {
			t.Fatal(err)
		}
		return w.talks["lichunmei"].Drafts[0]
	}
	say("我要报课题")
	for i, answer := range []string{"改 1 村级党群议事会机制探索", "改 2 3.3", "改 4 柳林村、河湾村", "改 8 2028年9月", "改 16 否"} {
		before := say("预览")
		after := say(answer)
		if after.Rev == before.Rev {
			t.Fatalf("%d: %q changed nothing", i, answer)
		}
		undone := say("撤销")
		for _, v := range before.Values {
			if valueOf(undone, v.Key) != v.Text {
				t.Errorf("%q: %s is %q after 撤销, was %q", answer, v.Key, valueOf(undone, v.Key), v.Text)
			}
		}
		if again := say("重做"); len(again.Values) != len(after.Values) {
			t.Errorf("%q: 重做 gives %d values, want %d", answer, len(again.Values), len(after.Values))
		}
	}
}

// TestUnknownCycleOfPeople: a member of no unit, a member who left.
func TestLeftMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	p, _ := w.memory.Person("lichunmei")
	p.Left = true
	w.memory.Add(nil, []award.Person{p})
	if err := w.Say("李春梅", "", "", "我要报课题"); err != nil {
		t.Fatal(err)
	}
	if got := w.heard[0].Text; !strings.Contains(got, "停用") {
		t.Errorf("a member who left was told %q", got)
	}
	if c := w.talks["lichunmei"]; len(c.Drafts) != 0 {
		t.Error("a member who left has a draft")
	}
}
