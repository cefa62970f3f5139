package wecom

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cxbot/chat"
)

const (
	plantedSecret = "PLANTED/secret+1"
	plantedKey    = "PLANTED-webhook-key"
)

// seen is one request a fake API got.
type seen struct {
	path, token, body string
	header            http.Header
	query             string
}

// fakeAPI answers like the platform; script overrides answers by path.
type fakeAPI struct {
	*httptest.Server

	mu     sync.Mutex
	calls  []seen
	tokens int // gettoken calls so far; the token is PLANTED-token-N
	// valid decides which token business calls accept; nil accepts the latest.
	script func(f *fakeAPI, s seen) (status int, header http.Header, body string, taken bool)
}

func newFakeAPI(t testing.TB) *fakeAPI {
	t.Helper()
	f := &fakeAPI{}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fakeAPI) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	s := seen{path: r.URL.Path, token: r.URL.Query().Get("access_token"), body: string(body), header: r.Header, query: r.URL.RawQuery}
	f.mu.Lock()
	f.calls = append(f.calls, s)
	script := f.script
	if strings.HasSuffix(s.path, "/gettoken") {
		f.tokens++
	}
	answer := fmt.Sprintf(`{"errcode":0,"errmsg":"ok","access_token":"PLANTED-token-%d","expires_in":7200}`, f.tokens)
	f.mu.Unlock()
	if script != nil {
		if status, header, text, taken := script(f, s); taken {
			for name, values := range header {
				w.Header()[name] = values
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
			return
		}
	}
	if !strings.HasSuffix(s.path, "/gettoken") {
		answer = `{"errcode":0,"errmsg":"ok","msgid":"m"}`
	}
	_, _ = io.WriteString(w, answer)
}

// of returns the calls to one path.
func (f *fakeAPI) of(path string) []seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []seen
	for _, s := range f.calls {
		if strings.HasSuffix(s.path, path) {
			list = append(list, s)
		}
	}
	return list
}

// answerOn makes one path answer with a text.
func answerOn(path, text string) func(*fakeAPI, seen) (int, http.Header, string, bool) {
	return func(_ *fakeAPI, s seen) (int, http.Header, string, bool) {
		return http.StatusOK, nil, text, strings.HasSuffix(s.path, path)
	}
}

// watch is a clock a test moves.
type watch struct {
	mu  sync.Mutex
	now time.Time
}

func newWatch() *watch { return &watch{now: noon()} }

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) add(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// newApp makes an App that talks to a fake.
func newApp(t testing.TB, base string, change ...func(*Config)) *App {
	t.Helper()
	cfg := Config{APIBase: base, CorpID: sampleCorp, Secret: plantedSecret, AgentID: 218, Now: noon}
	for _, c := range change {
		c(&cfg)
	}
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// say is a plain message.
func say(to, words string) chat.Message { return chat.Message{Key: "k-" + words, To: to, Text: words} }

// action is a card that every rule accepts.
func action() *chat.Card {
	return &chat.Card{
		Title: "确认报送", Desc: "张三", Rows: []chat.Row{{Name: "编号", Value: "A-17"}},
		Buttons: []chat.Button{{Label: "确认", Say: "确认 A-17"}, {Label: "退回", Say: "退回 A-17"}, {Label: "看", Say: "看 A-17", Style: 4}},
	}
}

// fieldsOf decodes a request body.
func fieldsOf(t testing.TB, body string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return m
}

// noSecret fails when a text shows a credential.
func noSecret(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, form := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, err)} {
		if strings.Contains(form, "PLANTED") {
			t.Errorf("a secret shows: %s", form)
		}
	}
}
