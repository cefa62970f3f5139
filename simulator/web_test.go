package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// pageRig serves the page of a rig.
func pageRig(t *testing.T, r *rig, change func(*WebConfig)) *httptest.Server {
	t.Helper()

	cfg := WebConfig{Sim: r.sim, Title: "创新奖助手"}
	if change != nil {
		change(&cfg)
	}

	h, err := NewServer(cfg)
	if err != nil {
		t.Fatal(err)
	}

	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		srv.CloseClientConnections() // Ends the page's long poll.
		srv.Close()
	})

	return srv
}

// ask makes one request with headers given as "Name: value".
func ask(t *testing.T, method, address, body string, headers ...string) (int, string, http.Header) {
	t.Helper()

	req, err := http.NewRequestWithContext(ctx(t), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}

	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}

		req.Header.Set(name, value)
	}

	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()

	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}

	return resp.StatusCode, string(data), resp.Header
}

const asJSON = "Content-Type: application/json"

func TestPageRefusesOtherSites(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	srv := pageRig(t, r, func(c *WebConfig) { c.Hosts = []string{"demo.example"} })
	say := `{"user":"sunjing","text":"在吗"}`

	tests := []struct {
		name, method, path string
		headers            []string
		want               int
	}{
		{"page", "GET", "/", nil, 200},
		{"localhost", "GET", "/", []string{"Host: localhost:8700"}, 200},
		{"IPv6", "GET", "/", []string{"Host: [::1]:8700"}, 200},
		{"named host", "GET", "/", []string{"Host: demo.example"}, 200},
		{"rebound name", "GET", "/", []string{"Host: evil.example:8700"}, 403},
		{"rebound name on data", "GET", "/api/state", []string{"Host: evil.example"}, 403},
		{"foreign origin", "POST", "/api/say", []string{asJSON, "Origin: http://evil.example"}, 403},
		{"null origin", "POST", "/api/say", []string{asJSON, "Origin: null"}, 403},
		{"cross site", "GET", "/api/state", []string{"Sec-Fetch-Site: cross-site"}, 403},
		{"same machine, other port", "POST", "/api/say", []string{asJSON, "Sec-Fetch-Site: same-site"}, 403},
		{"plain form", "POST", "/api/say", []string{"Content-Type: text/plain"}, 415},
		{"form file", "POST", "/api/attach", []string{"Content-Type: multipart/form-data"}, 415},
		{"GET instead of POST", "GET", "/api/say", nil, 404},
		{"own page", "POST", "/api/say", []string{asJSON, "Sec-Fetch-Site: same-origin", "Origin: " + srv.URL}, 200},
		{"unknown page", "GET", "/etc/passwd", nil, 404},
	}

	for _, tt := range tests {
		if got, body, _ := ask(t, tt.method, srv.URL+tt.path, say, tt.headers...); got != tt.want {
			t.Errorf("%s: %d, want %d: %s", tt.name, got, tt.want, body)
		}
	}

	if n := len(r.all()); n != 1 {
		t.Errorf("%d messages reached the bot, want the own page's only", n)
	}

	_, _, head := ask(t, "GET", srv.URL+"/", "")
	if !strings.Contains(head.Get("Content-Security-Policy"), "default-src 'none'") || head.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", head)
	}
}

func TestPageHasNoForeignResources(t *testing.T) {
	t.Parallel()

	srv := pageRig(t, newRig(t, nil), nil)

	for _, path := range []string{"/", "/app.css", "/app.js"} {
		_, body, _ := ask(t, "GET", srv.URL+path, "")
		for _, bad := range []string{"src=\"http", "href=\"http://", "@import", "innerHTML", "insertAdjacentHTML", "outerHTML", "document.write", "eval("} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %s", path, bad)
			}
		}

		if len(body) < 500 {
			t.Errorf("%s has %d bytes", path, len(body))
		}
	}
}

// stateAnswer is what the page polls.
type stateAnswer struct {
	Run     string    `json:"run"`
	Seq     int64     `json:"seq"`
	Now     time.Time `json:"now"`
	Entries []Shown   `json:"entries"`
	Clock   bool      `json:"clock"`
	Panel   bool      `json:"panel"`
}

func stateOf(t *testing.T, address string) stateAnswer {
	t.Helper()

	var out stateAnswer

	_, body, _ := ask(t, "GET", address, "")
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatalf("%v: %s", err, body)
	}

	return out
}

