package simulator

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEcho(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)

	err := r.sim.Echo(ctx(t))
	if err != nil {
		t.Fatal(err)
	}

	wrong := map[string]http.HandlerFunc{
		"extra newline": func(w http.ResponseWriter, q *http.Request) {
			plain, _ := r.seals.open(q.URL.Query().Get("echostr"))
			_, _ = w.Write(append(plain, '\n'))
		},
		"status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
	}
	for name, handler := range wrong {
		other := newRig(t, nil)
		other.bot.Config.Handler = handler

		if err := other.sim.Echo(ctx(t)); !errors.Is(err, ErrEcho) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSaveCallbackKeepsOnlyGoodURLs(t *testing.T) {
	t.Parallel()

	r := newRig(t, func(c *Config) { c.CallbackURL = "" })

	if _, err := r.sim.Say(ctx(t), "sunjing", "在吗"); !errors.Is(err, ErrNoCallback) {
		t.Fatalf("without a URL: %v", err)
	}

	if err := r.sim.SaveCallback(ctx(t), r.bot.URL+"/wrong"); err == nil {
		t.Fatal("a URL that answers 404 was kept")
	}

	if _, err := r.sim.Say(ctx(t), "sunjing", "在吗"); !errors.Is(err, ErrNoCallback) {
		t.Fatalf("after a refused URL: %v", err)
	}

	if err := r.sim.SaveCallback(ctx(t), r.bot.URL+"/?county=qh"); err != nil {
		t.Fatal(err)
	}

	if d, err := r.sim.Say(ctx(t), "sunjing", "在吗"); err != nil || d.Reply != "收到：在吗" {
		t.Fatalf("%+v, %v", d, err)
	}
}

func TestSayIsEncryptedBothWays(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)

	d, err := r.sim.Say(ctx(t), "lichunmei", "我要报课题 ]]> <b>")
	if err != nil {
		t.Fatal(err)
	}

	if d.Reply != "收到：我要报课题 ]]> <b>" || d.Status != 200 || d.Attempts != 1 || d.ReplyType != "text" {
		t.Errorf("delivery %+v", d)
	}

	m := r.all()[0]
	if m.FromUserName != "LiChunmei" || m.MsgId != d.MsgID || len(m.MsgId) != 19 || m.CreateTime != r.now().Unix() {
		t.Errorf("heard %+v", m)
	}

	shown := r.sim.Shown()
	if len(shown) != 1 || shown[0].To != "LiChunmei" || !shown[0].Passive || shown[0].MsgKey != d.MsgID || shown[0].Name != "李春梅" {
		t.Errorf("shown %+v", shown)
	}

	if all := r.sim.Timeline(0); len(all) != 2 || all[0].From != "LiChunmei" {
		t.Errorf("timeline %+v", all)
	}

	if _, err := r.sim.Say(ctx(t), "nobody", "x"); !errors.Is(err, ErrNoMember) {
		t.Errorf("unknown member: %v", err)
	}
}

func TestRepliesThePlatformRefuses(t *testing.T) {
	t.Parallel()

	head := func(to, from string) []Field {
		return []Field{
			textField("ToUserName", to), textField("FromUserName", from), numberField("CreateTime", 1),
			textField("MsgType", "text"), textField("Content", "好"),
		}
	}
	good := document(head("sunjing", sampleCorp))

	tests := []struct {
		name string
		body func(r *rig) string
		ok   bool
	}{
		{"right", func(r *rig) string { return r.sealReply(good) }, true},
		{"empty", func(*rig) string { return "" }, true},
		{"the word success", func(*rig) string { return "success" }, true},
		{"plain text", func(*rig) string { return good }, false},
		{"not XML", func(*rig) string { return "好的" }, false},
		{"wrong signature", func(r *rig) string {
			return strings.Replace(r.sealReply(good), "<Nonce><![CDATA[n1", "<Nonce><![CDATA[n2", 1)
		}, false},
		{"Timestamp spelt otherwise", func(r *rig) string {
			return strings.ReplaceAll(r.sealReply(good), "TimeStamp>", "Timestamp>")
		}, false},
		{"addresses not swapped", func(r *rig) string { return r.sealReply(document(head(sampleCorp, "sunjing"))) }, false},
		{"another receive id", func(r *rig) string {
			twin := &rig{t: r.t, seals: r.seals}
			twin.seals.receiver = "other"

			return twin.sealReply(good)
		}, false},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			r := newRig(t, nil)
			r.on(func(w http.ResponseWriter, _ int, _ heardMessage) { _, _ = io.WriteString(w, tt.body(r)) })

			_, err := r.sim.Say(ctx(t), "sunjing", "在吗")
			if (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}

			if problems := len(r.sim.Stats().Problems); (problems == 0) != tt.ok {
				t.Errorf("%d problems noted", problems)
			}
		})
	}
}

