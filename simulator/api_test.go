package simulator

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"crypto/md5"
)

func TestTokens(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	body := sendText("sunjing", "好")
	send := func(token string) int { return code(r.post("message/send?access_token="+token, body)) }

	first := r.token()
	if again := r.token(); again != first {
		t.Error("the same life, another token")
	}

	if got := send(first); got != 0 {
		t.Errorf("good token: %d", got)
	}

	if got := send(""); got != codeTokenMissing {
		t.Errorf("no token: %d", got)
	}

	if got := send("made-up"); got != codeTokenInvalid {
		t.Errorf("made-up token: %d", got)
	}

	r.sim.InvalidateToken()

	if got := send(first); got != codeTokenInvalid {
		t.Errorf("withdrawn token: %d", got)
	}

	second := r.token()
	r.sim.ExpireToken()

	if got := send(second); got != codeTokenExpired {
		t.Errorf("expired token: %d", got)
	}

	third := r.token()
	r.advance(tokenLife)

	if got := send(third); got != codeTokenExpired {
		t.Errorf("token after two hours: %d", got)
	}

	if got := send(r.token()); got != 0 {
		t.Errorf("renewed token: %d", got)
	}
}

func TestWrongSecretsLockTheAddress(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	ask := func(secret string) int { return code(r.get("gettoken?corpid=" + sampleCorp + "&corpsecret=" + secret)) }

	if got := code(r.get("gettoken?corpid=other&corpsecret=s3cret")); got != codeCorp {
		t.Errorf("wrong corp: %d", got)
	}

	for range wrongSecrets {
		if got := ask("guess"); got != codeToken {
			t.Errorf("wrong secret: %d", got)
		}
	}

	if got := ask("s3cret"); got != codeFrequency {
		t.Errorf("locked out: %d", got)
	}

	r.advance(lockout)

	if got := ask("s3cret"); got != 0 {
		t.Errorf("after an hour: %d", got)
	}
}

func TestErrorsAreDecorated(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	r.sim.TrustIPs("10.0.0.1")

	answer := r.call("message/send", sendText("sunjing", "好"))
	words, _ := answer["errmsg"].(string)

	for _, part := range []string{"not allow to access from your ip", "hint: [", "from ip: 127.0.0.1", "query?e=60020"} {
		if !strings.Contains(words, part) {
			t.Errorf("%q lacks %q", words, part)
		}
	}

	r.sim.TrustIPs("10.0.0.1", "127.0.0.1")

	if got := code(r.call("message/send", sendText("sunjing", "好"))); got != 0 {
		t.Errorf("trusted: %d", got)
	}
}