func TestPageActs(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	srv := pageRig(t, r, nil)
	r.call("message/send", sendCard("sunjing", "t1", "标题", "好"))

	tests := []struct {
		name, path, body string
		ok               bool
	}{
		{"say", "say", `{"user":"sunjing","text":"在吗"}`, true},
		{"say nothing", "say", `{"user":"sunjing","text":" \n"}`, false},
		{"say as nobody", "say", `{"user":"ghost","text":"在吗"}`, false},
		{"say to the absent robot", "say", `{"user":"sunjing","text":"在吗","robot":true}`, false},
		{"say in a group", "say", `{"user":"sunjing","text":"在吗","group":"wrG1"}`, false},
		{"enter", "enter", `{"user":"sunjing"}`, true},
		{"menu", "menu", `{"user":"sunjing","key":"MY"}`, true},
		{"click", "click", `{"user":"sunjing","task":"t1","key":"key-好"}`, true},
		{"click on nothing", "click", `{"user":"sunjing","task":"t9","key":"k"}`, false},
		{"no clock", "clock", `{"advance":"1h"}`, false},
	}

	for _, tt := range tests {
		_, body, _ := ask(t, "POST", srv.URL+"/api/"+tt.path, tt.body, asJSON)
		if got := strings.Contains(body, `"ok":true`); got != tt.ok {
			t.Errorf("%s: %s", tt.name, body)
		}
	}

	for _, attach := range []string{"kind=image&name=a.png", "kind=voice&name=语音.amr", "kind=file&name=a.docx"} {
		if _, body, _ := ask(t, "POST", srv.URL+"/api/attach?user=sunjing&"+attach, strings.Repeat("x", 9), "Content-Type: application/octet-stream"); !strings.Contains(body, `"ok":true`) {
			t.Errorf("%s: %s", attach, body)
		}
	}

	_, people, _ := ask(t, "GET", srv.URL+"/api/people", "")
	if strings.Contains(people, "hook-1") || !strings.Contains(people, "李春梅") || !strings.Contains(people, "党建工作群") {
		t.Errorf("people: %s", people)
	}

	state := stateOf(t, srv.URL+"/api/state?since=1")
	if state.Clock || state.Panel || state.Seq != state.Entries[len(state.Entries)-1].Seq || state.Entries[0].From != "sunjing" {
		t.Errorf("state %+v", state)
	}

	for _, e := range state.Entries {
		if e.File == nil {
			continue
		}

		status, body, head := ask(t, "GET", srv.URL+"/api/media?id="+e.File.MediaID, "")
		if status != 200 || body == "" || !strings.HasPrefix(head.Get("Content-Disposition"), "attachment") {
			t.Errorf("media of %s: %d %v", e.Text, status, head)
		}
	}

	if status, _, _ := ask(t, "GET", srv.URL+"/api/media?id=x", ""); status != http.StatusNotFound {
		t.Errorf("unknown media: %d", status)
	}
}

func TestPageWaitsForNews(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)
	srv := pageRig(t, r, nil)
	first := stateOf(t, srv.URL+"/api/state")

	got := make(chan stateAnswer, 1)

	go func() { got <- stateOf(t, srv.URL+"/api/state?wait=1&since=0") }()

	r.call("message/send", sendText("sunjing", "新消息"))

	select {
	case s := <-got:
		if len(s.Entries) != 1 || s.Entries[0].Text != "新消息" || s.Run != first.Run {
			t.Errorf("state %+v", s)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the poll did not wake up")
	}
}

func TestPageClock(t *testing.T) {
	t.Parallel()

	r := newRig(t, nil)

	var asked atomic.Value

	srv := pageRig(t, r, func(c *WebConfig) {
		c.Clock = func(_ context.Context, q ClockRequest) (time.Time, error) {
			asked.Store(q)

			if q.Advance == 13*time.Hour {
				return time.Time{}, errors.New("时间只能往后走")
			}

			return r.now(), nil
		}
	})
	zone := r.now().Location()

	tests := []struct {
		body string
		want ClockRequest
		ok   bool
	}{
		{`{"advance":"1h"}`, ClockRequest{Advance: time.Hour}, true},
		{`{"to":"next"}`, ClockRequest{Next: true}, true},
		{`{"to":"morning"}`, ClockRequest{To: time.Date(2026, 11, 24, 9, 0, 0, 0, zone)}, true},
		{`{"to":"2027-01-31T08:30"}`, ClockRequest{To: time.Date(2027, 1, 31, 8, 30, 0, 0, zone)}, true},
		{`{"advance":"13h"}`, ClockRequest{Advance: 13 * time.Hour}, false},
		{`{"advance":"-1h"}`, ClockRequest{}, false},
		{`{"to":"明天"}`, ClockRequest{}, false},
		{`{}`, ClockRequest{}, false},
	}

	for _, tt := range tests {
		asked.Store(ClockRequest{})

		_, body, _ := ask(t, "POST", srv.URL+"/api/clock", tt.body, asJSON)

		got, _ := asked.Load().(ClockRequest)
		if got.Advance != tt.want.Advance || got.Next != tt.want.Next || !got.To.Equal(tt.want.To) || strings.Contains(body, `"ok":true`) != tt.ok {
			t.Errorf("%s: asked %+v, answered %s", tt.body, got, body)
		}
	}

	if !stateOf(t, srv.URL+"/api/state").Clock {
		t.Error("the page does not know that there is a clock")
	}
}

func TestPagePanel(t *testing.T) {
	t.Parallel()

	var facts atomic.Value

	facts.Store(`{"课题":{"待确认":2},"待发":0}`)

	bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, facts.Load().(string))
	}))
	t.Cleanup(bot.Close)

	srv := pageRig(t, newRig(t, nil), func(c *WebConfig) { c.PanelURL = bot.URL })
	if status, body, _ := ask(t, "GET", srv.URL+"/api/panel", ""); status != 200 || !strings.Contains(body, "待确认") {
		t.Errorf("%d %s", status, body)
	}

	facts.Store("<html>")

	if status, _, _ := ask(t, "GET", srv.URL+"/api/panel", ""); status != http.StatusBadGateway {
		t.Errorf("no JSON: %d", status)
	}

	bare := pageRig(t, newRig(t, nil), nil)
	if status, _, _ := ask(t, "GET", bare.URL+"/api/panel", ""); status != http.StatusNotFound {
		t.Errorf("without a panel: %d", status)
	}
}

func TestServerMountsTheAPI(t *testing.T) {
	t.Parallel()

	srv := pageRig(t, newRig(t, nil), nil)
	// The API answers any host name: only the page is for browsers.
	status, body, _ := ask(t, "GET", srv.URL+"/base/cgi-bin/gettoken?corpid="+sampleCorp+"&corpsecret=s3cret", "", "Host: qyapi.example")
	if status != 200 || !strings.Contains(body, "access_token") {
		t.Errorf("%d %s", status, body)
	}

	if _, err := NewServer(WebConfig{}); !errors.Is(err, ErrConfig) {
		t.Errorf("without a simulator: %v", err)
	}
}
