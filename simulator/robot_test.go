package simulator

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"cxbot/talk"

	"github.com/coder/websocket"
)

// robotBot is a small robot on the long connection.
type robotBot struct {
	t    *testing.T
	conn *websocket.Conn

	mu    sync.Mutex
	acks  map[string]chan map[string]any
	heard []map[string]any
}

// robotHandler is called for every callback with its req_id and body.
type robotHandler func(b *robotBot, reqID string, body map[string]any)

func robotRig(t *testing.T) *rig {
	t.Helper()

	return newRig(t, func(c *Config) {
		c.RobotID, c.RobotSecret, c.RobotName, c.Patience = "BOT1", "rs", "创新奖助手", 300*time.Millisecond
	})
}

// dial connects a robot without subscribing.
func dial(t *testing.T, address string, on robotHandler) *robotBot {
	t.Helper()

	conn, resp, err := websocket.Dial(ctx(t), "ws"+strings.TrimPrefix(address, "http")+"/robot", nil)
	if err != nil {
		t.Fatal(err)
	}

	if resp.Body != nil {
		resp.Body.Close()
	}

	conn.SetReadLimit(1 << 22)

	b := &robotBot{t: t, conn: conn, acks: map[string]chan map[string]any{}}
	t.Cleanup(func() { conn.CloseNow() })

	go b.read(context.Background(), on)

	return b
}

func (b *robotBot) read(ctx context.Context, on robotHandler) {
	for {
		_, data, err := b.conn.Read(ctx)
		if err != nil {
			return
		}

		var frame map[string]any
		if json.Unmarshal(data, &frame) != nil {
			return
		}

		head, _ := frame["headers"].(map[string]any)
		id, _ := head["req_id"].(string)

		if frame["cmd"] == nil {
			b.mu.Lock()
			b.acks[id] <- frame
			b.mu.Unlock()

			continue
		}

		body, _ := frame["body"].(map[string]any)

		b.mu.Lock()
		b.heard = append(b.heard, body)
		b.mu.Unlock()

		if on != nil {
			go on(b, id, body)
		}
	}
}

// do sends one command and returns its ack.
func (b *robotBot) do(cmd, reqID string, body any) map[string]any {
	ack := make(chan map[string]any, 1)

	b.mu.Lock()
	b.acks[reqID] = ack
	b.mu.Unlock()

	data, _ := json.Marshal(map[string]any{"cmd": cmd, "headers": map[string]string{"req_id": reqID}, "body": body})

	err := b.conn.Write(context.Background(), websocket.MessageText, data)
	if err != nil {
		return map[string]any{"errcode": -3.0}
	}

	select {
	case a := <-ack:
		return a
	case <-time.After(5 * time.Second):
		return map[string]any{"errcode": -4.0}
	}
}

func (b *robotBot) subscribe() int {
	return code(b.do("aibot_subscribe", randomID("s", 4), map[string]string{"bot_id": "BOT1", "secret": "rs"}))
}

// streamBody is one snapshot of a growing answer.
func streamBody(id, text string, finish bool) map[string]any {
	return map[string]any{"msgtype": "stream", "stream": map[string]any{"id": id, "finish": finish, "content": text}}
}

// echoRobot answers every text with a stream of two frames.
func echoRobot(b *robotBot, reqID string, body map[string]any) {
	if body["msgtype"] != "text" {
		return
	}

	text, _ := body["text"].(map[string]any)
	words, _ := text["content"].(string)

	b.do("aibot_respond_msg", reqID, streamBody("s-"+reqID, "正在看…", false))
	b.do("aibot_respond_msg", reqID, streamBody("s-"+reqID, "收到："+words, true))
}