func TestSendValidation(t *testing.T) {
	t.Parallel()

	many := strings.Repeat("u|", 1001)
	tests := []struct {
		name, body string
		want       int
	}{
		{"not JSON", `{`, codeParameter},
		{"unknown type", `{"touser":"sunjing","msgtype":"smoke","agentid":218}`, codeMsgType},
		{"type before agent", `{"touser":"sunjing","msgtype":"smoke"}`, codeMsgType},
		{"no agent", `{"touser":"sunjing","msgtype":"text","text":{"content":"x"}}`, codeAgent},
		{"agent is a word", `{"touser":"sunjing","msgtype":"text","agentid":"x","text":{"content":"x"}}`, codeParameter},
		{"another agent", `{"touser":"sunjing","msgtype":"text","agentid":1,"text":{"content":"x"}}`, codeOtherAgent},
		{"nobody", `{"msgtype":"text","agentid":218,"text":{"content":"x"}}`, codeNoReceiver},
		{"too many", `{"touser":"` + many + `","msgtype":"text","agentid":218,"text":{"content":"x"}}`, codeUserList},
		{"too many parties", `{"toparty":"` + many[:202] + `","msgtype":"text","agentid":218,"text":{"content":"x"}}`, codeParties},
		{"too many tags", `{"totag":"` + many[:202] + `","msgtype":"text","agentid":218,"text":{"content":"x"}}`, codeTags},
		{"empty text before unknown people", `{"touser":"x","msgtype":"text","agentid":218,"text":{"content":""}}`, codeEmptyText},
		{"only unknown people", sendText("ghost|phantom", "x"), codeAllInvalid},
		{"markdown too long", `{"touser":"sunjing","msgtype":"markdown","agentid":218,"markdown":{"content":"` + strings.Repeat("a", 2049) + `"}}`, codeParameter},
		{"unknown media", `{"touser":"sunjing","msgtype":"file","agentid":218,"file":{"media_id":"x"}}`, codeMediaID},
		{"textcard without description", `{"touser":"sunjing","msgtype":"textcard","agentid":218,"textcard":{"title":"a","url":"https://a"}}`, 41033},
		{"textcard without scheme", `{"touser":"sunjing","msgtype":"textcard","agentid":218,"textcard":{"title":"a","description":"b","url":"a.b"}}`, codeURL},
		{"nine articles", `{"touser":"sunjing","msgtype":"news","agentid":218,"news":{"articles":[{},{},{},{},{},{},{},{},{}]}}`, codeArticles},
		{"long duplicate check", `{"touser":"sunjing","msgtype":"text","agentid":218,"text":{"content":"x"},"enable_duplicate_check":1,"duplicate_check_interval":14401}`, codeParameter},
		{"text", sendText("sunjing", "x"), 0},
		{"agent as string", `{"touser":"sunjing","msgtype":"text","agentid":"218","text":{"content":"x"}}`, 0},
		{"everyone", sendText("@all", "x"), 0},
		{"root party", `{"toparty":"1","msgtype":"text","agentid":218,"text":{"content":"x"}}`, 0},
		{"markdown", `{"touser":"sunjing","msgtype":"markdown","agentid":218,"markdown":{"content":"**x**"}}`, 0},
		{"textcard", `{"touser":"sunjing","msgtype":"textcard","agentid":218,"textcard":{"title":"a","description":"b","url":"https://a"}}`, 0},
		{"news", `{"touser":"sunjing","msgtype":"news","agentid":218,"news":{"articles":[{"title":"a","url":"https://a"}]}}`, 0},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			r := newRig(t, nil)

			answer := r.call("message/send", tt.body)
			if code(answer) != tt.want {
				t.Errorf("got %v, want %d", answer, tt.want)
			}

			if (len(r.sim.Shown()) > 0) != (tt.want == 0) {
				t.Errorf("shown %+v", r.sim.Shown())
			}
		})
	}
}

func TestPartialReceivers(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)

	answer := r.call("message/send", sendText("SUNJING|Ghost|sunjing|PHANTOM", strings.Repeat("好", 700)))
	if code(answer) != 0 || answer["invaliduser"] != "ghost|phantom" || answer["msgid"] == "" {
		t.Errorf("answer %v", answer)
	}

	shown := r.sim.Shown()
	if len(shown) != 1 || len(shown[0].Text) != 2046 || shown[0].MsgKey != answer["msgid"] || shown[0].Passive {
		t.Errorf("shown %d", len(shown))
	}

	r.call("message/send", `{"toparty":"2|77","msgtype":"text","agentid":218,"text":{"content":"镇里"}}`)

	if got := len(r.sim.ShownSince(1)); got != 2 {
		t.Errorf("party 2 is %d people, want 2", got)
	}
}

