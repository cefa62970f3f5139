package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// heardMessage is what the test bot reads out of a callback.
type heardMessage struct {
	FromUserName string
	CreateTime   int64
	MsgType      string
	Content      string
	MsgId        string //nolint:revive // The platform's spelling.
	Event        string
	EventKey     string
	TaskId       string //nolint:revive // The platform's spelling.
	ResponseCode string
	MediaId      string //nolint:revive // The platform's spelling.
	FileName     string
	Options      []string `xml:"SelectedItems>SelectedItem>OptionIds>OptionId"`
}

// rig is a simulator with a small bot on its callback.
type rig struct {
	t     *testing.T
	sim   *Sim
	api   *httptest.Server
	bot   *httptest.Server
	seals seals

	mu     sync.Mutex
	clock  time.Time
	heard  []heardMessage
	raw    []string // bodies of all POSTs
	answer func(w http.ResponseWriter, n int, m heardMessage)
}

// newRig starts a corp of three people and one group; change adapts the Config.
func newRig(t *testing.T, change func(*Config)) *rig {
	t.Helper()

	r := &rig{
		t: t, seals: mustSeals(t, sampleToken, sampleKey, sampleCorp),
		clock: time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("CST", 8*3600)),
	}
	r.answer = func(w http.ResponseWriter, _ int, m heardMessage) {
		if m.MsgType == "text" {
			r.reply(w, m, textField("MsgType", "text"), textField("Content", "收到："+m.Content))
		}
	}
	r.bot = httptest.NewServer(http.HandlerFunc(r.callback))
	t.Cleanup(r.bot.Close)

	cfg := Config{
		CorpID: sampleCorp, AgentID: 218, Secret: "s3cret", Token: sampleToken, AESKey: sampleKey,
		CallbackURL: r.bot.URL + "/wecom/callback?county=qh", Now: r.now, RetryPause: time.Millisecond,
		People: []Member{
			{UserID: "LiChunmei", Name: "李春梅", Unit: "柳林镇党委", Post: "副书记", Roles: []string{"填报人"}},
			{UserID: "wangjianguo", Name: "王建国", Unit: "柳林镇党委", Post: "书记", Roles: []string{"一把手"}},
			{UserID: "sunjing", Name: "孙静", Unit: "县委组织部", Post: "科员", Roles: []string{"经办"}},
		},
		Groups: []Group{{ID: "wrG1", Name: "党建工作群", Members: []string{"LiChunmei", "sunjing"}, Webhook: "hook-1"}},
	}
	if change != nil {
		change(&cfg)
	}

	sim, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}

	r.sim = sim
	r.api = httptest.NewServer(sim.API())
	t.Cleanup(r.api.Close)

	return r
}

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()

	return r.clock
}

func (r *rig) advance(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.clock = r.clock.Add(d)
}

// callback is the bot's HTTP side: echo, verify, open, answer.
func (r *rig) callback(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()

	if q.Get("county") != "qh" {
		http.Error(w, "the query of the callback URL is gone", http.StatusNotFound)

		return
	}

	if req.Method == http.MethodGet {
		plain, err := r.seals.open(q.Get("echostr"))
		if err != nil || r.seals.verify(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), q.Get("echostr")) != nil {
			http.Error(w, "bad echo", http.StatusBadRequest)

			return
		}

		_, _ = w.Write(plain)

		return
	}

	body, _ := io.ReadAll(req.Body)

	var envelope struct{ ToUserName, AgentID, Encrypt string }

	err := xml.Unmarshal(body, &envelope)
	if err != nil || envelope.ToUserName != sampleCorp || envelope.AgentID != "218" ||
		r.seals.verify(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), envelope.Encrypt) != nil {
		http.Error(w, "bad envelope", http.StatusBadRequest)

		return
	}

	var m heardMessage

	plain, err := r.seals.open(envelope.Encrypt)
	if err == nil {
		err = xml.Unmarshal(plain, &m)
	}

	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)

		return
	}

	r.mu.Lock()
	r.heard, r.raw = append(r.heard, m), append(r.raw, string(body))
	n, answer := len(r.heard), r.answer
	r.mu.Unlock()

	answer(w, n, m)
}

