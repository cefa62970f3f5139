package simulator

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func newTestWorld(t *testing.T, r *rig) *World {
	t.Helper()

	w, err := NewWorld(WorldConfig{
		Sim: r.sim, Now: r.now,
		Set:   func(to time.Time) error { r.advance(to.Sub(r.now())); return nil },
		Wait:  func(d time.Duration) error { r.advance(d); return nil },
		Files: fstest.MapFS{"现场.jpg": {Data: []byte("\xff\xd8\xff\xe0 picture")}},
	})
	if err != nil {
		t.Fatal(err)
	}

	return w
}

func TestWorldSpeaksNames(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	r.on(func(w http.ResponseWriter, _ int, m heardMessage) {
		switch {
		case m.Event != "":
			return
		case m.MsgType == "text":
			r.call("message/send", sendCard(m.FromUserName, "t-"+m.MsgId, "确认报送", "确认报送", "修改"))
			r.call("message/send", sendText("sunjing", "新报送"))
		}

		r.reply(w, m, textField("MsgType", "text"), textField("Content", "收到："+m.MsgType))
	})

	w := newTestWorld(t, r)

	at := time.Date(2026, 12, 1, 9, 0, 0, 0, r.now().Location())
	if err := errors.Join(w.Set(at), w.Wait(time.Hour)); err != nil || !w.Now().Equal(at.Add(time.Hour)) {
		t.Fatalf("%v, %v", w.Now(), err)
	}

	err := errors.Join(
		w.Say("李春梅", "", "", "我要报课题"), w.Attach("李春梅", "", "图片", "现场.jpg"), w.Attach("李春梅", "", "位置", "柳林村"),
		w.Attach("李春梅", "", "文件", "方案.docx"), w.Attach("李春梅", "", "语音", "一段话"), w.Attach("李春梅", "", "链接", "报道"),
		w.Attach("李春梅", "", "视频", "现场"), w.Click("李春梅", "确认报送", 0),
	)
	if err != nil {
		t.Fatal(err)
	}

	heard, err := w.Heard()
	if err != nil {
		t.Fatal(err)
	}

	lines := make([]string, 0, len(heard))
	for _, u := range heard {
		lines = append(lines, u.To+">"+u.Text+strings.Join(u.Buttons, "|"))
	}

	want := []string{
		"李春梅>确认报送\n说明\n单位：柳林镇党委确认报送|修改", "孙静>新报送", "李春梅>收到：text", "李春梅>收到：image",
		"李春梅>收到：location", "李春梅>收到：voice", "李春梅>收到：link", "李春梅>收到：video",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("heard\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}

	if again, err := w.Heard(); err != nil || len(again) != 0 {
		t.Errorf("heard twice: %v, %v", again, err)
	}
}

func TestWorldJoinsTextAndCard(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	w := newTestWorld(t, r)

	r.call("message/send", sendText("sunjing", "请确认"))
	r.call("message/send", sendText("LiChunmei", "别人的"))
	r.call("message/send", sendCard("sunjing", "t1", "卡片", "确认"))
	r.call("message/send", sendCard("sunjing", "t2", "单独的卡片", "好"))
	r.post("webhook/send?key=hook-1", `{"msgtype":"text","text":{"content":"群里"}}`)

	heard, err := w.Heard()
	if err != nil || len(heard) != 4 {
		t.Fatalf("%+v, %v", heard, err)
	}

	if heard[0].Text != "请确认" || !slices.Equal(heard[0].Buttons, []string{"确认"}) || heard[1].Buttons != nil ||
		!strings.HasPrefix(heard[2].Text, "单独的卡片") || heard[3].To != "党建工作群" {
		t.Errorf("heard %+v", heard)
	}
}

func TestWorldRefusesUnknownNames(t *testing.T) {
	t.Parallel()

	r := newRig(t, func(c *Config) {
		c.People = append(c.People, Member{UserID: "sunjing2", Name: "孙静"})
	})
	w := newTestWorld(t, r)

	for name, err := range map[string]error{
		"nobody": w.Say("赵六", "", "", "x"), "two of a name": w.Say("孙静", "", "", "x"), "attach": w.Attach("赵六", "", "图片", "x"),
		"click": w.Click("赵六", "x", 0),
	} {
		if !errors.Is(err, ErrNoMember) {
			t.Errorf("%s: %v", name, err)
		}
	}

	if err := w.Say("李春梅", "不存在的群", "", "x"); !errors.Is(err, ErrNoGroup) {
		t.Errorf("group: %v", err)
	}

	if err := w.Attach("李春梅", "", "气味", "x"); !errors.Is(err, ErrConfig) {
		t.Errorf("kind: %v", err)
	}

	if err := w.Say("sunjing2", "", "", "用工号说话"); err != nil {
		t.Errorf("by userid: %v", err)
	}

	if _, err := NewWorld(WorldConfig{Sim: r.sim}); !errors.Is(err, ErrConfig) {
		t.Errorf("half-filled: %v", err)
	}
}