func TestLimitsDropSilently(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	token := r.token()

	send := func(n int) {
		for i := range n {
			if got := code(r.post("message/send?access_token="+token, sendText("sunjing", fmt.Sprint(i)))); got != 0 {
				t.Fatalf("errcode %d", got)
			}
		}
	}

	send(35)

	if shown, dropped := len(r.sim.Shown()), r.sim.Stats().Dropped; shown != 30 || dropped != 5 {
		t.Errorf("shown %d, dropped %d", shown, dropped)
	}

	r.advance(time.Minute)
	send(1)

	if shown := len(r.sim.Shown()); shown != 31 {
		t.Errorf("after a minute: shown %d", shown)
	}

	free := newRig(t, func(c *Config) { c.Unlimited = true })
	for i := range 40 {
		free.call("message/send", sendText("sunjing", fmt.Sprint(i)))
	}

	if shown := len(free.sim.Shown()); shown != 40 {
		t.Errorf("unlimited: shown %d", shown)
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()

	w := window{}
	start := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

	for i := range perHour {
		w.times = append(w.times, start.Add(time.Duration(i)*3*time.Second))
	}

	last := start.Add((perHour - 1) * 3 * time.Second)
	if m, h := w.count(last, time.Minute), w.count(last, time.Hour); m != 20 || h != perHour {
		t.Errorf("minute %d, hour %d", m, h)
	}

	// After the clock was put back, what lies in the future is forgotten.
	if n := w.count(start, time.Hour); n != 1 {
		t.Errorf("back at the start: %d", n)
	}
}

func TestDuplicateCheck(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	body := `{"touser":"sunjing","msgtype":"text","agentid":218,"text":{"content":"提醒"},"enable_duplicate_check":1}`
	turned := `{"enable_duplicate_check":1,"text":{"content":"提醒"},"agentid":218,"msgtype":"text","touser":"sunjing"}`

	first := r.call("message/send", body)

	if second := r.call("message/send", turned); code(second) != 0 || second["msgid"] != first["msgid"] {
		t.Errorf("repeat answered %v", second)
	}

	if shown, dup := len(r.sim.Shown()), r.sim.Stats().Duplicates; shown != 1 || dup != 1 {
		t.Errorf("shown %d, duplicates %d", shown, dup)
	}

	r.advance(30 * time.Minute)
	r.call("message/send", body)
	r.call("message/send", sendText("sunjing", "提醒"))
	r.call("message/send", sendText("sunjing", "提醒"))

	if shown := len(r.sim.Shown()); shown != 4 {
		t.Errorf("after the interval and without the check: shown %d", shown)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	token := r.token()
	raw := func(ctx context.Context) (*http.Response, error) {
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, r.api.URL+"/cgi-bin/message/send?access_token="+token,
			strings.NewReader(sendText("sunjing", "好")))

		return http.DefaultClient.Do(req)
	}

	r.sim.Fail(Fault{Path: "message/send", Code: -1, Times: 2})

	for _, want := range []int{-1, -1, 0} {
		if got := code(r.post("message/send?access_token="+token, sendText("sunjing", "好"))); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}

	r.sim.Fail(Fault{Path: "message/send", Status: http.StatusInternalServerError})
	r.sim.Fail(Fault{Path: "message/send", HTML: true})

	resp, err := raw(ctx(t))
	if err != nil || resp.StatusCode != http.StatusInternalServerError {
		t.Fatalf("want 500, got %v", err)
	}

	resp.Body.Close()

	resp, err = raw(ctx(t))
	if err != nil || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		t.Fatalf("want a page, got %v", err)
	}

	resp.Body.Close()

	r.sim.Fail(Fault{Path: "message/send", Lost: true})

	before := len(r.sim.Shown())
	if resp, err := raw(ctx(t)); err == nil {
		resp.Body.Close()
		t.Error("the answer was not lost")
	}

	if got := len(r.sim.Shown()) - before; got != 1 {
		t.Errorf("a lost answer showed %d messages", got)
	}

	r.sim.Fail(Fault{Path: "message/send", Delay: time.Minute})

	short, cancel := context.WithTimeout(ctx(t), 50*time.Millisecond)
	defer cancel()

	if resp, err := raw(short); !errors.Is(err, context.DeadlineExceeded) {
		resp.Body.Close()
		t.Errorf("a delayed answer came: %v", err)
	}

	r.sim.Fail(Fault{Path: "gettoken", Status: http.StatusServiceUnavailable, Times: -1})

	for range 3 {
		resp, err := http.Get(r.api.URL + "/cgi-bin/gettoken")
		if err != nil || resp.StatusCode != http.StatusServiceUnavailable {
			t.Fatalf("the token endpoint is up: %v", err)
		}

		resp.Body.Close()
	}

	r.sim.Heal()
	r.token()

	if calls := r.sim.Stats().Calls; calls["gettoken"] != 5 || calls["message/send"] != 7 {
		t.Errorf("calls %v", calls)
	}
}