func TestPassiveTextIsCut(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	r.on(func(w http.ResponseWriter, _ int, m heardMessage) {
		r.reply(w, m, textField("MsgType", "text"), textField("Content", strings.Repeat("好", 1000)))
	})

	d, err := r.sim.Say(ctx(t), "sunjing", "长")
	if err != nil || len(d.Reply) != 2046 {
		t.Errorf("%d bytes, %v", len(d.Reply), err)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()

	abort := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	fail := func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }
	slow := func(http.ResponseWriter) { time.Sleep(300 * time.Millisecond) }
	bad := func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }

	tests := []struct {
		name     string
		trouble  func(http.ResponseWriter)
		times    int // how many callbacks run into it
		mode     Mode
		attempts int
		ok       bool
	}{
		{"reset once", abort, 1, Mode{}, 2, true},
		{"500 twice", fail, 2, Mode{}, 3, true},
		{"timeout once", slow, 1, Mode{}, 2, true},
		{"always reset", abort, 99, Mode{}, 4, false},
		{"500 when status is final", fail, 99, Mode{KeepStatus: true}, 1, false},
		{"403", bad, 99, Mode{}, 1, false},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			r := newRig(t, func(c *Config) { c.Patience = 100 * time.Millisecond })
			r.sim.SetMode(tt.mode)
			r.on(func(w http.ResponseWriter, n int, m heardMessage) {
				if n <= tt.times {
					tt.trouble(w)

					return
				}

				r.reply(w, m, textField("MsgType", "text"), textField("Content", "到了"))
			})

			d, err := r.sim.Say(ctx(t), "sunjing", "在吗")
			if (err == nil) != tt.ok || d.Attempts != tt.attempts {
				t.Errorf("%+v, %v", d, err)
			}

			heard := r.all()
			for i, m := range heard {
				if m.MsgId != heard[0].MsgId || r.raw[i] != r.raw[0] {
					t.Errorf("attempt %d differs from the first", i+1)
				}
			}

			if want := map[bool]int{true: 1}[tt.ok]; len(r.sim.Shown()) != want {
				t.Errorf("shown %+v", r.sim.Shown())
			}
		})
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()

	for name, mode := range map[string]Mode{"in turn": {Copies: 3}, "at once": {Copies: 3, AtOnce: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			r := newRig(t, nil)
			r.sim.SetMode(mode)

			d, err := r.sim.Say(ctx(t), "sunjing", "在吗")
			if err != nil || d.Attempts != 3 || len(d.Replies) != 3 || len(r.sim.Shown()) != 1 {
				t.Errorf("%+v, %v, shown %d", d, err, len(r.sim.Shown()))
			}

			heard := r.all()
			if len(heard) != 3 || heard[0].MsgId != heard[2].MsgId || r.raw[0] == r.raw[1] {
				t.Errorf("heard %+v", heard)
			}
		})
	}
}