func TestRobotNeedsAConnection(t *testing.T) {
	t.Parallel()

	r := robotRig(t)
	_, inGroup := r.sim.SayInGroup(ctx(t), "wrG1", "sunjing", "在吗")
	_, single := r.sim.SayToRobot(ctx(t), "sunjing", "在吗")
	_, file := r.sim.SendToRobot(ctx(t), "sunjing", SendKindFile, "a", nil)
	_, enter := r.sim.EnterRobot(ctx(t), "sunjing")

	for name, err := range map[string]error{"group": inGroup, "single": single, "file": file, "enter": enter} {
		if !errors.Is(err, ErrNoRobot) || !strings.Contains(err.Error(), "robot channel not connected") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRobotConversation(t *testing.T) {
	t.Parallel()

	r := robotRig(t)
	srv := pageRig(t, r, nil)
	b := dial(t, srv.URL, echoRobot)

	if got := code(b.do("ping", "p0", nil)); got != codeNotSubscribed {
		t.Errorf("ping before subscribing: %d", got)
	}

	if got := code(b.do("aibot_subscribe", "s0", map[string]string{"bot_id": "BOT1", "secret": "no"})); got != codeRobotSecret {
		t.Errorf("wrong secret: %d", got)
	}

	if b.subscribe() != 0 || code(b.do("ping", "p1", nil)) != 0 || !r.sim.RobotConnected() {
		t.Fatal("no subscription")
	}

	push := func(to, kind string) int {
		return code(b.do("aibot_send_msg", randomID("x", 4), map[string]any{"chatid": to, "msgtype": kind, kind: map[string]string{"content": "提醒"}}))
	}
	if got := push("sunjing", "markdown"); got != codeChatID {
		t.Errorf("push before the person spoke: %d", got)
	}

	d, err := r.sim.SayToRobot(ctx(t), "sunjing", "我的进度")
	if err != nil || d.Reply != "收到：我的进度" || d.MsgID == "" {
		t.Fatalf("%+v, %v", d, err)
	}

	d, err = r.sim.SayInGroup(ctx(t), "wrG1", "sunjing", "进度")
	if err != nil || d.Reply != "收到：@创新奖助手 进度" {
		t.Fatalf("%+v, %v", d, err)
	}

	if _, err = r.sim.SayInGroup(ctx(t), "wrG1", "wangjianguo", "进度"); !errors.Is(err, ErrNoMember) {
		t.Errorf("somebody outside the group spoke: %v", err)
	}

	for kind, want := range map[string]int{"markdown": 0, "text": codeMsgType} {
		if got := push("wrG1", kind); got != want {
			t.Errorf("push %s: %d", kind, got)
		}
	}

	if got := push("WRG1", "markdown"); got != codeChatID {
		t.Errorf("chatid in other letters: %d", got)
	}

	shown := r.sim.Shown()
	if len(shown) != 3 || shown[0].Channel != ChannelRobot || shown[0].To != "sunjing" || !shown[1].Group || shown[2].Passive {
		t.Errorf("shown %+v", shown)
	}

	if body := b.heard[1]; body["chattype"] != "group" || body["chatid"] != "wrG1" {
		t.Errorf("heard %v", body)
	}
}

func TestRobotRefusals(t *testing.T) {
	t.Parallel()

	r := robotRig(t)
	srv := pageRig(t, r, nil)
	turns := make(chan string, 1)
	b := dial(t, srv.URL, func(_ *robotBot, id string, _ map[string]any) { turns <- id })
	b.subscribe()

	_, err := r.sim.SayToRobot(ctx(t), "sunjing", "在吗")
	if err != nil {
		t.Fatal(err)
	}

	id := <-turns
	answer := func(body map[string]any) int { return code(b.do("aibot_respond_msg", id, body)) }
	markdown := map[string]any{"msgtype": "markdown", "markdown": map[string]string{"content": "好"}}

	steps := []struct {
		name string
		got  func() int
		want int
	}{
		{"unknown turn", func() int { return code(b.do("aibot_respond_msg", "none", markdown)) }, codeReqInvalid},
		{"welcome to a message", func() int { return code(b.do("aibot_respond_welcome_msg", id, markdown)) }, codeReqInvalid},
		{"text", func() int {
			return answer(map[string]any{"msgtype": "text", "text": map[string]string{"content": "好"}})
		}, codeMsgType},
		{"long stream", func() int { return answer(streamBody("s1", strings.Repeat("a", 20481), true)) }, codeParameter},
		{"unknown media", func() int {
			return answer(map[string]any{"msgtype": "file", "file": map[string]string{"media_id": "x"}})
		}, codeMediaID},
		{"first frame", func() int { return answer(streamBody("s1", "等", false)) }, 0},
		{"first frame of another", func() int { return answer(streamBody("s2", "等", false)) }, 0},
		{"sealed", func() int { return answer(streamBody("s1", "好", true)) }, 0},
		{"after sealing", func() int { return answer(streamBody("s1", "又", true)) }, codeStreamExpired},
		{"second answer", func() int { return answer(markdown) }, codeAnswered},
		{"late stream", func() int { r.advance(robotStreamWindow + time.Second); return answer(streamBody("s2", "好", true)) }, codeStreamExpired},
		{"next day", func() int { r.advance(robotReplyWindow); return answer(markdown) }, codeReqExpired},
		{"unknown cmd", func() int { return code(b.do("aibot_dance", "d", nil)) }, codeParameter},
	}
	for _, s := range steps {
		if got := s.got(); got != s.want {
			t.Errorf("%s: %d, want %d", s.name, got, s.want)
		}
	}

	over := 0

	for range perMinute + 2 {
		if code(b.do("aibot_send_msg", randomID("x", 4), map[string]any{"chatid": "sunjing", "msgtype": "markdown", "markdown": map[string]string{"content": "好"}})) == codeRobotRate {
			over++
		}
	}

	if over != 2 {
		t.Errorf("%d pushes over the limit were refused, want 2", over)
	}
}

func TestRobotFilesArriveEncrypted(t *testing.T) {
	t.Parallel()

	r := robotRig(t)
	srv := pageRig(t, r, nil)

	got := make(chan string, 1)
	b := dial(t, srv.URL, func(b *robotBot, id string, body map[string]any) {
		file, _ := body["file"].(map[string]any)
		address, _ := file["url"].(string)
		key, _ := file["aeskey"].(string)
		name, data := fetchFile(b.t, address, key)
		got <- name + ":" + data
		b.do("aibot_respond_msg", id, map[string]any{"msgtype": "markdown", "markdown": map[string]string{"content": "收到文件"}})
	})
	b.subscribe()

	w := newTestWorld(t, r)

	err := w.Attach("孙静", talk.RobotChannel, "文件", "方案 第三稿.docx")
	if err != nil {
		t.Fatal(err)
	}

	if file := <-got; file != "方案 第三稿.docx:示例文件：方案 第三稿.docx" {
		t.Errorf("file %q", file)
	}

	if err := errors.Join(w.Say("孙静", "", talk.RobotChannel, "好"), w.Attach("孙静", talk.RobotChannel, "语音", "一段话")); err != nil {
		t.Error(err)
	}

	if heard, err := w.Heard(); err != nil || len(heard) == 0 || heard[0].Text != "收到文件" {
		t.Errorf("heard %+v, %v", heard, err)
	}
}

// fetchFile downloads and decrypts what a member sent; five minutes later the
// address is dead.
func fetchFile(t *testing.T, address, key string) (string, string) {
	t.Helper()

	if address == "" {
		return "", ""
	}

	resp, err := http.Get(address)
	if err != nil {
		t.Error(err)

		return "", ""
	}
	defer resp.Body.Close()

	data, _ := io.ReadAll(resp.Body)
	secret, _ := base64.StdEncoding.DecodeString(key)

	block, err := aes.NewCipher(secret)
	if err != nil || len(data) == 0 || len(data)%padBlock != 0 {
		t.Errorf("key or length: %v, %d bytes", err, len(data))

		return "", ""
	}

	cipher.NewCBCDecrypter(block, secret[:16]).CryptBlocks(data, data)

	plain, err := unpad(data)
	if err != nil {
		t.Error(err)
	}

	name, _ := strings.CutPrefix(resp.Header.Get("Content-Disposition"), "attachment; filename*=UTF-8''")

	name, err = url.PathUnescape(name)
	if err != nil {
		t.Error(err)
	}

	return name, string(plain)
}

func TestRobotUploadAndCards(t *testing.T) {
	t.Parallel()

	r := robotRig(t)
	srv := pageRig(t, r, nil)
	card := map[string]any{
		"card_type": "button_interaction", "task_id": "rt1", "main_title": map[string]string{"title": "确认"},
		"button_list": []map[string]any{{"text": "确认报送", "style": 1, "key": "ok"}},
	}
	b := dial(t, srv.URL, func(b *robotBot, id string, body map[string]any) {
		event, _ := body["event"].(map[string]any)

		switch {
		case body["msgtype"] == "text":
			b.do("aibot_respond_msg", id, map[string]any{"msgtype": "template_card", "template_card": card})
		case event["eventtype"] == turnEnter:
			b.do("aibot_respond_welcome_msg", id, map[string]any{"msgtype": "text", "text": map[string]string{"content": "您好"}})
		case event["eventtype"] == turnCard:
			done := map[string]any{"replace_text": "已报送"}
			for k, v := range card {
				done[k] = v
			}

			b.do("aibot_respond_update_msg", id, map[string]any{"response_type": "update_template_card", "template_card": done})
		}
	})
	b.subscribe()

	for i, want := range []string{"您好", ""} {
		if d, err := r.sim.EnterRobot(ctx(t), "sunjing"); err != nil || d.Reply != want {
			t.Errorf("entry %d: %+v, %v", i+1, d, err)
		}
	}

	if _, err := r.sim.SayToRobot(ctx(t), "sunjing", "报课题"); err != nil {
		t.Fatal(err)
	}

	if _, err := r.sim.ClickLabel(ctx(t), "sunjing", "确认报送", 0); err != nil {
		t.Fatal(err)
	}

	last := r.sim.Shown()[len(r.sim.Shown())-1]
	if last.Kind != KindUpdate || last.Text != "已报送" || last.Channel != ChannelRobot {
		t.Errorf("shown %+v", last)
	}

	data := bytes.Repeat([]byte("台账"), 100_000)
	sum := md5.Sum(data)
	id := upload(b, data, hex.EncodeToString(sum[:]))

	if got := code(b.do("aibot_send_msg", "f1", map[string]any{"chatid": "sunjing", "msgtype": "file", "file": map[string]string{"media_id": id}})); got != 0 {
		t.Errorf("file: %d", got)
	}

	if last := r.sim.Shown()[len(r.sim.Shown())-1]; last.File == nil || last.File.Size != int64(len(data)) {
		t.Errorf("shown %+v", last)
	}

	if id := upload(b, data, "0000"); id != "" {
		t.Error("a wrong md5 passed")
	}
}

// upload sends data in chunks and returns the media id, or "".
func upload(b *robotBot, data []byte, sum string) string {
	chunks := (len(data) + robotChunk - 1) / robotChunk
	init := b.do("aibot_upload_media_init", randomID("u", 4), map[string]any{
		"type": "file", "filename": "台账.xlsx", "total_size": len(data), "total_chunks": chunks, "md5": sum,
	})
	body, _ := init["body"].(map[string]any)

	for i := range chunks {
		part := data[i*robotChunk : min((i+1)*robotChunk, len(data))]
		b.do("aibot_upload_media_chunk", randomID("u", 4), map[string]any{
			"upload_id": body["upload_id"], "chunk_index": i, "base64_data": base64.StdEncoding.EncodeToString(part),
		})
	}

	done, _ := b.do("aibot_upload_media_finish", randomID("u", 4), map[string]any{"upload_id": body["upload_id"]})["body"].(map[string]any)
	id, _ := done["media_id"].(string)

	return id
}

func TestRobotEvictionAndDrop(t *testing.T) {
	t.Parallel()

	r := robotRig(t)
	srv := pageRig(t, r, nil)
	told := make(chan any, 1)
	first := dial(t, srv.URL, func(_ *robotBot, _ string, body map[string]any) {
		event, _ := body["event"].(map[string]any)
		told <- event["eventtype"]
	})
	first.subscribe()

	second := dial(t, srv.URL, echoRobot)
	second.subscribe()

	if got := <-told; got != "disconnected_event" {
		t.Errorf("the first was told %v", got)
	}

	if d, err := r.sim.SayToRobot(ctx(t), "sunjing", "在吗"); err != nil || d.Reply != "收到：在吗" {
		t.Errorf("%+v, %v", d, err)
	}

	r.sim.DropRobot()

	if _, err := r.sim.SayToRobot(ctx(t), "sunjing", "在吗"); !errors.Is(err, ErrNoRobot) {
		t.Errorf("after the drop: %v", err)
	}
}