// uploadMedia posts one multipart file.
func (r *rig) uploadMedia(path, name string, data []byte) map[string]any {
	r.t.Helper()

	var body bytes.Buffer

	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("media", name)
	_, _ = part.Write(data)
	_ = form.Close()

	resp, err := http.Post(r.api.URL+"/cgi-bin/"+path, form.FormDataContentType(), &body)
	if err != nil {
		r.t.Fatal(err)
	}

	return r.decode(resp)
}

func TestMediaUploadLimits(t *testing.T) {
	t.Parallel()

	picture, _ := sample(SendKindImage, "x")
	video, _ := sample(SendKindVideo, "x")
	tests := []struct {
		name, kind string
		data       []byte
		want       int
	}{
		{"file", "file", []byte("123456"), 0},
		{"picture", "image", picture, 0},
		{"video", "video", video, 0},
		{"voice", "voice", []byte("#!AMR\nabc"), 0},
		{"unknown type", "smell", []byte("123456"), codeMediaType},
		{"five bytes", "file", []byte("12345"), 40006},
		{"empty", "file", nil, codeEmptyMedia},
		{"text as picture", "image", []byte("no picture"), codeImage},
		{"text as voice", "voice", []byte("no voice"), codeMediaType},
		{"text as video", "video", []byte("no video"), codeVideo},
		{"long voice", "voice", append([]byte("#!AMR\n"), make([]byte, 100_000)...), codeVoiceLong},
		{"big voice", "voice", append([]byte("#!AMR\n"), make([]byte, 2<<20)...), codeTooBig},
		{"big file", "file", make([]byte, 20<<20+1), codeTooBig},
	}

	r := newRig(t, nil)
	token := r.token()

	for _, tt := range tests {
		answer := r.uploadMedia("media/upload?access_token="+token+"&type="+tt.kind, "附件.bin", tt.data)
		if code(answer) != tt.want {
			t.Errorf("%s: %v, want %d", tt.name, answer, tt.want)
		}

		if _, isText := answer["created_at"].(string); tt.want == 0 && !isText {
			t.Errorf("%s: created_at is %T", tt.name, answer["created_at"])
		}
	}
}

func TestMediaGet(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	token := r.token()
	up := r.uploadMedia("media/upload?access_token="+token+"&type=file", "台账 2026.xlsx", []byte("0123456789"))
	id, _ := up["media_id"].(string)

	get := func(id, ranged string) (*http.Response, string) {
		req, _ := http.NewRequest(http.MethodGet, r.api.URL+"/cgi-bin/media/get?access_token="+r.token()+"&media_id="+id, nil)
		if ranged != "" {
			req.Header.Set("Range", ranged)
		}

		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()

		data, _ := io.ReadAll(resp.Body)

		return resp, string(data)
	}

	resp, data := get(id, "")
	if data != "0123456789" || !strings.Contains(resp.Header.Get("Content-Disposition"), `filename="台账 2026.xlsx"`) {
		t.Errorf("%q, %v", data, resp.Header)
	}

	resp, data = get(id, "bytes=2-4")
	if resp.StatusCode != http.StatusPartialContent || data != "234" || resp.Header.Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("%d %q, %v", resp.StatusCode, data, resp.Header)
	}

	if _, data = get("unknown", ""); !strings.Contains(data, `"errcode":40007`) {
		t.Errorf("unknown media: %s", data)
	}

	if got := code(r.call("message/send", `{"touser":"sunjing","msgtype":"file","agentid":218,"file":{"media_id":"`+id+`"}}`)); got != 0 {
		t.Errorf("sending it: %d", got)
	}

	if got := code(r.call("message/send", `{"touser":"sunjing","msgtype":"image","agentid":218,"image":{"media_id":"`+id+`"}}`)); got != codeMediaID {
		t.Errorf("sending it as a picture: %d", got)
	}

	if e := r.sim.Shown()[0]; e.Kind != KindFile || e.File.Name != "台账 2026.xlsx" || e.File.Size != 10 {
		t.Errorf("shown %+v", e)
	}

	big, err := r.sim.SendMedia(ctx(t), "sunjing", SendKindVideo, "大.mp4", make([]byte, 20<<20+1))
	if err != nil || big.Attempts != 1 {
		t.Fatal(err)
	}

	if _, data = get(r.all()[0].MediaId, ""); !strings.Contains(data, `"errcode":830002`) {
		t.Errorf("whole big media: %.80s", data)
	}

	if resp, data = get(r.all()[0].MediaId, "bytes=0-9"); resp.StatusCode != http.StatusPartialContent || len(data) != 10 {
		t.Errorf("ranged big media: %d, %d bytes", resp.StatusCode, len(data))
	}

	r.advance(mediaLife)

	if _, data = get(id, ""); !strings.Contains(data, `"errcode":40007`) {
		t.Errorf("after three days: %s", data)
	}
}