func TestMediaFromMembers(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)

	d, err := r.sim.SendMedia(ctx(t), "sunjing", SendKindFile, "方案.docx", []byte("PK docx"))
	if err != nil || d.Attempts != 0 || len(r.all()) != 0 || r.sim.Stats().Lost != 1 {
		t.Fatalf("a file reached the bot: %+v, %v", d, err)
	}

	if e := r.sim.Timeline(0)[0]; e.Kind != KindFile || e.Note == "" || e.From != "sunjing" {
		t.Errorf("the member does not see his file: %+v", e)
	}

	picture, _ := sample(SendKindImage, "现场.jpg")

	_, err = r.sim.SendImage(ctx(t), "sunjing", "现场.jpg", picture)
	if err != nil {
		t.Fatal(err)
	}

	r.sim.SetMode(Mode{FilePush: true})

	_, err = r.sim.SendMedia(ctx(t), "sunjing", SendKindFile, "方案.docx", []byte("PK docx"))
	if err != nil {
		t.Fatal(err)
	}

	heard := r.all()
	if heard[0].MsgType != "image" || heard[0].MediaId == "" || heard[1].MsgType != "file" || heard[1].FileName != "方案.docx" {
		t.Errorf("heard %+v", heard)
	}

	for _, kind := range []string{SendKindVoice, SendKindVideo} {
		data, _ := sample(kind, "x")
		if _, err := r.sim.SendMedia(ctx(t), "sunjing", kind, "x", data); err != nil {
			t.Error(err)
		}
	}

	if _, err := r.sim.SendMedia(ctx(t), "sunjing", "smell", "x", nil); !errors.Is(err, ErrConfig) {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestEventsAndUnknownTypes(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	r.on(func(w http.ResponseWriter, _ int, m heardMessage) {
		r.reply(w, m, textField("MsgType", "text"), textField("Content", "您好："+m.MsgType+m.Event+m.EventKey))
	})

	acts := []struct {
		act   func() (Delivery, error)
		reply string
	}{
		{func() (Delivery, error) { return r.sim.Enter(ctx(t), "sunjing") }, "您好：evententer_agent"},
		{func() (Delivery, error) { return r.sim.PressMenu(ctx(t), "sunjing", "MY") }, "您好：eventclickMY"},
		{func() (Delivery, error) { return r.sim.Subscribe(ctx(t), "sunjing", true) }, "您好：eventsubscribe"},
		{func() (Delivery, error) { return r.sim.SendPlace(ctx(t), "sunjing", Place{36.8, 115.7, "柳林村"}) }, "您好：location"},
		{func() (Delivery, error) { return r.sim.SendLink(ctx(t), "sunjing", "标题", "https://a.b") }, "您好：link"},
		{func() (Delivery, error) {
			return r.sim.Post(ctx(t), "sunjing", Inbound{Type: "hologram", Fields: []Field{textField("Depth", "3")}})
		}, "您好：hologram"},
	}
	for _, a := range acts {
		d, err := a.act()
		if err != nil || d.Reply != a.reply {
			t.Errorf("%+v, %v; want %q", d, err, a.reply)
		}
	}

	for _, m := range r.all() {
		if (m.MsgId == "") != (m.MsgType == "event") {
			t.Errorf("%s%s has MsgId %q", m.MsgType, m.Event, m.MsgId)
		}
	}

	if n := len(r.sim.Shown()); n != len(acts) {
		t.Errorf("shown %d", n)
	}

	// The answer to leaving goes nowhere.
	_, err := r.sim.Subscribe(ctx(t), "sunjing", false)
	if err != nil || len(r.sim.Shown()) != len(acts) || len(r.sim.Stats().Problems) != 1 {
		t.Errorf("%v, problems %v", err, r.sim.Stats().Problems)
	}

	if got := code(r.call("message/send", sendText("sunjing", "x"))); got != codeAllInvalid {
		t.Errorf("a message to somebody outside: %d", got)
	}
}

func TestNewRefusesHalfFilledSettings(t *testing.T) {
	t.Parallel()

	full := newRig(t, nil).sim.cfg
	for name, spoil := range map[string]func(*Config){
		"no corp":      func(c *Config) { c.CorpID = "" },
		"no clock":     func(c *Config) { c.Now = nil },
		"no agent":     func(c *Config) { c.AgentID = 0 },
		"short key":    func(c *Config) { c.AESKey = "abc" },
		"person twice": func(c *Config) { c.People = append(c.People[:1:1], Member{UserID: "LICHUNMEI"}) },
		"group no id":  func(c *Config) { c.Groups = []Group{{Name: "x"}} },
	} {
		cfg := full
		spoil(&cfg)

		if _, err := New(cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