// reply writes an encrypted passive reply with the given elements.
func (r *rig) reply(w http.ResponseWriter, m heardMessage, fields ...Field) {
	inner := document(append([]Field{
		textField("ToUserName", m.FromUserName), textField("FromUserName", sampleCorp), numberField("CreateTime", m.CreateTime),
	}, fields...))
	_, _ = io.WriteString(w, r.sealReply(inner))
}

func (r *rig) sealReply(inner string) string {
	sealed, err := r.seals.seal(randomBytes(randomSize), []byte(inner))
	if err != nil {
		r.t.Error(err)
	}

	return document([]Field{
		textField("Encrypt", sealed), textField("MsgSignature", r.seals.sign("1409659813", "n1", sealed)),
		{Name: "TimeStamp", Value: "1409659813", Raw: true}, textField("Nonce", "n1"),
	})
}

// on changes how the bot answers; n counts callbacks from 1.
func (r *rig) on(answer func(w http.ResponseWriter, n int, m heardMessage)) {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.answer = answer
}

func (r *rig) all() []heardMessage {
	r.mu.Lock()
	defer r.mu.Unlock()

	return append([]heardMessage(nil), r.heard...)
}

// token fetches an access token.
func (r *rig) token() string {
	r.t.Helper()

	token, _ := r.get("gettoken?corpid=" + sampleCorp + "&corpsecret=s3cret")["access_token"].(string)
	if token == "" {
		r.t.Fatal("no token")
	}

	return token
}

// get calls the API and decodes its JSON.
func (r *rig) get(path string) map[string]any {
	r.t.Helper()

	resp, err := http.Get(r.api.URL + "/prefix/cgi-bin/" + path)
	if err != nil {
		r.t.Fatal(err)
	}

	return r.decode(resp)
}

// post calls the API with a JSON body.
func (r *rig) post(path, body string) map[string]any {
	r.t.Helper()

	resp, err := http.Post(r.api.URL+"/cgi-bin/"+path, "application/json", strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}

	return r.decode(resp)
}

// call posts a JSON body with a valid token.
func (r *rig) call(path, body string) map[string]any {
	r.t.Helper()

	return r.post(path+"?access_token="+r.token(), body)
}

func (r *rig) decode(resp *http.Response) map[string]any {
	r.t.Helper()
	defer resp.Body.Close()

	data, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}

	out := map[string]any{}

	err = json.NewDecoder(bytes.NewReader(data)).Decode(&out)
	if err != nil || resp.StatusCode != http.StatusOK {
		r.t.Fatalf("status %d, not JSON: %s", resp.StatusCode, data)
	}

	return out
}

// sendText is the body of a text to one person.
func sendText(to, text string) string {
	return fmt.Sprintf(`{"touser":%q,"msgtype":"text","agentid":218,"text":{"content":%q}}`, to, text)
}

// sendCard is the body of a card with buttons.
func sendCard(to, task, title string, labels ...string) string {
	var buttons []string
	for i, l := range labels {
		buttons = append(buttons, fmt.Sprintf(`{"text":%q,"style":%d,"key":%q}`, l, i+1, "key-"+l))
	}

	return fmt.Sprintf(`{"touser":%q,"msgtype":"template_card","agentid":218,"template_card":{"card_type":"button_interaction",
		"task_id":%q,"main_title":{"title":%q,"desc":"说明"},"horizontal_content_list":[{"keyname":"单位","value":"柳林镇党委"}],
		"button_list":[%s]}}`, to, task, title, strings.Join(buttons, ","))
}

// code reads the errcode of an answer.
func code(answer map[string]any) int {
	n, ok := answer["errcode"].(float64)
	if !ok {
		return -2
	}

	return int(n)
}

func ctx(t *testing.T) context.Context {
	t.Helper()

	c, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)

	return c
}