func TestWebhook(t *testing.T) {
	t.Parallel()

	picture, _ := sample(SendKindImage, "x")
	sum := md5.Sum(picture)
	image := fmt.Sprintf(`{"msgtype":"image","image":{"base64":%q,"md5":%q}}`,
		base64.StdEncoding.EncodeToString(picture), hex.EncodeToString(sum[:]))

	tests := []struct {
		name, key, body string
		want            int
	}{
		{"text", "hook-1", `{"msgtype":"text","text":{"content":"截止今天","mentioned_list":["sunjing"]}}`, 0},
		{"everyone", "hook-1", `{"msgtype":"text","text":{"content":"截止今天","mentioned_list":["@all"]}}`, 0},
		{"wrong key", "hook-2", `{"msgtype":"text","text":{"content":"x"}}`, codeWebhook},
		{"no key", "", `{"msgtype":"text","text":{"content":"x"}}`, codeWebhook},
		{"empty", "hook-1", `{"msgtype":"text","text":{"content":""}}`, codeEmptyText},
		{"long text", "hook-1", `{"msgtype":"text","text":{"content":"` + strings.Repeat("a", 2049) + `"}}`, codeParameter},
		{"markdown", "hook-1", `{"msgtype":"markdown","markdown":{"content":"` + strings.Repeat("a", 4096) + `"}}`, 0},
		{"long markdown", "hook-1", `{"msgtype":"markdown","markdown":{"content":"` + strings.Repeat("a", 4097) + `"}}`, codeParameter},
		{"picture", "hook-1", image, 0},
		{"picture with a wrong md5", "hook-1", strings.Replace(image, `"md5":"`, `"md5":"0`, 1), codeParameter},
		{"app media", "hook-1", `{"msgtype":"file","file":{"media_id":"x"}}`, codeMediaID},
		{"card that calls back", "hook-1", `{"msgtype":"template_card","template_card":{"card_type":"button_interaction"}}`, codeParameter},
		{"notice", "hook-1", `{"msgtype":"template_card","template_card":{"card_type":"text_notice","main_title":{"title":"t"},"card_action":{"type":1,"url":"https://a"}}}`, 0},
		{"unknown type", "hook-1", `{"msgtype":"smoke"}`, codeMsgType},
	}

	for _, tt := range tests {
		r := newRig(t, nil)
		if got := code(r.post("webhook/send?key="+tt.key, tt.body)); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}

	r := newRig(t, nil)
	r.post("webhook/send?key=hook-1", tests[0].body)

	if e := r.sim.Shown()[0]; e.To != "wrG1" || e.Name != "党建工作群" || !e.Group || e.Text != "截止今天 @孙静" {
		t.Errorf("shown %+v", e)
	}

	for i := 1; i <= webhookMinute; i++ {
		if got, want := code(r.post("webhook/send?key=hook-1", tests[0].body)), map[bool]int{true: codeFrequency}[i == webhookMinute]; got != want {
			t.Errorf("message %d: %d", i+1, got)
		}
	}

	r.advance(time.Minute)

	up := r.uploadMedia("webhook/upload_media?key=hook-1&type=file", "台账.xlsx", []byte("123456"))
	if got := code(r.post("webhook/send?key=hook-1", fmt.Sprintf(`{"msgtype":"file","file":{"media_id":%q}}`, up["media_id"]))); got != 0 {
		t.Errorf("file: %d", got)
	}

	if got := code(r.uploadMedia("webhook/upload_media?key=none&type=file", "a", nil)); got != codeEmptyMedia {
		t.Errorf("empty file and wrong key: %d", got)
	}

	if got := code(r.uploadMedia("webhook/upload_media?key=none&type=file", "a", []byte("123456"))); got != codeWebhook {
		t.Errorf("wrong key: %d", got)
	}
}

func TestMenu(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	token := r.token()
	create := func(body string) int { return code(r.post("menu/create?agentid=218&access_token="+token, body)) }
	button := `{"type":"click","name":"报课题","key":"报课题"}`

	tests := []struct {
		name, body string
		want       int
	}{
		{"none", `{"button":[]}`, codeMenuCount},
		{"four", `{"button":[` + strings.Repeat(button+",", 3) + button + `]}`, codeMenuCount},
		{"long name", `{"button":[{"type":"click","name":"一二三四五六","key":"k"}]}`, codeMenuName},
		{"no key", `{"button":[{"type":"click","name":"a"}]}`, codeMenuKey},
		{"view without url", `{"button":[{"type":"view","name":"a"}]}`, codeMenuURL},
		{"six below", `{"button":[{"name":"a","sub_button":[` + strings.Repeat(button+",", 5) + button + `]}]}`, codeSubCount},
		{"three levels", `{"button":[{"name":"a","sub_button":[{"name":"b","sub_button":[` + button + `]}]}]}`, codeMenuLevel},
		{"good", `{"button":[` + button + `,{"name":"更多","sub_button":[` + button + `]}]}`, 0},
	}
	for _, tt := range tests {
		if got := create(tt.body); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}

	if menu := r.sim.Menu(); len(menu) != 2 || menu[1].Sub[0].Key != "报课题" {
		t.Errorf("menu %+v", menu)
	}

	if got := code(r.get("menu/get?agentid=1&access_token=" + token)); got != codeOtherAgent {
		t.Errorf("another agent's menu: %d", got)
	}

	if got := code(r.get("menu/delete?agentid=218&access_token=" + token)); got != 0 {
		t.Errorf("delete: %d", got)
	}

	if got := code(r.get("menu/get?agentid=218&access_token=" + token)); got != codeNoMenu {
		t.Errorf("deleted menu: %d", got)
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	token := "access_token=" + r.token()

	user := r.get("user/get?userid=SUNJING&" + token)
	if user["name"] != "孙静" || user["position"] != "科员" || user["main_department"] != 3.0 {
		t.Errorf("user %v", user)
	}

	for _, private := range []string{"mobile", "email", "avatar", "gender", "biz_mail", "qr_code", "address"} {
		if _, there := user[private]; there {
			t.Errorf("user/get gives %s away", private)
		}
	}

	if got := code(r.get("user/get?userid=ghost&" + token)); got != codeNoUser {
		t.Errorf("ghost: %d", got)
	}

	if list, _ := r.get("user/simplelist?department_id=2&" + token)["userlist"].([]any); len(list) != 2 {
		t.Errorf("department 2: %v", list)
	}

	if list, _ := r.get("department/list?" + token)["department"].([]any); len(list) != 3 {
		t.Errorf("departments: %v", list)
	}

	if agent := r.get("agent/get?agentid=218&" + token); code(agent) != 0 {
		t.Errorf("agent %v", agent)
	}

	if ips, _ := r.get("get_api_domain_ip?" + token)["ip_list"].([]any); len(ips) == 0 {
		t.Error("no addresses")
	}

	if got := code(r.get("message/send?" + token)); got != 43002 {
		t.Errorf("GET instead of POST: %d", got)
	}
}
